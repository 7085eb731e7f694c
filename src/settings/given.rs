//! What of this machine a build gets: certificates, proxies, mirrors.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::ValueError;
use super::file::ConfigFile;
use super::resolve::{Source, Sourced, asked_ca};
use crate::image::{Given, Hidden};
use crate::record::Cause;

/// Where distributions keep the bundle: Debian, Alpine, Arch; Fedora and RHEL; openSUSE;
/// macOS, OpenBSD.
const USUAL: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// Largest secret that BuildKit takes, in bytes (`MaxSecretSize`).
const MOST: usize = 500 * 1024;
/// The proxies, which BuildKit knows as build arguments that no image keeps.
const PROXIES: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];
/// Variables that name a mirror. Their values may hold a password.
const MIRRORS: [&str; 5] = [
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "NPM_CONFIG_REGISTRY",
];

/// Which certificates a build gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Ca {
    /// None.
    #[default]
    Off,
    /// The bundle of this machine.
    Auto,
    /// The bundle in a file.
    File(PathBuf),
}

/// `off`, `auto` or a path.
pub(crate) fn ca(text: &str) -> Result<Ca, String> {
    match text.trim() {
        "" => Err("expected off, auto or the path of a file of certificates".to_owned()),
        "off" => Ok(Ca::Off),
        "auto" => Ok(Ca::Auto),
        path => Ok(Ca::File(PathBuf::from(path))),
    }
}

/// What a build gets. Paths in `seatrial.toml` are relative to the repository, others to the
/// current folder.
///
/// # Errors
/// The certificates cannot be read, or are none.
pub(crate) fn given(
    ca: &Sourced<Ca>,
    root: Option<&Path>,
    environment: &Environment,
    file: &ConfigFile,
) -> Result<Given, ValueError> {
    let there = |names: &[&'static str]| {
        let set = |name: &&&str| environment.secret(name).is_some();
        names.iter().filter(set).copied().collect::<Vec<_>>()
    };
    let bundle = match &ca.value {
        Ca::Off => None,
        Ca::Auto => match environment.certificates() {
            Some(path) => Some((path, "SSL_CERT_FILE".to_owned())),
            None => {
                let mut usual = USUAL.iter().map(PathBuf::from);
                let found = usual.find(|path| path.is_file()).ok_or_else(|| {
                    ValueError::new(
                        ca.source.cause(),
                        format!("{}: this machine has no bundle of certificates where distributions keep it", named(ca.source)),
                    )
                    .with_hint("name the file, by its path or with SSL_CERT_FILE")
                })?;
                Some((found, named(ca.source)))
            }
        },
        Ca::File(path) => {
            let base = root.filter(|_| ca.source == Source::File);
            let path = base.map_or_else(|| path.clone(), |root| root.join(path));
            Some((path, named(ca.source)))
        }
    };
    let bundle = bundle
        .map(|(path, name)| checked(&path, &name))
        .transpose()?;
    let asked = |asked: Option<bool>, names: &[&'static str]| match asked {
        Some(true) => there(names),
        _ => Vec::new(),
    };
    let mirrors = asked(file.mirrors, &MIRRORS);
    let proxies = asked(file.proxies, &PROXIES);
    let values = mirrors.iter().chain(&proxies);
    let hidden = Hidden::in_addresses(values.filter_map(|name| environment.secret(name)));
    Ok(Given {
        ca: bundle,
        mirrors,
        proxies,
        hidden,
    })
}

/// What a build gets where no flag says anything.
///
/// # Errors
/// As of [`given`], or the variable cannot be used.
pub(crate) fn given_by_file(
    root: Option<&Path>,
    environment: &Environment,
    file: &ConfigFile,
) -> Result<Given, ValueError> {
    given(&asked_ca(None, environment, file)?, root, environment, file)
}

fn named(source: Source) -> String {
    match source {
        Source::File => "image.ca of seatrial.toml".to_owned(),
        other => other.to_string(),
    }
}

/// The absolute path of a bundle that BuildKit will take. A private key is never handed to
/// a Dockerfile.
fn checked(path: &Path, name: &str) -> Result<PathBuf, ValueError> {
    let wrong = |what: String, hint: &str| {
        ValueError::new(
            Cause::PathInvalid,
            format!("{name}: {} {what}", path.display()),
        )
        .with_hint(hint)
    };
    let expected = "name a file of certificates in PEM form, or say `off`";
    let bytes =
        std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}"), expected))?;
    if bytes.len() > MOST {
        return Err(wrong(
            format!("has more than {} KiB", MOST / 1024),
            "BuildKit takes no larger one: name a file with fewer certificates",
        ));
    }
    let text = String::from_utf8_lossy(&bytes);
    if text.contains("PRIVATE KEY-----") {
        return Err(wrong("holds a private key".to_owned(), expected));
    }
    if !text.contains("-----BEGIN CERTIFICATE-----")
        && !text.contains("-----BEGIN TRUSTED CERTIFICATE-----")
    {
        return Err(wrong("holds no certificate".to_owned(), expected));
    }
    std::path::absolute(path).map_err(|error| wrong(format!("cannot be used: {error}"), expected))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn asked(value: Ca) -> Sourced<Ca> {
        Sourced {
            value,
            source: Source::File,
        }
    }

    #[test]
    fn only_what_is_asked_for_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("ca.pem");
        std::fs::write(&bundle, "-----BEGIN CERTIFICATE-----\n").unwrap();
        let environment = Environment::from_iter([
            ("SSL_CERT_FILE", bundle.to_str().unwrap()),
            ("PIP_INDEX_URL", "https://me:secret@mirror.example/"),
            ("UV_INDEX_URL", ""),
            ("https_proxy", "http://proxy.example:3128"),
        ]);
        let given = |ca, file: &ConfigFile| {
            given(&asked(ca), Some(folder.path()), &environment, file).unwrap()
        };
        let mut file = ConfigFile::default();
        assert_eq!(given(Ca::Off, &file), Given::default());
        assert_eq!(given(Ca::Auto, &file).ca, Some(bundle.clone()));
        assert_eq!(given(Ca::File("ca.pem".into()), &file).ca, Some(bundle));
        file.mirrors = Some(true);
        file.proxies = Some(true);
        let all = given(Ca::Off, &file);
        assert_eq!(all.mirrors, ["PIP_INDEX_URL"]);
        assert_eq!(all.proxies, ["https_proxy"]);
        // Whole, the password, and as HTTP sends it.
        assert_eq!(format!("{:?}", all.hidden), "Hidden(3 texts)");
    }

    #[test]
    fn what_is_no_bundle_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (text, says) in [
            (String::new(), "holds no certificate"),
            (
                "-----BEGIN CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\n".to_owned(),
                "holds a private key",
            ),
            ("x".repeat(MOST + 1), "has more than 500 KiB"),
        ] {
            std::fs::write(folder.path().join("ca.pem"), text).unwrap();
            let ca = asked(Ca::File("ca.pem".into()));
            let environment = Environment::default();
            let error = given(
                &ca,
                Some(folder.path()),
                &environment,
                &ConfigFile::default(),
            )
            .unwrap_err();
            assert!(error.message.contains(says), "{}", error.message);
            assert!(error.message.contains("image.ca"), "{}", error.message);
        }
        let nowhere = asked(Ca::File("/nowhere.pem".into()));
        given(
            &nowhere,
            None,
            &Environment::default(),
            &ConfigFile::default(),
        )
        .unwrap_err();
    }
}
