#![allow(clippy::unwrap_used)]

use super::super::sample::report;
use super::*;
use crate::report::sarif::pascal;
use crate::report::sarif_form::sarif_faults;

#[test]
fn a_scan_for_code_scanning() {
    let text = format!("{:#}", scan_sarif(&report()));
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!("sarif", text);
}

/// What the schema of SARIF 2.1.0 and the rules of GitHub ask of a document.
#[test]
fn it_keeps_to_the_rules_of_sarif() {
    let value = scan_sarif(&report());
    assert_eq!(sarif_faults(&value), [""; 0]);
    let run = &value["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        assert!(
            rule["shortDescription"]["text"]
                .as_str()
                .unwrap()
                .ends_with('.')
        );
        assert!(rule["helpUri"].as_str().unwrap().starts_with("https://"));
        let name = rule["name"].as_str().unwrap();
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric())
                && name.starts_with(|c: char| c.is_ascii_uppercase())
        );
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), report().findings.len());
    let mut prints = std::collections::HashSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let physical = &result["locations"][0]["physicalLocation"];
        let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains(' '));
        assert!(prints.insert(result["partialFingerprints"]["seatrial/v1"].to_string()));
    }
}

#[test]
fn names_are_made_references() {
    assert_eq!(uri("a b/ü.txt"), "a%20b/%C3%BC.txt");
    assert_eq!(pascal("root-user"), "RootUser");
    // Lines move, the fingerprint stays.
    let mut moved = report();
    let before = fingerprint(&moved.findings[1]);
    if let Place::File(place) = &mut moved.findings[1].place {
        place.line += 5;
    }
    assert_eq!(fingerprint(&moved.findings[1]), before);
}
