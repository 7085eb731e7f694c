//! `seatrial trends`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::App;
use super::deliver::deliver;
use super::error::CliError;
use super::examples::TRENDS_EXAMPLES;
use super::out::Stream;
use super::past::{PastArgs, past};
use super::screen;
use crate::history::{Entry, Store};
use crate::record::{Cause, EXIT_SUCCESS};
use crate::report::{self, Look};
use crate::trend::{Followed, Kind, Overview, grown, overview};

/// Runs on each side of a change of coverage that are read with their files.
const BESIDE: usize = 3;

/// `seatrial trends`.
#[derive(Debug, Default, Clone, ClapArgs)]
#[command(after_help = TRENDS_EXAMPLES)]
pub(super) struct TrendsArgs {
    /// Which runs.
    #[command(flatten)]
    past: PastArgs,
    /// Only the last so many runs
    #[arg(
        long,
        value_name = "N",
        default_value_t = 500,
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Selection"
    )]
    limit: u32,
    /// Only figures of this kind [default: all but those of steps]
    #[arg(long, value_enum, value_name = "KIND", help_heading = "Selection")]
    metric: Option<MetricArg>,
    /// End with exit code 13 where a regression stands
    #[arg(long, help_heading = "Verdict")]
    check: bool,
    /// How it is written
    #[arg(
        long,
        short,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: TrendsFormat,
    /// Write it to a file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

/// A kind of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MetricArg {
    /// Runs from start to end
    Total,
    /// Building images
    Build,
    /// The longest start of a container
    Startup,
    /// The longest wait of a job for its turn
    Queue,
    /// All test steps together
    Tests,
    /// Covered share
    Coverage,
    /// Size of the images
    ImageSize,
    /// Each job
    Job,
    /// Each step
    Step,
}

impl From<MetricArg> for Kind {
    fn from(arg: MetricArg) -> Self {
        match arg {
            MetricArg::Total => Self::Total,
            MetricArg::Build => Self::Build,
            MetricArg::Startup => Self::Startup,
            MetricArg::Queue => Self::Queue,
            MetricArg::Tests => Self::Tests,
            MetricArg::Coverage => Self::Coverage,
            MetricArg::ImageSize => Self::ImageSize,
            MetricArg::Job => Self::Job,
            MetricArg::Step => Self::Step,
        }
    }
}

/// How trends are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum TrendsFormat {
    /// For people
    #[default]
    Text,
    /// For programs, with every figure
    Json,
    /// A chart of each figure
    Svg,
}

/// Shows how figures develop. Gives the exit code.
pub(super) fn trends(app: &App, args: &TrendsArgs) -> u8 {
    match try_trends(app, args) {
        Ok(overviews) => {
            let worse = overviews.iter().any(|one| one.regressions().count() > 0);
            match args.check && worse {
                true => Cause::Regression.exit_code(),
                false => EXIT_SUCCESS,
            }
        }
        Err(error) => app.fail(&error),
    }
}

/// Names the files that changed most with coverage: the runs beside the change are read in
/// full for that.
fn with_files(
    store: &mut Store,
    entries: &mut [Entry],
    followed: &mut Followed,
) -> Result<(), CliError> {
    let trend = &followed.trend;
    let (Kind::Coverage, Some(change)) = (trend.metric.kind, trend.judgement.change()) else {
        return Ok(());
    };
    let beside = change.first.saturating_sub(BESIDE)..change.first + BESIDE;
    for point in trend
        .points
        .get(..beside.end)
        .unwrap_or(&trend.points)
        .iter()
        .skip(beside.start)
    {
        if let Some(entry) = entries.get_mut(point.run)
            && let Some(full) = store.entry(&entry.run.0)?
        {
            *entry = full;
        }
    }
    followed.grown = grown(trend, &change, entries);
    Ok(())
}

fn try_trends(app: &App, args: &TrendsArgs) -> Result<Vec<Overview>, CliError> {
    let (mut entries, mut store) = past(app, &args.past, args.limit)?;
    let mut overviews = overview(&entries, args.metric.map(Kind::from));
    for followed in overviews.iter_mut().flat_map(|one| &mut one.trends) {
        with_files(&mut store, &mut entries, followed)?;
    }
    let text = match args.format {
        TrendsFormat::Json => report::json_text(&report::trends_json(&overviews, &entries)),
        TrendsFormat::Svg => report::trends_svg(&overviews),
        TrendsFormat::Text => {
            let look = Look {
                colour: Stream::Stdout.colour() && args.output.is_none(),
                ascii: app.environment.ascii(),
            };
            let width = screen::width(app, Stream::Stdout);
            report::trends_text(&overviews, &entries, width, look)
        }
    };
    deliver(app, args.output.as_deref(), &text)?;
    Ok(overviews)
}
