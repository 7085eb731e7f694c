//! Flag over environment over `seatrial.toml` over default.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::cache::CacheFlags;
use super::coverage::CoverageAsked;
use super::environment::Environment;
use super::error::ValueError;
use super::file::{CONFIG_FILE, ConfigFile};
use super::flags::{EngineKind, Flags};
use super::given::{self, Ca};
use super::images::{Building, BuiltFrom, Images};
use super::secrets::{self, SecretCommand, Secrets};
use super::{FileError, values};
use crate::gate::{Budgets, Masked, Quarantined};
use crate::image::BuildOptions;
use crate::plan::{DefinitionUse, ServicesUse, SocketGrant};
use crate::record::Cause;

/// How many minutes a step may print nothing where nobody watches.
const NO_OUTPUT_IN_CI: f64 = 10.0;

/// Who asks for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The settings file.
    File,
    /// A variable.
    Variable(&'static str),
    /// A flag.
    Flag(&'static str),
}

/// The words for it: `--coverage-min`, `SEATRIAL_COVERAGE_MIN`, `seatrial.toml`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => CONFIG_FILE,
            Self::Variable(name) | Self::Flag(name) => name,
        })
    }
}

impl Source {
    /// The higher one wins.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::File => 0,
            Self::Variable(_) => 1,
            Self::Flag(_) => 2,
        }
    }

    /// The published reason for a value of this source that makes no sense.
    pub(super) fn cause(self) -> Cause {
        match self {
            Self::Flag(_) => Cause::Usage,
            Self::Variable(_) | Self::File => Cause::ConfigInvalid,
        }
    }
}

/// A value and who asks for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sourced<T> {
    /// The value.
    pub(crate) value: T,
    /// Who asks for it.
    pub(crate) source: Source,
}

impl<T> Sourced<T> {
    /// The same source with another value.
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced {
            value: change(self.value),
            source: self.source,
        }
    }
}

/// What holds for a run or a plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    /// The workflow to run, a path or a name; where absent it is looked for.
    pub(crate) workflow: Option<Sourced<String>>,
    /// The jobs to run with what they need; empty for all.
    pub(crate) jobs: Vec<String>,
    /// Values that legs must have.
    pub(crate) matrix: Vec<(String, String)>,
    /// Name of the event.
    pub(crate) event: Option<String>,
    /// What the event is about.
    pub(crate) reference: Option<String>,
    /// The file with the event's payload.
    pub(crate) event_file: Option<PathBuf>,
    /// `inputs` context.
    pub(crate) inputs: Vec<(String, String)>,
    /// `vars` context.
    pub(crate) vars: Vec<(String, String)>,
    /// `secrets` context, as far as values are known.
    pub(crate) secrets: Secrets,
    /// Commands that print more secrets, the first for a name counts.
    pub(crate) secret_commands: Vec<SecretCommand>,
    /// The image of every job. It goes before `built`.
    pub(crate) image: Option<Sourced<String>>,
    /// The images of jobs that have a label, by the label in lower case. They go
    /// before `image` and `built`.
    pub(crate) images: BTreeMap<String, Sourced<String>>,
    /// What the tests' image is built from: a path is relative to the current folder when
    /// a flag or a variable names it, relative to the repository in the file.
    pub(crate) built: Option<Sourced<BuiltFrom>>,
    /// Its stage, in place of the one that `built` says.
    pub(crate) target: Option<String>,
    /// Its build arguments, over those that `built` says.
    pub(crate) build_args: Vec<(String, String)>,
    /// How images are built, but for caches and what of this machine they get.
    pub(crate) build: BuildOptions,
    /// Which certificates a build gets.
    pub(crate) ca: Sourced<Ca>,
    /// What the command line says of caches of builds.
    pub(crate) cache: CacheFlags,
    /// Actions to be skipped with a notice.
    pub(crate) skip_actions: Vec<String>,
    /// Options of containers that are granted, each in full.
    pub(crate) allowed_options: Vec<String>,
    /// Jobs that get the engine's socket.
    pub(crate) docker_socket: SocketGrant,
    /// The compose file whose services jobs get.
    pub(crate) services: Option<ServicesUse>,
    /// The Node that runs JavaScript actions where the image has none. Not in the file,
    /// which comes with the repository: it is a program of this machine.
    pub(crate) node: Option<PathBuf>,
    /// What is asked of coverage.
    pub(crate) coverage: CoverageAsked,
    /// What a masked failure means.
    pub(crate) masked: Masked,
    /// What a run may take.
    pub(crate) budgets: Budgets,
    /// Tests whose failure is forgiven.
    pub(crate) quarantine: Vec<Quarantined>,
    /// Legs that may run at a time.
    pub(crate) parallel: Option<usize>,
    /// Memory of each job in bytes.
    pub(crate) memory: Option<u64>,
    /// How many minutes a step may print nothing, where there is a limit.
    pub(crate) no_output_minutes: Option<f64>,
    /// Processes of each job.
    pub(crate) pids: Option<u32>,
    /// How often a test that failed is run again; 0 for never.
    pub(crate) retries: u32,
    /// Whether set-up steps may become layers of an image.
    pub(crate) derive: bool,
    /// Whether uploads to services outside are allowed.
    pub(crate) upload: bool,
    /// Whether jobs may run on this machine when no container can be had.
    pub(crate) fallback: bool,
    /// Where jobs run.
    pub(crate) engine: EngineKind,
    /// Who says so, where somebody does.
    pub(crate) engine_by: Option<Source>,
    /// What the user should know of these settings.
    pub(crate) warnings: Vec<String>,
}

/// Why there are no settings.
#[derive(Debug)]
pub(crate) enum SettingsError {
    /// A file is wrong.
    File(FileError),
    /// A flag or a variable is wrong.
    Value(ValueError),
}

impl From<FileError> for SettingsError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<ValueError> for SettingsError {
    fn from(error: ValueError) -> Self {
        Self::Value(error)
    }
}

impl Settings {
    /// Puts the sources together.
    ///
    /// # Errors
    /// A variable or the file of secrets cannot be used, a secret is nowhere, or
    /// two values contradict each other.
    pub(crate) fn resolve(
        flags: Flags,
        environment: &Environment,
        file: &ConfigFile,
    ) -> Result<Self, SettingsError> {
        let twins = Twins(environment);
        let secret_file = match flags
            .secret_file
            .or_else(|| twins.path("SEATRIAL_SECRET_FILE"))
        {
            Some(path) => secrets::read_file(&path)?,
            None => Vec::new(),
        };
        let dockerfile = pick(
            ("--dockerfile", flags.dockerfile),
            ("SEATRIAL_DOCKERFILE", twins.path("SEATRIAL_DOCKERFILE")),
            file.dockerfile.as_ref().map(PathBuf::from),
        );
        let compose = pick(
            ("--compose", flags.compose),
            (
                "SEATRIAL_COMPOSE",
                twins.read("SEATRIAL_COMPOSE", DefinitionUse::compose)?,
            ),
            file.compose.clone(),
        );
        let bake = pick(
            ("--bake", flags.bake),
            (
                "SEATRIAL_BAKE",
                twins.read("SEATRIAL_BAKE", DefinitionUse::bake)?,
            ),
            file.bake.clone(),
        );
        let definitions = [compose, bake].into_iter().flatten();
        let from = dockerfile
            .map(|file| file.map(BuiltFrom::Dockerfile))
            .into_iter()
            .chain(definitions.map(|one| one.map(BuiltFrom::Definition)))
            .collect();
        let target = pick(
            ("--target", flags.target),
            ("SEATRIAL_TARGET", twins.text("SEATRIAL_TARGET")),
            file.target.clone(),
        );
        let images = Images::resolve(
            flags.images,
            &twins.list("SEATRIAL_IMAGE"),
            file,
            Building {
                from,
                target: target.as_ref().map(|target| target.source),
                arguments: !flags.build_args.is_empty(),
            },
        )?;
        // It says stage and arguments itself; a source that ranks lower means another build.
        let outranked = |source: Source| {
            images.built.as_ref().is_some_and(|built| {
                matches!(built.value, BuiltFrom::Definition(_))
                    && built.source.rank() > source.rank()
            })
        };
        let target = target.filter(|target| !outranked(target.source));
        let none = BTreeMap::new();
        let file_args = match outranked(Source::File) {
            true => &none,
            false => &file.build_args,
        };
        let build_args = overlaid(file_args, flags.build_args);
        let engine = asked_engine(flags.engine, environment)?;
        Ok(Self {
            workflow: pick(
                ("WORKFLOW", flags.workflow),
                ("SEATRIAL_WORKFLOW", twins.text("SEATRIAL_WORKFLOW")),
                file.workflow.clone(),
            ),
            jobs: [flags.jobs, twins.list("SEATRIAL_JOBS"), file.jobs.clone()]
                .into_iter()
                .find(|jobs| !jobs.is_empty())
                .unwrap_or_default(),
            matrix: flags.matrix,
            event: flags.event.or_else(|| twins.text("SEATRIAL_EVENT")),
            reference: flags.reference.or_else(|| twins.text("SEATRIAL_REF")),
            event_file: flags.event_file,
            inputs: flags.inputs,
            vars: overlaid(&file.vars, flags.vars),
            secrets: Secrets::gather(&flags.secrets, secret_file, environment)?,
            secret_commands: [flags.secret_commands, file.secrets.clone()].concat(),
            image: images.image,
            images: images.labels,
            built: images.built,
            target: target.map(|target| target.value),
            build_args,
            build: file.build_options(),
            ca: asked_ca(flags.ca, environment, file)?,
            cache: flags.cache,
            skip_actions: [file.skip_actions.clone(), flags.skip_actions].concat(),
            allowed_options: file.allowed_options.clone(),
            docker_socket: file.docker_socket.clone(),
            services: file.services.clone(),
            node: flags.node.or_else(|| twins.path("SEATRIAL_NODE")),
            coverage: CoverageAsked::resolve(flags.coverage, environment, file)?,
            masked: file.masked.unwrap_or(Masked::Deny),
            budgets: file.budgets,
            quarantine: file.quarantine.clone(),
            parallel: flags
                .parallel
                .or(twins.read("SEATRIAL_PARALLEL", values::count)?)
                .or(file.parallel),
            memory: flags
                .memory
                .or(twins.read("SEATRIAL_MEMORY", values::memory)?)
                .or(file.memory),
            no_output_minutes: twins
                .read("SEATRIAL_NO_OUTPUT_MINUTES", values::minutes)?
                .or(file.no_output_minutes)
                .or(environment.is_ci().then_some(NO_OUTPUT_IN_CI))
                .filter(|minutes| *minutes > 0.0),
            pids: file.pids,
            retries: flags
                .retries
                .or(twins.read("SEATRIAL_RETRIES", values::retries)?)
                .or(file.retries)
                .unwrap_or(0),
            derive: !flags.no_derive
                && twins
                    .read("SEATRIAL_DERIVE", values::switch)?
                    .or(file.derive)
                    .unwrap_or(true),
            upload: flags.upload
                || twins
                    .read("SEATRIAL_UPLOAD", values::switch)?
                    .unwrap_or(false),
            fallback: flags.fallback
                || twins
                    .read("SEATRIAL_FALLBACK", values::switch)?
                    .unwrap_or(false),
            engine: engine.as_ref().map(|asked| asked.value).unwrap_or_default(),
            engine_by: engine.map(|asked| asked.source),
            warnings: environment.unknown(),
        })
    }
}

/// Which certificates a build gets, and who says so.
pub(super) fn asked_ca(
    flag: Option<Ca>,
    environment: &Environment,
    file: &ConfigFile,
) -> Result<Sourced<Ca>, ValueError> {
    let variable = Twins(environment).read("SEATRIAL_CA", given::ca)?;
    let asked = pick(("--ca", flag), ("SEATRIAL_CA", variable), file.ca.clone());
    Ok(asked.unwrap_or(Sourced {
        value: Ca::Off,
        source: Source::File,
    }))
}

/// The value of the highest source that has one.
pub(super) fn pick<T>(
    flag: (&'static str, Option<T>),
    variable: (&'static str, Option<T>),
    file: Option<T>,
) -> Option<Sourced<T>> {
    let sourced = |value: Option<T>, source| value.map(|value| Sourced { value, source });
    sourced(flag.1, Source::Flag(flag.0))
        .or_else(|| sourced(variable.1, Source::Variable(variable.0)))
        .or_else(|| sourced(file, Source::File))
}

/// The pairs of the file, those of the flags over them.
fn overlaid(
    file: &BTreeMap<String, String>,
    flags: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let mut all = file.clone();
    all.extend(flags);
    all.into_iter().collect()
}

/// Where jobs run, and who says so. A team's own switch back to its runners counts where
/// nobody names the engine itself.
fn asked_engine(
    flag: Option<EngineKind>,
    environment: &Environment,
) -> Result<Option<Sourced<EngineKind>>, ValueError> {
    const SWITCH: &str = "CI_USE_DOCKER_TESTS";
    let twins = Twins(environment);
    let named = pick(
        ("--engine", flag),
        ("SEATRIAL_ENGINE", twins.read("SEATRIAL_ENGINE", engine)?),
        None,
    );
    let switched = match twins.read(SWITCH, values::switch)? {
        Some(false) => pick(("", None), (SWITCH, Some(EngineKind::Host)), None),
        Some(true) | None => None,
    };
    Ok(named.or(switched))
}

fn engine(text: &str) -> Result<EngineKind, String> {
    match text {
        "docker" => Ok(EngineKind::Docker),
        "host" => Ok(EngineKind::Host),
        _ => Err("expected docker or host".to_owned()),
    }
}

/// The variables that stand for flags.
pub(super) struct Twins<'e>(pub(super) &'e Environment);

impl Twins<'_> {
    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.0.twin(name).map(ToOwned::to_owned)
    }

    fn path(&self, name: &'static str) -> Option<PathBuf> {
        self.0.twin(name).map(PathBuf::from)
    }

    /// Names, separated by commas or spaces.
    fn list(&self, name: &'static str) -> Vec<String> {
        self.0
            .twin(name)
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .map(ToOwned::to_owned)
            .collect()
    }

    pub(super) fn read<T>(
        &self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ValueError> {
        self.0
            .twin(name)
            .map(|text| {
                read(text).map_err(|expected| {
                    ValueError::new(
                        Cause::ConfigInvalid,
                        format!("the value of {name} cannot be used: `{text}`"),
                    )
                    .with_hint(expected)
                })
            })
            .transpose()
    }
}
