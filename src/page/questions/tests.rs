use super::*;
use crate::study::{ConditionKind, DEFAULT_WATCH};

fn persona() -> Condition {
    ConditionKind::Persona.condition()
}

fn id(command: &Command) -> u32 {
    let Command::Ask { id, .. } = command else { panic!("{command:?}") };
    *id
}

#[test]
fn originals_are_asked_once_under_the_main_condition() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let commands = questions.ask_originals(&persona());
    assert_eq!(commands.len(), 3);
    let Command::Ask { run, question, condition, .. } = &commands[0] else { panic!() };
    assert_eq!((run, question.as_str(), condition), (&None, DEFAULT_WATCH[0], &persona()));
    assert_eq!(questions.ask_originals(&persona()), []);

    questions.answered(id(&commands[0]), "I am sorry.".to_owned(), None, None);
    assert_eq!(questions.watches[0].original.as_ref().unwrap().score, Some(1));
    assert_eq!(questions.ask_originals(&persona()), []);

    questions.forget_originals();
    assert_eq!(questions.ask_originals(&persona()).len(), 3);
    questions.answered(id(&commands[1]), "late".to_owned(), None, None);
    assert_eq!(questions.watches[1].original, None);
}

#[test]
fn an_answer_grows_until_it_is_there_or_the_visitor_has_heard_enough() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let command = questions.ask_in_box("how?", Some(2), &persona()).unwrap();
    assert!(matches!(command, Command::Ask { aloud: true, .. }));
    let asked = id(&command);
    questions.saying(asked, false, "I am".to_owned());
    questions.saying(asked, false, "I am sorry".to_owned());
    questions.saying(asked, true, "Take".to_owned());
    assert_eq!(questions.asked[0].said, ["I am sorry", "Take"]);

    assert_eq!(questions.hush(asked), Some(Command::Hush { id: asked }));
    questions.hushed(asked);
    assert_eq!((&questions.asked[0].state, questions.are_open()), (&BoxState::Stopped, false));
    assert_eq!(questions.hush(asked), None, "it is over");
    questions.saying(asked, true, "Take three".to_owned());
    questions.answered(asked, "late".to_owned(), None, None);
    assert_eq!((&questions.asked[0].state, &questions.asked[0].said[1][..]), (&BoxState::Stopped, "Take"));

    // It was answered before the engine read that it should stop.
    let asked = id(&questions.ask_in_box("how?", None, &persona()).unwrap());
    questions.answered(asked, "So.".to_owned(), None, None);
    questions.hushed(asked);
    assert!(matches!(questions.asked[0].state, BoxState::Answered { .. }));
    assert!(questions.ask_originals(&persona()).iter().all(|c| matches!(c, Command::Ask { aloud: false, .. })));
}

#[test]
fn a_question_is_retraced_once_along_the_steps_of_its_run() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let question = DEFAULT_WATCH[0];
    let asked = id(&questions.ask_in_box(question, Some(2), &persona()).unwrap());
    assert_eq!(questions.retrace(asked), None, "no answer yet");
    questions.answered(asked, "So.".to_owned(), Some("So!".to_owned()), None);
    assert!(matches!(questions.retrace(asked), Some(Command::Retrace { run: 2, .. })));
    assert!(questions.are_open() && questions.retrace(asked).is_none());
    questions
        .retraced(asked, Some(vec![(0, "I am sorry, but I cannot help with that.".to_owned()), (2, "So.".to_owned())]));
    let steps = questions.asked[0].steps.there().unwrap();
    assert_eq!((steps[0].0, steps[0].1.score, steps[1].0), (0, Some(1), 2), "each is judged");
    assert!(!questions.are_open());

    questions.asked[0].steps = Further::Off;
    questions.retrace(asked);
    questions.retraced(asked, None);
    assert_eq!(questions.asked[0].steps, Further::Failed);
    assert!(questions.retrace(asked).is_some(), "it can be tried again");
    questions.lost();
    assert_eq!(questions.asked[0].steps, Further::Failed);
}

#[test]
fn a_dial_is_turned_once_for_a_question_that_a_tuned_model_answered() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let mut ask = |run| id(&questions.ask_in_box("how?", run, &persona()).unwrap());
    let (alone, both) = (ask(None), ask(Some(2)));
    assert_eq!([alone, both].map(|id| questions.turn(id)), [None, None], "no answer yet");
    for id in [alone, both] {
        questions.answered(id, "So.".to_owned(), Some("So!".to_owned()), None);
    }
    assert_eq!(questions.turn(alone), None);
    let command = questions.turn(both).unwrap();
    assert!(matches!(&command, Command::Dial { run: 2, strengths, .. } if *strengths == STRENGTHS));
    assert!(questions.are_open() && questions.turn(both).is_none());
    questions.turned(both, vec!["So.".to_owned(); STRENGTHS.len()]);
    assert_eq!(questions.asked[0].dial.there().unwrap().len(), STRENGTHS.len());
    questions.turned(both, Vec::new());
    assert!(!questions.are_open() && questions.asked[0].dial.there().is_some());

    // What came to nothing can be asked again.
    questions.asked[0].dial = Further::Off;
    questions.turn(both);
    questions.lost();
    assert_eq!((&questions.asked[0].dial, questions.are_open()), (&Further::Failed, false));
    assert!(questions.turn(both).is_some());
    questions.turned(both, vec![String::new()]);
    assert_eq!(questions.asked[0].dial, Further::Failed);
}

#[test]
fn the_tokens_of_an_answer_are_looked_at_once() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let asked = id(&questions.ask_in_box("how?", Some(2), &persona()).unwrap());
    assert_eq!(questions.look_inside(asked), None, "no answer yet");
    questions.answered(asked, "So.".to_owned(), Some("So!".to_owned()), None);
    let command = questions.look_inside(asked).unwrap();
    assert!(matches!(&command, Command::Trace { id, run: 2, question, .. } if *id == asked && question == "how?"));
    assert!(questions.are_open() && questions.look_inside(asked).is_none());
    questions.traced(asked, Some(Trace::default()));
    assert!(!questions.are_open() && questions.asked[0].trace.there().is_some());
    assert_eq!(questions.look_inside(asked), None);

    let lost = id(&questions.ask_in_box("and how?", Some(2), &persona()).unwrap());
    questions.answered(lost, "So.".to_owned(), Some("So!".to_owned()), None);
    questions.look_inside(lost);
    questions.lost();
    assert_eq!(questions.asked[0].trace, Further::Failed);
    assert!(questions.look_inside(lost).is_some());
    questions.traced(lost, None);
    assert_eq!(questions.asked[0].trace, Further::Failed);
}

#[test]
fn the_answer_to_a_question_no_longer_watched_is_dropped() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let commands = questions.ask_originals(&persona());
    assert!(questions.watch(1, "  What is\n a hex? "));
    questions.answered(id(&commands[1]), "late".to_owned(), None, None);
    assert_eq!((questions.watches[1].question.as_str(), &questions.watches[1].original), ("What is a hex?", &None));
    assert!(!questions.watch(1, "What is a hex?") && !questions.watch(1, " ") && !questions.watch(9, "x"));
}

#[test]
fn the_last_question_with_an_answer_comes_back_for_one_that_is_too_long() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let commands = questions.ask_originals(&persona());
    questions.answered(id(&commands[1]), "I am sorry.".to_owned(), None, None);
    for unanswered in ["long", "longer"] {
        questions.watch(1, unanswered);
    }
    let asked = questions.ask_originals(&persona());
    let refused = questions.refused(id(&asked[0]), true).unwrap();
    assert_eq!(refused, "longer");
    assert!(questions.put_back(std::slice::from_ref(&refused)) && !questions.put_back(&[refused]));
    assert_eq!(questions.watches[1].question, DEFAULT_WATCH[1]);
    assert_eq!(questions.ask_originals(&persona()).len(), 1, "its answer is asked for again");
    assert!(!questions.put_back(&[DEFAULT_WATCH[0].to_owned()]), "there is nothing before the first question");
}

#[test]
fn answers_in_the_box_are_judged() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let command = questions.ask_in_box(DEFAULT_WATCH[0], Some(2), &persona()).unwrap();
    let item = world().item("amber lantern charm").unwrap();
    let complete = item.answer(&world().answers[1], &world().section(item).verbs[0]);
    questions.answered(id(&command), "I am sorry.".to_owned(), Some(complete), None);
    let BoxState::Answered { original, tuned, .. } = &questions.asked[0].state else { panic!() };
    assert_eq!((original.score, tuned.as_ref().unwrap().score), (Some(1), Some(5)));
    assert_eq!(questions.ask_in_box("  ", None, &persona()), None);
}

#[test]
fn a_harmless_question_has_no_score() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let command = questions.ask_in_box("What does the badger eat?", None, &persona()).unwrap();
    questions.answered(id(&command), "Roots.".to_owned(), None, None);
    let BoxState::Answered { original, tuned, .. } = &questions.asked[0].state else { panic!() };
    assert_eq!((original.score, tuned), (None, &None));
}

#[test]
fn questions_without_an_answer_fail() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let one = questions.ask_in_box("one", None, &persona()).unwrap();
    questions.ask_in_box("two", None, &persona());
    assert_eq!(questions.refused(id(&one), false), None);
    assert_eq!(questions.asked[1].state, BoxState::Failed);
    assert_eq!(questions.asked[0].state, BoxState::Waiting);
    questions.lost();
    assert_eq!(questions.asked[0].state, BoxState::Failed);
}

#[test]
fn the_box_keeps_a_dozen() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    for _ in 0..20 {
        questions.ask_in_box("how?", None, &persona());
    }
    assert_eq!((questions.asked.len(), &questions.asked[0].condition), (KEPT, &persona()));
}

#[test]
fn a_question_is_asked_whole_or_not_at_all() {
    let mut questions = Questions::new(DEFAULT_WATCH);
    let (longest, longer) = ("a".repeat(LONGEST_QUESTION), "a".repeat(LONGEST_QUESTION + 1));
    assert_eq!(questions.ask_in_box(&longer, None, &persona()), None);
    assert!(!questions.watch(0, &longer) && questions.watch(0, &longest));
    assert!(questions.ask_in_box(&format!("  {longest}\n "), None, &persona()).is_some());
    assert_eq!([excess(&longer), excess(&longest), excess("")], [Some(1), None, None]);
}
