#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

/// Splits at `|`: the lines of a file.
fn ignored(lines: &str, path: &str) -> bool {
    Ignore::parse(&lines.replace('|', "\n")).is_ignored(path, false)
}

#[test]
fn rooted_patterns() {
    let table = [
        // Without `**` only the root.
        ("__pycache__", "__pycache__", true),
        ("__pycache__", "__pycache__/a.pyc", true),
        ("__pycache__", "src/__pycache__", false),
        ("__pycache__", "src/__pycache__/a.pyc", false),
        ("**/__pycache__", "__pycache__/a.pyc", true),
        ("**/__pycache__", "src/x/__pycache__/a.pyc", true),
        ("venv/", "venv/bin/python", true),
        ("venv/", "sub/venv/bin/python", false),
        ("*.py[cod]", "a.pyc", true),
        ("*.py[cod]", "a.py", false),
        ("*.py[cod]", "src/a.pyc", false),
        ("**/*.py[cod]", "src/a.pyc", true),
        ("**/*.py[cod]", "a.pyo", true),
        ("/venv", "venv/x", true),
        ("./venv", "venv/x", true),
        ("venv/.", "venv/x", true),
        ("a/../venv", "venv/x", true),
        ("//venv//", "venv", true),
        ("../venv", "venv", false),
        (".", "a", false),
        ("/", "a", false),
        ("*", "a", true),
        ("*", "a/b", true),
        ("*/*", "a", false),
        ("*/*", "a/b/c", true),
        ("*/temp*", "a/temporary", true),
        ("temp?", "tempa", true),
        ("temp?", "temp", false),
        (".git", ".git/config", true),
        (".git", ".github/x", false),
        (".*", ".env", true),
        (".*", "a/.env", false),
        ("  venv  ", "venv", true),
        ("#venv", "#venv", false),
        (" #venv", "#venv", true),
        ("\\#venv", "#venv", true),
        ("a b", "a b", true),
        ("Venv", "venv", false),
        ("", "a", false),
        ("a\r", "a", true),
        ("\u{feff}a", "a", true),
        ("a|\u{feff}b", "b", false),
    ];
    for (lines, path, expected) in table {
        assert_eq!(ignored(lines, path), expected, "{lines:?} {path:?}");
        assert_eq!(
            ignored(lines, &format!("./{path}")),
            expected,
            "{lines:?} {path:?}"
        );
    }
}

#[test]
fn exceptions() {
    let table = [
        ("*|!src", "src", false),
        ("*|!src", "src/a/b", false),
        ("*|!src", "other", true),
        ("*|!src|src/x", "src/x/y", true),
        ("*|!src|src/x|!src/x/keep", "src/x/keep", false),
        ("*|!src|src/x|!src/x/keep", "src/x/drop", true),
        ("!a.md|*.md", "a.md", true),
        ("*.md|!a.md", "a.md", false),
        (
            "*.md|!README*.md|README-secret.md",
            "README-secret.md",
            true,
        ),
        ("docs|!docs/README.md", "docs/README.md", false),
        ("docs/|!docs/README.md", "docs/README.md", false),
        ("docs/*|!docs/README.md", "docs/README.md", false),
        ("**|!util/docker/web", "util/docker/web/foo", false),
        (
            "**|!util/docker/web|util/docker/web/foo",
            "util/docker/web/foo",
            true,
        ),
        ("**|!dist/*.whl", "dist/a-1+g0.whl", false),
        ("**|! /src ", "src/a", false),
        ("**|!**/*.py", "a/b.py", false),
        ("**|!**/*.py", "a/b.txt", true),
        // The walk does not look at the directories again (buildx issue 850).
        ("a/x|!a", "a/x", true),
        ("!!a", "!a", false),
        ("**|!!a", "!a", false),
    ];
    for (lines, path, expected) in table {
        assert_eq!(ignored(lines, path), expected, "{lines:?} {path:?}");
    }
}

/// Cases in the manner of moby's own table; the last column is whether the
/// pattern matches the path itself.
#[test]
fn patterns() {
    let table = [
        ("**", "file", true),
        ("**/", "dir/file", true),
        ("**/**", "dir/file", true),
        ("dir/**", "dir/dir2/file", true),
        ("dir/**", "dir", false),
        ("**/dir", "dir", true),
        ("**/dir", "adir", false),
        ("**/dir2/*", "dir/dir2/file", true),
        ("**/dir2/**", "dir/dir2/dir3/file", true),
        ("**/dir2/**", "dir2", false),
        ("**file", "file", true),
        ("**file", "dir/file", true),
        ("**file", "dir/myfile", true),
        ("**fil?", "dir/myfile", false),
        ("**fil?", "dir/file", true),
        ("**/file*txt", "dir/dir/file.txt", true),
        ("**/**/*.txt", "file.txt", true),
        ("**/**/*.txt2", "dir/file.txt", false),
        ("a**/*.txt", "a/dir/dir/file.txt", true),
        ("a**/*.txt", "ab/file.txt", true),
        ("a/*.txt", "a/dir/file.txt", false),
        ("a/*.txt**", "a/file.txt", true),
        ("a**", "ab/c", true),
        ("a/**/b", "a/b", true),
        ("a/**/b", "a/x/y/b", true),
        ("a/**/b", "a/xb", false),
        ("a**b", "axb", false),
        ("a**b", "ax/b", true),
        ("a[b-d]e", "ace", true),
        ("a[b-d]e", "aae", false),
        ("a[^b-d]e", "aze", true),
        ("a[^b]c", "a/c", true),
        ("a[!b]c", "a!c", true),
        ("a[!b]c", "axc", false),
        ("a[\\]x]", "a]", true),
        ("a[\\-x]", "a-", true),
        ("a[.+]", "a+", true),
        ("[a-ζ]*", "α", true),
        ("abc.def", "abcZdef", false),
        ("abc?def", "abc/def", false),
        ("a?b", "a☺b", true),
        ("a???b", "a☺b", false),
        ("a(b)c", "a(b)c", true),
        ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
        ("a{b,c}*", "a{b,c}d", true),
        ("a{b,c}*", "ab", false),
        ("a\\*b", "a*b", true),
        ("a\\*b", "axb", false),
        ("a\\\\", "a\\", true),
        ("a\\bc", "abc", false),
        ("a]*", "a]x", true),
        ("a^b", "a^b", true),
        ("a^b*", "a^bc", false),
        ("^a*", "ab", true),
        ("a*b?c*x", "abxbbxdbxebxczzx", true),
        ("a*b?c*x", "abxbbxdbxebxczzy", false),
        ("*x", "xxx", true),
        ("*", "", true),
    ];
    for (text, path, expected) in table {
        let found = Pattern::new(&clean(text)).unwrap().matches(path);
        assert_eq!(found, expected, "{text:?} {path:?}");
    }
}

#[test]
fn problems() {
    for text in [
        "!", "! ", "!/", "[", "[^", "[]a]", "[-]", "[x-]", "[-x]", "[^bc", "a[", "\\", "[a-b-c]",
        "[b-a]", "!a[",
    ] {
        let ignore = Ignore::parse(&format!("# first\n{text}\nb\n"));
        assert_eq!(ignore.problems().len(), 1, "{text:?}");
        assert_eq!(ignore.problems()[0].line, 2, "{text:?}");
        assert!(ignore.is_ignored("b", false), "{text:?}");
    }
    let long = "x".repeat(MAX_PATTERN + 1);
    assert_eq!(Ignore::parse(&long).problems().len(), 1);
    let many = Ignore::parse(&"a\n".repeat(MAX_PATTERNS + 5));
    assert_eq!(many.problems().len(), 1);
    assert_eq!(Ignore::parse(&"[\n".repeat(1000)).problems().len(), 100);
    assert!(Ignore::parse("a\n\n# b\n!c\n").problems().is_empty());
}

#[test]
fn directories_to_skip() {
    let table = [
        ("venv", "venv", true),
        ("venv", "venv/lib", true),
        ("venv", "src", false),
        ("*|!src/a", "other", true),
        ("*|!src/a", "src", false),
        ("*|!src/a", "src/b", true),
        ("*|!src/a", "sr", true),
        ("*|!*/keep", "any", false),
        ("*|!*/keep", "any/deep", true),
        ("*|!a*/keep", "b", true),
        ("*|!a*/keep", "abc", false),
        ("*|!**/keep", "any/deep", false),
        ("*|!src/**", "src", false),
        ("*|!src/**", "other", true),
        ("*|!src/**/x", "src/a/b", false),
        ("*|!keep", "other", true),
        ("!venv/x|venv", "venv", false),
        ("**", ".", false),
        ("**", "", false),
    ];
    for (lines, path, expected) in table {
        let ignore = Ignore::parse(&lines.replace('|', "\n"));
        assert_eq!(ignore.can_skip_dir(path), expected, "{lines:?} {path:?}");
    }
}

#[test]
fn hostile() {
    let ignore = Ignore::parse(&format!(
        "{}\n!{}b\n",
        "*a".repeat(1000),
        "**/".repeat(1000)
    ));
    assert!(ignore.problems().is_empty());
    let path = "a".repeat(4000);
    assert!(ignore.is_ignored(&path, false));
    assert!(!ignore.is_ignored(&format!("{}b", "a".repeat(900)), false));
    let deep = "a/".repeat(500);
    let ignore = Ignore::parse("*x?\n**/y?\nz\n");
    assert!(!ignore.is_ignored(&deep, true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn never_panics(text in "([a-b*?!#/.^\\[\\]\\\\ \n\r-]|\\*\\*/|é|\u{feff}){0,30}|\\PC*", path in "[a-b/.é]{0,10}|\\PC*") {
        let ignore = Ignore::parse(&text);
        let _ = ignore.is_ignored(&path, false);
        let _ = ignore.can_skip_dir(&path);
    }

    /// What may be skipped has nothing inside that is taken in again.
    #[test]
    fn skipping_loses_nothing(
        rules in proptest::collection::vec("!?(a|b|\\*|\\*\\*|\\?|\\[ab\\]|a\\*|\\*\\*b)(/(a|b|\\*|\\*\\*|\\?)){0,3}", 1..5),
        directory in "[ab]{1,2}(/[ab]{1,2}){0,2}",
        below in "[ab]{1,2}(/[ab]{1,2}){0,2}",
    ) {
        let ignore = Ignore::parse(&rules.join("\n"));
        if ignore.can_skip_dir(&directory) {
            let path = format!("{directory}/{below}");
            prop_assert!(ignore.is_ignored(&path, false), "{:?} {}", rules, path);
        }
    }

    #[test]
    fn plain_names_match_themselves(path in "[a-z._ -]{1,6}(/[a-z_-]{1,6}){0,3}") {
        prop_assume!(clean(path.trim()) == path && path != ".");
        prop_assert!(ignored(&path, &path) || path.starts_with(".."));
        let below = format!("{path}/x");
        prop_assert!(ignored(&path, &below) || path.starts_with(".."));
    }
}
