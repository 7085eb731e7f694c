//! Directories: what `cd` does, and paths in them.

/// Longest directory that is followed (`PATH_MAX` of Linux).
const MAX_DIRECTORY: usize = 4096;

/// Puts a relative path onto a directory and removes `.` and `..`, without
/// looking at any file. What is absolute, or begins with a variable or an
/// expression, stays as it is.
pub(crate) fn join(directory: &str, path: &str) -> String {
    if is_rooted(path) {
        return path.to_owned();
    }
    let rooted = directory.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts
                .last()
                .is_some_and(|last| *last != ".." && !last.starts_with('$')) =>
            {
                parts.pop();
            }
            ".." if rooted => {}
            _ => parts.push(part),
        }
    }
    format!("{}{}", if rooted { "/" } else { "" }, parts.join("/"))
}

fn is_rooted(path: &str) -> bool {
    path.starts_with('/') || path.starts_with('$') || path.starts_with('~')
}

/// The directory after a command that is run in `current`, if the command is
/// `cd`, `pushd` or `popd`; `None` in it when the directory cannot be told.
pub(super) fn follow(words: &[String], current: Option<&str>) -> Option<Option<String>> {
    let mut words = words.iter().map(String::as_str);
    let target = match words.next() {
        Some("cd" | "pushd") => words.find(|word| !matches!(*word, "-L" | "-P" | "--")),
        Some("popd") => None,
        _ => return None,
    };
    let plain = target.filter(|target| {
        !target.is_empty()
            && !target.contains(['$', '`', '*', '?', '['])
            && !target.starts_with(['~', '-', '+'])
    });
    let directory = match (target, plain, current) {
        // The workspace is where a path can still be told.
        (Some(target), None, _) if is_workspace(target) => Some(target.to_owned()),
        (_, Some(plain), _) if plain.starts_with('/') => Some(join("", plain)),
        (_, Some(plain), Some(current)) => Some(join(current, plain)),
        _ => None,
    };
    Some(directory.filter(|directory| directory.len() <= MAX_DIRECTORY))
}

/// Whether a directory is given by the workspace's variable or expression, with
/// plain text after it.
fn is_workspace(path: &str) -> bool {
    const NAMES: &[&str] = &[
        "$GITHUB_WORKSPACE",
        "${GITHUB_WORKSPACE}",
        "${{ github.workspace }}",
        "${{github.workspace}}",
    ];
    NAMES.iter().any(|name| {
        path.strip_prefix(name)
            .is_some_and(|rest| (rest.is_empty() || rest.starts_with('/')) && !rest.contains('$'))
    })
}
