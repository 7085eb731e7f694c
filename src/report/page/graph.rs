//! The graph of `needs`.

use maud::{Markup, html};

use super::critical::is_needed;
use super::{LOOK, leg_end, name, tone};
use crate::record::{JobRecord, RunRecord};
use crate::report::style::Sign;
use crate::report::table::truncate;

/// Most jobs that are drawn: a larger graph is no picture any more.
const MOST: usize = 80;
/// Size of a node.
const NODE: (usize, usize) = (176, 40);
/// Space between nodes.
const GAP: (usize, usize) = (56, 14);
/// Columns of a node's text.
const TEXT: usize = 22;

/// A job: its legs, and how it ended.
struct Node<'a> {
    legs: Vec<(usize, &'a JobRecord)>,
    layer: usize,
    row: usize,
}

impl Node<'_> {
    fn job(&self) -> &str {
        self.legs
            .first()
            .map_or("", |(_, leg)| leg.planned.job.as_str())
    }

    /// The worst end of its legs.
    fn end(&self) -> (Sign, &'static str) {
        let ends = self.legs.iter().map(|(_, leg)| leg_end(leg));
        let rank = |sign: Sign| match sign {
            Sign::Bad => 5,
            Sign::Warn => 4,
            Sign::Active => 3,
            Sign::Waiting => 2,
            Sign::Good => 1,
            Sign::Skipped => 0,
        };
        ends.max_by_key(|(sign, _)| rank(*sign))
            .unwrap_or((Sign::Waiting, "not begun"))
    }

    fn x(&self) -> usize {
        self.layer * (NODE.0 + GAP.0) + 2
    }

    fn y(&self) -> usize {
        self.row * (NODE.1 + GAP.1) + 2
    }
}

/// The graph; nothing where no job needs another.
pub(super) fn graph(record: &RunRecord) -> Option<Markup> {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    for (at, leg) in record.jobs.iter().enumerate() {
        match nodes.iter_mut().find(|node| node.job() == leg.planned.job) {
            Some(node) => node.legs.push((at, leg)),
            None => nodes.push(Node {
                legs: vec![(at, leg)],
                layer: 0,
                row: 0,
            }),
        }
    }
    let edges = edges(&nodes);
    if edges.is_empty() {
        return None;
    }
    if nodes.len() > MOST {
        return Some(html! {
            p.quiet { "The graph of " (nodes.len()) " jobs is too large to be drawn; each job names below what it needs." }
        });
    }
    lay_out(&mut nodes, &edges);
    let right = nodes.iter().map(Node::x).max().unwrap_or_default();
    let below = nodes.iter().map(Node::y).max().unwrap_or_default();
    let (width, height) = (right + NODE.0 + 2, below + NODE.1 + 2);
    Some(html! {
        div.scroll tabindex="0" role="region" aria-label="Graph of needs" {
            svg.graph role="group" aria-label="Which job waits for which" width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
                @for (from, to) in &edges {
                    @if let (Some(from), Some(to)) = (nodes.get(*from), nodes.get(*to)) {
                        (edge(from, to))
                    }
                }
                @for node in &nodes { (drawn(node)) }
            }
        }
    })
}

/// From a needed job to the one that needs it.
fn edges(nodes: &[Node<'_>]) -> Vec<(usize, usize)> {
    let mut edges = Vec::new();
    for (to, node) in nodes.iter().enumerate() {
        for (from, other) in nodes.iter().enumerate() {
            let needs = |(_, leg): &(usize, &JobRecord)| {
                let first = other.legs.first();
                first.is_some_and(|(_, other)| is_needed(leg, other))
            };
            if from != to && node.legs.iter().any(needs) {
                edges.push((from, to));
            }
        }
    }
    edges
}

/// Gives each node its place: behind all that it needs, and as high as is free.
fn lay_out(nodes: &mut [Node<'_>], edges: &[(usize, usize)]) {
    // At most so many rounds, whatever circles a record tells of.
    for _ in 0..nodes.len() {
        let mut moved = false;
        for (from, to) in edges {
            let least = nodes.get(*from).map_or(0, |node| node.layer + 1);
            if let Some(node) = nodes.get_mut(*to)
                && node.layer < least
                && least < MOST
            {
                node.layer = least;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut used = vec![0; nodes.len() + MOST];
    for node in nodes {
        if let Some(row) = used.get_mut(node.layer) {
            node.row = *row;
            *row += 1;
        }
    }
}

fn edge(from: &Node<'_>, to: &Node<'_>) -> Markup {
    let (x1, y1) = (from.x() + NODE.0, from.y() + NODE.1 / 2);
    let (x2, y2) = (to.x(), to.y() + NODE.1 / 2);
    let middle = usize::midpoint(x1, x2);
    let line = format!("M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}");
    html! { path.edge d=(line) {} }
}

fn drawn(node: &Node<'_>) -> Markup {
    let (sign, word) = node.end();
    let title = match node.legs.len() {
        1 => name(node.job()),
        count => format!("{} ×{count}", name(node.job())),
    };
    let first = node.legs.first().map_or(0, |(at, _)| *at);
    let (x, y) = (node.x(), node.y());
    html! {
        a href={ "#job-" (first) } aria-label={ (title) ", " (word) } {
            title { (title) ", " (word) }
            rect class={ "node " (tone(sign)) } x=(x) y=(y) width=(NODE.0) height=(NODE.1) rx="5" {}
            text x=(x + 10) y=(y + 17) { (truncate(&title, TEXT, LOOK)) }
            text class={ "small " (tone(sign)) } x=(x + 10) y=(y + 32) { (LOOK.sign(sign)) " " (word) }
        }
    }
}
