//! `actions/checkout`: the source is there already, from the image or copied in
//! when the job's container was made; a second copy is put where `path` says.

use super::{Call, Done};

pub(super) async fn run(call: &Call<'_>) -> Done {
    let github = call.github;
    let other = call.input("repository");
    if !other.is_empty() && !other.eq_ignore_ascii_case(&github.repository) {
        return Done::failed(format!(
            "`{other}` is another repository (this one is `{}`); only the checkout that seatrial \
             runs in can be checked out: `git clone` it in a `run:` step where the image has git",
            github.repository
        ));
    }
    let mut done = Done::default();
    let asked = call.input("ref");
    let own = [
        github.reference.as_str(),
        github.ref_name(),
        github.sha.as_str(),
        github.head_ref.as_str(),
    ];
    if !asked.is_empty() && !own.contains(&asked) {
        done.notices.push(format!(
            "checkout asks for `{asked}`; the checkout is used as it is, at {}",
            if github.sha.is_empty() {
                "no commit"
            } else {
                &github.sha
            }
        ));
    }
    match call.input("path") {
        "" => call.say(&format!("{} is {}", call.workspace, call.source)),
        path => {
            let place = call.place(path);
            let inside = place
                .strip_prefix(call.workspace)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if !inside {
                return Done::failed(format!(
                    "Repository path '{place}' is not under '{}'",
                    call.workspace
                ));
            }
            if place == call.workspace {
                call.say(&format!("{} is {}", call.workspace, call.source));
            } else {
                let tree = match (call.tree)() {
                    Ok(tree) => tree,
                    Err(message) => return Done::failed(message),
                };
                if let Err(error) = call.host.put_tree(tree, &place).await {
                    return error.into();
                }
                call.say(&format!("{place} is a private copy of the checkout"));
            }
        }
    }
    let reference = match asked {
        "" => github.reference.as_str(),
        asked => asked,
    };
    done.output("ref", reference);
    done.output("commit", github.sha.as_str());
    done
}
