//! `actions/upload-artifact`.

use std::path::Path;

use super::store::{Existing, Staging, check_name, publish};
use crate::actions::glob::Patterns;
use crate::actions::{Call, Done};
use crate::engine::{Extracted, Quota, TarReader, extract_file, extract_tree};
use crate::record::{Cause, Failure};

pub(in crate::actions) async fn upload(call: &Call<'_>) -> Done {
    let name = call.input("name");
    if let Err(message) = check_name(name) {
        return Done::failed(message);
    }
    let missing = call.input("if-no-files-found");
    if !["warn", "error", "ignore"].contains(&missing) {
        return Done::failed(format!(
            "Unrecognized if-no-files-found input. Provided: {missing}. Available options: warn,error,ignore"
        ));
    }
    let patterns = match Patterns::parse(call.input("path"), &|line| call.place(line), true) {
        Ok(patterns) => patterns,
        Err(message) => return Done::failed(message),
    };
    if patterns.roots().is_empty() {
        return Done::failed("Input required and not supplied: path");
    }
    let staging = Staging::new(call);
    if let Err(error) = call.host.freeze().await {
        return error.into();
    }
    let taken = take(call, &patterns, staging.path()).await;
    if let Err(error) = call.host.thaw().await {
        return error.into();
    }
    let taken = match taken {
        Ok(taken) => taken,
        Err(failure) => return Done::failure(failure),
    };
    for skipped in &taken.skipped {
        call.say(&format!("left out: {skipped}"));
    }
    if taken.files == 0 {
        let message = format!(
            "No files were found with the provided path: {}. No artifacts will be uploaded.",
            call.lines("path").join(" ")
        );
        return match missing {
            "error" => Done::failure(Failure::new(Cause::ReportMissing, message)),
            "ignore" => {
                call.say(&message);
                Done::default()
            }
            _ => Done {
                notices: vec![message],
                ..Done::default()
            },
        };
    }
    let old = call.major().is_some_and(|major| major < 4);
    let existing = match (old, call.flag("overwrite")) {
        (true, _) => Existing::Merge,
        (false, true) => Existing::Replace,
        (false, false) => Existing::Refuse,
    };
    let mut done = publish(call, &staging, name, existing, (taken.files, taken.bytes));
    if old {
        done.notices.push(format!(
            "upload-artifact@{} works here as it did, but GitHub has failed it since 30 January 2025: use v4 or later",
            call.reference
        ));
    }
    done
}

/// Whether hidden files are taken when the workflow does not say: version 4.4 and
/// the last releases of version 3 leave them out.
fn hidden_by_default(reference: &str) -> bool {
    let mut numbers = reference
        .trim_start_matches('v')
        .split('.')
        .map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(4)), Some(Ok(minor))) => minor < 4,
        (Some(Ok(3)), Some(Ok(minor))) => minor < 2,
        (Some(Ok(major)), _) => major < 3,
        _ => false,
    }
}

/// Reads everything that is meant into a folder.
async fn take(call: &Call<'_>, patterns: &Patterns, target: &Path) -> Result<Extracted, Failure> {
    let hidden = match call.input("include-hidden-files") {
        "" => hidden_by_default(call.reference),
        text => text.eq_ignore_ascii_case("true"),
    };
    let top = common_folder(patterns.roots());
    let mut all = Extracted::default();
    let left = call.budget.folder();
    for root in patterns.roots() {
        let reader = call.host.get(root).await.map_err(|error| error.failure())?;
        let Some(reader) = reader else { continue };
        let search = Search {
            root: root.clone(),
            patterns: patterns.clone(),
            hidden,
        };
        let below = root
            .strip_prefix(&top)
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned();
        let target = target.to_path_buf();
        let quota = left.less(&all);
        let taken =
            tokio::task::spawn_blocking(move || search.read(reader, &target, &below, quota))
                .await
                .map_err(|error| Failure::new(Cause::Panic, error.to_string()))?
                .map_err(|error| {
                    let what = format!(
                        "the artifact `{}` could not be brought out",
                        call.input("name")
                    );
                    call.budget.failure(&what, &error, Cause::EngineError)
                })?;
        all.files += taken.files;
        all.bytes += taken.bytes;
        all.skipped.extend(taken.skipped);
    }
    call.budget.took(&all);
    Ok(all)
}

/// One folder or file that is read.
struct Search {
    root: String,
    patterns: Patterns,
    hidden: bool,
}

impl Search {
    /// Whether a path relative to the root is taken. What lies above the root may
    /// be hidden (`excludeHiddenFiles` of `@actions/glob`).
    fn keeps(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        let full = if path.is_empty() {
            self.root.clone()
        } else {
            format!("{}/{path}", self.root.trim_end_matches('/'))
        };
        let own = self.root.rsplit('/').next().unwrap_or_default();
        let is_hidden = own.starts_with('.') || path.split('/').any(|part| part.starts_with('.'));
        (self.hidden || !is_hidden) && self.patterns.matches(&full)
    }

    /// Extracts a folder to `below` in `target`, or a single file.
    fn read(
        &self,
        reader: TarReader,
        target: &Path,
        below: &str,
        quota: Quota,
    ) -> std::io::Result<Extracted> {
        let mut peek = Peek::new(reader)?;
        if !peek.is_file {
            let reader = Box::new(peek.take());
            return extract_tree(reader, &target.join(below), quota, &|path, _| {
                self.keeps(path)
            });
        }
        if !self.keeps(Path::new("")) {
            return Ok(Extracted::default());
        }
        let place = if below.is_empty() {
            target.join(self.root.rsplit('/').next().unwrap_or_default())
        } else {
            target.join(below)
        };
        extract_file(Box::new(peek.take()), &place, quota)
    }
}

/// Most bytes of extensions in front of the first entry that are looked through.
const MAX_EXTENSIONS: usize = 64 * 1024;

/// Looks at the first entry of a tar stream without consuming it.
struct Peek {
    is_file: bool,
    head: Vec<u8>,
    rest: Option<TarReader>,
}

impl Peek {
    fn new(mut reader: TarReader) -> std::io::Result<Self> {
        use std::io::Read;
        let mut head = Vec::new();
        let mut header = 0;
        // Type flag of a ustar header: `0` or NUL is a regular file. A name that is long
        // or not ASCII stands in front of it, in an entry of its own.
        let is_file = loop {
            reader.by_ref().take(512).read_to_end(&mut head)?;
            match head.get(header + 156) {
                Some(b'x' | b'g' | b'L' | b'K') if head.len() < MAX_EXTENSIONS => {
                    let size = size_of(head.get(header + 124..header + 136));
                    let body = size.min(MAX_EXTENSIONS).next_multiple_of(512);
                    reader.by_ref().take(body as u64).read_to_end(&mut head)?;
                    header += 512 + body;
                }
                flag => break matches!(flag, Some(b'0' | 0)),
            }
        };
        Ok(Self {
            is_file,
            head,
            rest: Some(reader),
        })
    }

    fn take(&mut self) -> impl std::io::Read + Send + use<> {
        use std::io::Read;
        let head = std::io::Cursor::new(std::mem::take(&mut self.head));
        let rest: Box<dyn Read + Send> = self
            .rest
            .take()
            .unwrap_or_else(|| Box::new(std::io::empty()));
        head.chain(rest)
    }
}

/// The size that a header tells, in octal digits; 0 where it tells none.
fn size_of(field: Option<&[u8]>) -> usize {
    field
        .and_then(|field| std::str::from_utf8(field).ok())
        .map(|text| text.trim_matches(['\0', ' ']))
        .and_then(|text| usize::from_str_radix(text, 8).ok())
        .unwrap_or(0)
}

/// The folder that an artifact's paths are relative to: a single folder itself,
/// for several paths what they have in common.
fn common_folder(roots: &[String]) -> String {
    let mut parts: Option<Vec<&str>> = None;
    for root in roots {
        let own: Vec<&str> = root.split('/').filter(|part| !part.is_empty()).collect();
        parts = Some(match parts {
            None => own,
            Some(common) => common
                .iter()
                .zip(&own)
                .take_while(|(a, b)| a == b)
                .map(|(a, _)| *a)
                .collect(),
        });
    }
    format!("/{}", parts.unwrap_or_default().join("/"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn paths_are_relative_to_what_they_have_in_common() {
        let top = |roots: &[&str]| {
            common_folder(&roots.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(top(&["/app/htmlcov"]), "/app/htmlcov");
        assert_eq!(top(&["/app/coverage.xml", "/app/htmlcov"]), "/app");
        assert_eq!(top(&["/a", "/b"]), "/");
    }

    #[test]
    fn a_single_file_is_known_behind_its_long_name() {
        use std::io::Read;
        let entry = |kind: tar::EntryType, name: &str, body: &[u8]| {
            let mut header = tar::Header::new_ustar();
            header.set_path(name).unwrap();
            header.set_entry_type(kind);
            header.set_size(body.len() as u64);
            header.set_cksum();
            let mut bytes = header.as_bytes().to_vec();
            bytes.extend_from_slice(body);
            bytes.resize(bytes.len().next_multiple_of(512), 0);
            bytes
        };
        let name = entry(tar::EntryType::XHeader, "pax", "15 path=é.txt\n".as_bytes());
        let file = entry(tar::EntryType::Regular, "e.txt", b"text");
        let folder = entry(tar::EntryType::Directory, "e", b"");
        for (stream, is_file) in [
            (file.clone(), true),
            ([name.clone(), file].concat(), true),
            ([name.clone(), folder].concat(), false),
            (name.clone(), false),
            (name[..600].to_vec(), false),
            (name.repeat(200), false),
            (Vec::new(), false),
        ] {
            let mut peek = Peek::new(Box::new(std::io::Cursor::new(stream.clone()))).unwrap();
            assert_eq!(peek.is_file, is_file);
            let mut all = Vec::new();
            peek.take().read_to_end(&mut all).unwrap();
            assert_eq!(all, stream, "nothing is consumed");
        }
    }

    #[test]
    fn hidden_files_stay_unless_they_are_asked_for() {
        let keeps = |line: &str, hidden: bool, path: &str| {
            let patterns = Patterns::parse(line, &|line| format!("/w/{line}"), true).unwrap();
            let root = patterns.roots().first().unwrap().clone();
            Search {
                root,
                patterns,
                hidden,
            }
            .keeps(Path::new(path))
        };
        assert!(!keeps(".coverage", false, ""));
        assert!(keeps(".coverage", true, ""));
        assert!(!keeps(".coverage.*", false, ".coverage.1"));
        assert!(!keeps("out", false, ".git/config"));
        // Only what is searched counts, not the way there.
        assert!(keeps(".tox/report.xml", false, ""));
        for (reference, taken) in [
            ("v4", false),
            ("v4.3.1", true),
            ("v4.4.0", false),
            ("v3", false),
            ("v3.1.2", true),
            ("v2", true),
            ("0b2256b8c012f0828dc542b3febcab082c67f72b", false),
        ] {
            assert_eq!(hidden_by_default(reference), taken, "{reference}");
        }
    }
}
