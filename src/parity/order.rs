//! Which side runs first in each pair.

use serde::{Deserialize, Serialize};

use super::Role;

/// What was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Drawn {
    /// What the draw began with.
    pub(crate) seed: u64,
    /// The side that ran first in each pair.
    pub(crate) first: Vec<Role>,
}

/// The order of the sides, drawn by lot: what runs first warms caches for the other, and
/// a machine has better and worse minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    /// What the draw begins with; the same seed gives the same order.
    pub(crate) seed: u64,
}

impl Order {
    /// Both sides in the order in which they run in a pair, counted from 0.
    pub(crate) fn of_pair(self, pair: u32) -> [Role; 2] {
        // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
        let mut x = self
            .seed
            .wrapping_add(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(u64::from(pair) + 1));
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        if (x ^ (x >> 31)) & 1 == 0 {
            [Role::Control, Role::Candidate]
        } else {
            [Role::Candidate, Role::Control]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Order, Role};

    #[test]
    fn a_seed_gives_one_order_and_both_sides_come_first() {
        let draw = |seed| (0..64).map(move |pair| Order { seed }.of_pair(pair));
        assert!(draw(7).eq(draw(7)));
        assert!(!draw(7).eq(draw(8)));
        let first = draw(7).filter(|[first, _]| *first == Role::Control).count();
        assert!((16..48).contains(&first), "{first}");
    }
}
