//! Where a command writes: checked before anything is computed, so that no result is lost to a mistake in a path.

use std::path::{Path, PathBuf};

use super::CliError;
use crate::disk;
use crate::llama::{ADAPTER_CONFIG, ADAPTER_WEIGHTS};
use crate::models::model;

/// What a command reads, each with the option that says so. None of it is written to by the same command.
#[derive(Default)]
pub struct Inputs(Vec<(&'static str, PathBuf)>);

impl Inputs {
    /// A file; standard input is none, and neither is a word that stands for something bundled.
    pub fn file(&mut self, option: &'static str, path: &Path) {
        if path != Path::new("-") && path.is_file() {
            self.0.push((option, path.to_path_buf()));
        }
    }

    /// All files of a folder and its folders.
    pub fn folder(&mut self, option: &'static str, folder: &Path) {
        self.0.push((option, folder.to_path_buf()));
    }

    /// The files of a model's folder that are read; a bundled model has none.
    pub fn model(&mut self, option: &'static str, name: &str) {
        let entries = (model(name).is_none()).then(|| std::fs::read_dir(name).ok()).flatten();
        let read = |path: &PathBuf| {
            path.extension().is_some_and(|ending| ending == "safetensors")
                || path.file_name().is_some_and(|name| super::files::MODEL_FILES.iter().any(|known| name == *known))
        };
        let files = entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).filter(read);
        self.0.extend(files.map(|path| (option, path)));
    }

    fn refuse(&self, option: &str, target: &Path) -> Result<(), CliError> {
        let reads = |input: &Path| {
            disk::same(input, target) || (input.is_dir() && disk::resolved(target).starts_with(disk::resolved(input)))
        };
        match self.0.iter().find(|(_, input)| reads(input)) {
            None => Ok(()),
            Some((reads, input)) => Err(CliError::Option(format!(
                "{option}: {} is what {reads} reads ({}), and would be lost. Choose another file.",
                target.display(),
                input.display()
            ))),
        }
    }
}

/// Where one file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An ordinary file that can be written, and that the command does not read.
    File(PathBuf),
    /// Standard output, once everything is there.
    Standard,
    /// Nowhere.
    Nowhere,
}

impl Target {
    /// The target that an option names; `-` is standard output.
    ///
    /// # Errors
    ///
    /// [`CliError`] if it cannot be written there.
    pub fn new(option: &str, path: &Path, inputs: &Inputs) -> Result<Self, CliError> {
        if ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name)) {
            return Ok(Self::Standard);
        }
        if path == Path::new("/dev/null") {
            return Ok(Self::Nowhere);
        }
        check(option, path, inputs)?;
        Ok(Self::File(path.to_path_buf()))
    }

    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Standard | Self::Nowhere => None,
        }
    }
}

/// That a file can be written and that the command does not read it.
///
/// # Errors
///
/// [`CliError`] that names the option.
pub fn check(option: &str, path: &Path, inputs: &Inputs) -> Result<(), CliError> {
    inputs.refuse(option, path)?;
    disk::check(path).map_err(|error| unusable(option, path, &error))
}

/// That a folder can be written into, or be made.
///
/// # Errors
///
/// [`CliError`] that names the option.
pub fn check_folder(option: &str, path: &Path) -> Result<(), CliError> {
    disk::check_folder(path).map_err(|error| unusable(option, path, &error))
}

/// That an adapter's two files can be written into a folder, and do not get into the way of the record.
///
/// # Errors
///
/// [`CliError`] that names the option.
pub fn check_adapter(option: &str, folder: &Path, record: Option<&Target>, inputs: &Inputs) -> Result<(), CliError> {
    check_folder(option, folder)?;
    let files = [ADAPTER_CONFIG, ADAPTER_WEIGHTS].map(|name| folder.join(name));
    let meets = |record: &Path| {
        disk::resolved(folder).starts_with(disk::resolved(record)) || files.iter().any(|file| disk::same(file, record))
    };
    if let Some(record) = record.and_then(Target::file).filter(|record| meets(record)) {
        let (folder, record) = (folder.display(), record.display());
        let reason = format!("{option}: the adapter in {folder} and the record in {record} get into each other's way.");
        return Err(CliError::Option(reason + " Choose another name for one of them."));
    }
    if folder.is_dir() {
        files.iter().try_for_each(|file| check(option, file, inputs))?;
    }
    Ok(())
}

fn unusable(option: &str, path: &Path, error: &disk::WriteError) -> CliError {
    let hint =
        if matches!(error, disk::WriteError::NoFolder { .. }) { " Make it first, or choose another." } else { "" };
    CliError::Option(format!("{option}: {} cannot be written: {error}.{hint}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_output_and_nothing_are_targets() {
        let target = |path: &str| Target::new("--out", Path::new(path), &Inputs::default()).unwrap();
        assert_eq!([target("-"), target("/dev/stdout")], [Target::Standard, Target::Standard]);
        assert_eq!(target("/dev/null"), Target::Nowhere);
    }

    #[test]
    fn what_is_read_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        for name in ["tune.jsonl", "config.json", "model-1.safetensors", "notes.txt"] {
            std::fs::write(inside(name), b"x").unwrap();
        }
        let mut inputs = Inputs::default();
        inputs.file("--data", &inside("tune.jsonl"));
        inputs.file("--questions", Path::new("development"));
        inputs.model("--model", folder.path().to_str().unwrap());
        inputs.model("--model", "folio");
        for (name, option) in [("tune.jsonl", "--data"), ("config.json", "--model"), ("model-1.safetensors", "--model")]
        {
            let error = Target::new("--out", &inside(name), &inputs).unwrap_err().to_string();
            assert!(error.contains(option) && error.contains("would be lost"), "{error}");
        }
        Target::new("--out", &inside("notes.txt"), &inputs).unwrap();
        Target::new("--out", &inside("new.json"), &inputs).unwrap();
    }

    #[test]
    fn record_and_adapter_do_not_meet() {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name);
        std::fs::create_dir(inside("there")).unwrap();
        let check = |adapter: &str, record: &str| {
            let record = Target::new("--out", &inside(record), &Inputs::default()).unwrap();
            check_adapter("--save-adapter", &inside(adapter), Some(&record), &Inputs::default())
        };
        assert!(check("new", "new").is_err() && check("new/adapter", "new").is_err());
        assert!(check("there", "there/adapter_config.json").is_err());
        check("there", "there/record.json").unwrap();
        check("new", "record.json").unwrap();
        std::fs::create_dir(inside("there/adapter_config.json")).unwrap();
        assert!(check("there", "record.json").is_err());
    }
}
