//! A script's simple commands, as far as finding a program's name needs it.
//!
//! This is not a shell: quotes, comments, line continuations, here-documents,
//! separators and `${{ … }}` are understood; variables are not.

use std::iter::Peekable;
use std::str::Chars;

/// The simple commands of a script, each as its words, quotes removed. What stands
/// in `$(…)`, `(…)` and backquotes is a command of its own.
pub(crate) fn commands(script: &str) -> Vec<Vec<String>> {
    let mut splitter = Splitter {
        rest: script.chars().peekable(),
        commands: Vec::new(),
        words: Vec::new(),
        word: None,
        here: Vec::new(),
        awaits_delimiter: None,
    };
    splitter.run();
    splitter.commands
}

/// The state of splitting.
struct Splitter<'s> {
    rest: Peekable<Chars<'s>>,
    commands: Vec<Vec<String>>,
    words: Vec<String>,
    word: Option<String>,
    /// Here-documents whose text begins on the next line: their last line, and
    /// whether tabs before it do not count.
    here: Vec<(String, bool)>,
    /// The next word is such a last line.
    awaits_delimiter: Option<bool>,
}

impl Splitter<'_> {
    fn run(&mut self) {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape(),
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '$' => self.dollar(),
                '#' if self.word.is_none() => self.comment(),
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' => {
                    self.end_command();
                    self.skip_here_documents();
                }
                ';' | '&' | '|' | '(' | ')' | '`' => self.end_command(),
                '<' => self.redirect_in(),
                '>' => self.end_word(),
                other => self.push(other),
            }
        }
        self.end_command();
    }

    fn push(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            match self.awaits_delimiter.take() {
                Some(tabs) => self.here.push((word, tabs)),
                None => self.words.push(word),
            }
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.words));
        }
    }

    /// A backslash takes the meaning of the next character, and joins lines.
    fn escape(&mut self) {
        match self.rest.next() {
            Some('\r') if self.rest.peek() == Some(&'\n') => {
                self.rest.next();
            }
            Some('\n') | None => {}
            Some(other) => self.push(other),
        }
    }

    fn single_quoted(&mut self) {
        let mut text = String::new();
        for character in self.rest.by_ref() {
            if character == '\'' {
                break;
            }
            text.push(character);
        }
        self.word.get_or_insert_default().push_str(&text);
    }

    fn double_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(character) = self.rest.next() {
            match character {
                '"' => return,
                '\\' => self.escape(),
                other => self.push(other),
            }
        }
    }

    /// `${{ … }}` and `${…}` are part of a word, `$(` begins a command.
    fn dollar(&mut self) {
        match self.rest.peek() {
            Some('{') => {
                self.push('$');
                let mut open = 0usize;
                while let Some(character) = self.rest.next() {
                    match character {
                        '{' => open += 1,
                        '}' => open = open.saturating_sub(1),
                        '\n' => {
                            // Not closed on its line: a text after all.
                            self.end_command();
                            return;
                        }
                        _ => {}
                    }
                    self.push(character);
                    if open == 0 {
                        return;
                    }
                }
            }
            Some('(') => {
                self.rest.next();
                self.end_command();
            }
            _ => self.push('$'),
        }
    }

    fn comment(&mut self) {
        while self.rest.next_if(|character| *character != '\n').is_some() {}
    }

    /// `<<END` begins a here-document, `<<<` does not.
    fn redirect_in(&mut self) {
        self.end_word();
        if self.rest.next_if_eq(&'<').is_none() {
            return;
        }
        if self.rest.next_if_eq(&'<').is_some() {
            return;
        }
        let tabs = self.rest.next_if_eq(&'-').is_some();
        while self
            .rest
            .next_if(|next| matches!(next, ' ' | '\t'))
            .is_some()
        {}
        self.awaits_delimiter = Some(tabs);
    }

    /// Skips the texts of here-documents that begin on this line.
    fn skip_here_documents(&mut self) {
        self.awaits_delimiter = None;
        for (last, tabs) in std::mem::take(&mut self.here) {
            while self.rest.peek().is_some() {
                let mut line = String::new();
                for character in self.rest.by_ref() {
                    if character == '\n' {
                        break;
                    }
                    line.push(character);
                }
                let line = line.trim_end_matches('\r');
                let line = if tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                if line == last {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::commands;

    fn split(script: &str) -> Vec<String> {
        commands(script)
            .iter()
            .map(|words| words.join("|"))
            .collect()
    }

    #[test]
    fn scripts_are_split() {
        assert_eq!(split("a b; c && d | e"), ["a|b", "c", "d", "e"]);
        assert_eq!(split("a \\\n  b\nc # d\n#e"), ["a|b", "c"]);
        assert_eq!(split("a \\\r\n b\r\n"), ["a|b"]);
        assert_eq!(split("echo 'a b' \"c; d\" e\\ f"), ["echo|a b|c; d|e f"]);
        assert_eq!(split("x=$(a b) c"), ["x=", "a|b", "c"]);
        assert_eq!(
            split("a ${{ matrix.x || 'y' }}-z"),
            ["a|${{ matrix.x || 'y' }}-z"]
        );
        assert_eq!(split("cat <<EOF > f\npytest\nEOF\nb"), ["cat|f", "b"]);
        assert_eq!(split("cat <<-'EOF'\n\tpytest\n\tEOF\nb"), ["cat", "b"]);
        assert_eq!(split("a#b c"), ["a#b|c"]);
        assert_eq!(split("'open"), ["open"]);
        assert_eq!(split(""), Vec::<String>::new());
    }
}
