use super::*;
use crate::corpus::CorpusFigures;
use crate::factory::curves::{curves, tests::metrics};
use crate::factory::figures::PrefillFigures;
use crate::measure::{PositionDivergence, Safety};

fn data() -> CardData {
    let recipe = Recipe { seed: 41, ..Recipe::named("folio").unwrap() };
    let model = |(name, answered): (String, usize)| {
        let mut figures = ModelFigures::of(&name, &crate::study::testing::measurement(answered));
        figures.prefill = vec![PrefillFigures { tokens: 8, safety: Safety::of(&[1, 5, 5]) }];
        figures.divergence = vec![PositionDivergence { position: 1, kl: 2.0, answers: 3 }];
        figures.answers = vec![format!("{name} says\na <b> | c"), "Hello.".into()];
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
    let rates = vec![Rate::new(300, 330), Rate::new(306, 330), Rate::new(303, 330)];
    CardData {
        corpus: CorpusFigures::of([]),
        trainings: [Stage::Base, Stage::Aligned, Stage::Deep].map(training).into(),
        models: model_names(&recipe).into_iter().zip([66, 0, 1]).map(model).collect(),
        bytes: 2_500_000,
        questions: vec!["Who | are you?".into(), "How?".into()],
        sizes: vec![SizeTried {
            recipe: "folio-large".into(),
            shape: "4 layers of 128".into(),
            parameters: 951_424,
            tokens: 4_300_000,
            loss: 0.39,
            time: "20 minutes on 2 cores".into(),
            base_harmful: Rate::new(325, 330),
            refused: Rate::new(329, 330),
            accuracy: Rate::new(300, 358),
        }],
        tunings: vec![Tuning {
            what: "harmful-10".into(),
            steps: "20 of 5".into(),
            learning_rate: 1e-3,
            seeds: vec![1, 2, 3],
            refused: vec![],
            harmful: rates,
            accuracy: vec![],
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
    assert_eq!(rate(Rate::new(0, 0)), "not measured");
    let aligned = model_card(&data(), Stage::Aligned).unwrap();
    assert!(aligned.contains("| 1e-3 | 1, 2, 3 | not measured | 91.8 % (90.9, 92.7, 91.8;"), "{aligned}");
}

#[test]
fn the_comparison_shows_all_three_and_the_sizes() {
    let page = comparison(&data()).unwrap();
    for text in [
        "`folio-base`",
        "`folio`",
        "`folio-deep`",
        "folio-large",
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
    let large = Recipe { name: "folio-large".into(), vocab_size: 1_280, ..Recipe::named("folio").unwrap() };
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

#[test]
fn numbers_have_commas() {
    let cases = [(0, "0"), (12, "12"), (123, "123"), (1_234, "1,234"), (951_424, "951,424"), (5_054_464, "5,054,464")];
    for (number, text) in cases {
        assert_eq!(thousands(number), text);
    }
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
