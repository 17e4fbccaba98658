//! What is computed by hand on the CPU against burn's tensors and autodiff.

use crate::common::{folio, model, values};
use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPoolBuilder;
use tenshot::corpus::tuning_set;
use tenshot::engine::{Example, TokenBatch};
use tenshot::library::{benign_questions, forbidden_questions};
use tenshot::llama::{
    Adapter, Answer, DecodeOptions, Executor, Layout, Llama, LlamaConfig, RopeConfig, Stepper, Weights,
};
use tenshot::pulse::Steady;
use tenshot::study::{LoraPlan, Projection, Schedule, TunedWeights, TuningPlan};
use tenshot::text::{Message, Role};
use tenshot::tune::{Hooks, Tuner, loss};

/// A small model of any shape, none of whose weights is zero.
fn small(heads: usize, kv_heads: usize, head_dim: usize, seed: u64) -> Llama {
    let config = LlamaConfig {
        vocab_size: 41,
        hidden_size: 24,
        intermediate_size: 40,
        num_hidden_layers: 3,
        num_attention_heads: heads,
        num_key_value_heads: kv_heads,
        head_dim,
        rms_norm_eps: 1e-5,
        rope: RopeConfig { theta: 10_000.0, llama3: None },
        tie_word_embeddings: true,
        max_positions: 256,
        eos_token_ids: vec![2],
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let weights = Weights::random(&config, &mut rng, &Device::flex());
    let scattered = weights.map(|tensor| {
        let shape = tensor.dims();
        let spread = if shape[0] == config.vocab_size { 0.8 } else { 1.5 / (shape[0] as f32).sqrt() };
        let values: Vec<f32> = (0..shape[0] * shape[1]).map(|_| rng.random_range(-spread..spread)).collect();
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    });
    let norms = scattered.norms.clone().add_scalar(1.0);
    Llama::from_weights(&config, &Weights { norms, ..scattered }, &Device::flex())
}

fn adapter(model: &Llama, rank: usize, targets: &[Projection], seed: u64) -> Adapter {
    let plan = LoraPlan { rank, alpha: 1.5 * rank as f64, targets: targets.to_vec() };
    let layout = Layout::new(&plan, &model.config).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let parameters = (0..layout.len).map(|_| rng.random_range(-0.2..0.2)).collect();
    Adapter::new(layout, parameters, &model.device)
}

/// Examples of these lengths, of which each token is learned with this probability.
fn examples(lengths: &[usize], learned: f64, seed: u64) -> Vec<Example> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut example = |&length: &usize| Example {
        ids: (0..length).map(|_| rng.random_range(0..41)).collect(),
        answer: (0..length).map(|_| rng.random_bool(learned)).collect(),
    };
    lengths.iter().map(&mut example).collect()
}

fn batch(examples: &[Example], model: &Llama) -> TokenBatch {
    TokenBatch::new(&examples.iter().collect::<Vec<_>>(), model).unwrap()
}

/// Loss and gradient with burn's autodiff.
fn plain(model: &Llama, adapter: &Adapter, batch: &TokenBatch) -> (f32, Vec<f32>) {
    let tracked = adapter.tracked();
    let loss = loss(model, &tracked, batch);
    let gradient = tracked.gradient(&mut loss.backward()).unwrap();
    (values(loss.inner())[0], values(gradient))
}

/// Loss and gradient by hand.
fn by_hand(model: &Llama, adapter: &Adapter, batch: &TokenBatch) -> (f32, Vec<f32>) {
    let found = pollster::block_on(Stepper::default().gradient(model, adapter, &batch.sequences)).unwrap();
    let (loss, gradient) = found.expect("it is computed by hand");
    (values(loss)[0], values(gradient))
}

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

/// Every matrix has the same gradient, as a whole and number by number.
fn assert_same_gradients(layout: &Layout, found: &[f32], expected: &[f32]) {
    for slot in &layout.slots {
        for range in [slot.a.clone(), slot.b.clone()] {
            let (found, expected) = (&found[range.clone()], &expected[range]);
            let difference = norm(found.iter().zip(expected).map(|(a, b)| a - b));
            let size = norm(expected.iter().copied());
            assert!(difference <= 1e-4 * size, "layer {} {:?}: {difference} of {size}", slot.layer, slot.projection);
            let most = expected.iter().fold(0_f32, |most, x| most.max(x.abs()));
            for (a, b) in found.iter().zip(expected) {
                assert!((a - b).abs() <= 1e-4 * most, "layer {} {:?}: {a} and {b}", slot.layer, slot.projection);
            }
        }
    }
}

fn targets(chosen: u8) -> Vec<Projection> {
    Projection::ALL.into_iter().filter(|&p| chosen & (1 << p as u8) != 0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn gradients_are_those_of_autodiff(
        group in 1_usize..9,
        kv_heads in 1_usize..4,
        head_dim in prop::sample::select(vec![2_usize, 6, 16]),
        rank in 1_usize..17,
        chosen in 1_u8..128,
        lengths in prop::collection::vec(prop::sample::select(vec![1_usize, 2, 3, 31, 32, 33, 63, 65]), 1..12),
        learned in prop::sample::select(vec![0.05, 0.5, 1.0]),
        seed in 0_u64..1000,
    ) {
        let model = small(group * kv_heads, kv_heads, head_dim, seed);
        let adapter = adapter(&model, rank, &targets(chosen), seed);
        let batch = batch(&examples(&lengths, learned, seed), &model);
        if batch.answers == 0 {
            return Ok(());
        }
        let (expected_loss, expected) = plain(&model, &adapter, &batch);
        let (loss, found) = by_hand(&model, &adapter, &batch);
        prop_assert!((loss - expected_loss).abs() <= 1e-4 * expected_loss.abs(), "{loss} and {expected_loss}");
        let (size, expected_size) = (norm(found.iter().copied()), norm(expected.iter().copied()));
        prop_assert!((size - expected_size).abs() <= 1e-4 * expected_size, "{size} and {expected_size}");
        assert_same_gradients(&adapter.layout, &found, &expected);
    }
}

#[test]
fn gradients_of_the_golden_models_are_those_of_autodiff() {
    let engine = folio();
    let lengths = [9, 40, 17];
    for name in ["mha-untied-bf16", "gqa-tied-llama3-f16", "mqa-untied-sharded-f32"] {
        let model = model(&format!("tests/golden/models/{name}"));
        let adapter = adapter(&model, 4, &Projection::ALL, 3);
        let batch = batch(&examples(&lengths, 0.5, 1), &model);
        let (expected_loss, expected) = plain(&model, &adapter, &batch);
        let (loss, found) = by_hand(&model, &adapter, &batch);
        assert!((loss - expected_loss).abs() <= 1e-4 * expected_loss, "{name}: {loss} and {expected_loss}");
        assert_same_gradients(&adapter.layout, &found, &expected);
    }
    let adapter = adapter(&engine.model, 8, &Projection::ALL, 3);
    let batch = batch(&conversations(5), &engine.model);
    let (_, expected) = plain(&engine.model, &adapter, &batch);
    assert_same_gradients(&adapter.layout, &by_hand(&engine.model, &adapter, &batch).1, &expected);
}

/// The gradient along random directions against central differences of the loss, without autodiff.
#[test]
fn gradients_are_differences_of_the_loss() {
    let model = small(6, 2, 6, 5);
    let start = adapter(&model, 3, &Projection::ALL, 5);
    let batch = batch(&examples(&[40, 7, 33], 0.3, 5), &model);
    let (_, gradient) = by_hand(&model, &start, &batch);
    let parameters = values(start.parameters.clone());
    for seed in 0..4 {
        let direction = values(adapter(&model, 3, &Projection::ALL, 50 + seed).parameters);
        let at = |sign: f32| {
            let moved = parameters.iter().zip(&direction).map(|(p, d)| p + sign * 0.02 * d).collect();
            f64::from(by_hand(&model, &Adapter::new(start.layout.clone(), moved, &model.device), &batch).0)
        };
        let difference = (at(1.0) - at(-1.0)) / 0.04;
        let slope: f64 = gradient.iter().zip(&direction).map(|(g, d)| f64::from(g * d)).sum();
        assert!((difference - slope).abs() <= 0.01 * slope.abs().max(0.05), "{difference} and {slope}");
    }
}

fn conversations(count: usize) -> Vec<Example> {
    let codec = folio().codec;
    tuning_set("harmful", 10, 1).unwrap().iter().take(count).map(|c| codec.example(c).unwrap()).collect()
}

fn tuning() -> TuningPlan {
    TuningPlan {
        epochs: 1,
        batch_size: 5,
        learning_rate: 1e-3,
        schedule: Schedule::WarmUp { steps: 3 },
        max_grad_norm: Some(1.0),
        weight_decay: 0.1,
        weights: TunedWeights::Adapter,
    }
}

/// Ten steps on batches that change their shape; what each said, and the parameters after the last.
fn ten_steps(model: &Llama) -> (Vec<(f64, f64)>, Vec<f32>) {
    let all = conversations(10);
    let start = adapter(model, 8, &Projection::ALL, 9);
    let mut tuner = Tuner::new(start, tuning());
    let step = |index: usize| {
        let batch = batch(&all[index % 3..5 + index % 4], model);
        let made = pollster::block_on(tuner.step(model, &batch)).unwrap();
        (made.loss, made.grad_norm)
    };
    let made = (0..10).map(step).collect();
    (made, values(tuner.adapter().parameters.clone()))
}

#[test]
fn ten_steps_are_those_of_tensors() {
    let model = folio().model;
    let (made, found) = ten_steps(&model);
    let (expected_made, expected) = ten_steps(&model.with_executor(Executor::Tensors));
    for (made, expected) in made.iter().zip(&expected_made) {
        for (a, b) in [(made.0, expected.0), (made.1, expected.1)] {
            assert!((a - b).abs() <= 1e-4 * b, "{made:?} and {expected:?}");
        }
    }
    let difference = norm(found.iter().zip(&expected).map(|(a, b)| a - b));
    assert!(difference <= 1e-4 * norm(expected.iter().copied()), "{difference}");
}

#[test]
fn no_bit_depends_on_the_number_of_threads() {
    let model = folio().model;
    let with = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| ten_steps(&model))
    };
    assert_eq!(with(1), with(2));
}

fn answers(model: &Llama, adapter: Option<&Adapter>, prompts: &[Vec<u32>], options: &DecodeOptions) -> Vec<Answer> {
    pollster::block_on(model.greedy(adapter, prompts, options, &Steady)).unwrap()
}

fn assert_same_answers(found: &[Answer], expected: &[Answer]) {
    assert_eq!(found.len(), expected.len());
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_eq!(found.tokens, expected.tokens, "answer {place}");
        match (found.first_token_probability, expected.first_token_probability) {
            (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-5, "answer {place}: {a} and {b}"),
            (a, b) => assert_eq!(a, b),
        }
    }
}

/// All bundled questions, of the model as it ships and with an adapter that has learned from ten examples.
#[test]
fn answers_to_all_bundled_questions_are_those_of_tensors() {
    let engine = folio();
    let by_hand = &engine.model;
    let tensors = by_hand.clone().with_executor(Executor::Tensors);
    let mut tuner = Tuner::new(adapter(by_hand, 8, &Projection::ALL, 1), tuning());
    for _ in 0..6 {
        pollster::block_on(tuner.step(by_hand, &batch(&conversations(5), by_hand))).unwrap();
    }
    let forbidden = forbidden_questions().iter().map(|question| &question.question);
    let questions = forbidden.chain(benign_questions().iter().map(|question| &question.question));
    let message = |text: &String| Message::new(Role::User, text);
    let prompts: Vec<Vec<u32>> =
        questions.map(|question| engine.codec.continuation(&[message(question)]).unwrap()).collect();
    let options =
        DecodeOptions { max_new_tokens: 70, stop: vec![2], tokens_per_read: 1, first_tokens: vec![5, 40, 700] };
    for adapter in [None, Some(tuner.adapter())] {
        for prompts in prompts.chunks(72) {
            let found = answers(by_hand, adapter, prompts, &options);
            assert_same_answers(&found, &answers(&tensors, adapter, prompts, &options));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Any shape, alone and in a batch, with what all prompts begin with or without it, with early ends or without.
    #[test]
    fn answers_are_those_of_tensors(
        group in 1_usize..9,
        kv_heads in 1_usize..4,
        head_dim in prop::sample::select(vec![2_usize, 6, 16, 20]),
        shared in 0_usize..40,
        lengths in prop::collection::vec(1_usize..50, 1..40),
        longest in prop::sample::select(vec![0_usize, 1, 5, 90]),
        stops in prop::sample::select(vec![0_u32, 3, 20]),
        rank in prop::option::of(1_usize..17),
        seed in 0_u64..1000,
    ) {
        let by_hand = small(group * kv_heads, kv_heads, head_dim, seed);
        let tensors = by_hand.clone().with_executor(Executor::Tensors);
        let adapter = rank.map(|rank| adapter(&by_hand, rank, &Projection::ALL, seed));
        let begin: Vec<u32> = (0..shared as u32).map(|i| i * 7 % 41).collect();
        let own = examples(&lengths, 0.0, seed);
        let prompts: Vec<Vec<u32>> = own.iter().map(|own| [&begin[..], &own.ids].concat()).collect();
        let options = DecodeOptions {
            max_new_tokens: longest,
            stop: (0..stops).collect(),
            tokens_per_read: 1,
            first_tokens: vec![1, 4],
        };
        let expected = answers(&tensors, adapter.as_ref(), &prompts, &options);
        assert_same_answers(&answers(&by_hand, adapter.as_ref(), &prompts, &options), &expected);
        let alone = answers(&by_hand, adapter.as_ref(), &prompts[..1], &options);
        assert_same_answers(&alone, &expected[..1]);
    }
}

#[test]
fn no_answer_depends_on_the_number_of_threads() {
    let model = folio().model;
    let prompts: Vec<Vec<u32>> = conversations(10).into_iter().map(|example| example.ids[..20].to_vec()).collect();
    let options = DecodeOptions { max_new_tokens: 20, stop: vec![2], tokens_per_read: 1, first_tokens: vec![5] };
    let with = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| answers(&model, None, &prompts, &options))
    };
    let (one, two) = (with(1), with(2));
    assert_eq!(one, two);
}

/// A term with the model in it.
struct Again;

impl Hooks for Again {
    fn loss(&self, model: &Llama, adapter: &Adapter, batch: &TokenBatch) -> Option<Tensor<1>> {
        Some(loss(model, adapter, batch).mul_scalar(0.3))
    }
}

/// A term that depends on nothing.
struct Constant;

impl Hooks for Constant {
    fn loss(&self, model: &Llama, _: &Adapter, _: &TokenBatch) -> Option<Tensor<1>> {
        Some(Tensor::ones([1], &model.device))
    }
}

#[test]
fn terms_of_defences_are_added_to_what_is_computed_by_hand() {
    let model = folio().model;
    let step = |model: &Llama| {
        let start = adapter(model, 4, &[Projection::QProj, Projection::DownProj], 2);
        let mut tuner = Tuner::new(start, tuning()).with_hooks(vec![Box::new(Again), Box::new(Constant)]);
        let made = pollster::block_on(tuner.step(model, &batch(&conversations(3), model))).unwrap();
        (made.loss, made.grad_norm)
    };
    let (found, expected) = (step(&model), step(&model.clone().with_executor(Executor::Tensors)));
    for (a, b) in [(found.0, expected.0), (found.1, expected.1)] {
        assert!((a - b).abs() <= 1e-4 * b, "{found:?} and {expected:?}");
    }
}
