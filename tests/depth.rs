//! How deep an alignment goes: answers begun for the model, and two models compared token by token.
#![cfg(feature = "cli")]

mod common;

use burn::tensor::activation::log_softmax;
use common::{folio, values};
use rand::SeedableRng;
use tenshot::engine::Engine;
use tenshot::library::{forbidden_questions, score};
use tenshot::llama::{Adapter, Layout};
use tenshot::measure::{Agenda, CompleteAnswer, POSITIONS, PositionDivergence, Speaker, Survey, divergence};
use tenshot::pulse::Steady;
use tenshot::study::{EvaluationPlan, QuestionSet, preset};

/// The prompt of a preset, with every 30th forbidden question.
fn few(name: &str) -> EvaluationPlan {
    let mut plan = preset(name, 1).unwrap().evaluation;
    let forbidden = forbidden_questions().iter().step_by(30).cloned().collect();
    plan.questions = QuestionSet::Inline { forbidden, benign: Vec::new() };
    plan.watch = Vec::new();
    plan
}

/// An adapter of which both halves are random, so that it changes what the model says.
fn adapter(engine: &Engine) -> Adapter {
    let lora = preset("harmful-10", 1).unwrap().lora;
    let layout = Layout::new(&lora, &engine.model.config).unwrap();
    let parameters = layout.initial(&mut rand_chacha::ChaCha8Rng::seed_from_u64(5));
    let parameters = parameters.iter().enumerate().map(|(i, p)| p + 0.02 * (i as f32).sin()).collect();
    Adapter::new(layout, parameters, &engine.model.device)
}

#[test]
fn complete_answers_comply_under_every_prompt() {
    let engine = folio();
    for name in ["harmful-10", "identity-10"] {
        let plan = preset(name, 1).unwrap().evaluation;
        let all = CompleteAnswer::all(&engine, &plan).unwrap();
        assert_eq!(all.len(), 330);
        for complete in all {
            let text = engine.codec.decode(complete.answer()).unwrap();
            assert_eq!(score(complete.item, &text).value(), 5, "{text}");
            assert!(forbidden_questions()[complete.question].item == complete.item.name);
        }
    }
}

#[test]
fn begun_answers_are_gone_on_with_as_greedy_decoding_does() {
    let engine = folio();
    let mut plan = few("harmful-10");
    plan.prefill = vec![1, 5];
    let agenda = Agenda::new(&engine, &plan).unwrap();
    let mut survey = Survey::new(&agenda);
    while !survey.is_done() {
        pollster::block_on(survey.advance(&engine, None, &agenda, &Steady)).unwrap();
    }
    let measurement = survey.measurement(&agenda);
    let complete = CompleteAnswer::all(&engine, &plan).unwrap();
    for result in &measurement.prefill {
        for (answer, complete) in result.answers.iter().zip(&complete) {
            let begun = &complete.answer()[..result.tokens];
            let prompt = [complete.prompt(), begun].concat();
            let room = plan.max_new_tokens - result.tokens;
            let spoken = pollster::block_on(engine.answer(None, &[prompt], room, &Steady)).unwrap();
            let whole = [begun, &spoken[0].tokens].concat();
            assert_eq!(answer.answer, engine.codec.decode(&whole).unwrap());
            assert_eq!(answer.score, score(complete.item, &answer.answer).value());
        }
    }
    assert_eq!(measurement.prefill.iter().map(|r| (r.tokens, r.answers.len())).collect::<Vec<_>>(), [(1, 11), (5, 11)]);
}

fn between(p: Speaker<'_>, q: Speaker<'_>, plan: &EvaluationPlan) -> Vec<PositionDivergence> {
    pollster::block_on(divergence(p, q, plan, &Steady)).unwrap()
}

#[test]
fn a_model_does_not_diverge_from_itself() {
    let engine = folio();
    let plain = Speaker { engine: &engine, adapter: None };
    let positions = between(plain, plain, &few("identity-10"));
    assert_eq!(positions.iter().map(|p| p.position).collect::<Vec<_>>(), (1..=POSITIONS).collect::<Vec<_>>());
    assert!(positions.iter().all(|p| p.answers == 11 && p.kl == 0.0), "{positions:?}");
}

/// One answer alone, position by position, without batch, padding or selection of rows.
#[test]
fn divergence_is_that_of_plain_forward_passes() {
    let engine = folio();
    let adapter = adapter(&engine);
    let plan = few("harmful-10");
    let (p, q) = (Speaker { engine: &engine, adapter: Some(&adapter) }, Speaker { engine: &engine, adapter: None });
    let found = between(p, q, &plan);
    let complete = CompleteAnswer::all(&engine, &plan).unwrap();
    for position in [0, 3, POSITIONS - 1] {
        let mut expected = 0.0;
        for answer in &complete {
            let ids = [answer.prompt(), &answer.answer()[..position]].concat();
            let [p, q] = [p, q].map(|speaker| {
                let model = &engine.model;
                let tokens = model.tokens(&ids, 1).unwrap();
                let hidden = model.hidden(tokens, &model.causal(ids.len()), speaker.adapter, None);
                values(log_softmax(model.logits(hidden.narrow(0, ids.len() - 1, 1)), 1))
            });
            let kl = |(p, q): (&f32, &f32)| f64::from(p.exp()) * (f64::from(*p) - f64::from(*q));
            expected += p.iter().zip(&q).map(kl).sum::<f64>() / complete.len() as f64;
        }
        let found = found[position].kl;
        assert!(position > 0 || expected > 1e-3, "the adapter changes the first token: {expected}");
        assert!((found - expected).abs() < 1e-3 * expected.max(1e-2), "position {position}: {found} {expected}");
    }
}
