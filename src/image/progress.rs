//! BuildKit's progress as `docker buildx build --progress=rawjson` writes it.
//!
//! Older versions print the objects over many lines, newer ones one a line, and
//! both mix in plain lines (`ERROR: …`): reading resumes at the next `{`.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize;

/// Most lines of a build step's output that are kept for its failure.
const KEPT_LINES: usize = 40;

/// One build step, when something changed about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Vertex {
    /// The instruction as BuildKit names it: `[deps 2/3] RUN pip install …`.
    pub(crate) name: String,
    /// Whether it has ended.
    pub(crate) completed: bool,
    /// Whether its result came from the cache.
    pub(crate) cached: bool,
    /// Milliseconds it took, once it has ended.
    pub(crate) millis: u64,
    /// Why it failed; empty when it did not.
    pub(crate) error: String,
    /// The end of its own output.
    pub(crate) log: Vec<String>,
}

/// What a build came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BuildOutcome {
    /// The engine's id of the image.
    pub(crate) id: String,
    /// Instructions in all.
    pub(crate) steps: u32,
    /// Instructions whose result came from the cache.
    pub(crate) cached: u32,
}

/// Reads a build's progress as it comes.
#[derive(Debug, Default)]
pub(crate) struct BuildProgress {
    pending: Vec<u8>,
    vertexes: BTreeMap<String, Vertex>,
    order: Vec<String>,
    plain: Vec<String>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    vertexes: Option<Vec<RawVertex>>,
    #[serde(default)]
    logs: Option<Vec<RawLog>>,
}

#[derive(Deserialize)]
struct RawVertex {
    digest: String,
    #[serde(default)]
    name: String,
    started: Option<String>,
    completed: Option<String>,
    #[serde(default)]
    cached: bool,
    #[serde(default)]
    error: String,
}

#[derive(Deserialize)]
struct RawLog {
    vertex: String,
    #[serde(default)]
    data: String,
}

impl BuildProgress {
    /// Takes the next bytes; calls `changed` for each step that is new or ended.
    pub(crate) fn push(&mut self, bytes: &[u8], mut changed: impl FnMut(&Vertex)) {
        self.pending.extend_from_slice(bytes);
        loop {
            let start = self
                .pending
                .iter()
                .position(|byte| !byte.is_ascii_whitespace())
                .unwrap_or(self.pending.len());
            self.pending.drain(..start);
            if self.pending.is_empty() {
                return;
            }
            if self.pending.first() != Some(&b'{') {
                let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') else {
                    return;
                };
                let line: Vec<u8> = self.pending.drain(..=end).collect();
                self.plain
                    .push(String::from_utf8_lossy(&line).trim_end().to_owned());
                continue;
            }
            let mut values =
                serde_json::Deserializer::from_slice(&self.pending).into_iter::<Status>();
            match values.next() {
                Some(Ok(status)) => {
                    let used = values.byte_offset();
                    self.pending.drain(..used);
                    self.apply(status, &mut changed);
                }
                // The rest of the object has not come yet.
                Some(Err(error)) if error.is_eof() => return,
                Some(Err(_)) | None => {
                    // Not what it looked like: take it as a plain line.
                    let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') else {
                        return;
                    };
                    let line: Vec<u8> = self.pending.drain(..=end).collect();
                    self.plain
                        .push(String::from_utf8_lossy(&line).trim_end().to_owned());
                }
            }
        }
    }

    fn apply(&mut self, status: Status, changed: &mut impl FnMut(&Vertex)) {
        for raw in status.vertexes.unwrap_or_default() {
            let known = self.vertexes.contains_key(&raw.digest);
            if !known {
                self.order.push(raw.digest.clone());
            }
            let vertex = self.vertexes.entry(raw.digest).or_default();
            let was_completed = vertex.completed;
            vertex.name = raw.name;
            vertex.completed = raw.completed.is_some();
            vertex.millis = between(raw.started.as_deref(), raw.completed.as_deref());
            vertex.cached |= raw.cached;
            vertex.error = raw.error;
            if !known || vertex.completed != was_completed {
                changed(vertex);
            }
        }
        for raw in status.logs.unwrap_or_default() {
            let Some(vertex) = self.vertexes.get_mut(&raw.vertex) else {
                continue;
            };
            let text = base64::engine::general_purpose::STANDARD
                .decode(raw.data)
                .unwrap_or_default();
            for line in String::from_utf8_lossy(&text).lines() {
                vertex.log.push(line.trim_end().to_owned());
            }
            let surplus = vertex.log.len().saturating_sub(KEPT_LINES);
            vertex.log.drain(..surplus);
        }
    }

    /// The step that failed, if one did. Steps that were merely cancelled because
    /// another failed do not count.
    pub(crate) fn failed(&self) -> Option<&Vertex> {
        self.order
            .iter()
            .filter_map(|digest| self.vertexes.get(digest))
            .filter(|vertex| !vertex.error.is_empty())
            .min_by_key(|vertex| vertex.error.contains("context canceled"))
    }

    /// Lines that were not progress.
    pub(crate) fn plain(&self) -> &[String] {
        &self.plain
    }

    /// Instructions of the Dockerfile, and how many came from the cache.
    pub(crate) fn counts(&self) -> (u32, u32) {
        let mut steps = 0;
        let mut cached = 0;
        for vertex in self.vertexes.values() {
            if vertex.name.starts_with('[') && !vertex.name.starts_with("[internal]") {
                steps += 1;
                // BuildKit does not call the base image cached though nothing is done.
                if vertex.cached || vertex.name.contains("] FROM ") {
                    cached += 1;
                }
            }
        }
        (steps, cached)
    }
}

/// Milliseconds between two times as BuildKit writes them (RFC 3339).
fn between(started: Option<&str>, completed: Option<&str>) -> u64 {
    let time = |text: Option<&str>| text?.parse::<jiff::Timestamp>().ok();
    match (time(started), time(completed)) {
        (Some(started), Some(completed)) => {
            let took = completed.as_millisecond() - started.as_millisecond();
            u64::try_from(took).unwrap_or(0)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::BuildProgress;
    use proptest::prelude::*;

    const TEXT: &str = concat!(
        "{\n \"vertexes\": [{\"digest\": \"a\", \"name\": \"[1/2] FROM python\", \"started\": \"t\"}]\n}\n",
        "WARNING: something\n",
        "{\"vertexes\":[{\"digest\":\"b\",\"name\":\"[2/2] RUN false\",\"completed\":\"t\",\"error\":\"exit code: 1\"}],",
        "\"logs\":[{\"vertex\":\"b\",\"data\":\"Ym9vbQo=\"}]}\n",
        "ERROR: failed to solve\n",
    );

    fn read(pieces: &[&[u8]]) -> (BuildProgress, usize) {
        let mut progress = BuildProgress::default();
        let mut changes = 0;
        for piece in pieces {
            progress.push(piece, |_| changes += 1);
        }
        (progress, changes)
    }

    #[test]
    fn objects_over_many_lines_and_plain_lines_are_read() {
        let (progress, changes) = read(&[TEXT.as_bytes()]);
        assert_eq!(changes, 2);
        let failed = progress.failed();
        assert_eq!(
            failed.map(|vertex| vertex.name.as_str()),
            Some("[2/2] RUN false")
        );
        assert_eq!(
            failed.map(|vertex| vertex.log.clone()),
            Some(vec!["boom".to_owned()])
        );
        assert_eq!(
            progress.plain(),
            ["WARNING: something", "ERROR: failed to solve"]
        );
        assert_eq!(progress.counts(), (2, 1));
    }

    #[test]
    fn durations_are_told() {
        let at = |text| Some(text);
        assert_eq!(
            super::between(
                at("2026-11-22T23:16:02.5Z"),
                at("2026-11-22T23:16:04.123456789Z")
            ),
            1623
        );
        assert_eq!(super::between(at("t"), at("2026-11-22T23:16:04Z")), 0);
        assert_eq!(super::between(None, None), 0);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_stream_is_cut(cut in 0usize..TEXT.len()) {
            let bytes = TEXT.as_bytes();
            let (progress, changes) = read(&[&bytes[..cut], &bytes[cut..]]);
            prop_assert_eq!(changes, 2);
            prop_assert_eq!(progress.plain().len(), 2);
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (progress, _) = read(&[&bytes]);
            prop_assert_eq!(progress.counts(), (0, 0));
        }
    }
}
