//! The tables of `docs/actions.md`, generated from what is known of actions.

use crate::plan::{BuiltIn, OwnCode, Refused, Skipped, State};

/// The actions that seatrial stands in for, leaves out or refuses, as Markdown.
pub(crate) fn actions_markdown() -> String {
    let mut page =
        String::from("| action | what happens here | inputs read | outputs |\n|---|---|---|---|\n");
    for built_in in BuiltIn::ALL {
        let row = built_in.row();
        let state = match row.state {
            State::Full => "all that it does",
            State::Partial(words) | State::Image(words) => words,
        };
        let inputs: Vec<&str> = built_in.inputs().collect();
        page.push_str(&format!(
            "| {} | {state} | {} | {} |\n",
            list(row.names),
            list(&inputs),
            list(row.outputs)
        ));
    }
    page.push_str("\n| run by its own code | what is to be known |\n|---|---|\n");
    for row in OwnCode::ALL {
        page.push_str(&format!("| {} | {} |\n", list(row.names), row.note));
    }
    page.push_str("\n| skipped, with a notice | because the action |\n|---|---|\n");
    for row in Skipped::ALL {
        page.push_str(&format!("| {} | {} |\n", list(row.names), row.reason));
    }
    page.push_str(
        "\n| refused, before anything runs | because the action | the way out |\n|---|---|---|\n",
    );
    for row in Refused::ALL {
        page.push_str(&format!(
            "| {} | {} | {} |\n",
            list(row.names),
            row.reason,
            row.hint
        ));
    }
    page
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        return "–".to_owned();
    }
    names
        .iter()
        .map(|name| match name.strip_suffix('/') {
            Some(owner) => format!("`{owner}/*`"),
            None => format!("`{name}`"),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::actions_markdown;

    #[test]
    fn the_page_holds_these_tables() {
        let page = include_str!("../../docs/actions.md");
        assert!(
            page.contains(&actions_markdown()),
            "docs/actions.md is old: put the output of `seatrial docs actions` into it"
        );
    }
}
