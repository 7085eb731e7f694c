//! What is drawn, and that nobody waits for it.

#![allow(clippy::unwrap_used)]

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressDrawTarget, TermLike};

use super::area::Area;
use super::queue::{Item, Queue};
use super::*;
use crate::record::{Event, EventKind, JobKey, Level, StepKey};
use crate::settings::Environment;

fn step() -> StepKey {
    StepKey {
        job: JobKey("unit".to_owned()),
        step: 1,
    }
}

fn notice(message: &str) -> Box<Event> {
    Box::new(Event {
        at: 0,
        kind: EventKind::Notice {
            level: Level::Notice,
            job: None,
            message: message.to_owned(),
        },
    })
}

fn app(variables: &[(&str, &str)]) -> App {
    App {
        environment: Environment::from_iter(variables.iter().copied()),
        out: Out::listening(),
    }
}

#[test]
fn lines_come_in_order_to_the_stream() {
    let app = app(&[]);
    let token = StopToken::new(1);
    let live = Kind::Plain.live(&app, Stream::Stderr, (false, &[]), &token);
    let screen = Screen::start(Kind::Plain, live, app.out.clone(), Stream::Stderr);
    let listener = screen.listener();
    listener(Message::Event(notice("first")));
    listener(Message::Line {
        step: step(),
        text: "second".to_owned(),
    });
    listener(Message::Event(notice("third")));
    screen.finish();
    let said = app.out.heard(Stream::Stderr);
    let places: Vec<usize> = ["first", "second", "third"]
        .iter()
        .map(|word| said.find(word).unwrap())
        .collect();
    assert!(places.is_sorted(), "{said}");
    assert_eq!(app.out.heard(Stream::Stdout), "");
}

#[test]
fn quiet_is_quiet() {
    let app = app(&[]);
    let live = Kind::Quiet.live(&app, Stream::Stdout, (false, &[]), &StopToken::new(1));
    let screen = Screen::start(Kind::Quiet, live, app.out.clone(), Stream::Stdout);
    screen.listener()(Message::Event(notice("first")));
    drop(screen);
    assert_eq!(app.out.heard(Stream::Stdout), "");
}

#[test]
fn a_flood_is_counted_and_events_are_kept() {
    let queue = Queue::default();
    for number in 0..30_000 {
        queue.line(step(), format!("line {number}"));
    }
    queue.event(notice("still here"));
    queue.line(step(), "x".to_owned());
    let taken = queue.take(None);
    let mut lines = 0;
    let mut skipped = 0;
    let mut events = 0;
    for item in taken.items {
        match item {
            Item::Line { .. } => lines += 1,
            Item::Skipped { count, .. } => skipped += count,
            Item::Event(_) => events += 1,
        }
    }
    assert_eq!((lines, skipped, events), (20_000, 10_001, 1));
    // There is room again.
    queue.line(step(), "y".to_owned());
    assert!(matches!(queue.take(None).items[0], Item::Line { .. }));
}

#[test]
fn nothing_to_draw_ends_with_its_time() {
    let queue = Queue::default();
    let taken = queue.take(Some(Duration::from_millis(5)));
    assert!(taken.items.is_empty() && !taken.ended);
    queue.close();
    assert!(queue.take(None).ended);
}

#[test]
fn who_watches() {
    let app_in =
        |variables: &[(&str, &str)], quiet| Kind::choose(&app(variables), Stream::Stdout, quiet);
    assert_eq!(app_in(&[("GITHUB_ACTIONS", "true")], false), Kind::GitHub);
    assert_eq!(app_in(&[("GITHUB_ACTIONS", "true")], true), Kind::Quiet);
    // A dumb terminal is a log, whether or not tests run at a terminal.
    assert_eq!(app_in(&[("TERM", "dumb")], false), Kind::Plain);
}

/// A terminal of 30 columns and 5 lines that keeps what is written to it.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<String>>);

impl fmt::Debug for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Paper")
    }
}

impl Paper {
    fn put(&self, text: &str) -> io::Result<()> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_str(text);
        Ok(())
    }
}

impl TermLike for Paper {
    fn width(&self) -> u16 {
        30
    }
    fn height(&self) -> u16 {
        5
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.put(&format!("<up {n}>"))
    }
    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.put(&format!("<down {n}>"))
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }
    fn write_line(&self, s: &str) -> io::Result<()> {
        self.put(&format!("{s}\n"))
    }
    fn write_str(&self, s: &str) -> io::Result<()> {
        self.put(s)
    }
    fn clear_line(&self) -> io::Result<()> {
        self.put("<clear>")
    }
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_area_moves_below_what_is_printed_and_never_grows_over_the_terminal() {
    let paper = Paper::default();
    let target = ProgressDrawTarget::term_like(Box::new(paper.clone()));
    let area = Area::over(target).unwrap();
    let status: Vec<String> = (0..9).map(|number| format!("status {number}")).collect();
    area.show(&status);
    area.above(&["kept".to_owned(), String::new(), "kept too".to_owned()]);
    area.clear();
    let text = paper.0.lock().unwrap().clone();
    assert!(
        text.contains("status 4") && !text.contains("status 5"),
        "{text}"
    );
    assert!(text.contains("kept") && text.contains("kept too"));
    let (_, after) = text.rsplit_once("kept too").unwrap();
    assert!(after.contains("status 0"), "{text}");
    assert!(after.ends_with("<clear><up 4>"), "{text}");
}

#[test]
fn what_is_no_terminal_has_no_area_and_no_columns() {
    assert!(Area::over(ProgressDrawTarget::hidden()).is_none());
    if !Stream::Stdout.is_terminal() {
        assert_eq!(area::columns(Stream::Stdout), None);
    }
    let app = app(&[("COLUMNS", "72")]);
    if !Stream::Stderr.is_terminal() {
        assert_eq!(width(&app, Stream::Stderr), 72);
    }
}
