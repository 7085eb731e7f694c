//! How much room a place had when a command failed.

/// Below this a place may be full: what failed may have wanted this much at once, or
/// removed this much when it failed.
const LITTLE_KIB: u64 = 64 * 1024;
/// A full place has less than this share free.
const SHARE: u64 = 20;

/// What `df` says of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Room {
    /// The place; `.` is the folder that the command ran in.
    pub(crate) place: String,
    /// Whether files are counted, not KiB.
    pub(crate) files: bool,
    /// What is free.
    pub(crate) free: u64,
    /// All that there is.
    pub(crate) all: u64,
}

impl Room {
    /// Reads the words behind `room` in a step's report; `None` for what is not known
    /// (some file systems count no files).
    pub(super) fn parse(words: &str) -> Option<Self> {
        let mut words = words.split(' ');
        let unit = words.next()?;
        let place = words.next()?.to_owned();
        let free = words.next()?.parse().ok()?;
        let all = words.next()?.parse().ok()?;
        Some(Self {
            place,
            files: unit == "i",
            free,
            all,
        })
        .filter(|_| all > 0 && words.next().is_none())
    }

    /// Whether it has as good as none.
    pub(crate) fn is_full(&self) -> bool {
        if self.files {
            return self.free == 0;
        }
        self.free < LITTLE_KIB && self.free < self.all / SHARE
    }
}

impl std::fmt::Display for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = match self.place.as_str() {
            "." => "the step's working directory",
            other => &format!("`{other}`"),
        };
        let (free, all) = (self.free, self.all);
        if self.files {
            return write!(
                f,
                "no file can be made in {place}, which has {all} of {all}"
            );
        }
        let (free, all) = (free / 1024, all / 1024);
        write!(f, "{free} MiB of {all} MiB are free in {place}")
    }
}

#[cfg(test)]
mod tests {
    use super::Room;

    #[test]
    fn a_place_is_full_when_what_is_left_is_little_and_a_small_part() {
        for (words, full) in [
            ("k / 0 4096", true),
            ("k / 65535 104857600", true),
            // A small place that nobody wrote to, and a large one with room for most.
            ("k /dev/shm 16384 16384", false),
            ("k / 65536 104857600", false),
            ("i /tmp 0 1000", true),
            ("i /tmp 1 1000", false),
        ] {
            assert_eq!(Room::parse(words).map(|room| room.is_full()), Some(full));
        }
    }

    #[test]
    fn what_is_not_known_is_no_room() {
        for words in [
            "",
            "k",
            "k / x 1",
            "k / 1",
            "k / 1 2 3",
            "i / 0 0",
            "k / - -",
        ] {
            assert_eq!(Room::parse(words), None, "{words}");
        }
    }
}
