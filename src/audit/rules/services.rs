//! Services that are awaited by sleeping, or not at all.

use crate::audit::container::{ContainerCall, compose_words};
use crate::audit::finding::Finding;
use crate::audit::rule::Rule;
use crate::audit::view::{JobView, View};
use crate::plan::{image_name, words};

/// Finds ST3301 and ST3302.
pub(super) fn check(view: &View<'_>, found: &mut Vec<Finding>) {
    for job in &view.jobs {
        sleeps(view, job, found);
        unhealthy(view, job, found);
    }
}

/// Shortest sleep that is meant as waiting, in seconds.
const LEAST: f64 = 1.0;

fn sleeps(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    let mut started: Option<String> = job
        .job
        .services
        .first()
        .map(|(label, _)| format!("service `{}`", label.value));
    for (_, script, seen) in job.commands() {
        let command = &seen.command;
        if let Some(what) = starts(&command.words, command.background) {
            started = Some(what);
            continue;
        }
        let is_sleep =
            command.name() == "sleep" && command.words.get(1).is_some_and(|time| long(time));
        // In a loop it stands between two looks.
        if is_sleep
            && !command.conditional
            && !command.condition
            && let Some(what) = &started
        {
            let message = format!("`{}` is to wait for {what}", command.words.join(" "));
            let place = view.command(script, seen);
            found.push(Finding::new(Rule::SleepForService, place, message));
        }
    }
}

/// What a command starts that goes on while others run.
fn starts(words: &[String], background: bool) -> Option<String> {
    if let Some(call) = ContainerCall::of(words) {
        let image = call.image.unwrap_or_default();
        return call.detached.then(|| format!("container `{image}`"));
    }
    if let Some((verb, options)) = compose_words(words).and_then(<[String]>::split_first) {
        let is_detached = options
            .iter()
            .any(|word| word == "-d" || word == "--detach");
        return (verb == "start" || (verb == "up" && (is_detached || background)))
            .then(|| "the services of the compose file".to_owned());
    }
    let name = words.first().map(String::as_str)?;
    if background && name != "sleep" {
        return Some(format!("`{name}`"));
    }
    let starts = (name == "systemctl" || name == "service" || name == "sudo")
        && words.iter().any(|word| word == "start");
    starts.then(|| format!("`{}`", words.join(" ")))
}

fn long(time: &str) -> bool {
    let number = time.trim_end_matches(['s', 'm', 'h']);
    // What a variable says is meant to be long enough.
    time.starts_with('$') || number.parse::<f64>().is_ok_and(|number| number >= LEAST)
}

/// Words of commands that wait for a service.
const WAITS: [&str; 12] = [
    "pg_isready",
    "wait-for-it",
    "wait-for",
    "wait_for",
    "dockerize",
    "mysqladmin",
    "redis-cli",
    "nc",
    "wait-on",
    "--wait",
    "--retry",
    "--retry-connrefused",
];

fn unhealthy(view: &View<'_>, job: &JobView<'_>, found: &mut Vec<Finding>) {
    let waits = job.commands().any(|(_, _, seen)| {
        let mut words = seen.command.words.iter();
        (seen.command.condition && !matches!(seen.command.name(), "[" | "[[" | "test"))
            || words.any(|word| {
                let name = word.rsplit('/').next().unwrap_or(word);
                let name = name.strip_suffix(".sh").unwrap_or(name);
                WAITS.contains(&name)
            })
    });
    if waits {
        return;
    }
    for (label, container) in &job.job.services {
        let Some(image) = container
            .image
            .as_ref()
            .map(|image| image_name(&image.value))
        else {
            continue;
        };
        let has_check = container.options.as_ref().is_some_and(|options| {
            // What an expression gives may be one.
            options.value.contains("${{")
                || words(&options.value)
                    .iter()
                    .any(|word| word.starts_with("--health-"))
        });
        if !has_check && is_without_check(image) {
            let message = format!(
                "service `{}` (`{image}`) has no health check, so steps begin before it is ready",
                label.value
            );
            found.push(Finding::new(
                Rule::ServiceWithoutHealth,
                view.at(label.span),
                message,
            ));
        }
    }
}

/// Official images of servers: they have no health check of their own (docker-library's
/// FAQ). What others have nobody knows here.
const SERVERS: [&str; 24] = [
    "arangodb",
    "cassandra",
    "clickhouse",
    "consul",
    "couchbase",
    "couchdb",
    "crate",
    "elasticsearch",
    "influxdb",
    "mariadb",
    "memcached",
    "mongo",
    "mysql",
    "nats",
    "neo4j",
    "opensearch",
    "percona",
    "postgres",
    "rabbitmq",
    "redis",
    "rethinkdb",
    "solr",
    "valkey",
    "zookeeper",
];

fn is_without_check(image: &str) -> bool {
    let image = image.strip_prefix("docker.io/").unwrap_or(image);
    let image = image.strip_prefix("library/").unwrap_or(image);
    let name = image.split([':', '@']).next().unwrap_or(image);
    SERVERS.contains(&name)
}
