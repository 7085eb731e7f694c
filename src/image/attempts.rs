//! A build that takes from caches of elsewhere and gives to them, where that works: what is
//! in its way is left out, and never fails a run.

use std::time::{Duration, Instant};

use super::build::{Attempt, BuildTool, End, LIMIT, Request, once};
use super::cache::{CacheOptions, CacheSpec, CacheWork};
use super::explain::{explain, short};
use super::progress::{BuildOutcome, BuildProgress, Vertex};
use super::verify::Finding;
use crate::record::{CacheRecord, Failure};

/// Most characters of what BuildKit said that are told of a cache.
const MOST_TOLD: usize = 300;

/// With what of the settings an attempt is made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Way {
    /// The builder; the engine's own where absent.
    pub(super) builder: Option<String>,
    /// Where it takes from.
    pub(super) from: Vec<CacheSpec>,
    /// Where it gives to.
    pub(super) to: Vec<CacheSpec>,
}

/// What was in the way of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Taking from caches.
    Import,
    /// Giving to them.
    Export,
    /// It cannot be told: any of it, or nothing.
    Unclear,
}

/// A build that came to an image.
#[derive(Debug)]
pub(super) struct Built {
    /// What came of it.
    pub(super) outcome: BuildOutcome,
    /// What was in the way.
    pub(super) notices: Vec<Finding>,
    /// Whether another builder than the engine's own built it.
    pub(super) elsewhere: bool,
}

/// Builds, with as much of what the settings say of caches as goes.
///
/// # Errors
/// The failure that the build has without any of it, too.
pub(super) async fn build(
    address: &str,
    tool: &BuildTool,
    request: &Request<'_>,
    progress: &(dyn Fn(&Vertex) + Send + Sync),
) -> Result<Built, Failure> {
    let until = Instant::now() + LIMIT;
    let mut notices = Vec::new();
    let mut way = Way::of(request, &mut notices);
    let mut cost = (way != Way::default()).then(CacheRecord::default);
    loop {
        let Attempt { seen, end, busy } =
            once(address, tool, request, &way, until, progress).await?;
        if let Some(cost) = &mut cost {
            count(cost, &seen, busy);
        }
        for said in refused(&seen) {
            tell(&mut notices, said);
        }
        let trouble = match end {
            End::Built(id) => {
                let (steps, cached) = seen.counts();
                let outcome = BuildOutcome {
                    id,
                    steps,
                    cached,
                    sent: seen.sent(),
                    cache: cost,
                };
                return Ok(Built {
                    outcome,
                    notices,
                    elsewhere: way.builder.is_some(),
                });
            }
            End::Slow(CacheWork::Import) => Trouble::Import,
            End::Slow(CacheWork::Export) => Trouble::Export,
            End::Slow(CacheWork::Builder) => Trouble::Unclear,
            End::Failed => match way.trouble(&seen) {
                Some(trouble) => trouble,
                None => return Err(explain(&seen, request)),
            },
        };
        let why = match end {
            End::Slow(work) => format!(
                "it took longer than {} s",
                request.cache.limits.of(work).as_secs()
            ),
            _ => why(&seen),
        };
        tell(&mut notices, way.leave_out(trouble, &why));
        if let Some(cost) = &mut cost {
            cost.given_up += 1;
        }
    }
}

fn tell(notices: &mut Vec<Finding>, message: String) {
    let finding = Finding::notice(message);
    if !notices.contains(&finding) {
        notices.push(finding);
    }
}

/// Counts what an attempt cost, with what it was `busy` with when it was given up.
fn count(cost: &mut CacheRecord, seen: &BuildProgress, busy: Option<(CacheWork, Duration)>) {
    let took = |work| {
        let cut = busy.filter(|(at, _)| *at == work);
        let cut = cut.map_or(0, |(_, time)| {
            u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
        });
        seen.cache_millis(work).saturating_add(cut)
    };
    cost.import_millis = cost.import_millis.saturating_add(took(CacheWork::Import));
    cost.export_millis = cost.export_millis.saturating_add(took(CacheWork::Export));
}

impl Way {
    /// What the settings say, as far as it can work at all.
    fn of(request: &Request<'_>, notices: &mut Vec<Finding>) -> Self {
        let CacheOptions {
            from,
            to,
            builder,
            github,
            ..
        } = request.cache;
        let usable = |specs: &[CacheSpec]| -> Vec<CacheSpec> {
            let usable = specs.iter().filter(|spec| *github || !spec.is_githubs());
            usable.map(|spec| spec.of_image(request.tag)).collect()
        };
        let way = Self {
            builder: builder.as_ref().and_then(|builder| {
                let folder = request.identity.join("instances");
                let known = std::fs::create_dir_all(&folder)
                    .and_then(|()| std::fs::copy(&builder.definition, folder.join(&builder.name)));
                if known.is_err() {
                    tell(notices, format!(
                        "buildx has no builder `{name}`, and the engine's own builds; `docker buildx create --name {name}` makes one",
                        name = builder.name
                    ));
                }
                known.ok().map(|_| builder.name.clone())
            }),
            from: usable(from),
            to: usable(to),
        };
        if way.from.len() + way.to.len() < from.len() + to.len() {
            tell(notices, "type=gha needs the variables ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL, which GitHub gives to actions and not to steps with `run`; an action such as crazy-max/ghaction-github-runtime hands them on".to_owned());
        }
        way
    }

    /// What may have been in the way of a build that failed; `None` where it was not the cache.
    /// A command of the Dockerfile that ran and failed does so without it, too.
    fn trouble(&self, seen: &BuildProgress) -> Option<Trouble> {
        let failed = seen.failed().map_or("", |vertex| vertex.error.as_str());
        if *self == Self::default() || failed.contains("exit code: ") {
            return None;
        }
        let exports = seen
            .cache_failures()
            .any(|(work, _)| work == CacheWork::Export);
        let said = why(seen).to_ascii_lowercase();
        let says = said.contains("cache export") || said.contains("exporting cache");
        Some(if !self.to.is_empty() && (exports || says) {
            Trouble::Export
        } else {
            Trouble::Unclear
        })
    }

    /// Leaves out what was in the way, and says so. Each time less is left, so this ends.
    fn leave_out(&mut self, trouble: Trouble, why: &str) -> String {
        match trouble {
            Trouble::Import => {
                let from = named(&std::mem::take(&mut self.from));
                format!("the image was built without what is in {from}: {why}")
            }
            Trouble::Export => {
                let to = named(&std::mem::take(&mut self.to));
                let way_out = if why.to_ascii_lowercase().contains("not supported") {
                    "; a builder that can is named with --builder (`docker buildx create --name NAME`), and type=inline needs none"
                } else {
                    ""
                };
                format!("the cache of the build was not given to {to}: {why}{way_out}")
            }
            Trouble::Unclear => {
                let Self { builder, from, to } = std::mem::take(self);
                let mut parts: Vec<String> = Vec::new();
                parts.extend(builder.map(|name| format!("the builder `{name}`")));
                parts.extend(
                    (!from.is_empty() || !to.is_empty()).then(|| named(&[from, to].concat())),
                );
                format!("the image was built without {}: {why}", parts.join(" and "))
            }
        }
    }
}

/// `` `type=gha`, `type=inline` ``.
fn named(specs: &[CacheSpec]) -> String {
    let mut names: Vec<String> = specs.iter().map(|spec| format!("`{spec}`")).collect();
    names.dedup();
    names.join(", ")
}

/// What BuildKit and buildx say of caches that they go on without.
fn refused(seen: &BuildProgress) -> Vec<String> {
    let imports = seen.cache_failures().filter_map(|(work, vertex)| {
        let from = vertex.name.strip_prefix("importing cache manifest from ")?;
        (work == CacheWork::Import).then(|| {
            format!(
                "nothing was taken from the cache {from}: {}",
                cut(&vertex.error)
            )
        })
    });
    let plain = seen.plain().iter().filter_map(|line| {
        let said = line.strip_prefix("WARNING: ")?;
        said.contains("cache").then(|| cut(said))
    });
    imports.chain(plain).collect()
}

/// Why a build failed, in BuildKit's words.
fn why(seen: &BuildProgress) -> String {
    let of_cache = seen.cache_failures().map(|(_, vertex)| &vertex.error);
    let vertex = seen.failed().map(|vertex| &vertex.error);
    let mut plain = seen.plain().iter();
    let error = plain
        .rfind(|line| line.starts_with("ERROR:"))
        .or(vertex)
        .or_else(|| of_cache.last());
    error.map_or_else(
        || "the build ended without saying why".to_owned(),
        |error| cut(short(error)),
    )
}

/// The first line, not endless and without a full stop.
fn cut(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    let line: String = line.chars().take(MOST_TOLD).collect();
    line.trim_end_matches('.').to_owned()
}

#[cfg(test)]
#[path = "attempts_tests.rs"]
mod tests;
