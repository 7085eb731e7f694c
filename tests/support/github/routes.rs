//! What the fake GitHub answers, and what it refuses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::http::{Reply, Request, decoded};
use super::state::{Caller, Comment, Commit, Content, Level, Repo, Run, State};

/// Entries of a page, where fewer are asked for.
const PAGE: usize = 100;

fn refuse(status: u16, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"message": message, "documentation_url": "https://docs.github.com/rest"}),
    )
}

fn missing() -> Reply {
    refuse(404, "Not Found")
}

/// The API.
pub(super) fn api(state: &mut State, request: &Request) -> Reply {
    state
        .asked
        .push(format!("{} {}", request.method, request.path));
    let given = request.headers.get("authorization");
    let token = given.and_then(|value| value.strip_prefix("Bearer "));
    let Some(caller) = token.and_then(|token| state.tokens.get(token)).cloned() else {
        return refuse(401, "Bad credentials");
    };
    if request.path == "/rate_limit" {
        let core = json!({"limit": 5000, "remaining": state.remaining, "reset": state.reset});
        return Reply::json(200, &json!({"resources": {"core": core}}));
    }
    if state.now >= state.reset {
        state.remaining = 5000;
        state.reset = state.now + 3600;
    }
    if state.remaining == 0 {
        return refuse(403, "API rate limit exceeded for user ID 1.")
            .with("x-ratelimit-remaining", "0")
            .with("x-ratelimit-reset", state.reset.to_string());
    }
    state.remaining -= 1;
    if state.now < state.busy_until {
        let reply = refuse(
            403,
            "You have exceeded a secondary rate limit. Please wait a few minutes.",
        )
        .with("x-ratelimit-remaining", state.remaining.to_string());
        return match state.tells_retry_after {
            true => reply.with("retry-after", (state.busy_until - state.now).to_string()),
            false => reply,
        };
    }
    let reply = authorised(state, request, &caller);
    let reply = reply.with("x-ratelimit-remaining", state.remaining.to_string());
    match &caller.scopes {
        Some(scopes) => reply.with("x-oauth-scopes", scopes.clone()),
        None => reply,
    }
}

fn authorised(state: &mut State, request: &Request, caller: &Caller) -> Reply {
    let path: Vec<String> = request
        .path
        .trim_start_matches('/')
        .split('/')
        .map(decoded)
        .collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["user"] => match &caller.login {
            Some(login) => Reply::json(200, &json!({"login": login, "type": "User"})),
            None => refuse(403, "Resource not accessible by integration"),
        },
        ["repositories", id, rest @ ..] => {
            let name = decoded(id).replace(':', "/");
            of_repository(state, request, caller, &name, rest)
        }
        ["repos", owner, name, rest @ ..] => {
            let name = format!("{owner}/{name}");
            if let Some(new) = state.repos.get(&name).and_then(|repo| repo.renamed.clone()) {
                let rest: String = rest.iter().map(|part| format!("/{part}")).collect();
                let to = format!("{}/repositories/{}{rest}", state.api, new.replace('/', ":"));
                return Reply::json(301, &json!({"message": "Moved Permanently"}))
                    .with("location", to);
            }
            of_repository(state, request, caller, &name, rest)
        }
        _ => missing(),
    }
}

/// The permission that something takes.
fn permission(method: &str, rest: &[&str]) -> (&'static str, Level) {
    let level = if method == "GET" {
        Level::Read
    } else {
        Level::Write
    };
    let what = match rest {
        ["actions", "variables" | "organization-variables", ..] => "actions_variables",
        ["actions", ..] => "actions",
        ["issues" | "pulls", ..] => "pull_requests",
        ["branches" | "git", ..] => "contents",
        _ => "metadata",
    };
    (what, level)
}

fn of_repository(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    name: &str,
    rest: &[&str],
) -> Reply {
    let Some(mut repo) = state.repos.remove(name) else {
        return missing();
    };
    let (what, level) = permission(&request.method, rest);
    let reply = if repo.private && caller.level("metadata") == Level::None {
        missing()
    } else if caller.level(what) < level {
        let of = if caller.login.is_some() {
            "personal access token"
        } else {
            "integration"
        };
        let word = if level == Level::Read {
            "read"
        } else {
            "write"
        };
        refuse(403, &format!("Resource not accessible by {of}"))
            .with("x-accepted-github-permissions", format!("{what}={word}"))
    } else {
        route(state, &mut repo, request, caller, name, rest)
    };
    state.repos.insert(name.to_owned(), repo);
    reply
}

fn route(
    state: &mut State,
    repo: &mut Repo,
    request: &Request,
    caller: &Caller,
    name: &str,
    rest: &[&str],
) -> Reply {
    match (request.method.as_str(), rest) {
        ("GET", []) => Reply::json(
            200,
            &json!({"full_name": name, "default_branch": "main", "private": repo.private}),
        ),
        (_, ["actions", "variables", ..]) => variables(repo, request, rest),
        ("GET", ["actions", "organization-variables"]) => match &repo.organisation {
            Some(all) => list(
                state,
                request,
                "variables",
                all.iter().map(variable).collect(),
            ),
            None => missing(),
        },
        ("POST", ["actions", "workflows", file, "dispatches"]) => {
            dispatch(state, repo, request, file)
        }
        ("GET", ["actions", ..]) => actions(state, repo, request, rest),
        (_, ["issues", ..]) => comments(state, repo, request, caller, rest),
        ("GET", ["branches", branch]) => branch_of(repo, branch),
        ("GET", ["rules", "branches", ..]) => Reply::json(200, &rules(repo)),
        (_, ["git" | "pulls", ..]) => git(state, repo, request, caller, rest),
        _ => missing(),
    }
}

/// One page of a list, with the link to the next one.
fn list(state: &State, request: &Request, key: &str, all: Vec<Value>) -> Reply {
    let number = |name: &str, usual: usize| {
        request
            .query
            .get(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or(usual)
    };
    let size = number("per_page", 30).clamp(1, PAGE);
    let page = number("page", 1).max(1);
    let total = all.len();
    let part: Vec<Value> = all.into_iter().skip((page - 1) * size).take(size).collect();
    let body = match key {
        "" => Value::Array(part),
        key => json!({"total_count": total, key: part}),
    };
    let reply = Reply::json(200, &body);
    if page * size < total {
        let next = format!(
            "<{0}{1}?per_page={size}&page={2}>; rel=\"next\", <{0}{1}?per_page={size}&page={3}>; rel=\"last\"",
            state.api,
            request.path,
            page + 1,
            total.div_ceil(size)
        );
        return reply.with("link", next);
    }
    reply
}

fn variable((name, value): (&String, &String)) -> Value {
    json!({"name": name, "value": value})
}

fn variables(repo: &mut Repo, request: &Request, rest: &[&str]) -> Reply {
    let text = |key: &str| {
        request
            .body
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let is_name = |name: &str| {
        let first = name.bytes().next().unwrap_or(b'0');
        !first.is_ascii_digit()
            && !name.to_ascii_uppercase().starts_with("GITHUB_")
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match (request.method.as_str(), rest) {
        ("GET", [_, _, name]) => match repo.variables.get_key_value(&name.to_ascii_uppercase()) {
            Some(found) => Reply::json(200, &variable(found)),
            None => missing(),
        },
        ("POST", [_, _]) => {
            let name = text("name").to_ascii_uppercase();
            if !is_name(&name) {
                return refuse(
                    422,
                    "Validation Failed: variable names may only contain alphanumeric characters or underscores",
                );
            }
            if repo.variables.contains_key(&name) {
                return refuse(409, "Already exists - Variable already exists");
            }
            repo.variables.insert(name, text("value").to_owned());
            Reply::json(201, &json!({}))
        }
        ("PATCH", [_, _, name]) => match repo.variables.get_mut(&name.to_ascii_uppercase()) {
            Some(value) => {
                *value = text("value").to_owned();
                Reply::empty(204)
            }
            None => missing(),
        },
        _ => missing(),
    }
}

fn dispatch(state: &mut State, repo: &mut Repo, request: &Request, file: &str) -> Reply {
    let Some(workflow) = repo.workflows.iter().find(|one| one.file == file) else {
        return missing();
    };
    if !workflow.by_hand {
        return refuse(422, "Workflow does not have 'workflow_dispatch' trigger");
    }
    let wants_run = request.body.get("return_run_details").is_some();
    if wants_run && !state.tells_runs && !state.overlooks_wishes {
        return refuse(
            422,
            "Invalid request.\n\n\"return_run_details\" is not a permitted key.",
        );
    }
    let branch = request
        .body
        .get("ref")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !repo.branches.contains_key(branch) {
        return refuse(422, &format!("No ref found for: {branch}"));
    }
    let id = state.number();
    let played = repo.plays.map(|play| play(repo, branch));
    let over = played.is_some();
    repo.runs.insert(
        0,
        Run {
            created: state.now,
            file: file.to_owned(),
            branch: branch.to_owned(),
            event: "workflow_dispatch".to_owned(),
            status: if over { "completed" } else { "queued" }.to_owned(),
            conclusion: over.then(|| "success".to_owned()),
            logs: played.map(Content::Kept),
            hidden: state.hides_runs,
            ..Run::completed(id, "")
        },
    );
    match wants_run && state.tells_runs {
        true => Reply::json(200, &json!({"workflow_run_id": id})),
        false => Reply::empty(204),
    }
}

fn run(run: &Run) -> Value {
    json!({
        "id": run.id,
        "name": "Tests",
        "path": format!(".github/workflows/{}", run.file),
        "head_branch": run.branch,
        "head_sha": run.sha,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "run_attempt": run.attempt,
        "created_at": jiff::Timestamp::from_second(run.created).unwrap().to_string(),
        "html_url": format!("https://github.com/octo/sea/actions/runs/{}", run.id),
    })
}

/// Whether a list asks for a run, which may not appear in it yet.
fn is_listed(one: &mut Run, request: &Request) -> bool {
    if one.hidden > 0 {
        one.hidden -= 1;
        return false;
    }
    let is = |key: &str, value: &str| request.query.get(key).is_none_or(|asked| asked == value);
    is("branch", &one.branch) && is("event", &one.event) && is("head_sha", &one.sha)
}

fn actions(state: &mut State, repo: &mut Repo, request: &Request, rest: &[&str]) -> Reply {
    match rest {
        [_, "workflows", file, "runs"] => {
            if !repo.workflows.iter().any(|one| one.file == *file) {
                return missing();
            }
            let runs = repo.runs.iter_mut().filter(|one| one.file == *file);
            let all = runs.filter_map(|one| is_listed(one, request).then(|| run(one)));
            let all = all.collect();
            list(state, request, "workflow_runs", all)
        }
        [_, "runs"] => {
            let runs = repo.runs.iter_mut();
            let all = runs.filter_map(|one| is_listed(one, request).then(|| run(one)));
            let all = all.collect();
            list(state, request, "workflow_runs", all)
        }
        [_, "runs", id, rest @ ..] => {
            let Some(one) = repo
                .runs
                .iter()
                .find(|run| run.id.to_string() == *id)
                .cloned()
            else {
                return missing();
            };
            of_run(state, request, &one, rest)
        }
        [_, "artifacts", id, "zip"] => {
            let all = repo.runs.iter().flat_map(|run| {
                run.artifacts
                    .iter()
                    .enumerate()
                    .map(|(at, found)| (run.id * 100 + at as u64, found))
            });
            let found = all
                .into_iter()
                .find(|(number, _)| number.to_string() == *id);
            match found.map(|(_, (_, content))| content.clone()) {
                Some(content) => redirect(state, Some(content)),
                None => missing(),
            }
        }
        _ => missing(),
    }
}

fn of_run(state: &mut State, request: &Request, one: &Run, rest: &[&str]) -> Reply {
    let attempt = one.attempt.to_string();
    match rest {
        [] => Reply::json(200, &run(one)),
        ["attempts", number, ..] if **number > *attempt.as_str() => missing(),
        ["attempts", _, "logs"] => redirect(state, one.logs.clone()),
        ["attempts", _, "jobs"] => {
            let jobs = one.jobs.iter().map(|job| {
                let steps: Vec<Value> = job.steps.iter().zip(1..).map(|((name, conclusion), number)| {
                    json!({"name": name, "number": number, "conclusion": conclusion})
                }).collect();
                json!({"name": job.name, "status": "completed", "conclusion": job.conclusion, "steps": steps})
            });
            list(state, request, "jobs", jobs.collect())
        }
        ["artifacts"] => {
            let all = one.artifacts.iter().zip(0_u64..).map(|((name, content), at)| {
                let (size, expired) = match content {
                    Content::Kept(bytes) => (bytes.len(), false),
                    Content::Expired => (10, true),
                };
                json!({"id": one.id * 100 + at, "name": name, "size_in_bytes": size, "expired": expired})
            });
            list(state, request, "artifacts", all.collect())
        }
        _ => missing(),
    }
}

/// Leads to the store, for a minute.
fn redirect(state: &mut State, content: Option<Content>) -> Reply {
    match content {
        None => missing(),
        Some(Content::Expired) => refuse(410, "Server Error"),
        Some(Content::Kept(bytes)) => {
            let place = format!("/blob/{}", state.number());
            let to = format!("{}{place}?sig=s3cr3t", state.store);
            state.granted.insert(place, (bytes, state.now + 60));
            Reply::empty(302).with("location", to)
        }
    }
}

/// The store, which refuses whoever comes with a token: the address is the grant.
pub(super) fn store(state: &mut State, request: &Request) -> Reply {
    state.asked.push(format!("STORE {}", request.path));
    if request.headers.contains_key("authorization") {
        return Reply::json(400, &json!({"message": "InvalidAuthenticationInfo"}));
    }
    match state.granted.get(&request.path) {
        Some((bytes, until)) if state.now < *until && request.query.contains_key("sig") => Reply {
            status: 200,
            headers: vec![("content-type", "application/zip".to_owned())],
            body: bytes.clone(),
        },
        _ => Reply::json(403, &json!({"message": "AuthenticationFailed"})),
    }
}

fn comments(
    state: &mut State,
    repo: &mut Repo,
    request: &Request,
    caller: &Caller,
    rest: &[&str],
) -> Reply {
    let shown = |one: &Comment| {
        json!({
            "id": one.id,
            "body": one.body,
            "user": {"login": one.login, "type": one.kind},
            "html_url": format!("https://github.com/octo/sea/pull/{}#issuecomment-{}", one.pull, one.id),
        })
    };
    let body = request
        .body
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if request.method != "GET" && body.chars().count() > 65_536 {
        return refuse(
            422,
            "Validation Failed: body is too long (maximum is 65536 characters)",
        );
    }
    match (request.method.as_str(), rest) {
        ("PATCH", [_, "comments", id]) => {
            let Some(one) = repo
                .comments
                .iter_mut()
                .find(|one| one.id.to_string() == *id)
            else {
                return missing();
            };
            one.body = body.to_owned();
            Reply::json(200, &shown(one))
        }
        (method, [_, number, "comments"]) => {
            let pull = number.parse().unwrap_or(0);
            if !repo.pulls.contains(&pull) {
                return missing();
            }
            if method == "GET" {
                let all = repo
                    .comments
                    .iter()
                    .filter(|one| one.pull == pull)
                    .map(shown);
                let all = all.collect();
                return list(state, request, "", all);
            }
            let (login, kind) = caller.shown();
            let one = Comment {
                id: state.number(),
                pull,
                login: login.to_owned(),
                kind: kind.to_owned(),
                body: body.to_owned(),
            };
            repo.comments.push(one.clone());
            Reply::json(201, &shown(&one))
        }
        _ => missing(),
    }
}

fn branch_of(repo: &Repo, branch: &str) -> Reply {
    if !repo.branches.contains_key(branch) {
        return refuse(404, "Branch not found");
    }
    let is_protected = !repo.protection.is_empty();
    let checks: Vec<Value> = repo
        .protection
        .iter()
        .map(|(context, app)| json!({"context": context, "app_id": app}))
        .collect();
    let contexts: Vec<&String> = repo.protection.iter().map(|(context, _)| context).collect();
    let level = if is_protected { "non_admins" } else { "off" };
    let status = json!({"enforcement_level": level, "contexts": contexts, "checks": checks});
    let protection = json!({"enabled": is_protected, "required_status_checks": status});
    Reply::json(200, &json!({"name": branch, "protection": protection}))
}

fn rules(repo: &Repo) -> Value {
    let mut by_ruleset: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for (ruleset, context, app) in &repo.rules {
        let check = json!({"context": context, "integration_id": app});
        by_ruleset.entry(*ruleset).or_default().push(check);
    }
    let mut all = vec![json!({"type": "non_fast_forward", "ruleset_id": 1})];
    all.extend(by_ruleset.into_iter().map(|(id, checks)| {
        json!({
            "type": "required_status_checks",
            "ruleset_id": id,
            "parameters": {"required_status_checks": checks},
        })
    }));
    Value::Array(all)
}

fn git(
    state: &mut State,
    repo: &mut Repo,
    request: &Request,
    caller: &Caller,
    rest: &[&str],
) -> Reply {
    let text = |key: &str| {
        request
            .body
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match (request.method.as_str(), rest) {
        ("GET", [_, "ref", "heads", branch @ ..]) => match repo.branches.get(&branch.join("/")) {
            Some(sha) => Reply::json(200, &json!({"object": {"sha": sha, "type": "commit"}})),
            None => missing(),
        },
        ("GET", [_, "commits", sha]) => match repo.commits.get(*sha) {
            Some(commit) => Reply::json(200, &json!({"sha": sha, "tree": {"sha": commit.tree}})),
            None => missing(),
        },
        ("POST", [_, "trees"]) => {
            let Some(mut files) = repo.trees.get(text("base_tree")).cloned() else {
                return refuse(422, "base_tree is not a valid tree oid");
            };
            let entries = request.body.get("tree").and_then(Value::as_array).cloned();
            for entry in entries.unwrap_or_default() {
                let path = entry["path"].as_str().unwrap_or_default().to_owned();
                let of_workflow = path.starts_with(".github/workflows/");
                if of_workflow && caller.level("workflows") < Level::Write {
                    return refuse(403, "Resource not accessible by personal access token").with(
                        "x-accepted-github-permissions",
                        "contents=write,workflows=write",
                    );
                }
                match entry["content"].as_str() {
                    Some(content) => {
                        files.insert(path, content.to_owned());
                    }
                    None if files.remove(&path).is_none() => {
                        return refuse(422, "GitRPC::BadObjectState");
                    }
                    None => {}
                }
            }
            let sha = format!("t{}", state.number());
            repo.trees.insert(sha.clone(), files);
            Reply::json(201, &json!({"sha": sha}))
        }
        ("POST", [_, "commits"]) => {
            let parents: Vec<String> =
                serde_json::from_value(request.body["parents"].clone()).unwrap_or_default();
            let known = parents.iter().all(|sha| repo.commits.contains_key(sha));
            if !known || !repo.trees.contains_key(text("tree")) {
                return refuse(422, "Tree or parent does not exist");
            }
            let sha = format!("c{}", state.number());
            let commit = Commit {
                tree: text("tree").to_owned(),
                parents,
                message: text("message").to_owned(),
            };
            repo.commits.insert(sha.clone(), commit);
            Reply::json(201, &json!({"sha": sha}))
        }
        ("POST", [_, "refs"]) => {
            let Some(branch) = text("ref").strip_prefix("refs/heads/") else {
                return refuse(422, "Reference name must start with 'refs/'.");
            };
            if !repo.commits.contains_key(text("sha")) {
                return refuse(422, "Object does not exist");
            }
            if repo.branches.contains_key(branch) {
                return refuse(422, "Reference already exists");
            }
            repo.branches
                .insert(branch.to_owned(), text("sha").to_owned());
            Reply::json(201, &json!({"ref": text("ref")}))
        }
        ("POST", ["pulls"]) => {
            if state.refuses_pulls {
                return refuse(
                    403,
                    "GitHub Actions is not permitted to create or approve pull requests.",
                );
            }
            let there = |branch: &str| repo.branches.contains_key(branch);
            if !(there(text("head")) && there(text("base"))) || text("title").is_empty() {
                return Reply::json(
                    422,
                    &json!({
                        "message": "Validation Failed",
                        "errors": [{"resource": "PullRequest", "field": "head", "code": "invalid"}],
                    }),
                );
            }
            let number = state.number();
            repo.pulls.insert(number);
            Reply::json(
                201,
                &json!({"html_url": format!("https://github.com/octo/sea/pull/{number}")}),
            )
        }
        _ => missing(),
    }
}
