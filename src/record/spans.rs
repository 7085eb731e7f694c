//! What parts of a run took, as far as more than one part of its record tells.

use super::run::{JobRecord, RunRecord};

impl RunRecord {
    /// From the image of a leg being there until its environment was open, services
    /// included, in milliseconds: making or fetching an image is no start of a container.
    /// `None` where it did not open.
    pub(crate) fn startup_millis(&self, leg: &JobRecord) -> Option<u64> {
        let (start, ready) = leg.started_at.zip(leg.ready_at)?;
        let ends = self.images.iter().filter_map(|image| image.finished_at);
        let there = ends.filter(|end| (start..=ready).contains(end)).max();
        Some(ready.saturating_sub(there.unwrap_or(start)))
    }
}
