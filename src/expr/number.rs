//! Numbers: reading them from text and writing them as text.
//!
//! Reading follows `ExpressionUtility.ParseNumber` of actions/runner, which in turn
//! imitates JavaScript's `Number()`; writing follows .NET's `ToString("G15")` in the
//! invariant culture, as `EvaluationResult.ConvertToString` does.

/// The number a text stands for, or NaN where it stands for none.
///
/// The text is trimmed first; the empty text is 0. Accepted are decimals with an
/// optional sign, point and exponent, `0x` and `0o` numbers of at most 32 bits (read as
/// two's complement, so `0xffffffff` is -1; lower-case prefix, no sign), and
/// `Infinity`, whose case .NET disregards.
pub(crate) fn parse_number(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    if let Some(number) = parse_decimal(text).or_else(|| parse_infinity(text)) {
        return number;
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return parse_radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return parse_radix(digits, 8);
    }
    f64::NAN
}

/// A decimal: sign, digits, point and exponent, each in the form `Double.TryParse`
/// takes with leading sign, decimal point and exponent allowed.
pub(crate) fn parse_decimal(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let mut at = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(bytes, &mut at);
    let mut fraction = 0;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        fraction = digits(bytes, &mut at);
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        if digits(bytes, &mut at) == 0 {
            return None;
        }
    }
    if at != bytes.len() {
        return None;
    }
    text.parse().ok()
}

/// Counts the digits from `at` on and moves past them.
fn digits(bytes: &[u8], at: &mut usize) -> usize {
    let count = bytes
        .iter()
        .skip(*at)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    *at += count;
    count
}

/// The words .NET reads as infinity (without regard to case); NaN needs no entry, as
/// anything unknown is NaN.
fn parse_infinity(text: &str) -> Option<f64> {
    let (sign, word) = match text.strip_prefix('-') {
        Some(word) => (-1.0, word),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    word.eq_ignore_ascii_case("infinity")
        .then_some(sign * f64::INFINITY)
}

/// A hexadecimal or octal number of at most 32 bits, as .NET's `Int32` reads it.
fn parse_radix(digits: &str, radix: u32) -> f64 {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return f64::NAN;
    }
    match u32::from_str_radix(digits, radix) {
        Ok(bits) => f64::from(bits.cast_signed()),
        Err(_) => f64::NAN,
    }
}

/// The text of a number in .NET's "G15" form: at most 15 significant digits, trailing
/// zeros dropped, exponent form from `1E+15` up and below `0.0001`.
///
/// Negative zero is written `0` (the runner asks for that explicitly).
pub(crate) fn format_number(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let sign = if number < 0.0 { "-" } else { "" };
    if number.is_infinite() {
        return format!("{sign}Infinity");
    }
    let scientific = format!("{:.14e}", number.abs());
    let (mantissa, exponent) = scientific
        .split_once('e')
        .unwrap_or((scientific.as_str(), "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let body = match usize::try_from(exponent) {
        Ok(exponent) if exponent < 15 => with_point(digits, exponent + 1),
        Err(_) if exponent >= -4 => {
            let zeros = exponent.unsigned_abs() as usize - 1;
            format!("0.{}{digits}", "0".repeat(zeros))
        }
        _ => {
            let mark = if exponent < 0 { '-' } else { '+' };
            let mantissa = with_point(digits, 1);
            format!("{mantissa}E{mark}{:02}", exponent.unsigned_abs())
        }
    };
    format!("{sign}{body}")
}

/// Puts the decimal point after `whole` digits, filling up with zeros where needed.
fn with_point(digits: &str, whole: usize) -> String {
    match digits.split_at_checked(whole) {
        Some((left, "")) => left.to_owned(),
        Some((left, right)) => format!("{left}.{right}"),
        None => format!("{digits:0<whole$}"),
    }
}
