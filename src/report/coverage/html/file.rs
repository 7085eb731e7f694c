//! The page of one file: its source, line by line.

use maud::{Markup, html};

use super::document;
use crate::report::coverage::missing::gaps;
use crate::report::format::{counted, percent};
use crate::report::text::{one_line, output_line};
use crate::results::{FileLines, Line, Missing, Target};

/// Most lines that are shown of a file.
const MAX_LINES: usize = 100_000;

/// The page of a file. Without its text, the numbers of its lines are shown alone.
pub(crate) fn coverage_file_page(path: &str, file: &FileLines, source: Option<&str>) -> String {
    let figures = file.summary(path);
    let share = figures
        .percent()
        .map_or_else(|| "nothing to cover".to_owned(), percent);
    let missed = figures.lines_valid - figures.lines_covered;
    let gaps = gaps(file).len() as u64;
    let body = html! {
        header {
            p { a href="index.html" { "All files" } }
            h1 { (one_line(path)) }
            p {
                (share) " of " (counted(figures.lines_valid, "line"))
                @if missed > 0 { ", " (missed) " missed" }
                @if figures.branches_valid > 0 {
                    ", " (figures.branches_covered) " of " (figures.branches_valid) " branches taken"
                }
            }
            @if gaps > 0 {
                p.steps hidden {
                    button type="button" data-step="-1" { "Previous gap (p)" } " "
                    button type="button" data-step="1" { "Next gap (n)" }
                }
            }
            p.legend {
                span.hit { "ran" } " " span.part { "a branch is missing" } " " span.missed { "did not run" }
            }
        }
        main {
            @match source {
                Some(source) => (text(file, source)),
                None => (without_text(file)),
            }
        }
    };
    document(&format!("{path}: coverage"), &body)
}

fn text(file: &FileLines, source: &str) -> Markup {
    html! {
        ol.code tabindex="0" {
            @for (number, line) in (1u32..).zip(source.lines()).take(MAX_LINES) {
                (row(number, file.lines.get(&number), Some(line)))
            }
        }
        @if source.lines().nth(MAX_LINES).is_some() {
            p { "The lines after these are left out." }
        }
    }
}

fn without_text(file: &FileLines) -> Markup {
    html! {
        p.quiet { "The text of the file is not at hand." }
        ol.code tabindex="0" {
            @for (number, line) in file.lines.iter().take(MAX_LINES) {
                (row(*number, Some(line), None))
            }
        }
    }
}

/// One line. What its colour says is said in words, too.
fn row(number: u32, line: Option<&Line>, text: Option<&str>) -> Markup {
    let (class, note) = match line {
        None => ("", None),
        Some(line) if line.hits() == 0 => ("missed", Some("did not run".to_owned())),
        Some(line) => match branches(line) {
            Some(note) => ("part", Some(note)),
            None => ("hit", None),
        },
    };
    html! {
        li id={ "L" (number) } class=[(!class.is_empty()).then_some(class)] value=(number) {
            @if let Some(text) = text { (output_line(text, false)) }
            @if let Some(note) = note { span.why { (note) } }
        }
    }
}

/// What is missing of the branches of a line that ran.
fn branches(line: &Line) -> Option<String> {
    let branches = line.branches.as_ref()?;
    let (taken, known) = (branches.covered(), branches.total());
    if taken == known {
        return None;
    }
    let mut note = format!("{taken} of {known} branches");
    if let Missing::Lines(targets) = branches.missing() {
        let targets = targets.iter().map(|target| match target {
            Target::Exit => "out of the code".to_owned(),
            Target::Line(line) => format!("to line {line}"),
        });
        note.push_str(", not ");
        note.push_str(&targets.collect::<Vec<_>>().join(", "));
    }
    Some(note)
}
