//! The process that tries inputs. Before each it leaves the input in a file, so that it is known whatever happens.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::guard;
use crate::json::Json;
use crate::mutate::{Form, Mutator, Pool, Seed};
use crate::proof::PROOFS;
use crate::table::{TARGETS, Target};

/// Exit code of a panic.
pub const PANICKED: i32 = 101;
/// The stack of the thread that reads inputs: as large as the threads of most systems have it.
const STACK: usize = 2 << 20;
/// Files of the corpus longer than that are tried and not changed: their copies would take all of the time.
const LONGEST_CHANGED: usize = 16 << 10;
/// Of what is made of the corpus, what is longer than its longest file so many times is not changed further: inputs that grow
/// from one to the next would be slower and slower.
const GROWTH: usize = 2;

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    let proofs = PROOFS.iter().map(|(target, _)| target);
    TARGETS.iter().chain(proofs).find(|target| target.name == name)
}

/// The files of a target's corpus, by name.
pub fn corpus(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target.name);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    let file = |path: PathBuf| {
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, bytes)
    };
    paths.into_iter().map(file).collect()
}

/// Tries the inputs of a seed from one number to another, and says on standard output how it went: inputs, accepted ones,
/// kinds of refusal, microseconds of the slowest, most bytes at one time.
pub fn run(name: &str, numbers: [&str; 3], state: &str) -> ExitCode {
    let numbers = numbers.map(|number| number.parse::<u64>().ok());
    let (Some(target), [Some(seed), Some(from), Some(to)]) = (target(name), numbers) else { return ExitCode::FAILURE };
    let state = PathBuf::from(state);
    in_guarded_thread(move || {
        let mut file = File::create(&state).expect("the file for the input can be made");
        println!("{}", try_many(target, seed, from..to, &mut file));
    })
}

/// Tries the input in a file.
pub fn one(name: &str, file: &str) -> ExitCode {
    let (Some(target), Ok(input)) = (target(name), std::fs::read(file)) else {
        eprintln!("there is no such target or file");
        return ExitCode::FAILURE;
    };
    in_guarded_thread(move || {
        guard::next_input();
        let begun = Instant::now();
        match (target.body)(&input) {
            Ok(()) => println!("accepted"),
            Err(reason) => println!("refused: {reason}"),
        }
        println!("{:.3} ms, {} bytes at most", begun.elapsed().as_secs_f64() * 1e3, guard::peak());
    })
}

/// Any panic ends the process, also one that is caught: in the browser none can be.
fn in_guarded_thread(work: impl FnOnce() + Send + 'static) -> ExitCode {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        print(info);
        std::process::exit(PANICKED);
    }));
    let thread = std::thread::Builder::new().name("fuzz".into()).stack_size(STACK);
    let thread = thread.spawn(|| {
        guard::watch();
        work();
    });
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn try_many(target: &Target, seed: u64, numbers: Range<u64>, state: &mut File) -> String {
    let files = corpus(target);
    let mutator = Mutator { form: target.form, words: words(target, &files), longest: target.longest };
    let short = files.iter().map(|(_, bytes)| bytes).filter(|bytes| bytes.len() <= LONGEST_CHANGED);
    let longest_kept = GROWTH * short.clone().map(Vec::len).max().unwrap_or_default();
    let mut pool = Pool::new(short.map(|bytes| Seed::new(bytes.clone(), target.form)).collect());
    let mut known = HashSet::new();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut accepted, mut slowest, mut buffer) = (0_u64, Duration::ZERO, Vec::new());
    for number in numbers.clone() {
        // The corpus itself first.
        let input = match usize::try_from(number).ok().and_then(|number| files.get(number)) {
            Some((_, bytes)) => bytes.clone(),
            None => mutator.make(&pool, &mut rng),
        };
        note(state, &mut buffer, number, &input);
        guard::next_input();
        let begun = Instant::now();
        let verdict = (target.body)(&input);
        slowest = slowest.max(begun.elapsed());
        accepted += u64::from(verdict.is_ok());
        // What is new is worth to be changed further; so are a few of those that were accepted.
        let is_new = known.insert(kind(&verdict)) || (verdict.is_ok() && rng.random_ratio(1, 64));
        if is_new && input.len() <= longest_kept {
            pool.keep(Seed::new(input, target.form), verdict.is_ok(), &mut rng);
        }
    }
    let inputs = numbers.end - numbers.start;
    format!("{inputs} {accepted} {} {} {}", known.len(), slowest.as_micros(), guard::peak())
}

/// Leaves an input where the parent finds it: its number, its length, then itself.
fn note(file: &mut File, buffer: &mut Vec<u8>, number: u64, input: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(&number.to_le_bytes());
    buffer.extend_from_slice(&(input.len() as u64).to_le_bytes());
    buffer.extend_from_slice(input);
    let written = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(buffer));
    written.expect("the input can be left in a file");
}

/// What an input did, without the numbers and names in the message.
fn kind(verdict: &Result<(), String>) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Err(reason) = verdict {
        let mut quoted = false;
        for letter in reason.chars().take(400) {
            quoted ^= matches!(letter, '"' | '`');
            if !quoted && letter.is_ascii_alphabetic() {
                letter.hash(&mut hasher);
            }
        }
    }
    verdict.is_ok().hash(&mut hasher);
    hasher.finish()
}

/// The target's words, and the strings of its corpus.
fn words(target: &Target, files: &[(PathBuf, Vec<u8>)]) -> Vec<String> {
    let mut words: Vec<String> = target.words.iter().map(|word| (*word).to_owned()).collect();
    if target.form != Form::Text {
        for (_, bytes) in files {
            let text = String::from_utf8_lossy(bytes);
            // Every other piece between quotation marks is a string, if none is escaped.
            words.extend(text.split('"').skip(1).step_by(2).filter(|word| word.len() < 60).map(str::to_owned));
        }
    }
    words.retain(|word| Json::parse(&format!("\"{word}\"")).is_some());
    words.sort();
    words.dedup();
    words
}
