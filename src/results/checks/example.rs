//! The same on the project of `examples/leadcrm`: its unit, integration and smoke tests in
//! three processes of coverage.py 7.17.3, and `coverage combine` and `coverage xml` of them.

use super::fixture;
use super::union::{ORDERS, merged, theirs, written, xml};
use crate::results::data;

const XML: [&str; 3] = [
    fixture!("leadcrm/unit.xml"),
    fixture!("leadcrm/integration.xml"),
    fixture!("leadcrm/smoke.xml"),
];
const INTEGRATION: &[u8] =
    include_bytes!("../../../tests/fixtures/results/leadcrm/integration.coverage");
const COMBINED: &str = fixture!("leadcrm/combined.xml");

/// What coverage.py wrote of all. With `relative_files` it names a source without a name,
/// which leads nowhere, and which we leave out.
fn combined() -> Vec<String> {
    let (head, tail) = COMBINED
        .split_once("\t<sources>\n\t\t<source></source>\n\t</sources>\n")
        .unwrap();
    theirs(&format!("{head}\t<sources/>\n{tail}"))
}

/// The first lines that differ.
fn assert_same(one: &[String], other: &[String]) {
    assert_eq!(one.len(), other.len());
    let differ = one.iter().zip(other).find(|(one, other)| one != other);
    assert_eq!(differ, None);
}

#[test]
fn the_merged_report_of_the_example_is_the_combined_one_to_the_letter() {
    for order in ORDERS {
        let all = merged(order.map(|part| xml(XML[part])));
        assert_same(&written(&all), &combined());
    }
}

#[test]
fn data_of_the_example_adds_what_its_report_would() {
    let mut all = merged([xml(XML[0]), xml(XML[2])]);
    assert_ne!(written(&all), combined());
    let ran = data::read(INTEGRATION).unwrap();
    assert_eq!(ran.add_to(&mut all), Vec::<String>::new());
    assert_same(&written(&all), &combined());
}
