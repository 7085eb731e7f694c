//! Where a GitHub is, which repository is meant, and the token.

use std::fmt;
use std::net::IpAddr;

use ureq::http::Uri;

/// A token. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A token without the blanks around it; `None` where it is empty or holds what no header
    /// may hold.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_token = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_token.then(|| Self(text.to_owned()))
    }

    /// The value of the header `Authorization`.
    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// The text with the token made illegible, if it should be in there.
    pub(super) fn hidden_in(&self, text: &str) -> String {
        text.replace(&self.0, "***")
    }
}

/// A GitHub: github.com, its part for a company (`NAME.ghe.com`), or a GitHub Enterprise Server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its name for people, such as `github.com`.
    pub(crate) host: String,
    /// Where its API is, without a slash at the end.
    pub(crate) api: String,
}

/// GitHub's own host.
const PUBLIC: &str = "github.com";

impl Server {
    /// The server of a host (GitHub docs, "Getting started with the REST API", and of
    /// Enterprise Server and data residency).
    ///
    /// # Errors
    /// This is no name of a host.
    pub(crate) fn of_host(host: &str) -> Result<Self, String> {
        let host = host.trim().to_ascii_lowercase();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_name) {
            return Err(format!("`{host}` is no name of a host"));
        }
        let api = match host.strip_suffix(".ghe.com") {
            _ if host == PUBLIC => "https://api.github.com".to_owned(),
            Some(_) => format!("https://api.{host}"),
            None => format!("https://{host}/api/v3"),
        };
        Ok(Self { host, api })
    }

    /// The server whose API is at this address.
    ///
    /// # Errors
    /// It is no address, or not encrypted although it is of another machine.
    pub(crate) fn at(api: &str, host: Option<&str>) -> Result<Self, String> {
        let api = api.trim().trim_end_matches('/');
        let uri: Uri = api
            .parse()
            .map_err(|error| format!("`{api}` is no address: {error}"))?;
        let named = uri.host().unwrap_or_default();
        let encrypted = uri.scheme_str() == Some("https");
        if named.is_empty() || api.contains(['@', '?', '#']) {
            return Err(format!("`{api}` is not the address of an API"));
        }
        let here = uri.scheme_str() == Some("http") && is_loopback(&uri);
        if !(encrypted || here) {
            return Err(format!(
                "`{api}` does not begin with https: the token would travel in the clear"
            ));
        }
        let host = match host {
            Some(host) => host.trim().to_ascii_lowercase(),
            None if named == "api.github.com" => PUBLIC.to_owned(),
            None => match named.strip_prefix("api.") {
                Some(rest) if rest.ends_with(".ghe.com") => rest.to_owned(),
                _ => uri.authority().map_or(named, |all| all.as_str()).to_owned(),
            },
        };
        Ok(Self {
            host,
            api: api.to_owned(),
        })
    }

    /// Whether this is GitHub's own service, for which `GITHUB_TOKEN` is meant everywhere.
    pub(crate) fn is_public(&self) -> bool {
        self.host == PUBLIC || self.host.ends_with(".ghe.com")
    }

    /// Whether it is on this machine, where no proxy is asked.
    pub(super) fn is_here(&self) -> bool {
        self.api
            .parse::<Uri>()
            .is_ok_and(|uri| uri.scheme_str() == Some("http"))
    }
}

/// Whether an address is of this machine itself.
pub(super) fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|at| at.is_loopback())
}

/// `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    /// The user or organisation.
    pub(crate) owner: String,
    /// Its name.
    pub(crate) name: String,
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl Repository {
    /// Reads `owner/name`; `None` where a name holds what GitHub allows in none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (owner, name) = text.trim().split_once('/')?;
        let is_name = |name: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            !name.is_empty() && name != "." && name != ".." && name.bytes().all(fits)
        };
        (is_name(owner) && is_name(name)).then(|| Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// Everything that it takes to call GitHub.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// Whom.
    pub(crate) server: Server,
    /// What for.
    pub(crate) repository: Repository,
    /// The token.
    pub(crate) token: Token,
    /// Where the token was found, for people: `GITHUB_TOKEN`.
    pub(crate) found: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn hosts_and_addresses() {
        for (host, api) in [
            ("github.com", "https://api.github.com"),
            ("Octo.GHE.com", "https://api.octo.ghe.com"),
            ("git.example.org", "https://git.example.org/api/v3"),
        ] {
            assert_eq!(Server::of_host(host).unwrap().api, api);
        }
        for (api, host) in [
            ("https://api.github.com/", "github.com"),
            ("https://api.octo.ghe.com", "octo.ghe.com"),
            ("https://git.example.org/api/v3", "git.example.org"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            assert_eq!(Server::at(api, None).unwrap().host, host);
        }
        for wrong in [
            "",
            "api.github.com",
            "http://api.github.com",
            "http://127.0.0.1.example.org",
            "ftp://127.0.0.1",
            "https://token@git.example.org",
        ] {
            assert!(Server::at(wrong, None).is_err(), "{wrong}");
        }
        assert!(Server::of_host("a b/c").is_err());
    }

    #[test]
    fn repositories() {
        assert_eq!(
            Repository::parse(" octo/sea.trial-1 ").unwrap().to_string(),
            "octo/sea.trial-1"
        );
        for wrong in [
            "octo",
            "octo/",
            "/sea",
            "octo/sea/trial",
            "octo/..",
            "o/a?b",
        ] {
            assert_eq!(Repository::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::new(" hunter2\n").unwrap();
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(token.hidden_in("no hunter2 here"), "no *** here");
        assert_eq!(Token::new(" \n"), None);
        assert_eq!(Token::new("two words"), None);
    }
}
