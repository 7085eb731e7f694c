//! What the engine's own words mean for seatrial. Judgement only: nothing here
//! asks anybody.

use crate::cli::version;
use crate::docker::{Candidate, Info, Leftover, Owner, Version};
use crate::report::bytes;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Fine.
    Ok,
    /// It works, and could be better.
    Warn,
    /// It does not work.
    Fail,
}

impl Status {
    /// The word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    /// What.
    pub(super) name: String,
    /// How it is.
    pub(super) status: Status,
    /// What was found, one line.
    pub(super) message: String,
    /// What to do.
    pub(super) remedy: Option<String>,
}

impl Check {
    /// Something that is fine.
    pub(super) fn ok(name: &str, message: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: Status::Ok,
            message: message.to_owned(),
            remedy: None,
        }
    }

    /// Something that is fine, and how it could be better.
    pub(super) fn note(name: &str, message: &str, remedy: &str) -> Self {
        Self {
            remedy: Some(remedy.to_owned()),
            ..Self::ok(name, message)
        }
    }

    /// Something that works and should be better.
    pub(super) fn warn(name: &str, message: &str, remedy: &str) -> Self {
        Self {
            status: Status::Warn,
            remedy: Some(remedy.to_owned()),
            ..Self::ok(name, message)
        }
    }

    /// Something that does not work.
    pub(super) fn fail(name: &str, message: &str, remedy: Option<&str>) -> Self {
        Self {
            status: Status::Fail,
            remedy: remedy.map(ToOwned::to_owned),
            ..Self::ok(name, message)
        }
    }
}

/// The engine itself.
pub(super) fn engine(found: &Version, candidate: &Candidate) -> Check {
    let message = format!(
        "{} {}, API {}, {}, at {} ({})",
        found.product, found.version, found.api, found.arch, candidate.address, candidate.source
    );
    match version::engine(&found.version).filter(|_| found.product == "docker") {
        Some(trouble) => Check::warn(
            "engine",
            &format!("{message}; {trouble}"),
            "upgrade Docker Engine, unless your distribution has the fix",
        ),
        None => Check::ok("engine", &message),
    }
}

/// The engine's parts.
pub(super) fn components(found: &Version) -> Vec<Check> {
    let version_of = |name: &str| {
        found
            .components
            .iter()
            .find(|(part, _)| part == name)
            .map(|(_, version)| version.as_str())
            .filter(|version| !version.is_empty())
    };
    let mut checks = Vec::new();
    if let Some(version) = version_of("containerd") {
        checks.push(Check::ok("containerd", version));
    }
    if let Some(version) = version_of("runc") {
        checks.push(match version::runc(version) {
            Some(trouble) => Check::warn(
                "runc",
                &format!("{version}; {trouble}"),
                "upgrade runc, unless your distribution has the fix",
            ),
            None => Check::ok("runc", version),
        });
    }
    if let Some(version) = version_of("docker-init") {
        checks.push(Check::ok("docker-init", version));
    } else if found.product == "docker" {
        checks.push(Check::warn(
            "docker-init",
            "the engine does not tell of one",
            "install docker-init (the package tini or docker-ce); it clears up after processes in containers",
        ));
    }
    checks
}

/// Least memory that jobs get along with.
const LEAST_MEMORY: u64 = 2 << 30;

/// The engine's machine.
pub(super) fn info(info: &Info) -> Vec<Check> {
    let mut checks = vec![storage(info)];
    let machine = format!("{} CPUs, {} of memory", info.cpus, bytes(info.memory));
    checks.push(if info.memory < LEAST_MEMORY {
        Check::warn(
            "machine",
            &machine,
            "give the engine 2 GiB or more, or keep to `--parallel 1`",
        )
    } else {
        Check::ok("machine", &machine)
    });
    checks.push(security(info));
    checks
}

fn storage(info: &Info) -> Check {
    let message = format!("{} in {}", info.storage, info.root);
    match info.storage.as_str() {
        "vfs" => Check::warn(
            "storage",
            &message,
            "vfs copies the whole image for every container; use overlay2 or fuse-overlayfs",
        ),
        "aufs" | "devicemapper" => Check::warn(
            "storage",
            &message,
            "this driver is no longer maintained; use overlay2",
        ),
        _ => Check::ok("storage", &message),
    }
}

fn security(info: &Info) -> Check {
    // "name=seccomp,profile=default"
    let options: Vec<&str> = info
        .security
        .iter()
        .map(|option| option.strip_prefix("name=").unwrap_or(option))
        .map(|option| option.split(',').next().unwrap_or(option))
        .collect();
    if options.contains(&"seccomp") {
        Check::ok("security", &options.join(", "))
    } else {
        let found = if options.is_empty() {
            "no security options".to_owned()
        } else {
            options.join(", ")
        };
        Check::warn(
            "security",
            &format!("{found}; no seccomp"),
            "containers can call everything in the kernel; enable seccomp",
        )
    }
}

/// What seatrial left there.
pub(super) fn leftovers(found: Result<Vec<Leftover>, String>) -> Check {
    let found = match found {
        Ok(found) => found,
        Err(error) => return Check::fail("leftovers", &error, None),
    };
    let current = Owner::current();
    let dead = found.iter().filter(|left| left.is_dead(&current)).count();
    let unknown = found.iter().filter(|left| left.owner.is_none()).count();
    let running = found.len() - dead - unknown;
    if dead > 0 {
        return Check::warn(
            "leftovers",
            &format!("{dead} of dead runs, {running} of runs under way"),
            "`seatrial clean` removes them, and so does the next run",
        );
    }
    if unknown > 0 {
        return Check::warn(
            "leftovers",
            &format!("{unknown} whose run cannot be told"),
            "`seatrial clean --all` removes everything of seatrial",
        );
    }
    match running {
        0 => Check::ok("leftovers", "none"),
        count => Check::ok("leftovers", &format!("none; {count} of runs under way")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::docker::LeftoverKind;

    fn candidate() -> Candidate {
        Candidate {
            address: "unix:///var/run/docker.sock".to_owned(),
            source: "the default socket".to_owned(),
            explicit: false,
        }
    }

    #[test]
    fn old_engines_and_parts_are_named() {
        let found = Version {
            product: "docker".to_owned(),
            version: "20.10.24+dfsg1".to_owned(),
            api: "1.41".to_owned(),
            arch: "amd64".to_owned(),
            components: vec![
                ("containerd".to_owned(), "1.6.20~ds1".to_owned()),
                ("runc".to_owned(), "1.1.5+ds1".to_owned()),
            ],
        };
        let check = engine(&found, &candidate());
        assert_eq!(check.status, Status::Warn);
        assert!(
            check
                .message
                .contains("docker 20.10.24+dfsg1, API 1.41, amd64")
        );
        assert!(check.message.contains("CVE-2026-41567"));
        let parts = components(&found);
        let status: Vec<(&str, Status)> = parts
            .iter()
            .map(|check| (check.name.as_str(), check.status))
            .collect();
        assert_eq!(
            status,
            [
                ("containerd", Status::Ok),
                ("runc", Status::Warn),
                ("docker-init", Status::Warn),
            ]
        );
    }

    #[test]
    fn podman_is_not_held_against_docker() {
        let found = Version {
            product: "podman".to_owned(),
            version: "5.2.0".to_owned(),
            ..Version::default()
        };
        assert_eq!(engine(&found, &candidate()).status, Status::Ok);
        assert!(components(&found).is_empty());
    }

    #[test]
    fn what_the_engine_says_of_its_machine() {
        let good = Info {
            cpus: 4,
            memory: 8 << 30,
            storage: "overlay2".to_owned(),
            root: "/var/lib/docker".to_owned(),
            security: vec!["name=seccomp,profile=default".to_owned()],
            ..Info::default()
        };
        assert!(info(&good).iter().all(|check| check.status == Status::Ok));
        let poor = Info {
            memory: 1 << 30,
            storage: "vfs".to_owned(),
            security: Vec::new(),
            ..good
        };
        let warned: Vec<String> = info(&poor)
            .into_iter()
            .filter(|check| check.status == Status::Warn)
            .map(|check| check.name)
            .collect();
        assert_eq!(warned, ["storage", "machine", "security"]);
    }

    #[test]
    fn leftovers_of_the_living_are_fine() {
        let left = |owner: Option<Owner>| Leftover {
            kind: LeftoverKind::Container,
            id: "1".to_owned(),
            name: "a".to_owned(),
            run: "r".to_owned(),
            owner,
            age: None,
        };
        let living = Owner::current();
        let dead = Owner {
            boot: "another".to_owned(),
            ..living.clone()
        };
        for (found, status) in [
            (Ok(Vec::new()), Status::Ok),
            (Ok(vec![left(Some(living.clone()))]), Status::Ok),
            (Ok(vec![left(Some(living)), left(Some(dead))]), Status::Warn),
            (Ok(vec![left(None)]), Status::Warn),
            (Err("broken".to_owned()), Status::Fail),
        ] {
            assert_eq!(leftovers(found).status, status);
        }
    }
}
