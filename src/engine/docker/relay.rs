//! The output of a job's container: read from its first byte to its last,
//! whoever listens.
//!
//! All commands of a job write into one pipe inside the container; its main
//! process copies the pipe to the attached stream. Marks in the stream (a
//! record separator, a token, a record separator) tell where a command ended.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use tokio::sync::watch;

use super::vanished::SETTLE;
use crate::docker::{Docker, OutputFrames};
use crate::engine::Output;

/// Byte around a token.
const SEPARATOR: u8 = 0x1e;
/// Length of a token.
pub(super) const TOKEN_LEN: usize = 32;

/// How often the output of a container is attached to again.
const SEAMS: u32 = 3;
/// What stands in the log where it was.
const SEAM: &[u8] = b"\nseatrial: the connection to the engine broke, and output was lost here\n";

/// Where the output of a container goes.
pub(super) struct Relay {
    sink: Arc<Mutex<Option<Arc<dyn Output>>>>,
    marks: watch::Receiver<Seen>,
}

/// What has been seen of the stream.
#[derive(Debug, Clone, Default)]
struct Seen {
    last_mark: String,
    ended: Option<String>,
}

impl Relay {
    /// Starts reading the output of a container. The task ends with the container.
    pub(super) fn start(docker: &Docker, id: &str, mut frames: OutputFrames) -> Self {
        let (docker, id) = (docker.clone(), id.to_owned());
        let sink: Arc<Mutex<Option<Arc<dyn Output>>>> = Arc::default();
        let (sender, marks) = watch::channel(Seen::default());
        let to = Arc::clone(&sink);
        tokio::spawn(async move {
            let mut seams = 0;
            let end = loop {
                let end = pass_on(&mut frames, &to, &sender).await;
                // A container that gave no sign of life yet is not worth a second attempt.
                if seams == SEAMS || sender.borrow().last_mark.is_empty() {
                    break end;
                }
                let Some(anew) = attach_again(&docker, &id).await else {
                    break end;
                };
                seams += 1;
                frames = anew;
                write(&to, SEAM);
            };
            sender.send_modify(|seen| seen.ended = Some(end));
        });
        Self { sink, marks }
    }

    /// Sends further output to `output`.
    pub(super) fn route(&self, output: Option<Arc<dyn Output>>) {
        *self.sink.lock().unwrap_or_else(PoisonError::into_inner) = output;
    }

    /// Waits until everything before the mark has been read.
    ///
    /// # Errors
    /// When the stream ended before it, with the reason.
    pub(super) async fn reached(&self, token: &str) -> Result<(), String> {
        let mut marks = self.marks.clone();
        let seen = marks
            .wait_for(|seen| seen.last_mark == token || seen.ended.is_some())
            .await
            .map_err(|_| "the container's output is no longer read".to_owned())?;
        match &seen.ended {
            Some(end) if seen.last_mark != token => Err(end.clone()),
            _ => Ok(()),
        }
    }

    /// Waits until the stream ends.
    pub(super) async fn ended(&self) -> String {
        let mut marks = self.marks.clone();
        match marks.wait_for(|seen| seen.ended.is_some()).await {
            Ok(seen) => seen.ended.clone().unwrap_or_default(),
            Err(_) => String::new(),
        }
    }
}

/// Reads a stream to its end; says how it ended.
async fn pass_on(
    frames: &mut OutputFrames,
    to: &Mutex<Option<Arc<dyn Output>>>,
    sender: &watch::Sender<Seen>,
) -> String {
    let mut splitter = Splitter::default();
    let mut end = "the container's output ended".to_owned();
    while let Some(frame) = frames.next().await {
        let bytes = match frame {
            Ok(bytes) => bytes,
            Err(error) => {
                end = error.to_string();
                break;
            }
        };
        for part in splitter.push(&bytes) {
            match part {
                Part::Text(text) => write(to, &text),
                Part::Mark(token) => sender.send_modify(|seen| seen.last_mark = token),
            }
        }
    }
    write(to, &splitter.rest());
    end
}

/// The output of a container that runs on although its stream broke off. The engine reads
/// it meanwhile, so nothing stalls. What it read is not asked for: engines give it back
/// changed, and how a step ends is known from its own exec and its reports.
async fn attach_again(docker: &Docker, id: &str) -> Option<OutputFrames> {
    match docker.ended_within(id, SETTLE).await {
        Ok(None) => docker.attach(id).await.ok(),
        Ok(Some(_)) | Err(_) => None,
    }
}

fn write(sink: &Mutex<Option<Arc<dyn Output>>>, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let target = sink
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        .map(Arc::clone);
    if let Some(target) = target {
        target.write(bytes);
    }
}

/// A piece of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What a command printed.
    Text(Vec<u8>),
    /// The token of a mark.
    Mark(String),
}

/// Finds marks in a stream that comes in arbitrary pieces.
#[derive(Default)]
pub(super) struct Splitter {
    held: Vec<u8>,
}

impl Splitter {
    /// Takes the next piece of the stream; what may become a mark is held back.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Part> {
        let mut data = std::mem::take(&mut self.held);
        data.extend_from_slice(bytes);
        let mut parts = Vec::new();
        let mut text = Vec::new();
        let mut rest = data.as_slice();
        while let Some(at) = rest.iter().position(|byte| *byte == SEPARATOR) {
            let (before, tail) = rest.split_at(at);
            text.extend_from_slice(before);
            let after = tail.get(1..).unwrap_or_default();
            let token: Vec<u8> = after
                .iter()
                .copied()
                .take(TOKEN_LEN)
                .take_while(u8::is_ascii_hexdigit)
                .collect();
            if token.len() == TOKEN_LEN && after.get(TOKEN_LEN) == Some(&SEPARATOR) {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Mark(String::from_utf8_lossy(&token).into_owned()));
                rest = after.get(TOKEN_LEN + 1..).unwrap_or_default();
            } else if token.len() == after.len() {
                // May still become a mark: wait for more.
                self.held = tail.to_vec();
                rest = &[];
                break;
            } else {
                text.push(SEPARATOR);
                rest = after;
            }
        }
        text.extend_from_slice(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        parts
    }

    /// What is held back at the end of the stream.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Splitter};
    use proptest::prelude::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn gather(pieces: &[&[u8]]) -> (Vec<u8>, Vec<String>) {
        let mut splitter = Splitter::default();
        let mut text = Vec::new();
        let mut marks = Vec::new();
        for piece in pieces {
            for part in splitter.push(piece) {
                match part {
                    Part::Text(more) => text.extend(more),
                    Part::Mark(token) => marks.push(token),
                }
            }
        }
        text.extend(splitter.rest());
        (text, marks)
    }

    #[test]
    fn text_that_looks_like_a_mark_is_text() {
        let (text, marks) = gather(&[b"a\x1eb", b"\x1e0123\x1e", b"\x1e"]);
        assert_eq!(text, b"a\x1eb\x1e0123\x1e\x1e");
        assert!(marks.is_empty());
    }

    proptest! {
        #[test]
        fn marks_are_found_wherever_the_stream_is_cut(
            before in proptest::collection::vec(any::<u8>().prop_filter("no separator", |b| *b != 0x1e), 0..50),
            after in proptest::collection::vec(any::<u8>().prop_filter("no separator", |b| *b != 0x1e), 0..50),
            cut in 0usize..100,
        ) {
            let mut all = before.clone();
            all.extend(format!("\x1e{TOKEN}\x1e").bytes());
            all.extend(&after);
            let cut = cut.min(all.len());
            let (text, marks) = gather(&[&all[..cut], &all[cut..]]);
            prop_assert_eq!(text, [before, after].concat());
            prop_assert_eq!(marks, vec![TOKEN.to_owned()]);
        }

        #[test]
        fn nothing_is_lost_of_any_stream(pieces in proptest::collection::vec(proptest::collection::vec(prop_oneof![Just(0x1eu8), Just(b'a'), any::<u8>()], 0..40), 0..6)) {
            let refs: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let (text, marks) = gather(&refs);
            prop_assert!(marks.is_empty());
            prop_assert_eq!(text, pieces.concat());
        }
    }
}
