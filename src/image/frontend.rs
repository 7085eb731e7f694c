//! Build frontends (`# syntax=`): images that run in the build and decide what a Dockerfile
//! means. One of others may do anything there, so it has to be granted.

use super::failed;
use crate::record::{Cause, Failure};

/// The build argument that goes before `# syntax=` (BuildKit, "Custom Dockerfile syntax").
const ARGUMENT: &str = "BUILDKIT_SYNTAX";

/// Refuses a frontend that is neither Docker's own nor granted.
///
/// # Errors
/// The failure to be recorded.
pub(crate) fn check(
    name: &str,
    text: &str,
    args: &[(String, String)],
    granted: &[String],
) -> Result<(), Failure> {
    let argument = args.iter().find(|(name, _)| name == ARGUMENT);
    let (place, frontend) = match (argument, syntax(text)) {
        (Some((_, frontend)), _) => (format!("the build argument {ARGUMENT}"), frontend.clone()),
        (None, Some(frontend)) => (name.to_owned(), frontend),
        (None, None) => return Ok(()),
    };
    // What follows the image's name are settings of the frontend.
    let image = frontend.split_whitespace().next().unwrap_or_default();
    if is_dockers(image) || granted.iter().any(|one| bare(one) == bare(image)) {
        return Ok(());
    }
    let message =
        format!("{place} asks for the build frontend `{image}`, which is not Docker's own");
    Err(
        failed(Cause::ForeignFrontend, message).with_evidence(format!(
            "where you trust it, grant it in seatrial.toml: [image] frontends = [\"{image}\"]"
        )),
    )
}

/// The frontend that a file asks for, in all ways that BuildKit understands
/// (`frontend/dockerfile/parser/directives.go`, `DetectSyntax`): the first lines as comments
/// with `#` or `//`, behind a line `#!`, or the file as JSON.
fn syntax(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}');
    let text = match text.strip_prefix("#!") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, rest)| rest),
        None => text,
    };
    if text.trim_start().starts_with('{') {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
        let first = values.next()?.ok()?;
        return first.get("syntax")?.as_str().map(ToOwned::to_owned);
    }
    let of = |sign: &str| {
        text.lines()
            .map_while(|line| line.trim().strip_prefix(sign))
            .map_while(|comment| comment.split_once('='))
            .find(|(key, _)| key.trim().eq_ignore_ascii_case("syntax"))
            .map(|(_, value)| value.trim().to_owned())
    };
    of("#").or_else(|| of("//"))
}

/// Whether a build frontend is one of Docker's own.
pub(super) fn is_dockers(image: &str) -> bool {
    bare(image)
        .strip_prefix("docker/dockerfile")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@', '-']))
}

fn bare(image: &str) -> &str {
    let image = image.split_whitespace().next().unwrap_or_default();
    image.strip_prefix("docker.io/").unwrap_or(image)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::check;

    #[test]
    fn only_dockers_own_frontends_need_no_grant() {
        let refused = |text: &str, granted: &[&str]| {
            let granted: Vec<String> = granted.iter().map(|one| (*one).to_owned()).collect();
            check("Dockerfile", text, &[], &granted).is_err()
        };
        for text in [
            "FROM a\n",
            "# syntax=docker/dockerfile:1\nFROM a\n",
            "#syntax = docker.io/docker/dockerfile:1.7@sha256:00\nFROM a\n",
            "# syntax=docker/dockerfile-upstream:master\nFROM a\n",
            "# just a comment\n# syntax=evil/frontend\nFROM a\n",
        ] {
            assert!(!refused(text, &[]), "{text}");
        }
        for text in [
            "# syntax=evil/frontend\nFROM a\n",
            "# syntax=docker/dockerfiles:1\nFROM a\n",
            "# syntax=registry.example.org/docker/dockerfile:1\nFROM a\n",
            "# syntax=docker.io/dockerfile:1\nFROM a\n",
            "#!/usr/bin/env x\n# escape=`\n# Syntax = evil/frontend\nFROM a\n",
            "// syntax=evil/frontend\nanything\n",
            "{\"syntax\": \"evil/frontend\"}",
        ] {
            assert!(refused(text, &[]), "{text}");
        }
        let text = "# syntax=team/own@sha256:12\nFROM a\n";
        assert!(
            refused(text, &["team/own"]),
            "a grant is for exactly one image"
        );
        assert!(!refused(text, &["docker.io/team/own@sha256:12"]));
        let argument = [("BUILDKIT_SYNTAX".to_owned(), "evil/x".to_owned())];
        assert!(
            check(
                "Dockerfile",
                "# syntax=docker/dockerfile:1\nFROM a\n",
                &argument,
                &[]
            )
            .is_err()
        );
    }
}
