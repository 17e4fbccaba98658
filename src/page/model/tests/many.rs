//! More runs than are kept at hand.

use super::*;
use crate::page::runs::AT_HAND;

/// A run from its start to its end. Returns its number and the effects of its end.
fn run(model: &mut Model) -> (u32, Vec<Effect>) {
    let id = start(model);
    hear(model, [told(id, 0, 0)]);
    let evaluated =
        |model| Event::Run { run: id, event: RunEvent::Evaluated { model, evaluation: Box::new(evaluation(0)) } };
    let effects = hear(model, [evaluated(Evaluated::Before), evaluated(Evaluated::After), ended(id, Status::Finished)]);
    (id, effects)
}

fn set_aside(model: &Model) -> Vec<u32> {
    model.runs.iter().filter(|run| run.is_set_aside()).map(|run| run.id).collect()
}

fn answers(model: &Model, id: u32) -> usize {
    model.runs.get(id).unwrap().record.steps[0].answers.len()
}

#[test]
fn records_of_older_runs_are_set_aside_and_what_they_tuned_is_forgotten() {
    let mut model = ready();
    for _ in 0..AT_HAND + 3 {
        let (_, effects) = run(&mut model);
        assert_eq!(effects, [], "the first three are compared");
    }
    let (_, effects) = run(&mut model);
    let [Effect::SetAside(4, record), Effect::Post(Command::Forget { runs })] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((record.steps[0].answers.len(), &runs[..]), (66, &[4][..]));
    assert_eq!((set_aside(&model), answers(&model, 4), can_be_asked(&model, 4)), (vec![4], 0, false));
    let figures = &model.runs.get(4).unwrap().record.after.as_ref().unwrap().measurements[0].figures;
    assert_eq!(figures, &record.after.as_ref().unwrap().measurements[0].figures);
}

#[test]
fn two_hundred_runs_keep_a_dozen_records_at_hand() {
    let mut model = ready();
    let mut kept = 0;
    for _ in 0..200 {
        let (_, effects) = run(&mut model);
        kept += effects.iter().filter(|e| matches!(e, Effect::SetAside(..))).count();
    }
    assert_eq!((model.runs.iter().count(), kept), (200, 200 - AT_HAND - 3));
    let at_hand = model.runs.iter().filter(|run| !run.record.steps[0].answers.is_empty());
    assert_eq!(at_hand.map(|run| run.id).take(4).collect::<Vec<_>>(), [1, 2, 3, 193]);
}

#[test]
fn a_record_that_was_set_aside_comes_back_to_the_stage() {
    let mut model = ready();
    for _ in 0..AT_HAND + 4 {
        run(&mut model);
    }
    let full = Box::new(record("harmful", 20));
    let effects = model.update(Message::Show(4), 0.0);
    assert_eq!((effects, answers(&model, 4)), (vec![Effect::Recall(4)], 0));
    assert_eq!(model.update(Message::Recalled(4, full.clone()), 0.0), []);
    assert_eq!((answers(&model, 4), can_be_asked(&model, 4)), (66, false));

    // The visitor looks elsewhere: it is set aside again, and does not come when it comes too late.
    let effects = model.update(Message::Show(5), 0.0);
    assert!(matches!(effects[..], [Effect::SetAside(4, _)]), "{effects:?}");
    model.update(Message::Recalled(4, full), 0.0);
    assert_eq!((answers(&model, 4), set_aside(&model)), (0, vec![4]));
}

#[test]
fn what_is_compared_or_on_the_stage_stays_at_hand() {
    let mut model = ready();
    for _ in 0..AT_HAND + 3 {
        run(&mut model);
    }
    model.update(Message::Show(4), 0.0);
    model.update(Message::Compare(2, false), 0.0);
    assert_eq!(set_aside(&model), [2], "run 4 is older than the last eight, and on the stage");
    model.update(Message::Compare(4, true), 0.0);
    model.update(Message::Show(11), 0.0);
    assert_eq!(set_aside(&model), [2], "and now beside others");
    // An outline can be compared: it has every figure.
    model.update(Message::Compare(1, false), 0.0);
    model.update(Message::Compare(2, true), 0.0);
    assert_eq!((compared(&model), set_aside(&model)), (vec![3, 4, 2], vec![1, 2]));
    hear(&mut model, [Event::WasReset]);
    assert_eq!(set_aside(&model), [1, 2], "their records still lie elsewhere");
}
