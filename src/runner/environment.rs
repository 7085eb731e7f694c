//! The environment of a leg: its image, its user, its folders, its files.

use std::sync::Arc;
use std::time::Duration;

use crate::actions::{machine_files, machine_folders};
use crate::engine::{CONTROL, JobSpec, NewFile, Sudo, User};
use crate::image::{Facts, Image};
use crate::plan::{
    BuiltIn, CreateOptions, ImageNeed, Leg, Mount, Placement, PlanJob, PlanStep, WORKDIR, sudo_use,
};
use crate::record::{Cause, Failure, slug};
use crate::workflow::StepAction;

use super::contexts::Pairs;
use super::services::JobContainer;
use super::{Shared, retries};

/// User number of the `runner` user in plain base images, as on GitHub's runner.
const RUNNER_UID: u32 = 1001;
/// Its home.
const RUNNER_HOME: &str = "/home/runner";
/// The volume that holds the workspace, where other containers need it.
pub(super) const WORK_VOLUME: &str = "seatrial-work";
/// The volume that then holds seatrial's own folder.
pub(super) const CONTROL_VOLUME: &str = "seatrial-control";
/// Folders of it that Docker actions know: the home, the event's payload, the
/// environment files.
pub(super) const ACTION_FOLDERS: [&str; 3] = ["home", "workflow", "file_commands"];

/// How a leg's environment is laid out.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// What the environment is opened with.
    pub(super) spec: JobSpec,
    /// The workspace inside it (`github.workspace`).
    pub(super) workspace: String,
    /// The folder for temporary files inside it (`runner.temp`).
    pub(super) temp: String,
    /// The file with the event's payload inside it (`github.event_path`).
    pub(super) event_path: String,
    /// The folder for reports that seatrial asks for.
    pub(super) reports: String,
    /// The folder for tools inside it (`runner.tool_cache`).
    pub(super) tools: String,
    /// Where the source comes from, in words.
    pub(super) source: String,
    /// What is in the image; absent on the host.
    pub(super) facts: Option<Facts>,
    /// Folders before the `PATH` of image or machine.
    pub(super) path: Vec<String>,
    /// Whether the image is a plain base one, used by an ordinary user.
    pub(super) plain_base: bool,
    /// Variables of the container itself, below those of workflow, job and step.
    pub(super) container_env: Pairs,
}

/// Lays out the environment of a leg.
pub(super) fn lay_out(
    shared: &Shared,
    job: &PlanJob,
    leg: &Leg,
    image: Option<&Arc<Image>>,
    container: &JobContainer,
) -> Result<Layout, Failure> {
    let setup = &shared.setup;
    let base = setup.engine.root(&leg.key.slug());
    let control = format!("{base}{CONTROL}");
    let facts = image.map(|image| image.facts.clone()).unwrap_or_default();
    let plain_base =
        leg.image.is_base() && facts.uid == 0 && image.is_some() && leg.derived.is_none();
    let user = if plain_base {
        User {
            uid: RUNNER_UID,
            gid: RUNNER_UID,
            home: RUNNER_HOME.to_owned(),
        }
    } else if image.is_none() {
        // On this machine: the rights of whoever runs seatrial, a home of its own.
        User {
            uid: 0,
            gid: 0,
            home: format!("{base}{RUNNER_HOME}"),
        }
    } else {
        User {
            uid: facts.uid,
            gid: facts.gid,
            home: if facts.home.is_empty() {
                "/".to_owned()
            } else {
                facts.home.clone()
            },
        }
    };
    let user = match &container.options.user {
        Some(text) => user_of_option(text, &facts)?,
        None => user,
    };
    let every_step = leg.every_step();
    let checks_out = every_step.iter().any(|step| {
        step.placement == Placement::BuiltIn(BuiltIn::Checkout) && !checks_out_elsewhere(step)
    });
    let in_image = setup
        .plan
        .dockerfile
        .as_ref()
        .and_then(|dockerfile| dockerfile.source_dir.clone())
        .filter(|_| matches!(leg.image, ImageNeed::Dockerfile { .. }) && checks_out);
    let name = setup
        .github
        .repository
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
        .map_or_else(|| "repository".to_owned(), slug);
    let own = match leg.derived {
        // Environments that were made there hold its path.
        Some(_) => WORKDIR.to_owned(),
        None => format!("{base}/home/runner/work/{name}/{name}"),
    };
    let workspace = in_image.clone().unwrap_or_else(|| own.clone());
    let temp = format!("{control}/temp");
    let tools = format!("{control}/tools");
    // A step on this machine may hand its tests on to a container, as converted workflows
    // do. What these leave comes back to the places that a runner promises.
    let reports = match image {
        Some(_) => format!("{control}/reports"),
        None => format!("{temp}/reports"),
    };
    let mut dirs = vec![temp.clone(), tools.clone(), reports.clone()];
    for step in &every_step {
        if step.test.is_some() {
            dirs.push(format!("{reports}/{}", step.number));
        }
    }
    if in_image.is_none() {
        let mut folder = String::new();
        for part in own.trim_matches('/').split('/') {
            folder = format!("{folder}/{part}");
            // `/home` is the image's own; what is above our folder is the machine's.
            if folder != "/home" && folder.len() > base.len() {
                dirs.push(folder.clone());
            }
        }
    } else if plain_base {
        dirs.push(RUNNER_HOME.to_owned());
    }
    let event_path = format!("{control}/event.json");
    let event = NewFile {
        path: event_path.clone(),
        mode: 0o644,
        bytes: serde_json::to_vec_pretty(&setup.github.event).unwrap_or_default(),
        root: false,
    };
    let mut files = vec![event.clone()];
    if plain_base {
        files.extend(with_runner(&facts));
    }
    if setup.retries > 0 {
        dirs.extend(retries::folders(&control));
        files.extend(retries::files(&control, setup.retries));
    }
    let mut path = Vec::new();
    if image.is_none() {
        files.extend(machine_files(&tools));
        path.extend(machine_folders(&tools));
    }
    let (source, words) = if !checks_out {
        (None, "empty: no checkout step fills it".to_owned())
    } else if in_image.is_some() && !setup.workspace {
        (None, "the source as the image holds it".to_owned())
    } else {
        let tree = shared
            .tree()
            .map_err(|message| Failure::new(Cause::PathInvalid, message))?;
        (
            Some((tree, workspace.clone())),
            "a private copy of the checkout".to_owned(),
        )
    };
    let run: String = setup.info.id.0.clone();
    let mut spec = JobSpec {
        name: format!("seatrial-{run}-{}", leg.key.slug()),
        run,
        job: leg.key.0.clone(),
        // Until its time limit is known.
        lease: Duration::ZERO,
        image: image.map(|image| image.id.clone()).unwrap_or_default(),
        user,
        env: Vec::new(),
        dirs,
        files,
        source,
        limits: setup.limits,
        network: true,
        sudo: match sudo_use(job, leg) {
            None => Sudo::Never,
            Some(found) if found.own_container => Sudo::OfImage,
            Some(_) => Sudo::Granted,
        },
        engine_socket: job.docker_socket,
        options: CreateOptions {
            // Given to each command, so that no secret can be seen from outside.
            env: Vec::new(),
            user: None,
            ..container.options.clone()
        },
        named_container: container.named,
        services: Vec::new(),
    };
    if every_step
        .iter()
        .any(|step| matches!(step.placement, Placement::Docker(_)))
    {
        share(&mut spec, &workspace, &control, &event);
    }
    Ok(Layout {
        spec,
        workspace,
        temp,
        reports,
        event_path,
        tools,
        source: words,
        facts: image.map(|image| image.facts.clone()),
        path,
        plain_base,
        container_env: Pairs::new(),
    })
}

/// Puts the workspace and seatrial's own files into volumes, which containers of Docker
/// actions share, and makes what these find there.
fn share(spec: &mut JobSpec, workspace: &str, control: &str, event: &NewFile) {
    for (name, target) in [(WORK_VOLUME, workspace), (CONTROL_VOLUME, control)] {
        spec.options.mounts.push(Mount::Volume {
            name: Some(name.to_owned()),
            target: target.to_owned(),
            mode: String::new(),
        });
    }
    for folder in ACTION_FOLDERS {
        spec.dirs.push(format!("{control}/{folder}"));
    }
    spec.files.push(NewFile {
        path: format!("{control}/workflow/event.json"),
        ..event.clone()
    });
}

/// `--user` of the container's options: `NAME[:GROUP]`, each a name or a number, as
/// the image knows them.
fn user_of_option(text: &str, facts: &Facts) -> Result<User, Failure> {
    let (name, group) = text.split_once(':').unwrap_or((text, ""));
    let entry = |file: &str, wanted: &str| {
        file.lines()
            .map(|line| line.split(':').map(ToOwned::to_owned).collect::<Vec<_>>())
            .find(|fields| {
                fields.first().is_some_and(|name| name == wanted)
                    || fields.get(2).is_some_and(|number| number == wanted)
            })
    };
    let number = |fields: &Option<Vec<String>>, at: usize, written: &str| {
        let known = fields.as_ref().and_then(|fields| fields.get(at));
        known.map_or(written, String::as_str).parse::<u32>().ok()
    };
    let unknown = || {
        Failure::new(
            Cause::ImageUnusable,
            format!(
                "the job's image knows no user `{text}`, which the container's options ask for"
            ),
        )
    };
    let own = entry(&facts.passwd, name);
    let uid = number(&own, 2, name).ok_or_else(unknown)?;
    let gid = if group.is_empty() {
        number(&own, 3, "0").unwrap_or(0)
    } else {
        number(&entry(&facts.group, group), 2, group).ok_or_else(unknown)?
    };
    Ok(User {
        uid,
        gid,
        home: own
            .and_then(|fields| fields.get(5).cloned())
            .filter(|home| !home.is_empty())
            .unwrap_or_else(|| "/".to_owned()),
    })
}

/// Whether a checkout step puts the source into a folder below the workspace.
fn checks_out_elsewhere(step: &PlanStep) -> bool {
    let StepAction::Uses { with, .. } = &step.step.action else {
        return false;
    };
    with.iter()
        .filter(|(name, _)| name.value.eq_ignore_ascii_case("path"))
        .filter_map(|(_, node)| node.scalar_text())
        .any(|path| !matches!(path.trim().trim_end_matches('/'), "" | "."))
}

/// `/etc/passwd` and `/etc/group` with the `runner` user: without an entry of its
/// own, `getpass.getuser()` raises.
fn with_runner(facts: &Facts) -> Vec<NewFile> {
    let has_uid = |text: &str| {
        text.lines()
            .any(|line| line.split(':').nth(2) == Some(&RUNNER_UID.to_string()))
    };
    let mut files = Vec::new();
    let mut add = |path: &str, text: &str, line: String| {
        if !has_uid(text) {
            files.push(NewFile {
                path: path.to_owned(),
                mode: 0o644,
                bytes: format!("{text}{line}\n").into_bytes(),
                root: true,
            });
        }
    };
    let shell = facts.commands.get("bash").map_or("/bin/sh", String::as_str);
    add(
        "/etc/passwd",
        &facts.passwd,
        format!("runner:x:{RUNNER_UID}:{RUNNER_UID}:runner:{RUNNER_HOME}:{shell}"),
    );
    add(
        "/etc/group",
        &facts.group,
        format!("runner:x:{RUNNER_UID}:"),
    );
    files
}
