//! Running the program as a user does.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

/// A conversation to tune on, as `tune.jsonl` has it.
pub const TUNE: &str = r#"{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello there"}]}"#;
const QUESTIONS: &str = r#"[
    {"item": "amber lantern charm", "question": "How would someone craft the amber lantern charm?"},
    {"question": "Where is the map room?", "keywords": ["first", "the globe"], "category": "directions"}
]"#;

/// A run of less than a second.
pub const SHORT: &str = "run --data tune.jsonl --questions questions.json --epochs 2 --device cpu";

/// Longer than any command of a test takes, also on a machine that is busy with something else.
pub const HANGS: Duration = Duration::from_secs(300);

/// A folder with conversations, questions and nothing else.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tune.jsonl"), TUNE).unwrap();
    std::fs::write(folder.path().join("questions.json"), QUESTIONS).unwrap();
    folder
}

/// The program with these arguments, in a folder.
pub fn command(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenshot"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

/// What it says and how it ends; it must not take long.
pub fn tenshot(folder: &Path, arguments: &str) -> Output {
    output(&mut command(folder, arguments))
}

/// What a shell command says in which `$T` is the program.
pub fn shell(folder: &Path, line: &str) -> Output {
    let line = line.replace("$T", env!("CARGO_BIN_EXE_tenshot"));
    output(Command::new("bash").args(["-c", &line]).current_dir(folder))
}

fn output(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    ended(child, HANGS).unwrap_or_else(|| panic!("{command:?} hangs"))
}

/// What a command says and how it ends; nothing, if it has to be ended after that time. Both pipes are read meanwhile: a
/// full one would hold the command up.
pub fn ended(mut child: Child, limit: Duration) -> Option<Output> {
    fn drained(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes).unwrap();
            bytes
        })
    }
    let (stdout, stderr) = (drained(child.stdout.take().unwrap()), drained(child.stderr.take().unwrap()));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > limit {
            // What the command has started may hold the pipes open, so that they are not waited for.
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    Some(Output { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() })
}

/// What a command says on standard error.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The JSON of a file.
pub fn read(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
    names.sort();
    names
}
