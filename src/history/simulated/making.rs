//! How the runs of a simulated history come about.

use super::dice::{Dice, number, round};
use super::{Flake, Plan, What};
use crate::history::entry::{
    ENTRY_SCHEMA, Entry, ImageEntry, Layer, LegEntry, Reason, Source, StepEntry, TestEntry, Warmth,
};
use crate::record::{Cause, Conclusion, CoverageSummary, FileCoverage, RunId, TestOutcome};

/// Start of the first run, in milliseconds since the Unix epoch.
const BEGIN: u64 = 1_750_000_000_000;
/// From one run to the next.
const BETWEEN: u64 = 40 * 60 * 1000;
/// So much later the run on the runner begins.
const BESIDE: u64 = 5_000;
/// What makes other dice of a seed: those for commits that break a test, and those of the runner.
const BROKEN: u64 = 0x5555;
const OTHER_SIDE: u64 = 0xAAAA;
/// The legs, and what their tests take on the faster machine, in milliseconds.
const LEGS: [(&str, u64); 4] = [
    ("lint", 0),
    ("unit (3.11)", 70_000),
    ("unit (3.12)", 64_000),
    ("integration", 95_000),
];
/// The layers of the image, and what they take without a cache, in milliseconds.
const LAYERS: [(&str, u64); 4] = [
    ("FROM python:3.12-slim", 4_000),
    ("RUN apt-get install -y libpq-dev", 14_000),
    ("RUN pip install -r requirements.txt", 38_000),
    ("COPY . .", 800),
];
/// Tests of each test step.
const TESTS: usize = 12;

/// Where a run's tests run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Container,
    Runner,
}

impl Plan {
    /// A time with its noise.
    fn noisy(&self, dice: &mut Dice, millis: f64) -> u64 {
        let mut factor = (dice.normal() * self.noise).exp();
        if dice.chance(self.outliers) {
            factor *= 1.3 + 2.7 * dice.share();
        }
        round(millis * factor)
    }

    /// A run. What fails in both places is the same on both sides, the noise is not.
    pub(super) fn entry(&self, run: usize, side: Side) -> Entry {
        let mut dice = Dice::new(self.seed, run as u64);
        let other = dice.chance(self.other_machines);
        let speed = if other { 0.7 } else { 1.0 };
        let started_at = BEGIN + run as u64 * BETWEEN;
        let partial = dice.chance(self.partial);
        let mut broken = dice.chance(self.infrastructure);
        // The code is broken, and so is every run of its commit.
        let commit = run as u64 / 2;
        let failing = Dice::new(self.seed ^ BROKEN, commit).chance(self.failing);
        let image = match side {
            Side::Container => Some(self.image(&mut dice, run, speed)),
            Side::Runner => None,
        };
        for (what, _) in self.changes(run) {
            if let What::EngineFails(share) = what {
                broken |= dice.chance(*share);
            }
        }
        if side == Side::Runner {
            dice = Dice::new(self.seed ^ OTHER_SIDE, run as u64);
            broken = false;
        }
        let unbuilt = image.as_ref().and_then(|image| image.failure.clone());
        let mut legs = Vec::new();
        let mut longest = 0;
        for (at, (key, millis)) in LEGS.iter().enumerate() {
            let ends = match (&unbuilt, partial && at > 1) {
                (Some(why), _) => End::Never(why.clone()),
                (None, true) => End::LeftOut,
                (None, false) if broken && at == 2 => End::Lost,
                (None, false) if failing && at == 3 => End::Fails,
                (None, false) => End::Passes,
            };
            let millis = round(number(*millis) * speed);
            let leg = self.leg(&mut dice, (run, side), key, millis, ends);
            longest = longest.max(leg.queue_millis.unwrap_or(0) + leg.millis.unwrap_or(0));
            legs.push(leg);
        }
        let lost = side == Side::Container
            && self
                .changes(run)
                .any(|(what, _)| matches!(what, What::ReportsLost));
        let failures: Vec<Reason> = legs
            .iter()
            .filter_map(|leg| leg.failure.clone())
            .chain(lost.then(|| reason(Cause::ReportMissing, "junit.xml did not come out")))
            .take(1)
            .collect();
        let tested = legs
            .iter()
            .any(|leg| leg.steps.iter().any(|step| step.test));
        let whole = !partial && failures.is_empty();
        let made = image.as_ref().map_or(BESIDE, |image| image.millis);
        Entry {
            schema: ENTRY_SCHEMA,
            run: RunId(format!("20250615-{run:06}-{:08x}", dice.next() >> 32)),
            source: if other { Source::Local } else { Source::Ci },
            version: "0.1.0".to_owned(),
            workflow: ".github/workflows/test.yml".to_owned(),
            name: "Tests".to_owned(),
            repository: "acme/shop".to_owned(),
            sha: format!("{:07x}{:033x}", 0xa00_0000 + commit, 0),
            reference: "refs/heads/main".to_owned(),
            event: "push".to_owned(),
            dirty: other && dice.chance(0.2) && side == Side::Container,
            partial,
            ci_run: None,
            engine: match side {
                Side::Container => "docker 27.3.1".to_owned(),
                Side::Runner => "host (no container)".to_owned(),
            },
            cpus: if other { 8 } else { 4 },
            memory: 16 << 30,
            started_at: started_at + if side == Side::Runner { BESIDE } else { 0 },
            finished_at: Some(started_at + made + longest + 900),
            passed: Some(failures.is_empty()),
            exit_code: Some(u8::from(!failures.is_empty())),
            failures,
            signatures: Vec::new(),
            fallback: None,
            reports_collected: tested.then_some(!lost && !broken),
            rollout: None,
            images: image.into_iter().collect(),
            coverage: whole.then(|| self.coverage(&mut dice, run)),
            legs,
        }
    }

    fn image(&self, dice: &mut Dice, run: usize, speed: f64) -> ImageEntry {
        let kind = dice.share();
        let cold = kind < self.cold;
        let partly = kind < self.cold + self.partly;
        let mut bytes = 412 << 20;
        let mut failure = None;
        for (what, _) in self.changes(run) {
            match what {
                What::ImageBytes(more) => bytes += more,
                What::BuildsFail(share) if dice.chance(*share) => {
                    failure = Some(reason(Cause::BuildStepFailed, "pip install failed"));
                }
                _ => {}
            }
        }
        let layers: Vec<Layer> = LAYERS
            .iter()
            .enumerate()
            .map(|(at, (name, millis))| {
                let cached = !(cold || partly && at >= 2);
                let factor: f64 = self
                    .changes(run)
                    .filter_map(|(what, _)| match what {
                        What::Layer(one, factor) if one == name => Some(*factor),
                        _ => None,
                    })
                    .product();
                let took = number(*millis) * factor * speed;
                Layer {
                    name: (*name).to_owned(),
                    cached,
                    millis: if cached { 0 } else { self.noisy(dice, took) },
                }
            })
            .collect();
        let cached = layers.iter().filter(|layer| layer.cached).count();
        ImageEntry {
            name: "Dockerfile.test".to_owned(),
            origin: "built".to_owned(),
            warmth: match (cold, partly) {
                (true, _) => Warmth::Cold,
                (false, true) => Warmth::Partly,
                (false, false) => Warmth::Warm,
            },
            millis: self.noisy(dice, 700.0 * speed)
                + layers.iter().map(|layer| layer.millis).sum::<u64>(),
            steps: u32::try_from(layers.len()).unwrap_or(u32::MAX),
            cached: u32::try_from(cached).unwrap_or(u32::MAX),
            bytes: failure.is_none().then_some(bytes),
            layers,
            failure,
        }
    }

    fn leg(
        &self,
        dice: &mut Dice,
        (run, side): (usize, Side),
        key: &str,
        tests: u64,
        end: End,
    ) -> LegEntry {
        let mut leg = LegEntry {
            key: key.to_owned(),
            job: key.split(' ').next().unwrap_or_default().to_owned(),
            conclusion: Some(Conclusion::Success),
            queue_millis: None,
            startup_millis: None,
            millis: None,
            failure: None,
            steps: Vec::new(),
        };
        match end {
            End::LeftOut => {
                leg.conclusion = None;
                return leg;
            }
            End::Never(why) => {
                leg.conclusion = Some(Conclusion::Failure);
                leg.failure = Some(why);
                return leg;
            }
            End::Lost | End::Fails | End::Passes => {}
        }
        let (mut start, mut queue, mut factor) = (1_400.0, 600.0, 1.0);
        for (what, since) in self.changes(run) {
            match what {
                What::Startup(times) => start *= times,
                What::Queue(more) => queue += number(*more),
                What::Tests(one, times) if *one == key => factor *= times,
                What::Drift(one, share) if *one == key => factor += share * number(since as u64),
                What::AllTests(times) => factor *= times,
                _ => {}
            }
        }
        let start = self.noisy(dice, start);
        leg.queue_millis = Some(self.noisy(dice, queue));
        leg.startup_millis = Some(start);
        let mut step = |number: u32, name: &str, millis: f64| StepEntry {
            number,
            name: name.to_owned(),
            test: false,
            conclusion: Some(Conclusion::Success),
            millis: Some(self.noisy(dice, millis)),
            cause: None,
            tests: Vec::new(),
        };
        let set_up = step(0, "Set up job", 1_500.0);
        let install = step(1, "Install", 6_000.0);
        let last = match tests {
            0 => step(2, "ruff", 4_000.0),
            _ => step(2, "Run tests", number(tests) * factor),
        };
        leg.steps.extend([set_up, install, last]);
        if tests > 0 {
            self.tests(dice, (run, side), &mut leg, &end);
        }
        if matches!(end, End::Lost) {
            leg.failure = Some(reason(Cause::EngineLost, "the engine went away"));
            leg.conclusion = Some(Conclusion::Failure);
            if let Some(step) = leg.steps.last_mut() {
                step.conclusion = Some(Conclusion::Failure);
                step.millis = Some(round(dice.share() * 9_000.0));
                step.tests.clear();
            }
        }
        let times = leg.steps.iter().filter_map(|step| step.millis);
        leg.millis = Some(start + times.sum::<u64>());
        leg
    }

    fn tests(&self, dice: &mut Dice, (run, side): (usize, Side), leg: &mut LegEntry, end: &End) {
        let Some(step) = leg.steps.last_mut() else {
            return;
        };
        step.test = true;
        let each = step.millis.unwrap_or(0) / TESTS as u64;
        let mut failed = 0;
        for test in 0..TESTS {
            let flake = self.changes(run).find_map(|(what, _)| match what {
                What::Flaky(flake) if flake.test == test => Some(*flake),
                _ => None,
            });
            let flaked = flake.is_some_and(|flake| dice.chance(flake.rate));
            let retried = flake.is_some_and(|flake: Flake| flake.retried);
            let differs = side == Side::Container
                && self.changes(run).any(|(what, _)| {
                    matches!(what, What::FailsInContainer(one, number)
                        if *one == leg.key && *number == test)
                });
            let fails = differs || flaked && !retried || matches!(end, End::Fails) && test == 0;
            failed += usize::from(fails);
            step.tests.push(TestEntry {
                id: format!("tests/test_shop.py::test_{test}"),
                outcome: match fails {
                    true => TestOutcome::Failed,
                    false => TestOutcome::Passed,
                },
                millis: self.noisy(dice, number(each)),
                retries: u32::from(flaked && retried),
                message: match fails {
                    true => format!("assert {} == 200", 500 + dice.next() % 4),
                    false => String::new(),
                },
            });
        }
        if failed > 0 {
            let why = reason(
                Cause::TestsFailed,
                &format!("{failed} of {TESTS} tests failed"),
            );
            step.conclusion = Some(Conclusion::Failure);
            step.cause = Some(why.cause.clone());
            leg.conclusion = Some(Conclusion::Failure);
            leg.failure = Some(why);
        }
    }

    fn coverage(&self, dice: &mut Dice, run: usize) -> CoverageSummary {
        let lower: f64 = self
            .changes(run)
            .filter_map(|(what, _)| match what {
                What::Coverage(points) => Some(*points),
                _ => None,
            })
            .sum();
        // A line that runs by chance, and code that grows slowly.
        let valid = 12_000 + run as u64 / 10;
        let file = |path: &str, valid: u64, percent: f64, chance: u64| FileCoverage {
            path: path.to_owned(),
            lines_valid: valid,
            lines_covered: (round(number(valid) * percent / 100.0) + chance).min(valid),
            branches_valid: 0,
            branches_covered: 0,
        };
        CoverageSummary::of(vec![
            file("shop/cart.py", valid / 2, 87.0, dice.next() % 4),
            file(
                "shop/orders.py",
                valid / 2,
                88.0 - 2.0 * lower,
                dice.next() % 4,
            ),
        ])
    }
}

/// How a leg ends.
enum End {
    Passes,
    Fails,
    /// The engine goes away.
    Lost,
    /// It has no image.
    Never(Reason),
    LeftOut,
}

fn reason(cause: Cause, message: &str) -> Reason {
    Reason {
        cause: cause.path(),
        message: message.to_owned(),
    }
}
