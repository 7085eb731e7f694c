//! Files that hold credentials, by their name and what is in them.

/// What kind of credential a file of this path holds; `None` where it holds none as far as
/// can be told. `read` gives the beginning of it, and is asked only where the name alone
/// does not decide.
pub(super) fn credential(path: &str, read: impl Fn() -> Option<String>) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let holds = |what: &'static str, is: &dyn Fn(&str) -> bool| {
        read().filter(|text| is(text)).map(|_| what)
    };
    match name {
        ".netrc" | "_netrc" => holds("passwords of hosts", &|text| text.contains("password")),
        ".pypirc" => holds("the password of a package index", &|text| {
            text.contains("password")
        }),
        ".npmrc" => holds("the token of a package index", &|text| {
            text.lines().any(|line| {
                line.split_once("_authToken=")
                    .is_some_and(|(_, token)| is_written_out(token))
            })
        }),
        "credentials" if path.ends_with(".aws/credentials") => holds("keys of AWS", &|text| {
            text.contains("aws_secret_access_key")
        }),
        "config" if path.ends_with(".git/config") => holds("a token for git", &|text| {
            text.lines().any(|line| {
                has_password(line)
                    || line
                        .to_ascii_lowercase()
                        .contains("extraheader = authorization:")
            })
        }),
        "config.json" if path.ends_with(".docker/config.json") => {
            holds("passwords of registries", &|text| text.contains("\"auth\""))
        }
        _ if is_environment(name) => holds("variables with secrets", &|text| {
            text.lines().any(names_a_secret)
        }),
        _ if name.ends_with(".pem") || name.ends_with(".key") || name.starts_with("id_") => {
            holds("a private key", &|text| text.contains("PRIVATE KEY-----"))
        }
        _ => None,
    }
}

/// `.env` and `.env.local`, but not `.env.example`.
fn is_environment(name: &str) -> bool {
    const TEMPLATES: &[&str] = &["example", "sample", "template", "dist", "test", "ci"];
    match name.strip_prefix(".env") {
        Some("") => true,
        Some(rest) => rest
            .strip_prefix('.')
            .is_some_and(|kind| !TEMPLATES.iter().any(|template| kind.contains(template))),
        None => false,
    }
}

/// Whether a line of such a file gives a secret a value.
fn names_a_secret(line: &str) -> bool {
    const WORDS: &[&str] = &[
        "SECRET",
        "TOKEN",
        "PASSWORD",
        "PASSWD",
        "API_KEY",
        "APIKEY",
        "PRIVATE",
        "CREDENTIAL",
    ];
    let Some((name, value)) = line.trim().split_once('=') else {
        return false;
    };
    let name = name.trim_start_matches("export ").to_ascii_uppercase();
    !name.starts_with('#') && WORDS.iter().any(|word| name.contains(word)) && is_written_out(value)
}

/// Whether a value is there, and not the name of a variable.
fn is_written_out(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    !value.is_empty() && !value.starts_with('$')
}

/// `https://user:token@host`.
fn has_password(line: &str) -> bool {
    line.split_once("://")
        .and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'))
        .is_some_and(|(user, _)| user.contains(':') || user.len() > 20)
}

#[cfg(test)]
mod tests {
    use super::credential;

    #[test]
    fn credentials_are_told_from_what_looks_like_them() {
        for (path, text, found) in [
            (".env", "DEBUG=1\nSECRET_KEY=abc\n", true),
            (
                ".env",
                "DEBUG=1\n# TOKEN=abc\nTOKEN=\nPASSWORD=$FROM_OUTSIDE\n",
                false,
            ),
            ("conf/.env.local", "export API_TOKEN='x'\n", true),
            (".env.example", "TOKEN=changeme\n", false),
            ("environment", "TOKEN=x\n", false),
            (".netrc", "machine a login b password c\n", true),
            (".pypirc", "[pypi]\nusername = a\n", false),
            (".pypirc", "password = pypi-x\n", true),
            (".npmrc", "//registry/:_authToken=abc\n", true),
            (".npmrc", "//registry/:_authToken=${NPM_TOKEN}\n", false),
            (".npmrc", "save-exact=true\n", false),
            ("a/key.pem", "-----BEGIN RSA PRIVATE KEY-----\n", true),
            ("a/cert.pem", "-----BEGIN CERTIFICATE-----\n", false),
            (
                ".ssh/id_ed25519",
                "-----BEGIN OPENSSH PRIVATE KEY-----\n",
                true,
            ),
            (".aws/credentials", "aws_secret_access_key = x\n", true),
            (
                ".git/config",
                "url = https://x-access-token:ghs_1@github.com/a/b\n",
                true,
            ),
            (
                ".git/config",
                "\textraheader = AUTHORIZATION: basic eC1h\n",
                true,
            ),
            (
                ".git/config",
                "url = https://github.com/a/b\nurl = git@github.com:a/b\n",
                false,
            ),
            ("src/a.py", "password = 'x'\n", false),
        ] {
            let seen = credential(path, || Some(text.to_owned()));
            assert_eq!(seen.is_some(), found, "{path}: {text}");
        }
        assert_eq!(credential(".netrc", || None), None);
    }
}
