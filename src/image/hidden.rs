//! Credentials in the addresses that a build is given. Nothing that is told of it may hold
//! them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

/// What takes their place, as in the logs of jobs.
const MASK: &str = "***";
/// Bytes below which a credential alone is not hidden: it would hide too much else.
const LEAST: usize = 4;

/// Texts that are hidden.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// The longest first.
    texts: Vec<String>,
}

/// Only how many there are.
impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hidden({} texts)", self.texts.len())
    }
}

impl Hidden {
    /// What stands before the `@` of all addresses in some texts: whole, the password alone,
    /// each also without its escapes, and the whole as HTTP sends it (RFC 7617).
    pub(crate) fn in_addresses(texts: impl IntoIterator<Item = String>) -> Self {
        let mut hidden = Vec::new();
        for text in texts {
            for (at, _) in text.match_indices("://") {
                let rest = text.get(at + 3..).unwrap_or_default();
                let authority = rest.split(['/', '?', '#', ' ', '\t', '\n']).next();
                // A password may hold an `@` that nobody has escaped.
                if let Some((user, _)) = authority.and_then(|text| text.rsplit_once('@')) {
                    add(user, &mut hidden);
                }
            }
        }
        hidden.retain(|text: &String| text.len() >= LEAST);
        hidden.sort_by_key(|text| std::cmp::Reverse(text.len()));
        hidden.dedup();
        Self { texts: hidden }
    }

    /// The text without them.
    pub(super) fn mask(&self, text: &str) -> String {
        self.texts.iter().fold(text.to_owned(), |masked, hidden| {
            masked.replace(hidden.as_str(), MASK)
        })
    }
}

/// The forms of `user:password`, or of a token that stands alone.
fn add(user: &str, hidden: &mut Vec<String>) {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let whole = user.trim_end_matches(':');
    let password = whole
        .split_once(':')
        .map_or(whole, |(_, password)| password);
    hidden.extend([whole.to_owned(), decoded(whole)]);
    hidden.extend([password.to_owned(), decoded(password)]);
    let sent = STANDARD.encode(decoded(user));
    hidden.push(sent.trim_end_matches('=').to_owned());
}

#[cfg(test)]
mod tests {
    use super::Hidden;

    fn masked(address: &str, text: &str) -> String {
        Hidden::in_addresses([address.to_owned()]).mask(text)
    }

    #[test]
    fn credentials_are_hidden_in_all_their_forms() {
        let address = "https://robot:s%40fe%2Fword@mirror.example/simple";
        for (text, expected) in [
            (
                "Looking in https://robot:s%40fe%2Fword@mirror.example/simple",
                "Looking in https://***@mirror.example/simple",
            ),
            ("password s@fe/word of robot", "password *** of robot"),
            ("robot:s@fe/word", "***"),
            (
                "Authorization: Basic cm9ib3Q6c0BmZS93b3Jk",
                "Authorization: Basic ***",
            ),
            ("https://mirror.example/", "https://mirror.example/"),
        ] {
            assert_eq!(masked(address, text), expected);
        }
        // A token alone, with and without its colon; several addresses; a name before one.
        for address in [
            "https://tok-en@a/",
            "name=https://tok-en:@a/",
            "http://b/ https://x:tok-en@a/",
        ] {
            assert_eq!(masked(address, "a tok-en"), "a ***", "{address}");
        }
        let unescaped = "http://robot:p@ss-word@proxy:3128";
        assert_eq!(masked(unescaped, "p@ss-word"), "***");
    }

    #[test]
    fn nothing_else_is_hidden() {
        let text = "a git https mirror.example/@scope/simple?x=y@z";
        for address in [
            "https://mirror.example/@scope/simple?x=y@z",
            "https://git@mirror.example/",
            "mirror.example@x",
            "localhost,.example.org",
            "",
        ] {
            assert_eq!(masked(address, text), text, "{address}");
        }
        assert_eq!(
            format!(
                "{:?}",
                Hidden::in_addresses(["https://a:word@b".to_owned()])
            ),
            "Hidden(3 texts)"
        );
    }
}
