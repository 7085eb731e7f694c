//! Which jobs can be planned only when others are done: their matrix, label, image
//! or call depends on the `needs` context.

use crate::expr::{Allowed, Template};
use crate::workflow::{Container, Job, Node, NodeKind, Text};

/// Whether what a job's legs are depends on what other jobs give.
pub(super) fn is_pending(job: &Job) -> bool {
    let strategy = job.strategy.iter().flat_map(|strategy| {
        [
            &strategy.matrix,
            &strategy.fail_fast,
            &strategy.max_parallel,
        ]
    });
    let nodes = strategy
        .chain([&job.runs_on])
        .flatten()
        .chain(job.with.iter().map(|(_, node)| node));
    let containers = job
        .container
        .iter()
        .chain(job.services.iter().map(|(_, service)| service));
    nodes.into_iter().any(node_mentions)
        || job.name.as_ref().is_some_and(text_mentions)
        || containers.into_iter().any(container_mentions)
}

fn container_mentions(container: &Container) -> bool {
    [&container.image, &container.options]
        .into_iter()
        .flatten()
        .chain(&container.ports)
        .chain(&container.volumes)
        .any(text_mentions)
        || container.env.iter().any(|(_, node)| node_mentions(node))
}

fn node_mentions(node: &Node) -> bool {
    match &node.kind {
        NodeKind::String(text) => mentions(text),
        NodeKind::Seq(items) => items.iter().any(node_mentions),
        NodeKind::Map(entries) => entries.iter().any(|(_, item)| node_mentions(item)),
        NodeKind::Null | NodeKind::Bool(_) | NodeKind::Number(..) => false,
    }
}

fn text_mentions(text: &Text) -> bool {
    mentions(&text.value)
}

fn mentions(text: &str) -> bool {
    text.contains("${{")
        && Template::parse(text, &Allowed::ALL)
            .is_ok_and(|template| template.names().iter().any(|name| name.name == "needs"))
}
