//! `actions/setup-python`: the image decides which Python there is; this checks
//! that it is the one that was asked for.
//!
//! In a plain base image the job's user gets a virtual environment that sees the
//! image's packages, first on `PATH`: as on GitHub's runner, `pip install` then
//! needs no rights and its commands are found.

use tokio::sync::watch;

use super::{Call, Done};
use crate::engine::{End, ExecSpec, Stop};

pub(super) async fn run(call: &Call<'_>) -> Done {
    let asked = call.input("python-version").to_owned();
    let Some(facts) = call.facts else {
        return of_this_machine(call, &asked).await;
    };
    let Some(found) = facts.python.clone() else {
        return Done::failed(format!(
            "the image has no Python, and {} is asked for",
            if asked.is_empty() { "one" } else { &asked }
        ));
    };
    let mut done = Done::default();
    if matches(&asked, &found) {
        call.say(&format!("Python {found} is provided by the image"));
    } else {
        done.notices.push(format!(
            "the workflow asks for Python {asked}, the image has {found}"
        ));
    }
    done.outputs
        .push(("python-version".to_owned(), found.clone()));
    let python = facts
        .commands
        .get("python")
        .or_else(|| facts.commands.get("python3"))
        .cloned()
        .unwrap_or_default();
    if !call.plain_base {
        done.outputs.push(("python-path".to_owned(), python));
        return done;
    }
    let folder = format!("{}/tools/python/{found}", call.host.control());
    let script = format!(
        "{python} -m venv --system-site-packages --without-pip '{folder}'\n\
         for name in pip pip3; do\n\
         printf '#!%s\\nimport sys\\nfrom pip._internal.cli.main import main\\nsys.exit(main())\\n' '{folder}/bin/python' >'{folder}/bin/'$name\n\
         chmod 755 '{folder}/bin/'$name\n\
         done\n"
    );
    match run_script(call, script).await {
        Ok(true) => {
            done.path.push(format!("{folder}/bin"));
            done.env.push(("pythonLocation".to_owned(), folder.clone()));
            done.outputs
                .push(("python-path".to_owned(), format!("{folder}/bin/python")));
            done
        }
        Ok(false) => Done::failed("the image's Python cannot make a virtual environment"),
        Err(done) => done,
    }
}

/// Without containers: a virtual environment of the machine's own Python, so that
/// what the job installs stays in its folder.
async fn of_this_machine(call: &Call<'_>, asked: &str) -> Done {
    let folder = format!("{}/tools/python", call.host.control());
    let plain = !asked.is_empty()
        && asked
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let wanted = if plain { asked } else { "3" };
    let script = format!(
        "python=$(command -v 'python{wanted}' || command -v python3)\n\
         \"$python\" -m venv '{folder}'\n\
         '{folder}/bin/python' --version\n"
    );
    match run_script(call, script).await {
        Ok(true) => Done {
            notices: vec![format!(
                "the Python of this machine is used where {} is asked for",
                if asked.is_empty() { "one" } else { asked }
            )],
            path: vec![format!("{folder}/bin")],
            env: vec![("pythonLocation".to_owned(), folder)],
            ..Done::default()
        },
        Ok(false) => Done::failed("the Python of this machine cannot make a virtual environment"),
        Err(done) => done,
    }
}

/// Runs a script of the stand-in's own: whether it succeeded.
async fn run_script(call: &Call<'_>, script: String) -> Result<bool, Done> {
    let spec = ExecSpec {
        name: "setup-python".to_owned(),
        command: ["sh", "-e", "{0}"].map(ToOwned::to_owned).to_vec(),
        script: script.into_bytes(),
        env: call.env.to_vec(),
        cwd: "/".to_owned(),
        ..ExecSpec::default()
    };
    let (_keep, stop) = watch::channel(Stop::Run);
    match call.host.exec(&spec, call.log.clone(), stop).await {
        Ok(end) => Ok(end.end == End::Exited(0)),
        Err(error) => Err(Done {
            failure: Some(error.failure()),
            ..Done::default()
        }),
    }
}

/// Whether a version satisfies what setup-python was asked for. What cannot be
/// understood here (ranges) counts as satisfied only by the same text.
fn matches(asked: &str, found: &str) -> bool {
    let asked = asked
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("");
    let asked = asked.trim_end_matches(".x").trim_end_matches(".*");
    if asked.is_empty() || asked == "x" || asked == "*" {
        return true;
    }
    let mut found = found.split('.');
    asked.split('.').all(|part| found.next() == Some(part))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn versions_are_compared_part_by_part() {
        assert!(matches("3.11", "3.11.2"));
        assert!(matches("3.11.2", "3.11.2"));
        assert!(matches("3.x", "3.11.2"));
        assert!(matches("", "3.11.2"));
        assert!(!matches("3.1", "3.11.2"));
        assert!(!matches("3.12", "3.11.2"));
        assert!(!matches("pypy3.10", "3.10.1"));
    }
}
