//! Foreign text made harmless for a terminal (and everything else that shows
//! it): colours stay, whatever could move the cursor, reach the clipboard, turn
//! the direction of writing or hide something is shown as a visible sign.

/// The escape character.
const ESC: char = '\u{1b}';

/// Longest colour sequence that is believed, in characters after `ESC [`.
const SGR_LEN: usize = 32;

/// Makes text harmless: keeps newlines, tabs and colour sequences (`ESC [ … m`);
/// every other control character and every invisible direction mark becomes
/// visible. Of a line that rewrote itself with carriage returns, what stood there
/// last is kept. What is harmless stays as it is, so tests ask it for an answer.
#[cfg(test)]
pub(crate) fn sanitize(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            safe.push('\n');
        }
        line_into(last_segment(line), true, &mut safe);
    }
    safe
}

/// Makes text harmless: keeps newlines and tabs; every other control character and
/// every invisible direction mark becomes visible, colours go. Of a line that
/// rewrote itself with carriage returns, what stood there last is kept.
pub(crate) fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            safe.push('\n');
        }
        line_into(last_segment(line), false, &mut safe);
    }
    safe
}

/// Harmless text of one line without colours: line ends and tabs become spaces.
/// For names, in tables and titles.
pub(crate) fn one_line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let flat: String = text
        .trim()
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            }
        })
        .collect();
    line_into(&flat, false, &mut safe);
    safe
}

/// Longest line of output that is shown, in bytes. The log file has it whole.
const OUTPUT_LEN: usize = 8 * 1024;

/// A line of output: as [`plain`], colour sequences kept where `colour` says so; what
/// colours a line switched on ends with it; an endless line is cut.
pub(crate) fn output_line(line: &str, colour: bool) -> String {
    let line = last_segment(line.trim_end_matches(['\n', '\r']));
    let mut end = line.len().min(OUTPUT_LEN);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let mut safe = String::with_capacity(end);
    // A newline within is shown as a sign, so that this is one line.
    line_into(line.get(..end).unwrap_or_default(), colour, &mut safe);
    if safe.contains(ESC) {
        safe.push_str("\u{1b}[0m");
    }
    if end < line.len() {
        safe.push_str(&format!("… ({} bytes more)", line.len() - end));
    }
    safe
}

/// What a terminal would show last of a line with carriage returns.
fn last_segment(line: &str) -> &str {
    line.rsplit('\r')
        .find(|segment| !segment.is_empty())
        .unwrap_or_default()
}

/// Appends one line, made harmless.
fn line_into(line: &str, colour: bool, safe: &mut String) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if c == ESC
            && let Some(length) = sgr(rest)
        {
            let (sequence, after) = rest.split_at(length);
            if colour {
                safe.push_str(sequence);
            }
            rest = after;
            continue;
        }
        char_into(c, safe);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
}

/// The length in bytes of the colour sequence that the text begins with.
fn sgr(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let length = parameters
        .bytes()
        .take(SGR_LEN)
        .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':'))
        .count();
    (parameters.as_bytes().get(length) == Some(&b'm')).then_some(length + 3)
}

/// Appends one character, or a sign for it.
fn char_into(c: char, safe: &mut String) {
    let code = u32::from(c);
    if c == '\t' {
        safe.push(c);
    } else if code < 0x20 {
        safe.extend(char::from_u32(0x2400 + code));
    } else if code == 0x7f {
        safe.push('␡');
    } else if is_deceptive(c) {
        safe.push_str(&format!("<U+{code:04X}>"));
    } else {
        safe.push(c);
    }
}

/// Characters that show nothing and change how other text is shown or read: the
/// C1 controls, direction marks, line separators, and the invisible ones that
/// serve to make two different texts look alike.
pub(crate) fn is_deceptive(c: char) -> bool {
    matches!(
        c,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::{ESC, is_deceptive, one_line, output_line, plain, sanitize};
    use proptest::prelude::*;

    #[test]
    fn colours_stay_and_nothing_else() {
        assert_eq!(
            sanitize("\u{1b}[1;31mred\u{1b}[0m \u{1b}[2Jgone"),
            "\u{1b}[1;31mred\u{1b}[0m ␛[2Jgone"
        );
        assert_eq!(plain("\u{1b}[1;31mred\u{1b}[0m"), "red");
        assert_eq!(sanitize("\u{1b}]52;c;ZXZpbA==\u{7}"), "␛]52;c;ZXZpbA==␇");
        assert_eq!(sanitize("\u{9b}31m\u{85}x\u{7f}"), "<U+009B>31m<U+0085>x␡");
        assert_eq!(sanitize("a\u{202e}b\u{2066}c"), "a<U+202E>b<U+2066>c");
        assert_eq!(sanitize("\u{1b}[38:2::1:2:3mx"), "\u{1b}[38:2::1:2:3mx");
        assert_eq!(sanitize("\u{1b}[31"), "␛[31");
        assert_eq!(sanitize("\u{1b}[?25lm"), "␛[?25lm");
    }

    #[test]
    fn progress_bars_show_their_end() {
        assert_eq!(sanitize(" 10%\r 50%\r100%"), "100%");
        assert_eq!(sanitize("100%\r\nnext\r\n"), "100%\nnext\n");
        assert_eq!(sanitize("\r\r"), "");
        assert_eq!(output_line("FAILED\rpassed\r\n", false), "passed");
    }

    #[test]
    fn a_colour_ends_with_its_line() {
        assert_eq!(output_line("\u{1b}[31mred", true), "\u{1b}[31mred\u{1b}[0m");
        assert_eq!(output_line("\u{1b}[31mred", false), "red");
        assert_eq!(output_line("a\nb", true), "a␊b");
        let endless = output_line(&"é".repeat(1_000_000), true);
        assert!(endless.len() < 9000 && endless.ends_with("… (1991808 bytes more)"));
    }

    #[test]
    fn names_fit_on_one_line() {
        assert_eq!(one_line(" a\nb\tc\r\n"), "a b c");
    }

    /// Whether nothing but colour sequences, newlines and tabs is left.
    fn harmless(text: &str) -> bool {
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c.is_control() || is_deceptive(c)) {
            let tail = &rest[at..];
            if let Some(after) = tail.strip_prefix(['\n', '\t']) {
                rest = after;
                continue;
            }
            let Some(body) = tail.strip_prefix("\u{1b}[") else {
                return false;
            };
            let Some(end) = body.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == ':'))
            else {
                return false;
            };
            let Some(after) = body[end..].strip_prefix('m') else {
                return false;
            };
            rest = after;
        }
        true
    }

    /// Text in which trouble is likely.
    fn nasty() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("\u{1b}[".to_owned()),
            Just("\u{1b}]52;c;".to_owned()),
            Just("\u{9b}".to_owned()),
            Just("\r".to_owned()),
            Just("\n".to_owned()),
            Just("31m".to_owned()),
            Just("2J".to_owned()),
            Just(";;1".to_owned()),
            Just("\u{202e}".to_owned()),
            any::<char>().prop_map(String::from),
            "[ -~]{0,8}",
        ];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_harmful_passes(text in nasty()) {
            let safe = sanitize(&text);
            prop_assert!(harmless(&safe), "{safe:?}");
            prop_assert!(!plain(&text).contains(ESC));
            prop_assert!(!one_line(&text).contains(char::is_control));
            let line = output_line(&text, true);
            prop_assert!(harmless(&line) && !line.contains('\n'));
        }

        #[test]
        fn harmless_text_stays(text in "[ -~äß€日本]{0,40}") {
            prop_assert_eq!(sanitize(&text), text);
        }
    }
}
