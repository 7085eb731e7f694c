//! Node to [`ActionFile`], as `ActionManifestManager` of actions/runner reads it:
//! keys that it does not know are left alone, except in steps.

use super::action_file::{ActionFile, ActionInput, DockerAction, NodeAction, Runs};
use super::model::{Step, StepAction};
use super::node::{Node, NodeKind, Text};
use super::problem::Problem;
use super::read::Reader;

/// Forms of `using` that are a version of Node.
const NODES: [&str; 4] = ["node12", "node16", "node20", "node24"];

/// The action that a file describes, and what is wrong with it.
pub(super) fn action(root: &Node) -> Result<ActionFile, Vec<Problem>> {
    let mut reader = Reader::default();
    reader.in_action = true;
    let action = reader.action_file(root);
    let problems = reader.into_problems();
    match action {
        Some(action) if problems.is_empty() => Ok(action),
        _ => Err(problems),
    }
}

impl Reader {
    fn action_file(&mut self, root: &Node) -> Option<ActionFile> {
        const SCOPE: &str = "the action";
        self.map(root, SCOPE)?;
        let inputs = root
            .get("inputs")
            .map(|node| self.action_inputs(node))
            .unwrap_or_default();
        let outputs = root
            .get("outputs")
            .map(|node| self.action_outputs(node))
            .unwrap_or_default();
        let Some(runs) = root.get("runs") else {
            self.problem(Problem::new(root.span, "the action has no `runs`"));
            return None;
        };
        let runs = self.runs(runs)?;
        Some(ActionFile {
            inputs,
            outputs,
            runs,
        })
    }

    fn action_inputs(&mut self, node: &Node) -> Vec<ActionInput> {
        let entries = self.map(node, "`inputs` of the action").unwrap_or_default();
        entries
            .iter()
            .map(|(name, node)| {
                let text = |reader: &mut Self, key: &str| {
                    let what = format!("`{key}` of the input `{}`", name.as_str());
                    node.get(key).and_then(|node| reader.text(node, &what))
                };
                ActionInput {
                    name: name.clone(),
                    default: node.get("default").cloned(),
                    deprecated: text(self, "deprecationMessage"),
                }
            })
            .collect()
    }

    fn action_outputs(&mut self, node: &Node) -> Vec<(Text, Option<Node>)> {
        let entries = self
            .map(node, "`outputs` of the action")
            .unwrap_or_default();
        entries
            .iter()
            .map(|(name, node)| (name.clone(), node.get("value").cloned()))
            .collect()
    }

    fn runs(&mut self, node: &Node) -> Option<Runs> {
        const WHAT: &str = "`runs` of the action";
        self.map(node, WHAT)?;
        let Some(using) = node.get("using") else {
            self.problem(
                Problem::new(node.span, "`runs` of the action has no `using`")
                    .with_hint("one of composite, docker, node20, node24"),
            );
            return None;
        };
        let using = self.filled_literal(using, "`using` of the action")?;
        match using.value.to_ascii_lowercase().as_str() {
            "composite" => {
                let Some(steps) = node.get("steps") else {
                    self.problem(Problem::new(
                        node.span,
                        "the composite action has no `steps`",
                    ));
                    return None;
                };
                let read = self.steps(steps, "`steps` of the action", "the action");
                self.composite_steps(&read);
                Some(Runs::Composite(read))
            }
            "docker" => self.docker_action(node),
            name if NODES.contains(&name) => self.node_action(node, using),
            _ => {
                let message = format!("`using: {}` is not known", using.value);
                self.problem(
                    Problem::new(using.span, message)
                        .with_hint("one of composite, docker, node20, node24"),
                );
                None
            }
        }
    }

    /// What the steps of a composite action must and must not have
    /// (`composite-steps` of `action_yaml.json`).
    fn composite_steps(&mut self, steps: &[Step]) {
        for (number, step) in (1..).zip(steps) {
            if let StepAction::Run {
                script,
                shell: None,
                ..
            } = &step.action
            {
                let message = format!("step {number} of the action has no `shell`");
                self.problem(
                    Problem::new(script.span, message).with_hint(
                        "in an action each `run` names its shell, such as `shell: bash`",
                    ),
                );
            }
            if let Some(limit) = &step.timeout_minutes {
                let message = format!("step {number} of the action has `timeout-minutes`");
                self.problem(
                    Problem::new(limit.span, message)
                        .with_hint("only the step that uses the action may have a limit"),
                );
            }
        }
    }

    fn node_action(&mut self, node: &Node, using: Text) -> Option<Runs> {
        let text = |reader: &mut Self, key: &str| {
            let what = format!("`{key}` of the action");
            node.get(key).and_then(|node| reader.text(node, &what))
        };
        let Some(main) = text(self, "main") else {
            self.problem(Problem::new(node.span, "the action has no `main`"));
            return None;
        };
        Some(Runs::Node(Box::new(NodeAction {
            using,
            main,
            pre: text(self, "pre"),
            pre_if: text(self, "pre-if"),
            post: text(self, "post"),
            post_if: text(self, "post-if"),
        })))
    }

    fn docker_action(&mut self, node: &Node) -> Option<Runs> {
        let Some(image) = node.get("image") else {
            self.problem(Problem::new(node.span, "the action has no `image`"));
            return None;
        };
        let image = self.text(image, "`image` of the action")?;
        let text = |reader: &mut Self, key: &str| {
            let what = format!("`{key}` of the action");
            node.get(key).and_then(|node| reader.text(node, &what))
        };
        let args = node.get("args").map(|node| {
            let items = self.list(node, "`args` of the action").unwrap_or_default();
            items
                .iter()
                .filter_map(|item| self.text(item, "an item of `args` of the action"))
                .collect()
        });
        let env = match node.get("env").map(|node| &node.kind) {
            Some(NodeKind::Map(entries)) => entries.clone(),
            _ => Vec::new(),
        };
        Some(Runs::Docker(Box::new(DockerAction {
            image,
            entrypoint: text(self, "entrypoint"),
            pre: text(self, "pre-entrypoint"),
            pre_if: text(self, "pre-if"),
            post: text(self, "post-entrypoint"),
            post_if: text(self, "post-if"),
            args,
            env,
        })))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::super::action_file::Runs;
    use super::super::parse_action;

    #[test]
    fn a_composite_action_is_read() {
        let action = parse_action(
            "
name: Set up
branding: { icon: box }
inputs:
  version: { description: x, required: true, default: '3.11' }
  old: { deprecationMessage: use version }
outputs:
  path: { value: '${{ steps.a.outputs.path }}' }
runs:
  using: composite
  steps:
    - id: a
      run: echo
      shell: bash
    - uses: ./other
",
        )
        .unwrap();
        assert_eq!(action.inputs.len(), 2);
        assert!(action.inputs[0].default.is_some());
        assert!(action.inputs[1].deprecated.is_some());
        let Runs::Composite(steps) = &action.runs else {
            panic!("{:?}", action.runs)
        };
        assert_eq!(steps.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, message) in [
            ("name: x", "the action has no `runs`"),
            (
                "runs: { using: node8, main: x }",
                "`using: node8` is not known",
            ),
            ("runs: { using: node20 }", "the action has no `main`"),
            ("runs: { using: docker }", "the action has no `image`"),
            (
                "runs: { using: composite, steps: [{ run: x }] }",
                "step 1 of the action has no `shell`",
            ),
            (
                "runs: { using: composite, steps: [{ run: x, shell: sh, timeout-minutes: 1 }] }",
                "step 1 of the action has `timeout-minutes`",
            ),
            (
                "runs: { using: composite, steps: [{ rum: x, shell: sh }] }",
                "unknown key `rum` in step 1 of the action",
            ),
        ] {
            let problems = parse_action(text).unwrap_err();
            assert_eq!(problems[0].message, message, "{text}");
        }
    }
}
