//! Words of commands: back into shell, and paths in them.

/// A word as a shell takes it for itself.
pub(in crate::plan) fn quoted(word: &str) -> String {
    let plain = |one: char| one.is_ascii_alphanumeric() || "_-./:=@%+,".contains(one);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.contains(['"', '$', '`', '\\', '!']) && !word.contains('\'') {
        return format!("\"{word}\"");
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A command line.
pub(super) fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Whether the shell expands nothing in the word. Quotes are gone here, so a quoted
/// `$` counts too.
pub(super) fn is_literal(word: &str) -> bool {
    !word.contains(['$', '`', '*', '?', '{', '\\', '\n', '\r']) && !word.starts_with('~')
}

/// A path of the repository that a `COPY` takes as it is.
pub(super) fn is_plain_path(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with('/')
        && !path.split('/').any(|part| part == "..")
        && path
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "_-./+".contains(one))
}

/// Puts what the shell would put for `$NAME` and `${NAME}`, where it is known; `None`
/// where it is not, or where more is to be expanded.
pub(super) fn expanded(word: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = String::with_capacity(word.len());
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let (name, after) = match after.strip_prefix('{') {
            Some(inner) => inner.split_once('}')?,
            None => {
                let end = after
                    .find(|one: char| !(one.is_ascii_alphanumeric() || one == '_'))
                    .unwrap_or(after.len());
                after.split_at_checked(end)?
            }
        };
        let value = variable(name)?;
        // It would be split into words.
        if value.contains(char::is_whitespace) {
            return None;
        }
        text.push_str(&value);
        rest = after;
    }
    text.push_str(rest);
    is_literal(&text).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_when_they_must_be() {
        for (word, shown) in [
            ("requirements.txt", "requirements.txt"),
            (".[test]", "\".[test]\""),
            ("django>=4", "\"django>=4\""),
            ("a'b", r"'a'\''b'"),
            ("say \"x\"", "'say \"x\"'"),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }

    #[test]
    fn variables_are_put_in_where_they_are_known() {
        let known = |name: &str| match name {
            "DJANGO" => Some("4.2".to_owned()),
            "TWO" => Some("a b".to_owned()),
            _ => None,
        };
        for (word, found) in [
            ("django==$DJANGO", Some("django==4.2")),
            ("django==${DJANGO}.*", None),
            ("${DJANGO}x", Some("4.2x")),
            ("$TWO", None),
            ("$OTHER", None),
            ("$(date)", None),
            ("${DJANGO:-3}", None),
            ("plain", Some("plain")),
        ] {
            assert_eq!(expanded(word, known).as_deref(), found, "{word}");
        }
    }
}
