//! Causes that lie in what is installed.

use super::Failing;
use super::setting::holds_word;
use crate::record::{JobFacts, package_name};

/// A shared library is missing. That the other side passes the test shows that it has it.
pub(super) fn library(failing: &Failing<'_>) -> Option<String> {
    let name = failing
        .text
        .find(": cannot open shared object file")
        .and_then(|at| failing.text.get(..at))
        .and_then(|before| before.rsplit([' ', '\'', '"', '\n', '(', ':']).next())
        .map(|path| path.rsplit('/').next().unwrap_or(path))
        .filter(|name| name.contains(".so"))
        .or_else(|| {
            let said = failing.between("no library called \"", "\"");
            said.or_else(|| failing.between("Unable to find ", " shared library"))
        })?;
    Some(format!(
        "the {} lacks the system library {name}, which the {} has",
        failing.fails, failing.passes
    ))
}

/// A Python package is missing.
pub(super) fn module(failing: &Failing<'_>) -> Option<String> {
    let module = failing
        .between("No module named '", "'")
        .or_else(|| failing.between("could not import '", "'"))?;
    let top = module.split('.').next().unwrap_or(module);
    let (fails, passes) = (failing.fails, failing.passes);
    let version = |facts: &JobFacts| facts.packages.as_ref()?.get(&package_name(top)).cloned();
    match (version(failing.there), version(failing.elsewhere)) {
        (None, Some(version)) => Some(format!(
            "the package {top} is not installed in the {fails}; the {passes} has {version}"
        )),
        // The name of a package need not be that of its module.
        (None, None) => Some(format!(
            "the module {top} cannot be found in the {fails}, and can in the {passes}"
        )),
        (Some(_), _) => None,
    }
}

/// A program is missing.
pub(super) fn program(failing: &Failing<'_>) -> Option<String> {
    let (there, elsewhere) = (
        failing.there.programs.as_ref()?,
        failing.elsewhere.programs.as_ref()?,
    );
    let absent = [
        "no such file",
        "not found",
        "not installed",
        "filenotfounderror",
        "which(",
    ];
    if !failing.speaks_of(&absent) {
        return None;
    }
    let quoted = |name: &&String| {
        ['\'', '"', '`']
            .iter()
            .any(|quote| failing.text.contains(&format!("{quote}{name}{quote}")))
            || failing.text.contains(&format!("{name}: command not found"))
            || failing.text.contains(&format!("{name}: not found"))
            || ["is not installed", "not installed", "not found"]
                .iter()
                .any(|absent| holds_word(&failing.text, &format!("{name} {absent}")))
    };
    let name = elsewhere
        .iter()
        .filter(|name| !there.contains(*name))
        .find(quoted)?;
    Some(format!(
        "the {} lacks the program {name}, which the {} has",
        failing.fails, failing.passes
    ))
}

/// The C library is older or another one.
pub(super) fn c_library(failing: &Failing<'_>) -> Option<String> {
    if !failing.speaks_of(&["glibc", "musl", "version `glibcxx", "ld-linux"]) {
        return None;
    }
    let of = |facts: &JobFacts| facts.python.as_ref().map(|_| facts.libc.clone());
    let (there, elsewhere) = failing.differ(of)?;
    let words = |libc: Option<String>| libc.unwrap_or_else(|| "not glibc".to_owned());
    Some(format!(
        "the C library is {} in the {} and {} in the {}",
        words(there),
        failing.fails,
        words(elsewhere),
        failing.passes
    ))
}

/// A package that the traceback passes through has another version.
pub(super) fn package_version(failing: &Failing<'_>) -> Option<String> {
    let (there, elsewhere) = (
        failing.there.packages.as_ref()?,
        failing.elsewhere.packages.as_ref()?,
    );
    let differing = there.iter().filter_map(|(name, version)| {
        let other = elsewhere.get(name)?;
        (version != other).then_some((name, version, other))
    });
    // pytest's own is in many a traceback, and rarely to blame.
    let tools = [
        "pip",
        "setuptools",
        "wheel",
        "pytest",
        "pluggy",
        "iniconfig",
    ];
    let mut named = differing.filter(|(name, _, _)| {
        !tools.contains(&name.as_str())
            && (failing.text.contains(&format!("site-packages/{name}/"))
                || failing.text.contains(&format!("dist-packages/{name}/"))
                || holds_word(&failing.lower, name))
    });
    let (name, version, other) = named.next()?;
    Some(format!(
        "{name} is {version} in the {} and {other} in the {}",
        failing.fails, failing.passes
    ))
}

/// Python has another version, which may explain anything.
pub(super) fn python_version(failing: &Failing<'_>) -> Option<String> {
    let minor = |version: &str| {
        let parts: Vec<&str> = version.split('.').take(2).collect();
        parts.join(".")
    };
    let of = |facts: &JobFacts| {
        let python = facts.python.as_ref()?;
        Some((minor(&python.version), python.implementation.clone()))
    };
    failing.differ(of)?;
    let version = |facts: &JobFacts| {
        let python = facts.python.as_ref();
        python
            .map(|python| python.version.clone())
            .unwrap_or_default()
    };
    Some(format!(
        "Python is {} in the {} and {} in the {}",
        version(failing.there),
        failing.fails,
        version(failing.elsewhere),
        failing.passes
    ))
}
