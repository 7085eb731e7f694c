//! Which image came of which key. The images themselves are on the engine; a key counts
//! only while its image is there under its tag.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::key::Key;
use super::whole::write_whole;

/// Most keys that are kept, the newest.
const MOST: usize = 100;
/// How long an image is taken for good whose base is not on the engine: its registry may
/// have a newer one by now.
const TRUST: SignedDuration = SignedDuration::from_hours(24);

/// What is remembered.
#[derive(Debug)]
pub(super) struct Remembered {
    file: PathBuf,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    key: String,
    id: String,
    at: Timestamp,
    /// Whether a base may have moved since.
    moving: bool,
    /// A hash of each part of the key, by its name for people.
    #[serde(default)]
    parts: BTreeMap<String, String>,
}

impl Remembered {
    /// Reads the file. One that is missing or broken is as good as an empty one.
    pub(super) fn load(file: &Path) -> Self {
        let lines = std::fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            file: file.to_path_buf(),
            lines,
        }
    }

    /// The id of the image of a key.
    pub(super) fn find(&self, key: &Key) -> Option<String> {
        let fresh = |line: &Line| !line.moving || Timestamp::now().duration_since(line.at) < TRUST;
        self.lines
            .iter()
            .rfind(|line| line.key == key.as_str())
            .filter(|line| fresh(line))
            .map(|line| line.id.clone())
    }

    /// The parts of a key of which this is the beginning; none where it is not known.
    pub(super) fn parts(&self, short: &str) -> Option<&BTreeMap<String, String>> {
        let line = self.lines.iter().rfind(|line| line.key.starts_with(short));
        line.map(|line| &line.parts)
            .filter(|parts| !parts.is_empty())
    }

    /// Adds what was built, with the parts of its key.
    pub(super) fn add(
        &mut self,
        key: &Key,
        id: &str,
        moving: bool,
        parts: BTreeMap<String, String>,
    ) {
        self.lines.retain(|line| line.key != key.as_str());
        let surplus = (self.lines.len() + 1).saturating_sub(MOST);
        self.lines.drain(..surplus);
        self.lines.push(Line {
            key: key.as_str().to_owned(),
            id: id.to_owned(),
            at: Timestamp::now(),
            moving,
            parts,
        });
    }

    /// Writes the file: a reader sees the old one or the new one.
    pub(super) fn save(&self) -> io::Result<()> {
        write_whole(&self.file, |staging| {
            Ok(serde_json::to_writer(staging, &self.lines)?)
        })
    }
}
