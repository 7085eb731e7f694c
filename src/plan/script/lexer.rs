//! Words and operators of a shell script (POSIX "Token Recognition", with the
//! bash forms that occur in workflows).
//!
//! Nothing is expanded. A `${{ … }}` expression, a `$(…)`, a `${…}` and a
//! backquoted command stay in the word as they are written; the text inside a
//! command substitution is kept aside as well. A quote or bracket that is never
//! closed is an ordinary character.

use super::closing::{
    backquote_end, brace_end, double_end, expression_end, line_end, paren_end, single_end,
    starts_with,
};

use super::token::{Token, Word};

/// Unclosed quotes and brackets that are searched to the end of the text;
/// after so many the rest is plain text. Keeps hostile input linear.
const MAX_UNCLOSED: u32 = 32;

/// The tokens of a script, with the lines that they begin in, from 0.
pub(super) fn tokens(script: &str) -> (Vec<Token>, Vec<usize>) {
    let mut lexer = Lexer::new(script);
    let mut tokens = Vec::new();
    let mut lines = Vec::new();
    let mut line = 0;
    let mut counted = 0;
    while let Some(token) = lexer.token() {
        let passed = lexer.text.get(counted..lexer.start).unwrap_or_default();
        line += passed.iter().filter(|one| **one == '\n').count();
        counted = lexer.start.max(counted);
        tokens.push(token);
        lines.push(line);
    }
    (tokens, lines)
}

struct Heredoc {
    delimiter: String,
    strip_tabs: bool,
}

struct Lexer {
    text: Vec<char>,
    at: usize,
    /// Where the last token begins.
    start: usize,
    heredocs: Vec<Heredoc>,
    unclosed: u32,
}

impl Lexer {
    fn new(script: &str) -> Self {
        Self {
            text: script.replace("\r\n", "\n").chars().collect(),
            at: 0,
            start: 0,
            heredocs: Vec::new(),
            unclosed: 0,
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn slice(&self, start: usize, end: usize) -> String {
        self.text
            .get(start..end)
            .map(|part| part.iter().collect())
            .unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek(0) {
                Some(' ' | '\t') => self.at += 1,
                Some('\\') if self.peek(1) == Some('\n') => self.at += 2,
                Some('#') => self.at = line_end(&self.text, self.at),
                _ => return,
            }
        }
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            self.skip_blanks();
            self.start = self.at;
            if let Some(token) = self.scan(self.peek(0)?) {
                return Some(token);
            }
        }
    }

    /// The token that begins with `first`; nothing for what is left out (the
    /// number of a redirection, a heredoc).
    fn scan(&mut self, first: char) -> Option<Token> {
        const OPERATORS: &[(&str, Token)] = &[
            (";;&", Token::CaseEnd),
            ("&>>", Token::Redirect(true)),
            ("<<<", Token::Redirect(false)),
            (";;", Token::CaseEnd),
            (";&", Token::CaseEnd),
            ("&&", Token::And),
            ("&>", Token::Redirect(true)),
            ("||", Token::Or),
            ("|&", Token::Pipe),
            (">>", Token::Redirect(true)),
            (">|", Token::Redirect(true)),
            ("<>", Token::Redirect(true)),
            ("<&", Token::Redirect(false)),
            (";", Token::Separator),
            ("&", Token::Background),
            ("|", Token::Pipe),
            (")", Token::Close),
        ];
        match (first, self.peek(1)) {
            ('\n', _) => {
                self.at += 1;
                self.skip_heredocs();
                return Some(Token::Separator);
            }
            ('(', Some('(')) => return Some(self.arithmetic()),
            ('(', _) => {
                self.at += 1;
                return Some(Token::Open);
            }
            ('<', Some('<')) if self.peek(2) != Some('<') => {
                self.heredoc();
                return None;
            }
            ('<' | '>', Some('(')) => return Some(self.word()),
            ('>', Some('&')) => {
                self.at += 2;
                let to_file = !matches!(self.peek(0), Some('-' | '0'..='9'));
                return Some(Token::Redirect(to_file));
            }
            _ => {}
        }
        for (text, token) in OPERATORS {
            if starts_with(&self.text, self.at, text) {
                self.at += text.len();
                return Some(token.clone());
            }
        }
        match first {
            '>' => {
                self.at += 1;
                Some(Token::Redirect(true))
            }
            '<' => {
                self.at += 1;
                Some(Token::Redirect(false))
            }
            _ => match self.word() {
                // The number of `2>file` belongs to the redirection.
                Token::Word(word)
                    if word.quoted_at.is_none()
                        && matches!(self.peek(0), Some('<' | '>'))
                        && !word.text.is_empty()
                        && word.text.chars().all(|one| one.is_ascii_digit()) =>
                {
                    None
                }
                token => Some(token),
            },
        }
    }

    /// `((…))` as one word; two opening brackets that do not close so are two
    /// subshells.
    fn arithmetic(&mut self) -> Token {
        let start = self.at;
        match self.closing(start, paren_end) {
            Some(end) if starts_with(&self.text, end.saturating_sub(2), "))") => {
                self.at = end;
                Token::Word(Word {
                    text: self.slice(start, end),
                    ..Word::default()
                })
            }
            end => {
                self.unclosed += u32::from(end.is_some());
                self.at += 1;
                Token::Open
            }
        }
    }

    /// `<<EOF`: remembers the delimiter; the body follows the line.
    fn heredoc(&mut self) {
        self.at += 2;
        let strip_tabs = self.peek(0) == Some('-');
        self.at += usize::from(strip_tabs);
        self.skip_blanks();
        if !matches!(
            self.peek(0),
            None | Some('\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>')
        ) && let Token::Word(word) = self.word()
        {
            self.heredocs.push(Heredoc {
                delimiter: word.text,
                strip_tabs,
            });
        }
    }

    /// Skips the bodies of the heredocs of the line that just ended. One whose
    /// delimiter never comes is no heredoc.
    fn skip_heredocs(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            if self.unclosed >= MAX_UNCLOSED {
                return;
            }
            let mut line = self.at;
            loop {
                if line >= self.text.len() {
                    self.unclosed += 1;
                    break;
                }
                let end = line_end(&self.text, line);
                let text = self.slice(line, end);
                line = end + 1;
                let text = match heredoc.strip_tabs {
                    true => text.trim_start_matches('\t'),
                    false => text.as_str(),
                };
                if text == heredoc.delimiter {
                    self.at = line.min(self.text.len());
                    break;
                }
            }
        }
    }

    fn word(&mut self) -> Token {
        let mut word = Word::default();
        while let Some(one) = self.peek(0) {
            match one {
                '(' if word.text.ends_with('=') && word.assignment().is_some() => {
                    let Some(end) = self.closing(self.at, paren_end) else {
                        break;
                    };
                    word.text.push_str(&self.slice(self.at, end));
                    self.at = end;
                }
                '<' | '>' if self.peek(1) == Some('(') => {
                    match self.closing(self.at + 1, paren_end) {
                        Some(end) => self.substitution(&mut word, 2, end),
                        None if word.text.is_empty() => self.literal(&mut word),
                        None => break,
                    }
                }
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\\' => {
                    self.at += 2;
                    match self.text.get(self.at - 1) {
                        Some('\n') => continue,
                        Some(next) => quoted(&mut word).push(*next),
                        None => quoted(&mut word).push('\\'),
                    }
                }
                '\'' => match self.closing(self.at, single_end) {
                    Some(end) => {
                        let text = self.slice(self.at + 1, end - 1);
                        quoted(&mut word).push_str(&text);
                        self.at = end;
                    }
                    None => self.literal(&mut word),
                },
                '"' => match self.closing(self.at, double_end) {
                    Some(end) => {
                        quoted(&mut word);
                        self.at += 1;
                        self.double(&mut word, end - 1);
                        self.at = end;
                    }
                    None => self.literal(&mut word),
                },
                '$' if matches!(self.peek(1), Some('\'' | '"')) => {
                    quoted(&mut word);
                    self.at += 1;
                }
                '$' | '`' => self.expansion(&mut word),
                _ => self.literal(&mut word),
            }
        }
        Token::Word(word)
    }

    fn literal(&mut self, word: &mut Word) {
        word.text.extend(self.peek(0));
        self.at += 1;
    }

    /// The inside of double quotes, up to `end`.
    fn double(&mut self, word: &mut Word, end: usize) {
        while self.at < end {
            match (self.peek(0), self.peek(1)) {
                (Some('\\'), Some('\n')) => self.at += 2,
                (Some('\\'), Some(next @ ('$' | '`' | '"' | '\\'))) => {
                    word.text.push(next);
                    self.at += 2;
                }
                (Some('$' | '`'), _) => self.expansion(word),
                _ => self.literal(word),
            }
        }
    }

    /// What begins with `$` or a backquote, kept as written.
    fn expansion(&mut self, word: &mut Word) {
        let at = self.at;
        let found = if starts_with(&self.text, at, "${{") {
            self.closing(at, expression_end).map(|end| (end, 0))
        } else if starts_with(&self.text, at, "$(") {
            self.closing(at + 1, paren_end).map(|end| (end, 2))
        } else if starts_with(&self.text, at, "${") {
            self.closing(at + 1, brace_end).map(|end| (end, 0))
        } else if starts_with(&self.text, at, "`") {
            self.closing(at, backquote_end).map(|end| (end, 1))
        } else {
            None
        };
        match found {
            Some((end, 0)) => {
                word.text.push_str(&self.slice(at, end));
                self.at = end;
            }
            Some((end, skip)) => self.substitution(word, skip, end),
            None => self.literal(word),
        }
    }

    /// A command substitution whose command starts `skip` characters on.
    fn substitution(&mut self, word: &mut Word, skip: usize, end: usize) {
        let inner = self.slice(self.at + skip, end.saturating_sub(1));
        word.text.push_str(&self.slice(self.at, end));
        // `$((…))` computes.
        if !(inner.starts_with('(') && inner.ends_with(')')) {
            word.nested.push(inner);
        }
        self.at = end;
    }

    /// Runs a search for the end of something, unless too many failed.
    fn closing(
        &mut self,
        from: usize,
        search: fn(&[char], usize, usize) -> Option<usize>,
    ) -> Option<usize> {
        if self.unclosed >= MAX_UNCLOSED {
            return None;
        }
        let end = search(&self.text, from, 0);
        if end.is_none() {
            self.unclosed += 1;
        }
        end
    }
}

/// Notes that a quoted part begins, and gives the text to add to.
fn quoted(word: &mut Word) -> &mut String {
    if word.quoted_at.is_none() {
        word.quoted_at = Some(word.text.len());
    }
    &mut word.text
}
