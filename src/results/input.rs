//! From bytes to text: what every reader checks before it reads.

use super::error::{ResultsError, ResultsErrorKind as Kind};

/// Largest report that is read, in bytes (64 MiB).
///
/// A report of coverage.py for a million lines has about 40 MiB.
pub(crate) const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A report as text, without its byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Input<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// Bytes that stood before the text (the byte order mark), for offsets.
    pub(crate) base: u64,
}

/// Checks that the bytes are a text that a reader may look at.
///
/// # Errors
///
/// `TooLarge`, `Empty`, `Utf16`, `NotUtf8` and `Nul`.
pub(crate) fn text(bytes: &[u8]) -> Result<Input<'_>, ResultsError> {
    if bytes.len() > MAX_BYTES {
        let kind = Kind::TooLarge {
            bytes: bytes.len() as u64,
            limit: MAX_BYTES as u64,
        };
        return Err(ResultsError::new(kind, MAX_BYTES as u64));
    }
    if bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || bytes.starts_with(b"<\0")
        || bytes.starts_with(b"\0<")
    {
        return Err(ResultsError::new(Kind::Utf16, 0));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ResultsError::new(Kind::NotUtf8, error.valid_up_to() as u64))?;
    if let Some(at) = text.find('\0') {
        return Err(ResultsError::new(Kind::Nul, at as u64));
    }
    let input = without_mark(text);
    if input.text.trim().is_empty() {
        return Err(ResultsError::new(Kind::Empty, 0));
    }
    Ok(input)
}

/// The longest beginning of the bytes that [`text`] would not object to; empty
/// where there is none.
pub(crate) fn sound_beginning(bytes: &[u8]) -> Input<'_> {
    let bytes = bytes.get(..MAX_BYTES).unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes
            .get(..error.valid_up_to())
            .and_then(|sound| std::str::from_utf8(sound).ok())
            .unwrap_or_default(),
    };
    without_mark(text.split('\0').next().unwrap_or_default())
}

fn without_mark(text: &str) -> Input<'_> {
    match text.strip_prefix('\u{feff}') {
        Some(text) => Input { text, base: 3 },
        None => Input { text, base: 0 },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> Kind {
        text(bytes).unwrap_err().kind
    }

    #[test]
    fn tells_what_is_wrong() {
        assert_eq!(kind(b""), Kind::Empty);
        assert_eq!(kind(b"\xef\xbb\xbf \r\n\t"), Kind::Empty);
        assert_eq!(kind(b"\xff\xfe<\0a\0"), Kind::Utf16);
        assert_eq!(kind(b"\xfe\xff\0<\0a"), Kind::Utf16);
        assert_eq!(kind(b"<\0a\0>\0"), Kind::Utf16);
        assert_eq!(kind(b"<a>\xe4</a>"), Kind::NotUtf8);
        assert_eq!(kind(b"<a>\0</a>"), Kind::Nul);
        assert_eq!(text(b"<a>\xe4</a>").unwrap_err().offset, Some(3));
        let large = vec![b' '; MAX_BYTES + 1];
        assert!(matches!(kind(&large), Kind::TooLarge { .. }));
    }

    #[test]
    fn keeps_the_sound_beginning() {
        assert_eq!(sound_beginning(b"ab\xffcd").text, "ab");
        assert_eq!(sound_beginning(b"ab\0cd").text, "ab");
        assert_eq!(sound_beginning(b"\xef\xbb\xbfab").base, 3);
        assert_eq!(sound_beginning(b"").text, "");
    }
}
