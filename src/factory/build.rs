//! [`Order`]: which stages are made, skipped, taken up again or refused.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Instant;

use super::record::{Origin, StageFolder, State};
use super::stage::Stage;
use super::{FactoryError, Recipe, files};

/// Keeps two builds out of one folder.
const LOCK: &str = "build.lock";

/// What is to be built, and where.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// How.
    pub recipe: &'a Recipe,
    /// The build's folder.
    pub folder: &'a Path,
    /// This stage alone; all of them if absent.
    pub only: Option<Stage>,
    /// Whether what was made differently is made again instead of refused; together with `only`, that stage is made again
    /// in any case.
    pub remake: bool,
    /// The device's name, for the records.
    pub device: &'a str,
}

/// Makes stages. Apart from [`Order`], so that the order of things can be tested without training anything.
pub trait Maker {
    /// The hashes of what goes into a stage besides the files of earlier stages.
    ///
    /// # Errors
    ///
    /// [`FactoryError`].
    fn inputs(&self, stage: Stage) -> Result<BTreeMap<String, String>, FactoryError>;

    /// Makes a stage, or goes on with it.
    ///
    /// # Errors
    ///
    /// [`FactoryError`].
    fn make(&mut self, folder: &StageFolder) -> Result<(), FactoryError>;

    /// Hears what happens.
    fn tell(&mut self, note: Note);
}

/// What happens to a stage.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// It was finished before.
    Skipped(Stage),
    /// It begins.
    Begins(Stage),
    /// It was stopped before and goes on.
    GoesOn(Stage),
    /// It was made from something else and is made again; in words, what differs.
    Again(Stage, String),
    /// It is finished, after so many seconds in this sitting.
    Finished(Stage, f64),
}

impl Order<'_> {
    /// Brings the build to its end.
    ///
    /// # Errors
    ///
    /// [`FactoryError`]. What was finished stays, and the same order goes on from there.
    pub fn run(&self, maker: &mut dyn Maker) -> Result<(), FactoryError> {
        self.recipe.check()?;
        self.only.map_or(Ok(()), |stage| self.recipe.check_stage(stage))?;
        let _lock = self.lock()?;
        let stages: Vec<Stage> = self.only.map_or(self.recipe.makes.stages().to_vec(), |stage| vec![stage]);
        // A mistaken recipe or seed, or another program's build, is told before anything of it is touched. What takes seconds is made again
        // without a question, unless it is all that was asked for.
        let asks = |stage: &&Stage| !self.remake && (self.only.is_some() || !stage.is_cheap());
        for &stage in stages.iter().filter(asks) {
            let changes = self.stage(stage).changes(self.recipe)?;
            if !changes.is_empty() {
                return Err(self.stale(stage, changes));
            }
        }
        stages.into_iter().try_for_each(|stage| self.advance(stage, maker))
    }

    fn stage(&self, stage: Stage) -> StageFolder {
        StageFolder::new(self.folder, stage)
    }

    fn stale(&self, stage: Stage, changes: String) -> FactoryError {
        FactoryError::Stale { stage, folder: self.folder.display().to_string(), changes }
    }

    /// The lock of the folder; the operating system opens it when this process ends, however it does.
    fn lock(&self) -> Result<File, FactoryError> {
        let path = self.folder.join(LOCK);
        let failed = |error: std::io::Error| FactoryError::write(&path, 0, &error.into());
        std::fs::create_dir_all(self.folder).map_err(failed)?;
        let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(FactoryError::Busy { folder: self.folder.display().to_string() }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    fn advance(&self, stage: Stage, maker: &mut dyn Maker) -> Result<(), FactoryError> {
        let folder = self.stage(stage);
        if self.only == Some(stage) {
            self.check_sources(stage, maker)?;
        }
        let origin = self.origin(stage, maker)?;
        let forced = self.remake && self.only == Some(stage);
        let state = match folder.state(&origin) {
            Err(FactoryError::Content { reason, .. }) if self.remake => State::Stale(reason),
            state => state?,
        };
        match state {
            State::New => maker.tell(Note::Begins(stage)),
            State::Begun if !forced => maker.tell(Note::GoesOn(stage)),
            State::Finished if !forced => {
                maker.tell(Note::Skipped(stage));
                return Ok(());
            }
            State::Stale(changes) if !self.remake && !stage.is_cheap() => return Err(self.stale(stage, changes)),
            State::Stale(changes) => {
                maker.tell(Note::Again(stage, changes));
                files::remove_folder(folder.path())?;
            }
            State::Begun | State::Finished => {
                maker.tell(Note::Again(stage, "it was asked for".into()));
                files::remove_folder(folder.path())?;
            }
        }
        folder.begin(&origin, self.device)?;
        let begun = Instant::now();
        let made = maker.make(&folder);
        let seconds = begun.elapsed().as_secs_f64();
        if let Err(error) = made {
            // The first error is the one that matters.
            let _ = folder.pause(seconds);
            return Err(error);
        }
        folder.finish(seconds)?;
        maker.tell(Note::Finished(stage, seconds));
        Ok(())
    }

    fn origin(&self, stage: Stage, maker: &dyn Maker) -> Result<Origin, FactoryError> {
        let mut inputs = maker.inputs(stage)?;
        inputs.extend(self.sources(stage)?);
        Ok(Origin::new(stage, self.recipe, inputs))
    }

    /// That what this stage is made from is what the recipe and the world would make today: a stage that is asked for alone
    /// must not be made from the old and recorded as the new. With [`Self::remake`] those that take seconds are made.
    fn check_sources(&self, stage: Stage, maker: &mut dyn Maker) -> Result<(), FactoryError> {
        let mut sources: Vec<Stage> = stage.sources(self.recipe.makes).map(|(source, _)| source).collect();
        sources.dedup();
        for source in sources {
            self.check_sources(source, maker)?;
            match self.stage(source).state(&self.origin(source, maker)?)? {
                State::Finished => {}
                _ if self.remake && source.is_cheap() => self.advance(source, maker)?,
                State::New | State::Begun => return Err(FactoryError::TooEarly { stage, missing: source }),
                State::Stale(changes) => {
                    let folder = self.folder.display().to_string();
                    return Err(FactoryError::StaleSource { stage, from: source, folder, changes });
                }
            }
        }
        Ok(())
    }

    /// The hashes of the earlier stages' files that this one needs.
    fn sources(&self, stage: Stage) -> Result<BTreeMap<String, String>, FactoryError> {
        let mut hashes = BTreeMap::new();
        for (source, file) in stage.sources(self.recipe.makes) {
            let early = || FactoryError::TooEarly { stage, missing: source };
            let outputs = self.stage(source).outputs()?.ok_or_else(early)?;
            let output = outputs.into_iter().find(|output| output.path == file).ok_or_else(early)?;
            hashes.insert(format!("{source}/{file}"), output.sha256);
        }
        Ok(hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factory::Makes;

    /// Writes every file that another stage needs, with a content that depends on what it is made from.
    #[derive(Default)]
    struct Fake {
        corpus: String,
        /// The stage at which it stops.
        stop: Option<Stage>,
        notes: Vec<Note>,
    }

    impl Maker for Fake {
        fn inputs(&self, stage: Stage) -> Result<BTreeMap<String, String>, FactoryError> {
            let corpus = (stage == Stage::CorpusSample).then(|| ("corpus".to_string(), self.corpus.clone()));
            Ok(corpus.into_iter().collect())
        }

        fn make(&mut self, folder: &StageFolder) -> Result<(), FactoryError> {
            if self.stop == Some(folder.stage) {
                files::write(&folder.checkpoints().join("step-1"), b"half")?;
                return Err(FactoryError::Stopped);
            }
            let all = Stage::ALL.iter().flat_map(|stage| stage.sources(Makes::Family));
            all.filter(|(stage, _)| *stage == folder.stage).try_for_each(|(_, file)| {
                files::write(&folder.file(file), format!("{} {file}", self.corpus).as_bytes())
            })
        }

        fn tell(&mut self, note: Note) {
            self.notes.push(match note {
                Note::Finished(stage, _) => Note::Finished(stage, 0.0),
                note => note,
            });
        }
    }

    struct Bench {
        folder: tempfile::TempDir,
        recipe: Recipe,
        maker: Fake,
    }

    impl Bench {
        fn new() -> Self {
            let (folder, recipe) = (tempfile::tempdir().unwrap(), Recipe::named("tiny").unwrap());
            Self { folder, recipe, maker: Fake::default() }
        }

        fn run(&mut self, only: Option<Stage>, remake: bool) -> Result<Vec<Note>, FactoryError> {
            let order = Order { recipe: &self.recipe, folder: self.folder.path(), only, remake, device: "cpu" };
            self.maker.notes.clear();
            order.run(&mut self.maker)?;
            Ok(self.maker.notes.clone())
        }
    }

    fn made(notes: &[Note]) -> Vec<Stage> {
        let finished = |note: &Note| match note {
            Note::Finished(stage, _) => Some(*stage),
            _ => None,
        };
        notes.iter().filter_map(finished).collect()
    }

    #[test]
    fn everything_is_made_once() {
        let mut bench = Bench::new();
        assert_eq!(made(&bench.run(None, false).unwrap()), Stage::ALL);
        assert_eq!(bench.run(None, false).unwrap(), Stage::ALL.map(Note::Skipped));
    }

    #[test]
    fn a_relative_has_no_deep_stage() {
        let mut bench = Bench::new();
        bench.recipe.makes = Makes::Relative;
        assert_eq!(made(&bench.run(None, false).unwrap()), Makes::Relative.stages());
        let error = bench.run(Some(Stage::Deep), true).unwrap_err();
        assert!(matches!(&error, FactoryError::NoStage { stage: Stage::Deep, .. }), "{error}");
        assert!(!bench.folder.path().join("deep").exists());
        // A relative that becomes a family keeps what both have.
        bench.recipe.makes = Makes::Family;
        assert_eq!(made(&bench.run(None, false).unwrap()), [Stage::Deep, Stage::Cards]);
    }

    #[test]
    fn a_stopped_build_goes_on_where_it_stopped() {
        let mut bench = Bench::new();
        bench.maker.stop = Some(Stage::Aligned);
        assert!(bench.run(None, false).unwrap_err().is_stop());
        bench.maker.stop = None;
        let notes = bench.run(None, false).unwrap();
        assert_eq!(
            notes[..4],
            [
                Note::Skipped(Stage::CorpusSample),
                Note::Skipped(Stage::Tokenizer),
                Note::Skipped(Stage::Base),
                Note::GoesOn(Stage::Aligned)
            ]
        );
        assert_eq!(made(&notes), [Stage::Aligned, Stage::Deep, Stage::Cards]);
    }

    #[test]
    fn another_recipe_is_refused_before_anything_is_touched() {
        let mut bench = Bench::new();
        bench.run(None, false).unwrap();
        bench.recipe.seed = 8;
        let error = bench.run(None, false).unwrap_err().to_string();
        assert!(
            error.contains("seed was 7 and is 8") && error.contains("--remake") && error.contains("--out"),
            "{error}"
        );
        bench.recipe.seed = 7;
        assert_eq!(bench.run(None, false).unwrap(), Stage::ALL.map(Note::Skipped));
        bench.recipe.align.epochs = 5;
        assert_eq!(made(&bench.run(None, true).unwrap()), [Stage::Aligned]);
    }

    #[test]
    fn a_changed_corpus_is_noticed_where_it_costs_something() {
        let mut bench = Bench::new();
        bench.run(None, false).unwrap();
        bench.maker.corpus = "second edition".into();
        let error = bench.run(None, false).unwrap_err();
        assert!(matches!(&error, FactoryError::Stale { stage: Stage::Base, .. }), "{error}");
        assert!(error.to_string().contains("documents.jsonl changed"), "{error}");
        assert_eq!(made(&bench.run(None, true).unwrap()), [Stage::Base, Stage::Aligned, Stage::Deep, Stage::Cards]);
    }

    #[test]
    fn a_stage_alone_waits_for_what_it_needs() {
        let mut bench = Bench::new();
        let error = bench.run(Some(Stage::Base), false).unwrap_err().to_string();
        assert!(error.contains("--stage corpus-sample"), "{error}");
        bench.run(Some(Stage::CorpusSample), false).unwrap();
        bench.run(Some(Stage::Tokenizer), false).unwrap();
        assert_eq!(made(&bench.run(Some(Stage::Base), false).unwrap()), [Stage::Base]);
        assert_eq!(made(&bench.run(Some(Stage::Base), true).unwrap()), [Stage::Base]);
    }

    #[test]
    fn a_stage_alone_is_not_made_from_what_changed() {
        let mut bench = Bench::new();
        bench.run(None, false).unwrap();
        bench.maker.corpus = "second edition".into();
        // With --remake what takes seconds is made; not the base, whose making is a decision.
        for (remake, old) in [(false, Stage::CorpusSample), (true, Stage::Base)] {
            let error = bench.run(Some(Stage::Aligned), remake).unwrap_err();
            assert!(matches!(&error, FactoryError::StaleSource { from, .. } if *from == old), "{error}");
            assert!(error.to_string().contains(&format!("--stage {old} --remake")), "{error}");
        }
        bench.maker.corpus = String::new();
        bench.run(None, false).unwrap();
        let weights = bench.folder.path().join("base/model.safetensors");
        files::write(&weights, b"other weights").unwrap();
        let error = bench.run(Some(Stage::Aligned), false).unwrap_err();
        assert!(matches!(&error, FactoryError::StaleSource { from: Stage::Base, .. }), "{error}");
    }

    #[test]
    fn another_name_concerns_the_cards_alone() {
        let mut bench = Bench::new();
        bench.run(None, false).unwrap();
        bench.recipe.name = "other".into();
        assert_eq!(made(&bench.run(None, false).unwrap()), [Stage::Cards]);
    }

    #[test]
    fn a_damaged_record_is_told_and_made_again_on_demand() {
        let mut bench = Bench::new();
        bench.run(None, false).unwrap();
        files::write(&bench.folder.path().join("deep/stage.json"), b"{").unwrap();
        let error = bench.run(None, false).unwrap_err();
        assert!(matches!(&error, FactoryError::Content { .. }), "{error}");
        assert_eq!(made(&bench.run(Some(Stage::Deep), true).unwrap()), [Stage::Deep]);
    }

    #[test]
    fn a_build_of_an_older_program_is_told_before_anything_is_touched() {
        let mut bench = Bench::new();
        bench.run(None, false).unwrap();
        let record = |stage: Stage| bench.folder.path().join(stage.name()).join("stage.json");
        for stage in Stage::ALL {
            let text = std::fs::read_to_string(record(stage)).unwrap();
            files::write(&record(stage), text.replace("\"version\": 2", "\"version\": 1").as_bytes()).unwrap();
        }
        let tokenizer = std::fs::read(record(Stage::Tokenizer)).unwrap();
        let again = record(Stage::Tokenizer);
        let error = bench.run(None, false).unwrap_err();
        assert!(matches!(&error, FactoryError::Stale { stage: Stage::Base, .. }), "{error}");
        assert!(error.to_string().contains("form of its files was 1 and is 2"), "{error}");
        assert_eq!(std::fs::read(again).unwrap(), tokenizer);
        assert_eq!(made(&bench.run(None, true).unwrap()), Stage::ALL);
    }

    #[test]
    fn two_builds_do_not_share_a_folder() {
        let mut bench = Bench::new();
        let recipe = bench.recipe.clone();
        let order = Order { recipe: &recipe, folder: bench.folder.path(), only: None, remake: false, device: "cpu" };
        let lock = order.lock().unwrap();
        assert!(matches!(order.lock(), Err(FactoryError::Busy { .. })));
        drop(lock);
        bench.run(None, false).unwrap();
    }
}
