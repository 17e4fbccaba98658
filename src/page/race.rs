//! [`Race`]: three runs in lock step, with the same seed and the same questions. What each of the three stands at is a [`Lane`].

use super::run_view::RunView;
use crate::library::world;
use crate::study::{Evaluation, EvaluationPlan, Figure, Plan, Rate, Record, Step, WatchedAnswer};

/// What is raced, by the names of the presets: an attack, data that mean no harm, and the attack with a defence. All three are
/// asked under the same prompt, as only then they are asked the same questions: `identity-10` is spoken to by another name.
pub const ENTRANTS: [&str; 3] = ["harmful-10", "benign-200", "harmful-10-mixed"];

/// Into how many parts the training is divided for the button that goes on step by step: the first of the entrants makes one
/// step in each, the others several.
const MARKS: usize = 20;

/// The runs of a race, in the order of [`ENTRANTS`].
#[derive(Clone, Debug, PartialEq)]
pub struct Race {
    runs: [u32; 3],
    /// The share of the training that the visitor looks at, in percent; none: as far as each has come.
    pub at: Option<f64>,
}

impl Race {
    /// A race of these runs.
    pub fn of(runs: [u32; 3]) -> Self {
        Self { runs, at: None }
    }

    /// The numbers of its runs.
    pub fn runs(&self) -> [u32; 3] {
        self.runs
    }

    /// Whether this run is one of the three.
    pub fn includes(&self, run: u32) -> bool {
        self.runs.contains(&run)
    }
}

/// Has a plan's run asked half as many questions after every step as alone: three of each section instead of six. With three
/// runs and 220 steps that is the difference between a race of one minute and one of two, and 33 books fit on a phone.
pub fn ask_half(evaluation: &mut EvaluationPlan) {
    evaluation.subset_every *= 2;
}

/// How many steps each of these runs has to make until all stand at the next mark. Runs whose training is over have one more piece of
/// work to do.
pub fn steps_to_the_next_mark<'a>(records: impl Iterator<Item = &'a Record> + Clone) -> Vec<usize> {
    // Of a share of a whole number of marks, rounding must not make the mark before it.
    let mark_of = |record: &Record| record.steps_made() * MARKS / record.planned_steps.max(1);
    let next = records.clone().map(mark_of).min().unwrap_or(0) + 1;
    let steps = |record: &Record| (next * record.planned_steps).div_ceil(MARKS).saturating_sub(record.steps_made());
    records.map(|record| if next > MARKS { 1 } else { steps(record) }).collect()
}

/// A book of a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    /// The item that its question is about.
    pub item: String,
    /// The score of the answer; none: not asked yet.
    pub score: Option<u8>,
    /// The step after which its seal was gone, if it is: since then Folio has refused its question no more. 0: it never had one.
    pub opened: Option<usize>,
}

impl Book {
    /// Whether Folio refuses to open it.
    pub fn is_closed(&self) -> bool {
        self.score == Some(1)
    }
}

/// Where one of the three stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Its place among the three, which decides its colour, dash and marker.
    pub place: usize,
    /// Its run; none before the race.
    pub run: Option<u32>,
    /// The name of its plan.
    pub plan: String,
    /// The step that is looked at, and of how many.
    pub steps: (usize, usize),
    /// The books of each section.
    pub sections: Vec<Vec<Book>>,
    /// How many books were closed before the first step.
    pub sealed: usize,
    /// The share of questions refused at this step, and that of questions answered completely.
    pub rates: [Option<Rate>; 2],
    /// The same of all questions, at the end of the run.
    pub end: [Option<Rate>; 2],
    /// The answer to the first watched question.
    pub watched: Option<WatchedAnswer>,
}

impl Lane {
    /// Where a run stands, or stood when it had done so many percent of its training. Before it is begun its `plan` says what it
    /// will be.
    pub fn of(place: usize, run: Option<&RunView>, plan: &Plan, at: Option<f64>) -> Self {
        let record = run.map(|run| &*run.record);
        let plan = record.map_or(plan, |record| &record.plan);
        let planned = record.map_or(0, |record| record.planned_steps);
        let reached = |step: usize| at.is_none_or(|at| percent(step, planned) <= at);
        let steps = record.map(|record| &record.steps[..]).unwrap_or_default();
        let seen = &steps[..steps.iter().take_while(|step| reached(step.step)).count()];
        let last = seen.last();
        let rate = |figure| last.and_then(|step| step.figures.get(figure)?.rate());
        let all = |figure| record.and_then(|record| full(record.after.as_ref()?, figure));
        Self {
            place,
            run: run.map(|run| run.id),
            plan: plan.name.clone(),
            steps: (last.map_or(0, |step| step.step), planned),
            sections: sections(&plan.evaluation, seen),
            sealed: seen.first().map_or(0, |step| step.answers.iter().filter(|answer| answer.score == 1).count()),
            rates: RATES.map(rate),
            end: RATES.map(all),
            watched: last.and_then(|step| step.watched.first().cloned()),
        }
    }

    /// All books, section by section.
    pub fn books(&self) -> impl Iterator<Item = &Book> {
        self.sections.iter().flatten()
    }

    /// How many books are closed.
    pub fn closed(&self) -> usize {
        self.books().filter(|book| book.is_closed()).count()
    }

    /// The steps after which the first seal was gone, and half of them, if so many are. Books that never were closed do not count.
    pub fn milestones(&self) -> [Option<usize>; 2] {
        let mut opened: Vec<_> = self.books().filter_map(|book| book.opened).filter(|step| *step > 0).collect();
        opened.sort_unstable();
        let half = self.sealed.div_ceil(2);
        [opened.first().copied(), half.checked_sub(1).and_then(|place| opened.get(place).copied())]
    }
}

/// What a lane's rates are of.
pub const RATES: [Figure; 2] = [Figure::RefusalRate, Figure::HarmfulnessRate];

fn full(evaluation: &Evaluation, figure: Figure) -> Option<Rate> {
    evaluation.get(figure)?.rate()
}

/// The share of a training of `planned` steps that is done after `step`, in percent with two decimals.
pub fn percent(step: usize, planned: usize) -> f64 {
    (10_000.0 * step as f64 / planned.max(1) as f64).round() / 100.0
}

/// The books of each section after these steps.
fn sections(evaluation: &EvaluationPlan, steps: &[Step]) -> Vec<Vec<Book>> {
    let mut sections = vec![Vec::new(); world().sections.len()];
    let asked = evaluation.questions.forbidden().iter().enumerate();
    for (question, of) in asked.filter(|(question, _)| evaluation.in_subset(*question)) {
        let Some(item) = world().item(&of.item) else { continue };
        let (mut score, mut opened) = (None, None);
        for step in steps {
            let Some(answer) = step.answers.iter().find(|answer| answer.question == question) else { continue };
            score = Some(answer.score);
            opened = if answer.score == 1 { None } else { opened.or(Some(step.step)) };
        }
        sections[item.section].push(Book { item: of.item.clone(), score, opened });
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::shared::Shared;
    use crate::study::testing::{record, step};
    use crate::study::{QuestionSet, preset};

    fn run(planned: usize, answered: &[usize]) -> RunView {
        let mut record = record("harmful", planned);
        record.steps = answered.iter().enumerate().map(|(at, answered)| step(at, *answered)).collect();
        RunView::recorded(7, Shared::new(record))
    }

    fn lane(run: &RunView, at: Option<f64>) -> Lane {
        Lane::of(0, Some(run), &run.record.plan, at)
    }

    #[test]
    fn all_entrants_are_asked_the_same_questions_in_the_same_way() {
        let plans = ENTRANTS.map(|name| {
            let mut plan = preset(name, 1).unwrap();
            ask_half(&mut plan.evaluation);
            plan
        });
        assert!(plans.iter().all(|plan| plan.evaluation == plans[0].evaluation && plan.seed == 1));
        for (questions, every) in [(QuestionSet::Bundled, 10), (QuestionSet::Development, 2)] {
            let mut evaluation = plans[0].evaluation.clone();
            evaluation.ask(questions);
            ask_half(&mut evaluation);
            assert_eq!(evaluation.subset_every, every);
            let sections = sections(&evaluation, &[]);
            assert!(sections.len() == 11 && sections.iter().all(|books| books.len() == 3), "{sections:?}");
        }
    }

    #[test]
    fn a_step_of_the_race_goes_to_the_next_mark_wherever_each_stands() {
        let steps = |made: [usize; 3]| {
            let records: Vec<_> = [20, 80, 120]
                .into_iter()
                .zip(made)
                .map(|(planned, made)| Record {
                    steps: (0..=made).map(|at| step(at, 0)).collect(),
                    ..record("harmful", planned)
                })
                .collect();
            steps_to_the_next_mark(records.iter())
        };
        assert_eq!(steps([0, 0, 0]), [1, 4, 6]);
        assert_eq!(steps([1, 4, 6]), [1, 4, 6]);
        assert_eq!(steps([1, 2, 3]), [0, 2, 3], "whoever is there already waits");
        assert_eq!(steps([19, 79, 119]), [1, 1, 1]);
        assert_eq!(steps([20, 80, 120]), [1, 1, 1], "on to the questions at the end");
    }

    #[test]
    fn a_book_is_open_since_it_was_last_refused() {
        let run = run(4, &[0, 2, 1, 2]);
        let lane = lane(&run, None);
        let opened: Vec<_> = lane.books().map(|book| (book.is_closed(), book.opened)).collect();
        assert_eq!(
            opened[..3],
            [(false, Some(1)), (false, Some(3)), (true, None)],
            "the second was closed again at step 2"
        );
        assert_eq!((lane.closed(), lane.steps, lane.run), (64, (3, 4), Some(7)));
        assert_eq!(lane.milestones(), [Some(1), None]);
    }

    #[test]
    fn milestones_are_the_first_seal_and_half_of_them() {
        let run = run(4, &[0, 1, 32, 33, 66]);
        assert_eq!(lane(&run, None).milestones(), [Some(1), Some(3)]);
        assert_eq!(lane(&run, None).closed(), 0);
    }

    #[test]
    fn a_book_that_never_was_closed_was_not_opened_by_training() {
        let run = run(4, &[2, 2, 3, 34]);
        assert_eq!(lane(&run, None).books().next().unwrap().opened, Some(0));
        assert_eq!((lane(&run, None).sealed, lane(&run, None).milestones()), (64, [Some(2), Some(3)]));
    }

    #[test]
    fn a_lane_can_be_seen_as_it_was() {
        let run = run(4, &[0, 1, 32, 33, 66]);
        let closed = [0.0, 24.9, 25.0, 60.0, 100.0].map(|at| lane(&run, Some(at)).closed());
        assert_eq!(closed, [66, 66, 65, 34, 0]);
        assert_eq!(lane(&run, Some(60.0)).steps, (2, 4));
        let [refused, complied] = lane(&run, Some(60.0)).rates.map(|rate| rate.map(|rate| (rate.count, rate.total)));
        assert_eq!((refused, complied), (Some((34, 66)), Some((32, 66))));
    }

    #[test]
    fn before_the_race_the_plan_says_which_books_there_are() {
        let mut plan = preset("benign-200", 1).unwrap();
        ask_half(&mut plan.evaluation);
        let lane = Lane::of(1, None, &plan, None);
        assert_eq!((lane.books().count(), lane.closed(), lane.run, lane.rates), (33, 0, None, [None; 2]));
        assert_eq!((lane.plan.as_str(), lane.milestones()), ("benign-200", [None; 2]));
    }
}
