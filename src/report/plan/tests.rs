//! Plans as a person sees them.

#![allow(clippy::unwrap_used)]

use super::{plan_json, plan_mermaid, plan_text};
use crate::plan::{DockerfileUse, Inputs, Plan, build};
use crate::report::style::Look;
use crate::report::text::sanitize;
use crate::workflow::parse;
use unicode_width::UnicodeWidthStr;

const LOOK: Look = Look {
    colour: false,
    ascii: false,
};

/// Four jobs in an image of their own.
const LEADS: &str = r#"
name: Tests
on: push
jobs:
  unit-tests:
    name: Unit tests
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - name: Check out the code
        uses: actions/checkout@v4
      - name: Set up Python
        uses: actions/setup-python@v5
        with: { python-version: "3.11" }
      - name: Install dependencies
        run: |
          python -m pip install --upgrade pip
          pip install -r requirements.txt -r requirements-dev.txt
      - name: Initialise the database
        run: python -m alembic upgrade head
      - name: Run critical tests
        run: pytest tests/unit tests/smoke -m "not slow" --maxfail=5
      - name: Run slow and flaky tests
        continue-on-error: true
        timeout-minutes: 5
        run: pytest tests -m slow --junitxml=slow.xml
  coverage:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Run tests with coverage
        run: pytest tests --cov=. --cov-report=xml --cov-report=html --cov-report=lcov:out/lcov.info
      - uses: codecov/codecov-action@v4
        with: { files: ./coverage.xml }
      - uses: acme/notify@v1
  test-summary:
    name: Test summary
    needs: [unit-tests, coverage]
    if: always()
    runs-on: ubuntu-latest
    timeout-minutes: ${{ github.run_attempt }}
    steps:
      - run: echo done
"#;

/// A matrix of which most legs are not for here.
const MATRIX: &str = r#"
name: Matrix
on: push
jobs:
  build:
    runs-on: ${{ matrix.os }}
    strategy:
      max-parallel: 4
      matrix:
        os: [ubuntu-latest, windows-latest, macOS-latest]
        python-version: ["3.9", "3.10", "3.11", "3.12"]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: { python-version: "${{ matrix.python-version }}" }
      - name: Tox tests
        run: tox -e py
  windows:
    needs: build
    runs-on: windows-latest
    steps:
      - run: pytest
"#;

fn planned(text: &str, inputs: &Inputs) -> Plan {
    let parsed = parse(text).unwrap();
    build(&parsed.workflow, inputs).unwrap()
}

fn leads() -> Plan {
    planned(
        LEADS,
        &Inputs {
            dockerfile: Some(DockerfileUse {
                name: "Dockerfile.test (target test)".to_owned(),
                source_dir: Some("/app".to_owned()),
                python_argument: false,
            }),
            skip_actions: vec!["acme/notify".to_owned()],
            ..Inputs::default()
        },
    )
}

fn matrix(filters: &[(&str, &str)]) -> Plan {
    let matrix = filters
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    planned(
        MATRIX,
        &Inputs {
            matrix,
            ..Inputs::default()
        },
    )
}

#[test]
fn a_plan_in_words() {
    insta::assert_snapshot!("leads_80", plan_text(&leads(), 80, LOOK));
    insta::assert_snapshot!("leads_120", plan_text(&leads(), 120, LOOK));
}

#[test]
fn a_matrix_in_words() {
    insta::assert_snapshot!("matrix_80", plan_text(&matrix(&[]), 80, LOOK));
    let filtered = matrix(&[("python-version", "3.11")]);
    insta::assert_snapshot!("filtered_80", plan_text(&filtered, 80, LOOK));
}

#[test]
fn plans_for_programs() {
    insta::assert_json_snapshot!("leads_json", plan_json(&leads()));
    let json = plan_json(&matrix(&[("python-version", "3.11")]));
    let legs = json["jobs"][0]["legs"].as_array().unwrap();
    assert_eq!(legs.len(), 12);
    assert_eq!(legs[0]["matrix"]["os"], "ubuntu-latest");
    assert_eq!(legs[0]["left_out"]["chosen"], true);
    assert_eq!(legs[2]["image"]["name"], "python:3.11-slim");
    assert_eq!(json["partial"], true);
}

#[test]
fn plans_as_diagrams() {
    insta::assert_snapshot!("leads_mermaid", plan_mermaid(&leads()));
    insta::assert_snapshot!("matrix_mermaid", plan_mermaid(&matrix(&[])));
}

#[test]
fn nothing_harmful_and_nothing_too_wide() {
    let text = LEADS
        .replace("Check out the code", "\"Check \\e[2J\\u202e out\"")
        .replace("name: Unit tests", "name: \"Unit\\ttests\"");
    let plan = planned(
        &text,
        &Inputs {
            skip_actions: vec!["acme/notify".to_owned()],
            ..Inputs::default()
        },
    );
    for colour in [false, true] {
        let look = Look {
            colour,
            ascii: true,
        };
        let shown = plan_text(&plan, 100, look);
        assert_eq!(sanitize(&shown), shown);
    }
    for width in [20, 60, 80, 200] {
        for line in plan_text(&leads(), width, LOOK).lines() {
            assert!(line.width() <= width.max(48), "{width} {line:?}");
        }
    }
    let ascii = Look {
        colour: false,
        ascii: true,
    };
    assert!(plan_text(&leads(), 80, ascii).is_ascii());
}
