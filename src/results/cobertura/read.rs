//! Cobertura XML of any producer.

use crate::results::branches::{Branches, Condition, ConditionKind, Missing, Target};
use crate::results::coverage::{Coverage, FileLines, Hits, Line};
use crate::results::error::{ResultsError, ResultsErrorKind as Kind};
use crate::results::input;
use crate::results::number;
use crate::results::xml::{Attributes, Element, Node, Scanner};

/// Most branches in one report; a hundred times what CPython's own has.
pub(crate) const MAX_BRANCHES: u64 = 10_000_000;

/// Reads a Cobertura report.
///
/// Used are the `<source>` texts, the file name of every class and its lines
/// with their branches, including lines that stand under `<methods>` only.
/// Totals, rates, names of packages and of classes are not: packages follow
/// from the file names. A file that appears in several classes becomes one.
///
/// # Errors
///
/// Whatever makes the document no whole, well-formed Cobertura report; numbers
/// of lines other than 1 to `MAX_LINE`, and hits or branches
/// that are no numbers. Hits beyond `u64::MAX` count as `u64::MAX`.
pub(crate) fn read(bytes: &[u8]) -> Result<Coverage, ResultsError> {
    let mut scanner = Scanner::new(input::text(bytes)?, &["coverage"], "<coverage>");
    let mut reader = Reader::default();
    loop {
        let offset = scanner.offset();
        match scanner.next()? {
            Some(Node::Start(element)) => reader.start(&element)?,
            Some(Node::Text(text)) => {
                if let Some((source, _)) = &mut reader.source {
                    source.push_str(&text);
                }
            }
            Some(Node::End(depth)) => reader.end(depth),
            None if reader.packages => {
                reader.coverage.settle();
                return Ok(reader.coverage);
            }
            None => {
                // Clover's root element has the same name.
                let reason = "the report has no <packages>, so it is not Cobertura XML";
                return Err(ResultsError::new(Kind::invalid(reason), offset));
            }
        }
    }
}

/// What was read so far. The elements that are open stand with their depth.
#[derive(Default)]
struct Reader {
    coverage: Coverage,
    packages: bool,
    branches: u64,
    source: Option<(String, usize)>,
    class: Option<Class>,
    line: Option<OpenLine>,
}

struct Class {
    file: String,
    lines: FileLines,
    depth: usize,
}

struct OpenLine {
    number: u32,
    hits: u64,
    /// Branches covered and in all, and the missing ones.
    branches: Option<(u32, u32, Missing)>,
    conditions: Vec<Condition>,
    depth: usize,
}

impl Reader {
    fn start(&mut self, element: &Element<'_>) -> Result<(), ResultsError> {
        let attributes = element.attributes()?;
        let fail = |kind| element.error(kind);
        match element.name() {
            "packages" => self.packages = true,
            "source" if self.class.is_none() && self.source.is_none() => {
                self.source = Some((String::new(), element.depth));
            }
            "class" => {
                if self.class.is_some() {
                    return Err(fail(Kind::invalid("a <class> stands inside of a <class>")));
                }
                let file = required(&attributes, "class", "filename").map_err(fail)?;
                if file.is_empty() {
                    return Err(fail(Kind::invalid("a <class> has an empty file name")));
                }
                self.class = Some(Class {
                    file,
                    lines: FileLines::default(),
                    depth: element.depth,
                });
            }
            "line" if self.class.is_some() => {
                if self.line.is_some() {
                    return Err(fail(Kind::invalid("a <line> stands inside of a <line>")));
                }
                let line = open_line(&attributes, element.depth).map_err(fail)?;
                if let Some((_, total, _)) = line.branches {
                    self.branches = self.branches.saturating_add(u64::from(total));
                }
                if self.branches > MAX_BRANCHES {
                    return Err(fail(Kind::TooMany {
                        what: "branches",
                        limit: MAX_BRANCHES,
                    }));
                }
                self.line = Some(line);
            }
            "condition" => {
                if let Some(line) = &mut self.line {
                    line.conditions.push(condition(&attributes).map_err(fail)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, depth: usize) {
        if let Some((source, _)) = self.source.take_if(|(_, open)| *open == depth) {
            let source = source.trim();
            if !source.is_empty() {
                self.coverage.sources.push(source.to_owned());
            }
        }
        if let Some(line) = self.line.take_if(|line| line.depth == depth)
            && let Some(class) = &mut self.class
        {
            let conditions = line.conditions;
            let branches = line.branches.map(|(covered, total, missing)| {
                Branches::new(covered, total, missing, conditions)
            });
            let known = Line {
                hits: Hits::of(line.hits),
                branches,
            };
            class.lines.absorb_line(line.number, known);
        }
        if let Some(class) = self.class.take_if(|class| class.depth == depth) {
            let file = self.coverage.files.entry(class.file).or_default();
            file.absorb(class.lines);
        }
    }
}

fn required(
    attributes: &Attributes<'_>,
    element: &'static str,
    attribute: &'static str,
) -> Result<String, Kind> {
    match attributes.get(attribute) {
        Some(value) => Ok(value.into_owned()),
        None => Err(Kind::MissingAttribute { element, attribute }),
    }
}

fn open_line(attributes: &Attributes<'_>, depth: usize) -> Result<OpenLine, Kind> {
    let number = number::line(&required(attributes, "line", "number")?)?;
    let hits = number::count("number of hits", &required(attributes, "line", "hits")?)?;
    let branches = match attributes.get("condition-coverage") {
        Some(text) => covered_of_total(&text)?.map(|(covered, total)| {
            let missing = attributes.get("missing-branches");
            let missing = missing.map_or(Missing::Unnamed, |names| missing_lines(&names));
            (covered, total, missing)
        }),
        None => None,
    };
    Ok(OpenLine {
        number,
        hits,
        branches,
        conditions: Vec::new(),
        depth,
    })
}

/// The numbers in `50% (1/2)`. `None` where the text has none (`100%`, which
/// the DTD has as the default) or there are no branches (`100% (0/0)`).
fn covered_of_total(text: &str) -> Result<Option<(u32, u32)>, Kind> {
    let what = "condition coverage";
    let Some((_, rest)) = text.split_once('(') else {
        return Ok(None);
    };
    let numbers = rest
        .split_once(')')
        .and_then(|(inside, _)| inside.split_once('/'));
    let Some((covered, total)) = numbers else {
        return Err(Kind::bad_number(what, text));
    };
    let number = |digits: &str| {
        let number = number::count(what, digits).map_err(|_| Kind::bad_number(what, text))?;
        u32::try_from(number).map_err(|_| Kind::bad_number(what, text))
    };
    let (covered, total) = (number(covered)?, number(total)?);
    if covered > total {
        return Err(Kind::bad_number(what, text));
    }
    Ok((total > 0).then_some((covered, total)))
}

/// coverage.py's `missing-branches`: line numbers and `exit`, with commas.
/// Anything else is not understood and gives no names.
fn missing_lines(names: &str) -> Missing {
    let targets: Option<Vec<Target>> = names
        .split(',')
        .map(|name| match name.trim() {
            "exit" => Some(Target::Exit),
            name => number::line(name).ok().map(Target::Line),
        })
        .collect();
    targets.map_or(Missing::Unnamed, Missing::Lines)
}

fn condition(attributes: &Attributes<'_>) -> Result<Condition, Kind> {
    let what = "condition number";
    let number = number::count(what, &required(attributes, "condition", "number")?)?;
    let coverage = required(attributes, "condition", "coverage")?;
    let whole = coverage.trim().trim_end_matches('%');
    let whole = whole.split_once('.').map_or(whole, |(whole, _)| whole);
    let percent = number::count("condition coverage", whole)
        .ok()
        .and_then(|percent| u8::try_from(percent).ok())
        .filter(|percent| *percent <= 100)
        .ok_or_else(|| Kind::bad_number("condition coverage", &coverage))?;
    Ok(Condition {
        number: u32::try_from(number).unwrap_or(u32::MAX),
        kind: match attributes.get("type").as_deref() {
            Some("jump") => ConditionKind::Jump,
            Some("switch") => ConditionKind::Switch,
            _ => ConditionKind::Other,
        },
        percent,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn report(classes: &str) -> String {
        format!(
            "<coverage><sources><source> /app </source><source/></sources><packages>\
             <package name='p'><classes>{classes}</classes></package></packages></coverage>"
        )
    }

    #[test]
    fn unites_classes_and_methods_of_a_file() {
        let text = report(
            "<class name='A' filename='a.kt'><methods><method name='m' signature=''><lines>\
             <line number='3' hits='2'/><line number='4' hits='0'/></lines></method></methods>\
             <lines><line number='3' hits='2'/></lines></class>\
             <class name='A$1' filename='a.kt'><lines><line number='4' hits='7'/>\
             <line number='9' hits='99999999999999999999'/></lines></class>",
        );
        let coverage = read(text.as_bytes()).unwrap();
        assert_eq!(coverage.sources, ["/app"]);
        let hits: Vec<_> = coverage.files["a.kt"]
            .lines
            .iter()
            .map(|(&n, line)| (n, line.hits()))
            .collect();
        assert_eq!(hits, [(3, 2), (4, 7), (9, u64::MAX)]);
    }

    #[test]
    fn understands_branches_of_several_producers() {
        let text = report(
            "<class name='A' filename='a'><lines>\
             <line number='1' hits='1' branch='True' condition-coverage='50% (1/2)'>\
             <conditions><condition number='0' type='jump' coverage='50%'/></conditions></line>\
             <line number='2' hits='1' branch='true' condition-coverage='100%'/>\
             <line number='3' hits='1' branch='false'/>\
             <line number='4' hits='1' branch='true' condition-coverage='33% (1/3)' \
             missing-branches='7, exit'/>\
             <line number='5' hits='1' branch='true' condition-coverage='0% (0/0)'/>\
             <line number='6' hits='1' branch='true' condition-coverage='0% (0/1)' \
             missing-branches='somewhere'/>\
             </lines></class>",
        );
        let coverage = read(text.as_bytes()).unwrap();
        let lines = &coverage.files["a"].lines;
        let first = lines[&1].branches.as_ref().unwrap();
        assert_eq!((first.covered(), first.total()), (1, 2));
        assert_eq!(first.conditions()[0].percent, 50);
        assert!(lines[&2].branches.is_none() && lines[&3].branches.is_none());
        let fourth = lines[&4].branches.as_ref().unwrap();
        let missing = Missing::Lines(vec![Target::Exit, Target::Line(7)]);
        assert_eq!(fourth.missing(), &missing);
        assert!(lines[&5].branches.is_none());
        let sixth = lines[&6].branches.as_ref().unwrap();
        assert_eq!(sixth.missing(), &Missing::Unnamed);
    }

    #[test]
    fn stated_totals_are_not_believed() {
        let text = "<coverage line-rate='0.95' lines-valid='0,5'><packages/></coverage>";
        let summary = read(text.as_bytes()).unwrap().summary();
        assert_eq!(summary.lines_valid, 0);
        assert_eq!(summary.percent(), None);
    }
}
