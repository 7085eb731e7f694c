//! `.dockerignore` files.
//!
//! The semantics are those of moby/patternmatcher (`ignorefile.ReadAll`, `New`,
//! `MatchesUsingParentResults`), which Docker and BuildKit use; the rules for
//! users: Docker documentation, "Build context", ".dockerignore files". Unlike
//! in a `.gitignore`, a pattern without `**` matches from the root of the
//! context only.

mod pattern;

use pattern::Pattern;

/// Patterns that are read; a hostile file must have a limit.
const MAX_PATTERNS: usize = 10_000;

/// Longest pattern, in bytes (`PATH_MAX` of Linux).
const MAX_PATTERN: usize = 4096;

/// Why a line is left out. Docker refuses to build with such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IgnoreProblem {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong with it.
    pub(crate) message: String,
}

/// The patterns of a `.dockerignore`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ignore {
    rules: Vec<Rule>,
    problems: Vec<IgnoreProblem>,
}

/// Which rules match a folder: what a walk hands down.
#[derive(Debug, Clone, Default)]
pub(crate) struct Above(Vec<bool>);

#[derive(Debug, Clone)]
struct Rule {
    /// Its line, from 1.
    line: usize,
    /// With `!`: what matches is taken in again.
    exception: bool,
    pattern: Pattern,
}

impl Ignore {
    /// Reads a `.dockerignore`. Lines that cannot be used are left out and told
    /// by [`Ignore::problems`].
    pub(crate) fn parse(text: &str) -> Self {
        let mut ignore = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.split('\n').enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            match rule(line) {
                Ok(Some(_)) if ignore.rules.len() >= MAX_PATTERNS => {
                    ignore.problem(index, format!("more than {MAX_PATTERNS} patterns"));
                    break;
                }
                Ok(rule) => ignore.rules.extend(rule.map(|rule| Rule {
                    line: index + 1,
                    ..rule
                })),
                Err(message) => ignore.problem(index, message),
            }
        }
        ignore
    }

    /// The lines that were left out.
    pub(crate) fn problems(&self) -> &[IgnoreProblem] {
        &self.problems
    }

    /// Whether a path of the context (`a/b/c`) is left out of the build: the
    /// last rule that matches it or a directory above it decides. Docker does
    /// not tell files and directories apart, so `is_dir` plays no part.
    pub(crate) fn is_ignored(&self, path: &str, is_dir: bool) -> bool {
        let _ = is_dir;
        let parts: Vec<&str> = path
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect();
        // From the top down, as a walk through the directories does it.
        let mut above = vec![false; self.rules.len()];
        let mut ignored = false;
        let mut here = String::with_capacity(path.len());
        for part in parts {
            if !here.is_empty() {
                here.push('/');
            }
            here.push_str(part);
            ignored = self.step(&here, &mut above);
        }
        ignored
    }

    /// The line that leaves a path of the context out; `None` when it is not left out.
    pub(crate) fn left_out_by(&self, path: &str) -> Option<usize> {
        let mut above = vec![false; self.rules.len()];
        let mut ignored = false;
        for (at, _) in path.match_indices('/').chain([(path.len(), "")]) {
            ignored = self.step(path.get(..at).unwrap_or(path), &mut above);
        }
        let deciding = self.rules.iter().zip(&above);
        let mut deciding = deciding.filter(|(rule, matched)| **matched && !rule.exception);
        let (rule, _) = deciding.next_back()?;
        ignored.then_some(rule.line)
    }

    /// Whether nothing below a directory can be part of the build: it is
    /// ignored, and no `!` rule may match anything below.
    pub(crate) fn can_skip_dir(&self, directory: &str) -> bool {
        let clean = clean(directory);
        self.is_ignored(&clean, true) && !self.may_take_in_below(&clean)
    }

    /// Whether a path is left out, for a walk from the top down: `above` is what this gave
    /// for the folder above ([`Above::default`] at the root of the context).
    pub(crate) fn enter(&self, above: &Above, path: &str) -> (Above, bool) {
        let mut matched = above.0.clone();
        matched.resize(self.rules.len(), false);
        let ignored = self.step(path, &mut matched);
        (Above(matched), ignored)
    }

    /// Whether a `!` rule may take in something below a folder that is ignored itself.
    pub(crate) fn may_take_in_below(&self, directory: &str) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.exception && rule.pattern.may_match_below(directory))
    }

    /// The same rules, and then that this path of the context is left out.
    pub(crate) fn and_without(mut self, path: &str) -> Self {
        self.rules.extend(rule(path).ok().flatten());
        self
    }

    /// One level of `MatchesUsingParentResults`: whether the path is ignored.
    /// `matched` has which rules matched the directory above, and gets which
    /// match here.
    fn step(&self, path: &str, matched: &mut [bool]) -> bool {
        let mut ignored = false;
        for (rule, matched) in self.rules.iter().zip(matched) {
            // A rule that cannot change the result is not even tried.
            if !*matched && rule.exception == ignored {
                *matched = rule.pattern.matches(path);
            }
            if *matched {
                ignored = !rule.exception;
            }
        }
        ignored
    }

    fn problem(&mut self, index: usize, message: String) {
        if self.problems.len() < 100 {
            self.problems.push(IgnoreProblem {
                line: index + 1,
                message,
            });
        }
    }
}

/// Reads a line: `ignorefile.ReadAll`, then `patternmatcher.New`.
fn rule(line: &str) -> Result<Option<Rule>, String> {
    if line.starts_with('#') {
        return Ok(None);
    }
    let line = line.trim();
    if line.is_empty() {
        return Ok(None);
    }
    if line.len() > MAX_PATTERN {
        return Err(format!("a pattern of more than {MAX_PATTERN} bytes"));
    }
    let (mark, text) = match line.strip_prefix('!') {
        Some(text) => ("!", text.trim()),
        None => ("", line),
    };
    let mut text = match text.is_empty() {
        true => String::new(),
        false => clean(text),
    };
    if text.len() > 1 && text.starts_with('/') {
        text.remove(0);
    }
    let text = clean(format!("{mark}{text}").trim());
    let (exception, text) = match text.strip_prefix('!') {
        Some("") => return Err("illegal exclusion pattern: \"!\"".to_owned()),
        Some(text) => (true, text),
        None => (false, text.as_str()),
    };
    let pattern = Pattern::new(text).map_err(|message| format!("{message}: `{}`", short(text)))?;
    Ok(Some(Rule {
        line: 0,
        exception,
        pattern,
    }))
}

/// Go's `filepath.Clean`.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests;
