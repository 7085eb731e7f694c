//! `docker run` and its like in a script: what it gives to a container, and the command that
//! runs there (Docker's documentation, "docker container run"; podman takes the same).

use crate::plan::base_name;

/// A command that runs another in a container.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ContainerCall<'w> {
    /// What it is.
    pub(crate) verb: Verb,
    /// `--rm`.
    pub(crate) removes: bool,
    /// `--detach`.
    pub(crate) detached: bool,
    /// `--name`.
    pub(crate) name: Option<&'w str>,
    /// `--cidfile`.
    pub(crate) id_file: Option<&'w str>,
    /// `--user`.
    pub(crate) user: Option<&'w str>,
    /// `--workdir`.
    pub(crate) workdir: Option<&'w str>,
    /// Whether its memory is limited.
    pub(crate) is_limited: bool,
    /// `--volume` and `--mount`.
    pub(crate) mounts: Vec<Mount>,
    /// `--env NAME=VALUE` and `--build-arg NAME=VALUE`, as written.
    pub(crate) variables: Vec<&'w str>,
    /// The image, or the service of a compose file.
    pub(crate) image: Option<&'w str>,
    /// `--entrypoint`.
    pub(crate) entrypoint: Option<&'w str>,
    /// Whether variables come from a file, `--env-file`.
    pub(crate) has_env_file: bool,
    /// What runs there, or the arguments of the entrypoint.
    pub(crate) command: &'w [String],
}

/// What is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `docker run`, `docker create`.
    #[default]
    Run,
    /// `docker exec`.
    Exec,
    /// `docker build`, `docker buildx build`.
    Build,
    /// `docker compose run`, `docker compose exec`.
    Compose,
}

/// What is mounted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mount {
    /// From where; empty for what has no source.
    pub(crate) source: String,
    /// Where in the container.
    pub(crate) target: String,
    /// Whether it can be read only.
    pub(crate) readonly: bool,
}

/// Options without a value. All others take one.
const FLAGS: [&str; 24] = [
    "--detach",
    "--disable-content-trust",
    "--help",
    "--init",
    "--interactive",
    "--no-healthcheck",
    "--oom-kill-disable",
    "--privileged",
    "--publish-all",
    "--quiet",
    "--read-only",
    "--rm",
    "--sig-proxy",
    "--tty",
    "--no-deps",
    "--service-ports",
    "--use-aliases",
    "--no-TTY",
    "--build",
    "--quiet-pull",
    "--remove-orphans",
    "--no-cache",
    "--pull-always",
    "--load",
];

/// Letters of short options without a value.
const SHORT_FLAGS: &str = "ditPqT";

impl<'w> ContainerCall<'w> {
    /// The call, where the words are one.
    pub(crate) fn of(words: &'w [String]) -> Option<Self> {
        let mut rest = words;
        while let Some((first, behind)) = rest.split_first() {
            let passes = matches!(first.as_str(), "sudo" | "time" | "exec" | "-E" | "command");
            if !passes {
                break;
            }
            rest = behind;
        }
        let (program, behind) = rest.split_first()?;
        let (verb, behind) = match base_name(program) {
            "docker" | "podman" | "nerdctl" => engine(behind)?,
            "docker-compose" | "podman-compose" => compose(behind)?,
            _ => return None,
        };
        let mut call = Self {
            verb,
            ..Self::default()
        };
        let rest = call.options(behind);
        if verb == Verb::Build {
            return Some(call);
        }
        let (image, command) = rest.split_first()?;
        call.image = Some(image);
        call.command = command;
        Some(call)
    }

    /// What runs there: the entrypoint, where one is given, and the command.
    pub(crate) fn runs(&self) -> Vec<String> {
        let entrypoint = self.entrypoint.map(ToOwned::to_owned);
        entrypoint
            .into_iter()
            .filter(|word| !word.is_empty())
            .chain(self.command.iter().cloned())
            .collect()
    }

    /// Reads the options; gives what stands behind them.
    fn options(&mut self, words: &'w [String]) -> &'w [String] {
        let mut rest = words;
        while let Some((word, behind)) = rest.split_first() {
            if word == "--" {
                return behind;
            }
            if !word.starts_with('-') || word == "-" {
                // The options of a build may follow its context.
                if self.verb == Verb::Build {
                    rest = behind;
                    continue;
                }
                return rest;
            }
            rest = behind;
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None if FLAGS.contains(&word.as_str()) => (long, None),
                    None => {
                        rest = behind.get(1..).unwrap_or_default();
                        (long, behind.first().map(String::as_str))
                    }
                };
                self.option(name, value.unwrap_or("true"));
                continue;
            }
            let letters = word.get(1..).unwrap_or("");
            for (at, letter) in letters.char_indices() {
                if SHORT_FLAGS.contains(letter) {
                    if letter == 'd' {
                        self.detached = true;
                    }
                    continue;
                }
                // `-v a:b`, `-va:b`, `-e=A=b`
                let glued = letters.get(at + letter.len_utf8()..).unwrap_or("");
                let value = if glued.is_empty() {
                    rest = behind.get(1..).unwrap_or_default();
                    behind.first().map_or("", String::as_str)
                } else {
                    glued.strip_prefix('=').unwrap_or(glued)
                };
                self.short(letter, value);
                break;
            }
        }
        rest
    }

    fn short(&mut self, letter: char, value: &'w str) {
        let long = match letter {
            'v' => "volume",
            'e' => "env",
            'u' => "user",
            'm' => "memory",
            'w' => "workdir",
            _ => return,
        };
        self.option(long, value);
    }

    fn option(&mut self, name: &str, value: &'w str) {
        match name {
            "rm" => self.removes = value == "true",
            "detach" => self.detached = value == "true",
            "name" => self.name = Some(value),
            "cidfile" => self.id_file = Some(value),
            "user" => self.user = Some(value),
            "workdir" => self.workdir = Some(value),
            "memory" => self.is_limited = true,
            "entrypoint" => self.entrypoint = Some(value),
            "env-file" => self.has_env_file = true,
            "env" | "build-arg" => self.variables.push(value),
            "volume" => self.mounts.push(volume(value)),
            "mount" => self.mounts.push(mount(value)),
            _ => {}
        }
    }
}

/// What of `docker …` is called, and what stands behind it.
fn engine(words: &[String]) -> Option<(Verb, &[String])> {
    let mut rest = words;
    loop {
        let (word, behind) = rest.split_first()?;
        rest = behind;
        match word.as_str() {
            "container" | "image" | "buildx" => {}
            "run" | "create" => return Some((Verb::Run, behind)),
            "exec" => return Some((Verb::Exec, behind)),
            "build" => return Some((Verb::Build, behind)),
            "compose" => return compose(behind),
            // `docker --context x run`
            "--context" | "-c" | "-H" | "--host" | "--log-level" | "-l" => {
                rest = behind.get(1..)?;
            }
            option if option.starts_with('-') => {}
            _ => return None,
        }
    }
}

fn compose(words: &[String]) -> Option<(Verb, &[String])> {
    let mut rest = words;
    loop {
        let (word, behind) = rest.split_first()?;
        rest = behind;
        match word.as_str() {
            "run" | "exec" => return Some((Verb::Compose, behind)),
            "-f"
            | "--file"
            | "-p"
            | "--project-name"
            | "--profile"
            | "--env-file"
            | "--project-directory" => rest = behind.get(1..)?,
            option if option.starts_with('-') => {}
            _ => return None,
        }
    }
}

/// The verb and the words of a compose call: `up -d --wait`.
pub(crate) fn compose_words(words: &[String]) -> Option<&[String]> {
    let at = match words.first().map(|word| base_name(word))? {
        "docker-compose" => 1,
        "docker" if words.get(1).is_some_and(|word| word == "compose") => 2,
        _ => return None,
    };
    let mut rest = words.get(at..)?;
    while let Some((word, behind)) = rest.split_first() {
        rest = match word.as_str() {
            "-f" | "--file" | "-p" | "--project-name" | "--profile" | "--env-file" => {
                behind.get(1..)?
            }
            option if option.starts_with('-') => behind,
            _ => return Some(rest),
        };
    }
    None
}

/// `source:target:ro`; a source that is an expression keeps its colons.
fn volume(text: &str) -> Mount {
    let mut parts: Vec<String> = Vec::new();
    let mut part = String::new();
    let mut open = 0_usize;
    for letter in text.chars() {
        match letter {
            '{' | '(' => open += 1,
            '}' | ')' => open = open.saturating_sub(1),
            ':' if open == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(letter);
    }
    parts.push(part);
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        Some(target) => Mount {
            source: first,
            target,
            readonly: parts
                .next()
                .is_some_and(|options| options.split(',').any(|option| option == "ro")),
        },
        None => Mount {
            target: first,
            ..Mount::default()
        },
    }
}

/// `type=bind,source=…,target=…,readonly`.
fn mount(text: &str) -> Mount {
    let mut mount = Mount::default();
    for field in text.split(',') {
        let (key, value) = field.split_once('=').unwrap_or((field, "true"));
        match key {
            "source" | "src" => value.clone_into(&mut mount.source),
            "target" | "destination" | "dst" => value.clone_into(&mut mount.target),
            "readonly" | "ro" => mount.readonly = value == "true" || value == "1",
            _ => {}
        }
    }
    mount
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::plan::parse_script;

    #[test]
    fn calls_are_read() {
        let words = |script: &str| parse_script(script).pop().unwrap().words;
        let all = words(
            "sudo docker container run -it --rm -v $PWD:/a:ro --mount type=bind,src=x,target=/b \
             -e A=b --env=C --name n -u1000 -w /a --memory 1g --network host img:1 pytest -v x",
        );
        let call = ContainerCall::of(&all).unwrap();
        assert!(call.removes && call.is_limited && !call.detached);
        assert_eq!((call.name, call.user), (Some("n"), Some("1000")));
        assert_eq!((call.image, call.workdir), (Some("img:1"), Some("/a")));
        assert_eq!(call.command, ["pytest", "-v", "x"]);
        assert_eq!(call.variables, ["A=b", "C"]);
        assert!(call.mounts[0].readonly && call.mounts[0].source == "$PWD");
        assert_eq!(call.mounts[1].target, "/b");

        let all = words("docker run -d -p 80:80 -v ${{ a:b }}:/c nginx");
        let call = ContainerCall::of(&all).unwrap();
        assert!(call.detached && call.command.is_empty());
        assert_eq!(call.mounts[0].target, "/c");

        let all = words("docker-compose -f a.yml run --rm -T web pytest");
        let call = ContainerCall::of(&all).unwrap();
        assert_eq!((call.verb, call.image), (Verb::Compose, Some("web")));
        assert_eq!(call.command, ["pytest"]);

        let all = words("docker buildx build . --build-arg A=b -t x");
        let call = ContainerCall::of(&all).unwrap();
        assert_eq!((call.verb, &*call.variables), (Verb::Build, &["A=b"][..]));
        for other in ["docker ps", "docker compose up -d", "docker", "run x"] {
            assert_eq!(ContainerCall::of(&words(other)), None, "{other}");
        }
        assert_eq!(
            compose_words(&words("docker compose -f a up --wait")).unwrap(),
            ["up", "--wait"]
        );
    }
}
