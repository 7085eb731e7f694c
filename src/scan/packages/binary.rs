//! Programs that tell what they were built from.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{Package, PackageKind};

/// Begins every program of Linux (elf(5)).
const ELF: &[u8] = b"\x7fELF";
/// The section in which `cargo auditable` writes.
const RUST: &[u8] = b".dep-v0";
/// Begins the block in which Go writes (Go's `debug/buildinfo`).
const GO: &[u8] = b"\xff Go buildinf:";
/// Most bytes of the list of a Rust program.
const MOST: usize = 8 << 20;

static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new([RUST, GO]).ok());

/// What a program tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The crates it was built from.
    pub(crate) packages: Vec<Package>,
    /// What it does not tell to us.
    pub(crate) notice: Option<String>,
}

/// Looks into a file; nothing is said of one that is no program.
pub(crate) fn look(path: &str, bytes: &[u8]) -> Told {
    let mut told = Told::default();
    let Some(marks) = MARKS.as_ref().filter(|_| bytes.starts_with(ELF)) else {
        return told;
    };
    let (mut rust, mut go) = (false, false);
    for hit in marks.find_iter(bytes) {
        match hit.pattern().as_usize() {
            0 => rust = true,
            _ => go = true,
        }
        if rust && go {
            break;
        }
    }
    if rust {
        match auditable_info::audit_info_from_slice(bytes, MOST) {
            Ok(info) => {
                told.packages = info
                    .packages
                    .iter()
                    .filter(|package| !package.root)
                    // The default is what is part of the program, as against what only built it.
                    .filter(|package| package.kind == Default::default())
                    .filter_map(|package| {
                        let version = package.version.to_string();
                        Package::new(PackageKind::Cargo, &package.name, &version, path)
                    })
                    .take(super::MOST)
                    .collect();
            }
            // A program that works with such sections has the name in it, too.
            Err(auditable_info::Error::NoAuditData) => {}
            Err(error) => {
                told.notice = Some(format!(
                    "the list of crates in `/{path}` cannot be read: {error}"
                ));
            }
        }
    }
    if go {
        told.notice = Some(format!(
            "`/{path}` is a Go program: its modules are not listed"
        ));
    }
    told
}
