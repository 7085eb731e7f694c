//! What belongs to a step, or to a job in the same words: when it runs, how long it may take,
//! whether its failure counts.

use super::finding::{Finding, Topic, Verdict};
use super::text::{self, bare};
use super::triggers::arrow;
use crate::expr::Terms;
use crate::workflow::{Node, Text};

/// The text of a condition and what it means.
type Condition<'c> = (Option<&'c Text>, Option<&'c Terms>);

/// Compares two conditions of `what`.
pub(super) fn condition(old: Condition<'_>, new: Condition<'_>, what: &str) -> Option<Finding> {
    let written = |condition: &Condition<'_>| condition.0.map(|text| bare(&text.value).to_owned());
    let (before, after) = (written(&old), written(&new));
    let told = arrow(before.as_deref(), after.as_deref());
    let same = |after: Option<String>| {
        let message = format!("`if` {}", text::quoted(after.as_deref()));
        Finding::new(Verdict::Same, Topic::Condition, message)
    };
    let (Some(was), Some(is)) = (old.1, new.1) else {
        if before == after {
            return after.is_some().then(|| same(after));
        }
        let finding = Finding::new(Verdict::Changed, Topic::Condition, format!("`if` {told}"));
        return Some(finding.noted("it is too long to tell which of them is the wider one"));
    };
    let finding = match (is.implies(was), was.implies(is)) {
        (true, true) if before.is_none() && after.is_none() => return None,
        (true, true) => same(after),
        (true, false) => {
            let message = format!("{what} runs in fewer cases: `if` {told}");
            Finding::new(Verdict::Weakened, Topic::Condition, message)
        }
        (false, true) => {
            let message = format!("{what} runs in more cases: `if` {told}");
            Finding::new(Verdict::Changed, Topic::Condition, message)
        }
        (false, false) => {
            let message = format!("{what} runs in other cases: `if` {told}");
            Finding::new(Verdict::Changed, Topic::Condition, message)
        }
    };
    Some(finding)
}

/// Compares two `timeout-minutes`. `otherwise` says what counts where there is none.
pub(super) fn timeout(old: Option<&Node>, new: Option<&Node>, otherwise: &str) -> Option<Finding> {
    let (before, after) = (text::of_option(old), text::of_option(new));
    let finding = |verdict, message: String| Some(Finding::new(verdict, Topic::Timeout, message));
    match (&before, &after) {
        (None, None) => None,
        (Some(a), Some(b)) if a == b => finding(Verdict::Same, format!("`timeout-minutes` `{a}`")),
        (Some(_), Some(_)) => {
            let told = arrow(before.as_deref(), after.as_deref());
            finding(Verdict::Changed, format!("`timeout-minutes` {told}"))
        }
        (Some(a), None) => finding(
            Verdict::Weakened,
            format!(
                "`timeout-minutes` `{}` is gone: {otherwise}",
                text::short(a)
            ),
        ),
        (None, Some(b)) => finding(
            Verdict::Added,
            format!("`timeout-minutes` `{}`", text::short(b)),
        ),
    }
}

/// Compares two `continue-on-error`. `matters` is whether a failure proves something.
pub(super) fn forgiven(old: Option<&Node>, new: Option<&Node>, matters: bool) -> Option<Finding> {
    let given = |node: Option<&Node>| {
        let text = text::of_option(node).map(|text| bare(&text).to_owned());
        text.filter(|text| text != "false" && !text.is_empty())
    };
    let (before, after) = (given(old), given(new));
    if before == after {
        let message = format!("`continue-on-error` {}", text::quoted(after.as_deref()));
        return after
            .is_some()
            .then(|| Finding::new(Verdict::Same, Topic::Gate, message));
    }
    let told = arrow(before.as_deref(), after.as_deref());
    Some(match (&before, &after) {
        (Some(always), Some(_)) if always == "true" => {
            let message = format!("`continue-on-error` {told}: its failure counts in more cases");
            Finding::new(Verdict::Changed, Topic::Gate, message)
        }
        (_, None) => {
            let message = "`continue-on-error` is gone: its failure counts now";
            Finding::new(Verdict::Changed, Topic::Gate, message)
        }
        _ => {
            let message =
                format!("`continue-on-error` {told}: its failure does not count any more");
            let verdict = match matters {
                true => Verdict::Weakened,
                false => Verdict::Changed,
            };
            Finding::new(verdict, Topic::Gate, message)
        }
    })
}
