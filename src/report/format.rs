//! Numbers as a person reads them.

use crate::results::display_percent;

/// A span of time: `0.4 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`.
pub(crate) fn duration(millis: u64) -> String {
    let tenths = millis.saturating_add(50) / 100;
    if tenths < 600 {
        return format!("{}.{} s", tenths / 10, tenths % 10);
    }
    let seconds = millis.saturating_add(500) / 1000;
    if seconds < 3600 {
        return format!("{} min {:02} s", seconds / 60, seconds % 60);
    }
    let minutes = seconds.saturating_add(30) / 60;
    format!("{} h {:02} min", minutes / 60, minutes % 60)
}

/// A moment, given in milliseconds since the Unix epoch: `2026-11-22 21:14:54 UTC`.
pub(crate) fn start(millis: u64) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()?;
    Some(at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// A share with one digit, `84.2 %`. Only what is exactly 0 or 100 is shown so.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", display_percent(share, 1))
}

/// An amount of data: `512 B`, `1.2 KiB`, `3.4 GiB`.
pub(crate) fn bytes(count: u64) -> String {
    let mut unit = "B";
    let mut tenths = u128::from(count) * 10;
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if tenths < 10_240 {
            break;
        }
        unit = next;
        tenths = (tenths + 512) / 1024;
    }
    if unit == "B" {
        format!("{count} B")
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// A number with its noun: `1 test`, `2 tests`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", grouped(count))
    }
}

/// A number with a comma between groups of three digits.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{bytes, counted, duration, percent};

    #[test]
    fn durations() {
        for (millis, text) in [
            (0, "0.0 s"),
            (44, "0.0 s"),
            (400, "0.4 s"),
            (12_340, "12.3 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min 00 s"),
            (125_400, "2 min 05 s"),
            (3_599_499, "59 min 59 s"),
            (3_599_500, "1 h 00 min"),
            (3_720_000, "1 h 02 min"),
        ] {
            assert_eq!(duration(millis), text);
        }
        assert!(!duration(u64::MAX).is_empty());
    }

    #[test]
    fn shares() {
        assert_eq!(percent(84.25), "84.2 %");
        assert_eq!(percent(99.99), "99.9 %");
        assert_eq!(percent(0.001), "0.1 %");
        assert_eq!(percent(100.0), "100.0 %");
    }

    #[test]
    fn amounts() {
        for (count, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_234_567, "1.2 MiB"),
            (16 << 30, "16.0 GiB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        assert_eq!(counted(1, "test"), "1 test");
        assert_eq!(counted(12_345, "test"), "12,345 tests");
    }
}
