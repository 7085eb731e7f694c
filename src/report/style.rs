//! The palette and the signs. Colour only repeats what a sign or a word says.

use anstyle::{AnsiColor, Style};

/// How text looks on this output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether colours may be used.
    pub(crate) colour: bool,
    /// Whether seatrial's own signs must be ASCII.
    pub(crate) ascii: bool,
}

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing in particular.
    Plain,
    /// Good.
    Good,
    /// Bad.
    Bad,
    /// Worth a look.
    Warn,
    /// Of less interest.
    Dim,
    /// A heading or a name.
    Strong,
    /// Going on.
    Active,
}

/// The signs in front of jobs, steps and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Succeeded.
    Good,
    /// Failed.
    Bad,
    /// Did not run.
    Skipped,
    /// Cancelled, or failed and forgiven.
    Warn,
    /// Runs.
    Active,
    /// Not yet begun.
    Waiting,
}

impl Sign {
    /// The tone that goes with it.
    pub(crate) fn tone(self) -> Tone {
        match self {
            Self::Good => Tone::Good,
            Self::Bad => Tone::Bad,
            Self::Skipped | Self::Waiting => Tone::Dim,
            Self::Warn => Tone::Warn,
            Self::Active => Tone::Active,
        }
    }
}

impl Look {
    /// A sign, one column wide, without colour.
    pub(crate) fn sign(self, sign: Sign) -> &'static str {
        match (sign, self.ascii) {
            (Sign::Good, false) => "✓",
            (Sign::Good, true) => "+",
            (Sign::Bad, false) => "✗",
            (Sign::Bad, true) => "x",
            (Sign::Skipped, false) => "○",
            (Sign::Skipped, true) => "-",
            (Sign::Warn, _) => "!",
            (Sign::Active, false) => "▶",
            (Sign::Active, true) => ">",
            (Sign::Waiting, false) => "·",
            (Sign::Waiting, true) => ".",
        }
    }

    /// A sign in its colour.
    pub(crate) fn painted(self, sign: Sign) -> String {
        self.paint(sign.tone(), self.sign(sign))
    }

    /// The line between a prefix and a line of output.
    pub(crate) fn rule(self) -> &'static str {
        if self.ascii { "|" } else { "│" }
    }

    /// The mark between the parts of a path or a sentence fragment.
    pub(crate) fn dot(self) -> &'static str {
        if self.ascii { "-" } else { "·" }
    }

    /// What stands where there is nothing to tell.
    pub(crate) fn dash(self) -> &'static str {
        if self.ascii { "-" } else { "–" }
    }

    /// The mark of a cut.
    pub(crate) fn ellipsis(self) -> &'static str {
        if self.ascii { "~" } else { "…" }
    }

    /// Text in the colour of its meaning.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour || tone == Tone::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = tone_style(tone);
        format!("{style}{text}{style:#}")
    }

    /// A message of seatrial's own vocabulary: where only ASCII may be shown, its
    /// few other characters are replaced.
    pub(crate) fn own(self, text: &str) -> String {
        if !self.ascii {
            return text.to_owned();
        }
        text.chars()
            .map(|c| match c {
                '›' | '→' => '>',
                '…' => '~',
                '–' | '·' => '-',
                other => other,
            })
            .collect()
    }
}

fn tone_style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Good => AnsiColor::Green.on_default(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
        Tone::Warn => AnsiColor::Yellow.on_default(),
        Tone::Dim => Style::new().dimmed(),
        Tone::Strong => Style::new().bold(),
        Tone::Active => AnsiColor::Cyan.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Sign, Tone};

    const ALL: [Sign; 6] = [
        Sign::Good,
        Sign::Bad,
        Sign::Skipped,
        Sign::Warn,
        Sign::Active,
        Sign::Waiting,
    ];

    #[test]
    fn signs_differ_without_colour() {
        for ascii in [false, true] {
            let look = Look {
                colour: false,
                ascii,
            };
            let mut signs: Vec<&str> = ALL.iter().map(|sign| look.sign(*sign)).collect();
            assert!(!ascii || signs.iter().all(|sign| sign.is_ascii()));
            signs.sort_unstable();
            signs.dedup();
            assert_eq!(signs.len(), ALL.len());
        }
    }

    #[test]
    fn no_colour_means_no_escape() {
        let look = Look {
            colour: false,
            ascii: false,
        };
        assert_eq!(look.paint(Tone::Bad, "x"), "x");
        let look = Look {
            colour: true,
            ascii: false,
        };
        assert_eq!(look.paint(Tone::Good, "x"), "\u{1b}[32mx\u{1b}[0m");
    }
}
