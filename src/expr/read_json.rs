//! Reading JSON, the way `fromJSON` does.
//!
//! The runner reads with Newtonsoft.Json (`Functions/FromJson.cs`; its strict mode is
//! off by default), which takes more than JSON: comments, single quotes, names without
//! quotes, trailing and doubled commas, hexadecimal and octal numbers, NaN and Infinity.
//! What follows the value is not looked at. A workflow that relies on any of it works on
//! GitHub, so it works here. Not taken over: constructors (`new Date(0)`).

use super::number::parse_decimal;
use super::value::{Object, Value};

/// How deeply arrays and objects may nest (`JsonReader.MaxDepth` of Newtonsoft.Json 13).
const MAX_NESTING: usize = 64;

/// The value a JSON text describes, or a message worded as Newtonsoft.Json does.
pub(crate) fn from_json_text(text: &str) -> Result<Value, String> {
    let mut reader = Reader {
        text,
        at: 0,
        path: Vec::new(),
    };
    reader.skip_blank()?;
    if reader.peek().is_none() {
        return Err(
            "Error reading JToken from JsonReader. Path '', line 0, position 0.".to_owned(),
        );
    }
    reader.value()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    path: Vec<Step>,
}

/// Where in the document the reader is.
enum Step {
    Key(String),
    Element(usize),
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Moves past a text, if it comes next.
    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Reads as long as characters are of a class.
    fn take_while(&mut self, class: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !class(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// A message with the path and place it is about.
    fn error<T>(&self, message: &str) -> Result<T, String> {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(key);
                }
                Step::Element(n) => path.push_str(&format!("[{n}]")),
            }
        }
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = match before {
            "" => 0,
            _ => before.matches('\n').count() + 1,
        };
        let column = before.rsplit('\n').next().unwrap_or_default();
        let position = column.encode_utf16().count();
        Err(format!(
            "{message} Path '{path}', line {line}, position {position}."
        ))
    }

    /// The error for a character that cannot stand here.
    fn unexpected<T>(&self, what: &str, c: Option<char>) -> Result<T, String> {
        match c {
            Some(c) => self.error(&format!("{what}: {c}.")),
            None => self.error("Unexpected end when reading JSON."),
        }
    }

    /// Skips white space and comments.
    fn skip_blank(&mut self) -> Result<(), String> {
        loop {
            self.take_while(char::is_whitespace);
            if self.eat("//") {
                self.take_while(|c| !matches!(c, '\n' | '\r'));
            } else if self.eat("/*") {
                match self.rest().find("*/") {
                    Some(length) => self.at += length + 2,
                    None => return self.error("Unexpected end while parsing comment."),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self) -> Result<Value, String> {
        const WORDS: [(&str, Value); 6] = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Number(f64::NAN)),
            ("Infinity", Value::Number(f64::INFINITY)),
            ("-Infinity", Value::Number(f64::NEG_INFINITY)),
        ];
        for (word, value) in WORDS {
            if self.word(word) {
                return Ok(value);
            }
        }
        if self.word("undefined") {
            // What the runner's conversion makes of it.
            return Ok("".into());
        }
        match self.peek() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some(quote @ ('"' | '\'')) => Ok(self.string(quote)?.into()),
            Some('-' | '.' | '0'..='9') => self.number(),
            other => self.unexpected(
                "Unexpected character encountered while parsing value",
                other,
            ),
        }
    }

    /// Moves past a word, if it comes next and ends there.
    fn word(&mut self, word: &str) -> bool {
        let ends = self.rest().strip_prefix(word).is_some_and(|after| {
            !after.starts_with(|c: char| !(c.is_whitespace() || matches!(c, '}' | ']' | ',' | '/')))
        });
        ends && self.eat(word)
    }

    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        self.next();
        if self.path.len() >= MAX_NESTING {
            return self.error(&format!(
                "The reader's MaxDepth of {MAX_NESTING} has been exceeded."
            ));
        }
        read(self)
    }

    fn array(&mut self) -> Result<Value, String> {
        self.nested(|reader| {
            let mut items = Vec::new();
            reader.path.push(Step::Element(0));
            loop {
                reader.skip_blank()?;
                match reader.peek() {
                    Some(']') => {
                        reader.next();
                        break;
                    }
                    // A comma without a value before it stands for `undefined`.
                    Some(',') => items.push("".into()),
                    Some(_) => items.push(reader.value()?),
                    None => {
                        return reader.error("Unexpected end of content while loading JArray.");
                    }
                }
                if reader.ends(']', "Array")? {
                    break;
                }
                reader.path.pop();
                reader.path.push(Step::Element(items.len()));
            }
            reader.path.pop();
            Ok(Value::array(items))
        })
    }

    fn object(&mut self) -> Result<Value, String> {
        self.nested(|reader| {
            let mut object = Object::new();
            loop {
                reader.skip_blank()?;
                let key = match reader.peek() {
                    Some('}') => {
                        reader.next();
                        break;
                    }
                    Some(quote @ ('"' | '\'')) => reader.string(quote)?,
                    Some(c) if is_name(c) => reader.take_while(is_name).to_owned(),
                    None => {
                        return reader.error("Unexpected end of content while loading JObject.");
                    }
                    other => {
                        return reader.unexpected("Invalid property identifier character", other);
                    }
                };
                reader.skip_blank()?;
                if !reader.eat(":") {
                    return reader.unexpected(
                        "Invalid character after parsing property name. Expected ':' but got",
                        reader.peek(),
                    );
                }
                reader.skip_blank()?;
                reader.path.push(Step::Key(key.clone()));
                let value = reader.value()?;
                object.insert(key, value);
                let ends = reader.ends('}', "Object")?;
                reader.path.pop();
                if ends {
                    break;
                }
            }
            Ok(Value::object(object))
        })
    }

    /// After a value: true at the closing bracket, false after a comma.
    fn ends(&mut self, bracket: char, kind: &str) -> Result<bool, String> {
        self.skip_blank()?;
        match self.peek() {
            Some(',') => {
                self.next();
                Ok(false)
            }
            Some(c) if c == bracket => {
                self.next();
                Ok(true)
            }
            Some('}') => self.error(&format!(
                "JsonToken EndObject is not valid for closing JsonType {kind}."
            )),
            Some(']') => self.error(&format!(
                "JsonToken EndArray is not valid for closing JsonType {kind}."
            )),
            None => self.error(&format!("Unexpected end of content while loading J{kind}.")),
            other => self.unexpected(
                "After parsing a value an unexpected character was encountered",
                other,
            ),
        }
    }

    fn string(&mut self, quote: char) -> Result<String, String> {
        self.next();
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != quote && c != '\\'));
            match self.next() {
                Some('\\') => match self.next() {
                    Some('b') => text.push('\u{8}'),
                    Some('t') => text.push('\t'),
                    Some('n') => text.push('\n'),
                    Some('f') => text.push('\u{c}'),
                    Some('r') => text.push('\r'),
                    Some(c @ ('\\' | '"' | '\'' | '/')) => text.push(c),
                    Some('u') => text.push(self.escaped_char()?),
                    Some(c) => {
                        return self.error(&format!("Bad JSON escape sequence: \\{c}."));
                    }
                    None => {}
                },
                Some(_) => return Ok(text),
                None => {
                    return self.error(&format!(
                        "Unterminated string. Expected delimiter: {quote}."
                    ));
                }
            }
        }
    }

    /// The character of a `\u` escape, or of two that are a surrogate pair. A lone
    /// surrogate becomes the replacement character.
    fn escaped_char(&mut self) -> Result<char, String> {
        let high = self.unit()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let before = self.at;
        if self.eat("\\u") {
            let low = self.unit()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, String> {
        let digits = self.rest().get(..4).unwrap_or_default();
        if digits.len() == 4 && digits.chars().all(|c| c.is_ascii_hexdigit()) {
            self.at += 4;
            return Ok(u32::from_str_radix(digits, 16).unwrap_or_default());
        }
        if self.rest().chars().count() < 4 {
            return self.error("Unexpected end while parsing unicode character.");
        }
        self.error(&format!("Invalid hex character in '\\u{digits}'."))
    }

    fn number(&mut self) -> Result<Value, String> {
        let digits =
            self.take_while(|c| c.is_ascii_hexdigit() || matches!(c, '-' | '+' | '.' | 'x' | 'X'));
        match self.peek() {
            None | Some(',' | '}' | ']' | ')' | '/') => {}
            Some(c) if c.is_whitespace() => {}
            other => {
                return self.unexpected(
                    "Unexpected character encountered while parsing number",
                    other,
                );
            }
        }
        let number = match digits.strip_prefix('0') {
            Some("") => Some(0.0),
            Some(after) if !after.starts_with(['.', 'e', 'E']) => {
                let (digits, radix) = match after.strip_prefix(['x', 'X']) {
                    Some(digits) => (digits, 16),
                    None => (after, 8),
                };
                u64::from_str_radix(digits, radix)
                    .ok()
                    .filter(|_| !digits.starts_with('+'))
                    .map(|bits| bits.cast_signed() as f64)
            }
            _ => parse_decimal(digits),
        };
        match number {
            Some(number) => Ok(number.into()),
            None => self.error(&format!("Input string '{digits}' is not a valid number.")),
        }
    }
}

/// The characters of a property's name without quotes.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}
