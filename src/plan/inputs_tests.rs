#![allow(clippy::unwrap_used)]

use super::*;

/// The inputs that a workflow declares for an event.
fn declared(event: &str, yaml: &str) -> Vec<Input> {
    let indented = yaml.replace('\n', "\n      ");
    let text = format!(
        "on:\n  {event}:\n    inputs:\n      {indented}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: 'true'\n"
    );
    let mut workflow = crate::workflow::parse(&text).unwrap().workflow;
    workflow.on.pop().unwrap().inputs
}

const PERSON: InputsOf<'_> = InputsOf::Person { scope: None };

fn given(pairs: &[(&str, Value)]) -> Vec<Given> {
    pairs
        .iter()
        .map(|(name, value)| Given {
            name: (*name).to_owned(),
            value: Some(value.clone()),
            span: Span::default(),
        })
        .collect()
}

fn json(inputs: Object) -> String {
    Value::object(inputs).to_json().to_string()
}

fn messages(found: Vec<(Cause, Problem)>) -> Vec<String> {
    found
        .into_iter()
        .map(|(_, problem)| match problem.hint {
            Some(hint) => format!("{} | {hint}", problem.message),
            None => problem.message,
        })
        .collect()
}

const DISPATCH: &str = "\
fast:
  type: boolean
count:
  type: number
  default: 3
level:
  type: choice
  default: warn
  options: [info, warn]
who:
  required: true
where:
  type: environment
plain:";

#[test]
fn a_person_gives_texts_and_gets_types() {
    let declared = declared("workflow_dispatch", DISPATCH);
    let values = given(&[
        ("fast", "true".into()),
        ("WHO", "ann".into()),
        ("count", "1.50".into()),
        ("level", "info".into()),
    ]);
    let inputs = typed_inputs(&declared, &values, PERSON).unwrap();
    assert_eq!(
        json(inputs.clone()),
        r#"{"fast":true,"count":1.5,"level":"info","who":"ann","where":"","plain":""}"#
    );
    assert_eq!(
        serde_json::Value::from(event_inputs(&inputs)).to_string(),
        r#"{"fast":"true","count":"1.5","level":"info","who":"ann","where":"","plain":""}"#
    );
}

#[test]
fn defaults_stand_in_and_the_last_value_wins() {
    let declared = declared("workflow_dispatch", DISPATCH);
    let values = given(&[("who", "ann".into()), ("who", "ben".into())]);
    let inputs = typed_inputs(&declared, &values, PERSON).unwrap();
    assert_eq!(
        json(inputs),
        r#"{"fast":false,"count":3,"level":"warn","who":"ben","where":"","plain":""}"#
    );
}

#[test]
fn what_a_person_gets_wrong() {
    let declared = declared("workflow_dispatch", DISPATCH);
    let values = given(&[
        ("fast", "yes".into()),
        ("count", "many".into()),
        ("level", "wran".into()),
        ("plian", "x".into()),
        ("other", "x".into()),
    ]);
    let found = typed_inputs(&declared, &values, PERSON).unwrap_err();
    assert!(found.iter().all(|(cause, _)| *cause == Cause::Usage));
    assert_eq!(
        messages(found),
        [
            "the input `fast` is a boolean, and `yes` is given | `--input fast=true` or `--input fast=false`",
            "the input `count` is a number, and `many` is given | a number, such as `--input count=3`",
            "the input `level` has no option `wran` | did you mean `warn`?",
            "the input `who` is required, and it is not given | give it with `--input who=VALUE`",
            "the workflow has no input `plian` | did you mean `plain`?",
            "the workflow has no input `other` | its inputs are: fast, count, level, who, where, plain",
        ]
    );
}

#[test]
fn no_inputs_at_all() {
    let values = given(&[("a", "x".into())]);
    let found = typed_inputs(&[], &values, PERSON).unwrap_err();
    assert_eq!(
        messages(found),
        ["the workflow has no input `a` | it declares none"]
    );
}

const CALL: &str = "\
fast:
  type: boolean
count:
  type: number
name:
  type: string
  default: ${{ vars.NAME }}-${{ github.ref_name }}
must:
  type: string
  required: true
  default: is no excuse";

fn call(given: &[Given]) -> Result<Object, Vec<(Cause, Problem)>> {
    let vars: Object = [("NAME", "n")].into_iter().collect();
    let github: Object = [("ref_name", "main")].into_iter().collect();
    let scope = Contexts::new().with("vars", vars).with("github", github);
    let how = InputsOf::Call {
        uses: Span::default(),
        scope: &scope,
    };
    typed_inputs(&declared("workflow_call", CALL), given, how)
}

#[test]
fn a_caller_gives_types_and_any_scalar_is_a_text() {
    let values = given(&[("must", 3.5.into()), ("FAST", true.into())]);
    assert_eq!(
        json(call(&values).unwrap()),
        r#"{"fast":true,"count":0,"name":"n-main","must":"3.5"}"#
    );
    let values = given(&[("must", Value::Null), ("name", false.into())]);
    assert_eq!(
        json(call(&values).unwrap()),
        r#"{"fast":false,"count":0,"name":"false","must":""}"#
    );
}

#[test]
fn what_a_caller_gets_wrong() {
    let values = given(&[
        ("fast", "true".into()),
        ("count", "3".into()),
        ("nmae", "x".into()),
    ]);
    let found = call(&values).unwrap_err();
    assert!(
        found
            .iter()
            .all(|(cause, _)| *cause == Cause::WorkflowInvalid)
    );
    assert_eq!(
        messages(found),
        [
            "Unexpected value 'true' | the input `fast` is a boolean",
            "Unexpected value '3' | the input `count` is a number",
            "Input must is required, but not provided while calling.",
            "Invalid input, nmae is not defined in the referenced workflow. | did you mean `name`?",
        ]
    );
}

#[test]
fn a_value_that_is_not_known_yet_is_left_out() {
    let values = [Given {
        name: "must".to_owned(),
        value: None,
        span: Span::default(),
    }];
    assert_eq!(
        json(call(&values).unwrap()),
        r#"{"fast":false,"count":0,"name":"n-main"}"#
    );
}
