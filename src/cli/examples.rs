//! The examples below each page of help.

/// Below `seatrial --help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  seatrial run                            run the repository's test workflow
  seatrial run --job unit --coverage-min 85
  seatrial plan test.yml                  show what would run where, and why
  seatrial list --event pull_request      which workflows an event starts, and why not
  seatrial show latest unit               what there is to know of a job of the last run
  seatrial report --open                  the last run as a page
  seatrial compare                        would containers give the same results, and why not
  seatrial diff test.yml                  is anything lost by a change of a workflow?
  seatrial audit                          look for gates that cannot fail, lost reports …
  seatrial scan                           look for secrets, risks and vulnerabilities
  seatrial doctor                         look whether this machine is ready";

/// Below `seatrial run --help`.
pub(super) const RUN_EXAMPLES: &str = "\
Examples:
  seatrial run                            the one workflow that tests
  seatrial run test.yml --job unit        one job, and the jobs it needs
  seatrial run --matrix python-version=3.12
  seatrial run --event pull_request --event-file event.json
  seatrial run --secret API_TOKEN --secret-file .secrets
  seatrial run --image python:3.12 --memory 4g --parallel 2
  seatrial run --format json | jq .verdict

The exit code tells what failed first: 1 tests, 2 settings or workflow, 3 coverage,
4 a missing report, 5 the image's build, 7 memory or disk, 8 a time limit, 9 another
step, 10 the container engine, 130 Ctrl-C. Results are in .seatrial/latest.";

/// How `seatrial compare` is called.
pub(super) const COMPARE_USAGE: &str = "seatrial compare [OPTIONS] [WORKFLOW]
       seatrial compare [OPTIONS] <RUN_A> <RUN_B>";

/// Below `seatrial compare --help`.
pub(super) const COMPARE_EXAMPLES: &str = "\
Examples:
  seatrial compare                        this machine against containers, test by test
  seatrial compare test.yml --job unit --runs 3
  seatrial compare --max-runs 10 --seed 7 --format json
  seatrial compare CONTROL CANDIDATE      two saved runs: ids, folders or files run.json

The exit code is 0 where it is safe to switch, and 12 where a test behaves differently.
What could not be observed has the code of its own reason, such as 10 for the engine.";

/// How `seatrial diff` is called.
pub(super) const DIFF_USAGE: &str = "seatrial diff [OPTIONS] <OLD> <NEW>
       seatrial diff [OPTIONS] <NEW>";

/// Below `seatrial diff --help`.
pub(super) const DIFF_EXAMPLES: &str = "\
Examples:
  seatrial diff test.yml                  what would be committed against what is
  seatrial diff main:.github/workflows/test.yml test.yml
  seatrial diff old.yml new.yml --all --format json

Of one file, its version in HEAD is the old one. The exit code is 0, 12 when something is
lost or weakened, or 2 when a file cannot be read. What is compared is in docs/diff.md.";

/// Below `seatrial plan --help`.
pub(super) const PLAN_EXAMPLES: &str = "\
Examples:
  seatrial plan                           a table of jobs, steps and where they belong
  seatrial plan --format mermaid          the jobs as a diagram for a README
  seatrial plan test.yml --job unit --format json";

/// Below `seatrial image derive --help`.
pub(super) const DERIVE_EXAMPLES: &str = "\
Examples:
  seatrial image derive                   what `seatrial run` builds where no Dockerfile.test is
  seatrial image derive -o Dockerfile.test
  seatrial image derive test.yml --job lint -o Dockerfile.lint";

/// Below `seatrial convert --help`.
pub(super) const CONVERT_EXAMPLES: &str = "\
Examples:
  seatrial convert --diff                 what would change
  seatrial convert --in-place             change the workflow, and add the files it needs
  seatrial convert --check                fail when it is no longer what a conversion gives
  seatrial convert --revert --in-place    the original again, byte for byte
  seatrial convert --style seatrial --in-place
  seatrial convert --default-flag 10%     begin with a tenth of the commits";

/// Below `seatrial triage --help`.
pub(super) const TRIAGE_EXAMPLES: &str = "\
Examples:
  seatrial triage                         the last run
  seatrial triage logs_123.zip            the logs of a run on GitHub, as its page gives them
  seatrial triage --github-run 123        fetches logs and artifacts of that run
  gh run view --log-failed | seatrial triage -
  seatrial triage reports/ --format json  a folder, archives in it too

The exit code is 0 where everything could be read, whatever it tells.";

/// Below `seatrial list --help`.
pub(super) const LIST_EXAMPLES: &str = "\
Examples:
  seatrial list                           what a push of this branch would start
  seatrial list --event pull_request
  seatrial list --event push --ref refs/tags/v1.0
  seatrial list --event release --event-file event.json --format json
  seatrial list runs                      the runs that are kept, the last one first

The exit code is 0, or 2 when a workflow file cannot be read.";

/// Below `seatrial show --help`.
pub(super) const SHOW_EXAMPLES: &str = "\
Examples:
  seatrial show                           the summary of the last run again
  seatrial show 9f3c unit                 all there is to know of a job
  seatrial show latest unit --log         what its steps printed
  seatrial show latest unit --log=3       what its third step printed
  seatrial show ~/Downloads/seatrial-run  a run that was downloaded from elsewhere

RUN is an id or the beginning of it, `latest`, a run's folder or its run.json.";

/// Below `seatrial report --help`.
pub(super) const REPORT_EXAMPLES: &str = "\
Examples:
  seatrial report --open                  the page of the last run, in the browser
  seatrial report 9f3c --junit -o junit.xml
  seatrial report --summary >> \"$GITHUB_STEP_SUMMARY\"
  seatrial report ~/Downloads/seatrial-run --sarif -o tests.sarif

RUN is an id or the beginning of it, `latest`, a run's folder or its run.json.";

/// Below `seatrial eval --help`.
pub(super) const EVAL_EXAMPLES: &str = "\
Examples:
  seatrial eval \"contains('abc', 'B')\"
  seatrial eval \"needs.build.result == 'success'\" --context contexts.json
  seatrial eval --stdin < expressions.jsonl

FILE holds an object of contexts: {\"needs\": {\"build\": {\"result\": \"success\"}}}. With
--stdin each line is an object {\"expr\": ..., \"contexts\": {...}}, and so is each line of
the answer: {\"kind\": ..., \"value\": ...} or {\"error\": ...}.";

/// Below `seatrial audit --help`.
pub(super) const AUDIT_EXAMPLES: &str = "\
Examples:
  seatrial audit                          every file of .github/workflows
  seatrial audit test.yml --fail-on medium
  seatrial audit --format sarif --output audit.sarif

The exit code is 0, 6 when something is found that is denied, or 2 when a file cannot be
read. The rules, and how to allow or ignore one of them, are in docs/audit.md.";

/// Below `seatrial scan --help`.
pub(super) const SCAN_EXAMPLES: &str = "\
Examples:
  seatrial scan                           the images of the workflow, and its Dockerfile
  seatrial scan python:3.12-slim          any image
  seatrial scan --input image.tar         what `docker save` wrote; needs no engine
  seatrial scan --db osv/ --fail-on high  with vulnerabilities, from a database of OSV
  seatrial scan --sbom sbom.json --format sarif --output scan.sarif

The exit code is 0, or 6 when something is found that is denied. The rules, and how to
allow one of them with a reason, are in docs/scan.md.";

/// Below `seatrial coverage merge --help`.
pub(super) const COVERAGE_MERGE_EXAMPLES: &str = "\
Examples:
  seatrial coverage merge unit.xml integration.xml -o coverage.xml
  seatrial coverage merge reports/ --xml coverage.xml --html htmlcov
  seatrial coverage merge coverage.xml .coverage.* --lcov lcov.info

A line is covered when any input covered it, a branch when any took it. The data of
coverage.py (.coverage) tells what ran and needs a report beside it that tells which
lines there are.";

/// Below `seatrial coverage show --help`.
pub(super) const COVERAGE_SHOW_EXAMPLES: &str = "\
Examples:
  seatrial coverage show coverage.xml
  seatrial coverage show .seatrial/latest/coverage/coverage.xml
  seatrial coverage show reports/ --format json";

/// Below `seatrial coverage check --help`.
pub(super) const COVERAGE_CHECK_EXAMPLES: &str = "\
Examples:
  seatrial coverage check coverage.xml --min 85
  seatrial coverage check reports/ --package-min src/billing=95
  seatrial coverage check coverage.xml --base main --new-lines-min 90
  seatrial coverage check coverage.xml --base old/coverage.xml --tolerance 0.5

The exit code is 0, 3 when coverage is below a threshold, or 4 when a report is missing or
cannot be read. The total is compared as `coverage report --fail-under` does it.";

/// Below `seatrial coverage diff --help`.
pub(super) const COVERAGE_DIFF_EXAMPLES: &str = "\
Examples:
  seatrial coverage diff old/coverage.xml coverage.xml
  seatrial coverage diff .seatrial/runs/ID/coverage/coverage.xml coverage.xml --format json";

/// Below `seatrial history --help`.
pub(super) const HISTORY_EXAMPLES: &str = "\
Examples:
  seatrial history list --branch main --since 14d
  seatrial history show 20261122-2114     what is kept of a run
  seatrial history import artifact.zip    a run of CI, or many
  seatrial history prune --keep 5000
  seatrial history export -o runs.jsonl

`seatrial run` adds each run by itself, to .seatrial/history.db or to what the table
[history] of seatrial.toml names. docs/history.md tells more.";

/// Below `seatrial rollout --help`.
pub(super) const ROLLOUT_EXAMPLES: &str = "\
Examples:
  seatrial rollout status --github        the flag, the triggers, what was decided
  seatrial rollout set 25%                a quarter of the commits in containers
  seatrial rollout set shadow             both run, and the runner's result counts
  seatrial rollout check                  exit code 12 where a trigger fires
  seatrial rollout check --apply --dry-run

The triggers look at the history, see [rollout] of seatrial.toml. docs/rollout.md tells more.";

/// Below `seatrial history import --help`.
pub(super) const HISTORY_IMPORT_EXAMPLES: &str = "\
Examples:
  seatrial history import artifact.zip    an artifact of CI with .seatrial/runs in it
  seatrial history import artifacts       a folder of artifacts, also of jobs in shadow
  seatrial history import .seatrial/runs  all runs that are kept here
  seatrial history import --github-runs 20 --workflow test.yml
                                          what the last runs on GitHub left
  seatrial history import runs.jsonl      what `seatrial history export` wrote

A run that is known already is left as it is. The exit code is 0, or 2 when a file cannot
be read: the others are taken in all the same.";

/// Below `seatrial init --help`.
pub(super) const INIT_EXAMPLES: &str = "\
Examples:
  seatrial init                     seatrial.toml with every key as a comment, hooks
  seatrial init --hooks --workflow  also .pre-commit-config.yaml and a workflow

Hooks are added to a .pre-commit-config.yaml that is there; its other bytes stay. What is
there already is written anew only with --force.";

/// Below `seatrial trends --help`.
pub(super) const TRENDS_EXAMPLES: &str = "\
Examples:
  seatrial trends                         what is normal, and what got worse since when
  seatrial trends --branch main --check   fail where a regression stands
  seatrial trends --metric step           each step
  seatrial trends --format svg -o trends.svg

The exit code is 0; with --check it is 13 where a regression stands.";

/// Below `seatrial flaky --help`.
pub(super) const FLAKY_EXAMPLES: &str = "\
Examples:
  seatrial flaky                          tests that are flaky, the worst first
  seatrial flaky --branch main --limit 1000
  seatrial flaky --format json

A test is flaky that passed after a retry, or that failed on a commit on which it
passed as well.";
