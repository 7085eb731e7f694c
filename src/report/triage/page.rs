//! The page of all signatures, docs/signatures.md.

use crate::triage::{Confidence, signatures};

/// The page as Markdown.
pub(crate) fn signatures_markdown() -> String {
    let mut page = String::from(
        "# What failures look like\n\n\
        <!-- Generated: `seatrial docs signatures`. Do not edit. -->\n\n\
        The signatures that [`seatrial triage`](triage.md) knows. Ids are never renamed.\n",
    );
    let mut kind = None;
    let mut all: Vec<_> = signatures().collect();
    all.sort_by_key(|one| one.category);
    for one in all {
        if kind != Some(one.category) {
            kind = Some(one.category);
            let label = one.category.label();
            page.push_str(&format!(
                "\n## {label}\n\n| id | what is wrong | what to do next |\n|---|---|---|\n"
            ));
        }
        let guess = match one.confidence {
            Confidence::Possible => " (possibly)",
            Confidence::Likely | Confidence::Certain => "",
        };
        let row = format!(
            "| `{}` | {}{guess} | {} |\n",
            one.id,
            cell(one.cause),
            cell(one.next)
        );
        page.push_str(&row);
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::signatures_markdown;

    #[test]
    fn the_page_is_the_one_in_the_documentation() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/signatures.md");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        if kept != signatures_markdown() {
            panic!("`seatrial docs signatures > docs/signatures.md` renews it");
        }
    }
}
