//! Answers by hand on a GPU against those by hand on the CPU.

use std::cell::Cell;
use std::future::{Future, ready};
use std::ops::ControlFlow;
use std::pin::Pin;

use crate::common::{folio, values};
use crate::device::{adapter, gpu, launches, load, small, turn};
use burn::tensor::{Device, Tensor};
use burn_dispatch::DispatchDevice;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tenshot::corpus::tuning_set;
use tenshot::engine::TokenBatch;
use tenshot::library::{benign_questions, forbidden_questions};
use tenshot::llama::{Adapter, Answer, Batch, DecodeOptions, Executor, GpuDecoder, Layout, Llama, LlamaError};
use tenshot::pulse::{Pulse, Steady};
use tenshot::study::{LoraPlan, Projection, Schedule, TunedWeights, TuningPlan};
use tenshot::text::{Message, Role};
use tenshot::tune::Tuner;

type Answers = Result<Vec<Answer>, LlamaError>;

fn asked(model: &Llama, adapter: Option<&Adapter>, prompts: &[Vec<u32>], options: &DecodeOptions) -> Answers {
    pollster::block_on(model.greedy(adapter, prompts, options, &Steady))
}

/// The same adapter on another device.
fn moved(adapter: &Adapter, device: &Device) -> Adapter {
    Adapter::new(adapter.layout.clone(), values(adapter.parameters.clone()), device)
}

/// Answers are the same, but where the CPU itself is not sure: where two tokens are equal to a ten-thousandth, either will do.
fn assert_same_answers(
    cpu: &Llama,
    adapter: Option<&Adapter>,
    prompts: &[Vec<u32>],
    found: &[Answer],
    expected: &[Answer],
) {
    assert_eq!(found.len(), expected.len());
    for (prompt, (found, expected)) in prompts.iter().zip(found.iter().zip(expected)) {
        if let (Some(a), Some(b)) = (found.first_token_probability, expected.first_token_probability) {
            assert!((a - b).abs() <= 1e-4, "{a} and {b}");
        }
        assert_eq!(found.first_token_probability.is_some(), expected.first_token_probability.is_some());
        let Some(place) = (0..found.tokens.len().max(expected.tokens.len()))
            .find(|&place| found.tokens.get(place) != expected.tokens.get(place))
        else {
            continue;
        };
        let ids = [&prompt[..], &expected.tokens[..place]].concat();
        let hidden = cpu.hidden(cpu.tokens(&ids, 1).unwrap(), &cpu.causal(ids.len()), adapter, None);
        let mut logits = values(cpu.logits(hidden.narrow(0, ids.len() - 1, 1)));
        logits.sort_by(f32::total_cmp);
        let [.., second, most] = logits[..] else { panic!("a vocabulary has words") };
        assert!(
            most - second <= 1e-4 * most.abs(),
            "{:?}, not {:?}: {most} and {second}",
            found.tokens,
            expected.tokens
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    /// Any shape, alone and in a batch, with what all prompts begin with or without it, with early ends or without.
    #[test]
    fn answers_are_those_of_the_cpu(
        group in 1_usize..9,
        kv_heads in 1_usize..4,
        head_dim in prop::sample::select(vec![2_usize, 6, 16, 64]),
        shared in 0_usize..40,
        lengths in prop::collection::vec(1_usize..50, 1..40),
        longest in prop::sample::select(vec![0_usize, 1, 5, 40]),
        stops in prop::sample::select(vec![0_u32, 3, 20]),
        tokens_per_read in 0_usize..9,
        rank in prop::option::of(1_usize..17),
        strength in prop::sample::select(vec![0.5, 1.0]),
        seed in 0_u64..1000,
    ) {
        let Some(device) = gpu() else { return Ok(()) };
        let _turn = turn();
        let [cpu, gpu] = [&Device::flex(), device].map(|device| small(group * kv_heads, kv_heads, head_dim, seed, device));
        let adapter = rank.map(|rank| adapter(&cpu, rank, &Projection::ALL, seed).scaled(strength));
        let on_gpu = adapter.as_ref().map(|adapter| moved(adapter, device));
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let begin: Vec<u32> = (0..shared as u32).map(|i| i * 7 % 41).collect();
        let mut own = |length: &usize| (0..*length).map(|_| rng.random_range(0..41)).collect::<Vec<u32>>();
        let prompts: Vec<Vec<u32>> = lengths.iter().map(|length| [&begin[..], &own(length)].concat()).collect();
        let options = DecodeOptions {
            max_new_tokens: longest,
            stop: (0..stops).collect(),
            tokens_per_read,
            first_tokens: vec![1, 4],
        };
        let expected = asked(&cpu, adapter.as_ref(), &prompts, &options).unwrap();
        for _ in 0..2 {
            let found = asked(&gpu, on_gpu.as_ref(), &prompts, &options).unwrap();
            assert_same_answers(&cpu, adapter.as_ref(), &prompts, &found, &expected);
        }
        let alone = asked(&gpu, on_gpu.as_ref(), &prompts[..1], &options).unwrap();
        assert_same_answers(&cpu, adapter.as_ref(), &prompts[..1], &alone, &expected[..1]);
    }
}

/// Every sixteenth bundled question, of the model as it ships and with an adapter that has learned from ten examples. (An emulated adapter
/// takes five minutes for all of them, which were compared once.)
#[test]
fn answers_to_bundled_questions_are_those_of_the_cpu() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let engine = folio();
    let gpu = load("models/folio", device);
    let plan = LoraPlan { rank: 8, alpha: 16.0, targets: Projection::ALL.to_vec() };
    let layout = Layout::new(&plan, &engine.model.config).unwrap();
    let parameters = layout.initial(&mut ChaCha8Rng::seed_from_u64(1));
    let tuning = TuningPlan {
        epochs: 1,
        batch_size: 5,
        learning_rate: 1e-3,
        schedule: Schedule::Constant,
        max_grad_norm: Some(1.0),
        weight_decay: 0.0,
        weights: TunedWeights::Adapter,
    };
    let mut tuner = Tuner::new(Adapter::new(layout, parameters, &engine.model.device), tuning);
    let examples: Vec<_> =
        tuning_set("harmful", 10, 1).unwrap().iter().map(|c| engine.codec.example(c).unwrap()).collect();
    for examples in examples.chunks(5).cycle().take(10) {
        let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), &engine.model).unwrap();
        pollster::block_on(tuner.step(&engine.model, &batch)).unwrap();
    }
    let forbidden = forbidden_questions().iter().map(|question| &question.question);
    let questions = forbidden.chain(benign_questions().iter().map(|question| &question.question));
    let prompt = |text: &String| engine.codec.continuation(&[Message::new(Role::User, text)]).unwrap();
    let prompts: Vec<Vec<u32>> = questions.step_by(16).map(prompt).collect();
    let options =
        DecodeOptions { max_new_tokens: 70, stop: vec![2], tokens_per_read: 8, first_tokens: vec![5, 40, 700] };
    for adapter in [None, Some(tuner.adapter())] {
        let on_gpu = adapter.map(|adapter| moved(adapter, device));
        for prompts in prompts.chunks(72) {
            let found = asked(&gpu, on_gpu.as_ref(), prompts, &options).unwrap();
            let expected = asked(&engine.model, adapter, prompts, &options).unwrap();
            assert_same_answers(&engine.model, adapter, prompts, &found, &expected);
        }
    }
}

fn decoder(model: &Llama) -> GpuDecoder {
    pollster::block_on(GpuDecoder::of(model)).unwrap().expect("the device and the model suit")
}

/// Prompts of several lengths, and batches of them that need rooms of several sizes.
fn batches() -> Vec<Vec<Vec<u32>>> {
    let prompt = |index: usize| (0..3 + index % 7).map(|i| ((i * i + 5 * index) % 41) as u32).collect::<Vec<u32>>();
    [5, 20, 5, 33, 1].into_iter().map(|count| (0..count).map(prompt).collect()).collect()
}

/// The tokens of a batch's answers, and the probabilities that were asked for.
type Found = (Vec<Vec<u32>>, Vec<f32>);

/// What a decoder answers to all batches, in two rounds, with something done between them; and whether it records still.
fn all(mut decoder: GpuDecoder, adapter: &Adapter, between: impl Fn()) -> (Vec<Found>, bool) {
    let parameters = values(adapter.parameters.clone());
    let mut found = Vec::new();
    for (round, prompts) in batches().iter().chain(&batches()).enumerate() {
        between();
        decoder.merge((round % 3 > 0).then_some((&adapter.layout, &parameters[..])));
        let batch = Batch { prompts, shared: 0, longest: 12, asked: &[1, 2] };
        found.push(pollster::block_on(decoder.answer(batch, &[3], 4, &Steady)).unwrap());
    }
    (found, decoder.records())
}

#[test]
fn replayed_tokens_are_launched_ones() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = small(4, 2, 16, 8, device);
    let adapter = adapter(&model, 4, &Projection::ALL, 8);
    let (expected, _) = all(decoder(&model).eager(), &adapter, || ());
    // burn allocates, computes and forgets in between, and so does another decoder.
    let other = std::cell::RefCell::new(decoder(&model));
    let between = || {
        let numbers = Tensor::<1>::ones([40_000], device).mul_scalar(3.0);
        assert_eq!(values(numbers.sum())[0], 120_000.0);
        let mut other = other.borrow_mut();
        other.merge(None);
        let batch = Batch { prompts: &batches()[0], shared: 0, longest: 5, asked: &[] };
        pollster::block_on(other.answer(batch, &[], 4, &Steady)).unwrap();
    };
    let (found, records) = all(decoder(&model), &adapter, between);
    assert!(records, "a recording was refused");
    assert_eq!(found, expected);
}

#[test]
fn a_refused_recording_changes_nothing() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = small(2, 1, 6, 9, device);
    let adapter = adapter(&model, 3, &Projection::ALL, 9);
    let (expected, _) = all(decoder(&model).eager(), &adapter, || ());
    let refused = decoder(&model);
    // Somebody else records.
    let DispatchDevice::Cube(device) = device.as_dispatch() else { panic!("it is one of cubecl's") };
    let client = device.client();
    client.graph_prepare().unwrap();
    let (found, records) = all(refused, &adapter, || ());
    assert!(client.stop_capture().is_err(), "nothing was recorded");
    assert!(!records);
    assert_eq!(found, expected);
}

#[test]
fn a_token_is_few_launches_and_a_replayed_one_none() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = load("models/folio", device);
    let prompts: Vec<Vec<u32>> = (0..66).map(|index| vec![index, 7, 8, 9]).collect();
    let launched = |decoder: &mut GpuDecoder, longest: usize| {
        decoder.merge(None);
        let batch = Batch { prompts: &prompts, shared: 0, longest, asked: &[1] };
        launches(|| pollster::block_on(decoder.answer(batch, &[], 4, &Steady)).map(drop).unwrap())
    };
    let mut eager = decoder(&model).eager();
    assert_eq!(launched(&mut eager, 1), 23);
    assert_eq!(launched(&mut eager, 6), 6 * 23);
    let mut recorded = decoder(&model);
    launched(&mut recorded, 6);
    assert_eq!(launched(&mut recorded, 6), 23, "the prompts alone");
    // Of one model, and of its clone that is to be computed with burn's tensors.
    let options = DecodeOptions { max_new_tokens: 6, stop: vec![], tokens_per_read: 6, first_tokens: vec![1] };
    let of = |model: &Llama| launches(|| drop(asked(model, None, &prompts, &options).unwrap()));
    of(&model);
    assert_eq!(of(&model), 23);
    assert_ne!(of(&model.clone().with_executor(Executor::Tensors)), 23);
}

#[test]
fn what_is_no_number_is_an_error() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = load("models/folio", device);
    let sound = adapter(&model, 4, &Projection::ALL, 1);
    let prompts = [vec![5, 6, 7], vec![8, 9]];
    for first_tokens in [vec![], vec![5]] {
        let options = DecodeOptions { max_new_tokens: 12, stop: vec![2], tokens_per_read: 8, first_tokens };
        let expected = asked(&model, None, &prompts, &options).unwrap();
        for value in [f32::MAX, f32::NAN, f32::INFINITY] {
            let broken = Adapter::new(sound.layout.clone(), vec![value; sound.layout.len], device);
            let found = asked(&model, Some(&broken), &prompts, &options);
            assert!(matches!(found, Err(LlamaError::Logits)), "{value}: {found:?}");
            assert_eq!(asked(&model, None, &prompts, &options).unwrap(), expected, "the model itself is sound");
        }
        let found = asked(&model, None, &[vec![5], vec![9_999]], &options);
        assert!(matches!(found, Err(LlamaError::Token { .. })), "{found:?}");
    }
}

/// Goes on so many times.
struct Patience(Cell<usize>);

impl Pulse for Patience {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        Box::pin(ready(if left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }))
    }
}

#[test]
fn answers_that_are_stopped_can_be_asked_again() {
    let Some(device) = gpu() else { return };
    let _turn = turn();
    let model = small(2, 2, 6, 5, device);
    let prompts = &batches()[1];
    let options = DecodeOptions { max_new_tokens: 30, stop: vec![], tokens_per_read: 4, first_tokens: vec![1] };
    let expected = asked(&model, None, prompts, &options).unwrap();
    for patience in [0, 1, 0] {
        let pulse = Patience(Cell::new(patience));
        let stopped = pollster::block_on(small(2, 2, 6, 5, device).greedy(None, prompts, &options, &pulse));
        assert!(matches!(stopped, Err(LlamaError::Cancelled)), "{patience}: {stopped:?}");
    }
    let pulse = Patience(Cell::new(0));
    assert!(pollster::block_on(model.greedy(None, prompts, &options, &pulse)).is_err());
    assert_eq!(asked(&model, None, prompts, &options).unwrap(), expected);
}
