//! `actions/setup-python`: the image decides which Python there is; this checks
//! that it is the one that was asked for.
//!
//! In a plain base image the job's user gets a virtual environment that sees the
//! image's packages, first on `PATH`: as on GitHub's runner, `pip install` then
//! needs no rights and its commands are found.

use super::cache::{self, Wanted};
use super::script::quoted;
use super::{Call, Done, hash_files, on_machine};
use crate::plan::{PythonSpec, python_of_file, python_specs};

pub(super) async fn run(call: &Call<'_>) -> Done {
    let asked = match asked(call).await {
        Ok(asked) => asked,
        Err(done) => return done,
    };
    let mut done = Done::default();
    let (version, python) = match provide(call, &asked, &mut done).await {
        Ok(found) => found,
        Err(done) => return done,
    };
    done.output("python-version", version.as_str());
    done.output("python-path", python.as_str());
    if let Err(message) = restore_cache(call, &version, &mut done).await {
        return Done::failed(message);
    }
    let packages = call.input("pip-install");
    if !packages.is_empty() {
        // Words of a command line, as the action hands them to pip.
        match call
            .script(format!("{} -m pip install {packages}\n", quoted(&python)))
            .await
        {
            Ok(said) if said.good() => {}
            Ok(_) => return Done::failed(format!("`pip install {packages}` failed")),
            Err(done) => return done,
        }
    }
    if !call.flag("update-environment") {
        done.env.clear();
        done.path.clear();
    }
    done
}

/// What is asked for, in the form of `python-version`; empty for any.
async fn asked(call: &Call<'_>) -> Result<String, Done> {
    let version = call.input("python-version");
    let file = call.input("python-version-file");
    if !version.is_empty() {
        if !file.is_empty() {
            call.say(
                "Both 'python-version' and 'python-version-file' inputs are specified, only 'python-version' will be used.",
            );
        }
        return Ok(version.to_owned());
    }
    let name = if file.is_empty() {
        ".python-version"
    } else {
        file
    };
    match call.read(name).await? {
        Some(text) => Ok(python_of_file(name, &text).unwrap_or_default()),
        None if file.is_empty() => Ok(String::new()),
        None => Err(Done::failed(format!(
            "The specified python version file at: {file} doesn't exist."
        ))),
    }
}

/// Finds the job's Python and prepares it: its version and path.
async fn provide(call: &Call<'_>, asked: &str, done: &mut Done) -> Result<(String, String), Done> {
    let specs = python_specs(asked);
    let Some(facts) = call.facts else {
        let ready = on_machine::provide(call, &specs, done).await?;
        adopt(done, &ready.folder);
        return Ok((ready.version, format!("{}/bin/python", ready.folder)));
    };
    let Some(found) = facts.python.clone() else {
        return Err(Done::failed(format!(
            "the image has no Python, and {} is asked for; name an image that has with `--image`, or install it in Dockerfile.test",
            if asked.is_empty() { "one" } else { asked }
        )));
    };
    check(call, &specs, &found, done);
    if call.plain_base {
        let folder = environment(call, done).await?;
        return Ok((found, format!("{folder}/bin/python")));
    }
    let python = facts
        .commands
        .get("python")
        .or_else(|| facts.commands.get("python3"))
        .cloned()
        .unwrap_or_default();
    Ok((found, python))
}

/// Compares what is there with what is asked for: the last line is the job's
/// Python, the others are to be there too.
fn check(call: &Call<'_>, specs: &[PythonSpec], found: &str, done: &mut Done) {
    let missing: Vec<String> = specs
        .iter()
        .filter(|spec| !spec.accepts(found))
        .map(PythonSpec::text)
        .collect();
    if specs.last().is_none_or(|spec| spec.accepts(found)) {
        call.say(&format!("Python {found} is provided by the image"));
        if !missing.is_empty() {
            done.notices.push(format!(
                "setup-python asks for several Pythons; the image has {found} and not {}",
                missing.join(", ")
            ));
        }
    } else {
        done.notices.push(format!(
            "the workflow asks for Python {}, the image has {found}",
            missing.join(", ")
        ));
    }
    let free = specs.last().is_some_and(PythonSpec::is_freethreaded) || call.flag("freethreaded");
    if free {
        done.notices.push(
            "the free-threaded build is asked for; whether the image's Python is one is not checked"
                .to_owned(),
        );
    }
}

/// Makes the job's own Python environment in a plain base image or on this machine, once,
/// and puts it first on `PATH`: its folder.
pub(super) async fn environment(call: &Call<'_>, done: &mut Done) -> Result<String, Done> {
    if call.facts.is_none() {
        if let Some(own) = call.variable("pythonLocation") {
            return Ok(own.to_owned());
        }
        let ready = on_machine::provide(call, &[], done).await?;
        adopt(done, &ready.folder);
        return Ok(ready.folder);
    }
    let folder = format!("{}/tools/python", call.host.control());
    if call.variable("pythonLocation") == Some(&folder) {
        return Ok(folder);
    }
    let script = format!(
        "python=$(command -v python || command -v python3)\n\
         \"$python\" -m venv --system-site-packages --without-pip '{folder}'\n\
         for name in pip pip3; do\n\
         printf '#!%s\\nimport sys\\nfrom pip._internal.cli.main import main\\nsys.exit(main())\\n' '{folder}/bin/python' >'{folder}/bin/'$name\n\
         chmod 755 '{folder}/bin/'$name\n\
         done\n"
    );
    if !call.script(script).await?.good() {
        return Err(Done::failed(
            "the image's Python cannot make a virtual environment",
        ));
    }
    adopt(done, &folder);
    Ok(folder)
}

/// Lets later steps use a Python, under the names that setup-python sets.
fn adopt(done: &mut Done, folder: &str) {
    done.path.push(format!("{folder}/bin"));
    for name in [
        "pythonLocation",
        "Python_ROOT_DIR",
        "Python2_ROOT_DIR",
        "Python3_ROOT_DIR",
    ] {
        done.env.push((name.to_owned(), folder.to_owned()));
    }
}

/// The input `cache`: what the package manager downloaded, kept from run to run.
async fn restore_cache(call: &Call<'_>, version: &str, done: &mut Done) -> Result<(), String> {
    let manager = call.input("cache");
    let (path, lock) = match manager {
        "" => return Ok(()),
        "pip" => ("~/.cache/pip", "**/requirements.txt"),
        "pipenv" => ("~/.local/share/virtualenvs", "**/Pipfile.lock"),
        "poetry" => ("~/.cache/pypoetry", "**/poetry.lock"),
        other => return Err(format!("Caching for '{other}' is not supported")),
    };
    let path = match (manager, call.variable("PIP_CACHE_DIR")) {
        ("pip", Some(own)) => own,
        _ => path,
    };
    let given = call.input("cache-dependency-path");
    let tree = (call.tree)()?;
    let hash_of = |patterns: &str| hash_files(&tree, call.workspace, &[patterns.to_owned()]);
    let mut hash = hash_of(if given.is_empty() { lock } else { given })?;
    if hash.is_empty() && manager == "pip" && given.is_empty() {
        hash = hash_of("**/pyproject.toml")?;
    }
    if hash.is_empty() {
        let looked = match (given, manager) {
            ("", "pip") => format!("{lock} or **/pyproject.toml"),
            ("", _) => lock.to_owned(),
            (given, _) => given.to_owned(),
        };
        return Err(format!(
            "No file in {} matched to [{looked}], make sure you have checked out the target repository",
            call.workspace
        ));
    }
    let prefix = format!("setup-python-Linux-python-{version}-{manager}");
    let key = format!("{prefix}-{hash}");
    let wanted = Wanted {
        path,
        key: &key,
        restore_keys: if manager == "pip" {
            vec![&prefix]
        } else {
            Vec::new()
        },
    };
    let (hit, post) = cache::restore(call, &wanted, false, &mut done.notices).await?;
    done.output(
        "cache-hit",
        (hit.as_deref() == Some(key.as_str())).to_string(),
    );
    done.post = post;
    Ok(())
}
