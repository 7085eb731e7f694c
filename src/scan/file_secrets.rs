//! Secrets in the files of an image.

use super::secret::{self, Secret, find as known, is_telling, of_kind, of_url, of_variable};

/// Most bytes of a file that is looked into: secrets are written by people.
const MOST: u64 = 1 << 20;
/// Bytes at the beginning in which a zero tells that a file is no text.
const HEAD: usize = 8 << 10;

/// Folders of the distribution and of libraries, which hold keys for tests and examples.
const LIBRARIES: [&str; 10] = [
    "usr/share/",
    "usr/lib/",
    "usr/include/",
    "usr/src/",
    "usr/local/lib/",
    "usr/local/share/",
    "lib/",
    "opt/conda/pkgs/",
    "proc/",
    "sys/",
];
/// Folders with these names hold other people's files, or what is written to be found.
const PARTS: [&str; 10] = [
    "site-packages",
    "dist-packages",
    "node_modules",
    "vendor",
    "testdata",
    "fixtures",
    "tests",
    "test",
    "examples",
    "docs",
];
/// The key that Debian's `ssl-cert` makes for tests of servers.
const SNAKEOIL: &str = "ssl-cert-snakeoil";

/// Whether a file is looked into, by its path (without the first `/`) and size.
pub(crate) fn is_looked_into(path: &str, size: u64) -> bool {
    size > 0
        && size <= MOST
        && !LIBRARIES.iter().any(|folder| path.starts_with(folder))
        && !path.split('/').any(|part| PARTS.contains(&part))
        && !path.contains(SNAKEOIL)
}

/// The secrets of a file: of known forms in any text, and what files for secrets hold.
pub(crate) fn find(path: &str, bytes: &[u8]) -> Vec<Secret> {
    if bytes.iter().take(HEAD).any(|byte| *byte == 0) {
        return Vec::new();
    }
    let mut found = known(bytes);
    let text = String::from_utf8_lossy(bytes);
    let name = path.rsplit('/').next().unwrap_or(path);
    for (index, line) in text.lines().enumerate() {
        if let Some(secret) = in_line(path, name, line.trim(), index + 1)
            && !found.iter().any(|one| one.line == secret.line)
        {
            found.push(secret);
        }
        if found.len() >= 20 {
            break;
        }
    }
    found
}

/// The secret of one line of a file whose form is known.
fn in_line(path: &str, name: &str, line: &str, number: usize) -> Option<Secret> {
    let of = |kind, value: &str| {
        let value = value.trim().trim_matches(['"', '\'']);
        let real = value.len() >= 4 && !value.starts_with('$') && !value.starts_with("%(");
        real.then(|| of_kind(kind, value.as_bytes(), number))
    };
    match name {
        ".netrc" | "_netrc" => {
            let mut words = line.split_whitespace();
            words.find(|word| *word == "password")?;
            of("a password of .netrc", words.next()?)
        }
        ".pypirc" => {
            let (key, value) = line.split_once(['=', ':'])?;
            (key.trim() == "password").then(|| of("a password of .pypirc", value))?
        }
        ".npmrc" => {
            let (key, value) = line.split_once('=')?;
            let tells = key.ends_with("_authToken") || key.ends_with("_password");
            tells.then(|| of("a token of .npmrc", value))?
        }
        "pip.conf" | "pip.ini" | ".git-credentials" => url(line, number),
        "config" if path.ends_with(".git/config") => url(line, number),
        "config.json" if path.ends_with(".docker/config.json") => {
            let (key, value) = line.split_once(':')?;
            (key.trim() == "\"auth\"")
                .then(|| of("a password of Docker's", value.trim_end_matches(',')))?
        }
        _ if name == ".env" || name.starts_with(".env.") => {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let (key, value) = line.split_once('=')?;
            of_variable(key.trim(), value.trim().trim_matches(['"', '\'']), number)
        }
        "credentials" if path.ends_with(".aws/credentials") => {
            let (key, value) = line.split_once('=')?;
            is_telling(key.trim()).then(|| of("a key of AWS", value))?
        }
        _ => None,
    }
}

/// A password in a URL of a file that only machines read: any will do.
fn url(line: &str, number: usize) -> Option<Secret> {
    if let Some(password) = of_url(line) {
        return Some(of_kind("a password in a URL", password.as_bytes(), number));
    }
    let (_, rest) = line.split_once("://")?;
    let (user, _) = rest.split_once('@')?;
    let (_, password) = user.split_once(':')?;
    let real = !password.is_empty() && !password.contains(['$', '/', ' ']);
    real.then(|| secret::of_kind("a password in a URL", password.as_bytes(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, text: &str) -> Vec<String> {
        find(path, text.as_bytes())
            .iter()
            .map(|secret| format!("{}: {}", secret.line, secret.told()))
            .collect()
    }

    #[test]
    fn files_for_secrets_are_read() {
        for (path, text, expected) in [
            (
                "root/.netrc",
                "machine x login y password hunter22",
                "1: a password of .netrc (`hu…`, 8 characters)",
            ),
            (
                "root/.pypirc",
                "[pypi]\nusername: a\npassword: hunter22\n",
                "3: a password of .pypirc (`hu…`, 8 characters)",
            ),
            (
                "root/.npmrc",
                "//registry.example.org/:_authToken=abcdefgh",
                "1: a token of .npmrc (`ab…`, 8 characters)",
            ),
            (
                "etc/pip.conf",
                "[global]\nindex-url = https://ci:hunter22@pkgs.example.org/simple",
                "2: a password in a URL (`hu…`, 8 characters)",
            ),
            (
                "app/.git/config",
                "url = https://x:abcdefgh@git.example.org/a",
                "1: a password in a URL (`ab…`, 8 characters)",
            ),
            (
                "root/.docker/config.json",
                "{\n \"auths\": {\n\"x\": {\n\"auth\": \"YWJjOmRlZg==\"\n}}}",
                "4: a password of Docker's (`YWJ…`, 12 characters)",
            ),
            (
                "app/.env",
                "A=1\nexport API_TOKEN='q8Zk2Lw0Vx7Tn4'",
                "2: what looks like a secret (`q8Z…`, 14 characters)",
            ),
        ] {
            assert_eq!(told(path, text), [expected], "{path}");
        }
    }

    #[test]
    fn what_is_no_secret_is_left_alone() {
        for (path, text) in [
            (
                "root/.npmrc",
                "//registry.example.org/:_authToken=${NPM_TOKEN}",
            ),
            (
                "etc/pip.conf",
                "[global]\nindex-url = https://pkgs.example.org/simple",
            ),
            ("app/.env", "DEBUG=1\nAPI_TOKEN=\n"),
            ("app/settings.py", "PASSWORD = os.environ['PASSWORD']"),
            ("app/x.bin", "\0ghp_"),
        ] {
            assert!(told(path, text).is_empty(), "{path}");
        }
        assert!(is_looked_into("root/.netrc", 10));
        for path in [
            "usr/lib/python3/dist-packages/x.pem",
            "app/tests/key.pem",
            "etc/ssl/private/ssl-cert-snakeoil.key",
        ] {
            assert!(!is_looked_into(path, 10), "{path}");
        }
        assert!(!is_looked_into("a", MOST + 1) && !is_looked_into("a", 0));
    }
}
