//! A PostgreSQL server in a container, with encryption and a password, for as long as the
//! tests go on.

use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// The image that `scripts/base-image` makes.
const IMAGE: &str = "postgres:15";
/// The password of the user `postgres`.
pub(crate) const PASSWORD: &str = "hunter2-secret";
/// How often the server is asked whether it is there: each takes longer than nothing.
const PATIENCE: u32 = 1_000;

/// The server runs until its standard input is closed, which it is when this process ends,
/// however that happens.
const SERVER: &str = "
cp /tls/server.key /tls/server.crt /tmp/ && chown postgres /tmp/server.* && chmod 600 /tmp/server.key
docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/tmp/server.crt -c ssl_key_file=/tmp/server.key -c fsync=off >&2 &
cat
";

/// A certificate for this machine that is its own authority.
const CERTIFICATE: &str = "[req]
distinguished_name = name
x509_extensions = more
prompt = no
[name]
CN = seatrial
[more]
subjectAltName = IP:127.0.0.1
basicConstraints = critical, CA:FALSE
";

/// The server.
pub(crate) struct Server {
    /// Holds its standard input.
    _attached: Child,
    name: String,
    port: String,
    folder: tempfile::TempDir,
}

/// The one of this process.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(at("openssl.cnf"), CERTIFICATE).expect("a file");
        let (key, certificate, config) = (at("server.key"), at("server.crt"), at("openssl.cnf"));
        call(
            "openssl",
            &[
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-keyout",
                &key,
                "-out",
                &certificate,
                "-config",
                &config,
            ],
        );
        let name = format!("seatrial-test-history-{}", std::process::id());
        let attached = Command::new("docker")
            .args(["run", "--rm", "-i", "--name", &name, "--entrypoint", "sh"])
            .args([
                "-p",
                "127.0.0.1::5432",
                "--tmpfs",
                "/var/lib/postgresql/data",
            ])
            .args(["-v", &format!("{}:/tls:ro", folder.path().display())])
            .args(["-e", &format!("POSTGRES_PASSWORD={PASSWORD}")])
            .args([IMAGE, "-c", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker can be started");
        // The server that makes the database listens on no address.
        let ask = ["exec", &name, "pg_isready", "-q", "-h", "127.0.0.1"];
        let ready = (0..PATIENCE).any(|_| {
            let asked = Command::new("docker").args(ask).output();
            asked.is_ok_and(|output| output.status.success())
        });
        assert!(
            ready,
            "there is no PostgreSQL server: these tests need Docker and {IMAGE}"
        );
        let port = call("docker", &["port", &name, "5432/tcp"]);
        let port = port
            .trim()
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned();
        Self {
            _attached: attached,
            name,
            port,
            folder,
        }
    }

    /// The URL of a new database; `options` follow its `?`.
    pub(crate) fn database(&self, name: &str, options: &str) -> String {
        self.run("postgres", &format!("CREATE DATABASE {name}"));
        let port = &self.port;
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{port}/{name}?{options}")
    }

    /// Runs SQL in a database. Gives what it prints.
    pub(crate) fn run(&self, database: &str, sql: &str) -> String {
        let name = &self.name;
        let psql = [
            "exec",
            name,
            "psql",
            "-U",
            "postgres",
            "-qAtX",
            "-v",
            "ON_ERROR_STOP=1",
        ];
        call(
            "docker",
            &[&psql[..], &["-d", database, "-c", sql]].concat(),
        )
    }

    /// The file with the certificate to trust.
    pub(crate) fn certificate(&self) -> std::path::PathBuf {
        self.folder.path().join("server.crt")
    }
}

/// Runs a program that has to succeed. Gives what it prints.
fn call(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
