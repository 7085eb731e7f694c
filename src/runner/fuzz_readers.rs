//! The readers of this room that fuzz targets call.

use super::commands::{CommandFilter, Unsecure};
use super::env_files;

/// Reads an environment file in both of its grammars.
pub(crate) fn env_file(text: &str) {
    // What stands before a broken line counts, too.
    let (pairs, _) = env_files::read(text);
    for (name, value) in pairs {
        assert!(value.len() <= env_files::MAX_VALUE_BYTES, "{name}");
    }
    for path in env_files::parse_path(text) {
        assert!(!path.contains(['\n', '\r']), "{path:?}");
    }
}

/// Reads the output of a step, with the old commands allowed and refused.
pub(crate) fn commands(text: &str) {
    for allowed in [None, Some("true")] {
        let mut filter = CommandFilter::new(Unsecure::from_variables(allowed, allowed), true);
        for line in text.lines() {
            filter.line(line).unable(line);
            filter.echoes_line();
        }
    }
}
