//! Names: which one was meant, and which ones GitHub accepts.

/// The candidate nearest to `name`, when it is near enough to be what was meant:
/// the same but for capitals, `-` and `_`, or two edits away (one, where names are
/// short).
pub(crate) fn nearest<C: AsRef<str>>(
    name: &str,
    candidates: impl IntoIterator<Item = C>,
) -> Option<C> {
    let name = plain(name);
    let mut best: Option<(usize, C)> = None;
    for candidate in candidates {
        let other = plain(candidate.as_ref());
        let shorter = name.len().min(other.len());
        let allowed = match shorter {
            0 => continue,
            1 => 0,
            2..=3 => 1,
            _ => 2,
        };
        if name.len().abs_diff(other.len()) > allowed {
            continue;
        }
        let distance = edits(&name, &other);
        if distance <= allowed && best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Lower case, and `_` for `-`.
fn plain(name: &str) -> Vec<char> {
    name.chars()
        .flat_map(char::to_lowercase)
        .map(|character| if character == '_' { '-' } else { character })
        .collect()
}

/// Optimal string alignment: insertions, deletions, replacements, and two
/// neighbours exchanged.
fn edits(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let mut cost = (last[column] + usize::from(a != b))
                .min(last[column + 1] + 1)
                .min(line[column] + 1);
            if row > 0 && column > 0 && left[row - 1] == *b && *a == right[column - 1] {
                cost = cost.min(before[column - 1] + 1);
            }
            line.push(cost);
        }
        before = std::mem::replace(&mut last, line);
    }
    last[right.len()]
}

/// `did you mean …?`, or the list of what is allowed.
pub(crate) fn suggestion<'c>(
    name: &str,
    allowed: impl IntoIterator<Item = &'c str> + Clone,
    list: &str,
) -> String {
    match nearest(name, allowed.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{list}: {}", listed(allowed)),
    }
}

/// Names with commas between them, the first of them only where there are many.
pub(crate) fn listed<'c>(names: impl IntoIterator<Item = &'c str>) -> String {
    const MOST: usize = 24;
    let mut names = names.into_iter();
    let mut list = names.by_ref().take(MOST).collect::<Vec<_>>().join(", ");
    if names.next().is_some() {
        list.push_str(", …");
    }
    list
}

/// The longest id GitHub accepts is one shorter (`WorkflowConstants`).
const MAX_ID: usize = 100;

/// What is wrong with a job's or a step's id, if anything (`IdBuilder` of
/// actions/runner).
pub(crate) fn id_fault(id: &str) -> Option<&'static str> {
    let mut characters = id.chars();
    let starts = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let legal = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if !starts || !characters.all(legal) || id.len() >= MAX_ID {
        return Some(
            "ids start with a letter or `_`, contain only alphanumeric characters, `-` or `_`, \
             and have fewer than 100 characters",
        );
    }
    id.starts_with("__")
        .then_some("ids that start with `__` are reserved")
}

/// The form in which GitHub compares names: ordinal, capitals ignored.
pub(crate) fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).collect()
}

/// A text for a message: one line, not too long.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut line: String = text
        .chars()
        .take(LONGEST)
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names() {
        let keys = ["steps", "runs-on", "if", "id", "env", "needs", "uses"];
        for (name, near) in [
            ("step", Some("steps")),
            ("Steps", Some("steps")),
            ("runs_on", Some("runs-on")),
            ("run-on", Some("runs-on")),
            ("runson", Some("runs-on")),
            ("enviroment", None),
            ("fi", Some("if")),
            ("x", None),
            ("use", Some("uses")),
            ("nedes", Some("needs")),
            ("", None),
        ] {
            assert_eq!(nearest(name, keys), near, "{name}");
        }
    }

    #[test]
    fn ids() {
        for id in ["a", "_a", "a-b_c9", "A"] {
            assert_eq!(id_fault(id), None, "{id}");
        }
        for id in ["", "1a", "-a", "a b", "ä", "a.b", "__a"] {
            assert!(id_fault(id).is_some(), "{id}");
        }
        assert_eq!(id_fault(&"a".repeat(99)), None);
        assert!(id_fault(&"a".repeat(100)).is_some());
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shown("a\nb"), "a b");
        assert_eq!(shown(&"x".repeat(50)).chars().count(), 41);
    }
}
