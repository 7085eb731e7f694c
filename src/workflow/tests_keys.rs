//! Every key that the readers know, as `docs/compatibility.md` lists them.

use super::{read, read_container, read_job, read_on, read_step, read_strategy};

/// Keys with their paths, in the order of the readers: `jobs.<id>.steps.run`.
pub(crate) fn keys() -> Vec<String> {
    let mut all = Vec::new();
    for key in read::KEYS {
        add(&mut all, "", key);
    }
    for key in read_job::KEYS {
        add(&mut all, "jobs.<id>.", key);
    }
    all
}

/// Events, each with the keys below it.
pub(crate) fn events() -> &'static [(&'static str, &'static [&'static str])] {
    &read_on::EVENTS
}

/// Adds a key and those below it.
fn add(all: &mut Vec<String>, above: &str, key: &str) {
    let path = format!("{above}{key}");
    let below: &[&str] = match key {
        "defaults" => &["run"],
        "run" if above.ends_with("defaults.") => &read::RUN_KEYS,
        "strategy" => &read_strategy::KEYS,
        "matrix" => &["include", "exclude"],
        "container" => &read_container::KEYS,
        "services" => &["<label>"],
        "<label>" => &read_container::SERVICE_KEYS,
        "steps" => &read_step::KEYS,
        "concurrency" => &read::CONCURRENCY_KEYS,
        _ => &[],
    };
    all.push(path.clone());
    for key in below {
        add(all, &format!("{path}."), key);
    }
    if key == "steps" {
        for key in read_step::UNSUPPORTED {
            add(all, &format!("{path}."), key);
        }
    }
    if key == "on" {
        let mut below: Vec<&str> = Vec::new();
        for key in read_on::EVENTS.iter().flat_map(|(_, keys)| *keys) {
            if !below.contains(key) {
                below.push(key);
            }
        }
        all.extend(below.iter().map(|key| format!("{path}.<event>.{key}")));
    }
}
