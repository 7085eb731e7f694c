//! Tools that the image may have, and that can be had from PyPI where it has not.

use super::script::quoted;
use super::{Call, Done};
use crate::plan::{Range, Version};

/// A tool.
pub(super) struct Tool {
    /// Its command.
    pub(super) command: &'static str,
    /// Further commands that come with it.
    pub(super) also: &'static [&'static str],
    /// The distribution on PyPI that has it; empty for none.
    pub(super) package: &'static str,
}

/// The tools that can be had, by the name of their command.
const TOOLS: [Tool; 13] = [
    tool("uv", &["uvx"], "uv"),
    tool("poetry", &[], "poetry"),
    tool("pdm", &[], "pdm"),
    tool("hatch", &[], "hatch"),
    tool("nox", &[], "nox"),
    tool("tox", &[], "tox"),
    tool("pre-commit", &[], "pre-commit"),
    tool("ruff", &[], "ruff"),
    tool("just", &[], "rust-just"),
    tool("maturin", &[], "maturin"),
    tool("zizmor", &[], "zizmor"),
    tool("codespell", &[], "codespell"),
    tool("typos", &[], "typos"),
];

const fn tool(command: &'static str, also: &'static [&'static str], package: &'static str) -> Tool {
    Tool {
        command,
        also,
        package,
    }
}

/// A tool that is there.
pub(super) struct Ready {
    /// Its version, as far as it tells one.
    pub(super) version: String,
    /// Where it lies.
    pub(super) path: String,
}

/// The tool of a command, where it is known.
pub(super) fn known(command: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.command == command)
}

/// Makes sure that a tool is there in the version that is asked for: the image's
/// where it fits, else one from PyPI in an environment of its own. Its commands
/// come on `PATH` for later steps.
///
/// # Errors
/// The end of the step: it is not there and cannot be had, with the way out.
pub(super) async fn ensure(
    call: &Call<'_>,
    command: &str,
    asked: &str,
    done: &mut Done,
) -> Result<Ready, Done> {
    let there = look(call, command).await?;
    let asked = asked.trim().trim_start_matches('v');
    let any = asked.is_empty() || asked.eq_ignore_ascii_case("latest");
    if let Some(ready) = there.as_ref()
        && (any || fits(asked, &ready.version))
    {
        call.say(&format!(
            "{command} {} is there: {}",
            ready.version, ready.path
        ));
        return Ok(Ready {
            version: ready.version.clone(),
            path: ready.path.clone(),
        });
    }
    let package = known(command).map_or("", |tool| tool.package);
    if package.is_empty() {
        return Err(missing(
            command,
            asked,
            there.as_ref(),
            "install it in the image",
        ));
    }
    let requirement = requirement(package, asked);
    let also = known(command).map_or(&[][..], |tool| tool.also);
    let folder = format!("{}/tools/{command}", call.host.control());
    let mut script = format!(
        "python=$(command -v python3 || command -v python) || exit 3\n\
         rm -rf '{folder}'\n\
         if \"$python\" -m venv --without-pip '{folder}' && \"$python\" -m pip --python '{folder}/bin/python' --version >/dev/null 2>&1; then\n\
         set -- \"$python\" -m pip --python '{folder}/bin/python'\n\
         else\n\
         \"$python\" -m venv --clear '{folder}'\n\
         set -- '{folder}/bin/python' -m pip\n\
         fi\n\
         \"$@\" install --quiet --disable-pip-version-check {}\n\
         mkdir -p '{folder}/commands'\n",
        quoted(&requirement)
    );
    for name in [command].iter().chain(also) {
        script.push_str(&format!(
            "[ ! -e '{folder}/bin/{name}' ] || ln -s '../bin/{name}' '{folder}/commands/{name}'\n"
        ));
    }
    if !call.script(script).await?.good() {
        return Err(missing(
            command,
            asked,
            there.as_ref(),
            &format!(
                "install it in the image, in Dockerfile.test: `RUN pip install {requirement}`"
            ),
        ));
    }
    let commands = format!("{folder}/commands");
    done.path.push(commands.clone());
    let path = format!("{commands}/{command}");
    match look(call, &path).await? {
        Some(ready) => {
            call.say(&format!(
                "{command} {} was installed from PyPI for this job",
                ready.version
            ));
            Ok(ready)
        }
        None => Err(Done::failed(format!(
            "`{requirement}` was installed and has no command `{command}`"
        ))),
    }
}

fn missing(command: &str, asked: &str, there: Option<&Ready>, way_out: &str) -> Done {
    let version = if asked.is_empty() {
        String::new()
    } else {
        format!(" {asked}")
    };
    let what = match there {
        Some(ready) => format!(
            "the job has {command} {} and not{version}, which cannot be installed",
            ready.version
        ),
        None => format!("the job has no `{command}`, and{version} cannot be installed"),
    };
    Done::failed(format!("{what}: {way_out}"))
}

/// Looks for a command: its path, and the first thing in what `--version` prints
/// that looks like a version.
pub(super) async fn look(call: &Call<'_>, command: &str) -> Result<Option<Ready>, Done> {
    let name = quoted(command);
    let said = call
        .script(format!(
            "found=$(command -v {name}) || exit 3\n\
             echo \"path=$found\" >>\"$SEATRIAL_ANSWERS\"\n\
             said=$({name} --version 2>&1 || {name} version 2>&1 || {name} -version 2>&1 || true)\n\
             echo \"said=$(printf '%s' \"$said\" | head -n 3 | tr '\\n' ' ')\" >>\"$SEATRIAL_ANSWERS\"\n"
        ))
        .await?;
    Ok(said.good().then(|| Ready {
        version: version_in(said.answer("said")),
        path: said.answer("path").to_owned(),
    }))
}

/// The first version in a text.
pub(super) fn version_in(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || "()\",;".contains(c))
        .map(|word| {
            let start = word
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(word.len());
            word.get(start..).unwrap_or_default()
        })
        .find(|word| word.contains('.') && Version::parse(word).is_some())
        .unwrap_or_default()
        .to_owned()
}

/// Whether a version satisfies what was asked for: a version, a part of one, or a
/// range.
pub(super) fn fits(asked: &str, found: &str) -> bool {
    asked == found
        || match (
            Range::parse(&asked.replace(',', " ")),
            Version::parse(found),
        ) {
            (Some(range), Some(version)) => range.accepts(&version),
            _ => false,
        }
}

/// What pip is asked for.
fn requirement(package: &str, asked: &str) -> String {
    let asked = asked.trim();
    let plain = |text: &str| {
        text.split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if asked.is_empty() || asked.eq_ignore_ascii_case("latest") || asked == "*" {
        return package.to_owned();
    }
    if let Some(base) = asked
        .strip_suffix(".x")
        .or_else(|| asked.strip_suffix(".*"))
    {
        return format!("{package}=={base}.*");
    }
    if plain(asked) {
        return match asked.matches('.').count() {
            0 | 1 => format!("{package}=={asked}.*"),
            _ => format!("{package}=={asked}"),
        };
    }
    // `^1.2` and `~1.2.3` are what PEP 440 calls compatible releases.
    if let Some(base) = asked.strip_prefix('^').filter(|base| plain(base)) {
        let major = base.split('.').next().unwrap_or("0");
        return format!("{package}>={base},=={major}.*");
    }
    if let Some(base) = asked.strip_prefix('~').filter(|base| plain(base)) {
        let minor: Vec<&str> = base.split('.').take(2).collect();
        return format!("{package}>={base},=={}.*", minor.join("."));
    }
    if asked.starts_with(['<', '>', '=', '!', '~']) {
        let parts: Vec<&str> = asked
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .collect();
        return format!("{package}{}", parts.join(","));
    }
    format!("{package}=={asked}")
}

#[cfg(test)]
mod tests {
    use super::{fits, requirement, version_in};

    #[test]
    fn versions_become_requirements_of_pip() {
        for (asked, found) in [
            ("", "uv"),
            ("latest", "uv"),
            ("0.5.1", "uv==0.5.1"),
            ("0.5", "uv==0.5.*"),
            ("0.5.x", "uv==0.5.*"),
            (">=0.4 <0.6", "uv>=0.4,<0.6"),
            (">=0.4,<0.6", "uv>=0.4,<0.6"),
            ("~=0.4", "uv~=0.4"),
            ("^1.8", "uv>=1.8,==1.*"),
            ("~1.8.2", "uv>=1.8.2,==1.8.*"),
            ("2.0.0rc1", "uv==2.0.0rc1"),
        ] {
            assert_eq!(requirement("uv", asked), found);
        }
    }

    #[test]
    fn tools_tell_their_version_in_many_ways() {
        for (said, version) in [
            ("uv 0.5.0 (abc 2024-11-07)", "0.5.0"),
            ("Poetry (version 1.8.3)", "1.8.3"),
            ("v20.11.1", "20.11.1"),
            ("go version go1.22.1 linux/amd64", "1.22.1"),
            ("openjdk version \"17.0.10\" 2024-01-16", "17.0.10"),
            (
                "ruby 3.2.3 (2024-01-18 revision 52bb2ac0a6) [x86_64-linux]",
                "3.2.3",
            ),
            ("nothing", ""),
        ] {
            assert_eq!(version_in(said), version, "{said}");
        }
        assert!(fits("0.5", "0.5.3") && fits(">=0.4,<0.6", "0.5.3") && !fits("0.6", "0.5.3"));
    }
}
