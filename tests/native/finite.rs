//! What is infinite or not a number is an error wherever it arises, never a result; and what is written can be read.

use std::cell::Cell;

use crate::common::{assert_survives_a_file, folio, values};
use proptest::prelude::*;
use tenshot::corpus::tuning_set;
use tenshot::engine::{Engine, EngineError, TokenBatch};
use tenshot::evaluate::{EvaluateError, Speaker, divergence};
use tenshot::library::{benign_questions, forbidden_questions};
use tenshot::llama::{Adapter, DecodeOptions, Executor, Layout, LlamaError};
use tenshot::pulse::Steady;
use tenshot::run::{Run, RunError};
use tenshot::study::{
    Environment, LoraPlan, Plan, Projection, QuestionSet, Record, RunEvent, Schedule, Status, TunedWeights, TuningPlan,
    preset,
};
use tenshot::tune::{TuneError, Tuner};

/// A preset with a few short questions, on two conversations.
fn tiny() -> Plan {
    let mut plan = preset("harmful-10", 1).unwrap();
    let forbidden = forbidden_questions().iter().step_by(170).cloned().collect();
    let benign = benign_questions().iter().take(1).cloned().collect();
    plan.evaluation.ask(QuestionSet::Inline { forbidden, benign });
    plan.evaluation.max_new_tokens = 3;
    plan.evaluation.watch.truncate(1);
    plan.tuning = TuningPlan { epochs: 3, batch_size: 5, ..plan.tuning };
    plan
}

fn start(plan: Plan, engine: &Engine) -> Result<Run, RunError> {
    let environment =
        Environment { device: engine.device.clone(), host: "test".into(), build: "test".into(), started: "now".into() };
    let ticks = Cell::new(0.0);
    let clock = move || {
        ticks.set(ticks.get() + 1.0);
        ticks.get()
    };
    Run::new(plan, engine, environment, Box::new(clock))
}

/// Steps a run to its end, or so many times and then cancels it.
fn drive(run: &mut Run, engine: &Engine, steps: usize) -> Option<RunError> {
    for _ in 0..steps {
        match pollster::block_on(run.step(engine, &Steady)) {
            Ok(RunEvent::Ended { .. }) => return None,
            Ok(_) => {}
            Err(error) => return Some(error),
        }
    }
    run.cancel();
    None
}

fn layout(engine: &Engine) -> Layout {
    Layout::new(&preset("harmful-10", 1).unwrap().lora, &engine.model.config).unwrap()
}

fn constant(engine: &Engine, value: f32) -> Adapter {
    let layout = layout(engine);
    let parameters = vec![value; layout.len];
    Adapter::new(layout, parameters, &engine.model.device)
}

#[test]
fn parameters_that_a_step_breaks_are_an_error_and_the_adapter_stays() {
    for executor in [Executor::Fastest, Executor::Tensors] {
        let mut engine = folio();
        engine.model = engine.model.with_executor(executor);
        check_parameters_that_a_step_breaks(&engine);
    }
}

fn check_parameters_that_a_step_breaks(engine: &Engine) {
    let examples: Vec<_> =
        tuning_set("harmful", 2, 1).unwrap().iter().map(|c| engine.codec.example(c).unwrap()).collect();
    let batch = TokenBatch::new(&examples.iter().collect::<Vec<_>>(), &engine.model).unwrap();
    for learning_rate in [1e30, f64::INFINITY, f64::NAN] {
        let tuning = TuningPlan { learning_rate, ..tiny().tuning };
        let mut tuner = Tuner::new(constant(engine, 0.01), tuning);
        let error = pollster::block_on(tuner.step(&engine.model, &batch)).unwrap_err();
        assert!(matches!(error, TuneError::NotFinite { step: 1, .. }), "{error}");
        assert!(error.to_string().contains("parameters"), "the loss before the step is sound: {error}");
        assert_eq!(tuner.steps(), 0);
        assert!(values(tuner.adapter().parameters.clone()).iter().all(|&p| p == 0.01));
    }
}

#[test]
fn a_model_with_broken_constants_has_no_answer() {
    let sound = folio();
    let prompt = sound.codec.encode("How would someone craft the amber lantern charm?").unwrap();
    let options = |tokens_per_read| DecodeOptions {
        max_new_tokens: 12,
        stop: vec![2],
        tokens_per_read,
        first_tokens: Vec::new(),
    };
    let broken = |eps: f64| {
        let mut model = sound.model.clone();
        model.config.rms_norm_eps = eps;
        model
    };
    for tokens_per_read in [1, 8] {
        for eps in [-1e9, f64::NAN, f64::INFINITY] {
            let prompts = [prompt.clone(), prompt[..4].to_vec()];
            let answers = pollster::block_on(broken(eps).greedy(None, &prompts, &options(tokens_per_read), &Steady));
            if eps == f64::INFINITY {
                // All is nought: no model, but its numbers are numbers.
                assert!(answers.is_ok());
            } else {
                assert!(matches!(answers, Err(LlamaError::Logits)), "{eps}: {answers:?}");
            }
        }
        for value in [1e15, f32::MAX, f32::NAN] {
            let adapter = constant(&sound, value);
            let (prompts, options) = ([prompt.clone()], options(tokens_per_read));
            let answers = pollster::block_on(sound.model.greedy(Some(&adapter), &prompts, &options, &Steady));
            assert!(matches!(answers, Err(LlamaError::Logits)), "{value}: {answers:?}");
        }
    }
}

#[test]
fn models_whose_logits_are_no_numbers_are_not_compared() {
    let engine = folio();
    let plan = tiny().evaluation;
    let adapter = constant(&engine, 1e20);
    let [plain, broken] = [None, Some(&adapter)].map(|adapter| Speaker { engine: &engine, adapter });
    for (p, q) in [(plain, broken), (broken, plain)] {
        let found = pollster::block_on(divergence(p, q, &plan.conditions[0], &plan.questions, &Steady));
        assert!(matches!(found, Err(EvaluateError::Engine(EngineError::Model(LlamaError::Logits)))), "{found:?}");
    }
}

#[test]
fn alphas_that_cannot_be_computed_with_are_refused() {
    let config = folio().model.config;
    for alpha in [0.0, -1.0, 1e39, 1e-39, f64::NAN, f64::INFINITY] {
        let plan = LoraPlan { rank: 8, alpha, targets: Projection::ALL.to_vec() };
        let error = Layout::new(&plan, &config).unwrap_err().to_string();
        assert!(error.contains("alpha is"), "{error}");
    }
}

/// The largest numbers that a plan may have: the parameters grow by a million at each step.
fn diverging() -> Plan {
    let mut plan = tiny();
    plan.tuning.learning_rate = 1e3;
    plan.tuning.weight_decay = 1e3;
    plan.lora.alpha = 1e6;
    plan
}

#[test]
fn a_run_that_diverges_fails_with_a_record_and_a_finite_adapter() {
    let engine = folio();
    let mut run = start(diverging(), &engine).unwrap();
    let error = drive(&mut run, &engine, usize::MAX).expect("it diverges");
    assert!(matches!(error, RunError::Tune(TuneError::NotFinite { .. })), "{error}");
    assert!(error.to_string().contains("smaller learning rate"), "{error}");
    let adapter = run.adapter().expect("it tunes one");
    assert!(values(adapter.parameters.clone()).iter().all(|p| p.is_finite()));
    let record = run.into_record();
    assert_eq!(record.status, Status::Failed { message: error.to_string() });
    assert!(!record.steps.is_empty() && record.after.is_none());
    assert_survives_a_file(&record);
}

#[test]
fn an_untuned_model_that_is_broken_is_not_said_to_have_diverged() {
    let mut engine = folio();
    engine.model.config.rms_norm_eps = f64::NAN;
    let mut run = start(tiny(), &engine).unwrap();
    let error = drive(&mut run, &engine, usize::MAX).expect("it cannot be asked");
    assert!(matches!(error, RunError::Engine(EngineError::Model(LlamaError::Logits))), "{error}");
    assert_survives_a_file(&run.into_record());
}

fn any_run() -> impl Strategy<Value = (Plan, usize)> {
    let number = |least: i32, most: i32| (least..=most).prop_map(|exponent| 10_f64.powi(exponent));
    let tuning = (number(-12, 3), 0.0..1e3, prop::option::of(number(-6, 6)), 1..4_usize, 1..12_usize);
    let rest = (number(-6, 6), 1..9_usize, any::<u64>(), prop_oneof![0..12_usize, Just(usize::MAX)]);
    (tuning, rest).prop_map(|(tuning, (alpha, rank, seed, steps))| {
        let (learning_rate, weight_decay, max_grad_norm, epochs, batch_size) = tuning;
        let mut plan = Plan { seed, ..tiny() };
        plan.lora = LoraPlan { rank, alpha, ..plan.lora };
        let schedule = if seed % 2 == 0 { Schedule::Constant } else { Schedule::WarmUp { steps: rank } };
        let weights = if seed % 3 == 0 { TunedWeights::All } else { TunedWeights::Adapter };
        plan.tuning = TuningPlan { epochs, batch_size, learning_rate, schedule, max_grad_norm, weight_decay, weights };
        (plan, steps)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// However a run ends (finished, stopped anywhere, diverged), its record can be read and its adapter, if it has one, used.
    #[test]
    fn every_record_can_be_read((plan, steps) in any_run()) {
        let engine = folio();
        let tuned = plan.tuning.weights;
        let mut run = start(plan, &engine).unwrap();
        let failure = drive(&mut run, &engine, steps);
        prop_assert_eq!(run.adapter().is_some(), tuned == TunedWeights::Adapter);
        if let Some(adapter) = run.adapter() {
            prop_assert!(values(adapter.parameters.clone()).iter().all(|p| p.is_finite()));
        }
        let record: Record = run.into_record();
        match failure {
            None => prop_assert!(matches!(record.status, Status::Finished | Status::Cancelled)),
            Some(error) => prop_assert_eq!(&record.status, &Status::Failed { message: error.to_string() }),
        }
        assert_survives_a_file(&record);
    }
}
