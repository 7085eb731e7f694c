//! The text of `options` → [`CreateOptions`].
//!
//! The flags are those of `docker create` (Docker CLI reference). What gives rights
//! over the machine is refused unless the settings grant exactly that option.

use crate::record::Cause;
use crate::workflow::nearest;

use super::flags::{NO_EFFECT, SWITCHES, UNSUPPORTED, VALUES, long_name, takes_value};
use super::options::{CreateOptions, Mount};
use super::values;
use super::words::words;

/// Most processes that a workflow may ask for without a grant. No limit at all (0, -1), or
/// one beyond this, lets a fork bomb reach the machine.
const MOST_PIDS: i64 = 16_384;

/// Whose options they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The container of the job's steps.
    Job,
    /// A service.
    Service,
}

/// Something that is wrong with an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The published reason.
    pub(crate) cause: Cause,
    /// One line.
    pub(crate) message: String,
    /// The way out.
    pub(crate) hint: String,
}

/// Reads options.
pub(crate) struct OptionReader<'a> {
    /// Whose options they are.
    role: Role,
    /// What the settings grant, as [`canonical`] writes it.
    allowed: &'a [String],
    /// What was read so far.
    pub(crate) options: CreateOptions,
    /// What is to be said of it.
    pub(crate) notes: Vec<String>,
    /// What is wrong with it.
    pub(crate) wrong: Vec<Wrong>,
}

impl<'a> OptionReader<'a> {
    /// A reader that grants what `allowed` names.
    pub(crate) fn new(role: Role, allowed: &'a [String]) -> Self {
        Self {
            role,
            allowed,
            options: CreateOptions::default(),
            notes: Vec::new(),
            wrong: Vec::new(),
        }
    }

    /// Reads a text of options.
    fn text(&mut self, text: &str) {
        let mut rest = words(text).into_iter();
        while let Some(word) = rest.next() {
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                self.flag(name, value, &mut rest);
            } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                self.letters(letters, &mut rest);
            } else {
                let hint = if word.contains('\'') || text.contains('\'') {
                    "only double quotes group words there"
                } else {
                    "put a value that holds spaces into double quotes"
                };
                self.invalid(
                    format!("`{word}` does not belong to any option"),
                    hint.to_owned(),
                );
                return;
            }
        }
    }

    /// Reads an entry of one of the keys `ports`, `volumes` and `options`.
    pub(crate) fn entry(&mut self, key: &str, text: &str) {
        match key {
            "ports" => self.value("publish", "an entry of `ports`", text),
            "volumes" => self.value("volume", "an entry of `volumes`", text),
            _ => self.text(text),
        }
    }

    /// One-letter flags: `-it`, `-eA=b`, `-p 1:2`.
    fn letters(&mut self, letters: &str, rest: &mut std::vec::IntoIter<String>) {
        for (at, letter) in letters.char_indices() {
            let Some(name) = long_name(letter) else {
                self.unknown(&format!("-{letter}"), None);
                return;
            };
            if takes_value(name) {
                let after = letters.get(at + letter.len_utf8()..).unwrap_or_default();
                let after = after.strip_prefix('=').unwrap_or(after);
                let value = (!after.is_empty()).then(|| after.to_owned());
                self.flag(name, value, rest);
                return;
            }
            self.flag(name, None, rest);
        }
    }

    fn flag(&mut self, name: &str, value: Option<String>, rest: &mut std::vec::IntoIter<String>) {
        if SWITCHES.contains(&name) {
            let on = !matches!(
                value.as_deref(),
                Some("false" | "0" | "f" | "F" | "False" | "FALSE")
            );
            self.switch(name, on);
        } else if NO_EFFECT.0.contains(&name) {
            self.no_effect(name);
        } else if takes_value(name) {
            match value.or_else(|| rest.next()) {
                Some(_) if NO_EFFECT.1.contains(&name) => self.no_effect(name),
                Some(_) if UNSUPPORTED.contains(&name) => self.wrong.push(Wrong {
                    cause: Cause::UnsupportedFeature,
                    message: format!("the option `--{name}` cannot be had in seatrial"),
                    hint: "take it out".to_owned(),
                }),
                Some(value) => self.value(name, &format!("the value of `--{name}`"), &value),
                None => self.invalid(
                    format!("the option `--{name}` has no value"),
                    format!("write `--{name} VALUE`"),
                ),
            }
        } else {
            let known = VALUES.iter().chain(&SWITCHES).copied();
            self.unknown(&format!("--{name}"), nearest(name, known));
            // What follows probably is its value.
            if value.is_none()
                && rest
                    .as_slice()
                    .first()
                    .is_some_and(|next| !next.starts_with('-'))
            {
                rest.next();
            }
        }
    }

    fn switch(&mut self, name: &str, on: bool) {
        match name {
            "init" => self.options.init = on,
            "read-only" if self.role == Role::Service => self.options.read_only = on,
            "read-only" if on => self.invalid(
                "the option `--read-only` cannot be had for a job's container: its files come into it by the engine".to_owned(),
                "take it out".to_owned(),
            ),
            "read-only" => {}
            "no-healthcheck" => self.options.health.disabled = on,
            _ => self.options.granted.privileged = on && self.granted("privileged", ""),
        }
    }

    /// Takes a value, which stands in `place`.
    fn value(&mut self, name: &str, place: &str, value: &str) {
        if let Err(message) = self.set(name, value) {
            self.invalid(
                format!("{place} cannot be used: {message}"),
                "the options are those of `docker create`".to_owned(),
            );
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let text = || value.to_owned();
        let options = &mut self.options;
        match name {
            "add-host" => options.hosts.push(host(value)?),
            "cap-drop" => options.dropped.push(capability(value)),
            "cpus" => options.nano_cpus = Some(values::cpus(value)?),
            "env" => match value.split_once('=') {
                Some((name, value)) => options.env.push((name.to_owned(), value.to_owned())),
                None => self.notes.push(format!(
                    "`--env {value}` asks for a variable of GitHub's machine and is left out"
                )),
            },
            "expose" => options.exposed.extend(values::ports(value)?),
            "group-add" => options.groups.push(text()),
            "health-cmd" => options.health.command = Some(text()),
            "health-interval" => options.health.interval = Some(values::duration(value)?),
            "health-retries" => options.health.retries = Some(values::number(value)?),
            "health-start-period" => options.health.start_period = Some(values::duration(value)?),
            "health-timeout" => options.health.timeout = Some(values::duration(value)?),
            // Health is asked for about every second in any case.
            "health-start-interval" => {
                values::duration(value)?;
            }
            "hostname" => options.hostname = Some(text()),
            "label" => options.labels.push(label(value)?),
            "memory" => options.memory = Some(values::size(value)?),
            "network-alias" | "net-alias" => options.aliases.push(text()),
            "pids-limit" => {
                let count = values::number(value)?;
                if (1..=MOST_PIDS).contains(&count) || self.granted(name, value) {
                    self.options.pids = Some(count);
                }
            }
            "platform" => options.platform = Some(text()),
            "publish" => options.ports.extend(values::ports(value)?),
            "shm-size" => options.shm = Some(values::size(value)?),
            "stop-signal" => options.stop_signal = Some(text()),
            "tmpfs" => {
                let (target, more) = value.split_once(':').unwrap_or((value, ""));
                if !target.starts_with('/') {
                    return Err(format!("`{target}` does not begin with `/`"));
                }
                if values::is_of_the_kernel(target) {
                    return Err(of_the_kernel(target));
                }
                options.mounts.push(Mount::Tmpfs {
                    target: target.to_owned(),
                    options: more.to_owned(),
                });
            }
            "ulimit" => options.ulimits.push(values::ulimit(value)?),
            "user" => options.user = Some(text()),
            "workdir" if values::is_of_the_kernel(value) => return Err(of_the_kernel(value)),
            "workdir" => options.workdir = Some(text()),
            "volume" => self.mount(values::volume(value)?)?,
            "mount" => self.mount(values::mount(value)?)?,
            "entrypoint" if self.role == Role::Service => options.entrypoint = Some(text()),
            "name" | "restart" => self.no_effect(name),
            "entrypoint" | "network" | "net" => self.as_on_github(name),
            _ => self.privilege(name, value)?,
        }
        Ok(())
    }

    /// Options that give rights over the machine.
    fn privilege(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            // The default by another name.
            "ipc" if matches!(value, "" | "private" | "shareable" | "none") => return Ok(()),
            "security-opt" if value.starts_with("no-new-privileges") => return Ok(()),
            _ => {}
        }
        if !self.granted(name, value) {
            return Ok(());
        }
        let granted = &mut self.options.granted;
        match name {
            "cap-add" => granted.capabilities.push(capability(value)),
            "device" => granted.devices.push(value.to_owned()),
            "security-opt" => granted.security.push(value.to_owned()),
            "sysctl" => {
                let (name, value) = value
                    .split_once('=')
                    .ok_or_else(|| format!("`{value}` is not `NAME=VALUE`"))?;
                granted.sysctls.push((name.to_owned(), value.to_owned()));
            }
            "pid" => granted.pid = Some(value.to_owned()),
            "ipc" => granted.ipc = Some(value.to_owned()),
            "userns" => granted.userns = Some(value.to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn mount(&mut self, mount: Mount) -> Result<(), String> {
        if values::is_of_the_kernel(mount.target()) {
            return Err(of_the_kernel(mount.target()));
        }
        let free = match &mount {
            Mount::Bind { .. } => {
                let option = mount.canonical();
                let (name, value) = option.split_once('=').unwrap_or((&option, ""));
                self.granted(name.trim_start_matches('-'), value)
            }
            Mount::Volume { .. } | Mount::Tmpfs { .. } => true,
        };
        if free {
            self.options.mounts.push(mount);
        }
        Ok(())
    }

    /// Whether the settings grant an option; says so when they do not.
    fn granted(&mut self, name: &str, value: &str) -> bool {
        let option = canonical(name, value);
        if self.allowed.contains(&option) {
            return true;
        }
        let socket = value.contains("docker.sock") || value.contains("podman.sock");
        let (cause, message) = if socket {
            (
                Cause::DockerSocket,
                format!("`{option}` hands over the engine, and with it this machine"),
            )
        } else {
            (
                Cause::PrivilegedOption,
                format!("`{option}` gives a container rights over this machine"),
            )
        };
        self.wrong.push(Wrong {
            cause,
            message,
            hint: format!(
                "take it out, or grant it in seatrial.toml: `[container] allow = [\"{}\"]`",
                option.replace('\\', "\\\\").replace('"', "\\\"")
            ),
        });
        false
    }

    fn no_effect(&mut self, name: &str) {
        self.notes
            .push(format!("the option `--{name}` has no effect here"));
    }

    /// Options that GitHub's documentation excludes.
    fn as_on_github(&mut self, name: &str) {
        let of = match self.role {
            Role::Job => "a job's container",
            Role::Service => "a service",
        };
        let hint = if name == "entrypoint" {
            "take it out: the steps' own shell is what runs there"
        } else {
            "take it out: the containers of a job share one network"
        };
        self.invalid(
            format!("the option `--{name}` is not supported for {of}, as on GitHub"),
            hint.to_owned(),
        );
    }

    fn unknown(&mut self, flag: &str, near: Option<&str>) {
        let hint = match near {
            Some(near) => format!("did you mean `--{near}`?"),
            None => "the options are those of `docker create`".to_owned(),
        };
        self.invalid(format!("unknown option `{flag}`"), hint);
    }

    fn invalid(&mut self, message: String, hint: String) {
        self.wrong.push(Wrong {
            cause: Cause::WorkflowInvalid,
            message,
            hint,
        });
    }
}

/// An option in the form in which the settings grant it: `--name=value`.
fn canonical(name: &str, value: &str) -> String {
    match (name, value) {
        (_, "") => format!("--{name}"),
        ("cap-add", value) => format!("--cap-add={}", capability(value)),
        (name, value) => format!("--{name}={value}"),
    }
}

/// A capability without its prefix, in capitals, as the engine writes it.
fn capability(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

/// `NAME:ADDRESS` or `NAME=ADDRESS`.
fn host(value: &str) -> Result<String, String> {
    value
        .split_once(['=', ':'])
        .filter(|(name, address)| !name.is_empty() && !address.is_empty())
        .map(|(name, address)| format!("{name}:{address}"))
        .ok_or_else(|| format!("`{value}` is not `NAME:ADDRESS`"))
}

fn label(value: &str) -> Result<(String, String), String> {
    let (name, value) = value.split_once('=').unwrap_or((value, ""));
    if name.starts_with("dev.seatrial.") {
        return Err("labels that begin with `dev.seatrial.` are seatrial's own".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// An entry of `[container] allow` in the form in which options are compared, or what
/// is expected instead.
pub(crate) fn allowed_option(text: &str) -> Result<String, String> {
    let words = words(text);
    let (flag, value) = match words.as_slice() {
        [one] => one.split_once('=').unwrap_or((one, "")),
        [flag, value] => (flag.as_str(), value.as_str()),
        _ => return Err("expected one option, such as \"--cap-add=NET_ADMIN\"".to_owned()),
    };
    let name = match flag.strip_prefix("--") {
        Some(name) => name,
        None if flag == "-v" => "volume",
        None => "",
    };
    match name {
        "privileged" => Ok(canonical(name, "")),
        "volume" => values::volume(value).map(|mount| mount.canonical()),
        "mount" => values::mount(value).map(|mount| mount.canonical()),
        "cap-add" | "device" | "security-opt" | "sysctl" | "pid" | "ipc" | "userns"
            if !value.is_empty() =>
        {
            Ok(canonical(name, value))
        }
        _ => Err(
            "expected one of --privileged, --cap-add, --device, --security-opt, --sysctl, --pid, --ipc, --userns and --volume with its value"
                .to_owned(),
        ),
    }
}

fn of_the_kernel(path: &str) -> String {
    format!("`{path}` belongs to the kernel")
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
