//! Variables and quotes in the words of a Dockerfile (Dockerfile reference,
//! "Environment replacement"; BuildKit `frontend/dockerfile/shell/lex.go`).

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Variable {
    /// It has this value.
    Set(String),
    /// It is not set.
    Unset,
    /// It may have a value that is not in the Dockerfile: of the base image, of
    /// the platform.
    Unknown,
}

/// Longest result; a hostile file could double a value with every line.
const MAX_LENGTH: usize = 1 << 16;

/// Nesting of `${a:-${b:-…}}`.
const MAX_DEPTH: usize = 16;

/// Removes quotes and puts the values of variables in. `None` when that takes
/// a value that is not known, or a form that only a shell has.
pub(super) fn expand(
    text: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Variable,
) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut expander = Expander {
        text: &chars,
        at: 0,
        escape,
        lookup,
    };
    expander.until(None, 0)
}

struct Expander<'a> {
    text: &'a [char],
    at: usize,
    escape: char,
    lookup: &'a dyn Fn(&str) -> Variable,
}

impl Expander<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    /// Up to the closing character, which is taken, or to the end.
    fn until(&mut self, close: Option<char>, depth: usize) -> Option<String> {
        let mut out = String::new();
        let mut double = false;
        while let Some(one) = self.peek() {
            if out.len() > MAX_LENGTH || depth > MAX_DEPTH {
                return None;
            }
            self.at += 1;
            match one {
                _ if Some(one) == close && !double => return Some(out),
                '\'' if !double => loop {
                    let one = self.peek()?;
                    self.at += 1;
                    if one == '\'' {
                        break;
                    }
                    out.push(one);
                },
                '"' => double = !double,
                '$' => out.push_str(&self.variable(depth)?),
                _ if one == self.escape => match self.peek() {
                    Some(next) if !double || matches!(next, '"' | '$') || next == self.escape => {
                        out.push(next);
                        self.at += 1;
                    }
                    _ => out.push(one),
                },
                _ => out.push(one),
            }
        }
        (close.is_none() && !double && out.len() <= MAX_LENGTH).then_some(out)
    }

    /// What follows a `$`.
    fn variable(&mut self, depth: usize) -> Option<String> {
        if self.peek() != Some('{') {
            let name = self.name();
            return match name.is_empty() {
                true => Some("$".to_owned()),
                false => self.value(&name),
            };
        }
        self.at += 1;
        let name = self.name();
        if name.is_empty() {
            return None;
        }
        let colon = self.peek() == Some(':');
        self.at += usize::from(colon);
        let operator = self.peek()?;
        self.at += 1;
        if operator == '}' {
            return if colon { None } else { self.value(&name) };
        }
        if !matches!(operator, '-' | '+' | '?') {
            return None;
        }
        let word = self.until(Some('}'), depth + 1);
        let set = match (self.lookup)(&name) {
            Variable::Set(value) if !(colon && value.is_empty()) => Some(value),
            Variable::Set(_) | Variable::Unset => None,
            Variable::Unknown => return None,
        };
        match (operator, set) {
            ('-', Some(value)) | ('?', Some(value)) => Some(value),
            ('-', None) => word,
            ('+', Some(_)) => word,
            ('+', None) => Some(String::new()),
            _ => None,
        }
    }

    fn name(&mut self) -> String {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|one| one.is_ascii_alphanumeric() || one == '_')
        {
            self.at += 1;
        }
        self.text
            .get(start..self.at)
            .unwrap_or_default()
            .iter()
            .collect()
    }

    fn value(&self, name: &str) -> Option<String> {
        match (self.lookup)(name) {
            Variable::Set(value) => Some(value),
            Variable::Unset => Some(String::new()),
            Variable::Unknown => None,
        }
    }
}

/// Splits the arguments of `ENV` and `ARG` into words. Quotes, escapes and
/// `${…}` keep blanks together and stay in the word.
pub(super) fn words(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut braces = 0_usize;
    let mut before = ' ';
    let mut chars = text.chars();
    while let Some(one) = chars.next() {
        if one == escape && quote != Some('\'') {
            word.push(one);
            word.extend(chars.next());
            before = escape;
            continue;
        }
        match one {
            '\'' | '"' if quote.is_none() => quote = Some(one),
            _ if quote == Some(one) => quote = None,
            '{' if before == '$' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ => {}
        }
        before = one;
        if one.is_whitespace() && quote.is_none() && braces == 0 {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(one);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
