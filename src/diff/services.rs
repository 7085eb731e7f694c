//! The services of a job, and its own container.

use super::finding::{Finding, Topic, Verdict};
use super::read::{Kind, Way};
use super::text;
use super::triggers::arrow;
use crate::workflow::{Container, Job};

/// Compares the services. `way` is one of the new job's, whose scripts may start them.
pub(super) fn compare(old: &Job, new: &Job, way: Option<&Way<'_>>, found: &mut Vec<Finding>) {
    for (label, service) in &old.services {
        let label = &label.value;
        let Some((_, other)) = new.services.iter().find(|(name, _)| name.value == *label) else {
            found.push(gone(label, service, way));
            continue;
        };
        let mut one = Vec::new();
        container(service, other, &mut one);
        if one.is_empty() {
            let message = format!("the service `{label}`");
            one.push(Finding::new(Verdict::Same, Topic::Services, message));
        }
        found.extend(one.into_iter().map(|finding| finding.of(label.as_str())));
    }
    for (label, service) in &new.services {
        if !old
            .services
            .iter()
            .any(|(name, _)| name.value == label.value)
        {
            let image = service.image.as_ref().map_or("", |image| &image.value);
            let message = format!("the service `{}` of `{}`", label.value, text::short(image));
            found.push(Finding::new(Verdict::Added, Topic::Services, message));
        }
    }
    let image = |job: &Job| {
        let container = job.container.as_ref();
        container
            .and_then(|one| one.image.as_ref())
            .map(|image| image.value.clone())
    };
    match (image(old), image(new)) {
        (None, None) => {}
        (Some(a), Some(b)) if a == b => {
            let mut one = Vec::new();
            if let (Some(old), Some(new)) = (&old.container, &new.container) {
                container(old, new, &mut one);
            }
            if one.is_empty() {
                let message = format!("its steps run in `{}`", text::short(&a));
                one.push(Finding::new(Verdict::Same, Topic::Job, message));
            }
            found.extend(one.into_iter().map(|finding| finding.of("container")));
        }
        (before, after) => {
            let message = format!("`container` {}", arrow(before.as_deref(), after.as_deref()));
            found.push(Finding::new(Verdict::Changed, Topic::Job, message));
        }
    }
}

/// A service that is not there any more; something else may have taken its place.
fn gone(label: &str, service: &Container, way: Option<&Way<'_>>) -> Finding {
    let image = service
        .image
        .as_ref()
        .map_or("", |image| image.value.as_str());
    let name = image.split([':', '@']).next().unwrap_or(image);
    let items = way.map(|way| way.items.as_slice()).unwrap_or_default();
    let starts = |what: &dyn Fn(&[String]) -> bool| {
        items
            .iter()
            .find(|item| item.kind == Kind::Hidden && what(&item.words))
    };
    let by_hand = starts(&|words| {
        words
            .iter()
            .any(|word| word.split([':', '@']).next() == Some(name))
    });
    let by_compose = starts(&|words| {
        words.iter().take(3).any(|word| word.contains("compose"))
            && words.iter().any(|word| word == "up")
    });
    let message = format!("the service `{label}` of `{}` is gone", text::short(image));
    match by_hand.or(by_compose) {
        Some(item) => {
            let instead = text::short(&item.words.join(" "));
            Finding::new(Verdict::Changed, Topic::Services, message).noted(format!(
                "`{instead}` may start it; what that starts is not read"
            ))
        }
        None => Finding::new(Verdict::Lost, Topic::Services, message),
    }
}

/// Image, health check, variables and the rest of a container.
fn container(old: &Container, new: &Container, found: &mut Vec<Finding>) {
    let value = |text: &Option<crate::workflow::Text>| text.as_ref().map(|text| text.value.clone());
    let entries = |entries: &crate::workflow::Entries| -> Vec<String> {
        let entries = entries.iter();
        let mut list: Vec<String> = entries
            .map(|(key, node)| format!("{}: {}", key.value, text::of_node(node)))
            .collect();
        list.sort();
        list
    };
    let list = |list: Vec<String>| (!list.is_empty()).then(|| list.join(", "));
    let parts = [
        ("image", value(&old.image), value(&new.image)),
        ("options", value(&old.options), value(&new.options)),
        (
            "ports",
            list(text::values(&old.ports)),
            list(text::values(&new.ports)),
        ),
        (
            "volumes",
            list(text::values(&old.volumes)),
            list(text::values(&new.volumes)),
        ),
        ("env", list(entries(&old.env)), list(entries(&new.env))),
        ("command", value(&old.command), value(&new.command)),
        ("entrypoint", value(&old.entrypoint), value(&new.entrypoint)),
    ];
    for (key, before, after) in parts {
        let words = |text: &Option<String>| -> Vec<String> {
            text.iter()
                .flat_map(|text| text.split_whitespace())
                .map(str::to_owned)
                .collect()
        };
        if words(&before) == words(&after) {
            continue;
        }
        let checks = |text: &Option<String>| {
            text.as_ref()
                .is_some_and(|text| text.contains("--health-cmd"))
        };
        if key == "options" && checks(&before) && !checks(&after) {
            let message = "its health check is gone: tests may begin before it is ready";
            found.push(Finding::new(Verdict::Weakened, Topic::Services, message));
            continue;
        }
        let message = match key {
            // Values of variables may be secrets.
            "env" => "its variables are others".to_owned(),
            _ => format!("its `{key}` {}", arrow(before.as_deref(), after.as_deref())),
        };
        found.push(Finding::new(Verdict::Changed, Topic::Services, message));
    }
}
