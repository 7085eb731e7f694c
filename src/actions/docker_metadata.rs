//! `docker/metadata-action`: tags and labels of an image, from the event.

use std::collections::BTreeMap;

use super::{Call, Done};
use crate::plan::{GithubFacts, Version};

/// One tag before the images' names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tag {
    name: String,
    priority: u32,
    /// Whether it makes `latest` with `flavor: latest=auto`.
    latest: bool,
}

/// One line of `tags`: its type and attributes.
struct Line<'a> {
    kind: &'a str,
    attributes: BTreeMap<&'a str, &'a str>,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Self {
        let mut kind = "";
        let mut attributes = BTreeMap::new();
        for (at, part) in line.split(',').map(str::trim).enumerate() {
            match part.split_once('=') {
                Some(("type", value)) => kind = value,
                Some((name, value)) => {
                    attributes.insert(name, value);
                }
                // A bare word is a type, or the value of a raw tag.
                None if at == 0 => {
                    kind = "raw";
                    attributes.insert("value", part);
                }
                None => {}
            }
        }
        Self { kind, attributes }
    }

    fn get(&self, name: &str) -> &'a str {
        self.attributes.get(name).copied().unwrap_or_default()
    }
}

pub(super) fn run(call: &Call<'_>) -> Done {
    let mut lines = call.lines("tags");
    if lines.is_empty() {
        lines = vec![
            "type=schedule",
            "type=ref,event=branch",
            "type=ref,event=tag",
            "type=ref,event=pr",
        ];
    }
    let mut tags = Vec::new();
    for line in lines {
        match tag(&Line::parse(line), call.github) {
            Ok(found) => tags.extend(found),
            Err(message) => return Done::failed(message),
        }
    }
    let flavor: BTreeMap<&str, &str> = call
        .lines("flavor")
        .into_iter()
        .filter_map(|line| line.split_once('='))
        .collect();
    // The first of the highest priority gives the version.
    tags.sort_by_key(|tag| std::cmp::Reverse(tag.priority));
    let mut names: Vec<String> = Vec::new();
    for tag in &tags {
        let name = format!(
            "{}{}{}",
            flavor.get("prefix").unwrap_or(&""),
            tag.name,
            flavor.get("suffix").unwrap_or(&"")
        );
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let version = names.first().cloned().unwrap_or_default();
    let latest = match flavor.get("latest").copied().unwrap_or("auto") {
        "true" => true,
        "auto" => tags.first().is_some_and(|tag| tag.latest),
        _ => false,
    };
    if latest && !names.iter().any(|name| name == "latest") {
        names.push("latest".to_owned());
    }
    finish(call, &version, &names)
}

fn finish(call: &Call<'_>, version: &str, names: &[String]) -> Done {
    let images: Vec<String> = call
        .input("images")
        .split([',', '\n'])
        .map(str::trim)
        .filter(|image| !image.is_empty())
        .map(|image| image.trim_start_matches("name=").to_lowercase())
        .collect();
    let tags: Vec<String> = if images.is_empty() {
        names.to_vec()
    } else {
        images
            .iter()
            .flat_map(|image| names.iter().map(move |name| format!("{image}:{name}")))
            .collect()
    };
    let github = call.github;
    let title = github.repository.rsplit('/').next().unwrap_or_default();
    let address = format!("https://github.com/{}", github.repository);
    let mut labels: Vec<(String, String)> = [
        ("title", title),
        ("url", &address),
        ("source", &address),
        ("version", version),
        ("revision", &github.sha),
    ]
    .into_iter()
    .map(|(name, value)| (format!("org.opencontainers.image.{name}"), value.to_owned()))
    .collect();
    for line in call.lines("labels") {
        if let Some((name, value)) = line.split_once('=') {
            labels.retain(|(other, _)| other != name);
            labels.push((name.to_owned(), value.to_owned()));
        }
    }
    let lines: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let labels: serde_json::Map<String, serde_json::Value> = labels
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let mut done = Done::default();
    let separator = |input| call.with_raw(input).unwrap_or("\n");
    done.output("version", version);
    done.output("tags", tags.join(separator("sep-tags")));
    done.output("labels", lines.join(separator("sep-labels")));
    done.output(
        "json",
        serde_json::json!({ "tags": tags, "labels": labels }).to_string(),
    );
    done
}

/// The tag of one line, where it gives one for this event.
fn tag(line: &Line<'_>, github: &GithubFacts) -> Result<Option<Tag>, String> {
    if line.get("enable") == "false" {
        return Ok(None);
    }
    let is_tag = github.reference.starts_with("refs/tags/");
    let pull = github
        .reference
        .strip_prefix("refs/pull/")
        .and_then(|rest| rest.split('/').next());
    let (default_priority, found, latest) = match (line.kind, line.get("event")) {
        ("ref", "branch") => (
            600,
            github
                .reference
                .strip_prefix("refs/heads/")
                .map(ToOwned::to_owned),
            false,
        ),
        ("ref", "tag") => (600, is_tag.then(|| github.ref_name().to_owned()), true),
        ("ref", "pr") => (600, pull.map(|number| format!("pr-{number}")), false),
        ("semver" | "pep440", _) => {
            let (name, latest) = of_version(line, github, is_tag)?;
            (900, name, latest)
        }
        ("raw", _) => (200, Some(line.get("value").to_owned()), false),
        ("edge", _) => {
            let branch = match line.get("branch") {
                "" => "main",
                branch => branch,
            };
            (
                700,
                (github.reference == format!("refs/heads/{branch}")).then(|| "edge".to_owned()),
                false,
            )
        }
        ("sha", _) => {
            let length = if line.get("format") == "long" { 40 } else { 7 };
            let short = github.sha.get(..length).unwrap_or(&github.sha);
            let prefix = line.attributes.get("prefix").copied().unwrap_or("sha-");
            let name = (!short.is_empty()).then(|| format!("{prefix}{short}"));
            return Ok(name.map(|name| Tag {
                name: sanitised(&name),
                priority: priority(line, 100),
                latest: false,
            }));
        }
        ("schedule", _) => (
            1000,
            (github.event_name == "schedule").then(|| "nightly".to_owned()),
            false,
        ),
        (other, _) => {
            return Err(format!(
                "the tag type `{other}` of metadata-action is not supported: give the tag as `type=raw,value=…`"
            ));
        }
    };
    Ok(found.filter(|name| !name.is_empty()).map(|name| Tag {
        name: sanitised(&format!(
            "{}{name}{}",
            line.get("prefix"),
            line.get("suffix")
        )),
        priority: priority(line, default_priority),
        latest,
    }))
}

fn priority(line: &Line<'_>, otherwise: u32) -> u32 {
    line.get("priority").parse().unwrap_or(otherwise)
}

/// A tag from a version: its name, and whether it may be `latest`.
fn of_version(
    line: &Line<'_>,
    github: &GithubFacts,
    is_tag: bool,
) -> Result<(Option<String>, bool), String> {
    let value = match line.get("value") {
        "" if is_tag => github.ref_name(),
        value => value,
    };
    let Some(version) = Version::parse(value) else {
        return Ok((None, false));
    };
    let release = version.is_release();
    let [major, minor, patch] = version.numbers();
    let full = value.trim_start_matches('v');
    let pattern = match line.get("pattern") {
        // A pre-release is its whole version, whatever the pattern.
        _ if !release && line.kind == "semver" => "{{version}}",
        "" => "{{version}}",
        pattern => pattern,
    };
    let name = pattern
        .replace("{{raw}}", value)
        .replace("{{version}}", full)
        .replace("{{major}}", &major.to_string())
        .replace("{{minor}}", &minor.to_string())
        .replace("{{patch}}", &patch.to_string());
    if name.contains("{{") {
        return Err(format!(
            "the pattern `{pattern}` of metadata-action is not supported"
        ));
    }
    Ok((Some(name), release))
}

/// What a tag may not hold becomes a hyphen.
fn sanitised(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Line, tag};
    use crate::plan::GithubFacts;

    #[test]
    fn lines_give_tags() {
        let github = |reference: &str| GithubFacts {
            reference: reference.to_owned(),
            sha: "860c1904a1ce19322e91ac35af1ab07466440c37".to_owned(),
            ..GithubFacts::default()
        };
        for (line, reference, name) in [
            ("type=ref,event=branch", "refs/heads/a/b", Some("a-b")),
            ("type=ref,event=branch", "refs/tags/v1", None),
            ("type=ref,event=tag", "refs/tags/v1.2", Some("v1.2")),
            ("type=ref,event=pr", "refs/pull/7/merge", Some("pr-7")),
            (
                "type=semver,pattern={{version}}",
                "refs/tags/v1.2.3",
                Some("1.2.3"),
            ),
            (
                "type=semver,pattern={{major}}.{{minor}}",
                "refs/tags/v1.2.3",
                Some("1.2"),
            ),
            (
                "type=semver,pattern={{major}}",
                "refs/tags/v2.0.0-rc.1",
                Some("2.0.0-rc.1"),
            ),
            ("type=semver,pattern={{version}}", "refs/heads/main", None),
            ("type=raw,value=x,enable=false", "refs/heads/main", None),
            ("type=raw,value=x", "refs/heads/main", Some("x")),
            ("x", "refs/heads/main", Some("x")),
            ("type=sha", "refs/heads/main", Some("sha-860c190")),
            ("type=edge,branch=dev", "refs/heads/dev", Some("edge")),
        ] {
            let found = tag(&Line::parse(line), &github(reference)).unwrap();
            assert_eq!(found.map(|tag| tag.name).as_deref(), name, "{line}");
        }
        assert!(tag(&Line::parse("type=match,pattern=x"), &github("")).is_err());
    }
}
