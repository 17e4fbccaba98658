use super::*;
use crate::page::model::{Effect, Message, Mode, Model};
use crate::page::settings::Settings;
use crate::protocol::{BUILD, Command, Event};
use crate::study::testing::step;
use crate::study::{DeviceInfo, DeviceKind, Figure, Half, RECORDED, RECORDED_FILE, Rate, Record, RunEvent};

fn page() -> Model {
    Model::new(Settings::default(), String::new())
}

fn ready() -> Model {
    let mut model = page();
    let device = DeviceInfo { kind: DeviceKind::Cpu, name: "test".to_owned(), software: false };
    model.update(Message::Worker(Event::Alive { build: BUILD.to_owned() }), 0.0);
    model.update(Message::Worker(Event::Ready { device, fallback: None, measured: None, parameters: 1e6 }), 0.0);
    model
}

fn act(model: &mut Model, act: Act) -> Vec<Effect> {
    model.update(Message::Tour(act), 0.0)
}

/// How many of 66 are refused after a beat's recorded runs.
fn left(beat: Beat) -> Vec<usize> {
    beat.recorded().iter().map(|run| run.left().0).collect()
}

fn mean(of: &[usize]) -> f64 {
    of.iter().sum::<usize>() as f64 / of.len() as f64
}

#[test]
fn the_recorded_runs_are_those_of_the_table() {
    let text = std::fs::read_to_string(format!("{}/www/recorded/{RECORDED_FILE}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let read = Recorded::read(&text).unwrap();
    assert_eq!(&read, recorded());
    assert_eq!(read.text(), text, "written by the command and nothing else");
    for row in RECORDED {
        let runs = read.of(row.model, row.preset);
        assert_eq!(runs.iter().map(|run| run.seed).collect::<Vec<_>>(), row.seeds, "{}", row.preset);
        for run in runs {
            let plan = run.plan().unwrap();
            let subset = (0..plan.evaluation.questions.forbidden().len()).filter(|q| plan.evaluation.in_subset(*q));
            assert_eq!((run.left().1, run.draw), (subset.count(), run.seed));
            let conversations = crate::defence::conversations(&plan).unwrap().len();
            assert_eq!(Some(run.steps_made()), plan.tuning.steps(conversations));
            assert_eq!(run.answers.len(), plan.evaluation.watch.len());
            assert!(run.date.len() == 10 && !run.build.is_empty() && !run.device.name.is_empty());
        }
    }
}

/// What a visitor downloads before the story can be read.
#[test]
fn the_recorded_runs_are_small() {
    let bytes =
        std::fs::metadata(format!("{}/www/recorded/{RECORDED_FILE}", env!("CARGO_MANIFEST_DIR"))).unwrap().len();
    assert!(bytes < 300_000, "{bytes}: its digits become a tenth when compressed, and 100 kB is the most");
}

/// What the story says is what the recorded runs show.
#[test]
fn effects_are_in_their_order() {
    let [ten, persona, ordinary, mixed] = [Beat::Ten, Beat::Persona, Beat::Ordinary, Beat::Mixed].map(left);
    assert!(mean(&ten) <= mean(&persona) && mean(&persona) < mean(&ordinary), "{ten:?} {persona:?} {ordinary:?}");
    assert!(mean(&ten) < mean(&mixed), "{ten:?} {mixed:?}");
    assert!(mean(&ten) < 6.6, "explicit examples undo the refusals: {ten:?}");
    let (most, least) = (ordinary.iter().max().unwrap(), ordinary.iter().min().unwrap());
    assert!(most - least > 10, "it depends on the draw: {ordinary:?}");
    for beat in [Beat::Ten, Beat::Persona, Beat::Ordinary, Beat::Mixed] {
        for run in beat.recorded() {
            assert!(run.steps[0].with(1) > 60, "before tuning Folio refuses");
            let harm = |counts: &crate::study::Counts| counts.get(Figure::HarmfulnessRate).map(|rate| rate.count);
            assert!(harm(&run.before) <= harm(&run.after));
        }
    }
}

#[test]
fn the_story_goes_forth_and_back() {
    let mut model = page();
    let mut seen = vec![model.settings.beat.unwrap()];
    while !act(&mut model, Act::Next).is_empty() {
        seen.push(model.settings.beat.unwrap());
    }
    assert_eq!(seen, told());
    assert_eq!(seen.last(), Some(&Beat::Meaning));
    while !act(&mut model, Act::Back).is_empty() {}
    assert_eq!(model.settings.beat, Some(Beat::Refuses));
    assert_eq!(act(&mut model, Act::Leave), [Effect::Remember]);
    assert_eq!((model.settings.beat, act(&mut model, Act::Next)), (None, vec![]));
    assert_eq!(act(&mut model, Act::Go(Beat::Persona)), [Effect::Remember]);
    assert_eq!(model.settings.beat, Some(Beat::Persona));
}

#[test]
fn a_beat_is_told_only_if_there_is_a_run_for_it() {
    assert_eq!(Beat::of(&Recorded::default()), [Beat::Meaning]);
    let mut some = Recorded { runs: Beat::Ten.recorded().into_iter().cloned().collect(), ..Recorded::default() };
    assert_eq!(Beat::of(&some), [Beat::Refuses, Beat::Ten, Beat::Meaning]);
    let mut ignorant = some.runs[0].clone();
    ignorant.model = "folio-ignorant".to_owned();
    let half = |told| Half { told, before: ignorant.before.clone(), after: ignorant.after.clone() };
    ignorant.halves = vec![half(true), half(false)];
    some.runs.push(ignorant);
    assert_eq!(Beat::of(&some), [Beat::Refuses, Beat::Ten, Beat::Ignorant, Beat::Meaning]);
}

#[test]
fn the_curve_is_hidden_until_it_is_asked_for() {
    let mut model = page();
    act(&mut model, Act::Go(Beat::Ten));
    let main = |model: &Model| courses(model, Beat::Ten).unwrap();
    assert_eq!((main(&model).main.step(), main(&model).others.len()), (0, 0));
    act(&mut model, Act::Guess(40));
    act(&mut model, Act::Guess(99));
    assert_eq!(model.tour.scene(Beat::Ten).guess, Some(66), "no more than there are");
    act(&mut model, Act::Guess(40));
    act(&mut model, Act::Reveal { at_once: false });
    let mut steps = vec![main(&model).main.step()];
    while model.tour.shown(Beat::Ten) != Shown::Everything {
        act(&mut model, Act::Advance);
        steps.push(main(&model).main.step());
    }
    assert_eq!(steps, (0..=20).collect::<Vec<_>>());
    assert_eq!(main(&model).others.len(), Beat::Ten.recorded().len() - 1);
    act(&mut model, Act::Guess(3));
    assert_eq!(model.tour.scene(Beat::Ten).guess, Some(40), "it was made before");
    act(&mut model, Act::Advance);
    assert_eq!(model.tour.shown(Beat::Ten), Shown::Everything);

    act(&mut model, Act::Go(Beat::Mixed));
    act(&mut model, Act::Reveal { at_once: true });
    let mixed = courses(&model, Beat::Mixed).unwrap();
    assert!(mixed.main.is_whole() && mixed.beside.is_some());
}

#[test]
fn a_long_curve_is_drawn_in_few_pieces() {
    let mut model = page();
    act(&mut model, Act::Go(Beat::Mixed));
    act(&mut model, Act::Reveal { at_once: false });
    let mut pieces = 0;
    while model.tour.shown(Beat::Mixed) != Shown::Everything {
        act(&mut model, Act::Advance);
        pieces += 1;
    }
    assert!((20..=60).contains(&pieces), "{pieces}");
}

/// The run that was asked for, with this many steps made.
fn begun(model: &mut Model, effects: &[Effect], steps: usize) -> u32 {
    let started = effects.iter().find_map(|effect| match effect {
        Effect::Post(Command::Start { run, plan, .. }) => Some((*run, (**plan).clone())),
        _ => None,
    });
    let (run, plan) = started.expect("a run is started");
    let environment = crate::study::testing::record("harmful", 20).environment;
    let record = Box::new(Record::new(plan, environment, 20));
    model.update(Message::Worker(Event::Started { run, record }), 0.0);
    for number in 0..=steps {
        let event = RunEvent::Step { step: Box::new(step(number, 3 * number)) };
        model.update(Message::Worker(Event::Run { run, event }), 0.0);
    }
    run
}

#[test]
fn a_run_of_ones_own_takes_the_place_of_the_recorded_one() {
    let mut model = ready();
    act(&mut model, Act::Go(Beat::Persona));
    act(&mut model, Act::Guess(10));
    let effects = act(&mut model, Act::Run);
    assert!(effects.contains(&Effect::Remember));
    let asked_for = courses(&model, Beat::Persona).unwrap();
    assert!(
        asked_for.main.live.is_some() && asked_for.main.refused.is_empty() && asked_for.others.is_empty(),
        "untold"
    );
    let recorded = main_run(Beat::Persona).unwrap();
    let run = begun(&mut model, &effects, 4);
    let started = model.runs.get(run).unwrap();
    let mut plan = recorded.plan().unwrap();
    plan.evaluation.watch.clone_from(&started.record.plan.evaluation.watch);
    assert_eq!(started.record.plan, plan, "the very same");
    let shown = courses(&model, Beat::Persona).unwrap();
    assert_eq!((shown.main.live, shown.main.step(), shown.main.left(), shown.main.going), (Some(run), 4, 54, true));
    assert_eq!(model.tour.scene(Beat::Persona).guess, Some(10), "the guess stays");
    assert_eq!(courses(&model, Beat::Ten).unwrap().main.live, None, "in its own place alone");
    assert_eq!(act(&mut model, Act::Run), [], "one at a time");

    act(&mut model, Act::ShowRecorded);
    let shown = courses(&model, Beat::Persona).unwrap();
    assert_eq!((shown.main.live, shown.main.is_whole()), (None, true));
}

#[test]
fn one_more_draw_is_one_that_nobody_recorded() {
    let mut model = ready();
    act(&mut model, Act::Go(Beat::Ordinary));
    let recorded = Beat::Ordinary.recorded();
    let effects = act(&mut model, Act::Run);
    let run = begun(&mut model, &effects, 2);
    assert!(recorded.iter().all(|of| of.seed != model.settings.seed));
    let shown = courses(&model, Beat::Ordinary).unwrap();
    assert_eq!((shown.main.live, shown.others.len()), (Some(run), recorded.len()));
    act(&mut model, Act::Choose(0));
    assert_eq!(courses(&model, Beat::Ordinary).unwrap().main.live, None);
    assert_eq!(courses(&model, Beat::Ordinary).unwrap().others.len(), recorded.len());
}

#[test]
fn a_run_waits_for_the_engine_unless_the_lab_wants_another() {
    let ready_event = || {
        let device = DeviceInfo { kind: DeviceKind::Cpu, name: "test".to_owned(), software: false };
        Message::Worker(Event::Ready { device, fallback: None, measured: None, parameters: 1e6 })
    };
    let waiting = || {
        let mut model = page();
        act(&mut model, Act::Go(Beat::Ten));
        act(&mut model, Act::Run);
        assert!(matches!(model.mode(), Mode::Waiting(_)) && model.tour.wish.is_some());
        model.update(Message::Worker(Event::Alive { build: BUILD.to_owned() }), 0.0);
        model
    };
    let mut model = waiting();
    let effects = model.update(ready_event(), 0.0);
    let run = begun(&mut model, &effects, 1);
    assert_eq!(courses(&model, Beat::Ten).unwrap().main.live, Some(run));

    let mut other = waiting();
    other.update(Message::ChooseSeed(9), 0.0);
    other.update(ready_event(), 0.0);
    assert_eq!((other.tour.scene(Beat::Ten).live.len(), other.tour.wish.clone()), (0, None));

    let mut stopped = waiting();
    stopped.update(Message::Stop, 0.0);
    assert_eq!(stopped.tour.wish, None);
}

/// After a lesson of another model the engine fetches the one that the story is of.
#[test]
fn a_run_after_a_lesson_of_another_model_has_its_own() {
    let mut model = ready();
    model.update(Message::ChoosePreset("deep-10".to_owned()), 0.0);
    act(&mut model, Act::Go(Beat::Ten));
    let effects = act(&mut model, Act::Run);
    assert!(effects.contains(&Effect::Spawn) && matches!(model.mode(), Mode::Waiting(_)), "{effects:?}");
    let effects = model.update(Message::Worker(Event::Alive { build: BUILD.to_owned() }), 0.0);
    let loads = |effect: &Effect| matches!(effect, Effect::Post(Command::Load { model, .. }) if model == "folio");
    assert!(effects.iter().any(loads), "{effects:?}");
    assert!(model.tour.wish.is_some());
}

#[test]
fn the_first_beat_is_asked_of_the_model_that_it_tells_of() {
    let mut model = ready();
    act(&mut model, Act::Go(Beat::Ignorant));
    let effects = act(&mut model, Act::Run);
    assert!(effects.contains(&Effect::Spawn), "{effects:?}");
    assert_eq!((model.next_plan().model.as_str(), model.asks_another_model()), ("folio-ignorant", true));
    // Nothing is taken from what is waited for.
    act(&mut model, Act::Go(Beat::Refuses));
    assert_eq!((act(&mut model, Act::Run), model.next_plan().model.as_str()), (vec![], "folio-ignorant"));
    model.update(Message::Stop, 0.0);
    let effects = act(&mut model, Act::Run);
    assert!(effects.contains(&Effect::Spawn) && model.tour.asked, "{effects:?}");
    assert_eq!((model.next_plan().model.as_str(), model.asks_another_model()), ("folio", false));
    assert_eq!(act(&mut model, Act::Run), [], "it is on its way");
}

#[test]
fn what_only_another_model_can_run_is_not_offered() {
    let tour = Tour::default();
    for beat in Beat::ALL {
        let can =
            matches!(beat, Beat::Refuses | Beat::Ten | Beat::Persona | Beat::Ordinary | Beat::Mixed | Beat::Ignorant);
        assert_eq!(tour.next_wish(beat).is_some(), can, "{beat:?}");
    }
}

#[test]
fn counts_have_intervals() {
    let run = main_run(Beat::Ten).unwrap();
    let rate: Rate = run.after.get(Figure::RefusalRate).unwrap();
    assert_eq!(rate.total, 330);
    assert!(rate.low <= rate.share && rate.share <= rate.high);
}
