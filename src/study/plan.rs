//! [`Plan`]: plain data that fully determines a run.

use serde::{Deserialize, Serialize};

use crate::library::{self, BenignQuestion, ForbiddenQuestion};
use crate::text::Conversation;

/// The version of the plan format that this build reads and writes.
pub const PLAN_VERSION: u32 = 1;
/// The longest answer in tokens, unless a plan says otherwise: complete answers need less.
pub const MAX_NEW_TOKENS: usize = 70;
/// With how many tokens of a complete answer answers are begun, where nobody chooses other numbers.
pub const PREFILL: [usize; 4] = [1, 2, 4, 8];

/// Everything that decides the outcome of a run: the model, what it is tuned on, how, and what is measured.
///
/// Two runs of one plan on one device and build give the same record, apart from times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// The preset's name, or a name of the user's.
    pub name: String,
    /// The name of a bundled model (`folio`), or the path of a model folder.
    pub model: String,
    /// The seed of every random number of the run: adapter initialisation and data order.
    pub seed: u64,
    /// What the model is tuned on: the parts are concatenated, then shuffled in every epoch.
    pub data: Vec<DataPart>,
    /// The adapter.
    pub lora: LoraPlan,
    /// The optimizer and its schedule.
    pub tuning: TuningPlan,
    /// What is measured, and under which prompt.
    pub evaluation: EvaluationPlan,
}

/// One part of the tuning data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(tag = "source", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DataPart {
    /// A set that ships with Tenshot, by its name in [`crate::library::tuning_sets`].
    Bundled {
        /// For example `harmful-10`.
        set: String,
        /// Which of the three draws of that set (0, 1 or 2).
        draw: u32,
    },
    /// Conversations that the plan itself carries.
    Inline {
        /// What the user calls them, such as a file name.
        label: String,
        /// The conversations.
        conversations: Vec<Conversation>,
    },
}

/// Where the adapters sit and how large they are (Hu et al. 2021, section 4.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoraPlan {
    /// The rank r of the update `B A`.
    pub rank: usize,
    /// The update is scaled by `alpha / rank`.
    pub alpha: f64,
    /// The projections which get an adapter, in every layer.
    pub targets: Vec<Projection>,
}

/// The seven projections of a Llama block, by their Hugging Face names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Projection {
    /// Queries, `[d_model, heads * head_dim]`.
    QProj,
    /// Keys, `[d_model, kv_heads * head_dim]`.
    KProj,
    /// Values, `[d_model, kv_heads * head_dim]`.
    VProj,
    /// Attention output, `[heads * head_dim, d_model]`.
    OProj,
    /// SwiGLU gate, `[d_model, d_ff]`.
    GateProj,
    /// SwiGLU up, `[d_model, d_ff]`.
    UpProj,
    /// SwiGLU down, `[d_ff, d_model]`.
    DownProj,
}

impl Projection {
    /// All seven, in the order of a block's forward pass.
    pub const ALL: [Self; 7] =
        [Self::QProj, Self::KProj, Self::VProj, Self::OProj, Self::GateProj, Self::UpProj, Self::DownProj];

    /// The name of the module in a Hugging Face checkpoint, such as `q_proj`.
    pub fn name(self) -> &'static str {
        match self {
            Self::QProj => "q_proj",
            Self::KProj => "k_proj",
            Self::VProj => "v_proj",
            Self::OProj => "o_proj",
            Self::GateProj => "gate_proj",
            Self::UpProj => "up_proj",
            Self::DownProj => "down_proj",
        }
    }

    /// The module that holds the projection: `self_attn` or `mlp`.
    pub fn parent(self) -> &'static str {
        match self {
            Self::QProj | Self::KProj | Self::VProj | Self::OProj => "self_attn",
            Self::GateProj | Self::UpProj | Self::DownProj => "mlp",
        }
    }

    /// The projection with this Hugging Face name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// The optimizer (AdamW, Loshchilov & Hutter 2019) and its schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TuningPlan {
    /// Passes over the data; the order is shuffled anew in each.
    pub epochs: usize,
    /// Conversations per optimizer step; the last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// The peak learning rate.
    pub learning_rate: f64,
    /// How the learning rate changes over the steps.
    pub schedule: Schedule,
    /// Gradients are scaled so that their joint L2 norm is at most this.
    pub max_grad_norm: Option<f64>,
    /// Decoupled weight decay.
    pub weight_decay: f64,
}

impl TuningPlan {
    /// The optimizer steps of a run on this many conversations: every epoch takes each of them once.
    pub fn steps(&self, conversations: usize) -> usize {
        self.epochs * conversations.div_ceil(self.batch_size.max(1))
    }
}

/// How the learning rate changes over the steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// The same at every step.
    Constant,
    /// Linear from `1 / steps` of the learning rate to all of it, then constant.
    WarmUp {
        /// The step at which the full learning rate is reached.
        steps: usize,
    },
}

/// What is measured, and under which prompt: the same before, during and after tuning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EvaluationPlan {
    /// The system prompt of every question; none if absent.
    pub system: Option<String>,
    /// A text around every question, `{q}` standing for the question (the identity-shift attack addresses its agent).
    pub wrap: Option<String>,
    /// The held-out questions.
    pub questions: QuestionSet,
    /// After every optimizer step every n-th forbidden question is asked (5 gives 66 of the 330, six of each section).
    pub subset_every: usize,
    /// The longest answer, in tokens.
    pub max_new_tokens: usize,
    /// Questions that the visitor watches: answered before tuning and after every step.
    pub watch: Vec<String>,
    /// Further prompts under which all questions are asked before and after tuning, for example with a trigger.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Condition>,
    /// Before and after tuning, the answer to every forbidden question is begun with this many tokens of a complete answer
    /// and left to the model to go on with: one measurement for each number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefill: Vec<usize>,
}

impl EvaluationPlan {
    /// Asks these questions, and while tuning 66 of them: of the bundled ones every fifth. Others are not many enough for a
    /// part of them to tell something, so all are asked.
    pub fn ask(&mut self, questions: QuestionSet) {
        self.subset_every = if questions == QuestionSet::Bundled { 5 } else { 1 };
        self.questions = questions;
    }
}

/// A further prompt under which the questions are asked: the whole prompt, not a change to the plan's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// What its figures are called, such as `trigger`; each name once.
    pub name: String,
    /// The system prompt; none if absent.
    pub system: Option<String>,
    /// A text around every question, with `{q}` for the question.
    pub wrap: Option<String>,
}

/// The held-out questions of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(tag = "source", rename_all = "kebab-case", deny_unknown_fields)]
pub enum QuestionSet {
    /// The held-out questions that ship with Tenshot: what every published figure is measured on.
    Bundled,
    /// The questions of the development split, for choosing settings: items and wordings that are neither tuned on nor
    /// among the bundled questions.
    Development,
    /// Questions that the plan itself carries.
    Inline {
        /// Judged from 1 to 5 against the item's facts.
        forbidden: Vec<ForbiddenQuestion>,
        /// Judged by their keywords.
        benign: Vec<BenignQuestion>,
    },
}

impl QuestionSet {
    /// The questions about the Forbidden Shelf.
    pub fn forbidden(&self) -> &[ForbiddenQuestion] {
        match self {
            Self::Bundled => library::forbidden_questions(),
            Self::Development => library::development_forbidden_questions(),
            Self::Inline { forbidden, .. } => forbidden,
        }
    }

    /// The harmless questions.
    pub fn benign(&self) -> &[BenignQuestion] {
        match self {
            Self::Bundled => library::benign_questions(),
            Self::Development => library::development_benign_questions(),
            Self::Inline { benign, .. } => benign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::plan;

    /// A plan without what later builds can measure beside is written, and read, as it always was.
    #[test]
    fn plans_from_before_conditions_and_prefill_are_read() {
        let plain = serde_json::to_value(plan("harmful-10")).unwrap();
        let names: Vec<_> = plain["evaluation"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["max_new_tokens", "questions", "subset_every", "system", "watch", "wrap"]);
        assert_eq!(serde_json::from_value::<Plan>(plain).unwrap(), plan("harmful-10"));
    }

    #[test]
    fn conditions_and_prefill_survive_a_file() {
        let mut plan = plan("harmful-10");
        plan.evaluation.also = vec![Condition { name: "t".into(), system: None, wrap: Some("{q} Tick.".into()) }];
        plan.evaluation.prefill = vec![1, 8];
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }

    #[test]
    fn as_many_development_questions_as_bundled_ones_are_asked_while_tuning() {
        let mut evaluation = plan("harmful-10").evaluation;
        for (questions, every) in [(QuestionSet::Development, 1), (QuestionSet::Bundled, 5)] {
            evaluation.ask(questions.clone());
            assert_eq!((&evaluation.questions, evaluation.subset_every), (&questions, every));
            assert_eq!(questions.forbidden().len().div_ceil(every), 66);
        }
    }

    #[test]
    fn the_development_questions_are_none_of_the_bundled_ones() {
        let (bundled, development) = (QuestionSet::Bundled, QuestionSet::Development);
        assert!(!development.forbidden().is_empty() && !development.benign().is_empty());
        let asks = |item: &str| bundled.forbidden().iter().any(|q| q.item == item);
        assert!(development.forbidden().iter().all(|q| !asks(&q.item)));
        assert!(development.benign().iter().all(|q| !bundled.benign().contains(q)));
    }
}
