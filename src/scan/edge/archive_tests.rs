#![allow(clippy::unwrap_used)]

use std::io::Write;

use super::*;

fn append(tar: &mut tar::Builder<Vec<u8>>, path: &str, mode: u32, bytes: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    tar.append_data(&mut header, path, bytes).unwrap();
}

fn layer(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, text) in files {
        append(&mut tar, path, 0o644, text.as_bytes());
    }
    tar.into_inner().unwrap()
}

const CONFIG: &str =
    r#"{"config":{"User":"1000"},"history":[{"created_by":"COPY a"},{"created_by":"RUN b"}]}"#;

/// An image with these layers under these names, in the form of `docker save`.
fn image(layers: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let names: Vec<&str> = layers.iter().map(|(name, _)| *name).collect();
    for (name, bytes) in layers {
        append(&mut tar, name, 0o644, bytes);
    }
    append(&mut tar, "c.json", 0o644, CONFIG.as_bytes());
    let manifest = serde_json::json!([{ "Config": "c.json", "Layers": names }]);
    append(
        &mut tar,
        "manifest.json",
        0o644,
        manifest.to_string().as_bytes(),
    );
    tar.into_inner().unwrap()
}

fn two_layers() -> [Vec<u8>; 2] {
    [
        layer(&[
            ("etc/os-release", "ID=debian\nVERSION_ID=12\n"),
            (
                "var/lib/dpkg/status",
                "Package: a\nStatus: install ok installed\nVersion: 1\n",
            ),
            ("p/x-1.dist-info/METADATA", "Name: x\nVersion: 1\n"),
            ("p/d-1.dist-info/METADATA", "Name: d\nVersion: 1\n"),
            (
                "var/lib/dpkg/info/python3-d.list",
                "/p/d-1.dist-info/METADATA\n",
            ),
        ]),
        layer(&[
            ("p/.wh.x-1.dist-info", ""),
            ("p/x-2.dist-info/METADATA", "Name: x\nVersion: 2\n"),
            ("root/.netrc", "machine a login b password hunter22\n"),
        ]),
    ]
}

fn summary(image: &Image) -> Vec<String> {
    image
        .packages
        .iter()
        .map(|one| format!("{} {} {} {:?}", one.layer, one.name, one.version, one.owner))
        .collect()
}

#[test]
fn an_image_is_read_in_every_form() {
    let [lower, upper] = two_layers();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&upper).unwrap();
    let packed = packed.finish().unwrap();
    for (first, second, bytes) in [
        ("1/layer.tar", "2/layer.tar", upper.clone()),
        ("blobs/sha256/1", "blobs/sha256/2", packed),
        ("1.tar", "2.tar", upper),
    ] {
        let tar = image(&[(first, lower.clone()), (second, bytes)]);
        let read = read(tar.as_slice(), "i").unwrap();
        assert_eq!(
            summary(&read),
            ["0 a 1 None", "0 d 1 Some(\"python3-d\")", "1 x 2 None"]
        );
        assert_eq!(read.os.unwrap().ecosystem().unwrap(), "Debian:12");
        assert_eq!(read.layers, ["COPY a", "RUN b"]);
        assert_eq!(read.secrets.len(), 1);
        assert_eq!(read.secrets[0].layer, 1);
    }
}

#[test]
fn a_layer_that_is_there_twice_is_a_link() {
    let mut tar = tar::Builder::new(Vec::new());
    append(&mut tar, "1/layer.tar", 0o644, &layer(&[("a", "x")]));
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "2/layer.tar", "../1/layer.tar")
        .unwrap();
    append(&mut tar, "c.json", 0o644, CONFIG.as_bytes());
    append(
        &mut tar,
        "manifest.json",
        0o644,
        br#"[{"Config":"c.json","Layers":["1/layer.tar","2/layer.tar"]}]"#,
    );
    let read = read(tar.into_inner().unwrap().as_slice(), "i").unwrap();
    assert_eq!((read.files.len(), read.layers.len()), (1, 2));
}

#[test]
fn what_is_no_image_is_refused() {
    let message = |bytes: &[u8]| read(bytes, "i").map(|_| ()).unwrap_err().to_string();
    assert!(message(&layer(&[("a", "b")])).contains("no manifest.json"));
    assert!(message(b"nonsense").contains("no manifest.json") || message(b"nonsense").len() > 5);
    let mut tar = tar::Builder::new(Vec::new());
    append(
        &mut tar,
        "manifest.json",
        0o644,
        br#"[{"Config":"c.json","Layers":["1"]}]"#,
    );
    let only = tar.into_inner().unwrap();
    assert!(message(&only).contains("configuration is missing"));
    let whole = image(&[("1/layer.tar", layer(&[("a", "b")]))]);
    assert!(read(&whole[..1024], "i").is_err());
    let mut tar = tar::Builder::new(Vec::new());
    append(&mut tar, "c.json", 0o644, CONFIG.as_bytes());
    append(
        &mut tar,
        "manifest.json",
        0o644,
        br#"[{"Config":"c.json","Layers":["1"]}]"#,
    );
    assert!(message(&tar.into_inner().unwrap()).contains("layer `1` is missing"));
}

#[test]
fn hostile_names_and_headers_make_no_harm() {
    let mut tar = tar::Builder::new(Vec::new());
    for name in ["../up", "/abs", "a/../../b"] {
        let mut header = tar::Header::new_ustar();
        header.set_size(0);
        header.set_mode(0o666);
        let raw = header.as_mut_bytes();
        raw[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, io::empty()).unwrap();
    }
    let read_one = image(&[("1/layer.tar", tar.into_inner().unwrap())]);
    let found = read(read_one.as_slice(), "i").unwrap();
    let paths: Vec<&str> = found
        .files
        .iter()
        .map(|file| file.entry.path.as_str())
        .collect();
    assert_eq!(paths, ["abs"]);
    // A long name that never ends is not held in memory.
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(1 << 40);
    header.set_cksum();
    let mut layer = header.as_bytes().to_vec();
    layer.extend(std::iter::repeat_n(b'a', 4 << 20));
    let found = read(image(&[("1/layer.tar", layer)]).as_slice(), "i");
    assert!(found.unwrap_err().to_string().contains("headers"));
}
