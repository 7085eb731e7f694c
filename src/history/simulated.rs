//! Simulated histories: many runs with noise and with changes that are put there on purpose.
//!
//! What judges histories is tested with them, because there the truth is known. The same seed
//! gives the same history.

use super::entry::{
    ENTRY_SCHEMA, Entry, ImageEntry, Layer, LegEntry, Reason, Source, StepEntry, TestEntry, Warmth,
};
use crate::record::{Cause, Conclusion, CoverageSummary, FileCoverage, RunId, TestOutcome};

/// Start of the first run, in milliseconds since the Unix epoch.
const BEGIN: u64 = 1_750_000_000_000;
/// From one run to the next.
const BETWEEN: u64 = 40 * 60 * 1000;
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

/// What a history is like.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Number of runs.
    pub(crate) runs: usize,
    /// What the noise comes from.
    pub(crate) seed: u64,
    /// Standard deviation of times, as a share of them.
    pub(crate) noise: f64,
    /// Share of times that are outliers, up to four times as long.
    pub(crate) outliers: f64,
    /// Share of runs on a second, faster class of machines.
    pub(crate) other_machines: f64,
    /// Share of runs that build a part of the image, and of those that build all of it.
    pub(crate) partly: f64,
    /// See `partly`.
    pub(crate) cold: f64,
    /// Share of runs in which the engine fails.
    pub(crate) infrastructure: f64,
    /// Share of runs in which a test fails.
    pub(crate) failing: f64,
    /// Share of runs of a part of the jobs only.
    pub(crate) partial: f64,
    /// Tests that fail now and then without a reason.
    pub(crate) flaky: Vec<Flake>,
    /// What changes on purpose.
    pub(crate) planted: Vec<Planted>,
}

/// A test that fails now and then.
#[derive(Debug, Clone)]
pub(crate) struct Flake {
    /// Its number in its step.
    pub(crate) test: usize,
    /// Share of runs in which it fails at the first attempt.
    pub(crate) rate: f64,
    /// Whether it is tried again, and passes then.
    pub(crate) retried: bool,
}

/// Something that changes on purpose.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    /// The first run with it.
    pub(crate) at: usize,
    /// The first run without it again.
    pub(crate) until: usize,
    /// What changes.
    pub(crate) what: What,
}

/// What changes on purpose.
#[derive(Debug, Clone)]
#[allow(
    dead_code,
    reason = "some of it is there for the triggers of a roll-back"
)]
pub(crate) enum What {
    /// The tests of a leg take so many times as long.
    Tests(&'static str, f64),
    /// They take longer by this share of the first time with each run.
    Drift(&'static str, f64),
    /// All tests take so many times as long.
    AllTests(f64),
    /// A layer takes so many times as long.
    Layer(&'static str, f64),
    /// The images are larger by so many bytes.
    ImageBytes(u64),
    /// Coverage is lower by so many percentage points.
    Coverage(f64),
    /// The start of containers takes so many times as long.
    Startup(f64),
    /// Waits are longer by so many milliseconds.
    Queue(u64),
    /// So large a share of the image builds fails.
    BuildsFail(f64),
    /// Reports are lost.
    ReportsLost,
}

impl Plan {
    /// Runs with all kinds of noise, and nothing that changes.
    pub(crate) fn clean(seed: u64, runs: usize) -> Self {
        Self {
            runs,
            seed,
            noise: 0.04,
            outliers: 0.03,
            other_machines: 0.25,
            partly: 0.15,
            cold: 0.05,
            infrastructure: 0.02,
            failing: 0.05,
            partial: 0.03,
            flaky: Vec::new(),
            planted: Vec::new(),
        }
    }

    /// The same with something that changes from a run on and stays so.
    pub(crate) fn with(self, at: usize, what: What) -> Self {
        self.between(at, usize::MAX, what)
    }

    /// The same with something that changes for a while.
    pub(crate) fn between(mut self, at: usize, until: usize, what: What) -> Self {
        self.planted.push(Planted { at, until, what });
        self
    }

    /// The runs, the first one first.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        (0..self.runs).map(|run| self.entry(run)).collect()
    }

    fn changes(&self, run: usize) -> impl Iterator<Item = (&What, usize)> {
        let within = move |one: &&Planted| (one.at..one.until).contains(&run);
        let planted = self.planted.iter().filter(within);
        planted.map(move |one| (&one.what, run - one.at))
    }

    /// A time with its noise.
    fn noisy(&self, dice: &mut Dice, millis: f64) -> u64 {
        let mut factor = (dice.normal() * self.noise).exp();
        if dice.chance(self.outliers) {
            factor *= 1.3 + 2.7 * dice.share();
        }
        round(millis * factor)
    }

    fn entry(&self, run: usize) -> Entry {
        let mut dice = Dice::new(self.seed, run as u64);
        let other = dice.chance(self.other_machines);
        let speed = if other { 0.7 } else { 1.0 };
        let started_at = BEGIN + run as u64 * BETWEEN;
        let partial = dice.chance(self.partial);
        let broken = dice.chance(self.infrastructure);
        let failing = dice.chance(self.failing);
        let image = self.image(&mut dice, run, speed);
        let unbuilt = image.failure.clone();
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
            let leg = self.leg(&mut dice, run, key, round(number(*millis) * speed), ends);
            longest = longest.max(leg.queue_millis.unwrap_or(0) + leg.millis.unwrap_or(0));
            legs.push(leg);
        }
        let lost = self
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
        Entry {
            schema: ENTRY_SCHEMA,
            run: RunId(format!("20250615-{run:06}-{:08x}", dice.next() >> 32)),
            source: if other { Source::Local } else { Source::Ci },
            version: "0.1.0".to_owned(),
            workflow: ".github/workflows/test.yml".to_owned(),
            name: "Tests".to_owned(),
            repository: "acme/shop".to_owned(),
            sha: format!("{:07x}{:033x}", 0xa00_0000 + run / 2, 0),
            reference: "refs/heads/main".to_owned(),
            event: "push".to_owned(),
            dirty: other && dice.chance(0.2),
            partial,
            engine: "docker 27.3.1".to_owned(),
            cpus: if other { 8 } else { 4 },
            memory: 16 << 30,
            started_at,
            finished_at: Some(started_at + image.millis + longest + 900),
            passed: Some(failures.is_empty()),
            exit_code: Some(u8::from(!failures.is_empty())),
            failures,
            signatures: Vec::new(),
            fallback: None,
            reports_collected: tested.then_some(!lost && !broken),
            rollout: None,
            images: vec![image],
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

    fn leg(&self, dice: &mut Dice, run: usize, key: &str, tests: u64, end: End) -> LegEntry {
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
            self.tests(dice, &mut leg, &end);
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

    fn tests(&self, dice: &mut Dice, leg: &mut LegEntry, end: &End) {
        let Some(step) = leg.steps.last_mut() else {
            return;
        };
        step.test = true;
        let each = step.millis.unwrap_or(0) / TESTS as u64;
        let mut failed = 0;
        for test in 0..TESTS {
            let flake = self.flaky.iter().find(|flake| flake.test == test);
            let flaked = flake.is_some_and(|flake| dice.chance(flake.rate));
            let retried = flake.is_some_and(|flake| flake.retried);
            let fails = flaked && !retried || matches!(end, End::Fails) && test == 0;
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

#[expect(clippy::cast_precision_loss, reason = "simulated times are small")]
fn number(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "simulated times are small and not negative"
)]
fn round(value: f64) -> u64 {
    value.round() as u64
}

/// Numbers by chance (SplitMix64), those of a run whatever comes before it.
pub(crate) struct Dice(u64);

impl Dice {
    /// Those of a seed and a run.
    pub(crate) fn new(seed: u64, run: u64) -> Self {
        let mut dice = Self(seed);
        let first = dice.next();
        Self(first ^ run.wrapping_mul(0xD134_2543_DE82_EF95))
    }

    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        number(self.next() >> 11) / number(1 << 53)
    }

    /// True so often.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// Of a normal distribution (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.share().max(f64::MIN_POSITIVE).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}
