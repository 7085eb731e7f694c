//! The `cron` of `on.schedule`: five fields of POSIX cron (GitHub docs, "Events that
//! trigger workflows", section `schedule`).

/// A field: its name, its least and its greatest number, and names for numbers.
type Field = (&'static str, u32, u32, &'static [&'static str]);

const MONTHS: &[&str] = &[
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const FIELDS: [Field; 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of the month", 1, 31, &[]),
    ("month", 1, 12, MONTHS),
    // Crons of other systems end the week with Sunday once more.
    ("day of the week", 0, 7, DAYS),
];

/// What is wrong with a `cron`, if anything.
pub(super) fn fault(cron: &str) -> Option<String> {
    if cron.trim_start().starts_with('@') {
        return Some("GitHub knows no `@daily` and the like".to_owned());
    }
    let parts: Vec<&str> = cron.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return Some(format!(
            "a cron has five fields (minute, hour, day of the month, month, day of the week), found {}",
            parts.len()
        ));
    }
    parts
        .iter()
        .zip(FIELDS)
        .find(|(part, field)| !part.split(',').all(|item| is_item(item, field)))
        .map(|(part, (name, least, most, _))| {
            format!(
                "`{part}` is no {name}: a number from {least} to {most}, `*`, `a-b`, `a,b` or `*/n`"
            )
        })
}

/// `*`, `a`, `a-b`, each perhaps with `/n`.
fn is_item(item: &str, field: &Field) -> bool {
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (item, None),
    };
    let (_, _, most, _) = field;
    if step.is_some_and(|step| !number(step).is_some_and(|step| step > 0 && step <= *most)) {
        return false;
    }
    if range == "*" {
        return true;
    }
    match range.split_once('-') {
        Some((from, to)) => match (value(from, field), value(to, field)) {
            (Some(from), Some(to)) => from <= to,
            _ => false,
        },
        None => value(range, field).is_some(),
    }
}

fn value(text: &str, (_, least, most, names): &Field) -> Option<u32> {
    let named = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text))
        .and_then(|at| u32::try_from(at).ok())
        .map(|at| at + least);
    named
        .or_else(|| number(text))
        .filter(|value| (least..=most).contains(&value))
}

fn number(text: &str) -> Option<u32> {
    (text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn crons() {
        for cron in [
            "0 3 * * *",
            "*/15 * * * *",
            "30 5,17 * * 1-5",
            "0 0 1 JAN,jul SUN",
            "5-20/5 0-6 31 12 6",
            " 0  0 * * 7 ",
        ] {
            assert_eq!(fault(cron), None, "{cron}");
        }
        for (cron, words) in [
            ("@daily", "@daily"),
            ("", "five fields"),
            ("0 3 * *", "found 4"),
            ("0 3 * * * *", "found 6"),
            ("60 * * * *", "`60` is no minute"),
            ("0 24 * * *", "`24` is no hour"),
            ("0 0 0 * *", "`0` is no day of the month"),
            ("0 0 * 13 *", "`13` is no month"),
            ("0 0 * FOO *", "`FOO` is no month"),
            ("0 0 * * 8", "`8` is no day of the week"),
            ("*/0 * * * *", "`*/0` is no minute"),
            ("5-1 * * * *", "`5-1` is no minute"),
            ("1,, * * * *", "`1,,` is no minute"),
        ] {
            let found = fault(cron).unwrap_or_default();
            assert!(found.contains(words), "{cron}: {found}");
        }
    }
}
