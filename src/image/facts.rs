//! What is in an image: asked once, of a container that lives for a moment.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Means;
use super::pull::check_workdir;
use super::whole::write_whole;
use crate::docker::{
    ContainerSpec, Docker, DockerError, LABEL_JOB, LABEL_OWNER, LABEL_RUN, Limits, Owner, Program,
};
use crate::plan::normal_name;
use crate::record::{Cause, Failure, slug};

/// What seatrial has to know of an image before steps run in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// User number of the image's user.
    pub(crate) uid: u32,
    /// Group number of the image's user.
    pub(crate) gid: u32,
    /// Home folder of the image's user.
    pub(crate) home: String,
    /// Working folder.
    pub(crate) workdir: String,
    /// `PATH` of its commands.
    pub(crate) path: String,
    /// `PYTHONPATH` of its commands; empty where they have none.
    pub(crate) python_path: String,
    /// Commands that were asked for and exist, with their paths.
    pub(crate) commands: BTreeMap<String, String>,
    /// `/etc/passwd`.
    pub(crate) passwd: String,
    /// `/etc/group`.
    pub(crate) group: String,
    /// Version of the Python that `python` (else `python3`) starts.
    pub(crate) python: Option<String>,
    /// Python distributions it can import, normalised name to version.
    pub(crate) packages: BTreeMap<String, String>,
    /// Size of the image in bytes, where the engine says.
    #[serde(default)]
    pub(crate) bytes: Option<u64>,
}

impl Facts {
    /// Whether the image has a command.
    pub(crate) fn has(&self, command: &str) -> bool {
        self.commands.contains_key(command)
    }
}

/// How long an image may take to answer.
const LIMIT: Duration = Duration::from_secs(60);
/// Time between two looks at a container that has not answered yet.
const LOOK: Duration = Duration::from_secs(2);
/// Most bytes of an answer that are read.
const MOST: usize = 16 * 1024 * 1024;

/// Prints facts, a line each, sections after `==`. Plain POSIX sh.
const PROBE: &str = r#"
echo "uid $(id -u)"
echo "gid $(id -g)"
echo "home $HOME"
echo "path $PATH"
echo "python-path $PYTHONPATH"
for name in bash python python3 pwsh git sudo node "$@"; do
    found=$(command -v "$name") && echo "command $name $found"
done
echo "== passwd"
cat /etc/passwd 2>/dev/null
echo "== group"
cat /etc/group 2>/dev/null
echo "== python"
python=$(command -v python || command -v python3) && "$python" -c '
import sys
print("%d.%d.%d" % sys.version_info[:3])
try:
    from importlib import metadata
    for one in metadata.distributions():
        if one.metadata["Name"]:
            print("%s==%s" % (one.metadata["Name"], one.version))
except Exception:
    pass
'
echo "== end"
"#;

/// What is in an image, and which of the `commands` it has: remembered, else looked into.
/// An image's id is the hash of all that is in it, so what was seen once stays true.
pub(super) async fn of_image(
    means: Means<'_>,
    id: &str,
    commands: &[&str],
) -> Result<Facts, Failure> {
    // Another set of questions must not be answered from old answers.
    let mut questions = Sha256::new();
    for text in std::iter::once(&PROBE).chain(commands) {
        questions.update(text.as_bytes());
        questions.update([0]);
    }
    let questions = hex::encode(questions.finalize());
    let file = means
        .cache
        .join("facts")
        .join(slug(&format!("{id}-{questions}")))
        .with_extension("json");
    let known = std::fs::read(&file)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if let Some(facts) = known {
        return Ok(facts);
    }
    let facts = look_into(means.docker, id, means.run, commands).await?;
    // Trouble here costs the next run half a second, no more.
    let _ = write_whole(&file, |staging| Ok(serde_json::to_writer(staging, &facts)?));
    Ok(facts)
}

/// Looks into an image.
async fn look_into(
    docker: &Docker,
    id: &str,
    run: &str,
    commands: &[&str],
) -> Result<Facts, Failure> {
    let found = docker.image(id).await.map_err(|error| error.failure())?;
    check_workdir(id, &found)?;
    let spec = ContainerSpec {
        name: format!(
            "seatrial-look-{}-{}",
            run,
            id.trim_start_matches("sha256:")
                .get(..12)
                .unwrap_or("image")
        ),
        image: id.to_owned(),
        user: found.user.clone(),
        // The commands are arguments of the script, never a part of it.
        program: Program::Instead(
            ["sh", "-c", PROBE, "sh"]
                .iter()
                .chain(commands)
                .map(|word| (*word).to_owned())
                .collect(),
        ),
        labels: vec![
            (LABEL_RUN.to_owned(), run.to_owned()),
            (LABEL_JOB.to_owned(), "look".to_owned()),
            (
                LABEL_OWNER.to_owned(),
                Owner::current().for_time(LIMIT * 10).to_label(),
            ),
        ],
        limits: Limits {
            memory: None,
            most_memory: None,
            pids: 64,
            shm: 64 * 1024 * 1024,
        },
        network: "none".to_owned(),
        ..ContainerSpec::default()
    };
    let container = docker
        .create(&spec)
        .await
        .map_err(|error| error.failure())?;
    let answer = ask(docker, &container).await;
    let removed = docker
        .remove(&container)
        .await
        .map_err(|error| error.failure());
    let text = answer?;
    removed?;
    let mut facts = parse(&text).ok_or_else(|| {
        Failure::new(
            Cause::ImageUnusable,
            format!("the image `{id}` has no working `sh`, which steps need"),
        )
        .with_evidence(text.chars().take(500).collect::<String>())
    })?;
    facts.bytes = found.bytes;
    facts.workdir = if found.workdir.is_empty() {
        "/".to_owned()
    } else {
        found.workdir
    };
    Ok(facts)
}

/// Everything that the probe prints.
async fn ask(docker: &Docker, container: &str) -> Result<String, Failure> {
    let mut output = docker
        .attach(container)
        .await
        .map_err(|error| error.failure())?;
    docker.start(container).await.map_err(|error| {
        let text = error.to_string();
        let cause = if text.contains("executable file not found") {
            Cause::ImageUnusable
        } else {
            error.cause()
        };
        Failure::new(cause, text)
    })?;
    let mut text = Vec::new();
    let reading = async {
        while let Some(frame) = output.next().await {
            text.extend_from_slice(&frame?);
            if text.len() > MOST {
                break;
            }
        }
        Ok::<(), DockerError>(())
    };
    let begun = Instant::now();
    tokio::pin!(reading);
    loop {
        match tokio::time::timeout(LOOK, &mut reading).await {
            Ok(Ok(())) => break,
            Ok(Err(error)) => return Err(error.failure()),
            Err(_) => {}
        }
        let state = docker
            .state(container)
            .await
            .map_err(|error| error.failure())?;
        if !state.was_started() {
            return Err(Failure::new(
                Cause::EngineError,
                "the engine said that a container was started, and it was not",
            ));
        }
        if begun.elapsed() >= LIMIT {
            return Err(Failure::new(
                Cause::ImageUnusable,
                format!(
                    "the image did not answer simple questions within {} s",
                    LIMIT.as_secs()
                ),
            ));
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn parse(text: &str) -> Option<Facts> {
    let mut facts = Facts::default();
    let mut section = "";
    let mut complete = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            section = name;
            complete = name == "end";
            continue;
        }
        match section {
            "" => {
                let (key, value) = line.split_once(' ').unwrap_or((line, ""));
                match key {
                    "uid" => facts.uid = value.parse().ok()?,
                    "gid" => facts.gid = value.parse().ok()?,
                    "home" => value.clone_into(&mut facts.home),
                    "path" => value.clone_into(&mut facts.path),
                    "python-path" => value.clone_into(&mut facts.python_path),
                    "command" => {
                        if let Some((name, path)) = value.split_once(' ') {
                            facts.commands.insert(name.to_owned(), path.to_owned());
                        }
                    }
                    _ => {}
                }
            }
            "passwd" => push_line(&mut facts.passwd, line),
            "group" => push_line(&mut facts.group, line),
            "python" => match line.split_once("==") {
                Some((name, version)) => {
                    facts
                        .packages
                        .insert(normal_name(name.trim()), version.trim().to_owned());
                }
                None if facts.python.is_none() => facts.python = Some(line.trim().to_owned()),
                None => {}
            },
            _ => {}
        }
    }
    complete.then_some(facts)
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::parse;

    #[test]
    fn the_probe_is_read() {
        let facts = parse(
            "uid 1000\ngid 1000\nhome /home/app\npath /usr/bin\npython-path /a b:/c\ncommand bash /usr/bin/bash\n\
             == passwd\nroot:x:0:0::/root:/bin/sh\n== group\n== python\n3.11.2\nFlask_Login==0.6\n== end\n",
        )
        .unwrap();
        assert_eq!((facts.uid, facts.home.as_str()), (1000, "/home/app"));
        assert_eq!(facts.python_path, "/a b:/c");
        assert!(facts.has("bash") && !facts.has("git"));
        assert_eq!(facts.python.as_deref(), Some("3.11.2"));
        assert_eq!(facts.packages.get("flask-login").unwrap(), "0.6");
        assert_eq!(facts.passwd, "root:x:0:0::/root:/bin/sh\n");
    }

    #[test]
    fn half_an_answer_is_none() {
        assert_eq!(parse("uid 0\n== passwd\n"), None);
        assert_eq!(parse(""), None);
    }
}
