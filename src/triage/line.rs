//! A line of a log without what was put around it: time stamps, colours, the names that
//! compose puts in front, marks of pytest.

/// A line as its program printed it, as far as that can be told.
pub(super) fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches(['\r', '\n']);
    let text = without_escapes(text);
    without_prefix(without_time(&text)).trim_end().to_owned()
}

/// The text without escape sequences: `ESC [ … letter`, `ESC ] … BEL`, and other control
/// characters.
fn without_escapes(text: &str) -> String {
    if !text.chars().any(|one| one.is_control() && one != '\t') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(one) = characters.next() {
        if one == '\u{1b}' {
            match characters.next() {
                Some('[') => {
                    while characters
                        .next()
                        .is_some_and(|next| !next.is_ascii_alphabetic())
                    {}
                }
                Some(']') => while characters.next().is_some_and(|next| next != '\u{7}') {},
                _ => {}
            }
        } else if one == '\t' || !one.is_control() {
            plain.push(one);
        }
    }
    plain
}

/// The text without the time that GitHub and `docker logs -t` put in front:
/// `2026-11-26T10:00:00.0000000Z `.
fn without_time(text: &str) -> &str {
    let text = text.trim_start_matches('\u{feff}');
    let Some((time, rest)) = text.split_once(' ') else {
        return text;
    };
    let shape = time.as_bytes();
    let is_time = (20..=35).contains(&shape.len())
        && shape.get(4) == Some(&b'-')
        && shape.get(10) == Some(&b'T')
        && shape.get(13) == Some(&b':')
        && shape.last() == Some(&b'Z');
    if is_time { rest } else { text }
}

/// The text without `name-1  | ` of compose and without `#12 0.345 ` of BuildKit.
fn without_prefix(text: &str) -> &str {
    if let Some((name, rest)) = text.split_once("  | ")
        && !name.is_empty()
        && name.len() <= 60
        && name
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "-_. ".contains(one))
    {
        return rest;
    }
    if let Some(rest) = text.strip_prefix('#')
        && let Some((number, rest)) = rest.split_once(' ')
        && let Some((seconds, rest)) = rest.split_once(' ')
        && number.chars().all(|one| one.is_ascii_digit())
        && seconds.contains('.')
        && seconds
            .chars()
            .all(|one| one.is_ascii_digit() || one == '.')
    {
        return rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_was_put_around_a_line_is_taken_off() {
        for (line, expected) in [
            ("plain\r\n", "plain"),
            ("2026-11-26T10:00:00.1234567Z ##[error]no", "##[error]no"),
            ("\u{feff}2026-11-26T10:00:00.1234567Z first", "first"),
            ("\u{1b}[31;1mE   assert\u{1b}[0m 1", "E   assert 1"),
            ("db-1  | FATAL: no", "FATAL: no"),
            ("#12 0.345 ERROR: no", "ERROR: no"),
            ("#12 ERROR: no", "#12 ERROR: no"),
            ("a  | b  | c", "b  | c"),
            ("2026 was a year", "2026 was a year"),
            ("tab\there", "tab\there"),
        ] {
            assert_eq!(plain(line.as_bytes()), expected);
        }
        assert_eq!(plain(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    }
}
