//! BuildKit's progress as `docker buildx build --progress=rawjson` writes it.
//!
//! Older versions print the objects over many lines, newer ones one a line, and
//! both mix in plain lines (`ERROR: …`): reading resumes at the next `{`.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize;

use super::hidden::Hidden;

use super::cache::CacheWork;
use crate::record::CacheRecord;

/// Most lines of a build step's output that are kept for its failure.
const KEPT_LINES: usize = 40;

/// Bytes after which a line that does not end is not joined to what follows.
const LONGEST: usize = 16 * 1024;

/// Most transfers of a step that are counted.
const MOST_TRANSFERS: usize = 1000;

/// One build step, when something changed about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Vertex {
    /// The instruction as BuildKit names it: `[deps 2/3] RUN pip install …`.
    pub(crate) name: String,
    /// Whether it has begun.
    pub(crate) started: bool,
    /// Whether it has ended.
    pub(crate) completed: bool,
    /// Whether its result came from the cache.
    pub(crate) cached: bool,
    /// Milliseconds it took, once it has ended.
    pub(crate) millis: u64,
    /// Bytes that it has fetched or sent so far: of the context, of a base image.
    pub(crate) bytes: u64,
    /// Bytes that there are in all, as far as that is known.
    pub(crate) total: u64,
    /// Why it failed; empty when it did not.
    pub(crate) error: String,
    /// The end of its own output.
    pub(crate) log: Vec<String>,
    /// Whether the last line of its output has not ended yet.
    pub(super) open: bool,
    /// What was transferred, by BuildKit's name of it: bytes so far and in all.
    pub(super) transfers: BTreeMap<String, (u64, u64)>,
}

impl Vertex {
    /// Whether it is an instruction of the Dockerfile.
    pub(crate) fn is_instruction(&self) -> bool {
        self.name.starts_with('[') && !self.name.starts_with("[internal]")
    }

    /// Whether it sends the build context to the builder.
    pub(crate) fn is_context(&self) -> bool {
        self.name == "[internal] load build context"
    }

    /// What it does for caches of elsewhere, if it does.
    pub(crate) fn cache_work(&self) -> Option<CacheWork> {
        CacheWork::of(&self.name)
    }
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
    /// Bytes of the context that were sent: what changed since the last build.
    pub(crate) sent: u64,
    /// What caches of elsewhere cost, where some were asked for.
    pub(crate) cache: Option<CacheRecord>,
}

/// Reads a build's progress as it comes.
#[derive(Debug, Default)]
pub(crate) struct BuildProgress {
    pending: Vec<u8>,
    vertexes: BTreeMap<String, Vertex>,
    order: Vec<String>,
    plain: Vec<String>,
    /// What instructions hold that nobody wrote.
    added: Vec<String>,
    /// What nobody is to see.
    hidden: Hidden,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    vertexes: Option<Vec<RawVertex>>,
    #[serde(default)]
    statuses: Option<Vec<RawTransfer>>,
    #[serde(default)]
    logs: Option<Vec<RawLog>>,
}

#[derive(Deserialize)]
struct RawTransfer {
    #[serde(default)]
    id: String,
    vertex: String,
    #[serde(default)]
    current: i64,
    #[serde(default)]
    total: i64,
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
    /// One that leaves out what was `added` to instructions, and tells nothing `hidden`.
    pub(crate) fn without(added: Vec<String>, hidden: Hidden) -> Self {
        Self {
            added,
            hidden,
            ..Self::default()
        }
    }

    /// Takes the next bytes; calls `changed` for each step that is new, began, ended,
    /// or transferred more.
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
                self.plainly(&line);
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
                    self.plainly(&line);
                }
            }
        }
    }

    /// Takes a line that is no progress.
    fn plainly(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        self.plain.push(self.hidden.mask(line.trim_end()));
    }

    fn apply(&mut self, status: Status, changed: &mut impl FnMut(&Vertex)) {
        for mut raw in status.vertexes.unwrap_or_default() {
            for added in &self.added {
                raw.name = raw.name.replace(added.as_str(), "");
                raw.error = raw.error.replace(added.as_str(), "");
            }
            raw.name = self.hidden.mask(&raw.name);
            raw.error = self.hidden.mask(&raw.error);
            let known = self.vertexes.contains_key(&raw.digest);
            if !known {
                self.order.push(raw.digest.clone());
            }
            let vertex = self.vertexes.entry(raw.digest).or_default();
            let before = (vertex.started, vertex.completed);
            vertex.name = raw.name;
            vertex.started = raw.started.is_some();
            vertex.completed = raw.completed.is_some();
            vertex.millis = between(raw.started.as_deref(), raw.completed.as_deref());
            vertex.cached |= raw.cached;
            vertex.error = raw.error;
            if !known || (vertex.started, vertex.completed) != before {
                changed(vertex);
            }
        }
        for raw in status.statuses.unwrap_or_default() {
            // Those of a base image that is only looked at are none of this.
            let Some(vertex) = self.vertexes.get_mut(&raw.vertex) else {
                continue;
            };
            let count = |number: i64| u64::try_from(number).unwrap_or(0);
            let (current, total) = (count(raw.current), count(raw.total));
            if vertex.transfers.len() >= MOST_TRANSFERS && !vertex.transfers.contains_key(&raw.id) {
                continue;
            }
            vertex
                .transfers
                .insert(raw.id, (current, total.max(current)));
            let sum = |of: fn(&(u64, u64)) -> u64| {
                vertex
                    .transfers
                    .values()
                    .map(of)
                    .fold(0, u64::saturating_add)
            };
            let before = vertex.bytes;
            (vertex.bytes, vertex.total) = (sum(|one| one.0), sum(|one| one.1));
            if vertex.bytes != before {
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
            for piece in String::from_utf8_lossy(&text).split_inclusive('\n') {
                // A line may come in pieces, and what is to be hidden, too.
                let begun = vertex
                    .log
                    .pop_if(|line| vertex.open && line.len() < LONGEST);
                let line = begun.unwrap_or_default() + piece;
                vertex.open = !piece.ends_with('\n');
                vertex
                    .log
                    .push(self.hidden.mask(line.trim_end_matches(['\r', '\n'])));
            }
            let surplus = vertex.log.len().saturating_sub(KEPT_LINES);
            vertex.log.drain(..surplus);
        }
    }

    /// The step that failed, if one did. Steps that were merely cancelled because
    /// another failed do not count, nor does what is done for caches.
    pub(crate) fn failed(&self) -> Option<&Vertex> {
        self.in_order()
            .filter(|vertex| !vertex.error.is_empty() && vertex.cache_work().is_none())
            .min_by_key(|vertex| vertex.error.contains("context canceled"))
    }

    fn in_order(&self) -> impl Iterator<Item = &Vertex> {
        let digests = self.order.iter();
        digests.filter_map(|digest| self.vertexes.get(digest))
    }

    /// What failed of the work for caches. The build goes on without what it cannot take.
    pub(crate) fn cache_failures(&self) -> impl Iterator<Item = (CacheWork, &Vertex)> {
        self.in_order()
            .filter(|vertex| !vertex.error.is_empty() && !vertex.error.contains("context canceled"))
            .filter_map(|vertex| Some((vertex.cache_work()?, vertex)))
    }

    /// The work for caches that goes on now.
    pub(crate) fn cache_work(&self) -> Option<CacheWork> {
        self.in_order()
            .filter(|vertex| vertex.started && !vertex.completed)
            .find_map(Vertex::cache_work)
    }

    /// Milliseconds that a kind of work for caches took, as far as it ended.
    pub(crate) fn cache_millis(&self, work: CacheWork) -> u64 {
        self.in_order()
            .filter(|vertex| vertex.cache_work() == Some(work))
            .map(|vertex| vertex.millis)
            .fold(0, u64::saturating_add)
    }

    /// Lines that were not progress.
    pub(crate) fn plain(&self) -> &[String] {
        &self.plain
    }

    /// Bytes of the context that were sent.
    pub(crate) fn sent(&self) -> u64 {
        let contexts = self.vertexes.values().filter(|vertex| vertex.is_context());
        contexts.map(|vertex| vertex.bytes).sum()
    }

    /// Instructions of the Dockerfile, and how many came from the cache.
    pub(crate) fn counts(&self) -> (u32, u32) {
        let mut steps = 0;
        let mut cached = 0;
        for vertex in self.vertexes.values() {
            if vertex.is_instruction() {
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
    use super::{BuildProgress, Hidden};
    use base64::Engine as _;
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
    fn nothing_hidden_is_told_wherever_a_line_is_cut() {
        let address = "https://robot:pass-word@a/".to_owned();
        let said = "from https://robot:pass-word@a/\nrest\n";
        for cut in 0..said.len() {
            let hidden = Hidden::in_addresses([address.clone()]);
            let mut progress = BuildProgress::without(Vec::new(), hidden);
            let log = |text: &str| {
                let data = base64::engine::general_purpose::STANDARD.encode(text);
                format!("{{\"logs\":[{{\"vertex\":\"a\",\"data\":\"{data}\"}}]}}\n")
            };
            let text = [
                "{\"vertexes\":[{\"digest\":\"a\",\"name\":\"RUN pass-word\",\"error\":\"robot:pass-word\"}]}\n".to_owned(),
                log(&said[..cut]),
                log(&said[cut..]),
                "ERROR: pass-word\n".to_owned(),
            ];
            progress.push(text.concat().as_bytes(), |_| {});
            let failed = progress.failed().cloned().unwrap_or_default();
            assert_eq!(failed.log, ["from https://***@a/", "rest"], "{cut}");
            assert_eq!(
                (failed.name.as_str(), failed.error.as_str()),
                ("RUN ***", "***")
            );
            assert_eq!(progress.plain(), ["ERROR: ***"]);
        }
    }

    #[test]
    fn transfers_are_added_up() {
        let text = r#"{"vertexes":[{"digest":"c","name":"[internal] load build context","started":"t"}],
            "statuses":[{"id":"transferring context:","vertex":"c","current":100},{"id":"x","vertex":"?","current":9}]}
            {"statuses":[{"id":"transferring context:","vertex":"c","current":250,"total":-1},{"id":"b","vertex":"c","current":1,"total":8}]}"#;
        let mut told = Vec::new();
        let mut progress = BuildProgress::default();
        progress.push(text.as_bytes(), |vertex| {
            told.push((vertex.bytes, vertex.total))
        });
        assert_eq!(told, [(0, 0), (100, 100), (250, 250), (251, 258)]);
        assert_eq!(progress.sent(), 251);
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
