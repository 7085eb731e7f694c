//! Each call to the engine with each fault (F9–F11, S3, S5): a run gets over it or says
//! that the engine is at fault. It never calls it a failure of the tests, never panics,
//! never hangs and leaves nothing.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::proxy::{Call, Fault, Proxy, Rule};
use crate::support::{Project, SMALL, alone, assert_nothing_left, left_of, tell};

/// One job with an artifact: nearly every kind of call.
const PLAIN: &str = "\
on: push
jobs:
  all:
    runs-on: ubuntu-latest
    steps:
      - run: echo hello > file.txt
      - uses: actions/upload-artifact@v4
        with: {name: file, path: file.txt}
";
/// One job with two services that need a network of their own.
const APART: &str = "\
on: push
jobs:
  all:
    runs-on: ubuntu-latest
    services:
      one: &busy {image: 'seatrial-test/small:1', command: 'sleep 600', options: '--expose 80'}
      two: *busy
    steps: [{run: echo hello}]
";

/// Kinds of calls: a method and what is in the path.
const CALLS: [(&str, &str); 16] = [
    ("GET", "/version"),
    ("GET", "/info"),
    ("GET", "/containers/json"),
    ("GET", "/images/seatrial"),
    ("POST", "/containers/create"),
    ("PUT", "/archive"),
    ("GET", "/archive"),
    ("POST", "/attach"),
    ("POST", "/start"),
    ("GET", "/json"),
    ("POST", "/exec"),
    ("POST", "/kill"),
    ("POST", "/pause"),
    ("POST", "/wait"),
    ("DELETE", "/containers/"),
    ("GET", "/volumes"),
];

const FAULTS: [Fault; 8] = [
    Fault::Status(500),
    Fault::Status(409),
    Fault::Empty,
    Fault::Half,
    Fault::Refuse,
    Fault::Swallow,
    Fault::Delay(Duration::from_millis(1500)),
    Fault::Hang,
];

/// The faults of a usual run of the tests; `benches/matrix` takes all of them.
const SHORT: [Fault; 4] = [
    Fault::Status(500),
    Fault::Empty,
    Fault::Swallow,
    Fault::Hang,
];

/// Calls that only a job with a network of its own makes, and what happens to them.
const NETWORK_CALLS: [(&str, &str); 2] = [("POST", "/networks/create"), ("DELETE", "/networks/")];
const NETWORK_FAULTS: [Fault; 4] = [
    Fault::Status(500),
    Fault::Refuse,
    Fault::Swallow,
    Fault::Hang,
];

/// A kind of call, what is done to it, and how often.
type Case = ((&'static str, &'static str), Fault, usize);

/// Seconds that the engine may take to answer.
const TIMEOUT: &str = "2";
/// A run takes a second. Ten times the longest deadline is far from hanging.
const LONGEST: Duration = Duration::from_secs(90);
const AT_ONCE: usize = 10;

fn fits(kind: (&'static str, &'static str)) -> impl Fn(usize, &Call) -> bool {
    move |_, call| {
        let path = call.path.split('?').next().unwrap_or_default();
        let exec = path.starts_with("/exec/");
        let matches = match kind.1 {
            "/containers/" => path.starts_with("/containers/"),
            "/exec" => path.ends_with("/exec") || exec,
            "/start" => path.ends_with("/start") && !exec,
            "/json" => path.ends_with("/json") && path.len() > 30 && !exec,
            part => path.contains(part),
        };
        call.method == kind.0 && matches
    }
}

/// What came of one run.
struct Outcome {
    what: String,
    code: i32,
    causes: Vec<String>,
    output: String,
    time: Duration,
    left: String,
}

#[test]
fn every_fault_of_every_call_is_survived_or_called_infrastructure() {
    let _alone = alone();
    let whole = std::env::var_os("FAULT_MATRIX").is_some();
    let mut cases = Vec::new();
    for kind in CALLS {
        for fault in FAULTS {
            if whole || SHORT.contains(&fault) {
                // A passing trouble.
                cases.push((kind, fault, 1));
            }
            // An engine that is broken for good.
            if whole && matches!(fault, Fault::Status(500) | Fault::Empty) {
                cases.push((kind, fault, usize::MAX));
            }
        }
    }
    for kind in NETWORK_CALLS {
        cases.extend(NETWORK_FAULTS.map(|fault| (kind, fault, 1)));
    }
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let outcome = run(*case);
                    outcomes.lock().unwrap().push(outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    let wrong: Vec<String> = outcomes.iter().filter_map(trouble).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        outcomes.len(),
        wrong.join("\n\n")
    );
    let survived = outcomes.iter().filter(|one| one.code == 0).count();
    tell(&format!("{} cases, {survived} survived", outcomes.len()));
}

#[test]
fn a_step_goes_on_when_the_stream_of_its_output_breaks() {
    let project = Project::new(
        "on: push
jobs:
  cut:
    runs-on: ubuntu-latest
    steps:
      - run: for i in $(seq 60); do echo line $i.; sleep 0.1; done; exit 3
      - {if: always(), run: echo and the next step is heard}
",
    );
    let attach = fits(("POST", "/attach"));
    let seen = AtomicUsize::new(0);
    let proxy = Proxy::new(Some(Rule {
        // The first is that of the container that is asked what the image holds.
        fits: Box::new(move |number, call| {
            attach(number, call) && seen.fetch_add(1, Ordering::SeqCst) == 1
        }),
        times: 1,
        fault: Fault::Cut(300),
    }));
    let mut command = project.command(&["run", "test.yml", "--image", SMALL]);
    command.env("DOCKER_HOST", proxy.address());
    // The code of the step, not a loss of the engine.
    let ran = project.start(command, "line 1.").wait().expect(9);
    assert_eq!(ran.cause(), "command_failed.step_failed");
    let ran = ran
        .says("output was lost here")
        .says("line 60.")
        .says("and the next step is heard");
    assert!(!ran.stdout.contains("line 30."), "{}", ran.stdout);
    assert_nothing_left(&ran);
}

fn run(((method, path), fault, times): Case) -> Outcome {
    let apart = NETWORK_CALLS.contains(&(method, path));
    let project = Project::new(if apart { APART } else { PLAIN });
    let proxy = Proxy::new(Some(Rule {
        fits: Box::new(fits((method, path))),
        times,
        fault,
    }));
    let begun = Instant::now();
    let output = project
        .command(&["run", "test.yml", "--image", SMALL])
        .env("DOCKER_HOST", proxy.address())
        .env("SEATRIAL_ENGINE_TIMEOUT", TIMEOUT)
        .output()
        .unwrap();
    let time = begun.elapsed();
    // What could not be removed through the broken engine, the watchdog removes when
    // the fault is over.
    proxy.mend();
    let run_json = std::fs::read_to_string(project.root().join(".seatrial/latest/run.json"));
    let record: serde_json::Value =
        serde_json::from_str(&run_json.unwrap_or_default()).unwrap_or_default();
    let causes = record["verdict"]["failures"]
        .as_array()
        .map(|failures| {
            failures
                .iter()
                .filter_map(|failure| Some(failure["cause"].as_str()?.to_owned()))
                .collect()
        })
        .unwrap_or_default();
    let run = record["info"]["id"].as_str().unwrap_or("none").to_owned();
    let until = Instant::now() + Duration::from_secs(30);
    let mut left = left_of(&run);
    while !left.is_empty() && Instant::now() < until {
        left = left_of(&run);
    }
    Outcome {
        what: format!(
            "{method} {path}, {fault:?}, {}",
            if times == 1 { "once" } else { "always" }
        ),
        code: output.status.code().unwrap_or(-1),
        causes,
        output: format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        time,
        left,
    }
}

/// What is wrong with an outcome.
fn trouble(outcome: &Outcome) -> Option<String> {
    let passed = outcome.code == 0;
    let infrastructure = outcome.code == 10
        && outcome
            .causes
            .iter()
            .all(|cause| cause.starts_with("infrastructure."));
    // An engine that says it killed a container and never does is one that cannot.
    let unkillable = outcome.what.contains("/kill")
        && outcome
            .causes
            .iter()
            .any(|cause| cause == "timeout.unkillable");
    let good = (passed || infrastructure || unkillable)
        && outcome.time < LONGEST
        && outcome.left.is_empty();
    (!good).then(|| {
        format!(
            "{}: exit code {}, {:?}, {:.1?}, left: {:?}\n{}",
            outcome.what, outcome.code, outcome.causes, outcome.time, outcome.left, outcome.output
        )
    })
}
