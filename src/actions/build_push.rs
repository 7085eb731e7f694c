//! `docker/build-push-action`: the image is built by the job's own `docker buildx build`
//! and stays on the engine. Nothing is pushed, and caches of elsewhere are not used:
//! neither decides what is in the image.

use super::script::quoted;
use super::setup_buildx::has_builder;
use super::{Call, Done};

/// What the engine's own builder takes from a context that is not given.
const WORKSPACE: &str = ".";
/// The form in which workflows name the context that is there anyway.
const DEFAULT_CONTEXT: &str = "{{defaultContext}}";

/// A call of the builder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Build {
    /// Its arguments, the context last.
    arguments: Vec<String>,
    /// Secrets that it finds in its environment.
    env: Vec<(String, String)>,
    /// What a person should know.
    notices: Vec<String>,
}

pub(super) async fn run(call: &Call<'_>) -> Done {
    match build(call).await {
        Ok(done) | Err(done) => done,
    }
}

async fn build(call: &Call<'_>) -> Result<Done, Done> {
    let has_builder = has_builder(call).await?;
    let build = plan(&|name| call.input(name).to_owned(), has_builder);
    let folder = quoted(&format!("{}/{}", call.temp, call.exec_name()));
    let words: Vec<String> = build.arguments.iter().map(|word| shown(word)).collect();
    let script = format!(
        "command -v docker >/dev/null || exit 127\n\
         mkdir -p {folder}\n\
         docker buildx build --iidfile {folder}/id --metadata-file {folder}/metadata {} || exit 1\n\
         if [ -f {folder}/id ]; then echo \"id=$(cat {folder}/id)\" >>\"$SEATRIAL_ANSWERS\"; fi\n\
         if [ -f {folder}/metadata ]; then echo \"metadata=$(tr -d '\\n' <{folder}/metadata)\" >>\"$SEATRIAL_ANSWERS\"; fi\n",
        words.join(" ")
    );
    call.say(&format!("docker buildx build {}", words.join(" ")));
    let said = call.script_with(script, &build.env).await?;
    match said.code {
        Some(0) => {}
        Some(127) => {
            return Err(Done::failed(
                "the job has no `docker` command; install it in Dockerfile.test",
            ));
        }
        _ => return Err(Done::failed("`docker buildx build` failed")),
    }
    let metadata = said.answer("metadata");
    let digest = serde_json::from_str::<serde_json::Value>(metadata)
        .ok()
        .and_then(|found| found["containerimage.digest"].as_str().map(str::to_owned))
        .unwrap_or_default();
    let mut done = Done {
        notices: build.notices,
        ..Done::default()
    };
    done.output("imageid", said.answer("id"));
    done.output("digest", digest);
    done.output("metadata", metadata);
    Ok(done)
}

/// A word as a person would write it in a script.
fn shown(word: &str) -> String {
    let plain = |one: u8| one.is_ascii_alphanumeric() || b"-_./:=,@+".contains(&one);
    match !word.is_empty() && word.bytes().all(plain) {
        true => word.to_owned(),
        false => quoted(word),
    }
}

/// What the builder is called with. `has_builder` says whether a builder was set up, which
/// on GitHub keeps what it builds for itself unless it is told otherwise.
fn plan(input: &dyn Fn(&str) -> String, has_builder: bool) -> Build {
    let lines = |name: &str| -> Vec<String> {
        let text = input(name);
        let lines = text.lines().map(str::trim).map(str::to_owned);
        lines.filter(|line| !line.is_empty()).collect()
    };
    let list = |name: &str| -> Vec<String> {
        let lines = lines(name);
        let parts = lines.iter().flat_map(|line| line.split(','));
        let parts = parts.map(|part| part.trim().to_owned());
        parts.filter(|part| !part.is_empty()).collect()
    };
    let flag = |name: &str| input(name).eq_ignore_ascii_case("true");
    let mut build = Build::default();
    // The engine's own builder, whatever the machine has chosen.
    let mut words = vec!["--builder=default".to_owned()];
    let mut add = |option: &str, value: &str| words.push(format!("--{option}={value}"));
    for tag in list("tags") {
        add("tag", &tag);
    }
    for (name, option) in [("build-args", "build-arg"), ("labels", "label")] {
        for value in lines(name) {
            add(option, &value);
        }
    }
    for (name, option) in [
        ("add-hosts", "add-host"),
        ("build-contexts", "build-context"),
        ("no-cache-filters", "no-cache-filter"),
        ("ulimit", "ulimit"),
    ] {
        for value in list(name) {
            add(option, &value);
        }
    }
    for name in ["file", "target", "network", "shm-size"] {
        let value = input(name);
        if !value.is_empty() {
            add(name, &value);
        }
    }
    for name in ["no-cache", "pull"] {
        if flag(name) {
            add(name, "true");
        }
    }
    for (number, secret) in lines("secrets").into_iter().enumerate() {
        if let Some((id, value)) = secret.split_once('=') {
            let variable = format!("SEATRIAL_BUILD_SECRET_{number}");
            add("secret", &format!("id={id},env={variable}"));
            build.env.push((variable, value.to_owned()));
        }
    }
    for (name, kind) in [("secret-envs", "env"), ("secret-files", "src")] {
        for secret in lines(name) {
            if let Some((id, value)) = secret.split_once('=') {
                add("secret", &format!("id={id},{kind}={value}"));
            }
        }
    }
    match list("platforms").as_slice() {
        [] => {}
        [one] => add("platform", one),
        several => build.notices.push(format!(
            "the image is built for this machine, not for each of {}",
            several.join(", ")
        )),
    }
    let outputs = lines("outputs");
    let pushes = |output: &String| output.contains("type=registry") || output.contains("push=true");
    let pushed = flag("push") || outputs.iter().any(pushes);
    for output in outputs.iter().filter(|output| !pushes(output)) {
        add("output", output);
    }
    if pushed {
        build
            .notices
            .push("the image is not pushed: a trial run publishes nothing".to_owned());
    }
    if flag("load") || pushed || (outputs.is_empty() && !has_builder) {
        words.push("--load".to_owned());
    } else if outputs.is_empty() {
        add("output", "type=cacheonly");
        build.notices.push(
            "the image is built and not kept, as on GitHub: `load: true` gives it to the engine"
                .to_owned(),
        );
    }
    let context = input("context");
    let context = match context.strip_prefix(DEFAULT_CONTEXT) {
        Some("") => WORKSPACE.to_owned(),
        Some(below) => below.trim_start_matches(':').to_owned(),
        None if context.is_empty() => WORKSPACE.to_owned(),
        None => context,
    };
    words.push("--".to_owned());
    words.push(context);
    build.arguments = words;
    build
}

#[cfg(test)]
mod tests {
    use super::plan;

    /// The arguments for these inputs, and the notices.
    fn of(inputs: &[(&str, &str)], has_builder: bool) -> (String, Vec<String>) {
        let input = |name: &str| {
            let given = inputs.iter().find(|(key, _)| *key == name);
            given.map_or(String::new(), |(_, value)| (*value).to_owned())
        };
        let build = plan(&input, has_builder);
        (build.arguments.join(" "), build.notices)
    }

    #[test]
    fn inputs_become_options() {
        let (words, notices) = of(
            &[
                ("context", "./app"),
                ("file", "app/Dockerfile.test"),
                ("tags", "a:1,a:2\nb:1"),
                ("build-args", "X=1, 2\nY=3"),
                ("target", "test"),
                ("load", "true"),
                ("secrets", "token=abc=="),
                ("platforms", "linux/amd64"),
            ],
            true,
        );
        assert_eq!(
            words,
            "--builder=default --tag=a:1 --tag=a:2 --tag=b:1 --build-arg=X=1, 2 --build-arg=Y=3 \
             --file=app/Dockerfile.test --target=test \
             --secret=id=token,env=SEATRIAL_BUILD_SECRET_0 --platform=linux/amd64 --load -- ./app"
        );
        assert!(notices.is_empty(), "{notices:?}");
    }

    #[test]
    fn an_image_is_kept_where_github_keeps_it_and_never_pushed() {
        let kept = |inputs: &[(&str, &str)], has_builder| {
            let (words, notices) = of(inputs, has_builder);
            (words.replace("--builder=default ", ""), notices.len())
        };
        let words = |text: &str| text.to_owned();
        assert_eq!(kept(&[], false), (words("--load -- ."), 0));
        assert_eq!(
            kept(&[("context", "{{defaultContext}}:sub")], true),
            (words("--output=type=cacheonly -- sub"), 1)
        );
        assert_eq!(kept(&[("push", "true")], true), (words("--load -- ."), 1));
        assert_eq!(
            kept(&[("outputs", "type=registry,name=x")], true),
            (words("--load -- ."), 1)
        );
        assert_eq!(
            kept(&[("outputs", "type=local,dest=out")], false),
            (words("--output=type=local,dest=out -- ."), 0)
        );
        assert_eq!(
            kept(
                &[("platforms", "linux/amd64,linux/arm64"), ("load", "true")],
                true
            ),
            (words("--load -- ."), 1)
        );
    }
}
