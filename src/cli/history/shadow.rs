//! Shadow records among what is imported. Their files come in any order: they are gathered
//! by the folder that they lie in, until all that was named has been looked through.

use std::collections::BTreeMap;
use std::io::{self, Read};

use crate::history::Entry;
use crate::history::shadow::{Facts, Report, Side, entries};
use crate::results::MAX_BYTES;
use crate::workflow::Node;

/// Name of the facts of a job.
const FACTS: &str = "shadow.env";
/// Name of its matrix.
const MATRIX: &str = "matrix.json";
/// Largest of these two, in bytes.
const LARGEST_TEXT: usize = 64 << 10;
/// Most files of records in what is named on the command line.
const FILES: usize = 20_000;
/// Most bytes of all of them.
const ALL_BYTES: usize = 1 << 30;

/// What was found of records.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    facts: BTreeMap<String, String>,
    matrices: BTreeMap<String, String>,
    reports: BTreeMap<String, Report>,
    files: usize,
    bytes: usize,
    notes: Vec<String>,
}

/// Whether a file may be part of a record, by its path as far as that is known.
pub(super) fn is_part(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    file == FACTS || file == MATRIX || is_report(name) || (file == name && is_xml(name))
}

/// Whether a file may be one of the reports of a record.
fn is_report(name: &str) -> bool {
    is_xml(name) && folders(name).any(|(_, path)| side_of(path).is_some())
}

fn is_xml(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".xml")
}

/// The folders that a file lies in, the nearest one first, each with the rest of the path.
fn folders(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let inner = name
        .rmatch_indices('/')
        .filter_map(|(at, _)| Some((name.get(..at)?, name.get(at + 1..)?)));
    inner.chain([("", name)])
}

/// The side whose report has this path in a record.
fn side_of(path: &str) -> Option<Side> {
    let (first, _) = path.split_once('/')?;
    Side::ALL.into_iter().find(|side| side.as_str() == first)
}

impl Gathered {
    /// Takes a file that may be part of a record. Gives `false` for one that is none.
    pub(super) fn take(&mut self, name: &str, stream: &mut dyn Read) -> bool {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let largest = match file {
            FACTS | MATRIX => LARGEST_TEXT,
            _ if is_report(name) => MAX_BYTES,
            _ => return false,
        };
        match self.read(stream, largest) {
            Ok(None) => {}
            Ok(Some(bytes)) if largest == MAX_BYTES => {
                self.reports.insert(name.to_owned(), Report::read(&bytes));
            }
            Ok(Some(bytes)) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let texts = match file {
                    FACTS => &mut self.facts,
                    _ => &mut self.matrices,
                };
                texts.insert(folder.to_owned(), text);
            }
            Err(error) => self.notes.push(format!("{name}: {error}")),
        }
        true
    }

    /// Reads a file within the limits; `None` where one was hit before, and is said.
    fn read(&mut self, stream: &mut dyn Read, largest: usize) -> io::Result<Option<Vec<u8>>> {
        self.files = self.files.saturating_add(1);
        if self.files > FILES + 1 {
            return Ok(None);
        }
        if self.files > FILES || self.bytes > ALL_BYTES {
            self.files = FILES + 1;
            return Err(io::Error::other(format!(
                "it and what follows of shadow records is left out: they have more than {FILES} files or {} GiB",
                ALL_BYTES >> 30
            )));
        }
        let mut bytes = Vec::new();
        let read = stream.take(largest as u64 + 1).read_to_end(&mut bytes);
        self.bytes += bytes.len();
        read?;
        match bytes.len() > largest {
            true => Err(io::Error::other(format!(
                "it is larger than {} KiB",
                largest >> 10
            ))),
            false => Ok(Some(bytes)),
        }
    }

    /// The entries of the records that were gathered, and what could not be read.
    /// `written` gives the matrix of a workflow's job as it is written, where it is at hand.
    pub(super) fn finish(
        self,
        written: impl Fn(&str, &str) -> Option<Node>,
    ) -> (Vec<Entry>, Vec<String>) {
        let mut notes = self.notes;
        let mut of_folders: BTreeMap<&str, BTreeMap<(Side, String), Report>> = BTreeMap::new();
        for (name, report) in self.reports {
            let home = folders(&name).find_map(|(folder, path)| {
                let (folder, _) = self.facts.get_key_value(folder)?;
                Some((folder, side_of(path)?, path))
            });
            if let Some((folder, side, path)) = home {
                if let Some(trouble) = &report.trouble {
                    notes.push(format!("{name}: {trouble}"));
                }
                let of_folder = of_folders.entry(folder).or_default();
                of_folder.insert((side, path.to_owned()), report);
            }
        }
        let mut found = Vec::new();
        for (folder, text) in &self.facts {
            let reports = of_folders.remove(folder.as_str()).unwrap_or_default();
            let matrix = self.matrices.get(folder).map(String::as_str);
            let read = Facts::read(text).and_then(|facts| {
                let written = written(&facts.workflow, &facts.job);
                entries(&facts, matrix, written.as_ref(), &reports)
            });
            match read {
                Ok(entries) => found.extend(entries),
                Err(what) if folder.is_empty() => notes.push(format!("{FACTS}: {what}")),
                Err(what) => notes.push(format!("{folder}/{FACTS}: {what}")),
            }
        }
        (found, notes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{FILES, Gathered, LARGEST_TEXT, is_part};
    use crate::results::MAX_BYTES;

    const FACTS: &str = "schema=1\nrepository=a/b\nworkflow=.github/workflows/t.yml\nsha=ab\n\
        run_id=1\nattempt=1\njob=unit\nbegan=1\nended=2\nrunner=success\ncontainer=success\n";
    const REPORT: &str =
        "<testsuite name='pytest'><testcase classname='t.test_a' name='b'/></testsuite>";

    fn gathered(files: &[(&str, &str)]) -> (Vec<(String, Vec<String>)>, Vec<String>) {
        let mut gathered = Gathered::default();
        for (name, text) in files {
            assert!(gathered.take(name, &mut text.as_bytes()), "{name}");
        }
        let (entries, notes) = gathered.finish(|_, _| None);
        let entries = entries.iter().map(|entry| {
            let tests = entry.tests().map(|(_, test)| test.id.clone());
            (
                format!("{} {}", entry.legs[0].key, entry.engine),
                tests.collect(),
            )
        });
        (entries.collect(), notes)
    }

    #[test]
    fn files_are_gathered_by_their_folder() {
        let other = FACTS.replace("job=unit", "job=other");
        let (entries, notes) = gathered(&[
            ("all.zip/runner/one/container/junit.xml", REPORT),
            ("all.zip/one/container/runner/junit.xml", "<nothing/>"),
            ("all.zip/one/runner/junit.xml", REPORT),
            ("elsewhere/runner/junit.xml", "<broken"),
            ("all.zip/one/matrix.json", "{\"python\": \"3.11\"}"),
            ("all.zip/one/shadow.env", FACTS),
            ("all.zip/shadow.env", &other),
            ("shadow.env", "schema=1"),
        ]);
        let test = || vec!["t/test_a.py::b".to_owned()];
        assert_eq!(
            entries,
            [
                ("other host (no container)".to_owned(), test()),
                ("other docker".to_owned(), vec![]),
                ("unit (3.11) host (no container)".to_owned(), test()),
                ("unit (3.11) docker".to_owned(), vec![]),
            ]
        );
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(
            notes[0].starts_with("all.zip/one/container/runner/junit.xml: "),
            "{notes:?}"
        );
        assert!(
            notes[1].starts_with("shadow.env: it does not say "),
            "{notes:?}"
        );
    }

    #[test]
    fn limits_that_are_hit_are_said() {
        let large = " ".repeat(LARGEST_TEXT + 1);
        let report = " ".repeat(MAX_BYTES + 1);
        let (entries, notes) = gathered(&[
            ("a/shadow.env", &large),
            ("b/runner/a.xml", &report),
            ("b/shadow.env", FACTS),
        ]);
        assert_eq!(entries.len(), 2);
        assert_eq!(
            notes,
            [
                "a/shadow.env: it is larger than 64 KiB",
                "b/runner/a.xml: it is larger than 65536 KiB"
            ]
        );
        let mut many = Gathered::default();
        for number in 0..FILES + 2 {
            many.take(&format!("a/runner/{number}.xml"), &mut REPORT.as_bytes());
        }
        let (_, notes) = many.finish(|_, _| None);
        assert_eq!(notes.len(), 1);
        assert!(
            notes[0].starts_with("a/runner/20000.xml: it and what follows"),
            "{notes:?}"
        );
    }

    #[test]
    fn what_may_be_part_of_a_record() {
        for (name, part) in [
            ("shadow.env", true),
            ("a.zip/x/matrix.json", true),
            // In a folder, before its path is known.
            ("junit.xml", true),
            ("x/junit.xml", false),
            ("runner/junit.xml", true),
            ("x/container/a/junit.XML", true),
            ("x/runner/junit.txt", false),
            ("run.json", false),
        ] {
            assert_eq!(is_part(name), part, "{name}");
        }
    }
}
