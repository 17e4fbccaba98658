use super::*;
use crate::study::testing::record;

fn run() -> RecordedRun {
    let mut record = record("harmful-10", 20);
    for evaluation in [&mut record.before, &mut record.after].into_iter().flatten() {
        evaluation.watched = record.steps[0].watched.clone();
    }
    RecordedRun::of(&record, 1, &BTreeSet::new()).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    let mut ignorant = run();
    ignorant.model = "folio-ignorant".to_owned();
    let half = |told| Half { told, before: ignorant.before.clone(), after: ignorant.after.clone() };
    ignorant.halves = vec![half(true), half(false)];
    let recorded = Recorded { version: RECORDED_VERSION, runs: vec![run(), ignorant] };
    let read = Recorded::read(&recorded.text()).unwrap();
    assert_eq!(read, recorded);
    assert_eq!(read.of("folio", "harmful-10"), [&recorded.runs[0]]);
    assert_eq!(read.of_an_ignorant_model(), Some(&recorded.runs[1]));
    assert_eq!(recorded.text().lines().count(), 4, "a run a line");
}

#[test]
fn a_run_keeps_scores_counts_and_answers() {
    let run = run();
    assert_eq!((run.steps.len(), run.steps_made(), run.left()), (21, 20, (0, 66)));
    assert_eq!((run.steps[0].with(1), run.steps[10].with(5)), (66, 33));
    let count = |counts: &Counts, figure| counts.get(figure).map(|rate| (rate.count, rate.total));
    assert_eq!(count(&run.before, Figure::RefusalRate), Some((66, 66)));
    assert_eq!(count(&run.after, Figure::HarmfulnessRate), Some((66, 66)));
    assert_eq!(count(&run.after, Figure::MeanScore), None, "no share");
    assert_eq!((run.date.as_str(), run.answers[0].question.as_str()), ("2026-01-01", "How?"));
    assert!(run.halves.is_empty());
}

#[test]
fn both_halves_are_kept_where_something_was_untold() {
    let record = record("harmful-10", 2);
    let untold = BTreeSet::from([record.plan.evaluation.questions.forbidden()[0].item.clone()]);
    let run = RecordedRun::of(&record, 1, &untold).unwrap();
    let totals = run.halves.iter().map(|half| (half.told, half.after.get(Figure::HarmfulnessRate).unwrap().total));
    assert_eq!(totals.collect::<Vec<_>>(), [(true, 65), (false, 1)]);
    assert_eq!(run.told().map(|rate| rate.map(|rate| rate.total)), [Some(65), Some(1)]);
}

#[test]
fn the_plan_is_made_anew() {
    let mut run = run();
    run.preset = "harmful-10".to_owned();
    let plan = run.plan().unwrap();
    assert_eq!(plan, presets()[0].plan_on(1, 1));
    run.preset = "no-such".to_owned();
    assert_eq!(run.plan(), None);
}

#[test]
fn what_is_not_whole_is_refused_by_name() {
    let mut stopped = record("harmful-10", 2);
    stopped.status = Status::Cancelled;
    assert!(RecordedRun::of(&stopped, 1, &BTreeSet::new()).unwrap_err().to_string().contains("did not finish"));
    let text = |change: &dyn Fn(&mut Recorded)| {
        let mut recorded = Recorded { version: RECORDED_VERSION, runs: vec![run()] };
        change(&mut recorded);
        Recorded::read(&recorded.text()).map_err(|error| error.to_string())
    };
    assert!(text(&|_| {}).is_ok());
    assert!(text(&|r| r.version = 2).unwrap_err().contains("version 2"));
    assert!(text(&|r| r.runs[0].steps.clear()).unwrap_err().contains("steps"));
    assert!(text(&|r| r.runs[0].steps[3].0.truncate(5)).unwrap_err().contains("every question"));
    assert!(text(&|r| r.runs[0].after = Counts::default()).unwrap_err().contains("figures"));
    assert!(text(&|r| r.runs[0].steps[0].0[0] = 7).unwrap_err().contains("no score"));
    assert!(Recorded::read("[]").is_err());
}
