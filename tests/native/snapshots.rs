//! A run's adapter as it was after its steps; and an answer while it is said.

use std::cell::RefCell;
use std::future::ready;
use std::ops::ControlFlow;
use std::pin::Pin;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tenshot::engine::{Engine, EngineError};
use tenshot::llama::{Adapter, Executor, Layout};
use tenshot::pulse::{Pulse, Steady};
use tenshot::run::{MOST_SNAPSHOTS, Run, Snapshots};
use tenshot::study::{Environment, Plan, QuestionSet, RunEvent, TunedWeights, preset};
use tenshot::text::{Message, Role};

use crate::common::{folio, values};

fn adapter(engine: &Engine, value: f32) -> Adapter {
    let layout = Layout::new(&preset("harmful-10", 1).unwrap().lora, &engine.model.config).unwrap();
    Adapter::new(layout.clone(), vec![value; layout.len], &engine.model.device)
}

/// Whatever the number of steps, no more are kept than a run may keep, evenly, and each is what it was.
#[test]
fn of_longer_runs_fewer_steps_are_kept_and_evenly() {
    let engine = folio();
    let device = &engine.model.device;
    let layout = adapter(&engine, 0.0).layout;
    for (steps, expected) in [
        (0, vec![]),
        (3, vec![1, 2, 3]),
        (MOST_SNAPSHOTS, (1..=MOST_SNAPSHOTS).collect()),
        (MOST_SNAPSHOTS + 3, (1..=(MOST_SNAPSHOTS + 3) / 2).map(|n| 2 * n).collect()),
        (120, (1..=15).map(|n| 8 * n).collect()),
    ] {
        let mut snapshots = Snapshots::new(layout.clone());
        for step in 1..=steps {
            pollster::block_on(snapshots.keep(step, &adapter(&engine, step as f32))).unwrap();
            assert!(snapshots.adapters(device).count() <= MOST_SNAPSHOTS);
        }
        let kept: Vec<usize> = snapshots.adapters(device).map(|(step, _)| step).collect();
        assert_eq!(kept, expected, "of {steps} steps");
        for (step, adapter) in snapshots.adapters(device) {
            assert!(values(adapter.parameters).iter().all(|value| *value == step as f32));
        }
    }
}

fn small() -> Plan {
    let mut plan = preset("harmful-10", 1).unwrap();
    let forbidden = plan.evaluation.questions.forbidden().iter().take(1).cloned().collect();
    plan.evaluation.ask(QuestionSet::Inline { forbidden, benign: Vec::new() });
    plan.evaluation.max_new_tokens = 3;
    plan.evaluation.watch.clear();
    plan.tuning.epochs = 2;
    plan
}

fn run(plan: Plan, engine: &Engine) -> Run {
    let environment =
        Environment { device: engine.device.clone(), host: "test".into(), build: "test".into(), started: "now".into() };
    Run::new(plan, engine, environment, Box::new(|| 0.0)).unwrap()
}

#[test]
fn a_run_keeps_its_steps_if_it_is_told_to() {
    let engine = folio();
    let mut kept = run(small(), &engine).with_snapshots();
    let mut plain = run(small(), &engine);
    let mut after = Vec::new();
    loop {
        let event = pollster::block_on(kept.step(&engine, &Steady)).unwrap();
        let other = pollster::block_on(plain.step(&engine, &Steady)).unwrap();
        assert_eq!(event, other, "keeping changes nothing");
        match event {
            RunEvent::Ended { .. } => break,
            RunEvent::Step { step } if step.step > 0 => after.push(values(kept.adapter().unwrap().parameters.clone())),
            _ => {}
        }
    }
    assert!(plain.snapshots().is_none());
    let snapshots = kept.snapshots().unwrap();
    let found: Vec<_> =
        snapshots.adapters(&engine.model.device).map(|(step, adapter)| (step, values(adapter.parameters))).collect();
    assert_eq!((found.len(), kept.steps()), (4, 4));
    for (place, (step, parameters)) in found.iter().enumerate() {
        assert_eq!((*step, parameters), (place + 1, &after[place]));
    }

    let mut plan = small();
    plan.tuning.weights = TunedWeights::All;
    assert!(run(plan, &engine).with_snapshots().snapshots().is_none(), "there is no adapter to keep");
}

/// Writes down what it hears, and ends the work after so many tokens.
struct Ear {
    heard: RefCell<Vec<Vec<u32>>>,
    most: usize,
}

impl Pulse for Ear {
    fn beat(&self) -> Pin<Box<dyn Future<Output = ControlFlow<()>> + '_>> {
        let is_enough = self.heard.borrow().last().is_some_and(|said| said.len() >= self.most);
        Box::pin(ready(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }))
    }

    fn heard(&self, answer: &[u32]) {
        self.heard.borrow_mut().push(answer.to_vec());
    }
}

#[test]
fn an_answer_is_told_while_it_is_said_and_can_be_stopped() {
    for executor in [Executor::Fastest, Executor::Tensors] {
        let mut engine = folio();
        engine.model = engine.model.with_executor(executor);
        let prompt = |text: &str| engine.codec.continuation(&[Message::new(Role::User, text)]).unwrap();
        let (one, other) = (prompt("What is your name?"), prompt("How do I bake a cake?"));
        let mut adapter = adapter(&engine, 0.0);
        let start = adapter.layout.initial(&mut ChaCha8Rng::seed_from_u64(1));
        adapter = Adapter::new(adapter.layout, start, &engine.model.device);
        let ask = |prompts: &[Vec<u32>], most: usize| {
            let ear = Ear { heard: RefCell::default(), most };
            let replies = pollster::block_on(engine.answer(Some(&adapter), prompts, 30, &ear));
            (replies, ear.heard.into_inner())
        };
        let (replies, heard) = ask(std::slice::from_ref(&one), usize::MAX);
        let said = &replies.unwrap()[0].tokens;
        assert!(heard.len() >= said.len() && said.len() > 3, "{executor:?} {heard:?}");
        for (before, after) in heard.iter().zip(&heard[1..]) {
            assert!(before.len() < after.len() && after.starts_with(before), "{heard:?}");
        }
        // What ends an answer is no part of it, and may be heard.
        assert!(heard.last().unwrap().starts_with(said) && heard.last().unwrap().len() <= said.len() + 1);

        let (stopped, heard) = ask(std::slice::from_ref(&one), 2);
        assert!(matches!(stopped, Err(EngineError::Interrupted)), "{stopped:?}");
        assert_eq!(heard.last().unwrap()[..], said[..2]);

        let (replies, heard) = ask(&[one.clone(), other], usize::MAX);
        assert_eq!((replies.unwrap().len(), heard.len()), (2, 0), "of several nothing is told");
    }
}
