#![allow(clippy::unwrap_used)]

use super::check::expressions;

/// What is said about the expressions of a workflow, a line each.
fn said(text: &str) -> Vec<String> {
    let workflow = crate::workflow::parse(text).unwrap().workflow;
    expressions(&workflow)
        .into_iter()
        .map(|problem| {
            let start = problem.span.start;
            format!("{}:{} {}", start.line, start.column, problem.message)
        })
        .collect()
}

/// A job with these keys.
fn job(keys: &str) -> String {
    format!("on: push\njobs:\n  a:\n    runs-on: x\n{keys}    steps: [run: a]\n")
}

#[test]
fn contexts_stand_only_where_github_allows_them() {
    let refused = |keys: &str, name: &str| {
        let said = said(&job(keys));
        let words = format!("Unrecognized named-value: '{name}'");
        assert!(
            said.len() == 1 && said[0].contains(&words),
            "{keys}\n{said:?}"
        );
    };
    for (keys, name) in [
        ("    if: secrets.A != ''\n", "secrets"),
        ("    if: matrix.a\n", "matrix"),
        ("    name: ${{ env.A }}\n", "env"),
        ("    timeout-minutes: ${{ steps.a.outputs.b }}\n", "steps"),
        (
            "    strategy: { matrix: '${{ fromJSON(secrets.A) }}' }\n",
            "secrets",
        ),
        ("    env: { A: '${{ env.B }}' }\n", "env"),
        ("    outputs: { A: '${{ jobs.B }}' }\n", "jobs"),
        ("    concurrency: ${{ secrets.A }}\n", "secrets"),
        ("    concurrency: { group: '${{ runner.os }}' }\n", "runner"),
        ("    environment: ${{ secrets.A }}\n", "secrets"),
        (
            "    environment: { name: a, url: '${{ secrets.A }}' }\n",
            "secrets",
        ),
        ("    environment: { name: '${{ steps.a }}' }\n", "steps"),
        ("    container: { image: '${{ secrets.A }}' }\n", "secrets"),
        (
            "    container: { image: a, options: '${{ env.A }}' }\n",
            "env",
        ),
        (
            "    container: { image: a, volumes: ['${{ env.A }}:/a'] }\n",
            "env",
        ),
        (
            "    container: { image: a, env: { A: '${{ steps.a }}' } }\n",
            "steps",
        ),
        (
            "    container: { image: a, credentials: { username: '${{ steps.a }}', password: '${{ secrets.A }}' } }\n",
            "steps",
        ),
        (
            "    services: { db: { image: '${{ secrets.A }}' } }\n",
            "secrets",
        ),
        (
            "    services: { db: { image: a, ports: ['${{ env.A }}'] } }\n",
            "env",
        ),
        (
            "    services: { db: { image: a, env: { A: '${{ steps.a }}' } } }\n",
            "steps",
        ),
    ] {
        refused(keys, name);
    }
}

#[test]
fn contexts_that_github_allows_are_allowed() {
    for keys in [
        "    if: github.ref && needs && vars.A && inputs.B\n",
        "    concurrency: ${{ github.ref }}-${{ matrix.a }}\n",
        "    environment: { name: '${{ matrix.a }}', url: '${{ steps.a.outputs.url }}' }\n",
        "    container: { image: a, env: { A: '${{ secrets.A }}' } }\n",
        "    container: { image: a, credentials: { username: '${{ env.A }}', password: '${{ secrets.A }}' } }\n",
        "    services: { db: { image: a, env: { A: '${{ runner.os }}' } } }\n",
    ] {
        assert_eq!(said(&job(keys)), [""; 0], "{keys}");
    }
}

#[test]
fn functions_stand_only_where_github_allows_them() {
    for (keys, name) in [
        ("    if: hashFiles('a')\n", "hashFiles"),
        ("    name: ${{ always() }}\n", "always"),
        ("    env: { A: \"${{ hashFiles('a') }}\" }\n", "hashFiles"),
        (
            "    container: { image: a, env: { A: \"${{ hashFiles('a') }}\" } }\n",
            "hashFiles",
        ),
    ] {
        let said = said(&job(keys));
        let words = format!("Unrecognized function: '{name}'");
        assert!(
            said.len() == 1 && said[0].contains(&words),
            "{keys}\n{said:?}"
        );
    }
}

#[test]
fn calling_and_called_workflows() {
    let text = "\
on:
  workflow_call:
    inputs:
      a: { type: string, default: '${{ secrets.A }}' }
    outputs:
      b: { value: '${{ needs.x.outputs.y }}' }
      c: { value: '${{ jobs.x.outputs.y }}' }
concurrency: ${{ matrix.a }}
jobs:
  x:
    uses: ./.github/workflows/y.yml
    with: { a: '${{ secrets.A }}', b: '${{ matrix.a }}' }
    secrets: { A: '${{ secrets.B }}', C: '${{ env.D }}' }
";
    let said = said(text);
    let begins: Vec<&str> = said
        .iter()
        .map(|line| line.split(". ").next().unwrap())
        .collect();
    let mut sorted = begins.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "12:16 Unrecognized named-value: 'secrets'",
            "13:42 Unrecognized named-value: 'env'",
            "4:35 Unrecognized named-value: 'secrets'",
            "6:19 Unrecognized named-value: 'needs'",
            "8:18 Unrecognized named-value: 'matrix'",
        ],
        "{said:#?}"
    );
}
