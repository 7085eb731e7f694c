//! `container` and `services` of a job.

use super::model::{Container, Entries};
use super::names::shown;
use super::node::{Node, NodeKind, Text};
use super::problem::Problem;
use super::read::{Keys, Reader, first_key};

/// Keys of `container` (`container-mapping` of `workflow-v1.0.json`).
pub(super) const KEYS: [&str; 6] = ["image", "env", "ports", "volumes", "options", "credentials"];

/// Keys of a service (`service-container-mapping`).
pub(super) const SERVICE_KEYS: [&str; 8] = [
    "image",
    "env",
    "ports",
    "volumes",
    "options",
    "credentials",
    "entrypoint",
    "command",
];

impl Reader {
    /// `container`: an image, or a map. An expression for the whole is kept as the
    /// image. GitHub runs the job without a container where the image is empty.
    pub(crate) fn job_container(&mut self, node: &Node, what: &str) -> Option<Container> {
        let (container, imageless) = self.container(node, what, &KEYS)?;
        if imageless && node.get("image").is_none() {
            let message = format!("{what} has no `image`, so the job runs without a container");
            self.warning(Problem::new(first_key(node), message));
        }
        Some(container)
    }

    /// `services`.
    pub(crate) fn services(
        &mut self,
        node: &Node,
        what: &str,
        scope: &str,
    ) -> Vec<(Text, Container)> {
        let mut services = Vec::new();
        for (name, node) in self.map_not_expression(node, what).unwrap_or_default() {
            let what = format!("service `{}` of {scope}", shown(name.as_str()));
            let Some((container, imageless)) = self.container(node, &what, &SERVICE_KEYS) else {
                continue;
            };
            if imageless {
                let message = format!("{what} has no `image`");
                self.problem(Problem::new(name.span, message));
            }
            services.push((name.clone(), container));
        }
        services
    }

    /// A container in either form, and whether it has no image, nor a key that was
    /// meant to be one.
    fn container(
        &mut self,
        node: &Node,
        what: &str,
        allowed: &[&str],
    ) -> Option<(Container, bool)> {
        let mut container = Container::default();
        let NodeKind::Map(entries) = &node.kind else {
            if node.kind == NodeKind::Null || matches!(node.kind, NodeKind::Seq(_)) {
                self.wrong(node, what, "an image or a map with `image`");
                return None;
            }
            let image = self.text(node, what)?;
            let imageless = image.value.is_empty();
            container.image = Some(image);
            return Some((container, imageless));
        };
        let mut keys = Keys::default();
        for (key, value) in entries {
            if !allowed.contains(&key.as_str()) {
                self.unknown_key(&mut keys, key, allowed, what);
                continue;
            }
            let what = format!("`{}` of {what}", key.as_str());
            match key.as_str() {
                "image" => container.image = self.text(value, &what),
                "env" => container.env = self.entries(value, &what),
                "ports" => container.ports = self.texts(value, &what),
                "volumes" => container.volumes = self.texts(value, &what),
                "options" => container.options = self.text(value, &what),
                "credentials" => container.credentials = self.credentials(value, &what),
                "entrypoint" => container.entrypoint = self.text(value, &what),
                "command" => container.command = self.text(value, &what),
                _ => {}
            }
        }
        let image = container.image.as_ref().map_or("", Text::as_str);
        let imageless = image.is_empty() && !keys.meant("image");
        Some((container, imageless))
    }

    /// `credentials`: `username` and `password`.
    fn credentials(&mut self, node: &Node, what: &str) -> Entries {
        const KEYS: [&str; 2] = ["username", "password"];
        let entries = self.entries(node, what);
        let mut keys = Keys::default();
        for (key, _) in &entries {
            if !KEYS.contains(&key.as_str()) {
                self.unknown_key(&mut keys, key, &KEYS, what);
            }
        }
        entries
    }
}
