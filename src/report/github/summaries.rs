//! The step summaries that the steps themselves wrote.

use super::html::text;
use crate::record::RunRecord;
use crate::report::text::plain;

/// Room for a heading, the ends of open blocks and the note of a cut.
const ROOM: usize = 2048;

/// The Markdown that steps wrote into their summaries, by job. It is theirs and
/// stays as it is, apart from control characters; what a step left open is closed,
/// so that it does not swallow the next one. It has at most so many bytes: what
/// seatrial's own summary has left of the one file.
pub(crate) fn summaries(record: &RunRecord, most: usize) -> String {
    let mut page = String::new();
    for leg in &record.jobs {
        for step in leg.steps.iter().filter(|step| !step.summary.is_empty()) {
            let heading = format!("{} › {}", leg.planned.key, step.name);
            let heading: String = heading.chars().take(ROOM / 16).collect();
            let free = most.saturating_sub(page.len() + ROOM);
            if free < ROOM {
                continue;
            }
            page.push_str(&format!("<h3>{}</h3>\n\n", text(&heading)));
            let written = plain(&step.summary);
            let (kept, whole) = cut(&written, free - ROOM);
            page.push_str(kept);
            page.push_str(&ends(kept));
            if !whole {
                page.push_str("\n\n<p>Cut: the rest did not fit.</p>");
            }
            page.push_str("\n\n");
        }
    }
    page
}

/// What begins and ends HTML blocks that go on over blank lines.
const UNENDED: [(&str, &str); 7] = [
    ("<!--", "-->"),
    ("<![cdata[", "]]>"),
    ("<?", "?>"),
    ("<script", "</script>"),
    ("<style", "</style>"),
    ("<pre", "</pre>"),
    ("<textarea", "</textarea>"),
];

/// At most so many bytes.
fn cut(text: &str, most: usize) -> (&str, bool) {
    if text.len() <= most {
        return (text, true);
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (text.get(..end).unwrap_or_default(), false)
}

/// What closes the blocks that a text leaves open.
fn ends(text: &str) -> String {
    let mut ends = String::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let line = line.trim_start();
        let marker = ["```", "~~~"]
            .into_iter()
            .find(|marker| line.starts_with(marker));
        fence = match (fence, marker) {
            (None, marker) => marker,
            (Some(open), Some(marker)) if open == marker => None,
            (open, _) => open,
        };
    }
    if let Some(fence) = fence {
        ends.push('\n');
        ends.push_str(fence);
    }
    let lower = text.to_ascii_lowercase();
    // HTML blocks that no blank line ends (CommonMark, 4.6): what follows would be
    // hidden in them.
    for (start, end) in UNENDED {
        if lower.rfind(start).is_some_and(|at| {
            let behind = lower.get(at + start.len()..).unwrap_or_default();
            !behind.contains(end)
        }) {
            ends.push('\n');
            ends.push_str(end);
        }
    }
    let open = lower.matches("<details").count();
    let closed = lower.matches("</details").count();
    // A page of nothing but `<details>` must not double its size.
    for _ in closed..open.min(closed + 16) {
        ends.push_str("\n\n</details>");
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::summaries;
    use crate::gate::sample::{Leg, Run};
    use crate::record::{EventKind, RunRecord};
    use crate::report::github::step_summary::PAGE_BYTES;

    fn record(texts: &[&str]) -> RunRecord {
        let legs = texts.iter().enumerate().map(|(at, markdown)| {
            let leg = Leg::new(&format!("job-{at}"), 0).step("Show", "in container", 1);
            let step = leg.key(1);
            leg.event(EventKind::Summary {
                step,
                markdown: (*markdown).to_owned(),
            })
        });
        Run::of(legs).record()
    }

    #[test]
    fn by_job_and_closed() {
        assert_eq!(
            summaries(
                &record(&["# Hi\n", "```\ncode", "<details>x", "a <!-- b"]),
                PAGE_BYTES
            ),
            "<h3>job-0 › Show</h3>\n\n# Hi\n\n\n\
             <h3>job-1 › Show</h3>\n\n```\ncode\n```\n\n\
             <h3>job-2 › Show</h3>\n\n<details>x\n\n</details>\n\n\
             <h3>job-3 › Show</h3>\n\na <!-- b\n-->\n\n"
        );
        assert_eq!(summaries(&record(&[]), PAGE_BYTES), "");
    }

    #[test]
    fn never_too_large() {
        let long = "é".repeat(400_000);
        let page = summaries(&record(&[&long, &long, &long]), PAGE_BYTES);
        assert!(page.len() <= PAGE_BYTES);
        assert!(page.contains("Cut: the rest did not fit"));
        assert!(summaries(&record(&[&long]), 9000).len() <= 9000);
        assert_eq!(summaries(&record(&[&long]), 100), "");
    }
}
