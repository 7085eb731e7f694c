//! Cobertura XML as coverage.py writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::record::FileCoverage;
use crate::results::branches::{ConditionKind, Missing, Target};
use crate::results::chars::{push_attribute, push_text};
use crate::results::coverage::{Coverage, FileLines, Line};
use crate::results::figures::rate;

/// Writes the coverage as Cobertura XML, valid by the DTD coverage-04 except for
/// coverage.py's additional attribute `missing-branches`.
///
/// Packages are the directories of the files, with dots, `.` for the top one.
/// `version` names the producer, `timestamp` is in milliseconds since 1970.
/// Reading the text gives an equal [`Coverage`], but for LCOV's names of
/// branches, which this format cannot hold, for characters that XML does not
/// allow (U+FFFD stands for them), and for white space around sources.
pub(crate) fn write(coverage: &Coverage, version: &str, timestamp: u64) -> String {
    let measured = coverage.has_branches();
    let mut packages: BTreeMap<String, Package<'_>> = BTreeMap::new();
    let mut total = Totals::default();
    for (path, lines) in &coverage.files {
        let own = Totals::of(&lines.summary(path));
        let package = packages.entry(package_name(path)).or_default();
        package.totals.add(own);
        package.classes.push((path, lines, own));
        total.add(own);
    }

    let mut out = String::from("<?xml version=\"1.0\" ?>\n<coverage");
    push_attribute(&mut out, "version", version);
    let _ = writeln!(
        out,
        " timestamp=\"{timestamp}\" lines-valid=\"{}\" lines-covered=\"{}\" line-rate=\"{}\" \
         branches-valid=\"{}\" branches-covered=\"{}\" branch-rate=\"{}\" complexity=\"0\">",
        total.lines_valid,
        total.lines_covered,
        total.line_rate(),
        total.branches_valid,
        total.branches_covered,
        total.branch_rate(measured),
    );
    if coverage.sources.is_empty() {
        out.push_str("\t<sources/>\n");
    } else {
        out.push_str("\t<sources>\n");
        for source in &coverage.sources {
            out.push_str("\t\t<source>");
            push_text(&mut out, source);
            out.push_str("</source>\n");
        }
        out.push_str("\t</sources>\n");
    }
    if packages.is_empty() {
        out.push_str("\t<packages/>\n");
    } else {
        out.push_str("\t<packages>\n");
        for (name, package) in &packages {
            write_package(&mut out, name, package, measured);
        }
        out.push_str("\t</packages>\n");
    }
    out.push_str("</coverage>\n");
    out
}

#[derive(Default)]
struct Package<'a> {
    totals: Totals,
    classes: Vec<(&'a str, &'a FileLines, Totals)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    lines_valid: u64,
    lines_covered: u64,
    branches_valid: u64,
    branches_covered: u64,
}

impl Totals {
    fn of(file: &FileCoverage) -> Self {
        Self {
            lines_valid: file.lines_valid,
            lines_covered: file.lines_covered,
            branches_valid: file.branches_valid,
            branches_covered: file.branches_covered,
        }
    }

    fn add(&mut self, other: Self) {
        self.lines_valid += other.lines_valid;
        self.lines_covered += other.lines_covered;
        self.branches_valid += other.branches_valid;
        self.branches_covered += other.branches_covered;
    }

    fn line_rate(self) -> String {
        rate(self.lines_covered, self.lines_valid)
    }

    /// coverage.py: `0` where branches were not measured at all.
    fn branch_rate(self, measured: bool) -> String {
        if measured {
            rate(self.branches_covered, self.branches_valid)
        } else {
            "0".to_owned()
        }
    }
}

/// coverage.py: the directory with dots, `.` for the top one.
fn package_name(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((directory, _)) if !directory.is_empty() => directory.replace('/', "."),
        _ => ".".to_owned(),
    }
}

fn write_package(out: &mut String, name: &str, package: &Package<'_>, measured: bool) {
    out.push_str("\t\t<package");
    push_attribute(out, "name", name);
    let _ = writeln!(
        out,
        " line-rate=\"{}\" branch-rate=\"{}\" complexity=\"0\">\n\t\t\t<classes>",
        package.totals.line_rate(),
        package.totals.branch_rate(measured),
    );
    for (path, lines, totals) in &package.classes {
        let name = path.rsplit('/').next().unwrap_or(path);
        out.push_str("\t\t\t\t<class");
        push_attribute(out, "name", name);
        push_attribute(out, "filename", path);
        let _ = writeln!(
            out,
            " complexity=\"0\" line-rate=\"{}\" branch-rate=\"{}\">\n\t\t\t\t\t<methods/>",
            totals.line_rate(),
            totals.branch_rate(measured),
        );
        if lines.lines.is_empty() {
            out.push_str("\t\t\t\t\t<lines/>\n");
        } else {
            out.push_str("\t\t\t\t\t<lines>\n");
            for (number, line) in &lines.lines {
                write_line(out, *number, line);
            }
            out.push_str("\t\t\t\t\t</lines>\n");
        }
        out.push_str("\t\t\t\t</class>\n");
    }
    out.push_str("\t\t\t</classes>\n\t\t</package>\n");
}

fn write_line(out: &mut String, number: u32, line: &Line) {
    let _ = write!(
        out,
        "\t\t\t\t\t\t<line number=\"{number}\" hits=\"{}\"",
        line.hits()
    );
    let Some(branches) = &line.branches else {
        out.push_str("/>\n");
        return;
    };
    let (covered, total) = (branches.covered(), branches.total());
    let percent = (u64::from(covered) * 100).checked_div(u64::from(total));
    let _ = write!(
        out,
        " branch=\"true\" condition-coverage=\"{}% ({covered}/{total})\"",
        percent.unwrap_or(100)
    );
    if let Missing::Lines(targets) = branches.missing() {
        let names: Vec<String> = targets
            .iter()
            .map(|target| match target {
                Target::Exit => "exit".to_owned(),
                Target::Line(line) => line.to_string(),
            })
            .collect();
        push_attribute(out, "missing-branches", &names.join(","));
    }
    if branches.conditions().is_empty() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(">\n\t\t\t\t\t\t\t<conditions>\n");
    for condition in branches.conditions() {
        let kind = match condition.kind {
            ConditionKind::Jump => "jump",
            ConditionKind::Switch => "switch",
            ConditionKind::Other => "unknown",
        };
        let _ = writeln!(
            out,
            "\t\t\t\t\t\t\t\t<condition number=\"{}\" type=\"{kind}\" coverage=\"{}%\"/>",
            condition.number, condition.percent,
        );
    }
    out.push_str("\t\t\t\t\t\t\t</conditions>\n\t\t\t\t\t\t</line>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_directories() {
        assert_eq!(package_name("a.py"), ".");
        assert_eq!(package_name("/a.py"), ".");
        assert_eq!(package_name("src/shop/a.py"), "src.shop");
    }

    #[test]
    fn nothing_is_all_covered() {
        let text = write(&Coverage::default(), "1 <&>", 5);
        insta::assert_snapshot!(text, @r#"
        <?xml version="1.0" ?>
        <coverage version="1 &lt;&amp;&gt;" timestamp="5" lines-valid="0" lines-covered="0" line-rate="1" branches-valid="0" branches-covered="0" branch-rate="0" complexity="0">
        	<sources/>
        	<packages/>
        </coverage>
        "#);
    }
}
