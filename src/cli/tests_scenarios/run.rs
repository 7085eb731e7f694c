//! Runs one scenario as `seatrial run` would, but for engine and screen.

use std::path::Path;
use std::sync::{Arc, Mutex};

use clap::Parser;

use super::render::{self, Line};
use super::scenario::{Image, Scenario};
use crate::cli::args::{Args, Command};
use crate::cli::execute::{Executed, Place, execute};
use crate::cli::out::{Out, Stream};
use crate::cli::request::Asked;
use crate::cli::run::asked;
use crate::cli::run::options;
use crate::cli::{App, dispatch};
use crate::engine::fake::FakeEngine;
use crate::image::Facts;
use crate::record::{Cause, Event, RunRecord};
use crate::runner::{Listener, Message};
use crate::settings::Environment;

/// The main workflow of a scenario.
const WORKFLOW: &str = "test.yml";

/// Name of the repository.
const REPOSITORY: &str = "app";

/// The result of a scenario, as text.
pub(super) fn run(scenario: &Scenario) -> String {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join(REPOSITORY);
    copy(&scenario.folder, &root);
    for file in ["scenario.toml", "expected.txt"] {
        let _ = std::fs::remove_file(root.join(file));
    }
    let mut server = temporary.path().join("server");
    if std::fs::rename(root.join("server"), &server).is_ok() {
        serve(&server);
    } else {
        server = "/nowhere".into();
    }
    let mut told = format!("# {}\n", scenario.toml.title);
    for number in 1..=scenario.toml.runs {
        if scenario.toml.runs > 1 {
            told.push_str(&format!("run {number}\n"));
        }
        told.push_str(&once(scenario, &root, &server));
    }
    told
}

fn once(scenario: &Scenario, root: &Path, server: &Path) -> String {
    let app = App {
        // Nothing is fetched from elsewhere, and nothing kept outside.
        environment: Environment::from_iter([
            ("GITHUB_SERVER_URL", format!("file://{}", server.display())),
            (
                "XDG_CACHE_HOME",
                root.join(".seatrial/cache").display().to_string(),
            ),
        ]),
        out: Out::listening(),
    };
    let args = match arguments(scenario, root) {
        Ok(Command::Run(args)) => args,
        Ok(command) => return printed(&app, root, command),
        Err(error) => return format!("exit {}\n{error}", error.exit_code()),
    };
    let asked = match asked(&app, &args) {
        Ok(asked) => asked,
        Err(error) => return render::error(&error),
    };
    let engine = FakeEngine::default();
    for job in &scenario.toml.engine.refuse {
        engine.refuse(job);
    }
    let mut told = render::warnings(&asked);
    let (executed, lines) = execute_on(&app, scenario, &asked, &engine);
    let Ok(executed) = executed else {
        panic!("the run could not begin");
    };
    check(&executed, &engine);
    told.insert_str(0, &render::verdict(&executed.record));
    told.push_str(&render::record(
        &executed.record,
        &lines,
        &scenario.toml.show,
    ));
    if scenario.toml.show.contains(&super::scenario::Show::Calls) {
        told.push_str(&render::calls(&engine.log()));
    }
    // Neither the folder nor the machine is part of the result.
    told.replace(&root.display().to_string(), "{root}")
        .replace("ARM64", "X64")
}

/// Makes a git repository of each `OWNER/NAME` of a folder, tagged `v1`.
fn serve(server: &Path) {
    for owner in std::fs::read_dir(server).unwrap() {
        for repository in std::fs::read_dir(owner.unwrap().path()).unwrap() {
            let folder = repository.unwrap().path();
            for arguments in ["init --quiet", "add .", "commit --quiet -m x", "tag v1"] {
                let done = std::process::Command::new("git")
                    .arg("-C")
                    .arg(&folder)
                    .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
                    .args(arguments.split(' '))
                    .status()
                    .unwrap();
                assert!(done.success(), "git {arguments}");
            }
        }
    }
}

/// The command line.
fn arguments(scenario: &Scenario, root: &Path) -> Result<Command, clap::Error> {
    let place = root.display().to_string();
    let command = scenario.toml.command.as_deref().unwrap_or("run");
    let mut line = vec!["seatrial".to_owned(), command.to_owned()];
    line.extend(["--root".to_owned(), place.clone()]);
    if command != "list" {
        line.extend(["--workflow".to_owned(), WORKFLOW.to_owned()]);
    }
    let args = &scenario.toml.args;
    line.extend(args.iter().map(|arg| arg.replace("{root}", &place)));
    Ok(Args::try_parse_from(line)?.command)
}

/// What a command prints that does not run anything.
fn printed(app: &App, root: &Path, command: Command) -> String {
    let code = dispatch(app, Args { command });
    let text = format!(
        "exit {code}\n{}{}",
        app.out.heard(Stream::Stderr),
        app.out.heard(Stream::Stdout)
    );
    text.replace(&root.display().to_string(), "{root}")
}

/// Runs what is asked for; gives every line that a step printed, too.
fn execute_on(
    app: &App,
    scenario: &Scenario,
    asked: &Asked,
    engine: &FakeEngine,
) -> (Result<Executed, ()>, Vec<Line>) {
    let lines: Arc<Mutex<Vec<Line>>> = Arc::default();
    let seen = Arc::clone(&lines);
    let stop: Arc<Mutex<Option<crate::runner::Stopper>>> = Arc::default();
    let stopper = Arc::clone(&stop);
    let stop_at = scenario.toml.engine.stop_at.clone();
    let listener: Listener = Box::new(move |message| {
        if let Message::Line { step, text } = message {
            if stop_at.as_deref() == Some(text.as_str())
                && let Some(stopper) = stopper.lock().unwrap().as_ref()
            {
                stopper.stop(Cause::UserInterrupt, "stopped by Ctrl-C");
            }
            seen.lock().unwrap().push(Line { step, text });
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut options = options(app, &asked.settings);
    // Every leg has a slot: what waits for what is the workflow's doing.
    options.parallel.get_or_insert(512);
    let place = Place::Fake {
        engine: engine.clone(),
        facts: Box::new(facts(&scenario.toml.image)),
    };
    let executed = runtime.block_on(execute(
        &asked.request,
        &asked.prepared,
        &options,
        place,
        listener,
        |stopper, _| *stop.lock().unwrap() = Some(stopper),
    ));
    let lines = lines.lock().unwrap().clone();
    (executed.map_err(|_| ()), lines)
}

/// What holds for every run.
fn check(executed: &Executed, engine: &FakeEngine) {
    let text = std::fs::read_to_string(executed.run_dir.events()).unwrap();
    let events: Vec<Event> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        RunRecord::fold(&events).unwrap(),
        executed.record,
        "events.jsonl tells another story"
    );
    assert_eq!(engine.left(), Vec::<String>::new(), "left on the engine");
}

fn facts(image: &Image) -> Facts {
    Facts {
        uid: image.uid,
        gid: image.uid,
        home: "/home/app".to_owned(),
        path: "/usr/bin:/bin".to_owned(),
        commands: image
            .commands
            .iter()
            .map(|name| (name.clone(), format!("/usr/bin/{name}")))
            .collect(),
        python: image.python.clone(),
        packages: image.packages.clone().into_iter().collect(),
        ..Facts::default()
    }
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
