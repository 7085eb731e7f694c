//! Arguments in, exit code out. The only room that prints, and only through
//! [`Out`].

mod alone;
mod archive;
mod args;
mod audit;
mod clean;
mod comment;
mod compare;
mod compose;
mod convert;
mod coverage;
mod deliver;
mod diff;
mod disk;
mod docs;
mod doctor;
mod engine;
mod error;
mod eval;
mod event;
mod examples;
mod execute;
mod flaky;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz_readers;
mod git;
mod github;
mod history;
mod image;
mod init;
mod list;
mod out;
mod page;
mod past;
mod payload;
mod plan;
mod prepare;
mod problems;
mod project;
mod project_files;
mod recipe;
mod report;
mod request;
mod rollout;
mod run;
mod runs;
mod saved;
mod scan;
mod screen;
mod show;
mod signals;
mod sources;
#[cfg(test)]
mod tests_saved;
#[cfg(test)]
mod tests_scenarios;
#[cfg(test)]
mod tests_trends;
mod tool;
mod trends;
mod triage;
mod version;
mod watchdog;

use std::panic::PanicHookInfo;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{CommandFactory, Parser};

use crate::record::{Cause, EXIT_SUCCESS};
use crate::settings::Environment;
use args::{Args, Command};
use error::CliError;
use out::Out;

/// What every command gets.
#[derive(Debug, Clone)]
struct App {
    /// The environment that seatrial was started in.
    environment: Environment,
    /// Where text goes.
    out: Out,
}

impl App {
    /// Shows an error and gives its exit code.
    fn fail(&self, error: &CliError) -> u8 {
        error.show(&self.out)
    }
}

/// Threads of the runtime. Work happens on the engine.
const THREADS: usize = 2;
/// How long threads that still read or write files may hold up the end.
const LAST_WORK: Duration = Duration::from_millis(500);

/// Whether a thread has panicked that works on the run: then nothing that was said
/// can be trusted. Trouble with drawing changes no verdict.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// Runs the command that the command line names.
pub fn main() -> ExitCode {
    let environment = Environment::read();
    let app = App {
        out: Out::new(environment.github_actions()),
        environment,
    };
    let out = app.out.clone();
    std::panic::set_hook(Box::new(move |info| report_panic(&out, info)));
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors; either goes where it belongs.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let out = app.out.clone();
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(&app, args)));
    let code = match ended {
        Ok(code) if !PANICKED.load(Ordering::SeqCst) => code,
        _ => Cause::Panic.exit_code(),
    };
    let code = match out.trouble() {
        Some(trouble) if code == EXIT_SUCCESS => {
            out.error(&trouble);
            Cause::OutputWriteFailed.exit_code()
        }
        _ => code,
    };
    ExitCode::from(code)
}

fn dispatch(app: &App, args: Args) -> u8 {
    match args.command {
        Command::Run(args) => block_on(app, run::run(app, &args)),
        Command::Plan(args) => block_on(app, plan::plan(app, &args)),
        Command::List(args) => list::list(app, &args),
        Command::Show(args) => show::show(app, &args),
        Command::Report(args) => report::report(app, &args),
        Command::Image(args) => block_on(app, image::image(app, &args.command)),
        Command::Eval(args) => eval::eval(app, &args),
        Command::Audit(args) => audit::audit(app, &args),
        Command::Init(args) => init::init(app, &args),
        Command::Triage(args) => triage::triage(app, &args),
        Command::Flaky(args) => flaky::flaky(app, &args),
        Command::Trends(args) => trends::trends(app, &args),
        Command::Scan(args) => block_on(app, scan::scan(app, &args)),
        Command::Coverage(args) => coverage::coverage(app, &args.command),
        Command::Diff(args) => diff::diff(app, &args),
        Command::Convert(args) => convert::convert(app, &args),
        Command::Doctor(args) if args.github => doctor::doctor_github(app, &args),
        Command::History(args) => history::history(app, &args),
        Command::Rollout(args) => rollout::rollout(app, &args),
        Command::Doctor(args) => block_on(app, doctor::doctor(app, &args)),
        Command::Compare(args) => block_on(app, compare::compare(app, &args)),
        Command::Clean(args) => block_on(app, clean::clean(app, &args)),
        Command::Watchdog(args) => block_on(app, watchdog::watchdog(&args)),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Args::command(), "seatrial", &mut script);
            // Ours to the letter, and usually on its way into a file.
            app.out
                .write(out::Stream::Stdout, &String::from_utf8_lossy(&script));
            EXIT_SUCCESS
        }
        Command::Docs(args) => docs::docs(app, &args),
    }
}

/// Runs a command to its end.
fn block_on(app: &App, command: impl Future<Output = u8>) -> u8 {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(command);
            runtime.shutdown_timeout(LAST_WORK);
            code
        }
        Err(error) => app.fail(&CliError::new(
            Cause::Invariant,
            format!("seatrial cannot start its threads: {error}"),
        )),
    }
}

/// Says that seatrial is at fault, and remembers it.
fn report_panic(out: &Out, info: &PanicHookInfo<'_>) {
    if std::thread::current().name() != Some(screen::THREAD) {
        PANICKED.store(true, Ordering::SeqCst);
    }
    let what = info.payload_as_str().unwrap_or("panic");
    let place = info
        .location()
        .map(|place| format!(" ({}:{})", place.file(), place.line()))
        .unwrap_or_default();
    out.say(&format!(
        "seatrial: internal error: {what}{place}\n\
         This is a bug in seatrial {}; please report it with the lines above:\n\
         {}/issues",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_REPOSITORY"),
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::settings::EngineKind;
    use args::{Format, PlanFormat};

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn flags_arrive() {
        let args = parse(
            "seatrial run test.yml --job unit --job lint --matrix py=3.12 --secret A --secret B=c \
             --coverage-min 85% --memory 2g --parallel 3 --engine host --format json -q",
        )
        .unwrap();
        let Command::Run(run) = args.command else {
            panic!("not run");
        };
        assert_eq!(run.format, Format::Json);
        assert!(run.quiet);
        let flags = run.flags();
        assert_eq!(flags.workflow.as_deref(), Some("test.yml"));
        assert_eq!(flags.jobs, ["unit", "lint"]);
        assert_eq!(flags.matrix, [("py".to_owned(), "3.12".to_owned())]);
        assert_eq!(flags.coverage.min, Some(85.0));
        assert_eq!(flags.memory, Some(2 << 30));
        assert_eq!(flags.engine, Some(EngineKind::Host));
        assert_eq!(flags.secrets[1].value.as_deref(), Some("c"));
        let Command::Plan(plan) = parse("seatrial plan --format mermaid").unwrap().command else {
            panic!("not plan");
        };
        assert_eq!(plan.format, PlanFormat::Mermaid);
    }

    #[test]
    fn wrong_command_lines_end_with_2_and_help_with_0() {
        for (line, code) in [
            ("seatrial", 2),
            ("seatrial sail", 2),
            ("seatrial run a.yml --workflow b.yml", 2),
            ("seatrial run --image ubuntu-latest=", 2),
            ("seatrial run --coverage-min 101", 2),
            ("seatrial run --matrix 3.12", 2),
            ("seatrial run -q -b", 2),
            ("seatrial run --skip-action cache", 2),
            ("seatrial --help", 0),
            ("seatrial run --help", 0),
            ("seatrial --version", 0),
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), code, "{line}");
        }
    }

    #[test]
    fn a_refused_secret_is_not_repeated() {
        assert!(parse("seatrial run --secret my-token=hunter2").is_ok());
    }

    #[test]
    fn completions_name_the_commands() {
        for shell in ["bash", "zsh", "fish"] {
            let app = App {
                environment: Environment::default(),
                out: Out::listening(),
            };
            let args = parse(&format!("seatrial completions {shell}")).unwrap();
            assert_eq!(dispatch(&app, args), 0);
            let script = app.out.heard(out::Stream::Stdout);
            assert!(script.contains("doctor") && script.contains("coverage-min"));
        }
    }

    #[test]
    fn generated_pages() {
        let app = App {
            environment: Environment::default(),
            out: Out::listening(),
        };
        let args = parse("seatrial docs exit-codes").unwrap();
        assert_eq!(dispatch(&app, args), 0);
        let page = app.out.heard(out::Stream::Stdout);
        assert!(page.starts_with("# Exit codes"));
        let args = parse("seatrial docs compatibility").unwrap();
        assert_eq!(dispatch(&app, args), 0);
        let pages = app.out.heard(out::Stream::Stdout);
        assert!(pages.contains("# Compatibility\n"));
    }
}
