//! pytest: collection, fixtures, workers, failures.

use crate::triage::signature::signatures;

signatures! {
    "pytest.no_tests" NoTests Likely ["no tests ran in"],
    "pytest found no test",
    "look at the folder of the step, at `testpaths`, and at `-k` and `-m`",
    yes "============================ no tests ran in 0.01s =============================",
    no "12 tests ran in 0.01s";

    "pytest.not_found" NoTests Certain ["ERROR: file or directory not found:"],
    "a path that pytest is given is not there",
    "look at its spelling, the folder of the step, and at what the image copies",
    yes "ERROR: file or directory not found: tests/unit",
    no "found directory tests/unit";

    "pytest.node_not_found" NoTests Certain ["ERROR: not found:", "(no match in any of"],
    "a test that pytest is given is not there",
    "it may have been renamed",
    yes "ERROR: not found: /app/tests/test_a.py::test_x (no match in any of [<Module test_a.py>])",
    no "ERROR: not found: nothing";

    "pytest.all_deselected" NoTests Likely [" deselected in "],
    not [" passed", " failed"],
    "`-k` or `-m` left no test",
    "look at the expression, and whether the mark is registered",
    yes "============================ 12 deselected in 0.05s ============================",
    no "====== 3 passed, 12 deselected in 0.05s ======";

    "pytest.unknown_option" Fixture Certain ["error: unrecognized arguments:"],
    "pytest does not know an option: its plug-in is not installed",
    "install it in the image: `--cov` is pytest-cov's, `-n` is pytest-xdist's, `--timeout` is pytest-timeout's",
    yes "pytest: error: unrecognized arguments: --cov=app --cov-report=xml",
    no "arguments: --cov=app";

    "pytest.fixture_missing" Fixture Certain ["fixture '", "' not found"],
    "a test asks for a fixture that nobody has",
    "its plug-in is not installed, or its `conftest.py` is not copied",
    yes "E       fixture 'mocker' not found",
    no "fixture 'mocker' found";

    "pytest.marker_strict" Fixture Certain ["not found in `markers` configuration option"],
    "a mark is not registered, and `--strict-markers` asks for it",
    "add it to `markers`; the configuration file may not be copied",
    yes "'integration' not found in `markers` configuration option",
    no "markers: integration";

    "pytest.plugin_missing" Fixture Certain ["Error importing plugin"],
    "a plug-in of pytest cannot be imported",
    "install it in the image",
    yes "ImportError: Error importing plugin \"pytest_django\": No module named 'pytest_django'",
    no "imported plugin \"pytest_django\"";

    "pytest.required_plugin" Fixture Certain ["Missing required plugins:"],
    "a plug-in that the configuration requires is not installed",
    "install it in the image",
    yes "ERROR: Missing required plugins: pytest-asyncio",
    no "required plugins: pytest-asyncio";

    "pytest.async" Fixture Certain ["async def functions are not natively supported"],
    "asynchronous tests need a plug-in",
    "`pytest-asyncio` or `anyio` in the image",
    yes "Failed: async def functions are not natively supported.",
    no "async def functions are supported";

    "pytest.collection" Import Possible ["Interrupted: ", "during collection"],
    "test files cannot be read",
    "the messages above say which and why",
    yes "!!!!!!!!!!!!!!!!!!!! Interrupted: 2 errors during collection !!!!!!!!!!!!!!!!!!!!",
    no "collected 12 items during collection";

    "pytest.ini" Fixture Certain ["ERROR: ", "unexpected value continuation"],
    "a configuration file of pytest cannot be read",
    "look at its indentation",
    yes "ERROR: /app/pytest.ini:3: unexpected value continuation",
    no "ERROR: an unexpected value";

    "pytest.internal" Worker Likely ["INTERNALERROR>"],
    "pytest itself or a plug-in crashed",
    "the last line of that block says where",
    yes "INTERNALERROR> Traceback (most recent call last):",
    no "no internal errors";

    "pytest.usage" Fixture Certain ["ERROR: usage: pytest"],
    "pytest was called wrongly",
    "the line below says what it does not take",
    yes "ERROR: usage: pytest [options] [file_or_dir] [file_or_dir] [...]",
    no "usage: pytest";

    "xdist.worker_crashed" Worker Certain ["worker '", "' crashed while running"],
    "a worker of pytest-xdist died in a test",
    "run that test alone; a crash without a message is most often memory",
    yes "[gw1] worker 'gw1' crashed while running 'tests/test_a.py::test_big'",
    no "worker 'gw1' is running";

    "xdist.node_down" Worker Certain ["node down: Not properly terminated"],
    "a worker of pytest-xdist died",
    "run with `-n 0`; a crash without a message is most often memory",
    yes "[gw0] node down: Not properly terminated",
    no "node gw0 is down for maintenance";

    "xdist.different_tests" Worker Certain ["Different tests were collected between"],
    "workers collected different tests",
    "parameters from a set or from chance: sort them",
    yes "Different tests were collected between gw0 and gw1. The difference is:",
    no "the same tests were collected between gw0 and gw1";

    "pytest.failed" Test Possible ["FAILED ", "::"],
    not ["Connection", "ModuleNotFound", "Permission", "OperationalError"],
    "a test failed",
    "its assertion stands above",
    yes "FAILED tests/test_a.py::test_sum - assert 3 == 4",
    no "PASSED tests/test_a.py::test_sum";

    "pytest.error" Test Possible ["ERROR ", "::"],
    not ["Connection", "ModuleNotFound", "Permission", "OperationalError", "##["],
    "a test could not be set up",
    "its fixture's message stands above",
    yes "ERROR tests/test_a.py::test_sum - RuntimeError: no",
    no "PASSED tests/test_a.py::test_sum";

    "unittest.failed" Test Possible ["FAILED (", "failures="],
    "tests failed",
    "their messages stand above",
    yes "FAILED (failures=1)",
    no "OK (skipped=1)";

    "django.settings" Import Certain ["Requested setting", "but settings are not configured"],
    "Django does not know its settings",
    "DJANGO_SETTINGS_MODULE, handed to the container",
    yes "django.core.exceptions.ImproperlyConfigured: Requested setting DATABASES, but settings are not configured.",
    no "the setting DATABASES is configured";

    "pytest.fixture_called" Fixture Certain ["Fixture \"", "\" called directly"],
    "a fixture is called like a function",
    "name it as an argument of the test",
    yes "Fixture \"db\" called directly. Fixtures are not meant to be called directly,",
    no "the fixture \"db\" is called";

    "pytest.scope" Fixture Certain ["ScopeMismatch:"],
    "a fixture uses one of a narrower scope",
    "give both the same scope",
    yes "ScopeMismatch: You tried to access the function scoped fixture event_loop with a session scoped request object",
    no "the scopes match";

    "pytest.recursive" Fixture Certain ["recursive dependency involving fixture"],
    "fixtures use each other in a circle",
    "another name for one of them",
    yes "E       recursive dependency involving fixture 'client' detected",
    no "a recursive fixture";

    "pytest.django_db" Fixture Certain ["Database access not allowed, use the"],
    "a test uses the database without saying so",
    "`@pytest.mark.django_db`, or the fixture `db`",
    yes "RuntimeError: Database access not allowed, use the \"django_db\" mark, or the \"db\" or \"transactional_db\" fixtures to enable it.",
    no "database access is allowed";

    "pytest.hook" Fixture Certain ["PluginValidationError"],
    "a `conftest.py` or plug-in has a hook that pytest does not know",
    "versions of pytest and the plug-in that belong together",
    yes "pluggy._manager.PluginValidationError: Plugin 'x' could not be loaded",
    no "the plug-in is valid";

    "unittest.none" NoTests Possible ["Ran 0 tests in"],
    "no test was found",
    "look at the folder of the step, and at names of files: `test*.py`",
    yes "Ran 0 tests in 0.000s",
    no "Ran 10 tests in 0.100s";

    "django.none" NoTests Possible ["Found 0 test(s)."],
    "Django found no test",
    "look at the label, and at names of files: `test*.py`",
    yes "Found 0 test(s).",
    no "Found 10 test(s).";

    "tap.failed" Test Possible ["not ok ", " - "],
    "a test failed",
    "its message stands below",
    yes "not ok 3 - adds numbers",
    no "ok 3 - adds numbers";

    "pytest.parametrize" Fixture Certain ["in \"parametrize\" the number of"],
    "a parametrized test has another number of values than of names",
    "compare the names with each set of values",
    yes "test_a.py::test_a: in \"parametrize\" the number of names (2):",
    no "parametrize has a number";

    "pytest.unknown_config" Fixture Likely ["ERROR: Unknown config option:"],
    "pytest does not know an option of its configuration",
    "its plug-in is not installed, or it is misspelt",
    yes "ERROR: Unknown config option: asyncio_mode",
    no "the config option is known";

    "pytest.crashed_workers" Worker Certain ["maximum crashed workers reached"],
    "workers of pytest-xdist died one after the other",
    "run with `-n 0`; a crash without a message is most often memory",
    yes "xdist: maximum crashed workers reached: 4",
    no "the workers are up";

    "jest.none" NoTests Likely ["No tests found, exiting with code 1"],
    "Jest found no test",
    "look at `testMatch` and the folder of the step",
    yes "No tests found, exiting with code 1",
    no "tests found";

    "vitest.none" NoTests Likely ["No test files found"],
    "no test file was found",
    "look at `include` and the folder of the step",
    yes "No test files found, exiting with code 1",
    no "test files found";

    "pytest.not_found_old" NoTests Certain ["ERROR: file not found:"],
    "a path that pytest is given is not there",
    "look at its spelling, the folder of the step, and at what the image copies",
    yes "ERROR: file not found: tests/unit",
    no "the file was found";

    "pytest.asyncio_package" Fixture Certain ["'Package' object has no attribute 'obj'"],
    "this pytest-asyncio does not fit this pytest",
    "bring both to versions that belong together; pin them in the image",
    yes "INTERNALERROR> AttributeError: 'Package' object has no attribute 'obj'",
    no "AttributeError: 'Package' object has no attribute 'name'";

    "pytest.no_argument" Fixture Certain ["In test", ": function uses no argument '"],
    "`parametrize` names an argument that the test does not take",
    "correct the name in one of them",
    yes "In test_send: function uses no argument 'text'",
    no "the function uses no argument";

    "pytest.summary" Test Possible [" failed, ", " passed", " in "],
    "tests failed",
    "their assertions stand above",
    yes "=========== 34 failed, 217 passed in 4.58 seconds ===========",
    no "=========== 217 passed in 4.58 seconds ===========";

    "pytest.summary_all" Test Possible ["= ", " failed in "],
    "tests failed",
    "their assertions stand above",
    yes "=========== 3 failed in 4.58 seconds ===========",
    no "the deployment failed in production";

    "pytest.session_timeout" Timeout Certain ["session-timeout: ", "exceeded"],
    "the time limit of the whole test session was reached",
    "`session_timeout` of pytest-timeout is too short, or a test hangs: the last one shown",
    yes "!!!!!!!!! session-timeout: 2.0 sec exceeded !!!!!!!!!",
    no "session timeout: 2.0s";

    "pytest.collected_none" NoTests Possible ["collected 0 items"],
    not ["error"],
    "pytest found no test",
    "look at the folder of the step, at `testpaths`, and at `-k` and `-m`",
    yes "collecting ... collected 0 items",
    no "collected 0 items / 1 error";

    "behave.failed" Test Possible ["Failing scenarios:"],
    "scenarios failed",
    "their steps stand above",
    yes "Failing scenarios:",
    no "0 scenarios failed";

    "behave.no_features" NoTests Certain ["No feature files in"],
    "behave found no scenario",
    "look at the folder of the step, and at `paths` in its configuration",
    yes "ConfigError: No feature files in '/app/features'",
    no "features: 3 files";

    "pytest.marker_expression" Fixture Certain ["Wrong expression passed to '-"],
    "the expression of `-m` or `-k` is wrong",
    "correct it: names, `and`, `or`, `not` and brackets",
    yes "ERROR: Wrong expression passed to '-m': not slow and: at column 13: expected identifier",
    no "the expression passed to '-m' is right";

    "pytest.no_param" Fixture Certain ["'SubRequest' object has no attribute 'param'"],
    "a fixture reads `request.param`, but nobody gives it one",
    "`params=` in the fixture, or `parametrize` with `indirect=True` in the test",
    yes "E       AttributeError: 'SubRequest' object has no attribute 'param'",
    no "request.param is 3";

    "pytest.setup_cfg" Fixture Certain ["[pytest] section in setup.cfg files is no longer supported"],
    "pytest's settings in setup.cfg stand under an old name",
    "`[tool:pytest]`, or move them to pyproject.toml",
    yes "Failed: [pytest] section in setup.cfg files is no longer supported, change to [tool:pytest] instead.",
    no "the [pytest] section is read";

    "time.stacks" Timeout Likely ["~~ Stack of ", " ~~"],
    "pytest-timeout ended a test and shows where each thread was",
    "look at the last lines of the stack of the main thread",
    yes "~~~~~~~~~~~~ Stack of MainThread (123814333187904) ~~~~~~~~~~~~",
    no "the stack of the main thread";

    "robot.failed" Test Possible ["| FAIL |"],
    "tests of Robot Framework failed",
    "the lines below each say why",
    yes "Robot.Cart                     | FAIL |",
    no "Robot.Cart                     | PASS |";
}
