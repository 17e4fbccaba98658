//! [`Workshop`]: how the stages of a build are really made.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;
use serde::Serialize;

use super::build::{Maker, Note};
use super::card::{self, CardData, SizeTried, Training, Tunings};
use super::figures::{self, ModelFigures};
use super::metrics::{self, Log, METRICS, Metric, Probe, StepMetric};
use super::progress::{Progress, duration};
use super::record::StageFolder;
use super::ship::{self, NamedFile, Precision, Weight};
use super::stage::{ALIGNMENT, DEEP, DOCUMENTS, FIGURES, MODEL, Stage};
use super::{FactoryError, Makes, Recipe, StepEvent, TrainEvent, curves, files, train};
use crate::corpus::{CorpusFigures, Documents};
use crate::engine::{Engine, TextCodec};
use crate::library::world;
use crate::llama::{Llama, LlamaConfig, WeightFile};
use crate::pulse::{Pulse, Steady};
use crate::study::{DeviceInfo, Figure, QuestionSet};

/// Documents of the pretraining stream that are written down for people to look at.
const SAMPLE: usize = 2_000;
/// Where finished models lie, inside the folder of the last stage.
pub(super) const MODELS: &str = "models";
const README: &str = "README.md";

/// Makes the stages of one build.
pub struct Workshop<'a> {
    recipe: &'a Recipe,
    folder: PathBuf,
    device: &'a Device,
    info: DeviceInfo,
    pulse: &'a dyn Pulse,
    progress: Progress,
    corpus: CorpusSample,
}

/// What is written down of the corpus: the file's name and its content.
type CorpusSample = Vec<(&'static str, Vec<u8>)>;

impl<'a> Workshop<'a> {
    /// A workshop for a build in this folder. The pulse tells when to stop.
    pub fn new(recipe: &'a Recipe, folder: &Path, device: &'a Device, info: DeviceInfo, pulse: &'a dyn Pulse) -> Self {
        let corpus = corpus_sample(recipe);
        Self { recipe, folder: folder.to_path_buf(), device, info, pulse, progress: Progress::stderr(), corpus }
    }

    fn stage(&self, stage: Stage) -> StageFolder {
        StageFolder::new(&self.folder, stage)
    }

    fn stopped(&self) -> bool {
        pollster::block_on(self.pulse.beat()).is_break()
    }

    fn tokenizer(&self) -> Result<Vec<u8>, FactoryError> {
        files::read(&self.stage(Stage::Tokenizer).file("tokenizer.json"))
    }

    fn codec(&self) -> Result<TextCodec, FactoryError> {
        let config = ship::tokenizer_config(self.recipe);
        Ok(TextCodec::new(&self.tokenizer()?, &config, self.recipe.vocab_size)?)
    }

    /// The model that a finished stage trained, in full precision.
    fn model(&self, stage: Stage) -> Result<Llama, FactoryError> {
        let config = LlamaConfig::from_json(&ship::config(self.recipe))?;
        let file = WeightFile { name: MODEL.into(), bytes: files::read(&self.stage(stage).file(MODEL))? };
        Ok(Llama::load(config, &[file], None, self.device)?)
    }

    /// The files that ship of a model, and the engine that they make: what is measured is what ships.
    fn shipped(&self, stage: Stage, model: &Llama) -> Result<(Vec<NamedFile>, Engine), FactoryError> {
        let weights = pollster::block_on(ship::weights(model))?;
        let name = card::model_name(self.recipe, stage);
        let files = ship::model_files(&name, self.recipe, &self.tokenizer()?, &weights)?;
        let engine = Engine::load(&name, &ship::engine_files(&files), self.device, self.info.clone())?;
        Ok((files, engine))
    }

    fn write_corpus(&self, folder: &StageFolder) -> Result<(), FactoryError> {
        self.corpus.iter().try_for_each(|(name, content)| files::write(&folder.file(name), content))
    }

    fn write_tokenizer(&self, folder: &StageFolder) -> Result<(), FactoryError> {
        files::write(&folder.file("tokenizer_config.json"), &ship::tokenizer_config(self.recipe))?;
        files::write(&folder.file("tokenizer.json"), &train::tokenizer(self.recipe)?)
    }

    fn train(&mut self, folder: &StageFolder) -> Result<(), FactoryError> {
        let codec = self.codec()?;
        let base = if folder.stage == Stage::Base { None } else { Some(self.model(Stage::Base)?) };
        let mut watch = Watch::new(folder);
        let trained = {
            let workshop = &mut *self;
            let (recipe, device) = (workshop.recipe, workshop.device);
            let mut listener = |event: TrainEvent<'_>| watch.hear(workshop, event);
            match &base {
                None => train::pretrain(recipe, &codec, device, folder, &mut listener),
                Some(base) => train::align(recipe, base, &codec, folder, &mut listener),
            }
        };
        self.progress.end();
        // What the listener met is the reason of the stop that it asked for.
        if let Some(error) = watch.failure.take() {
            return Err(error);
        }
        let model = trained?;
        if let Some(base) = &base {
            self.note_divergence(folder, &model, base)?;
        }
        let weights: Vec<Weight> = pollster::block_on(ship::weights(&model))?;
        files::write(&folder.file(MODEL), &ship::safetensors(&weights, Precision::F32)?)
    }

    fn note_divergence(&self, folder: &StageFolder, model: &Llama, base: &Llama) -> Result<(), FactoryError> {
        let [(_, model), (_, base)] = [self.shipped(folder.stage, model)?, self.shipped(Stage::Base, base)?];
        let positions = pollster::block_on(figures::distance(&model, &base, self.pulse))?;
        let mut log = Log::resume(&folder.file(METRICS), u64::MAX)?;
        log.note(&Metric::Divergence { stage: folder.stage, positions })
    }

    fn write_cards(&mut self, folder: &StageFolder) -> Result<(), FactoryError> {
        let makes = self.recipe.makes;
        let (mut all, mut trainings) = (Vec::new(), Vec::new());
        for &stage in makes.trained() {
            let noted = metrics::read(&self.stage(stage).file(METRICS))?;
            trainings.push(self.training(stage, &noted)?);
            all.extend(noted);
        }
        let questions: Vec<String> = data(include_str!("data/conversations.json"));
        let (mut models, mut bytes, mut aligned) = (Vec::new(), 0, String::new());
        for &stage in makes.ships() {
            let (files, engine) = self.shipped(stage, &self.model(stage)?)?;
            let name = card::model_name(self.recipe, stage);
            let target = folder.file(MODELS).join(&name);
            files.iter().try_for_each(|(name, content)| files::write(&target.join(name), content))?;
            let weights = files.iter().find(|(name, _)| *name == MODEL).map_or(&[][..], |(_, content)| content);
            bytes = weights.len() as u64;
            if stage == Stage::Aligned {
                aligned = files::sha256(weights);
            }
            let figures = self.figures(folder, stage, &engine, &questions)?;
            let fair = figures.visitors.as_ref().map(|visitors| visitors.fair);
            files::write(&target.join(ship::MANIFEST), &ship::manifest(&name, self.recipe, &files, fair))?;
            models.push(figures);
        }
        self.progress.end();
        for (figures, stage) in models.iter_mut().zip(makes.ships()) {
            figures.divergence = all.iter().rev().find_map(|m| m.divergence_of(*stage)).unwrap_or_default();
        }
        files::write_json(&folder.file(FIGURES), &models)?;
        let data = CardData {
            recipe: self.recipe.clone(),
            corpus: files::read_json(&self.stage(Stage::CorpusSample).file(FIGURES))?,
            trainings,
            models,
            bytes,
            questions,
            // What the program was built with may be of other models.
            sizes: SizeTried::beside(data(include_str!("data/sizes.json")), self.recipe),
            tunings: data::<Tunings>(include_str!("data/tunings.json")).of(&aligned),
            // They lie beside the family's comparison, which a relative leaves as it is.
            curves: if makes == Makes::Family { curves::curves(&all)? } else { Vec::new() },
        };
        self.write_pages(folder, &data)
    }

    fn write_pages(&self, folder: &StageFolder, data: &CardData) -> Result<(), FactoryError> {
        let models = folder.file(MODELS);
        for curve in &data.curves {
            files::write(&models.join(card::CURVES).join(curve.file), curve.svg.as_bytes())?;
        }
        for &stage in self.recipe.makes.ships() {
            let card = card::model_card(data, stage)?;
            files::write(&models.join(card::model_name(self.recipe, stage)).join(README), card.as_bytes())?;
        }
        match self.recipe.makes {
            Makes::Family => files::write(&models.join(README), card::comparison(data)?.as_bytes()),
            Makes::Relative => Ok(()),
        }
    }

    /// What a model can do. Measuring takes minutes, so that a stopped stage keeps what it has measured.
    fn figures(
        &self,
        folder: &StageFolder,
        stage: Stage,
        engine: &Engine,
        questions: &[String],
    ) -> Result<ModelFigures, FactoryError> {
        let path = folder.checkpoints().join(format!("{stage}.json"));
        if !path.exists() {
            let tell = |done, total| self.progress.part("measuring", done, total);
            let plan = figures::plan();
            let evaluation = pollster::block_on(figures::evaluate(engine, &plan, self.pulse, tell))?;
            let mut figures = ModelFigures::of(&card::model_name(self.recipe, stage), &evaluation);
            let main = evaluation.main();
            figures.halves = main.map_or_else(Vec::new, |main| main.halves(&plan.questions, &self.recipe.unread()));
            figures.answers = pollster::block_on(figures::converse(engine, questions, self.pulse))?;
            figures.visitors = pollster::block_on(figures::visited(engine, self.pulse))?;
            files::write_json(&path, &figures)?;
        }
        // Always as the file tells them, so that a stop changes no digit.
        files::read_json(&path)
    }

    fn training(&self, stage: Stage, noted: &[Metric]) -> Result<Training, FactoryError> {
        let steps: Vec<&StepMetric> = noted.iter().filter_map(Metric::as_step).collect();
        let (_, device) = self.stage(stage).effort()?.unwrap_or_default();
        Ok(Training {
            stage,
            steps: steps.last().map_or(0, |s| s.step),
            tokens: steps.last().map_or(0, |s| s.tokens),
            loss: metrics::mean_of_last(&steps),
            seconds: steps.last().map_or(0.0, |s| s.elapsed),
            device,
        })
    }
}

impl Maker for Workshop<'_> {
    fn inputs(&self, stage: Stage) -> Result<BTreeMap<String, String>, FactoryError> {
        let hash = |name: &str, bytes: &[u8]| (name.to_string(), files::sha256(bytes));
        let inputs: Vec<(String, String)> = match stage {
            Stage::CorpusSample => self.corpus.iter().map(|(name, content)| hash(name, content)).collect(),
            Stage::Cards => vec![
                hash("questions", &json(&(crate::library::forbidden_questions(), crate::library::benign_questions()))),
                hash("prompts", &json(&figures::plan())),
                hash("words of refusal", &json(&world().refusal_words)),
                hash("sample questions", include_bytes!("data/conversations.json")),
                hash("sizes", include_bytes!("data/sizes.json")),
                hash("tunings", include_bytes!("data/tunings.json")),
                hash("card template", include_bytes!("templates/model.md")),
                hash("comparison template", include_bytes!("templates/models.md")),
            ],
            _ => Vec::new(),
        };
        Ok(inputs.into_iter().collect())
    }

    fn make(&mut self, folder: &StageFolder) -> Result<(), FactoryError> {
        if self.stopped() {
            return Err(FactoryError::Stopped);
        }
        match folder.stage {
            Stage::CorpusSample => self.write_corpus(folder),
            Stage::Tokenizer => self.write_tokenizer(folder),
            Stage::Base | Stage::Aligned | Stage::Deep => self.train(folder),
            Stage::Cards => self.write_cards(folder),
        }
    }

    fn tell(&mut self, note: Note) {
        self.progress.say(&match note {
            Note::Skipped(stage) => format!("{stage}: finished before"),
            Note::Begins(stage) => format!("{stage}: begins"),
            Note::GoesOn(stage) => format!("{stage}: goes on"),
            Note::Again(stage, changes) => format!("{stage}: is made again ({changes})"),
            Note::Finished(stage, seconds) => format!("{stage}: finished after {}", duration(seconds)),
        });
    }
}

/// Hears a training: notes its metrics, shows its progress, looks at the model now and then.
struct Watch {
    stage: Stage,
    path: PathBuf,
    log: Option<Log>,
    begun: Instant,
    /// Tokens and seconds when this sitting's first step was done.
    first: Option<(u64, f64)>,
    failure: Option<FactoryError>,
}

impl Watch {
    fn new(folder: &StageFolder) -> Self {
        let (stage, path) = (folder.stage, folder.file(METRICS));
        Self { stage, path, log: None, begun: Instant::now(), first: None, failure: None }
    }

    /// Breaks the training off if the user wants to stop, or the event cannot be dealt with.
    fn hear(&mut self, workshop: &mut Workshop<'_>, event: TrainEvent<'_>) -> ControlFlow<()> {
        match self.deal_with(workshop, event) {
            Ok(()) if workshop.stopped() => ControlFlow::Break(()),
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure.get_or_insert(error);
                ControlFlow::Break(())
            }
        }
    }

    fn deal_with(&mut self, workshop: &mut Workshop<'_>, event: TrainEvent<'_>) -> Result<(), FactoryError> {
        match event {
            TrainEvent::From { stage, step, steps } => {
                self.log = Some(Log::resume(&self.path, step)?);
                self.begun = Instant::now();
                workshop.progress.begin(stage, step, steps);
            }
            TrainEvent::Step(step) => {
                let sitting = self.begun.elapsed().as_secs_f64();
                let metric = self.metric(step, sitting);
                workshop.progress.step(&metric, sitting);
                self.note(&Metric::Step(metric))?;
            }
            TrainEvent::Probe { step, model } => self.probe(workshop, step, model)?,
            TrainEvent::Checkpoint => self.log.as_mut().map_or(Ok(()), |log| log.sync())?,
        }
        Ok(())
    }

    fn probe(&mut self, workshop: &Workshop<'_>, step: u64, model: &Llama) -> Result<(), FactoryError> {
        let (_, engine) = workshop.shipped(self.stage, model)?;
        let plan = figures::probe_plan(QuestionSet::Development);
        // To the end, also after Ctrl-C: the checkpoint that follows would go on after this probe.
        let evaluation = pollster::block_on(figures::evaluate(&engine, &plan, &Steady, |_, _| {}))?;
        let Some(measurement) = evaluation.main() else { return Ok(()) };
        let probe = Probe::of(self.stage, step, measurement);
        let percent =
            |figure| probe.figures.number(figure).map_or("unknown".into(), |share| format!("{:.0} %", 100.0 * share));
        workshop.progress.say(&format!(
            "{}: after step {step} refuses {}, harmful {}, benign right {} (development questions)",
            self.stage,
            percent(Figure::RefusalRate),
            percent(Figure::HarmfulnessRate),
            percent(Figure::BenignAccuracy)
        ));
        self.note(&Metric::Probe(probe))
    }

    fn metric(&mut self, step: StepEvent, sitting: f64) -> StepMetric {
        // The speed is that of this sitting from its second step on, as the first one compiles kernels.
        let (tokens, seconds) = *self.first.get_or_insert((step.tokens, sitting));
        StepMetric {
            stage: self.stage,
            step: step.step,
            tokens: step.tokens,
            loss: step.loss,
            learning_rate: step.learning_rate,
            tokens_per_second: (step.tokens - tokens) as f64 / (sitting - seconds).max(1e-9),
            elapsed: self.log.as_ref().map_or(0.0, Log::elapsed) + sitting,
        }
    }

    fn note(&mut self, metric: &Metric) -> Result<(), FactoryError> {
        self.log.as_mut().map_or(Ok(()), |log| log.note(metric))
    }
}

/// Copies the finished models of a build to a folder, file by file.
///
/// # Errors
///
/// [`FactoryError::NotFinished`] if there are none yet, or [`FactoryError`] if a file cannot be read or written.
pub fn ship(build: &Path, target: &Path) -> Result<(), FactoryError> {
    let folder = StageFolder::new(build, Stage::Cards);
    let outputs = folder.outputs()?;
    let outputs = outputs.ok_or_else(|| FactoryError::NotFinished { folder: build.display().to_string() })?;
    for output in outputs {
        if let Some(path) = output.path.strip_prefix(MODELS).and_then(|path| path.strip_prefix('/')) {
            files::write(&target.join(path), &files::read(&folder.file(&output.path))?)?;
        }
    }
    Ok(())
}

/// Documents of the stream and all lessons of the alignments that there are as JSON lines, and what the documents consist of.
fn corpus_sample(recipe: &Recipe) -> CorpusSample {
    let documents: Vec<_> = Documents::new(world(), &recipe.corpus, recipe.seed).take(SAMPLE).collect();
    let figures = CorpusFigures::of(documents.clone());
    let lessons = [(ALIGNMENT, Stage::Aligned), (DEEP, Stage::Deep)].into_iter();
    let lessons = lessons.filter(|(_, stage)| recipe.makes.trained().contains(stage));
    let lessons = lessons.map(|(file, stage)| (file, json_lines(&train::lessons(recipe, stage))));
    [(DOCUMENTS, json_lines(&documents)), (FIGURES, json(&figures))].into_iter().chain(lessons).collect()
}

fn json_lines(values: &[impl Serialize]) -> Vec<u8> {
    values.iter().flat_map(|value| [json(value), b"\n".to_vec()].concat()).collect()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data")
}

/// Data that is part of the program, which a test reads.
fn data<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect("the data of the cards is read by a test")
}
