//! Simulated histories: many runs with noise and with changes that are put there on purpose.
//!
//! What judges histories is tested with them, because there the truth is known. The same seed
//! gives the same history. `benches/histories` writes one as a file.

mod dice;
mod making;
mod script;
mod script_tests;

use super::entry::Entry;
pub(crate) use dice::Dice;
use making::Side;

/// What a history is like.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// Number of runs in containers.
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
    /// Share of commits (of two runs each) that break a test, wherever it runs.
    pub(crate) failing: f64,
    /// Share of runs of a part of the jobs only.
    pub(crate) partial: f64,
    /// Share of runs beside which the runner runs the same commit without containers.
    pub(crate) shadow: f64,
    /// What changes on purpose.
    pub(crate) planted: Vec<Planted>,
}

/// Something that changes on purpose.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planted {
    /// The first run with it.
    pub(crate) at: usize,
    /// The first run without it again.
    pub(crate) until: usize,
    /// What changes.
    pub(crate) what: What,
}

/// What changes on purpose.
#[derive(Debug, Clone, PartialEq)]
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
    /// A test of a leg, by its number, fails in the container and passes on the runner.
    FailsInContainer(&'static str, usize),
    /// In so large a share of the runs the engine fails.
    EngineFails(f64),
    /// A test fails now and then.
    Flaky(Flake),
}

/// A test that fails now and then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Flake {
    /// Its number in its step.
    pub(crate) test: usize,
    /// Share of runs in which it fails at the first attempt.
    pub(crate) rate: f64,
    /// Whether it is tried again, and passes then.
    pub(crate) retried: bool,
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
            shadow: 0.0,
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
        (0..self.runs).flat_map(|run| self.pair(run)).collect()
    }

    /// A run in a container, and that on the runner beside it where there is one.
    fn pair(&self, run: usize) -> impl Iterator<Item = Entry> {
        let beside = Dice::new(!self.seed, run as u64).chance(self.shadow);
        let candidate = self.entry(run, Side::Container);
        let control = beside.then(|| self.entry(run, Side::Runner));
        std::iter::once(candidate).chain(control)
    }

    fn changes(&self, run: usize) -> impl Iterator<Item = (&What, usize)> {
        let within = move |one: &&Planted| (one.at..one.until).contains(&run);
        let planted = self.planted.iter().filter(within);
        planted.map(move |one| (&one.what, run - one.at))
    }
}
