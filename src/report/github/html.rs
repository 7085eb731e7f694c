//! HTML for the step summary.
//!
//! The summary is Markdown, and whatever holds text of others is an HTML block
//! within it: no Markdown is read there, so escaping `<`, `>`, `&` and quotes is
//! enough. Such a block ends at the first blank line, hence there never is one.

use crate::report::text::plain;

/// Text of others for an HTML block. References (`@name`, `#1`) are broken up, so
/// that GitHub makes no links of them.
pub(super) fn text(text: &str) -> String {
    escape(&plain(text).replace(['\n', '\r', '\t'], " "), true)
}

/// Text of others of several lines, for `<pre>`.
pub(super) fn preformatted(text: &str) -> String {
    escape(&plain(text), false)
}

/// Text of others of one line, as code.
pub(super) fn code(text: &str) -> String {
    let flat = plain(text).replace(['\n', '\r', '\t'], " ");
    format!("<code>{}</code>", escape(&flat, false))
}

fn escape(text: &str, links: bool) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("&#10;"),
            '@' | '#' if links => {
                escaped.push(c);
                escaped.push_str("<!-- -->");
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// At most so many characters; a cut is marked.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A page that does not grow beyond a size.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    most: usize,
    left_out: u64,
}

impl Page {
    /// An empty page of at most so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self {
            text: String::new(),
            most,
            left_out: 0,
        }
    }

    /// Adds what must be there (headings, ends of blocks): it may use the room
    /// that is kept free at the end.
    pub(super) fn frame(&mut self, text: &str) {
        if self.text.len() + text.len() + NOTE_ROOM <= self.most {
            self.text.push_str(text);
        }
    }

    /// Adds an item where there is room for it, and counts it otherwise.
    pub(super) fn item(&mut self, text: &str) {
        if self.left_out == 0 && self.text.len() + text.len() + FRAME_ROOM <= self.most {
            self.text.push_str(text);
        } else {
            self.left_out += 1;
        }
    }

    /// The page, with a note where something was left out.
    pub(super) fn finish(mut self, rest: &str) -> String {
        if self.left_out > 0 {
            self.text.push_str(&format!(
                "\n<p>Cut: {} more entries did not fit; {rest}.</p>\n",
                self.left_out
            ));
        }
        self.text
    }
}

/// Room for the ends of blocks and headings after the last item.
const FRAME_ROOM: usize = 8 * 1024;
/// Room for the note of a cut.
const NOTE_ROOM: usize = 512;

#[cfg(test)]
mod tests {
    use super::{Page, code, preformatted, text};

    #[test]
    fn text_is_escaped() {
        assert_eq!(
            text("<b onclick='x'>&\"\n@me #1\u{1b}[31m\u{202e}"),
            "&lt;b onclick=&#39;x&#39;&gt;&amp;&quot; @<!-- -->me #<!-- -->1&lt;U+202E&gt;"
        );
        assert_eq!(code("a@b\nc"), "<code>a@b c</code>");
        assert_eq!(preformatted("a\n\nb"), "a&#10;&#10;b");
    }

    #[test]
    fn pages_stay_small() {
        let mut page = Page::new(10_000);
        page.frame("head\n");
        for _ in 0..100 {
            page.item(&"x".repeat(500));
        }
        page.frame("end\n");
        let text = page.finish("see run.json");
        assert!(text.len() <= 10_000);
        assert!(text.contains("Cut: 97 more entries") && text.contains("end"));
    }
}
