//! Bars on the time line of a run.

use maud::{Markup, html};

/// Units of a bar's width.
const WIDTH: u64 = 1000;

/// From the start of a run to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// Start, in milliseconds since the Unix epoch.
    pub(super) start: u64,
    /// End.
    pub(super) end: u64,
}

impl Scale {
    /// Milliseconds in all.
    pub(super) fn span(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Where a moment lies.
    fn at(self, moment: u64) -> u64 {
        let part = u128::from(moment.saturating_sub(self.start)) * u128::from(WIDTH);
        let at = part / u128::from(self.span().max(1));
        u64::try_from(at).unwrap_or(WIDTH).min(WIDTH)
    }

    /// A bar of parts, each from one moment to another with a class; `title` says the same
    /// in words.
    pub(super) fn bar(self, parts: &[(u64, u64, &str)], title: &str) -> Markup {
        html! {
            svg class="bar" viewBox={ "0 0 " (WIDTH) " 16" } preserveAspectRatio="none" role="img" {
                title { (title) }
                rect class="track" x="0" y="7" width=(WIDTH) height="2" {}
                @for (from, to, class) in parts {
                    @let x = self.at(*from).min(WIDTH - 4);
                    rect class=(class) x=(x) y="2" width=(self.at(*to).saturating_sub(x).max(4)) height="12" {}
                }
            }
        }
    }
}
