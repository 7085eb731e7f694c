//! Numbers in reports.

use super::coverage::MAX_LINE;
use super::error::ResultsErrorKind as Kind;

/// A count without sign, e.g. of hits; what does not fit is `u64::MAX`.
///
/// # Errors
///
/// `BadNumber` for anything but digits, so for negative and decimal numbers.
pub(crate) fn count(what: &'static str, text: &str) -> Result<u64, Kind> {
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Kind::bad_number(what, text));
    }
    Ok(digits.parse().unwrap_or(u64::MAX))
}

/// The number of a line: 1 to [`MAX_LINE`].
///
/// # Errors
///
/// `BadNumber` for anything else.
pub(crate) fn line(text: &str) -> Result<u32, Kind> {
    let what = "line number";
    let number = count(what, text)?;
    u32::try_from(number)
        .ok()
        .filter(|number| (1..=MAX_LINE).contains(number))
        .ok_or_else(|| Kind::bad_number(what, text))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn takes_digits_only() {
        assert_eq!(count("hits", " 12 ").unwrap(), 12);
        assert_eq!(count("hits", "99999999999999999999999").unwrap(), u64::MAX);
        for bad in ["", "-1", "+1", "1.0", "1,5", "0x1", "1e3", "٣"] {
            assert!(count("hits", bad).is_err(), "{bad}");
        }
        assert_eq!(line("10000000").unwrap(), MAX_LINE);
        for bad in ["0", "10000001", "4294967297", "99999999999999999999"] {
            assert!(line(bad).is_err(), "{bad}");
        }
    }
}
