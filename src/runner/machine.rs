//! The machine that several runs share: as many jobs at a time as it has room for, over all
//! runs of this user on one engine.
//!
//! A job that runs holds the lock of one of so many files. The kernel lets go of it when
//! its process ends, however that happens. A run that says how many jobs it wants at a time
//! (`--parallel`) means it, and has no part in this.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::record::{Level, slug};

use super::bus::Bus;

/// Time between two looks for a free place.
const INTERVAL: Duration = Duration::from_millis(500);

/// The places that jobs have on one engine.
#[derive(Debug)]
pub(crate) struct Machine {
    folder: PathBuf,
    places: usize,
    /// Whether a person was told of the wait, or that there is no counting.
    told: AtomicBool,
}

/// A place. Dropped, it is free.
#[derive(Debug)]
pub(super) struct Place(#[expect(dead_code, reason = "it is held, not read")] File);

/// What came of a look for a place.
enum Look {
    Free(Place),
    /// Others have all of them.
    Taken,
    /// It cannot be told.
    Unknown(std::io::Error),
}

impl Machine {
    /// The places on the engine with this id, which are noted below `folder`.
    pub(crate) fn new(folder: &Path, engine: &str, places: usize) -> Self {
        Self {
            folder: folder.join(slug(engine)),
            places: places.max(1),
            told: AtomicBool::new(false),
        }
    }

    /// Waits for a place. `None` where they cannot be counted: then nobody waits.
    pub(super) async fn place(&self, bus: &Bus) -> Option<Place> {
        loop {
            match self.look() {
                Look::Free(place) => return Some(place),
                Look::Taken => self.tell(
                    bus,
                    Level::Notice,
                    "waiting for another run of seatrial on this engine, whose jobs use the \
                     machine; `--parallel` does not wait"
                        .to_owned(),
                ),
                Look::Unknown(error) => {
                    let message = format!(
                        "jobs of several runs are not counted together: {}: {error}",
                        self.folder.display()
                    );
                    self.tell(bus, Level::Warning, message);
                    return None;
                }
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    fn look(&self) -> Look {
        let look = || -> std::io::Result<Option<Place>> {
            std::fs::create_dir_all(&self.folder)?;
            for number in 0..self.places {
                let file = File::options()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(self.folder.join(number.to_string()))?;
                match file.try_lock() {
                    Ok(()) => return Ok(Some(Place(file))),
                    Err(TryLockError::WouldBlock) => {}
                    Err(TryLockError::Error(error)) => return Err(error),
                }
            }
            Ok(None)
        };
        match look() {
            Ok(Some(place)) => Look::Free(place),
            Ok(None) => Look::Taken,
            Err(error) => Look::Unknown(error),
        }
    }

    fn tell(&self, bus: &Bus, level: Level, message: String) {
        if !self.told.swap(true, Ordering::Relaxed) {
            bus.notice(level, None, message);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::{Arc, Mutex};

    use super::super::bus::Message;
    use super::*;
    use crate::record::EventKind;

    /// A bus, and the notices that were told on it.
    fn bus() -> (Bus, Arc<Mutex<Vec<String>>>) {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&told);
        let listener = move |message| {
            if let Message::Event(event) = message
                && let EventKind::Notice { message, .. } = event.kind
            {
                heard.lock().unwrap().push(message);
            }
        };
        (Bus::new(None, Box::new(listener)).unwrap(), told)
    }

    #[tokio::test(start_paused = true)]
    async fn runs_share_the_places_of_an_engine() {
        let folder = tempfile::tempdir().unwrap();
        let (bus, told) = bus();
        let one = Machine::new(folder.path(), "A:B", 2);
        let other = Machine::new(folder.path(), "A:B", 2);
        let elsewhere = Machine::new(folder.path(), "C", 1);
        let first = one.place(&bus).await.unwrap();
        let _second = other.place(&bus).await.unwrap();
        let _third = elsewhere.place(&bus).await.unwrap();
        assert!(told.lock().unwrap().is_empty());
        let waiting = async {
            tokio::time::timeout(Duration::from_secs(60), other.place(&bus))
                .await
                .is_err()
        };
        assert!(waiting.await, "both places are taken");
        drop(first);
        assert!(other.place(&bus).await.is_some());
        let told = told.lock().unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("waiting for another run"));
    }

    #[tokio::test(start_paused = true)]
    async fn where_places_cannot_be_counted_nobody_waits() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let (bus, told) = bus();
        let machine = Machine::new(&file, "A", 1);
        for _ in 0..3 {
            assert!(machine.place(&bus).await.is_none());
        }
        assert_eq!(told.lock().unwrap().len(), 1);
    }
}
