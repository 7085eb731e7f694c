#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::service::literal;
use super::{ComposeServices, ServicesUse};
use crate::expr::{Allowed, Contexts, Template};
use crate::workflow::{Container, Text};

/// As it stands in the repository; what `docker compose config` makes of it is beside it.
const WRITTEN: &str = "services:
  tests:
    build: .
  db:
    image: postgres:15
    privileged: true
    volumes:
      - ./init:/docker-entrypoint-initdb.d
  cache:
    image: redis:7
    links: [db]
";

fn wanted(jobs: &[&str], skip: &[&str]) -> ServicesUse {
    let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    ServicesUse {
        file: "docker-compose.test.yml".to_owned(),
        jobs: texts(jobs),
        skip: texts(skip),
    }
}

fn services(services: &Value, skip: &[&str]) -> Result<ComposeServices, String> {
    let config = json!({
        "services": services,
        "volumes": {
            "data": {"name": "x_data"},
            "kept": {"name": "kept", "external": true},
            "folder": {"name": "x_folder", "driver_opts": {"type": "none", "device": "/tmp"}},
        }
    });
    ComposeServices::read(&config, WRITTEN, &wanted(&[], skip), None, &[]).map_err(|problems| {
        problems
            .iter()
            .fold(String::new(), |mut all, (cause, problem)| {
                let hint = problem.hint.as_deref().unwrap_or_default();
                let _ = writeln!(all, "{}: {problem}\n  {hint}", cause.reason());
                all
            })
    })
}

fn shown(read: &ComposeServices) -> String {
    let mut all = String::new();
    for (label, container) in &read.services {
        let Container {
            image,
            env,
            ports,
            volumes,
            options,
            command,
            ..
        } = container;
        let text = |text: &Option<Text>| {
            text.as_ref()
                .map(|text| text.value.clone())
                .unwrap_or_default()
        };
        let texts = |list: &[Text]| list.iter().map(Text::as_str).collect::<Vec<_>>().join(", ");
        let env: Vec<String> = env
            .iter()
            .map(|(name, node)| {
                format!("{}={}", name.value, node.scalar_text().unwrap_or_default())
            })
            .collect();
        let _ = writeln!(
            all,
            "{}: {}\n  env: {}\n  ports: {}\n  volumes: {}\n  options: {}\n  command: {}\n  after: {:?}, ends: {}",
            label.value,
            text(image),
            env.join(", "),
            texts(ports),
            texts(volumes),
            text(options),
            text(command),
            read.after(&label.value),
            read.ends(&label.value),
        );
    }
    all
}

#[test]
fn all_that_a_service_may_say_is_taken_over() {
    let read = services(
        &json!({
            "tests": {"build": {"context": "/r"}, "depends_on": {"db": {"condition": "service_healthy"}}},
            "db": {
                "image": "postgres:15",
                "cap_drop": ["CHOWN"],
                "command": ["-c", "fsync=off", "-c", "shared_buffers=1 MB", "say \"$$HOME\""],
                "container_name": "base",
                "cpus": 1.5,
                "deploy": {"replicas": 1, "resources": {"limits": {"memory": "1073741824", "pids": 90}}},
                "entrypoint": ["docker-entrypoint.sh", "postgres"],
                "environment": {"EMPTY": null, "PASSWORD": "a $$b ${{ c }}"},
                "expose": ["99"],
                "extra_hosts": ["a=1.2.3.4"],
                "healthcheck": {
                    "test": ["CMD", "pg_isready", "-U", "post gres"],
                    "timeout": "1m30s", "interval": "2s", "retries": 7,
                    "start_period": "5s", "start_interval": "1s"
                },
                "init": true,
                "links": ["fill"],
                "labels": {"a": "b c"},
                "logging": {"driver": "none"},
                "networks": {"back": {"aliases": ["database"]}, "default": null},
                "ports": [
                    {"mode": "ingress", "target": 5432, "published": "5433", "protocol": "tcp"},
                    {"mode": "ingress", "host_ip": "127.0.0.1", "target": 9000, "protocol": "udp"}
                ],
                "privileged": false,
                "restart": "always",
                "shm_size": "67108864",
                "tmpfs": ["/run:size=5m"],
                "ulimits": {"nofile": {"soft": 1, "hard": 2}, "nproc": 3},
                "user": "999",
                "volumes": [
                    {"type": "volume", "source": "data", "target": "/data", "read_only": true, "volume": {"nocopy": true}},
                    {"type": "volume", "target": "/anon", "volume": {}},
                    {"type": "tmpfs", "target": "/mem", "tmpfs": {"size": "1024"}}
                ],
                "working_dir": "/srv",
                "x-ours": 1
            },
            "fill": {
                "image": "fill:1", "command": null, "entrypoint": [],
                "depends_on": {"db": {"condition": "service_healthy", "required": true}}
            },
            "cache": {
                "image": "redis:7",
                "healthcheck": {"test": ["CMD-SHELL", "redis-cli ping | grep PONG"]},
                "depends_on": {
                    "db": {"condition": "service_started"},
                    "fill": {"condition": "service_completed_successfully"}
                }
            },
            "quiet": {"image": "a:1", "healthcheck": {"disable": true}},
        }),
        &[],
    );
    insta::assert_snapshot!("taken_over", shown(&read.unwrap()));
}

#[test]
fn what_cannot_be_taken_over_is_named_with_its_place() {
    let problems = services(
        &json!({
            "tests": {"build": {"context": "/r"}},
            "api": {"build": {"context": "/r/api"}},
            "db": {
                "image": "postgres:15",
                "privileged": true,
                "cap_add": ["NET_ADMIN"],
                "network_mode": "host",
                "gpus": "all",
                "scale": 2,
                "configs": [{"source": "cfg"}],
                "secrets": [{"source": "tok"}],
                "deploy": {"replicas": 3, "resources": {"reservations": {"devices": []}}},
                "healthcheck": {"test": ["ODD"]},
                "networks": {"back": {"ipv4_address": "1.2.3.4"}},
                "ports": [{"target": 70000}],
                "volumes": [
                    {"type": "bind", "source": "/r/init", "target": "/docker-entrypoint-initdb.d"},
                    {"type": "bind", "source": "/var/run/docker.sock", "target": "/var/run/docker.sock"},
                    {"type": "volume", "source": "kept", "target": "/a"},
                    {"type": "volume", "source": "folder", "target": "/b"},
                    {"type": "npipe", "source": "x", "target": "/c"}
                ]
            },
            "cache": {
                "image": "redis:7",
                "links": ["db:base"],
                "depends_on": {"tests": {"condition": "service_started"}, "db": {"condition": "odd"}}
            },
        }),
        &["chache"],
    );
    insta::assert_snapshot!("refused", problems.unwrap_err());
}

#[test]
fn the_tests_own_service_is_found() {
    let labels = |config: &Value, skip: &[&str]| {
        services(config, skip).map(|read| {
            let labels: Vec<String> = read
                .services
                .iter()
                .map(|(label, _)| label.value.clone())
                .collect();
            labels.join(" ")
        })
    };
    let db = json!({"image": "a"});
    let built = json!({"build": {"context": "/r"}});
    for (config, skip, expected) in [
        (json!({"app": built, "db": db}), &[][..], Some("db")),
        (
            json!({"app": built, "tests": built, "db": db}),
            &["app"],
            Some("db"),
        ),
        (json!({"app": built, "tests": built, "db": db}), &[], None),
        (json!({"pytest": db, "db": db}), &["pytest"], Some("db")),
        (json!({"app": built}), &[], None),
    ] {
        assert_eq!(labels(&config, skip).ok().as_deref(), expected, "{config}");
    }
}

#[test]
fn a_text_stays_what_it_is() {
    for text in ["", "a ${{ secrets.X }} b", "${{", "$${{ '${{' }}", "}} '"] {
        let template = Template::parse(&literal(text), &Allowed::ALL).unwrap();
        assert_eq!(template.evaluate_text(&Contexts::default()).unwrap(), text);
    }
}
