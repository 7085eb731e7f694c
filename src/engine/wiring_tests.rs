#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::*;
use crate::engine::{LogSink, Output, Readiness};
use crate::plan::CreateOptions;

struct Nowhere;

impl Output for Nowhere {
    fn write(&self, _bytes: &[u8]) {}
}

/// A service: its label, its `ports`, and what its image exposes.
fn service(label: &str, ports: &[(Option<u16>, u16)], exposed: &[u16]) -> ServiceSpec {
    let mapping = |host: Option<u16>, container: u16| PortMapping {
        host,
        container,
        protocol: "tcp".to_owned(),
    };
    ServiceSpec {
        label: label.to_owned(),
        name: label.to_owned(),
        image: String::new(),
        options: CreateOptions {
            ports: ports
                .iter()
                .map(|(host, container)| mapping(*host, *container))
                .collect(),
            ..CreateOptions::default()
        },
        arguments: Vec::new(),
        exposed: exposed.iter().map(|port| mapping(None, *port)).collect(),
        after: Vec::new(),
        readiness: Readiness::default(),
        log: LogSink(Arc::new(Nowhere)),
    }
}

fn forwards(wiring: &Wiring) -> Vec<String> {
    wiring
        .forwards
        .iter()
        .map(|one| format!("{}>{}:{}", one.listen, one.label, one.port))
        .collect()
}

#[test]
fn different_ports_share_the_jobs_network() {
    let wiring = wire(&[
        service("pg", &[(Some(5432), 5432)], &[5432]),
        service("redis", &[(None, 6379)], &[6379]),
        service("quiet", &[], &[8080]),
    ])
    .unwrap();
    assert!(!wiring.apart && wiring.forwards.is_empty() && wiring.notices.is_empty());
    assert_eq!(
        wiring.ports,
        [vec![(5432, 5432)], vec![(6379, 6379)], vec![]]
    );
}

#[test]
fn another_port_of_the_machine_is_forwarded() {
    let wiring = wire(&[service("pg", &[(Some(5433), 5432)], &[5432])]).unwrap();
    assert!(!wiring.apart);
    assert_eq!(forwards(&wiring), ["5433>pg:5432"]);
    assert_eq!(wiring.ports, [vec![(5432, 5433)]]);
}

#[test]
fn the_same_port_twice_needs_a_network() {
    let wiring = wire(&[
        service("one", &[(Some(5432), 5432)], &[5432]),
        service("two", &[(Some(5433), 5432)], &[5432]),
        service("three", &[(None, 5432), (None, 80)], &[]),
    ])
    .unwrap();
    assert!(wiring.apart);
    assert_eq!(
        forwards(&wiring),
        [
            "5432>one:5432",
            "5433>two:5432",
            "49152>three:5432",
            "80>three:80"
        ]
    );
    assert_eq!(wiring.ports.last().unwrap(), &[(5432, 49152), (80, 80)]);
    assert!(wiring.notices.first().unwrap().contains("port 5432"));
    // By their images alone, and by a port of the machine where another one listens.
    assert!(
        wire(&[service("a", &[], &[80]), service("b", &[], &[80])])
            .unwrap()
            .apart
    );
    let crossed = [
        service("a", &[(Some(6379), 5432)], &[]),
        service("b", &[], &[6379]),
    ];
    assert!(wire(&crossed).unwrap().apart);
}

#[test]
fn one_port_of_the_machine_cannot_be_given_twice() {
    let error = wire(&[
        service("a", &[(Some(80), 80)], &[]),
        service("b", &[(Some(80), 81)], &[]),
    ])
    .unwrap_err();
    assert_eq!(error.cause, Cause::PortInUse);
}
