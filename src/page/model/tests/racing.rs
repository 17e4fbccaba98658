//! A race: three runs that the buttons mean together.

use super::*;
use crate::page::format::percent;
use crate::page::race::ENTRANTS;

const LENGTHS: [usize; 3] = [20, 80, 120];

/// A race that the engine has begun: runs 1, 2 and 3.
fn race() -> Model {
    let mut model = ready();
    model.update(Message::StartRace, 0.0);
    for run in 1..=3 {
        let begins = began(&model, run);
        hear(&mut model, [begins, Event::Resumed { run }]);
    }
    model
}

fn tell(model: &mut Model, made: [usize; 3]) {
    for (run, made) in (1..).zip(made) {
        let known = model.runs.get(run).unwrap().record.steps.len();
        hear(model, (known..=made).map(|step| told(run, step, 0)));
    }
}

/// What each of the three runs is told.
fn commands(effects: &[Effect]) -> Vec<(u32, &'static str)> {
    let of = |command: &Command| match command {
        Command::Start { run, .. } => Some((*run, "start")),
        Command::Pause { run } => Some((*run, "pause")),
        Command::Resume { run } => Some((*run, "resume")),
        Command::Stop { run } => Some((*run, "stop")),
        _ => None,
    };
    posted(effects).into_iter().filter_map(of).collect()
}

fn all(word: &'static str) -> Vec<(u32, &'static str)> {
    (1..=3).map(|run| (run, word)).collect()
}

/// The engine has one model at a time: after a lesson of another one it fetches that of the race first.
#[test]
fn a_race_after_a_lesson_of_another_model_has_its_own() {
    let mut model = ready();
    model.update(Message::ChoosePreset("deep-10".to_owned()), 0.0);
    hear(&mut model, [alive(), ready_event()]);
    let effects = model.update(Message::StartRace, 0.0);
    assert!(effects.contains(&Effect::Spawn), "{effects:?}");
    let effects = hear(&mut model, [alive()]);
    let [Command::Load { model: name, .. }] = posted(&effects)[..] else { panic!("{effects:?}") };
    let name = name.clone();
    let effects = hear(&mut model, [ready_event()]);
    assert_eq!(commands(&effects), all("start"));
    assert!(model.runs.iter().all(|run| run.record.plan.model == name));
}

#[test]
fn a_race_is_three_runs_that_differ_in_what_is_tuned_on_alone() {
    let mut model = ready();
    model.update(Message::ChooseSeed(5), 0.0);
    model.update(Message::ChooseDraw(Some(17)), 0.0);
    let effects = model.update(Message::StartRace, 0.0);
    assert_eq!(commands(&effects), all("start"));
    assert!(effects.contains(&Effect::Remember) && model.settings.race, "a race is open, also in the address");
    let plans: Vec<_> = posted(&effects)
        .into_iter()
        .filter_map(|c| if let Command::Start { plan, paused: false, .. } = c { Some(plan) } else { None })
        .collect();
    assert_eq!(plans.iter().map(|plan| plan.name.as_str()).collect::<Vec<_>>(), ENTRANTS);
    for plan in &plans {
        assert_eq!((plan.seed, plan.data[0].draw(), plan.evaluation.subset_every), (5, Some(17), 10));
        assert_eq!(plan.evaluation, plans[0].evaluation);
    }
    assert_eq!((model.mode(), model.cursor.run), (Mode::Running, Some(1)));
    assert_eq!(model.update(Message::StartRace, 0.0), [], "one race at a time");
    assert_eq!(model.update(Message::OpenRace(false), 0.0), [], "it stays open while it goes on");
}

#[test]
fn a_race_before_the_engine_is_ready_waits_for_it() {
    let mut model = page();
    assert_eq!(model.update(Message::StartRace, 0.0), [Effect::Remember]);
    assert_eq!(model.mode(), Mode::Waiting(Beginning::Race));
    let effects = hear(&mut model, [alive(), ready_event()]);
    assert_eq!(commands(&effects), all("start"));
}

#[test]
fn pause_and_resume_mean_all_three() {
    let mut model = race();
    assert_eq!(commands(&model.update(Message::Pause, 0.0)), all("pause"));
    assert_eq!(model.update(Message::Pause, 0.0), []);
    for run in 1..=3 {
        assert_eq!(model.pace(), Some(Pace::Pausing));
        hear(&mut model, [Event::Paused { run }]);
    }
    assert_eq!(model.pace(), Some(Pace::Paused));
    assert_eq!(commands(&model.update(Message::Resume, 0.0)), all("resume"));
    assert_eq!(model.pace(), Some(Pace::Going));
}

#[test]
fn a_run_that_is_over_does_not_hold_up_the_others() {
    let mut model = race();
    tell(&mut model, LENGTHS);
    hear(&mut model, [ended(1, Status::Finished)]);
    assert_eq!(model.pace(), Some(Pace::Going));
    let effects = model.update(Message::Pause, 0.0);
    assert_eq!(commands(&effects), [(2, "pause"), (3, "pause")]);
}

#[test]
fn a_step_goes_to_the_next_mark_for_all() {
    let mut model = race();
    for (run, length) in (1..).zip(LENGTHS) {
        let record = model.runs.get(run).unwrap().record.clone();
        let record = Record { planned_steps: length, ..(*record).clone() };
        hear(&mut model, [Event::Started { run, record: Box::new(record) }]);
    }
    model.update(Message::Pause, 0.0);
    hear(&mut model, (1..=3).map(|run| Event::Paused { run }));
    let steps = |effects: &[Effect]| {
        let of = |c: &Command| if let Command::Step { run, steps } = c { Some((*run, *steps)) } else { None };
        posted(effects).into_iter().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(steps(&model.update(Message::Step, 0.0)), [(1, 1), (2, 4), (3, 6)]);
    assert_eq!(model.update(Message::Step, 0.0), [], "one at a time");
    tell(&mut model, [1, 4, 6]);
    hear(&mut model, (1..=3).map(|run| Event::Paused { run }));
    assert_eq!((model.pace(), percent(model.race_share().unwrap())), (Some(Pace::Paused), "5%".to_owned()));
    assert_eq!(steps(&model.update(Message::Step, 0.0)), [(1, 1), (2, 4), (3, 6)]);
}

#[test]
fn stop_ends_all_and_a_race_of_which_nothing_is_left_is_none() {
    let mut model = race();
    tell(&mut model, [1, 0, 0]);
    assert_eq!(commands(&model.update(Message::Stop, 0.0)), all("stop"));
    hear(&mut model, (1..=3).map(|run| ended(run, Status::Cancelled)));
    assert_eq!(model.runs.iter().map(|run| run.id).collect::<Vec<_>>(), [1], "the others made no step");
    assert_eq!((model.mode(), model.lanes().map(|lane| lane.run)), (Mode::Idle, [Some(1), None, None]));

    let mut model = race();
    model.update(Message::Stop, 0.0);
    hear(&mut model, (1..=3).map(|run| ended(run, Status::Cancelled)));
    assert_eq!((model.race.clone(), model.runs.iter().count(), model.settings.race), (None, 0, true));
}

#[test]
fn the_three_stand_side_by_side_when_they_are_over() {
    let mut model = ready();
    start(&mut model);
    finish(&mut model);
    assert_eq!(compared(&model), [1]);
    model.update(Message::StartRace, 0.0);
    for run in 2..=4 {
        let begins = began(&model, run);
        hear(&mut model, [begins, told(run, 0, 0), told(run, 1, 9), ended(run, Status::Finished)]);
    }
    assert_eq!((compared(&model), model.mode()), (vec![2, 3, 4], Mode::Idle));
    assert_eq!(
        model.lanes().map(|lane| lane.closed()),
        [28, 28, 28],
        "of the first nine questions five are asked in a race"
    );
    // Another run does not take them away; a reset does, and the race stays open.
    start(&mut model);
    assert!(model.race.is_some());
    hear(&mut model, [Event::WasReset]);
    assert_eq!((model.race.clone(), model.settings.race), (None, true));
}

#[test]
fn the_runs_of_a_race_stay_at_hand_until_it_is_put_away() {
    let mut model = ready();
    model.update(Message::StartRace, 0.0);
    for run in 1..=3 {
        hear(&mut model, [told(run, 0, 0), told(run, 1, 0), ended(run, Status::Finished)]);
        model.update(Message::Compare(run, false), 0.0);
    }
    for _ in 0..12 {
        let run = start(&mut model);
        hear(&mut model, [told(run, 0, 0)]);
        finish(&mut model);
    }
    let set_aside = |model: &Model| model.runs.iter().filter(|run| run.is_set_aside()).count();
    assert_eq!((set_aside(&model), model.runs.get(1).unwrap().is_set_aside()), (1, false));
    model.update(Message::OpenRace(false), 0.0);
    assert!(model.runs.get(1).unwrap().is_set_aside() && model.race.is_none());
}

#[test]
fn the_race_can_be_looked_at_as_it_was() {
    let mut model = race();
    tell(&mut model, [2, 2, 2]);
    model.update(Message::ScrubRace(Some(0.0)), 0.0);
    assert_eq!(model.lanes().map(|lane| lane.steps.0), [0, 0, 0]);
    model.update(Message::ScrubRace(None), 0.0);
    assert_eq!(model.lanes().map(|lane| lane.steps.0), [2, 2, 2]);
}

#[test]
fn an_engine_that_breaks_costs_the_race_and_keeps_what_it_measured() {
    let mut model = race();
    tell(&mut model, [1, 4, 6]);
    assert_eq!(hear(&mut model, [failed(ErrorCode::Panic, true)]), [Effect::Spawn]);
    assert_eq!((model.mode(), model.lanes().map(|lane| lane.steps.0)), (Mode::Idle, [1, 4, 6]));
}
