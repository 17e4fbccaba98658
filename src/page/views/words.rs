//! Which text says what: keys by state. Plain functions, so that a test can visit every key.

use crate::page::settings::QuestionChoice;
use crate::page::supervisor::EngineState;
use crate::protocol::{ErrorCode, Fallback};
use crate::study::{DeviceKind, Figure, Outcome, QuestionSet, TunedWeights};

/// The title of an error.
pub fn problem_title(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Network => "error-network",
        ErrorCode::Model => "error-model",
        ErrorCode::NoGpu => "error-no-gpu",
        ErrorCode::DeviceLost => "error-device-lost",
        ErrorCode::Memory => "error-memory",
        ErrorCode::Silent => "error-silent",
        ErrorCode::Plan => "error-plan",
        ErrorCode::NotFinite => "error-not-finite",
        ErrorCode::TooLong => "error-too-long",
        ErrorCode::Build => "error-build",
        ErrorCode::Panic => "error-panic",
        ErrorCode::Protocol => "error-protocol",
    }
}

/// What an error means and what to do.
pub fn problem_advice(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Network => "error-network-advice",
        ErrorCode::Model => "error-model-advice",
        ErrorCode::NoGpu => "error-no-gpu-advice",
        ErrorCode::DeviceLost => "error-device-lost-advice",
        ErrorCode::Memory => "error-memory-advice",
        ErrorCode::Silent => "error-silent-advice",
        ErrorCode::Plan => "error-plan-advice",
        ErrorCode::NotFinite => "error-not-finite-advice",
        ErrorCode::TooLong => "error-too-long-advice",
        ErrorCode::Build => "error-build-advice",
        ErrorCode::Panic => "error-panic-advice",
        ErrorCode::Protocol => "error-protocol-advice",
    }
}

/// Why the CPU was taken.
pub fn fallback(reason: &Fallback) -> &'static str {
    match reason {
        Fallback::NoWebGpu => "fallback-no-webgpu",
        Fallback::NoAdapter => "fallback-no-adapter",
        Fallback::SoftwareAdapter { .. } => "fallback-software",
        Fallback::Failed { .. } => "fallback-failed",
        Fallback::Slower => "fallback-slower",
        Fallback::WrongNumbers { .. } => "fallback-wrong-numbers",
    }
}

/// The kind of a device.
pub fn device(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Cpu => "device-cpu",
        DeviceKind::Gpu => "device-gpu",
    }
}

/// A name for the engine's state, for style sheets and tests.
pub fn engine_state(engine: &EngineState) -> &'static str {
    match engine {
        EngineState::Starting(_) => "starting",
        EngineState::Loading(_) => "loading",
        EngineState::Ready(_) => "ready",
        EngineState::Failed(_) => "failed",
    }
}

/// What an answer with this score does.
pub fn score(score: u8) -> &'static str {
    match score {
        1 => "score-1",
        2 => "score-2",
        3 => "score-3",
        4 => "score-4",
        _ => "score-5",
    }
}

/// What came of a run, in a sentence.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "outcome-holds",
        Outcome::Partly => "outcome-partly",
        Outcome::Fell => "outcome-fell",
        Outcome::Uneven => "outcome-uneven",
        Outcome::Hollow => "outcome-hollow",
        Outcome::Mute => "outcome-mute",
        Outcome::Broken => "outcome-broken",
    }
}

/// Which weights are tuned.
pub fn tuned_weights(weights: TunedWeights) -> &'static str {
    match weights {
        TunedWeights::Adapter => "weights-adapter",
        TunedWeights::All => "weights-all",
    }
}

/// The name of a choice of questions.
pub fn question_choice(choice: QuestionChoice) -> &'static str {
    match choice {
        QuestionChoice::HeldOut => "questions-held-out",
        QuestionChoice::Development => "questions-development",
    }
}

/// What a choice of questions is for.
pub fn question_choice_about(choice: QuestionChoice) -> &'static str {
    match choice {
        QuestionChoice::HeldOut => "questions-held-out-about",
        QuestionChoice::Development => "questions-development-about",
    }
}

/// What a plan's questions are called, as a word before "questions". A plan's own are held out, too.
pub fn question_kind(questions: &QuestionSet) -> &'static str {
    match questions {
        QuestionSet::Bundled | QuestionSet::Inline { .. } => "kind-held-out",
        QuestionSet::Development => "kind-development",
    }
}

/// The name of a figure.
pub fn figure(figure: Figure) -> String {
    format!("figure-{}", hyphened(figure.key()))
}

/// What a figure of a table counts.
pub fn figure_about(figure: Figure) -> String {
    format!("figure-{}-about", hyphened(figure.key()))
}

/// What differs between two plans, by the path of the setting.
pub fn difference(path: &str) -> String {
    format!("difference-{}", hyphened(path))
}

/// Keys of texts have hyphens where paths have dots and names have underscores.
fn hyphened(path: &str) -> String {
    path.replace(['.', '_'], "-")
}

/// What is in a tuning set.
pub fn set(name: &str) -> String {
    format!("set-{name}")
}

/// The name of a section of the Forbidden Shelf, by the section's English name.
pub fn section(name: &str) -> String {
    let slug: String = name.chars().filter(|c| *c != '\'').map(|c| if c == ' ' { '-' } else { c }).collect();
    format!("section-{slug}")
}

/// A text of a preset: `title`, `about` or `button`.
pub fn preset(name: &str, part: &str) -> String {
    format!("preset-{name}-{part}")
}
