//! The places that a traceback names.

/// Most places that are looked at, from the end.
const MOST: usize = 200;

/// Files and lines that a traceback names, the last one first: where it was raised, then who
/// called that. Understood are pytest's own forms (`file:line: …`) and Python's
/// (`File "file", line 3`), which unittest and `--tb=native` print.
pub(crate) fn frames(traceback: &str) -> impl Iterator<Item = (&str, u32)> {
    traceback.lines().rev().filter_map(frame).take(MOST)
}

fn frame(line: &str) -> Option<(&str, u32)> {
    // Lines of source begin with spaces, those of pytest's places do not.
    pythons(line.trim_start()).or_else(|| pytests(line))
}

fn pythons(line: &str) -> Option<(&str, u32)> {
    let (file, rest) = line.strip_prefix("File \"")?.split_once("\", line ")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Some((file, rest.get(..end)?.parse().ok()?))
}

fn pytests(line: &str) -> Option<(&str, u32)> {
    let mut from = 0;
    // A drive or a path may hold colons itself: the first number decides.
    while let Some(at) = line.get(from..)?.find(':') {
        let at = from + at;
        let rest = line.get(at + 1..)?;
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let file = line.get(..at)?;
        if digits > 0 && rest.get(digits..)?.starts_with(':') {
            let whole = !file.is_empty() && !file.contains([' ', '\t']);
            return whole.then_some((file, rest.get(..digits)?.parse().ok()?));
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::frames;

    #[test]
    fn forms_of_tracebacks() {
        for (text, expected) in [
            (
                "def test():\n>   f()\n\ntests/test_a.py:3: \n_ _ _\n    def f():\n>  x: 1\nsrc/a.py:9: ValueError",
                &[("src/a.py", 9), ("tests/test_a.py", 3)][..],
            ),
            (
                "tests/test_a.py:17: in test_b\n    assert f() == 2\nE   assert 1 == 2",
                &[("tests/test_a.py", 17)],
            ),
            (
                "Traceback (most recent call last):\n  File \"/app/tests/test a.py\", line 12, in test\n    f()\n  File \"/usr/lib/python3.11/json/decoder.py\", line 355\nValueError: a:1: b",
                &[
                    ("/usr/lib/python3.11/json/decoder.py", 355),
                    ("/app/tests/test a.py", 12),
                ],
            ),
            ("C:\\a.py:3: x", &[("C:\\a.py", 3)]),
            ("E  assert '::' == 'a:b'\n:3: x\nx:y: 3", &[]),
        ] {
            assert_eq!(frames(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
