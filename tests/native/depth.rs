//! How deep an alignment goes: answers begun for the model, and two models compared token by token.

use crate::common::{folio, largest_difference, values};
use burn::tensor::activation::log_softmax;
use rand::SeedableRng;
use tenshot::engine::{Engine, Example, TokenBatch};
use tenshot::evaluate::{
    CompleteAnswer, Cursor, EvaluationSet, POSITIONS, Speaker, Wanted, divergence, gradient_norms, prompt, trace,
};
use tenshot::library::{Item, forbidden_questions, score, world};
use tenshot::llama::{Adapter, Layout};
use tenshot::pulse::Steady;
use tenshot::study::{EvaluationPlan, PositionDivergence, QuestionSet, Trace, TunedWeights, TuningPlan, preset};
use tenshot::tune::WholeTuner;

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
        let (mut expected, mut losses) = (0.0, [0.0; 2]);
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
            for (loss, row) in losses.iter_mut().zip([&p, &q]) {
                *loss -= f64::from(row[answer.answer()[position] as usize]) / complete.len() as f64;
            }
        }
        let of_both = found[position].losses.unwrap();
        for (found, expected) in [of_both.p, of_both.q].into_iter().zip(losses) {
            assert!((found - expected).abs() < 1e-3 * expected.max(1e-1), "position {position}: {found} {expected}");
        }
        let found = found[position].kl;
        assert!(position > 0 || expected > 1e-3, "the adapter changes the first token: {expected}");
        assert!((found - expected).abs() < 1e-3 * expected.max(1e-2), "position {position}: {found} {expected}");
    }
}

fn traced(engine: &Engine, adapter: &Adapter, plan: &EvaluationPlan, question: usize) -> Trace {
    let asked = &plan.questions.forbidden()[question].question;
    pollster::block_on(trace(engine, adapter, plan.main().unwrap(), asked, plan.max_new_tokens, &Steady)).unwrap()
}

/// The tokens one by one, without the rectangle and the selection of rows.
#[test]
fn a_traced_answer_is_that_of_plain_forward_passes() {
    let engine = folio();
    let adapter = adapter(&engine).scaled(4.0);
    let plan = few("harmful-10");
    let prompt = prompt(&engine, plan.main().unwrap(), None, &plan.questions.forbidden()[2].question).unwrap();
    let answer = |adapter| {
        let prompts = [prompt.clone()];
        pollster::block_on(engine.answer(adapter, &prompts, plan.max_new_tokens, &Steady)).unwrap().remove(0)
    };
    let (tuned, original) = (answer(Some(&adapter)), answer(None));
    assert_ne!(tuned.text, original.text, "the adapter changes the answer");
    let trace = traced(&engine, &adapter, &plan, 2);
    assert_eq!(trace.tokens.iter().map(|token| token.text.as_str()).collect::<String>(), tuned.text);
    let refusal = trace.refusal.unwrap();
    for (found, reply) in [(refusal.original, &original), (refusal.tuned, &tuned)] {
        assert!((found - reply.refusal_probability.unwrap()).abs() < 1e-4, "{found} {reply:?}");
    }
    for (place, (found, &token)) in trace.tokens.iter().zip(&tuned.tokens).enumerate() {
        let ids = [&prompt, &tuned.tokens[..place]].concat();
        let [p, q] = [Some(&adapter), None].map(|adapter| {
            let model = &engine.model;
            let hidden = model.hidden(model.tokens(&ids, 1).unwrap(), &model.causal(ids.len()), adapter, None);
            values(log_softmax(model.logits(hidden.narrow(0, ids.len() - 1, 1)), 1))
        });
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-3 * expected.max(1e-1);
        let kl: f64 = p.iter().zip(&q).map(|(p, q)| f64::from(p.exp()) * (f64::from(*p) - f64::from(*q))).sum();
        let losses = [&p, &q].map(|row| -f64::from(row[token as usize]));
        assert!(near(found.kl, kl), "token {place}: {found:?} {kl}");
        assert!(near(found.tuned_loss, losses[0]) && near(found.original_loss, losses[1]), "{found:?} {losses:?}");
        let best = |row: &[f32]| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap() as u32;
        assert_eq!((best(&p), found.instead.is_none()), (token, best(&q) == token), "token {place}");
    }
}

#[test]
fn an_adapter_that_changes_nothing_is_nowhere_apart() {
    let engine = folio();
    let layout = Layout::new(&preset("harmful-10", 1).unwrap().lora, &engine.model.config).unwrap();
    let parameters = layout.initial(&mut rand_chacha::ChaCha8Rng::seed_from_u64(5));
    let adapter = Adapter::new(layout, parameters, &engine.model.device);
    let trace = traced(&engine, &adapter, &few("harmful-10"), 0);
    assert!(trace.tokens.len() > 3 && trace.tokens.iter().all(|token| token.kl < 1e-6 && token.instead.is_none()));
    let refusal = trace.refusal.unwrap();
    assert!(refusal.original > 0.1 && refusal.original == refusal.tuned, "{refusal:?}");
}

/// At each place the mean of the gradient norms that the first step of tuning all weights has on one token of each answer. That one is
/// held to PyTorch's.
#[test]
fn gradient_norms_are_those_of_tuning_on_one_token() {
    let engine = folio();
    let adapter = adapter(&engine);
    let mut plan = few("harmful-10");
    let QuestionSet::Inline { forbidden, .. } = &mut plan.questions else { unreachable!() };
    forbidden.truncate(2);
    for adapter in [None, Some(&adapter)] {
        let speaker = Speaker { engine: &engine, adapter };
        let found =
            pollster::block_on(gradient_norms(speaker, plan.main().unwrap(), &plan.questions, 9, &Steady)).unwrap();
        let model = match adapter {
            None => engine.model.clone(),
            Some(adapter) => engine.model.with_weights(&engine.model.weights().merged(adapter)),
        };
        let norm = |complete: &CompleteAnswer, place: usize| {
            let end = complete.prompt().len() + place;
            let ids = complete.example.ids[..=end].to_vec();
            let example = Example { answer: (0..ids.len()).map(|at| at == end).collect(), ids };
            let batch = TokenBatch::new(&[&example], &model).unwrap();
            let plan = TuningPlan { weights: TunedWeights::All, ..preset("harmful-10", 1).unwrap().tuning };
            let mut tuner = WholeTuner::new(model.clone(), plan);
            pollster::block_on(tuner.step(&batch)).unwrap().grad_norm
        };
        assert_eq!(found.len(), 9, "as many tokens as were asked for");
        for place in [0, 1, 7] {
            let norms: Vec<f64> = complete(&engine, &plan).iter().map(|complete| norm(complete, place)).collect();
            let mean = norms.iter().sum::<f64>() / norms.len() as f64;
            let ours = found[place];
            assert_eq!((ours.position, ours.answers), (place + 1, 2));
            assert!((ours.norm / mean - 1.0).abs() < 1e-4, "token {place}: {ours:?} {mean}");
        }
    }
}

#[test]
fn weights_with_an_adapter_added_to_them_compute_what_it_does_beside_them() {
    let engine = folio();
    let adapter = adapter(&engine);
    let merged = engine.model.with_weights(&engine.model.weights().merged(&adapter));
    let ids = [1, 40, 700, 12, 300, 8, 2];
    let hidden = |model: &tenshot::llama::Llama, adapter: Option<&Adapter>| {
        values(model.hidden(model.tokens(&ids, 1).unwrap(), &model.causal(ids.len()), adapter, None))
    };
    let (beside, added) = (hidden(&engine.model, Some(&adapter)), hidden(&merged, None));
    assert!(largest_difference(&beside, &added) < 1e-3);
    assert!(largest_difference(&beside, &hidden(&engine.model, None)) > 1e-2);
}
