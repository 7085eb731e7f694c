//! `seatrial.toml`: what the workflow cannot say.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::audit::AuditTable;
use super::budgets::BudgetsTable;
use super::cache::CacheFile;
use super::compare::CompareTable;
use super::coverage::{CoverageFile, CoverageTable};
use super::error::FileError;
use super::given::{self, Ca};
use super::history::{HistoryFile, HistoryTable, without_passwords};
use super::place::span_of;
use super::quarantine::QuarantineTable;
use super::resolve::Source;
use super::rollout::RolloutTable;
use super::scan::{ScanFile, ScanTable};
use super::secrets::{SecretCommand, is_name};
use super::services::ServicesTable;
use super::values;
use crate::audit::Policy;
use crate::gate::{Budgets, Masked, Quarantined};
use crate::image::{BuildOptions, Keep};
use crate::parity::IgnoreRule;
use crate::plan::{DefinitionUse, ServicesUse, SocketGrant, allowed_option};
use crate::rollout::Rules;
use crate::workflow::{Problem, Span, nearest};

/// Name of the settings file, at the root of the repository.
pub(super) const CONFIG_FILE: &str = "seatrial.toml";

/// What `seatrial.toml` says. Every value is optional.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ConfigFile {
    /// `workflow`.
    pub(super) workflow: Option<String>,
    /// `jobs`.
    pub(super) jobs: Vec<String>,
    /// `image.name`.
    pub(super) image: Option<String>,
    /// `image.dockerfile`.
    pub(super) dockerfile: Option<String>,
    /// `image.compose`.
    pub(super) compose: Option<DefinitionUse>,
    /// `image.bake`.
    pub(super) bake: Option<DefinitionUse>,
    /// `image.target`.
    pub(super) target: Option<String>,
    /// `images`: label to image.
    pub(super) images: BTreeMap<String, String>,
    /// `image.derive`.
    pub(super) derive: Option<bool>,
    /// `image.frontends`.
    pub(super) frontends: Vec<String>,
    /// `image.keep`.
    pub(super) keep: Option<usize>,
    /// `image.keep-size`, in bytes.
    pub(super) keep_size: Option<u64>,
    /// `image.ca`.
    pub(super) ca: Option<Ca>,
    /// `image.mirrors`.
    pub(super) mirrors: Option<bool>,
    /// `image.proxies`.
    pub(super) proxies: Option<bool>,
    /// `image.cache-from`, `image.cache-to` and `image.builder`.
    pub(super) cache: CacheFile,
    /// `image.args`.
    pub(super) build_args: BTreeMap<String, String>,
    /// `coverage`.
    pub(super) coverage: CoverageFile,
    /// `actions.skip`.
    pub(super) skip_actions: Vec<String>,
    /// `container.allow`.
    pub(super) allowed_options: Vec<String>,
    /// `container.docker-socket`.
    pub(super) docker_socket: SocketGrant,
    /// `services`.
    pub(super) services: Option<ServicesUse>,
    /// `gate.masked`.
    pub(super) masked: Option<Masked>,
    /// `budgets`.
    pub(super) budgets: Budgets,
    /// `quarantine`.
    pub(crate) quarantine: Vec<Quarantined>,
    /// `run.parallel`.
    pub(super) parallel: Option<usize>,
    /// `run.memory`, in bytes.
    pub(super) memory: Option<u64>,
    /// `run.no-output-minutes`.
    pub(super) no_output_minutes: Option<f64>,
    /// `run.pids`.
    pub(super) pids: Option<u32>,
    /// `run.retries`.
    pub(super) retries: Option<u32>,
    /// `vars`.
    pub(super) vars: BTreeMap<String, String>,
    /// `secrets`.
    pub(super) secrets: Vec<SecretCommand>,
    /// `scan`.
    pub(crate) scan: ScanFile,
    /// `audit`.
    pub(crate) audit: Policy,
    /// `rollout`.
    pub(crate) rollout: Rules,
    /// `compare.ignore`.
    pub(crate) compare: Vec<IgnoreRule>,
    /// `history`.
    pub(super) history: HistoryFile,
}

/// The file as TOML sees it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Document {
    workflow: Option<Spanned<String>>,
    jobs: Vec<Spanned<String>>,
    image: Image,
    images: BTreeMap<String, Spanned<String>>,
    coverage: CoverageTable,
    actions: Actions,
    container: Container,
    services: ServicesTable,
    gate: Gate,
    budgets: BudgetsTable,
    quarantine: Vec<QuarantineTable>,
    run: Run,
    vars: BTreeMap<String, String>,
    secrets: BTreeMap<String, Secret>,
    scan: ScanTable,
    audit: AuditTable,
    compare: CompareTable,
    rollout: RolloutTable,
    history: HistoryTable,
}

/// A secret never stands in the file itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    command: Spanned<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Image {
    name: Option<Spanned<String>>,
    dockerfile: Option<Spanned<String>>,
    compose: Option<Spanned<String>>,
    bake: Option<Spanned<String>>,
    target: Option<Spanned<String>>,
    args: BTreeMap<String, String>,
    derive: Option<bool>,
    frontends: Vec<Spanned<String>>,
    keep: Option<Spanned<i64>>,
    #[serde(rename = "keep-size")]
    keep_size: Option<Spanned<String>>,
    ca: Option<Spanned<String>>,
    mirrors: Option<bool>,
    proxies: Option<bool>,
    #[serde(rename = "cache-from")]
    cache_from: Vec<Spanned<String>>,
    #[serde(rename = "cache-to")]
    cache_to: Vec<Spanned<String>>,
    builder: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Actions {
    skip: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Container {
    allow: Vec<Spanned<String>>,
    #[serde(rename = "docker-socket")]
    docker_socket: Option<Spanned<toml::Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Gate {
    masked: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Run {
    parallel: Option<Spanned<i64>>,
    memory: Option<Spanned<String>>,
    pids: Option<Spanned<i64>>,
    retries: Option<Spanned<i64>>,
    #[serde(rename = "no-output-minutes")]
    no_output_minutes: Option<Spanned<f64>>,
}

impl ConfigFile {
    /// What it says of images that are built, but for caches and what of this machine they get.
    pub(crate) fn build_options(&self) -> BuildOptions {
        BuildOptions {
            frontends: self.frontends.clone(),
            keep: Keep {
                newest: self.keep.unwrap_or(Keep::default().newest),
                bytes: self.keep_size.unwrap_or(0),
                ..Keep::default()
            },
            ..BuildOptions::default()
        }
    }

    /// Reads the file at the root of a repository; without one nothing is said.
    ///
    /// # Errors
    /// It cannot be read, it is not TOML, or it says something that makes no sense.
    pub(crate) fn load(root: &Path) -> Result<Self, FileError> {
        match std::fs::read_to_string(root.join(CONFIG_FILE)) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(FileError {
                file: CONFIG_FILE.to_owned(),
                text: String::new(),
                problems: vec![Problem::new(
                    Span::default(),
                    format!("the file cannot be read: {error}"),
                )],
            }),
        }
    }

    /// Reads the text of the file.
    pub(super) fn parse(text: &str) -> Result<Self, FileError> {
        let wrong = |problems| FileError {
            file: CONFIG_FILE.to_owned(),
            text: without_passwords(text),
            problems,
        };
        let document: Document =
            toml::from_str(text).map_err(|error| wrong(vec![toml_problem(text, &error)]))?;
        let mut reader = Reader {
            text,
            problems: Vec::new(),
        };
        let file = reader.document(document);
        if reader.problems.is_empty() {
            Ok(file)
        } else {
            reader.problems.sort_by_key(|problem| problem.span.start);
            Err(wrong(reader.problems))
        }
    }
}

/// Looks at the values and collects what is wrong with them.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn document(&mut self, document: Document) -> ConfigFile {
        let image = document.image;
        self.exclusive([
            ("name", &image.name),
            ("dockerfile", &image.dockerfile),
            ("compose", &image.compose),
            ("bake", &image.bake),
        ]);
        ConfigFile {
            workflow: self.some_text("workflow", document.workflow),
            jobs: document
                .jobs
                .into_iter()
                .filter_map(|job| self.some_text("jobs", Some(job)))
                .collect(),
            image: self.some_text("name", image.name),
            dockerfile: self.some_text("dockerfile", image.dockerfile),
            compose: image.compose.and_then(|one| {
                let read = DefinitionUse::compose(one.get_ref());
                self.checked("compose", one.span(), read)
            }),
            bake: image.bake.and_then(|one| {
                let read = DefinitionUse::bake(one.get_ref());
                self.checked("bake", one.span(), read)
            }),
            target: self.some_text("target", image.target),
            images: document
                .images
                .into_iter()
                .filter_map(|(label, image)| {
                    let image = self.some_text(&label, Some(image))?;
                    Some((label.to_ascii_lowercase(), image))
                })
                .collect(),
            frontends: image
                .frontends
                .into_iter()
                .filter_map(|one| self.some_text("frontends", Some(one)))
                .collect(),
            keep: self.number("keep", image.keep, 0..=10_000),
            keep_size: image.keep_size.and_then(|size| {
                self.checked("keep-size", size.span(), values::memory(size.get_ref()))
            }),
            ca: image
                .ca
                .and_then(|ca| self.checked("ca", ca.span(), given::ca(ca.get_ref()))),
            mirrors: image.mirrors,
            proxies: image.proxies,
            cache: self.cache(&image.cache_from, &image.cache_to, image.builder),
            build_args: image.args,
            derive: image.derive,
            coverage: self.coverage(document.coverage),
            skip_actions: document
                .actions
                .skip
                .into_iter()
                .filter_map(|name| {
                    self.checked("skip", name.span(), values::action(name.get_ref()))
                })
                .collect(),
            allowed_options: document
                .container
                .allow
                .into_iter()
                .filter_map(|option| {
                    self.checked("allow", option.span(), allowed_option(option.get_ref()))
                })
                .collect(),
            docker_socket: document
                .container
                .docker_socket
                .and_then(|value| {
                    let read = values::socket_grant(value.get_ref());
                    self.checked("docker-socket", value.span(), read)
                })
                .unwrap_or_default(),
            services: self.services(document.services),
            masked: document.gate.masked.and_then(|masked| {
                self.checked("masked", masked.span(), values::masked(masked.get_ref()))
            }),
            budgets: self.budgets(document.budgets),
            quarantine: self.quarantine(document.quarantine, jiff::Zoned::now().date()),
            parallel: self.number("parallel", document.run.parallel, 1..=1024),
            memory: document.run.memory.and_then(|memory| {
                self.checked("memory", memory.span(), values::memory(memory.get_ref()))
            }),
            no_output_minutes: document.run.no_output_minutes.and_then(|minutes| {
                let read = values::minutes(&minutes.get_ref().to_string());
                self.checked("no-output-minutes", minutes.span(), read)
            }),
            pids: self.number("pids", document.run.pids, 16..=4_194_304),
            retries: self.number("retries", document.run.retries, 0..=100),
            vars: document.vars,
            secrets: document
                .secrets
                .into_iter()
                .filter_map(|(name, secret)| self.secret(name, secret))
                .collect(),
            scan: self.scan(document.scan),
            audit: self.audit(document.audit),
            compare: self.compare(document.compare),
            history: self.history(document.history),
            rollout: self.rollout(document.rollout),
        }
    }

    /// Keys of `[image]` of which one alone can be meant.
    fn exclusive(&mut self, keys: [(&str, &Option<Spanned<String>>); 4]) {
        let mut said = keys
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.as_ref()?.span())));
        if let (Some((first, span)), Some((second, _))) = (said.next(), said.next()) {
            self.wrong(
                span,
                &format!("`{first}` and `{second}` exclude each other"),
                "`name` takes an image as it is, each of `dockerfile`, `compose` and `bake` builds one",
            );
        }
    }

    /// A command that prints a secret.
    fn secret(&mut self, name: String, secret: Secret) -> Option<SecretCommand> {
        let span = secret.command.span();
        let command = secret.command.into_inner();
        let read = if !is_name(&name) {
            Err("the name of a secret is of letters, digits and `_`".to_owned())
        } else if command.first().is_none_or(String::is_empty) {
            Err("expected a program and its arguments: [\"pass\", \"show\", \"ci\"]".to_owned())
        } else {
            Ok(SecretCommand {
                name,
                command,
                source: Source::File,
            })
        };
        self.checked("command", span, read)
    }

    /// A text that says something.
    pub(super) fn some_text(&mut self, key: &str, text: Option<Spanned<String>>) -> Option<String> {
        let text = text?;
        let span = text.span();
        let text = text.into_inner();
        if text.trim().is_empty() {
            self.wrong(
                span,
                &format!("`{key}` is empty"),
                "leave the key out, or give it a value",
            );
            return None;
        }
        Some(text)
    }

    /// A number within its range.
    pub(super) fn number<T: TryFrom<i64>>(
        &mut self,
        key: &str,
        number: Option<Spanned<i64>>,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<T> {
        let number = number?;
        let value = *number.get_ref();
        let read = match T::try_from(value) {
            Ok(read) if range.contains(&value) => Ok(read),
            _ => Err(format!(
                "expected a number from {} to {}",
                range.start(),
                range.end()
            )),
        };
        self.checked(key, number.span(), read)
    }

    pub(super) fn checked<T>(
        &mut self,
        key: &str,
        span: Range<usize>,
        read: Result<T, String>,
    ) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(expected) => {
                self.wrong(
                    span,
                    &format!("the value of `{key}` cannot be used"),
                    &expected,
                );
                None
            }
        }
    }

    pub(super) fn wrong(&mut self, span: Range<usize>, message: &str, hint: &str) {
        self.problems
            .push(Problem::new(span_of(self.text, &span), message).with_hint(hint));
    }
}

/// What TOML itself, or its form, has against the text.
fn toml_problem(text: &str, error: &toml::de::Error) -> Problem {
    let span = error
        .span()
        .map_or_else(Span::file_start, |range| span_of(text, &range));
    let mut lines = error.message().lines();
    let message = lines.next().unwrap_or("this is not TOML").to_owned();
    let rest: Vec<&str> = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    // "unknown field `a`, expected one of `b`, `c`"
    if let Some((unknown, expected)) = message.split_once(", expected ")
        && let Some(name) = unknown.strip_prefix("unknown field ")
    {
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let hint = match nearest(name.trim_matches('`'), &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys here are: {}", known.join(", ")),
        };
        return Problem::new(span, format!("unknown key {name}")).with_hint(hint);
    }
    let problem = Problem::new(span, message);
    if rest.is_empty() {
        problem
    } else {
        problem.with_hint(rest.join("; "))
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
