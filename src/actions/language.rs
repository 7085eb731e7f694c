//! `setup-node`, `setup-go`, `setup-java`, `setup-ruby`, `rust-toolchain` and the
//! browsers: the image has them, or the step fails with the way out.

use super::{Call, Done, tool};
use crate::plan::{BuiltIn, Range, Version};

/// A language as the image may have it.
struct Language {
    name: &'static str,
    command: &'static str,
    /// Inputs that name a version, and one that names a file with it.
    version: &'static str,
    file: &'static str,
    /// Output that tells the version.
    output: &'static str,
    /// An image that has it, as an example.
    example: &'static str,
}

const NODE: Language = Language {
    name: "Node.js",
    command: "node",
    version: "node-version",
    file: "node-version-file",
    output: "node-version",
    example: "node:22-slim",
};
const GO: Language = Language {
    name: "Go",
    command: "go",
    version: "go-version",
    file: "go-version-file",
    output: "go-version",
    example: "golang:1",
};
const JAVA: Language = Language {
    name: "Java",
    command: "java",
    version: "java-version",
    file: "java-version-file",
    output: "version",
    example: "eclipse-temurin:21-jdk",
};
const RUBY: Language = Language {
    name: "Ruby",
    command: "ruby",
    version: "ruby-version",
    file: "",
    output: "",
    example: "ruby:3-slim",
};
const RUST: Language = Language {
    name: "Rust",
    command: "rustc",
    version: "toolchain",
    file: "",
    output: "rustc-version",
    example: "rust:1-slim",
};

pub(super) async fn run(call: &Call<'_>) -> Done {
    let language = match call.built_in {
        BuiltIn::SetupGo => &GO,
        BuiltIn::SetupJava => &JAVA,
        BuiltIn::SetupRuby => &RUBY,
        BuiltIn::SetupRust => &RUST,
        _ => &NODE,
    };
    match check(call, language).await {
        Ok(done) | Err(done) => done,
    }
}

async fn check(call: &Call<'_>, language: &Language) -> Result<Done, Done> {
    let name = language.name;
    let asked = asked(call, language).await?;
    let for_version = if asked.is_empty() {
        String::new()
    } else {
        format!(" {asked}")
    };
    let Some(found) = tool::look(call, language.command).await? else {
        return Err(Done::failed(format!(
            "the image has no {name}, and{for_version} is asked for: install it in the image (Dockerfile.test), or name one that has it, such as `--image {}`",
            language.example
        )));
    };
    if !will_do(&asked, &found.version) {
        return Err(Done::failed(format!(
            "the workflow asks for {name}{for_version}, the image has {}: name an image that has it with `--image`, or install it in Dockerfile.test",
            found.version
        )));
    }
    call.say(&format!(
        "{name} {} is provided by the image: {}",
        found.version, found.path
    ));
    let mut done = Done::default();
    if !language.output.is_empty() {
        let version = if language.command == "node" {
            format!("v{}", found.version)
        } else {
            found.version.clone()
        };
        done.output(language.output, version);
    }
    let home = found
        .path
        .rsplit_once("/bin/")
        .map(|(home, _)| home.to_owned());
    match (call.built_in, home) {
        (BuiltIn::SetupJava, Some(home)) => {
            done.output("path", home.as_str());
            if call.variable("JAVA_HOME").is_none() {
                done.env.push(("JAVA_HOME".to_owned(), home));
            }
        }
        (BuiltIn::SetupRuby, Some(home)) => done.output("ruby-prefix", home),
        _ => {}
    }
    Ok(done)
}

/// The version that is asked for; empty for any.
async fn asked(call: &Call<'_>, language: &Language) -> Result<String, Done> {
    let given = call.input(language.version);
    if !given.is_empty() && given != "default" {
        return Ok(given.to_owned());
    }
    if call.built_in == BuiltIn::SetupRust {
        // `dtolnay/rust-toolchain@1.75`; branches of the action are no versions.
        return Ok(call.reference.to_owned());
    }
    let file = match (call.input(language.file), call.built_in) {
        ("", BuiltIn::SetupRuby) => ".ruby-version",
        ("", _) => return Ok(String::new()),
        (file, _) => file,
    };
    let Some(text) = call.read(file).await? else {
        return if call.built_in == BuiltIn::SetupRuby {
            Ok(String::new())
        } else {
            Err(Done::failed(format!(
                "The specified {} file at: {file} does not exist",
                language.version
            )))
        };
    };
    Ok(of_file(file, language.command, &text))
}

/// The version in a file of the repository.
fn of_file(file: &str, command: &str, text: &str) -> String {
    if file.ends_with("package.json") {
        let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        return ["/volta/node", "/engines/node"]
            .iter()
            .find_map(|path| document.pointer(path)?.as_str())
            .unwrap_or_default()
            .to_owned();
    }
    if file.ends_with("go.mod") || file.ends_with("go.work") {
        return text
            .lines()
            .find_map(|line| line.trim().strip_prefix("go "))
            .unwrap_or_default()
            .trim()
            .to_owned();
    }
    if file.ends_with(".tool-versions") {
        let names: &[&str] = match command {
            "node" => &["nodejs", "node"],
            "go" => &["golang", "go"],
            other => &[other],
        };
        return text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(name, _)| names.contains(name))
            .map(|(_, version)| version.trim().to_owned())
            .unwrap_or_default();
    }
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .unwrap_or_default()
        .trim_start_matches("ruby-")
        .trim_start_matches('v')
        .to_owned()
}

/// Whether the image's version will do. Names of channels (`stable`, `lts/*`) mean
/// any.
fn will_do(asked: &str, found: &str) -> bool {
    let asked = asked.trim().trim_start_matches('v');
    match (Range::parse(asked), Version::parse(found)) {
        (Some(range), Some(version)) => range.accepts(&version),
        _ => true,
    }
}

/// Browsers and their drivers.
pub(super) async fn browser(call: &Call<'_>) -> Done {
    let action = call.built_in;
    let commands: &[&str] = &[
        "google-chrome",
        "google-chrome-stable",
        "chromium",
        "chromium-browser",
        "chrome",
        "chromedriver",
        "firefox",
        "firefox-esr",
        "geckodriver",
    ];
    let mut done = Done::default();
    let mut found = Vec::new();
    for command in commands {
        match tool::look(call, command).await {
            Ok(Some(ready)) => found.push((*command, ready)),
            Ok(None) => {}
            Err(done) => return done,
        }
    }
    if found.is_empty() {
        return Done::failed(format!(
            "the image has no browser, which `{}` would install: install one in the image, in Dockerfile.test: `RUN apt-get install -y chromium chromium-driver`",
            action.action()
        ));
    }
    for (command, ready) in found {
        call.say(&format!(
            "{command} {} is provided by the image: {}",
            ready.version, ready.path
        ));
        match command {
            "chromedriver" => done.output("chromedriver-path", ready.path),
            _ if command.contains("chrom")
                && !done.outputs.iter().any(|(name, _)| name == "chrome-path") =>
            {
                done.output("chrome-path", ready.path);
                done.output("chrome-version", ready.version);
            }
            _ => {}
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::{of_file, will_do};

    #[test]
    fn channels_mean_any_version() {
        for (asked, found, good) in [
            ("20", "20.11.1", true),
            ("18.x", "20.11.1", false),
            ("lts/*", "20.11.1", true),
            ("stable", "1.75.0", true),
            (">=1.21", "1.22.1", true),
            ("17", "17.0.10", true),
            ("", "1.0", true),
        ] {
            assert_eq!(will_do(asked, found), good, "{asked}");
        }
    }

    #[test]
    fn files_tell_versions() {
        for (file, command, text, version) in [
            (".nvmrc", "node", "v20.1\n", "20.1"),
            (
                "package.json",
                "node",
                r#"{"engines":{"node":">=18"}}"#,
                ">=18",
            ),
            ("go.mod", "go", "module x\ngo 1.21\n", "1.21"),
            (
                ".tool-versions",
                "node",
                "python 3.1\nnodejs 20.1\n",
                "20.1",
            ),
            (".ruby-version", "ruby", "ruby-3.2.1\n", "3.2.1"),
        ] {
            assert_eq!(of_file(file, command, text), version, "{file}");
        }
    }
}
