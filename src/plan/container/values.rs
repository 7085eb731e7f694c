//! Values of options of `docker create`: times, sizes, ports, mounts, limits.

use std::time::Duration;

use super::options::{Mount, PortMapping, Ulimit};

/// A time as Go writes it: `10s`, `1m30s`, `500ms`, `1.5h`, `0`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time such as `10s` or `1m30s`");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let letters = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let factor = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        total += number * factor;
        rest = tail;
    }
    if text.is_empty() {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(total).map_err(|_| wrong())
}

/// A size as Docker writes it: `512m`, `1g`, `64MiB`, `1024`. In bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is not a size such as `512m` or `1g`");
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(lower.len());
    let (number, unit) = lower.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let unit = unit.trim();
    let power = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" if unit != "i" && unit != "ib" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return Err(wrong()),
    };
    let bytes = number * 1024f64.powi(power);
    if bytes.is_finite() && (0.0..=9.0e18).contains(&bytes) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is checked"
        )]
        let bytes = bytes as u64;
        Ok(bytes)
    } else {
        Err(wrong())
    }
}

/// A whole number.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("`{text}` is not a number that fits here"))
}

/// `--cpus` in billionths of a processor.
pub(super) fn cpus(text: &str) -> Result<i64, String> {
    let value: f64 = number(text)?;
    if (0.0..=1e6).contains(&value) {
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        let billionths = (value * 1e9) as i64;
        Ok(billionths)
    } else {
        Err(format!("`{text}` is not a number of processors"))
    }
}

/// `[IP:][HOST:]CONTAINER[/PROTOCOL]`, each a port or a range of ports.
pub(crate) fn ports(text: &str) -> Result<Vec<PortMapping>, String> {
    let wrong = || format!("`{text}` is not a port such as `5432` or `8080:80`");
    let (both, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(wrong());
    }
    // What stands before the two ports is an address, which has no meaning here.
    let (before, container) = both.rsplit_once(':').unwrap_or(("", both));
    let host = before.rsplit(':').next().unwrap_or_default();
    let container = range(container).ok_or_else(wrong)?;
    let host = match host {
        "" => None,
        host => Some(range(host).ok_or_else(wrong)?),
    };
    let count = container.1 - container.0;
    if let Some((first, last)) = host
        && last - first != count
        && count != 0
    {
        return Err(format!("the two ranges of `{text}` differ in length"));
    }
    Ok((0..=count)
        .map(|at| PortMapping {
            host: host.map(|(first, _)| first + at),
            container: container.0 + at,
            protocol: protocol.clone(),
        })
        .collect())
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let first: u16 = first.parse().ok().filter(|port| *port > 0)?;
    let last: u16 = last.parse().ok()?;
    (first <= last).then_some((first, last))
}

/// `NAME=SOFT[:HARD]`.
pub(super) fn ulimit(text: &str) -> Result<Ulimit, String> {
    let wrong = || format!("`{text}` is not a limit such as `nofile=1024:2048`");
    let (name, values) = text.split_once('=').ok_or_else(wrong)?;
    let (soft, hard) = values.split_once(':').unwrap_or((values, values));
    Ok(Ulimit {
        name: name.to_owned(),
        soft: soft.parse().map_err(|_| wrong())?,
        hard: hard.parse().map_err(|_| wrong())?,
    })
}

/// `[SOURCE:]TARGET[:MODE]` of `--volume` and of the key `volumes`.
pub(super) fn volume(text: &str) -> Result<Mount, String> {
    let wrong =
        || format!("`{text}` is not a volume such as `/data`, `name:/data` or `/from:/to:ro`");
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, mode) = match parts.as_slice() {
        [target] => ("", *target, ""),
        // The runner reads `TARGET:ro` (`MountVolume` in actions/runner).
        [target, "ro"] if target.starts_with('/') => ("", *target, "ro"),
        [source, target] => (*source, *target, ""),
        [source, target, mode] => (*source, *target, *mode),
        _ => return Err(wrong()),
    };
    if !target.starts_with('/') {
        return Err(wrong());
    }
    let target = target.to_owned();
    let mode = mode.to_owned();
    if source.is_empty() {
        return Ok(Mount::Volume {
            name: None,
            target,
            mode,
        });
    }
    if source.starts_with(['/', '.', '~']) {
        return Ok(Mount::Bind {
            source: source.to_owned(),
            target,
            mode,
        });
    }
    let plain = source
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if !plain {
        return Err(wrong());
    }
    Ok(Mount::Volume {
        name: Some(source.to_owned()),
        target,
        mode,
    })
}

/// `--mount type=…,source=…,target=…`.
pub(super) fn mount(text: &str) -> Result<Mount, String> {
    let (mut kind, mut source, mut target, mut mode) = ("volume", "", "", "");
    let mut tmpfs = Vec::new();
    for part in text.split(',') {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key {
            "type" => kind = value,
            "source" | "src" => source = value,
            "target" | "dst" | "destination" => target = value,
            "readonly" | "ro" => {
                mode = if matches!(value, "false" | "0") {
                    ""
                } else {
                    "ro"
                }
            }
            "tmpfs-size" => tmpfs.push(format!("size={value}")),
            "tmpfs-mode" => tmpfs.push(format!("mode={value}")),
            _ => return Err(format!("`{key}` of `--mount` cannot be had")),
        }
    }
    if !target.starts_with('/') {
        return Err(format!("`{text}` has no `target` that begins with `/`"));
    }
    match kind {
        "tmpfs" => Ok(Mount::Tmpfs {
            target: target.to_owned(),
            options: tmpfs.join(","),
        }),
        "bind" => Ok(Mount::Bind {
            source: source.to_owned(),
            target: target.to_owned(),
            mode: mode.to_owned(),
        }),
        "volume" => volume(
            [source, target, mode]
                .iter()
                .filter(|part| !part.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join(":")
                .as_str(),
        ),
        other => Err(format!("the type `{other}` of `--mount` cannot be had")),
    }
}

/// Whether a path leads into what the kernel shows of itself and of its processes. A
/// container that begins in `/proc/self/fd/N` could stand in a folder of the machine
/// (CVE-2024-21626), one that mounts over `/proc` could evade its limits (CVE-2019-19921).
pub(crate) fn is_of_the_kernel(path: &str) -> bool {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    matches!(parts.as_slice(), ["proc" | "sys", ..] | ["dev", "fd", ..])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn times_are_those_of_go() {
        for (text, millis) in [
            ("10s", Some(10_000)),
            ("1m30s", Some(90_000)),
            ("500ms", Some(500)),
            ("1.5h", Some(5_400_000)),
            ("0", Some(0)),
            ("10", None),
            ("", None),
            ("s", None),
            ("-1s", None),
            ("10 s", None),
        ] {
            let read = duration(text).ok().map(|time| time.as_millis());
            assert_eq!(read, millis, "{text}");
        }
    }

    #[test]
    fn sizes_are_those_of_docker() {
        for (text, bytes) in [
            ("1024", Some(1024)),
            ("512m", Some(512 << 20)),
            ("1g", Some(1 << 30)),
            ("1GB", Some(1 << 30)),
            ("64MiB", Some(64 << 20)),
            ("1.5k", Some(1536)),
            ("2b", Some(2)),
            ("x", None),
            ("1x", None),
            ("1ib", None),
        ] {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
    }

    #[test]
    fn ports_have_many_forms() {
        let read = |text: &str| {
            ports(text).map(|all| {
                all.iter()
                    .map(|one| format!("{:?}>{}/{}", one.host, one.container, one.protocol))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
        };
        assert_eq!(read("5432").unwrap(), "None>5432/tcp");
        assert_eq!(read("5433:5432").unwrap(), "Some(5433)>5432/tcp");
        assert_eq!(read("53:53/UDP").unwrap(), "Some(53)>53/udp");
        assert_eq!(read("127.0.0.1:80:8080").unwrap(), "Some(80)>8080/tcp");
        assert_eq!(read("[::1]:80:8080").unwrap(), "Some(80)>8080/tcp");
        assert_eq!(read("127.0.0.1::8080").unwrap(), "None>8080/tcp");
        assert_eq!(
            read("80-81:90-91").unwrap(),
            "Some(80)>90/tcp Some(81)>91/tcp"
        );
        for wrong in [
            "",
            "x",
            "0",
            "70000",
            "1:2:3:x",
            "80-82:90-91",
            "5-3",
            "1/icmp",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn volumes_and_binds_are_told_apart() {
        let text = |mount: Mount| mount.canonical();
        assert_eq!(text(volume("/data").unwrap()), "--volume=/data");
        assert_eq!(text(volume("/data:ro").unwrap()), "--volume=/data:ro");
        assert_eq!(text(volume("db:/data").unwrap()), "--volume=db:/data");
        assert!(matches!(volume("/a:/b").unwrap(), Mount::Bind { .. }));
        assert!(matches!(volume("./a:/b:ro").unwrap(), Mount::Bind { .. }));
        assert!(volume("db:data").is_err());
        assert!(volume("a/b:/data").is_err());
        assert_eq!(
            text(mount("type=bind,src=/a,dst=/b,readonly").unwrap()),
            "--volume=/a:/b:ro"
        );
        assert!(matches!(
            mount("type=tmpfs,target=/x,tmpfs-size=1m").unwrap(),
            Mount::Tmpfs { options, .. } if options == "size=1m"
        ));
        assert!(mount("type=volume,target=/x,volume-opt=device=/").is_err());
    }

    #[test]
    fn folders_of_the_kernel() {
        for path in [
            "/proc/self/fd/8",
            "proc",
            "//proc/",
            "/a/../proc/1",
            "/sys/fs",
            "/dev/fd/3",
        ] {
            assert!(is_of_the_kernel(path), "{path}");
        }
        for path in [
            "/",
            "",
            "/srv",
            "/process",
            "/a/proc",
            "/dev/shm",
            "/proc/../srv",
        ] {
            assert!(!is_of_the_kernel(path), "{path}");
        }
    }
}
