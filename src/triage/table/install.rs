//! Packages: pip, uv, poetry, apt, npm.

use crate::triage::signature::signatures;

signatures! {
    "pip.no_match" Install Certain ["No matching distribution found for"],
    "no version of a package fits what is asked for, the Python and the platform",
    "look which versions there are for this Python (`pip index versions NAME`)",
    yes "ERROR: No matching distribution found for numpy==1.99",
    no "a matching distribution was found for numpy";

    "pip.conflict" Install Certain ["ERROR: ResolutionImpossible:"],
    "the requirements contradict each other",
    "the lines above say which; loosen one of them",
    yes "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/",
    no "the resolution is possible";

    "pip.conflicting" Install Certain ["because these package versions have conflicting dependencies"],
    "the requirements contradict each other",
    "the lines below say which; loosen one of them",
    yes "ERROR: Cannot install a==1 and b==2 because these package versions have conflicting dependencies.",
    no "package versions have dependencies";

    "pip.requirements_missing" Install Certain ["ERROR: Could not open requirements file:"],
    "the requirements file is not there",
    "look at its name, the folder of the step, and at what the image copies before `pip install`",
    yes "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements-dev.txt'",
    no "opened requirements file";

    "pip.externally_managed" Install Certain ["error: externally-managed-environment"],
    "this Python belongs to the system, and pip may not change it",
    "a virtual environment, or an image of `python`",
    yes "error: externally-managed-environment",
    no "an externally managed environment";

    "pip.hash" Install Certain ["THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE"],
    "a package is not the one whose hash the requirements name",
    "a mirror or a proxy may have changed it; else renew the hashes",
    yes "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes.",
    no "the hashes match";

    "pip.requires_python" Python Certain ["requires a different Python:"],
    "a package does not support this Python",
    "another Python, or another version of the package",
    yes "ERROR: Package 'app' requires a different Python: 3.8.18 not in '>=3.10'",
    no "it requires Python 3.10";

    "pip.build_wheel" Install Possible ["ERROR: Failed building wheel for"],
    "a package has no wheel for this Python and platform, and cannot be built",
    "a version with a wheel, or compiler and headers in the image",
    yes "ERROR: Failed building wheel for psycopg2",
    no "Building wheel for psycopg2 done";

    "pip.subprocess" Install Possible ["error: subprocess-exited-with-error"],
    "a package cannot be built",
    "its own message stands below",
    yes "error: subprocess-exited-with-error",
    no "the subprocess exited";

    "pip.metadata" Install Possible ["error: metadata-generation-failed"],
    "a package cannot say what it needs: its build failed",
    "its own message stands above; often the Python is too new for that version",
    yes "error: metadata-generation-failed",
    no "metadata generation done";

    "pip.invalid_requirement" Install Certain ["ERROR: Invalid requirement:"],
    "a line of the requirements is wrong",
    "correct it; a merge may have left its marks",
    yes "ERROR: Invalid requirement: '<<<<<<< HEAD'",
    no "a valid requirement";

    "pip.not_a_project" Install Certain ["does not appear to be a Python project: neither 'setup.py' nor 'pyproject.toml' found"],
    "the folder that is to be installed holds no project",
    "look at the folder of the step, and at what the image copies before",
    yes "ERROR: file:///app does not appear to be a Python project: neither 'setup.py' nor 'pyproject.toml' found.",
    no "a Python project: pyproject.toml found";

    "build.gcc_missing" Command Certain ["error: command 'gcc' failed: No such file or directory"],
    "a package is built from source, and there is no compiler",
    "a wheel (`--only-binary :all:`), or `build-essential` in the image",
    yes "error: command 'gcc' failed: No such file or directory",
    no "command 'gcc' found";

    "build.gcc_missing_full" Command Certain ["unable to execute 'gcc'"],
    "a package is built from source, and there is no compiler",
    "a wheel (`--only-binary :all:`), or `build-essential` in the image",
    yes "unable to execute 'gcc': No such file or directory",
    no "executing 'gcc'";

    "build.header_missing" Library Certain ["fatal error: ", ".h: No such file or directory"],
    "a package is built from source, and the headers of a library are missing",
    "the library's `-dev` package in the image, or a wheel",
    yes "src/x.c:3:10: fatal error: Python.h: No such file or directory",
    no "fatal error: x.c: No such file or directory";

    "build.pg_config" Library Certain ["pg_config executable not found"],
    "psycopg2 is built from source, and PostgreSQL's headers are missing",
    "`psycopg2-binary`, or `libpq-dev` in the image",
    yes "Error: pg_config executable not found.",
    no "pg_config found";

    "uv.lock_outdated" Install Certain ["The lockfile at `uv.lock` needs to be updated"],
    "`uv.lock` does not fit `pyproject.toml`",
    "`uv lock`, and commit it",
    yes "error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.",
    no "the lockfile is up to date";

    "uv.no_solution" Install Certain ["No solution found when resolving dependencies"],
    "the requirements contradict each other, or the Python",
    "the lines below say why",
    yes "  × No solution found when resolving dependencies:",
    no "a solution was found";

    "poetry.lock_outdated" Install Certain ["pyproject.toml changed significantly since poetry.lock was last generated"],
    "`poetry.lock` does not fit `pyproject.toml`",
    "`poetry lock`, and commit it",
    yes "pyproject.toml changed significantly since poetry.lock was last generated. Run `poetry lock` to fix the lock file.",
    no "poetry.lock is up to date";

    "poetry.python" Python Certain ["is not supported by the project ("],
    "the project does not support this Python",
    "another Python, or `requires-python` of the project",
    yes "Current Python version (3.8.10) is not supported by the project (^3.10).",
    no "the project supports this version";

    "pdm.lock_outdated" Install Certain ["Lock file hash doesn't match pyproject.toml"],
    "`pdm.lock` does not fit `pyproject.toml`",
    "`pdm lock`, and commit it",
    yes "[PdmUsageError]: Lock file hash doesn't match pyproject.toml, packages may be outdated",
    no "the lock file's hash matches";

    "tox.no_interpreter" Python Certain ["InterpreterNotFound:"],
    "the Python of a tox environment is not there",
    "install it, or `skip_missing_interpreters`",
    yes "ERROR: InterpreterNotFound: python3.12",
    no "found interpreter python3.12";

    "tox.skipped_interpreter" Python Possible ["skipped because could not find python interpreter"],
    "the Python of a tox environment is not there",
    "install it in the image",
    yes "py312: skipped because could not find python interpreter with spec(s): py312",
    no "found python interpreter with spec py312";

    "nox.no_interpreter" Python Certain ["Python interpreter", "not found"],
    not ["OCI"],
    "the Python of a nox session is not there",
    "install it, or ask for another",
    yes "nox > Python interpreter 3.12 not found.",
    no "nox > Python interpreter 3.12 found";

    "apt.no_package" Install Certain ["E: Unable to locate package"],
    "the distribution has no such package",
    "`apt-get update` before it in the same `RUN`, and the name of this release",
    yes "E: Unable to locate package libpq-devel",
    no "located package libpq-dev";

    "apt.no_candidate" Install Certain ["E: Package '", "has no installation candidate"],
    "the distribution no longer has the package",
    "the package that took its place, which the lines above may name",
    yes "E: Package 'python-dev' has no installation candidate",
    no "Package 'python3-dev' has an installation candidate";

    "apt.not_found_404" Install Likely ["E: Failed to fetch", "404"],
    "the list of packages is older than the mirror",
    "`apt-get update` in the same `RUN` as `apt-get install`",
    yes "E: Failed to fetch http://deb.example/pool/x_1.deb  404  Not Found [IP: 1.2.3.4 80]",
    no "E: Failed to fetch http://deb.example/pool/x_1.deb  Connection failed";

    "apt.no_release" Install Certain ["does not have a Release file."],
    "the distribution of the image is no longer served",
    "a newer base image, or its archive",
    yes "E: The repository 'http://deb.example stretch Release' does not have a Release file.",
    no "the repository has a Release file";

    "apt.lock" Install Certain ["E: Could not get lock /var/lib/dpkg/lock"],
    "another process installs packages",
    "wait for it: `-o DPkg::Lock::Timeout=60`",
    yes "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (unattended-upgr)",
    no "got lock /var/lib/dpkg/lock";

    "apt.not_root" Permissions Certain ["E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)"],
    "packages are installed by an ordinary user",
    "install them before `USER` in the Dockerfile",
    yes "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)",
    no "E: Could not get lock /var/lib/dpkg/lock";

    "apt.hash_sum" Network Certain ["Hash Sum mismatch"],
    "a mirror or a proxy gave another file than the list says",
    "try again; if it stays, another mirror",
    yes "E: Failed to fetch http://deb.example/x  Hash Sum mismatch",
    no "the hash sum matches";

    "apk.unsatisfiable" Install Certain ["ERROR: unable to select packages:"],
    "the distribution has no such package",
    "the lines below say which",
    yes "ERROR: unable to select packages:",
    no "packages are selected";

    "npm.lock" Install Certain ["`npm ci` can only install packages when your package.json and package-lock.json"],
    "`package-lock.json` does not fit `package.json`",
    "`npm install`, and commit it",
    yes "npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync.",
    no "npm ci installed packages";

    "npm.eresolve" Install Certain ["ERESOLVE"],
    "the dependencies of Node packages contradict each other",
    "the lines below say which",
    yes "npm error code ERESOLVE",
    no "the dependencies are resolved";

    "pip.http_403" Registry Certain ["ERROR: HTTP error 403 while getting"],
    "the index of packages refuses",
    "look at the login in its address, and at the proxy",
    yes "ERROR: HTTP error 403 while getting https://index.example/x.whl",
    no "HTTP 200 while getting x.whl";

    "pip.index_auth" Registry Certain ["401 Client Error: Unauthorized for url"],
    "the index of packages asks for a login",
    "give it as a secret (`PIP_INDEX_URL`); a fork has none",
    yes "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://index.example/simple/",
    no "404 Client Error: Not Found for url";

    "pip.toml" Install Certain ["pip._vendor", "TOMLDecodeError"],
    "`pyproject.toml` is not TOML",
    "correct the place that the message names",
    yes "pip._vendor.tomli.TOMLDecodeError: Expected '=' after a key (at line 3, column 5)",
    no "pip._vendor.tomli is imported";

    "pip.hash_missing" Install Certain ["Hashes are required in --require-hashes mode"],
    "a requirement has no hash, and the others have",
    "renew the file with hashes for all, also for what they need",
    yes "ERROR: Hashes are required in --require-hashes mode, but they are missing from some requirements.",
    no "hashes are there";

    "npm.json" Install Certain ["EJSONPARSE"],
    "`package.json` is not JSON",
    "correct the place that the message names",
    yes "npm ERR! code EJSONPARSE",
    no "the JSON is parsed";

    "npm.no_lock" Install Certain ["can only install with an existing package-lock.json"],
    "`npm ci` wants a lock file",
    "commit `package-lock.json`, or `npm install`",
    yes "npm error The `npm ci` command can only install with an existing package-lock.json or",
    no "an existing package-lock.json";

    "npm.no_version" Install Certain ["npm", "ETARGET"],
    "a version of a Node package is not there",
    "look which versions there are (`npm view NAME versions`)",
    yes "npm error code ETARGET",
    no "the target is there";

    "npm.no_package" Install Certain ["npm", "code E404"],
    "a Node package is not there, or not for you",
    "look at its name; a private one needs a token",
    yes "npm ERR! code E404",
    no "the code is 404";

    "yarn.lock_outdated" Install Certain ["Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`"],
    "`yarn.lock` does not fit `package.json`",
    "`yarn install`, and commit it",
    yes "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.",
    no "the lockfile is up to date";

    "pnpm.lock_outdated" Install Certain ["ERR_PNPM_OUTDATED_LOCKFILE"],
    "`pnpm-lock.yaml` does not fit `package.json`",
    "`pnpm install`, and commit it",
    yes " ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\"",
    no "the lockfile is up to date";

    "build.pkg_config" Library Certain ["pkg-config: not found"],
    "a package is built from source, and neither pkg-config nor the library's headers are there",
    "`pkg-config` and the library's `-dev` package in the image, or a wheel",
    yes "/bin/sh: 1: pkg-config: not found",
    no "pkg-config was found";

    "tox.no_python" Python Certain ["failed with could not find python interpreter"],
    "the Python of a tox environment is not there",
    "install it in the image, or `skip_missing_interpreters`",
    yes "py313: failed with could not find python interpreter matching any of the specs py313",
    no "found a python interpreter";

    "uv.no_python" Python Certain ["No interpreter found for Python"],
    "the Python that uv is asked for is not there",
    "`uv python install`, or an image that has it",
    yes "error: No interpreter found for Python 3.13 in virtual environments, managed installations, or search path",
    no "found an interpreter for Python 3.13";

    "pyenv.no_python" Python Certain ["pyenv: version `", "is not installed"],
    "the Python of `.python-version` is not there",
    "install it in the image, or set PYENV_VERSION",
    yes "pyenv: version `3.8.12' is not installed (set by /app/.python-version)",
    no "pyenv: version `3.8.12' is set";

    "pip.not_installable" Install Certain ["is not installable. Neither 'setup.py' nor 'pyproject.toml' found"],
    "the folder that is to be installed holds no project",
    "look at the folder of the step, and at what the image copies before",
    yes "ERROR: Directory '.' is not installable. Neither 'setup.py' nor 'pyproject.toml' found.",
    no "the directory is installable";

    "pip.did_not_run" Install Possible ["× ", "did not run successfully."],
    "a package cannot be built",
    "its own message stands below",
    yes "× Getting requirements to build wheel did not run successfully.",
    no "it ran successfully";

    "pipenv.lock_outdated" Install Certain ["Your Pipfile.lock (", "is out of date"],
    "`Pipfile.lock` does not fit `Pipfile`",
    "`pipenv lock`, and commit it",
    yes "Your Pipfile.lock (0a1b2c) is out of date. Expected: (3d4e5f).",
    no "the Pipfile.lock is up to date";

    "pipenv.deploy" Install Likely ["Aborting deploy"],
    "`Pipfile.lock` does not fit `Pipfile`",
    "`pipenv lock`, and commit it",
    yes "ERROR:: Aborting deploy",
    no "deploy is done";

    "npm.engine" Install Certain ["npm", "EBADENGINE"],
    "a Node package wants another Node",
    "the version of `engines`, by `actions/setup-node`",
    yes "npm error code EBADENGINE",
    no "the engine is good";

    "npm.notsup" Install Certain ["npm err", "notsup"],
    "a Node package wants another Node or platform",
    "the version of `engines`, by `actions/setup-node`",
    yes "npm error notsup Not compatible with your version of node/npm",
    no "it is supported";

    "npm.no_package_json" Install Certain ["ENOENT", "package.json"],
    "there is no `package.json` where npm is called",
    "look at the folder of the step, and at what the image copies",
    yes "npm error enoent ENOENT: no such file or directory, open '/app/package.json'",
    no "open package.json";

    "rust.missing" Command Certain ["can't find Rust compiler"],
    "a package is built from source, and there is no Rust",
    "a wheel (a newer pip, another version), or Rust in the image",
    yes "error: can't find Rust compiler",
    no "found the Rust compiler";

    "build.linker" Library Certain ["cannot find -l"],
    "a package is built from source, and a library is missing",
    "the library's `-dev` package in the image, or a wheel",
    yes "/usr/bin/ld: cannot find -lpq: No such file or directory",
    no "found -lpq";

    "build.pkg_config_none" Library Certain ["was not found in the pkg-config search path"],
    "a package is built from source, and the headers of a library are missing",
    "the library's `-dev` package in the image, or a wheel",
    yes "Package libffi was not found in the pkg-config search path.",
    no "the pkg-config search path";

    "python.needs" Python Likely ["requires Python "],
    not ["Requires-Python", "Ignored"],
    "a package does not support this Python",
    "another Python, or another version of the package",
    yes "This version of Django requires Python 3.10, but you're trying to install it on Python 3.8",
    no "Python is required";

    "build.dev_packages" Library Certain ["evelopment packages are installed"],
    "a package is built from source, and the headers of a library are missing",
    "the library's `-dev` package in the image, or a wheel",
    yes "Error: Please make sure the libxml2 and libxslt development packages are installed.",
    no "development packages are listed";

    "pip.server" Network Likely ["HTTP error 5", "while getting"],
    "a package index or its mirror fails",
    "again later; pip's `--retries`, or a cache of packages in the image build",
    yes "ERROR: HTTP error 503 while getting https://index.example/simple/pytest/",
    no "ERROR: HTTP error 404 while getting https://index.example/x.whl";

    "pip.http" Install Likely ["HTTP error ", "while getting"],
    not ["403", "HTTP error 5", "HTTP error 429"],
    "a package cannot be fetched from its address",
    "look at the address; 404 is a file that is gone",
    yes "ERROR: HTTP error 404 while getting https://index.example/x.whl",
    no "HTTP 200 while getting x.whl";

    "uv.no_extra" Install Certain ["error: Extra `", "is not defined"],
    "the project has no such extra",
    "look at `[project.optional-dependencies]`, or take a group (`--group`)",
    yes "error: Extra `dev` is not defined in the project's `optional-dependencies` table",
    no "the extra is defined";

    "uv.no_group" Install Certain ["error: Group `", "is not defined"],
    "the project has no such group of dependencies",
    "look at `[dependency-groups]`, or take an extra (`--extra`)",
    yes "error: Group `tests` is not defined in the project's `dependency-groups` table",
    no "the group is defined";

    "pip.incompatible" Install Likely [" requires ", " which is incompatible."],
    "packages that are installed do not fit each other",
    "install both in one command, with versions that belong together",
    yes "app 1.0 requires idna<3, but you have idna 3.4 which is incompatible.",
    no "it requires idna";

    "build.gcc_missing_errno" Command Certain ["error: [Errno 2] No such file or directory: '", "gcc'"],
    "a package is built from source, and there is no compiler",
    "a wheel (`--only-binary :all:`), or `build-essential` in the image",
    yes "error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'",
    no "error: [Errno 2] No such file or directory: 'setup.cfg'";

    "pip.other_python" Python Likely ["Ignored the following versions that require a different python version"],
    "the versions that pip could take need another Python",
    "a newer Python, or a version of the package that still supports this one",
    yes "ERROR: Ignored the following versions that require a different python version: 2.1.0 Requires-Python >=3.10",
    no "ERROR: Ignored the following yanked versions: 1.0";

    "tox.no_command" Command Certain ["Exception running subprocess [Errno 2]"],
    "tox runs a command that is not installed in its environment",
    "add its package to `deps`, or the command to `allowlist_externals`",
    yes "docs: Exception running subprocess [Errno 2] No such file or directory: 'sphinx-build'",
    no "docs: commands[0]> sphinx-build docs";

    "apt.server" Network Likely ["E: Failed to fetch http", "50", "  ", " [IP: "],
    "a mirror of the distribution fails",
    "again later, or another mirror; `Acquire::Retries \"3\";` in a file of apt.conf.d",
    yes "E: Failed to fetch http://deb.example/dists/bookworm/InRelease  503  Service Unavailable [IP: 203.0.113.7 80]",
    no "E: Failed to fetch http://deb.example/pool/x.deb  404  Not Found [IP: 203.0.113.7 80]";

    "conda.http" Network Likely ["CondaHTTPError: HTTP 000 CONNECTION FAILED"],
    "conda does not reach its channel",
    "is the address right, and a proxy needed? `remote_read_timeout_secs` where it is only slow",
    yes "CondaHTTPError: HTTP 000 CONNECTION FAILED for url <https://conda.example/main/linux-64/repodata.json>",
    no "CondaHTTPError: HTTP 404 NOT FOUND for url <https://conda.example/main/linux-64/repodata.json>";

    "npm.access" Permissions Certain ["npm", " code EACCES"],
    "npm may not write its folder",
    "give the folder to the user who runs npm, or another `npm_config_cache`",
    yes "npm ERR! code EACCES",
    no "npm ERR! code E404";

    "pip.backend" Install Possible ["pyproject_hooks/_in_process"],
    "the build backend of a package fails",
    "its own message stands below; what it needs belongs into `build-system.requires`",
    yes "  File \"/usr/lib/python3/dist-packages/pip/_vendor/pyproject_hooks/_in_process/_in_process.py\", line 77, in _build_backend",
    no "the build backend ends well";
}
