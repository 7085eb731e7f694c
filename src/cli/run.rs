//! `seatrial run`.

use std::collections::BTreeMap;
use std::io::Write;

use super::App;
use super::args::{Format, RunArgs};
use super::comment;
use super::coverage;
use super::engine;
use super::error::CliError;
use super::execute::{Beside, Executed, Options, Place, execute};
use super::history;
use super::out::Stream;
use super::page::PAGE;
use super::request::{Asked, ask_alone};
use super::screen::{self, Kind, Screen};
use super::signals::stop_on_signals;
use super::triage;
use crate::engine::random_token;
use crate::gate::Masked;
use crate::image::BuildTool;
use crate::plan::Plan;
use crate::record::{Cause, CoverageSummary};
use crate::report::{self, ConsoleOptions, Look, StopToken};
use crate::settings::{EngineKind, Settings, Source};
use crate::triage::Diagnosis;
use crate::workflow::nearest;

/// Annotations of each level that GitHub shows for a step.
const ANNOTATIONS: usize = 10;

/// Runs the workflow. Gives the exit code.
pub(super) async fn run(app: &App, args: &RunArgs) -> u8 {
    match try_run(app, args).await {
        Ok(code) => code,
        Err(error) => app.fail(&error),
    }
}

/// Everything that the command line asks for, planned.
pub(super) fn asked(app: &App, args: &RunArgs) -> Result<Asked, CliError> {
    let alone = args.alone.read()?;
    let mut flags = args.flags();
    // Of one name the last counts.
    flags.vars = [args.alone.vars()?, flags.vars].concat();
    ask_alone(app, &args.selection, flags, alone)
}

async fn try_run(app: &App, args: &RunArgs) -> Result<u8, CliError> {
    let mut asked = asked(app, args)?;
    let history = history::asked(app, &asked.request.root, args.no_history)?;
    let mut options = options(app, &asked.settings);
    options.workspace = args.alone.workspace;
    options.past = history.enabled.then(|| history.place.clone());
    options.secrets = asked
        .settings
        .secrets
        .clone()
        .with_commands(&asked.settings.secret_commands, &asked.request.root)?
        .into_pairs();
    options.against = coverage::against(app, Some(&asked.request.root), &options.coverage)?;
    let plan = &asked.prepared.plan;
    let mut place = place(app, &asked.settings, plan, &mut options)
        .await
        .map_err(CliError::with_fallback_hint)?;
    match &mut place {
        Place::Host(beside) => {
            let services = beside.is_some() || !needs_engine(&asked.prepared.plan);
            asked.move_to_this_machine(services)?;
        }
        Place::Docker { or_here, .. } if asked.settings.fallback => {
            *or_here = Some(Box::new(asked.plan_for_this_machine()?));
        }
        _ => {}
    }
    known_jobs(&asked.prepared.plan, &args.log)?;
    let stream = match args.format {
        Format::Text => Stream::Stdout,
        Format::Json => Stream::Stderr,
    };
    let token = StopToken::new(u128::from_str_radix(&random_token(), 16).unwrap_or(1));
    let kind = Kind::choose(app, stream, args.quiet);
    let expected = match kind {
        Kind::Terminal => history::expected(app, &history, &asked.prepared.workflow_name),
        Kind::Plain | Kind::GitHub | Kind::GitLab | Kind::Quiet => BTreeMap::new(),
    };
    let live = kind
        .live(
            app,
            stream,
            (args.verbose || !args.brief, &args.log),
            &token,
        )
        .expecting(expected);
    let screen = Screen::start(kind, live, app.out.clone(), stream);
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
    let executed = executed?;
    let record = &executed.record;
    let diagnosis = triage::of_failed(record, executed.run_dir.path());
    let shown = Shown {
        kind,
        stream,
        token,
    };
    show(app, args, &asked, &executed, diagnosis.as_ref(), &shown);
    history::record(app, &history, record, diagnosis.as_ref());
    tokio::task::block_in_place(|| {
        comment::after_run(
            app,
            args.comment,
            &asked.request.root,
            &executed.record,
            diagnosis.as_ref(),
        );
    });
    let verdict = executed.record.verdict.as_ref();
    Ok(verdict.map_or(Cause::Invariant.exit_code(), |verdict| verdict.exit_code))
}

/// Whether the plan has the jobs whose output is asked for.
fn known_jobs(plan: &Plan, asked: &[String]) -> Result<(), CliError> {
    let mut names: Vec<String> = Vec::new();
    for (job, leg) in plan.legs() {
        names.push(job.id.clone());
        names.push(leg.key.0.clone());
    }
    match asked.iter().find(|name| !names.contains(*name)) {
        None => Ok(()),
        Some(name) => {
            let error = CliError::new(Cause::Usage, format!("--log: there is no job `{name}`"));
            Err(match nearest(name, &names) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error,
            })
        }
    }
}

/// Where a run was shown.
struct Shown {
    kind: Kind,
    stream: Stream,
    token: StopToken,
}

/// Shows what came of the run.
fn show(
    app: &App,
    args: &RunArgs,
    asked: &Asked,
    executed: &Executed,
    diagnosis: Option<&Diagnosis>,
    shown: &Shown,
) {
    let Shown {
        kind,
        stream,
        ref token,
    } = *shown;
    let record = &executed.record;
    if let Some(error) = &executed.no_page {
        app.out
            .warning(&format!("{PAGE} cannot be written: {error}"));
    }
    let directory = std::env::current_dir()
        .ok()
        .and_then(|here| {
            let path = executed.run_dir.path();
            path.strip_prefix(here)
                .map(|path| path.display().to_string())
                .ok()
        })
        .or_else(|| Some(executed.run_dir.path().display().to_string()));
    let text = report::console(
        record,
        &ConsoleOptions {
            width: screen::width(app, stream),
            colour: stream.colour(),
            ascii: app.environment.ascii(),
            directory,
            page: executed.no_page.is_none(),
        },
    );
    let look = Look {
        colour: stream.colour(),
        ascii: app.environment.ascii(),
    };
    let width = screen::width(app, stream);
    let why = diagnosis.and_then(|found| report::triage_brief(found, width, look));
    let text = why.unwrap_or_default() + &text;
    if kind == Kind::GitHub {
        // Names of tests are foreign text: the runner must obey nothing in it.
        app.out.write(stream, &report::shield(&text, token));
        for annotation in report::annotations(record, ANNOTATIONS) {
            app.out.write(stream, &format!("{annotation}\n"));
        }
        tell_github(app, asked, executed, diagnosis);
    } else {
        app.out.write(stream, &text);
    }
    if args.format == Format::Json {
        app.out
            .data(&report::json_text(&report::result_json(record)));
    }
}

/// Writes the step summary and the outputs of the step that seatrial runs in.
fn tell_github(app: &App, asked: &Asked, executed: &Executed, why: Option<&Diagnosis>) {
    let record = &executed.record;
    let append = |path: Option<std::path::PathBuf>, text: &str| {
        let Some(path) = path else { return };
        let written = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        if let Err(error) = written {
            app.out
                .warning(&format!("{} cannot be written: {error}", path.display()));
        }
    };
    let mut summary = report::step_summary(record, why);
    let more = report::summaries(record, report::SUMMARY_BYTES.saturating_sub(summary.len()));
    summary.push_str(&more);
    append(app.environment.github_step_summary(), &summary);
    let directory = executed
        .run_dir
        .path()
        .strip_prefix(&asked.request.root)
        .unwrap_or(executed.run_dir.path());
    let verdict = record.verdict.as_ref();
    let mut outputs = format!(
        "run={}\ndirectory={}\nresult={}\n",
        record.info.id,
        directory.display(),
        if verdict.is_some_and(|verdict| verdict.passed) {
            "passed"
        } else {
            "failed"
        }
    );
    if let Some(percent) = record.coverage.as_ref().and_then(CoverageSummary::percent) {
        outputs.push_str(&format!("coverage={percent:.2}\n"));
    }
    append(app.environment.github_output(), &outputs);
}

/// How the run is to go.
pub(super) fn options(app: &App, settings: &Settings) -> Options {
    let secrets = settings.secrets.clone().into_pairs();
    Options {
        secrets: secrets.clone(),
        coverage: settings.coverage.clone(),
        against: None,
        parallel: settings.parallel,
        machine: Some(app.environment.cache().join("engines")),
        memory: settings.memory,
        no_output_minutes: settings.no_output_minutes,
        pids: settings.pids,
        retries: settings.retries,
        uploads: settings.upload,
        masked_warns: settings.masked == Masked::Warn,
        budgets: settings.budgets,
        quarantine: settings.quarantine.clone(),
        past: None,
        path: app.environment.job_path(),
        host: app.environment.machine(&secrets),
        pythons: app.environment.python_places(),
        node: settings.node.clone(),
        fallback: None,
        workspace: false,
        ci: app.environment.is_ci(),
        ci_run: app.environment.ci_run(),
    }
}

/// Where the jobs run. With `--fallback` this machine is good enough when there
/// is no engine.
pub(super) async fn place(
    app: &App,
    settings: &Settings,
    plan: &Plan,
    options: &mut Options,
) -> Result<Place, CliError> {
    if settings.engine == EngineKind::Host {
        let by = settings
            .engine_by
            .map_or_else(|| "--engine host".to_owned(), asked_by);
        app.out.warning(&format!(
            "{by}: the jobs run on this machine, not in containers"
        ));
        options.fallback = Some(by);
        return Ok(Place::Host(beside(app, plan).await));
    }
    let (engine, tool) = tokio::join!(
        engine::connect(app),
        BuildTool::find(
            app.environment.which("docker"),
            app.environment.docker_platform()
        )
    );
    match engine {
        Ok((docker, version)) => Ok(Place::Docker {
            docker,
            version: Box::new(version),
            tool: Box::new(tool),
            or_here: None,
        }),
        Err(error) if settings.fallback => {
            app.out.warning(&format!(
                "{}; --fallback: the jobs run on this machine, not in containers",
                error.message
            ));
            options.fallback = Some(error.message);
            Ok(Place::Host(None))
        }
        Err(error) => Err(error),
    }
}

/// How somebody asks for this machine.
fn asked_by(source: Source) -> String {
    match source {
        Source::Variable(name @ "SEATRIAL_ENGINE") => format!("{name}=host"),
        Source::Variable(name) => format!("{name}=false"),
        Source::Flag(_) | Source::File => "--engine host".to_owned(),
    }
}

/// Whether jobs on this machine have containers beside them.
pub(super) fn needs_engine(plan: &Plan) -> bool {
    plan.legs().any(|(job, _)| !job.job.services.is_empty())
}

/// The engine for services of jobs on this machine, where there are any. One that does
/// not answer is none: the plan says so of the jobs that need it.
pub(super) async fn beside(app: &App, plan: &Plan) -> Option<Box<Beside>> {
    if !needs_engine(plan) {
        return None;
    }
    let (docker, version) = engine::connect(app).await.ok()?;
    let docker_command = app.environment.which("docker");
    let platform = app.environment.docker_platform();
    Some(Box::new(Beside {
        docker,
        version,
        tool: BuildTool::find(docker_command, platform).await,
    }))
}
