//! The flags of `docker create` (Docker CLI reference), by what becomes of them here.

/// Flags that take a value.
pub(super) const VALUES: [&str; 40] = [
    "add-host",
    "cap-add",
    "cap-drop",
    "cpus",
    "device",
    "entrypoint",
    "env",
    "expose",
    "group-add",
    "health-cmd",
    "health-interval",
    "health-retries",
    "health-start-interval",
    "health-start-period",
    "health-timeout",
    "hostname",
    "ipc",
    "label",
    "memory",
    "mount",
    "network",
    "network-alias",
    "pid",
    "pids-limit",
    "platform",
    "publish",
    "security-opt",
    "shm-size",
    "stop-signal",
    "sysctl",
    "tmpfs",
    "ulimit",
    "user",
    "userns",
    "volume",
    "workdir",
    "net",
    "net-alias",
    "name",
    "restart",
];

/// Flags that are there or not.
pub(super) const SWITCHES: [&str; 4] = ["init", "no-healthcheck", "privileged", "read-only"];

/// Flags that change nothing that a job could notice here; the second part takes a
/// value.
pub(super) const NO_EFFECT: (&[&str], &[&str]) = (
    &[
        "detach",
        "disable-content-trust",
        "interactive",
        "oom-kill-disable",
        "publish-all",
        "quiet",
        "rm",
        "tty",
    ],
    &[
        "attach",
        "blkio-weight",
        "cpu-shares",
        "cpuset-cpus",
        "cpuset-mems",
        "log-driver",
        "log-opt",
        "mac-address",
        "memory-reservation",
        "memory-swap",
        "memory-swappiness",
        "oom-score-adj",
        "pull",
        "stop-timeout",
    ],
);

/// Flags of `docker create` that seatrial cannot honour.
pub(super) const UNSUPPORTED: [&str; 26] = [
    "annotation",
    "cgroup-parent",
    "cgroupns",
    "cidfile",
    "cpu-period",
    "cpu-quota",
    "cpu-rt-period",
    "cpu-rt-runtime",
    "device-cgroup-rule",
    "device-read-bps",
    "device-read-iops",
    "device-write-bps",
    "device-write-iops",
    "dns",
    "dns-option",
    "dns-search",
    "domainname",
    "env-file",
    "gpus",
    "ip",
    "label-file",
    "link",
    "runtime",
    "storage-opt",
    "uts",
    "volumes-from",
];

/// The long name of a one-letter flag.
pub(super) fn long_name(letter: char) -> Option<&'static str> {
    Some(match letter {
        'a' => "attach",
        'c' => "cpu-shares",
        'd' => "detach",
        'e' => "env",
        'h' => "hostname",
        'i' => "interactive",
        'l' => "label",
        'm' => "memory",
        'p' => "publish",
        'P' => "publish-all",
        'q' => "quiet",
        't' => "tty",
        'u' => "user",
        'v' => "volume",
        'w' => "workdir",
        _ => return None,
    })
}

/// Whether a flag, by its long name, is followed by a value.
pub(super) fn takes_value(name: &str) -> bool {
    VALUES.contains(&name) || NO_EFFECT.1.contains(&name) || UNSUPPORTED.contains(&name)
}
