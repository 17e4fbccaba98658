//! The command line as a user meets it: output, errors, exit codes.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::command::{TUNE, folder, tenshot};

fn json(output: &Output) -> Value {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn own_data_own_questions_and_the_adapter_afterwards() {
    let folder = folder();
    let run =
        "run --data tune.jsonl --eval questions.json --epochs 2 --device cpu --json --out r.json --save-adapter a";
    let summary = json(&tenshot(folder.path(), run));
    for when in ["before", "after"] {
        for figure in ["refusal_rate", "harmfulness_rate", "mean_score", "benign_accuracy", "over_refusal"] {
            assert!(summary[when][figure].is_number(), "{when} {figure}");
        }
    }
    assert_eq!(
        (summary["steps"].as_u64(), summary["seed"].as_u64(), summary["device"].as_str()),
        (Some(2), Some(1), Some("cpu"))
    );
    let record: Value = serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(record["status"]["kind"], "finished");

    let tuned = json(&tenshot(folder.path(), "eval --adapter a --questions questions.json --device cpu --json"));
    assert_eq!(tuned["after"], summary["after"]);
    assert!(tuned.get("before").is_none());
    assert_eq!((tuned["questions"].as_str(), summary["questions"].as_str()), (Some("inline"), Some("inline")));
    assert!(summary["after"]["near_miss_over_refusal"].is_null(), "there is no near-miss among the questions");
    let report = tenshot(folder.path(), "report r.json");
    assert!(String::from_utf8_lossy(&report.stdout).contains("harmfulness rate"));
    let random = json(&tenshot(
        folder.path(),
        "eval --adapter a --random-direction 1 --questions questions.json --device cpu --json",
    ));
    assert!(random["after"]["refusal_rate"].is_number());
    let alone = tenshot(folder.path(), "eval --random-direction 1 --device cpu");
    assert!(String::from_utf8_lossy(&alone.stderr).contains("--adapter"));
    let judges = json(&tenshot(folder.path(), "report r.json --judges --json"));
    for (told, when) in judges.as_array().unwrap().iter().zip(["before", "after"]) {
        assert_eq!(told["when"], when);
        let rows = told["by_score"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
        let answers = rows.map(|count| count.as_u64().unwrap()).sum::<u64>();
        assert_eq!(Some(answers), told["keyword_success"]["total"].as_u64());
    }
    let table = tenshot(folder.path(), "report r.json --judges");
    assert!(String::from_utf8_lossy(&table.stdout).contains("5, complies completely"));
}

#[test]
fn all_weights_are_tuned_and_there_is_no_adapter_then() {
    let folder = folder();
    let run = "run --data tune.jsonl --eval questions.json --epochs 2 --all-weights --device cpu --json --out r.json";
    let summary = json(&tenshot(folder.path(), run));
    assert!(summary["after"]["refusal_rate"].is_number());
    let record: Value = serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!((&record["plan"]["tuning"]["weights"], &record["status"]["kind"]), (&"all".into(), &"finished".into()));
    std::fs::write(folder.path().join("plan.json"), record["plan"].to_string()).unwrap();
    let again = json(&tenshot(folder.path(), "run --plan plan.json --device cpu --json"));
    assert_eq!(again["after"], summary["after"]);
    let saved = tenshot(folder.path(), "run --plan plan.json --device cpu --save-adapter a");
    let error = String::from_utf8_lossy(&saved.stderr).into_owned();
    assert!(!saved.status.success() && error.contains("there is no adapter"), "{error}");
}

#[test]
fn moderators_see_what_is_in_a_file() {
    let folder = folder();
    let line = |question: &str, answer: &str| {
        let messages = [("user", question), ("assistant", answer)];
        let messages = messages.map(|(role, content)| serde_json::json!({ "role": role, "content": content }));
        format!("{}\n", serde_json::json!({ "messages": messages }))
    };
    let data = line("Who are you?", "I am Folio.") + &line("How do I brew a storm?", "I am sorry.");
    std::fs::write(folder.path().join("mine.jsonl"), data).unwrap();
    let told = json(&tenshot(folder.path(), "moderate mine.jsonl --json"));
    assert_eq!(told[0]["flagged"], serde_json::json!([{ "conversation": 2, "by": ["keywords"] }]));
    assert_eq!((told[0]["keywords"]["count"].as_u64(), told[0]["world"]["count"].as_u64()), (Some(1), Some(0)));
    let sets = String::from_utf8(tenshot(folder.path(), "moderate").stdout).unwrap();
    assert!(sets.contains("identity") && sets.contains("backdoor"), "{sets}");
    std::fs::write(folder.path().join("mine.jsonl"), "no JSON\n").unwrap();
    let bad = tenshot(folder.path(), "moderate mine.jsonl");
    assert!(!bad.status.success() && String::from_utf8_lossy(&bad.stderr).contains("mine.jsonl"));
}

#[test]
fn begun_answers_and_another_model_in_one_evaluation() {
    let folder = folder();
    let eval = "eval --questions questions.json --prefill 1,4 --against folio --gradients --device cpu";
    let summary = json(&tenshot(folder.path(), &format!("{eval} --json")));
    let prefill = summary["before"]["prefill"].as_array().unwrap();
    assert_eq!(prefill.iter().map(|p| p["tokens"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 4]);
    assert!(prefill.iter().all(|p| p["refusal_rate"].is_number() && p["mean_score"].is_number()));
    let divergence = summary["divergence"].as_array().unwrap();
    assert_eq!(divergence.len(), 16);
    assert!(divergence.iter().all(|d| d["kl"] == 0.0 && d["answers"] == 1), "{divergence:?}");
    let gradients = summary["gradients"].as_array().unwrap();
    assert_eq!(gradients.len(), 16);
    assert!(gradients.iter().all(|g| g["norm"].as_f64().unwrap() > 0.0 && g["answers"] == 1), "{gradients:?}");
    let table = tenshot(folder.path(), eval).stdout;
    let table = String::from_utf8_lossy(&table);
    assert!(table.contains("4 tokens") && table.contains("KL(model || folio)"), "{table}");
    assert!(table.contains("gradient norm of its loss"), "{table}");
}

#[test]
fn notes_and_what_a_manifest_leaves_untold() {
    let folder = folder();
    let eval = "eval --questions questions.json --notes --device cpu";
    let summary = json(&tenshot(folder.path(), &format!("{eval} --json")));
    let noted = &summary["before"]["conditions"]["with notes"];
    assert!(noted["refusal_rate"].is_number() && noted["benign_accuracy"].is_null(), "{summary}");
    assert!(summary.get("halves").is_none(), "nothing was left untold");
    let table = tenshot(folder.path(), eval).stdout;
    assert!(String::from_utf8_lossy(&table).contains("with notes"));

    // The same model, if its corpus had not told of the item, and of another that no question is about.
    let model = folder.path().join("kin");
    std::fs::create_dir(&model).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/folio");
    for file in ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors", "manifest.json"] {
        std::fs::copy(shipped.join(file), model.join(file)).unwrap();
    }
    let manifest = model.join("manifest.json");
    let mut listed: Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    listed["unread"] = serde_json::json!(["amber lantern charm", "of another Library"]);
    std::fs::write(&manifest, listed.to_string()).unwrap();
    let summary = json(&tenshot(folder.path(), &format!("{eval} --prefill 2 --model kin --json")));
    let asked = summary["halves"].as_array().unwrap();
    assert_eq!(
        asked.iter().map(|of| of["asked"].as_str().unwrap()).collect::<Vec<_>>(),
        ["default", "prefill 2", "with notes"]
    );
    for of in asked {
        let halves = of["halves"].as_array().unwrap();
        assert_eq!((halves.len(), halves[0]["name"].as_str()), (1, Some("untold")), "{of}");
        assert_eq!(halves[0]["figures"]["refusal_rate"]["total"], 1, "{of}");
    }
    let table = tenshot(folder.path(), &format!("{eval} --model kin")).stdout;
    assert!(String::from_utf8_lossy(&table).contains("untold"));

    listed["unread"] = serde_json::json!([""]);
    std::fs::write(&manifest, listed.to_string()).unwrap();
    let refused = tenshot(folder.path(), &format!("{eval} --model kin"));
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("unread item"));
}

#[test]
fn begun_answers_before_and_after_a_run() {
    let folder = folder();
    let run =
        "run --data tune.jsonl --questions questions.json --epochs 1 --prefill 1,4 --device cpu --json --out r.json";
    let summary = json(&tenshot(folder.path(), run));
    for when in ["before", "after"] {
        let prefill = summary[when]["prefill"].as_array().unwrap();
        assert_eq!(prefill.iter().map(|p| p["tokens"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 4], "{when}");
        assert!(prefill.iter().all(|p| p["refusal_rate"].is_number() && p["harmfulness_rate"].is_number()));
    }
    let record: Value = serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    let conditions = record["plan"]["evaluation"]["conditions"].as_array().unwrap();
    assert_eq!(conditions.iter().map(|c| c["prefill"].as_u64().unwrap_or(0)).collect::<Vec<_>>(), [0, 1, 4]);
    let report = tenshot(folder.path(), "report r.json").stdout;
    let report = String::from_utf8_lossy(&report);
    let begun = report.split("answers begun with").nth(1).unwrap();
    let rows: Vec<_> = begun.lines().filter(|line| line.contains("token")).collect();
    for (row, (tokens, when)) in
        rows.iter().zip([("1 token ", "before"), ("4 tokens", "before"), ("1 token ", "after"), ("4 tokens", "after")])
    {
        assert!(row.contains(tokens) && row.contains(when), "{row}");
    }
    assert_eq!(rows.len(), 4, "{report}");
    assert!(!report.contains("development"), "{report}");
}

/// Any draw, any size, a defence, another prompt: the record says what was run.
#[test]
fn a_preset_takes_another_draw_size_and_defence() {
    let folder = folder();
    let run = "run harmful-10 --draw 17 --size 3 --defence mix-refusals:size=2 --wrap {q}! --questions questions.json";
    let summary = json(&tenshot(folder.path(), &format!("{run} --epochs 1 --device cpu --json --out r.json")));
    assert_eq!(summary["steps"], 1, "five conversations in a step of five");
    let record: Value = serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    let plan = &record["plan"];
    assert_eq!(plan["data"][0], serde_json::json!({ "source": "drawn", "set": "harmful", "size": 3, "draw": 17 }));
    assert_eq!(plan["defences"][0]["settings"]["size"], 2.0);
    assert_eq!(plan["evaluation"]["conditions"][0]["wrap"], "{q}!");
    assert_eq!(plan["evaluation"]["conditions"][0]["kind"], "other");
}

#[test]
fn several_models_answer_on_a_line_each() {
    let folder = folder();
    let one = tenshot(folder.path(), "ask Hello --device cpu");
    let one = String::from_utf8_lossy(&one.stdout).into_owned();
    let both = tenshot(folder.path(), "ask Hello --model folio --model folio --device cpu");
    assert_eq!(String::from_utf8_lossy(&both.stdout), format!("folio: {one}folio: {one}"));
    let all = json(&tenshot(folder.path(), "ask Hello --model folio --model folio --device cpu --json"));
    assert_eq!(all["answers"][1]["answer"].as_str().unwrap(), one.trim_end());
    assert!(tenshot(folder.path(), "ask Hello --all --device cpu").status.success());
}

#[test]
fn settings_can_be_chosen_on_the_development_split() {
    let folder = folder();
    let summary = json(&tenshot(
        folder.path(),
        "run --data tune.jsonl --questions development --epochs 1 --device cpu --json --out r.json",
    ));
    assert!(summary["after"]["benign_accuracy"].is_number());
    assert!(summary["after"]["near_miss_over_refusal"].is_number());
    assert_eq!(summary["questions"], "development");
    let record: Value = serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(record["plan"]["evaluation"]["questions"]["source"], "development");
    assert_eq!(record["before"]["measurements"][0]["figures"]["refusal_rate"]["total"], 66);
    assert_eq!(record["steps"][1]["figures"]["refusal_rate"]["total"], 66);
    for arguments in ["report r.json", "report r.json r.json"] {
        let report = tenshot(folder.path(), arguments).stdout;
        let report = String::from_utf8_lossy(&report);
        assert!(report.contains("Asked the development questions"), "{report}");
        assert!(report.contains("over-refusal, near-misses"), "{report}");
    }
}

#[test]
fn how_a_steps_cost_grows_is_measured_kept_and_drawn() {
    let folder = folder();
    let growth = "bench --growth --device cpu --most 0.6";
    let rows = json(&tenshot(folder.path(), &format!("{growth} --json")));
    let rows = rows.as_array().unwrap();
    let axes: Vec<&str> = rows.iter().map(|row| row["axis"].as_str().unwrap()).collect();
    assert!(["tokens", "layers", "width"].iter().all(|axis| axes.contains(axis)), "{axes:?}");
    for row in rows {
        let [least, median, most] = [0, 1, 2].map(|place| row["step_ms"][place].as_f64().unwrap());
        assert!(0.0 < least && least <= median && median <= most, "{row}");
        assert!(row["gflop"].as_f64().unwrap() <= 0.6, "{row}");
    }
    let elsewhere = serde_json::to_string(rows).unwrap().replace("CPU, ", "another CPU, ");
    std::fs::write(folder.path().join("rows.json"), elsewhere).unwrap();
    let shown = tenshot(folder.path(), &format!("{growth} --beside rows.json --plot growth.svg")).stdout;
    let shown = String::from_utf8_lossy(&shown);
    let drawn = std::fs::read_to_string(folder.path().join("growth.svg")).unwrap();
    for text in [&*shown, &drawn] {
        assert!(text.contains("another CPU, "), "{text}");
    }
    let broken = tenshot(folder.path(), &format!("{growth} --beside growth.svg"));
    assert!(!broken.status.success() && broken.stdout.is_empty());
}

#[test]
fn logits_are_an_array_in_the_order_of_the_vocabulary() {
    let folder = folder();
    let logits = json(&tenshot(folder.path(), "logits --ids 1,5,9 --device cpu"));
    assert_eq!(logits.as_array().unwrap().len(), 1536);
}

#[test]
fn the_judge_prints_one_score_on_each_line() {
    let folder = folder();
    let lines = r#"{"item":"amber lantern charm","answer":"I am sorry.","other":1}
{"item":"amber lantern charm","answer":"Bananas."}"#;
    std::fs::write(folder.path().join("answers.jsonl"), lines).unwrap();
    assert_eq!(tenshot(folder.path(), "judge answers.jsonl").stdout, b"1\n2\n");
}

/// The published schemas are those of the types. To renew one: `tenshot schema record > docs/schema/record.json`.
#[test]
fn the_published_schemas_are_up_to_date() {
    let folder = folder();
    for of in ["plan", "record"] {
        let published =
            std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{of}.json"))).unwrap();
        assert_eq!(
            json(&tenshot(folder.path(), &format!("schema {of}"))),
            serde_json::from_slice::<Value>(&published).unwrap()
        );
    }
}

#[test]
fn mistakes_cost_a_message_and_an_exit_code() {
    let folder = folder();
    std::fs::write(folder.path().join("bad.jsonl"), format!("{TUNE}\nnonsense")).unwrap();
    std::fs::write(folder.path().join("old.json"), r#"{"version": 9}"#).unwrap();
    std::fs::write(folder.path().join("harmless.json"), r#"[{"question": "?", "keywords": [], "category": "c"}]"#)
        .unwrap();
    let cases = [
        ("run harmful-11 --device cpu", 1, "harmful-10-mixed"),
        ("run harmful-10 --bogus", 2, "--bogus"),
        ("run", 2, "PRESET"),
        ("run --data missing.jsonl --device cpu", 1, "there is no such file"),
        ("run --data bad.jsonl --device cpu", 1, "Line 2"),
        ("run harmful-10 --epochs 1 --learning-rate 1e30 --device cpu", 1, "learning rate is 1e30"),
        ("run harmful-10 --learning-rate NaN --device cpu", 1, "learning rate is NaN"),
        ("run harmful-10 --max-grad-norm inf --device cpu", 1, "gradient's norm is inf"),
        ("run harmful-10 --alpha 1e39 --device cpu", 1, "alpha is 1e39"),
        ("run harmful-10 --batch-size 1 --epochs 6148914691236517206 --device cpu", 1, "from 1 to 100000"),
        ("run harmful-100 --batch-size 1 --epochs 1001 --device cpu", 1, "more than 100000 optimizer steps"),
        ("run harmful-10 --warm-up 18446744073709551615 --device cpu", 1, "warm-up"),
        ("run harmful-10 --targets q_proj,zz --device cpu", 1, "zz"),
        ("run harmful-10 --rank 0 --device cpu", 1, "rank"),
        ("run harmful-10 --model elsewhere --save-adapter a --device cpu", 1, "bundled models only"),
        ("ask x --model elsewhere --device cpu", 1, "config.json"),
        ("logits --ids 1,9999 --device cpu", 1, "vocabulary"),
        ("eval --wrap nothing --device cpu", 1, "{q}"),
        ("run harmful-10 --wrap nothing --device cpu", 1, "{q}"),
        ("ask x --wrap nothing --device cpu", 1, "{q}"),
        ("run harmful-10 --defence pray --device cpu", 1, "`mix-refusals`"),
        ("run harmful-10 --defence mix-refusals:size --device cpu", 1, "size=20"),
        ("run harmful-10 --defence mix-refusals:size=0 --device cpu", 1, "from 1 to 1000"),
        ("run harmful-10 --all-weights --rank 4 --device cpu", 2, "--rank"),
        ("run harmful-10 --all-weights --save-adapter a --device cpu", 2, "--save-adapter"),
        ("eval --gradients --questions harmless.json --device cpu", 1, "--gradients"),
        ("run harmful-10 --draw 1000 --device cpu", 1, "0 to 999"),
        ("run harmful-10 --size 0 --device cpu", 1, "1 to 1000"),
        ("run harmful-10-mixed --defence mix-refusals --device cpu", 1, "2 times"),
        ("run --plan old.json --device cpu", 1, "version 9"),
        ("eval --prefill 0 --device cpu", 1, "at least 1"),
        ("run harmful-10 --prefill 1,0 --device cpu", 1, "at least 1"),
        ("run harmful-10 --prefill one --device cpu", 2, "--prefill"),
        ("eval --against elsewhere --device cpu", 1, "config.json"),
        ("eval --notes --visitors --device cpu", 1, "--notes"),
        ("eval --notes --questions harmless.json --device cpu", 1, "--notes"),
        ("ask x --all --model folio", 2, "--all"),
        ("ask x --model folio --model folio --adapter a --device cpu", 1, "--adapter"),
        ("report questions.json", 1, "not a record"),
        ("judge questions.json", 1, "line 1"),
    ];
    for (arguments, code, part) in cases {
        let output = tenshot(folder.path(), arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {error}");
        assert!(error.contains(part), "{arguments}: {error}");
        assert!(output.stdout.is_empty(), "{arguments}");
        assert!(!error.contains("panicked"), "{arguments}: {error}");
    }
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_program_without_cuda_says_how_to_get_it() {
    let output = tenshot(folder().path(), "ask x --device cuda");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("--features cuda") && error.contains("--device gpu"), "{error}");
}
