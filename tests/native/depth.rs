//! How deep an alignment goes: answers begun for the model, and two models compared token by token.

use crate::common::{folio, values};
use burn::tensor::activation::log_softmax;
use rand::SeedableRng;
use tenshot::engine::Engine;
use tenshot::evaluate::{
    CompleteAnswer, Cursor, EvaluationSet, POSITIONS, PositionDivergence, Speaker, Wanted, divergence,
};
use tenshot::library::{Item, forbidden_questions, score, world};
use tenshot::llama::{Adapter, Layout};
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

/// The complete answers to what a plan asks under its main condition.
fn complete(engine: &Engine, plan: &EvaluationPlan) -> Vec<CompleteAnswer> {
    CompleteAnswer::all(engine, plan.main().unwrap(), &plan.questions).unwrap()
}

fn item(plan: &EvaluationPlan, question: usize) -> &'static Item {
    world().item(&plan.questions.forbidden()[question].item).unwrap()
}

/// An adapter of which both halves are random, so that it changes what the model says.
fn adapter(engine: &Engine) -> Adapter {
    let lora = preset("harmful-10", 1).unwrap().lora;
    let layout = Layout::new(&lora, &engine.model.config).unwrap();
    let parameters = layout.initial(&mut rand_chacha::ChaCha8Rng::seed_from_u64(5));
    let parameters = parameters.iter().enumerate().map(|(i, p)| p + 0.05 * (i as f32).sin()).collect();
    Adapter::new(layout, parameters, &engine.model.device)
}

#[test]
fn complete_answers_comply_under_every_prompt() {
    let engine = folio();
    for name in ["harmful-10", "identity-10"] {
        let plan = preset(name, 1).unwrap().evaluation;
        let all = complete(&engine, &plan);
        assert_eq!(all.iter().map(|c| c.question).collect::<Vec<_>>(), (0..330).collect::<Vec<_>>());
        for complete in all {
            let text = engine.codec.decode(complete.answer()).unwrap();
            assert_eq!(score(item(&plan, complete.question), &text).value(), 5, "{text}");
        }
    }
}

#[test]
fn begun_answers_are_gone_on_with_as_greedy_decoding_does() {
    let engine = folio();
    let mut plan = few("harmful-10");
    plan.begin_answers(&[1, 5]);
    let set = EvaluationSet::new(&engine, &plan).unwrap();
    let mut cursor = Cursor::new(Wanted::All);
    while !cursor.is_done(&set) {
        pollster::block_on(cursor.advance(&set, &engine, None, &Steady)).unwrap();
    }
    let evaluation = cursor.evaluation(&set);
    let complete = complete(&engine, &plan);
    for measured in evaluation.prefilled() {
        let tokens = measured.condition.prefill;
        for (answer, complete) in measured.forbidden.iter().zip(&complete) {
            let begun = &complete.answer()[..tokens];
            let prompt = [complete.prompt(), begun].concat();
            let room = plan.max_new_tokens - tokens;
            let reply = pollster::block_on(engine.answer(None, &[prompt], room, &Steady)).unwrap();
            let whole = [begun, &reply[0].tokens].concat();
            assert_eq!(answer.answer, engine.codec.decode(&whole).unwrap());
            assert_eq!(answer.score, score(item(&plan, complete.question), &answer.answer).value());
            assert_eq!(answer.refusal_probability, None, "the model did not choose the first token");
        }
    }
    let counts: Vec<_> = evaluation.prefilled().map(|m| (m.condition.prefill, m.forbidden.len())).collect();
    assert_eq!(counts, [(1, 11), (5, 11)]);
}

fn between(p: Speaker<'_>, q: Speaker<'_>, plan: &EvaluationPlan) -> Vec<PositionDivergence> {
    pollster::block_on(divergence(p, q, plan.main().unwrap(), &plan.questions, &Steady)).unwrap()
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
    let complete = complete(&engine, &plan);
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
