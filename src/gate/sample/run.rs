//! A sample run of sample legs.

#![allow(clippy::unwrap_used)]

use super::{Leg, START, push};
use crate::record::{
    CoverageBase, CoverageSummary, Event, EventKind, Failure, ImageRecord, RunId, RunInfo,
    RunRecord,
};

/// A sample run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    /// Its legs.
    pub(crate) legs: Vec<Leg>,
    /// Its image.
    pub(crate) image: Option<ImageRecord>,
    /// Merged coverage.
    pub(crate) merged: Option<CoverageSummary>,
    /// Files that the repository does not have.
    pub(crate) unmapped: Vec<String>,
    /// What coverage is held against beside thresholds.
    pub(crate) base: Option<CoverageBase>,
    /// What stopped it.
    pub(crate) stopped: Option<Failure>,
    /// Whether legs were left out by choice.
    pub(crate) partial: bool,
    /// Events at its end.
    pub(crate) extra: Vec<EventKind>,
}

impl Run {
    /// A run of these legs.
    pub(crate) fn of(legs: impl IntoIterator<Item = Leg>) -> Self {
        Self {
            legs: legs.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The image took so long.
    pub(crate) fn image(mut self, millis: u64, failure: Option<Failure>) -> Self {
        self.image = Some(ImageRecord {
            name: "Dockerfile.test".to_owned(),
            id: if failure.is_none() {
                "sha256:1f0c".to_owned()
            } else {
                String::new()
            },
            origin: "built".to_owned(),
            millis,
            finished_at: None,
            steps: 12,
            cached: 7,
            sent: 0,
            build: Vec::new(),
            cache: None,
            bytes: None,
            failure,
        });
        self
    }

    /// Merged coverage.
    pub(crate) fn merged(mut self, summary: CoverageSummary) -> Self {
        self.merged = Some(summary);
        self
    }

    /// All its events in order.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let info = RunInfo {
            schema: 1,
            id: RunId("20261122-211454-9f3c2a7e01b4".to_owned()),
            version: "0.1.0".to_owned(),
            workflow: ".github/workflows/test.yml".to_owned(),
            name: "Tests".to_owned(),
            event: "push".to_owned(),
            repository: "acme/widgets".to_owned(),
            sha: "3f2a91c07d5be81d0c4b6a1f9e2d7c8b5a4f3e21".to_owned(),
            reference: "refs/heads/main".to_owned(),
            dirty: true,
            engine: "docker 27.3.1".to_owned(),
            cpus: 8,
            memory: 16 << 30,
            partial: self.partial,
            ci: false,
            ci_run: None,
        };
        push(&mut events, START, EventKind::RunStarted(Box::new(info)));
        for leg in &self.legs {
            let mut planned = leg.planned.clone();
            planned.steps = leg.steps.iter().map(|step| step.planned.clone()).collect();
            push(&mut events, START, EventKind::JobPlanned(planned));
        }
        if let Some(image) = &self.image {
            let name = image.name.clone();
            let kind = EventKind::ImageStarted {
                image: name.clone(),
            };
            push(&mut events, START, kind);
            let kind = EventKind::ImageStep {
                image: name,
                name: "[4/12] RUN pip install -r requirements.txt".to_owned(),
                cached: false,
                millis: image.millis,
                bytes: 0,
            };
            push(&mut events, START + image.millis, kind);
            let kind = EventKind::ImageFinished(image.clone());
            push(&mut events, START + image.millis, kind);
        }
        for leg in &self.legs {
            events.extend(leg.events());
        }
        events.sort_by_key(|event| event.at);
        let end = events.last().map_or(START, |event| event.at);
        for kind in &self.extra {
            push(&mut events, end, kind.clone());
        }
        if let Some(summary) = &self.merged {
            let kind = EventKind::CoverageMerged {
                summary: summary.clone(),
                unmapped: self.unmapped.clone(),
                base: self.base.clone(),
            };
            push(&mut events, end, kind);
        }
        let stopped = self.stopped.clone();
        push(&mut events, end + 100, EventKind::RunFinished { stopped });
        events
    }

    /// The record of its events.
    pub(crate) fn record(&self) -> RunRecord {
        RunRecord::fold(&self.events()).unwrap()
    }
}
