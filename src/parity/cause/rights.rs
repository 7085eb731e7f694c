//! Causes that lie in the user and his rights.

use super::Failing;
use crate::parity::differences;
use crate::record::{Capability, JobFacts};

/// What is said where something is not allowed.
const REFUSED: &[&str] = &[
    "permissionerror",
    "permission denied",
    "operation not permitted",
    "eacces",
    "eperm",
    "read-only file system",
];

/// Whether permissions mean nothing to a user: root, unless that right was taken away.
fn ignores_permissions(facts: &JobFacts) -> Option<bool> {
    let root = facts.is_root()?;
    Some(facts.has(Capability::OverridePermissions).unwrap_or(root))
}

/// Nothing is refused to root: a test that expects a refusal fails where it runs as root,
/// and one that needs root where it does not.
pub(super) fn root(failing: &Failing<'_>) -> Option<String> {
    if !failing.speaks_of(REFUSED) {
        return None;
    }
    let (there, _) = failing.differ(ignores_permissions)?;
    let expected = failing.speaks_of(&["did not raise", "not raised", "was not raised"]);
    let (fails, passes) = (failing.fails, failing.passes);
    let user = |facts: &JobFacts| differences::user(facts).unwrap_or_default();
    match (there, expected) {
        (true, true) => Some(format!(
            "a refusal is expected and does not come: the {fails} runs as {}, whom permissions do not stop; the {passes} as {}",
            user(failing.there),
            user(failing.elsewhere)
        )),
        (true, false) => None,
        (false, true) => None,
        (false, false) => Some(format!(
            "it needs rights that the {fails} does not have: that runs as {}, the {passes} as {}",
            user(failing.there),
            user(failing.elsewhere)
        )),
    }
}

/// Files may belong to another user than the tests'.
pub(super) fn user(failing: &Failing<'_>) -> Option<String> {
    // What root explains is explained.
    if failing.differ(ignores_permissions).is_some() {
        return None;
    }
    let words = ["getuid", "geteuid", "st_uid", "chown", "dubious ownership"];
    if !failing.speaks_of(REFUSED) && !failing.speaks_of(&words) {
        return None;
    }
    failing.differ(|facts| facts.uid)?;
    let user = |facts: &JobFacts| differences::user(facts).unwrap_or_default();
    Some(format!(
        "the {} runs as user {}, the {} as {}",
        failing.fails,
        user(failing.there),
        failing.passes,
        user(failing.elsewhere)
    ))
}

/// Some users have a number and no name.
pub(super) fn user_name(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "getpwuid",
        "getuser",
        "uid not found",
        "getlogin",
        "pwd.getpw",
    ];
    let nameless = failing.there.user.is_none() && failing.elsewhere.user.is_some();
    let uid = failing.there.uid?;
    (nameless && failing.speaks_of(&words)).then(|| {
        format!(
            "the user {uid} of the {} has no name (no entry in /etc/passwd)",
            failing.fails
        )
    })
}

/// New files have other permissions.
pub(super) fn umask(failing: &Failing<'_>) -> Option<String> {
    if !failing.speaks_of(&["umask", "st_mode", "s_imode", "0o6", "0o7", "chmod"]) {
        return None;
    }
    let (there, elsewhere) = failing.differ(|facts| facts.umask)?;
    Some(format!(
        "new files get other permissions: the umask is {there:03o} in the {} and {elsewhere:03o} in the {}",
        failing.fails, failing.passes
    ))
}
