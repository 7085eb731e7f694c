//! `awalsh128/cache-apt-pkgs-action`: installs Debian packages by apt, with sudo where
//! the job's user is not root. What the image has is not installed again.

use super::script::quoted;
use super::{Call, Done};

pub(super) async fn run(call: &Call<'_>) -> Done {
    match install(call).await {
        Ok(done) | Err(done) => done,
    }
}

async fn install(call: &Call<'_>) -> Result<Done, Done> {
    let words = packages(call.input("packages"));
    let mut done = Done::default();
    done.output("cache-hit", "false");
    if words.is_empty() {
        return match call.input("empty_packages_behavior") {
            "ignore" => Ok(done),
            "warn" => {
                done.notices.push("Packages argument is empty.".to_owned());
                Ok(done)
            }
            _ => Err(Done::failed("Packages argument is empty.")),
        };
    }
    // This machine is the user's, and nothing is installed on it.
    let may_install = call.facts.is_some();
    let said = call.script(script(&words, may_install)).await?;
    if said.good() {
        done.output("package-version-list", said.answer("main"));
        done.output("all-package-version-list", said.answer("all"));
        return Ok(done);
    }
    let list = words.join(" ");
    Err(Done::failed(if may_install {
        format!(
            "apt could not install `{list}`; install them in the image, in Dockerfile.test: `RUN apt-get install …`"
        )
    } else {
        format!("`{list}` are not all on this machine, and seatrial installs nothing on it")
    }))
}

/// The names, between blanks or commas; each may have a version behind `=`.
fn packages(text: &str) -> Vec<&str> {
    text.split(|one: char| one.is_whitespace() || one == ',' || one == '\\')
        .filter(|word| !word.is_empty())
        .collect()
}

/// Installs packages that are not there in the version that is asked for, and answers
/// with the versions of those that were named and of those that came.
fn script(words: &[&str], may_install: bool) -> String {
    let named: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let named = named.join(" ");
    let install = if may_install {
        r#"as_root=sudo
    [ "$(id -u)" != 0 ] || as_root=
    $as_root apt-get update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes -- "$@""#
    } else {
        "exit 1"
    };
    format!(
        r#"set -- {named}
all() {{ dpkg-query -W -f '${{Package}}=${{Version}} ${{db:Status-Abbrev}}\n' "$@" | sed -n 's/ ii.*//p' | sort; }}
there() {{
    for one; do
        case $one in
            *=*) all "${{one%%=*}}" | grep -qxF -e "$one" ;;
            *) all "$one" | grep -q . ;;
        esac || return 1
    done 2>/dev/null
}}
before=$(all)
if there "$@"; then
    echo 'the image has all of them'
else
    {install}
fi
list() {{ tr '\n' ',' | sed 's/,$//'; }}
{{
    printf 'main='
    for one; do all "${{one%%=*}}"; done | list
    printf '\nall='
    all | while read -r one; do
        printf '%s\n' "$before" | grep -qxF -e "$one" || printf '%s\n' "$one"
    done | list
    echo
}} >"$SEATRIAL_ANSWERS"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::packages;

    #[test]
    fn names_of_packages_are_told_apart() {
        assert_eq!(
            packages("tree, libxml2-dev=2.9 \\\n  g++\n"),
            ["tree", "libxml2-dev=2.9", "g++"]
        );
        assert!(packages(" \n").is_empty());
    }
}
