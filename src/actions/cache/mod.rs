//! `actions/cache` with `restore` and `save`: files kept on this machine from run
//! to run.

mod store;

use super::glob::Patterns;
use super::{Call, Done};
use crate::engine::{CONTROL, StepHost};

use store::{Entry, Found, Stored};

/// Longest key (`checkKey` of `@actions/cache`).
const MAX_KEY: usize = 512;
/// Most keys of one step, the primary one included.
const MAX_KEYS: usize = 10;

/// A cache that is to be saved when the job has ended well.
#[derive(Debug, Clone)]
pub(crate) struct SaveCache {
    entry: Entry,
}

/// What a cache is asked for.
pub(super) struct Wanted<'a> {
    /// Lines of paths and patterns.
    pub(super) path: &'a str,
    /// The key.
    pub(super) key: &'a str,
    /// Beginnings of keys that will do as well, the best one first.
    pub(super) restore_keys: Vec<&'a str>,
}

/// `actions/cache`.
pub(super) async fn run(call: &Call<'_>) -> Done {
    restore_step(call, true).await
}

/// `actions/cache/restore`.
pub(super) async fn restore_only(call: &Call<'_>) -> Done {
    restore_step(call, false).await
}

/// `actions/cache/save`: saves at once.
pub(super) async fn save_only(call: &Call<'_>) -> Done {
    let wanted = wanted(call);
    let entry = match entry(call, &wanted) {
        Ok(entry) => entry,
        Err(message) => return Done::failed(message),
    };
    if entry.is_complete() {
        call.say(&format!(
            "Cache hit occurred on the primary key {}, not saving cache.",
            wanted.key
        ));
        return Done::default();
    }
    if let Err(error) = call.host.freeze().await {
        return error.into();
    }
    let saved = entry.save(call.host).await;
    if let Err(error) = call.host.thaw().await {
        return error.into();
    }
    let (notice, text) = said(&entry, saved);
    if notice {
        Done {
            notices: vec![text],
            ..Done::default()
        }
    } else {
        call.say(&text);
        Done::default()
    }
}

fn wanted<'a>(call: &'a Call<'_>) -> Wanted<'a> {
    Wanted {
        path: call.input("path"),
        key: call.input("key"),
        restore_keys: call.lines("restore-keys"),
    }
}

async fn restore_step(call: &Call<'_>, save_later: bool) -> Done {
    let wanted = wanted(call);
    let lookup = call.flag("lookup-only");
    let mut done = Done::default();
    let (hit, post) = match restore(call, &wanted, lookup, &mut done.notices).await {
        Ok(found) => found,
        Err(message) => return Done::failed(message),
    };
    if save_later {
        done.post = post;
    } else {
        done.output("cache-primary-key", wanted.key);
    }
    match hit {
        Some(matched) => {
            done.output("cache-hit", (matched == wanted.key).to_string());
            if !save_later {
                done.output("cache-matched-key", matched);
            }
        }
        // `cache-hit` stays unset without any cache, as in the action.
        None if call.flag("fail-on-cache-miss") => {
            return Done::failed(format!(
                "Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {}",
                wanted.key
            ));
        }
        None => {}
    }
    done
}

/// Looks for a cache and restores it, but for `lookup`. Gives the key of what was
/// found, and what is to be saved at the end.
///
/// # Errors
/// Keys or paths that no cache can have, in words.
pub(super) async fn restore(
    call: &Call<'_>,
    wanted: &Wanted<'_>,
    lookup: bool,
    notices: &mut Vec<String>,
) -> Result<(Option<String>, Option<SaveCache>), String> {
    let entry = entry(call, wanted)?;
    let Some(Found { key, stored }) = store::find(&entry, &wanted.restore_keys) else {
        let keys = [&[wanted.key], wanted.restore_keys.as_slice()].concat();
        call.say(&format!(
            "Cache not found for input keys: {}",
            keys.join(", ")
        ));
        return Ok((None, Some(SaveCache { entry })));
    };
    if lookup {
        call.say(&format!("Cache found and can be restored from key: {key}"));
    } else if let Err(message) = stored.restore(call.host).await {
        // A cache is a help, never a condition.
        notices.push(format!("Failed to restore: {message} (key {key})"));
        return Ok((None, Some(SaveCache { entry })));
    } else {
        call.say(&format!("Cache restored from key: {key}"));
    }
    let post = (key != wanted.key).then_some(SaveCache { entry });
    Ok((Some(key), post))
}

/// Checks keys and paths.
fn entry(call: &Call<'_>, wanted: &Wanted<'_>) -> Result<Entry, String> {
    for (name, value) in [("key", wanted.key), ("path", wanted.path)] {
        if value.is_empty() {
            return Err(format!("Input required and not supplied: {name}"));
        }
    }
    if wanted.restore_keys.len() >= MAX_KEYS {
        return Err(format!(
            "Key Validation Error: Keys are limited to a maximum of {MAX_KEYS}."
        ));
    }
    for key in [wanted.key].iter().chain(&wanted.restore_keys) {
        if key.len() > MAX_KEY {
            return Err(format!(
                "Key Validation Error: {key} cannot be larger than {MAX_KEY} characters."
            ));
        }
        if key.contains(',') {
            return Err(format!(
                "Key Validation Error: {key} cannot contain commas."
            ));
        }
    }
    let patterns = Patterns::parse(wanted.path, &|line| call.place(line), false)?;
    // On this machine each job has a folder of its own.
    let base = call.host.control().strip_suffix(CONTROL).unwrap_or("");
    let place = |line: &str| {
        let place = call.place(line);
        match place.strip_prefix(base) {
            Some(rest) => rest.to_owned(),
            None => place,
        }
    };
    // Owner and places are those of the job: in another one they may not fit.
    let version = format!(
        "{}:{} {}",
        call.user.uid,
        call.user.gid,
        wanted
            .path
            .lines()
            .map(|line| {
                let line = line.trim();
                match line.strip_prefix('!') {
                    Some(rest) => format!("!{}", place(rest)),
                    None => place(line),
                }
            })
            .collect::<Vec<_>>()
            .join("|")
    );
    Ok(Entry::new(call.caches, wanted.key, &version, patterns))
}

impl SaveCache {
    /// Saves the cache from an environment that is halted. Gives what to say.
    pub(crate) async fn save(&self, host: &dyn StepHost) -> String {
        let saved = self.entry.save(host).await;
        said(&self.entry, saved).1
    }
}

/// What is said of a saved cache, and whether it is worth a notice.
fn said(entry: &Entry, saved: std::io::Result<Stored>) -> (bool, String) {
    let key = entry.key();
    match saved {
        Ok(Stored::Saved) => (false, format!("Cache saved with key: {key}")),
        Ok(Stored::Nothing) => (
            true,
            "Path Validation Error: Path(s) specified in the action for caching do(es) not exist, \
             hence no cache is being saved."
                .to_owned(),
        ),
        Ok(Stored::Another) => (
            false,
            format!(
                "Failed to save: Unable to reserve cache with key {key}, another job may be creating this cache."
            ),
        ),
        Err(error) => (true, format!("Failed to save: {error} (key {key})")),
    }
}
