//! Labels that say whose a container, network or volume is.
//!
//! They are never put on images: containers inherit an image's labels, and a
//! sweep would then remove a user's own container. Images that seatrial builds bear
//! another one, which no sweep looks at.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Label that holds the run's name.
pub(crate) const LABEL_RUN: &str = "dev.seatrial.run";
/// Label that holds the leg's name.
pub(crate) const LABEL_JOB: &str = "dev.seatrial.job";
/// Label of images that seatrial builds: the tag that moves to the newest of them.
pub(crate) const LABEL_IMAGE: &str = "dev.seatrial.image";
/// Variable in the environment of processes that a run starts on this machine: it holds
/// the run's name, as the label does for containers.
pub(crate) const RUN_VARIABLE: &str = "SEATRIAL_RUN";
/// Variable in the environment of processes that tells which command of a job they belong
/// to (`engine/docker/step.sh`).
pub(crate) const COMMAND_VARIABLE: &str = "SEATRIAL_COMMAND";
/// Label that holds the owner, see [`Owner`].
pub(crate) const LABEL_OWNER: &str = "dev.seatrial.owner";

/// The process that created something on an engine. A process number alone is
/// not enough: it may be in use again after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Owner {
    /// Identifies the machine.
    pub(crate) machine: String,
    /// Identifies the machine's current boot.
    pub(crate) boot: String,
    /// Process number.
    pub(crate) pid: u32,
    /// Start of the process in clock ticks since boot; 0 where unknown.
    pub(crate) started: u64,
    /// Seconds after which the owner needs it no more, come what may; 0 for no end. Other
    /// machines, which cannot look for the process, go by it.
    #[serde(default)]
    pub(crate) lease: u64,
}

impl Owner {
    /// This very process.
    pub(crate) fn current() -> Self {
        let read = |path: &str| {
            std::fs::read_to_string(path)
                .map(|text| text.trim().to_owned())
                .unwrap_or_default()
        };
        let pid = std::process::id();
        Self {
            machine: read("/etc/machine-id"),
            boot: read("/proc/sys/kernel/random/boot_id"),
            pid,
            started: start_time(pid).unwrap_or(0),
            lease: 0,
        }
    }

    /// The same owner, of something that is needed for so long.
    #[must_use]
    pub(crate) fn for_time(&self, lease: Duration) -> Self {
        Self {
            lease: lease.as_secs(),
            ..self.clone()
        }
    }

    /// The label's text.
    pub(crate) fn to_label(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the label's text.
    pub(crate) fn from_label(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// Whether the owner of something still runs, as far as this process can tell. Only its
/// own machine knows; on another one it counts as alive until the lease is over, by the
/// engine's clock, as `age` is.
pub(crate) fn is_alive(owner: &Owner, current: &Owner, age: Option<Duration>) -> bool {
    if owner.machine != current.machine {
        let lease = Duration::from_secs(owner.lease);
        return lease.is_zero() || age.is_none_or(|age| age <= lease);
    }
    if owner.boot != current.boot {
        return false;
    }
    start_time(owner.pid).is_some_and(|started| started == owner.started)
}

/// Field 22 of `/proc/PID/stat` (proc(5)), counted behind the command's name,
/// which may hold spaces and parentheses.
fn start_time(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn this_process_is_alive_and_another_start_is_not() {
        let current = Owner::current();
        assert!(is_alive(&current, &current, None));
        let mut earlier = current.clone();
        earlier.started += 1;
        assert!(!is_alive(&earlier, &current, None));
        let mut reboot = current.clone();
        reboot.boot = "other".to_owned();
        assert!(!is_alive(&reboot, &current, None));
    }

    #[test]
    fn another_machine_is_left_alone() {
        let current = Owner::current();
        let mut other = current.clone();
        other.machine = "elsewhere".to_owned();
        other.started = 1;
        assert!(is_alive(&other, &current, None));
        let hour = Duration::from_secs(3600);
        let leased = other.for_time(hour);
        assert!(is_alive(&leased, &current, None));
        assert!(is_alive(&leased, &current, Some(hour)));
        assert!(!is_alive(&leased, &current, Some(hour * 2)));
        assert!(
            is_alive(&other, &current, Some(hour * 2)),
            "no lease, no end"
        );
    }

    #[test]
    fn label_round_trips() {
        let current = Owner::current();
        assert_eq!(Owner::from_label(&current.to_label()).unwrap(), current);
        assert_eq!(Owner::from_label("nonsense"), None);
    }
}
