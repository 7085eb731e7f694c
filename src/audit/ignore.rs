//! Comments that ignore a finding: `# seatrial: ignore[masked-gate] why`, on its line or alone
//! on the line above.

use super::finding::Finding;
use super::rule::Rule;
use crate::scan::{FilePlace, Level};
use crate::workflow::nearest;

/// How a comment begins, behind the `#` and blanks.
const MARK: &str = "seatrial: ignore[";

/// A comment that ignores.
struct Ignore {
    /// The line it stands in, from 1.
    at: usize,
    /// The column of the mark, from 1.
    column: usize,
    /// The line of what it ignores.
    line: usize,
    /// What it names.
    names: Vec<String>,
    /// What stands behind it.
    reason: String,
}

/// Gives the findings that comments ignore their level, and adds those of comments that
/// ignore nothing.
pub(super) fn apply(lines: &[&str], path: &str, findings: &mut Vec<Finding>) {
    let mut unused = Vec::new();
    for ignore in read(lines) {
        for name in &ignore.names {
            let place = FilePlace {
                path: path.to_owned(),
                line: ignore.at,
                column: ignore.column,
            };
            let Some(rule) = Rule::find(name) else {
                let names = Rule::ALL.iter().flat_map(|rule| [rule.id(), rule.name()]);
                let hint = match nearest(name, names) {
                    Some(near) => format!("; did you mean `{near}`?"),
                    None => String::new(),
                };
                let message = format!("there is no rule `{name}`{hint}");
                unused.push(Finding::new(Rule::UnusedIgnore, place, message));
                continue;
            };
            let mut used = false;
            for finding in findings
                .iter_mut()
                .filter(|finding| finding.rule == rule && finding.place.line == ignore.line)
            {
                used = true;
                finding.level = Level::Allow;
                finding.by_comment = true;
                finding.because = Some(match ignore.reason.as_str() {
                    "" => format!("ignored in line {}", ignore.at),
                    reason => format!("ignored in line {}: {reason}", ignore.at),
                });
            }
            if !used {
                let message = format!(
                    "`{}` finds nothing in line {}, which this comment is for",
                    rule.name(),
                    ignore.line
                );
                unused.push(Finding::new(Rule::UnusedIgnore, place, message));
            }
        }
    }
    findings.extend(unused);
}

fn read(lines: &[&str]) -> Vec<Ignore> {
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        for (start, _) in line.match_indices('#') {
            let before = line.get(..start).unwrap_or("");
            if !before.is_empty() && !before.ends_with([' ', '\t']) {
                continue;
            }
            let after = line.get(start + 1..).unwrap_or("").trim_start();
            let Some((names, reason)) = after
                .strip_prefix(MARK)
                .and_then(|rest| rest.split_once(']'))
            else {
                continue;
            };
            let alone = before.trim().is_empty();
            found.push(Ignore {
                at: at + 1,
                column: before.chars().count() + 1,
                line: if alone {
                    next_line(lines, at) + 1
                } else {
                    at + 1
                },
                names: names
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .collect(),
                reason: reason
                    .trim()
                    .trim_start_matches([':', '-'])
                    .trim()
                    .to_owned(),
            });
            break;
        }
    }
    found
}

/// The next line that is more than a comment.
fn next_line(lines: &[&str], at: usize) -> usize {
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let after = lines.get(at + 1..).unwrap_or_default();
    at + 1 + after.iter().position(says).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_ignore_their_line_or_the_next() {
        let text = "a
b # seatrial: ignore[masked-gate] known since May
  # seatrial: ignore[ST3801, piped-gate]
  # another comment
c
# seatrial: ignore[masked-gates]
d: 'x#seatrial: ignore[no]'
";
        let lines: Vec<&str> = text.lines().collect();
        let finding = |rule, line| Finding::new(rule, FilePlace::line("w.yml", line), "x");
        let mut findings = vec![
            finding(Rule::MaskedGate, 1),
            finding(Rule::MaskedGate, 2),
            finding(Rule::NoTimeout, 5),
        ];
        apply(&lines, "w.yml", &mut findings);
        let told: Vec<String> = findings
            .iter()
            .map(|one| {
                let because = one.because.clone().unwrap_or_default();
                format!(
                    "{} {} {} {because}",
                    one.rule.name(),
                    one.place.line,
                    one.message
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "masked-gate 1 x ",
                "masked-gate 2 x ignored in line 2: known since May",
                "no-timeout 5 x ignored in line 3",
                "unused-ignore 3 `piped-gate` finds nothing in line 5, which this comment is for ",
                "unused-ignore 6 there is no rule `masked-gates`; did you mean `masked-gate`? ",
            ]
        );
    }
}
