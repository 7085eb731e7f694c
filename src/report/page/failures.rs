//! The failed tests, each with what it said.

use maud::{Markup, html};

use super::overview::cut;
use super::{ended, name};
use crate::record::RunRecord;
use crate::report::failed::{self, FailedTest, failed_tests, said};
use crate::report::format::{bytes, counted};
use crate::report::style::Sign;
use crate::report::text::plain;

/// Bytes of the output of one test, and of all together.
const ONE: usize = 16 * 1024;
const ALL: usize = 300 * 1024;
/// Most failed tests that are told one by one.
const MOST: usize = 1_000;
/// Failed tests whose output is open at first.
const OPEN: usize = 1;

/// The list; nothing where none failed.
pub(super) fn list(record: &RunRecord) -> Option<Markup> {
    let tests = failed_tests(record);
    if tests.is_empty() {
        return None;
    }
    let mut left = ALL;
    let told: Vec<Markup> = tests
        .iter()
        .take(MOST)
        .enumerate()
        .map(|(at, test)| of_test(test, at < OPEN, &mut left))
        .collect();
    Some(html! {
        h3 { (counted(tests.len() as u64, "failed test")) }
        @for test in told { (test) }
        @if tests.len() > MOST {
            p.quiet { "and " (tests.len() - MOST) " more, which junit.xml has" }
        }
    })
}

fn of_test(test: &FailedTest<'_>, open: bool, left: &mut usize) -> Markup {
    let case = test.case;
    let first = said(case, 1).first().map(|line| cut(line));
    let output = output(test, left);
    let sign = if test.allowed { Sign::Warn } else { Sign::Bad };
    html! {
        details.failed open[open] {
            summary {
                (ended(sign, "")) strong { (name(&case.id)) }
                @if let Some(first) = first { span.first { (first) } }
            }
            p.quiet {
                @if let Some(at) = failed::place(case) { "At " code { (name(&at)) } }
                @if let Some(at) = failed::raised_elsewhere(case) { ", raised at " code { (name(&at)) } }
                " in " (name(&test.legs.join(", ")))
                @if test.allowed { ", allowed to fail" }
            }
            (output)
        }
    }
}

/// What a test said, as far as there is room for it.
fn output(test: &FailedTest<'_>, left: &mut usize) -> Markup {
    let case = test.case;
    let text = if case.details.is_empty() {
        &case.message
    } else {
        &case.details
    };
    if text.is_empty() {
        return html! {};
    }
    let room = ONE.min(*left);
    // What went wrong stands at the end.
    let from = text.ceil_char_boundary(text.len().saturating_sub(room));
    let kept = text.get(from..).unwrap_or_default();
    *left -= kept.len();
    html! {
        pre tabindex="0" {
            @if from > 0 { "… " (bytes(from as u64)) " left out here, which junit.xml has\n" }
            (plain(kept))
        }
    }
}
