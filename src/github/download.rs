//! Logs and artifacts of a run, which lie on other machines than the API.

use std::fs::File;
use std::io::{self, Read as _, Write as _};

use jiff::Timestamp;
use serde::Deserialize;
use ureq::Body;
use ureq::http::Uri;

use super::access::is_loopback;
use super::call::Call;
use super::client::{Client, header};
use super::error::{GithubError, Trouble};

const READ: &str = "Actions: read";
/// Times that an address leads to another one.
const HOPS: usize = 5;

/// An artifact of a run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Artifact {
    /// Its id.
    pub(crate) id: u64,
    /// Its name.
    pub(crate) name: String,
    /// Its size, packed, in bytes.
    #[serde(default)]
    pub(crate) size_in_bytes: u64,
    /// Whether it is no longer kept.
    #[serde(default)]
    pub(crate) expired: bool,
    /// When it was made.
    #[serde(default)]
    pub(crate) created_at: Option<Timestamp>,
}

impl Client {
    /// The artifacts of a run.
    ///
    /// # Errors
    /// The run is not there, or the token may not read it.
    pub(crate) fn artifacts(&self, run: u64) -> Result<Vec<Artifact>, GithubError> {
        let path = format!("/actions/runs/{run}/artifacts?per_page=100");
        self.pages(Call::get(self.path(&path), READ), Some("artifacts"))
    }

    /// The logs of an attempt of a run: a zip archive, in a file that nobody else sees.
    ///
    /// # Errors
    /// They are not there (yet, or any more), or larger than `limit` bytes.
    pub(crate) fn logs(&self, run: u64, attempt: u64, limit: u64) -> Result<File, GithubError> {
        let path = format!("/actions/runs/{run}/attempts/{attempt}/logs");
        self.download(&Call::get(self.path(&path), READ), limit)
    }

    /// The archive of an artifact, as [`Client::logs`].
    ///
    /// # Errors
    /// As [`Client::logs`].
    pub(crate) fn artifact(&self, id: u64, limit: u64) -> Result<File, GithubError> {
        let path = format!("/actions/artifacts/{id}/zip");
        self.download(&Call::get(self.path(&path), READ), limit)
    }

    /// Follows a call to where its content lies. The token stays here: where it leads to, the
    /// address is what grants access, and the store refuses a second one.
    fn download(&self, call: &Call, limit: u64) -> Result<File, GithubError> {
        let mut answer = self.answer(call)?;
        for _ in 0..HOPS {
            let Some(to) = header(&answer.headers, "location") else {
                return save(call, answer.body, limit);
            };
            let to = self.target(call, to)?;
            answer = self.patiently(call, || self.elsewhere(&to))?;
        }
        Err(lost(call, "the content leads in circles"))
    }

    /// Where a redirect leads.
    fn target(&self, call: &Call, to: &str) -> Result<Uri, GithubError> {
        let to: Uri = to
            .parse()
            .map_err(|_| lost(call, "the content is at no address"))?;
        let encrypted = to.scheme_str() == Some("https");
        let here =
            to.scheme_str() == Some("http") && is_loopback(&to) && self.access().server.is_here();
        if !(encrypted || here) {
            return Err(lost(
                call,
                "the content is at an address without encryption",
            ));
        }
        Ok(to)
    }
}

fn lost(call: &Call, what: &str) -> GithubError {
    GithubError::new(Trouble::Unavailable, format!("GET {}: {what}", call.path))
}

/// Writes a body into a file without a name.
fn save(call: &Call, body: Body, limit: u64) -> Result<File, GithubError> {
    let local = |error: io::Error| {
        let message = format!(
            "GET {}: a temporary file cannot be written: {error}",
            call.path
        );
        GithubError::new(Trouble::Local, message).with_hint("TMPDIR names a folder with more room")
    };
    let mut file = tempfile::tempfile().map_err(local)?;
    let mut body = body.into_with_config().limit(u64::MAX).reader();
    let mut buffer = vec![0; 64 << 10];
    let mut written = 0_u64;
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(lost(call, &format!("the content broke off: {error}"))),
        };
        written = written.saturating_add(read as u64);
        if written > limit {
            let message = format!(
                "GET {}: the content is larger than {} MiB",
                call.path,
                limit >> 20
            );
            return Err(GithubError::new(Trouble::TooLarge, message));
        }
        file.write_all(buffer.get(..read).unwrap_or_default())
            .map_err(local)?;
    }
    io::Seek::rewind(&mut file).map_err(local)?;
    Ok(file)
}
