//! How programs begin their messages: the last resort.

use super::kinds;

kinds! {
    vague: true;
    Engine:
        ["See 'docker", "--help'"],
        ["Run 'docker", "--help' for more information"],
        ["Cannot start service "],
        ["Error response from daemon:"],
        ["OCI runtime", "failed"],
        ["rootless"],
        ["is mounted as"],
        ["must be force"];
    Build:
        ["failed to solve"],
        ["requires buildx"];
    Git:
        ["fatal: "],
        ["submodule"],
        ["detached HEAD"],
        ["shallow"],
        ["refspec"],
        ["gitmodules"];
    Database:
        ["OperationalError"],
        ["ProgrammingError"],
        ["IntegrityError"],
        ["DatabaseError"],
        ["DataError"],
        ["pymongo.errors."],
        ["igration", "rror"],
        ["uthentication failed"],
        ["alembic"],
        ["no migrations"];
    Connection:
        ["ConnectionError"],
        ["503 Service Unavailable"],
        ["socket.error"],
        ["Connection timed out"],
        ["onnection timed out"];
    Certificates:
        ["ssl.SSL"],
        ["andshake", "ailed"],
        ["CA certificate"],
        ["onnect to proxy"],
        ["roxy server"];
    Install:
        ["npm err"],
        ["npm ERR!"],
        ["ERR_PNPM_"],
        ["egg-info"],
        ["peer dep"],
        ["conflicts with"],
        ["depends on"],
        ["cannot be installed"],
        ["CHECKSUM"],
        ["Cargo"],
        ["setup.py"],
        ["setuptools"],
        ["wheel"],
        ["pyproject.toml"],
        ["poetry.lock"],
        ["uv.lock"],
        ["package-lock.json"],
        ["yarn.lock"],
        ["requirements.txt"],
        ["apt-get"],
        ["dpkg"],
        ["conda"],
        ["rustc"],
        ["pip "];
    Command:
        ["FileNotFoundError:"],
        ["annot ", ": No such file or directory"],
        ["cat: ", ": No such file or directory"],
        ["cd: ", "o such file or directory"],
        ["can't cd to"],
        ["not installed"],
        ["No such file or directory: '"],
        ["no such file or directory"],
        ["No such file or directory"],
        ["ENOENT"],
        ["is required but"],
        ["not found on your"],
        ["please install it"];
    Shell:
        ["yntax error near"];
    Python:
        ["SyntaxError:"],
        ["reached the end of its life"],
        ["Python 2"];
    Import:
        ["ImportError"],
        ["ImportPathMismatchError"],
        ["conftest"];
    Timeout:
        ["imed out"],
        ["deadline exceeded"],
        ["TimeoutError"],
        ["read timeout"],
        ["Timed Out"],
        ["TIMEOUT"];
    Service:
        ["aiting for ", "to be up"],
        ["aiting for ", "to start"],
        [" exited with code "],
        ["unable to start"],
        ["not healthy"],
        ["ailed to start"],
        ["is not ready"],
        ["Could not start"],
        ["could not start"],
        ["Error starting"];
    Test:
        ["E   ", "Error"],
        ["AttributeError: '", "object has no attribute"],
        ["TypeError: ", "unexpected keyword argument"],
        ["TypeError: ", "positional argument"],
        ["--- FAIL:"],
        ["test result: FAILED"],
        ["Tests:", "failed"],
        ["FAILED (errors="],
        ["Tests run:", "FAILURE!"];
    Coverage:
        ["coverage: "],
        ["minimum coverage"],
        ["coverage was"];
    Memory:
        ["ut of memory"];
    Fixture:
        ["pytest.ini"];
    Artifact:
        ["Failed to ", "rtifact"],
        ["actions/cache"],
        ["Cache "],
        ["the cache"],
        ["artifact"];
    Runner:
        ["HttpError:"],
        ["gh: "],
        ["Context access"],
        ["The action "],
        ["actions must be"],
        ["requires a GitHub"],
        ["GITHUB_TOKEN"],
        ["rate limit exceeded"];
    Network:
        ["Err:"],
        ["Ign http"],
        ["rate limited"];
    Port:
        ["bind: "];
    Library:
        ["Xvfb"],
        ["gtk"],
        ["libGL"],
        [".so: "],
        [".so."],
        ["pkg-config"],
        ["pkgconf"];
    Worker:
        ["gw0] "];
    Report:
        ["Unterminated string"],
        ["llure"],
        ["JUnit"],
        ["test report"],
        ["unit report"],
        ["est results"],
        ["coverage report"],
        ["coverage.xml"],
        ["results.xml"],
        ["junit.xml"];
    NoTests:
        ["collected 0 items"],
        ["Ran 0 tests"];
}
