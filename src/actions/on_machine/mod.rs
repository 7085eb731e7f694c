//! Pythons of this machine, for jobs that run on it: found where runners and people have
//! them, and used through a virtual environment of the job's own.

use std::path::PathBuf;

use super::script::quoted;
use super::{Call, Done};
use crate::engine::NewFile;
use crate::plan::{PythonSpec, Version};

/// Lists the Pythons of this machine.
const LIST: &str = include_str!("list.sh");
/// Makes an environment.
const ENVIRONMENT: &str = include_str!("environment.py");
/// Stands for Python until there is an environment.
const FIRST: &str = include_str!("first.sh");
/// Below the folder for tools: what stands for Python, and what it makes.
const STANDING: &str = "first";
const MADE: &str = "python";

/// A Python of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    pypy: bool,
    /// Without a global interpreter lock.
    free: bool,
    version: Version,
    /// As Python writes it.
    text: String,
    path: String,
}

/// A Python that a job uses.
pub(super) struct Ready {
    /// Its version.
    pub(super) version: String,
    /// The folder of its environment.
    pub(super) folder: String,
}

/// Files by which a job that sets up no Python has one of its own. `tools` is its folder
/// for tools.
pub(crate) fn files(tools: &str) -> Vec<NewFile> {
    let file = |name: &str, text: &str| NewFile {
        path: format!("{tools}/{STANDING}/{name}"),
        mode: 0o755,
        bytes: text.as_bytes().to_vec(),
        root: false,
    };
    let mut files = vec![file("environment.py", ENVIRONMENT)];
    files.extend(["python", "python3", "pip", "pip3"].map(|name| file(name, FIRST)));
    files
}

/// Folders for the end of such a job's own `PATH`, the foremost first.
pub(crate) fn folders(tools: &str) -> [String; 2] {
    [format!("{tools}/{MADE}/bin"), format!("{tools}/{STANDING}")]
}

/// Gives the job the Pythons that are asked for, the last one foremost. Where this machine
/// has not the version, the nearest is taken, and that is told.
pub(super) async fn provide(
    call: &Call<'_>,
    specs: &[PythonSpec],
    done: &mut Done,
) -> Result<Ready, Done> {
    let tools = format!("{}/tools", call.host.control());
    let places: Vec<String> = call
        .pythons
        .iter()
        .map(|place: &PathBuf| quoted(&place.display().to_string()))
        .collect();
    let script = format!("set -- {} {}\n{LIST}", quoted(&tools), places.join(" "));
    let said = call.script(script).await?;
    let found: Vec<Found> = said.all("python").filter_map(read).collect();
    let mut chosen: Vec<&Found> = Vec::new();
    let any = [PythonSpec::parse("x")];
    for spec in if specs.is_empty() { &any } else { specs } {
        let best = best(&found, spec);
        let Some(one) = best.or_else(|| nearest(&found, spec)) else {
            return Err(Done::failed(format!(
                "Python {} is asked for, and this machine has none; install one, or run the job in a container",
                spec.text()
            )));
        };
        if best.is_none() {
            done.notices.push(format!(
                "the workflow asks for Python {}, which this machine does not have: Python {} is used in its place ({})",
                spec.text(),
                one.text,
                one.path
            ));
        }
        chosen.push(one);
    }
    let Some(last) = chosen.pop() else {
        return Err(Done::failed("no Python is asked for"));
    };
    others(call, &tools, &chosen, done).await?;
    let folder = format!("{tools}/python-{}", last.text);
    let made = format!(
        "[ -x '{folder}/bin/pip' ] || {} {} '{folder}'\n",
        quoted(&last.path),
        quoted(&format!("{tools}/{STANDING}/environment.py")),
    );
    if !call.script(made).await?.good() {
        return Err(Done::failed(format!(
            "{} cannot make a virtual environment; its packages `venv` and `pip` may be missing",
            last.path
        )));
    }
    call.say(&format!(
        "Python {} of this machine ({}), in an environment of the job's own",
        last.text, last.path
    ));
    Ok(Ready {
        version: last.text.clone(),
        folder,
    })
}

/// Makes further Pythons known by their names, `python3.10`, as tox and nox look for them.
async fn others(
    call: &Call<'_>,
    tools: &str,
    others: &[&Found],
    done: &mut Done,
) -> Result<(), Done> {
    if others.is_empty() {
        return Ok(());
    }
    let folder = format!("{tools}/pythons");
    let mut script = format!("mkdir -p '{folder}'\n");
    for one in others {
        let [major, minor, _] = one.version.numbers();
        let name = if one.pypy { "pypy" } else { "python" };
        script.push_str(&format!(
            "ln -sf {} '{folder}/{name}{major}.{minor}'\n",
            quoted(&one.path)
        ));
    }
    if !call.script(script).await?.good() {
        return Err(Done::failed("the Pythons could not be put on `PATH`"));
    }
    done.path.push(folder);
    Ok(())
}

/// Reads a line of the list.
fn read(line: &str) -> Option<Found> {
    let mut words = line.splitn(4, ' ');
    let (kind, text, lock) = (words.next()?, words.next()?, words.next()?);
    Some(Found {
        pypy: kind == "pypy",
        free: lock == "free",
        version: Version::parse(text)?,
        text: text.to_owned(),
        path: words.next()?.to_owned(),
    })
}

/// The newest that is asked for; of the same version, the first.
fn best<'f>(found: &'f [Found], spec: &PythonSpec) -> Option<&'f Found> {
    let fits = |one: &&Found| {
        let pypy = matches!(spec, PythonSpec::PyPy { .. });
        one.pypy == pypy && one.free == spec.is_freethreaded() && spec.accepts(&one.text)
    };
    let mut best: Option<&Found> = None;
    for one in found.iter().filter(fits) {
        if best.is_none_or(|best| one.version > best.version) {
            best = Some(one);
        }
    }
    best
}

/// The one whose minor version is nearest to what is asked for, and of two the newer; the
/// machine's own where no number is asked for.
fn nearest<'f>(found: &'f [Found], spec: &PythonSpec) -> Option<&'f Found> {
    let usable = || found.iter().filter(|one| !one.pypy && !one.free);
    let Some(wanted) = minor_of(&spec.text()) else {
        return usable().next();
    };
    usable().min_by_key(|one| {
        let [_, minor, patch] = one.version.numbers();
        (
            minor.abs_diff(wanted),
            std::cmp::Reverse(minor),
            std::cmp::Reverse(patch),
        )
    })
}

/// The minor version behind the first `3.` of what is asked for.
fn minor_of(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("3.")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn machine() -> Vec<Found> {
        [
            "cpython 3.11.7 locked /usr/bin/python3",
            "cpython 3.8.18 locked /pyenv/3.8/python3",
            "cpython 3.11.9 locked /pyenv/3.11/python3",
            "cpython 3.13.1 locked /with blanks/python3",
            "cpython 3.13.2 free /pyenv/3.13t/python3",
            "pypy 3.10.14 locked /pypy/bin/pypy3",
        ]
        .iter()
        .map(|line| read(line).unwrap())
        .collect()
    }

    #[test]
    fn the_newest_that_fits_is_taken_and_else_the_nearest() {
        let found = machine();
        for (asked, path, exact) in [
            ("3.11", "/pyenv/3.11/python3", true),
            ("3.11.7", "/usr/bin/python3", true),
            ("3.x", "/with blanks/python3", true),
            (">=3.8 <3.11", "/pyenv/3.8/python3", true),
            ("3.13t", "/pyenv/3.13t/python3", true),
            ("pypy3.10", "/pypy/bin/pypy3", true),
            ("3.12", "/with blanks/python3", false),
            ("3.10", "/pyenv/3.11/python3", false),
            ("3.14-dev", "/with blanks/python3", false),
            ("3.6", "/pyenv/3.8/python3", false),
            ("pypy3.9", "/pyenv/3.8/python3", false),
            ("graalpy", "/usr/bin/python3", false),
        ] {
            let spec = PythonSpec::parse(asked);
            let fits = best(&found, &spec);
            assert_eq!(fits.is_some(), exact, "{asked}");
            let one = fits.or_else(|| nearest(&found, &spec)).unwrap();
            assert_eq!(one.path, path, "{asked}");
        }
        assert_eq!(nearest(&[], &PythonSpec::parse("3.11")), None);
        assert_eq!(read("cpython 3.11.7"), None);
    }
}
