//! Why a build failed, in the words of a person who wants to mend it.

use super::build::Request;
use super::dockerfile::{TextLine, squeezed, text_lines};
use super::failed;
use super::made::file_name;
use super::progress::BuildProgress;
use crate::record::{Cause, Failure};

/// Lines of an instruction's own output that are told of its failure, the last ones.
const SHOWN: usize = 10;

/// The failure of a build: the failing instruction, its place, and the end of
/// its own output; nothing else first.
pub(super) fn explain(seen: &BuildProgress, request: &Request<'_>) -> Failure {
    let name = file_name(request.file);
    if let Some(vertex) = seen.failed() {
        let cause = cause_of(&vertex.error).unwrap_or(Cause::BuildStepFailed);
        let place = place(request.text, &vertex.name)
            .map_or_else(|| name.clone(), |line| format!("{name}:{line}"));
        let mut failure = failed(
            cause,
            format!(
                "{place}: {} failed: {}",
                instruction(&vertex.name),
                short(&vertex.error)
            ),
        );
        if let Some(path) = missing_path(&vertex.error) {
            failure = failure.with_evidence(why_missing(path, request));
        }
        let said = vertex.log.iter().filter(|line| !line.trim().is_empty());
        let said: Vec<&String> = said.collect();
        // Who shows a failure shows its first facts, and the last lines tell most.
        for line in said.iter().skip(said.len().saturating_sub(SHOWN)) {
            failure = failure.with_evidence((*line).clone());
        }
        return failure;
    }
    let error = seen
        .plain()
        .iter()
        .rev()
        .find(|line| line.starts_with("ERROR:"))
        .or_else(|| seen.plain().last())
        .cloned()
        .unwrap_or_else(|| "the build failed without saying why".to_owned());
    let cause = cause_of(&error).unwrap_or(Cause::DockerfileError);
    let place = match line_in(&error) {
        Some(line) => format!("{name}:{line}"),
        None => name,
    };
    failed(cause, format!("{place}: {}", short(&error)))
}

/// The line that an error of the frontend names: `dockerfile parse error on line 3: …`.
fn line_in(error: &str) -> Option<u32> {
    let (_, rest) = error.split_once(" line ")?;
    let digits = rest.split(|one: char| !one.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The path that a `COPY` did not find, as BuildKit writes it: `"/requirements.txt" not found`.
fn missing_path(error: &str) -> Option<&str> {
    let (before, _) = error
        .split_once("\" not found")
        .or_else(|| error.split_once("\": not found"))?;
    let (_, path) = before.rsplit_once('"')?;
    Some(path.trim_start_matches('/')).filter(|path| !path.is_empty())
}

/// Why the builder does not see a path.
fn why_missing(path: &str, request: &Request<'_>) -> String {
    match request.rules.ignore.left_out_by(path) {
        Some(line) => format!(
            "{}:{line} leaves `{path}` out of the build context",
            request.rules.name
        ),
        None => format!("there is no `{path}` in the build context"),
    }
}

/// The line of the Dockerfile on which an instruction begins, by the name that BuildKit
/// gives it: `[stage 2/3] RUN pip install …`. Continued lines are joined there, and the
/// variables of all but `RUN` have their values; so it is the one that is most like it.
fn place(dockerfile: &str, vertex: &str) -> Option<usize> {
    let (stage, wanted) = vertex.strip_prefix('[')?.split_once("] ")?;
    let stage = stage.rsplit_once(' ').map(|(stage, _)| stage);
    let wanted = squeezed(wanted);
    let keyword = wanted.split(' ').next()?;
    let like = |one: &TextLine| {
        let same = one.text.chars().zip(wanted.chars());
        same.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
    };
    text_lines(dockerfile)
        .into_iter()
        .filter(|one| stage.is_none_or(|stage| one.is_in(stage)))
        .filter(|one| {
            one.text
                .split(' ')
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
        })
        // Of equals the first.
        .rev()
        .max_by_key(like)
        .map(|one| one.line)
}

/// The cause that a message of BuildKit tells, where it is not the Dockerfile's
/// own instruction that failed.
fn cause_of(message: &str) -> Option<Cause> {
    let has = |part: &str| message.contains(part);
    if has("no space left on device") {
        Some(Cause::HostDiskFull)
    } else if has("not found: manifest unknown") || has("repository does not exist") {
        Some(Cause::ImageNotFound)
    } else if has("unauthorized") || has("authorization failed") || has("access denied") {
        Some(Cause::ImageAuth)
    } else if has("no such host")
        || has("failed to resolve source metadata")
        || has("TLS handshake timeout")
        || has("failed to do request")
    {
        Some(Cause::ImagePullNetwork)
    } else if has("parse error") || has("target stage") || has("unknown instruction") {
        Some(Cause::DockerfileError)
    } else {
        None
    }
}

/// BuildKit's message without its nesting prefixes, and without the command, which
/// stands before it: `executor failed running […]: exit code: 1`, in newer versions
/// `process "…" did not complete successfully: exit code: 1`.
pub(super) fn short(message: &str) -> &str {
    let message = message.trim().trim_start_matches("ERROR: ");
    let message = message.strip_prefix("failed to solve: ").unwrap_or(message);
    // The command stands before it already, in the name of the instruction.
    let repeats = ["executor failed running [", "process \""];
    match message.rfind("exit code: ") {
        Some(at) if repeats.iter().any(|part| message.contains(part)) => {
            message.get(at..).unwrap_or(message)
        }
        _ => message,
    }
}

/// The instruction as it is written: without BuildKit's count of steps, without the
/// mounts, on one line.
fn instruction(vertex: &str) -> String {
    let text = match vertex.split_once("] ") {
        Some((stage, text)) if stage.starts_with('[') => text,
        _ => vertex,
    };
    text.split_whitespace()
        .filter(|word| !word.starts_with("--mount="))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::{instruction, line_in, missing_path, place, short};

    const TWO: &str = "# syntax=docker/dockerfile:1
FROM python:3.12 AS deps
RUN pip install -r requirements.txt
FROM python:3.12
ARG SOURCE=src
RUN set -ex; \\
    # in between
    apt-get update
RUN set -ex; \\
    false
COPY $SOURCE /app
FROM deps AS test
RUN pip install -r requirements.txt
";

    #[test]
    fn the_line_of_an_instruction_is_found() {
        for (vertex, line) in [
            ("[deps 2/2] RUN pip install -r requirements.txt", Some(3)),
            ("[test 1/1] RUN pip install -r requirements.txt", Some(13)),
            ("[stage-1 2/4] RUN set -ex;     apt-get update", Some(6)),
            ("[stage-1 3/4] RUN set -ex;     false", Some(9)),
            ("[stage-1 4/4] COPY src /app", Some(11)),
            ("[deps 1/2] FROM docker.io/library/python:3.12", Some(2)),
            ("[internal] load build context", None),
            ("exporting", None),
        ] {
            assert_eq!(place(TWO, vertex), line, "{vertex}");
        }
        let one = "FROM a\nWORKDIR /app\nRUN echo one\nRUN echo two\n";
        assert_eq!(place(one, "[4/4] RUN echo two"), Some(4));
    }

    #[test]
    fn an_instruction_is_told_without_what_nobody_wrote() {
        assert_eq!(
            instruction("[deps 7/7] RUN --mount=type=cache,target=/x     pip install a     && b"),
            "RUN pip install a && b"
        );
    }

    #[test]
    fn what_buildkit_says_is_read() {
        for error in [
            "\"/nope.txt\" not found: not found",
            "failed to compute cache key: \"/nope.txt\" not found: not found",
            "failed to calculate checksum of ref abc::def: \"/nope.txt\": not found",
        ] {
            assert_eq!(missing_path(error), Some("nope.txt"), "{error}");
        }
        for error in [
            "executor failed running [/bin/sh -c exit 3]: exit code: 3",
            "process \"/bin/sh -c exit 3\" did not complete successfully: exit code: 3",
        ] {
            assert_eq!(short(error), "exit code: 3");
        }
        assert_eq!(missing_path("exit code: 1"), None);
        assert_eq!(
            line_in("dockerfile parse error on line 12: unknown"),
            Some(12)
        );
        assert_eq!(line_in("dockerfile parse error line 3: unknown"), Some(3));
        assert_eq!(line_in("failed"), None);
    }
}
