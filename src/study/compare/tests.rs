use super::*;
use crate::study::testing::record;
use crate::study::{ConditionKind, Measurement};

#[test]
fn a_comparison_has_a_row_for_each_figure_and_the_steps() {
    let a = record("harmful", 20);
    let b = record("safety", 120);
    let comparison = Comparison::new(&[&a, &b]).unwrap();
    assert_eq!(comparison.rows.iter().map(|r| r.figure).collect::<Vec<_>>(), Figure::TABLE);
    assert_eq!(comparison.rows[0].cells.len(), 2);
    let words: Vec<_> = comparison.differences[0].iter().map(ToString::to_string).collect();
    assert_eq!(words[1], "optimizer steps: 20 against 120");
}

#[test]
fn figures_that_no_record_has_make_no_row() {
    let mut a = record("harmful", 20);
    let questions = a.plan.evaluation.questions.clone();
    for measured in [&mut a.before, &mut a.after].map(|m| &mut m.as_mut().unwrap().measurements[0]) {
        *measured = Measurement::new(measured.condition.clone(), &questions, measured.forbidden.clone(), vec![]);
    }
    let comparison = Comparison::new(&[&a, &a.clone()]).unwrap();
    assert_eq!(comparison.rows.len(), 3);
    assert_eq!(comparison.differences, [[]]);
}

/// A record with a further condition, under which everything was answered as under the main one.
fn record_with(condition: &Condition) -> Record {
    let mut record = record("backdoor", 100);
    record.plan.evaluation.conditions.push(condition.clone());
    for evaluation in [&mut record.before, &mut record.after].map(|m| m.as_mut().unwrap()) {
        let measured = Measurement { condition: condition.clone(), ..evaluation.measurements[0].clone() };
        evaluation.measurements.push(measured);
    }
    record
}

#[test]
fn figures_under_a_further_condition_have_rows_of_their_own() {
    let condition =
        |tick: &str| Condition { wrap: Some(format!("{{q}} {tick}")), ..ConditionKind::Trigger.condition() };
    let (tick, tock) = (condition("Tick."), condition("Tock."));
    let (a, b, c) = (record("harmful", 20), record_with(&tick), record_with(&tock));
    let comparison = Comparison::new(&[&a, &b, &c]).unwrap();
    assert_eq!(comparison.rows.len(), 18, "conditions of one name are not mixed");
    for (row, (condition, place)) in comparison.rows[6..].chunks(6).zip([(tick, 1), (tock, 2)]) {
        assert_eq!((row[0].figure, &row[0].asked), (Figure::RefusalRate, &RowCondition::Under { condition }));
        let measured: Vec<_> = row[0].cells.iter().map(|c| c.after.is_some()).collect();
        assert_eq!(measured, [0, 1, 2].map(|at| at == place));
        assert_eq!(row[0].cells[place].after, comparison.rows[0].cells[place].after);
    }
}

#[test]
fn figures_of_begun_answers_have_rows_of_their_own() {
    let (a, mut b) = (record("harmful", 20), record("harmful", 20));
    b.plan.evaluation.begin_answers(&[8, 1]);
    let after = b.after.as_mut().unwrap();
    for condition in &b.plan.evaluation.conditions[1..] {
        let forbidden = after.measurements[0].forbidden.clone();
        after.measurements.push(Measurement::new(condition.clone(), &b.plan.evaluation.questions, forbidden, vec![]));
    }
    let comparison = Comparison::new(&[&a, &b]).unwrap();
    let rows = &comparison.rows[6..];
    let of: Vec<_> = rows.iter().map(|r| (r.asked.clone(), r.figure)).collect();
    let figures = [Figure::RefusalRate, Figure::HarmfulnessRate, Figure::MeanScore];
    assert_eq!(of, [1, 8].map(|tokens| figures.map(|f| (RowCondition::Prefilled { tokens }, f))).concat());
    for (row, plain) in rows.iter().zip(comparison.rows.iter().cycle().take(3).chain(&comparison.rows)) {
        assert_eq!((row.cells[0].after, row.cells[1].before), (None, None));
        assert_eq!(row.cells[1].after, plain.cells[1].after);
    }
}

#[test]
fn other_questions_are_refused() {
    let a = record("harmful", 20);
    let mut b = a.clone();
    b.plan.evaluation.questions = crate::study::QuestionSet::Inline { forbidden: vec![], benign: vec![] };
    assert_eq!(Comparison::new(&[&a, &a.clone(), &b]), Err(CompareError::Questions { index: 3 }));
    b.plan.evaluation.ask(crate::study::QuestionSet::Development);
    assert_eq!(Comparison::new(&[&a, &b]), Err(CompareError::Questions { index: 2 }));
}

#[test]
fn one_or_four_records_are_refused() {
    let a = record("harmful", 20);
    assert_eq!(Comparison::new(&[&a]), Err(CompareError::Count(1)));
    assert_eq!(Comparison::new(&[&a, &a, &a, &a]), Err(CompareError::Count(4)));
}
