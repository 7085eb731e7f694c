//! What is watched: the figures of a run, and how much worse is worth a word.

use super::robust::number;
use crate::history::{Entry, LegEntry, StepEntry, Warmth};
use crate::record::{Conclusion, CoverageSummary};

/// One MiB.
const MIB: f64 = 1024.0 * 1024.0;

/// The kinds of figures, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// From start to end.
    Total,
    /// Building images.
    Build,
    /// The longest start of a container.
    Startup,
    /// The longest wait of a leg for its turn.
    Queue,
    /// All test steps.
    Tests,
    /// Covered share.
    Coverage,
    /// Size of the images.
    ImageSize,
    /// A leg of a job.
    Job,
    /// A step of a leg.
    Step,
}

impl Kind {
    /// The word for it, on the command line and in JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Build => "build",
            Self::Startup => "startup",
            Self::Queue => "queue",
            Self::Tests => "tests",
            Self::Coverage => "coverage",
            Self::ImageSize => "image-size",
            Self::Job => "job",
            Self::Step => "step",
        }
    }

    /// What its figures are.
    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::Coverage => Unit::Percent,
            Self::ImageSize => Unit::Bytes,
            _ => Unit::Millis,
        }
    }

    /// Whether more of it is good news.
    pub(crate) fn more_is_better(self) -> bool {
        self == Self::Coverage
    }

    /// Whether it depends on what was there of the images before.
    fn depends_on_cache(self) -> bool {
        matches!(self, Self::Total | Self::Build)
    }

    /// The least change that is worth a word, whatever the noise.
    pub(super) fn floor(self) -> Floor {
        let floor = |share, least| Floor {
            share,
            least,
            noise: match self.unit() {
                Unit::Millis => 0.01,
                Unit::Percent | Unit::Bytes => 0.001,
            },
        };
        match self {
            Self::Total => floor(0.10, 5_000.0),
            Self::Build => floor(0.15, 3_000.0),
            Self::Startup => floor(0.25, 1_000.0),
            Self::Queue => floor(0.50, 10_000.0),
            Self::Tests => floor(0.10, 2_000.0),
            Self::Job => floor(0.10, 3_000.0),
            Self::Step => floor(0.15, 2_000.0),
            Self::Coverage => floor(0.0, 0.5),
            Self::ImageSize => floor(0.05, 10.0 * MIB),
        }
    }
}

/// What figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Milliseconds.
    Millis,
    /// Percent; differences are percentage points.
    Percent,
    /// Bytes.
    Bytes,
}

/// The least change that is worth a word: both a share of what was and an amount.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Floor {
    /// Of the level before, 0.1 for a tenth.
    pub(super) share: f64,
    /// In the unit of the figure.
    pub(super) least: f64,
    /// Noise is never taken to be less than this share of the level: clocks are no better.
    pub(super) noise: f64,
}

impl Floor {
    /// The least change from a level.
    pub(super) fn above(self, level: f64) -> f64 {
        (level.abs() * self.share).max(self.least)
    }
}

/// What was there of the images, as far as times are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Cache {
    /// Everything, or nothing was built.
    Warm,
    /// A part.
    Partly,
    /// Nothing.
    Cold,
}

impl Cache {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Partly => "partly",
            Self::Cold => "cold",
        }
    }

    fn of(warmth: Warmth) -> Self {
        match warmth {
            Warmth::NotBuilt | Warmth::Warm => Self::Warm,
            Warmth::Partly => Self::Partly,
            Warmth::Cold => Self::Cold,
        }
    }
}

/// One thing whose figures are followed from run to run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Metric {
    /// Its kind.
    pub(crate) kind: Kind,
    /// The leg of a job or step; empty for others.
    pub(crate) leg: String,
    /// The step; empty for others.
    pub(crate) step: String,
    /// What was there of the images, where it depends on that.
    pub(crate) cache: Option<Cache>,
}

impl Metric {
    fn of_run(kind: Kind, entry: &Entry) -> Self {
        let cache = kind.depends_on_cache().then(|| Cache::of(entry.warmth()));
        Self {
            kind,
            leg: String::new(),
            step: String::new(),
            cache,
        }
    }

    fn of_leg(leg: &LegEntry) -> Self {
        Self {
            kind: Kind::Job,
            leg: leg.key.clone(),
            step: String::new(),
            cache: None,
        }
    }

    fn of_step(leg: &LegEntry, step: &StepEntry) -> Self {
        Self {
            kind: Kind::Step,
            step: step.name.clone(),
            ..Self::of_leg(leg)
        }
    }

    /// Its name: `total (warm)`, `unit (3.12)`, `unit (3.12) › Run tests`.
    pub(crate) fn name(&self) -> String {
        match (self.kind, self.cache) {
            // A job may be called like a figure of the whole run.
            (Kind::Job, _) if is_figure(&self.leg) => format!("job {}", self.leg),
            (Kind::Job, _) => self.leg.clone(),
            (Kind::Step, _) => format!("{} › {}", self.leg, self.step),
            (kind, Some(cache)) => format!("{} ({})", kind.as_str(), cache.as_str()),
            (kind, None) => kind.as_str().to_owned(),
        }
    }
}

/// Whether a word is that of a figure.
fn is_figure(word: &str) -> bool {
    use Kind as K;
    let figures = [
        K::Total,
        K::Build,
        K::Startup,
        K::Queue,
        K::Tests,
        K::Coverage,
        K::ImageSize,
    ];
    figures.iter().any(|kind| kind.as_str() == word)
}

/// The figures of a run, only those that can be compared with others: a run that did not get
/// to its end has no total, a step that failed no time.
pub(super) fn figures(entry: &Entry) -> Vec<(Metric, f64)> {
    let mut figures = Vec::new();
    let whole = is_whole(entry);
    let built = entry.images.iter().all(|image| image.failure.is_none());
    let mut add = |kind: Kind, figure: Option<f64>, compared: bool| {
        if let Some(figure) = figure.filter(|_| compared) {
            figures.push((Metric::of_run(kind, entry), figure));
        }
    };
    let coverage = entry.coverage.as_ref().and_then(CoverageSummary::percent);
    let all_tested = test_steps(entry).all(|step| step.conclusion == Some(Conclusion::Success));
    add(Kind::Total, entry.millis().map(number), whole);
    add(Kind::Build, entry.build_millis().map(number), built);
    add(Kind::Startup, entry.startup_millis().map(number), true);
    // A queue is as long as what runs: of a part of the jobs it is another one.
    add(Kind::Queue, entry.queue_millis().map(number), whole);
    add(
        Kind::Tests,
        entry.test_millis().map(number),
        whole && all_tested,
    );
    add(Kind::Coverage, coverage, whole && !entry.dirty);
    let size = entry.image_bytes().map(number);
    add(Kind::ImageSize, size, built && !entry.dirty);
    for leg in &entry.legs {
        if leg.conclusion == Some(Conclusion::Success)
            && let Some(millis) = leg.millis
        {
            figures.push((Metric::of_leg(leg), number(millis)));
        }
        for step in &leg.steps {
            if step.conclusion == Some(Conclusion::Success)
                && let Some(millis) = step.millis
            {
                figures.push((Metric::of_step(leg, step), number(millis)));
            }
        }
    }
    figures
}

/// Whether all of a workflow ran to its end here, whatever was thought of it afterwards.
fn is_whole(entry: &Entry) -> bool {
    let ended = |leg: &LegEntry| {
        matches!(
            leg.conclusion,
            None | Some(Conclusion::Success | Conclusion::Skipped)
        )
    };
    !entry.partial
        && entry.fallback.is_none()
        && entry.legs.iter().all(ended)
        && entry
            .legs
            .iter()
            .any(|leg| leg.conclusion == Some(Conclusion::Success))
}

fn test_steps(entry: &Entry) -> impl Iterator<Item = &StepEntry> {
    let steps = entry.legs.iter().flat_map(|leg| &leg.steps);
    steps.filter(|step| step.test && step.millis.is_some())
}
