//! How the runner of GitHub Actions reads a log, for tests: which lines it obeys.
//! Written after the behaviour of `ActionCommand` and `ActionCommandManager`.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

/// The commands that a runner knows.
const KNOWN: [&str; 16] = [
    "stop-commands",
    "set-env",
    "set-output",
    "save-state",
    "add-mask",
    "add-path",
    "add-matcher",
    "remove-matcher",
    "debug",
    "notice",
    "warning",
    "error",
    "group",
    "endgroup",
    "echo",
    "internal-set-repo-path",
];

/// A command that was obeyed: its name, its properties, its data.
pub(crate) type Obeyed = (String, HashMap<String, String>, String);

/// A runner that reads a log.
pub(crate) struct Runner {
    known: HashSet<String>,
    token: Option<String>,
    obeyed: Vec<Obeyed>,
}

impl Runner {
    /// A runner at the beginning of a step.
    pub(crate) fn new() -> Self {
        Self {
            known: KNOWN.map(str::to_owned).into(),
            token: None,
            obeyed: Vec::new(),
        }
    }

    /// Reads a text, line by line as a .NET `StreamReader` cuts it.
    pub(crate) fn feed(&mut self, text: &str) {
        for line in text.split(['\n', '\r']) {
            self.line(line);
        }
    }

    /// Whether commands are stopped now.
    pub(crate) fn stopped(&self) -> bool {
        self.token.is_some()
    }

    /// The commands that were obeyed.
    pub(crate) fn obeyed(&self) -> &[Obeyed] {
        &self.obeyed
    }

    /// The names of the commands that were obeyed.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.obeyed.iter().map(|(name, ..)| name.as_str()).collect()
    }

    fn line(&mut self, line: &str) {
        let Some((name, properties, data)) = self.parse_v2(line).or_else(|| self.parse_v1(line))
        else {
            return;
        };
        if let Some(token) = &self.token {
            if *token == name {
                self.known.remove(&name);
                self.token = None;
            }
            return;
        }
        if name == "stop-commands" {
            self.known.insert(data.to_lowercase());
            self.token = Some(data.to_lowercase());
        }
        self.obeyed.push((name, properties, data));
    }

    fn parse_v2(&self, line: &str) -> Option<Obeyed> {
        let rest = line.trim_start().strip_prefix("::")?;
        let (info, data) = rest.split_once("::")?;
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        let unescape = |text: &str| {
            text.replace("%0D", "\r")
                .replace("%0A", "\n")
                .replace("%3A", ":")
                .replace("%2C", ",")
                .replace("%25", "%")
        };
        let data = data
            .replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%");
        self.known(name, properties.trim(), ',', unescape, data)
    }

    fn parse_v1(&self, line: &str) -> Option<Obeyed> {
        let rest = line.get(line.find("##[")? + 3..)?;
        let (info, data) = rest.split_once(']')?;
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        self.known(name, properties, ';', str::to_owned, data.to_owned())
    }

    fn known(
        &self,
        name: &str,
        properties: &str,
        separator: char,
        unescape: impl Fn(&str) -> String,
        data: String,
    ) -> Option<Obeyed> {
        let name = name.to_lowercase();
        let properties = properties
            .split(separator)
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), unescape(value)))
            .collect();
        self.known
            .contains(&name)
            .then_some((name, properties, data))
    }
}

/// Output of a hostile container.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    let command = proptest::sample::select(KNOWN.to_vec());
    let piece = prop_oneof![
        command.clone().prop_map(|name| format!("::{name}::")),
        command
            .clone()
            .prop_map(|name| format!("::{name} name=x::")),
        command.prop_map(|name| format!("##[{name}]")),
        Just("::stop-commands::pause-logging".to_owned()),
        Just("::123456789abcdef0123456789abcdef0::".to_owned()),
        Just("::123456789ABCDEF0123456789ABCDEF0::".to_owned()),
        Just("##[123456789abcdef0123456789abcdef0]".to_owned()),
        Just("1234567##[123456789abcdef0123456789abcdef0]89abcdef".to_owned()),
        Just("%0A".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\u{85}".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{b}".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("\u{a0}".to_owned()),
        Just(" ".to_owned()),
        any::<char>().prop_map(String::from),
        "[ -~]{0,6}",
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

#[test]
fn the_oracle_obeys() {
    let mut runner = Runner::new();
    runner.feed("x\n  ::set-env name=a::b\rtext ##[ADD-PATH]c\n::stop-commands::Tok\n");
    runner.feed("::error::no\n##[error]no\n");
    assert!(runner.stopped());
    runner.feed("::tok::\n::unknown::\n::error::yes");
    assert_eq!(
        runner.names(),
        ["set-env", "add-path", "stop-commands", "error"]
    );
}
