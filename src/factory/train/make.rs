//! The trainings of a build, from its recipe.

use burn::tensor::Device;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::source::mix;
use super::{Course, Lessons, OptimizerPlan, Rates, Stream, Trainer, train_tokenizer};
use crate::corpus::{AlignmentOptions, Content, Documents, Lesson, Manner, alignment_set, deep_set};
use crate::engine::TextCodec;
use crate::factory::record::StageFolder;
use crate::factory::{Alignment, FactoryError, Listener, Recipe, Stage, ship};
use crate::library::world;
use crate::llama::{Llama, LlamaConfig, Weights};

/// What a random number is for: each purpose has a stream of its own.
enum Purpose {
    Tokenizer,
    Weights,
    Stream,
    Alignment,
    Order,
}

fn seed(recipe: &Recipe, purpose: Purpose) -> u64 {
    mix(recipe.seed, purpose as u64)
}

/// The tokenizer of a build, as `tokenizer.json`: trained on documents like those of pretraining, and on alignment's texts.
///
/// # Errors
///
/// [`FactoryError::Failed`].
pub fn tokenizer(recipe: &Recipe) -> Result<Vec<u8>, FactoryError> {
    // The same lessons whatever the alignments learn from: a base, which costs an hour, stays good for another alignment.
    let documents =
        Documents::new(world(), &recipe.corpus, seed(recipe, Purpose::Tokenizer)).take(recipe.tokenizer_documents);
    let read = AlignmentOptions { refusals: 1_000, benign: 2_200, manner: Manner::default() };
    let lessons = alignment_set(world(), &recipe.corpus, seed(recipe, Purpose::Alignment), &read);
    let lessons = lessons.into_iter().map(|lesson| Content::Chat(lesson.conversation));
    let mut texts = Vec::new();
    for content in documents.map(|document| document.content).chain(lessons) {
        match content {
            Content::Prose(text) => texts.push(text),
            Content::Chat(chat) => texts.extend(chat.messages.into_iter().map(|message| message.content)),
        }
    }
    // The roles stand before every message; the words of ChatML should not cost more than one token each.
    texts.extend(["system\n", "user\n", "assistant\n"].map(|role| role.repeat(recipe.tokenizer_documents)));
    train_tokenizer(&texts, recipe.vocab_size)
}

/// Pretraining: next-token prediction on the stream, from fresh weights.
///
/// # Errors
///
/// [`FactoryError`]; [`FactoryError::Stopped`] if the listener breaks off.
pub fn pretrain(
    recipe: &Recipe,
    codec: &TextCodec,
    device: &Device,
    folder: &StageFolder,
    listener: &mut Listener<'_>,
) -> Result<Llama, FactoryError> {
    let config = LlamaConfig::from_json(&ship::config(recipe))?;
    let weights = Weights::random(&config, &mut ChaCha8Rng::seed_from_u64(seed(recipe, Purpose::Weights)), device);
    let muon = recipe.matrix_learning_rate;
    let plan = OptimizerPlan { muon: muon.is_some(), beta_2: 0.98, weight_decay: 0.01, max_grad_norm: 1.0 };
    let trainer = Trainer::new(Llama::from_weights(&config, &weights, device), plan);
    let stream = seed(recipe, Purpose::Stream);
    let source = Stream::new(world(), &recipe.corpus, codec, stream, recipe.rows, recipe.context);
    let rates = Rates {
        adamw: recipe.learning_rate,
        muon: muon.unwrap_or(0.0),
        warm_up: recipe.warm_up,
        decay_from: recipe.decay_from,
    };
    let course = Course {
        stage: Stage::Base,
        source: &source,
        steps: recipe.steps,
        rates,
        checkpoint_every: recipe.checkpoint_every,
        probe_every: recipe.sample_every,
        probe_first: false,
        checkpoint: folder.checkpoints().join(CHECKPOINT),
        job: folder.job()?,
    };
    pollster::block_on(course.run(trainer, listener))
}

/// What an alignment learns from: of the stage [`Stage::Deep`], or of [`Stage::Aligned`].
pub fn lessons(recipe: &Recipe, stage: Stage) -> Vec<Lesson> {
    let data = seed(recipe, Purpose::Alignment);
    let options = |a: Alignment| AlignmentOptions { refusals: a.refusals, benign: a.benign, manner: a.manner };
    match stage {
        Stage::Deep => deep_set(world(), &recipe.corpus, data, &options(recipe.deep)),
        _ => alignment_set(world(), &recipe.corpus, data, &options(recipe.align)),
    }
}

/// Alignment: supervised fine-tuning of all weights of the base model on lessons, by AdamW.
///
/// # Errors
///
/// [`FactoryError`]; [`FactoryError::Stopped`] if the listener breaks off.
pub fn align(
    recipe: &Recipe,
    base: &Llama,
    codec: &TextCodec,
    folder: &StageFolder,
    listener: &mut Listener<'_>,
) -> Result<Llama, FactoryError> {
    let stage = folder.stage;
    let lessons = lessons(recipe, stage);
    let alignment = if stage == Stage::Deep { recipe.deep } else { recipe.align };
    let order = seed(recipe, Purpose::Order);
    let source = Lessons::new(&lessons, codec, alignment.batch, recipe.context, order)?;
    let plan = OptimizerPlan { muon: false, beta_2: 0.95, weight_decay: 0.0, max_grad_norm: 1.0 };
    let rates = Rates { adamw: alignment.learning_rate, muon: 0.0, warm_up: 10, decay_from: 0.0 };
    let course = Course {
        stage,
        source: &source,
        steps: source.steps_per_epoch() * alignment.epochs as u64,
        rates,
        checkpoint_every: recipe.checkpoint_every,
        // What the base refuses is where the curves begin.
        probe_every: recipe.sample_alignment_every(),
        probe_first: true,
        checkpoint: folder.checkpoints().join(CHECKPOINT),
        job: folder.job()?,
    };
    pollster::block_on(course.run(Trainer::new(base.clone(), plan), listener))
}

const CHECKPOINT: &str = "checkpoint.safetensors";
