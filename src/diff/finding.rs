//! What a comparison finds.

use crate::record::{Cause, EXIT_SUCCESS};
use crate::scan::FilePlace;

/// What became of a thing. The gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// It is not there any more.
    Lost,
    /// It is there and proves less.
    Weakened,
    /// It is otherwise, and as strong as far as can be told.
    Changed,
    /// It was not there.
    Added,
    /// It means the same.
    Same,
}

impl Verdict {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Lost,
        Self::Weakened,
        Self::Changed,
        Self::Added,
        Self::Same,
    ];

    /// The word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Weakened => "weakened",
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Same => "same",
        }
    }

    /// Whether nothing of the kind may be.
    pub(crate) fn is_denied(self) -> bool {
        self <= Self::Weakened
    }
}

macro_rules! topics {
    ($( $topic:ident = $text:literal, $meaning:literal; )*) => {
        /// What a finding is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Topic { $( #[doc = $meaning] $topic, )* }

        impl Topic {
            /// Every topic.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$( Self::$topic, )*];

            /// The word, as it stands in JSON.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $( Self::$topic => $text, )* }
            }
        }
    };
}

topics! {
    Workflow = "workflow", "The workflow's own name.";
    Trigger = "trigger", "What starts the workflow.";
    Permissions = "permissions", "What the token may do.";
    Job = "job", "A whole job, or where it runs.";
    JobName = "job-name", "The name of a job, which required status checks wait for.";
    Needs = "needs", "What a job waits for.";
    Condition = "condition", "When a job or a step runs.";
    Matrix = "matrix", "The legs of a job.";
    Services = "services", "The services of a job.";
    Outputs = "outputs", "What a job hands on.";
    Parallelism = "parallelism", "How many legs run at a time, and what ends them.";
    Timeout = "timeout", "How long something may take.";
    Command = "command", "A command.";
    Selection = "selection", "Which tests a command runs.";
    Gate = "gate", "Whether a failure fails the job.";
    Threshold = "threshold", "How much coverage is asked for.";
    Environment = "environment", "The variables that a test command sees.";
    Report = "report", "The reports that tests write.";
    Upload = "upload", "What is uploaded or published of them.";
    Action = "action", "Another action.";
    Setup = "setup", "What prepares the tests.";
}

/// Where a job's steps run, when a finding is true of one way only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Where {
    /// In every way that the job has.
    Everywhere,
    /// Where the job uses its container.
    Container,
    /// Where it runs on the runner.
    Runner,
}

impl Where {
    /// In words; nothing where there is nothing to say.
    pub(crate) fn told(self) -> Option<&'static str> {
        match self {
            Self::Everywhere => None,
            Self::Container => Some("in the container"),
            Self::Runner => Some("on the runner"),
        }
    }
}

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What became of it.
    pub(crate) verdict: Verdict,
    /// What it is about.
    pub(crate) topic: Topic,
    /// The id of the job, in the new file where it is there.
    pub(crate) job: Option<String>,
    /// The command, action or other thing, in few words.
    pub(crate) thing: Option<String>,
    /// What became of it, one line, no full stop.
    pub(crate) message: String,
    /// What to think of besides.
    pub(crate) note: Option<String>,
    /// In which way of the job.
    pub(crate) way: Where,
    /// Where it stands in the old file.
    pub(crate) old: Option<FilePlace>,
    /// Where it stands in the new file.
    pub(crate) new: Option<FilePlace>,
}

impl Finding {
    /// A finding of a whole workflow.
    pub(super) fn new(verdict: Verdict, topic: Topic, message: impl Into<String>) -> Self {
        Self {
            verdict,
            topic,
            job: None,
            thing: None,
            message: message.into(),
            note: None,
            way: Where::Everywhere,
            old: None,
            new: None,
        }
    }

    /// The same of a thing.
    #[must_use]
    pub(super) fn of(mut self, thing: impl Into<String>) -> Self {
        self.thing = Some(thing.into());
        self
    }

    /// The same with what to think of.
    #[must_use]
    pub(super) fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The same with its places.
    #[must_use]
    pub(super) fn at(mut self, old: Option<&FilePlace>, new: Option<&FilePlace>) -> Self {
        self.old = old.cloned();
        self.new = new.cloned();
        self
    }
}

/// The comparison of two workflow files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diff {
    /// What the old file is called.
    pub(crate) old: String,
    /// What the new one is called.
    pub(crate) new: String,
    /// Everything that was compared, the gravest first.
    pub(crate) findings: Vec<Finding>,
}

impl Diff {
    /// How many findings have a verdict.
    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        let of = |finding: &&Finding| finding.verdict == verdict;
        self.findings.iter().filter(of).count()
    }

    /// The word for the whole: that of the gravest finding. What is only added leaves the
    /// rest as it was.
    pub(crate) fn verdict(&self) -> Verdict {
        let gravest = self.findings.iter().map(|finding| finding.verdict).min();
        match gravest {
            None | Some(Verdict::Added) => Verdict::Same,
            Some(verdict) => verdict,
        }
    }

    /// The published reasons.
    pub(crate) fn causes(&self) -> Vec<Cause> {
        match self.verdict().is_denied() {
            true => vec![Cause::WorkflowWeakened],
            false => Vec::new(),
        }
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        self.causes()
            .first()
            .map_or(EXIT_SUCCESS, |cause| cause.exit_code())
    }
}
