//! What holds for any series.

use proptest::prelude::*;

use crate::history::simulated::Dice;
use crate::trend::levels::levels;
use crate::trend::metric::Kind;

/// A series around a level, with noise by chance and an outlier in 20 runs.
fn noisy(seed: u64, count: u64, level: f64, noise: f64) -> Vec<f64> {
    series(seed, count, level, noise, 0.05)
}

/// The same with another share of outliers.
fn series(seed: u64, count: u64, level: f64, noise: f64, outliers: f64) -> Vec<f64> {
    let mut dice = Dice::new(seed, 0);
    let mut one = |_| {
        let outlier = if dice.chance(outliers) {
            1.0 + 3.0 * dice.share()
        } else {
            1.0
        };
        level * (1.0 + noise * dice.normal()).max(0.1) * outlier
    };
    (0..count).map(&mut one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn levels_cover_the_series_in_order(values in prop::collection::vec(0.0f64..1e6, 0..300)) {
        let found = levels(&values, Kind::Total.floor());
        prop_assert_eq!(found.first().map_or(0, |first| first.from), 0);
        prop_assert_eq!(found.last().map_or(0, |last| last.until), values.len());
        for pair in found.windows(2) {
            prop_assert_eq!(pair[0].until, pair[1].from);
            prop_assert!(pair[1].found >= pair[1].from);
        }
    }

    #[test]
    fn one_run_is_never_an_alarm(seed in any::<u64>(), at in 10usize..190, height in 0.0f64..1e9) {
        // Without others, some of which may lie beside it by chance.
        let mut values = series(seed, 200, 60_000.0, 0.02, 0.0);
        prop_assert_eq!(levels(&values, Kind::Total.floor()).len(), 1);
        values[at] = height;
        prop_assert_eq!(levels(&values, Kind::Total.floor()).len(), 1);
    }

    #[test]
    fn the_unit_does_not_matter(seed in any::<u64>(), power in 0i32..14) {
        // A power of two, so that rounding is the same.
        let scale = 2f64.powi(power);
        let mut values = noisy(seed, 120, 1e6, 0.03);
        for value in values.iter_mut().skip(80) {
            *value *= 1.4;
        }
        let scaled: Vec<f64> = values.iter().map(|value| value * scale).collect();
        let places = |values: &[f64]| -> Vec<usize> {
            levels(values, Kind::Total.floor()).iter().map(|level| level.from).collect()
        };
        prop_assert_eq!(places(&values), places(&scaled));
    }

    #[test]
    fn little_amounts_are_no_alarm(seed in any::<u64>()) {
        // 50 ms become 60 ms.
        let mut values = noisy(seed, 100, 50.0, 0.01);
        for value in values.iter_mut().skip(50) {
            *value += 10.0;
        }
        prop_assert_eq!(levels(&values, Kind::Step.floor()).len(), 1);
    }
}

/// Of 500 shuffled series of 200 runs each, with an outlier in 20 runs and more noise than
/// the least change, at most 1 in 100 gives an alarm.
#[test]
fn the_order_of_a_constant_series_gives_hardly_an_alarm() {
    let mut dice = Dice::new(7, 7);
    let mut alarms = 0;
    for seed in 0..500 {
        let mut values = noisy(seed, 200, 60_000.0, 0.10);
        for at in (1..values.len()).rev() {
            let other = usize::try_from(dice.next() % (at as u64 + 1)).unwrap();
            values.swap(at, other);
        }
        alarms += usize::from(levels(&values, Kind::Total.floor()).len() > 1);
    }
    println!("{alarms} of 500 shuffled series gave an alarm");
    assert!(alarms <= 5, "{alarms}");
}
