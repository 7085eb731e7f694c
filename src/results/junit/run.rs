//! The tests of a whole run as one JUnit file.

use std::collections::HashMap;

use super::more::More;
use super::read::JunitReport;
use super::write::{Section, write};
use crate::record::RunRecord;

/// All tests of a run, a suite for each step of each leg; `None` where none ran. Results
/// come from the record; `read` gives the report that lies below a path, for what it has
/// beside them: properties, and the output of its cases.
pub(crate) fn of_run(
    record: &RunRecord,
    read: impl Fn(&str) -> Option<JunitReport>,
) -> Option<String> {
    let mut parts = Vec::new();
    for job in &record.jobs {
        for step in &job.steps {
            for report in &step.tests {
                let whole = read(&report.path).unwrap_or_default();
                let mut properties = vec![
                    ("job".to_owned(), job.planned.key.0.clone()),
                    ("step".to_owned(), step.number.to_string()),
                    ("complete".to_owned(), report.complete.to_string()),
                ];
                for suite in whole.suites {
                    properties.extend(suite.properties);
                }
                let name = format!("{} › {}", job.planned.name, step.name);
                parts.push((name, properties, whole.more, report));
            }
        }
    }
    let sections: Vec<Section<'_>> = parts
        .iter()
        .map(|(name, properties, more, report)| Section {
            name,
            properties,
            cases: report.cases.iter().collect(),
            more: Some(more),
            cut: !report.complete,
        })
        .collect();
    (!sections.is_empty()).then(|| write(&record.info.name, &sections))
}

impl JunitReport {
    /// The same report with its properties and outputs changed, and nothing else.
    pub(crate) fn map_more(self, change: impl Fn(&str) -> String) -> Self {
        let more: HashMap<String, More> = self
            .more
            .into_iter()
            .map(|(id, more)| (change(&id), more.map(&change)))
            .collect();
        let mut suites = self.suites;
        for suite in &mut suites {
            for (name, value) in &mut suite.properties {
                *name = change(name);
                *value = change(value);
            }
        }
        Self {
            suites,
            more,
            complete: self.complete,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::of_run;
    use crate::gate::sample::{Leg, Run};
    use crate::record::TestOutcome;
    use crate::results::junit;

    /// As pytest 8 and pytest-rerunfailures 16 write it, with `junit_logging=all`.
    const RETRIED: &str = "<testsuites name=\"pytest tests\"><testsuite name=\"pytest\">\
        <properties><property name=\"host\" value=\"a\"/></properties>\
        <testcase classname=\"t\" name=\"flaky\" file=\"t.py\" line=\"2\" time=\"0.1\">\
        <system-out>attempt 0</system-out></testcase>\
        <testcase classname=\"t\" name=\"flaky\" file=\"t.py\" line=\"2\" time=\"0.2\">\
        <properties><property name=\"owner\" value=\"s3cret\"/></properties>\
        <system-out>attempt 0\nattempt 1 &lt;s3cret&gt;</system-out><system-err>err</system-err></testcase>\
        <testcase classname=\"t\" name=\"bad\" file=\"t.py\" line=\"7\" time=\"0\"/>\
        <testcase classname=\"t\" name=\"bad\" file=\"t.py\" line=\"7\" time=\"0\"><failure message=\"assert 0\"/></testcase>\
        <testcase classname=\"t\" name=\"sub\" file=\"t.py\" line=\"9\" time=\"0\"><failure message=\"i=1\"/></testcase>\
        <testcase classname=\"t\" name=\"sub\" file=\"t.py\" line=\"9\" time=\"0\"/>\
        </testsuite></testsuites>";

    #[test]
    fn attempts_of_a_test_are_one_case() {
        let report = junit::read(RETRIED.as_bytes()).unwrap();
        let cases: Vec<_> = report
            .cases()
            .map(|case| (case.name.as_str(), case.outcome, case.retries))
            .collect();
        assert_eq!(
            cases,
            [
                ("flaky", TestOutcome::Passed, 1),
                ("bad", TestOutcome::Failed, 1),
                // A failure is never outdone by what comes later: a part of a test failed.
                ("sub", TestOutcome::Failed, 0),
                ("sub", TestOutcome::Passed, 0),
            ]
        );
        let other = RETRIED
            .replace(" name=\"pytest tests\"", "")
            .replace("\"pytest\"", "\"jest\"");
        assert_eq!(junit::read(other.as_bytes()).unwrap().cases().count(), 6);
        let surefire = "<testsuite><testcase name='a'><flakyFailure message='x'>y</flakyFailure>\
            <flakyError/></testcase></testsuite>";
        let report = junit::read(surefire.as_bytes()).unwrap();
        let case = report.cases().next().unwrap();
        assert_eq!((case.outcome, case.retries), (TestOutcome::Passed, 2));
    }

    /// As pytest writes it with seatrial's plugin: of a test that fails twice and whose
    /// tear-down breaks as well, only the second case has properties.
    #[test]
    fn retries_of_our_plugin_are_attempts() {
        let text = "<testsuites name=\"pytest tests\"><testsuite name=\"pytest\">\
            <properties><property name=\"seatrial.retries\" value=\"3\"/></properties>\
            <testcase name=\"flaky\"><properties><property name=\"seatrial.retries\" value=\"2\"/>\
            <property name=\"owner\" value=\"a\"/></properties></testcase>\
            <testcase name=\"odd\"><properties><property name=\"seatrial.retries\" value=\"-1\"/></properties></testcase>\
            <testcase name=\"bad\"><failure message=\"x\"/></testcase>\
            <testcase name=\"bad\"><properties><property name=\"seatrial.retries\" value=\"1\"/></properties>\
            <error message=\"failed on teardown with &quot;y&quot;\"/></testcase>\
            </testsuite></testsuites>";
        let report = junit::read(text.as_bytes()).unwrap();
        let cases: Vec<_> = report
            .cases()
            .map(|case| (case.name.as_str(), case.is_flaky(), case.retries))
            .collect();
        assert_eq!(
            cases,
            [("flaky", true, 2), ("odd", false, 0), ("bad", false, 1)]
        );
        assert_eq!(
            report.more["flaky"].properties,
            [("owner".to_owned(), "a".to_owned())]
        );
        assert!(report.has_retries());
        let without = junit::read(RETRIED.as_bytes()).unwrap();
        assert!(!without.has_retries());
    }

    #[test]
    fn a_run_keeps_properties_and_output() {
        let report = junit::read(RETRIED.as_bytes()).unwrap();
        let cases: Vec<_> = report.cases().cloned().collect();
        let leg = Leg::new("unit", 0).tests(10, 0).with(|step| {
            step.tests[0].1 = cases;
            step.tests[0].2 = false;
        });
        let text = of_run(&Run::of([leg]).record(), |path| {
            assert_eq!(path, "jobs/unit/junit.xml");
            let report = junit::read(RETRIED.as_bytes()).unwrap();
            Some(report.map_more(|text| text.replace("s3cret", "***")))
        });
        insta::assert_snapshot!("of_run", text.unwrap());
        assert!(of_run(&Run::of([]).record(), |_| None).is_none());
    }
}
