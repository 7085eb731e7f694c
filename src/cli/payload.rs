//! The payload of an event, made up as far as workflows ask for it (GitHub docs,
//! "Webhook events and payloads"). What a given file says is laid over it.

use serde_json::{Map, Value, json};

use super::git::Checkout;

/// Number of a made-up pull request.
const NUMBER: u64 = 1;
/// Numbers of a made-up repository and its people.
const ID: u64 = 1;

/// What a payload is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made<'a> {
    /// Name of the event.
    pub(super) event: &'a str,
    /// Activity type.
    pub(super) action: Option<&'a str>,
    /// `owner/name`.
    pub(super) repository: &'a str,
    /// Branch that pull requests go to.
    pub(super) default_branch: &'a str,
    /// What git knows.
    pub(super) checkout: &'a Checkout,
    /// Full ref that the event is about.
    pub(super) reference: &'a str,
    /// Who started it.
    pub(super) actor: &'a str,
    /// Path of the workflow file.
    pub(super) workflow: &'a str,
    /// The first `cron` of the workflow.
    pub(super) cron: Option<&'a str>,
}

impl Made<'_> {
    /// The payload.
    pub(super) fn payload(&self) -> Value {
        let mut all = Map::new();
        if let Some(action) = self.action {
            all.insert("action".to_owned(), action.into());
        }
        all.insert("repository".to_owned(), self.repository());
        all.insert("sender".to_owned(), user(self.actor));
        let more = match self.event {
            "push" => self.push(),
            "workflow_dispatch" => {
                json!({"inputs": {}, "ref": self.reference, "workflow": self.workflow})
            }
            "schedule" => json!({"schedule": self.cron, "workflow": self.workflow}),
            "release" => json!({"release": self.release()}),
            "merge_group" => json!({"merge_group": self.merge_group()}),
            "repository_dispatch" => {
                json!({"branch": self.default_branch, "client_payload": {}})
            }
            "workflow_run" => json!({"workflow_run": self.workflow_run()}),
            "create" => json!({
                "ref": self.short(),
                "ref_type": if self.reference.starts_with("refs/tags/") { "tag" } else { "branch" },
                "master_branch": self.default_branch,
            }),
            event if event.starts_with("pull_request") => json!({
                "number": NUMBER,
                "pull_request": self.pull_request(),
            }),
            _ => json!({"ref": self.reference}),
        };
        if let Value::Object(more) = more {
            all.extend(more);
        }
        Value::Object(all)
    }

    fn short(&self) -> &str {
        ["refs/heads/", "refs/tags/"]
            .iter()
            .find_map(|prefix| self.reference.strip_prefix(prefix))
            .unwrap_or(self.reference)
    }

    fn url(&self) -> String {
        format!("https://github.com/{}", self.repository)
    }

    fn owner(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }

    fn repository(&self) -> Value {
        let full_name = self.repository;
        let name = full_name.rsplit('/').next().unwrap_or_default();
        json!({
            "id": ID,
            "name": name,
            "full_name": full_name,
            "private": false,
            "visibility": "public",
            "owner": user(self.owner()),
            "html_url": self.url(),
            "clone_url": format!("{}.git", self.url()),
            "ssh_url": format!("git@github.com:{full_name}.git"),
            "url": format!("https://api.github.com/repos/{full_name}"),
            "description": null,
            "fork": false,
            "archived": false,
            "default_branch": self.default_branch,
            "topics": [],
        })
    }

    fn commit(&self) -> Value {
        let checkout = self.checkout;
        let person =
            json!({"name": checkout.author, "email": checkout.email, "username": self.actor});
        json!({
            "id": checkout.sha,
            "message": checkout.message,
            "timestamp": checkout.time,
            "url": format!("{}/commit/{}", self.url(), checkout.sha),
            "author": person,
            "committer": person,
            "distinct": true,
        })
    }

    fn push(&self) -> Value {
        let checkout = self.checkout;
        let before = checkout.before.clone().unwrap_or_else(|| "0".repeat(40));
        json!({
            "ref": self.reference,
            "before": before,
            "after": checkout.sha,
            "base_ref": null,
            "created": false,
            "deleted": false,
            "forced": false,
            "compare": format!("{}/compare/{before}...{}", self.url(), checkout.sha),
            "commits": [self.commit()],
            "head_commit": self.commit(),
            "pusher": {"name": self.actor, "email": checkout.email},
        })
    }

    fn pull_request(&self) -> Value {
        let checkout = self.checkout;
        let side = |branch: &str, sha: &str| {
            json!({
                "label": format!("{}:{branch}", self.owner()),
                "ref": branch,
                "sha": sha,
                "user": user(self.owner()),
                "repo": self.repository(),
            })
        };
        let base = checkout.default_sha.as_deref().unwrap_or_default();
        json!({
            "id": ID,
            "number": NUMBER,
            "state": if self.action == Some("closed") { "closed" } else { "open" },
            "locked": false,
            "draft": false,
            "merged": false,
            "mergeable": true,
            "title": checkout.message.lines().next().unwrap_or_default(),
            "body": null,
            "html_url": format!("{}/pull/{NUMBER}", self.url()),
            "url": format!("https://api.github.com/repos/{}/pulls/{NUMBER}", self.repository),
            "user": user(self.actor),
            "author_association": "OWNER",
            "auto_merge": null,
            "labels": [],
            "assignees": [],
            "requested_reviewers": [],
            "milestone": null,
            "merge_commit_sha": checkout.sha,
            "head": side(self.short(), &checkout.sha),
            "base": side(self.default_branch, base),
        })
    }

    fn release(&self) -> Value {
        let tag = self.short();
        json!({
            "id": ID,
            "tag_name": tag,
            "target_commitish": self.default_branch,
            "name": tag,
            "body": "",
            "draft": false,
            "prerelease": false,
            "published_at": self.checkout.time,
            "html_url": format!("{}/releases/tag/{tag}", self.url()),
            "author": user(self.actor),
            "assets": [],
        })
    }

    fn merge_group(&self) -> Value {
        let base = self.checkout.default_sha.as_deref().unwrap_or_default();
        let branch = self.default_branch;
        json!({
            "head_sha": self.checkout.sha,
            "head_ref": format!("refs/heads/gh-readonly-queue/{branch}/pr-{NUMBER}-{base}"),
            "base_sha": base,
            "base_ref": format!("refs/heads/{branch}"),
            "head_commit": self.commit(),
        })
    }

    fn workflow_run(&self) -> Value {
        json!({
            "id": ID,
            "event": "push",
            "status": "completed",
            "conclusion": "success",
            "head_branch": self.default_branch,
            "head_sha": self.checkout.sha,
            "head_repository": self.repository(),
            "run_number": 1,
            "run_attempt": 1,
            "actor": user(self.actor),
            "pull_requests": [],
        })
    }
}

fn user(login: &str) -> Value {
    json!({
        "login": login,
        "id": ID,
        "type": "User",
        "html_url": format!("https://github.com/{login}"),
    })
}

/// Lays a given payload over a made-up one, field by field. Lists are taken whole.
pub(super) fn laid_over(made: &mut Value, given: Value) {
    match (made, given) {
        (Value::Object(made), Value::Object(given)) => {
            for (key, value) in given {
                match made.get_mut(&key) {
                    Some(own) => laid_over(own, value),
                    None => {
                        made.insert(key, value);
                    }
                }
            }
        }
        (made, given) => *made = given,
    }
}
