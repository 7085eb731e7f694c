//! The missed lines of a file, each with what is around it.

use maud::{Markup, html};

use crate::report::text::output_line;
use crate::results::FileLines;

/// Lines around a missed one.
const AROUND: u32 = 3;
/// Bytes of a line beside its text, roughly.
const LINE: usize = 40;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It cannot run.
    None,
    /// It ran.
    Hit,
    /// It ran, and not in all ways: taken and known branches.
    Part(u32, u32),
    /// It did not run.
    Missed,
}

/// Lines in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hunk<'a> {
    first: u32,
    lines: Vec<(State, &'a str)>,
}

/// The parts of a file where something was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunks<'a> {
    /// The missed lines.
    pub(super) missed: Vec<u32>,
    hunks: Vec<Hunk<'a>>,
    /// Whether the text of the file is known.
    known: bool,
}

impl<'a> Hunks<'a> {
    /// The parts of a file with these lines, and with this text where it is known.
    pub(super) fn of(lines: &FileLines, text: Option<&'a str>) -> Self {
        let state = |number: u32| match lines.lines.get(&number) {
            None => State::None,
            Some(line) if line.hits() == 0 => State::Missed,
            Some(line) => match &line.branches {
                Some(branches) if branches.covered() < branches.total() => {
                    State::Part(branches.covered(), branches.total())
                }
                _ => State::Hit,
            },
        };
        let all = lines.lines.keys().copied();
        let missed = all.clone().filter(|number| state(*number) == State::Missed);
        let missed: Vec<u32> = missed.collect();
        let mut hunks: Vec<Hunk<'a>> = Vec::new();
        if let Some(text) = text {
            let text: Vec<&str> = text.lines().collect();
            let last = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let mut next = 1;
            let wanted = all.filter(|number| {
                matches!(state(*number), State::Missed | State::Part(..)) && *number <= last
            });
            for number in wanted {
                let from = number.saturating_sub(AROUND).max(next);
                let to = number.saturating_add(AROUND).min(last);
                for at in from..=to {
                    let line = text.get(at as usize - 1).copied().unwrap_or_default();
                    match hunks.last_mut() {
                        Some(hunk) if at == next && at > 1 && !hunk.lines.is_empty() => {
                            hunk.lines.push((state(at), line));
                        }
                        _ => hunks.push(Hunk {
                            first: at,
                            lines: vec![(state(at), line)],
                        }),
                    }
                    next = at + 1;
                }
            }
        }
        Self {
            missed,
            hunks,
            known: text.is_some(),
        }
    }

    /// Bytes that it takes in the page, roughly.
    pub(super) fn size(&self) -> usize {
        let lines = self.hunks.iter().flat_map(|hunk| &hunk.lines);
        let text: usize = lines.map(|(_, line)| line.len() + LINE).sum();
        text + 300 + self.missed.len().min(100) * 6
    }
}

/// The parts as they are shown.
pub(super) fn hunks(of: &Hunks<'_>) -> Markup {
    html! {
        @if !of.known {
            p.quiet { "The text of the file is not at hand as the run had it." }
        }
        @for hunk in &of.hunks {
            ol.code start=(hunk.first) tabindex="0" aria-label={ "From line " (hunk.first) } {
                @for (state, line) in &hunk.lines {
                    @let text = output_line(line, false);
                    @match state {
                        State::None => li { (text) },
                        State::Hit => li.hit { (text) },
                        State::Part(taken, known) => li.part { (text) span.why { (taken) " of " (known) " branches" } },
                        State::Missed => li.missed { (text) },
                    }
                }
            }
        }
    }
}

/// Numbers as ranges: `3–5, 9`, the first ones.
pub(super) fn ranges(numbers: &[u32]) -> String {
    const MOST: usize = 12;
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let mut words: Vec<String> = ranges
        .iter()
        .take(MOST)
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}–{last}")
            }
        })
        .collect();
    if ranges.len() > MOST {
        words.push(format!("and {} more", ranges.len() - MOST));
    }
    if words.is_empty() {
        return "only branches".to_owned();
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Hunks, ranges};
    use crate::results::lcov;

    #[test]
    fn missed_lines_with_what_is_around_them() {
        let report =
            "SF:a.py\nDA:1,1\nDA:2,1\nDA:10,0\nDA:11,0\nDA:30,0\nDA:400,0\nend_of_record\n";
        let report = lcov::read(report.as_bytes()).unwrap();
        let lines = report.files.get("a.py").unwrap();
        let text: String = (1..=32).map(|number| format!("line {number}\n")).collect();
        let found = Hunks::of(lines, Some(&text));
        let parts: Vec<(u32, usize)> = found
            .hunks
            .iter()
            .map(|hunk| (hunk.first, hunk.lines.len()))
            .collect();
        assert_eq!(parts, [(7, 8), (27, 6)]);
        assert_eq!(found.hunks[0].lines[3].1, "line 10");
        assert_eq!(ranges(&found.missed), "10–11, 30, 400");
        assert!(Hunks::of(lines, None).hunks.is_empty());
        assert_eq!(ranges(&[]), "only branches");
    }
}
