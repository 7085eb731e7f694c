//! Scripts, make, and programs that are to be run.

use crate::triage::signature::signatures;

signatures! {

    "shell.no_file" Command Likely [": line ", ": No such file or directory"],
    "a script names a file that is not there",
    "look at the folder of the step, and at what the image copies",
    yes "/tmp/x.sh: line 4: ./ci/setup.sh: No such file or directory",
    no "ls: cannot access 'x': No such file or directory";

    "make.no_target" Command Certain ["*** No rule to make target"],
    "make has no such target, or no Makefile",
    "look at the folder of the step, and at what the image copies",
    yes "make: *** No rule to make target 'unit'.  Stop.",
    no "a rule to make the target";

    "make.no_command" Command Likely ["make: ", ": No such file or directory"],
    not ["***"],
    "a command of a Makefile is not there",
    "install it in the image, or correct `PATH`",
    yes "make: pytest: No such file or directory",
    no "make: Entering directory '/app'";

    "command.child" Command Likely ["raise child_exception_type(errno_num"],
    "Python cannot start a program: it is not there, or not executable",
    "install it in the image; the last line of the message names it",
    yes "    raise child_exception_type(errno_num, err_msg, err_filename)",
    no "raise SystemExit(1)";

    "npm.no_script" Command Certain ["Missing script:"],
    "`package.json` has no such script",
    "`npm run` lists those that there are",
    yes "npm error Missing script: \"lint\"",
    no "the script is not missing";

    "tox.allowlist" Command Certain ["is not allowed, use allowlist_externals to allow it"],
    "tox may not run a command from outside its environment",
    "`allowlist_externals` names it, or `deps` installs it",
    yes "py312: failed with bash is not allowed, use allowlist_externals to allow it",
    no "bash is allowed";

    "shell.bracket" Shell Likely ["[: missing `]'"],
    "a test of a script lacks its bracket",
    "a space before `]`",
    yes "/tmp/x.sh: line 2: [: missing `]'",
    no "the bracket is there";

    "shell.set_option" Shell Likely ["set: -", "invalid option"],
    "`set` has an option that the shell does not know; the end of the line may be as on Windows",
    "`*.sh text eol=lf` in `.gitattributes`",
    yes "run.sh: line 2: set: -: invalid option",
    no "set -e";

    "shell.double_bracket" Shell Certain ["[[: not found"],
    "a script for bash is read by sh",
    "`shell: bash`, and bash in the image",
    yes "/tmp/x.sh: 3: [[: not found",
    no "the [[ was found";

    "shell.source" Shell Certain ["source: not found"],
    "a script for bash is read by sh",
    "`shell: bash`, or `.` instead of `source`",
    yes "/tmp/x.sh: 3: source: not found",
    no "the source was found";

    "shell.end_of_file" Shell Certain ["syntax error: unexpected end of file"],
    "a script ends within something: `fi`, `done`, a quote or a here-document is missing",
    "look at what it opened last",
    yes "/tmp/x.sh: line 14: syntax error: unexpected end of file",
    no "the end of file is expected";

    "shell.quote" Shell Certain ["unexpected EOF while looking for matching"],
    "a quote or bracket of a script is not closed",
    "look at the line that the message names, and above",
    yes "/tmp/x.sh: line 2: unexpected EOF while looking for matching `''",
    no "EOF is matching";

    "shell.quote_sh" Shell Certain ["Syntax error: Unterminated quoted string"],
    "a quote of a script is not closed",
    "look at the line that the message names, and above",
    yes "/tmp/x.sh: 2: Syntax error: Unterminated quoted string",
    no "a quoted string";

    "shell.syntax_sh" Shell Certain ["Syntax error: ", " unexpected"],
    not ["\"(\""],
    "a script cannot be read by sh: it is for bash, or wrong",
    "`shell: bash`, or look at its quotes and brackets",
    yes "/tmp/x.sh: 3: Syntax error: end of file unexpected (expecting \"fi\")",
    no "a syntax error: none";

    "shell.interpreter" Shell Certain ["cannot execute: required file not found"],
    "the program that a script begins with is not there, or the line ends as on Windows",
    "install it, or `*.sh text eol=lf` in `.gitattributes`",
    yes "bash: ./run.sh: cannot execute: required file not found",
    no "the required file was found";

    "shell.too_long" Shell Certain ["Argument list too long"],
    "a command line or the environment is longer than the system allows",
    "hand the list over in a file or through `xargs`",
    yes "/tmp/x.sh: line 3: /usr/bin/pytest: Argument list too long",
    no "the list of arguments is long";

    "node.spawn" Command Likely ["spawn ", "ENOENT"],
    "Node cannot start a program: it is not there",
    "install it in the image",
    yes "Error: spawn docker ENOENT",
    no "spawned docker";

    "command.windows" Command Certain ["is not recognized as an internal or external command"],
    "a command is not there",
    "install it, or correct `PATH`",
    yes "'pytest' is not recognized as an internal or external command,",
    no "the command is recognized";

    "npx.none" Command Certain ["could not determine executable to run"],
    "npx finds no such program",
    "`npm ci` before it, or look at the name",
    yes "npm error could not determine executable to run",
    no "determined the executable";

    "shell.nonexistent" Command Likely ["Directory nonexistent"],
    "a script writes into a folder that is not there",
    "`mkdir -p` before it",
    yes "/tmp/x.sh: 2: cannot create reports/a.txt: Directory nonexistent",
    no "the directory is there";

    "shell.directory" Command Likely [": Is a directory"],
    "a script takes a folder for a file",
    "look at the path; an engine makes a folder where a mounted file is not there",
    yes "cat: config.yml: Is a directory",
    no "it is a directory";

    "shell.expression" Shell Likely ["syntax error in expression"],
    "an arithmetic expression of a script is wrong",
    "look at the values of its variables",
    yes "/tmp/x.sh: line 1: a b: syntax error in expression (error token is \"b\")",
    no "an expression";

    "docker.oci_no_file" Command Certain ["OCI runtime", "no such file or directory"],
    "the image does not have the file that the container was to run",
    "look at its path, and at the first line of a script: its interpreter may be missing",
    yes "OCI runtime create failed: runc create failed: unable to start container process: exec: \"/entrypoint.sh\": stat /entrypoint.sh: no such file or directory: unknown",
    no "OCI runtime runc 1.1.5 was found";

    "node.spawn_sync" Command Likely ["spawnSync ", "ENOENT"],
    "Node cannot start a program: it is not there",
    "install it in the image",
    yes "Error: spawnSync docker ENOENT",
    no "spawnSync docker";

    "nox.no_program" Command Certain ["nox > Program ", " not found."],
    "nox runs a program that is not installed in its session",
    "`session.install` it, or install it in the image",
    yes "nox > Program sqlfluff not found.",
    no "nox > Running session lint";

    "precommit.no_executable" Command Certain ["Executable `", "` not found"],
    "a hook of pre-commit runs a program that is not installed",
    "install it in the image, or take a hook that brings its own (`language:` other than `system`)",
    yes "Executable `hadolint` not found",
    no "the executable is found";
}
