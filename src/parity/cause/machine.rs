//! Causes that lie in the machine: processors, memory, network, file system.

use super::Failing;
use crate::parity::differences;

/// `/dev/shm` is smaller.
pub(super) fn shared_memory(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "/dev/shm",
        "shared_memory",
        "sharedmemory",
        "bus error",
        "shm_open",
        "sigbus",
    ];
    if !failing.speaks_of(&words) {
        return None;
    }
    let (there, elsewhere) = failing.differ(|facts| facts.shared_memory)?;
    (there < elsewhere).then(|| {
        format!(
            "/dev/shm has {} in the {} and {} in the {}; the option --shm-size sets it",
            differences::bytes(there),
            failing.fails,
            differences::bytes(elsewhere),
            failing.passes
        )
    })
}

/// There is less memory.
pub(super) fn memory(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "memoryerror",
        "cannot allocate memory",
        "out of memory",
        "oom",
        "killed",
        "sigkill",
    ];
    if !failing.speaks_of(&words) {
        return None;
    }
    let (there, elsewhere) = failing.differ(|facts| facts.memory_limit.or(facts.memory))?;
    (there < elsewhere).then(|| {
        format!(
            "there is {} of memory in the {} and {} in the {}; --memory sets it",
            differences::bytes(there),
            failing.fails,
            differences::bytes(elsewhere),
            failing.passes
        )
    })
}

/// There are other processors.
pub(super) fn processors(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "cpu_count",
        "sched_getaffinity",
        "nproc",
        "max_workers",
        "n_jobs",
        "num_workers",
    ];
    if !failing.speaks_of(&words) {
        return None;
    }
    let (there, elsewhere) = failing.differ(differences::processors)?;
    Some(format!(
        "the {} has {there} processors, the {} {elsewhere}",
        failing.fails, failing.passes
    ))
}

/// Other networks cannot be reached.
pub(super) fn network(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "name resolution",
        "name or service not known",
        "getaddrinfo",
        "gaierror",
        "network is unreachable",
        "no route to host",
        "connectionerror",
        "connecttimeout",
        "max retries exceeded",
    ];
    let reaches = |way: Option<bool>| way == Some(true);
    let cut_off =
        failing.there.default_route == Some(false) && reaches(failing.elsewhere.default_route);
    (cut_off && failing.speaks_of(&words)).then(|| {
        format!(
            "the {} has no way to other networks, the {} has one",
            failing.fails, failing.passes
        )
    })
}

/// There is no IPv6.
pub(super) fn ipv6(failing: &Failing<'_>) -> Option<String> {
    let words = [
        "::1",
        "af_inet6",
        "ipv6",
        "cannot assign requested address",
        "address family not supported",
    ];
    let lacks = failing.there.ipv6 == Some(false) && failing.elsewhere.ipv6 == Some(true);
    (lacks && failing.speaks_of(&words)).then(|| {
        format!(
            "the {} has no IPv6, the {} has",
            failing.fails, failing.passes
        )
    })
}

/// The file system behaves differently.
pub(super) fn files(failing: &Failing<'_>) -> Option<String> {
    let (fails, passes) = (failing.fails, failing.passes);
    let words = ["cross-device link", "exdev", "o_direct", "invalid argument"];
    if let Some((there, _)) = failing.differ(|facts| facts.tmp_in_memory)
        && failing.speaks_of(&words)
    {
        let place = |memory: bool| if memory { "in memory" } else { "on disk" };
        return Some(format!(
            "/tmp lies {} in the {fails} and {} in the {passes}",
            place(there),
            place(!there)
        ));
    }
    let words = [
        "no such file",
        "filenotfounderror",
        "fileexistserror",
        "case",
    ];
    let (there, _) = failing.differ(|facts| facts.case_sensitive)?;
    failing.speaks_of(&words).then(|| {
        let side = if there { fails } else { passes };
        format!("names of files differ by case only in the {side}")
    })
}
