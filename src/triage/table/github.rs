//! Messages of GitHub's runner and of the workflow itself.

use crate::triage::signature::signatures;

signatures! {
    "runner.lost" Runner Certain ["The self-hosted runner", "lost communication with the server."],
    "the runner was lost: it was shut down, or had no memory or network left",
    "look at the machine; fewer workers or a larger one",
    yes "The self-hosted runner lost communication with the server. Verify the machine is running and has a healthy network connection.",
    no "the runner communicates with the server";

    "runner.hosted_lost" Runner Certain ["The hosted runner lost communication with the server."],
    "the runner was lost, most often because it had no memory left",
    "fewer workers at a time, or a larger runner",
    yes "The hosted runner: GitHub Actions 3 lost: The hosted runner lost communication with the server.",
    no "the hosted runner communicates with the server";

    "runner.shutdown" Runner Certain ["The runner has received a shutdown signal."],
    "the runner was shut down: the job was cancelled, or had no memory left",
    "try again; if it stays, fewer workers at a time",
    yes "##[error]The runner has received a shutdown signal. This can happen when the runner service is stopped, or a manually started runner is canceled.",
    no "the runner has started";

    "runner.canceled" Runner Possible ["The operation was canceled."],
    "the job was cancelled: by somebody, by `concurrency`, by a failed sibling, or by its time limit",
    "look at the other jobs of the run",
    yes "##[error]The operation was canceled.",
    no "the operation was done";

    "runner.action_missing" Runner Certain ["Unable to resolve action"],
    "an action that a step uses is not there",
    "look at its name and version; a private one needs a permission",
    yes "##[error]Unable to resolve action `actions/setup-pyton@v5`, repository not found",
    no "Download action repository 'actions/setup-python@v5'";

    "runner.action_deprecated" Runner Certain ["This request has been automatically failed because it uses a deprecated version of"],
    "an action is of a version that GitHub has withdrawn",
    "its newest version; `seatrial audit` finds the others",
    yes "##[error]This request has been automatically failed because it uses a deprecated version of `actions/upload-artifact: v3`.",
    no "a deprecated version is used";

    "runner.no_action_yml" Runner Certain ["Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under"],
    "a local action is not there",
    "`actions/checkout` before it, and its path from the repository's root",
    yes "##[error]Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '/home/runner/work/a/a/.github/actions/x'. Did you forget to run actions/checkout before running your local action?",
    no "found 'action.yml'";

    "runner.python_version" Python Certain ["The version '", "with architecture", "was not found for"],
    "the Python that is asked for is not there for this runner",
    "a version that it has, in quotes: 3.10 without them is 3.1",
    yes "##[error]The version '3.1' with architecture 'x64' was not found for Ubuntu 24.04.",
    no "the version '3.12' was found";

    "runner.permission_token" Runner Certain ["Resource not accessible by integration"],
    "the token of the workflow may not do this",
    "`permissions:` of the job; a fork's token may only read",
    yes "##[error]Resource not accessible by integration",
    no "the resource is accessible";

    "runner.bad_credentials" Runner Certain ["Bad credentials"],
    "a token is wrong or has expired",
    "a new one; a fork has no secrets",
    yes "HttpError: Bad credentials",
    no "the credentials are good";

    "runner.api_rate" Runner Certain ["API rate limit exceeded for"],
    "GitHub's limit of requests is reached",
    "use the workflow's token, or try later",
    yes "HttpError: API rate limit exceeded for installation ID 123.",
    no "the rate limit is 5000";

    "runner.cache_quota" Artifact Possible ["Failed to save:", "cache"],
    "a cache could not be saved",
    "nothing depends on it, but the next run is slower",
    yes "##[warning]Failed to save: Unable to reserve cache with key pip-1, another job may be creating this cache.",
    no "Cache saved with key: pip-1";

    "runner.output_deprecated" Shell Certain ["The `set-env` command is disabled."],
    "a workflow command that GitHub has withdrawn is used",
    "`echo \"NAME=value\" >> \"$GITHUB_ENV\"`",
    yes "##[error]The `set-env` command is disabled. Please upgrade to using Environment Files or opt into unsecure command execution",
    no "the command set-env";

    "runner.env_format" Shell Certain ["##[error]Invalid format '"],
    "a line that a step wrote into an environment file cannot be read",
    "a value of several lines needs the form `NAME<<END`",
    yes "##[error]Invalid format '  second line'",
    no "a valid format";

    "runner.unable_to_process" Shell Certain ["##[error]Unable to process file command"],
    "what a step wrote into an environment file cannot be read",
    "a value of several lines needs the form `NAME<<END`",
    yes "##[error]Unable to process file command 'env' successfully.",
    no "processed the file command";

    "runner.expression" Shell Certain ["The template is not valid."],
    "an expression of the workflow cannot be evaluated",
    "the line names its place",
    yes "##[error]The template is not valid. .github/workflows/test.yml (Line: 12, Col: 9): Error reading JToken from JsonReader.",
    no "the template is valid";

    "runner.billing" Runner Certain ["The job was not started because recent account payments have failed"],
    "GitHub does not start jobs of this account",
    "look at its billing and spending limit",
    yes "The job was not started because recent account payments have failed or your spending limit needs to be increased.",
    no "the job was started";

    "runner.no_runner" Runner Certain ["No runner matching the specified labels was found"],
    "no runner has the labels of the job",
    "look at `runs-on`; a self-hosted one may be off",
    yes "No runner matching the specified labels was found: gpu",
    no "Found a runner with the labels";

    "fork.no_secrets" Runner Certain ["Input required and not supplied: token"],
    "an action got no token: a secret is not set, or this is a fork's pull request",
    "set the secret; leave the step out for forks",
    yes "##[error]Input required and not supplied: token",
    no "the input token is supplied";

    "runner.python_version_old" Python Certain ["Version ", " with arch ", "not found"],
    "the Python that is asked for is not there for this runner",
    "a version that it has, in quotes: 3.10 without them is 3.1",
    yes "##[error]Version 3.6 with arch x64 not found",
    no "Version 3.12 with arch x64 found";

    "runner.input" Runner Certain ["Input required and not supplied:"],
    "an action lacks an input",
    "give it; a fork has no secrets",
    yes "##[error]Input required and not supplied: token",
    no "the input is supplied";

    "runner.error" Runner Certain ["The hosted runner encountered an error while running your job"],
    "GitHub's runner failed",
    "try again, and look at githubstatus.com",
    yes "The hosted runner encountered an error while running your job. (Error Type: Failure).",
    no "the runner runs your job";

    "runner.workflow" Runner Certain ["Invalid workflow file"],
    "the workflow file is wrong",
    "`seatrial plan` says what is wrong, and where",
    yes "Invalid workflow file: .github/workflows/test.yml#L12",
    no "a workflow file";

    "runner.named_value" Runner Certain ["Unrecognized named-value:"],
    "an expression names a context that is not there",
    "look where it may be used; `seatrial eval` tries it",
    yes "Unrecognized named-value: 'matrx'. Located at position 1 within expression: matrx.python",
    no "a named value";
}
