//! What the machine gives to the build of a derived image, for single commands only.

use super::render::OWN_PYTHON;

/// The name of the machine's certificates among the secrets of a build.
pub(crate) const CA_SECRET: &str = "seatrial-ca";
/// Where secrets are while a command runs. A folder in memory that every build container
/// has: a mount elsewhere leaves an empty folder in the image with some engines.
const FOLDER: &str = "/dev/shm";
/// The variables by which tools find certificates: OpenSSL and uv, pip, Requests (poetry,
/// pdm, pipenv), curl, git, Node.
const CA_VARIABLES: [&str; 6] = [
    "SSL_CERT_FILE",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
];

/// A derived Dockerfile as a run builds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WithSecrets {
    /// The Dockerfile, with as many lines as before.
    pub(crate) text: String,
    /// What was put in, to be left out again of what people see.
    pub(crate) added: Vec<String>,
}

/// A derived Dockerfile with these secrets for each command that installs: the
/// certificates as a file ([`CA_SECRET`]), others as the variable of their name. The
/// workflow's own variables stand after them and win. What the user keeps as a file has none
/// of it, and no line moves.
pub(crate) fn with_secrets(dockerfile: &str, secrets: &[&str]) -> WithSecrets {
    if secrets.is_empty() {
        return WithSecrets {
            text: dockerfile.to_owned(),
            added: Vec::new(),
        };
    }
    let mut mounts = String::new();
    let mut exports = "export".to_owned();
    for secret in secrets {
        let place = format!("{FOLDER}/{secret}");
        mounts.push_str(&format!(
            "--mount=type=secret,id={secret},target={place},uid=1001 "
        ));
        if *secret == CA_SECRET {
            for variable in CA_VARIABLES {
                exports.push_str(&format!(" {variable}={place}"));
            }
        } else {
            exports.push_str(&format!(" {secret}=\"$(cat {place})\""));
        }
    }
    exports.push_str(" && ");
    let mut text = String::with_capacity(dockerfile.len());
    let mut as_user = false;
    let mut open = false;
    for line in dockerfile.split_inclusive('\n') {
        as_user |= line.starts_with("USER ");
        let mut row = line;
        if as_user
            && line.trim_end() != OWN_PYTHON
            && let Some(rest) = line.strip_prefix("RUN ")
        {
            text.push_str("RUN ");
            text.push_str(&mounts);
            open = true;
            row = rest;
        }
        // The first row that is no mount begins the command.
        let command = row.trim_start();
        if open && !command.starts_with("--mount=") {
            text.push_str(row.get(..row.len() - command.len()).unwrap_or_default());
            text.push_str(&exports);
            row = command;
            open = false;
        }
        text.push_str(row);
    }
    WithSecrets {
        text,
        added: vec![mounts, exports],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DERIVED: &str = "\
FROM python:3.12-slim AS dependencies
RUN apt-get update \\
    && apt-get install -y --no-install-recommends git
USER 1001:1001
RUN python -m venv /opt/venv

# Install
RUN --mount=type=cache,target=/home/runner/.cache/pip,uid=1001,gid=1001 \\
    export PIP_INDEX_URL='https://one.example/simple' \\
    && pip install -r requirements.txt
RUN hatch env create
";

    #[test]
    fn each_command_that_installs_gets_the_secrets_and_no_line_moves() {
        let built = with_secrets(DERIVED, &[CA_SECRET, "PIP_INDEX_URL"]);
        insta::assert_snapshot!(built.text);
        assert_eq!(built.text.lines().count(), DERIVED.lines().count());
        let mut back = built.text;
        for added in &built.added {
            back = back.replace(added.as_str(), "");
        }
        assert_eq!(back, DERIVED);
    }

    #[test]
    fn without_secrets_nothing_changes() {
        assert_eq!(with_secrets(DERIVED, &[]).text, DERIVED);
    }
}
