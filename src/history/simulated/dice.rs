//! Numbers by chance.

/// Numbers by chance (SplitMix64), those of a run whatever comes before it.
pub(crate) struct Dice(u64);

impl Dice {
    /// Those of a seed and a run.
    pub(crate) fn new(seed: u64, run: u64) -> Self {
        let mut dice = Self(seed);
        let first = dice.next();
        Self(first ^ run.wrapping_mul(0xD134_2543_DE82_EF95))
    }

    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        number(self.next() >> 11) / number(1 << 53)
    }

    /// True so often.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// Of a normal distribution (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.share().max(f64::MIN_POSITIVE).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}

/// A count as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "simulated times are small")]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}

/// The nearest count.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "simulated times are small and not negative"
)]
pub(super) fn round(value: f64) -> u64 {
    value.round() as u64
}
