//! Whether an image that is named as it is was built by seatrial, and of something that has
//! changed since.

use std::collections::BTreeMap;

use super::keyed::Keyed;
use super::made::{kept_tag, rules};
use super::remembered::Remembered;
use super::verify::Finding;
use super::{Means, Recipe};
use crate::docker::LABEL_IMAGE;

/// Compares the image `name` with what the tests' own image would be built from now. `None`
/// for images of others, and where it cannot be told.
pub(crate) async fn stale(means: Means<'_>, name: &str, own: &Recipe) -> Option<Finding> {
    let found = means.docker.image(name).await.ok()?;
    let label = found.labels.get(LABEL_IMAGE)?;
    let recipe = of_label(own, label)?;
    // Those that others build on it bear the label, too, and no such name.
    let keys: Vec<&str> = found
        .names
        .iter()
        .filter_map(|one| one.strip_prefix(label.as_str())?.strip_prefix('-'))
        .collect();
    let source = recipe.source().ok()?;
    let text = std::fs::read_to_string(source.file).ok()?;
    let rules = rules(&source, means.tool).ok()?;
    let keyed = Keyed::of(
        means.docker,
        means.tool,
        &source,
        &text,
        &rules,
        means.cache,
    )
    .await;
    // A base that was removed meanwhile has not changed, and another builder has its own.
    if keys.is_empty() || keyed.moving || means.options.cache.builder.is_some() {
        return None;
    }
    let now = keyed.seen().await?;
    let current = kept_tag(source.tag, &now.key);
    if found.names.contains(&current) {
        return None;
    }
    let remembered = Remembered::load(&means.cache.join("images.json"));
    let before = keys.iter().find_map(|key| remembered.parts(key));
    let changed = match before {
        Some(before) => changed(before, &keyed.parts(&now)),
        None => "what it is built from".to_owned(),
    };
    Some(Finding::warning(format!(
        "the image {name} is stale: {changed} changed since seatrial built it; where it is not named, it is built anew"
    )))
}

/// The recipe that gives images this label: the one of the tree, for one Python or for none.
fn of_label(own: &Recipe, label: &str) -> Option<Recipe> {
    let Recipe::Dockerfile { tag, .. } = own else {
        return None;
    };
    match label.strip_prefix(tag.as_str())? {
        "" => Some(own.clone()),
        rest => {
            let version = rest.strip_prefix("-python")?;
            Some(own.with_python(Some(version)))
        }
    }
}

/// The names of parts that differ, or that only one of the two has.
fn changed(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> String {
    let mut names: Vec<&str> = before
        .iter()
        .chain(now)
        .filter(|(name, _)| before.get(*name) != now.get(*name))
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "what it is built from".to_owned(),
    }
}
