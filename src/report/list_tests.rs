#![allow(clippy::unwrap_used)]

use super::*;
use crate::plan::{GithubFacts, Happened, Inputs, decide, foresee};
use crate::workflow::parse;

fn listed(file: &str, text: &str, github: &GithubFacts) -> Listed {
    let file = format!(".github/workflows/{file}");
    match parse(text) {
        Err(problems) => Listed {
            file,
            name: None,
            told: Told::Broken(problems.into_iter().next().unwrap()),
        },
        Ok(parsed) => {
            let happened = Happened {
                github,
                changed: None,
            };
            let decision = decide(&parsed.workflow, happened);
            let inputs = Inputs {
                github: github.clone(),
                ..Inputs::default()
            };
            let jobs = if decision.starts {
                foresee(&parsed.workflow, &inputs)
            } else {
                Vec::new()
            };
            Listed {
                file,
                name: parsed.workflow.name.map(|name| name.value),
                told: Told::Read { decision, jobs },
            }
        }
    }
}

fn listing() -> Listing {
    let github = GithubFacts {
        event_name: "push".to_owned(),
        reference: "refs/heads/feature".to_owned(),
        ..GithubFacts::default()
    };
    let job = "runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n";
    let workflows = vec![
        listed(
            "broken.yml",
            "on: push\njobs:\n  a:\n    run-on: x\n",
            &github,
        ),
        listed(
            "docs.yml",
            &format!(
                "name: Docs\non:\n  push:\n    paths: ['docs/**']\njobs:\n  build:\n    {job}"
            ),
            &github,
        ),
        listed(
            "release.yml",
            &format!(
                "name: Release\non:\n  push:\n    branches: ['release/**']\n    tags: ['v*']\njobs:\n  build:\n    {job}"
            ),
            &github,
        ),
        listed(
            "reusable.yml",
            &format!("on: workflow_call\njobs:\n  build:\n    {job}"),
            &github,
        ),
        listed(
            "test.yml",
            &format!(
                "name: Test\non: [push, pull_request]\njobs:\n  unit:\n    {job}  deploy:\n    if: github.ref == 'refs/heads/main'\n    needs: unit\n    {job}  tell:\n    needs: unit\n    if: needs.unit.outputs.told == 'yes'\n    {job}"
            ),
            &github,
        ),
    ];
    Listing {
        event: "push".to_owned(),
        reference: "refs/heads/feature".to_owned(),
        base: String::new(),
        changed: Some((2, "1111111..2222222".to_owned())),
        workflows,
    }
}

#[test]
fn for_a_person() {
    let look = Look {
        colour: false,
        ascii: false,
    };
    insta::assert_snapshot!("text", list_text(&listing(), 100, look));
    let look = Look {
        colour: false,
        ascii: true,
    };
    insta::assert_snapshot!("narrow", list_text(&listing(), 44, look));
}

#[test]
fn for_programs() {
    insta::assert_snapshot!("json", format!("{:#}", list_json(&listing())));
}
