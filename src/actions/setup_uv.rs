//! `astral-sh/setup-uv`.

use super::cache::{self, Wanted};
use super::script::quoted;
use super::{Call, Done, hash_files, setup_python, tool};
use crate::plan::python_of_file;

pub(super) async fn run(call: &Call<'_>) -> Done {
    match set_up(call).await {
        Ok(done) | Err(done) => done,
    }
}

async fn set_up(call: &Call<'_>) -> Result<Done, Done> {
    let mut done = Done::default();
    let folder = match call.input("working-directory") {
        "" => call.workspace.to_owned(),
        folder => call.place(folder),
    };
    let asked = match call.input_of(&["version", "uv-version"]) {
        "" => required_version(call, &folder).await?,
        version => version.to_owned(),
    };
    let ready = tool::ensure(call, "uv", &asked, &mut done).await?;
    done.output("uv-version", ready.version.as_str());
    done.output("uv-path", ready.path.as_str());
    let uvx = match ready.path.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/uvx"),
        None => "uvx".to_owned(),
    };
    done.output("uvx-path", uvx);
    if call.plain_base || call.facts.is_none() {
        wrap(call, &ready.path, &mut done).await?;
    }
    let python = call.input("python-version");
    if !python.is_empty() {
        done.env.push(("UV_PYTHON".to_owned(), python.to_owned()));
        done.output("python-version", python);
    }
    for (input, variable) in [
        ("tool-dir", "UV_TOOL_DIR"),
        ("tool-bin-dir", "UV_TOOL_BIN_DIR"),
    ] {
        let folder = call.input(input);
        if !folder.is_empty() {
            done.env.push((variable.to_owned(), call.place(folder)));
        }
    }
    let bin = match call.input("tool-bin-dir") {
        "" => format!("{}/.local/bin", call.user.home),
        folder => call.place(folder),
    };
    done.path.push(bin);
    if call.flag("activate-environment") {
        activate(call, &ready.path, &folder, python, &mut done).await?;
    }
    restore_cache(call, &folder, python, &mut done)
        .await
        .map_err(Done::failed)?;
    Ok(done)
}

/// `required-version` of the project, as setup-uv reads it from `uv.toml` and
/// `pyproject.toml`.
async fn required_version(call: &Call<'_>, folder: &str) -> Result<String, Done> {
    let named = call.input("version-file");
    let files = if named.is_empty() {
        vec![
            format!("{folder}/uv.toml"),
            format!("{folder}/pyproject.toml"),
        ]
    } else {
        vec![named.to_owned()]
    };
    for file in files {
        let Some(text) = call.read(&file).await? else {
            continue;
        };
        if file.ends_with(".tool-versions") {
            let found = text.lines().find_map(|line| line.strip_prefix("uv "));
            return Ok(found.unwrap_or_default().trim().to_owned());
        }
        let Ok(document) = text.parse::<toml::Table>() else {
            continue;
        };
        let table = if file.ends_with("uv.toml") {
            Some(&document)
        } else {
            document
                .get("tool")
                .and_then(|tool| tool.get("uv"))
                .and_then(toml::Value::as_table)
        };
        if let Some(version) = table
            .and_then(|table| table.get("required-version"))
            .and_then(toml::Value::as_str)
        {
            return Ok(version.trim_start_matches("==").to_owned());
        }
    }
    Ok(String::new())
}

/// In a plain base image, `uv pip --system` must not aim at the image's own Python,
/// which the job's user cannot write to, nor here at this machine's, but at the one that setup-python gives the
/// job. uv takes a virtual environment for the system's only when it is named.
async fn wrap(call: &Call<'_>, uv: &str, done: &mut Done) -> Result<(), Done> {
    let python = setup_python::environment(call, done).await?;
    let folder = format!("{}/tools/uv-system", call.host.control());
    let text = format!(
        "#!/bin/sh\n\
         system=$UV_SYSTEM_PYTHON\n\
         case \" $* \" in *' --system '*) system=1 ;; esac\n\
         case \" $* \" in *' --python '* | *' -p '*) system= ;; esac\n\
         case \"$1 $system\" in\n\
         'pip '?*) [ \"$system\" = 0 ] || [ \"$system\" = false ] || export UV_PYTHON={python}/bin/python ;;\n\
         esac\n\
         exec {uv} \"$@\"\n"
    );
    let script = format!(
        "mkdir -p '{folder}'\nprintf '%s' {} >'{folder}/uv'\nchmod 755 '{folder}/uv'\n",
        quoted(&text)
    );
    if !call.script(script).await?.good() {
        return Err(Done::failed("uv cannot be made ready for the job's user"));
    }
    done.path.push(folder);
    Ok(())
}

/// `activate-environment`: a virtual environment for all later steps.
async fn activate(
    call: &Call<'_>,
    uv: &str,
    folder: &str,
    python: &str,
    done: &mut Done,
) -> Result<(), Done> {
    let venv = match call.input("venv-path") {
        "" => format!("{folder}/.venv"),
        path => call.place(path),
    };
    let mut script = format!("cd {}\n{uv} venv {}", quoted(folder), quoted(&venv));
    if !python.is_empty() {
        script.push_str(&format!(" --python {}", quoted(python)));
    }
    script.push('\n');
    if !call.script(script).await?.good() {
        return Err(Done::failed(
            "`uv venv` failed: the image has no Python that will do",
        ));
    }
    done.env.push(("VIRTUAL_ENV".to_owned(), venv.clone()));
    done.path.push(format!("{venv}/bin"));
    done.output("venv", venv);
    Ok(())
}

/// `enable-cache`: what uv downloaded, kept from run to run. `auto` means off here:
/// on GitHub it is on only for GitHub's own runners.
async fn restore_cache(
    call: &Call<'_>,
    folder: &str,
    python: &str,
    done: &mut Done,
) -> Result<(), String> {
    if !call.flag("enable-cache") {
        done.output("cache-hit", "false");
        return Ok(());
    }
    let own = call.input("cache-local-path");
    let path = match own {
        "" => format!("{}/setup-uv-cache", call.temp),
        path => call.place(path),
    };
    done.env.push(("UV_CACHE_DIR".to_owned(), path.clone()));
    let tree = (call.tree)()?;
    let below = folder
        .strip_prefix(call.workspace)
        .unwrap_or_default()
        .trim_matches('/');
    let globs = match call.input("cache-dependency-path") {
        "" => call.input("cache-dependency-glob"),
        path => path,
    };
    let globs: Vec<String> = globs
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            if below.is_empty() {
                line.to_owned()
            } else {
                format!("{below}/{line}")
            }
        })
        .collect();
    let mut hash = hash_files(&tree, call.workspace, &globs)?;
    if hash.is_empty() {
        hash.push_str("no-files");
    }
    let python = if python.is_empty() {
        match call.variable("UV_PYTHON") {
            Some(named) => named.to_owned(),
            None => std::fs::read_to_string(call.root.join(".python-version"))
                .ok()
                .and_then(|text| python_of_file(".python-version", &text))
                .or_else(|| call.facts.and_then(|facts| facts.python.clone()))
                .unwrap_or_default(),
        }
    } else {
        python.to_owned()
    };
    let mut key = format!("setup-uv-1-linux-{python}-{hash}");
    let suffix = call.input("cache-suffix");
    if !suffix.is_empty() {
        key.push_str(&format!("-{suffix}"));
    }
    let key = key.replace([',', '\n'], "_");
    done.output("cache-key", key.as_str());
    let wanted = Wanted {
        path: &path,
        key: &key,
        restore_keys: Vec::new(),
    };
    let lookup = !call.flag("restore-cache");
    let (hit, post) = cache::restore(call, &wanted, lookup, &mut done.notices).await?;
    done.output("cache-hit", (hit.is_some() && !lookup).to_string());
    if call.flag("save-cache") {
        done.post = post;
    }
    Ok(())
}
