//! `permissions`: what the token may do.

use std::collections::BTreeMap;

use super::finding::{Finding, Topic, Verdict};
use super::text;
use crate::workflow::{Node, NodeKind};

/// Compares two `permissions`, of a workflow or of a job.
pub(super) fn compare(old: Option<&Node>, new: Option<&Node>) -> Finding {
    let (before, after) = (text::of_option(old), text::of_option(new));
    let told = format!(
        "{} → {}",
        text::quoted(before.as_deref()),
        text::quoted(after.as_deref())
    );
    if before == after {
        let message = format!("permissions {}", text::quoted(before.as_deref()));
        return Finding::new(Verdict::Same, Topic::Permissions, message);
    }
    let finding = Finding::new(
        Verdict::Changed,
        Topic::Permissions,
        format!("permissions {told}"),
    );
    let (Some(old), Some(new)) = (old, new) else {
        return finding.noted("where nothing is said, the repository's own settings count");
    };
    let wider = wider(old, new);
    match wider.is_empty() {
        true => finding,
        false => finding.noted(format!("the token may do more: {}", text::listed(&wider))),
    }
}

/// Scopes in which the new ones allow more.
fn wider(old: &Node, new: &Node) -> Vec<String> {
    let before = scopes(old);
    match scopes(new) {
        Scopes::All(all) if all > before.least() => vec![text::of_node(new)],
        Scopes::All(_) => Vec::new(),
        Scopes::Each(levels) => levels
            .iter()
            .filter(|(name, level)| **level > before.of(name))
            .map(|(name, level)| format!("{name}: {}", word(*level)))
            .collect(),
    }
}

enum Scopes {
    /// `read-all` and its like.
    All(u8),
    /// Scope by scope; what is not named is none.
    Each(BTreeMap<String, u8>),
}

impl Scopes {
    fn of(&self, name: &str) -> u8 {
        match self {
            Self::All(level) => *level,
            Self::Each(levels) => levels.get(name).copied().unwrap_or(0),
        }
    }

    /// What it allows in every scope.
    fn least(&self) -> u8 {
        match self {
            Self::All(level) => *level,
            Self::Each(_) => 0,
        }
    }
}

fn scopes(node: &Node) -> Scopes {
    match &node.kind {
        NodeKind::Map(entries) => Scopes::Each(
            entries
                .iter()
                .map(|(name, node)| (name.value.clone(), rank(&text::of_node(node))))
                .collect(),
        ),
        _ => Scopes::All(rank(text::of_node(node).trim_end_matches("-all"))),
    }
}

fn rank(word: &str) -> u8 {
    match word {
        "write" => 2,
        "read" => 1,
        _ => 0,
    }
}

fn word(rank: u8) -> &'static str {
    match rank {
        2 => "write",
        1 => "read",
        _ => "none",
    }
}
