//! The little language that the fake engine obeys.

use std::sync::Mutex;

use tokio::sync::watch;

use super::{Shared, State};
use crate::engine::{End, ExecEnd, ExecSpec, Output, Room, Stop};

/// A JUnit report with one test, which passed.
const REPORT: &str = r#"<testsuites><testsuite name="pytest"><testcase classname="t" name="one" time="0.1"/></testsuite></testsuites>"#;

/// Commands that do nothing here. They make a step what it is for the plan.
const IDLE: [&str; 15] = [
    "",
    "pytest",
    "pip",
    "python",
    "tox",
    "coverage",
    "sudo",
    "uv",
    "docker",
    // What is put around scripts of PowerShell.
    "$ErrorActionPreference",
    "if",
    "then",
    "fi",
    "cd",
    "#",
];

/// Obeys a script.
pub(super) async fn obey(
    spec: &ExecSpec,
    shared: &Shared,
    state: &Mutex<State>,
    output: &dyn Output,
    mut stop: watch::Receiver<Stop>,
) -> ExecEnd {
    let mut ended = ExecEnd {
        mailbox: spec
            .mailbox
            .iter()
            .map(|(name, _)| (*name, Vec::new()))
            .collect(),
        ..ExecEnd::of(End::Exited(0))
    };
    if spec.mailbox.iter().any(|(name, _)| *name == "answers") {
        own_script(spec, state, &mut ended);
        return ended;
    }
    let say = |text: &str| output.write(format!("{text}\n").as_bytes());
    let script = String::from_utf8_lossy(&spec.script).into_owned();
    for line in script.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "print" => say(rest),
            "times" => {
                let (count, text) = rest.split_once(' ').unwrap();
                for number in 0..count.parse::<usize>().unwrap() {
                    say(&text.replace('%', &number.to_string()));
                }
            }
            "show" => say(&format!("{rest}={}", variable(spec, rest))),
            "command" => say(&format!("{} {}", spec.command.join(" "), spec.extension)),
            "folder" => say(&spec.cwd),
            "exit" => {
                ended.end = End::Exited(rest.parse().unwrap());
                break;
            }
            "env" | "output" | "path" | "state" | "summary" => {
                mail(&mut ended, word).extend(format!("{rest}\n").bytes());
            }
            "summary-bytes" => {
                let bytes = vec![b'x'; rest.parse().unwrap()];
                mail(&mut ended, "summary").extend(bytes);
            }
            "write" => {
                let (path, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let bytes = format!("{text}\n").into_bytes();
                state.lock().unwrap().files.write(&place(spec, path), bytes);
            }
            "read" => {
                let text = state.lock().unwrap().files.read(&place(spec, rest));
                say(text.as_deref().map_or("(no such file)", str::trim_end));
            }
            "report" => {
                let path = if rest.is_empty() {
                    format!("/seatrial/reports/{}/junit.xml", spec.name)
                } else {
                    place(spec, rest)
                };
                let bytes = REPORT.as_bytes().to_vec();
                state.lock().unwrap().files.write(&path, bytes);
            }
            "facts" => {
                if spec.after.is_some() {
                    ended.after = rest.as_bytes().to_vec();
                }
            }
            "hang" => {
                stop.wait_for(|level| *level != Stop::Run).await.unwrap();
                ended.end = End::Stopped;
                break;
            }
            "oom" => ended.oom_kills += 1,
            "room" => ended.rooms.extend(Room::parse(rest)),
            "vanish" => {
                ended.end = End::Vanished("killed".to_owned());
                break;
            }
            "signal" => shared.signal(rest),
            "wait" => shared.wait(rest).await,
            idle if IDLE.contains(&idle) => {}
            other => panic!("the fake engine does not know `{other}`"),
        }
    }
    ended
}

/// A stand-in's own script: it reads files that are there, finds no commands, and
/// whatever else it does succeeds.
fn own_script(spec: &ExecSpec, state: &Mutex<State>, ended: &mut ExecEnd) {
    let script = String::from_utf8_lossy(&spec.script).into_owned();
    if script.contains("sha256sum") {
        let dir = spec.command.last().map_or("/", String::as_str);
        let hashes = state.lock().unwrap().files.hashes(dir);
        mail(ended, "answers").extend(hashes.bytes());
        return;
    }
    if script.contains("from coverage import") {
        // What coverage.py is to answer; without that, that there is nothing to do.
        let told = state
            .lock()
            .unwrap()
            .files
            .read(&place(spec, "coverage-says"));
        let told = told.unwrap_or_else(|| r#"{"there": true}"#.to_owned());
        mail(ended, "answers").extend(told.bytes());
        return;
    }
    for line in script.lines() {
        // The environment files of a container beside the job.
        if let Some((path, variable)) = line
            .strip_prefix("cat '")
            .and_then(|rest| rest.split_once("' >\"$"))
        {
            let wanted = variable.trim_end_matches('"');
            let name = spec.mailbox.iter().find(|(_, own)| *own == wanted);
            let bytes = state.lock().unwrap().files.read(path).unwrap_or_default();
            mail(ended, name.unwrap().0).extend(bytes.bytes());
        }
    }
    let file = script
        .strip_prefix("[ -f '")
        .and_then(|rest| rest.split_once('\''))
        .and_then(|(path, _)| state.lock().unwrap().files.read(path));
    match file {
        Some(text) => mail(ended, "answers").extend(text.bytes()),
        None if script.contains("exit 3") => ended.end = End::Exited(3),
        None => {}
    }
}

fn variable<'s>(spec: &'s ExecSpec, wanted: &str) -> &'s str {
    spec.env
        .iter()
        .find(|(name, _)| name == wanted)
        .map_or("(unset)", |(_, value)| value.as_str())
}

fn mail<'e>(ended: &'e mut ExecEnd, wanted: &str) -> &'e mut Vec<u8> {
    let (_, bytes) = ended
        .mailbox
        .iter_mut()
        .find(|(name, _)| *name == wanted)
        .unwrap_or_else(|| panic!("there is no file `{wanted}`"));
    bytes
}

/// A path of a script as an absolute one.
fn place(spec: &ExecSpec, path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{}/{path}", spec.cwd)
    }
}
