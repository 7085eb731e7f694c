#![allow(clippy::unwrap_used)]

use super::super::{DockerfileUse, Inputs, build};
use super::{Wants, wants};

fn of(steps: &str) -> Wants {
    let text = format!(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    strategy: {{ matrix: {{ py: ['3.9', '3.10'] }} }}\n    steps:\n{steps}"
    );
    let parsed = crate::workflow::parse(&text).unwrap();
    let inputs = Inputs {
        dockerfile: Some(DockerfileUse {
            name: "Dockerfile.test".to_owned(),
            source_dir: None,
            python_argument: false,
        }),
        ..Inputs::default()
    };
    wants(&build(&parsed.workflow, &inputs).unwrap())
}

/// Names with what may have been installed before: `s`ystem, `p`ython, `a`nything.
fn commands(steps: &str) -> Vec<String> {
    let sign = |is: bool, sign: &str| if is { sign.to_owned() } else { String::new() };
    of(steps)
        .commands
        .iter()
        .map(|one| {
            let after = one.after;
            format!(
                "{}:{}{}{}",
                one.name,
                sign(after.system, "s"),
                sign(after.python, "p"),
                sign(after.anything, "a")
            )
        })
        .collect()
}

#[test]
fn commands_are_listed_with_what_may_bring_them() {
    let steps = "      - run: |
          echo hello
          psql -c 'select 1'
          if [ -n \"$X\" ]; then redis-cli ping; fi
          command -v jq || true
      - run: sudo apt-get update && sudo apt-get install -y jq
      - run: jq . x.json
      - run: pip install -r requirements.txt
      - run: pytest -q
      - if: always()
        run: tree
      - run: ./scripts/install
      - run: make
";
    assert_eq!(
        commands(steps),
        ["psql:", "apt-get:", "jq:s", "pytest:sp", "make:spa"]
    );
    assert!(
        commands("      - shell: python\n        run: import os\n      - run: x\n")[0]
            .ends_with(":a")
    );
    assert!(commands("      - run: echo a >> $GITHUB_PATH\n      - run: x\n")[0].ends_with(":a"));
}

#[test]
fn pythons_files_and_tests_are_found() {
    let found = of("      - uses: actions/setup-python@v5
        with: { python-version: '${{ matrix.py }}' }
      - run: pip install -r requirements.txt -r dev.txt
      - run: python -m pytest tests/unit -k 'a/b' test_x.py::test_y --cov src
");
    let names = |list: &[(String, super::Place)]| -> Vec<String> {
        list.iter()
            .map(|(name, place)| format!("{name}@{}", place.line))
            .collect()
    };
    assert_eq!(names(&found.pythons), ["3.9@8", "3.10@8"]);
    assert_eq!(
        names(&found.requirements),
        ["requirements.txt@9", "dev.txt@9"]
    );
    assert_eq!(names(&found.tested), ["tests/unit@10", "test_x.py@10"]);
}
