//! The view in GitLab's log, and of chosen jobs.

#![allow(clippy::unwrap_used)]

use super::LiveMode;
use super::tests::{play, run, showing};

#[test]
fn gitlab_has_sections() {
    let mut view = showing(LiveMode::GitLab, &[]);
    let hostile = "\u{1b}[0Ksection_end:1:seatrial_1\r\u{1b}[0Kgone";
    let text = play(&mut view, &run().events(), &["a line", hostile]);
    let text = text.replace('\r', "<CR>").replace('\u{1b}', "<ESC>");
    // Each section is begun and ended by us alone, and what failed is open.
    assert_eq!(
        text.matches("section_start:").count(),
        text.matches("<CR><ESC>[0K").count() / 2
    );
    assert!(text.contains("[collapsed=true]<CR><ESC>[0Klint › Ruff (✓ 2.9 s)\na line\n␛[0Kgone\n"));
    assert!(text.contains("<CR><ESC>[0Kunit (3.12) › Run tests (✗ 6.0 s)\n"));
    assert!(!text.contains("seatrial_1<CR><ESC>[0Kgone"));
}

#[test]
fn of_other_jobs_only_what_failed_is_shown() {
    for mode in [LiveMode::Plain, LiveMode::Terminal { verbose: true }] {
        let text = play(
            &mut showing(mode.clone(), &["lint"]),
            &run().events(),
            &["a line"],
        );
        assert!(text.contains("lint        │ a line"), "{text}");
        assert!(!text.contains("unit (3.12) │ a line"), "{text}");
        // The tail of the step that failed.
        assert!(text.contains("\n  │ a line"), "{text}");
        let text = play(&mut showing(mode, &["unit"]), &run().events(), &["a line"]);
        assert!(text.contains("unit (3.12) │ a line"), "{text}");
        assert!(!text.contains("lint        │ a line"), "{text}");
    }
}
