use super::*;

fn layer(entries: &[(&str, EntryKind)]) -> RawLayer {
    RawLayer {
        entries: entries
            .iter()
            .map(|(path, kind)| Entry {
                path: (*path).to_owned(),
                mode: 0o644,
                size: 1,
                kind: *kind,
            })
            .collect(),
        ..RawLayer::default()
    }
}

/// Paths that are to be seen, with their layers.
fn seen(layers: Vec<RawLayer>) -> Vec<(String, usize)> {
    let image = Image::merge("x", ImageConfig::default(), layers);
    let mut seen: Vec<(String, usize)> = image
        .files
        .into_iter()
        .filter(|file| !file.hidden && file.entry.kind == EntryKind::File)
        .map(|file| (file.entry.path, file.layer))
        .collect();
    seen.sort();
    seen
}

fn paths(seen: &[(String, usize)]) -> Vec<(&str, usize)> {
    seen.iter()
        .map(|(path, layer)| (path.as_str(), *layer))
        .collect()
}

#[test]
fn later_layers_replace_and_remove() {
    use EntryKind::{File, Folder};
    let found = seen(vec![
        layer(&[
            ("a", Folder),
            ("a/kept", File),
            ("a/replaced", File),
            ("a/removed", File),
            ("gone", Folder),
            ("gone/deep/file", File),
            ("emptied/old", File),
            ("folder/file", File),
            ("goner", File),
        ]),
        layer(&[
            ("a/replaced", File),
            ("a/.wh.removed", File),
            (".wh.gone", File),
            ("emptied/.wh..wh..opq", File),
            ("emptied/new", File),
            ("folder", File),
        ]),
    ]);
    assert_eq!(
        paths(&found),
        [
            ("a/kept", 0),
            ("a/replaced", 1),
            ("emptied/new", 1),
            ("folder", 1),
            ("goner", 0),
        ]
    );
}

#[test]
fn what_is_removed_can_come_back() {
    use EntryKind::File;
    let found = seen(vec![
        layer(&[("d/a", File), ("d/b", File)]),
        layer(&[(".wh.d", File)]),
        layer(&[("d/a", File)]),
    ]);
    assert_eq!(paths(&found), [("d/a", 2)]);
}

#[test]
fn instructions_read_as_they_were_written() {
    for (text, told) in [
        ("/bin/sh -c #(nop)  CMD [\"sh\"]", "CMD [\"sh\"]"),
        ("/bin/sh -c apt-get   update", "RUN apt-get update"),
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("COPY . . # buildkit", "COPY . ."),
        ("", ""),
    ] {
        assert_eq!(instruction(text, &BTreeSet::new()), told);
    }
    assert_eq!(
        instruction(&"x".repeat(500), &BTreeSet::new())
            .chars()
            .count(),
        161
    );
}

#[test]
fn layers_have_the_instructions_that_made_them() {
    let config: ImageConfig = serde_json::from_str(
        r#"{"history":[{"created_by":"FROM x"},{"created_by":"ENV A=b","empty_layer":true},
            {"created_by":"RUN /bin/sh -c make"}]}"#,
    )
    .unwrap_or_default();
    let two = Image::merge("x", config.clone(), vec![layer(&[]), layer(&[])]);
    assert_eq!(two.layers, ["FROM x", "RUN make"]);
    // A history that does not fit is not believed.
    let three = Image::merge("x", config, vec![layer(&[]), layer(&[]), layer(&[])]);
    assert_eq!(three.layers, ["", "", ""]);
}
