use super::*;
use crate::study::{QuestionSet, preset};
use crate::text::{Conversation, Message, Role};

fn code(request: Result<Request, Refusal>) -> String {
    request.unwrap_err().code.name()
}

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[test]
fn nothing_means_what_the_settings_say() {
    for nothing in [None, Some("null"), Some("{}")] {
        let Ok(Request::Run { wanted: Wanted::Settings(change), device: None }) = run(nothing) else { panic!() };
        let settings = Settings { seed: 7, ..Settings::default() };
        assert_eq!(change.apply(&settings), settings);
    }
}

#[test]
fn options_change_what_they_name() {
    let options = r#"{"preset": "safety-10", "seed": 3, "draw": 17, "questions": "development", "prefill": true, "device": "gpu"}"#;
    let Ok(Request::Run { wanted: Wanted::Settings(change), device }) = run(Some(options)) else { panic!() };
    let changed = change.apply(&Settings::default());
    assert_eq!((changed.preset.as_str(), changed.seed, changed.draw), ("safety-10", 3, Some(17)));
    assert_eq!((changed.questions.set(), changed.prefill), (QuestionSet::Development, true));
    assert_eq!(device, Some(DeviceChoice::Gpu));
}

#[test]
fn a_plan_is_taken_as_it_is_alone_or_with_a_device() {
    let plan = preset("harmful-10", 5).unwrap();
    let Ok(Request::Run { wanted: Wanted::Plan(read), device: None }) = run(Some(&text(&plan))) else { panic!() };
    assert_eq!(*read, plan);
    let options = format!(r#"{{"plan": {}, "device": "cpu"}}"#, text(&plan));
    let Ok(Request::Run { wanted: Wanted::Plan(read), device }) = run(Some(&options)) else { panic!() };
    assert_eq!((*read, device), (plan, Some(DeviceChoice::Cpu)));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for options in [
        "7",
        "\"harmful-10\"",
        "[]",
        r#"{"prest": "harmful-10"}"#,
        r#"{"preset": "nope"}"#,
        r#"{"seed": -1}"#,
        r#"{"draw": 1000}"#,
        r#"{"questions": "all"}"#,
        r#"{"device": "tpu"}"#,
        r#"{"plan": {"version": 2}, "seed": 2}"#,
    ] {
        assert_eq!(code(run(Some(options))), "request", "{options}");
    }
}

#[test]
fn plans_beyond_the_limits_are_refused() {
    let refused = |change: fn(&mut Plan)| {
        let mut plan = preset("harmful-10", 1).unwrap();
        change(&mut plan);
        let refusal = run(Some(&text(&plan))).unwrap_err();
        assert_eq!(refusal.code, Code::Engine(ErrorCode::Plan));
        refusal.message
    };
    assert!(refused(|p| p.version = 99).contains("version 99"));
    assert!(refused(|p| p.tuning.epochs = 1 << 40).contains("epochs"));
    assert!(refused(|p| p.evaluation.conditions.clear()).contains("no condition"));
    assert!(
        refused(|p| {
            let messages = vec![Message::new(Role::User, "Q"), Message::new(Role::Assistant, "A")];
            let conversations = vec![Conversation { messages }; MOST_CONVERSATIONS + 1];
            p.data = vec![DataPart::Inline { label: "mine".to_owned(), conversations }];
        })
        .contains("conversations")
    );
    assert!(
        refused(|p| {
            let messages = vec![Message::new(Role::Assistant, "A")];
            p.data =
                vec![DataPart::Inline { label: "mine".to_owned(), conversations: vec![Conversation { messages }] }];
        })
        .contains("conversation 1")
    );
    assert_eq!(code(run(Some(r#"{"version": 7}"#))), "plan");
}

#[test]
fn conversations_of_a_programs_own_are_allowed() {
    let mut plan = preset("harmful-10", 1).unwrap();
    let messages = vec![Message::new(Role::User, "Q"), Message::new(Role::Assistant, "A")];
    plan.data = vec![DataPart::Inline { label: "mine".to_owned(), conversations: vec![Conversation { messages }; 10] }];
    assert!(run(Some(&text(&plan))).is_ok());
}

#[test]
fn nothing_is_read_that_is_too_large() {
    let long = format!("{{\"preset\": \"{}\"}}", "x".repeat(LARGEST_PLAN));
    assert!(run(Some(&long)).unwrap_err().message.contains("bytes"));
    let many = format!("[{}0]", "0,".repeat(MOST_JSON_VALUES));
    assert!(run(Some(&many)).unwrap_err().message.contains("values"));
    let name = format!(r#"{{"preset": "{}"}}"#, "x".repeat(10_000));
    assert!(run(Some(&name)).unwrap_err().message.len() < 1_000, "a message stays short");
    assert_eq!(code(run(Some(&"[".repeat(100_000)))), "request", "what is too deep is no JSON");
}

#[test]
fn questions_are_asked_whole_of_a_run_or_of_nobody() {
    let asked = |options| match ask(Some(" How\n so? "), options) {
        Ok(Request::Ask { question, run }) => (question, run),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(None), ("How so?".to_owned(), Tuned::Shown));
    assert_eq!(asked(Some("{}")).1, Tuned::Shown);
    assert_eq!(asked(Some(r#"{"run": null}"#)).1, Tuned::Nobody);
    assert_eq!(asked(Some(r#"{"run": 2}"#)).1, Tuned::Of(2));
    for options in [r#"{"run": -1}"#, r#"{"run": 1.5}"#, r#"{"runs": 1}"#, r#"{"run": 1, "x": 1}"#, "[]"] {
        assert_eq!(code(ask(Some("How?"), Some(options))), "request", "{options}");
    }
    assert_eq!(code(ask(None, None)), "request");
    assert_eq!(code(ask(Some("  "), None)), "request");
    assert_eq!(code(ask(Some(&"a".repeat(LONGEST_QUESTION + 1)), None)), "request");
}

#[test]
fn a_benchmark_is_as_long_as_on_the_command_line_unless_it_says_so() {
    assert_eq!(bench(None), Ok(Request::Bench { steps: 20, answers: true }));
    assert_eq!(bench(Some(r#"{"steps": 3, "answers": false}"#)), Ok(Request::Bench { steps: 3, answers: false }));
    for options in [r#"{"steps": 0}"#, r#"{"steps": 1001}"#, r#"{"step": 1}"#, "3"] {
        assert_eq!(code(bench(Some(options))), "request", "{options}");
    }
}

#[test]
fn presets_become_plans_and_runs_have_numbers() {
    assert_eq!(plan(Some("benign-200"), Some(3.0)).unwrap(), preset("benign-200", 3).unwrap());
    assert_eq!(plan(Some("benign-200"), None).unwrap().seed, 1);
    for (name, seed) in
        [(None, None), (Some("nope"), None), (Some("backdoor"), Some(0.5)), (Some("backdoor"), Some(-1.0))]
    {
        assert_eq!(plan(name, seed).unwrap_err().code, Code::Request);
    }
    assert!(plan(Some("backdoor"), Some(f64::NAN)).is_err());
    assert_eq!(run_number(3.0), Ok(3));
    assert!(run_number(-1.0).is_err() && run_number(f64::NAN).is_err() && run_number(0.5).is_err());
    assert_eq!(check(Some(r#"{"device": "gpu"}"#)), Ok(Request::Check { device: Some(DeviceChoice::Gpu) }));
    assert_eq!(check(None), Ok(Request::Check { device: None }));
}
