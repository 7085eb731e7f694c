//! A simulated history in words, as `benches/histories` takes them.

use super::dice::round;
use super::{Flake, Plan, What};

/// What can be planted: its name, its size where none is said, and what it means.
#[expect(clippy::type_complexity, reason = "a table")]
const PLANTS: [(&str, f64, fn(f64) -> What); 14] = [
    ("slow-tests", 1.7, What::AllTests),
    ("slow-job", 1.3, |times| What::Tests("unit (3.12)", times)),
    ("drift", 0.001, |share| What::Drift("unit (3.12)", share)),
    ("slow-build", 1.5, |times| {
        What::Layer("RUN pip install -r requirements.txt", times)
    }),
    ("large-image", 60.0, |mib| {
        What::ImageBytes(round(mib) << 20)
    }),
    ("less-coverage", 1.5, What::Coverage),
    ("slow-start", 2.0, What::Startup),
    ("queue", 30.0, |seconds| What::Queue(round(seconds * 1e3))),
    ("failed-builds", 0.4, What::BuildsFail),
    ("lost-reports", 0.0, |_| What::ReportsLost),
    ("critical-test", 5.0, |test| {
        What::FailsInContainer("integration", round(test) as usize)
    }),
    ("infrastructure", 0.3, What::EngineFails),
    ("flaky", 0.1, |rate| What::Flaky(flake(3, rate, false))),
    ("retried", 0.05, |rate| What::Flaky(flake(7, rate, true))),
];

fn flake(test: usize, rate: f64, retried: bool) -> Flake {
    Flake {
        test,
        rate,
        retried,
    }
}

impl Plan {
    /// Reads words: `runs=2000`, `seed=7`, `shadow=0.5`, and `NAME[:SIZE]@FIRST[-LAST]` for what
    /// is planted from one run to another, counted from 0.
    pub(super) fn parse(words: &str) -> Result<Self, String> {
        let mut plan = Self::clean(0, 2_000);
        for word in words.split_whitespace() {
            match word.split_once('=') {
                Some(("runs", count)) => plan.runs = number(word, count)?,
                Some(("seed", seed)) => plan.seed = number(word, seed)?,
                Some(("shadow", share)) => plan.shadow = number(word, share)?,
                Some(_) => return Err(format!("{word}: expected runs=, seed= or shadow=")),
                None => plan = plan.plant(word)?,
            }
        }
        Ok(plan)
    }

    fn plant(self, word: &str) -> Result<Self, String> {
        let (what, when) = word.split_once('@').unwrap_or((word, "0"));
        let (name, size) = match what.split_once(':') {
            Some((name, size)) => (name, Some(number(word, size)?)),
            None => (what, None),
        };
        let Some((_, usual, make)) = PLANTS.iter().find(|(known, ..)| *known == name) else {
            let known: Vec<&str> = PLANTS.iter().map(|(name, ..)| *name).collect();
            return Err(format!("{word}: expected one of {}", known.join(", ")));
        };
        let (first, last) = when.split_once('-').unwrap_or((when, ""));
        let until = match last {
            "" => usize::MAX,
            last => number::<usize>(word, last)?.saturating_add(1),
        };
        Ok(self.between(number(word, first)?, until, make(size.unwrap_or(*usual))))
    }

    /// The runs as lines that `seatrial history import` takes.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let entries = (0..self.runs).flat_map(|run| self.pair(run));
        entries.map(|entry| serde_json::to_string(&entry).unwrap_or_default() + "\n")
    }
}

fn number<N: std::str::FromStr>(word: &str, text: &str) -> Result<N, String> {
    let wrong = |_| format!("{word}: {text} is no number for it");
    text.parse().map_err(wrong)
}
