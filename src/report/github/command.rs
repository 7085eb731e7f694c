//! Workflow commands: writing our own, and keeping those of others from being
//! carried out.
//!
//! The runner obeys `::name::` at the start of a line and `##[name]` anywhere in
//! one. Text of others is therefore printed between `::stop-commands::<token>`
//! and `::<token>::`; a prefix would not be enough.

use crate::report::text::{one_line, plain};

/// The word that ends a stretch in which the runner obeys nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StopToken(String);

impl StopToken {
    /// A token of these random bits. They must be new for each run and must
    /// never be told to a container.
    pub(crate) fn new(bits: u128) -> Self {
        Self(format!("{bits:032x}"))
    }

    /// The line after which the runner obeys nothing.
    pub(crate) fn stop(&self) -> String {
        format!("::stop-commands::{}", self.0)
    }

    /// The line after which it obeys again.
    pub(crate) fn resume(&self) -> String {
        format!("::{}::", self.0)
    }
}

/// Text of others (the summary for a person, with its test names and messages)
/// as it may be printed in GitHub Actions.
pub(crate) fn shield(text: &str, token: &StopToken) -> String {
    let mut safe = token.stop();
    safe.push('\n');
    for line in text.lines() {
        safe.push_str(&guest_line(line, token));
        safe.push('\n');
    }
    safe.push_str(&token.resume());
    safe.push('\n');
    safe
}

/// A line between stop and resume, already harmless for a terminal. The token
/// must not occur in it; and what would look like a command is set off, because
/// GitHub's log page, too, shows such lines in a special way.
pub(in crate::report) fn guest_line(line: &str, token: &StopToken) -> String {
    let line = if line.len() < token.0.len() {
        line.to_owned()
    } else {
        without_token(line, &token.0)
    };
    let start = line.trim_start();
    if start.starts_with("::") || start.starts_with("##[") {
        format!("│ {line}")
    } else {
        line
    }
}

fn without_token(line: &str, token: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let mut kept = String::with_capacity(line.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(token) {
        kept.push_str(line.get(from..at).unwrap_or_default());
        kept.push_str("***");
        from = at + found.len();
    }
    kept.push_str(line.get(from..).unwrap_or_default());
    kept
}

/// A line of ours that names things of others (jobs, steps) and stands where the
/// runner obeys: harmless, of one line, and no command.
pub(in crate::report) fn defuse(line: &str) -> String {
    let broken = line.replace("##[", "## [");
    if broken.trim_start().starts_with("::") {
        format!("│ {broken}")
    } else {
        broken
    }
}

/// A text of ours that names things of others and stands where the runner obeys: no
/// line of it is a command. A line that had to be changed loses its colours, which
/// could stand in the middle of what would be a command without them.
pub(crate) fn harmless(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let bare = anstream::adapter::strip_str(line)
            .to_string()
            .replace('\r', "␍");
        if bare.contains("##[") || bare.trim_start().starts_with("::") {
            defuse(&bare)
        } else {
            line.replace('\r', "␍")
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The line that begins a group in the log.
pub(in crate::report) fn group(title: &str) -> String {
    command("group", &[], &defuse(&one_line(title)))
}

/// A workflow command. The data is made harmless and escaped, so are the values
/// of the properties; empty properties are left out.
pub(super) fn command(name: &str, properties: &[(&str, &str)], data: &str) -> String {
    let mut line = format!("::{name}");
    let mut separator = ' ';
    for (key, value) in properties {
        let value = one_line(value);
        if !value.is_empty() {
            line.push(separator);
            separator = ',';
            line.push_str(&format!("{key}={}", escape_property(&value)));
        }
    }
    line.push_str("::");
    line.push_str(&escape_data(&plain(data)));
    line
}

/// The toolkit's escape of what follows the second `::`.
fn escape_data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The toolkit's escape of the value of a property.
fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{StopToken, command, defuse, group, guest_line, harmless, shield};
    use crate::report::github::oracle::Runner;
    use proptest::prelude::*;

    #[test]
    fn commands_are_escaped() {
        assert_eq!(
            command(
                "error",
                &[("file", "a,b:c.py"), ("line", ""), ("title", "50% off")],
                "one\ntwo 100%"
            ),
            "::error file=a%2Cb%3Ac.py,title=50%25 off::one%0Atwo 100%25"
        );
        assert_eq!(
            group("::set-env name=x::y"),
            "::group::│ ::set-env name=x::y"
        );
        assert_eq!(defuse("a ##[add-path]b"), "a ## [add-path]b");
    }

    #[test]
    fn the_token_never_passes() {
        let token = StopToken::new(0xabc);
        let line = token.resume().to_uppercase();
        assert_eq!(guest_line(&line, &token), "│ ::***::");
        assert_eq!(guest_line("##[error]x", &token), "│ ##[error]x");
        assert_eq!(guest_line("plain", &token), "plain");
    }

    proptest! {
        #[test]
        fn a_shield_holds(text in crate::report::github::oracle::hostile()) {
            let token = StopToken::new(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
            let mut runner = Runner::new();
            runner.feed(&shield(&crate::report::text::sanitize(&text), &token));
            prop_assert_eq!(runner.names(), ["stop-commands"]);
            prop_assert!(!runner.stopped());
        }

        #[test]
        fn nothing_that_is_said_is_a_command(
            pieces in proptest::collection::vec(crate::report::github::oracle::hostile(), 0..4)
        ) {
            let mut runner = Runner::new();
            // Colours are taken off on the way to the log, also within a line.
            let text = harmless(&pieces.join("\u{1b}[1m"));
            runner.feed(&anstream::adapter::strip_str(&text).to_string());
            prop_assert_eq!(runner.names(), Vec::<&str>::new());
        }

        #[test]
        fn commands_come_back_as_they_were_meant(
            title in "[ -~\\n]{1,40}",
            data in "[ -~\\n%]{0,60}",
        ) {
            let line = command("error", &[("title", &title), ("line", "3")], &data);
            let mut runner = Runner::new();
            runner.feed(&line);
            prop_assert_eq!(runner.names(), ["error"]);
            let (_, properties, told) = &runner.obeyed()[0];
            prop_assert_eq!(told, &data);
            prop_assert_eq!(properties.get("line").map(String::as_str), Some("3"));
            let title = crate::report::text::one_line(&title);
            if !title.is_empty() {
                prop_assert_eq!(properties.get("title"), Some(&title));
            }
        }
    }
}
