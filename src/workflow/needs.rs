//! `needs`: every job it names exists, and no job waits for itself.

use std::collections::{HashMap, HashSet};

use super::model::Job;
use super::names::{folded, shown, suggestion};
use super::node::Text;
use super::problem::Problem;
use super::read::Reader;

/// Most job ids that are compared with a name that is none.
const MAX_COMPARED: usize = 200;

/// Checks `needs` of all jobs and spells each as the job's own id, since GitHub
/// ignores capitals here. `ids` are those of all jobs, the unreadable ones too.
pub(crate) fn check_needs(reader: &mut Reader, jobs: &mut [Job], ids: &[&Text]) {
    let spelled: HashMap<String, &str> = ids
        .iter()
        .map(|id| (folded(id.as_str()), id.as_str()))
        .collect();
    for job in jobs.iter_mut() {
        for need in &mut job.needs {
            match spelled.get(&folded(need.as_str())) {
                Some(id) if *id == job.id.as_str() => {
                    let message = format!("job `{}` needs itself", shown(id));
                    reader.problem(Problem::new(need.span, message));
                }
                Some(id) => (*id).clone_into(&mut need.value),
                None => unknown(reader, &job.id, need, ids),
            }
        }
    }
    for cycle in cycles(jobs) {
        reader.problem(cycle);
    }
}

/// Reports a need that is no job.
fn unknown(reader: &mut Reader, job: &Text, need: &Text, ids: &[&Text]) {
    if reader.full() {
        return;
    }
    let others = ids
        .iter()
        .take(MAX_COMPARED)
        .map(|id| id.as_str())
        .filter(|id| *id != job.as_str());
    let hint = if ids.len() > 1 {
        suggestion(need.as_str(), others, "the other jobs are")
    } else {
        "it is the only job".to_owned()
    };
    let message = format!(
        "job `{}` needs `{}`, which is not a job of this workflow",
        shown(job.as_str()),
        shown(need.as_str())
    );
    reader.problem(Problem::new(need.span, message).with_hint(hint));
}

/// One problem for each circle of jobs, at the need with which its first job
/// enters it.
fn cycles(jobs: &[Job]) -> Vec<Problem> {
    let index: HashMap<&str, usize> = jobs
        .iter()
        .enumerate()
        .map(|(at, job)| (job.id.as_str(), at))
        .collect();
    // What each job waits for, itself and unknown jobs left out: those are
    // reported already.
    let needs: Vec<Vec<(usize, &Text)>> = jobs
        .iter()
        .enumerate()
        .map(|(at, job)| {
            let known = job.needs.iter().filter_map(|need| {
                let other = *index.get(need.as_str())?;
                (other != at).then_some((other, need))
            });
            known.collect()
        })
        .collect();
    let waiting = never_ready(&needs);
    let mut visited: HashSet<usize> = HashSet::new();
    let mut problems = Vec::new();
    for start in 0..jobs.len() {
        let mut path: Vec<(usize, &Text)> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut at = start;
        while waiting.contains(&at) && visited.insert(at) {
            let Some((next, need)) = needs[at].iter().find(|(other, _)| waiting.contains(other))
            else {
                break;
            };
            places.insert(at, path.len());
            path.push((at, need));
            at = *next;
        }
        if let Some(first) = places.get(&at) {
            problems.push(circle(jobs, &path[*first..]));
        }
    }
    problems
}

/// The jobs that would never start, because they wait for each other.
fn never_ready(needs: &[Vec<(usize, &Text)>]) -> HashSet<usize> {
    let mut open: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut waited_for_by: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (at, list) in needs.iter().enumerate() {
        for (other, _) in list {
            waited_for_by[*other].push(at);
        }
    }
    let mut ready: Vec<usize> = (0..needs.len()).filter(|at| open[*at] == 0).collect();
    while let Some(done) = ready.pop() {
        for at in &waited_for_by[done] {
            open[*at] -= 1;
            if open[*at] == 0 {
                ready.push(*at);
            }
        }
    }
    (0..needs.len()).filter(|at| open[*at] > 0).collect()
}

/// The report of one circle, from the job that stands first in the file.
fn circle(jobs: &[Job], path: &[(usize, &Text)]) -> Problem {
    const LONGEST: usize = 12;
    let first = (0..path.len()).min_by_key(|at| path[*at].0).unwrap_or(0);
    let (before, from) = path.split_at(first);
    let mut names: Vec<String> = from
        .iter()
        .chain(before)
        .take(LONGEST)
        .map(|(at, _)| shown(jobs[*at].id.as_str()))
        .collect();
    if path.len() > LONGEST {
        names.push("…".to_owned());
    }
    let start = path[first];
    names.push(shown(jobs[start.0].id.as_str()));
    Problem::new(
        start.1.span,
        format!("jobs wait for each other: {}", names.join(" → ")),
    )
    .with_hint("remove one of these `needs`")
}
