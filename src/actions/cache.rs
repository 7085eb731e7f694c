//! `actions/cache`: folders kept on this machine from run to run.
//!
//! What is kept is the tar stream as it came out of the environment; it goes back
//! only into environments and is never unpacked here.

use std::io;
use std::path::{Path, PathBuf};

use super::{Call, Done};
use crate::engine::StepHost;
use crate::record::slug;

/// Largest cache that is kept, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// A cache that is to be saved when the job has ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SaveCache {
    key: String,
    folder: PathBuf,
    places: Vec<String>,
}

pub(super) async fn run(call: &Call<'_>) -> Done {
    let key = call.input("key").to_owned();
    let places: Vec<String> = call
        .input("path")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| call.place(line))
        .collect();
    if key.is_empty() || places.is_empty() {
        return Done::failed("actions/cache needs the inputs `key` and `path`");
    }
    if places.iter().any(|place| place.contains(['*', '?'])) {
        return Done::failed("wildcards in `path` of actions/cache are not supported yet");
    }
    let folder = call.caches.join(slug(&key));
    let exact = complete(&folder);
    let found = if exact {
        Some((key.clone(), folder.clone()))
    } else {
        call.input("restore-keys")
            .lines()
            .map(str::trim)
            .filter(|prefix| !prefix.is_empty())
            .find_map(|prefix| newest_with(call.caches, prefix))
    };
    let mut done = Done {
        outputs: vec![
            ("cache-primary-key".to_owned(), key.clone()),
            ("cache-hit".to_owned(), exact.to_string()),
        ],
        ..Done::default()
    };
    match &found {
        Some((matched, from)) => {
            if !call.flag("lookup-only")
                && let Err(message) = restore(call.host, from, &places).await
            {
                // A cache is a help, never a condition.
                done.notices.push(format!(
                    "the cache `{matched}` could not be restored: {message}"
                ));
            }
            call.say(&format!("cache restored from key: {matched}"));
            done.outputs
                .push(("cache-matched-key".to_owned(), matched.clone()));
        }
        None => {
            call.say(&format!("cache not found for key: {key}"));
            if call.flag("fail-on-cache-miss") {
                return Done::failed(format!("there is no cache with the key `{key}`"));
            }
        }
    }
    if !exact {
        done.post = Some(SaveCache {
            key,
            folder,
            places,
        });
    }
    done
}

async fn restore(host: &dyn StepHost, from: &Path, places: &[String]) -> Result<(), String> {
    for (index, place) in places.iter().enumerate() {
        let file = from.join(format!("{index}.tar"));
        if !file.exists() {
            continue;
        }
        let tar = std::fs::File::open(&file).map_err(|error| error.to_string())?;
        let parent = place.rsplit_once('/').map_or("/", |(parent, _)| parent);
        // The parent is made first; the stream begins with the folder itself.
        host.put_tree(std::sync::Arc::default(), &format!("{parent}/"))
            .await
            .map_err(|error| error.message)?;
        host.unpack(if parent.is_empty() { "/" } else { parent }, Box::new(tar))
            .await
            .map_err(|error| error.message)?;
    }
    Ok(())
}

impl SaveCache {
    /// Saves the cache from an environment that is halted. Gives what to say.
    pub(crate) async fn save(&self, host: &dyn StepHost) -> String {
        let staging = self.folder.with_extension("part");
        let _ = std::fs::remove_dir_all(&staging);
        let result = self.fill(host, &staging).await.and_then(|files| {
            if files > 0 {
                std::fs::write(staging.join("key"), &self.key)?;
                let _ = std::fs::remove_dir_all(&self.folder);
                std::fs::rename(&staging, &self.folder)?;
            }
            Ok(files)
        });
        let _ = std::fs::remove_dir_all(&staging);
        match result {
            Ok(0) => "nothing to save: its paths do not exist".to_owned(),
            Ok(_) => format!("saved with key: {}", self.key),
            Err(error) => format!("not saved: {error}"),
        }
    }

    async fn fill(&self, host: &dyn StepHost, staging: &Path) -> io::Result<usize> {
        std::fs::create_dir_all(staging)?;
        let mut files = 0;
        for (index, place) in self.places.iter().enumerate() {
            let reader = host
                .get(place)
                .await
                .map_err(|error| io::Error::other(error.message))?;
            let Some(reader) = reader else { continue };
            let target = staging.join(format!("{index}.tar"));
            tokio::task::spawn_blocking(move || {
                let mut file = std::fs::File::create(target)?;
                let copied = io::copy(&mut io::Read::take(reader, MAX_BYTES), &mut file)?;
                if copied == MAX_BYTES {
                    return Err(io::Error::other("it is too large"));
                }
                Ok(())
            })
            .await
            .map_err(io::Error::other)??;
            files += 1;
        }
        Ok(files)
    }
}

fn complete(folder: &Path) -> bool {
    folder.join("key").is_file()
}

/// The newest cache whose key begins with `prefix`.
fn newest_with(caches: &Path, prefix: &str) -> Option<(String, PathBuf)> {
    std::fs::read_dir(caches)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let folder = entry.path();
            let key = std::fs::read_to_string(folder.join("key")).ok()?;
            let modified = std::fs::metadata(folder.join("key"))
                .ok()?
                .modified()
                .ok()?;
            key.starts_with(prefix).then_some((modified, key, folder))
        })
        .max_by_key(|(modified, _, _)| *modified)
        .map(|(_, key, folder)| (key, folder))
}
