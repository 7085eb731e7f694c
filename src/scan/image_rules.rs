//! The rules of an image: user, secrets, rights of files, caches, size.

use std::collections::{BTreeMap, BTreeSet};

use super::context::list;
use super::dockerfile::is_root;
use super::finding::{Finding, ImagePlace, Place};
use super::image::{EntryKind, Image, ImageFile, instruction, prints};
use super::policy::Policy;
use super::rule::Rule;
use super::secret;

/// What is known of an image from elsewhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// Where its user is decided: a line of its Dockerfile.
    pub(crate) user: Option<Place>,
    /// Whether its user is of no account: it was found already, or steps run as another
    /// one in any case.
    pub(crate) any_user: bool,
    /// Secrets that were found already, where they are written.
    pub(crate) secrets: Vec<[u8; 8]>,
}

/// Looks at an image.
pub(crate) fn check(image: &Image, origin: &Origin, policy: &Policy) -> Vec<Finding> {
    let mut rules = Rules {
        image,
        findings: Vec::new(),
        prints: origin.secrets.iter().copied().collect(),
    };
    if !origin.any_user {
        rules.user(origin);
    }
    rules.variables();
    rules.history();
    rules.files();
    rules.rights();
    rules.caches();
    rules.size(policy);
    rules.findings
}

struct Rules<'i> {
    image: &'i Image,
    findings: Vec<Finding>,
    /// Secrets that were told already.
    prints: BTreeSet<[u8; 8]>,
}

impl Rules<'_> {
    fn config(&self) -> Place {
        Place::Image(ImagePlace {
            image: self.image.name.clone(),
            ..ImagePlace::default()
        })
    }

    fn layer(&self, index: usize, path: Option<String>, line: usize) -> Place {
        Place::Image(ImagePlace {
            image: self.image.name.clone(),
            layer: Some((index + 1, self.image.layers.len())),
            created_by: self.image.layers.get(index).cloned().unwrap_or_default(),
            path,
            line,
        })
    }

    fn say(&mut self, rule: Rule, place: Place, message: String) {
        self.findings.push(Finding::new(rule, place, message));
    }

    fn user(&mut self, origin: &Origin) {
        let user = self.image.config.config.user.as_deref().unwrap_or_default();
        let message = match user {
            "" => "the image names no user, so its commands run as root".to_owned(),
            user if is_root(user) => format!("the user of the image is `{user}`"),
            _ => return,
        };
        let place = origin.user.clone().unwrap_or_else(|| self.config());
        self.say(Rule::RootUser, place, message);
    }

    fn variables(&mut self) {
        let image = self.image;
        for pair in image.config.config.env.iter().flatten() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if let Some(secret) = secret::of_variable(name, value, 0)
                && self.prints.insert(secret.print)
            {
                let message = format!("the variable `{name}` holds {}", secret.told());
                self.say(Rule::SecretInEnv, self.config(), message);
            }
        }
    }

    fn history(&mut self) {
        let image = self.image;
        let found = prints(&image.config);
        let mut layer = 0;
        for step in &image.config.history {
            let text = step.created_by.as_deref().unwrap_or_default();
            let place = Place::Image(ImagePlace {
                image: image.name.clone(),
                layer: (!step.empty_layer).then_some((layer + 1, image.layers.len())),
                created_by: instruction(text, &found),
                ..ImagePlace::default()
            });
            if !step.empty_layer {
                layer += 1;
            }
            for word in text.split_whitespace() {
                if let Some((name, secret)) = secret::of_word(word)
                    && self.prints.insert(secret.print)
                {
                    let what = match name {
                        "" => "an instruction".to_owned(),
                        name => format!("`{name}` in an instruction"),
                    };
                    let message = format!("{what} holds {}", secret.told());
                    self.say(Rule::SecretInHistory, place.clone(), message);
                }
            }
        }
    }

    fn files(&mut self) {
        let image = self.image;
        for found in &image.secrets {
            // A secret in several files is told where it is first.
            if !self.prints.insert(found.secret.print) {
                continue;
            }
            let place = self.layer(found.layer, Some(found.path.clone()), found.secret.line);
            let mut message = format!("`{}` holds {}", found.path, found.secret.told());
            if found.hidden {
                message.push_str(
                    ", still to be read in this layer although a later one replaces the file",
                );
            }
            self.say(Rule::SecretInFile, place, message);
        }
    }

    fn rights(&mut self) {
        let image = self.image;
        let mut writable: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut usual: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for file in image.files.iter().filter(|file| !file.hidden) {
            let entry = &file.entry;
            let path = format!("/{}", entry.path);
            let sticky = entry.kind == EntryKind::Folder && entry.mode & 0o1000 != 0;
            if entry.kind != EntryKind::Other
                && entry.mode & 0o002 != 0
                && !sticky
                && !is_of_the_kernel(&entry.path)
            {
                writable.entry(file.layer).or_default().push(path.clone());
            }
            if entry.kind == EntryKind::File && entry.mode & 0o6000 != 0 {
                if is_usual(&entry.path) {
                    usual.entry(file.layer).or_default().push(path);
                } else {
                    let kind = if entry.mode & 0o4000 != 0 {
                        "setuid"
                    } else {
                        "setgid"
                    };
                    let message = format!("`{path}` has {kind}: who starts it gains other rights");
                    let place = self.layer(file.layer, Some(path), 0);
                    self.say(Rule::SetuidFile, place, message);
                }
            }
        }
        for (layer, paths) in writable {
            let place = self.layer(layer, paths.first().cloned(), 0);
            let names = list(paths.iter().map(String::as_str));
            self.say(
                Rule::WorldWritable,
                place,
                format!("everybody can write {names}"),
            );
        }
        for (layer, paths) in usual {
            let place = self.layer(layer, paths.first().cloned(), 0);
            let names = list(paths.iter().map(String::as_str));
            self.say(
                Rule::UsualSetuid,
                place,
                format!("the distribution's setuid and setgid programs are there: {names}"),
            );
        }
    }

    fn caches(&mut self) {
        let image = self.image;
        // By folder and layer: bytes, and those of files that a later layer removes.
        let mut caches: BTreeMap<(String, usize), (u64, u64)> = BTreeMap::new();
        for file in &image.files {
            if let Some(folder) = cache_of(file) {
                let sums = caches.entry((folder, file.layer)).or_default();
                sums.0 += file.entry.size;
                if file.hidden {
                    sums.1 += file.entry.size;
                }
            }
        }
        for ((folder, layer), (bytes, hidden)) in caches {
            if bytes < LEAST_CACHE {
                continue;
            }
            let place = self.layer(layer, Some(folder.clone()), 0);
            let mut message = format!("{} of `{folder}` are left", amount(bytes));
            if hidden == bytes {
                message.push_str(" in this layer: removing them in a later one frees nothing");
            }
            self.say(Rule::PackageCache, place, message);
        }
    }

    fn size(&mut self, policy: &Policy) {
        let bytes = size(self.image);
        if let Some(most) = policy.max_size.filter(|most| bytes > *most) {
            let message = format!(
                "the image has {}, its budget is {}",
                amount(bytes),
                amount(most)
            );
            self.say(Rule::ImageSize, self.config(), message);
        }
    }
}

/// Bytes of all layers together, as they are unpacked.
pub(crate) fn size(image: &Image) -> u64 {
    image.files.iter().map(|file| file.entry.size).sum()
}

/// Bytes as a person reads them. (The room of reports has the same for everything else.)
fn amount(bytes: u64) -> String {
    let kib = bytes.div_ceil(1024);
    if kib < 1024 {
        return format!("{kib} KiB");
    }
    let tenths = (u128::from(bytes) * 10 + (1 << 19)) >> 20;
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// Folders that a kernel fills; what an image has there is never seen.
fn is_of_the_kernel(path: &str) -> bool {
    ["proc", "sys", "dev"]
        .iter()
        .any(|folder| path.split('/').next() == Some(folder))
}

/// Programs that the packages of the usual distributions make setuid or setgid.
const USUAL: [&str; 30] = [
    "at",
    "bsd-write",
    "chage",
    "chfn",
    "chsh",
    "crontab",
    "dbus-daemon-launch-helper",
    "dotlockfile",
    "expiry",
    "fusermount",
    "fusermount3",
    "gpasswd",
    "mount",
    "newgidmap",
    "newgrp",
    "newuidmap",
    "passwd",
    "ping",
    "pkexec",
    "polkit-agent-helper-1",
    "pt_chown",
    "ssh-agent",
    "ssh-keysign",
    "su",
    "sudo",
    "umount",
    "unix_chkpwd",
    "wall",
    "write",
    "bbsuid",
];
/// Where they are.
const PLACES: [&str; 7] = [
    "bin/",
    "sbin/",
    "usr/bin/",
    "usr/sbin/",
    "usr/lib/",
    "usr/libexec/",
    "lib/",
];

fn is_usual(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    USUAL.contains(&name) && PLACES.iter().any(|place| path.starts_with(place))
}

/// Bytes from which a cache is worth a word: empty ones hold locks and indexes.
const LEAST_CACHE: u64 = 64 << 10;
/// Caches of package managers with a fixed place.
const CACHES: [&str; 6] = [
    "var/lib/apt/lists",
    "var/cache/apt",
    "var/cache/apk",
    "var/cache/yum",
    "var/cache/dnf",
    "var/cache/zypp",
];
/// Caches below somebody's home.
const HOME_CACHES: [&str; 7] = [
    ".cache/pip",
    ".cache/uv",
    ".cache/pypoetry",
    ".cache/pdm",
    ".cache/pipenv",
    ".cache/yarn",
    ".npm/_cacache",
];

/// The cache that a file belongs to, from `/`.
fn cache_of(file: &ImageFile) -> Option<String> {
    if file.entry.kind != EntryKind::File {
        return None;
    }
    let path = &file.entry.path;
    let below = |folder: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    if let Some(folder) = CACHES.iter().find(|folder| below(folder)) {
        return Some(format!("/{folder}"));
    }
    HOME_CACHES.iter().find_map(|cache| {
        let (home, _) = path.split_once(&format!("/{cache}/"))?;
        let is_home = home == "root" || home.starts_with("home/") || !home.contains('/');
        is_home.then(|| format!("/{home}/{cache}"))
    })
}

#[cfg(test)]
#[path = "image_rules_tests.rs"]
mod tests;
