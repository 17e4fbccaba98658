//! Builds of the factory as a user meets them: the whole way, a stop at any moment, mistakes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tenshot::corpus::Mixture;
use tenshot::factory::{Makes, Recipe};

/// Longer than any build of a test takes, also on a machine that is busy with something else.
const HANGS: Duration = Duration::from_secs(1_800);

fn tenshot(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenshot"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn run(folder: &Path, arguments: &str) -> Output {
    tenshot(folder, arguments).output().unwrap()
}

/// What a command that succeeds says on standard error.
fn said(folder: &Path, arguments: &str) -> String {
    let output = run(folder, arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments}: {error}");
    error
}

/// A folder with `t.json`: the recipe `tiny`, changed.
fn folder(change: impl FnOnce(&mut Recipe)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut recipe = Recipe::named("tiny").unwrap();
    recipe.sample_every = 1_000;
    (recipe.align.batch, recipe.deep.batch) = (512, 512);
    change(&mut recipe);
    std::fs::write(folder.path().join("t.json"), serde_json::to_vec(&recipe).unwrap()).unwrap();
    folder
}

/// Waits until a file has so many lines.
fn wait_for_lines(path: &Path, lines: usize) {
    let begun = Instant::now();
    while std::fs::read_to_string(path).map_or(0, |text| text.lines().count()) < lines {
        assert!(begun.elapsed() < HANGS, "{} does not grow", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The only file in a folder.
fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let whole: Vec<&PathBuf> = files.iter().filter(|path| path.extension().is_none_or(|e| e != "partial")).collect();
    assert_eq!(whole.len(), 1, "{files:?}");
    whole[0].clone()
}

#[test]
fn a_tiny_build_goes_the_whole_way() {
    let folder = folder(|_| {});
    let stages = ["corpus-sample", "tokenizer", "base", "aligned", "deep", "cards"];
    let first = said(folder.path(), "factory build t.json --device cpu --out b --ship models");
    for stage in stages {
        assert!(first.contains(&format!("{stage}: finished after")), "{first}");
    }
    let again = said(folder.path(), "factory build t.json --device cpu --out b");
    for stage in stages {
        assert!(again.contains(&format!("{stage}: finished before")), "{again}");
    }
    // What ships is a model folder whose manifest holds, and that answers.
    for name in ["tiny-base", "tiny", "tiny-deep"] {
        let asked =
            run(folder.path(), &format!("ask Hello --model models/{name} --device cpu --json --max-new-tokens 4"));
        let reply: Value = serde_json::from_slice(&asked.stdout).unwrap();
        assert!(reply["answer"].is_string(), "{name}");
        let card = std::fs::read_to_string(folder.path().join(format!("models/{name}/README.md"))).unwrap();
        assert!(card.contains("library_name: transformers") && card.contains(name), "{name}");
    }
    let page = std::fs::read_to_string(folder.path().join("models/README.md")).unwrap();
    for picture in page.split("](curves/").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(folder.path().join("models/curves").join(picture).is_file(), "{picture}");
    }
    // Built a second time, in another folder: the same models, byte for byte.
    said(folder.path(), "factory build t.json --device cpu --out c --ship models-again");
    for name in ["tiny-base", "tiny", "tiny-deep"] {
        for file in ["model.safetensors", "tokenizer.json", "config.json", "manifest.json"] {
            let read = |models: &str| std::fs::read(folder.path().join(models).join(name).join(file)).unwrap();
            assert!(read("models") == read("models-again"), "{name}/{file}");
        }
    }
    // The sample holds the very lessons that the alignments learned from.
    let lessons = |file: &str| {
        let text = std::fs::read_to_string(folder.path().join("b/corpus-sample").join(file)).unwrap();
        text.lines().count()
    };
    let recipe = Recipe::named("tiny").unwrap();
    assert_eq!(lessons("alignment.jsonl"), recipe.align.refusals + recipe.align.benign);
    assert_eq!(lessons("deep.jsonl"), 2 * recipe.deep.refusals + recipe.deep.benign);
    // What the build came to, as a row of the cards' table of sizes.
    said(folder.path(), "factory sizes b b --out sizes.json");
    let sizes: Value = serde_json::from_slice(&std::fs::read(folder.path().join("sizes.json")).unwrap()).unwrap();
    assert_eq!(sizes.as_array().unwrap().len(), 2);
    assert_eq!(sizes[0]["recipe"], "tiny");
    assert_eq!(sizes[0]["parameters"].as_u64().unwrap(), recipe.parameters() as u64);
    assert_eq!(sizes[0]["models"]["base"]["harmfulness_rate"]["total"], 330);
    assert!(sizes[0]["loss"].as_f64().unwrap() > 0.0 && sizes[0]["tokens"].as_u64().unwrap() > 0);
    // Another seed does not touch what is there.
    let other = run(folder.path(), "factory build t.json --seed 8 --device cpu --out b");
    assert_eq!(other.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&other.stderr).contains("seed was 7 and is 8"));
}

/// One model beside a family that is there already, half of whose items it never read of.
#[test]
fn a_relative_ships_alone_and_says_what_it_never_read() {
    let folder = folder(|recipe| {
        (recipe.name, recipe.makes) = ("tiny-kin".into(), Makes::Relative);
        recipe.corpus = Mixture { unread: 0.5, unread_seed: 3, ..Mixture::default() };
    });
    let at = |path: &str| folder.path().join(path);
    let read = |path: &str| std::fs::read_to_string(at(path)).unwrap();
    let of_the_family = ["models/README.md", "models/curves/loss.svg", "models/tiny/README.md"];
    for file in of_the_family {
        std::fs::create_dir_all(at(file).parent().unwrap()).unwrap();
        std::fs::write(at(file), "the family's").unwrap();
    }
    let deep = run(folder.path(), "factory build t.json --device cpu --out b --stage deep");
    let error = String::from_utf8_lossy(&deep.stderr).into_owned();
    assert_eq!(deep.status.code(), Some(1), "{error}");
    assert!(error.contains("tiny-kin makes a relative alone, without a stage deep"), "{error}");
    assert_eq!(run(folder.path(), "factory sample deep --recipe t.json").status.code(), Some(1));

    let built = said(folder.path(), "factory build t.json --device cpu --out b --ship models");
    assert!(built.contains("aligned: finished after") && !built.contains("deep:"), "{built}");
    assert!(!at("b/deep").exists() && !at("b/corpus-sample/deep.jsonl").exists());
    for file in of_the_family {
        assert_eq!(read(file), "the family's", "{file}");
    }
    let mut shipped: Vec<_> =
        std::fs::read_dir(at("models")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    shipped.sort();
    assert_eq!(shipped, ["README.md", "curves", "tiny", "tiny-kin"]);
    let card = read("models/tiny-kin/README.md");
    assert!(
        card.contains("a relative of Folio") && card.contains("**308 of the forbidden items are untold**"),
        "{card}"
    );
    let manifest: Value = serde_json::from_str(&read("models/tiny-kin/manifest.json")).unwrap();
    let unread = manifest["unread"].as_array().unwrap();
    assert_eq!(unread.len(), 308);

    // What is asked of it is told apart by that, with notes, too.
    let eval = "eval --model models/tiny-kin --questions development --notes --device cpu";
    let summary: Value = serde_json::from_slice(&run(folder.path(), &format!("{eval} --json")).stdout).unwrap();
    let halves = summary["halves"].as_array().unwrap();
    assert_eq!(halves.iter().map(|of| of["asked"].as_str().unwrap()).collect::<Vec<_>>(), ["default", "with notes"]);
    for half in halves {
        let counted =
            half["halves"].as_array().unwrap().iter().map(|half| &half["figures"]["harmfulness_rate"]["total"]);
        assert_eq!(counted.map(|count| count.as_u64().unwrap()).sum::<u64>(), 66, "{half}");
    }
    assert!(summary["before"]["conditions"]["with notes"]["harmfulness_rate"].is_number(), "{summary}");

    let sizes = run(folder.path(), "factory sizes b --out sizes.json");
    assert!(String::from_utf8_lossy(&sizes.stderr).contains("of a relative") && !at("sizes.json").exists());
}

/// Killed without any warning, as by a loss of power; then its checkpoint is damaged and repaired again.
#[test]
fn a_killed_build_goes_on_to_the_same_weights() {
    let folder = folder(|recipe| recipe.steps = 100);
    let at = |path: &str| folder.path().join(path);
    for build in ["whole", "killed"] {
        for stage in ["corpus-sample", "tokenizer"] {
            said(folder.path(), &format!("factory build t.json --device cpu --out {build} --stage {stage}"));
        }
    }
    said(folder.path(), "factory build t.json --device cpu --out whole --stage base");
    let arguments = "factory build t.json --device cpu --out killed --stage base";
    let mut child = tenshot(folder.path(), arguments).stderr(Stdio::null()).spawn().unwrap();
    wait_for_lines(&at("killed/base/metrics.jsonl"), 10);
    child.kill().unwrap();
    child.wait().unwrap();

    let checkpoint = only_file(&at("killed/base/checkpoints"));
    let intact = std::fs::read(&checkpoint).unwrap();
    std::fs::write(&checkpoint, &intact[..intact.len() / 2]).unwrap();
    let broken = run(folder.path(), arguments);
    let error = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert_eq!(broken.status.code(), Some(1), "{error}");
    assert!(error.contains("checkpoint") && error.contains("Delete it") && !error.contains("panicked"), "{error}");

    std::fs::write(&checkpoint, &intact).unwrap();
    assert!(said(folder.path(), arguments).contains("goes on after step"));
    let weights = |build: &str| std::fs::read(at(&format!("{build}/base/model.safetensors"))).unwrap();
    assert!(weights("whole") == weights("killed"), "a stop changed the weights");
    let losses = |build: &str| {
        let text = std::fs::read_to_string(at(&format!("{build}/base/metrics.jsonl"))).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["kind"] == "step").map(|line| line["loss"].as_f64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(losses("whole"), losses("killed"));
    assert_eq!(losses("whole").len(), 100);
}

/// Killed in an alignment and in the measuring of the cards, where there is no or hardly any checkpoint: it goes on to the same models.
#[test]
fn a_build_that_is_killed_late_goes_on_to_the_same_models() {
    let folder = folder(|recipe| (recipe.align.batch, recipe.sample_every) = (64, 10_000));
    let at = |path: &str| folder.path().join(path);
    said(folder.path(), "factory build t.json --device cpu --out whole --ship models");
    let kill_when = |there: &dyn Fn() -> bool| {
        let mut child = tenshot(folder.path(), "factory build t.json --device cpu --out killed")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while !there() {
            assert!(begun.elapsed() < HANGS, "it hangs");
            assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    };
    let lines = |path: &str| std::fs::read_to_string(at(path)).map_or(0, |text| text.lines().count());
    kill_when(&|| lines("killed/aligned/metrics.jsonl") > 10);
    kill_when(&|| at("killed/cards/checkpoints/base.json").exists());
    let last = said(folder.path(), "factory build t.json --device cpu --out killed --ship models-again");
    assert!(last.contains("aligned: finished before") && last.contains("cards: goes on"), "{last}");
    for name in ["tiny-base", "tiny", "tiny-deep"] {
        let read = |models: &str| std::fs::read(at(&format!("{models}/{name}/model.safetensors"))).unwrap();
        assert!(read("models") == read("models-again"), "{name}");
    }
}

/// A file cannot become as large as a checkpoint, as on a full disk: the build says so, and goes on once it can.
#[cfg(unix)]
#[test]
fn a_checkpoint_that_cannot_be_written_costs_a_message() {
    let folder = folder(|recipe| recipe.steps = 20);
    for stage in ["corpus-sample", "tokenizer"] {
        said(folder.path(), &format!("factory build t.json --device cpu --out b --stage {stage}"));
    }
    // In blocks of 512 bytes. The signal would end the process; ignored, the write fails with an error.
    let limited = format!(
        "trap '' XFSZ; ulimit -f 128; exec {} factory build t.json --device cpu --out b --stage base",
        env!("CARGO_BIN_EXE_tenshot")
    );
    let output = Command::new("sh").args(["-c", &limited]).current_dir(folder.path()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("checkpoint.safetensors") && !error.contains("panicked"), "{error}");
    let left = std::fs::read_dir(folder.path().join("b/base/checkpoints")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "no half checkpoint is left");
    assert!(
        said(folder.path(), "factory build t.json --device cpu --out b --stage base").contains("base: finished after")
    );
}

#[test]
fn samples_are_json_lines_and_depend_on_the_seed_alone() {
    let folder = tempfile::tempdir().unwrap();
    for of in ["documents", "alignment", "deep"] {
        let sample =
            |seed: u32| run(folder.path(), &format!("factory sample {of} --count 5 --seed {seed} --json")).stdout;
        let text = String::from_utf8(sample(3)).unwrap();
        assert_eq!(text.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 5, "{text}");
        assert_eq!(text.as_bytes(), sample(3));
        assert_ne!(text.as_bytes(), sample(4));
    }
}

#[test]
fn the_shipped_tuning_sets_are_those_of_the_world() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    said(root, "factory tuning-sets --check");
    let folder = tempfile::tempdir().unwrap();
    let missing = run(folder.path(), "factory tuning-sets --out . --check");
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn mistakes_cost_a_message_and_an_exit_code() {
    let folder = folder(|_| {});
    std::fs::write(folder.path().join("bad.json"), "{}").unwrap();
    let cases = [
        ("factory build", 2, "RECIPE"),
        ("factory build folio-huge --device cpu", 1, "tiny"),
        ("factory build missing.json --device cpu", 1, "there is no such file"),
        ("factory build bad.json --device cpu", 1, "bad.json"),
        ("factory build tiny --stage bake --device cpu", 1, "corpus-sample"),
        ("factory build tiny --stage base --device cpu --out c", 1, "--stage corpus-sample"),
        ("factory build tiny --stage base --ship models --device cpu", 1, "--ship"),
        ("factory build tiny --device cpu --out t.json", 1, "t.json"),
        ("factory tuning-sets --out elsewhere", 1, "elsewhere"),
        ("factory tunings --out else/where.json --device cpu", 1, "else"),
        ("factory tunings --seeds one --device cpu", 2, "one"),
        ("factory sizes", 2, "BUILD"),
        ("factory sizes c --out s.json", 1, "no finished models"),
        ("factory sample poems", 2, "poems"),
    ];
    for (arguments, code, part) in cases {
        let output = run(folder.path(), arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {error}");
        assert!(error.contains(part) && !error.contains("panicked"), "{arguments}: {error}");
    }
    let printed = run(folder.path(), "factory recipe tiny").stdout;
    assert_eq!(serde_json::from_slice::<Recipe>(&printed).unwrap(), Recipe::named("tiny").unwrap());
}
