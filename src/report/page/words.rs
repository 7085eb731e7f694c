//! Sentences of ours as they stand on the page.

use maud::{Markup, html};

use super::overview::cut;

/// A sentence in which what stands between backticks is code, as in our messages everywhere.
pub(super) fn prose(text: &str) -> Markup {
    let text = cut(text);
    let parts: Vec<&str> = text.split('`').collect();
    // One of a pair was cut off, or is somebody's own.
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (at, part) in parts.iter().enumerate() {
            @if at.is_multiple_of(2) { (part) } @else { code { (part) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn what_stands_between_backticks_is_code() {
        for (text, page) in [
            ("add `--cov` & go", "add <code>--cov</code> &amp; go"),
            ("none", "none"),
            ("a ` alone", "a ` alone"),
            ("`<b>`", "<code>&lt;b&gt;</code>"),
        ] {
            assert_eq!(prose(text).into_string(), page);
        }
    }
}
