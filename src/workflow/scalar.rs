//! What a plain scalar is: YAML 1.2's core schema (section 10.3.2), with the
//! limits of GitHub's reader (`YamlObjectReader` of actions/runner).
//!
//! `on`, `yes`, `no`, `off` and `12:30` are texts, for that is YAML 1.1.

use super::node::NodeKind;

/// What a plain scalar says, or nothing where a number is out of GitHub's range.
pub(crate) fn resolve(text: &str) -> Option<NodeKind> {
    if let Some(kind) = null(text).or_else(|| boolean(text)) {
        return Some(kind);
    }
    match integer(text) {
        Read::Value(value) => Some(NodeKind::Number(value, text.to_owned())),
        Read::OutOfRange => None,
        Read::Other => Some(match float(text) {
            Some(value) => NodeKind::Number(value, text.to_owned()),
            None => NodeKind::String(text.to_owned()),
        }),
    }
}

/// What a scalar with a tag says. GitHub knows the five tags of the core schema;
/// all but `!!str` only on plain scalars. `None` for anything else.
pub(crate) fn resolve_tagged(tag: &str, text: &str, plain: bool) -> Option<NodeKind> {
    let kind = tag.strip_prefix("tag:yaml.org,2002:")?;
    if kind == "str" {
        return Some(NodeKind::String(text.to_owned()));
    }
    if !plain {
        return None;
    }
    match kind {
        "null" => null(text),
        "bool" => boolean(text),
        "int" => match integer(text) {
            Read::Value(value) => Some(NodeKind::Number(value, text.to_owned())),
            Read::OutOfRange | Read::Other => None,
        },
        "float" => float(text).map(|value| NodeKind::Number(value, text.to_owned())),
        _ => None,
    }
}

/// The forms of null.
fn null(text: &str) -> Option<NodeKind> {
    matches!(text, "" | "~" | "null" | "Null" | "NULL").then_some(NodeKind::Null)
}

/// `true` and `false` in three spellings each.
fn boolean(text: &str) -> Option<NodeKind> {
    match text {
        "true" | "True" | "TRUE" => Some(NodeKind::Bool(true)),
        "false" | "False" | "FALSE" => Some(NodeKind::Bool(false)),
        _ => None,
    }
}

/// An attempt to read an integer.
enum Read {
    Value(f64),
    OutOfRange,
    Other,
}

/// Decimal, `0x` and `0o` integers. GitHub reads the latter two into 32 bits, the
/// sign bit included.
fn integer(text: &str) -> Read {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(radix))
        {
            return match u32::from_str_radix(digits, radix) {
                Ok(value) => Read::Value(f64::from(value.cast_signed())),
                Err(_) => Read::OutOfRange,
            };
        }
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Read::Other;
    }
    text.parse().map_or(Read::Other, Read::Value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, `.inf` and `.nan`.
fn float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (unsigned, None),
    };
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<f64> {
        match resolve(text) {
            Some(NodeKind::Number(value, _)) => Some(value),
            _ => None,
        }
    }

    #[test]
    fn texts_of_yaml_1_1_stay_texts() {
        for text in [
            "on", "off", "yes", "no", "y", "tRUE", "nULL", "12:30", "1_000", "0b1", "0x", "0o8",
            "+0x1", ".", "-", "+", "e3", "1e", "1e+", ".e3", "1.2.3", "inf", "nan", ".nAn", "--1",
            "0xg", "1 2", "3.10-dev", "infinity", "٣",
        ] {
            assert_eq!(resolve(text), Some(NodeKind::String(text.to_owned())));
        }
    }

    #[test]
    fn numbers() {
        for (text, value) in [
            ("0", 0.0),
            ("-7", -7.0),
            ("+7", 7.0),
            ("007", 7.0),
            ("0x1F", 31.0),
            ("0xFFFFFFFF", -1.0),
            ("0o17", 15.0),
            ("3.10", 3.1),
            ("1.", 1.0),
            (".5", 0.5),
            ("-.5e-1", -0.05),
            ("1E3", 1000.0),
            ("1e999", f64::INFINITY),
            ("-.INF", f64::NEG_INFINITY),
        ] {
            assert_eq!(number(text), Some(value), "{text}");
        }
        assert!(number(".NaN").is_some_and(f64::is_nan));
        assert_eq!(resolve("0x100000000"), None);
        assert_eq!(resolve("0o777777777777"), None);
    }

    #[test]
    fn tags() {
        let core = |kind: &str| format!("tag:yaml.org,2002:{kind}");
        assert_eq!(
            resolve_tagged(&core("str"), "3.10", true),
            Some(NodeKind::String("3.10".to_owned()))
        );
        assert_eq!(resolve_tagged(&core("int"), "3", false), None);
        assert_eq!(resolve_tagged(&core("int"), "3.5", true), None);
        assert_eq!(
            resolve_tagged(&core("null"), "~", true),
            Some(NodeKind::Null)
        );
        assert_eq!(resolve_tagged("!mine", "3", true), None);
    }
}
