//! Job → legs: what can be told of a job when its workflow, its inputs and, where
//! it depends on them, the results of other jobs are known.

use std::collections::HashMap;
use std::sync::Arc;

use crate::expr::{Allowed, Contexts, Template, Value};
use crate::record::{Cause, JobKey};
use crate::workflow;

use super::frame::Frame;
use super::project::Project;
use super::{
    ComposeServices, ImageNeed, Inputs, Leg, PlanJob, PlanStep, Problems, Sources, call, container,
    contexts, derive, image_need, matrix, pending, select, steps,
};

/// Longest name of a leg (`JobDisplayNameBuilder` of actions/runner).
const MAX_NAME: usize = 100;

/// Plans jobs: before the run, and during it those that depend on what other jobs
/// give.
#[derive(Debug, Clone)]
pub(crate) struct Planner {
    pub(super) inputs: Arc<Inputs>,
    project: Arc<Project>,
    /// The image of legs that need no language.
    base: Option<ImageNeed>,
}

impl Planner {
    pub(super) fn new(inputs: &Inputs) -> Self {
        Self {
            project: Arc::new(Project::read(&inputs.project)),
            inputs: Arc::new(inputs.clone()),
            base: None,
        }
    }

    /// The files that the workflow refers to.
    pub(crate) fn sources(&self) -> &Sources {
        &self.inputs.sources
    }

    /// Gives legs that need no language the base of the others, and remembers it for
    /// jobs that are planned later.
    pub(super) fn settle(&mut self, jobs: &mut [PlanJob]) {
        let base = image_need::base(jobs);
        image_need::settle(jobs, &base);
        self.base = Some(base);
    }

    /// Plans one job of a workflow. `needs` is the `needs` context, once it is known.
    ///
    /// # Errors
    /// What is wrong with the job, or what seatrial cannot do.
    pub(crate) fn job(
        &self,
        frame: &Arc<Frame>,
        job: &Arc<workflow::Job>,
        needs: Option<&Value>,
    ) -> Result<PlanJob, Problems> {
        let id = frame.id(&job.id.value);
        let (job, compose) = &self.with_compose(&id, frame, job)?;
        let pending = needs.is_none() && pending::is_pending(job);
        let mut scope = contexts::plan_scope(&self.inputs, frame, &job.id.value);
        if let Some(needs) = needs {
            scope.set("needs", needs.clone());
        }
        let mut problems = Problems::new();
        let strategy = if pending {
            matrix::Strategy::unknown()
        } else {
            match matrix::expand(job, &scope) {
                Ok(strategy) => strategy,
                Err(problem) => {
                    problems.push(problem);
                    return Err(problems);
                }
            }
        };
        let steps = steps::of_job(job, &id, &self.inputs, &self.project, &mut problems);
        let mut planned = PlanJob {
            frame: Arc::clone(frame),
            docker_socket: self.inputs.on_this_machine.is_none()
                && job.uses.is_none()
                && self.inputs.docker_socket.covers(&id),
            id,
            needs: job.needs.iter().map(|need| need.value.clone()).collect(),
            told_needs: None,
            job: Arc::clone(job),
            legs: Vec::with_capacity(strategy.legs.len()),
            fail_fast: strategy.fail_fast,
            max_parallel: strategy.max_parallel,
            pending,
            compose: compose.clone(),
        };
        // Two legs may show the same values; their keys must differ all the same.
        let mut shown: HashMap<Option<&str>, usize> = HashMap::new();
        let mut derived = None;
        for (index, values) in strategy.legs.iter().enumerate() {
            let scope = contexts::leg_scope(&scope, frame, job, &strategy, index);
            let label = strategy.labels.get(index).and_then(Option::as_deref);
            let times = shown.entry(label).or_default();
            *times += 1;
            let named = (label, *times);
            match self.leg(
                &planned,
                (index, values),
                &scope,
                &steps,
                named,
                &mut derived,
            ) {
                Ok(leg) => planned.legs.push(leg),
                Err(mut found) => {
                    problems.append(&mut found);
                    break;
                }
            }
        }
        if !problems.is_empty() {
            for (_, problem) in &mut problems {
                problem.in_file(&frame.file);
            }
            return Err(problems);
        }
        if let Some(base) = &self.base {
            image_need::settle(std::slice::from_mut(&mut planned), base);
        }
        Ok(planned)
    }

    /// The job with the services of the compose file, where it gets these.
    fn with_compose(
        &self,
        id: &str,
        frame: &Frame,
        job: &Arc<workflow::Job>,
    ) -> Result<(Arc<workflow::Job>, Option<Arc<ComposeServices>>), Problems> {
        let Some(compose) = &self.inputs.compose else {
            return Ok((Arc::clone(job), None));
        };
        match compose.covers(id, job) {
            Ok(false) => Ok((Arc::clone(job), None)),
            Ok(true) => {
                let mut job = workflow::Job::clone(job);
                job.services.clone_from(&compose.services);
                Ok((Arc::new(job), Some(Arc::clone(compose))))
            }
            Err(mut problem) => {
                problem.in_file(&frame.file);
                Err(vec![(Cause::ConfigInvalid, problem)])
            }
        }
    }

    fn leg(
        &self,
        planned: &PlanJob,
        (index, values): (usize, &Value),
        scope: &Contexts,
        steps: &Arc<[PlanStep]>,
        (label, times): (Option<&str>, usize),
        before: &mut Option<derive::Found>,
    ) -> Result<Leg, Problems> {
        let (frame, job) = (&planned.frame, &planned.job);
        let mut key = format!("{}{}", frame.keys, matrix::named(&job.id.value, label));
        if times > 1 {
            key.push_str(&format!(" #{times}"));
        }
        let runs_on = contexts::runs_on(job, scope);
        let only = self.inputs.alone.leg.as_ref();
        // Jobs that it needs, and those of a workflow that it calls, have legs of their own.
        let named = frame.keys.is_empty() && self.inputs.jobs.contains(&job.id.value);
        let only = only.filter(|_| named && !planned.pending);
        let left_out = select::left_out(&runs_on, values, (&self.inputs.matrix, only));
        let name = format!("{}{}", frame.names, leg_name(job, label, scope));
        let image = if job.uses.is_some() || left_out.is_some() || planned.pending {
            ImageNeed::Any
        } else {
            image_need::of_leg(job, steps, &self.inputs, scope).map_err(|problem| vec![problem])?
        };
        if left_out.is_none() {
            let found = container::problems(planned, &self.inputs, scope);
            if !found.is_empty() {
                return Err(found);
            }
        }
        let derives = self.inputs.derive
            && left_out.is_none()
            && !planned.pending
            && job.uses.is_none()
            && self.inputs.on_this_machine.is_none();
        let found = derives
            .then(|| {
                let (of, inputs) = ((&**frame, &**job), &self.inputs);
                derive::of_leg(of, steps, inputs, scope, &image, before.as_ref())
            })
            .flatten();
        let (derived, steps) = match &found {
            Some(found) => (Some(Arc::clone(&found.derived)), Arc::clone(&found.steps)),
            None => (None, Arc::clone(steps)),
        };
        *before = found.or(before.take());
        let mut leg = Leg {
            key: JobKey(key),
            name,
            matrix: values.clone(),
            index,
            runs_on,
            left_out,
            image,
            derived,
            services: container::services(job, scope),
            steps,
            call: None,
        };
        if let Some(uses) = &job.uses {
            let jobs = call::jobs(self, planned, &leg, uses, scope)?;
            // What it calls may depend on what is not known yet: one leg stands for all.
            leg.call = (!planned.pending).then_some(jobs);
        }
        Ok(leg)
    }
}

/// The leg's name as GitHub shows it: the job's name with its expressions
/// evaluated; a name without expressions gets the leg's values behind it.
fn leg_name(job: &workflow::Job, label: Option<&str>, scope: &Contexts) -> String {
    let base = job.name.as_ref().unwrap_or(&job.id);
    let template = Template::parse(&base.value, &Allowed::ALL).ok();
    let text = template
        .as_ref()
        .and_then(|template| template.evaluate_text(scope).ok())
        .unwrap_or_else(|| base.value.clone());
    let name = match label {
        Some(_) if template.is_none_or(|template| template.is_literal()) => {
            matrix::named(&text, label)
        }
        _ => text,
    };
    if name.chars().count() <= MAX_NAME {
        return name;
    }
    let kept: String = name.chars().take(MAX_NAME - 3).collect();
    format!("{kept}...")
}
