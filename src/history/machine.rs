//! Which machines are alike.

use super::entry::Source;

/// One GiB.
const GIB: u64 = 1 << 30;

/// The class of a machine: where it stands, the engine without its version, its cores, and
/// its memory in round figures.
pub(super) fn class(source: Source, engine: &str, cpus: u32, memory: u64) -> String {
    let engine = engine.split([' ', ',']).next().unwrap_or_default();
    let cores = if cpus == 1 { "core" } else { "cores" };
    let mut class = format!("{}, {engine}, {cpus} {cores}", source.as_str());
    if memory > 0 {
        class.push_str(&format!(", {} GiB", gibibytes(memory)));
    }
    class
}

/// Memory in GiB, rounded up to an eighth of the next power of two: a kernel keeps a part for
/// itself, and not always the same.
fn gibibytes(memory: u64) -> u64 {
    let whole = memory.div_ceil(GIB).max(1);
    let grain = (whole.next_power_of_two() / 8).max(1);
    whole.div_ceil(grain).saturating_mul(grain)
}

#[cfg(test)]
mod tests {
    use super::{GIB, Source, class, gibibytes};

    #[test]
    fn machines_with_the_same_memory_modules_are_alike() {
        for (tenths, whole) in [
            (4, 1),
            (19, 2),
            (38, 4),
            (77, 8),
            (155, 16),
            (234, 24),
            (313, 32),
            (627, 64),
            (1257, 128),
        ] {
            assert_eq!(gibibytes(GIB / 10 * tenths), whole, "{tenths}");
        }
    }

    #[test]
    fn a_class_in_words() {
        let of = |engine, cpus, memory| class(Source::Ci, engine, cpus, memory);
        assert_eq!(
            of("docker 27.3.1", 4, 16 * GIB - 1),
            "ci, docker, 4 cores, 16 GiB"
        );
        assert_eq!(of("host (no container)", 1, 0), "ci, host, 1 core");
        assert_eq!(of("", 1, 0), "ci, , 1 core");
    }
}
