//! The steps that a conversion adds: they build the image, start the job's container and remove it,
//! with plain docker commands and Docker's own actions.

use super::decide::JobPlan;
use super::options::Options;

/// The script that the steps call, in the repository.
pub(crate) const SCRIPT: &str = ".github/docker-tests.sh";
/// What it holds.
pub(crate) const SCRIPT_TEXT: &str = include_str!("script/docker-tests.sh");
/// The variable that tells the steps of a job where they run.
pub(crate) const PLACE: &str = "DOCKER_TESTS";
/// The flag: a variable of the repository, or an input of a run that is started by hand.
pub(crate) const FLAG: &str = "CI_USE_DOCKER_TESTS";
/// Id of the step that builds the image.
pub(crate) const BUILD_ID: &str = "docker-tests-image";
/// Id of the step that keeps what a run in both places reported, and name of the folder in which
/// the script gathers it.
pub(crate) const SHADOW_ID: &str = "docker-tests-shadow";

/// Variables of this name, or whose name begins so, that the script does not hand on to the
/// container: there they say something else.
const KEPT_BACK: [&str; 17] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
    "HOSTNAME",
    "TMPDIR",
    "DOCKER_TESTS*",
    "BASH_FUNC_*",
    "pythonLocation",
    "Python*_ROOT_DIR",
    "PKG_CONFIG_PATH",
    "LD_LIBRARY_PATH",
];

/// Whether the script hands a variable of the workflow on to the container.
pub(crate) fn hands_on(name: &str) -> bool {
    !KEPT_BACK.iter().any(|kept| match kept.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
        None => name == *kept,
    })
}

/// Docker's actions, pinned by commit.
const SETUP_BUILDX: &str =
    "docker/setup-buildx-action@37fe631027851001ddb9b187196cc803df7f5f0e # v4.3.0";
const BUILD_PUSH: &str =
    "docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0";
const UPLOAD: &str = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2";

/// Steps, as lines without indentation.
pub(super) struct Steps {
    /// Behind the checkout.
    pub(super) start: Vec<String>,
    /// Behind the last step that runs in the container.
    pub(super) collect: Vec<String>,
    /// At the end of the job.
    pub(super) end: Vec<String>,
}

/// The steps of one job.
pub(super) fn steps(job: &JobPlan, options: &Options) -> Steps {
    // By its whole path: the job's scripts may have another folder to start in.
    let script = format!("\"$GITHUB_WORKSPACE\"/{}{SCRIPT}", job.folder);
    let tag = "docker-tests:${{ github.run_id }}-${{ github.job }}-${{ strategy.job-index }}";
    let only = format!("if: env.{PLACE} != 'runner'");
    let always = format!("if: always() && env.{PLACE} && env.{PLACE} != 'runner'");
    let mut start = vec![
        "# Where the steps below run: in a container, or here. See the script.".to_owned(),
        "- name: Choose the runner or a container".to_owned(),
        format!("  run: bash {script} decide"),
        "  shell: bash".to_owned(),
        "  env:".to_owned(),
        format!("    {FLAG}: {}", flag(options)),
        "- name: Set up Buildx".to_owned(),
        format!("  {only}"),
    ];
    // What fails here is told by the step that would start the container.
    let goes_on = "  continue-on-error: true".to_owned();
    start.extend((!options.fallback_fails).then(|| goes_on.clone()));
    start.push(format!("  uses: {SETUP_BUILDX}"));
    start.extend(built_where(job).iter().map(|line| format!("# {line}")));
    start.extend([
        "- name: Build the image of the tests".to_owned(),
        format!("  id: {BUILD_ID}"),
        format!("  {only}"),
    ]);
    start.extend((!options.fallback_fails).then_some(goes_on));
    start.extend([
        format!("  uses: {BUILD_PUSH}"),
        "  with:".to_owned(),
        format!(
            "    context: {}",
            folder_or_dot(&format!("{}{}", job.folder, job.image.context))
        ),
        format!("    file: {}{}", job.folder, job.image.dockerfile),
    ]);
    if let Some(target) = &job.image.target {
        start.push(format!("    target: {target}"));
    }
    let arguments: Vec<String> = job
        .python
        .iter()
        .map(|version| format!("PYTHON_VERSION={version}"))
        .chain(
            job.image
                .build_args
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        )
        .collect();
    if !arguments.is_empty() {
        start.push("    build-args: |".to_owned());
        start.extend(arguments.iter().map(|line| format!("      {line}")));
    }
    let scope = match &job.python {
        Some(version) if version.contains("${{") => format!("docker-tests-{version}"),
        _ => "docker-tests".to_owned(),
    };
    start.extend([
        format!("    tags: {tag}"),
        "    load: true".to_owned(),
        "    push: false".to_owned(),
        "    provenance: false".to_owned(),
        format!("    cache-from: type=gha,scope={scope}"),
        format!("    cache-to: type=gha,mode=max,ignore-error=true,scope={scope}"),
        "- name: Start the container of the tests".to_owned(),
        format!("  {only}"),
        format!(
            "  run: bash {script} start{} \"$IMAGE\"",
            run_options(job, options)
        ),
        "  shell: bash".to_owned(),
        "  env:".to_owned(),
        format!("    IMAGE: {tag}"),
        format!("    DOCKER_TESTS_BUILD: ${{{{ steps.{BUILD_ID}.outcome }}}}"),
    ]);
    if options.fallback_fails {
        start.push("    DOCKER_TESTS_FALLBACK: fail".to_owned());
    }
    let command = |name: &str, command: &str| {
        vec![
            format!("- name: {name}"),
            format!("  {always}"),
            format!("  run: bash {script} {command}"),
            "  shell: bash".to_owned(),
        ]
    };
    let mut end = command("Remove the container of the tests", "stop");
    end.extend([
        "  env:".to_owned(),
        "    JOB_STATUS: ${{ job.status }}".to_owned(),
    ]);
    end.extend(
        job.matrix
            .then(|| "    MATRIX: ${{ toJSON(matrix) }}".to_owned()),
    );
    end.extend(keep("Keep what both sides reported", UPLOAD));
    end.extend([
        "    name: seatrial-shadow-${{ github.job }}-${{ strategy.job-index }}".to_owned(),
        format!("    path: ${{{{ runner.temp }}}}/{SHADOW_ID}"),
        "    include-hidden-files: true".to_owned(),
    ]);
    Steps {
        start,
        collect: command("Copy the reports out of the container", "collect"),
        end,
    }
}

/// A step that keeps the record of a run in both places, up to its inputs. It never fails a job.
pub(super) fn keep(name: &str, action: &str) -> Vec<String> {
    vec![
        format!("- name: {name}"),
        format!("  id: {SHADOW_ID}"),
        format!("  if: always() && env.{PLACE} == 'shadow'"),
        "  continue-on-error: true".to_owned(),
        format!("  uses: {action}"),
        "  with:".to_owned(),
    ]
}

/// Where the flag comes from, and what it is where nobody sets it.
pub(super) fn flag(options: &Options) -> String {
    let input = match options.dispatch_input {
        true => format!("inputs.{FLAG} || "),
        false => String::new(),
    };
    format!(
        "${{{{ {input}vars.{FLAG} || '{}' }}}}",
        options.default_flag
    )
}

/// Why the image is built where it is.
fn built_where(job: &JobPlan) -> [&'static str; 2] {
    if job.legs > 1 {
        [
            "Built in each leg: with the cache of an earlier run that takes seconds, and an image",
            "handed on by a job of its own would be packed, uploaded and downloaded by each leg.",
        ]
    } else {
        [
            "Built in this job: with the cache of an earlier run that takes seconds, less than to",
            "wait for a job of its own and to download what it built.",
        ]
    }
}

fn folder_or_dot(folder: &str) -> String {
    match folder.trim_end_matches('/') {
        "" => ".".to_owned(),
        folder => folder.to_owned(),
    }
}

/// Options of `docker run`: the limits of the settings, and the names of the services,
/// whose ports are the runner's own.
fn run_options(job: &JobPlan, options: &Options) -> String {
    let hosts = job
        .services
        .iter()
        .map(|label| format!("--add-host={label}:127.0.0.1"));
    options
        .run_options
        .iter()
        .cloned()
        .chain(hosts)
        .map(|option| format!(" {option}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{KEPT_BACK, SCRIPT_TEXT, hands_on};

    #[test]
    fn what_is_kept_back_is_what_the_script_keeps_back() {
        let (_, rest) = SCRIPT_TEXT.split_once("variables() {").unwrap_or_default();
        let (kept, _) = rest.split_once("GITHUB_*").unwrap_or_default();
        for name in KEPT_BACK {
            let form = match name.ends_with('*') {
                true => name.to_owned(),
                false => format!("{name}="),
            };
            assert!(kept.contains(&form), "{name}");
        }
        let patterns = kept.lines().filter(|line| line.contains(") ;;"));
        let told: usize = patterns.map(|line| line.split('|').count()).sum();
        assert_eq!(told, KEPT_BACK.len());
        assert!(hands_on("DATABASE_URL") && hands_on("PYTHONPATH") && hands_on("HOMEPAGE"));
        assert!(!hands_on("HOME") && !hands_on("Python3_ROOT_DIR") && !hands_on("DOCKER_TESTS"));
    }
}
