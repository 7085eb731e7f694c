//! The only way out: requests with the token, waits, retries, pages.

use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::{self, HeaderMap, HeaderValue, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::access::{Access, Repository};
use super::call::Call;
use super::error::{GithubError, Refused, Trouble, said};
use super::link;
use super::wait::{self, Next, PATIENCE, Signs};

/// The version of the API that is spoken.
const VERSION: &str = "2022-11-28";
/// Time to find a host, and to connect to it.
const CONNECT: Duration = Duration::from_secs(15);
/// Time until an answer begins, and longest silence within it.
const ANSWER: Duration = Duration::from_secs(60);
/// Largest answer that is kept in memory, in bytes.
const LARGEST: u64 = 32 << 20;
/// Largest body of an error that is looked at, in bytes.
const LARGEST_ERROR: u64 = 64 << 10;
/// Pages that are read of one list, 100 entries each.
const PAGES: usize = 50;
/// Redirects within the API, for a repository that has another name by now.
const REDIRECTS: usize = 3;

/// What pauses between two tries; tests have another one.
type Sleep = Box<dyn Fn(Duration) + Send + Sync>;
/// What tells a person about waits.
type Say = Box<dyn Fn(&str) + Send + Sync>;

/// A GitHub that is called for one repository.
pub(crate) struct Client {
    agent: Agent,
    access: Access,
    sleep: Sleep,
    say: Say,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({:?})", self.access)
    }
}

/// An answer that is no error.
pub(super) struct Answer {
    /// Its headers.
    pub(super) headers: HeaderMap,
    /// Its body, not yet read.
    pub(super) body: Body,
}

impl Client {
    /// A client that has not called anybody yet. `say` is told of every wait, one line each.
    pub(crate) fn new(access: Access, say: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self::with_sleep(access, say, std::thread::sleep)
    }

    /// The same with other pauses.
    pub(super) fn with_sleep(
        access: Access,
        say: impl Fn(&str) + Send + Sync + 'static,
        sleep: impl Fn(Duration) + Send + Sync + 'static,
    ) -> Self {
        Self {
            agent: agent(access.server.is_here()),
            access,
            sleep: Box::new(sleep),
            say: Box::new(say),
        }
    }

    /// What it calls with.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// The repository.
    pub(crate) fn repository(&self) -> &Repository {
        &self.access.repository
    }

    /// A path below the repository.
    pub(super) fn path(&self, rest: &str) -> String {
        let Repository { owner, name } = &self.access.repository;
        format!("/repos/{owner}/{name}{rest}")
    }

    /// Pauses, for something that GitHub needs time for.
    pub(crate) fn pause(&self, time: Duration) {
        (self.sleep)(time);
    }

    /// Sends a call. Gives what comes back, `null` where that is nothing.
    ///
    /// # Errors
    /// GitHub refuses it, or cannot be reached.
    pub(crate) fn send(&self, call: &Call) -> Result<Value, GithubError> {
        self.json(call)
    }

    /// Sends a call and reads its answer.
    pub(super) fn json<T: DeserializeOwned>(&self, call: &Call) -> Result<T, GithubError> {
        let answer = self.answer(call)?;
        self.read(call, answer.body)
    }

    /// Reads an answer to its end.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        call: &Call,
        body: Body,
    ) -> Result<T, GithubError> {
        parse(call, &self.whole(call, body)?)
    }

    /// All entries of a list that comes in pages: the answer itself, or its member `key`.
    ///
    /// # Errors
    /// As [`Client::send`]; or the list has more pages than anybody reads.
    pub(super) fn pages<T: DeserializeOwned>(
        &self,
        first: Call,
        key: Option<&str>,
    ) -> Result<Vec<T>, GithubError> {
        let mut all = Vec::new();
        let mut call = first;
        for _ in 0..PAGES {
            let answer = self.answer(&call)?;
            let following = header(&answer.headers, "link")
                .and_then(link::next)
                .map(ToOwned::to_owned);
            let mut page: Value = self.read(&call, answer.body)?;
            let list = match key {
                Some(key) => page.get_mut(key).map(Value::take).unwrap_or_default(),
                None => page,
            };
            let list: Vec<T> =
                serde_json::from_value(list).map_err(|error| unread(&call, &error))?;
            all.extend(list);
            let Some(following) = following else {
                return Ok(all);
            };
            call = Call::get(self.below_the_api(&call, &following)?, call.needs);
        }
        Err(GithubError::new(
            Trouble::TooLarge,
            format!("GET {}: more than {PAGES} pages", call.path),
        ))
    }

    /// The path of an address that GitHub names, which must be one of its own.
    fn below_the_api(&self, call: &Call, address: &str) -> Result<String, GithubError> {
        let inside = address
            .strip_prefix(self.access.server.api.as_str())
            .filter(|path| path.starts_with('/'));
        inside.map(ToOwned::to_owned).ok_or_else(|| {
            let message = format!("GET {}: GitHub leads away from its API", call.path);
            GithubError::new(Trouble::Unavailable, message)
        })
    }

    /// Sends a call until there is an answer that is no error, within patience. Redirects
    /// within the API are followed; others are the answer.
    pub(super) fn answer(&self, call: &Call) -> Result<Answer, GithubError> {
        let mut call = call.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.patiently(&call, || self.once(&call))?;
            match header(&answer.headers, "location").map(|to| self.below_the_api(&call, to)) {
                Some(Ok(path)) if call.body.is_none() => call.path = path,
                _ => return Ok(answer),
            }
        }
        let message = format!("GET {}: GitHub leads in circles", call.path);
        Err(GithubError::new(Trouble::Unavailable, message))
    }

    /// Asks until there is an answer that is no error, within patience.
    pub(super) fn patiently(
        &self,
        call: &Call,
        ask: impl Fn() -> Result<http::Response<Body>, ureq::Error>,
    ) -> Result<Answer, GithubError> {
        let mut waited = Duration::ZERO;
        for tries in 0.. {
            let (next, error) = match ask() {
                Ok(response) if response.status().as_u16() < 400 => {
                    let (parts, body) = response.into_parts();
                    return Ok(Answer {
                        headers: parts.headers,
                        body,
                    });
                }
                Ok(response) => self.refusal(call, response, tries),
                Err(error) => self.unreached(call, &error, tries),
            };
            let (pause, why) = match next {
                Next::Fail => return Err(error),
                Next::Limited(pause) => (pause, "GitHub asks for a pause after many requests"),
                Next::Again(pause) => (pause, "GitHub did not answer as it should"),
            };
            waited = waited.saturating_add(pause);
            if waited > PATIENCE {
                return Err(match next {
                    Next::Limited(pause) => limited(call, pause),
                    _ => error,
                });
            }
            (self.say)(&format!("{why}: waiting {} s", pause.as_secs()));
            self.pause(pause);
        }
        Err(GithubError::new(
            Trouble::Unavailable,
            "GitHub does not answer",
        ))
    }

    /// What an answer that is an error leads to.
    fn refusal(
        &self,
        call: &Call,
        response: http::Response<Body>,
        tries: u32,
    ) -> (Next, GithubError) {
        let (parts, mut body) = response.into_parts();
        let body = body.with_config().limit(LARGEST_ERROR).read_to_vec();
        let words = self
            .access
            .token
            .hidden_in(&said(&body.unwrap_or_default()));
        let value = |name| header(&parts.headers, name);
        let status = parts.status.as_u16();
        let next = wait::next(
            Signs {
                status: Some(status),
                retry_after: value("retry-after"),
                remaining: value("x-ratelimit-remaining"),
                reset: value("x-ratelimit-reset"),
                said: &words,
                never_sent: false,
            },
            call,
            tries,
            now(value("date")),
        );
        let refused = Refused {
            status,
            said: &words,
            accepted: value("x-accepted-github-permissions")
                .or_else(|| value("x-accepted-oauth-scopes")),
            repository: &self.access.repository.to_string(),
            found: &self.access.found,
        };
        (next, refused.of(call))
    }

    /// What it leads to that no answer came.
    fn unreached(&self, call: &Call, error: &ureq::Error, tries: u32) -> (Next, GithubError) {
        let never_sent = match error {
            ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => true,
            ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => true,
            ureq::Error::Io(error) => error.kind() == ErrorKind::ConnectionRefused,
            _ => false,
        };
        let lasting = is_lasting(error);
        let signs = Signs {
            never_sent,
            ..Signs::default()
        };
        let next = match lasting {
            true => Next::Fail,
            false => wait::next(signs, call, tries, 0),
        };
        let host = &self.access.server.host;
        let what = format!("{} {}", call.method.as_str(), call.path);
        let words = self.access.token.hidden_in(&error.to_string());
        let error = GithubError::new(
            Trouble::Unavailable,
            format!("{what}: {host} cannot be reached: {words}"),
        );
        let hint = match lasting {
            true => {
                "where a company's proxy has a certificate of its own, SSL_CERT_FILE names the bundle that holds it"
            }
            false if call.may_be_repeated() || never_sent => {
                "check the network; HTTPS_PROXY names a proxy, GITHUB_API_URL another address"
            }
            false => {
                "it was not sent again, because it may have been done; look before you try again"
            }
        };
        (next, error.with_hint(hint))
    }

    /// Sends a call once.
    fn once(&self, call: &Call) -> Result<http::Response<Body>, ureq::Error> {
        let mut token = HeaderValue::try_from(self.access.token.header())
            .map_err(|error| ureq::Error::Http(error.into()))?;
        token.set_sensitive(true);
        let request = http::Request::builder()
            .method(call.method.as_str())
            .uri(format!("{}{}", self.access.server.api, call.path))
            .header(http::header::ACCEPT, "application/vnd.github+json")
            .header("X-GitHub-Api-Version", VERSION)
            .header(http::header::AUTHORIZATION, token);
        match &call.body {
            None => self.agent.run(request.body(())?),
            Some(body) => self.agent.run(
                request
                    .header(http::header::CONTENT_TYPE, "application/json")
                    .body(body.to_string())?,
            ),
        }
    }

    /// Asks another machine, which is told nothing of the token.
    pub(super) fn elsewhere(&self, address: &Uri) -> Result<http::Response<Body>, ureq::Error> {
        let request = http::Request::builder().uri(address);
        self.agent.run(request.body(())?)
    }

    /// The whole body.
    fn whole(&self, call: &Call, mut body: Body) -> Result<Vec<u8>, GithubError> {
        let read = body.with_config().limit(LARGEST).read_to_vec();
        read.map_err(|error| {
            let message = format!(
                "{} {}: the answer broke off: {error}",
                call.method.as_str(),
                call.path
            );
            GithubError::new(Trouble::Unavailable, message)
        })
    }
}

/// What sends. Redirects are looked at before they are followed, and a status is no error of
/// the transport.
fn agent(here: bool) -> Agent {
    let provider = rustls::crypto::ring::default_provider();
    let tls = TlsConfig::builder()
        .root_certs(roots(here))
        .unversioned_rustls_crypto_provider(Arc::new(provider))
        .build();
    let mut config = Agent::config_builder()
        .tls_config(tls)
        .user_agent(concat!("seatrial/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .https_only(!here)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(ANSWER))
        .timeout_per_read(Some(ANSWER))
        .timeout_per_write(Some(ANSWER));
    if here {
        config = config.proxy(None);
    }
    config.build().new_agent()
}

/// Whether it is trouble that is the same the next time: a certificate, or a proxy that is none.
fn is_lasting(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::InvalidProxyUrl => true,
        // What goes wrong in a handshake comes as trouble of the stream.
        ureq::Error::Io(error) => match error.get_ref() {
            Some(inner) => inner.is::<rustls::Error>(),
            None => false,
        },
        _ => false,
    }
}

/// The certificates of this machine, or of the bundle that `SSL_CERT_FILE` names. What cannot be
/// read of them is left out: without the right one the server is refused, and that is said.
fn roots(here: bool) -> RootCerts {
    let found = match here {
        true => Vec::new(),
        false => rustls_native_certs::load_native_certs().certs,
    };
    let owned = found
        .iter()
        .map(|one| Certificate::from_der(one).to_owned());
    RootCerts::from(owned)
}

/// The value of a header, where it is text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The seconds since 1970: GitHub's own, else this machine's.
pub(super) fn now(date: Option<&str>) -> i64 {
    let theirs = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    match theirs {
        Some(time) => time.timestamp().as_second(),
        None => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(0)),
    }
}

fn parse<T: DeserializeOwned>(call: &Call, body: &[u8]) -> Result<T, GithubError> {
    // No content is what many changes answer.
    let body = if body.is_empty() { b"null" } else { body };
    serde_json::from_slice(body).map_err(|error| unread(call, &error))
}

fn unread(call: &Call, error: &serde_json::Error) -> GithubError {
    let message = format!(
        "{} {}: the answer is not as documented: {error}",
        call.method.as_str(),
        call.path
    );
    GithubError::new(Trouble::Unavailable, message)
        .with_hint("GITHUB_API_URL may lead to something that is no GitHub")
}

fn limited(call: &Call, pause: Duration) -> GithubError {
    let minutes = pause.as_secs().div_ceil(60);
    let message = format!(
        "{} {}: GitHub takes no more requests with this token for {minutes} min",
        call.method.as_str(),
        call.path
    );
    GithubError::new(Trouble::Limit, message).with_hint(
        "wait until then, or use another token; `seatrial doctor --github` shows what is left",
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::is_lasting;

    #[test]
    fn a_certificate_that_is_refused_once_is_refused_again() {
        let refused = rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let wrapped = Error::new(ErrorKind::InvalidData, refused);
        assert!(is_lasting(&ureq::Error::Io(wrapped)));
        let reset = Error::from(ErrorKind::ConnectionReset);
        assert!(!is_lasting(&ureq::Error::Io(reset)));
    }
}
