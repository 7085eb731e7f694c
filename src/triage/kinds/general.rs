//! How programs begin their messages: the last resort.

use super::kinds;

kinds! {
    vague: true;
    Engine:
        ["Cannot start service "],
        ["Error response from daemon:"],
        ["OCI runtime", "failed"];
    Build:
        ["failed to solve"];
    Git:
        ["fatal: "];
    Database:
        ["OperationalError"],
        ["ProgrammingError"],
        ["IntegrityError"],
        ["DatabaseError"],
        ["DataError"],
        ["pymongo.errors."],
        ["igration", "rror"];
    Connection:
        ["ConnectionError"],
        ["Connect", "Error: Cannot connect to host"],
        ["503 Service Unavailable"];
    Certificates:
        ["ssl.SSL"],
        ["andshake", "ailed"];
    Install:
        ["npm err"],
        ["npm ERR!"],
        ["ERR_PNPM_"],
        ["ERROR: Could not install packages"];
    Command:
        ["FileNotFoundError:"],
        ["annot ", ": No such file or directory"],
        ["cat: ", ": No such file or directory"],
        ["cd: ", "o such file or directory"],
        ["can't cd to"];
    Shell:
        ["yntax error near"];
    Python:
        ["SyntaxError:"];
    Import:
        ["ImportError"],
        ["ImportPathMismatchError"];
    Timeout:
        ["imed out"],
        ["deadline exceeded"];
    Service:
        [" exited with code "];
    Test:
        ["E   ", "Error"],
        ["AssertionError"],
        ["--- FAIL:"],
        ["test result: FAILED"],
        ["Tests:", "failed"],
        ["FAILED (errors="],
        ["Tests run:", "FAILURE!"];
    Coverage:
        ["coverage.exceptions."];
    Memory:
        ["ut of memory"];
    Fixture:
        ["pytest: error:"];
    Artifact:
        ["Failed to ", "rtifact"];
    Runner:
        ["HttpError:"];
}
