//! Problems of a file with their places, as compilers show them.
//!
//! The first line of each has the form of GitHub's own messages,
//! `FILE (Line: 3, Col: 5): what is wrong`, so that tools which look for it find it.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::error::FileProblems;
use super::out::Out;
use crate::report::one_line;
use crate::workflow::Problem;

/// How grave the problems are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Severity {
    /// The file cannot be used.
    Error,
    /// It probably is not meant.
    Warning,
}

/// Widest excerpt.
const WIDTH: usize = 120;

/// Shows all problems on stderr, and how many errors there are.
pub(super) fn show(out: &Out, found: &FileProblems, severity: Severity) {
    for problem in &found.problems {
        out.say(&format!("{}\n", render(found, problem, severity)));
    }
    let count = found.problems.len();
    if severity == Severity::Error && count > 1 {
        out.say(&format!("{count} problems in {}", found.file));
    }
}

/// One problem, coloured.
fn render(found: &FileProblems, problem: &Problem, severity: Severity) -> String {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let (file, text) = match &problem.file {
        Some(file) => (
            &**file,
            found.others.get(&**file).map_or("", String::as_str),
        ),
        None => (found.file.as_str(), found.text.as_str()),
    };
    let start = problem.span.start;
    let message = one_line(&problem.message);
    let title = if start.line == 0 {
        format!("{file}: {message}")
    } else {
        format!(
            "{file} (Line: {}, Col: {}): {message}",
            start.line, start.column
        )
    };
    let mut group = Group::with_title(level.primary_title(title));
    if start.line > 0
        && let Some(excerpt) = Excerpt::around(text, problem)
    {
        group = group.element(
            Snippet::source(excerpt.text)
                .line_start(excerpt.first_line)
                .path(file)
                .fold(false)
                .annotation(AnnotationKind::Primary.span(excerpt.marked)),
        );
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(one_line(hint)));
    }
    Renderer::styled()
        .decor_style(DecorStyle::Ascii)
        .term_width(WIDTH)
        .render(&[group])
}

/// Lines shown before the one with the problem.
const BEFORE: usize = 2;

/// The lines around a problem, and what is marked in them.
struct Excerpt<'t> {
    text: &'t str,
    first_line: usize,
    marked: Range<usize>,
}

impl<'t> Excerpt<'t> {
    /// `None` when the place is not in the text.
    fn around(text: &'t str, problem: &Problem) -> Option<Self> {
        let from = problem.span.start.offset;
        let (before, behind) = (text.get(..from)?, text.get(from..)?);
        if text.is_empty() {
            return None;
        }
        let line_end = behind.find(['\n', '\r']).unwrap_or(behind.len());
        // Only the first line is marked: a job of fifty lines is no help.
        let length = (problem.span.end.offset.saturating_sub(from)).min(line_end);
        let marked = behind.get(..length)?.trim_end().len();
        let mut begin = before.rfind('\n').map_or(0, |newline| newline + 1);
        let mut first_line = problem.span.start.line;
        for _ in 0..BEFORE {
            let Some(above) = begin.checked_sub(1).and_then(|end| text.get(..end)) else {
                break;
            };
            begin = above.rfind('\n').map_or(0, |newline| newline + 1);
            first_line = first_line.saturating_sub(1).max(1);
        }
        Some(Self {
            text: text.get(begin..from + line_end)?,
            first_line,
            marked: from - begin..from - begin + marked,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cli::error::CliError;
    use crate::cli::out::Stream;
    use crate::record::Cause;
    use crate::workflow::{Span, parse};

    const FILE: &str = ".github/workflows/test.yml";

    /// What is said about a workflow.
    fn said(text: &str) -> String {
        let out = Out::listening();
        let problems = parse(text)
            .map(|parsed| parsed.warnings)
            .unwrap_or_else(|problems| problems)
            .into_iter()
            .map(|problem| (Cause::WorkflowInvalid, problem))
            .collect();
        let code = CliError::of_problems(FILE, text, problems, BTreeMap::new()).show(&out);
        assert_eq!(code, 2);
        out.heard(Stream::Stderr)
    }

    #[test]
    fn problems_are_shown_with_their_places() {
        insta::assert_snapshot!(
            "places",
            said(
                "name: CI\non: push\njobs:\n  unit:\n    run-on: ubuntu-latest\n    steps:\n      - run: pytest\n        shel: bash\n"
            )
        );
    }

    #[test]
    fn other_writing_and_other_line_ends() {
        insta::assert_snapshot!(
            "unicode",
            said(
                "\u{feff}name: Prüfung\r\non: push\r\njobs:\r\n  unit: # 検査\r\n    name: é\r\n    runs-on: ubuntu-latest\r\n    stéps: none\r\n"
            )
        );
    }

    #[test]
    fn a_place_that_is_not_in_the_text_is_only_named() {
        let out = Out::listening();
        let mut span = Span::file_start();
        span.start.line = 7;
        span.start.offset = 5000;
        let found = FileProblems {
            file: FILE.to_owned(),
            text: "on: push\n".to_owned(),
            others: BTreeMap::new(),
            problems: vec![
                Problem::new(span, "odd"),
                Problem::new(Span::default(), "there is no job `x`").with_hint("its jobs are: a"),
            ],
        };
        show(&out, &found, Severity::Warning);
        assert_eq!(
            out.heard(Stream::Stderr),
            "warning: .github/workflows/test.yml (Line: 7, Col: 1): odd\n\n\
             warning: .github/workflows/test.yml: there is no job `x`\n\
             \u{20}|\n\
             \u{20}= help: its jobs are: a\n\n"
        );
    }

    #[test]
    fn what_a_file_holds_cannot_reach_the_terminal() {
        let text = "on: \u{1b}]0;x\u{7} push\n";
        let mut span = Span::file_start();
        span.end.offset = 2;
        let found = FileProblems {
            file: FILE.to_owned(),
            text: text.to_owned(),
            problems: vec![Problem::new(span, "odd \u{1b}[2J")],
            others: BTreeMap::new(),
        };
        let said =
            anstream::adapter::strip_str(&render(&found, &found.problems[0], Severity::Error))
                .to_string();
        assert!(!render(&found, &found.problems[0], Severity::Error).contains("\u{1b}]"));
        assert!(
            said.contains("odd ␛[2J") && said.contains("on: ␛]0;x␇ push"),
            "{said}"
        );
    }

    #[test]
    fn the_first_class_decides() {
        let problem = |cause| (cause, Problem::new(Span::default(), "x"));
        let error = CliError::of_problems(
            FILE,
            "",
            vec![problem(Cause::EngineError), problem(Cause::WorkflowInvalid)],
            BTreeMap::new(),
        );
        assert_eq!(error.cause, Cause::WorkflowInvalid);
    }
}
