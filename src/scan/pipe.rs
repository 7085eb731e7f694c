//! `curl … | sh`: a download that is run unseen.

/// Commands that download.
const LOADERS: [&str; 2] = ["curl", "wget"];
/// Commands that run what they are given.
const SHELLS: [&str; 11] = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "python", "python3", "perl", "ruby", "node",
];
/// Words that stand in front of a command.
const BEFORE: [&str; 4] = ["sudo", "env", "exec", "-E"];

/// The two commands of a pipe from a download into a shell, where a script has one.
pub(crate) fn into_shell(script: &str) -> Option<String> {
    let joined = script.replace("\\\n", " ").replace("\\\r\n", " ");
    joined
        .split(['\n', ';'])
        .flat_map(|line| line.split("&&"))
        .filter(|command| !command.trim_start().starts_with('#'))
        .find_map(|command| pipe(command).or_else(|| substituted(command)))
}

/// `curl … | sh`
fn pipe(command: &str) -> Option<String> {
    let command = command.replace("||", "\n");
    let parts: Vec<&str> = command.split('\n').next()?.split('|').collect();
    let loads = parts.iter().position(|part| is(part, &LOADERS))?;
    let shell = parts
        .get(loads + 1..)?
        .iter()
        .find(|part| is(part, &SHELLS))?;
    let loader = parts.get(loads).and_then(|part| first(part))?;
    Some(format!("{loader} … | {}", first(shell)?))
}

/// `sh -c "$(curl …)"`, `bash <(curl …)`
fn substituted(command: &str) -> Option<String> {
    let shell = first(command).filter(|word| SHELLS.contains(word))?;
    for open in ["$(", "<(", "`"] {
        for loader in LOADERS {
            let within = command
                .split(open)
                .skip(1)
                .any(|rest| first(rest) == Some(loader));
            if within {
                return Some(format!("{shell} … {open}{loader} …"));
            }
        }
    }
    None
}

fn is(part: &str, names: &[&str]) -> bool {
    first(part).is_some_and(|word| names.contains(&word))
}

/// The command of a part: its first word, without a path and what stands before it.
fn first(part: &str) -> Option<&str> {
    part.split_whitespace()
        .map(|word| word.trim_matches(['"', '\'', '(', '{', ')']))
        .find(|word| {
            let assigns = word.contains('=') && !word.starts_with('-');
            !word.is_empty() && !BEFORE.contains(word) && !assigns
        })
        .and_then(|word| word.rsplit('/').next())
}

#[cfg(test)]
mod tests {
    use super::into_shell;

    #[test]
    fn pipes_into_a_shell_are_found() {
        for (script, told) in [
            ("curl -sSf https://x | sh", "curl … | sh"),
            (
                "curl -LsSf https://x \\\n  | env A=b /bin/sh -s -- -y",
                "curl … | sh",
            ),
            (
                "set -e; wget -qO- https://x | sudo -E bash",
                "wget … | bash",
            ),
            (
                "apt-get update && curl x | tee y | python3 -",
                "curl … | python3",
            ),
            ("bash -c \"$(curl -fsSL https://x)\"", "bash … $(curl …"),
            ("bash <(curl -s https://x)", "bash … <(curl …"),
        ] {
            assert_eq!(into_shell(script).as_deref(), Some(told), "{script}");
        }
    }

    #[test]
    fn other_pipes_are_left_alone() {
        for script in [
            "curl -o x https://x && sh x",
            "curl https://x | tar xz",
            "curl https://x | sha256sum -c || sh fallback",
            "# curl x | sh",
            "echo curl | sh",
            "cat x | sh",
            "curl https://x | grep sh",
        ] {
            assert_eq!(into_shell(script), None, "{script}");
        }
    }
}
