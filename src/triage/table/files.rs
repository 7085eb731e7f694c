//! Files, users, git, shells and commands.

use crate::triage::signature::signatures;

signatures! {
    "files.permission_python" Permissions Likely ["[Errno 13] Permission denied"],
    "the user of the job may not use a file",
    "files from a mount or an earlier step belong to another user: `chown`, or `--user \"$(id -u)\"`",
    yes "PermissionError: [Errno 13] Permission denied: '/app/coverage.xml'",
    no "with pytest.raises(PermissionError):";

    "files.permission_shell" Permissions Likely [": Permission denied"],
    not ["PermissionError", "publickey"],
    "the user of the job may not use a file",
    "`chmod +x` for scripts; `chown` for what another user made",
    yes "bash: ./run-tests.sh: Permission denied",
    no "permission granted";

    "files.permission_docker_rm" Permissions Likely ["EACCES: permission denied"],
    "a file belongs to another user, such as root in a container",
    "run the container with `--user \"$(id -u):$(id -g)\"`, or hand the files over before it ends",
    yes "Error: EACCES: permission denied, unlink '/home/runner/work/app/app/htmlcov/index.html'",
    no "EACCES is caught";

    "files.read_only" Permissions Certain ["Read-only file system"],
    "a file system may not be written to",
    "write below a folder that is the job's own, or mount without `:ro`",
    yes "OSError: [Errno 30] Read-only file system: '/src/.pytest_cache'",
    no "a file system that is read only by design";

    "files.not_permitted" Permissions Likely ["Operation not permitted"],
    "the user or the container lacks a right",
    "a container has few capabilities: give the one that is needed (`--cap-add`)",
    yes "chown: changing ownership of '/data': Operation not permitted",
    no "the operation is permitted";

    "files.no_new_privileges" Permissions Certain ["The \"no new privileges\" flag is set"],
    "sudo may not become root in this container",
    "install what it was to install in the image",
    yes "sudo: The \"no new privileges\" flag is set, which prevents sudo from running as root.",
    no "no new privileges are given";

    "git.dubious_ownership" Git Certain ["detected dubious ownership in repository at"],
    "the repository belongs to another user than the one who calls git",
    "`git config --global --add safe.directory \"$PWD\"` in the container, or the same user",
    yes "fatal: detected dubious ownership in repository at '/app'",
    no "ownership of the repository is checked";

    "git.not_a_repository" Git Likely ["fatal: not a git repository"],
    "there is no repository where git is called",
    "`.git` is not in the image (`.dockerignore`): copy it, or give the version by a variable (`SETUPTOOLS_SCM_PRETEND_VERSION`)",
    yes "fatal: not a git repository (or any of the parent directories): .git",
    no "a git repository was found";

    "git.auth" Git Certain ["fatal: could not read Username for"],
    "git asks for a login",
    "give it a token; a private dependency needs one of its own",
    yes "fatal: could not read Username for 'https://github.example': terminal prompts disabled",
    no "fatal: could not read from remote";

    "git.publickey" Git Certain ["Permission denied (publickey)"],
    "git has no key for the other repository",
    "add a deploy key (`ssh-key` of actions/checkout), or clone by https",
    yes "git@github.example: Permission denied (publickey).",
    no "the publickey is read";

    "git.shallow" Git Likely ["no tag exactly matches"],
    "the checkout has no tags",
    "`fetch-depth: 0` or `fetch-tags: true` of actions/checkout",
    yes "fatal: no tag exactly matches '4f1a2b'",
    no "the tag matches exactly";

    "git.no_names" Git Likely ["fatal: No names found, cannot describe anything"],
    "the checkout has no tags",
    "`fetch-depth: 0` or `fetch-tags: true` of actions/checkout",
    yes "fatal: No names found, cannot describe anything.",
    no "names were found";

    "git.bad_revision" Git Likely ["fatal: ambiguous argument '", "unknown revision or path not in the working tree"],
    "the checkout does not have the revision",
    "`fetch-depth: 0` of actions/checkout",
    yes "fatal: ambiguous argument 'origin/main...HEAD': unknown revision or path not in the working tree.",
    no "fatal: bad object HEAD";

    "git.reference" Git Certain ["fatal: couldn't find remote ref"],
    "the branch or tag is not there",
    "look at its name; it may have been deleted with its pull request",
    yes "fatal: couldn't find remote ref refs/heads/feature",
    no "found remote ref refs/heads/feature";

    "command.not_found" Command Certain [": command not found"],
    "a command is not there",
    "install it in the image, or correct `PATH`",
    yes "/tmp/x.sh: line 1: pytest: command not found",
    no "the command was found";

    "command.not_found_sh" Command Certain [": not found"],
    not ["sh: locale: ", "OCI runtime", "failed to", "manifest", "ERROR:", "404", "error:", "http", "Error ", "[[: ", "source: ", "pkg-config: ", "secret "],
    "a command is not there",
    "install it in the image, or correct `PATH`",
    yes "/bin/sh: 1: psql: not found",
    no "ERROR: package x: not found";

    "command.python_missing" Command Certain ["python: No such file or directory"],
    "there is no `python`",
    "call `python3`, or take an image that has it",
    yes "/usr/bin/env: 'python': python: No such file or directory",
    no "python found";

    "command.env_missing" Command Certain ["/usr/bin/env: ", "No such file or directory"],
    "the program that a script begins with is not there",
    "install it; where the name ends with `\\r`, the script has Windows line ends",
    yes "/usr/bin/env: 'node': No such file or directory",
    no "/usr/bin/env: usage";

    "shell.crlf" Shell Certain ["$'\\r': command not found"],
    "a script has Windows line ends",
    "`*.sh text eol=lf` in `.gitattributes`",
    yes "run.sh: line 2: $'\\r': command not found",
    no "carriage returns are kept";

    "shell.bad_interpreter" Shell Certain ["bad interpreter: No such file or directory"],
    "the program that a script begins with is not there, or the line ends as on Windows",
    "install it, or `*.sh text eol=lf` in `.gitattributes`",
    yes "bash: ./run.sh: /bin/bash^M: bad interpreter: No such file or directory",
    no "the interpreter is good";

    "shell.bashism" Shell Certain ["Syntax error: \"(\" unexpected"],
    "a script for bash is read by sh",
    "`shell: bash`, and bash in the image",
    yes "/tmp/x.sh: 3: Syntax error: \"(\" unexpected",
    no "a syntax error: unexpected";

    "shell.bad_substitution" Shell Certain ["Bad substitution"],
    "a script for bash is read by sh",
    "`shell: bash`, and bash in the image",
    yes "/tmp/x.sh: 3: Bad substitution",
    no "a bad substitution table";

    "shell.pipefail" Shell Certain ["set: Illegal option -o pipefail"],
    "a script for bash is read by sh",
    "`shell: bash`, and bash in the image",
    yes "/tmp/x.sh: 1: set: Illegal option -o pipefail",
    no "set -o pipefail";

    "shell.unbound" Shell Certain [": unbound variable"],
    "a script uses a variable that is not set",
    "set it, or give it a value for that case: `${NAME:-}`",
    yes "/tmp/x.sh: line 4: DATABASE_URL: unbound variable",
    no "a bound variable";

    "shell.syntax" Shell Certain ["syntax error near unexpected token"],
    "a script cannot be read",
    "look at its quotes and brackets",
    yes "/tmp/x.sh: line 2: syntax error near unexpected token `fi'",
    no "syntax errors are near";

    "files.mount" Permissions Certain ["mount: ", ": permission denied"],
    "a container may not mount",
    "`--cap-add=SYS_ADMIN` gives that right, and with it much of the machine; better let the test do without",
    yes "mount: /mnt/data: permission denied.",
    no "mount: /mnt/data is busy";

    "files.coverage_data" Permissions Certain ["Couldn't use data file", "unable to open database file"],
    "coverage.py cannot write where the tests run",
    "COVERAGE_FILE below a folder that is the job's own",
    yes "Couldn't use data file '/app/.coverage': unable to open database file",
    no "Couldn't use data file '/app/.coverage': file is not a database";

    "sudo.password" Permissions Certain ["sudo: a password is required"],
    "sudo asks for a password, which a job has not",
    "install what it was to install in the image, or a rule with NOPASSWD",
    yes "sudo: a password is required",
    no "sudo: the password is set";

    "sudo.terminal" Permissions Certain ["sudo: a terminal is required to read the password"],
    "sudo asks for a password, which a job has not",
    "install what it was to install in the image, or a rule with NOPASSWD",
    yes "sudo: a terminal is required to read the password; either use the -S option to read from standard input",
    no "sudo: the terminal is /dev/tty";

    "sudo.no_user" Permissions Certain ["sudo: you do not exist in the passwd database"],
    "the user of the container has no name, and sudo refuses",
    "a user of the image instead of a bare number",
    yes "sudo: you do not exist in the passwd database",
    no "the passwd database has 12 users";

    "sudo.sudoers" Permissions Certain ["is not in the sudoers file"],
    "the user may not call sudo",
    "install what it was to install in the image",
    yes "ci is not in the sudoers file.",
    no "the sudoers file is read";

    "files.authentication" Permissions Likely ["uthentication failure"],
    "a user may not become another one",
    "the user of the image, or `USER` in the Dockerfile",
    yes "su: Authentication failure",
    no "the authentication is done";
}
