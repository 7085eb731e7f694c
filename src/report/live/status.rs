//! The moving area of a terminal: what runs, what waits, how far it is.

use std::collections::BTreeMap;

use super::announce::tests;
use super::board::{Board, Instruction, Leg};
use crate::record::Conclusion;
use crate::report::format::{bytes, duration};
use crate::report::style::{Look, Sign, Tone};
use crate::report::table::{Align, Cell, Column, Table, truncate};

/// Running legs, and waiting legs, that have a line of their own: the area must
/// stay lower than the terminal.
const SHOWN: usize = 8;

/// The lines of the area.
pub(super) fn lines(
    board: &Board,
    expected: &BTreeMap<String, u64>,
    now: u64,
    width: usize,
    look: Look,
) -> Vec<String> {
    let mut table = Table::new(
        vec![
            Column::new(Align::Left).tight(),
            Column::new(Align::Left).shrinks(4, 20),
            Column::new(Align::Right).shrinks(0, 18),
            Column::new(Align::Left).shrinks(0, 0),
        ],
        2,
    );
    for image in &board.images {
        let doing = image.last.as_ref().map(instruction);
        table.row(vec![
            sign(Sign::Active, look),
            Cell::new(Tone::Strong, format!("image {}", one(&image.name))),
            Cell::plain(duration(now.saturating_sub(image.started))),
            Cell::new(Tone::Dim, doing.unwrap_or_else(|| "begins".to_owned())),
        ]);
    }
    let open = || {
        board
            .legs
            .iter()
            .filter(|leg| !leg.left_out && leg.ended.is_none())
    };
    for leg in open().filter(|leg| leg.started.is_some()).take(SHOWN) {
        table.row(running(leg, expected.get(&leg.key.0), now, look));
    }
    for leg in open().filter(|leg| leg.started.is_none()).take(SHOWN) {
        table.row(waiting(board, leg, look));
    }
    let mut lines = table.render(width, look);
    let left = |begun: bool| {
        open()
            .filter(|leg| leg.started.is_some() == begun)
            .count()
            .saturating_sub(SHOWN)
    };
    lines.extend(tally(board, left(true), left(false), width, look));
    lines
}

/// `12.3 MiB of 40.0 MiB: [1/3] FROM python:3.12`: a name may be cut at its end.
fn instruction(at: &Instruction) -> String {
    let name = &at.name;
    match at.bytes {
        _ if at.done => format!("done: {name}"),
        (0, _) => name.clone(),
        (so_far, all) if all > so_far => {
            format!("{} of {}: {name}", bytes(so_far), bytes(all))
        }
        (so_far, _) => format!("{}: {name}", bytes(so_far)),
    }
}

fn sign(sign: Sign, look: Look) -> Cell {
    Cell::new(sign.tone(), look.sign(sign))
}

fn one(text: &str) -> String {
    crate::report::text::one_line(text)
}

fn running(leg: &Leg, expected: Option<&u64>, now: u64, look: Look) -> Vec<Cell> {
    let mut doing = match &leg.step {
        Some((_, name, since)) => format!("{name}, {}", duration(now.saturating_sub(*since))),
        None if leg.begun => "between steps".to_owned(),
        None => "gets its environment".to_owned(),
    };
    if leg.counts.total() > 0 {
        doing = format!("{}, {doing}", tests(leg.counts));
    }
    let since = leg.started.unwrap_or(now);
    let mut took = duration(now.saturating_sub(since));
    if let Some(expected) = expected {
        took.push_str(&format!(" of {}", duration(*expected)));
    }
    vec![
        sign(Sign::Active, look),
        Cell::new(Tone::Strong, leg.name.clone()),
        Cell::plain(took),
        Cell::plain(doing),
    ]
}

fn waiting(board: &Board, leg: &Leg, look: Look) -> Vec<Cell> {
    let needs = board.waits_for(leg);
    let what = if !needs.is_empty() {
        format!("waits for {}", one(&needs.join(", ")))
    } else if !board.images.is_empty() {
        "waits for the image".to_owned()
    } else {
        "waits for its turn".to_owned()
    };
    vec![
        sign(Sign::Waiting, look),
        Cell::new(Tone::Dim, leg.name.clone()),
        Cell::plain(""),
        Cell::new(Tone::Dim, what),
    ]
}

/// `✓ 3 done  ✗ 1 failed`: the legs that have ended, and those without a line.
fn tally(
    board: &Board,
    running: usize,
    waiting: usize,
    width: usize,
    look: Look,
) -> Option<String> {
    let ended = |conclusion: Conclusion| {
        board
            .legs
            .iter()
            .filter(|leg| !leg.left_out)
            .filter(|leg| leg.ended.is_some_and(|(how, _)| how == conclusion))
            .count()
    };
    let kinds = [
        (Sign::Good, ended(Conclusion::Success), "done"),
        (Sign::Bad, ended(Conclusion::Failure), "failed"),
        (Sign::Warn, ended(Conclusion::Cancelled), "cancelled"),
        (Sign::Skipped, ended(Conclusion::Skipped), "skipped"),
        (Sign::Active, running, "more running"),
        (Sign::Waiting, waiting, "more waiting"),
    ];
    let parts: Vec<(Sign, String)> = kinds
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(sign, count, word)| (sign, format!("{} {count} {word}", look.sign(sign))))
        .collect();
    if parts.is_empty() {
        return None;
    }
    let plain: Vec<&str> = parts.iter().map(|(_, text)| text.as_str()).collect();
    let plain = plain.join("  ");
    if truncate(&plain, width, look) != plain {
        return Some(truncate(&plain, width, look));
    }
    let painted: Vec<String> = parts
        .iter()
        .map(|(sign, text)| look.paint(sign.tone(), text))
        .collect();
    Some(painted.join("  "))
}
