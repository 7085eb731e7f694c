#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

fn show(line: &str) -> Option<String> {
    let command = parse_with(line, None)?;
    let properties: Vec<String> = command
        .properties
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    Some(format!(
        "{}|{}|{}",
        command.name,
        properties.join(","),
        command.data
    ))
}

#[test]
fn grammar() {
    let table = [
        ("::debug::text", Some("debug||text")),
        ("  \t::debug::text", Some("debug||text")),
        ("x ::debug::text", None),
        ("::debug::", Some("debug||")),
        ("::debug", None),
        (":debug::", None),
        ("::DeBug::x", Some("debug||x")),
        ("::unknown::x", None),
        ("::debug::a::b", Some("debug||a::b")),
        (
            "::error file=a.py,line=3::x",
            Some("error|file=a.py,line=3|x"),
        ),
        (
            "::error file=a.py, line=3::x",
            Some("error| line=3,file=a.py|x"),
        ),
        ("::error   file=a.py  ::x", Some("error|file=a.py|x")),
        ("::error FILE=a,file=b::x", Some("error|file=b|x")),
        ("::error file=,line::x", Some("error||x")),
        ("::error =file==a=b::x", Some("error|file=a=b|x")),
        ("::error ,,file=a,,::x", Some("error|file=a|x")),
        ("::error file=a%3Ab%2Cc%25::x", Some("error|file=a:b,c%|x")),
        ("::error::a%0Ab%0D%25%3A", Some("error||a\nb\r%%3A")),
        ("::error::%250A%0a", Some("error||%0A%0a")),
        (":: error::x", None),
        ("::error file=a:b::x", Some("error|file=a:b|x")),
        ("::error file=a::b::x", Some("error|file=a|b::x")),
        ("##[group]Title", Some("group||Title")),
        ("at 12:00 ##[group]Title", Some("group||Title")),
        (
            "##[error file=a;line=2]x%5D%3B",
            Some("error|file=a,line=2|x];"),
        ),
        ("##[command]x", None),
        ("##[command]x ##[group]y", None),
        ("##[group", None),
        ("##[Group ]x", Some("group||x")),
        ("::unknown::##[group]x", Some("group||x")),
        ("", None),
        ("::", None),
        ("::::", None),
        ("##[]", None),
    ];
    for (line, expected) in table {
        assert_eq!(show(line).as_deref(), expected, "{line:?}");
    }
}

/// The actions in short.
fn acts(unsecure: Unsecure, lines: &[&str]) -> Vec<String> {
    let mut filter = CommandFilter::new(unsecure, false);
    lines
        .iter()
        .map(|line| {
            let action = filter.line(line);
            let text = match action {
                Action::Print => "print".to_owned(),
                Action::Annotation { level, message, .. } => format!("{level:?} {message}"),
                Action::Refused { command, message } => {
                    format!(
                        "refused {command} {}",
                        message.chars().take(45).collect::<String>()
                    )
                }
                other => format!("{other:?}"),
            };
            match filter.echoes_line() {
                true => format!("{text} +echo"),
                false => text,
            }
        })
        .collect()
}

#[test]
fn actions() {
    let table = [
        ("hello", "print"),
        ("::group::A", "Group(\"A\")"),
        ("::endgroup::x", "EndGroup"),
        ("::debug::x", "Debug(\"x\")"),
        ("::notice::x", "Notice x"),
        ("::warning::", "Warning "),
        ("::error::x%0Ay", "Error x\ny"),
        ("::add-mask::secret", "Mask(\"secret\")"),
        (
            "::add-mask:: ",
            "Warning Can't add secret mask for empty string in ##[add-mask] command.",
        ),
        (
            "::save-state name=a::b",
            "SaveState { name: \"a\", value: \"b\" }",
        ),
        (
            "::set-output name=a::",
            "SetOutput { name: \"a\", value: \"\" }",
        ),
        (
            "::set-output::b",
            "refused set-output Required field 'name' is missing in ##[set-ou",
        ),
        (
            "::set-env name=a::b",
            "refused set-env The `set-env` command is disabled. Please upg",
        ),
        (
            "::add-path::/x",
            "refused add-path The `add-path` command is disabled. Please up",
        ),
        ("::add-matcher::a.json", "AddMatcher(\"a.json\")"),
        ("::add-matcher::", "Warning File path must be specified."),
        (
            "::remove-matcher owner=x::",
            "RemoveMatcher { owner: Some(\"x\"), file: None }",
        ),
        (
            "::remove-matcher::f",
            "RemoveMatcher { owner: None, file: Some(\"f\") }",
        ),
        (
            "::remove-matcher::",
            "Warning Either an owner name or a file path must be specified in ##[remove-matcher] command.",
        ),
        (
            "::echo::maybe",
            "refused echo Invalid echo command value. Possible values c",
        ),
        (
            "::echo::",
            "refused echo Value cannot be null. (Parameter 'value')",
        ),
        (
            "::stop-commands::",
            "refused stop-commands You cannot use a endToken that is an empty st",
        ),
        (
            "::stop-commands::Pause-Logging",
            "refused stop-commands You cannot use a endToken that is an empty st",
        ),
        (
            "::stop-commands::GROUP",
            "refused stop-commands You cannot use a endToken that is an empty st",
        ),
        (
            "::internal-set-repo-path repoFullName=x,workspaceRepo=true::y",
            "print",
        ),
    ];
    for (line, expected) in table {
        assert_eq!(acts(Unsecure::default(), &[line]), [expected], "{line:?}");
    }
    let allowed = Unsecure::from_variables(Some("True"), Some("1"));
    let table = [
        (
            "::set-env name=a::b",
            "SetEnv { name: \"a\", value: \"b\" }",
        ),
        (
            "::set-env::b",
            "refused set-env Required field 'name' is missing in ##[set-en",
        ),
        (
            "::set-env name=node_options::b",
            "Error Can't update NODE_OPTIONS environment variable using ::set-env:: command.",
        ),
        ("::add-path::/x", "AddPath(\"/x\")"),
        (
            "::add-path::",
            "refused add-path Value cannot be null. (Parameter 'path')",
        ),
        (
            "::stop-commands::pause-logging",
            "StopCommands { token: \"pause-logging\" }",
        ),
    ];
    for (line, expected) in table {
        assert_eq!(acts(allowed, &[line]), [expected], "{line:?}");
    }
    assert_eq!(
        Unsecure::from_variables(Some("1"), Some("yes")),
        Unsecure::default()
    );
}

#[test]
fn stopping() {
    let lines = [
        "::stop-commands::tOken1",
        "::group::a",
        "::error::x",
        "::stop-commands::other",
        "::other::",
        "::add-mask::x",
        "x ::token1::",
        "  ::TOKEN1 a=b::anything",
        "::group::b",
        "::stop-commands::t2",
        "text ##[T2]",
        "::token1::",
        "::endgroup::",
    ];
    let expected = [
        "StopCommands { token: \"tOken1\" }",
        "print",
        "print",
        "print",
        "print",
        "print",
        "print",
        "Resume",
        "Group(\"b\")",
        "StopCommands { token: \"t2\" }",
        "Resume",
        "print",
        "EndGroup",
    ];
    assert_eq!(acts(Unsecure::default(), &lines), expected);
    // A token with a blank can never come back, an empty one neither.
    let lines = ["::stop-commands::a b", "::a b::", "::a::"];
    assert_eq!(acts(Unsecure::default(), &lines)[1..], ["print", "print"]);
    let allowed = Unsecure {
        stop_tokens: true,
        ..Unsecure::default()
    };
    let lines = ["::stop-commands::", "::::", "::group::x"];
    assert_eq!(acts(allowed, &lines)[1..], ["print", "print"]);
}

#[test]
fn echoing() {
    let lines = [
        "::group::a",
        "::echo::on",
        "::group::b",
        "::debug::c",
        "::add-mask::d",
        "::set-output name=a::b",
        "plain",
        "::set-env name=a::b",
        "::echo:: OFF ",
        "::endgroup::",
    ];
    let echoed: Vec<bool> = acts(Unsecure::default(), &lines)
        .iter()
        .map(|text| text.ends_with("+echo"))
        .collect();
    assert_eq!(
        echoed,
        [
            false, false, true, false, false, true, false, true, true, false
        ]
    );
    let mut filter = CommandFilter::new(Unsecure::default(), true);
    filter.line("::group::a");
    assert!(filter.echoes_line());
}

#[test]
fn places() {
    type Place = (Option<u32>, Option<u32>, Option<u32>, Option<u32>);
    let table: &[(&str, Place)] = &[
        ("line=1,endLine=2", (Some(1), Some(2), None, None)),
        (
            "line=1,col=3,endColumn=5",
            (Some(1), None, Some(3), Some(5)),
        ),
        ("line=1,endLine=1,col=3", (Some(1), Some(1), Some(3), None)),
        (
            "line=1,endLine=2,col=3,endColumn=4",
            (Some(1), Some(2), None, None),
        ),
        ("endLine=4", (Some(4), Some(4), None, None)),
        ("line=2,endColumn=4", (Some(2), None, Some(4), Some(4))),
        ("col=3", (None, None, None, None)),
        ("line=5,endLine=2", (None, None, None, None)),
        ("line=1,col=9,endColumn=2", (Some(1), None, None, None)),
        ("line=x,col=-1", (None, None, None, None)),
        ("line=99999999999", (None, None, None, None)),
    ];
    for (properties, expected) in table {
        let action = CommandFilter::default().line(&format!("::error {properties}::m"));
        let Action::Annotation {
            line,
            end_line,
            column,
            end_column,
            ..
        } = action
        else {
            panic!("{properties}");
        };
        assert_eq!(
            (line, end_line, column, end_column),
            *expected,
            "{properties}"
        );
    }
    let action = CommandFilter::default().line("::warning file=a%2Cb.py,title=T%3A x::m");
    let Action::Annotation {
        file,
        title,
        message,
        ..
    } = action
    else {
        panic!()
    };
    assert_eq!(file.as_deref(), Some("a,b.py"));
    assert_eq!(title.as_deref(), Some("T: x"));
    assert_eq!(message, "m");
}

#[test]
fn messages() {
    let mut filter = CommandFilter::default();
    let line = "::set-output name=a::b";
    let action = filter.line(line);
    assert!(
        action
            .deprecation()
            .unwrap()
            .starts_with("The `set-output` command is deprecated")
    );
    assert_eq!(action.unable(line), None);
    let line = "::add-path::x";
    let action = filter.line(line);
    assert_eq!(action.deprecation(), None);
    assert_eq!(
        action.unable(line).unwrap(),
        "Unable to process command '::add-path::x' successfully."
    );
    assert_eq!(filter.line("::stop-commands::").unable("x"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn never_panics(lines in proptest::collection::vec(
        "(::|##\\[|\\]|group|error|stop-commands|add-mask|tok| |file=|,|;|=|%0A|%25|[a-c%: é\u{130}]){0,12}|\\PC*", 0..8)
    ) {
        let mut filter = CommandFilter::new(Unsecure::default(), true);
        for line in &lines {
            let action = filter.line(line);
            let _ = action.unable(line);
            let _ = filter.echoes_line();
        }
    }

    #[test]
    fn escaped_data_comes_back(data in "[a-z%:,\r\n0-9AD ]{0,30}") {
        let escaped = data.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        let command = parse_with(&format!("::debug::{escaped}"), None).unwrap();
        prop_assert_eq!(command.data, data);
    }

    #[test]
    fn a_stopped_filter_prints(line in "(::|##\\[|\\]|group|error|[a-c]){0,8}") {
        let mut filter = CommandFilter::default();
        filter.line("::stop-commands::some-long-token");
        prop_assert_eq!(filter.line(&line), Action::Print);
    }
}
