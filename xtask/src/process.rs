//! Runs other programs, always in the project's root and with the project's own tools first on the path.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// The checkout, and the tools that were found or installed for it.
#[derive(Clone)]
pub struct Project {
    /// The folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Folders that come before everything else on the `PATH` of programs run for the project.
    tool_folders: Vec<PathBuf>,
}

impl Project {
    /// The checkout whose `cargo xtask` was called.
    ///
    /// Cargo names it when it runs this program. Where the program was compiled can be another place: checkouts that share
    /// a target folder share the program, too.
    ///
    /// # Errors
    /// If there is no checkout there.
    pub fn open() -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&package).join("..");
        let root = root.canonicalize().with_context(|| format!("there is no checkout at {}", root.display()))?;
        Ok(Self::at(root))
    }

    /// A checkout in this folder, for which no tools are set up.
    pub fn at(root: PathBuf) -> Self {
        Self { root, tool_folders: Vec::new() }
    }

    /// Puts a folder of programs before everything else on the path.
    pub fn add_tools(&mut self, folder: PathBuf) {
        self.tool_folders.insert(0, folder);
    }

    /// Cargo's target folder: `CARGO_TARGET_DIR`, else `target` in the root.
    pub fn target(&self) -> PathBuf {
        let folder = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        self.root.join(folder)
    }

    /// The path of a file of the project.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A command that runs `program` in the root.
    ///
    /// What Cargo has put into the environment for *this* program is taken out again, or nested builds would differ from
    /// those started by hand and recompile each other's work. `RUSTFLAGS` is taken out, too: it would replace the flags
    /// of `.cargo/config.toml`, without which the engine has no SIMD.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", self.search_path());
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(is_cargos_own) {
                command.env_remove(name);
            }
        }
        command
    }

    /// Where `name` is on the path, if anywhere.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        env::split_paths(&self.search_path()).map(|folder| folder.join(name)).find(|file| file.is_file())
    }

    fn search_path(&self) -> OsString {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = self.tool_folders.iter().cloned().chain(env::split_paths(&inherited));
        // Only a folder with a separator in its name cannot be joined; such a PATH is left alone.
        env::join_paths(folders).unwrap_or(inherited)
    }
}

fn is_cargos_own(variable: &str) -> bool {
    const PREFIXES: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
    const NAMES: [&str; 5] =
        ["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"];
    NAMES.contains(&variable) || PREFIXES.iter().any(|prefix| variable.starts_with(prefix))
}

/// Prints the command, runs it, and lets it print.
///
/// # Errors
/// If the program cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", in_words(command));
    let status = command.status().with_context(|| not_started(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", in_words(command));
    }
    Ok(())
}

/// Prints the command and becomes it, where the system can do that: who stops this program then stops the command, too.
///
/// # Errors
/// If the program cannot be started, or (where it is run and waited for) does not succeed.
pub fn replace(command: &mut Command) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        println!("$ {}", in_words(command));
        Err(command.exec()).with_context(|| not_started(command))
    }
    #[cfg(not(unix))]
    run(command)
}

/// Runs the command and returns what it printed to standard output; what it prints to standard error is shown.
///
/// # Errors
/// If the program cannot be started or does not succeed.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| not_started(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", in_words(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something that is not UTF-8", in_words(command)))
}

/// Runs the command silently and returns what it printed, or nothing if it could not be run or did not succeed.
pub fn probe(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).ok(),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            println!("note: `{}` could not be run: {error}", in_words(command));
            None
        }
        _ => None,
    }
}

fn not_started(command: &Command) -> String {
    format!("`{}` could not be started; is it installed?", command.get_program().to_string_lossy())
}

fn in_words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_cargo_does_not_see_the_variables_of_this_one() {
        assert!(is_cargos_own("CARGO_PKG_NAME"));
        assert!(is_cargos_own("CARGO_MANIFEST_DIR"));
        assert!(is_cargos_own("RUSTFLAGS"));
        assert!(!is_cargos_own("CARGO_TARGET_DIR"));
        assert!(!is_cargos_own("CARGO_HOME"));
    }

    #[test]
    fn errors_name_the_command() {
        let missing = run(&mut Command::new("tenshot-no-such-program")).unwrap_err();
        assert!(missing.to_string().contains("tenshot-no-such-program"), "{missing}");
        let failing = read(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(failing.to_string().contains("exit 3") && failing.to_string().contains("status: 3"), "{failing}");
        assert_eq!(probe(&mut Command::new("tenshot-no-such-program")), None);
    }

    #[test]
    fn tools_of_the_project_come_first() {
        let mut project = Project::open().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("sh"), "").unwrap();
        project.add_tools(folder.path().to_owned());
        assert_eq!(project.find("sh").unwrap(), folder.path().join("sh"));
    }
}
