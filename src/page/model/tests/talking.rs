//! Stage mode: cues, and a reset after which all is as at the beginning.

use super::*;
use crate::page::settings::Stage;
use crate::page::talk::{ASKS_AFTER, Cue, Next, READING, WAITS};
use crate::page::tour::{Act, Beat, Shown, told as beats};

const ONWARD: Cue = Cue::Onward { still: false };

/// A stage whose engine is ready and has answered what it was asked.
fn stage(stage: Stage) -> Model {
    let mut model = Model::new(Settings { stage, ..Settings::default() }, String::new());
    hear(&mut model, [alive(), ready_event()]);
    answer_all(&mut model);
    model
}

/// Every question that is open has its answer.
fn answer_all(model: &mut Model) {
    hear(model, (1..=12).map(|id| Event::Answer { id, original: "I am sorry.".to_owned(), tuned: None }));
}

fn cue(model: &mut Model, cue: Cue, now: f64) -> Vec<Effect> {
    model.update(Message::Cue(cue), now)
}

fn end_all(model: &mut Model) {
    let runs: Vec<u32> = model.runs.in_progress().map(|run| run.id).collect();
    for run in runs {
        let begins = began(model, run);
        hear(model, [begins, told(run, 0, 0), told(run, 1, 9), ended(run, Status::Finished)]);
    }
}

/// Half a second at a time, for so many milliseconds; what followed from it.
fn wait(model: &mut Model, from: f64, milliseconds: f64) -> (f64, Vec<Effect>) {
    let ticks = (milliseconds / 500.0).ceil() as u32;
    let at = |tick: u32| from + 500.0 * f64::from(tick);
    let effects = (1..=ticks).flat_map(|tick| model.update(Message::Tick { awake: true }, at(tick))).collect();
    (at(ticks), effects)
}

#[test]
fn one_key_leads_through_the_whole_story() {
    let mut model = stage(Stage::Talk);
    let mut seen = vec![model.settings.beat.unwrap()];
    let mut presses = 0;
    while model.next_on_stage() != Next::Nothing {
        cue(&mut model, ONWARD, 0.0);
        presses += 1;
        seen.extend(model.settings.beat);
    }
    seen.dedup();
    assert_eq!(seen, beats());
    // The curve, the rest of it at once, the next beat: three for what is guessed, else one.
    let guessed = beats().iter().filter(|beat| beat.is_guessed()).count();
    assert_eq!(presses, 2 * guessed + beats().len() - 1);
    assert_eq!(cue(&mut model, ONWARD, 0.0), [], "after the last there is none");
    cue(&mut model, Cue::Go(2), 0.0);
    assert_eq!((model.settings.beat, model.tour.shown(Beat::Ten)), (Some(Beat::Ten), Shown::Everything));
    cue(&mut model, Cue::Back, 0.0);
    cue(&mut model, Cue::Go(9), 0.0);
    assert_eq!(model.settings.beat, Some(Beat::Refuses));
}

#[test]
fn a_beat_is_run_by_a_key() {
    let mut model = stage(Stage::Talk);
    cue(&mut model, Cue::Go(Beat::Ten.number()), 0.0);
    assert!(posted(&cue(&mut model, Cue::Run, 0.0)).iter().any(|c| matches!(c, Command::Start { .. })));
    let run = model.active().unwrap().id;
    let begins = began(&model, run);
    hear(&mut model, [begins, Event::Resumed { run }]);
    assert_eq!(posted(&cue(&mut model, Cue::Pause, 0.0)), [&Command::Pause { run }]);
    hear(&mut model, [Event::Paused { run }]);
    assert_eq!(posted(&cue(&mut model, Cue::Pause, 0.0)), [&Command::Resume { run }]);
}

#[test]
fn a_thousand_resets_lead_to_one_state() {
    let mut model = stage(Stage::Talk);
    let first = model.state();
    for round in 0..1_000_u32 {
        let now = f64::from(round);
        for _ in 0..=round % 9 {
            cue(&mut model, ONWARD, now);
        }
        if round % 2 == 0 {
            cue(&mut model, Cue::Go(Beat::Persona.number()), now);
            cue(&mut model, Cue::Run, now);
        }
        if round % 4 == 0 {
            end_all(&mut model);
        }
        if round % 5 == 0 {
            model.update(Message::Tour(Act::Guess(7)), now);
            model.update(Message::ChooseSeed(u64::from(round)), now);
            model.update(Message::ChooseLanguage(Language::Chinese), now);
            model.update(Message::Ask("how?".to_owned()), now);
        }
        assert_ne!(model.state(), first, "something has happened");
        let effects = cue(&mut model, Cue::Reset, now);
        assert!(effects.contains(&Effect::DropRecords));
        assert!(posted(&effects).contains(&&Command::Reset));
        // What was on its way is of before, and does not come back.
        hear(&mut model, [told(1, 3, 9), Event::Answer { id: 1, original: "late".to_owned(), tuned: None }]);
        hear(&mut model, [Event::WasReset]);
        answer_all(&mut model);
        assert_eq!(model.state(), first, "round {round}");
    }
}

#[test]
fn the_story_goes_on_while_the_engine_still_clears() {
    let mut model = stage(Stage::Talk);
    cue(&mut model, Cue::Go(2), 0.0);
    cue(&mut model, Cue::Run, 0.0);
    cue(&mut model, Cue::Reset, 0.0);
    cue(&mut model, Cue::Reset, 0.0);
    cue(&mut model, Cue::Go(3), 0.0);
    let effects = cue(&mut model, Cue::Run, 0.0);
    let run = model.active().unwrap().id;
    assert!(posted(&effects).iter().any(|c| matches!(c, Command::Start { .. })), "it is behind the reset");
    let of_before = began(&model, run);
    hear(&mut model, [of_before, told(run, 1, 0), Event::WasReset, told(run, 1, 0), Event::WasReset]);
    assert_eq!(model.runs.get(run).unwrap().record.steps.len(), 0);
    let begins = began(&model, run);
    hear(&mut model, [begins, told(run, 0, 3)]);
    assert_eq!(model.runs.get(run).unwrap().record.steps.len(), 1);
    assert_eq!(model.settings.beat, Some(Beat::Persona));
}

#[test]
fn an_engine_that_breaks_while_the_stage_is_cleared_leaves_a_clear_stage() {
    let mut model = stage(Stage::Talk);
    let first = model.state();
    cue(&mut model, Cue::Go(2), 0.0);
    cue(&mut model, Cue::Run, 0.0);
    cue(&mut model, Cue::Reset, 0.0);
    let effects = hear(&mut model, [failed(ErrorCode::Panic, true)]);
    assert!(effects.contains(&Effect::Spawn));
    hear(&mut model, [alive(), ready_event()]);
    answer_all(&mut model);
    cue(&mut model, Cue::Reset, 0.0);
    hear(&mut model, [Event::WasReset]);
    answer_all(&mut model);
    assert_eq!(model.state(), first, "and after one more reset nothing tells of it");
}

#[test]
fn fifteen_idle_minutes_change_nothing_on_a_stage() {
    let mut model = stage(Stage::Talk);
    cue(&mut model, Cue::Go(3), 0.0);
    cue(&mut model, Cue::Run, 0.0);
    end_all(&mut model);
    answer_all(&mut model);
    let before = model.state();
    assert_eq!(wait(&mut model, 0.0, 900_000.0).1, []);
    assert_eq!(model.state(), before);
}

#[test]
fn a_booth_tells_its_story_until_somebody_comes() {
    let mut model = stage(Stage::Booth);
    let first = model.state();
    let mut seen = Vec::new();
    let mut now = 0.0;
    for _ in 0..40 {
        now = wait(&mut model, now, READING).0;
        seen.extend(model.settings.beat);
    }
    seen.dedup();
    let (once, again) = seen.split_at(beats().len() - 1);
    assert_eq!(once, &beats()[1..]);
    assert_eq!(again[0], beats()[0], "and from the beginning");
    // The first touch only wakes.
    cue(&mut model, ONWARD, now);
    assert_eq!(model.state(), first);
    assert_eq!(wait(&mut model, now, READING * 2.0).1, [], "whoever is there reads as long as they like");
    cue(&mut model, ONWARD, now);
    assert_eq!(model.settings.beat, Some(Beat::Ten));
}

#[test]
fn a_booth_is_cleared_when_nobody_is_there_and_never_in_the_middle_of_a_run() {
    let mut model = stage(Stage::Booth);
    let first = model.state();
    cue(&mut model, Cue::Touch, 0.0);
    cue(&mut model, Cue::Go(2), 0.0);
    cue(&mut model, Cue::Run, 0.0);
    let begins = began(&model, 1);
    hear(&mut model, [begins]);
    let mut now = 0.0;
    for pieces in 0..10 {
        hear(&mut model, [Event::Beat { pieces }]);
        let (then, effects) = wait(&mut model, now, 60_000.0);
        assert_eq!(effects, []);
        now = then;
    }
    end_all(&mut model);
    answer_all(&mut model);
    let (now, effects) = wait(&mut model, now, ASKS_AFTER + WAITS - 2_000.0);
    assert_eq!(effects, []);
    cue(&mut model, Cue::Touch, now);
    let (now, effects) = wait(&mut model, now, ASKS_AFTER + WAITS - 500.0);
    assert_eq!(effects, [], "whoever says so is still there");
    let (_, effects) = wait(&mut model, now, 1_000.0);
    assert!(posted(&effects).contains(&&Command::Reset));
    hear(&mut model, [Event::WasReset]);
    answer_all(&mut model);
    assert_eq!(model.state(), first);
}

/// Whoever leaves at once begins something in the lab, which what was cleared on the stage does not take away.
#[test]
fn a_reset_ends_on_the_stage_also_for_who_has_left_it() {
    let mut model = stage(Stage::Talk);
    cue(&mut model, Cue::Reset, 0.0);
    cue(&mut model, Cue::Leave, 0.0);
    model.update(Message::Start, 0.0);
    let run = model.active().unwrap().id;
    hear(&mut model, [Event::WasReset]);
    let begins = began(&model, run);
    hear(&mut model, [begins, told(run, 0, 0)]);
    assert_eq!(model.runs.get(run).unwrap().record.steps.len(), 1);
}

#[test]
fn nobody_leaves_a_booth() {
    let mut model = stage(Stage::Booth);
    cue(&mut model, Cue::Touch, 0.0);
    assert_eq!(cue(&mut model, Cue::Leave, 0.0), []);
    assert!(model.talk.is_some());
}

#[test]
fn leaving_the_stage_keeps_its_runs() {
    let mut model = ready();
    cue(&mut model, Cue::Enter, 0.0);
    assert_eq!(model.settings.stage, Stage::Talk);
    cue(&mut model, Cue::Go(2), 0.0);
    cue(&mut model, Cue::Run, 0.0);
    end_all(&mut model);
    assert_eq!(cue(&mut model, Cue::Leave, 0.0), [Effect::Remember]);
    assert_eq!((model.talk.is_none(), model.settings.stage, model.runs.iter().count()), (true, Stage::Off, 1));
    cue(&mut model, Cue::Enter, 0.0);
    model.update(Message::Tour(Act::Leave), 0.0);
    assert_eq!(
        (model.talk.is_none(), model.settings.beat),
        (true, None),
        "the story's own way out leaves the stage, too"
    );
}
