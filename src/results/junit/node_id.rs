//! The identity of a test case, as its user would type it.

/// Deepest path that is taken apart.
const MAX_PARTS: usize = 64;

/// pytest's node id where the file is known, otherwise `classname::name`.
///
/// pytest makes `classname` from the path of the file, with dots and without
/// `.py`, and the classes (`mangle_test_address`), each relative to what was
/// its root directory then, and perhaps with `--junit-prefix` before it. So the
/// longest end of the path that the class name begins with is taken off, or
/// else the whole path after a prefix. What is left are the classes. Where the
/// file is not found in the class name (a test inherited from another file),
/// the class name stays whole and the file is not used.
///
/// Where `pytest` wrote the report, the file that it does not name (family `xunit2`, inherited
/// tests) is told by its name, see [`by_convention`].
pub(crate) fn node_id(file: Option<&str>, classname: &str, name: &str, pytest: bool) -> String {
    let without_file = || match by_convention(classname, name).filter(|_| pytest) {
        Some(id) => id,
        None => joined(&[classname, name]),
    };
    let Some(file) = file.filter(|file| !file.is_empty()) else {
        return without_file();
    };
    let path = file.replace('\\', "/");
    let path = path.trim_start_matches("./");
    let (stem, python) = match path.strip_suffix(".py") {
        Some(stem) => (stem, true),
        None => (path, false),
    };
    let parts: Vec<&str> = stem.split('/').collect();
    if parts.len() > MAX_PARTS {
        return without_file();
    }
    let module = parts.join(".");
    if name == module {
        // An error while collecting the file.
        return path.to_owned();
    }
    if classname.is_empty() {
        return joined(&[path, name]);
    }
    match classes(classname, &parts, &module) {
        Some("") => joined(&[path, name]),
        Some(classes) => joined(&[path, &classes.replace('.', "::"), name]),
        None if python => without_file(),
        None => joined(&[path, classname, name]),
    }
}

/// The node id of a test whose file pytest does not name: the module is the last part of the
/// class name that is called as pytest wants files with tests by default (`test_*.py`,
/// `*_test.py`), and what follows are the classes. `None` where no part is.
fn by_convention(classname: &str, name: &str) -> Option<String> {
    // An error while collecting a file has its module for a name.
    let (dotted, name) = match classname {
        "" => (name, ""),
        _ => (classname, name),
    };
    let parts: Vec<&str> = dotted.split('.').collect();
    let is_module = |part: &&str| part.starts_with("test_") || part.ends_with("_test");
    let at = parts.iter().rposition(is_module)?;
    let (path, classes) = parts.split_at_checked(at + 1)?;
    // A file that cannot be collected has no classes, and another name is a test's.
    if name.is_empty() && (!classes.is_empty() || parts.iter().any(|part| !is_identifier(part))) {
        return None;
    }
    let file = format!("{}.py", path.join("/"));
    Some(joined(&[&[file.as_str()], classes, &[name]].concat()))
}

fn is_identifier(part: &str) -> bool {
    !part.is_empty()
        && part
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// What follows the module in the class name.
fn classes<'a>(classname: &'a str, parts: &[&str], module: &str) -> Option<&'a str> {
    for first in 0..parts.len() {
        let end = parts.get(first..).unwrap_or_default().join(".");
        if let Some(rest) = after(classname, &end) {
            return Some(rest);
        }
    }
    let inside = format!(".{module}");
    classname
        .match_indices(&inside)
        .find_map(|(at, _)| after(classname.get(at + 1..)?, module))
}

/// What follows a beginning that ends at a dot or with the text.
fn after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(beginning)?;
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('.')
    }
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|p| !p.is_empty()).collect();
    parts.join("::")
}

#[cfg(test)]
mod tests {
    use super::node_id;

    #[test]
    fn node_ids() {
        for (file, classname, name, expected) in [
            (
                "tests/test_a.py",
                "tests.test_a",
                "test_b",
                "tests/test_a.py::test_b",
            ),
            (
                "tests/test_a.py",
                "tests.test_a.TestX",
                "test_b[a::b.c/d]",
                "tests/test_a.py::TestX::test_b[a::b.c/d]",
            ),
            (
                "tests/test_a.py",
                "tests.test_a.TestX.TestY",
                "test_b",
                "tests/test_a.py::TestX::TestY::test_b",
            ),
            // Another root directory: leading directories missing, or a prefix.
            (
                "tests/unit/test_a.py",
                "unit.test_a.TestX",
                "t",
                "tests/unit/test_a.py::TestX::t",
            ),
            ("tests/test_a.py", "test_a", "t", "tests/test_a.py::t"),
            (
                "./tests/test_a.py",
                "job.one.tests.test_a.TestX",
                "t",
                "tests/test_a.py::TestX::t",
            ),
            ("test_a.py", "job.test_a", "t", "test_a.py::t"),
            (
                "tests\\test_a.py",
                "tests.test_a",
                "t",
                "tests/test_a.py::t",
            ),
            // A similar name is another module.
            (
                "tests/test_a.py",
                "tests.test_ab.TestX",
                "t",
                "tests.test_ab.TestX::t",
            ),
            // Inherited from another file; collection errors; doctests.
            (
                "tests/base.py",
                "tests.test_a.TestX",
                "t",
                "tests.test_a.TestX::t",
            ),
            ("tests/test_a.py", "", "tests.test_a", "tests/test_a.py"),
            ("tests/test_a.py", "pre", "tests.test_a", "tests/test_a.py"),
            ("src/a.py", "src.a", "a.func", "src/a.py::a.func"),
            ("docs/x.rst", "docs.x.rst", "x.rst", "docs/x.rst::x.rst"),
            // Other producers.
            (
                "src/a.test.js",
                "cart adds 1.5",
                "adds 1.5",
                "src/a.test.js::cart adds 1.5::adds 1.5",
            ),
            ("", "a.B", "c", "a.B::c"),
        ] {
            assert_eq!(node_id(Some(file), classname, name, false), expected);
        }
        assert_eq!(
            node_id(None, "tests.test_a.TestX", "t", false),
            "tests.test_a.TestX::t"
        );
        assert_eq!(node_id(None, "", "t", false), "t");
    }

    #[test]
    fn files_that_pytest_does_not_name() {
        for (file, classname, name, expected) in [
            ("", "tests.test_a", "test_b", "tests/test_a.py::test_b"),
            (
                "",
                "tests.test_a.TestX.TestY",
                "test_b[a.b/test_c]",
                "tests/test_a.py::TestX::TestY::test_b[a.b/test_c]",
            ),
            ("", "test_all.a_test", "t", "test_all/a_test.py::t"),
            ("", "", "tests.test_a", "tests/test_a.py"),
            // A test with no class name, and files with names of their own.
            ("", "", "test_b[1.5, x]", "test_b[1.5, x]"),
            ("", "checks.smoke.TestX", "t", "checks.smoke.TestX::t"),
            ("", "src.a", "src.a.func", "src.a::src.a.func"),
            // Inherited from another file: where it ran is what counts.
            (
                "tests/base.py",
                "tests.test_a.TestX",
                "t",
                "tests/test_a.py::TestX::t",
            ),
            // What the report names is not asked for again.
            ("checks/smoke.py", "checks.smoke", "t", "checks/smoke.py::t"),
        ] {
            assert_eq!(node_id(Some(file), classname, name, true), expected);
        }
    }

    #[test]
    fn hostile_names_are_quick() {
        let file = "a/".repeat(500_000);
        let classname = ".a".repeat(500_000);
        assert!(node_id(Some(&file), &classname, "t", true).ends_with("::t"));
        let file = "a.a.a.a.a.py";
        assert!(node_id(Some(file), &classname, "t", true).ends_with("::t"));
    }
}
