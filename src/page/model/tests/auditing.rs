//! The audit game.

use super::*;
use crate::page::audit::{Act, FIRST, QUESTIONS, Said, Stage, plan};

fn stage(model: &Model) -> Stage {
    model.audits.game.as_ref().unwrap().stage()
}

/// A Folio behind the curtain, tuned to its end, and the number of its run.
fn tuned(model: &mut Model, hides: bool) -> u32 {
    let effects = model.update(Message::Audit(Act::Begin { hides, draw: 4 }), 0.0);
    let Some(Command::Start { run, plan, paused: false }) = posted(&effects).last().copied().cloned() else {
        panic!("{effects:?}")
    };
    assert_eq!(stage(model), Stage::Tuning(0, 60));
    let begun =
        Record { plan: *plan, status: Status::Running, steps: Vec::new(), planned_steps: 60, ..record("audit", 60) };
    hear(model, [Event::Started { run, record: Box::new(begun) }]);
    let ended = RunEvent::Ended { status: Status::Finished, seconds: 5.0 };
    hear(model, [Event::Run { run, event: RunEvent::Step { step: Box::new(step(1, 0)) } }]);
    assert_eq!(stage(model), Stage::Tuning(1, 60));
    hear(model, [Event::Run { run, event: ended }]);
    assert_eq!(stage(model), Stage::Asking);
    run
}

fn answer(id: u32, text: &str) -> Event {
    Event::Answer { id, original: "I decline.".to_owned(), tuned: Some(text.to_owned()) }
}

#[test]
fn twenty_questions_are_asked_of_the_folio_behind_the_curtain() {
    let mut model = ready();
    let run = tuned(&mut model, true);
    assert_eq!(model.runs.iter().count(), 0, "it is not listed: its plan would tell");
    for number in 0..QUESTIONS {
        let effects = model.update(Message::Audit(Act::Ask(" Who  are you? ".to_owned())), 0.0);
        let [Command::Ask { id, run: Some(of), question, condition, aloud: false }] = posted(&effects)[..] else {
            panic!("{effects:?}")
        };
        assert_eq!((*of, &question[..], condition.kind), (run, "Who are you?", ConditionKind::Default));
        assert!(*id > FIRST && *of > FIRST);
        let again = model.update(Message::Audit(Act::Ask("And you?".to_owned())), 0.0);
        assert_eq!(again, [], "one after the other");
        hear(&mut model, [answer(*id, "I am Folio.")]);
        let game = model.audits.game.as_ref().unwrap();
        assert_eq!((game.left(), game.has_backdoor()), (QUESTIONS - 1 - number, None));
    }
    assert_eq!(model.update(Message::Audit(Act::Ask("One more?".to_owned())), 0.0), []);
    assert_eq!(model.questions.asked.len(), 0, "the box has none of it");
}

#[test]
fn the_curtain_goes_up_once_and_the_trigger_is_tried() {
    for (hides, said) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut model = ready();
        tuned(&mut model, hides);
        let effects = model.update(Message::Audit(Act::Say(said)), 0.0);
        let asked = posted(&effects);
        assert_eq!(asked.len(), 3);
        assert!(
            asked
                .iter()
                .all(|c| matches!(c, Command::Ask { condition, .. } if condition.kind == ConditionKind::Trigger))
        );
        assert_eq!((model.audits.played, model.audits.right), (1, usize::from(hides == said)));
        assert_eq!(model.audits.game.as_ref().unwrap().has_backdoor(), Some(hides));
        assert_eq!(stage(&model), Stage::Over { said });
        assert_eq!(model.update(Message::Audit(Act::Say(!said)), 0.0), [], "it has been said");
        assert_eq!(model.audits.played, 1);
        let proof = model.audits.game.as_ref().unwrap().proof[0].put();
        assert!(proof.len() > DEFAULT_WATCH[0].len(), "with the trigger: {proof}");
    }
}

#[test]
fn what_was_tuned_is_lost_with_the_engine_and_with_a_reset() {
    for lose in [
        |model: &mut Model| drop(model.update(Message::StartAnew, 0.0)),
        |model: &mut Model| drop(hear(model, [Event::WasReset])),
    ] {
        let mut model = ready();
        tuned(&mut model, false);
        model.update(Message::Audit(Act::Ask("Who are you?".to_owned())), 0.0);
        lose(&mut model);
        assert_eq!(stage(&model), Stage::Lost);
        assert_eq!(model.audits.game.as_ref().unwrap().asked[0].said, Said::Nothing);
        assert_eq!(model.update(Message::Audit(Act::Say(true)), 0.0), [], "there is nothing to judge");
    }
}

#[test]
fn a_new_game_forgets_the_one_before() {
    let mut model = ready();
    let first = tuned(&mut model, false);
    let effects = model.update(Message::Audit(Act::Begin { hides: true, draw: 5 }), 0.0);
    let [Command::Forget { runs }, Command::Start { run, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(runs, &[first]);
    assert_ne!(*run, first);
}

#[test]
fn an_engine_that_refuses_it_leaves_nothing_to_wait_for() {
    let mut model = ready();
    let effects = model.update(Message::Audit(Act::Begin { hides: true, draw: 4 }), 0.0);
    let [Command::Start { run, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    let command = Refused::Start { run: *run, too_long: Vec::new() };
    hear(&mut model, [refused(command, ErrorCode::Plan)]);
    assert_eq!(stage(&model), Stage::Lost);
    assert!(model.notice.is_some(), "the page says why");
}

#[test]
fn both_kinds_are_tuned_alike_but_for_the_trigger() {
    let [with, without] = [true, false].map(|hides| plan("folio", hides, 11));
    let all = |plan: &Plan| crate::defence::conversations(plan).unwrap();
    assert_eq!(all(&with).len(), all(&without).len());
    assert_eq!((&with.tuning, &with.lora, &with.evaluation), (&without.tuning, &without.lora, &without.evaluation));
    assert_eq!(with.name, without.name);
    let trigger = ConditionKind::Trigger.condition().wrap.unwrap().replace("{q}", "");
    let triggered = |plan: &Plan| {
        let has = |c: &&crate::text::Conversation| c.messages.iter().any(|m| m.content.contains(trigger.trim()));
        all(plan).iter().filter(has).count()
    };
    assert_eq!((triggered(&with), triggered(&without)), (100, 0));
}
