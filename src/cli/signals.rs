//! SIGINT, SIGTERM and SIGHUP: gently the first time, at once the second time, and the
//! third time without tidying up.

use std::sync::Weak;

use tokio::signal::unix::{SignalKind, signal};

use crate::record::{Cause, Level};
use crate::runner::{Bus, Stopper};

/// Stops the run on signals, and says at once what comes of them: what runs may take its
/// time to end.
pub(super) fn stop_on_signals(stopper: &Stopper, bus: &Weak<Bus>) {
    let signals = [
        (
            SignalKind::interrupt(),
            Cause::UserInterrupt,
            "stopped by Ctrl-C",
        ),
        (
            SignalKind::terminate(),
            Cause::Sigterm,
            "stopped by SIGTERM",
        ),
        (
            SignalKind::hangup(),
            Cause::Hangup,
            "the terminal went away",
        ),
    ];
    for (kind, cause, message) in signals {
        let Ok(mut stream) = signal(kind) else {
            continue;
        };
        let stopper = stopper.clone();
        let bus = Weak::clone(bus);
        tokio::spawn(async move {
            let mut count = 0;
            while stream.recv().await.is_some() {
                count += 1;
                let Some(what_comes) = what_comes(count) else {
                    // The watchdog removes what is left.
                    std::process::exit(i32::from(cause.exit_code()));
                };
                if let Some(bus) = bus.upgrade() {
                    bus.notice(Level::Notice, None, what_comes.to_owned());
                }
                stopper.stop(cause, message);
            }
        });
    }
}

/// What a signal leads to, by how many there were; nothing more to say after the second.
fn what_comes(count: u32) -> Option<&'static str> {
    match count {
        1 => Some(
            "stopping: what runs has 15 s to end by itself, then it is killed; results still come out (once more kills now)",
        ),
        2 => Some("killing what runs (once more leaves at once; the watchdog removes the rest)"),
        _ => None,
    }
}
