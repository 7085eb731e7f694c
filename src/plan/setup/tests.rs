#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A requirement as `name[extras]==pin`, `+` for other, `;` for a marker.
fn show(requirement: &Requirement) -> String {
    let mut text = requirement.name.clone();
    if !requirement.extras.is_empty() {
        text.push_str(&format!("[{}]", requirement.extras.join(",")));
    }
    if let Some(pin) = &requirement.pin {
        text.push_str(&format!("=={pin}"));
    }
    if requirement.other {
        text.push('+');
    }
    if requirement.marker {
        text.push(';');
    }
    text
}

fn describe(script: &str) -> Option<String> {
    let setup = requirements(script)?;
    let packages: Vec<String> = setup.packages.iter().map(show).collect();
    let mut parts = Vec::new();
    for (label, list) in [
        ("upgrade", &setup.upgrades),
        ("file", &setup.files),
        ("maybe", &setup.optional_files),
        ("package", &packages),
    ] {
        if !list.is_empty() {
            parts.push(format!("{label} {}", list.join(" ")));
        }
    }
    if setup.newest {
        parts.push("newest".to_owned());
    }
    Some(parts.join(" | "))
}

#[test]
fn set_up_scripts() {
    let table = [
        ("pip install -U pip", "upgrade pip"),
        ("python -m pip install --upgrade pip", "upgrade pip"),
        (
            "python3.12 -m pip install -U pip setuptools wheel",
            "upgrade pip setuptools wheel",
        ),
        ("pip install wheel", "package wheel"),
        ("pip install -U pip==24.0", "package pip==24.0"),
        ("pip install -U pip pytest", "upgrade pip | package pytest+"),
        ("pip install -U pytest==8.1", "package pytest==8.1"),
        ("pip install -r requirements.txt", "file requirements.txt"),
        ("pip install -rreq.txt", "file req.txt"),
        ("pip install -qr req.txt", "file req.txt"),
        ("pip install -Ur req.txt", "file req.txt | newest"),
        ("pip install --requirement=a --requirement b", "file a b"),
        (
            "pip3 install -q --no-cache-dir -r a -r b x==1.2 y",
            "file a b | package x==1.2 y",
        ),
        (
            "pip install \"Foo_Bar[Extra.One,b]==1\" 'z>=2,<3'",
            "package foo-bar[extra-one,b]==1 z+",
        ),
        (
            "pip install 'x==1.*' 'y ; python_version<\"3.9\"'",
            "package x+ y;",
        ),
        ("uv pip install --system -r req.txt", "file req.txt"),
        ("pip install --timeout 60 --retries=3 x", "package x"),
        (".venv/bin/python -m pip install x", "package x"),
        ("PIP_NO_CACHE_DIR=1 pip install x", "package x"),
        (
            "set -euo pipefail\n# set up\necho hello\npython -m pip install --upgrade pip\npip install \\\n  -r dev.txt \\\n  pytest==8.1\n",
            "upgrade pip | file dev.txt | package pytest==8.1",
        ),
        (
            "python -m pip install --upgrade pip\npip install flake8 pytest\nif [ -f requirements.txt ]; then pip install -r requirements.txt; fi",
            "upgrade pip | maybe requirements.txt | package flake8 pytest",
        ),
        ("pip install x > /dev/null 2>&1", "package x"),
        (
            "pip install -U pip && pip install -r r.txt",
            "upgrade pip | file r.txt",
        ),
    ];
    for (script, expected) in table {
        assert_eq!(describe(script).as_deref(), Some(expected), "{script:?}");
    }
}

#[test]
fn anything_else_is_none() {
    for script in [
        "",
        "echo only",
        "set -e",
        "pip install",
        "pip install -q",
        "pip --version",
        "pip install x; pytest",
        "pip install .",
        "pip install ./x",
        "pip install ..",
        "pip install -e .",
        "pip install -e .[test]",
        "pip install .[test]",
        "pip install --editable .",
        "pip install git+https://example.org/x",
        "pip install 'x @ https://example.org/x.whl'",
        "pip install dist/x.whl",
        "pip install x.whl",
        "pip install x-1.0.tar.gz",
        "pip install $PACKAGES",
        "pip install x==${{ matrix.x }}",
        "pip install -r ${{ matrix.file }}",
        "pip install -r req-{a,b}.txt",
        "pip install `cat x`",
        "pip install -c constraints.txt x",
        "pip install -i https://example.org/simple x",
        "pip install --extra-index-url https://example.org x",
        "pip install --pre x",
        "pip install --target t x",
        "pip install --no-deps x",
        "pip install -r",
        "pip install x -",
        "pip download x",
        "pip uninstall x",
        "pip install x || true",
        "pip install x || pip install y",
        "pip install x &",
        "pip install x | tee log",
        "echo A=b >> $GITHUB_ENV; pip install x",
        "echo $(id); pip install x",
        "pip install $(cat list)",
        "cd sub && pip install x",
        "PIP_INDEX_URL=x pip install y",
        "X=1\npip install y",
        "if true; then pip install x; fi",
        "for x in a b; do pip install $x; done",
        "for x in a b; do pip install x; done",
        "if [ -f a ]; then pip install -r b; fi",
        "if [ -f a ]; then pip install -r a x; fi",
        "if [ -f a ]; then pip install -r a; else pip install b; fi",
        "if [ -f a ]; then echo; fi",
        "f() { pip install x; }",
        "set; pip install x",
        "conda install x",
        "apt-get install -y x",
        "pip3x install y",
        "source venv/bin/activate; pip install x",
    ] {
        assert_eq!(describe(script), None, "{script:?}");
    }
}

#[test]
fn requirements_files() {
    let text = "\u{feff}# comment\n\
        Django==4.2  # why\n\
        foo.Bar_baz\n\
        a[x, Y_z]==1.0 ; python_version < \"3.9\"\n\
        b>=1,<2\r\n\
        c == 1.0 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def\n\
        d===1.0\n\
        e==1.*\n\
        f (==1.0)\n\
        g @ https://example.org/g.whl\n\
        git+https://example.org/h.git@v1#egg=H.h&subdirectory=x\n\
        -e .\n\
        --editable=git+https://x/y#egg=y\n\
        ./local/pkg\n\
        -r base.txt\n\
        -rother.txt\n\
        --requirement=third.txt\n\
        -c limits.txt # limit\n\
        --constraint more.txt\n\
        --index-url https://example.org/simple\n\
        i==${VERSION}\n\
        j==1.0,!=1.1\n\
        k~=1.4\n\
        l#m\n\
        n==2!1.0.post1+local\n\
        \n\
        o \\\n";
    let found: Vec<String> = parse_requirements(text)
        .iter()
        .map(|line| match line {
            RequirementLine::Requirement(requirement) => show(requirement),
            RequirementLine::Include(file) => format!("include {file}"),
            RequirementLine::Constraint(file) => format!("constraint {file}"),
            RequirementLine::Option(option) => format!("option {option}"),
        })
        .collect();
    assert_eq!(
        found,
        [
            "django==4.2",
            "foo-bar-baz",
            "a[x,y-z]==1.0;",
            "b+",
            "c==1.0",
            "d+",
            "e+",
            "f==1.0",
            "g+",
            "h-h+",
            ".+",
            "y+",
            "./local/pkg+",
            "include base.txt",
            "include other.txt",
            "include third.txt",
            "constraint limits.txt",
            "constraint more.txt",
            "option --index-url https://example.org/simple",
            "i+",
            "j+",
            "k+",
            "l+",
            "n==2!1.0.post1+local",
            "o",
        ]
    );
}

#[test]
fn comparisons() {
    let installed: BTreeMap<String, String> =
        [("Foo_Bar", "1.0.0"), ("b", "2.1+cu1"), ("c", "odd")]
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .into();
    let table: &[(&str, Option<&str>)] = &[
        ("foo-bar", None),
        ("foo.bar==1", None),
        (
            "foo-bar==1.0.1",
            Some("foo-bar is installed as 1.0.0, not 1.0.1"),
        ),
        ("b==2.1", None),
        ("b==2.1+cu2", Some("b is installed as 2.1+cu1, not 2.1+cu2")),
        ("b==2.1; python_version>'3'", None),
        (
            "d; python_version>'3'",
            Some("d is not installed, and has a marker"),
        ),
        ("d", Some("d is not installed")),
        ("c==1", Some("c: odd and 1 cannot be compared")),
        ("b>=1", Some("b: only a name or `==` can be compared")),
        (
            "b[x]==2.1",
            Some("b: whether the extra x is installed cannot be told"),
        ),
        (
            "b @ file:///x",
            Some("b: only a name or `==` can be compared"),
        ),
    ];
    for (text, expected) in table {
        let result = satisfied(&[parse_requirement(text)], &installed);
        let expected = expected.map_or(Ok(()), |reason| Err(vec![reason.to_owned()]));
        assert_eq!(result, expected, "{text:?}");
    }
    assert_eq!(satisfied(&[], &installed), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn never_panics(text in "([a-c\\[\\]=<>!~;@#\\\\ \n\t,.*-]|==1\\.0|-r |--hash=|é){0,40}|\\PC*") {
        let lines = parse_requirements(&text);
        let requirements: Vec<Requirement> = lines
            .into_iter()
            .filter_map(|line| match line {
                RequirementLine::Requirement(requirement) => Some(requirement),
                _ => None,
            })
            .collect();
        let _ = satisfied(&requirements, &BTreeMap::new());
        let _ = requirements_of(&text);
    }

    #[test]
    fn pins_come_back(name in "[a-z][a-z0-9]{0,8}", version in "[0-9]{1,3}(\\.[0-9]{1,3}){0,3}") {
        let setup = requirements(&format!("pip install {name}=={version}")).unwrap();
        prop_assert_eq!(&setup.packages[0].name, &name);
        let installed = BTreeMap::from([(name.to_uppercase(), format!("{version}.0"))]);
        prop_assert_eq!(satisfied(&setup.packages, &installed), Ok(()));
    }
}

fn requirements_of(text: &str) -> Option<Setup> {
    let _ = requirements(text);
    requirements(&format!("pip install {text}"))
}
