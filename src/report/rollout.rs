//! What `seatrial rollout` shows.

use serde_json::{Value, json};

use super::format::start;
use super::style::{Look, Sign, Tone};
use super::table::wrap;
use super::text::one_line;
use crate::history::Decision;
use crate::rollout::{Evidence, Flag, Judgement, Readiness, Watched};

/// Version of the JSON form.
const SCHEMA: u32 = 1;
/// Narrowest terminal that is laid out for.
const NARROW: usize = 40;
/// Most decisions that are shown.
const DECISIONS: usize = 5;

/// Where a roll-out stands.
#[derive(Debug, Clone)]
pub(crate) struct RolloutState<'a> {
    /// The workflow file.
    pub(crate) workflow: &'a str,
    /// `owner/name`, or whatever runs have in its place.
    pub(crate) repository: &'a str,
    /// The commit of the checkout; empty without git.
    pub(crate) sha: &'a str,
    /// The flag, where it is known.
    pub(crate) flag: Option<&'a str>,
    /// Whether GitHub was asked for it.
    pub(crate) asked_github: bool,
    /// What the triggers see.
    pub(crate) judgement: Judgement,
    /// Whether containers may count again, where seatrial went back from them.
    pub(crate) readiness: Option<Readiness>,
    /// What was decided, the last one first.
    pub(crate) decisions: &'a [Decision],
}

impl RolloutState<'_> {
    /// Where the tests of this commit run, in a word.
    fn place(&self) -> Option<&'static str> {
        let place = self.flag.and_then(Flag::parse)?.of_commit(self.sha)?;
        Some(place.as_str())
    }
}

/// The state for programs.
pub(crate) fn rollout_json(state: &RolloutState<'_>) -> Value {
    json!({
        "schema": SCHEMA,
        "workflow": state.workflow,
        "repository": state.repository,
        "sha": state.sha,
        "flag": state.flag,
        "place": state.place(),
        "runs": state.judgement.runs,
        "infrastructure_failures": state.judgement.infrastructure,
        "triggers": state.judgement.watched,
        "readiness": state.readiness,
        "decisions": state.decisions,
    })
}

/// The state for a person.
pub(crate) fn rollout_text(state: &RolloutState<'_>, width: usize, look: Look) -> String {
    let width = width.max(NARROW);
    let mut lines = vec![look.paint(Tone::Strong, &one_line(state.workflow))];
    let flag = match (state.flag, state.place()) {
        (Some(flag), Some(place)) => format!("flag      {} (this commit: {place})", one_line(flag)),
        (Some(flag), None) => format!("flag      {}", one_line(flag)),
        (None, _) if state.asked_github => {
            "flag      not set: the workflow's own default".to_owned()
        }
        (None, _) => "flag      not known here: `--github` asks for it".to_owned(),
    };
    lines.push(flag);
    let judgement = &state.judgement;
    let infrastructure = match judgement.infrastructure {
        0 => String::new(),
        count => format!(", {count} of them failed by the infrastructure"),
    };
    lines.push(format!(
        "runs      {} in containers{infrastructure}",
        judgement.runs
    ));
    if let Some(ready) = &state.readiness {
        let enough = if ready.is_ready() {
            "enough"
        } else {
            "not enough"
        };
        let broken = ready
            .broken_by
            .as_deref()
            .map_or(String::new(), |why| format!("; {}", one_line(why)));
        lines.push(format!(
            "back      {} of {} clean shadow runs since the roll-back: {enough} to come back{broken}",
            ready.clean, ready.wanted
        ));
    }
    lines.push(String::new());
    lines.push(look.paint(Tone::Strong, "triggers"));
    for watched in &judgement.watched {
        trigger(&mut lines, watched, width, look);
    }
    if !state.decisions.is_empty() {
        lines.push(String::new());
        lines.push(look.paint(Tone::Strong, "decisions"));
        for decision in state.decisions.iter().take(DECISIONS) {
            lines.extend(folded("  ", &of_decision(decision), width));
        }
    }
    lines.join("\n") + "\n"
}

fn trigger(lines: &mut Vec<String>, watched: &Watched, width: usize, look: Look) {
    let (sign, word) = match watched.fired {
        true => (Sign::Bad, "fires"),
        false => (Sign::Good, "quiet"),
    };
    lines.push(format!(
        "{} {} {}",
        look.painted(sign),
        look.paint(sign.tone(), word),
        look.paint(Tone::Strong, watched.trigger.as_str())
    ));
    lines.extend(folded("    ", &one_line(&watched.seen), width));
    if watched.fired {
        for one in &watched.evidence {
            lines.extend(folded("      ", &of_evidence(one), width));
        }
    }
}

fn of_evidence(one: &Evidence) -> String {
    let sha: String = one.sha.chars().take(7).collect();
    let of = match sha.is_empty() {
        true => String::new(),
        false => format!(" ({})", one_line(&sha)),
    };
    format!("{}{of}: {}", one_line(&one.run), one_line(&one.text))
}

fn of_decision(decision: &Decision) -> String {
    let mut text = start(decision.at).unwrap_or_default();
    text.push_str(&format!(" {}", decision.kind.as_str()));
    if let Some(after) = &decision.after {
        let before = decision.before.as_deref().unwrap_or("not set");
        text.push_str(&format!(
            " {} instead of {}",
            one_line(after),
            one_line(before)
        ));
    }
    text.push_str(&format!(": {}", one_line(&decision.reason)));
    text
}

/// Text in lines that all begin with `indent`.
fn folded(indent: &str, text: &str, width: usize) -> Vec<String> {
    wrap(text, width.saturating_sub(indent.len()).max(20))
        .into_iter()
        .map(|line| format!("{indent}{line}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::DecisionKind;
    use crate::rollout::Trigger;

    #[test]
    fn a_state_for_a_person() {
        let decision = Decision {
            id: "one".to_owned(),
            at: 1_795_000_000_000,
            repository: "acme/app".to_owned(),
            workflow: "test.yml".to_owned(),
            sha: String::new(),
            kind: DecisionKind::RollBack,
            before: Some("true".to_owned()),
            after: Some("false".to_owned()),
            reason: "3 runs in a row lost reports".to_owned(),
            triggers: vec!["lost_reports".to_owned()],
            done: Vec::new(),
        };
        let watched = |trigger, fired| Watched {
            trigger,
            fired,
            seen: "what is seen of it".to_owned(),
            evidence: vec![Evidence {
                run: "run-9".to_owned(),
                sha: "0123456789".to_owned(),
                text: "junit.xml was not written".to_owned(),
            }],
        };
        let state = RolloutState {
            workflow: ".github/workflows/test.yml",
            repository: "acme/app",
            sha: "00000ff000000000000000000000000000000000",
            flag: Some("60%"),
            asked_github: false,
            judgement: Judgement {
                runs: 12,
                infrastructure: 1,
                watched: vec![
                    watched(Trigger::SlowTests, false),
                    watched(Trigger::LostReports, true),
                ],
            },
            readiness: Some(Readiness {
                clean: 2,
                wanted: 5,
                broken_by: None,
            }),
            decisions: &[decision],
        };
        let look = Look {
            colour: false,
            ascii: false,
        };
        insta::assert_snapshot!(rollout_text(&state, 72, look));
        assert_eq!(rollout_json(&state)["place"], "container");
    }
}
