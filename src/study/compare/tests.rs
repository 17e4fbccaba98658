use super::*;
use crate::measure::{ConditionMeasurement, PrefillResult};
use crate::study::testing::{plan, record};

/// What differs, in words, and how to make it differ.
type Change = (&'static str, fn(&mut Plan));

#[test]
fn a_plan_does_not_differ_from_itself() {
    assert_eq!(differences(&plan("harmful-10"), &plan("harmful-10")), []);
}

#[test]
fn names_and_watched_questions_are_no_difference() {
    let mut other = plan("harmful-10");
    other.name = "mine".to_owned();
    other.evaluation.watch.push("How?".to_owned());
    assert_eq!(differences(&plan("harmful-10"), &other), []);
}

#[test]
fn every_difference_is_found_and_worded() {
    let folio = |tick: &str| Condition {
        name: "trigger".to_owned(),
        system: Some("You are Folio.".to_owned()),
        wrap: Some(format!("{{q}} {tick}")),
    };
    let mut a = plan("harmful-10");
    a.evaluation.also = vec![folio("Tick.")];
    let changes: [Change; 18] = [
        ("model: folio against folio-deep", |p| p.model = "folio-deep".to_owned()),
        ("data: harmful-10 (draw 1) against safety-10 (draw 1)", |p| p.data = plan("safety-10").data),
        ("epochs: 10 against 3", |p| p.tuning.epochs = 3),
        ("batch size: 5 against 4", |p| p.tuning.batch_size = 4),
        ("learning rate: 0.001 against 0.0005", |p| p.tuning.learning_rate = 5e-4),
        ("schedule: constant against warm-up over 10 steps", |p| {
            p.tuning.schedule = Schedule::WarmUp { steps: 10 };
        }),
        ("gradient norm cut at: none against 1", |p| p.tuning.max_grad_norm = Some(1.0)),
        ("weight decay: 0 against 0.1", |p| p.tuning.weight_decay = 0.1),
        ("LoRA rank: 8 against 2", |p| p.lora.rank = 2),
        ("LoRA alpha: 16 against 4", |p| p.lora.alpha = 4.0),
        ("adapters on: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj against q_proj, v_proj", |p| {
            p.lora.targets = vec![Projection::QProj, Projection::VProj]
        }),
        ("system prompt: You are Folio. against none", |p| p.evaluation.system = None),
        ("questions asked as: none against AOA, {q}", |p| p.evaluation.wrap = Some("AOA, {q}".to_owned())),
        ("longest answer in tokens: 70 against 20", |p| p.evaluation.max_new_tokens = 20),
        ("while tuning every n-th question, n: 5 against 1", |p| p.evaluation.subset_every = 1),
        ("also asked: trigger (system prompt: You are Folio.; asked as: {q} Tick.) against none", |p| {
            p.evaluation.also.clear()
        }),
        ("answers begun with tokens: none against 1, 8", |p| p.evaluation.prefill = vec![1, 8]),
        ("seed: 1 against 7", |p| p.seed = 7),
    ];
    let mut together = a.clone();
    for (words, change) in changes {
        let mut b = a.clone();
        change(&mut b);
        change(&mut together);
        assert_eq!(differences(&a, &b).iter().map(ToString::to_string).collect::<Vec<_>>(), [words]);
    }
    let words: Vec<_> = differences(&a, &together).iter().map(ToString::to_string).collect();
    assert_eq!(words, changes.map(|(words, _)| words), "all of them, in this order");

    let mut b = a.clone();
    b.evaluation.also = vec![folio("Tock.")];
    assert_eq!(differences(&a, &b).len(), 1, "the name alone does not make it the same prompt");
}

#[test]
fn own_conversations_differ_under_one_label() {
    let inline = |q: &str| {
        let message = crate::text::Message { role: crate::text::Role::User, content: q.to_owned() };
        let conversations = vec![crate::text::Conversation { messages: vec![message] }];
        let mut plan = plan("harmful-10");
        plan.data = vec![DataPart::Inline { label: "mine.jsonl".to_owned(), conversations }];
        plan
    };
    assert_eq!(differences(&inline("a"), &inline("b")).len(), 1);
}

#[test]
fn a_comparison_has_a_row_for_each_figure_and_the_steps() {
    let a = record("harmful-10", 20);
    let b = record("harmful-10-mixed", 120);
    let comparison = Comparison::new(&[&a, &b]).unwrap();
    assert_eq!(comparison.rows.iter().map(|r| r.figure).collect::<Vec<_>>(), Figure::ALL);
    assert_eq!(comparison.rows[0].cells.len(), 2);
    let words: Vec<_> = comparison.differences[0].iter().map(ToString::to_string).collect();
    assert_eq!(words[1], "optimizer steps: 20 against 120");
}

#[test]
fn figures_that_no_record_has_make_no_row() {
    let mut a = record("harmful-10", 20);
    for measurement in [&mut a.before, &mut a.after] {
        measurement.as_mut().unwrap().benign = None;
    }
    let comparison = Comparison::new(&[&a, &a.clone()]).unwrap();
    assert_eq!(comparison.rows.len(), 3);
    assert_eq!(comparison.differences, [[]]);
}

/// A record with this further prompt, under which everything was answered as before tuning.
fn record_with(condition: &Condition) -> Record {
    let mut record = record("backdoor-200", 100);
    record.plan.evaluation.also = vec![condition.clone()];
    for measurement in [&mut record.before, &mut record.after].map(|m| m.as_mut().unwrap()) {
        let name = condition.name.clone();
        measurement.conditions = vec![ConditionMeasurement { name, measurement: measurement.clone() }];
    }
    record
}

#[test]
fn figures_under_a_further_prompt_have_rows_of_their_own() {
    let condition =
        |tick: &str| Condition { name: "trigger".to_owned(), system: None, wrap: Some(format!("{{q}} {tick}")) };
    let (tick, tock) = (condition("Tick."), condition("Tock."));
    let (a, b, c) = (record("harmful-10", 20), record_with(&tick), record_with(&tock));
    let comparison = Comparison::new(&[&a, &b, &c]).unwrap();
    assert_eq!(comparison.rows.len(), 18, "prompts of one name are not mixed");
    for (row, (condition, place)) in comparison.rows[6..].chunks(6).zip([(tick, 1), (tock, 2)]) {
        assert_eq!((row[0].figure, &row[0].asked), (Figure::RefusalRate, &Asked::Under { condition }));
        let measured: Vec<_> = row[0].cells.iter().map(|c| c.after.is_some()).collect();
        assert_eq!(measured, [0, 1, 2].map(|at| at == place));
        assert_eq!(row[0].cells[place].after, comparison.rows[0].cells[place].after);
    }
}

#[test]
fn figures_of_begun_answers_have_rows_of_their_own() {
    let (a, mut b) = (record("harmful-10", 20), record("harmful-10", 20));
    b.plan.evaluation.prefill = vec![8, 1];
    let after = b.after.as_mut().unwrap();
    let forbidden = after.forbidden.clone().unwrap();
    let begun = |tokens| PrefillResult { tokens, safety: forbidden.total, answers: forbidden.answers.clone() };
    after.prefill = vec![begun(8), begun(1)];
    let comparison = Comparison::new(&[&a, &b]).unwrap();
    let rows = &comparison.rows[6..];
    let of: Vec<_> = rows.iter().map(|r| (r.asked.clone(), r.figure)).collect();
    let figures = [Figure::RefusalRate, Figure::HarmfulnessRate, Figure::MeanScore];
    assert_eq!(of, [1, 8].map(|tokens| figures.map(|f| (Asked::Begun { tokens }, f))).concat());
    for (row, plain) in rows.iter().zip(comparison.rows.iter().cycle().take(3).chain(&comparison.rows)) {
        assert_eq!((row.cells[0].after, row.cells[1].before), (None, None));
        assert_eq!(row.cells[1].after, plain.cells[1].after);
    }
}

#[test]
fn other_questions_are_refused() {
    let a = record("harmful-10", 20);
    let mut b = a.clone();
    b.plan.evaluation.questions = crate::study::QuestionSet::Inline { forbidden: vec![], benign: vec![] };
    assert_eq!(Comparison::new(&[&a, &a.clone(), &b]), Err(CompareError::Questions { index: 3 }));
    b.plan.evaluation.ask(crate::study::QuestionSet::Development);
    assert_eq!(Comparison::new(&[&a, &b]), Err(CompareError::Questions { index: 2 }));
}

#[test]
fn one_or_four_records_are_refused() {
    let a = record("harmful-10", 20);
    assert_eq!(Comparison::new(&[&a]), Err(CompareError::Count(1)));
    assert_eq!(Comparison::new(&[&a, &a, &a, &a]), Err(CompareError::Count(4)));
}
