//! Both sides run, pair by pair, until what differs is no chance.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::CompareArgs;
use crate::cli::App;
use crate::cli::error::CliError;
use crate::cli::execute::{Place, execute};
use crate::cli::history;
use crate::cli::out::Stream;
use crate::cli::request::{Asked, ask};
use crate::cli::run::{beside, needs_engine, options, place};
use crate::cli::screen::{Kind, Screen};
use crate::cli::signals::stop_on_signals;
use crate::engine::random_token;
use crate::parity::{Comparison, Drawn, Ignores, Order, Role, compare};
use crate::record::{JobKey, RunRecord, TestCounts};
use crate::report::StopToken;
use crate::settings::{ConfigFile, EngineKind, Flags, HistoryAsked};

/// Runs the workflow on both sides and compares. Gives the repository, too.
pub(super) async fn run(
    app: &App,
    args: &CompareArgs,
    flags: Flags,
) -> Result<(Comparison, PathBuf), CliError> {
    let mut asked = ask(app, &args.run.selection, flags)?;
    asked.settings.fallback = false;
    let secrets = asked.settings.secrets.clone();
    let commands = std::mem::take(&mut asked.settings.secret_commands);
    asked.settings.secrets = secrets.with_commands(&commands, &asked.request.root)?;
    let history = history::asked(app, &asked.request.root, args.run.no_history)?;
    let ignores = super::ignores(&ConfigFile::load(&asked.request.root)?);
    let seed = args.seed.unwrap_or_else(|| {
        // A seed that can be typed again.
        u64::from_str_radix(random_token().get(..6).unwrap_or_default(), 16).unwrap_or_default()
    });
    let mut pairs = Pairs {
        app,
        quiet: args.run.quiet,
        history,
        asked,
        order: Order { seed },
        control: Vec::new(),
        candidate: Vec::new(),
        ignores,
    };
    let least = args.runs;
    let most = args.max_runs.max(least);
    let mut first = Vec::new();
    loop {
        let pair = u32::try_from(first.len()).unwrap_or(most);
        let comparison = pairs.compare();
        let unsettled = comparison.as_ref().map(Comparison::unsettled);
        match comparison {
            Some(mut comparison) if pair >= least => {
                let unsettled = unsettled.unwrap_or_default();
                if unsettled.is_empty() || pair >= most {
                    if !unsettled.is_empty() {
                        comparison.notes.push(format!(
                            "tests still differ now and then, or too rarely to be sure, after {pair} runs of each side: more are allowed by --max-runs"
                        ));
                    }
                    comparison.drawn = Some(Drawn { seed, first });
                    return Ok((comparison, pairs.asked.request.root));
                }
                first.push(pairs.run(pair, most, &unsettled).await?);
            }
            _ => first.push(pairs.run(pair, most, &BTreeSet::new()).await?),
        }
    }
}

/// What has run.
struct Pairs<'a> {
    app: &'a App,
    quiet: bool,
    history: HistoryAsked,
    asked: Asked,
    order: Order,
    control: Vec<RunRecord>,
    candidate: Vec<RunRecord>,
    ignores: Ignores,
}

impl Pairs<'_> {
    fn compare(&self) -> Option<Comparison> {
        let some = !self.control.is_empty() && !self.candidate.is_empty();
        some.then(|| compare(&self.control, &self.candidate, &self.ignores))
    }

    /// Runs a pair: of these legs, or all where none is named. Gives who ran first.
    async fn run(
        &mut self,
        pair: u32,
        most: u32,
        legs: &BTreeSet<JobKey>,
    ) -> Result<Role, CliError> {
        let order = self.order.of_pair(pair);
        for role in order {
            self.say(&format!(
                "{} {} of {}{most}: {}",
                role.as_str(),
                pair + 1,
                if legs.is_empty() { "" } else { "at most " },
                match role {
                    Role::Control => "on this machine",
                    Role::Candidate => "in containers",
                }
            ));
            let record = self.one(role, legs).await?;
            if let Some(stopped) = &record.stopped {
                return Err(CliError::new(stopped.cause, "the comparison was stopped"));
            }
            self.say(&format!(
                "{} {}: {}",
                role.as_str(),
                pair + 1,
                result(&record)
            ));
            match role {
                Role::Control => self.control.push(record),
                Role::Candidate => self.candidate.push(record),
            }
        }
        Ok(order[0])
    }

    /// One run of one side.
    async fn one(&self, role: Role, legs: &BTreeSet<JobKey>) -> Result<RunRecord, CliError> {
        let mut asked = Asked {
            settings: self.asked.settings.clone(),
            request: self.asked.request.clone(),
            prepared: self.asked.prepared.clone(),
        };
        asked.settings.engine = EngineKind::Docker;
        if !legs.is_empty() {
            asked.restrict_to(self.jobs_of(legs));
        }
        let mut options = options(self.app, &asked.settings);
        // A test that fails now and then is what the runs are compared for.
        options.retries = 0;
        options.past = self.history.enabled.then(|| self.history.place.clone());
        let place = match role {
            Role::Control => {
                options.fallback = Some("they are the control of a comparison".to_owned());
                let needed = needs_engine(&asked.prepared.plan);
                let beside = beside(self.app, &asked.prepared.plan).await;
                asked.move_to_this_machine(beside.is_some() || !needed)?;
                Place::Host(beside)
            }
            Role::Candidate => {
                place(
                    self.app,
                    &asked.settings,
                    &asked.prepared.plan,
                    &mut options,
                )
                .await?
            }
        };
        let stream = Stream::Stderr;
        let token = StopToken::new(u128::from_str_radix(&random_token(), 16).unwrap_or(1));
        // Whoever is not at a terminal reads the logs, and not several runs in one.
        let kind = match Kind::choose(self.app, stream, self.quiet) {
            Kind::Terminal => Kind::Terminal,
            Kind::Plain | Kind::GitHub | Kind::GitLab | Kind::Quiet => Kind::Quiet,
        };
        let live = kind.live(self.app, stream, (false, &[]), &token);
        let screen = Screen::start(kind, live, self.app.out.clone(), stream);
        let executed = execute(
            &asked.request,
            &asked.prepared,
            &options,
            place,
            screen.listener(),
            |stopper, bus| stop_on_signals(&stopper, &bus),
        )
        .await;
        screen.finish();
        let record = executed?.record;
        history::record(self.app, &self.history, &record, None);
        Ok(record)
    }

    /// Ids of the jobs that legs belong to.
    fn jobs_of(&self, legs: &BTreeSet<JobKey>) -> Vec<String> {
        let runs = self.control.iter().chain(&self.candidate);
        let jobs = runs.flat_map(|run| &run.jobs);
        let wanted = jobs.filter(|job| legs.contains(&job.planned.key));
        // Of a job of a called workflow, the one that calls.
        let id = |job: &str| job.split('/').next().unwrap_or(job).trim().to_owned();
        let ids: BTreeSet<String> = wanted.map(|job| id(&job.planned.job)).collect();
        ids.into_iter().collect()
    }

    fn say(&self, line: &str) {
        if !self.quiet {
            self.app.out.say(line);
        }
    }
}

/// What came of a run, in a few words.
fn result(record: &RunRecord) -> String {
    let jobs = record.jobs.iter();
    let counts = jobs.fold(TestCounts::default(), |sum, job| {
        sum.plus(job.test_counts())
    });
    let mut parts = vec![format!("{} passed", counts.passed)];
    for (count, what) in [
        (counts.failed, "failed"),
        (counts.errors, "errors"),
        (counts.skipped, "skipped"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    format!("{} ({})", parts.join(", "), record.info.id)
}
