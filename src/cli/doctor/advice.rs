//! What could be better about an engine that works: what it is, why it matters, and the
//! way out. Nothing here keeps a run from passing.

use super::checks::Check;
use crate::docker::Info;

/// Networks that an engine makes without pools of its own: 172.17.0.0/16 to
/// 172.31.0.0/16, and 192.168.0.0/16 in pieces of /20 (`ipamutils` of moby).
const DEFAULT_POOLS: u64 = 15 + 16;
/// Free networks below which runs side by side may find none.
const FEW: u64 = 4;

/// All advice that follows from what the engine says of itself.
pub(super) fn of_engine(info: &Info, product: &str) -> Vec<Check> {
    let mut checks = vec![cgroups(info), isolation(info), logs(info)];
    if product == "docker" {
        checks.push(live_restore(info));
    }
    checks
}

/// Whether a security option is on: `name=rootless`.
fn has(info: &Info, option: &str) -> bool {
    info.security.iter().any(|text| {
        let text = text.strip_prefix("name=").unwrap_or(text);
        text.split(',').next() == Some(option)
    })
}

fn cgroups(info: &Info) -> Check {
    match info.cgroup.as_str() {
        "" => Check::warn(
            "cgroups",
            "the engine does not tell the version",
            "limits of memory and processes may not work",
        ),
        "1" if has(info, "rootless") => Check::warn(
            "cgroups",
            "version 1 under a rootless engine: limits of memory and processes have no effect",
            "boot with cgroup version 2 (`systemd.unified_cgroup_hierarchy=1`)",
        ),
        "1" => Check::note(
            "cgroups",
            "version 1, which Linux distributions and systemd give up",
            "boot with cgroup version 2 (`systemd.unified_cgroup_hierarchy=1`)",
        ),
        version => Check::ok("cgroups", &format!("version {version}")),
    }
}

fn isolation(info: &Info) -> Check {
    if has(info, "rootless") {
        return Check::ok("isolation", "the engine is rootless");
    }
    if has(info, "userns") {
        return Check::ok("isolation", "root in a container is another user outside");
    }
    Check::note(
        "isolation",
        "root in a container that breaks out is root of this machine",
        "for code that you do not trust, use a rootless engine, or `userns-remap` in daemon.json",
    )
}

fn logs(info: &Info) -> Check {
    let own = "seatrial's containers keep 20 MiB at most";
    match info.log_driver.as_str() {
        "json-file" => Check::note(
            "log driver",
            &format!("json-file, by default without an end; {own}, others may fill the disk"),
            "set `\"log-driver\": \"local\"`, or `max-size` in `log-opts`, in daemon.json",
        ),
        driver => Check::ok("log driver", driver),
    }
}

fn live_restore(info: &Info) -> Check {
    if info.live_restore {
        return Check::ok("live-restore", "on: jobs survive a restart of the engine");
    }
    Check::note(
        "live-restore",
        "off: a restart of the engine ends the jobs that run",
        "set `\"live-restore\": true` in daemon.json (not with Swarm)",
    )
}

/// How many networks can still be made. `used` counts those that have addresses.
pub(super) fn pools(info: &Info, used: u64) -> Check {
    let most: u64 = if info.pools.is_empty() {
        DEFAULT_POOLS
    } else {
        info.pools
            .iter()
            .map(|(base, size)| networks_of(base, *size))
            .fold(0, u64::saturating_add)
    };
    let free = most.saturating_sub(used);
    let message = format!("{used} of at most {most} networks are in use");
    if free < FEW {
        return Check::warn(
            "networks",
            &format!("{message}: runs with services may find no addresses for theirs"),
            "`docker network prune` removes those that nobody uses; `default-address-pools` in daemon.json makes room for more",
        );
    }
    Check::ok("networks", &message)
}

/// Networks with a prefix of `size` in a pool such as `10.0.0.0/8`.
fn networks_of(base: &str, size: u32) -> u64 {
    let length = base
        .rsplit_once('/')
        .and_then(|(_, length)| length.parse::<u32>().ok());
    length
        .and_then(|length| size.checked_sub(length))
        .and_then(|bits| 1u64.checked_shl(bits))
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::checks::Status;

    fn info(change: impl FnOnce(&mut Info)) -> Info {
        let mut info = Info {
            cgroup: "2".to_owned(),
            log_driver: "local".to_owned(),
            live_restore: true,
            security: vec!["name=seccomp,profile=default".into(), "name=userns".into()],
            ..Info::default()
        };
        change(&mut info);
        info
    }

    /// The one check that has a way out.
    fn advised(info: &Info) -> Vec<(String, Status)> {
        of_engine(info, "docker")
            .into_iter()
            .filter(|check| check.remedy.is_some())
            .map(|check| (check.name, check.status))
            .collect()
    }

    #[test]
    fn an_engine_that_is_well_kept_needs_no_advice() {
        assert_eq!(advised(&info(|_| {})), []);
    }

    #[test]
    fn user_namespaces_and_rootless() {
        let root = info(|info| info.security.truncate(1));
        assert_eq!(advised(&root), [("isolation".to_owned(), Status::Ok)]);
        let rootless = info(|info| info.security = vec!["name=rootless".to_owned()]);
        assert_eq!(advised(&rootless), []);
    }

    #[test]
    fn cgroup_versions() {
        let first = info(|info| info.cgroup = "1".to_owned());
        assert_eq!(advised(&first), [("cgroups".to_owned(), Status::Ok)]);
        let rootless = info(|info| {
            info.cgroup = "1".to_owned();
            info.security = vec!["name=rootless".to_owned()];
        });
        assert_eq!(advised(&rootless), [("cgroups".to_owned(), Status::Warn)]);
        let silent = info(|info| info.cgroup = String::new());
        assert_eq!(advised(&silent), [("cgroups".to_owned(), Status::Warn)]);
    }

    #[test]
    fn logs_without_an_end() {
        let endless = info(|info| info.log_driver = "json-file".to_owned());
        assert_eq!(advised(&endless), [("log driver".to_owned(), Status::Ok)]);
    }

    #[test]
    fn restarts_of_the_engine() {
        let off = info(|info| info.live_restore = false);
        assert_eq!(advised(&off), [("live-restore".to_owned(), Status::Ok)]);
        assert_eq!(of_engine(&off, "podman").len(), 3);
    }

    #[test]
    fn addresses_for_networks() {
        let default = info(|_| {});
        assert_eq!(
            pools(&default, 5).message,
            "5 of at most 31 networks are in use"
        );
        assert_eq!(pools(&default, 27).status, Status::Ok);
        assert_eq!(pools(&default, 28).status, Status::Warn);
        assert_eq!(pools(&default, 40).status, Status::Warn);
        let own = info(|info| info.pools = vec![("10.10.0.0/16".to_owned(), 24)]);
        assert_eq!(
            pools(&own, 28).message,
            "28 of at most 256 networks are in use"
        );
        for (base, size) in [("10.0.0.0/24", 16), ("fd00::/8", 96), ("nonsense", 24)] {
            let odd = info(|info| info.pools = vec![(base.to_owned(), size)]);
            assert_eq!(pools(&odd, 28).status, Status::Ok, "{base}");
        }
    }
}
