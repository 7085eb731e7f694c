//! Whether a repository describes the tests' image in a file that nobody has named.

use super::bake::targets;
use super::{DefinitionKind, DefinitionUse};
use crate::workflow::{Node, NodeKind, parse_yaml, test_command};

/// Words that names of what tests are made of.
const WORDS: [&str; 5] = ["pytest", "test", "testing", "tests", "unittest"];

/// What to say of the most likely of some compose and bake files, each with its text: which
/// image of it may be meant, and how it is named.
pub(crate) fn hint(files: &[(String, String)]) -> Option<String> {
    let found = files
        .iter()
        .filter_map(|(file, text)| of_file(file, text))
        .min_by_key(|(rank, _)| *rank);
    let (_, wanted) = found?;
    let file = wanted.file.as_deref()?.display().to_string();
    let (noun, key) = (wanted.kind.noun(), wanted.kind.key());
    Some(format!(
        "{file} describes an image that looks like the tests' own, the {noun} `{}`; `[image] {key} = \"{wanted}\"` in seatrial.toml, or `--{key} {wanted}`, runs them in it",
        wanted.name
    ))
}

/// The image of one file, the lower the number the likelier.
fn of_file(file: &str, text: &str) -> Option<(u8, DefinitionUse)> {
    let is_yaml = [".yml", ".yaml"].iter().any(|end| file.ends_with(end));
    let found = |rank, kind, name: String| {
        let named = super::is_name(&name);
        let file = Some(file.into());
        named.then_some((rank, DefinitionUse { kind, file, name }))
    };
    if !is_yaml {
        let mut targets = targets(text).into_iter().map(|(name, _)| name);
        return found(1, DefinitionKind::Bake, targets.find(|name| tests(name))?);
    }
    let written = parse_yaml(text).ok()?;
    let NodeKind::Map(services) = &written.get("services")?.kind else {
        return None;
    };
    let built: Vec<(&str, &Node)> = services
        .iter()
        .filter(|(_, service)| service.get("build").is_some())
        .map(|(name, service)| (name.as_str(), service))
        .collect();
    let testing = built
        .iter()
        .find(|(name, _)| tests(name))
        .or_else(|| built.iter().find(|(_, service)| runs_tests(service)));
    let for_tests = tests(file);
    let chosen = match (testing, built.as_slice()) {
        (Some(found), _) => found,
        (None, [only]) if for_tests => only,
        _ => return None,
    };
    let rank = if for_tests { 0 } else { 2 };
    found(rank, DefinitionKind::Compose, chosen.0.to_owned())
}

/// Whether a name has a word for tests in it.
fn tests(name: &str) -> bool {
    name.split(|one: char| !one.is_alphanumeric())
        .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// Whether a service calls a test command.
fn runs_tests(service: &Node) -> bool {
    ["command", "entrypoint"]
        .iter()
        .filter_map(|key| service.get(key))
        .any(|command| test_command(&line(command)).is_some())
}

/// A command as one line.
fn line(command: &Node) -> String {
    match &command.kind {
        NodeKind::Seq(words) => {
            let words: Vec<String> = words.iter().filter_map(Node::scalar_text).collect();
            words.join(" ")
        }
        _ => command.scalar_text().unwrap_or_default(),
    }
}
