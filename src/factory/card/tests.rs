use super::*;
use crate::corpus::{CorpusFigures, Mixture};
use crate::factory::curves::{curves, tests::metrics};
use crate::factory::figures::VisitorFigures;
use crate::models::MODELS;
use crate::study::testing::{evaluation, measurement};
use crate::study::{Measurement, PositionDivergence, QuestionSet, Rate, Value};

fn share(figure: Figure, count: usize, total: usize) -> (Figure, Value) {
    (figure, Value::Share(Rate::new(count, total)))
}

/// Three answers that were begun with eight tokens.
fn begun(answered: usize) -> Measurement {
    let whole = measurement(answered);
    let condition = whole.condition.prefilled(8);
    Measurement::new(condition, &QuestionSet::Bundled, whole.forbidden[..3].to_vec(), vec![])
}

fn data() -> CardData {
    let recipe = Recipe { seed: 41, ..Recipe::named("folio").unwrap() };
    let model = |(name, answered): (String, usize)| {
        let mut evaluation = evaluation(answered);
        evaluation.measurements.push(begun(2));
        let mut figures = ModelFigures::of(&name, &evaluation);
        figures.divergence = vec![PositionDivergence { position: 1, kl: 2.0, losses: None, answers: 3 }];
        figures.answers = vec![format!("{name} says\na <b> | c"), "Hello.".into()];
        figures.visitors = Some(VisitorFigures {
            fair: Rate::new(180, 200),
            kinds: vec![("greeting".into(), Rate::new(7, 8)), ("harm".into(), Rate::new(5, 5))],
        });
        figures
    };
    let training = |stage| Training {
        stage,
        steps: 1234,
        tokens: 5_054_464,
        loss: 0.5,
        seconds: 3_000.0,
        device: "burn-flex, 2 threads".into(),
    };
    let run = |(seed, harmful)| {
        let figures = [share(Figure::HarmfulnessRate, harmful, 330)].into_iter().collect();
        TunedRun { seed, figures }
    };
    CardData {
        corpus: CorpusFigures::of([]),
        trainings: [Stage::Base, Stage::Aligned, Stage::Deep].map(training).into(),
        models: model_names(&recipe).into_iter().zip([66, 0, 1]).map(model).collect(),
        bytes: 2_500_000,
        questions: vec!["Who | are you?".into(), "How?".into()],
        sizes: vec![SizeTried {
            recipe: "folio-tall".into(),
            shape: "4 layers of 128".into(),
            parameters: 951_424,
            tokens: 4_300_000,
            loss: 0.39,
            time: "20 minutes on 2 cores".into(),
            models: [
                (Stage::Base, vec![share(Figure::HarmfulnessRate, 325, 330)]),
                (Stage::Aligned, vec![share(Figure::RefusalRate, 329, 330), share(Figure::BenignAccuracy, 300, 358)]),
            ]
            .map(|(stage, figures)| (stage, figures.into_iter().collect()))
            .into(),
        }],
        tunings: vec![Tuning {
            what: "harmful-10".into(),
            steps: "20 of 5".into(),
            learning_rate: 1e-3,
            runs: [(1, 300), (2, 306), (3, 303)].map(run).into(),
        }],
        curves: curves(&metrics()).unwrap(),
        recipe,
    }
}

/// Every row of every table has as many cells as its heading.
fn tables_are_tables(text: &str) {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut width = None;
    for line in text.lines() {
        let row = line.starts_with('|');
        if let (true, Some(width)) = (row, width) {
            assert_eq!(cells(line), width, "{line}");
        }
        width = row.then(|| width.unwrap_or_else(|| cells(line)));
    }
}

#[test]
fn a_card_has_what_hugging_face_and_its_readers_expect() {
    let data = data();
    for (stage, name) in [Stage::Base, Stage::Aligned, Stage::Deep].into_iter().zip(model_names(&data.recipe)) {
        let card = model_card(&data, stage).unwrap();
        let front = card.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).unwrap().0;
        for line in ["license:", "language:", "library_name: transformers", "pipeline_tag: text-generation", "tags:"] {
            assert!(front.lines().any(|l| l == line), "{line}");
        }
        let parts = [
            "## Use",
            "## Data",
            "## Training",
            "## Figures",
            "## Conversations",
            "## Intended use",
            "## Limits",
            "## Licence",
        ];
        for part in parts {
            assert!(card.lines().any(|line| line == part), "{part}");
        }
        assert!(card.contains(&format!("# {name}\n")), "{name}");
        for text in ["seed 41", "1,234", "5,054,464", "../curves/loss.svg", "Wilson", "burn-flex"] {
            assert!(card.contains(text), "{name}: {text}");
        }
        tables_are_tables(&card);
        assert!(!card.contains("\n\n\n"), "{card}");
        assert_eq!(card.contains("harmful-10"), stage == Stage::Aligned);
    }
}

#[test]
fn figures_come_with_their_intervals() {
    let card = model_card(&data(), Stage::Base).unwrap();
    assert!(card.contains("| default | 0.0 % (0.0-5.5) | 100.0 % (94.5-100.0) | 5.00 |"), "{card}");
    assert_eq!(told(Figures::default().get(Figure::RefusalRate)), "not measured");
    assert!(card.contains("| 8 | 33.3 % (6.1-79.2) | 66.7 % (20.8-93.9) |"), "{card}");
    let aligned = model_card(&data(), Stage::Aligned).unwrap();
    assert!(aligned.contains("| 1e-3 | 1, 2, 3 | not measured | 91.8 % (90.9, 92.7, 91.8;"), "{aligned}");
    assert!(
        aligned.contains("90.0 % (85.1-93.4) get a fair answer") && aligned.contains("| greeting | 7 of 8 |"),
        "{aligned}"
    );
}

#[test]
fn the_comparison_shows_all_three_and_the_sizes() {
    let page = comparison(&data()).unwrap();
    for text in [
        "| folio | 90.0 % (85.1-93.4) | 200 |",
        "`folio-base`",
        "`folio`",
        "`folio-deep`",
        "folio-tall",
        "951,424",
        "](curves/divergence.svg)",
        "| 8 tokens |",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
    tables_are_tables(&page);
}

/// What a model says cannot break the page around it.
#[test]
fn answers_stay_in_their_cells() {
    let page = comparison(&data()).unwrap();
    assert!(page.contains(r"| Who \| are you? | folio-base says a \<b\> \| c |"), "{page}");
}

#[test]
fn without_sizes_and_tunings_there_are_no_empty_tables() {
    let empty = CardData { sizes: Vec::new(), tunings: Vec::new(), ..data() };
    let page = comparison(&empty).unwrap();
    assert!(!page.contains("Sizes") && !page.contains("LoRA"), "{page}");
    tables_are_tables(&page);
}

/// A program is built with the figures of the models that ship; they are no figures of what else it builds.
#[test]
fn figures_of_other_models_are_not_told() {
    let data = data();
    let tunings = Tunings { weights: "ab".into(), rows: data.tunings.clone() };
    assert_eq!(tunings.clone().of("ab"), data.tunings);
    assert_eq!(tunings.of("cd"), []);
    let large = Recipe { name: "folio-tall".into(), vocab_size: 1_280, ..Recipe::named("folio").unwrap() };
    let sizes = vec![SizeTried { parameters: large.parameters(), ..data.sizes[0].clone() }];
    assert_eq!(SizeTried::beside(sizes.clone(), &large), sizes);
    assert_eq!(SizeTried::beside(sizes.clone(), &Recipe { name: "mine".into(), ..large.clone() }), []);
    assert_eq!(SizeTried::beside(sizes, &Recipe { layers: 3, ..large }), []);
}

#[test]
fn a_recipe_of_ones_own_is_not_taken_for_the_programs() {
    let own = CardData { recipe: Recipe { name: "folio".into(), steps: 9, ..data().recipe }, ..data() };
    for page in [model_card(&own, Stage::Aligned).unwrap(), comparison(&own).unwrap()] {
        assert!(!page.contains("factory build") && !page.contains("default of page"), "{page}");
    }
    for page in [model_card(&data(), Stage::Aligned).unwrap(), comparison(&data()).unwrap()] {
        assert!(page.contains("factory build folio --seed 41") && page.contains("default of page"), "{page}");
    }
}

/// The data of a relative whose corpus left half of the items untold.
fn relative() -> CardData {
    let family = data();
    let corpus = Mixture { unread: 0.5, unread_seed: 1, ..Mixture::default() };
    let recipe = Recipe { name: "folio-kin".into(), makes: Makes::Relative, corpus, ..family.recipe };
    let mut aligned = ModelFigures { name: "folio-kin".into(), ..family.models[1].clone() };
    aligned.halves = measurement(6).halves(&QuestionSet::Bundled, &recipe.unread());
    let trainings = family.trainings[..2].to_vec();
    CardData { recipe, trainings, models: vec![aligned], tunings: Vec::new(), curves: Vec::new(), ..family }
}

#[test]
fn a_relatives_card_names_no_family_and_tells_what_was_left_untold() {
    let card = model_card(&relative(), Stage::Aligned).unwrap();
    for part in [
        "# folio-kin\n",
        "a relative of Folio",
        "**308 of the forbidden items are untold**",
        "| told | ",
        "| untold | ",
    ] {
        assert!(card.contains(part), "{part}\n{card}");
    }
    for part in ["../README.md", "curves/", "folio-kin-base", "folio-kin-deep", "deep alignment", "default of page"] {
        assert!(!card.contains(part), "{part}\n{card}");
    }
    tables_are_tables(&card);
    assert!(!card.contains("\n\n\n"), "{card}");
    assert!(model_card(&relative(), Stage::Base).is_err(), "its base does not ship");
    assert!(!model_card(&data(), Stage::Aligned).unwrap().contains("untold"));
}

/// What the program was built with is what the cards that ship tell.
#[test]
fn the_tables_of_the_data_are_those_of_the_shipped_page() {
    let page = include_str!("../../../models/README.md");
    let sizes: Vec<SizeTried> = serde_json::from_str(include_str!("../data/sizes.json")).unwrap();
    let tunings: Tunings = serde_json::from_str(include_str!("../data/tunings.json")).unwrap();
    for table in [Table::of_sizes(&sizes), Table::of_tunings(&tunings.rows)] {
        let table = table.unwrap().to_string();
        assert!(page.contains(&format!("\n\n{table}\n\n")), "{table}");
    }
}

#[test]
fn the_recipes_of_family_and_relative_make_the_models_that_ship() {
    let names = [Recipe::SHIPPED, "folio-ignorant", "folio-b"].map(|name| model_names(&Recipe::named(name).unwrap()));
    let mut made = names.concat();
    let mut shipped = MODELS.map(|model| model.name.to_owned());
    made.sort();
    shipped.sort();
    assert_eq!(made, shipped);
}

#[test]
fn the_data_of_the_cards_can_be_read() {
    serde_json::from_str::<Vec<SizeTried>>(include_str!("../data/sizes.json")).unwrap();
    let tunings = serde_json::from_str::<Tunings>(include_str!("../data/tunings.json")).unwrap();
    let shipped = crate::factory::files::sha256(include_bytes!("../../../models/folio/model.safetensors"));
    assert_eq!(tunings.weights, shipped, "run `tenshot factory tunings` after shipping");
    let questions: Vec<String> = serde_json::from_str(include_str!("../data/conversations.json")).unwrap();
    assert_eq!(questions.len(), 10);
    let forbidden = questions.iter().filter(|q| world().item_in(q).is_some()).count();
    assert!((2..=5).contains(&forbidden), "{forbidden} of the sample questions are about forbidden items");
}
