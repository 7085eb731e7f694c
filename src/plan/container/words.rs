//! A text as the arguments of a program, as the runner splits it.
//!
//! The runner puts `options`, and a service's `command`, into the arguments of the
//! program `docker` as they are, and .NET splits them on Linux as it does on Windows:
//! only double quotes group, a backslash matters before a double quote only, and a
//! single quote is a letter like any other (`Process.Unix.cs`, dotnet/runtime).

/// The words of a text. An unclosed quote reaches to the end.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|next| is_space(*next)).is_some() {}
        if rest.peek().is_none() {
            return words;
        }
        let mut word = String::new();
        let mut quoted = false;
        while let Some(next) = rest.peek().copied() {
            if next == '\\' {
                let mut count = 0;
                while rest.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                if rest.peek() == Some(&'"') {
                    word.extend(std::iter::repeat_n('\\', count / 2));
                    if count % 2 == 1 {
                        word.push('"');
                        rest.next();
                    }
                } else {
                    word.extend(std::iter::repeat_n('\\', count));
                }
                continue;
            }
            if is_space(next) && !quoted {
                break;
            }
            rest.next();
            if next == '"' {
                // Two of them inside quotes are one.
                if quoted && rest.next_if_eq(&'"').is_some() {
                    word.push('"');
                } else {
                    quoted = !quoted;
                }
            } else {
                word.push(next);
            }
        }
        words.push(word);
    }
}

/// A word as [`words`] reads it again.
pub(crate) fn argument(word: &str) -> String {
    if !word.is_empty() && !word.contains(|one| is_space(one) || one == '"') {
        return word.to_owned();
    }
    let mut text = "\"".to_owned();
    let mut backslashes = 0;
    for character in word.chars() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                text.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        text.push(character);
    }
    text.extend(std::iter::repeat_n('\\', backslashes));
    text.push('"');
    text
}

/// What separates words. A line break does not on the runner; there it makes the
/// command fail, so nobody can mean it.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{argument, words};

    proptest! {
        #[test]
        fn arguments_come_back(list in proptest::collection::vec("[a-z \"'\\\\\n$-]{0,8}", 0..6)) {
            let text: Vec<String> = list.iter().map(|word| argument(word)).collect();
            prop_assert_eq!(words(&text.join(" ")), list);
        }
    }

    #[test]
    fn only_double_quotes_group() {
        for (text, expected) in [
            ("", vec![]),
            ("  a\tb\n c ", vec!["a", "b", "c"]),
            (
                r#"--health-cmd "pg_isready -U x" -p 1:2"#,
                vec!["--health-cmd", "pg_isready -U x", "-p", "1:2"],
            ),
            (
                r#"--health-cmd="redis-cli ping""#,
                vec!["--health-cmd=redis-cli ping"],
            ),
            ("--health-cmd 'a b'", vec!["--health-cmd", "'a", "b'"]),
            (
                r#"a\b "c\"d" "e""f" \\"g h""#,
                vec![r"a\b", "c\"d", "e\"f", "\\g h"],
            ),
            (r#""" x"#, vec!["", "x"]),
            (r#""open end"#, vec!["open end"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
