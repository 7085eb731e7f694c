//! What is made for another machine than the engine's: told before it is built or run, when
//! the engine would only say `exec format error`.

use std::fmt;

use super::dockerfile::{Dockerfile, Ground};
use super::made::Source;
use super::survey::shown;
use super::verify::Finding;
use super::{BuildTool, Means, Recipe};

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Platform {
    os: String,
    arch: String,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.arch)
    }
}

impl Platform {
    /// Reads `linux/arm64/v8`, `arm64`, `linux/x86_64`; `None` for what names no architecture.
    /// The spellings are those of containerd (`platforms/database.go`, `normalizeArch`);
    /// variants are not told apart, as they decide nothing on usual machines.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let mut parts = text.split('/');
        let (os, arch) = match (parts.next()?, parts.next()) {
            (os, Some(arch)) => (os, arch),
            ("" | "linux" | "windows" | "darwin" | "freebsd", None) => return None,
            (arch, None) => ("linux", arch),
        };
        let arch = match arch {
            "" => return None,
            "x86_64" | "x86-64" => "amd64",
            "i386" | "i486" | "i586" | "i686" | "x86" => "386",
            "aarch64" => "arm64",
            "armhf" | "armel" => "arm",
            other => other,
        };
        Some(Self {
            os: os.to_owned(),
            arch: arch.to_owned(),
        })
    }

    /// Whether a machine runs it without emulation. Most of 64 bits run the elder, too.
    fn runs_on(&self, machine: &Self) -> bool {
        self == machine
            || (self.os == machine.os
                && matches!(
                    (self.arch.as_str(), machine.arch.as_str()),
                    ("386", "amd64") | ("arm", "arm64")
                ))
    }
}

/// Looks for it in what an image is to be made of. `arch` is the engine's: `amd64`.
pub(crate) async fn foreign(means: Means<'_>, arch: &str, recipe: &Recipe) -> Vec<Finding> {
    let Some(machine) = Platform::parse(arch) else {
        return Vec::new();
    };
    match recipe.source() {
        Ok(source) => of_source(means, &machine, &source).await,
        Err(name) => match platform_of(means, name).await {
            Some(platform) => of_image(name, &platform, &machine).into_iter().collect(),
            None => Vec::new(),
        },
    }
}

/// The platform of an image that the engine has.
async fn platform_of(means: Means<'_>, name: &str) -> Option<Platform> {
    let found = means.docker.image(name).await.ok()?;
    Platform::parse(&found.platform)
}

/// A Dockerfile that cannot be read is told of elsewhere.
async fn of_source(means: Means<'_>, machine: &Platform, source: &Source<'_>) -> Vec<Finding> {
    let name = shown(source.file, source.context);
    let arguments = source.args.iter().cloned().collect();
    let grounds = std::fs::read_to_string(source.file)
        .ok()
        .and_then(|text| Dockerfile::parse_with(&text, &arguments).ok())
        .and_then(|file| Some(file.stage(source.target)?.grounds()))
        .unwrap_or_default();
    let target = means.tool.platform().and_then(Platform::parse);
    let mut findings = Vec::new();
    if let Some(target) = target.as_ref().filter(|target| !target.runs_on(machine)) {
        findings.push(Finding::warning(format!(
            "DOCKER_DEFAULT_PLATFORM asks for {target}, and the engine runs on {machine}: {EMULATED}"
        )));
    }
    for ground in grounds {
        let place = format!("{name}:{}", ground.line);
        let there = platform_of(means, &ground.image).await;
        let target = target.as_ref().unwrap_or(machine);
        findings.extend(of_ground(
            &place,
            &ground,
            there.as_ref(),
            target,
            machine,
            means.tool,
        ));
    }
    findings
}

/// What awaits commands of another architecture.
const EMULATED: &str = "commands are emulated, which is slow, or end with `exec format error`";

/// A `FROM` at a `place`, whose image the engine has for the platform `there`, of a build for
/// `target`.
fn of_ground(
    place: &str,
    ground: &Ground,
    there: Option<&Platform>,
    target: &Platform,
    machine: &Platform,
    tool: &BuildTool,
) -> Option<Finding> {
    let asked = ground.platform.as_deref().and_then(Platform::parse);
    if let Some(asked) = asked.as_ref().filter(|asked| !asked.runs_on(machine)) {
        return Some(Finding::warning(format!(
            "{place} asks for {asked}, and the engine runs on {machine}: {EMULATED}; without `--platform` the engine's own is taken"
        )));
    }
    // Only the builder knows which one it wants.
    if ground.is_explicit && asked.is_none() {
        return None;
    }
    let wanted = asked.as_ref().unwrap_or(target);
    let there = there.filter(|there| !there.runs_on(wanted))?;
    let image = &ground.image;
    let what = match tool {
        BuildTool::Buildx { .. } => "BuildKit does not take it and asks its registry",
        BuildTool::Engine { .. } => EMULATED,
    };
    Some(Finding::warning(format!(
        "{place} builds on `{image}`, which the engine has for {there}, and {wanted} is needed: {what}; `docker pull --platform {wanted} {image}` fetches it"
    )))
}

/// An image that is taken as it is.
fn of_image(name: &str, platform: &Platform, machine: &Platform) -> Option<Finding> {
    (!platform.runs_on(machine)).then(|| {
        Finding::warning(format!(
            "the image `{name}` is for {platform}, and the engine runs on {machine}: {EMULATED}; `docker pull --platform {machine} {name}` fetches one for it"
        ))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn platform(text: &str) -> Platform {
        Platform::parse(text).unwrap()
    }

    fn told(from: &str, there: Option<&str>, machine: &str) -> String {
        let file = Dockerfile::parse(from).unwrap();
        let ground = file.stage(None).unwrap().grounds().remove(0);
        let (there, machine) = (there.map(platform), platform(machine));
        let found = of_ground(
            "Dockerfile.test:1",
            &ground,
            there.as_ref(),
            &machine,
            &machine,
            &BuildTool::any(),
        );
        found.map_or_else(String::new, |found| found.message)
    }

    #[test]
    fn one_machine_has_many_names() {
        for (one, other) in [
            ("linux/amd64", "x86_64"),
            ("linux/x86-64", "amd64"),
            ("linux/arm64/v8", "aarch64"),
            ("LINUX/ARM64", "arm64"),
            ("linux/arm/v7", "arm64"),
            ("linux/386", "amd64"),
            ("linux/amd64/v3", "amd64"),
        ] {
            assert!(platform(one).runs_on(&platform(other)), "{one} on {other}");
        }
        for (one, other) in [
            ("linux/amd64", "arm64"),
            ("arm64", "x86_64"),
            ("amd64", "386"),
            ("windows/amd64", "amd64"),
            ("linux/s390x", "ppc64le"),
        ] {
            assert!(!platform(one).runs_on(&platform(other)), "{one} on {other}");
        }
        for none in ["", "linux", "windows", "linux/"] {
            assert_eq!(Platform::parse(none), None, "{none:?}");
        }
    }

    #[test]
    fn another_platform_of_from_is_told_in_both_directions() {
        assert_eq!(
            told("FROM --platform=linux/amd64 a\n", None, "aarch64"),
            "Dockerfile.test:1 asks for linux/amd64, and the engine runs on linux/arm64: commands are emulated, which is slow, or end with `exec format error`; without `--platform` the engine's own is taken"
        );
        let back = told("FROM --platform=linux/arm64/v8 a\n", None, "amd64");
        assert!(
            back.contains("asks for linux/arm64, and the engine runs on linux/amd64"),
            "{back}"
        );
        for same in [
            "FROM --platform=linux/x86_64 a\n",
            "FROM --platform=$BUILDPLATFORM a\n",
            "FROM --platform=$TARGETPLATFORM a\n",
            "FROM a\n",
        ] {
            assert_eq!(told(same, Some("linux/amd64"), "amd64"), "", "{same}");
            assert_eq!(told(same, None, "amd64"), "", "{same}");
        }
    }

    #[test]
    fn a_base_for_another_machine_is_told() {
        assert_eq!(
            told("FROM a:1\n", Some("linux/arm64"), "amd64"),
            "Dockerfile.test:1 builds on `a:1`, which the engine has for linux/arm64, and linux/amd64 is needed: BuildKit does not take it and asks its registry; `docker pull --platform linux/amd64 a:1` fetches it"
        );
        // Emulation is the graver news.
        let both = told(
            "FROM --platform=linux/arm64 a\n",
            Some("linux/amd64"),
            "amd64",
        );
        assert!(both.contains("emulated"), "{both}");
        let none = told(
            "FROM --platform=$BUILDPLATFORM a\n",
            Some("linux/arm64"),
            "amd64",
        );
        assert_eq!(none, "");
    }

    #[test]
    fn an_image_for_another_machine_is_told() {
        let of = |image, machine| of_image("ci:1", &platform(image), &platform(machine));
        assert_eq!(
            of("linux/amd64", "arm64").unwrap().message,
            "the image `ci:1` is for linux/amd64, and the engine runs on linux/arm64: commands are emulated, which is slow, or end with `exec format error`; `docker pull --platform linux/arm64 ci:1` fetches one for it"
        );
        assert_eq!(of("linux/amd64", "x86_64"), None);
    }
}
