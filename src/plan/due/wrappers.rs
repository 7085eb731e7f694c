//! What may stand before a program: `env X=1`, `xvfb-run -a`, `uv run`, …

use crate::plan::script::base_name;

/// Wrappers around each other; more are hostile.
const MAX_WRAPPERS: usize = 16;

/// A program that runs the program in its arguments.
struct Wrapper {
    name: &'static str,
    /// One of these words must follow (`run` of `uv run`); empty: none.
    subcommands: &'static [&'static str],
    /// Its options that take the next word as their value.
    valued: &'static [&'static str],
    /// Words before the program (the duration of `timeout`).
    words: usize,
}

const fn plain(name: &'static str, valued: &'static [&'static str], words: usize) -> Wrapper {
    Wrapper {
        name,
        subcommands: &[],
        valued,
        words,
    }
}

const fn runner(name: &'static str, valued: &'static [&'static str]) -> Wrapper {
    Wrapper {
        name,
        subcommands: &["run"],
        valued,
        words: 0,
    }
}

const UV: &[&str] = &[
    "-p",
    "--python",
    "--extra",
    "--no-extra",
    "--group",
    "--no-group",
    "--only-group",
    "--with",
    "-w",
    "--with-editable",
    "--with-requirements",
    "--package",
    "--env-file",
    "--project",
    "--directory",
    "--index",
    "--index-url",
    "-i",
    "--extra-index-url",
    "--from",
    "--cache-dir",
    "--resolution",
    "--prerelease",
    "--config-file",
    "--color",
    "--python-preference",
];

const CONDA: &[&str] = &["-n", "--name", "-p", "--prefix", "--cwd"];

const WRAPPERS: &[Wrapper] = &[
    plain("env", &["-u", "--unset", "-C", "--chdir"], 0),
    plain("exec", &["-a"], 0),
    plain("command", &[], 0),
    plain("nohup", &[], 0),
    plain("unbuffer", &[], 0),
    plain("catchsegv", &[], 0),
    plain("time", &["-f", "-o", "--format", "--output"], 0),
    plain("nice", &["-n", "--adjustment"], 0),
    plain("stdbuf", &["-i", "-o", "-e"], 0),
    plain("sudo", &["-u", "--user", "-g", "--group"], 0),
    plain("timeout", &["-k", "--kill-after", "-s", "--signal"], 1),
    plain(
        "xvfb-run",
        &[
            "-s",
            "--server-args",
            "-n",
            "--server-num",
            "-e",
            "--error-file",
            "-f",
            "-p",
            "-w",
        ],
        0,
    ),
    plain("dbus-run-session", &["--config-file"], 0),
    plain("mpirun", &["-n", "-np"], 0),
    plain("mpiexec", &["-n", "-np"], 0),
    plain("uvx", UV, 0),
    Wrapper {
        name: "uv",
        subcommands: &["run", "tool"],
        valued: UV,
        words: 0,
    },
    runner("poetry", &["-C", "--directory", "-P", "--project"]),
    runner("pdm", &["-p", "--project", "-V", "--venv"]),
    runner("pipenv", &[]),
    runner("rye", &[]),
    runner("hatch", &["-e", "--env", "-p", "--project"]),
    runner("pixi", &["-e", "--environment", "--manifest-path"]),
    runner("conda", CONDA),
    runner("mamba", CONDA),
    runner("micromamba", CONDA),
    runner("dotenv", &["-f", "--file"]),
];

/// The command inside its wrappers, and whether one of them moves it to
/// another directory.
pub(super) fn unwrapped(words: &[String]) -> (&[String], bool) {
    let mut rest = words;
    let mut moved = false;
    for _ in 0..MAX_WRAPPERS {
        let Some(inner) = inner_command(rest, &mut moved) else {
            break;
        };
        rest = inner;
    }
    (rest, moved)
}

fn inner_command<'a>(words: &'a [String], moved: &mut bool) -> Option<&'a [String]> {
    let (program, rest) = words.split_first()?;
    let name = base_name(program);
    let wrapper = WRAPPERS.iter().find(|wrapper| wrapper.name == name)?;
    let mut rest = wrapper.past_options(rest, moved);
    if !wrapper.subcommands.is_empty() {
        let (subcommand, after) = rest.split_first()?;
        if !wrapper.subcommands.contains(&subcommand.as_str()) {
            return None;
        }
        rest = match subcommand.as_str() {
            "tool" => after.split_first().filter(|(word, _)| *word == "run")?.1,
            _ => after,
        };
        rest = wrapper.past_options(rest, moved);
    }
    rest.get(wrapper.words..).filter(|rest| !rest.is_empty())
}

impl Wrapper {
    /// Past options, their values and `NAME=value`. `-m` stays: `uv run -m`
    /// runs a module.
    fn past_options<'a>(&self, words: &'a [String], moved: &mut bool) -> &'a [String] {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            let assignment =
                matches!(self.name, "env" | "sudo") && word.contains('=') && !word.starts_with('-');
            let variant = self.name == "hatch" && word.starts_with('+');
            if word == "--" {
                return after;
            }
            if !assignment && !variant && (!word.starts_with('-') || is_module_option(word)) {
                break;
            }
            let option = word.split('=').next().unwrap_or(word);
            *moved |= matches!(option, "--directory" | "--chdir" | "--cwd")
                || (matches!(option, "-C") && matches!(self.name, "env" | "poetry"));
            rest = match self.valued.contains(&word.as_str()) {
                true => after.get(1..).unwrap_or_default(),
                false => after,
            };
        }
        rest
    }
}

/// Whether the word is the `-m` that makes Python run a module.
pub(super) fn is_module_option(word: &str) -> bool {
    word == "-m" || word == "--module"
}
