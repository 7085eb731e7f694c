//! Colours of terminals as classes.

use maud::{Markup, html};

use crate::report::text::output_line;

/// How text looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Pen {
    fore: Option<u8>,
    back: Option<u8>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    inverse: bool,
}

/// A line of output, made harmless, its colours as classes.
pub(super) fn line(text: &str) -> Markup {
    let safe = output_line(text, true);
    let mut pen = Pen::default();
    let mut parts: Vec<(Pen, &str)> = Vec::new();
    for (at, part) in safe.split("\u{1b}[").enumerate() {
        // What is left of sequences are those of colours, whole.
        let shown = match part.split_once('m') {
            Some((parameters, rest)) if at > 0 => {
                pen.apply(parameters);
                rest
            }
            _ => part,
        };
        match parts.last_mut() {
            _ if shown.is_empty() => {}
            _ => parts.push((pen, shown)),
        }
    }
    html! {
        @for (pen, text) in parts {
            @let class = pen.class();
            @if class.is_empty() { (text) } @else { span class=(class) { (text) } }
        }
    }
}

impl Pen {
    fn class(self) -> String {
        let mut words = Vec::new();
        words.extend(self.fore.map(|colour| format!("c{colour}")));
        words.extend(self.back.map(|colour| format!("k{colour}")));
        let flags = [
            (self.bold, "b"),
            (self.dim, "d"),
            (self.italic, "i"),
            (self.underline, "u"),
            (self.inverse, "v"),
        ];
        words.extend(
            flags
                .iter()
                .filter(|(on, _)| *on)
                .map(|(_, word)| (*word).to_owned()),
        );
        words.join(" ")
    }

    /// Applies the parameters of one sequence (ECMA-48, SGR).
    fn apply(&mut self, parameters: &str) {
        let mut numbers = parameters
            .split([';', ':'])
            .map(|number| number.parse::<u16>().unwrap_or_default());
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = true,
                7 => self.inverse = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                27 => self.inverse = false,
                30..=37 => self.fore = low(number - 30),
                90..=97 => self.fore = low(number - 90 + 8),
                39 => self.fore = None,
                40..=47 => self.back = low(number - 40),
                100..=107 => self.back = low(number - 100 + 8),
                49 => self.back = None,
                38 => self.fore = extended(&mut numbers),
                48 => self.back = extended(&mut numbers),
                _ => {}
            }
        }
    }
}

fn low(number: u16) -> Option<u8> {
    u8::try_from(number).ok()
}

/// A colour of 256, or of red, green and blue, as the nearest of the sixteen.
fn extended(numbers: &mut impl Iterator<Item = u16>) -> Option<u8> {
    match numbers.next()? {
        5 => match numbers.next()? {
            number @ 0..=15 => low(number),
            number @ 16..=231 => {
                let cube = number - 16;
                let level = |part: u16| if part == 0 { 0 } else { part * 40 + 55 };
                Some(nearest(
                    level(cube / 36),
                    level(cube / 6 % 6),
                    level(cube % 6),
                ))
            }
            number => {
                let grey = number.min(255).saturating_sub(232) * 10 + 8;
                Some(nearest(grey, grey, grey))
            }
        },
        2 => {
            let mut part = || numbers.next().unwrap_or_default().min(255);
            Some(nearest(part(), part(), part()))
        }
        _ => None,
    }
}

/// A bit for each of red, green and blue that is strong among them, and one for a bright
/// colour.
fn nearest(red: u16, green: u16, blue: u16) -> u8 {
    let most = red.max(green).max(blue);
    if most < 64 {
        return 0;
    }
    let strong = |part: u16| u8::from(part * 2 > most);
    let colour = strong(red) | strong(green) << 1 | strong(blue) << 2;
    match (colour, most) {
        (7, 0..=150) => 8,
        (7, 151..=220) => 7,
        (_, 0..=200) => colour,
        _ => colour + 8,
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn colours_become_classes() {
        for (text, html) in [
            ("plain <b>", "plain &lt;b&gt;"),
            ("\u{1b}[31mred\u{1b}[0m.", "<span class=\"c1\">red</span>."),
            (
                "\u{1b}[1;32mgood\u{1b}[22m less\u{1b}[39m",
                "<span class=\"c2 b\">good</span><span class=\"c2\"> less</span>",
            ),
            ("\u{1b}[38;5;196mx", "<span class=\"c9\">x</span>"),
            ("\u{1b}[38;5;244mx", "<span class=\"c8\">x</span>"),
            ("\u{1b}[48;2;0;90;0mx", "<span class=\"k2\">x</span>"),
            ("\u{1b}[93;44mx", "<span class=\"c11 k4\">x</span>"),
            ("\u{1b}[mx", "x"),
            ("\u{1b}]0;title\u{7}x", "␛]0;title␇x"),
        ] {
            assert_eq!(line(text).into_string(), html, "{text:?}");
        }
    }
}
