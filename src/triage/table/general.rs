//! How programs begin their messages, for messages that no other signature knows: a kind is
//! better than nothing. What is surer hides them.

use crate::triage::signature::signatures;

signatures! {

    "general.daemon" Engine Possible ["Error response from daemon:"],
    "the engine refuses",
    "the rest of its message says what",
    yes "Error response from daemon: something new",
    no "a response from the daemon";

    "general.oci" Engine Possible ["OCI runtime", "failed"],
    "a container cannot be started",
    "the end of the message says why",
    yes "OCI runtime exec failed: exec failed: something new",
    no "the OCI runtime is runc";

    "general.solve" Build Possible ["failed to solve"],
    "the image cannot be built",
    "the rest of the message says why",
    yes "ERROR: failed to solve: something new",
    no "the build is solved";

    "general.git" Git Possible ["fatal: "],
    "git, most likely, cannot go on",
    "the rest of its message says why",
    yes "fatal: something new",
    no "a fatal blow";

    "general.sqlite" Database Possible ["sqlite3.", "Error:"],
    "SQLite refuses",
    "the rest of the message says why",
    yes "sqlite3.ProgrammingError: something new",
    no "import sqlite3";

    "general.psycopg" Database Possible ["psycopg", "rror"],
    "PostgreSQL or its driver refuses",
    "the rest of the message says why",
    yes "psycopg.errors.RaiseException: Error of a trigger",
    no "import psycopg";

    "general.asyncpg" Database Possible ["asyncpg.exceptions."],
    "PostgreSQL or its driver refuses",
    "the rest of the message says why",
    yes "asyncpg.exceptions.RaiseError: something new",
    no "import asyncpg";

    "general.mysql" Database Possible ["MySQLdb.", "Error"],
    "MySQL or its driver refuses",
    "the rest of the message says why",
    yes "MySQLdb.OperationalError: (1205, 'Lock wait timeout exceeded')",
    no "MySQLdb is imported";

    "general.pymysql" Database Possible ["pymysql.err."],
    "MySQL or its driver refuses",
    "the rest of the message says why",
    yes "pymysql.err.DataError: something new",
    no "pymysql is imported";

    "general.django_db" Database Possible ["django.db.utils."],
    "Django's database refuses",
    "the rest of the message says why",
    yes "django.db.utils.DataError: value too long",
    no "from django.db import utils";

    "general.sqlalchemy" Database Possible ["sqlalchemy.exc."],
    "SQLAlchemy or its database refuses",
    "the rest of the message says why",
    yes "sqlalchemy.exc.StatementError: something new",
    no "import sqlalchemy";

    "general.migration" Database Possible ["igration", "rror"],
    "a migration fails",
    "the rest of the message says why",
    yes "app.db.MigrationFatalError: something new",
    no "the migration went well";

    "general.connection" Connection Possible ["ConnectionError"],
    "a connection failed",
    "the rest of the message says which",
    yes "app.clients.ConnectionError: something new",
    no "the connection is up";

    "general.connect" Connection Possible ["Connect", "Error: Cannot connect to host"],
    "a connection failed",
    "the rest of the message says which",
    yes "aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host api:80",
    no "connected to host";

    "general.unavailable" Connection Possible ["503 Service Unavailable"],
    "a server answers that it is not there for now",
    "try again; if it stays, look at its log",
    yes "502 or 503 Service Unavailable",
    no "the service is available";

    "general.ssl" Certificates Possible ["ssl.SSL"],
    "an encrypted connection cannot be had",
    "look at the bundle of certificates, and at proxies between",
    yes "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)",
    no "import ssl";

    "general.handshake" Certificates Possible ["andshake", "ailed"],
    "an encrypted connection cannot be had",
    "look at proxies between, and at the age of the image",
    yes "gnutls_handshake() failed: Handshake failed",
    no "the handshake went well";

    "general.npm" Install Possible ["npm err"],
    "npm refuses",
    "the lines around say why",
    yes "npm error something new",
    no "npm install";

    "general.npm_old" Install Possible ["npm ERR!"],
    "npm refuses",
    "the lines around say why",
    yes "npm ERR! something new",
    no "npm install";

    "general.pnpm" Install Possible ["ERR_PNPM_"],
    "pnpm refuses",
    "the rest of the message says why",
    yes "ERR_PNPM_NO_MATCHING_VERSION  No matching version",
    no "pnpm install";

    "general.pip" Install Possible ["ERROR: Could not install packages"],
    "pip refuses",
    "the rest of the message says why",
    yes "ERROR: Could not install packages due to an EnvironmentError: something new",
    no "installed packages";

    "general.file_python" Command Possible ["FileNotFoundError:"],
    not ["pytest.raises"],
    "a file or a program is not there",
    "look at the folder of the step, and at what the image copies",
    yes "FileNotFoundError: [Errno 2] No such file or directory: 'config.yml'",
    no "the file was found";

    "general.file" Command Possible ["annot ", ": No such file or directory"],
    not ["load", "import"],
    "a file is not there",
    "look at the folder of the step, and at what the image copies",
    yes "cp: cannot stat 'dist/app.whl': No such file or directory",
    no "the file is there";

    "general.cat" Command Possible ["cat: ", ": No such file or directory"],
    "a file is not there",
    "look at the folder of the step, and at what the image copies",
    yes "cat: VERSION: No such file or directory",
    no "cat VERSION";

    "general.cd" Command Possible ["cd: ", "o such file or directory"],
    "a folder is not there",
    "look at the folder of the step, and at what the image copies",
    yes "/tmp/x.sh: line 1: cd: web: No such file or directory",
    no "cd web";

    "general.cd_sh" Command Possible ["can't cd to"],
    "a folder is not there",
    "look at the folder of the step, and at what the image copies",
    yes "/tmp/x.sh: 1: cd: can't cd to web",
    no "cd web";

    "general.syntax_shell" Shell Possible ["yntax error near"],
    "a script cannot be read",
    "look at its quotes and brackets",
    yes "awk: cmd. line:1: syntax error near",
    no "the syntax is good";

    "general.syntax_python" Python Possible ["SyntaxError:"],
    "the code cannot be read: wrong, or written for a newer Python",
    "compare the Python of the image with `python-version` of the workflow",
    yes "E   SyntaxError: f-string: unmatched '('",
    no "the syntax is good";

    "general.import" Import Possible ["ImportError"],
    "a module cannot be imported",
    "the rest of the message says why",
    yes "ImportError: something new",
    no "imported";

    "general.path_mismatch" Import Likely ["ImportPathMismatchError"],
    "two files of one name are collected, or one by two paths",
    "run pytest in the folder of the repository; `--import-mode=importlib`",
    yes "_pytest.pathlib.ImportPathMismatchError: ('conftest', '/a/conftest.py', PosixPath('/b/conftest.py'))",
    no "the paths match";

    "general.timed_out" Timeout Possible ["imed out"],
    not ["Read timed out"],
    "something took too long",
    "the rest of the message says what",
    yes "timed out waiting for the server",
    no "the timer is out";

    "general.deadline" Timeout Likely ["deadline exceeded"],
    "something took too long",
    "the rest of the message says what",
    yes "error: context deadline exceeded",
    no "the deadline is tomorrow";

    "general.compose_exited" Service Possible [" exited with code "],
    not ["exited with code 0", "failed with exit code"],
    "a container of compose ended",
    "read its log (`docker compose logs NAME`)",
    yes "db-1 exited with code 1",
    no "it exited";

    "general.assert" Test Possible ["AssertionError"],
    not ["pytest.raises"],
    "a test asserts what does not hold",
    "its assertion stands around",
    yes "E   AssertionError: totals differ",
    no "with pytest.raises(ValueError):";

    "general.go_fail" Test Possible ["--- FAIL:"],
    "a test failed",
    "its message stands below",
    yes "--- FAIL: TestSum (0.00s)",
    no "--- PASS: TestSum (0.00s)";

    "general.cargo_fail" Test Possible ["test result: FAILED"],
    "tests failed",
    "their messages stand above",
    yes "test result: FAILED. 3 passed; 1 failed;",
    no "test result: ok. 4 passed;";

    "general.jest_fail" Test Possible ["Tests:", "failed"],
    "tests failed",
    "their messages stand above",
    yes "Tests:       1 failed, 3 passed, 4 total",
    no "Tests:       4 passed, 4 total";

    "general.unittest_errors" Test Possible ["FAILED (errors="],
    "tests could not be run to their end",
    "their messages stand above",
    yes "FAILED (errors=1)",
    no "OK (skipped=1)";

    "general.maven_fail" Test Possible ["Tests run:", "FAILURE!"],
    "tests failed",
    "their messages stand around",
    yes "Tests run: 4, Failures: 1, Errors: 0, Skipped: 0 <<< FAILURE!",
    no "Tests run: 4, Failures: 0";

    "general.coverage" Coverage Possible ["coverage.exceptions."],
    "coverage.py refuses",
    "the rest of the message says why",
    yes "coverage.exceptions.NoSource: something new",
    no "import coverage";

    "general.out_of_memory" Memory Likely ["ut of memory"],
    not ["heap out of memory", "cgroup out of memory"],
    "memory ran out",
    "give the job more memory, or do less at a time",
    yes "fatal error: runtime: out of memory",
    no "out of the ordinary";

    "general.usage_pytest" Fixture Possible ["pytest: error:"],
    "pytest was called wrongly",
    "the rest of the message says how",
    yes "pytest: error: argument -n: expected one argument",
    no "pytest ran";

    "general.cache" Artifact Possible ["Failed to ", "rtifact"],
    "an artifact cannot be kept or had",
    "the rest of the message says why",
    yes "Failed to FinalizeArtifact: something new",
    no "the artifact is kept";

    "general.http_error" Runner Possible ["HttpError:"],
    "GitHub's API refuses",
    "the rest of the message says why",
    yes "HttpError: Validation Failed",
    no "HTTP 200";
}
