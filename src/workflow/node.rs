//! A YAML node with its place, typed by the YAML 1.2 core schema as GitHub reads
//! it (`on` is a string, `3.10` is the number 3.1).

/// A position in a file. Lines and columns count from 1, as GitHub's messages do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column in characters, from 1.
    pub(crate) column: usize,
    /// Byte offset in the file, from 0.
    pub(crate) offset: usize,
}

/// A range in a file, end excluded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// First character.
    pub(crate) start: Mark,
    /// Just behind the last character.
    pub(crate) end: Mark,
}

impl Span {
    /// The empty range at the beginning of a file, for what is wrong with the whole.
    pub(crate) fn file_start() -> Self {
        let mark = Mark {
            line: 1,
            column: 1,
            offset: 0,
        };
        Self {
            start: mark,
            end: mark,
        }
    }

    /// Whether there is nothing between start and end.
    pub(crate) fn is_empty(&self) -> bool {
        self.start.offset == self.end.offset
    }
}

/// A text and its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// The text, quotes and block indentation removed.
    pub(crate) value: String,
    /// Where it stands.
    pub(crate) span: Span,
}

impl Text {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.value
    }
}

/// A YAML node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Where it stands.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: NodeKind,
}

/// The kinds of YAML node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NodeKind {
    /// Empty, `~` or `null`.
    Null,
    /// `true` or `false` in the core schema's spellings.
    Bool(bool),
    /// An integer or a float, with the text it was written as.
    Number(f64, String),
    /// Anything else, and everything quoted.
    String(String),
    /// A sequence.
    Seq(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<(Text, Node)>),
}

impl Node {
    /// The scalar as text, the way GitHub turns it into a string: `true`, `3.1`,
    /// empty for null. `None` for sequences and mappings.
    pub(crate) fn scalar_text(&self) -> Option<String> {
        match &self.kind {
            NodeKind::Null => Some(String::new()),
            NodeKind::Bool(value) => Some(value.to_string()),
            NodeKind::Number(value, _) => Some(number_text(*value)),
            NodeKind::String(value) => Some(value.clone()),
            NodeKind::Seq(_) | NodeKind::Map(_) => None,
        }
    }

    /// The value under `key`, when this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The key `key` with its place, and its value, when this is a mapping that
    /// has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&(Text, Node)> {
        match &self.kind {
            NodeKind::Map(entries) => entries.iter().find(|(name, _)| name.value == key),
            _ => None,
        }
    }
}

/// A number as GitHub writes it: .NET's `G15` in the invariant culture
/// (`NumberToken.ToString` of actions/runner). At most 15 significant digits, and
/// an exponent of two digits or more where it is below -4 or above 14.
pub(crate) fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{value:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    if !(-4..=14).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}E{sign}{:02}", exponent.unsigned_abs());
    }
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(places - 1));
    }
    if digits.len() <= places + 1 {
        return format!("{sign}{digits}{}", "0".repeat(places + 1 - digits.len()));
    }
    let (whole, part) = digits.split_at(places + 1);
    format!("{sign}{whole}.{part}")
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn numbers_are_written_as_dotnet_writes_g15() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (3.1, "3.1"),
            (3.0, "3"),
            (-12.5, "-12.5"),
            (0.1 + 0.2, "0.3"),
            (1e14, "100000000000000"),
            (1e15, "1E+15"),
            (123_456_789_012_345_680.0, "1.23456789012346E+17"),
            (0.0001, "0.0001"),
            (0.000_012, "1.2E-05"),
            (1e300, "1E+300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(number_text(value), text);
        }
    }
}
