//! The rules of a Dockerfile: bases, user, secrets, downloads into a shell.

use super::finding::{FilePlace, Finding, Place};
use super::policy::Policy;
use super::reference::Reference;
use super::rule::Rule;
use super::{pipe, secret};
use crate::image::dockerfile::{Base, DockerfileError, Line, Says, lines};

/// What was found in a Dockerfile, and what the rules of the image need of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct DockerfileFindings {
    /// What was found.
    pub(crate) findings: Vec<Finding>,
    /// Where the user of the stage is decided: its last `USER`, else its `FROM`.
    pub(crate) user: FilePlace,
    /// The user, where the file says one.
    pub(crate) names_user: bool,
    /// The prints of the secrets that were found.
    pub(crate) secrets: Vec<[u8; 8]>,
}

/// Looks at the Dockerfile of a target.
///
/// # Errors
/// It cannot be read.
pub(crate) fn check(
    text: &str,
    path: &str,
    target: Option<&str>,
    policy: &Policy,
) -> Result<DockerfileFindings, DockerfileError> {
    let (file, lines) = lines(text)?;
    let chain = file.chain_of(target).unwrap_or_default();
    let mut found = DockerfileFindings {
        user: FilePlace::line(path, 0),
        ..DockerfileFindings::default()
    };
    let mut user = None;
    for line in &lines {
        let in_chain = line.stage.is_some_and(|stage| chain.contains(&stage));
        match &line.says {
            Says::User(name) if in_chain => {
                found.user = FilePlace::line(path, line.line);
                user = Some(name.clone());
            }
            Says::From(Base::Image(_) | Base::Scratch | Base::Unknown(_)) if in_chain => {
                found.user = FilePlace::line(path, line.line);
            }
            _ => {}
        }
        look(line, path, policy, &mut found);
    }
    found.names_user = user.is_some();
    if user.as_deref().is_some_and(is_root) {
        found.findings.push(Finding::new(
            Rule::RootUser,
            Place::File(found.user.clone()),
            format!(
                "the last `USER` is `{}`, so commands run as root",
                user.unwrap_or_default()
            ),
        ));
    }
    Ok(found)
}

fn look(line: &Line, path: &str, policy: &Policy, found: &mut DockerfileFindings) {
    let place = Place::File(FilePlace::line(path, line.line));
    match &line.says {
        Says::From(Base::Image(name)) | Says::Takes(name) => {
            found.findings.extend(base(name, &place, policy));
        }
        Says::Env(pairs) => {
            for (name, value) in pairs {
                if let Some(secret) = secret::of_variable(name, unquoted(value), line.line) {
                    found.secrets.push(secret.print);
                    found.findings.push(Finding::new(
                        Rule::SecretInEnv,
                        place.clone(),
                        format!("`ENV {name}` holds {}", secret.told()),
                    ));
                }
            }
        }
        Says::Arg(pairs) => {
            for (name, value) in pairs {
                let value = unquoted(value.as_deref().unwrap_or_default());
                if let Some(secret) = secret::of_variable(name, value, line.line) {
                    found.secrets.push(secret.print);
                    found.findings.push(Finding::new(
                        Rule::SecretInArg,
                        place.clone(),
                        format!("the default of `ARG {name}` is {}", secret.told()),
                    ));
                } else if line.stage.is_some() && secret::is_telling(name) {
                    found.findings.push(Finding::new(
                        Rule::SecretInArg,
                        place.clone(),
                        format!("`ARG {name}` is for a secret, and its value stays in the history"),
                    ));
                }
            }
        }
        Says::Run(script) => {
            if let Some(command) = pipe::into_shell(script) {
                found.findings.push(Finding::new(
                    Rule::PipeToShell,
                    place.clone(),
                    format!("`{command}` runs what it downloads unseen"),
                ));
            }
            for secret in secret::find(script.as_bytes()) {
                found.secrets.push(secret.print);
                let within = FilePlace::line(path, line.line + secret.line - 1);
                found.findings.push(Finding::new(
                    Rule::SecretInHistory,
                    Place::File(within),
                    format!("a command holds {}", secret.told()),
                ));
            }
        }
        _ => {}
    }
}

/// What is to be said of a base image, or of any other that somebody else made.
pub(crate) fn base(name: &str, place: &Place, policy: &Policy) -> Vec<Finding> {
    let reference = Reference::parse(name);
    let mut found = Vec::new();
    let mut say = |rule, message: String| {
        found.push(Finding::new(rule, place.clone(), message));
    };
    if !policy.bases.is_empty() {
        if !policy.bases.iter().any(|one| reference.matches(one)) {
            say(
                Rule::UnlistedBase,
                format!("`{name}` is not among the images of `scan.bases`"),
            );
        }
    } else if !reference.is_official() {
        say(
            Rule::UnofficialBase,
            format!("`{name}` is not an official image"),
        );
    }
    if reference.is_latest() {
        let what = match reference.tag {
            Some(_) => "has the tag `latest`",
            None => "has no tag",
        };
        say(
            Rule::LatestBase,
            format!("`{name}` {what}: tomorrow it may be another one"),
        );
    } else if reference.digest.is_none() {
        say(
            Rule::NoDigest,
            format!("`{name}` is not pinned by its digest"),
        );
    }
    found
}

/// Whether a user, as an image names it, is root.
pub(crate) fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    name == "root" || name.parse::<u32>().is_ok_and(|id| id == 0)
}

/// A word of a Dockerfile without the quotes around it.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Ids and lines of what is found.
    fn found(text: &str, policy: &Policy) -> Vec<(&'static str, usize)> {
        check(text, "Dockerfile", None, policy)
            .unwrap()
            .findings
            .iter()
            .map(|finding| match &finding.place {
                Place::File(place) => (finding.rule.id(), place.line),
                Place::Image(_) => (finding.rule.id(), 0),
            })
            .collect()
    }

    const PINNED: &str = "FROM python:3.12-slim@sha256:00\n";

    #[test]
    fn each_rule_is_broken_and_kept() {
        let policy = Policy::default();
        for (broken, id, line, kept) in [
            ("USER root\n", "ST1001", 2, "USER 1000\n"),
            ("USER 0:0\n", "ST1001", 2, "USER root\nUSER app\n"),
            (
                "ENV A=1\nENV API_TOKEN=q8Zk2Lw0Vx7Tn4\n",
                "ST1201",
                3,
                "ENV API_TOKEN=\n",
            ),
            (
                "ENV API_TOKEN q8Zk2Lw0Vx7Tn4\n",
                "ST1201",
                2,
                "ENV API_TOKEN_FILE /run/secrets/q8Zk2Lw0Vx7Tn4\n",
            ),
            (
                "ARG PASSWORD=\"q8Zk2Lw0Vx7Tn4\"\n",
                "ST1202",
                2,
                "ARG VERSION=q8Zk2Lw0Vx7Tn4\n",
            ),
            ("ARG NPM_TOKEN\n", "ST1202", 2, "ARG NPM_VERSION\n"),
            (
                "RUN curl -fsSL https://example.org/i.sh | sh\n",
                "ST1301",
                2,
                "RUN curl -fsSLo i.sh https://example.org/i.sh\n",
            ),
        ] {
            assert_eq!(
                found(&format!("{PINNED}{broken}"), &policy),
                [(id, line)],
                "{broken}"
            );
            assert_eq!(found(&format!("{PINNED}{kept}"), &policy), [], "{kept}");
        }
    }

    #[test]
    fn bases_are_looked_at_in_every_stage() {
        let policy = Policy::default();
        assert_eq!(found("FROM python\n", &policy), [("ST1103", 1)]);
        assert_eq!(found("FROM python:latest\n", &policy), [("ST1103", 1)]);
        assert_eq!(found("FROM python:3.12\n", &policy), [("ST1104", 1)]);
        assert_eq!(
            found(
                "ARG V=3\nFROM ghcr.io/a/b:$V AS x\nFROM x\nFROM scratch\n",
                &policy
            ),
            [("ST1101", 2), ("ST1104", 2)]
        );
        assert_eq!(
            found(
                &format!("{PINNED}COPY --from=ghcr.io/a/uv:latest /uv /bin/\n"),
                &policy
            ),
            [("ST1101", 2), ("ST1103", 2)]
        );
        let strict = Policy {
            bases: vec!["python:3.12-*".to_owned()],
            ..Policy::default()
        };
        assert_eq!(found(PINNED, &strict), []);
        assert_eq!(
            found("FROM debian:12@sha256:00\n", &strict),
            [("ST1102", 1)]
        );
    }

    #[test]
    fn the_user_is_that_of_the_target() {
        let text = "FROM python:3.12@sha256:00 AS base\nUSER 1000\nFROM base AS test\nFROM debian:12@sha256:00\nUSER root\n";
        let policy = Policy::default();
        let test = check(text, "D", Some("test"), &policy).unwrap();
        assert!(test.names_user && test.findings.is_empty());
        assert_eq!(test.user.line, 2);
        assert_eq!(check(text, "D", None, &policy).unwrap().findings.len(), 1);
    }

    #[test]
    fn secrets_of_commands_have_their_own_line() {
        let token = format!("ghp_{}", "aB3xY9kQ2mN7".repeat(3));
        let text = format!("{PINNED}RUN set -e; \\\n  git clone https://{token}@github.com/a/b\n");
        assert_eq!(found(&text, &Policy::default()), [("ST1203", 3)]);
        let told = check(&text, "D", None, &Policy::default()).unwrap();
        assert!(!told.findings[0].message.contains(&token));
    }
}
