//! When a call is sent again, and after how long (GitHub docs, "Rate limits for the REST API"
//! and "Best practices for using the REST API").

use std::time::Duration;

use super::call::Call;

/// Longest time that one call waits in all.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);
/// Times that a call is sent again when GitHub or the network is at fault.
const TRIES: u32 = 3;
/// Times that a call is sent again when there were too many.
const LIMITED: u32 = 5;
/// The pause after a secondary limit that names none.
const A_MINUTE: Duration = Duration::from_secs(60);

/// What an answer says about sending again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signs<'a> {
    /// Its status; absent where none came.
    pub(super) status: Option<u16>,
    /// `retry-after`.
    pub(super) retry_after: Option<&'a str>,
    /// `x-ratelimit-remaining`.
    pub(super) remaining: Option<&'a str>,
    /// `x-ratelimit-reset`, in seconds since 1970.
    pub(super) reset: Option<&'a str>,
    /// GitHub's words.
    pub(super) said: &'a str,
    /// Whether the request surely did not arrive.
    pub(super) never_sent: bool,
}

/// What is to be done about an answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// It stays an error.
    Fail,
    /// Too many requests: this long until there may be more.
    Limited(Duration),
    /// Trouble that may pass: this long until it is tried again.
    Again(Duration),
}

/// What comes next, after a call was sent again `tries` times. `now` is in seconds since 1970,
/// by GitHub's clock where it told it.
pub(super) fn next(signs: Signs<'_>, call: &Call, tries: u32, now: i64) -> Next {
    match signs.status {
        Some(403 | 429) => match limit(signs, tries, now) {
            Some(wait) if tries < LIMITED => Next::Limited(wait),
            _ => Next::Fail,
        },
        Some(500..=599) | None => {
            let harmless = call.may_be_repeated() || signs.never_sent;
            match harmless && tries < TRIES {
                // 1, 2, 4 seconds; GitHub's own wish goes before.
                true => Next::Again(
                    seconds(signs.retry_after).unwrap_or(Duration::from_secs(1 << tries)),
                ),
                false => Next::Fail,
            }
        }
        Some(_) => Next::Fail,
    }
}

/// How long a limit lasts; `None` where this is none.
fn limit(signs: Signs<'_>, tries: u32, now: i64) -> Option<Duration> {
    if let Some(wait) = seconds(signs.retry_after) {
        return Some(wait);
    }
    if signs.remaining.map(str::trim) == Some("0") {
        let reset: i64 = signs.reset?.trim().parse().ok()?;
        // A second more: the limit is reset within the second that is named.
        let left = u64::try_from(reset.saturating_sub(now)).unwrap_or(0);
        return Some(Duration::from_secs(left.saturating_add(1)));
    }
    let secondary = signs.said.to_ascii_lowercase().contains("rate limit");
    (secondary || signs.status == Some(429)).then(|| A_MINUTE.saturating_mul(1 << tries.min(8)))
}

fn seconds(header: Option<&str>) -> Option<Duration> {
    header?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn get() -> Call {
        Call::get("/a", "")
    }

    fn post() -> Call {
        Call::post("/a", json!({}), "")
    }

    fn secs(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn limits_say_how_long_they_last() {
        let refused = Signs {
            status: Some(403),
            ..Signs::default()
        };
        let primary = Signs {
            remaining: Some("0"),
            reset: Some("1800000041"),
            ..refused
        };
        assert_eq!(next(primary, &post(), 0, NOW), Next::Limited(secs(42)));
        // A clock that is ahead makes no wait of centuries.
        assert_eq!(next(primary, &post(), 0, NOW + 999), Next::Limited(secs(1)));
        let secondary = Signs {
            retry_after: Some("7"),
            remaining: Some("4999"),
            ..refused
        };
        assert_eq!(next(secondary, &post(), 0, NOW), Next::Limited(secs(7)));
        let unnamed = Signs {
            said: "You have exceeded a secondary rate limit",
            remaining: Some("4999"),
            ..refused
        };
        assert_eq!(next(unnamed, &get(), 0, NOW), Next::Limited(secs(60)));
        assert_eq!(next(unnamed, &get(), 1, NOW), Next::Limited(secs(120)));
        assert_eq!(next(unnamed, &get(), LIMITED, NOW), Next::Fail);
        // No limit at all: the permission is missing.
        let forbidden = Signs {
            said: "Resource not accessible by integration",
            remaining: Some("4999"),
            ..refused
        };
        assert_eq!(next(forbidden, &get(), 0, NOW), Next::Fail);
        for nonsense in ["", "-1", "soon", "99999999999999999999"] {
            let signs = Signs {
                retry_after: Some(nonsense),
                ..refused
            };
            assert_eq!(next(signs, &get(), 0, NOW), Next::Fail, "{nonsense}");
        }
    }

    #[test]
    fn only_what_is_harmless_is_sent_again() {
        let broken = Signs {
            status: Some(502),
            ..Signs::default()
        };
        assert_eq!(next(broken, &get(), 0, NOW), Next::Again(secs(1)));
        assert_eq!(next(broken, &get(), 2, NOW), Next::Again(secs(4)));
        assert_eq!(next(broken, &get(), 3, NOW), Next::Fail);
        assert_eq!(next(broken, &post(), 0, NOW), Next::Fail);
        let lost = Signs::default();
        assert_eq!(next(lost, &get(), 0, NOW), Next::Again(secs(1)));
        assert_eq!(next(lost, &post(), 0, NOW), Next::Fail);
        let unsent = Signs {
            never_sent: true,
            ..lost
        };
        assert_eq!(next(unsent, &post(), 0, NOW), Next::Again(secs(1)));
        let missing = Signs {
            status: Some(404),
            ..Signs::default()
        };
        assert_eq!(next(missing, &get(), 0, NOW), Next::Fail);
    }
}
