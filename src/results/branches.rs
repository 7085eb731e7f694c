//! The branches of one line, and how two reports about them are joined.
//!
//! Joining is a union of what was taken, and it must not depend on the order of
//! the reports. So the parts of [`Branches`] are joined each by itself with an
//! operation that is commutative, associative and idempotent: the larger total,
//! the larger number that one report saw taken, and the intersection of the
//! missing branches among the reports that know most (largest total, then the
//! best names). The number covered follows from the three.

/// Most conditions kept for one line: those with the lowest numbers.
const MAX_CONDITIONS: usize = 256;

/// Where a branch leads to, as coverage.py's `missing-branches` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Target {
    /// Out of the function, class or module.
    Exit,
    /// To the line with this number.
    Line(u32),
}

/// The names of the branches that were not taken, where a report gives names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Missing {
    /// The report gives no names, or nothing is missing.
    #[default]
    Unnamed,
    /// LCOV's block and branch (`0,1`), sorted.
    Labels(Vec<String>),
    /// Lines, sorted; several ways out of a function give several `Exit`.
    Lines(Vec<Target>),
}

impl Missing {
    fn rank(&self) -> u8 {
        match self {
            Self::Unnamed => 0,
            Self::Labels(_) => 1,
            Self::Lines(_) => 2,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Unnamed => 0,
            Self::Labels(labels) => labels.len(),
            Self::Lines(lines) => lines.len(),
        }
    }

    fn sort(&mut self) {
        match self {
            Self::Unnamed => {}
            Self::Labels(labels) => labels.sort_unstable(),
            Self::Lines(lines) => lines.sort_unstable(),
        }
    }

    fn intersect(self, other: Self) -> Self {
        match (self, other) {
            (Self::Labels(a), Self::Labels(b)) => Self::Labels(common(a, &b)),
            (Self::Lines(a), Self::Lines(b)) => Self::Lines(common(a, &b)),
            (_, other) => other,
        }
    }
}

/// What two sorted lists have in common, counted with repetition.
fn common<T: Ord>(a: Vec<T>, b: &[T]) -> Vec<T> {
    let mut others = b.iter().peekable();
    a.into_iter()
        .filter(|item| {
            while others.next_if(|other| *other < item).is_some() {}
            others.next_if(|other| *other == item).is_some()
        })
        .collect()
}

/// What kind of condition Cobertura's `<condition>` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ConditionKind {
    /// Anything else.
    Other,
    /// `jump`: a two-way decision.
    Jump,
    /// `switch`: a decision with several ways.
    Switch,
}

/// One `<condition>` of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Condition {
    /// Its number within the line.
    pub(crate) number: u32,
    /// Its kind.
    pub(crate) kind: ConditionKind,
    /// Share of its outcomes that were seen, in whole percent.
    pub(crate) percent: u8,
}

/// The branches of one line: how many there are, how many were taken, and which
/// ones were not where the report says it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Branches {
    total: u32,
    /// Most branches that a single report saw taken.
    seen: u32,
    missing: Missing,
    conditions: Vec<Condition>,
}

impl Branches {
    /// The branches of one report. `missing` is dropped where it does not name
    /// exactly `total - covered` branches; `covered` is at most `total`.
    /// Of several conditions with one number the best stays.
    pub(crate) fn new(
        covered: u32,
        total: u32,
        mut missing: Missing,
        conditions: Vec<Condition>,
    ) -> Self {
        let covered = covered.min(total);
        if covered == total || missing.count() as u64 != u64::from(total - covered) {
            missing = Missing::Unnamed;
        }
        missing.sort();
        Self {
            total,
            seen: covered,
            missing,
            conditions: best_conditions(conditions),
        }
    }

    /// Branches that there are.
    pub(crate) fn total(&self) -> u32 {
        self.total
    }

    /// Branches taken at least once.
    pub(crate) fn covered(&self) -> u32 {
        let named = match &self.missing {
            Missing::Unnamed => 0,
            named => {
                let missing = u32::try_from(named.count()).unwrap_or(u32::MAX);
                self.total.saturating_sub(missing)
            }
        };
        self.seen.max(named).min(self.total)
    }

    /// Names of the branches not taken: as many as are missing, or `Unnamed`.
    pub(crate) fn missing(&self) -> &Missing {
        let missing = self.total - self.covered();
        if missing > 0 && self.missing.count() as u64 == u64::from(missing) {
            &self.missing
        } else {
            &Missing::Unnamed
        }
    }

    /// The conditions by number, where the report tells them.
    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Takes in what another report says about the same line (see the module).
    pub(crate) fn join(&mut self, other: Self) {
        let own = (self.total, self.missing.rank());
        let others = (other.total, other.missing.rank());
        if own == others {
            self.missing = std::mem::take(&mut self.missing).intersect(other.missing);
        } else if own < others {
            self.missing = other.missing;
        }
        self.total = self.total.max(other.total);
        self.seen = self.seen.max(other.seen);
        if !other.conditions.is_empty() {
            self.conditions.extend(other.conditions);
            self.conditions = best_conditions(std::mem::take(&mut self.conditions));
        }
    }
}

impl Branches {
    /// Takes in that the line was left to these places. Only branches with the
    /// names of lines can be told to be among them.
    pub(crate) fn take(&mut self, targets: impl Iterator<Item = Target>) {
        let Missing::Lines(missing) = &mut self.missing else {
            return;
        };
        // Each way out of the code is one of its own.
        for target in targets {
            if let Some(at) = missing.iter().position(|name| *name == target) {
                missing.remove(at);
            }
        }
    }
}

/// Sorted by number, at most [`MAX_CONDITIONS`]; of several with one number the
/// largest kind and share.
fn best_conditions(mut conditions: Vec<Condition>) -> Vec<Condition> {
    conditions.sort_by_key(|condition| condition.number);
    conditions.dedup_by(|later, kept| {
        let same = later.number == kept.number;
        if same {
            kept.kind = kept.kind.max(later.kind);
            kept.percent = kept.percent.max(later.percent);
        }
        same
    });
    conditions.truncate(MAX_CONDITIONS);
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(covered: u32, total: u32, missing: &[u32]) -> Branches {
        let missing = missing.iter().map(|&line| match line {
            0 => Target::Exit,
            line => Target::Line(line),
        });
        Branches::new(
            covered,
            total,
            Missing::Lines(missing.collect()),
            Vec::new(),
        )
    }

    fn joined(a: &Branches, b: &Branches) -> Branches {
        let mut joined = a.clone();
        joined.join(b.clone());
        joined
    }

    #[test]
    fn union_of_named_branches() {
        let both = joined(&lines(1, 2, &[5]), &lines(1, 2, &[7]));
        assert_eq!((both.covered(), both.total()), (2, 2));
        assert_eq!(both.missing(), &Missing::Unnamed);
        let both = joined(&lines(1, 3, &[5, 7]), &lines(1, 3, &[7, 0]));
        assert_eq!((both.covered(), both.total()), (2, 3));
        assert_eq!(both.missing(), &Missing::Lines(vec![Target::Line(7)]));
    }

    #[test]
    fn two_exits_count_twice() {
        let both = joined(&lines(0, 2, &[0, 0]), &lines(1, 2, &[0]));
        assert_eq!(both.covered(), 1);
        assert_eq!(both.missing(), &Missing::Lines(vec![Target::Exit]));
    }

    #[test]
    fn without_names_the_larger_number_counts() {
        let unnamed = Branches::new(1, 2, Missing::Unnamed, Vec::new());
        assert_eq!(joined(&unnamed, &unnamed).covered(), 1);
        assert_eq!(joined(&unnamed, &lines(0, 2, &[5, 7])).covered(), 1);
        assert_eq!(
            joined(&unnamed, &lines(0, 2, &[5, 7])).missing(),
            &Missing::Unnamed
        );
        let label =
            |name: &str| Branches::new(1, 2, Missing::Labels(vec![name.to_owned()]), Vec::new());
        assert_eq!(joined(&label("0,0"), &label("0,1")).covered(), 2);
        assert_eq!(joined(&label("0,0"), &lines(1, 2, &[5])).covered(), 1);
    }

    #[test]
    fn the_larger_total_names_the_missing() {
        let both = joined(&lines(0, 2, &[5, 7]), &lines(1, 3, &[5, 9]));
        assert_eq!((both.covered(), both.total()), (1, 3));
    }

    #[test]
    fn names_that_do_not_add_up_are_dropped() {
        assert_eq!(lines(1, 2, &[5, 7]).missing(), &Missing::Unnamed);
        assert_eq!(lines(9, 2, &[]).covered(), 2);
    }
}
