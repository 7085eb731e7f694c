//! Values that are written the same way in flags, variables and files. The error
//! says what was expected.

use std::time::Duration;

use super::flags::ImageFlag;
use crate::gate::Masked;
use crate::plan::SocketGrant;

/// What a masked failure means.
pub(super) fn masked(text: &str) -> Result<Masked, String> {
    match text {
        "deny" => Ok(Masked::Deny),
        "warn" => Ok(Masked::Warn),
        _ => Err("expected \"deny\" or \"warn\"".to_owned()),
    }
}

/// `KEY=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// `IMAGE`, or `LABEL=IMAGE`. The name of an image holds no `=`.
pub(crate) fn image(text: &str) -> Result<ImageFlag, String> {
    let (label, image) = match text.split_once('=') {
        Some((label, image)) => (Some(label.trim().to_ascii_lowercase()), image),
        None => (None, text),
    };
    let image = image.trim();
    if image.is_empty() || image.contains('=') || label.as_deref() == Some("") {
        return Err("expected IMAGE, or LABEL=IMAGE such as ubuntu-latest=python:3.12".to_owned());
    }
    Ok(ImageFlag {
        label,
        image: image.to_owned(),
    })
}

/// Which jobs get the engine's socket: `true`, or their ids.
pub(crate) fn socket_grant(value: &toml::Value) -> Result<SocketGrant, String> {
    let expected = || "expected true, or the ids of jobs: [\"integration\"]".to_owned();
    match value {
        toml::Value::Boolean(true) => Ok(SocketGrant::Everybody),
        toml::Value::Boolean(false) => Ok(SocketGrant::Nobody),
        toml::Value::Array(ids) if !ids.is_empty() => ids
            .iter()
            .map(|id| id.as_str().map(str::trim).filter(|id| !id.is_empty()))
            .map(|id| id.map(ToOwned::to_owned).ok_or_else(expected))
            .collect::<Result<_, _>>()
            .map(SocketGrant::Jobs),
        _ => Err(expected()),
    }
}

/// A percentage: `80`, `87.5`, `90%`.
pub(crate) fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim();
    let number = number.strip_suffix('%').unwrap_or(number).trim_end();
    match number.parse::<f64>() {
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value),
        _ => Err("expected a percentage from 0 to 100, such as 80 or 87.5".to_owned()),
    }
}

/// Minutes; 0 means without end.
pub(crate) fn minutes(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (0.0..=100_000.0).contains(&value) => Ok(value),
        _ => Err("expected a number of minutes from 0 to 100000, such as 10".to_owned()),
    }
}

/// The least memory that Docker accepts, 6 MiB.
const LEAST_MEMORY: u64 = 6 * 1024 * 1024;

/// A length of time: `14d`, `12h`, `30m`, `45s`.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let expected = || "expected a number with its unit: 14d, 12h, 30m or 45s".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let seconds = match unit {
        'd' => 24 * 60 * 60,
        'h' => 60 * 60,
        'm' => 60,
        's' => 1,
        _ => return Err(expected()),
    };
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: u64 = number.trim().parse().map_err(|_| expected())?;
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(expected)
}

/// An amount of memory as Docker writes it: `512m`, `4g`, `1.5GiB`.
pub(crate) fn memory(text: &str) -> Result<u64, String> {
    amount(text)
        .filter(|bytes| *bytes >= LEAST_MEMORY)
        .ok_or_else(|| "expected an amount of memory of at least 6m, such as 512m or 4g".to_owned())
}

/// A size of at least one byte, written likewise.
pub(super) fn size(text: &str) -> Result<u64, String> {
    amount(text)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "expected a size, such as 800m or 1.5g".to_owned())
}

fn amount(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let unit = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let factor: u64 = match unit.trim() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return None,
    };
    match number.split_once('.') {
        None => number
            .parse::<u64>()
            .ok()
            .and_then(|whole| whole.checked_mul(factor)),
        Some((whole, part)) => thousandths(whole, part)
            .and_then(|count| count.checked_mul(factor))
            .map(|count| count / 1000),
    }
}

/// `whole.part` in thousandths; at most three digits after the point.
fn thousandths(whole: &str, part: &str) -> Option<u64> {
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    if part.is_empty() || part.len() > 3 {
        return None;
    }
    let part: u64 = format!("{part:0<3}").parse().ok()?;
    whole.checked_mul(1000)?.checked_add(part)
}

/// A number of at least 1.
pub(super) fn count(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(0) | Err(_) => Err("expected a number of at least 1".to_owned()),
        Ok(count) => Ok(count),
    }
}

/// How often a test that failed is run again.
pub(crate) fn retries(text: &str) -> Result<u32, String> {
    match text.trim().parse() {
        Ok(count @ 0..=100) => Ok(count),
        _ => Err("expected a number from 0 to 100".to_owned()),
    }
}

/// Yes or no.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    }
}

/// An action without its version: `owner/repo` or `owner/repo/path`.
pub(crate) fn action(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let good = |part: &&str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    if parts.len() >= 2 && parts.iter().all(good) {
        Ok(text.to_owned())
    } else if text.contains('@') {
        Err("expected OWNER/REPO without a version".to_owned())
    } else {
        Err("expected OWNER/REPO, such as codecov/codecov-action".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(pair("a="), Ok(("a".to_owned(), String::new())));
        assert!(pair("a").is_err() && pair("=b").is_err());
    }

    #[test]
    fn percentages() {
        assert_eq!(percent("80"), Ok(80.0));
        assert_eq!(percent(" 87.5 % "), Ok(87.5));
        for wrong in ["", "-1", "100.1", "NaN", "inf", "much"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_of_minutes() {
        for (text, value) in [("0", 0.0), (" 10 ", 10.0), ("0.5", 0.5)] {
            assert_eq!(minutes(text), Ok(value), "{text}");
        }
        for wrong in ["", "-1", "NaN", "inf", "10m", "1e9"] {
            assert!(minutes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_of_retries() {
        for (text, value) in [("0", 0), (" 3 ", 3), ("100", 100)] {
            assert_eq!(retries(text), Ok(value), "{text}");
        }
        for wrong in ["", "-1", "101", "2.5", "some"] {
            assert!(retries(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn amounts_of_memory() {
        for (text, bytes) in [
            ("512m", 512 << 20),
            ("4g", 4 << 30),
            ("4 GiB", 4 << 30),
            ("1.5G", 3 << 29),
            ("0.25g", 1 << 28),
            ("8000000", 8_000_000),
        ] {
            assert_eq!(memory(text), Ok(bytes), "{text}");
        }
        for wrong in [
            "",
            "g",
            "5m",
            "4x",
            "-1g",
            "1.2.3g",
            "99999999t",
            "1.2345g",
            "1e3m",
        ] {
            assert!(memory(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn actions() {
        assert!(action("codecov/codecov-action").is_ok());
        assert!(action("github/codeql-action/init").is_ok());
        assert!(action("actions/cache@v4").is_err_and(|hint| hint.contains("without a version")));
        assert!(action("cache").is_err() && action("/x").is_err());
    }
}
