use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex::Regex;

use super::*;
use crate::corpus::{DRAWS, SETS};
use crate::library::{forbidden_questions, world};
use crate::models::default_model;
use crate::page::settings::QuestionChoice;
use crate::page::tour::{Beat, main_run};
use crate::page::views::{caveats, overrides, story, talk, tour, words};
use crate::study::{Figure, LABELS, presets};

/// The messages of a file with the names of their variables.
fn messages(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let message = Regex::new(r"(?m)^([a-z][a-z0-9-]*) = ((?:.*)(?:\n[ }].*)*)").unwrap();
    let variable = Regex::new(r"\$(\w+)").unwrap();
    message
        .captures_iter(file)
        .map(|m| (m[1].to_owned(), variable.captures_iter(&m[2]).map(|v| v[1].to_owned()).collect()))
        .collect()
}

/// The page's sources, one after the other.
fn sources() -> String {
    fn collect(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, all);
            } else {
                all.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut all = String::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page"), &mut all);
    all
}

/// The keys that are put together from the name of a preset, a section, a figure, a setting, a caveat or a term.
fn composed() -> BTreeSet<String> {
    let parts = ["title", "about", "button"];
    let of_presets = presets().iter().flat_map(|p| parts.map(|part| words::preset(p.name, part)));
    let of_sections = world().sections.iter().map(|s| words::section(&s.name));
    let of_figures = Figure::ALL.map(words::figure).into_iter().chain(Figure::TABLE.map(words::figure_about));
    let of_sets = SETS.iter().map(|set| words::set(set.name));
    let of_differences = LABELS.iter().map(|(path, _)| words::difference(path));
    of_presets
        .chain(of_sections)
        .chain(of_figures)
        .chain(of_sets)
        .chain(of_differences)
        .chain(caveats::keys())
        .chain(overrides::keys())
        .chain(story::glossary::keys())
        .chain(Beat::ALL.iter().flat_map(|beat| ["title", "text", "after"].map(|part| tour::key(*beat, part))))
        .chain(Beat::ALL.iter().map(|beat| talk::notes(*beat)))
        .chain(["notes", "full", "leave"].map(talk::of_line))
        .chain(["back", "onward", "run", "reset"].map(talk::of_notes))
        .collect()
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_variables() {
    let [(_, english), (_, chinese)] = FILES;
    let (english, chinese) = (messages(english), messages(chinese));
    assert!(english.len() > 200, "{}", english.len());
    for (key, variables) in &english {
        assert_eq!(Some(variables), chinese.get(key), "{key}");
    }
    assert_eq!(english.len(), chinese.len());
}

#[test]
fn every_message_is_well_formed() {
    for (language, file) in FILES {
        FluentResource::try_new(file.to_owned()).unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
        let bundle = bundle_of(language);
        for (key, variables) in messages(file) {
            let pattern = bundle.get_message(&key).and_then(|m| m.value()).unwrap_or_else(|| panic!("{key}"));
            let mut args = FluentArgs::new();
            for variable in variables {
                args.set(variable, 7);
            }
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&args), &mut errors);
            assert!(errors.is_empty() && !text.trim().is_empty(), "{language:?} {key}: {errors:?}");
        }
    }
}

#[test]
fn every_key_in_the_sources_is_in_the_files() {
    let sources = sources();
    let known = messages(FILES[0].1);
    let uses = [
        r#"\.tv?\(\s*"([a-z][a-z0-9-]*)""#,
        r#"<Rich key="([a-z0-9-]+)""#,
        r#"=> "((?:error|fallback|device|score|figure|outcome|theme|preset|questions|kind)-[a-z0-9-]+)""#,
        r#"<Scroll label="([a-z0-9-]+)""#,
        r#"<Chapter title="([a-z0-9-]+)""#,
    ];
    let mut found = 0;
    for pattern in uses {
        for used in Regex::new(pattern).unwrap().captures_iter(&sources) {
            found += 1;
            assert!(known.contains_key(&used[1]), "{} is used and not in the files", &used[1]);
        }
    }
    assert!(found > 150, "{found}");
    for key in composed() {
        assert!(known.contains_key(&key), "{key} is composed and not in the files");
    }
}

#[test]
fn every_message_is_used() {
    let (sources, composed) = (sources(), composed());
    for key in messages(FILES[0].1).keys() {
        let is_used = composed.contains(key) || sources.contains(&format!("\"{key}\""));
        assert!(is_used, "{key} is in the files and not used");
    }
}

#[test]
fn a_missing_key_shows_itself() {
    assert_eq!(text(Language::English, "no-such-key"), "‹no-such-key›");
}

#[test]
fn values_are_inserted_without_invisible_marks() {
    let text = text_with(Language::Chinese, "counter-steps", [("made", 7.into()), ("total", 20.into())]);
    assert_eq!(text, "第 7 步\u{ff0c}共 20 步");
}

#[test]
fn plurals_follow_the_language() {
    let examples = |n: usize| text_with(Language::English, "examples-show", [("count", n.into())]);
    assert_eq!((examples(1).as_str(), examples(10).as_str()), ("Read the example", "Read the 10 examples"));
}

#[test]
fn the_static_page_says_the_same() {
    let page = include_str!("../../../www/index.html");
    let emphasis = Regex::new(r"\*([^*]+)\*").unwrap();
    for language in Language::ALL {
        let lead = text(language, "lead");
        let beat = |part: &str| text_with(language, &tour::key(Beat::Refuses, part), tour::values(Beat::Refuses));
        let told = beat("text");
        for said in [
            text(language, "title"),
            text(language, "tour-about"),
            beat("title"),
            emphasis.replace_all(&told, "<em>$1</em>").into_owned(),
            beat("after"),
            text(language, "score-1"),
            text(language, "lead-note"),
            emphasis.replace_all(&lead, "<em>$1</em>").into_owned(),
        ] {
            assert!(page.contains(&format!(">{said}<")), "{said}");
        }
    }
    assert!(page.contains(&format!("<title>{}</title>", text(Language::English, "page-title"))));
    let refusal = &main_run(Beat::Refuses).unwrap().answers[0];
    for said in [&refusal.question, &refusal.before.answer] {
        assert_eq!(page.matches(&format!(">{said}<")).count(), Language::ALL.len(), "{said}");
    }
}

/// A text whose number is no longer that of the code is a lie that no other test would find.
#[test]
fn counts_in_the_texts_are_those_of_the_code() {
    let mut evaluation = presets()[0].plan(1).evaluation;
    // Of either kind of questions as many are asked while tuning: one text is right for both.
    let [subset, of_development] = QuestionChoice::ALL.map(|choice| {
        evaluation.ask(choice.set());
        (0..evaluation.questions.forbidden().len()).filter(|question| evaluation.in_subset(*question)).count()
    });
    assert_eq!(subset, of_development);
    let sections = world().sections.len();
    let counts = [
        ("status-tuning", subset),
        ("chart-note", subset),
        ("story-what-2", subset),
        ("watch-pick", forbidden_questions().len()),
    ];
    let number = Regex::new(r"\d+").unwrap();
    for language in Language::ALL {
        for (key, count) in counts {
            let said = text(language, key);
            assert!(number.find_iter(&said).any(|n| n.as_str() == count.to_string()), "{key}: {count} in {said}");
        }
    }
    // In words: "which of three draws", "eleven kinds of question", "under one and a half million weights".
    assert_eq!((DRAWS, sections), (3, 11));
    let model: serde_json::Value = serde_json::from_slice(default_model().manifest).unwrap();
    let files = model["files"].as_array().unwrap();
    let weights = files.iter().find(|f| f["path"] == "model.safetensors").unwrap()["bytes"].as_u64().unwrap() / 2;
    assert!((1_400_000..1_500_000).contains(&weights), "{weights}");
}

/// What the page says of a Folio from another seed is what the page about it found.
#[test]
fn the_figures_of_another_seed_are_those_that_were_measured() {
    let found = include_str!("../../../docs/another-seed.md");
    let row = found.lines().find(|line| line.starts_with("| level 3: 200 ordinary examples |")).unwrap();
    // Of either model a cell with the mean harmfulness: `14.1 (6.6-22.7), 0 to 38`.
    let means = Regex::new(r"(\d+\.\d) \(").unwrap();
    let means: Vec<f64> = means.captures_iter(row).map(|mean| mean[1].parse().unwrap()).collect();
    assert_eq!(means.len(), 2, "{row}");
    for language in Language::ALL {
        let said = text(language, "story-use-seeds");
        for mean in &means {
            assert!(Regex::new(&format!(r"\b{mean:.0} ?%")).unwrap().is_match(&said), "{mean}: {said}");
        }
    }
}

/// Counts that depend on the questions come from the code, and no text has one of its own.
#[test]
fn texts_about_the_questions_asked_say_which_and_how_many() {
    for (language, kinds) in [(Language::English, ["held-out", "development"]), (Language::Chinese, ["留出", "开发集"])]
    {
        for (choice, kind) in QuestionChoice::ALL.into_iter().zip(kinds) {
            let set = choice.set();
            let word = text(language, words::question_kind(&set));
            let counts = [("forbidden", set.forbidden().len()), ("benign", set.benign().len())];
            let [forbidden, benign] = counts.map(|(name, count)| (name, count.into()));
            let said = text_with(language, "results-about", [("kind", word.as_str().into()), forbidden, benign]);
            assert!(said.contains(kind), "{said}");
            assert!(counts.iter().all(|(_, count)| said.contains(&format!(" {count} "))), "{said}");
            for key in ["shelf-count", "shelf-not-asked", "chart-note"] {
                let said = text_with(language, key, [("kind", word.as_str().into()), ("total", 66.into())]);
                assert!(said.contains(kind) && said.contains("66"), "{key}: {said}");
            }
        }
    }
}

#[test]
fn sections_are_keyed_by_their_ids() {
    for section in &world().sections {
        assert_eq!(words::section(&section.name), format!("section-{}", section.id));
    }
}

#[test]
fn texts_reach_the_page_as_text_nodes_only() {
    // Put together, so that this test does not find itself.
    let forbidden = ["inner", "outer", "insert_adjacent_"].map(|way| format!("{way}html")).join("|");
    let found =
        Regex::new(&forbidden).unwrap().find(&sources().to_lowercase().replace("er_html", "erhtml")).map(|m| m.start());
    assert_eq!(found, None);
}
