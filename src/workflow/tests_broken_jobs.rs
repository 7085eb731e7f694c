//! Jobs that are wrong, and what is said about each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests_broken::{check, job, step};

#[test]
fn jobs() {
    let two = |lines: &str| {
        format!(
            "on: push\njobs:\n  unit-tests: {{runs-on: x, steps: [{{run: x}}]}}\n  b: {{runs-on: x, steps: [{{run: x}}], {lines}}}\n"
        )
    };
    let steps = "steps: [{run: x}]\n";
    let with_steps = |lines: &str| job(&format!("{steps}{lines}"));
    check(&[
        (
            job("step:\n  - run: x\n"),
            &["5:5 unknown key `step` in job `unit` / did you mean `steps`?"],
        ),
        (
            job(steps).replace("runs-on", "run-on"),
            &["4:5 unknown key `run-on` in job `unit` / did you mean `runs-on`?"],
        ),
        (job(""), &["3:3 job `unit` has neither `steps` nor `uses`"]),
        (
            job(steps).replace("    runs-on: x\n", ""),
            &["3:3 job `unit` has no `runs-on` / name a machine, such as `runs-on: ubuntu-latest`"],
        ),
        (
            "on: push\njobs:\n  unit:\n".into(),
            &["3:3 job `unit` must be a map, found nothing / give it a value, or remove the key"],
        ),
        (
            job(steps).replace("unit", "1-unit"),
            &["3:3 the job id `1-unit` is invalid / ids start with a letter or `_`, contain only alphanumeric characters, `-` or `_`, and have fewer than 100 characters"],
        ),
        (
            job(steps).replace("unit", "__unit"),
            &["3:3 the job id `__unit` is invalid / ids that start with `__` are reserved"],
        ),
        (job("steps: []\n"), &["5:12 job `unit` has no steps"]),
        (
            job("steps: {run: x}\n"),
            &["5:12 `steps` of job `unit` must be a list, found a map"],
        ),
        (
            with_steps("needs: build\n"),
            &["6:12 job `unit` needs `build`, which is not a job of this workflow / it is the only job"],
        ),
        (
            two("needs: unittests"),
            &["4:45 job `b` needs `unittests`, which is not a job of this workflow / did you mean `unit-tests`?"],
        ),
        (
            two("needs: [lint]"),
            &["4:46 job `b` needs `lint`, which is not a job of this workflow / the other jobs are: unit-tests"],
        ),
        (with_steps("needs: unit\n"), &["6:12 job `unit` needs itself"]),
        (
            with_steps("needs: ${{ matrix.x }}\n"),
            &["6:12 `needs` of job `unit` cannot hold an expression"],
        ),
        (
            "on: push\njobs:\n  z: {runs-on: x, needs: a, steps: [{run: x}]}\n  a: {runs-on: x, needs: [d, b], steps: [{run: x}]}\n  b: {runs-on: x, needs: C, steps: [{run: x}]}\n  c: {runs-on: x, needs: a, steps: [{run: x}]}\n  d: {runs-on: x, steps: [{run: x}]}\n  e: {runs-on: x, needs: f, steps: [{run: x}]}\n  f: {runs-on: x, needs: e, steps: [{run: x}]}\n".into(),
            &[
                "4:30 jobs wait for each other: a → b → c → a / remove one of these `needs`",
                "8:26 jobs wait for each other: e → f → e / remove one of these `needs`",
            ],
        ),
        (
            with_steps("timeout-minutes: ten\n"),
            &["6:22 `timeout-minutes` of job `unit` must be a number or an expression, found the text `ten`"],
        ),
        (
            with_steps("timeout-minutes: '10'\n"),
            &["6:22 `timeout-minutes` of job `unit` must be a number or an expression, found the text `10` / remove the quotes"],
        ),
        (
            with_steps("continue-on-error: yes\n"),
            &["6:24 `continue-on-error` of job `unit` must be true or false, or an expression, found the text `yes`"],
        ),
        (
            with_steps("runs_on: y\n"),
            &["6:5 unknown key `runs_on` in job `unit` / did you mean `runs-on`?"],
        ),
        (
            with_steps("with: {a: b}\nsecrets: inherit\n"),
            &[
                "6:5 `with` of job `unit` needs `uses` / it is for a job that calls a workflow",
                "7:5 `secrets` of job `unit` needs `uses` / it is for a job that calls a workflow",
            ],
        ),
        (
            with_steps("uses: ./.github/workflows/a.yml\n"),
            &[
                "4:5 job `unit` has both `uses` and `runs-on` / a job that calls a workflow has no steps, machine or settings of its own",
                "5:5 job `unit` has both `uses` and `steps` / a job that calls a workflow has no steps, machine or settings of its own",
            ],
        ),
        (
            "on: push\njobs:\n  a:\n    uses: owner/repo@v1\n    secrets: all\n".into(),
            &[
                "4:11 `uses` of job `a` must be `./.github/workflows/file.yml` or `owner/repo/.github/workflows/file.yml@ref`, found the text `owner/repo@v1`",
                "5:14 `secrets` of job `a` must be a map or `inherit`, found the text `all`",
            ],
        ),
        (
            job(steps).replace("runs-on: x", "runs-on: []"),
            &["4:14 `runs-on` of job `unit` must be a label or a list of labels, found a list"],
        ),
        (
            job(steps).replace("runs-on: x", "runs-on: {label: x}"),
            &["4:15 unknown key `label` in `runs-on` of job `unit` / did you mean `labels`?"],
        ),
        (
            with_steps("environment: {url: x}\n"),
            &["6:19 `environment` of job `unit` has no `name`"],
        ),
        (
            with_steps("outputs: ${{ x }}\n"),
            &["6:14 `outputs` of job `unit` must be a map, found the text `${{ x }}`"],
        ),
    ]);
}

#[test]
fn strategy_and_containers() {
    let with_steps = |lines: &str| job(&format!("steps: [{{run: x}}]\n{lines}"));
    check(&[
        (
            with_steps("strategy: ${{ fromJSON('{}') }}\n"),
            &[
                "6:15 an expression for the whole of `strategy` of job `unit` is not supported yet / write it out, with expressions for the values in it",
            ],
        ),
        (
            with_steps("strategy:\n  matrx: {}\n  fail-fast: never\n  max-parallel: a\n"),
            &[
                "7:7 unknown key `matrx` in `strategy` of job `unit` / did you mean `matrix`?",
                "8:18 `fail-fast` of job `unit` must be true or false, or an expression, found the text `never`",
                "9:21 `max-parallel` of job `unit` must be a number or an expression, found the text `a`",
            ],
        ),
        (
            with_steps(
                "strategy:\n  matrix:\n    python: 3.12\n    os: []\n    none:\n    include: [a, {b: c}]\n    exclude: {a: b}\n",
            ),
            &[
                "8:17 `python` in `matrix` of job `unit` must be a list, or an expression that gives one, found the number 3.12 / write it as a list: [3.12]",
                "9:13 `os` in `matrix` of job `unit` has no values",
                "10:9 `none` in `matrix` of job `unit` must be a list, or an expression that gives one, found nothing / give it a value, or remove the key",
                "11:19 an item of `include` in `matrix` of job `unit` must be a map, found the text `a`",
                "12:18 `exclude` in `matrix` of job `unit` must be a list, or an expression that gives one, found a map",
            ],
        ),
        (
            with_steps("strategy: {matrix: {}}\n"),
            &["6:24 `matrix` of job `unit` has no keys"],
        ),
        (
            with_steps("container: [a]\n"),
            &[
                "6:16 `container` of job `unit` must be an image or a map with `image`, found a list",
            ],
        ),
        (
            with_steps("container: {image: a, command: b, ports: 80}\n"),
            &[
                "6:27 unknown key `command` in `container` of job `unit` / allowed here: image, env, ports, volumes, options, credentials",
                "6:46 `ports` of `container` of job `unit` must be a list, found the number 80",
            ],
        ),
        (
            with_steps("services: ${{ fromJSON('{}') }}\n"),
            &[
                "6:15 an expression for the whole of `services` of job `unit` is not supported yet / write it out, with expressions for the values in it",
            ],
        ),
        (
            with_steps(
                "services:\n  db:\n    images: postgres\n    credentials: {user: x}\n  redis: {image: ''}\n",
            ),
            &[
                "8:9 unknown key `images` in service `db` of job `unit` / did you mean `image`?",
                "9:23 unknown key `user` in `credentials` of service `db` of job `unit` / allowed here: username, password",
                "10:7 service `redis` of job `unit` has no `image`",
            ],
        ),
        (
            with_steps("services:\n  db: {image: x, ports: '${{ fromJSON(1) }}'}\n"),
            &[
                "7:29 an expression for the whole of `ports` of service `db` of job `unit` is not supported yet / write it out, with expressions for the values in it",
            ],
        ),
    ]);
}

#[test]
fn steps() {
    check(&[
        (
            step("run: x\nuses: a/b@c\n"),
            &[
                "7:9 step 1 of job `unit` has both `run` and `uses` / a step runs a script or uses an action",
            ],
        ),
        (
            step("name: x\n"),
            &["6:9 step 1 of job `unit` has neither `run` nor `uses`"],
        ),
        (
            step("rum: x\n"),
            &["6:9 unknown key `rum` in step 1 of job `unit` / did you mean `run`?"],
        ),
        (
            step("use: a/b@c\nwith: {a: b}\n"),
            &["6:9 unknown key `use` in step 1 of job `unit` / did you mean `uses`?"],
        ),
        (
            job("steps:\n  - run: x\n  -\n  - run: y\n"),
            &["7:8 step 2 of job `unit` is empty / remove the `-`, or give it `run` or `uses`"],
        ),
        (
            job("steps:\n  - pytest\n"),
            &["6:9 step 1 of job `unit` must be a map, found the text `pytest`"],
        ),
        (
            step("run: x\nwith: {a: b}\n"),
            &[
                "7:9 `with` of step 1 of job `unit` needs `uses` / a script takes its values from `env`",
            ],
        ),
        (
            step("uses: a/b@c\nshell: bash\nworking-directory: x\n"),
            &[
                "7:9 `shell` of step 1 of job `unit` needs `run` / an action has no shell and no directory of its own",
                "8:9 `working-directory` of step 1 of job `unit` needs `run` / an action has no shell and no directory of its own",
            ],
        ),
        (
            step("uses: actions/checkout\n"),
            &[
                "6:15 `uses` of step 1 of job `unit` must be `owner/repo@ref`, `owner/repo/path@ref`, `./path` or `docker://image`, found the text `actions/checkout`",
            ],
        ),
        (
            step("uses: ${{ matrix.action }}\n"),
            &["6:15 `uses` of step 1 of job `unit` cannot hold an expression"],
        ),
        (
            step("run: [a, b]\n"),
            &["6:14 `run` of step 1 of job `unit` must be a text, found a list"],
        ),
        (
            step("run: x\nid: a b\n"),
            &[
                "7:13 the id `a b` of step 1 of job `unit` is invalid / ids start with a letter or `_`, contain only alphanumeric characters, `-` or `_`, and have fewer than 100 characters",
            ],
        ),
        (
            job("steps:\n  - {run: x, id: a}\n  - {run: x, id: b}\n  - {run: x, id: A}\n"),
            &[
                "8:22 the id `A` of step 3 of job `unit` is another step's already / it is used first at line 6, column 22",
            ],
        ),
        (
            step("run: x\nshell: ${{ matrix.shell }}\n"),
            &["7:16 `shell` of step 1 of job `unit` cannot hold an expression"],
        ),
        (
            step("run: x\nshell:\n"),
            &[
                "7:9 `shell` of step 1 of job `unit` must be a text, found nothing / give it a value, or remove the key",
            ],
        ),
        (
            job(
                "steps:\n  - {run: x, background: true, id: a}\n  - wait: [a]\n  - wait-all:\n  - cancel: a\n  - parallel: []\n",
            ),
            &[
                "6:18 `background` of step 1 of job `unit` is not supported yet",
                "7:9 `wait` of step 2 of job `unit` is not supported yet",
                "8:9 `wait-all` of step 3 of job `unit` is not supported yet",
                "9:9 `cancel` of step 4 of job `unit` is not supported yet",
                "10:9 `parallel` of step 5 of job `unit` is not supported yet",
            ],
        ),
        (
            step("uses: a/b@c\nwith:\n"),
            &[
                "7:9 `with` of step 1 of job `unit` must be a map, found nothing / give it a value, or remove the key",
            ],
        ),
        (
            step("run: x\nenvironment: y\n"),
            &[
                "7:9 unknown key `environment` in step 1 of job `unit` / allowed here: name, id, if, run, uses, with, env, shell, working-directory, timeout-minutes, continue-on-error",
            ],
        ),
    ]);
}
