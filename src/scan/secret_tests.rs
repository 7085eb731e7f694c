#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Tokens are put together here, so that this file is none that a scanner finds.
fn token(prefix: &str, body: &str, length: usize) -> String {
    let body: String = body.chars().cycle().take(length).collect();
    format!("{prefix}{body}")
}

#[test]
fn known_forms_are_found_with_their_lines() {
    for (secret, kind) in [
        (token("AKIA", "Q7ZP2LM9", 16), "an AWS access key"),
        (token("ghp_", "aB3xY9kQ2mN7", 36), "a GitHub token"),
        (token("github_pat_", "11AAbb_33xyZ", 82), "a GitHub token"),
        (token("glpat-", "x9-Qw3eR7ty", 20), "a GitLab token"),
        (token("pypi-AgE", "IcHlwaS5vcmc", 120), "a PyPI token"),
        (token("npm_", "hT5kL9pQ2w", 36), "an npm token"),
        (token("xoxb-", "123456-abcdef", 50), "a Slack token"),
        (token("AIza", "SyD9tS3kQ1", 35), "a Google API key"),
    ] {
        let text = format!("# first line\nvalue = \"{secret}\"\n");
        let found = find(text.as_bytes());
        assert_eq!(found.len(), 1, "{secret}");
        assert_eq!((found[0].kind, found[0].line), (kind, 2));
        assert!(!found[0].told().contains(&secret));
        assert!(found[0].told().contains(&secret[..4]));
    }
}

#[test]
fn what_only_looks_like_one_is_left_alone() {
    for text in [
        "AKIAIOSFODNN7EXAMPLE",
        "the prefix ghp_ is for personal tokens",
        "my-npm_modules",
        "-----BEGIN RSA PRIVATE KEY-----",
        "if line == '-----BEGIN PRIVATE KEY-----\\n':",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQ\n",
    ] {
        assert_eq!(find(text.as_bytes()), [], "{text}");
    }
}

#[test]
fn private_keys_are_named_without_a_character_of_them() {
    for kind in ["RSA PRIVATE", "EC PRIVATE", "OPENSSH PRIVATE", "PRIVATE"] {
        let body = "MIIEpAIBAAKCAQEA7bq98oFPgjQpDZtB0Gk4vY5Zb3Wf0m";
        let text = format!("-----BEGIN {kind} KEY-----\n{body}\n-----END {kind} KEY-----\n");
        let found = find(text.as_bytes());
        assert_eq!(found.len(), 1, "{kind}");
        assert_eq!(found[0].told(), "a private key");
    }
}

#[test]
fn variables_tell_by_their_name_and_look() {
    let random = "q8Zk2Lw0Vx7Tn4";
    for name in [
        "API_TOKEN",
        "DB_PASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "npm_config_apikey",
    ] {
        let found = of_variable(name, random, 3).unwrap();
        assert_eq!(
            found.told(),
            "what looks like a secret (`q8Z…`, 14 characters)"
        );
        assert_eq!(found.line, 3);
    }
    for (name, value) in [
        ("POSTGRES_PASSWORD", "postgres"),
        ("DB_PASSWORD", "password"),
        ("SECRET_KEY", "test-only-secret-9f8e7d6c"),
        ("API_TOKEN", "$API_TOKEN"),
        ("API_TOKEN", "changeme-please-now"),
        ("TOKEN_FILE", "/run/secrets/q8Zk2Lw0Vx7Tn4"),
        ("GPG_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D"),
        ("PATH", "/usr/local/sbin:/usr/local/bin"),
    ] {
        assert_eq!(of_variable(name, value, 1), None, "{name}={value}");
    }
    let found = of_variable(
        "INDEX",
        "https://ci:q8Zk2Lw0Vx7Tn4@pkgs.example.org/simple",
        1,
    );
    assert_eq!(found.unwrap().kind, "a password in a URL");
    assert_eq!(of_url("https://user:pass@example.org/"), None);
    assert_eq!(of_url("https://example.org/a:b@c"), None);
}

#[test]
fn a_history_is_shown_without_its_secrets() {
    let nothing = BTreeSet::new();
    let hidden = |text: &str| hidden(text, &nothing);
    assert_eq!(
        hidden("RUN |1 API_TOKEN=q8Zk2Lw0Vx7Tn4 MODE=fast /bin/sh -c make"),
        "RUN |1 API_TOKEN=*** MODE=fast /bin/sh -c make"
    );
    let text = format!("RUN login {}", token("ghp_", "aB3xY9kQ2mN7", 36));
    assert_eq!(hidden(&text), "RUN login ***");
    assert_eq!(
        hidden("RUN pip install -i https://ci:q8Zk2Lw0Vx7Tn4@pkgs.example.org/simple x"),
        "RUN pip install -i *** x"
    );
    assert_eq!(
        hidden(
            "RUN curl https://ci:q8Zk2Lw0Vx7Tn4@example.org/?a=b --url=https://ci:q8Zk2Lw0Vx7Tn4@x"
        ),
        "RUN curl *** --url=***"
    );
    // One that was found in a variable is known wherever it stands.
    let found = of_variable("API_TOKEN", "q8Zk2Lw0Vx7Tn4", 1).unwrap();
    let found = BTreeSet::from([found.print]);
    for (text, told) in [
        ("RUN echo q8Zk2Lw0Vx7Tn4 > /key", "RUN echo *** > /key"),
        ("RUN login -p'q8Zk2Lw0Vx7Tn4'", "RUN login ***"),
        ("RUN set a=\"q8Zk2Lw0Vx7Tn4\";b", "RUN set a=***"),
        ("RUN make", "RUN make"),
    ] {
        assert_eq!(super::hidden(text, &found), told);
    }
}

proptest! {
    #[test]
    fn no_more_than_a_quarter_is_shown(value in "\\PC{0,80}") {
        let shown = masked(&value);
        let prefix = shown.trim_start_matches('`').split('…').next().unwrap();
        prop_assert!(prefix.chars().count() <= 4);
        prop_assert!(prefix.chars().count() * 4 <= value.chars().count().max(1));
    }

    #[test]
    fn never_panics(text in prop::collection::vec(any::<u8>(), 0..400), at in 0usize..3) {
        let heads: [&[u8]; 3] = [b"ghp_", b"-----BEGIN ", b"://a:b@"];
        let mut bytes = heads[at].to_vec();
        bytes.extend(text);
        find(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = of_url(&text);
        hidden(&text, &BTreeSet::new());
    }
}
