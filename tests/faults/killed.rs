//! seatrial is killed (F1, S1): before each call to the engine, when the engine has it, and
//! at any other instant. Nothing may be left after ten seconds, and nothing of others
//! may be touched.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::proxy::{Fault, Proxy, Rule};
use crate::support::{Project, SMALL, alone, docker, tell};

/// Two jobs, of which one has a service, a volume and an artifact.
const WORKFLOW: &str = "\
on: push
jobs:
  plain:
    runs-on: ubuntu-latest
    steps:
      - run: echo one
  rich:
    runs-on: ubuntu-latest
    container:
      image: seatrial-test/small:1
      volumes: [kept:/kept]
    services:
      helper:
        image: seatrial-test/small:1
        command: sleep 600
    steps:
      - run: echo two > file.txt
      - uses: actions/upload-artifact@v4
        with: {name: file, path: file.txt}
";
/// Nothing may be seen of a run that much later.
const GONE: Duration = Duration::from_secs(10);
/// Runs at one time: most of the time of each is waiting.
const AT_ONCE: usize = 4;
/// Instants that are not calls, where `benches/kills` does not ask for more.
const INSTANTS: u32 = 100;

/// What happens at a call.
const FAULTS: [Fault; 2] = [Fault::KillBefore, Fault::KillDuring];

/// How one run is killed.
#[derive(Debug, Clone, Copy)]
enum Kill {
    /// At a call, by its number.
    Call(usize, Fault),
    /// So long after its start.
    Instant(Duration),
}

/// A run that was killed. Its proxy stays: the watchdog goes through it.
struct Killed {
    how: Kill,
    run: String,
    at: Instant,
    _proxy: Proxy,
    _project: Project,
}

#[test]
fn nothing_is_left_of_a_run_that_is_killed_at_any_call_or_instant() {
    let _alone = alone();
    let decoys = Decoys::make();
    let (calls, time) = whole_run();
    let mut kills: Vec<Kill> = Vec::new();
    for number in 0..calls {
        for fault in FAULTS {
            kills.push(Kill::Call(number, fault));
        }
    }
    let instants =
        std::env::var("FAULT_INSTANTS").map_or(INSTANTS, |count| count.parse().expect("a number"));
    kills.extend((0..instants).map(|at| Kill::Instant(time / instants * at)));
    let watch = Watch::start();
    let killed = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(how) = kills.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Some(one) = kill(*how) {
                        killed.lock().unwrap().push(one);
                    }
                }
            });
        }
    });
    let killed = killed.into_inner().unwrap();
    let last = killed.iter().map(|one| one.at).max().expect("a kill");
    let seen = watch.end_after(last + GONE + Duration::from_secs(1));
    let mut late = Vec::new();
    for one in &killed {
        match seen.get(&one.run) {
            Some(seen) if *seen > one.at + GONE => late.push(format!("{:?} {}", one.how, one.run)),
            _ => {}
        }
    }
    assert!(
        late.is_empty(),
        "left ten seconds after the kill:\n{}",
        late.join("\n")
    );
    // The number of calls differs a little from run to run, and the last ones may not come.
    let at_calls = killed
        .iter()
        .filter(|one| matches!(one.how, Kill::Call(..)))
        .count();
    assert!(
        at_calls * 10 >= calls * FAULTS.len() * 8,
        "{at_calls} runs of {} were killed at a call",
        calls * FAULTS.len()
    );
    let slowest = killed
        .iter()
        .filter_map(|one| Some(seen.get(&one.run)?.saturating_duration_since(one.at)))
        .max()
        .unwrap_or_default();
    tell(&format!(
        "{} kills, {at_calls} of them at calls; the last leftover was seen {slowest:.2?} after its kill",
        killed.len()
    ));
    decoys.assert_untouched();
}

/// Runs to the end, and gives the number of its calls and its time.
fn whole_run() -> (usize, Duration) {
    let proxy = Proxy::new(None);
    let project = Project::new(WORKFLOW);
    let begun = Instant::now();
    let mut command = project.command(&["run", "test.yml", "--image", SMALL]);
    let output = command
        .env("DOCKER_HOST", proxy.address())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (proxy.calls().len(), begun.elapsed())
}

/// Starts a run and kills it. `None` when it ended before.
fn kill(how: Kill) -> Option<Killed> {
    let project = Project::new(WORKFLOW);
    let rule = match how {
        Kill::Call(number, fault) => Some(Rule {
            fits: Box::new(move |at, _| at == number),
            times: 1,
            fault,
        }),
        Kill::Instant(_) => None,
    };
    let proxy = Proxy::new(rule);
    let mut child = project
        .command(&["run", "test.yml", "--image", SMALL, "--quiet"])
        .env("DOCKER_HOST", proxy.address())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    proxy.set_client(child.id());
    let at = match how {
        Kill::Call(..) => {
            child.wait().unwrap();
            proxy.killed()?
        }
        Kill::Instant(after) => {
            // The instant is what is tested: there is nothing to wait for.
            std::thread::sleep(after);
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            Instant::now()
        }
    };
    let runs = std::fs::read_dir(project.root().join(".seatrial/runs"));
    // Killed before it had a name, it had nothing else either.
    let run = runs
        .ok()
        .and_then(|mut runs| runs.next())
        .map(|run| run.unwrap().file_name().to_string_lossy().into_owned())
        .unwrap_or_default();
    Some(Killed {
        how,
        run,
        at,
        _proxy: proxy,
        _project: project,
    })
}

/// Looks again and again what is on the engine, and keeps when each run was last seen.
struct Watch {
    end: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<BTreeMap<String, Instant>>,
}

impl Watch {
    fn start() -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&end);
        let thread = std::thread::spawn(move || {
            let mut seen = BTreeMap::new();
            loop {
                // The last look is one that begins after the end.
                let last = ended.load(Ordering::SeqCst);
                for run in runs_on_engine() {
                    seen.insert(run, Instant::now());
                }
                if last {
                    return seen;
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        Self { end, thread }
    }

    fn end_after(self, when: Instant) -> BTreeMap<String, Instant> {
        std::thread::sleep(when.saturating_duration_since(Instant::now()));
        self.end.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

/// The runs that have anything on the engine.
fn runs_on_engine() -> Vec<String> {
    ["ps --all", "network ls", "volume ls"]
        .iter()
        .flat_map(|list| {
            let mut arguments: Vec<&str> = list.split(' ').collect();
            arguments.extend([
                "--filter",
                "label=dev.seatrial.run",
                "--format",
                r#"{{.Label "dev.seatrial.run"}}"#,
            ]);
            let text = docker(&arguments);
            text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// Things of others: without labels, with labels that look like ours, and of a run whose
/// owner lives.
struct Decoys {
    containers: Vec<String>,
    networks: Vec<String>,
    volumes: Vec<String>,
}

impl Decoys {
    fn make() -> Self {
        // A process of this machine that outlives the test: this one.
        let owner = owner_label();
        let sets: [Vec<String>; 3] = [
            Vec::new(),
            vec![
                "dev.seatrial.runs=x".to_owned(),
                "dev.seatrial=x".to_owned(),
            ],
            vec![
                "dev.seatrial.run=decoy".to_owned(),
                format!("dev.seatrial.owner={owner}"),
            ],
        ];
        let mut made = Self {
            containers: Vec::new(),
            networks: Vec::new(),
            volumes: Vec::new(),
        };
        for labels in &sets {
            let flags: Vec<&str> = labels
                .iter()
                .flat_map(|label| ["--label", label.as_str()])
                .collect();
            let make =
                |command: &[&str], end: &[&str]| docker(&[command, flags.as_slice(), end].concat());
            made.containers
                .push(make(&["run", "--detach"], &[SMALL, "sleep", "3600"]));
            let name = format!("decoy-{}-{}", std::process::id(), made.networks.len());
            made.networks
                .push(make(&["network", "create"], &[name.as_str()]));
            made.volumes.push(make(&["volume", "create"], &[]));
        }
        made
    }

    fn assert_untouched(&self) {
        for id in &self.containers {
            let running = docker(&["inspect", "--format", "{{.State.Running}}", id]);
            assert_eq!(running, "true", "the decoy {id}");
        }
        for id in &self.networks {
            docker(&["network", "inspect", id]);
        }
        for id in &self.volumes {
            docker(&["volume", "inspect", id]);
        }
    }
}

impl Drop for Decoys {
    fn drop(&mut self) {
        let remove = |command: &[&str], what: &[String]| {
            let names: Vec<&str> = what.iter().map(String::as_str).collect();
            docker(&[command, names.as_slice()].concat());
        };
        remove(&["rm", "--force"], &self.containers);
        remove(&["network", "rm"], &self.networks);
        remove(&["volume", "rm"], &self.volumes);
    }
}

/// The label of this process as an owner.
fn owner_label() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let stat = read("/proc/self/stat");
    let started: u64 = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.split_whitespace().nth(19)?.parse().ok())
        .unwrap();
    serde_json::json!({
        "machine": read("/etc/machine-id").trim(),
        "boot": read("/proc/sys/kernel/random/boot_id").trim(),
        "pid": std::process::id(),
        "started": started,
    })
    .to_string()
}
