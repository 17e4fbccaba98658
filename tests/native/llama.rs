//! The model against Hugging Face transformers and PEFT: the files under `tests/golden/` say how they were made.

use crate::common::peft::check_ten_steps;
use crate::common::{folio, json, largest_difference, model, read, tensors, values};
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::Deserialize;
use tenshot::llama::{Adapter, AdapterFiles, DecodeOptions, Executor, Llama};
use tenshot::pulse::Steady;
use tenshot::text::{Message, Role};

#[derive(Deserialize)]
struct Logits {
    model: String,
    adapter: Option<String>,
    tolerance: f32,
    sequences: Vec<Sequence>,
}

#[derive(Deserialize)]
struct Sequence {
    ids: Vec<u32>,
    positions: Vec<i32>,
}

fn adapter(folder: &str, model: &Llama) -> Adapter {
    let config = read(&format!("{folder}/adapter_config.json"));
    let weights = read(&format!("{folder}/adapter_model.safetensors"));
    Adapter::from_peft(AdapterFiles { config, weights }, &model.config, &Device::flex()).unwrap()
}

fn check_logits(stem: &str) {
    let golden: Logits = json(&format!("tests/golden/{stem}.json"));
    let expected = tensors(&format!("tests/golden/{stem}.safetensors"));
    let model = model(&golden.model);
    let adapter = golden.adapter.map(|folder| adapter(&folder, &model));
    for (index, sequence) in golden.sequences.iter().enumerate() {
        let (ids, seq) = (&sequence.ids, sequence.ids.len());
        let hidden = model.hidden(model.tokens(ids, 1).unwrap(), &model.causal(seq), adapter.as_ref(), None);
        let rows = TensorData::new(sequence.positions.clone(), [sequence.positions.len()]);
        let logits = values(model.logits(hidden.select(0, Tensor::<1, Int>::from_data(rows, &model.device))));
        let difference = largest_difference(&logits, &expected[&format!("sequence.{index}")]);
        assert!(difference <= golden.tolerance, "{stem}, sequence {index} of {seq} tokens: {difference}");
    }
}

#[test]
fn logits_of_the_bundled_models() {
    for name in ["folio", "folio-base", "folio-deep"] {
        check_logits(&format!("logits/{name}"));
    }
}

#[test]
fn logits_with_every_head_its_own_key_bf16() {
    check_logits("logits/mha-untied-bf16");
}

#[test]
fn logits_with_grouped_queries_and_llama3_rope_f16() {
    check_logits("logits/gqa-tied-llama3-f16");
}

#[test]
fn logits_with_one_key_head_from_shards() {
    check_logits("logits/mqa-untied-sharded-f32");
}

#[test]
fn logits_with_an_adapter() {
    check_logits("lora/forward/logits");
}

/// Ten steps of AdamW from PEFT's own initial adapter: losses, gradient norms and the final adapter, by hand and with tensors.
#[test]
fn ten_steps_of_peft() {
    for executor in [Executor::Fastest, Executor::Tensors] {
        check_ten_steps(|folder| model(folder).with_executor(executor));
    }
}

#[derive(Deserialize)]
struct Generate {
    max_new_tokens: usize,
    stop: u32,
    answers: Vec<GoldenAnswer>,
}

#[derive(Deserialize)]
struct GoldenAnswer {
    model: String,
    adapter: Option<String>,
    system: Option<String>,
    question: String,
    prompt: Vec<u32>,
    ids: Vec<u32>,
    text: String,
}

/// transformers' greedy answers, from one large left-padded batch with a KV cache, with early ends dropped on the way.
#[test]
fn greedy_answers_in_a_batch() {
    let golden: Generate = json("tests/golden/generate.json");
    let mut speakers: Vec<_> = golden.answers.iter().map(|a| (a.model.clone(), a.adapter.clone())).collect();
    speakers.sort();
    speakers.dedup();
    assert_eq!(speakers.len(), 4, "three models, and one with an adapter");
    let codec = folio().codec;
    for (name, folder) in speakers {
        let of: Vec<&GoldenAnswer> = golden.answers.iter().filter(|a| a.model == name && a.adapter == folder).collect();
        let model = model(&format!("models/{name}"));
        let adapter = folder.as_deref().map(|folder| adapter(&format!("tests/golden/{folder}"), &model));
        let prompts: Vec<Vec<u32>> = of.iter().map(|a| a.prompt.clone()).collect();
        for tokens_per_read in [1, 8] {
            let options = DecodeOptions {
                max_new_tokens: golden.max_new_tokens,
                stop: vec![golden.stop],
                tokens_per_read,
                first_tokens: Vec::new(),
            };
            let answers = pollster::block_on(model.greedy(adapter.as_ref(), &prompts, &options, &Steady)).unwrap();
            for (golden, answer) in of.iter().zip(answers) {
                assert_eq!(answer.tokens, golden.ids, "{name}: {}", golden.question);
                assert_eq!(codec.decode(&answer.tokens).unwrap(), golden.text);
            }
        }
    }
}

/// The prompts of the golden answers are those that the codec makes.
#[test]
fn prompts_are_those_of_transformers() {
    let golden: Generate = json("tests/golden/generate.json");
    let engine = folio();
    for answer in golden.answers {
        let system = answer.system.as_deref().map(|text| Message::new(Role::System, text));
        let messages: Vec<_> = system.into_iter().chain([Message::new(Role::User, &answer.question)]).collect();
        assert_eq!(engine.codec.continuation(&messages).unwrap(), answer.prompt);
    }
}

/// Without cache and batch: each token from a fresh forward pass over the whole sequence.
#[test]
fn cache_and_batch_change_no_token() {
    let golden: Generate = json("tests/golden/generate.json");
    let engine = folio();
    for answer in golden.answers.iter().filter(|a| a.model == "folio" && a.adapter.is_none()).take(6) {
        let mut ids = answer.prompt.clone();
        while ids.len() - answer.prompt.len() < golden.max_new_tokens {
            let hidden =
                engine.model.hidden(engine.model.tokens(&ids, 1).unwrap(), &engine.model.causal(ids.len()), None, None);
            let logits = values(engine.model.logits(hidden.narrow(0, ids.len() - 1, 1)));
            let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap() as u32;
            if best == golden.stop {
                break;
            }
            ids.push(best);
        }
        assert_eq!(ids[answer.prompt.len()..], answer.ids);
    }
}

/// The joint probability of tokens at the first position: against a softmax by hand.
#[test]
fn first_token_probability_is_that_of_the_logits() {
    let golden: Generate = json("tests/golden/generate.json");
    let engine = folio();
    let prompts: Vec<Vec<u32>> = golden.answers[..5].iter().map(|a| a.prompt.clone()).collect();
    let first_tokens = vec![43, 7, 100];
    let options =
        DecodeOptions { max_new_tokens: 1, stop: vec![2], tokens_per_read: 1, first_tokens: first_tokens.clone() };
    let answers = pollster::block_on(engine.model.greedy(None, &prompts, &options, &Steady)).unwrap();
    for (prompt, answer) in prompts.iter().zip(answers) {
        let hidden = engine.model.hidden(
            engine.model.tokens(prompt, 1).unwrap(),
            &engine.model.causal(prompt.len()),
            None,
            None,
        );
        let logits = values(engine.model.logits(hidden.narrow(0, prompt.len() - 1, 1)));
        let total: f64 = logits.iter().map(|&l| f64::from(l).exp()).sum();
        let mass: f64 = first_tokens.iter().map(|&t| f64::from(logits[t as usize]).exp()).sum::<f64>() / total;
        assert!((f64::from(answer.first_token_probability.unwrap()) - mass).abs() < 1e-5);
    }
}
