//! How the services of a job are reached: from the steps as on GitHub's runner, by
//! `localhost:PORT`, and by their label.
//!
//! Usually they share the job's network, where each listens on its own port. That
//! fails when two of them want the same one; then they get a network with names, and
//! `localhost` is made to lead there port by port.

use std::collections::BTreeMap;

use super::{EngineError, ServiceSpec};
use crate::plan::PortMapping;
use crate::record::Cause;

/// First port for services whose own one is taken and whose workflow names no other:
/// the first that no service is registered for (RFC 6335).
const FREE: u16 = 49_152;

/// How the services of a job are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wiring {
    /// Whether two services want the same port, so that each has a network of its own.
    pub(crate) apart: bool,
    /// Ports of `localhost` that are led to another one.
    pub(crate) forwards: Vec<Forward>,
    /// By service, in their order: its ports, and those by which `localhost` reaches
    /// them.
    pub(crate) ports: Vec<Vec<(u16, u16)>>,
    /// What a person should know.
    pub(crate) notices: Vec<String>,
}

/// A port of `localhost` that is led to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forward {
    /// The port of `localhost`.
    pub(crate) listen: u16,
    /// Label of the service.
    pub(crate) label: String,
    /// The service's port.
    pub(crate) port: u16,
}

/// Decides how services are reached.
///
/// # Errors
/// Two of them ask for the same port of the machine.
pub(crate) fn wire(services: &[ServiceSpec]) -> Result<Wiring, EngineError> {
    let mut hosts: BTreeMap<(u16, &str), &str> = BTreeMap::new();
    let mut listeners: BTreeMap<(u16, &str), &str> = BTreeMap::new();
    let mut clash = None;
    for service in services {
        let mut own: Vec<(u16, &str)> = all_ports(service)
            .map(|port| (port.container, port.protocol.as_str()))
            .collect();
        own.sort_unstable();
        own.dedup();
        for port in own {
            if let Some(other) = listeners.insert(port, &service.label) {
                clash.get_or_insert((port.0, other, service.label.as_str()));
            }
        }
        for mapping in &service.options.ports {
            let Some(host) = mapping.host else { continue };
            let key = (host, mapping.protocol.as_str());
            if let Some(other) = hosts.insert(key, &service.label) {
                return Err(EngineError::new(
                    Cause::PortInUse,
                    format!(
                        "the services `{other}` and `{}` both ask for port {host} of the machine",
                        service.label
                    ),
                ));
            }
        }
    }
    // A port of the machine at which another service listens by itself.
    for ((host, protocol), label) in &hosts {
        if let Some(other) = listeners.get(&(*host, *protocol))
            && other != label
        {
            clash.get_or_insert((*host, other, label));
        }
    }
    let mut wiring = Wiring {
        apart: clash.is_some(),
        ..Wiring::default()
    };
    if let Some((port, one, other)) = clash {
        wiring.notices.push(format!(
            "the services `{one}` and `{other}` both use port {port}, so the services get a network of their own and `localhost` is forwarded to it"
        ));
    }
    let mut taken: Vec<u16> = hosts.keys().map(|(port, _)| *port).collect();
    for service in services {
        let mut ports = Vec::new();
        for mapping in &service.options.ports {
            let host = mapping.host.unwrap_or_else(|| {
                let free = |port: &u16| !wiring.apart || !taken.contains(port);
                let port = std::iter::once(mapping.container)
                    .chain(FREE..=u16::MAX)
                    .find(free)
                    .unwrap_or(mapping.container);
                taken.push(port);
                port
            });
            ports.push((mapping.container, host));
            if !wiring.apart && host == mapping.container {
                continue;
            }
            if mapping.protocol == "tcp" {
                wiring.forwards.push(Forward {
                    listen: host,
                    label: service.label.clone(),
                    port: mapping.container,
                });
            } else {
                wiring.notices.push(format!(
                    "port {host} of `localhost` does not lead to port {} of the service `{}`: only TCP can be forwarded",
                    mapping.container, service.label
                ));
            }
        }
        wiring.ports.push(ports);
    }
    Ok(wiring)
}

/// All ports that a service is known to listen on.
fn all_ports(service: &ServiceSpec) -> impl Iterator<Item = &PortMapping> {
    service
        .options
        .ports
        .iter()
        .chain(&service.options.exposed)
        .chain(&service.exposed)
}

#[cfg(test)]
#[path = "wiring_tests.rs"]
mod tests;
