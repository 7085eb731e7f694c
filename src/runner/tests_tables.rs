//! What the runner understands, as `docs/compatibility.md` lists it.

use super::commands::grammar::REGISTERED;
use super::script::MAILBOX;

/// Workflow commands.
pub(crate) fn commands() -> &'static [&'static str] {
    REGISTERED
}

/// Variables that name environment files.
pub(crate) fn environment_files() -> impl Iterator<Item = &'static str> {
    MAILBOX.iter().map(|(_, variable)| *variable)
}
