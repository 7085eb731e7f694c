//! Middle and spread that a few outliers do not move.

/// What the median absolute deviation is multiplied with to be the standard deviation of
/// normal noise.
const MAD_TO_SIGMA: f64 = 1.4826;

/// The value in the middle; `None` without any.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get((sorted.len() / 2).checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// How far values lie from their middle, as a standard deviation: the median absolute
/// deviation, scaled.
pub(super) fn spread(values: &[f64], middle: f64) -> f64 {
    let away: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    median(&away).unwrap_or_default() * MAD_TO_SIGMA
}

/// The sum of the distances from a level, each counted up to `most`: what it costs to call
/// these values that level.
pub(super) fn cost(values: &[f64], level: f64, most: f64) -> f64 {
    let away = values.iter().map(|value| (value - level).abs().min(most));
    away.sum()
}

/// A count as a number to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "no history has 2^52 runs, and no image 2^52 bytes"
)]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{cost, median, spread};

    #[test]
    #[allow(clippy::float_cmp)]
    fn one_outlier_changes_little() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[4.0, 1.0]), Some(2.5));
        let values = [10.0, 11.0, 9.0, 10.0, 1000.0];
        assert_eq!(median(&values), Some(10.0));
        assert_eq!(spread(&values, 10.0), 1.4826);
        assert_eq!(cost(&values, 10.0, 50.0), 52.0);
    }
}
