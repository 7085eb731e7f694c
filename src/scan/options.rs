//! What a workflow or a compose file gives to containers: rights over the machine, the
//! engine's socket, and images that somebody else made.

use super::dockerfile::base;
use super::finding::{FilePlace, Finding, Level, Place};
use super::policy::Policy;
use super::rule::Rule;
use crate::plan::{Role, create_options, image_name};
use crate::record::Cause;
use crate::workflow::{Container, Node, NodeKind, Problem, Span, Text, Workflow, parse_yaml};

/// Looks at the containers of a workflow. `granted` is `container.allow` of the settings.
pub(crate) fn of_workflow(
    workflow: &Workflow,
    path: &str,
    granted: &[String],
    policy: &Policy,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for job in &workflow.jobs {
        if let Some(container) = &job.container {
            let what = format!("`container` of job `{}`", job.id.value);
            findings.extend(container_findings(
                container,
                &what,
                Role::Job,
                path,
                granted,
                policy,
            ));
        }
        for (label, container) in &job.services {
            let what = format!("service `{}` of job `{}`", label.value, job.id.value);
            findings.extend(container_findings(
                container,
                &what,
                Role::Service,
                path,
                granted,
                policy,
            ));
        }
    }
    findings
}

fn container_findings(
    container: &Container,
    what: &str,
    role: Role,
    path: &str,
    granted: &[String],
    policy: &Policy,
) -> Vec<Finding> {
    // What an expression gives is looked at when the job starts.
    let plain = |text: &Text| Ok((!text.value.contains("${{")).then(|| text.value.clone()));
    let refused = |allowed: &[String]| {
        create_options(container, what, role, allowed, &plain)
            .err()
            .unwrap_or_default()
    };
    let without = refused(granted);
    let mut findings: Vec<Finding> = refused(&[])
        .iter()
        .filter_map(|(cause, problem)| {
            let mut finding = of_problem(*cause, problem, path)?;
            if !without.contains(&(*cause, problem.clone())) {
                finding.level = Level::Warn;
                finding.because = Some("granted in seatrial.toml".to_owned());
            }
            Some(finding)
        })
        .collect();
    if let Some(image) = &container.image
        && !image.value.contains("${{")
        && !image.value.is_empty()
    {
        let place = file_place(path, image.span);
        findings.extend(base(image_name(&image.value), &place, policy));
    }
    findings
}

/// What the plan refuses for want of a grant, as a finding.
pub(crate) fn of_problem(cause: Cause, problem: &Problem, path: &str) -> Option<Finding> {
    let rule = match cause {
        Cause::PrivilegedOption => Rule::PrivilegedOption,
        Cause::DockerSocket => Rule::DockerSocket,
        _ => return None,
    };
    let file = problem.file.as_deref().unwrap_or(path);
    Some(Finding::new(
        rule,
        file_place(file, problem.span),
        problem.message.clone(),
    ))
}

fn file_place(path: &str, span: Span) -> Place {
    Place::File(FilePlace {
        path: path.to_owned(),
        line: span.start.line,
        column: span.start.column,
    })
}

/// Looks at the services of a compose file.
///
/// # Errors
/// Why it cannot be read, one line.
pub(crate) fn of_compose(text: &str, path: &str, policy: &Policy) -> Result<Vec<Finding>, String> {
    let root = parse_yaml(text).map_err(|problems| {
        problems
            .first()
            .map_or_else(|| "it cannot be read".to_owned(), ToString::to_string)
    })?;
    let mut findings = Vec::new();
    for (name, service) in entries(root.get("services")) {
        let what = format!("service `{}`", name.value);
        for (key, node) in entries(Some(service)) {
            for (rule, node, option) in compose_rights(&key.value, node) {
                let place = file_place(path, node.span);
                let message = match rule {
                    Rule::DockerSocket => {
                        format!("{what}: `{option}` hands over the engine, and with it its machine")
                    }
                    _ => format!("{what}: `{option}` gives a container rights over its machine"),
                };
                findings.push(Finding::new(rule, place, message));
            }
        }
        if let (Some(image), None) = (service.get("image"), service.get("build"))
            && let NodeKind::String(name) = &image.kind
            && !name.contains('$')
        {
            findings.extend(base(name, &file_place(path, image.span), policy));
        }
    }
    Ok(findings)
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = &(Text, Node)> {
    let entries = match node.map(|node| &node.kind) {
        Some(NodeKind::Map(entries)) => entries.as_slice(),
        _ => &[],
    };
    entries.iter()
}

fn items(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Seq(items) => items,
        _ => &[],
    }
}

/// Capabilities that are as good as root on the machine (capabilities(7)).
const GRAVE: [&str; 9] = [
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_BOOT",
    "NET_ADMIN",
    "DAC_READ_SEARCH",
    "BPF",
];

/// What of one key of a compose service gives rights (Compose specification, "services").
fn compose_rights<'n>(key: &str, node: &'n Node) -> Vec<(Rule, &'n Node, String)> {
    let text = node.scalar_text().unwrap_or_default();
    let right = |node: &'n Node, option: String| (Rule::PrivilegedOption, node, option);
    match key {
        "privileged" if text == "true" => vec![right(node, "privileged: true".to_owned())],
        "pid" | "ipc" | "network_mode" | "userns_mode" | "cgroup" if text == "host" => {
            vec![right(node, format!("{key}: host"))]
        }
        "cap_add" => listed(node, key, |text| {
            let name = text.to_ascii_uppercase();
            GRAVE.contains(&name.strip_prefix("CAP_").unwrap_or(&name))
        }),
        "security_opt" => listed(node, key, |text| {
            ["unconfined", "label:disable", "label=disable"]
                .iter()
                .any(|word| text.contains(word))
        }),
        "devices" => listed(node, key, |_| true),
        "volumes" => items(node).iter().filter_map(compose_mount).collect(),
        _ => Vec::new(),
    }
}

fn listed<'n>(
    node: &'n Node,
    key: &str,
    is_grave: impl Fn(&str) -> bool,
) -> Vec<(Rule, &'n Node, String)> {
    items(node)
        .iter()
        .filter_map(|item| {
            let text = item.scalar_text()?;
            is_grave(&text).then(|| (Rule::PrivilegedOption, item, format!("{key}: {text}")))
        })
        .collect()
}

/// Folders of a machine that give it away.
const TELLING: [&str; 9] = [
    "/",
    "/etc",
    "/root",
    "/home",
    "/boot",
    "/proc",
    "/sys",
    "/dev",
    "/var/lib/docker",
];

fn compose_mount(item: &Node) -> Option<(Rule, &Node, String)> {
    let source = match &item.kind {
        NodeKind::Map(_) => item.get("source")?.scalar_text()?,
        _ => item.scalar_text()?.split(':').next()?.to_owned(),
    };
    let trimmed = source.trim_end_matches('/');
    let path = if trimmed.is_empty() { "/" } else { trimmed };
    if ["docker.sock", "podman.sock", "containerd.sock"]
        .iter()
        .any(|socket| path.ends_with(socket))
    {
        return Some((Rule::DockerSocket, item, source));
    }
    (source.starts_with('/') && TELLING.contains(&path)).then_some((
        Rule::PrivilegedOption,
        item,
        source,
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn told(findings: &[Finding]) -> Vec<(&'static str, usize, Level)> {
        findings
            .iter()
            .map(|finding| match &finding.place {
                Place::File(place) => (finding.rule.id(), place.line, finding.level),
                Place::Image(_) => (finding.rule.id(), 0, finding.level),
            })
            .collect()
    }

    const WORKFLOW: &str = "on: push
jobs:
  a:
    runs-on: ubuntu-latest
    container:
      image: python:3.12@sha256:00
      options: --init OPTION
      volumes: [VOLUME]
    services:
      db: { image: postgres }
    steps: [{ run: pytest }]
";

    fn workflow(option: &str, volume: &str, granted: &[&str]) -> Vec<(&'static str, usize, Level)> {
        let text = WORKFLOW.replace("OPTION", option).replace("VOLUME", volume);
        let parsed = crate::workflow::parse(&text).unwrap();
        let granted: Vec<String> = granted.iter().map(|one| (*one).to_owned()).collect();
        told(&of_workflow(
            &parsed.workflow,
            "w.yml",
            &granted,
            &Policy::default(),
        ))
    }

    #[test]
    fn rights_in_a_workflow() {
        let service = ("ST1103", 10, Level::Warn);
        assert_eq!(workflow("--init", "a:/a", &[]), [service]);
        assert_eq!(
            workflow("--privileged", "a:/a", &[]),
            [("ST1701", 7, Level::Deny), service]
        );
        assert_eq!(
            workflow("--privileged", "a:/a", &["--privileged"]),
            [("ST1701", 7, Level::Warn), service]
        );
        assert_eq!(
            workflow("--init", "/var/run/docker.sock:/var/run/docker.sock", &[]),
            [("ST1702", 8, Level::Deny), service]
        );
        assert_eq!(
            workflow("--init", "/:/host", &[]),
            [("ST1701", 8, Level::Deny), service]
        );
    }

    #[test]
    fn rights_in_a_compose_file() {
        let check = |service: &str| {
            let text = format!("services:\n  a:\n    image: redis:7@sha256:00\n    {service}\n");
            told(&of_compose(&text, "compose.yml", &Policy::default()).unwrap())
        };
        let denied = |id| vec![(id, 4, Level::Deny)];
        for (text, id) in [
            ("privileged: true", "ST1701"),
            ("pid: host", "ST1701"),
            ("cap_add: [CAP_SYS_ADMIN]", "ST1701"),
            ("security_opt: ['seccomp:unconfined']", "ST1701"),
            ("devices: ['/dev/kvm']", "ST1701"),
            ("volumes: ['/:/host:ro']", "ST1701"),
            (
                "volumes: [{ type: bind, source: /etc, target: /e }]",
                "ST1701",
            ),
            ("volumes: ['/var/run/docker.sock:/s']", "ST1702"),
        ] {
            assert_eq!(check(text), denied(id), "{text}");
        }
        for text in [
            "privileged: false",
            "pid: 'service:b'",
            "cap_add: [NET_BIND_SERVICE]",
            "volumes: ['./src:/src', 'data:/data']",
        ] {
            assert_eq!(check(text), [], "{text}");
        }
        assert!(of_compose("services: [", "c", &Policy::default()).is_err());
        assert_eq!(of_compose("a: 1", "c", &Policy::default()), Ok(Vec::new()));
    }
}
