#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

fn masker(values: &[&str]) -> Masker {
    let mut masker = Masker::new();
    for value in values {
        masker.add(value).unwrap();
    }
    masker
}

/// What GitHub does, letter by letter: mark all matches, replace the runs.
fn naive(forms: &BTreeSet<String>, text: &[u8]) -> Vec<u8> {
    let mut marked = vec![false; text.len()];
    for form in forms {
        let form = form.as_bytes();
        for start in 0..text.len() {
            if text[start..].starts_with(form) {
                marked[start..start + form.len()].fill(true);
            }
        }
    }
    let mut out = Vec::new();
    for (index, byte) in text.iter().enumerate() {
        if !marked[index] {
            out.push(*byte);
        } else if index == 0 || !marked[index - 1] {
            out.extend_from_slice(MASK);
        }
    }
    out
}

#[test]
fn texts() {
    let table: &[(&[&str], &str, &str)] = &[
        (&[], "abcd", "abcd"),
        (&["abcd"], "", ""),
        (&["abcd"], "abc", "abc"),
        (&["abcd"], "xabcdy", "x***y"),
        (&["abcd"], "abcdabcd", "***"),
        (&["abcd"], "abcd abcd", "*** ***"),
        (&["abcd", "abcdefgh"], "abcdefgh", "***"),
        (&["abcd", "abcdefgh"], "abcdefgx", "***efgx"),
        (&["abcdef", "defghi"], "xabcdefghiy", "x***y"),
        (&["abcdef", "cdef"], "abcdefcdef", "***"),
        (&["aaaa"], "aaaaaaa", "***"),
        (&["geheim-äöü"], "x geheim-äöü y", "x *** y"),
        (&["ABcd"], "abcd ABcd", "abcd ***"),
        (
            &["p@ss w/rd"],
            "p%40ss%20w%2Frd p%40ss%20w%2frd p%40ss+w%2Frd",
            "*** *** ***",
        ),
        (
            &["a\"b\\c\nlong line"],
            "{\"k\": \"a\\\"b\\\\c\\nlong line\"}",
            "{\"k\": \"***\"}",
        ),
        (&["schlüssel"], "schl\\u00fcssel", "***"),
        (
            &["ab<cd>&'e"],
            "ab&lt;cd&gt;&amp;&apos;e ab&lt;cd&gt;&amp;'e",
            "*** ***",
        ),
        (&["it's me"], "'it''s me'", "'***'"),
        (&["\"quoted\""], "x quoted", "x ***"),
        (&["a/b/c/d"], "a\\/b\\/c\\/d", "***"),
        (
            &["first line\nab\nthird line\n"],
            "first line|ab|third line|first line\nab\nthird line",
            "***|ab|***|***",
        ),
        (&["one1\r\ntwo2"], "one1 two2 one1\ntwo2", "*** *** ***"),
        (&["  padded  "], "[padded]", "[***]"),
    ];
    for (values, text, expected) in table {
        assert_eq!(masker(values).mask(text), *expected, "{values:?} {text:?}");
    }
    assert!(matches!(masker(&["abcd"]).mask("x"), Cow::Borrowed(_)));
}

#[test]
fn base64_at_every_offset() {
    // base64 of `user:topsecret`, `x:topsecret`, `topsecret`, `ab:topsecret!?`
    // as Python's base64 module gives them.
    let masker = masker(&["topsecret"]);
    let table = [
        ("dXNlcjp0b3BzZWNyZXQ=", "dXNlcjp***"),
        ("eDp0b3BzZWNyZXQ=", "eDp***"),
        ("dG9wc2VjcmV0", "***"),
        ("YWI6dG9wc2VjcmV0IT8=", "YWI6***IT8="),
    ];
    for (text, expected) in table {
        assert_eq!(masker.mask(text), expected, "{text:?}");
    }
    let masker = self::masker(&["??>>~~??"]);
    assert_eq!(masker.mask("Pz8+Pn5+Pz8="), "***");
    assert_eq!(masker.mask("Pz8-Pn5-Pz8"), "***");
}

#[test]
fn what_is_refused() {
    let mut masker = Masker::new();
    for value in ["", "a", "abc", "    ", " ab ", "äöü"] {
        assert_eq!(masker.add(value), Err(MaskError::TooShort), "{value:?}");
    }
    assert_eq!(masker.mask("abc   "), "abc   ");
    assert_eq!(
        masker.add(&"x".repeat(MAX_BYTES + 1)),
        Err(MaskError::TooLong)
    );
    let mut large = String::new();
    let mut error = None;
    for index in 0..200 {
        large.clear();
        large.push_str(&format!("{index:04}"));
        large.push_str(&"y".repeat(30_000));
        if let Err(found) = masker.take(&large) {
            error = Some(found);
            break;
        }
    }
    assert_eq!(error, Some(MaskError::Full));
    assert!(masker.total <= MAX_TOTAL);
    let mut masker = Masker::new();
    assert_eq!(
        masker.add_all(["ab", "abcd", "efgh"]),
        [MaskError::TooShort]
    );
    assert_eq!(masker.mask("abcdxefgh"), "***x***");
    assert_eq!(masker.add("abcd"), Ok(()));
}

#[test]
fn a_stream_holds_back_only_beginnings() {
    let masker = masker(&["secret-value"]);
    let mut stream = masker.stream();
    assert_eq!(stream.push(b"hello\n"), b"hello\n");
    assert_eq!(stream.push(b"x secret"), b"x ");
    assert_eq!(stream.push(b"-valux\n"), b"secret-valux\n");
    assert_eq!(stream.push(b"secret-value"), b"***");
    assert_eq!(stream.push(b"secret-value!"), b"!");
    assert_eq!(stream.push(b"secr"), b"");
    assert_eq!(stream.finish(), b"secr");
    assert_eq!(stream.finish(), b"");
    assert_eq!(stream.push(b"et-value"), b"et-value");
    assert_eq!(stream.push(b"\xff\xfe\x00"), b"\xff\xfe\x00");
}

#[test]
fn a_stream_learns_secrets() {
    let mut masker = masker(&["first-secret"]);
    let mut stream = masker.stream();
    assert_eq!(stream.push(b"a second-one first-"), b"a second-one ");
    masker.add("second-one").unwrap();
    masker.add("rst-other").unwrap();
    stream.update(&masker);
    stream.update(&masker);
    assert_eq!(
        stream.push(b"other second-one first-secret."),
        b"fi*** *** ***."
    );
}

#[test]
fn large_sets_are_quick() {
    let values: Vec<String> = (0..300)
        .map(|index| format!("value-{index}-{index:x}"))
        .collect();
    let mut masker = Masker::new();
    assert!(masker.add_all(values.iter().map(String::as_str)).is_empty());
    let text = "a line of a log with nothing in it, value- and more\n".repeat(4000);
    assert_eq!(masker.mask(&text), text);
    let same = "aaaa".repeat(100);
    let mut masker = Masker::new();
    for length in 4..200 {
        masker.take(&same[..length]).unwrap();
    }
    masker.add("bbbb").unwrap();
    let text = "a".repeat(20_000);
    assert_eq!(masker.mask(&text), "***");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_split_position_leaks(
        values in proptest::collection::vec("[ab]{4,7}|[ab\n]{9}", 1..4),
        text in "[abc\n]{0,40}",
    ) {
        let mut masker = Masker::new();
        masker.add_all(values.iter().map(String::as_str));
        let expected = naive(&masker.forms, text.as_bytes());
        let whole = masker.mask(&text).into_owned();
        prop_assert_eq!(whole.as_bytes(), expected.as_slice());
        for at in 0..=text.len() {
            let (head, tail) = text.as_bytes().split_at(at);
            let mut stream = masker.stream();
            let mut out = stream.push(head);
            out.extend(stream.push(tail));
            out.extend(stream.finish());
            prop_assert_eq!(&out, &expected, "split at {}", at);
        }
        let mut stream = masker.stream();
        let mut out: Vec<u8> = text.bytes().flat_map(|byte| stream.push(&[byte])).collect();
        out.extend(stream.finish());
        prop_assert_eq!(&out, &expected);
    }

    #[test]
    fn no_base64_leaks(before in "[a-z:]{0,7}", value in "[a-zA-Z0-9+/ é]{6,12}", after in "[a-z!]{0,5}") {
        let mut masker = Masker::new();
        prop_assume!(masker.add(&value).is_ok());
        let bytes = format!("{before}{value}{after}");
        let plain: String = base64_of(bytes.as_bytes());
        let masked = masker.mask(&plain).into_owned();
        // Of the value's own characters at most the two at its edges are left.
        let own = value.len() * 8 / 6 - 1;
        prop_assert!(masked.len() <= plain.len() - own + 4, "{} {}", plain, masked);
    }

    #[test]
    fn never_panics(values in proptest::collection::vec("\\PC{0,12}|[\r\n\"\\\\% é]{0,9}", 0..4), text in "\\PC*", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut masker = Masker::new();
        masker.add_all(values.iter().map(String::as_str));
        let _ = masker.mask(&text);
        let mut stream = masker.stream();
        let _ = stream.push(&bytes);
        stream.update(&Masker::new());
        let _ = stream.finish();
        for value in values.iter().filter(|value| value.trim().chars().count() >= 4) {
            let masked = masker.mask(value).into_owned();
            prop_assert_eq!(masked, "***");
        }
    }
}

/// An encoder of its own, bit by bit.
fn base64_of(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1))
        .collect();
    let mut text: String = bits
        .chunks(6)
        .map(|chunk| {
            let value = (0..6).fold(0, |value, index| {
                value * 2 + chunk.get(index).copied().unwrap_or(0)
            });
            letters[usize::from(value)] as char
        })
        .collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

#[test]
fn a_long_line_is_not_cut_within_a_secret() {
    let mut masker = Masker::new();
    masker.add("correct horse").unwrap();
    let mut line = b"so long: correct ho".to_vec();
    assert_eq!(masker.decided(&mut line), b"so long: ");
    line.extend_from_slice(b"rse, again: correct horse.");
    assert_eq!(
        masker.decided(&mut line),
        b"correct horse, again: correct horse."
    );
    assert!(line.is_empty());
}
