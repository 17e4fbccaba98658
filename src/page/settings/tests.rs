use super::*;

fn read(query: &str) -> Settings {
    Settings::default().with_query(query)
}

#[test]
fn a_query_sets_what_it_names() {
    let settings = read(
        "?lang=zh-CN&theme=dark&device=cpu&preset=benign-200&seed=3&draw=17&questions=development&prefill=on&race=1",
    );
    let expected = Settings {
        language: Language::Chinese,
        theme: Theme::Dark,
        device: DeviceChoice::Cpu,
        preset: "benign-200".to_owned(),
        seed: 3,
        draw: Some(17),
        questions: QuestionChoice::Development,
        prefill: true,
        overrides: Overrides::default(),
        race: true,
        beat: None,
        stage: Stage::Off,
        embed: None,
    };
    assert_eq!(settings, expected);
}

#[test]
fn within_another_page_there_is_the_story_if_its_panel_is_there_and_never_a_stage() {
    for (query, beat) in [
        ("?embed=1", None),
        ("?embed=controls,stage&beat=2", None),
        ("?embed=tour", Some(1)),
        ("?embed=tour,stage&seed=3", Some(1)),
        ("?beat=3&embed=tour&stage=talk", Some(3)),
    ] {
        let settings = read(query);
        assert_eq!(settings.beat.map(Beat::number), beat, "{query}");
        assert_eq!(settings.stage, Stage::Off, "{query}");
    }
    assert!(read("?embed=race").race);
}

#[test]
fn what_runs_by_itself_begins_in_the_lab() {
    assert_eq!(read("?autorun=1").beat, None);
    assert_eq!(read("?autorun=1&beat=2").beat.map(Beat::number), Some(2));
}

#[test]
fn nonsense_is_passed_over() {
    for query in [
        "",
        "?",
        "?lang=xx",
        "?theme=pink",
        "?device=tpu",
        "?preset=nope",
        "?seed=-1",
        "?seed=1e9",
        "?seed=1000000",
        "?draw=",
        "?draw=-1",
        "?draw=1000",
        "?questions=all",
        "?prefill=1,2",
        "?beat=0",
        "?beat=99",
        "?beat=two",
        "?beat=",
        "?model=other",
        "?race=2",
        "?race=on",
        "?stage=1",
        "?stage=off",
        "?embed=",
        "?embed=0",
        "?embed=everything",
        "?&&=&lang",
    ] {
        assert_eq!(read(query), Settings::default(), "{query}");
    }
}

#[test]
fn what_is_written_is_read_back() {
    for query in [
        "?lang=zh",
        "?lang=en&theme=light&seed=7",
        "?lang=en&device=gpu&preset=safety-10",
        "?lang=en&seed=3&race=1",
        "?lang=en&seed=2&draw=0&questions=development&prefill=on",
        "?lang=en&beat=3",
        "?lang=en&beat=off",
        "?lang=en&seed=2&beat=1",
        "?lang=en&preset=identity-10&beat=3",
        "?lang=en&stage=talk",
        "?lang=zh&stage=booth&device=cpu&beat=4",
        "?lang=en&embed=controls,stage",
        "?lang=zh&embed=tour&beat=4",
        "?lang=en&embed=tour,ask&seed=3",
        "?lang=en&embed=lessons,controls&preset=identity-10&race=1",
    ] {
        assert_eq!(read(query).query(), query);
    }
}

#[test]
fn on_the_stage_there_is_always_a_beat() {
    for query in ["?stage=talk", "?stage=booth&beat=off", "?device=cpu&stage=talk", "?autorun=1&stage=talk"] {
        assert_eq!(read(query).beat, told().first().copied(), "{query}");
    }
    assert_eq!(read("?stage=booth&seed=3&beat=2").beat.map(Beat::number), Some(2));
}

#[test]
fn the_story_is_told_unless_a_link_names_what_is_run() {
    for query in ["", "?lang=zh&theme=dark", "?beat=1", "?seed=nonsense", "?seed=7&beat=1", "?beat=99"] {
        assert_eq!(read(query).beat, Some(Beat::Refuses), "{query}");
    }
    for query in ["?seed=1", "?device=cpu", "?questions=held-out&prefill=off", "?beat=off", "?draw=2&beat=99"] {
        assert_eq!(read(query).beat, None, "{query}");
    }
    assert_eq!(
        [read("?beat=3&device=cpu").beat, read("?device=cpu&beat=7").beat],
        [Some(Beat::Persona), Some(Beat::Meaning)]
    );
}
