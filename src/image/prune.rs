//! Which of the images that seatrial built are kept.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::docker::{Docker, DockerError, OwnImage};
use crate::record::slug;

/// What all tags of images that seatrial builds begin with.
const OURS: &str = "seatrial/";
/// Hex digits of a content key in a tag.
const KEY: usize = 12;
/// An image that was used within this time is not removed at the end of a run: another one
/// may be about to start a job in it.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// Which images are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keep {
    /// So many of each kind, those that were used last.
    pub(crate) newest: usize,
    /// Those that were used within this time.
    pub(crate) younger_than: Duration,
    /// Old ones, as long as they have no more bytes than this together.
    pub(crate) bytes: u64,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            newest: 5,
            younger_than: Duration::ZERO,
            bytes: 0,
        }
    }
}

impl Keep {
    /// The same at the end of a run, where nobody asks for it.
    pub(crate) fn after_a_run(self) -> Self {
        Self {
            younger_than: self.younger_than.max(GRACE),
            ..self
        }
    }
}

/// An image that went, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pruned {
    /// Its names that go.
    pub(crate) names: Vec<String>,
    /// Its bytes, those of its base included, which may stay.
    pub(crate) size: u64,
}

/// Removes images of old keys: those with seatrial's label under a name that seatrial
/// gave; of one repository (`owner/name`), or of all. One that a container uses stays. With `dry_run` nothing is removed.
///
/// # Errors
/// The engine does not do it.
pub(crate) async fn prune(
    docker: &Docker,
    repository: Option<&str>,
    keep: Keep,
    dry_run: bool,
) -> Result<Vec<Pruned>, DockerError> {
    let now = Timestamp::now().as_second();
    let mut images = docker.own_images().await?;
    if let Some(name) = repository {
        let prefix = format!("{}:", image_name(name));
        images.retain(|image| image.label.starts_with(&prefix));
    }
    let mut pruned = Vec::new();
    for old in old(images, keep, now) {
        let mut gone = Vec::new();
        for name in old.names {
            if dry_run || docker.remove_image_name(&name).await? {
                gone.push(name);
            }
        }
        if !gone.is_empty() {
            pruned.push(Pruned {
                names: gone,
                size: old.size,
            });
        }
    }
    Ok(pruned)
}

/// The name of the images of a repository, `owner/name`: that of its tags without what
/// stands behind the colon.
pub(crate) fn image_name(repository: &str) -> String {
    let name = slug(repository.rsplit('/').next().unwrap_or("tests"));
    format!("{OURS}{}", name.trim_matches(['_', '.', '-']))
}

/// Those that are not kept, the oldest first, with the names that seatrial gave them.
fn old(images: Vec<OwnImage>, keep: Keep, now: i64) -> Vec<OwnImage> {
    let mut kinds: BTreeMap<String, Vec<OwnImage>> = BTreeMap::new();
    for mut image in images {
        image.names.retain(|name| is_ours(name, &image.label));
        if !image.names.is_empty() {
            kinds.entry(kind(&image.label)).or_default().push(image);
        }
    }
    let young = i64::try_from(keep.younger_than.as_secs()).unwrap_or(i64::MAX);
    let mut old: Vec<OwnImage> = Vec::new();
    for mut images in kinds.into_values() {
        images.sort_by_key(|image| std::cmp::Reverse(image.used));
        let surplus = images.into_iter().skip(keep.newest);
        old.extend(surplus.filter(|image| now.saturating_sub(image.used) >= young));
    }
    old.sort_by_key(|image| image.used);
    let mut bytes: u64 = old.iter().map(|image| image.size).sum();
    let count = old
        .iter()
        .take_while(|image| {
            let too_much = keep.bytes == 0 || bytes > keep.bytes;
            bytes = bytes.saturating_sub(image.size);
            too_much
        })
        .count();
    old.truncate(count);
    old
}

/// Whether seatrial gave an image this name: the label, or the label with a key.
fn is_ours(name: &str, label: &str) -> bool {
    let is_key = |key: &str| key.len() == KEY && key.bytes().all(|one| one.is_ascii_hexdigit());
    label.starts_with(OURS)
        && name
            .strip_prefix(label)
            .is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(is_key))
}

/// Images of one kind replace each other: those of a stage of a repository, and all that
/// were derived for it.
fn kind(label: &str) -> String {
    match label.split_once(":derived-") {
        Some((repository, _)) => format!("{repository}:derived"),
        None => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(label: &str, names: &[&str], used: i64) -> OwnImage {
        OwnImage {
            id: format!("sha256:{used}"),
            label: label.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            size: 100,
            used,
        }
    }

    fn gone(images: &[OwnImage], newest: usize, younger_than: u64, bytes: u64) -> Vec<String> {
        let keep = Keep {
            newest,
            younger_than: Duration::from_secs(younger_than),
            bytes,
        };
        old(images.to_vec(), keep, 1000)
            .into_iter()
            .flat_map(|image| image.names)
            .collect()
    }

    #[test]
    fn the_newest_the_young_and_the_small_stay() {
        const LABEL: &str = "seatrial/app:test";
        let images = [
            image(LABEL, &["seatrial/app:test-00000000000a"], 100),
            image(LABEL, &["seatrial/app:test-00000000000b", "mine:1"], 200),
            image(LABEL, &["seatrial/app:test-00000000000c", LABEL], 900),
            image("seatrial/app:lint", &["seatrial/app:lint"], 50),
        ];
        let [a, b] = [
            "seatrial/app:test-00000000000a",
            "seatrial/app:test-00000000000b",
        ];
        assert_eq!(gone(&images, 1, 0, 0), [a, b]);
        assert_eq!(gone(&images, 2, 0, 0), [a]);
        assert_eq!(gone(&images, 1, 850, 0), [a]);
        assert_eq!(gone(&images, 1, 0, 100), [a]);
        assert_eq!(gone(&images, 1, 0, 200), [""; 0]);
        assert_eq!(gone(&images, 0, 200, 0), ["seatrial/app:lint", a, b]);
    }

    #[test]
    fn only_names_that_seatrial_gave_are_taken() {
        const LABEL: &str = "seatrial/app:test";
        for (label, name) in [
            (LABEL, "mine:1"),
            (LABEL, "seatrial/app:test-release"),
            (LABEL, "seatrial/app:test-00000000000a-x"),
            (LABEL, "seatrial/app:tested"),
            (LABEL, "seatrial/other:test-00000000000a"),
            ("mine", "mine-00000000000a"),
            ("", "seatrial/app:test"),
        ] {
            assert_eq!(
                gone(&[image(label, &[name], 1)], 0, 0, 0),
                [""; 0],
                "{label} {name}"
            );
        }
        let derived = [
            image("seatrial/app:derived-1", &["seatrial/app:derived-1"], 1),
            image("seatrial/app:derived-2", &["seatrial/app:derived-2"], 2),
        ];
        assert_eq!(gone(&derived, 1, 0, 0), ["seatrial/app:derived-1"]);
    }
}
