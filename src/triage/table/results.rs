//! Coverage, reports, artifacts.

use crate::triage::signature::signatures;

signatures! {
    "coverage.below" Coverage Certain ["is less than fail-under="],
    "coverage is below the threshold",
    "the table above shows which lines are missing",
    yes "Coverage failure: total of 71 is less than fail-under=80",
    no "total of 81 is more than fail-under=80";

    "coverage.below_pytest" Coverage Certain ["Required test coverage of", "not reached"],
    "coverage is below the threshold",
    "the table above shows which lines are missing",
    yes "FAIL Required test coverage of 80% not reached. Total coverage: 71.43%",
    no "Required test coverage of 80% reached. Total coverage: 91.43%";

    "coverage.no_data" Coverage Certain ["No data to report."],
    "coverage.py has measured nothing",
    "run the tests under it, in the folder of its data; a container's files go with `--rm`",
    yes "No data to report.",
    no "data to report: 3 files";

    "coverage.no_data_collected" Coverage Certain ["CoverageWarning: No data was collected"],
    "coverage.py has measured nothing",
    "`source` names another package or path than what is imported: compare with the container's paths",
    yes "CoverageWarning: No data was collected. (no-data-collected)",
    no "data was collected";

    "coverage.never_imported" Coverage Likely ["was never imported. (module-not-imported)"],
    "a package that is to be measured was not imported",
    "look at the name behind `--cov=`",
    yes "CoverageWarning: Module app was never imported. (module-not-imported)",
    no "module app was imported";

    "coverage.no_source" Coverage Certain ["No source for code: '"],
    "the source that was measured is not where the report is made",
    "`[paths]` of coverage.py maps the container's paths to the repository's",
    yes "No source for code: '/app/src/app/models.py'.",
    no "source for code: '/app/src/app/models.py'";

    "coverage.couldnt_combine" Coverage Certain ["No data to combine"],
    "there is no coverage data to combine",
    "hidden files are not in artifacts unless `include-hidden-files: true`",
    yes "No data to combine",
    no "Combined data file .coverage.1";

    "coverage.no_usable" Coverage Certain ["No usable data files"],
    "the coverage data cannot be read",
    "all must come from the same major version of coverage.py, with or without branches",
    yes "No usable data files",
    no "usable data files: 3";

    "coverage.branch_mixed" Coverage Certain ["Can't combine branch coverage data with statement data"],
    "some coverage data has branches and some has not",
    "the same `branch` setting in all jobs; its file may not be copied into the image",
    yes "Can't combine branch coverage data with statement data",
    no "combined branch coverage data";

    "coverage.branch_mixed_other" Coverage Certain ["Can't combine statement coverage data with branch data"],
    "some coverage data has branches and some has not",
    "the same `branch` setting in all jobs; its file may not be copied into the image",
    yes "coverage.exceptions.DataError: Can't combine statement coverage data with branch data",
    no "combined statement coverage data";

    "coverage.schema" Coverage Certain ["Couldn't use data file", "file is not a database"],
    "a coverage data file is damaged",
    "it may have been cut off, or two processes wrote to it: `parallel = true`",
    yes "Couldn't use data file '/app/.coverage': file is not a database",
    no "used data file '/app/.coverage'";

    "codecov.no_report" Report Certain ["No coverage reports found"],
    "Codecov found no coverage report",
    "look at `files`, and whether the report came out of the container",
    yes "Error: No coverage reports found. Please make sure you're generating reports successfully.",
    no "Found 1 coverage reports to upload";

    "codecov.token" Report Certain ["Token required because branch is protected"],
    "Codecov asks for a token",
    "`token: ${{ secrets.CODECOV_TOKEN }}`; a fork has no secrets",
    yes "error - Upload failed: {\"message\":\"Token required because branch is protected\"}",
    no "the token is valid";

    "codecov.rate" Report Certain ["Rate limit reached. Please upload with the Codecov repository upload token"],
    "Codecov's limit of uploads without a token is reached",
    "`token: ${{ secrets.CODECOV_TOKEN }}`",
    yes "Rate limit reached. Please upload with the Codecov repository upload token to resolve issue.",
    no "the rate is 5";

    "docker_cp.missing" Report Certain ["Could not find the file", "in container"],
    "a report is not in the container",
    "look where the tests write it, and whether they came that far",
    yes "Error response from daemon: Could not find the file /app/coverage.xml in container tests",
    no "found the file in container tests";

    "artifact.none" Artifact Likely ["No files were found with the provided path:"],
    "an artifact has no files",
    "the step that writes them failed or wrote elsewhere; hidden files need `include-hidden-files: true`",
    yes "##[warning]No files were found with the provided path: htmlcov. No artifacts will be uploaded.",
    no "With the provided path, there will be 3 files uploaded";

    "artifact.conflict" Artifact Certain ["an artifact with this name already exists on the workflow run"],
    "two jobs keep an artifact of the same name",
    "a name for each leg: `name: reports-${{ matrix.python }}`",
    yes "##[error]Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run",
    no "created the artifact";

    "artifact.not_found" Artifact Certain ["Unable to download artifact(s): Artifact not found for name:"],
    "an artifact that a job wants is not there",
    "the job that keeps it failed, was skipped, or calls it otherwise",
    yes "##[error]Unable to download artifact(s): Artifact not found for name: coverage-3.11",
    no "Artifact download completed successfully";

    "artifact.quota" Artifact Certain ["Artifact storage quota has been hit"],
    "the storage for artifacts is used up",
    "shorter `retention-days`, and old ones removed",
    yes "##[error]Failed to CreateArtifact: Artifact storage quota has been hit. Unable to upload any new artifacts.",
    no "the artifact storage holds 3 GB";

    "junit.none" Report Certain ["No test report files were found"],
    "no JUnit report is where a step looks for it",
    "`--junitxml`, and the report copied out of the container",
    yes "##[error]No test report files were found",
    no "1 test report files were found";

    "coverage.config" Coverage Certain ["Couldn't read config file"],
    "coverage.py cannot read its settings",
    "correct what the message names",
    yes "Couldn't read config file pyproject.toml: Not a boolean: yes",
    no "read config file pyproject.toml";

    "report.none_xml" Report Likely ["FileNotFoundError: [Errno 2]", ".xml'"],
    "a report is not where a step looks for it",
    "look where the tests write it, and whether they came that far",
    yes "FileNotFoundError: [Errno 2] No such file or directory: 'coverage.xml'",
    no "FileNotFoundError: [Errno 2] No such file or directory: 'x.json'";

    "report.damaged" Report Likely ["xml.etree.ElementTree.ParseError"],
    "a report is empty, cut off, or no XML",
    "look whether the tests came to their end",
    yes "xml.etree.ElementTree.ParseError: not well-formed (invalid token): line 3, column 7",
    no "xml.etree.ElementTree.parse";

    "report.no_match" Report Likely ["No file matches path"],
    "no report is where a step looks for it",
    "look where the tests write it, and whether it came out of the container",
    yes "##[error]No file matches path reports/*.xml",
    no "a file matches path";

    "report.no_files" Report Likely ["Could not find any files for"],
    "no report is where a step looks for it",
    "look where the tests write it, and whether it came out of the container",
    yes "publish - WARNING - Could not find any files for reports/*.xml",
    no "found files for reports";

    "artifact.none_of_workflow" Artifact Certain ["Unable to find any artifacts for the associated workflow"],
    "a workflow has no artifacts",
    "the job that keeps them failed or was skipped; major versions of upload and download must be alike",
    yes "##[error]Unable to find any artifacts for the associated workflow",
    no "found artifacts for the associated workflow";

    "artifact.none_of_run" Artifact Certain ["No artifacts found for run"],
    "a run has no artifacts",
    "the job that keeps them failed or was skipped; another run needs `github-token`",
    yes "##[error]Unable to download artifact(s): No artifacts found for run '1' in 'a/b'",
    no "artifacts found for run 1";

    "artifact.none_found" Artifact Likely ["no artifacts found"],
    "a workflow has no artifacts",
    "the job that keeps them failed or was skipped, or its run is another one",
    yes "##[error]no artifacts found",
    no "2 artifacts found";

    "coverage.parse" Coverage Certain ["Couldn't parse '", "as Python source"],
    "coverage.py cannot read a file that was measured",
    "it changed since, or is no Python: `omit` it",
    yes "Couldn't parse '/app/t.html' as Python source: 'invalid syntax' at line 1",
    no "parsed '/app/a.py' as Python source";

    "coverage.jest" Coverage Certain ["coverage threshold for"],
    "coverage is below the threshold",
    "the table above shows which lines are missing",
    yes "Jest: \"global\" coverage threshold for lines (90%) not met: 71%",
    no "the coverage threshold";

    "junit.none_found" Report Likely ["No test results found"],
    "no JUnit report is where a step looks for it",
    "look where the tests write it, and whether it came out of the container",
    yes "##[error]No test results found!",
    no "test results found";

    "artifact.name" Artifact Certain ["artifact name is not valid"],
    "the name of an artifact has a character that is not allowed",
    "no `/`, `:` or quotes: replace them where the name is made of a matrix value",
    yes "The artifact name is not valid: a:b. Contains the following character:  Colon :",
    no "the artifact name is valid";

    "artifact.cache_upload" Artifact Possible ["Unable to upload cache"],
    "a cache could not be saved",
    "nothing depends on it, but the next run is slower",
    yes "Error: Unable to upload cache: Request failed with status code 400",
    no "the cache is uploaded";

    "coverage.arc_line" Coverage Certain ["Can't combine ", " data with ", " data"],
    not ["Can't combine branch", "Can't combine statement"],
    "some coverage data has branches and some has not",
    "the same `branch` setting in all jobs; its file may not be copied into the image",
    yes "Can't combine arc data with line data",
    no "combined the data";

    "coverage.data_table" Coverage Certain ["Couldn't use data file '", "no such table"],
    "a coverage data file was not written to its end, or by another version",
    "one data file for each process (`parallel = true`), and one version of coverage.py",
    yes "Couldn't use data file '/app/.coverage.1': no such table: meta",
    no "the data file is used";

    "coverage.sqldata" Coverage Certain ["INTERNALERROR>", "coverage/sqldata.py"],
    "coverage.py cannot read or write its data file, and pytest ends",
    "one data file for each process (`parallel = true`), and tests that do not remove it",
    yes "INTERNALERROR>   File \"/app/.venv/lib/python3.12/site-packages/coverage/sqldata.py\", line 1100, in execute",
    no "INTERNALERROR>   File \"/app/.venv/lib/python3.12/site-packages/_pytest/main.py\", line 285, in wrap_session";

    "artifact.download" Artifact Certain ["Unable to download artifact(s)"],
    not ["Artifact not found"],
    "an artifact cannot be downloaded",
    "again later; its job may not have ended, or its time is over (`retention-days`)",
    yes "Error: Unable to download artifact(s): Unable to download and extract artifact: Artifact download failed after 5 retries.",
    no "Error: Unable to download artifact(s): Artifact not found for name: dist";
}
