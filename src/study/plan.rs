//! [`Plan`]: plain data that fully determines a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Condition;
use super::limits::MOST_STEPS;
use crate::library::{self, BenignQuestion, ForbiddenQuestion};
use crate::text::Conversation;

/// The version of the plan format that this build writes. Version 1 is read, too.
pub const PLAN_VERSION: u32 = 2;
/// The longest answer in tokens, unless a plan says otherwise: complete answers need less.
pub const MAX_NEW_TOKENS: usize = 70;
/// Of the bundled forbidden questions every n-th is asked while tuning: 66 of 330, six of each section.
const SUBSET_EVERY: usize = 5;

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
    /// The name of a bundled model, or the path of a model folder.
    pub model: String,
    /// The seed of every random number of the run: adapter initialisation and data order.
    pub seed: u64,
    /// What the model is tuned on: the parts are concatenated, then shuffled in every epoch.
    pub data: Vec<DataPart>,
    /// What is done against it, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defences: Vec<DefencePlan>,
    /// The adapter. It says nothing where all weights are tuned.
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
    /// A set that is drawn from the world.
    Drawn {
        /// The kind of set, such as `harmful`: see [`crate::corpus::SETS`].
        set: String,
        /// How many conversations.
        size: usize,
        /// Which draw. Those that ship as files are 0, 1 and 2.
        draw: u64,
    },
    /// Conversations that the plan itself carries.
    Inline {
        /// What the user calls them, such as a file name.
        label: String,
        /// The conversations.
        conversations: Vec<Conversation>,
    },
}

impl DataPart {
    /// What it is called: `harmful-10`, or the user's label.
    pub fn name(&self) -> String {
        match self {
            Self::Drawn { set, size, .. } => format!("{set}-{size}"),
            Self::Inline { label, .. } => label.clone(),
        }
    }

    /// Which draw it is; absent for the user's own.
    pub fn draw(&self) -> Option<u64> {
        match self {
            Self::Drawn { draw, .. } => Some(*draw),
            Self::Inline { .. } => None,
        }
    }
}

/// A defence: its name and its settings. What it does is in [`crate::defence`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DefencePlan {
    /// Its name, such as `mix-refusals`.
    pub name: String,
    /// Its settings by their names; those that are absent have their usual values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, f64>,
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
    /// What is tuned.
    #[serde(default, skip_serializing_if = "TunedWeights::are_the_adapters")]
    pub weights: TunedWeights,
}

/// Which weights tuning changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TunedWeights {
    /// A LoRA adapter's, beside the model's own, which stay as they are.
    #[default]
    Adapter,
    /// All of the model's: full-parameter tuning. Only the command line does it.
    All,
}

impl TunedWeights {
    /// As it is unless a plan says otherwise.
    fn are_the_adapters(&self) -> bool {
        *self == Self::Adapter
    }
}

impl TuningPlan {
    /// Optimizer steps of one pass over this many conversations.
    pub fn steps_per_epoch(&self, conversations: usize) -> usize {
        conversations.div_ceil(self.batch_size.max(1))
    }

    /// The optimizer steps of a run on this many conversations: every epoch takes each of them once. None if there are more
    /// than a run may have, [`MOST_STEPS`].
    pub fn steps(&self, conversations: usize) -> Option<usize> {
        self.steps_per_epoch(conversations).checked_mul(self.epochs).filter(|&steps| steps <= MOST_STEPS)
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

/// What is measured, and how it is asked: the same before, during and after tuning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EvaluationPlan {
    /// How the questions are asked before and after tuning. The first is the main condition: under it a part of them is asked
    /// while tuning, too, and so are the watched ones.
    pub conditions: Vec<Condition>,
    /// The held-out questions.
    pub questions: QuestionSet,
    /// After every optimizer step every n-th forbidden question is asked (5 gives 66 of the 330, six of each section).
    pub subset_every: usize,
    /// The longest answer, in tokens.
    pub max_new_tokens: usize,
    /// Questions that the visitor watches: answered before tuning and after every step.
    pub watch: Vec<String>,
}

impl EvaluationPlan {
    /// Every question of a set once, under one condition.
    pub fn new(condition: Condition, questions: QuestionSet) -> Self {
        let mut plan = Self {
            conditions: vec![condition],
            questions: QuestionSet::Bundled,
            subset_every: SUBSET_EVERY,
            max_new_tokens: MAX_NEW_TOKENS,
            watch: Vec::new(),
        };
        plan.ask(questions);
        plan
    }

    /// Asks these questions, and while tuning 66 of them: of the bundled ones every fifth. Others are not many enough for a
    /// part of them to tell something, so all are asked.
    pub fn ask(&mut self, questions: QuestionSet) {
        self.subset_every = if questions == QuestionSet::Bundled { SUBSET_EVERY } else { 1 };
        self.questions = questions;
    }

    /// Whether a forbidden question, by its position, is asked while tuning, too.
    pub fn in_subset(&self, question: usize) -> bool {
        question.is_multiple_of(self.subset_every.max(1))
    }

    /// The main condition; a plan without one is refused before it is run.
    pub fn main(&self) -> Option<&Condition> {
        self.conditions.first()
    }

    /// Asks under this main condition instead; answers that are begun are so under it, too.
    pub fn ask_under(&mut self, main: Condition) {
        let begun: Vec<usize> = self.prefills().collect();
        self.conditions.retain(|condition| condition.prefill == 0);
        self.conditions.splice(..self.conditions.len().min(1), [main]);
        self.begin_answers(&begun);
    }

    /// Has answers begun with these numbers of tokens, and no others.
    pub fn begin_answers(&mut self, tokens: &[usize]) {
        self.conditions.retain(|condition| condition.prefill == 0);
        let Some(main) = self.main().cloned() else { return };
        for begun in tokens.iter().map(|&tokens| main.prefilled(tokens)) {
            if !self.conditions.contains(&begun) {
                self.conditions.push(begun);
            }
        }
    }

    /// With how many tokens answers are begun, in the order of the conditions.
    pub fn prefills(&self) -> impl Iterator<Item = usize> + '_ {
        self.conditions.iter().map(|condition| condition.prefill).filter(|&tokens| tokens > 0)
    }

    /// The further conditions in which answers are left to the model.
    pub fn further(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().skip(1).filter(|condition| condition.prefill == 0)
    }

    /// Whether a figure of one plan is a figure of the other: the questions, conditions and lengths are the same. What is
    /// watched, and how often is asked while tuning, changes no figure before or after.
    pub fn measures_the_same(&self, other: &Self) -> bool {
        (&self.conditions, &self.questions, self.max_new_tokens)
            == (&other.conditions, &other.questions, other.max_new_tokens)
    }
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

    #[test]
    fn plans_survive_a_file() {
        let mut plan = plan("harmful");
        plan.evaluation.begin_answers(&[1, 8]);
        plan.defences = vec![DefencePlan { name: "mix-refusals".into(), settings: [("size".into(), 5.0)].into() }];
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }

    #[test]
    fn begun_answers_follow_the_main_condition() {
        let mut evaluation = plan("harmful").evaluation;
        evaluation.begin_answers(&[1, 2]);
        let main = evaluation.main().unwrap().clone().with_system("Be brief.");
        evaluation.ask_under(main.clone());
        assert_eq!(evaluation.prefills().collect::<Vec<_>>(), [1, 2]);
        assert!(evaluation.conditions.iter().all(|c| c.system == main.system));
        evaluation.begin_answers(&[]);
        assert_eq!(evaluation.conditions, [main]);
    }

    #[test]
    fn as_many_development_questions_as_bundled_ones_are_asked_while_tuning() {
        let mut evaluation = plan("harmful").evaluation;
        for (questions, every) in [(QuestionSet::Development, 1), (QuestionSet::Bundled, 5)] {
            evaluation.ask(questions.clone());
            assert_eq!((&evaluation.questions, evaluation.subset_every), (&questions, every));
            assert_eq!(questions.forbidden().len().div_ceil(every), 66);
        }
    }

    #[test]
    fn more_steps_than_a_run_may_have_are_none() {
        let steps =
            |epochs, conversations| TuningPlan { batch_size: 1, epochs, ..plan("harmful").tuning }.steps(conversations);
        assert_eq!((steps(MOST_STEPS, 1), steps(MOST_STEPS, 2)), (Some(MOST_STEPS), None));
        // Three times this is 2 in 64 bits.
        assert_eq!(steps(6_148_914_691_236_517_206, 3), None);
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
