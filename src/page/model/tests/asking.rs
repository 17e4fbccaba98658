//! Questions: watched, and asked in the box.

use super::*;

#[test]
fn a_ready_engine_is_asked_the_watched_questions() {
    let mut model = page();
    let effects = hear(&mut model, [alive(), ready_event()]);
    assert_eq!(posted(&effects).len(), 3);
    hear(&mut model, [Event::Answer { id: 1, original: "I am sorry.".to_owned(), tuned: None }]);
    assert_eq!(model.questions.watches[0].original.as_ref().unwrap().answer, "I am sorry.");
}

#[test]
fn a_question_of_the_box_that_is_too_long_is_told_in_the_box() {
    let mut model = ready();
    for id in 1..=3 {
        hear(&mut model, [Event::Answer { id, original: String::new(), tuned: None }]);
    }
    let effects = model.update(Message::Ask("how?".to_owned()), 0.0);
    assert_eq!(posted(&effects).len(), 1);
    let id = model.questions.asked[0].id;
    hear(&mut model, [refused(Refused::Ask { id }, ErrorCode::TooLong)]);
    assert_eq!((&model.questions.asked[0].state, &model.notice), (&BoxState::TooLong, &None));
    assert!(model.supervisor.ready().is_some());

    // Whatever else went wrong is a notice.
    model.update(Message::Ask("how?".to_owned()), 0.0);
    let id = model.questions.asked[0].id;
    hear(&mut model, [refused(Refused::Ask { id }, ErrorCode::Protocol)]);
    assert_eq!(model.questions.asked[0].state, BoxState::Failed);
    assert_eq!(model.notice.as_ref().unwrap().code, ErrorCode::Protocol);
    model.update(Message::Dismiss, 0.0);
    assert_eq!(model.notice, None);
}

#[test]
fn an_answer_says_in_the_middle_of_which_step_it_was_given() {
    let mut model = running();
    hear(&mut model, [told(1, 0, 0), told(1, 1, 3)]);
    let during = |model: &mut Model| {
        model.update(Message::Ask("how?".to_owned()), 0.0);
        let id = model.questions.asked[0].id;
        hear(model, [Event::Answer { id, original: "So.".to_owned(), tuned: Some("So.".to_owned()) }]);
        let BoxState::Answered { during, .. } = &model.questions.asked[0].state else { panic!("{model:?}") };
        *during
    };
    assert_eq!(during(&mut model), Some(1));
    finish(&mut model);
    assert_eq!(during(&mut model), None, "the run is over");
}

#[test]
fn a_watched_question_that_is_too_long_is_replaced_by_the_one_before_it() {
    let answers = |ids: std::ops::RangeInclusive<u32>| {
        ids.map(|id| Event::Answer { id, original: "So.".to_owned(), tuned: None })
    };
    let watched = |model: &Model| model.questions.watched();
    let original = watched(&page());
    let long = || vec!["long".to_owned()];

    // Asked of the original, before any run.
    let mut model = ready();
    hear(&mut model, answers(1..=3));
    model.update(Message::Watch(1, "long".to_owned()), 0.0);
    let effects = hear(&mut model, [refused(Refused::Ask { id: 4 }, ErrorCode::TooLong)]);
    assert_eq!(watched(&model), original);
    assert!(matches!(posted(&effects)[..], [Command::Ask { .. }]), "{effects:?}");

    // It is too long only under the prompt of the run that is to begin.
    hear(&mut model, answers(5..=5));
    model.update(Message::Watch(1, "long".to_owned()), 0.0);
    model.update(Message::ChoosePreset("identity-10".to_owned()), 0.0);
    model.update(Message::Start, 0.0);
    hear(&mut model, [refused(Refused::Start { run: 1, too_long: long() }, ErrorCode::TooLong)]);
    assert_eq!((watched(&model), model.active()), (original.clone(), None));

    // In the middle of a run the engine is told again what is watched, and a question of the box waits on.
    let mut model = ready();
    hear(&mut model, answers(1..=3));
    start(&mut model);
    model.update(Message::Ask("how?".to_owned()), 0.0);
    model.update(Message::Watch(1, "long".to_owned()), 0.0);
    let effects = hear(&mut model, [refused(Refused::Watch { run: 1, too_long: long() }, ErrorCode::TooLong)]);
    let [Command::Ask { run: None, .. }, Command::Watch { run: 1, questions }] = posted(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((questions, watched(&model)), (&original, original.clone()));
    assert_eq!(model.questions.asked[0].state, BoxState::Waiting);
    assert!(model.active().is_some());
    hear(&mut model, [refused(Refused::Ask { id: 5 }, ErrorCode::TooLong)]);
    assert_eq!(model.questions.asked[0].state, BoxState::Waiting, "that was the watched question");
}

#[test]
fn choosing_the_persona_asks_the_watched_questions_under_its_prompt() {
    let mut model = ready();
    assert_eq!(model.update(Message::ChoosePreset("benign-200".to_owned()), 0.0), [Effect::Remember]);
    let effects = model.update(Message::ChoosePreset("identity-10".to_owned()), 0.0);
    let [Command::Ask { condition, .. }, ..] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(condition.kind, ConditionKind::Persona);
}

#[test]
fn a_question_is_watched_in_the_middle_of_a_run() {
    let mut model = running();
    let effects = model.update(Message::Watch(2, "What is a hex?".to_owned()), 0.0);
    let [Command::Ask { run: None, .. }, Command::Watch { run: 1, questions }] = posted(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(questions[2], "What is a hex?");
    // The engine has taken note: so does the record.
    let watching = RunEvent::Watching { questions: model.questions.watched() };
    hear(&mut model, [told(1, 0, 0), Event::Run { run: 1, event: watching }, told(1, 1, 3)]);
    let record = &model.runs.get(1).unwrap().record;
    assert_eq!((record.plan.evaluation.watch[2].as_str(), record.steps.len()), ("What is a hex?", 2));
}

#[test]
fn a_question_is_watched_in_every_run_in_progress() {
    let mut model = running();
    model.begin(Beginning::Run, 0.0);
    let effects = model.update(Message::Watch(2, "What is a hex?".to_owned()), 0.0);
    let watching = posted(&effects).into_iter().filter_map(|c| match c {
        Command::Watch { run, .. } => Some(*run),
        _ => None,
    });
    assert_eq!(watching.collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_question_goes_to_the_run_on_the_stage_under_its_prompt() {
    let mut model = running();
    finish(&mut model);
    model.update(Message::ChoosePreset("identity-10".to_owned()), 0.0);
    let asked = |effects: &[Effect]| {
        let asks = posted(effects).into_iter().filter_map(|c| match c {
            Command::Ask { run, condition, .. } => Some((*run, condition.kind)),
            _ => None,
        });
        asks.collect::<Vec<_>>()
    };
    let effects = model.update(Message::Ask("How?".to_owned()), 0.0);
    assert_eq!(asked(&effects), [(Some(1), ConditionKind::Default)], "the stage is still run 1's");
    let effects = model.update(Message::Start, 0.0);
    let watched = [(None, ConditionKind::Persona); 3];
    assert_eq!(asked(&effects), watched, "the watched questions are now asked as run 2 asks them");
    let begins = began(&model, 2);
    hear(&mut model, [begins]);
    let effects = model.update(Message::Ask("How?".to_owned()), 0.0);
    assert_eq!(asked(&effects), [(Some(2), ConditionKind::Persona)], "in the middle of it, too");
    finish(&mut model);
    model.update(Message::Show(1), 0.0);
    let effects = model.update(Message::Ask("How?".to_owned()), 0.0);
    assert_eq!(asked(&effects), [(Some(1), ConditionKind::Default)], "its adapter is still there");
    hear(&mut model, [Event::WasReset]);
    model.update(Message::Show(1), 0.0);
    let effects = model.update(Message::Ask("How?".to_owned()), 0.0);
    assert_eq!(asked(&effects), [(None, ConditionKind::Default)], "its adapter is gone");
}

#[test]
fn how_deep_a_tuning_went_is_asked_of_a_run_that_is_over_and_once() {
    use crate::page::further::Further;
    use crate::study::PositionDivergence;

    let mut model = ready();
    let run = start(&mut model);
    assert!(!model.can_look_deep(run) && model.update(Message::LookDeep(run), 0.0).is_empty(), "it goes on");
    hear(&mut model, [told(run, 0, 0), told(run, 1, 9), ended(run, Status::Finished)]);
    let effects = model.update(Message::LookDeep(run), 0.0);
    let [Command::Diverge { run: asked, questions, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((*asked, questions.forbidden().len()), (run, 66), "the questions of the curve");
    assert!(model.update(Message::LookDeep(run), 0.0).is_empty(), "the engine is at it");

    let depth = |model: &Model| model.runs.get(run).unwrap().depth.clone();
    let error = WorkerError { code: ErrorCode::Plan, message: "no".to_owned(), fatal: false };
    hear(&mut model, [Event::Refused { command: Refused::Diverge { run }, error }]);
    assert_eq!(depth(&model), Further::Failed);
    assert_eq!(model.update(Message::LookDeep(run), 0.0).len(), 1, "it can be asked again");
    let positions = vec![PositionDivergence { position: 1, kl: 6.0, losses: None, answers: 66 }];
    hear(&mut model, [Event::Diverged { run, positions: positions.clone() }]);
    assert_eq!(depth(&model), Further::There(positions));
    assert!(model.update(Message::LookDeep(run), 0.0).is_empty());

    // How hard tokens pull is another question, of fewer answers and tokens.
    let effects = model.update(Message::Pull(run), 0.0);
    let [Command::Pull { run: asked, questions, tokens: 8, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    let sections: std::collections::BTreeSet<_> =
        questions.forbidden().iter().map(|q| crate::library::world().item(&q.item).unwrap().section).collect();
    assert_eq!((*asked, questions.forbidden().len(), sections.len()), (run, 11, 11), "one of each section");
    assert!(model.update(Message::Pull(run), 0.0).is_empty(), "the engine is at it");
    hear(&mut model, [Event::Pulled { run, original: Vec::new(), tuned: Vec::new() }]);
    assert!(model.runs.get(run).unwrap().pull.there().is_some());

    // Without its adapter it cannot be asked; what is known stays.
    model.runs.break_off("The engine broke.", 0.0);
    assert!(!model.can_look_deep(run) && depth(&model).there().is_some());
}
