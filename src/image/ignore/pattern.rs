//! One pattern of a `.dockerignore` (moby/patternmatcher, `Pattern.compile`).
//!
//! The syntax is that of Go's `filepath.Match`, and `**` for any number of
//! directories. moby turns a pattern into a regular expression; here it is a
//! list of parts that is matched directly, with the same results.

/// Why a pattern cannot be used.
const SYNTAX: &str = "syntax error in pattern";

/// A pattern, ready to match.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// Exactly this path.
    Exact(String),
    /// `text**`: any path that begins with the text.
    Prefix(String),
    /// `**text` and `**/text`: any path that ends with the text, and the text
    /// itself without its leading slash.
    Suffix(String),
    /// Anything else.
    Parts(Vec<Part>),
}

#[derive(Debug, Clone)]
enum Part {
    One(char),
    /// `?`: one character but not a slash.
    Any,
    /// `*`: any characters but no slash.
    Star,
    /// `**` and more: nothing, or what the next part (always
    /// [`Part::Inside`]) takes.
    Directories,
    /// Anything up to a slash.
    Inside,
    /// `**` at the end: anything.
    Everything,
    /// `[a-z]`, `[^a-z]`. As in moby, a negated one matches a slash.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    /// `^` outside of brackets: the beginning of the path, as in the regular
    /// expression that moby makes.
    Start,
    /// An escaped letter, which moby's regular expression does not take for
    /// that letter. (It takes `\\d` for a digit; nobody means that.)
    Never,
}

/// What moby would match a pattern with.
#[derive(PartialEq)]
enum Detected {
    Exact,
    Prefix,
    Suffix,
    Parts,
}

impl Pattern {
    /// Reads a pattern that is cleaned already.
    pub(super) fn new(text: &str) -> Result<Self, &'static str> {
        let mut reader = Reader {
            text: text.chars().collect(),
            at: 0,
        };
        let mut parts = Vec::new();
        // moby makes a regular expression only where it must. That can be
        // seen: `**file` matches `dir/myfile`, `**fil?` does not.
        let mut detected = Detected::Exact;
        while let Some(one) = reader.next() {
            match one {
                '*' if reader.take('*') => {
                    let leading = parts.is_empty();
                    reader.take('/');
                    let last = reader.peek().is_none();
                    detected = match detected {
                        _ if leading => Detected::Suffix,
                        Detected::Exact if last => Detected::Prefix,
                        _ => Detected::Parts,
                    };
                    if last {
                        parts.push(Part::Everything);
                    } else {
                        parts.extend([Part::Directories, Part::Inside]);
                    }
                    continue;
                }
                '*' => parts.push(Part::Star),
                '?' => parts.push(Part::Any),
                '[' => parts.push(reader.class()?),
                '\\' => parts.push(match reader.next().ok_or(SYNTAX)? {
                    letter if letter.is_ascii_alphanumeric() => Part::Never,
                    other => Part::One(other),
                }),
                ']' => parts.push(Part::One(one)),
                '^' => {
                    parts.push(Part::Start);
                    continue;
                }
                _ => {
                    parts.push(Part::One(one));
                    continue;
                }
            }
            detected = Detected::Parts;
        }
        let kind = match detected {
            Detected::Exact => Kind::Exact(text.to_owned()),
            Detected::Prefix => Kind::Prefix(text.strip_suffix("**").unwrap_or(text).to_owned()),
            Detected::Suffix => Kind::Suffix(text.get(2..).unwrap_or_default().to_owned()),
            Detected::Parts => Kind::Parts(parts),
        };
        Ok(Self { kind })
    }

    /// Whether the pattern is this path (not: a directory above it).
    pub(super) fn matches(&self, path: &str) -> bool {
        match &self.kind {
            Kind::Exact(text) => path == text,
            Kind::Prefix(text) => path.starts_with(text.as_str()),
            Kind::Suffix(text) => {
                path.ends_with(text.as_str())
                    || text.strip_prefix('/').is_some_and(|text| text == path)
            }
            Kind::Parts(parts) => follow(parts, path).last() == Some(&true),
        }
    }

    /// Whether the pattern may be a path below this directory.
    pub(super) fn may_match_below(&self, directory: &str) -> bool {
        let directory = format!("{directory}/");
        match &self.kind {
            Kind::Exact(text) => text.starts_with(&directory),
            Kind::Prefix(text) => text.starts_with(&directory) || directory.starts_with(text),
            Kind::Suffix(_) => true,
            Kind::Parts(parts) => follow(parts, &directory).contains(&true),
        }
    }
}

struct Reader {
    text: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let one = self.peek();
        self.at += usize::from(one.is_some());
        one
    }

    fn take(&mut self, one: char) -> bool {
        let found = self.peek() == Some(one);
        self.at += usize::from(found);
        found
    }

    /// The inside of `[…]`, as `filepath.Match` checks it.
    fn class(&mut self) -> Result<Part, &'static str> {
        let negated = self.take('^');
        let mut ranges = Vec::new();
        while ranges.is_empty() || !self.take(']') {
            let low = self.in_class()?;
            let high = match self.take('-') {
                true => self.in_class()?,
                false => low,
            };
            if high < low {
                // The regular expression would be in error.
                return Err(SYNTAX);
            }
            ranges.push((low, high));
        }
        Ok(Part::Class { negated, ranges })
    }

    fn in_class(&mut self) -> Result<char, &'static str> {
        match self.next() {
            None | Some('-' | ']') => Err(SYNTAX),
            Some('\\') => self.next().ok_or(SYNTAX),
            Some(one) => Ok(one),
        }
    }
}

/// Follows all possibilities at once: the time is the product of the two
/// lengths, whatever the pattern. Of the result, element `i` tells whether the
/// text can be the first `i` parts.
fn follow(parts: &[Part], text: &str) -> Vec<bool> {
    let mut reached = vec![false; parts.len() + 1];
    set(&mut reached, 0);
    skip_empty(parts, &mut reached, true);
    let mut next = reached.clone();
    for one in text.chars() {
        next.fill(false);
        for (index, part) in parts.iter().enumerate() {
            if reached.get(index) != Some(&true) {
                continue;
            }
            let (stays, moves) = match part {
                Part::One(wanted) => (false, one == *wanted),
                Part::Any => (false, one != '/'),
                Part::Star => (one != '/', false),
                Part::Inside => (one != '\n', one == '/'),
                Part::Everything => (one != '\n', false),
                Part::Class { negated, ranges } => {
                    let inside = ranges
                        .iter()
                        .any(|(low, high)| (*low..=*high).contains(&one));
                    (false, inside != *negated)
                }
                Part::Directories | Part::Start | Part::Never => (false, false),
            };
            if stays {
                set(&mut next, index);
            }
            if moves {
                set(&mut next, index + 1);
            }
        }
        skip_empty(parts, &mut next, false);
        std::mem::swap(&mut reached, &mut next);
        if !reached.contains(&true) {
            break;
        }
    }
    reached
}

/// Goes past the parts that may be nothing.
fn skip_empty(parts: &[Part], reached: &mut [bool], at_start: bool) {
    for (index, part) in parts.iter().enumerate() {
        if reached.get(index) != Some(&true) {
            continue;
        }
        match part {
            Part::Star | Part::Everything => set(reached, index + 1),
            Part::Start if at_start => set(reached, index + 1),
            Part::Directories => {
                set(reached, index + 1);
                set(reached, index + 2);
            }
            _ => {}
        }
    }
}

fn set(reached: &mut [bool], index: usize) {
    if let Some(cell) = reached.get_mut(index) {
        *cell = true;
    }
}
