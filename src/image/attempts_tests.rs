#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::image::cache::{Builder, CacheLimits};
use crate::image::made::Rules;
use crate::image::{Given, Ignore};
use crate::record::Cause;

/// A folder with something that stands for `docker`: it says what a script of shell says
/// for its arguments `$*`, and makes an image where that ends with 0.
struct Stand {
    folder: tempfile::TempDir,
}

impl Stand {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let docker = folder.path().join("docker");
        let text = format!(
            "#!/bin/sh\nexec >&2\necho \"$*\" >>{at}/said\n{script}\n\
             while [ \"$1\" != --iidfile ]; do shift; done\necho sha256:1 >\"$2\"\n",
            at = folder.path().display()
        );
        // Written by another process: one that another test forks meanwhile would keep it
        // open, and a program that is open for writing cannot be started.
        let mut writing = Command::new("sh")
            .args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&docker)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writing
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        assert!(writing.wait().unwrap().success());
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Builds with these caches.
    async fn build(&self, cache: &CacheOptions) -> Result<Built, Failure> {
        let rules = Rules {
            name: ".dockerignore".to_owned(),
            text: String::new(),
            ignore: Ignore::parse(""),
        };
        let request = Request {
            file: Path::new("Dockerfile.test"),
            text: "FROM a\nRUN b\n",
            rules: &rules,
            context: self.path(),
            target: None,
            args: &[],
            tag: "seatrial/app:tests",
            run: "r",
            identity: self.path(),
            given: &Given::default(),
            cache,
            derived: false,
        };
        let tool = BuildTool::Buildx {
            docker: self.path().join("docker"),
            platform: None,
        };
        build("unix:///nowhere", &tool, &request, &|_| {}).await
    }

    /// What of caches each attempt was started with.
    fn attempts(&self) -> Vec<String> {
        let said = std::fs::read_to_string(self.path().join("said")).unwrap();
        said.lines()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                let kept = words.windows(2).filter_map(|two| match two {
                    ["--builder", "default"] => None,
                    ["--builder" | "--cache-from" | "--cache-to", _] => Some(two.join(" ")),
                    _ => None,
                });
                kept.collect::<Vec<_>>().join(" ")
            })
            .collect()
    }
}

fn all() -> CacheOptions {
    CacheOptions {
        from: vec![CacheSpec::taken("a:cache").unwrap()],
        to: vec![CacheSpec::given("type=local,dest=/c/{image}").unwrap()],
        ..CacheOptions::default()
    }
}

fn said(built: &Built) -> Vec<&str> {
    let notices = built.notices.iter();
    notices.map(|notice| notice.message.as_str()).collect()
}

const FROM: &str = "--cache-from type=registry,ref=a:cache";
const TO: &str = "--cache-to type=local,dest=/c/tests";

#[tokio::test]
async fn what_cannot_be_given_is_not_and_the_rest_stays() {
    let stand = Stand::new(
        "case \"$*\" in *--cache-to*) echo 'ERROR: Cache export is not supported for the docker driver.'; exit 1;; esac",
    );
    let built = stand.build(&all()).await.unwrap();
    assert_eq!(built.outcome.id, "sha256:1");
    assert_eq!(stand.attempts(), [format!("{FROM} {TO}"), FROM.to_owned()]);
    assert_eq!(
        said(&built),
        [
            "the cache of the build was not given to `type=local,dest=/c/tests`: Cache export is not supported for the docker driver; a builder that can is named with --builder (`docker buildx create --name NAME`), and type=inline needs none"
        ]
    );
    assert_eq!(built.outcome.cache.unwrap().given_up, 1);
}

#[tokio::test]
async fn a_cache_that_takes_too_long_is_done_without() {
    let hangs = |flag: &str, step: &str| {
        format!(
            "case \"$*\" in *{flag}*) echo '{{\"vertexes\":[{{\"digest\":\"a\",\"name\":\"{step}\",\"started\":\"t\"}}]}}'; exec tail -f /dev/null;; esac"
        )
    };
    let mut cache = all();
    let soon = Duration::from_millis(100);
    cache.limits = CacheLimits {
        import: soon,
        export: soon,
        builder: soon,
    };
    for (script, left, says) in [
        (
            hangs("--cache-from", "importing cache manifest from a:cache"),
            TO,
            "the image was built without what is in `type=registry,ref=a:cache`: it took longer than 0 s",
        ),
        (
            hangs("--cache-to", "exporting cache to client directory"),
            FROM,
            "the cache of the build was not given to `type=local,dest=/c/tests`: it took longer than 0 s",
        ),
    ] {
        let stand = Stand::new(&script);
        let built = stand.build(&cache).await.unwrap();
        assert_eq!(stand.attempts(), [format!("{FROM} {TO}"), left.to_owned()]);
        assert_eq!(said(&built), [says]);
        let cost = built.outcome.cache.unwrap();
        assert!(cost.millis() >= 100, "{cost:?}");
    }
}

#[tokio::test]
async fn a_command_that_fails_is_not_tried_again() {
    let fails = |error: &str| {
        format!(
            "echo '{{\"vertexes\":[{{\"digest\":\"i\",\"name\":\"importing cache manifest from a:cache\",\"error\":\"not found\"}},{{\"digest\":\"b\",\"name\":\"[2/2] RUN b\",\"error\":\"{error}\"}}]}}'; exit 1"
        )
    };
    let stand = Stand::new(&fails(
        "executor failed running [/bin/sh -c b]: exit code: 3",
    ));
    let failure = stand.build(&all()).await.unwrap_err();
    assert_eq!(failure.cause, Cause::BuildStepFailed);
    assert_eq!(
        failure.message,
        "Dockerfile.test:2: RUN b failed: exit code: 3"
    );
    assert_eq!(stand.attempts().len(), 1);
    drop(stand);
    // What may be the cache's is, until it fails without one, too.
    let stand = Stand::new(&fails("failed to copy: unexpected EOF"));
    let failure = stand.build(&all()).await.unwrap_err();
    assert!(failure.message.contains("unexpected EOF"), "{failure:?}");
    assert_eq!(stand.attempts(), [format!("{FROM} {TO}"), String::new()]);
    drop(stand);
    let stand = Stand::new(&fails("failed to copy: unexpected EOF"));
    stand.build(&CacheOptions::default()).await.unwrap_err();
    assert_eq!(stand.attempts(), [""]);
}

#[tokio::test]
async fn a_builder_is_handed_over_or_done_without() {
    let stand = Stand::new("case \"$*\" in *team*) echo 'ERROR: no such image'; exit 1;; esac");
    let definition = stand.path().join("team.json");
    let mut cache = all();
    cache.builder = Some(Builder {
        name: "team".to_owned(),
        definition: definition.clone(),
    });
    let built = stand.build(&cache).await.unwrap();
    assert!(!built.elsewhere);
    assert_eq!(stand.attempts(), [format!("{FROM} {TO}")]);
    assert!(said(&built)[0].starts_with("buildx has no builder `team`"));

    std::fs::write(&definition, "{}").unwrap();
    let built = stand.build(&cache).await.unwrap();
    assert!(stand.path().join("instances/team").is_file());
    assert_eq!(
        stand.attempts()[1..],
        [format!("--builder team {FROM} {TO}"), String::new()]
    );
    assert_eq!(
        said(&built),
        [
            "the image was built without the builder `team` and `type=registry,ref=a:cache`, `type=local,dest=/c/tests`: no such image"
        ]
    );
    drop(stand);
    let stand = Stand::new("");
    std::fs::write(stand.path().join("team.json"), "{}").unwrap();
    cache.builder.as_mut().unwrap().definition = stand.path().join("team.json");
    assert!(stand.build(&cache).await.unwrap().elsewhere);
}

#[tokio::test]
async fn githubs_cache_needs_what_github_gives() {
    let stand = Stand::new("");
    let mut cache = CacheOptions {
        from: vec![CacheSpec::taken("type=gha").unwrap()],
        to: vec![CacheSpec::given("type=gha,mode=max").unwrap()],
        ..CacheOptions::default()
    };
    let built = stand.build(&cache).await.unwrap();
    assert!(said(&built)[0].starts_with("type=gha needs the variables ACTIONS_RUNTIME_TOKEN"));
    cache.github = true;
    let built = stand.build(&cache).await.unwrap();
    assert_eq!(said(&built), [""; 0]);
    assert_eq!(
        stand.attempts(),
        ["", "--cache-from type=gha --cache-to type=gha,mode=max"]
    );
}

#[tokio::test]
async fn what_the_build_goes_on_without_is_said() {
    let stand = Stand::new(
        "echo '{\"vertexes\":[{\"digest\":\"a\",\"name\":\"importing cache manifest from a:cache\",\"started\":\"2026-11-26T10:00:00Z\",\"completed\":\"2026-11-26T10:00:01.5Z\",\"error\":\"not found\"}]}'\n\
         echo 'WARNING: local cache import at /c not found'\n\
         echo 'WARNING: something else'",
    );
    let built = stand.build(&all()).await.unwrap();
    assert_eq!(
        said(&built),
        [
            "nothing was taken from the cache a:cache: not found",
            "local cache import at /c not found",
        ]
    );
    let cost = built.outcome.cache.unwrap();
    assert_eq!((cost.import_millis, cost.given_up), (1500, 0));
}
