//! What the environment of a job was like, as its tests saw it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Most entries of a list or a table that are kept.
const MAX_ENTRIES: usize = 2_000;
/// Longest text that is kept, in bytes.
const MAX_TEXT: usize = 1_000;

/// Facts of one job's environment, gathered beside its tests. Each may be unknown: an
/// environment without Python tells little, and a record from before they were gathered
/// none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct JobFacts {
    /// The Python that the job's `PATH` leads to, or the virtual environment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) python: Option<Python>,
    /// Versions of its installed packages, by name in lower case with `_` for `-` and `.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) packages: Option<BTreeMap<String, String>>,
    /// Effective user number.
    pub(crate) uid: Option<u32>,
    /// Effective group number.
    pub(crate) gid: Option<u32>,
    /// Name of the user; absent where the number has none.
    pub(crate) user: Option<String>,
    /// The home folder.
    pub(crate) home: Option<String>,
    /// The folder that the tests ran in.
    pub(crate) cwd: Option<String>,
    /// Permissions that new files do not get.
    pub(crate) umask: Option<u32>,
    /// Effective capabilities, a bit each (`CapEff` of `/proc/self/status`).
    pub(crate) capabilities: Option<u64>,
    /// Name of the time zone, such as `UTC` or `CET`.
    pub(crate) time_zone: Option<String>,
    /// Seconds that its clock is ahead of UTC.
    pub(crate) utc_offset: Option<i64>,
    /// Processors that its processes may use.
    pub(crate) cpus: Option<u32>,
    /// Share of them by its cgroup's quota, in thousandths of a processor; absent without
    /// one.
    pub(crate) cpu_quota: Option<u64>,
    /// Memory of the machine in bytes.
    pub(crate) memory: Option<u64>,
    /// Memory that its cgroup allows, in bytes; absent without a limit.
    pub(crate) memory_limit: Option<u64>,
    /// Most memory that its cgroup has had so far, caches of files among it, in bytes; absent
    /// where the cgroup is not the job's own, and where the kernel does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) memory_peak: Option<u64>,
    /// Processor time that its cgroup has used so far, in milliseconds; absent likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cpu_millis: Option<u64>,
    /// Whether there is a way to other networks.
    pub(crate) default_route: Option<bool>,
    /// Whether there is an IPv6 address, be it only the loopback's.
    pub(crate) ipv6: Option<bool>,
    /// Whether names of files differ by case; absent where that cannot be told.
    pub(crate) case_sensitive: Option<bool>,
    /// Whether `/tmp` lies in memory.
    pub(crate) tmp_in_memory: Option<bool>,
    /// Size of `/dev/shm` in bytes.
    pub(crate) shared_memory: Option<u64>,
    /// Release of the kernel.
    pub(crate) kernel: Option<String>,
    /// Architecture, as `uname -m` says it.
    pub(crate) machine: Option<String>,
    /// C library with its version.
    pub(crate) libc: Option<String>,
    /// Distribution with its version.
    pub(crate) system: Option<String>,
    /// Which of some well-known programs are on the `PATH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) programs: Option<Vec<String>>,
    /// Names of environment variables; values only of some that are known to hold no secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variables: Option<BTreeMap<String, Option<String>>>,
}

/// A Python interpreter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Python {
    /// Version of the language, `3.11.2`.
    pub(crate) version: String,
    /// `cpython`, `pypy` …
    pub(crate) implementation: String,
    /// Path of the program.
    pub(crate) executable: String,
    /// Whether it belongs to a virtual environment.
    pub(crate) virtual_environment: bool,
    /// Encoding of text files, by the locale.
    pub(crate) encoding: String,
    /// Encoding of names of files.
    pub(crate) file_names: String,
}

/// A right that root has and that decides about tests. Numbers of
/// `include/uapi/linux/capability.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Capability {
    /// Read and write whatever permissions say (`CAP_DAC_OVERRIDE`).
    OverridePermissions = 1,
}

impl JobFacts {
    /// Reads what an environment says of itself; `None` where that cannot be understood.
    /// Every text goes through `mask`, lists and texts are cut to a sensible size: nothing
    /// from there is trusted.
    pub(crate) fn read(bytes: &[u8], mask: impl Fn(&str) -> String) -> Option<Self> {
        // An empty list would do for serde, too.
        let facts: Self = serde_json::from_slice(bytes.strip_prefix(b"{").map(|_| bytes)?).ok()?;
        let text = |text: String| cut(mask(&text));
        let some = |value: Option<String>| value.map(text);
        Some(Self {
            python: facts.python.map(|python| Python {
                version: text(python.version),
                implementation: text(python.implementation),
                executable: text(python.executable),
                virtual_environment: python.virtual_environment,
                encoding: text(python.encoding),
                file_names: text(python.file_names),
            }),
            packages: facts.packages.map(|packages| {
                packages
                    .into_iter()
                    .take(MAX_ENTRIES)
                    .map(|(name, version)| (package_name(&text(name)), text(version)))
                    .collect()
            }),
            user: some(facts.user),
            home: some(facts.home),
            cwd: some(facts.cwd),
            time_zone: some(facts.time_zone),
            kernel: some(facts.kernel),
            machine: some(facts.machine),
            libc: some(facts.libc),
            system: some(facts.system),
            programs: facts
                .programs
                .map(|all| all.into_iter().take(MAX_ENTRIES).map(text).collect()),
            variables: facts.variables.map(|variables| {
                variables
                    .into_iter()
                    .take(MAX_ENTRIES)
                    .map(|(name, value)| (text(name), some(value)))
                    .collect()
            }),
            ..facts
        })
    }

    /// Whether its processes are root's.
    pub(crate) fn is_root(&self) -> Option<bool> {
        self.uid.map(|uid| uid == 0)
    }

    /// Whether its processes have a right.
    pub(crate) fn has(&self, capability: Capability) -> Option<bool> {
        self.capabilities
            .map(|bits| bits & (1 << capability as u64) != 0)
    }

    /// The facts without figures that are others each time.
    pub(crate) fn steady(&self) -> Self {
        Self {
            memory_peak: None,
            cpu_millis: None,
            ..self.clone()
        }
    }

    /// The value of a variable whose value is kept.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.as_ref()?.get(name)?.as_deref()
    }
}

/// A package's name as packages are compared (PEP 503, with `_`).
pub(crate) fn package_name(name: &str) -> String {
    name.to_lowercase().replace(['-', '.'], "_")
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let end = text.floor_char_boundary(MAX_TEXT);
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Capability, JobFacts};

    #[test]
    fn what_an_environment_says_is_masked_and_cut() {
        let said = serde_json::json!({
            "home": "/home/hunter2",
            "user": null,
            "uid": 0,
            "capabilities": 0b10,
            "packages": { "Zope.Interface": "5.0" },
            "variables": { "TZ": "x".repeat(5_000), "TOKEN": null },
            "what a later one knows": [1, 2],
        });
        let text = serde_json::to_vec(&said).unwrap();
        let facts = JobFacts::read(&text, |text| text.replace("hunter2", "***")).unwrap();
        assert_eq!(facts.home.as_deref(), Some("/home/***"));
        assert_eq!(facts.user, None);
        assert_eq!(facts.packages.as_ref().unwrap()["zope_interface"], "5.0");
        assert_eq!(facts.variable("TZ").unwrap().len(), 1_000);
        assert_eq!(facts.variable("TOKEN"), None);
        assert_eq!(facts.is_root(), Some(true));
        assert_eq!(facts.has(Capability::OverridePermissions), Some(true));
        assert_eq!(
            JobFacts::default().has(Capability::OverridePermissions),
            None
        );
    }

    #[test]
    fn nonsense_is_no_fact() {
        for text in ["", "{", "[]", "{\"uid\": \"root\"}", "{\"uid\": -1}"] {
            assert!(
                JobFacts::read(text.as_bytes(), str::to_owned).is_none(),
                "{text}"
            );
        }
    }
}
