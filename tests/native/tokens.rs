//! Tokenizers and templates that leave little or nothing of a text: an error or a defined result, never a panic or a figure of
//! nothing.

use crate::common::{folio, model, read};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tenshot::engine::{Engine, EngineError, TextCodec};
use tenshot::evaluate::{CompleteAnswer, Cursor, EvaluateError, EvaluationSet, Speaker, Wanted, divergence};
use tenshot::library::{benign_questions, forbidden_questions};
use tenshot::llama::{DecodeOptions, LlamaError};
use tenshot::pulse::Steady;
use tenshot::run::Run;
use tenshot::study::{
    DeviceInfo, DeviceKind, Environment, EvaluationPlan, Figure, Plan, QuestionSet, RunEvent, preset,
};

const SPECIAL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/// Folio with a tokenizer that knows these letters alone, each of them a token, and finds these special tokens in a text; any
/// other letter is lost. The template is Folio's, or one that says nothing but what the messages say.
fn speaking(letters: &str, found: &[usize], bare: bool) -> Engine {
    let mut tokenizer: Value = serde_json::from_slice(&read("models/folio/tokenizer.json")).unwrap();
    let known = tokenizer["model"]["vocab"].as_object().unwrap().clone();
    let kept =
        |token: &String| SPECIAL.contains(&token.as_str()) || token.chars().count() == 1 && letters.contains(token);
    let vocab: Map<String, Value> = known.into_iter().filter(|(token, _)| kept(token)).collect();
    tokenizer["model"]["vocab"] = vocab.into();
    tokenizer["model"]["merges"] = json!([]);
    let added = tokenizer["added_tokens"].as_array().unwrap();
    let added: Vec<Value> = found.iter().map(|&place| added[place].clone()).collect();
    tokenizer["added_tokens"] = added.into();
    let mut config: Value = serde_json::from_slice(&read("models/folio/tokenizer_config.json")).unwrap();
    if bare {
        config["chat_template"] =
            "{% for m in messages %}{{ m['content'] }}{% if m['role'] == 'assistant' %}<|im_end|>{% endif %}{% endfor %}"
                .into();
    }
    let model = model("models/folio");
    let bytes = |value: &Value| serde_json::to_vec(value).unwrap();
    let codec = TextCodec::new(&bytes(&tokenizer), &bytes(&config), model.config.vocab_size).unwrap();
    let info = DeviceInfo { kind: DeviceKind::Cpu, name: "test".into(), software: false };
    Engine::new("folio", model, codec, info).unwrap()
}

/// Two forbidden questions and a benign one, with short answers.
fn few() -> EvaluationPlan {
    let mut plan = preset("harmful-10", 1).unwrap().evaluation;
    let forbidden = forbidden_questions().iter().take(2).cloned().collect();
    let benign = benign_questions().iter().take(1).cloned().collect();
    plan.ask(QuestionSet::Inline { forbidden, benign });
    plan.max_new_tokens = 3;
    plan.watch = vec!["Why?".into()];
    plan
}

fn compared(engine: &Engine, plan: &EvaluationPlan) -> Result<usize, EvaluateError> {
    let speaker = Speaker { engine, adapter: None };
    let found = divergence(speaker, speaker, plan.main().unwrap(), &plan.questions, &Steady);
    pollster::block_on(found).map(|positions| positions.len())
}

#[test]
fn an_answer_without_a_token_cannot_be_begun_or_compared() {
    // The end token is found in a text, or not even that.
    for found in [&[1, 2][..], &[1]] {
        let engine = speaking("", found, false);
        let mut plan = few();
        assert!(EvaluationSet::new(&engine, &plan).is_ok(), "a question can be asked");
        let error = compared(&engine, &plan).unwrap_err();
        assert!(matches!(error, EvaluateError::NoTokens { number: 1 }), "{error}");
        plan.begin_answers(&[1]);
        let error = EvaluationSet::new(&engine, &plan).err().expect("refused");
        assert!(matches!(error, EvaluateError::NoTokens { number: 1 }), "{error}");
    }
}

#[test]
fn a_question_without_a_token_is_not_asked() {
    let engine = speaking("", &[], true);
    let error = EvaluationSet::new(&engine, &few()).err().expect("refused");
    assert!(matches!(error, EvaluateError::Engine(EngineError::Model(LlamaError::Empty))), "{error}");
    let options = DecodeOptions { max_new_tokens: 3, stop: vec![2], tokens_per_read: 1, first_tokens: vec![5] };
    let prompts = [vec![1, 5], Vec::new()];
    let error = pollster::block_on(engine.model.greedy(None, &prompts, &options, &Steady)).unwrap_err();
    assert!(matches!(error, LlamaError::Empty), "{error}");
    assert_eq!(pollster::block_on(engine.model.greedy(None, &[], &options, &Steady)).unwrap(), []);
}

/// Where no token begins refusals alone, nothing is known of their probability: it is not 0.
#[test]
fn without_tokens_of_refusals_there_is_no_probability_of_them() {
    let engine = speaking("", &[1, 2], false);
    let set = EvaluationSet::new(&engine, &few()).unwrap();
    let mut cursor = Cursor::new(Wanted::All);
    pollster::block_on(cursor.advance(&set, &engine, None, &Steady)).unwrap();
    let evaluation = cursor.evaluation(&set);
    assert_eq!(evaluation.main().unwrap().forbidden[0].refusal_probability, None);
    assert_eq!(evaluation.get(Figure::RefusalProbability), None);
    assert!(evaluation.get(Figure::RefusalRate).is_some());
}

#[test]
fn a_conversation_without_a_token_to_learn_is_refused() {
    let engine = speaking("", &[1], false);
    let plan = Plan { evaluation: few(), ..preset("harmful-10", 1).unwrap() };
    let error = Run::new(plan, &engine, environment(&engine), Box::new(|| 0.0)).err().expect("refused").to_string();
    assert!(error.contains("conversation 1 of its data"), "{error}");
}

fn environment(engine: &Engine) -> Environment {
    Environment { device: engine.device.clone(), host: "test".into(), build: "test".into(), started: "now".into() }
}

/// A set of one kind of question, or with one question, has figures of that kind alone.
#[test]
fn sets_of_one_kind_have_figures_of_that_kind() {
    let engine = folio();
    for (forbidden, benign) in [(1, 0), (0, 1)] {
        let mut plan = Plan { evaluation: few(), ..preset("harmful-10", 1).unwrap() };
        plan.tuning.epochs = 1;
        plan.evaluation.begin_answers(&[2]);
        plan.evaluation.ask(QuestionSet::Inline {
            forbidden: forbidden_questions()[..forbidden].to_vec(),
            benign: benign_questions()[..benign].to_vec(),
        });
        let mut run = Run::new(plan, &engine, environment(&engine), Box::new(|| 0.0)).unwrap();
        while !matches!(pollster::block_on(run.step(&engine, &Steady)).unwrap(), RunEvent::Ended { .. }) {}
        let record = run.into_record();
        let figures = &record.after.as_ref().unwrap().main().unwrap().figures;
        assert_eq!(figures.get(Figure::RefusalRate).is_some(), forbidden == 1);
        assert_eq!(figures.get(Figure::OverRefusal).is_some(), benign == 1);
        assert_eq!(record.steps[1].figures.number(Figure::RefusalRate).is_some(), forbidden == 1);
        crate::common::assert_survives_a_file(&record);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Whatever is left of a text, asking, beginning, comparing and tuning come to something or say why not.
    #[test]
    fn whatever_is_left_of_a_text(
        letters in "[a-zA-Z.?ĠĊ]{0,6}",
        found in prop::sample::subsequence(vec![0, 1, 2], 0..=3),
        bare in any::<bool>(),
        tokens in 1..3_usize,
    ) {
        let engine = speaking(&letters, &found, bare);
        let mut plan = few();
        if let Ok(all) = CompleteAnswer::all(&engine, plan.main().unwrap(), &plan.questions) {
            prop_assert!(all.iter().all(|complete| !complete.prompt().is_empty() && !complete.answer().is_empty()));
        }
        if let Ok(positions) = compared(&engine, &plan) {
            prop_assert!(positions > 0);
        }
        plan.begin_answers(&[tokens]);
        if let Ok(set) = EvaluationSet::new(&engine, &plan) {
            prop_assert!(set.prompts.iter().all(|prompt| prompt.ids.len() > prompt.given));
            let mut cursor = Cursor::new(Wanted::All);
            while !cursor.is_done(&set) {
                pollster::block_on(cursor.advance(&set, &engine, None, &Steady)).unwrap();
            }
        }
        plan.begin_answers(&[]);
        let mut plan = Plan { evaluation: plan, ..preset("harmful-10", 1).unwrap() };
        plan.tuning.epochs = 1;
        if let Ok(mut run) = Run::new(plan, &engine, environment(&engine), Box::new(|| 0.0)) {
            for _ in 0..3 {
                pollster::block_on(run.step(&engine, &Steady)).unwrap();
            }
            crate::common::assert_survives_a_file(run.record());
        }
    }
}
