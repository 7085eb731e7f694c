//! `--retries`: a plugin that makes pytest run a test that failed again.
//!
//! It lies in a folder of its own, as a distribution with an entry point: pytest loads it
//! where `PYTHONPATH` leads there, and goes without where a script or tool has another one.

use crate::engine::NewFile;
use crate::plan::PlanStep;
use crate::record::{Level, ReportKind};
use crate::results::junit::JunitReport;

use super::leg::Running;

/// The plugin.
const PLUGIN: &str = include_str!("retries/seatrial_retries.py");
/// Name of its folder, below seatrial's own.
const FOLDER: &str = "python";
/// Its metadata, as the core metadata specifications of Python packaging want it.
const INFO: &str = "seatrial_retries-1.dist-info";
const METADATA: &str = "Metadata-Version: 2.1\nName: seatrial-retries\nVersion: 1\n";
const ENTRY_POINTS: &str = "[pytest11]\nseatrial_retries = seatrial_retries\n";

/// The folders that [`files`] lie in. `control` is seatrial's own folder.
pub(super) fn folders(control: &str) -> [String; 2] {
    [
        format!("{control}/{FOLDER}"),
        format!("{control}/{FOLDER}/{INFO}"),
    ]
}

/// The plugin, which runs a test again up to so many times.
pub(super) fn files(control: &str, retries: u32) -> Vec<NewFile> {
    let [folder, info] = folders(control);
    [
        (format!("{folder}/seatrial_retries.py"), PLUGIN.to_owned()),
        (format!("{folder}/retries"), retries.to_string()),
        (format!("{info}/METADATA"), METADATA.to_owned()),
        (format!("{info}/entry_points.txt"), ENTRY_POINTS.to_owned()),
    ]
    .into_iter()
    .map(|(path, text)| NewFile {
        path,
        mode: 0o644,
        bytes: text.into_bytes(),
        root: false,
    })
    .collect()
}

/// Whether a step runs pytest, itself or through a tool, as far as its script tells.
pub(super) fn reaches_pytest(planned: &PlanStep) -> bool {
    planned.due.iter().any(|due| due.kind == ReportKind::Junit)
}

/// The `PYTHONPATH` of a step that has the plugin. What it has itself goes before. `None`
/// for `tox` where it has one: tox keeps that from tests, and would have to hand both on.
pub(super) fn python_path(own: &str, control: &str, tox: bool) -> Option<String> {
    let [folder, _] = folders(control);
    match own {
        "" => Some(folder),
        _ if tox => None,
        own => Some(format!("{own}:{folder}")),
    }
}

/// Tells of a report whose tests were not run again although that was asked for.
pub(super) fn check(running: &Running<'_>, planned: &PlanStep, report: &JunitReport) {
    let setup = &running.shared.setup;
    if setup.retries == 0 || report.has_retries() || report.cases().next().is_none() {
        return;
    }
    setup.bus.notice(
        Level::Warning,
        Some(&running.leg.key),
        format!(
            "failed tests of `{}` were not run again: pytest did not load seatrial's plugin, as where PYTHONPATH or PYTEST_DISABLE_PLUGIN_AUTOLOAD is set; use pytest-rerunfailures there",
            planned.name
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::python_path;

    #[test]
    fn the_path_of_the_step_itself_stays() {
        let ours = "/seatrial/python";
        for (own, tox, expected) in [
            ("", false, Some(ours)),
            ("", true, Some(ours)),
            ("src:lib", false, Some("src:lib:/seatrial/python")),
            ("src", true, None),
        ] {
            let path = python_path(own, "/seatrial", tox);
            assert_eq!(path.as_deref(), expected, "{own}");
        }
    }
}
