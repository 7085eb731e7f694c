//! Two items that belong together: what a command runs, selects, sees and decides.

use super::finding::{Finding, Topic, Verdict};
use super::pytest::{Options, implies};
use super::read::{Body, Item, Kind, Ran};
use super::text;
use super::triggers::arrow;
use super::{marks, uploads};
use crate::expr::Terms;
use crate::plan::{pytest_call, split_words};

/// Compares an item with its partner, but for its step. `others` are all items of the
/// partner's way.
pub(super) fn compare(
    old: &Item<'_>,
    new: &Item<'_>,
    others: &[Item<'_>],
    found: &mut Vec<Finding>,
) {
    match (&old.body, &new.body) {
        (Body::Action(_), Body::Action(_)) => uploads::compare(old, new, found),
        (Body::Command(was), Body::Command(is)) => {
            match (pytest(old), pytest(new)) {
                (Some(before), Some(after)) => {
                    let others = others.iter().filter(|other| can_stand_for(old, other));
                    let others: Vec<Options> =
                        others.filter_map(|item| Some(pytest(item)?.1)).collect();
                    selection(&before.1, &after.1, &others, found);
                    options(&before, &after, found);
                }
                _ if old.words != new.words => {
                    let (before, after) = (old.words.join(" "), new.words.join(" "));
                    let message = arrow(Some(&before), Some(&after));
                    found.push(Finding::new(Verdict::Changed, topic(old.kind), message));
                }
                _ => {}
            }
            if old.kind.decides() {
                gate(was, is, found);
            }
            if matches!(old.kind, Kind::Tests(_)) {
                environment(was, is, found);
            }
            place(old, was, is, found);
        }
        _ => {}
    }
}

/// What a finding of such an item is about.
pub(super) fn topic(kind: Kind) -> Topic {
    match kind {
        Kind::Tests(_) | Kind::Other | Kind::Hidden | Kind::Quiet => Topic::Command,
        Kind::Threshold => Topic::Threshold,
        Kind::Report => Topic::Report,
        Kind::Setup | Kind::Machinery => Topic::Setup,
        Kind::Variables => Topic::Environment,
        Kind::Upload => Topic::Upload,
        Kind::Action => Topic::Action,
    }
}

/// An item in few words.
pub(super) fn shown(item: &Item<'_>) -> String {
    if let (Kind::Machinery, Some(name)) = (item.kind, &item.step.name) {
        return text::short(&name.value);
    }
    match &item.body {
        Body::Command(_) => text::short(&item.words.join(" ")),
        Body::Action(uses) => {
            let name = uses.input("name");
            match name.is_empty() {
                true => uses.name.to_owned(),
                false => format!("{} ({})", uses.name, text::short(&name)),
            }
        }
    }
}

/// How pytest is called, and with which options, where the item is a pytest.
pub(super) fn pytest(item: &Item<'_>) -> Option<(Vec<String>, Options)> {
    let Body::Command(ran) = &item.body else {
        return None;
    };
    if !matches!(item.kind, Kind::Tests(_)) {
        return None;
    }
    let arguments = pytest_call(&item.words)?;
    let before = item.words.len() - arguments.len();
    let called = item.words.get(..before).unwrap_or_default().to_vec();
    // `PYTEST_ADDOPTS` comes before the arguments (pytest's documentation).
    let added = ran.environment.set.get(ADDOPTS).map_or("", String::as_str);
    let mut all = split_words(added);
    all.extend_from_slice(arguments);
    let directory = ran.directory.as_deref().unwrap_or("");
    Some((called, Options::of(&all, directory, &ran.roots)))
}

/// Whether another command can stand for an old one: its failure counts, whenever the old one
/// ran.
pub(super) fn can_stand_for(old: &Item<'_>, other: &Item<'_>) -> bool {
    let Body::Command(ran) = &other.body else {
        return false;
    };
    let runs = old
        .condition
        .as_ref()
        .zip(other.condition.as_ref())
        .is_some_and(|(old, other)| old.implies(other));
    runs && ran.swallowed.is_none() && !ran.sometimes && other.step.continue_on_error.is_none()
}

/// The variable with options for pytest.
const ADDOPTS: &str = "PYTEST_ADDOPTS";

/// Which tests are run.
fn selection(old: &Options, new: &Options, others: &[Options], found: &mut Vec<Finding>) {
    let count = found.len();
    let mut say =
        |verdict, message: String| found.push(Finding::new(verdict, Topic::Selection, message));
    if old.paths.is_empty() && !new.paths.is_empty() {
        let elsewhere = others.iter().any(|other| other.covers(old));
        let paths: Vec<&String> = new.paths.iter().collect();
        let paths = text::listed(&paths);
        match elsewhere {
            true => say(
                Verdict::Changed,
                format!("it runs only {paths} now, and another command the rest"),
            ),
            false => say(
                Verdict::Weakened,
                format!("it runs only {paths} now, before all that the configuration names"),
            ),
        }
    } else {
        let one = |path: &str| Options {
            paths: [path.to_owned()].into(),
            ..old.clone()
        };
        let missing = match new.paths.is_empty() {
            true => Vec::new(),
            false => new.paths_missing(old),
        };
        let (moved, gone): (Vec<&str>, Vec<&str>) = missing
            .into_iter()
            .partition(|path| others.iter().any(|other| other.covers(&one(path))));
        if !gone.is_empty() {
            say(
                Verdict::Weakened,
                format!("it does not run {} any more", text::listed(&gone)),
            );
        }
        if !moved.is_empty() {
            say(
                Verdict::Changed,
                format!("another command runs {} now", text::listed(&moved)),
            );
        }
        let more: Vec<&str> = old.paths_missing(new);
        if new.paths.is_empty() && !old.paths.is_empty() {
            say(
                Verdict::Changed,
                "it runs all that the configuration names now".to_owned(),
            );
        } else if !more.is_empty() {
            say(
                Verdict::Changed,
                format!("it runs {} too", text::listed(&more)),
            );
        } else if gone.is_empty() && moved.is_empty() && old.paths != new.paths {
            say(Verdict::Changed, "it names its paths otherwise".to_owned());
        }
    }
    let left_out: Vec<&String> = new.left_out.difference(&old.left_out).collect();
    if !left_out.is_empty() {
        say(
            Verdict::Weakened,
            format!("it leaves out tests by {}", text::listed(&left_out)),
        );
    }
    let taken_in: Vec<&String> = old.left_out.difference(&new.left_out).collect();
    if !taken_in.is_empty() {
        say(
            Verdict::Changed,
            format!(
                "it does not leave out tests by {} any more",
                text::listed(&taken_in)
            ),
        );
    }
    let by_history: Vec<&String> = new.by_history.difference(&old.by_history).collect();
    if !by_history.is_empty() {
        say(
            Verdict::Weakened,
            format!(
                "{} leaves out tests that an earlier run passed",
                text::listed(&by_history)
            ),
        );
    }
    if let Some(finding) = expression("-m", old, new, others, |options| options.marks.as_deref()) {
        found.push(finding);
    }
    if let Some(finding) = expression("-k", old, new, others, |options| {
        options.keywords.as_deref()
    }) {
        found.push(finding);
    }
    if found.len() == count {
        found.push(Finding::new(
            Verdict::Same,
            Topic::Selection,
            "it selects the same tests",
        ));
    }
}

/// `-m` or `-k`.
fn expression(
    name: &str,
    old: &Options,
    new: &Options,
    others: &[Options],
    of: impl Fn(&Options) -> Option<&str>,
) -> Option<Finding> {
    let (before, after) = (of(old), of(new));
    let told = arrow(before, after);
    let say = |verdict, message: String| Some(Finding::new(verdict, Topic::Selection, message));
    match (implies(after, before), implies(before, after)) {
        (true, true) => None,
        (true, false) => {
            // Commands that run the rest of what this one ran.
            let terms = |options: &Options| of(options).map_or_else(Terms::always, marks::terms);
            let rest = others.iter().filter(|other| {
                other.paths_cover(old)
                    && other.left_out.is_subset(&old.left_out)
                    && other.by_history.is_empty()
            });
            let all = rest
                .into_iter()
                .try_fold(terms(new), |all, other| all.or(&terms(other)));
            match all.is_some_and(|all| terms(old).implies(&all)) {
                true => say(
                    Verdict::Changed,
                    format!("`{name}` {told}, and other commands run the rest"),
                ),
                false => say(
                    Verdict::Weakened,
                    format!("it runs fewer tests: `{name}` {told}"),
                ),
            }
        }
        (false, true) => say(
            Verdict::Changed,
            format!("it runs more tests: `{name}` {told}"),
        ),
        (false, false) => say(
            Verdict::Changed,
            format!("it runs other tests: `{name}` {told}"),
        )
        .map(|finding| {
            finding.noted("whether fewer tests are run cannot be told from the expressions")
        }),
    }
}

/// What else the command line says.
fn options(old: &(Vec<String>, Options), new: &(Vec<String>, Options), found: &mut Vec<Finding>) {
    let ((called, old), (calls, new)) = (old, new);
    if called != calls {
        let message = format!(
            "it is called by {}",
            arrow(Some(&called.join(" ")), Some(&calls.join(" ")))
        );
        found.push(Finding::new(Verdict::Changed, Topic::Command, message));
    }
    match (&old.measured, &new.measured) {
        (Some(_), None) => {
            let message = "it does not measure coverage any more (`--cov`)";
            found.push(Finding::new(Verdict::Lost, Topic::Report, message));
        }
        (None, Some(_)) => {
            let message = "it measures coverage (`--cov`)";
            found.push(Finding::new(Verdict::Added, Topic::Report, message));
        }
        (Some(before), Some(after)) if before != after => {
            let gone: Vec<&String> = before.difference(after).collect();
            let (verdict, message) = match gone.is_empty() || after.contains(".") {
                true => (
                    Verdict::Changed,
                    "it measures coverage of something else too (`--cov`)".to_owned(),
                ),
                false => {
                    let gone = text::listed(&gone);
                    (
                        Verdict::Weakened,
                        format!("it does not measure coverage of {gone} any more"),
                    )
                }
            };
            found.push(Finding::new(verdict, Topic::Report, message));
        }
        _ => {}
    }
    let gone: Vec<&String> = old.others.difference(&new.others).collect();
    let more: Vec<&String> = new.others.difference(&old.others).collect();
    let strict: Vec<&&String> = gone.iter().filter(|option| is_strict(option)).collect();
    if !strict.is_empty() {
        let message = format!("it is not as strict, without {}", text::listed(&strict));
        found.push(Finding::new(Verdict::Weakened, Topic::Gate, message));
    }
    let gone: Vec<&&String> = gone.iter().filter(|option| !is_strict(option)).collect();
    if !gone.is_empty() || !more.is_empty() {
        let said = |options: String| {
            if options.is_empty() {
                "nothing".to_owned()
            } else {
                options
            }
        };
        let message = format!(
            "its options {} → {}",
            said(text::listed(&gone)),
            said(text::listed(&more))
        );
        found.push(Finding::new(Verdict::Changed, Topic::Command, message));
    }
    if old.parallel != new.parallel {
        let told = |options: &Options| {
            let all = options
                .parallel
                .iter()
                .map(|(name, value)| format!("{name} {value}"));
            all.collect::<Vec<_>>().join(" ")
        };
        let message = format!(
            "tests at a time: {}",
            arrow(Some(&told(old)), Some(&told(new)))
        );
        found.push(Finding::new(Verdict::Changed, Topic::Parallelism, message));
    }
    match (&old.timeout, &new.timeout) {
        (Some(limit), None) => {
            let message = format!("`--timeout` `{limit}` of a test is gone");
            found.push(Finding::new(Verdict::Weakened, Topic::Timeout, message));
        }
        (before, after) if before != after => {
            let message = format!("`--timeout` {}", arrow(before.as_deref(), after.as_deref()));
            found.push(Finding::new(Verdict::Changed, Topic::Timeout, message));
        }
        _ => {}
    }
}

/// Options that make something a failure that would be none.
fn is_strict(option: &str) -> bool {
    option.starts_with("-W=error") || option.starts_with("--strict")
}

/// Whether a failure of the command still fails the job.
fn gate(old: &Ran, new: &Ran, found: &mut Vec<Finding>) {
    match (&old.swallowed, &new.swallowed) {
        (None, Some(how)) => {
            let message = format!("its failure does not count any more: {how}");
            found.push(Finding::new(Verdict::Weakened, Topic::Gate, message));
        }
        (Some(_), None) => {
            let message = "its failure counts now";
            found.push(Finding::new(Verdict::Changed, Topic::Gate, message));
        }
        (None, None) => found.push(Finding::new(
            Verdict::Same,
            Topic::Gate,
            "its failure counts",
        )),
        (Some(_), Some(_)) => {
            let message = "its failure does not count, as before";
            found.push(Finding::new(Verdict::Same, Topic::Gate, message));
        }
    }
    match (old.sometimes, new.sometimes) {
        (false, true) => {
            let message = "it runs in some case only (`if`, `case` or `||` in the script)";
            found.push(Finding::new(Verdict::Weakened, Topic::Condition, message));
        }
        (true, false) => {
            let message = "it runs in every case now, before in some only";
            found.push(Finding::new(Verdict::Changed, Topic::Condition, message));
        }
        _ => {}
    }
}

/// The variables that the command sees.
fn environment(old: &Ran, new: &Ran, found: &mut Vec<Finding>) {
    let (before, after) = (&old.environment, &new.environment);
    let count = found.len();
    let mut say =
        |verdict, message: String| found.push(Finding::new(verdict, Topic::Environment, message));
    for (name, value) in before.set.iter().filter(|(name, _)| *name != ADDOPTS) {
        match after.set.get(name) {
            Some(other) if other == value => {}
            Some(other) => match is_secret(name) {
                true => say(Verdict::Changed, format!("`{name}` has another value")),
                false => say(
                    Verdict::Changed,
                    format!("`{name}` {}", arrow(Some(value), Some(other))),
                ),
            },
            None if after.open.is_some() || old.environment.open.is_some() => {}
            None => say(Verdict::Lost, format!("it does not see `{name}` any more")),
        }
    }
    for name in after.set.keys().filter(|name| *name != ADDOPTS) {
        if !before.set.contains_key(name) && before.open.is_none() {
            say(Verdict::Added, format!("it sees `{name}`"));
        }
    }
    if let Some(open) = after.open {
        let missing = before
            .set
            .keys()
            .filter(|name| !after.set.contains_key(*name));
        let missing: Vec<&String> = missing.collect();
        if !missing.is_empty() {
            let message = format!("{} is not handed on by the command", text::listed(&missing));
            found.push(
                Finding::new(Verdict::Changed, Topic::Environment, message)
                    .noted(format!("{open} may give it, which is not read")),
            );
        }
    }
    if found.len() == count && !before.set.is_empty() {
        let message = match before.set.len() {
            1 => "it sees the same variable".to_owned(),
            many => format!("it sees the same {many} variables"),
        };
        found.push(Finding::new(Verdict::Same, Topic::Environment, message));
    }
}

/// Whether a variable's value had better not be repeated.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    [
        "SECRET",
        "TOKEN",
        "PASS",
        "KEY",
        "CREDENTIAL",
        "DSN",
        "_URL",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// Where the command runs.
fn place(item: &Item<'_>, old: &Ran, new: &Ran, found: &mut Vec<Finding>) {
    if old.container != new.container {
        let message = match &new.container {
            Some(name) => format!("it runs in a container of `{}`", text::short(name)),
            None => "it does not run in a container of its own any more".to_owned(),
        };
        found.push(Finding::new(Verdict::Changed, topic(item.kind), message));
        return;
    }
    let is_plain = pytest(item).is_none() && item.kind.is_missed();
    if is_plain && old.directory != new.directory {
        let message = format!(
            "its folder {}",
            arrow(old.directory.as_deref(), new.directory.as_deref())
        );
        found.push(Finding::new(Verdict::Changed, topic(item.kind), message));
    }
}
