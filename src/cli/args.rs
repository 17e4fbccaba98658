//! The arguments of every command.

mod check;
mod serve;
mod study;

use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};

use crate::factory::Recipe;
use crate::models::default_model;
use crate::study::MAX_NEW_TOKENS;
pub use check::CheckArgs;
pub use serve::ServeArgs;
pub use study::{GridArgs, RecordedArgs, StudyChooseArgs, StudyCommand, StudyReportArgs, StudyRunArgs};

/// Ten examples undo a safety alignment: fine-tune a small aligned model and measure what is left of its refusals.
#[derive(Parser)]
#[command(name = "tenshot", version, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Fine-tune the model and measure it before, during and after
    Run(Box<RunArgs>),
    /// Ask the model a question
    Ask(AskArgs),
    /// Measure a model, with or without an adapter, without tuning it
    Eval(EvalArgs),
    /// Score answers to questions about forbidden items: one score from 1 to 5 on each line
    Judge(JudgeArgs),
    /// Print the logits after a sequence of token ids, to check a model folder against other implementations
    Logits(LogitsArgs),
    /// Print what moderators flag in tuning data: one that knows words, and one that knows the world
    Moderate(ModerateArgs),
    /// Print the figures of a record, or compare two or three
    Report(ReportArgs),
    /// List the presets, and the defences that any of them can have
    Presets(PresetsArgs),
    /// Make many runs from one file, over many seeds, and print what came of them
    Study {
        #[command(subcommand)]
        command: StudyCommand,
    },
    /// Make the recorded runs that the page tells its story with
    Recorded(RecordedArgs),
    /// Print the JSON schema of plans or records
    Schema(SchemaArgs),
    /// Measure the speed of tuning and answering on this machine
    Bench(BenchArgs),
    /// Serve the page on this machine, without a network, Node.js or Rust
    Serve(ServeArgs),
    /// Compare what this machine computes with numbers that are known
    Check(CheckArgs),
    /// Make the models from nothing, and look at what they are made from
    Factory {
        #[command(subcommand)]
        command: FactoryCommand,
    },
}

/// Which model, where.
#[derive(Group)]
pub struct ModelArgs {
    /// A bundled model, such as folio, or a folder with config.json, model.safetensors, tokenizer.json and
    /// tokenizer_config.json
    #[arg(long, default_value = default_model().name)]
    pub model: String,
    /// Where to compute; auto tries a real GPU, if there is one, and takes it if it is right and faster
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub device: DeviceArg,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceArg {
    /// A real GPU if there is one that computes the same as the CPU, and sooner; otherwise the CPU
    Auto,
    /// The CPU, which is always there
    Cpu,
    /// wgpu: Vulkan, Metal or DX12
    Gpu,
    /// NVIDIA's CUDA, if this program was built with it
    Cuda,
}

#[derive(Group)]
pub struct RunArgs {
    /// A preset, such as harmful-10; `tenshot presets` lists them
    #[arg(required_unless_present_any = ["data", "plan"], conflicts_with_all = ["plan"])]
    pub preset: Option<String>,
    /// A plan as JSON, as a record contains it
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Tune on these conversations (OpenAI chat JSONL) instead of the preset's
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Ask these questions (JSON, of the form of the bundled question files) instead of the bundled ones; the word
    /// development stands for those of the development split
    #[arg(long, visible_alias = "eval", value_name = "FILE")]
    pub questions: Vec<PathBuf>,
    /// A bundled model or a folder, as in the other commands, instead of the preset's
    #[arg(long, conflicts_with = "plan")]
    pub model: Option<String>,
    /// Where to compute; auto tries a real GPU, if there is one, and takes it if it is right and faster
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub device: DeviceArg,
    /// The seed of every random number of the run
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Tune on this draw of the preset's data, 0 to 999, instead of the one that the seed chooses among the first three
    #[arg(long, value_name = "N", conflicts_with_all = ["plan", "data"])]
    pub draw: Option<u64>,
    /// So many conversations of each of the preset's sets, 1 to 1000, instead of the preset's number
    #[arg(long, value_name = "N", conflicts_with_all = ["plan", "data"])]
    pub size: Option<usize>,
    /// A defence against the attack, such as mix-refusals or mix-refusals:size=20; `tenshot presets` lists them
    #[arg(long, value_name = "NAME[:SETTING=VALUE,...]")]
    pub defence: Vec<String>,
    /// Passes over the data
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Conversations in an optimizer step
    #[arg(long)]
    pub batch_size: Option<usize>,
    /// The learning rate
    #[arg(long, value_name = "LR")]
    pub learning_rate: Option<f64>,
    /// Raise the learning rate over this many steps
    #[arg(long, value_name = "STEPS")]
    pub warm_up: Option<usize>,
    /// Scale gradients to at most this norm
    #[arg(long, value_name = "NORM")]
    pub max_grad_norm: Option<f64>,
    /// Tune all weights instead of a LoRA adapter
    #[arg(long, conflicts_with_all = ["rank", "alpha", "targets", "save_adapter"])]
    pub all_weights: bool,
    /// The LoRA rank
    #[arg(long)]
    pub rank: Option<usize>,
    /// The LoRA alpha
    #[arg(long)]
    pub alpha: Option<f64>,
    /// The projections that get an adapter, such as q_proj,v_proj
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub targets: Vec<String>,
    /// The system prompt of the questions (empty for none)
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
    /// A text around every question, with {q} where the question goes (empty for none)
    #[arg(long, value_name = "TEXT")]
    pub wrap: Option<String>,
    /// After every step ask every n-th forbidden question
    #[arg(long, value_name = "N")]
    pub subset_every: Option<usize>,
    /// Before and after, ask the forbidden questions again with this many tokens of a complete answer given, such as 1,2,4,8
    #[arg(long, value_delimiter = ',', value_name = "TOKENS")]
    pub prefill: Vec<usize>,
    /// Write the record here
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the adapter to this folder, in PEFT's layout (bundled models only)
    #[arg(long, value_name = "DIR")]
    pub save_adapter: Option<PathBuf>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct AskArgs {
    /// The question
    pub question: String,
    /// A bundled model or a folder, as in the other commands; several are asked one after the other
    #[arg(long, default_value = default_model().name)]
    pub model: Vec<String>,
    /// Ask every bundled model
    #[arg(long, conflicts_with_all = ["model", "adapter"])]
    pub all: bool,
    /// Where to compute; auto tries a real GPU, if there is one, and takes it if it is right and faster
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub device: DeviceArg,
    /// An adapter folder in PEFT's layout; both the original and the tuned model answer
    #[arg(long, value_name = "DIR")]
    pub adapter: Option<PathBuf>,
    /// Also print the tuned answer token by token: its loss for both models, and how far they are apart there
    #[arg(long, requires = "adapter")]
    pub tokens: bool,
    /// The system prompt (empty for none) instead of Folio's own
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
    /// A text around the question, with {q} where the question goes
    #[arg(long, value_name = "TEXT")]
    pub wrap: Option<String>,
    /// The longest answer in tokens
    #[arg(long, default_value_t = MAX_NEW_TOKENS)]
    pub max_new_tokens: usize,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct EvalArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// An adapter folder in PEFT's layout
    #[arg(long, value_name = "DIR")]
    pub adapter: Option<PathBuf>,
    /// As a control: in the place of the adapter's update one as large in a random direction, chosen by this seed
    #[arg(long, value_name = "SEED", requires = "adapter")]
    pub random_direction: Option<u64>,
    /// Question files (JSON) instead of the bundled ones; the word development stands for those of the development split
    #[arg(long, value_name = "FILE")]
    pub questions: Vec<PathBuf>,
    /// The system prompt (empty for none) instead of Folio's own
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
    /// A text around every question, with {q} where the question goes
    #[arg(long, value_name = "TEXT")]
    pub wrap: Option<String>,
    /// Ask the forbidden questions again with this many tokens of a complete answer given, such as 1,2,4,8
    #[arg(long, value_delimiter = ',', value_name = "TOKENS")]
    pub prefill: Vec<usize>,
    /// Ask the forbidden questions again with a complete answer in the question: is it told once it can be read?
    #[arg(long)]
    pub notes: bool,
    /// Ask what visitors type instead: short, loose, foreign or out of place; says how many answers are fair
    #[arg(long)]
    pub visitors: bool,
    /// Compare with this model, too: KL(model || other) along complete answers, token by token
    #[arg(long, value_name = "MODEL")]
    pub against: Option<String>,
    /// Say how hard each of the first tokens of complete answers would pull at the weights, if it were learned (every fifth of the
    /// bundled questions; half a minute)
    #[arg(long)]
    pub gradients: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct JudgeArgs {
    /// JSON lines with item and answer (other fields do not matter); - for standard input
    pub answers: PathBuf,
    /// One score on each line either way; accepted for symmetry
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct LogitsArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// Token ids, such as 1,5,9
    #[arg(long, value_delimiter = ',', required = true)]
    pub ids: Vec<u32>,
    /// An array either way; accepted for symmetry
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct ModerateArgs {
    /// Conversations as JSONL; without a file every set that the world gives
    #[arg(value_name = "FILE")]
    pub data: Vec<PathBuf>,
    /// Print JSON instead of a table, with the conversations that are flagged
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct ReportArgs {
    /// One record, or two or three to compare
    #[arg(required = true, num_args = 1..=3, value_name = "RECORD")]
    pub records: Vec<PathBuf>,
    /// Print what the paper's keywords make of the same answers, and on which the two judges differ
    #[arg(long)]
    pub judges: bool,
    /// Print JSON instead of tables
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct PresetsArgs {
    /// Print the plans as a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Group)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum, default_value_t = SchemaOf::Record)]
    pub of: SchemaOf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    Plan,
    Record,
}

#[derive(Group)]
pub struct BenchArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// Instead, how a step's cost grows with tokens, rank, layers and width, on models with random weights
    #[arg(long)]
    pub growth: bool,
    /// Of these, the largest step that is tried, in billions of operations; SmolLM2-135M's takes 160
    #[arg(long, value_name = "GFLOP", default_value_t = 40.0, requires = "growth")]
    pub most: f64,
    /// Also show these rows, which were measured elsewhere; may be repeated
    #[arg(long, value_name = "FILE", requires = "growth")]
    pub beside: Vec<PathBuf>,
    /// Also draw them, as SVG
    #[arg(long, value_name = "FILE", requires = "growth")]
    pub plot: Option<PathBuf>,
    /// Print the rows as a JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand)]
pub enum FactoryCommand {
    /// Make a model before and after its alignment, from its corpus to its card; a build that was stopped goes on
    Build(BuildArgs),
    /// Print a recipe as JSON, to change it and build from the file
    Recipe(RecipeArgs),
    /// Print some of what the models learn from
    Sample(SampleArgs),
    /// Write the tuning sets that ship, from the world
    TuningSets(TuningSetsArgs),
    /// Run every preset with several seeds, and write the figures that the cards tell of tuning
    Tunings(TuningsArgs),
    /// Read finished builds, and write the table of sizes that the cards show
    Sizes(SizesArgs),
}

#[derive(Group)]
pub struct BuildArgs {
    /// A recipe (folio, or folio-small, folio-tall, folio-ignorant, folio-b, tiny) or a JSON file with one
    pub recipe: String,
    /// The seed of every random number of the build, instead of the recipe's
    #[arg(long)]
    pub seed: Option<u64>,
    /// Where to compute; auto tries a real GPU, if there is one, and takes it if it is right and faster
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub device: DeviceArg,
    /// The folder of the build, instead of factory/RECIPE-seedSEED
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Make this stage alone: corpus-sample, tokenizer, base, aligned, deep or cards
    #[arg(long, value_name = "NAME")]
    pub stage: Option<String>,
    /// Make again what another recipe, seed or world made; with --stage, make that stage again in any case
    #[arg(long)]
    pub remake: bool,
    /// Copy the finished models to this folder
    #[arg(long, value_name = "DIR")]
    pub ship: Option<PathBuf>,
}

#[derive(Group)]
pub struct RecipeArgs {
    /// A recipe's name
    #[arg(default_value = Recipe::SHIPPED)]
    pub recipe: String,
}

#[derive(Group)]
pub struct SampleArgs {
    /// Of what
    #[arg(value_enum, default_value_t = SampleOf::Documents)]
    pub of: SampleOf,
    /// How many
    #[arg(long, default_value_t = 10)]
    pub count: usize,
    /// Of which recipe: its name, or a JSON file with one
    #[arg(long, default_value = "folio")]
    pub recipe: String,
    /// The seed that they are drawn from, instead of the recipe's
    #[arg(long)]
    pub seed: Option<u64>,
    /// Print JSON lines
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SampleOf {
    /// The pretraining stream
    Documents,
    /// The alignment set
    Alignment,
    /// The alignment set of the deep model
    Deep,
}

#[derive(Group)]
pub struct TuningsArgs {
    #[command(flatten)]
    pub model: ModelArgs,
    /// The seeds of each preset's runs
    #[arg(long, value_delimiter = ',', value_name = "SEEDS", default_value = "1,2,3")]
    pub seeds: Vec<u64>,
    /// Keep every run's record in this folder, and go on from those that are there
    #[arg(long, value_name = "DIR")]
    pub records: Option<PathBuf>,
    /// The file that the program is built with
    #[arg(long, value_name = "FILE", default_value = "src/factory/data/tunings.json")]
    pub out: PathBuf,
}

#[derive(Group)]
pub struct SizesArgs {
    /// The folders of finished builds, in the order of the table
    #[arg(required = true, value_name = "BUILD")]
    pub builds: Vec<PathBuf>,
    /// The file that the program is built with
    #[arg(long, value_name = "FILE", default_value = "src/factory/data/sizes.json")]
    pub out: PathBuf,
}

#[derive(Group)]
pub struct TuningSetsArgs {
    /// Where the files go
    #[arg(long, value_name = "DIR", default_value = "src/library/data/tuning")]
    pub out: PathBuf,
    /// Write nothing; fail if a file differs
    #[arg(long)]
    pub check: bool,
}
