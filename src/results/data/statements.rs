//! What ran, added to a report that knows the statements.
//!
//! A statement of several lines has one number in a report, that of its first
//! line; the data has any of its lines. Which lines make one statement is known
//! to who parsed the source, so a statement counts as run only by its own number.
//! That can miss one whose first line does nothing, and never invents any.
//! Running coverage.py over the data gives the exact answer.

use super::{Data, Ran};
use crate::results::branches::Target;
use crate::results::coverage::{Coverage, FileLines};

impl Data {
    /// Marks in the report what ran by this data. The files whose statements the
    /// report does not know are returned, sorted; nothing is said of them.
    pub(crate) fn add_to(&self, coverage: &mut Coverage) -> Vec<String> {
        let mut unknown = Vec::new();
        for (name, ran) in &self.files {
            match coverage.files.get_mut(name) {
                Some(file) => add(ran, file),
                None => unknown.push(name.clone()),
            }
        }
        unknown
    }
}

fn add(ran: &Ran, file: &mut FileLines) {
    for line in ran.lines() {
        let Some(known) = file.lines.get_mut(&line) else {
            continue;
        };
        known.mark();
        if let (Some(branches), Ok(line)) = (&mut known.branches, i32::try_from(line)) {
            let targets = ran.from(line).map(|to| match u32::try_from(to) {
                Ok(to) => Target::Line(to),
                Err(_) => Target::Exit,
            });
            branches.take(targets);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::results::cobertura;

    fn told(arcs: &[(i32, i32)]) -> Coverage {
        let text = "<coverage><packages><package><classes><class filename='a.py'><lines>\
                    <line number='1' hits='0'/>\
                    <line number='2' hits='0' condition-coverage='0% (0/2)' missing-branches='3,exit'/>\
                    <line number='3' hits='0' condition-coverage='0% (0/3)' missing-branches='exit,exit,9'/>\
                    <line number='9' hits='0' condition-coverage='50% (1/2)'/>\
                    </lines></class></classes></package></packages></coverage>";
        let mut coverage = cobertura::read(text.as_bytes()).unwrap();
        let mut ran = Ran::default();
        ran.arcs.extend(arcs);
        let data = Data {
            files: BTreeMap::from([
                ("a.py".to_owned(), ran),
                ("b.py".to_owned(), Ran::default()),
            ]),
            ..Data::default()
        };
        assert_eq!(data.add_to(&mut coverage), ["b.py"]);
        coverage
    }

    #[test]
    fn lines_and_branches_are_marked() {
        let coverage = told(&[(-1, 2), (2, 3), (3, -1), (3, 5), (9, 1)]);
        let facts: Vec<_> = coverage.files["a.py"]
            .lines
            .iter()
            .map(|(number, line)| {
                let branches = line.branches.as_ref().map(|b| (b.covered(), b.total()));
                (*number, line.hits(), branches)
            })
            .collect();
        assert_eq!(
            facts,
            [
                (1, 1, None),
                (2, 1, Some((1, 2))),
                (3, 1, Some((1, 3))),
                // Whose branches have no names.
                (9, 1, Some((1, 2))),
            ]
        );
        assert_eq!(told(&[(3, -1), (3, -7)]).summary().branches_covered, 3);
    }
}
