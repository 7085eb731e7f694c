//! Merging parts against `coverage combine`, on a project with branches of every
//! kind, contexts, excluded code, namespace packages and files of the same name.
//! Three processes of coverage.py 7.17.3 wrote the parts.

use super::fixture;
use crate::results::{Coverage, PathMap, cobertura, data, display_percent, lcov};

const XML: [&str; 3] = [
    fixture!("union/part-a.xml"),
    fixture!("union/part-b.xml"),
    fixture!("union/part-c.xml"),
];
const LCOV: [&str; 3] = [
    fixture!("union/part-a.info"),
    fixture!("union/part-b.info"),
    fixture!("union/part-c.info"),
];
const DATA: [&[u8]; 3] = [
    include_bytes!("../../../tests/fixtures/results/union/part-a.coverage"),
    include_bytes!("../../../tests/fixtures/results/union/part-b.coverage"),
    include_bytes!("../../../tests/fixtures/results/union/part-c.coverage"),
];
const ALL_XML: &str = fixture!("union/combined.xml");
const ALL_LCOV: &str = fixture!("union/combined.info");
/// What `coverage report --precision=4` said of the combined data.
const ALL_TEXT: &str = fixture!("union/combined.txt");

pub(super) const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

pub(super) fn merged(parts: impl IntoIterator<Item = Coverage>) -> Coverage {
    let mut all = Coverage::default();
    parts.into_iter().for_each(|part| all.merge(part));
    all
}

pub(super) fn xml(text: &str) -> Coverage {
    cobertura::read(text.as_bytes()).unwrap()
}

fn info(text: &str) -> Coverage {
    lcov::read(text.as_bytes()).unwrap()
}

/// The report that we write, but for the line that names its producer.
pub(super) fn written(coverage: &Coverage) -> Vec<String> {
    let text = cobertura::write(coverage, "7.17.3", 1_700_000_000_000);
    text.lines().map(ToOwned::to_owned).collect()
}

/// A report of coverage.py, likewise.
pub(super) fn theirs(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.contains("<!--"));
    lines.map(ToOwned::to_owned).collect()
}

#[test]
fn the_merged_report_is_the_combined_one_to_the_letter() {
    for order in ORDERS {
        let all = merged(order.map(|part| xml(XML[part])));
        assert_eq!(written(&all), theirs(ALL_XML), "{order:?}");
    }
}

#[test]
fn merged_tracefiles_are_the_combined_one() {
    for order in ORDERS {
        let all = merged(order.map(|part| info(LCOV[part])));
        assert_eq!(lcov::write(&all), lcov::write(&info(ALL_LCOV)), "{order:?}");
    }
}

/// Places names in the repository.
fn map(sources: &[String]) -> PathMap {
    let files = [
        "never.py",
        "one/__init__.py",
        "one/util.py",
        "space/deep/part.py",
        "space/part.py",
        "two/__init__.py",
        "two/util.py",
    ];
    PathMap::new("/app", sources, files.map(|file| format!("src/{file}")))
}

fn placed(mut coverage: Coverage) -> Coverage {
    let map = map(&coverage.sources);
    assert_eq!(coverage.remap(&map), Vec::<String>::new());
    coverage
}

#[test]
fn data_adds_what_the_report_of_its_process_would() {
    // Files of namespace packages are known only to who imports them.
    for (left_out, unknown) in [
        (0, &[][..]),
        (1, &["src/space/part.py"]),
        (2, &["src/space/deep/part.py"]),
    ] {
        let others = (0..3).filter(|&part| part != left_out);
        let mut all = merged(others.map(|part| placed(xml(XML[part]))));
        let mut ran = data::read(DATA[left_out]).unwrap();
        assert_eq!(ran.remap(&map(&[])), Vec::<String>::new());
        assert_eq!(ran.add_to(&mut all), unknown);
        let mut expected = placed(xml(ALL_XML));
        expected
            .files
            .retain(|name, _| !unknown.contains(&name.as_str()));
        assert_eq!(written(&all), written(&expected), "without {left_out}");
    }
}

#[test]
fn data_of_several_processes_becomes_one() {
    let mut all = data::Data::default();
    for bytes in DATA {
        all.merge(data::read(bytes).unwrap());
    }
    assert_eq!(all.contexts.len(), 15);
    assert!(all.contexts.contains("test_c.test_walk"));
    let files: Vec<&str> = all.files.keys().map(String::as_str).collect();
    assert_eq!(files.len(), 7);
    assert!(files.iter().all(|file| file.starts_with("/app/src/")));
    // Adding all of them to the report of one gives every line that ran in any.
    let mut report = placed(xml(XML[2]));
    all.remap(&map(&[]));
    assert_eq!(all.add_to(&mut report), ["src/space/part.py"]);
    let mut expected = placed(xml(ALL_XML));
    expected.files.remove("src/space/part.py");
    assert_eq!(written(&report), written(&expected));
}

#[test]
fn figures_are_those_of_coverage_report() {
    let summary = merged(XML.map(xml)).summary();
    let percent = |covered: u64, valid: u64| match valid {
        0 => 100.0,
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        _ => 100.0 * covered as f64 / valid as f64,
    };
    for file in &summary.files {
        let figure = percent(
            file.lines_covered + file.branches_covered,
            file.lines_valid + file.branches_valid,
        );
        let line = ALL_TEXT
            .lines()
            .find(|line| line.starts_with(&format!("src/{} ", file.path)))
            .unwrap();
        let shown = format!("{}%", display_percent(figure, 4));
        assert!(line.contains(&format!(" {shown}")), "{line} / {shown}");
    }
    let total = display_percent(summary.percent().unwrap(), 4);
    assert!(ALL_TEXT.ends_with(&format!("{total}%\n")), "{total}");
}
