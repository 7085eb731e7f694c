//! `docs/exit-codes.md`, generated from the published classes and reasons.

use crate::record::{Cause, Class, EXIT_SUCCESS};

/// The reference of exit codes and failure reasons, as Markdown.
pub(crate) fn exit_codes_markdown() -> String {
    let mut page = String::from(
        "# Exit codes and failure reasons\n\
         \n\
         <!-- Generated: `seatrial docs exit-codes`. Do not edit. -->\n\
         \n\
         Codes and reasons are frozen: new ones may be added, none is changed or removed. A\n\
         reason is written `class.reason`, in `run.json` and everywhere else; a program that\n\
         does not know a reason should treat it as its class.\n\
         \n\
         ## Classes\n\
         \n\
         In order of precedence: when several things failed, the exit code is that of the\n\
         first class in this table, so that a real verdict beats trouble of the\n\
         infrastructure. All failures are in `run.json`. A code above 128 means that seatrial\n\
         itself was stopped by a signal; the code of a container never passes through.\n\
         \n\
         | exit code | class | meaning | reasons |\n\
         |---:|---|---|---|\n",
    );
    page.push_str(&format!(
        "| {EXIT_SUCCESS} | – | Everything that had to hold was seen to hold. | – |\n"
    ));
    for class in Class::ALL {
        let reasons: Vec<String> = causes(*class)
            .map(|cause| format!("`{}`", cause.reason()))
            .collect();
        page.push_str(&format!(
            "| {} | `{}` | {} | {} |\n",
            codes(*class),
            class.as_str(),
            cell(class.meaning()),
            reasons.join(", ")
        ));
    }
    page.push_str("\n## Reasons\n\n| reason | exit code | meaning |\n|---|---:|---|\n");
    for cause in Class::ALL.iter().flat_map(|class| causes(*class)) {
        page.push_str(&format!(
            "| `{}` | {} | {} |\n",
            cause.path(),
            cause.exit_code(),
            cell(cause.meaning())
        ));
    }
    page
}

/// The reasons of a class, in the order of their publication.
fn causes(class: Class) -> impl Iterator<Item = Cause> {
    Cause::ALL
        .iter()
        .copied()
        .filter(move |cause| cause.class() == class)
}

/// The exit codes of a class, its own first.
fn codes(class: Class) -> String {
    let mut codes = vec![class.exit_code()];
    for cause in causes(class) {
        if !codes.contains(&cause.exit_code()) {
            codes.push(cause.exit_code());
        }
    }
    codes
        .iter()
        .map(u8::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Text of a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::exit_codes_markdown;
    use crate::record::{Cause, Class};

    #[test]
    fn every_class_and_reason_has_its_row() {
        let page = exit_codes_markdown();
        let rows = |start: &str| page.lines().filter(|line| line.starts_with(start)).count();
        for class in Class::ALL {
            assert!(page.contains(&format!(" | `{}` | ", class.as_str())));
        }
        for cause in Cause::ALL {
            assert_eq!(rows(&format!("| `{}` | ", cause.path())), 1);
        }
        assert!(page.contains("| 130, 143, 129 | `cancelled` | "));
    }

    #[test]
    fn the_page_is_stable() {
        insta::assert_snapshot!("exit_codes", exit_codes_markdown());
    }
}
