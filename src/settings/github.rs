//! Which GitHub is meant, which of its repositories, and with which token.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::environment::Environment;
use super::error::ValueError;
use crate::github::{Access, Repository, Server, Token};
use crate::record::Cause;
use crate::workflow::parse_yaml;

/// Tokens for github.com and `NAME.ghe.com`, as `gh` looks for them (gh manual, "environment").
const PUBLIC: [&str; 2] = ["GH_TOKEN", "GITHUB_TOKEN"];
/// Tokens for other servers.
const ENTERPRISE: [&str; 2] = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
/// Longest output of `gh auth token` that is read, in bytes.
const LONGEST: usize = 4096;

/// A repository as something other than the environment names it: an address on the command
/// line, or the remote of a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedRepository {
    /// The host, such as `github.com`.
    pub(crate) host: String,
    /// `owner/name`.
    pub(crate) repository: String,
}

/// What it takes to call GitHub. `asked` is what the command line names, `origin` the remote of
/// the checkout.
///
/// The token goes to no host but the one it is for: that of the environment, of the command
/// line, or of a remote that is at github.com or that `gh` is logged in to.
///
/// # Errors
/// The server or the repository is not known, or there is no token.
pub(crate) fn github(
    environment: &Environment,
    asked: Option<&NamedRepository>,
    origin: Option<&NamedRepository>,
) -> Result<Access, ValueError> {
    let named = named_by_gh(environment);
    let by_environment = server_of_environment(environment)?;
    let server = match (&by_environment, asked.or(named.as_ref()).or(origin)) {
        (Some(server), Some(other)) if asked.is_some() && other.host != server.host => {
            return Err(ValueError::new(
                Cause::Usage,
                format!(
                    "the address is at {}, and the environment names {}",
                    other.host, server.host
                ),
            )
            .with_hint(format!(
                "set GH_HOST={} and take GITHUB_API_URL away",
                other.host
            )));
        }
        (Some(server), _) => server.clone(),
        (None, Some(other)) => server_of(environment, &other.host)?,
        (None, None) => server_of(environment, "github.com")?,
    };
    let repository = repository(environment, asked, named.as_ref(), origin)?;
    let (token, found) = token(environment, &server, by_environment.is_some())?;
    Ok(Access {
        server,
        repository,
        token,
        found,
    })
}

/// The pull request of the event that a step in GitHub Actions belongs to. Outside of GitHub
/// Actions there is none, whatever event a run is made for.
pub(crate) fn pull_request(environment: &Environment) -> Option<u64> {
    if !environment.github_actions() {
        return None;
    }
    let payload = environment.path("GITHUB_EVENT_PATH").and_then(|path| {
        let text = std::fs::read_to_string(path).ok()?;
        serde_json::from_str::<serde_json::Value>(&text).ok()
    });
    let told = payload.and_then(|payload| payload.pointer("/pull_request/number")?.as_u64());
    told.or_else(|| {
        let reference = environment.secret("GITHUB_REF")?;
        let rest = reference.strip_prefix("refs/pull/")?;
        rest.split('/').next()?.parse().ok()
    })
}

fn invalid(name: &str, message: &str) -> ValueError {
    ValueError::new(Cause::ConfigInvalid, format!("{name}: {message}"))
}

/// The server that variables name: those of a workflow's step, or `GH_HOST`.
fn server_of_environment(environment: &Environment) -> Result<Option<Server>, ValueError> {
    let web = environment.secret("GITHUB_SERVER_URL");
    let host = web.as_deref().and_then(|url| {
        let rest = url.split_once("://")?.1;
        rest.split('/').next().map(ToOwned::to_owned)
    });
    if let Some(api) = environment.secret("GITHUB_API_URL") {
        return Server::at(&api, host.as_deref())
            .map(Some)
            .map_err(|message| invalid("GITHUB_API_URL", &message));
    }
    if let Some(host) = environment.secret("GH_HOST") {
        return Server::of_host(&host)
            .map(Some)
            .map_err(|message| invalid("GH_HOST", &message));
    }
    host.map(|host| Server::of_host(&host))
        .transpose()
        .map_err(|message| invalid("GITHUB_SERVER_URL", &message))
}

/// The server of a host that something else names.
fn server_of(environment: &Environment, host: &str) -> Result<Server, ValueError> {
    // What GitHub offers where only port 443 is open.
    let host = match host {
        "ssh.github.com" => "github.com",
        other => other,
    };
    let server = Server::of_host(host).map_err(|message| ValueError::new(Cause::Usage, message))?;
    if server.is_public() || token_of_gh(environment, &server.host).is_some() {
        return Ok(server);
    }
    Err(ValueError::new(
        Cause::GithubLogin,
        format!("the repository is at {host}, which may be no GitHub"),
    )
    .with_hint(format!(
        "where it is a GitHub Enterprise Server, `gh auth login --hostname {host}`, or GH_HOST={host} with a token in GH_ENTERPRISE_TOKEN"
    )))
}

/// `GH_REPO`: `[HOST/]OWNER/NAME`.
fn named_by_gh(environment: &Environment) -> Option<NamedRepository> {
    let text = environment.secret("GH_REPO")?;
    let mut parts = text.rsplitn(3, '/');
    let (name, owner) = (parts.next()?, parts.next()?);
    Some(NamedRepository {
        host: parts.next().unwrap_or("github.com").to_owned(),
        repository: format!("{owner}/{name}"),
    })
}

fn repository(
    environment: &Environment,
    asked: Option<&NamedRepository>,
    named: Option<&NamedRepository>,
    origin: Option<&NamedRepository>,
) -> Result<Repository, ValueError> {
    let of_step = environment.secret("GITHUB_REPOSITORY");
    let text = asked
        .or(named)
        .map(|one| one.repository.as_str())
        .or(of_step.as_deref())
        .or_else(|| origin.map(|one| one.repository.as_str()));
    let Some(text) = text else {
        return Err(ValueError::new(
            Cause::Usage,
            "no repository is named: there is no remote `origin`",
        )
        .with_hint("set GITHUB_REPOSITORY=owner/name, or start seatrial in a checkout"));
    };
    Repository::parse(text)
        .ok_or_else(|| ValueError::new(Cause::Usage, format!("`{text}` is no repository")))
}

/// The token for a server and where it was found.
fn token(
    environment: &Environment,
    server: &Server,
    of_step: bool,
) -> Result<(Token, String), ValueError> {
    // A variable that names the server comes with the token for it; else the plain names are
    // for GitHub's own service.
    let names: &[&str] = match (server.is_public(), of_step) {
        (true, _) => &PUBLIC,
        (false, true) => &[ENTERPRISE[0], ENTERPRISE[1], PUBLIC[0], PUBLIC[1]],
        (false, false) => &ENTERPRISE,
    };
    for name in names {
        if let Some(text) = environment.secret(name) {
            let token = Token::new(&text).ok_or_else(|| {
                invalid(
                    name,
                    "this is no token: it holds blanks or control characters",
                )
            })?;
            return Ok((token, (*name).to_owned()));
        }
    }
    if let Some(token) = token_of_gh(environment, &server.host) {
        return Ok((token, "gh's login".to_owned()));
    }
    let host = &server.host;
    Err(ValueError::new(
        Cause::GithubLogin,
        format!("there is no token for {host}"),
    )
    .with_hint(match names.first() {
        Some(first) => format!("set {first}, or log in with `gh auth login --hostname {host}`; in a workflow: `env: {{ GITHUB_TOKEN: ${{{{ github.token }}}} }}`"),
        None => "log in with `gh auth login`".to_owned(),
    }))
}

/// The token that `gh` keeps for a host: it knows its keyring itself, else its file is read.
fn token_of_gh(environment: &Environment, host: &str) -> Option<Token> {
    let told = environment.which("gh").and_then(|program| {
        let output = Command::new(program)
            .args(["auth", "token", "--hostname", host])
            .env("GH_PROMPT_DISABLED", "1")
            // Only what it keeps counts: variables were looked at before.
            .env_remove("GH_TOKEN")
            .env_remove("GITHUB_TOKEN")
            .env_remove("GH_ENTERPRISE_TOKEN")
            .env_remove("GITHUB_ENTERPRISE_TOKEN")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let usable = output.status.success() && output.stdout.len() <= LONGEST;
        usable
            .then(|| String::from_utf8(output.stdout).ok())
            .flatten()
    });
    told.and_then(|text| Token::new(&text))
        .or_else(|| token_of_file(environment, host))
}

/// The token in gh's `hosts.yml`, where it is not in a keyring.
fn token_of_file(environment: &Environment, host: &str) -> Option<Token> {
    let path = |name| environment.path(name);
    let folder: PathBuf = path("GH_CONFIG_DIR")
        .or_else(|| path("XDG_CONFIG_HOME").map(|folder| folder.join("gh")))
        .or_else(|| path("HOME").map(|home| home.join(".config/gh")))?;
    let text = std::fs::read_to_string(folder.join("hosts.yml")).ok()?;
    let root = parse_yaml(&text).ok()?;
    let of_host = root.get(host)?;
    let user = of_host
        .get("user")
        .and_then(crate::workflow::Node::scalar_text);
    let of_user = user
        .as_deref()
        .and_then(|user| of_host.get("users")?.get(user)?.get("oauth_token"));
    let token = of_host.get("oauth_token").or(of_user)?;
    Token::new(&token.scalar_text()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn named(host: &str, repository: &str) -> NamedRepository {
        NamedRepository {
            host: host.to_owned(),
            repository: repository.to_owned(),
        }
    }

    /// An environment without this machine's programs.
    fn of(variables: &[(&str, &str)]) -> Environment {
        let all = [("PATH", "/nowhere")].iter().chain(variables);
        Environment::from_iter(all.copied())
    }

    fn found(variables: &[(&str, &str)], origin: &str) -> Result<(String, String, String), String> {
        let origin = named(origin, "octo/sea");
        github(&of(variables), None, Some(&origin))
            .map(|access| {
                let repository = access.repository.to_string();
                (access.server.api, repository, access.found)
            })
            .map_err(|error| error.message)
    }

    #[test]
    fn servers_tokens_and_repositories() {
        let public = "https://api.github.com".to_owned();
        let own = "https://git.example.org/api/v3".to_owned();
        let sea = "octo/sea".to_owned();
        let is = |api: &String, repository: &str, by: &str| {
            Ok((api.clone(), repository.to_owned(), by.to_owned()))
        };
        for (variables, origin, expected) in [
            (
                &[("GITHUB_TOKEN", "a")][..],
                "github.com",
                is(&public, &sea, "GITHUB_TOKEN"),
            ),
            (
                &[("GITHUB_TOKEN", "a"), ("GH_TOKEN", "b")],
                "ssh.github.com",
                is(&public, &sea, "GH_TOKEN"),
            ),
            (
                &[("GITHUB_TOKEN", "a"), ("GITHUB_REPOSITORY", "octo/other")],
                "github.com",
                is(&public, "octo/other", "GITHUB_TOKEN"),
            ),
            // A step on a server of a company.
            (
                &[
                    ("GITHUB_TOKEN", "a"),
                    ("GITHUB_SERVER_URL", "https://git.example.org"),
                    ("GITHUB_API_URL", "https://git.example.org/api/v3"),
                ],
                "git.example.org",
                is(&own, &sea, "GITHUB_TOKEN"),
            ),
            (
                &[
                    ("GH_ENTERPRISE_TOKEN", "a"),
                    ("GH_HOST", "git.example.org"),
                    ("GH_REPO", "x/y"),
                ],
                "github.com",
                is(&own, "x/y", "GH_ENTERPRISE_TOKEN"),
            ),
        ] {
            assert_eq!(found(variables, origin), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_token_goes_to_no_other_host() {
        // Somebody else's remote must not get the token of github.com.
        let error = found(&[("GITHUB_TOKEN", "a")], "git.example.org").unwrap_err();
        assert!(error.contains("may be no GitHub"), "{error}");
        let error = found(
            &[
                ("GITHUB_TOKEN", "a"),
                ("GITHUB_API_URL", "http://git.example.org"),
            ],
            "x",
        );
        assert!(error.unwrap_err().contains("does not begin with https"));
        let error = found(&[], "github.com").unwrap_err();
        assert_eq!(error, "there is no token for github.com");
        let error = found(&[("GH_TOKEN", "two words")], "github.com").unwrap_err();
        assert!(
            error.contains("no token") && !error.contains("two words"),
            "{error}"
        );
        let asked = named("github.com", "a/b");
        let environment = of(&[("GH_HOST", "git.example.org"), ("GH_ENTERPRISE_TOKEN", "a")]);
        let error = github(&environment, Some(&asked), None).unwrap_err();
        assert!(
            error
                .message
                .contains("the environment names git.example.org")
        );
        let error = github(&of(&[("GITHUB_TOKEN", "a")]), None, None).unwrap_err();
        assert!(error.message.contains("no repository is named"));
    }

    #[test]
    fn only_a_real_event_has_a_pull_request() {
        let folder = tempfile::tempdir().unwrap();
        let event = folder.path().join("event.json");
        std::fs::write(&event, r#"{"pull_request": {"number": 12}}"#).unwrap();
        let path = event.to_str().unwrap();
        let of_step = ("GITHUB_ACTIONS", "true");
        let number = |variables: &[(&str, &str)]| pull_request(&of(variables));
        assert_eq!(number(&[of_step, ("GITHUB_EVENT_PATH", path)]), Some(12));
        assert_eq!(number(&[("GITHUB_EVENT_PATH", path)]), None);
        let nowhere = ("GITHUB_EVENT_PATH", "/nowhere");
        assert_eq!(
            number(&[of_step, nowhere, ("GITHUB_REF", "refs/pull/7/merge")]),
            Some(7)
        );
        assert_eq!(number(&[of_step, ("GITHUB_REF", "refs/heads/main")]), None);
    }

    #[test]
    fn the_login_of_gh_is_found_in_its_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("hosts.yml"),
            "github.com:\n    users:\n        ann:\n            oauth_token: gho_one\n    user: ann\n\
             git.example.org:\n    oauth_token: gho_two\n    user: ann\n",
        )
        .unwrap();
        let config = folder.path().to_str().unwrap();
        let environment = of(&[("GH_CONFIG_DIR", config)]);
        for (host, token) in [("github.com", "gho_one"), ("git.example.org", "gho_two")] {
            let access = github(&environment, None, Some(&named(host, "octo/sea"))).unwrap();
            assert_eq!(access.token, Token::new(token).unwrap(), "{host}");
            assert_eq!(access.found, "gh's login");
        }
        let error = github(
            &environment,
            None,
            Some(&named("other.example.org", "octo/sea")),
        );
        assert!(error.is_err());
    }

    #[cfg(unix)]
    #[test]
    fn gh_itself_is_asked_first() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let gh = folder.path().join("gh");
        std::fs::write(
            &gh,
            "#!/bin/sh\n[ \"$*\" = 'auth token --hostname github.com' ] && echo gho_three\n",
        )
        .unwrap();
        std::fs::set_permissions(&gh, std::fs::Permissions::from_mode(0o755)).unwrap();
        let environment = Environment::from_iter([("PATH", folder.path().to_str().unwrap())]);
        let access = github(&environment, None, Some(&named("github.com", "octo/sea"))).unwrap();
        assert_eq!(access.token, Token::new("gho_three").unwrap());
    }
}
