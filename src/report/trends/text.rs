//! Trends for a person.

use super::spark::spark;
use super::{around, by, difference, figure};
use crate::history::Entry;
use crate::report::format::{counted, start};
use crate::report::style::{Look, Sign, Tone};
use crate::report::table::{Align, Cell, Column, Table};
use crate::report::text::one_line;
use crate::trend::{Change, FEWEST, Followed, Judgement, Overview};

/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;

/// What is said of runs: for those of each class of machines a table, and below it what changed.
pub(crate) fn trends_text(
    overviews: &[Overview],
    entries: &[Entry],
    width: usize,
    look: Look,
) -> String {
    let width = width.max(NARROW);
    let blocks = overviews.iter().map(|one| {
        let mut lines = vec![head(one, look)];
        lines.extend(table(one, look).render(width, look));
        let changed = one.trends.iter().filter_map(|followed| {
            let change = followed.trend.judgement.change()?;
            Some((followed, change))
        });
        for (followed, change) in changed {
            lines.push(String::new());
            lines.extend(told(followed, &change, entries, look));
        }
        lines.push(String::new());
        lines.join("\n")
    });
    blocks.collect::<Vec<String>>().join("\n")
}

fn head(one: &Overview, look: Look) -> String {
    let dot = look.dot();
    let runs = counted(one.runs as u64, "run");
    let what = format!(
        "{} {dot} {} {dot} {} {dot} {runs}",
        one_line(&one.repository),
        one_line(&one.workflow),
        one_line(&one.machine),
    );
    look.paint(Tone::Strong, &what)
}

fn table(one: &Overview, look: Look) -> Table {
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Left).shrinks(8, 30),
            Column::new(Align::Right),
            Column::new(Align::Left),
            Column::new(Align::Right).optional(),
            Column::new(Align::Left).optional(),
        ],
        2,
    );
    let heads = ["", "figure", "normal", "", "last", "last runs"];
    table.row(heads.map(|head| Cell::new(Tone::Dim, head)).to_vec());
    for followed in &one.trends {
        table.row(row(followed, look));
    }
    table
}

fn row(followed: &Followed, look: Look) -> Vec<Cell> {
    let trend = &followed.trend;
    let unit = trend.metric.kind.unit();
    let sign = match trend.judgement {
        Judgement::TooFew => Sign::Waiting,
        Judgement::Steady | Judgement::Improvement(_) => Sign::Good,
        Judgement::Regression(_) => Sign::Bad,
    };
    let (normal, noise) = match (trend.judgement, trend.normal) {
        (Judgement::TooFew, _) | (_, None) => {
            let missing = FEWEST.saturating_sub(trend.points.len());
            (
                look.dash().to_owned(),
                format!("{} to go", counted(missing as u64, "run")),
            )
        }
        (_, Some(normal)) => {
            let plus_minus = if look.ascii { "+-" } else { "±" };
            let noise = difference(unit, normal.noise);
            (figure(unit, normal.median), format!("{plus_minus} {noise}"))
        }
    };
    let last = trend.last().map(|point| figure(unit, point.value));
    let values: Vec<f64> = trend.points.iter().map(|point| point.value).collect();
    vec![
        Cell::new(sign.tone(), look.sign(sign)),
        Cell::plain(look.own(&one_line(&trend.metric.name()))),
        Cell::plain(normal),
        Cell::new(Tone::Dim, noise),
        Cell::plain(last.unwrap_or_default()),
        Cell::new(Tone::Active, spark(&values, look)),
    ]
}

/// A change in words.
fn told(followed: &Followed, change: &Change, entries: &[Entry], look: Look) -> Vec<String> {
    let trend = &followed.trend;
    let unit = trend.metric.kind.unit();
    let (sign, word) = match trend.judgement {
        Judgement::Improvement(_) => (Sign::Good, "improvement"),
        _ => (Sign::Bad, "regression"),
    };
    let mut lines = vec![format!(
        "{} {} {}: {} {} {} ({}){}",
        look.painted(sign),
        look.paint(Tone::Strong, &look.own(&one_line(&trend.metric.name()))),
        word,
        figure(unit, change.before),
        if look.ascii { "->" } else { "→" },
        figure(unit, change.after),
        by(trend, change),
        if change.drift {
            ", little by little"
        } else {
            ""
        },
    )];
    if let Some((before, first)) = around(trend, change, entries) {
        let since = start(first.started_at).unwrap_or_default();
        lines.push(format!(
            "  first run   {} ({since})",
            one_line(&first.run.0)
        ));
        if !(before.sha.is_empty() || first.sha.is_empty()) {
            let range = match before.sha == first.sha {
                true => format!("{}, as in the run before: not the code", short(&first.sha)),
                false => format!("{}..{}", short(&before.sha), short(&first.sha)),
            };
            lines.push(format!("  commits     {range}"));
        }
    }
    let known = change.found + 1 - change.first.min(change.found);
    lines.push(format!(
        "  known       after {}",
        counted(known as u64, "run")
    ));
    for (at, one) in followed.grown.iter().enumerate() {
        let value = |value: Option<f64>| match value {
            Some(value) => figure(unit, value),
            None => look.dash().to_owned(),
        };
        lines.push(format!(
            "  {:<10}  {}: {} {} {}",
            if at == 0 { "most of it" } else { "" },
            look.own(&one_line(&one.part)),
            value(one.before),
            if look.ascii { "->" } else { "→" },
            value(one.after),
        ));
    }
    lines
}

/// The beginning of a commit's name.
fn short(sha: &str) -> String {
    one_line(sha).chars().take(7).collect()
}
