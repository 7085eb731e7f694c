//! A series as a line of signs.

use crate::report::style::Look;

/// From low to high.
const SIGNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same in ASCII.
const ASCII: [char; 8] = ['_', '.', ',', '-', '~', '=', '*', '#'];
/// Runs that are shown.
pub(super) const SHOWN: usize = 24;

/// The last figures, one sign for each. Their range is that of the signs, but small ranges are
/// not blown up: a tenth of the largest figure is half of the height.
pub(super) fn spark(values: &[f64], look: Look) -> String {
    let values = values
        .get(values.len().saturating_sub(SHOWN)..)
        .unwrap_or_default();
    let signs = if look.ascii { ASCII } else { SIGNS };
    let most = values.iter().copied().fold(f64::MIN, f64::max);
    let least = values.iter().copied().fold(f64::MAX, f64::min);
    let range = (most - least).max(most.abs() / 5.0);
    let bottom = f64::midpoint(most, least) - range / 2.0;
    let sign = |value: &f64| {
        let share = if range > 0.0 {
            (value - bottom) / range
        } else {
            0.0
        };
        let steps = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875];
        let at = steps.iter().filter(|step| share >= **step).count();
        signs.get(at).copied().unwrap_or_default()
    };
    values.iter().map(sign).collect()
}
