//! One service of a compose file (Compose specification, "Services") → the form that
//! services of a workflow have.

use serde_json::{Map, Value};

use super::super::Problems;
use super::super::container::{OptionReader, Role, argument};
use super::super::derive::quoted;
use super::{After, File, Until, scalar, skip_hint};
use crate::record::Cause;
use crate::workflow::{Container, Node, NodeKind, Problem, Span, Text};

/// Keys that change nothing which a job could notice here.
const NO_EFFECT: [&str; 22] = [
    "annotations",
    "attach",
    "blkio_config",
    "cpu_count",
    "cpu_percent",
    "cpu_shares",
    "cpuset",
    "develop",
    "logging",
    "mac_address",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "oom_kill_disable",
    "oom_score_adj",
    "profiles",
    "pull_policy",
    "restart",
    "stdin_open",
    "stop_grace_period",
    "tty",
    "image",
];

/// Keys with one value or several, each of which is an option of `docker create`.
const OPTIONS: [(&str, &str); 22] = [
    ("cap_add", "cap-add"),
    ("cap_drop", "cap-drop"),
    ("container_name", "network-alias"),
    ("cpus", "cpus"),
    ("devices", "device"),
    ("expose", "expose"),
    ("extra_hosts", "add-host"),
    ("group_add", "group-add"),
    ("hostname", "hostname"),
    ("ipc", "ipc"),
    ("labels", "label"),
    ("mem_limit", "memory"),
    ("pid", "pid"),
    ("pids_limit", "pids-limit"),
    ("platform", "platform"),
    ("security_opt", "security-opt"),
    ("shm_size", "shm-size"),
    ("stop_signal", "stop-signal"),
    ("sysctls", "sysctl"),
    ("tmpfs", "tmpfs"),
    ("user", "user"),
    ("userns_mode", "userns"),
];

/// Reads one service.
pub(super) struct Reading<'a> {
    file: &'a File,
    name: &'a str,
    /// Looks at every option as it does at those of a workflow.
    reader: OptionReader<'a>,
    options: Vec<String>,
    container: Container,
    /// What it waits for.
    pub(super) after: Vec<After>,
    /// What cannot be taken over.
    pub(super) problems: Problems,
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a File, name: &'a str, allowed: &'a [String]) -> Self {
        Self {
            file,
            name,
            reader: OptionReader::new(Role::Service, allowed),
            options: Vec::new(),
            container: Container::default(),
            after: Vec::new(),
            problems: Problems::new(),
        }
    }

    /// The service as one of a workflow.
    pub(super) fn service(&mut self, service: &Value) -> Container {
        let none = Map::new();
        let keys = service.as_object().unwrap_or(&none);
        if keys.contains_key("build") {
            self.problem(
                "build",
                "is built, and seatrial starts services from images that exist",
            );
            return self.container.clone();
        }
        self.container.image = keys
            .get("image")
            .map(|image| self.text("image", &scalar(image)));
        for (key, value) in keys {
            if !value.is_null() {
                self.key(key, value);
            }
        }
        self.program(keys);
        if !self.options.is_empty() {
            self.container.options = Some(self.text("", &self.options.join(" ")));
        }
        self.container.clone()
    }

    fn key(&mut self, key: &str, value: &Value) {
        if NO_EFFECT.contains(&key) || key.starts_with("x-") {
            return;
        }
        if let Some((_, option)) = OPTIONS.iter().find(|(name, _)| *name == key) {
            for value in each(value) {
                self.option(key, option, &value);
            }
            return;
        }
        match key {
            // Read together, see `program`.
            "command" | "entrypoint" => {}
            "depends_on" => self.depends_on(value),
            "deploy" => self.deploy(value),
            "environment" => self.environment(value),
            "healthcheck" => self.health(value),
            "init" | "read_only" | "privileged" => {
                if value.as_bool() == Some(true) {
                    self.switch(key, &key.replace('_', "-"));
                }
            }
            // All services of a job see each other by their labels.
            "links" if each(value).iter().all(|link| !link.contains(':')) => {}
            "networks" => self.networks(value),
            "ports" => value
                .as_array()
                .into_iter()
                .flatten()
                .for_each(|port| self.port(port)),
            "scale" if value.as_u64() == Some(1) => {}
            "ulimits" => self.ulimits(value),
            "volumes" => value
                .as_array()
                .into_iter()
                .flatten()
                .for_each(|one| self.volume(one)),
            "working_dir" => self.option(key, "workdir", &scalar(value)),
            _ => self.problem(key, &format!("has `{key}`, which cannot be taken over")),
        }
    }

    /// `entrypoint` and `command`, as the arguments of one program.
    fn program(&mut self, keys: &Map<String, Value>) {
        let words = |key: &str| keys.get(key).filter(|value| !value.is_null()).map(each);
        let mut arguments = Vec::new();
        if let Some(entrypoint) = words("entrypoint") {
            let mut rest = entrypoint.into_iter();
            self.option("entrypoint", "entrypoint", &rest.next().unwrap_or_default());
            arguments.extend(rest);
        }
        arguments.extend(words("command").unwrap_or_default());
        if !arguments.is_empty() {
            let line: Vec<String> = arguments.iter().map(|word| argument(word)).collect();
            self.container.command = Some(self.text("command", &line.join(" ")));
        }
    }

    /// A variable without a value is one of the machine that is not set there.
    fn environment(&mut self, value: &Value) {
        let span = self.span("environment");
        for (name, value) in value.as_object().into_iter().flatten() {
            if value.is_null() {
                continue;
            }
            let name = Text {
                value: name.clone(),
                span,
            };
            let kind = NodeKind::String(literal(&scalar(value)));
            self.container.env.push((name, Node { span, kind }));
        }
    }

    fn port(&mut self, port: &Value) {
        let part = |name: &str| port.get(name).map(scalar).filter(|part| !part.is_empty());
        let published = part("published").map_or(String::new(), |port| port + ":");
        let protocol = part("protocol").unwrap_or_else(|| "tcp".to_owned());
        let target = part("target").unwrap_or_default();
        let text = format!("{published}{target}/{protocol}");
        self.reader.entry("ports", &text);
        self.told("ports");
        let text = self.text("ports", &text);
        self.container.ports.push(text);
    }

    fn volume(&mut self, volume: &Value) {
        let part = |name: &str| volume.get(name).map(scalar).unwrap_or_default();
        let (kind, source, target) = (part("type"), part("source"), part("target"));
        let mut mode = Vec::new();
        if volume.get("read_only") == Some(&Value::Bool(true)) {
            mode.push("ro");
        }
        match kind.as_str() {
            "volume" => {
                let of = |name: &str| volume.get("volume").and_then(|more| more.get(name));
                if of("nocopy") == Some(&Value::Bool(true)) {
                    mode.push("nocopy");
                }
                if of("subpath").is_some() {
                    self.problem(
                        "volumes",
                        "mounts a part of a volume (`subpath`), which cannot be taken over",
                    );
                }
                self.named_volume(&source);
            }
            "bind" => {}
            "tmpfs" => {
                let size = volume.pointer("/tmpfs/size").map(scalar);
                let size = size.map_or(String::new(), |size| format!(":size={size}"));
                self.option("volumes", "tmpfs", &format!("{target}{size}"));
                return;
            }
            _ => {
                self.problem(
                    "volumes",
                    &format!("mounts something of the type `{kind}`, which cannot be taken over"),
                );
                return;
            }
        }
        let parts = [source, target, mode.join(",")];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        let text = parts.join(":");
        self.reader.entry("volumes", &text);
        self.told("volumes");
        let text = self.text("volumes", &text);
        self.container.volumes.push(text);
    }

    /// A volume of the engine is made for each job; one that exists already, or that stands
    /// for a folder of the machine, would not be.
    fn named_volume(&mut self, name: &str) {
        let Some(volume) = self.file.volumes.get(name) else {
            return;
        };
        for key in ["external", "driver", "driver_opts"] {
            let usual = volume.get(key).is_none_or(|value| {
                *value == Value::Bool(false)
                    || value == "local"
                    || value.as_object().is_some_and(Map::is_empty)
            });
            if !usual {
                self.problem(
                    "volumes",
                    &format!("mounts the volume `{name}`, whose `{key}` cannot be taken over"),
                );
            }
        }
    }

    fn health(&mut self, health: &Value) {
        let test = health.get("test").map(each).unwrap_or_default();
        let off = health.get("disable") == Some(&Value::Bool(true));
        match test.split_first() {
            _ if off => return self.switch("healthcheck", "no-healthcheck"),
            Some((kind, _)) if kind == "NONE" => {
                return self.switch("healthcheck", "no-healthcheck");
            }
            Some((kind, words)) if kind == "CMD" => {
                let line: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                self.option("healthcheck", "health-cmd", &line.join(" "));
            }
            Some((kind, words)) if kind == "CMD-SHELL" => {
                self.option("healthcheck", "health-cmd", &words.join(" "));
            }
            Some(_) => self.problem(
                "healthcheck",
                "has a health check whose `test` is neither CMD nor CMD-SHELL",
            ),
            // The image's own, asked in another rhythm.
            None => {}
        }
        for (key, option) in [
            ("interval", "health-interval"),
            ("timeout", "health-timeout"),
            ("start_period", "health-start-period"),
            ("start_interval", "health-start-interval"),
            ("retries", "health-retries"),
        ] {
            if let Some(value) = health.get(key) {
                self.option("healthcheck", option, &scalar(value));
            }
        }
    }

    fn depends_on(&mut self, value: &Value) {
        for (label, how) in value.as_object().into_iter().flatten() {
            let condition = how.get("condition").map(scalar).unwrap_or_default();
            let until = match condition.as_str() {
                "" | "service_started" => Until::Started,
                "service_healthy" => Until::Ready,
                "service_completed_successfully" => Until::Ended,
                _ => {
                    self.problem("depends_on", &format!("waits for `{label}` with the condition `{condition}`, which is not known"));
                    continue;
                }
            };
            self.after.push(After {
                label: label.clone(),
                until,
            });
        }
    }

    /// All services of a job share one network: the names in others hold there, too.
    fn networks(&mut self, value: &Value) {
        for settings in value.as_object().into_iter().flat_map(Map::values) {
            for (key, value) in settings.as_object().into_iter().flatten() {
                match key.as_str() {
                    "aliases" => {
                        for alias in each(value) {
                            self.option("networks", "network-alias", &alias);
                        }
                    }
                    "priority" => {}
                    _ => self.problem(
                        "networks",
                        &format!("has `{key}` in a network, which cannot be taken over"),
                    ),
                }
            }
        }
    }

    fn ulimits(&mut self, value: &Value) {
        for (name, limit) in value.as_object().into_iter().flatten() {
            let of = |part: &str| limit.get(part).map(scalar);
            let text = match (of("soft"), of("hard")) {
                (Some(soft), Some(hard)) => format!("{name}={soft}:{hard}"),
                _ => format!("{name}={}", scalar(limit)),
            };
            self.option("ulimits", "ulimit", &text);
        }
    }

    /// Of a deployment only its limits hold for one container of one machine.
    fn deploy(&mut self, deploy: &Value) {
        let limits = deploy
            .pointer("/resources/limits")
            .and_then(Value::as_object);
        for (key, value) in limits.into_iter().flatten() {
            let option = match key.as_str() {
                "cpus" => "cpus",
                "memory" => "memory",
                "pids" => "pids-limit",
                _ => {
                    self.problem(
                        "deploy",
                        &format!("has a limit `{key}`, which cannot be taken over"),
                    );
                    continue;
                }
            };
            self.option("deploy", option, &scalar(value));
        }
        let devices = deploy.pointer("/resources/reservations/devices");
        if devices.is_some() {
            self.problem("deploy", "reserves devices, which cannot be taken over");
        }
        if deploy
            .get("replicas")
            .is_some_and(|count| count.as_u64() != Some(1))
        {
            self.problem("deploy", "has `replicas`; a job has each service once");
        }
    }

    fn switch(&mut self, key: &str, name: &str) {
        self.add(key, format!("--{name}"));
    }

    fn option(&mut self, key: &str, name: &str, value: &str) {
        self.add(key, argument(&format!("--{name}={value}")));
    }

    fn add(&mut self, key: &str, option: String) {
        self.reader.entry("options", &option);
        self.told(key);
        self.options.push(option);
    }

    /// Takes what the reader of options has to say of the value of a key.
    fn told(&mut self, key: &str) {
        let span = self.span(key);
        for wrong in self.reader.wrong.drain(..) {
            let message = format!("service `{}`, `{key}`: {}", self.name, wrong.message);
            let problem = Problem::new(span, message).with_hint(wrong.hint);
            self.problems.push((wrong.cause, problem));
        }
    }

    fn problem(&mut self, key: &str, what: &str) {
        let problem = Problem::new(self.span(key), format!("service `{}` {what}", self.name))
            .with_hint(format!("take it out, or {}", skip_hint(self.name)));
        self.problems.push((Cause::UnsupportedFeature, problem));
    }

    fn span(&self, key: &str) -> Span {
        self.file.span(self.name, key)
    }

    /// A text without expressions, at the place of a key.
    fn text(&self, key: &str, value: &str) -> Text {
        Text {
            value: literal(value),
            span: self.span(key),
        }
    }
}

/// A text whose value, as a template, is this text.
pub(super) fn literal(text: &str) -> String {
    text.replace("${{", "${{ '${{' }}")
}

/// The values of a list, the pairs of a map as `NAME=VALUE`, or the one value.
fn each(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(scalar).collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(name, value)| format!("{name}={}", scalar(value)))
            .collect(),
        one => vec![scalar(one)],
    }
}
