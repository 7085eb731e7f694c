//! Flaky tests, for people and for programs.

use serde_json::{Value, json};

use super::format::{counted, percent, start};
use super::style::{Look, Sign, Tone};
use super::table::{Align, Cell, Column, Table, truncate};
use super::text::one_line;
use crate::trend::{FlakyTest, InQuarantine, Sighting};

/// Version of the JSON form.
const SCHEMA: u32 = 1;
/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;

/// Flaky tests for programs; `runs` is how many runs were looked at.
pub(crate) fn flaky_json(tests: &[FlakyTest], quarantine: &[InQuarantine], runs: usize) -> Value {
    let quarantine: Vec<Value> = quarantine
        .iter()
        .map(|one| {
            json!({
                "test": one.test,
                "owner": one.owner,
                "expires": one.expires,
                "runs": one.runs,
                "unwell": one.unwell,
                "steady": one.steady,
            })
        })
        .collect();
    let tests: Vec<Value> = tests
        .iter()
        .map(|test| {
            let seen = |one: &Sighting| json!({ "run": one.run, "at": one.at, "sha": one.sha });
            json!({
                "test": test.test,
                "leg": test.leg,
                "score": test.score,
                "runs": test.runs,
                "flaky": test.flaky,
                "retried": test.retried,
                "rate": test.rate(),
                "first": seen(&test.first),
                "last": seen(&test.last),
                "quiet": test.quiet,
                "signatures": test.signatures,
            })
        })
        .collect();
    json!({ "schema": SCHEMA, "runs": runs, "tests": tests, "quarantine": quarantine })
}

/// Flaky tests for a person, and below them what is in quarantine.
pub(crate) fn flaky_text(
    tests: &[FlakyTest],
    quarantine: &[InQuarantine],
    runs: usize,
    width: usize,
    look: Look,
) -> String {
    let mut text = listed(tests, runs, width.max(NARROW), look);
    if !quarantine.is_empty() {
        text.push_str("\nin quarantine\n");
    }
    for one in quarantine {
        let sign = if one.steady { Sign::Good } else { Sign::Warn };
        let state = match (one.runs, one.steady) {
            (0, _) => "no test of these runs".to_owned(),
            (runs, true) => format!("well in all of its last runs, {runs} of them: it can go"),
            (runs, false) => format!(
                "unwell in {} of {}",
                one.unwell,
                counted(runs as u64, "run")
            ),
        };
        text.push_str(&format!(
            "{} {} ({}, until {}): {state}\n",
            look.painted(sign),
            one_line(&one.test),
            one_line(&one.owner),
            one.expires,
        ));
    }
    text
}

fn listed(tests: &[FlakyTest], runs: usize, width: usize, look: Look) -> String {
    let looked = counted(runs as u64, "run");
    if tests.is_empty() {
        return format!("{} no flaky test in {looked}\n", look.painted(Sign::Good));
    }
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Right),
            Column::new(Align::Left).shrinks(16, 40),
            Column::new(Align::Left).shrinks(6, 16),
            Column::new(Align::Right),
            Column::new(Align::Left).optional(),
            Column::new(Align::Left).optional(),
        ],
        2,
    );
    let heads = [
        "",
        "score",
        "test",
        "job",
        "flaky",
        "first seen",
        "last seen",
    ];
    table.row(heads.map(|head| Cell::new(Tone::Dim, head)).to_vec());
    for test in tests {
        let sign = if test.quiet {
            Sign::Skipped
        } else {
            Sign::Warn
        };
        let day = |at: u64| {
            let text = start(at).unwrap_or_default();
            text.split(' ').next().unwrap_or_default().to_owned()
        };
        table.row(vec![
            Cell::new(sign.tone(), look.sign(sign)),
            Cell::plain(format!("{:.0}", test.score)),
            Cell::plain(one_line(&test.test)),
            Cell::plain(one_line(&test.leg)),
            Cell::plain(format!(
                "{} of {} ({})",
                test.flaky,
                test.runs,
                percent(test.rate())
            )),
            Cell::plain(day(test.first.at)),
            Cell::plain(day(test.last.at)),
        ]);
    }
    let mut rows = table.render(width, look).into_iter();
    let mut lines: Vec<String> = rows.by_ref().take(1).collect();
    for (row, test) in rows.zip(tests) {
        lines.push(row);
        for signature in &test.signatures {
            let text = truncate(&one_line(signature), width.saturating_sub(4), look);
            lines.push(format!("    {}", look.paint(Tone::Dim, &text)));
        }
    }
    let count = counted(tests.len() as u64, "flaky test");
    lines.push(String::new());
    lines.push(format!("{count} in {looked}"));
    if tests.iter().any(|test| test.quiet) {
        let sign = look.sign(Sign::Skipped);
        lines.push(look.paint(Tone::Dim, &format!("{sign} not in its last 50 runs")));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trend::Sighting;

    fn tests() -> Vec<FlakyTest> {
        let seen = |day: u64| Sighting {
            run: format!("2026112{day}-080000-00aa00bb00cc"),
            at: 1_795_382_094_000 + day * 86_400_000,
            sha: "abc".to_owned(),
        };
        let flaky = FlakyTest {
            test: "tests/test_cart.py::test_checkout[EUR]".to_owned(),
            leg: "unit (3.12)".to_owned(),
            score: 12.4,
            runs: 120,
            flaky: 9,
            retried: 4,
            first: seen(0),
            last: seen(3),
            quiet: false,
            signatures: vec!["assert # == #\u{1b}[0m".to_owned()],
        };
        let quiet = FlakyTest {
            test: "tests/test_mail.py::test_send".to_owned(),
            quiet: true,
            score: 0.3,
            signatures: Vec::new(),
            ..flaky.clone()
        };
        vec![flaky, quiet]
    }

    fn quarantine() -> Vec<InQuarantine> {
        let one = |test: &str, runs, unwell, steady| InQuarantine {
            test: test.to_owned(),
            owner: "@shop".to_owned(),
            expires: "2030-01-31".to_owned(),
            runs,
            unwell,
            steady,
        };
        vec![
            one("tests/test_a.py::*", 120, 0, true),
            one("tests/test_b.py::test_x", 120, 9, false),
            one("tests/gone.py::*", 0, 0, false),
        ]
    }

    #[test]
    fn flaky_tests() {
        let look = Look {
            colour: false,
            ascii: false,
        };
        for width in [110, 50] {
            let text = flaky_text(&tests(), &quarantine(), 120, width, look);
            insta::assert_snapshot!(format!("flaky_{width}"), text);
        }
        assert_eq!(
            flaky_text(&[], &[], 1, 80, look),
            "✓ no flaky test in 1 run\n"
        );
        let json = flaky_json(&tests(), &quarantine(), 120);
        assert_eq!(json["tests"][0]["rate"], 7.5);
        assert_eq!(json["tests"][1]["quiet"], true);
        assert_eq!(json["quarantine"][0]["steady"], true);
    }
}
