//! Coverage as pages: an index with a table of all files, and a page for each file with
//! its source. Each page stands alone: style and script are in it, nothing is fetched,
//! and without scripts all of it can be read.

mod file;
mod index;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::report::page::policy;
use crate::report::text::one_line;

pub(crate) use file::coverage_file_page;
pub(crate) use index::coverage_index_page;

/// The style sheet of every page.
const STYLE: &str = include_str!("style.css");
/// The script of every page: sorting and search of the table, steps from gap to gap.
const SCRIPT: &str = include_str!("script.js");

/// The name of a file's page in the folder of the index. Two files never share one.
pub(crate) fn coverage_page_name(path: &str) -> String {
    format!("file-{}.html", crate::record::slug(path))
}

/// A page around its content.
fn document(title: &str, body: &Markup) -> String {
    let policy = policy(STYLE, SCRIPT);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("seatrial ", env!("CARGO_PKG_VERSION")));
                title { (one_line(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::report::coverage::tests::union;
    use crate::results::lcov;

    #[test]
    fn the_index_names_every_file() {
        let page = coverage_index_page(&union());
        for name in union().files.keys() {
            let link = format!("href=\"{}\"", coverage_page_name(name));
            assert!(
                page.contains(&link) && page.contains(&format!(">{name}<")),
                "{name}"
            );
        }
        assert!(page.contains("92.6 %") && page.contains("<th scope=\"col\""));
        // Nothing is fetched from anywhere.
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="));
    }

    #[test]
    fn a_file_shows_what_is_missed() {
        let coverage = union();
        let source = include_str!("../../../../tests/fixtures/results/union/src/one/util.py");
        let page = coverage_file_page("one/util.py", &coverage.files["one/util.py"], Some(source));
        assert!(page.contains("1 of 2 branches, not to line 53"), "{page}");
        assert!(page.contains("<li id=\"L48\" class=\"part\""));
        assert!(page.contains("<li id=\"L3\" class=\"hit\""));
        assert_eq!(page.matches("<li id=\"L").count(), source.lines().count());
        let never = coverage_file_page("never.py", &coverage.files["never.py"], None);
        assert!(never.contains("is not at hand"));
        assert!(never.contains("<li id=\"L4\" class=\"missed\" value=\"4\""));
    }

    #[test]
    fn foreign_text_is_no_markup() {
        let report = "SF:a<b>\"'&.py\nDA:1,1\nDA:2,0\nend_of_record\n";
        let coverage = lcov::read(report.as_bytes()).unwrap();
        let (name, lines) = coverage.files.iter().next().unwrap();
        let source = "</li><script>alert(1)</script>\n<!-- \u{1b}[31m\u{202e}";
        for page in [
            coverage_file_page(name, lines, Some(source)),
            coverage_index_page(&coverage),
        ] {
            assert_eq!(page.matches("<script").count(), 1);
            assert!(!page.contains("<b>") && !page.contains("<!--"), "{page}");
            assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
        }
    }

    #[test]
    fn names_of_pages_are_plain_and_different() {
        let names =
            ["a/b.py", "a_b.py", "../x.py", "a/B.py", "index", "ü.py"].map(coverage_page_name);
        for (at, name) in names.iter().enumerate() {
            assert!(
                !name.contains('/') && !name.starts_with('.') && name != "index.html",
                "{name}"
            );
            assert!(
                !names[..at]
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(name)),
                "{name}"
            );
        }
    }
}
