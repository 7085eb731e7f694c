//! When a service is ready: by its health check, made quicker, or by a question that
//! fits a well-known image.

use std::time::Duration;

use super::Readiness;
use crate::docker::HealthCheck;
use crate::plan::CreateOptions;

/// Time between two questions. The first one comes after it (Docker), so that it is
/// what a quick service waits in any case.
const INTERVAL: Duration = Duration::from_secs(1);
/// What the wait may take beyond the time that the check itself allows.
const SLACK: Duration = Duration::from_secs(60);
/// Longest that a service may take whose end another one waits for: one that fills a
/// database, for example.
const UNTIL_THE_END: Duration = Duration::from_secs(10 * 60);
/// Docker's defaults (Dockerfile reference, `HEALTHCHECK`).
const DOCKER: Times = Times {
    interval: Duration::from_secs(30),
    timeout: Duration::from_secs(30),
    start_period: Duration::ZERO,
    retries: 3,
};
/// For images that we ask by ourselves: three minutes.
const OURS: Times = Times {
    interval: INTERVAL,
    timeout: Duration::from_secs(20),
    start_period: Duration::ZERO,
    retries: 180,
};

#[derive(Clone, Copy)]
struct Times {
    interval: Duration,
    timeout: Duration,
    start_period: Duration,
    retries: u32,
}

/// How a service of an image is known to be ready. `image` is its name, `asked` what
/// the workflow says, `own` the image's own check.
pub(crate) fn readiness(
    image: &str,
    asked: &CreateOptions,
    own: Option<&HealthCheck>,
) -> Readiness {
    let health = &asked.health;
    if health.disabled {
        return Readiness::default();
    }
    let command = health
        .command
        .as_deref()
        .filter(|command| !command.trim().is_empty());
    let family = Family::of_image(image).or_else(|| Family::of_command(command?));
    let probe = family.map(|family| family.probe(only_port(asked)));
    let (command, base, source) = match (command, own) {
        (Some(command), own) => {
            // A database that is being prepared answers on its socket. Asked every ten
            // seconds nobody notices; asked every second, it would count as ready.
            let command = match probe.filter(|_| family.is_some_and(Family::prepares)) {
                Some(probe) => format!("(\n{command}\n) && (\n{probe}\n)"),
                None => command.to_owned(),
            };
            (Some(command), times(own), "its health check")
        }
        (None, Some(own)) => (None, times(Some(own)), "its image's health check"),
        (None, None) => {
            return match probe {
                Some(probe) => scaled(Some(probe), OURS, "seatrial's question"),
                None => Readiness::default(),
            };
        }
    };
    let some = |time: Option<Duration>, other| time.filter(|time| !time.is_zero()).unwrap_or(other);
    let times = Times {
        interval: some(health.interval, base.interval),
        timeout: some(health.timeout, base.timeout),
        start_period: some(health.start_period, base.start_period),
        retries: health
            .retries
            .filter(|retries| *retries > 0)
            .unwrap_or(base.retries),
    };
    scaled(command, times, source)
}

/// When a service is ready whose end another one waits for.
pub(crate) fn at_its_end() -> Readiness {
    Readiness {
        check: None,
        patience: UNTIL_THE_END,
        source: "its end",
        ends: true,
    }
}

/// The port of a service that publishes one only.
fn only_port(asked: &CreateOptions) -> Option<u16> {
    match asked.ports.as_slice() {
        [one] if one.protocol == "tcp" => Some(one.container),
        _ => None,
    }
}

fn times(own: Option<&HealthCheck>) -> Times {
    own.map_or(DOCKER, |own| Times {
        interval: own.interval,
        timeout: own.timeout,
        start_period: own.start_period,
        retries: own.retries,
    })
}

/// The same total patience in smaller steps.
fn scaled(command: Option<String>, times: Times, source: &'static str) -> Readiness {
    let interval = times.interval.min(INTERVAL);
    let total = times.interval.saturating_mul(times.retries);
    let retries = total
        .as_nanos()
        .div_ceil(interval.as_nanos().max(1))
        .clamp(1, 1_000_000);
    Readiness {
        check: Some(HealthCheck {
            command,
            interval,
            timeout: times.timeout,
            start_period: times.start_period,
            retries: u32::try_from(retries).unwrap_or(1_000_000),
        }),
        patience: times
            .start_period
            .saturating_add(total)
            .saturating_add(times.timeout.saturating_mul(times.retries))
            .saturating_add(SLACK),
        source,
        ends: false,
    }
}

/// Well-known servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Postgres,
    Mysql,
    Redis,
    Mongo,
    Rabbitmq,
    Elasticsearch,
    Memcached,
}

impl Family {
    /// By the last part of an image's name.
    fn of_image(image: &str) -> Option<Self> {
        let name = image.split('@').next().unwrap_or(image);
        let name = name.rsplit('/').next().unwrap_or(name);
        let name = name.split(':').next().unwrap_or(name);
        Some(match name.to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" | "postgis" | "pgvector" | "timescaledb"
            | "timescaledb-ha" => Self::Postgres,
            "mysql" | "mysql-server" | "mariadb" | "percona" | "percona-server" => Self::Mysql,
            "redis" | "redis-stack" | "redis-stack-server" | "valkey" | "keydb" => Self::Redis,
            "mongo" | "mongodb" | "mongodb-community-server" => Self::Mongo,
            "rabbitmq" | "rabbitmq-server" => Self::Rabbitmq,
            "elasticsearch" | "opensearch" => Self::Elasticsearch,
            "memcached" => Self::Memcached,
            _ => return None,
        })
    }

    /// By what a health check calls: images of one's own have any name.
    fn of_command(command: &str) -> Option<Self> {
        let calls = |tool: &str| command.contains(tool);
        if calls("pg_isready") {
            Some(Self::Postgres)
        } else if calls("mysqladmin") || calls("mariadb-admin") {
            Some(Self::Mysql)
        } else {
            None
        }
    }

    /// Whether its images run the server for themselves before they run it for others.
    fn prepares(self) -> bool {
        matches!(self, Self::Postgres | Self::Mysql | Self::Mongo)
    }

    /// A question with exit code 0 when clients can connect over the network. An image
    /// that lacks the tool counts as ready, as one without any check does.
    fn probe(self, port: Option<u16>) -> String {
        let port_or = |default: u16| port.unwrap_or(default);
        match self {
            Self::Postgres => {
                let port = port.map_or("${PGPORT:-5432}".to_owned(), |port| port.to_string());
                format!(
                    r#"command -v pg_isready >/dev/null || exit 0; exec pg_isready -q -h 127.0.0.1 -p "{port}" -U "${{POSTGRES_USER:-postgres}}""#
                )
            }
            Self::Mysql => format!(
                r#"tool=$(command -v mysqladmin || command -v mariadb-admin) || exit 0; exec "$tool" ping -h 127.0.0.1 -P {} --silent"#,
                port_or(3306)
            ),
            Self::Redis => format!(
                r#"tool=$(command -v redis-cli || command -v valkey-cli || command -v keydb-cli) || exit 0; "$tool" -p {} ping 2>&1 | grep -q -e PONG -e NOAUTH"#,
                port_or(6379)
            ),
            Self::Mongo => {
                let port = port_or(27017);
                // With a user to be made, it first listens for itself alone.
                format!(
                    r#"tool=$(command -v mongosh || command -v mongo) || exit 0; [ -z "${{MONGO_INITDB_ROOT_USERNAME-}}" ] || grep -q '0\{{8,32\}}:{port:04X} 0*:0000 0A' /proc/net/tcp /proc/net/tcp6 || exit 1; exec "$tool" --quiet --host 127.0.0.1 --port {port} --eval 'db.adminCommand({{ ping: 1 }}).ok'"#
                )
            }
            Self::Rabbitmq => {
                "command -v rabbitmq-diagnostics >/dev/null || exit 0; exec rabbitmq-diagnostics -q check_port_connectivity".to_owned()
            }
            // An answer of any kind, also one that asks for a password.
            Self::Elasticsearch => format!(
                "command -v curl >/dev/null || exit 0; for scheme in http https; do code=$(curl -sk -o /dev/null -w '%{{http_code}}' \"$scheme://127.0.0.1:{}/_cluster/health?wait_for_status=yellow&timeout=1s\"); case $code in 200|401|403) exit 0 ;; esac; done; exit 1",
                port.filter(|port| *port != 9300).unwrap_or(9200)
            ),
            Self::Memcached => {
                let port = port_or(11211);
                format!(
                    "if command -v nc >/dev/null; then exec nc -z 127.0.0.1 {port}; elif command -v bash >/dev/null; then exec bash -c '</dev/tcp/127.0.0.1/{port}'; fi"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn asked(command: &str, interval: u64, retries: u32) -> CreateOptions {
        let mut asked = CreateOptions::default();
        asked.health.command = Some(command.to_owned());
        asked.health.interval = Some(Duration::from_secs(interval));
        asked.health.retries = Some(retries);
        asked
    }

    #[test]
    fn patience_is_kept_in_smaller_steps() {
        let ready = readiness("acme/thing", &asked("check", 10, 5), None);
        let check = ready.check.unwrap();
        assert_eq!(check.command.as_deref(), Some("check"));
        assert_eq!(check.interval, Duration::from_secs(1));
        assert_eq!(check.retries, 50);
        assert!(ready.patience >= Duration::from_secs(50));
        // Quicker than ours is left alone; Docker's defaults fill in.
        let mut quick = asked("x", 1, 7);
        quick.health.interval = Some(Duration::from_millis(200));
        let check = readiness("x", &quick, None).check.unwrap();
        assert_eq!((check.interval.as_millis(), check.retries), (200, 7));
        let mut plain = asked("x", 0, 0);
        plain.health.retries = None;
        assert_eq!(readiness("x", &plain, None).check.unwrap().retries, 90);
    }

    #[test]
    fn a_database_that_is_being_prepared_is_not_ready() {
        for (image, command, guarded) in [
            ("postgres:15", "pg_isready", true),
            ("acme/db", "pg_isready -U x", true),
            ("mysql:8", "mysqladmin ping", true),
            ("redis:7", "redis-cli ping", false),
            ("acme/app", "curl localhost", false),
        ] {
            let check = readiness(image, &asked(command, 10, 5), None)
                .check
                .unwrap();
            let asks = check.command.unwrap();
            assert!(asks.contains(command), "{asks}");
            assert_eq!(asks.contains("-h 127.0.0.1"), guarded, "{asks}");
        }
        let mut other = asked("pg_isready", 10, 5);
        other.ports = crate::plan::port_mappings("5433:5433").unwrap();
        let check = readiness("postgres", &other, None).check.unwrap();
        assert!(check.command.unwrap().contains("-p \"5433\""));
    }

    #[test]
    fn the_workflow_goes_before_the_image_and_that_before_us() {
        let none = CreateOptions::default();
        let own = HealthCheck {
            command: None,
            interval: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            start_period: Duration::from_secs(3),
            retries: 4,
        };
        let check = readiness("redis:7", &none, Some(&own)).check.unwrap();
        assert_eq!(check.command, None);
        assert_eq!(check.retries, 20);
        assert_eq!(check.start_period, Duration::from_secs(3));
        let check = readiness("redis:7", &none, None).check.unwrap();
        assert!(check.command.unwrap().contains("redis-cli"));
        let mut off = CreateOptions::default();
        off.health.disabled = true;
        assert_eq!(readiness("redis:7", &off, Some(&own)).check, None);
    }

    #[test]
    fn well_known_images_are_known_by_their_last_name() {
        for (image, known) in [
            ("postgres", true),
            ("postgres:15-alpine", true),
            ("docker.io/library/postgres@sha256:0123", true),
            ("localhost:5000/postgis/postgis:15-3.4", true),
            ("bitnami/postgresql", true),
            ("acme/postgres-exporter", false),
            ("redis", true),
            ("nginx", false),
        ] {
            assert_eq!(Family::of_image(image).is_some(), known, "{image}");
        }
    }

    /// The questions are valid shell.
    #[test]
    fn questions_can_be_read_by_a_shell() {
        for family in [
            Family::Postgres,
            Family::Mysql,
            Family::Redis,
            Family::Mongo,
            Family::Rabbitmq,
            Family::Elasticsearch,
            Family::Memcached,
        ] {
            for port in [None, Some(1234)] {
                let probe = family.probe(port);
                let read = std::process::Command::new("sh")
                    .args(["-n", "-c", &probe])
                    .status()
                    .unwrap();
                assert!(read.success(), "{probe}");
            }
        }
    }
}
