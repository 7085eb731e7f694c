//! Percentages the way coverage.py shows and judges them.
//!
//! Written after the behaviour of `coverage.results` (coverage.py 7.17):
//! `display_covered` and `should_fail_under`. Python's `round` and Rust's
//! formatting both round the exact binary value, halves to even.

/// Most decimal places that make a difference for a share of 100.
const MAX_PRECISION: u8 = 20;

/// A percentage with the given number of decimal places, without the sign.
///
/// Rounding never makes `100` out of less nor `0` out of more: such values are
/// shown as the nearest figure that differs (`99`, `99.9`; `1`, `0.1`).
pub(crate) fn display_percent(percent: f64, precision: u8) -> String {
    let precision = precision.min(MAX_PRECISION);
    let near_zero = 1.0 / 10f64.powi(i32::from(precision));
    let shown = if percent > 0.0 && percent < near_zero {
        near_zero
    } else if percent > 100.0 - near_zero && percent < 100.0 {
        100.0 - near_zero
    } else {
        percent
    };
    format!("{shown:.*}", usize::from(precision))
}

/// Whether a total fails the threshold `fail_under`, both in percent.
///
/// The total is rounded to `precision` places, or to as many as the threshold
/// has where these are more, and then compared; but a threshold of 100 is
/// reached by 100 only. coverage.py refuses thresholds outside of 0 … 100: here
/// one above 100 (and a total or threshold that is no number) always fails, one
/// below 0 never.
pub(crate) fn should_fail_under(total: f64, fail_under: f64, precision: u8) -> bool {
    if fail_under.is_nan() || total.is_nan() || fail_under > 100.0 {
        return true;
    }
    if fail_under == 100.0 && total != 100.0 {
        return true;
    }
    // The shortest text that reads back as the threshold, as Python's `str`.
    let threshold = fail_under.to_string();
    let places = threshold
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let places = places.max(usize::from(precision.min(MAX_PRECISION)));
    let rounded: f64 = format!("{total:.places$}").parse().unwrap_or(total);
    rounded < fail_under
}

/// Cobertura's rate, as coverage.py's XML report writes it: four significant
/// digits; `0` and `1` only where it is exactly that, `1` also where there is
/// nothing to cover.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of lines are far below 2^52"
)]
pub(crate) fn rate(covered: u64, valid: u64) -> String {
    if covered >= valid {
        return "1".to_owned();
    }
    if covered == 0 {
        return "0".to_owned();
    }
    let share = (covered as f64 / valid as f64).clamp(0.0001, 0.9999);
    let places = match share {
        s if s >= 0.1 => 4,
        s if s >= 0.01 => 5,
        s if s >= 0.001 => 6,
        _ => 7,
    };
    let digits = format!("{share:.places$}");
    digits.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The figures in these tests are what coverage.py 7.17.3 gives.

    #[test]
    fn never_rounds_to_the_ends() {
        assert_eq!(display_percent(99.995, 2), "99.99");
        assert_eq!(display_percent(99.99, 0), "99");
        assert_eq!(display_percent(99.5, 0), "99");
        assert_eq!(display_percent(99.0, 0), "99");
        assert_eq!(display_percent(0.004, 2), "0.01");
        assert_eq!(display_percent(0.2, 0), "1");
        assert_eq!(display_percent(0.0, 1), "0.0");
        assert_eq!(display_percent(100.0, 1), "100.0");
        assert_eq!(display_percent(62.5, 0), "62");
        assert_eq!(display_percent(63.5, 0), "64");
        assert_eq!(display_percent(78.571_428, 4), "78.5714");
    }

    #[test]
    fn thresholds() {
        assert!(!should_fail_under(42.1, 42.0, 0));
        assert!(should_fail_under(42.1, 43.0, 0));
        assert!(!should_fail_under(42.857, 42.857, 3));
        assert!(should_fail_under(42.856, 42.857, 3));
        assert!(!should_fail_under(42.9, 43.0, 0));
        assert!(!should_fail_under(42.5, 42.0, 0));
        assert!(should_fail_under(42.5, 43.0, 0));
        assert!(should_fail_under(99.999, 100.0, 1));
        assert!(!should_fail_under(100.0, 100.0, 0));
        assert!(should_fail_under(99.8, 99.9, 0));
        assert!(!should_fail_under(99.96, 99.9, 0));
        assert!(!should_fail_under(0.0, 0.0, 0));
        assert!(should_fail_under(100.0, 100.5, 0));
        assert!(should_fail_under(f64::NAN, 1.0, 0));
        assert!(!should_fail_under(0.0, -1.0, 0));
    }

    #[test]
    fn rates() {
        assert_eq!(rate(0, 0), "1");
        assert_eq!(rate(0, 3), "0");
        assert_eq!(rate(3, 3), "1");
        assert_eq!(rate(31, 54), "0.5741");
        assert_eq!(rate(1, 2), "0.5");
        assert_eq!(rate(1, 30_000), "0.0001");
        assert_eq!(rate(1, 3_000), "0.0003333");
        assert_eq!(rate(99_999, 100_000), "0.9999");
    }
}
