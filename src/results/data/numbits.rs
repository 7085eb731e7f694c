//! Sets of line numbers as coverage.py stores them: bit `k` of byte `i` stands
//! for line `8 i + k`.

/// A set of line numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbits {
    /// Without trailing zeros it would be unique; equality does not rest on that.
    bytes: Vec<u8>,
}

impl PartialEq for Numbits {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Numbits {}

impl Numbits {
    /// Takes in the lines of a blob.
    pub(super) fn join_bytes(&mut self, bytes: &[u8]) {
        if self.bytes.len() < bytes.len() {
            self.bytes.resize(bytes.len(), 0);
        }
        for (own, other) in self.bytes.iter_mut().zip(bytes) {
            *own |= other;
        }
    }

    /// Takes in the lines of another set.
    pub(super) fn join(&mut self, other: &Self) {
        self.join_bytes(&other.bytes);
    }

    /// The lines, in order. 0, which is no line, is left out.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let bytes = (0u32..).step_by(8).zip(&self.bytes);
        bytes
            .flat_map(|(first, byte)| {
                (0..8)
                    .filter(move |bit| byte >> bit & 1 == 1)
                    .map(move |bit| first + bit)
            })
            .filter(|&line| line > 0)
    }

    /// Adds a line.
    #[cfg(test)]
    pub(super) fn add(&mut self, line: u32) {
        let mut bytes = vec![0; line as usize / 8 + 1];
        bytes[line as usize / 8] = 1 << (line % 8);
        self.join_bytes(&bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_lines() {
        let mut set = Numbits::default();
        set.join_bytes(&[0b0000_0111, 0, 0b1000_0000]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 2, 23]);
        let mut other = Numbits::default();
        other.join_bytes(&[0b0001_0000]);
        other.join(&set);
        assert_eq!(other.iter().collect::<Vec<_>>(), [1, 2, 4, 23]);
    }

    #[test]
    fn zeros_at_the_end_say_nothing() {
        let mut long = Numbits::default();
        long.join_bytes(&[2, 0, 0]);
        let mut short = Numbits::default();
        short.add(1);
        assert_eq!(long, short);
    }
}
