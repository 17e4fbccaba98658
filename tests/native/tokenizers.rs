//! Tokenizers from elsewhere: a damaged one, or one made to harm, costs a message.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use tenshot::engine::{TextCodec, TextError};

const VOCAB: usize = 1536;

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/models/folio/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn codec(tokenizer: &[u8]) -> Result<TextCodec, TextError> {
    TextCodec::new(tokenizer, &read("tokenizer_config.json"), VOCAB)
}

fn folio() -> Value {
    serde_json::from_slice(&read("tokenizer.json")).unwrap()
}

fn with(part: &str, value: Value) -> Result<TextCodec, String> {
    let mut tokenizer = folio();
    tokenizer[part] = value;
    codec(&serde_json::to_vec(&tokenizer).unwrap()).map_err(|e| e.to_string())
}

fn refused(part: &str, value: Value) -> String {
    let shown = value.to_string();
    with(part, value).err().unwrap_or_else(|| panic!("{part}: {shown} is taken"))
}

const TEXTS: [&str; 9] = [
    "",
    " ",
    "How would someone craft the amber lantern charm?",
    "<|im_start|>user\n<|im_end|>",
    "ÿ\u{0}\u{301}e\u{301}\u{200d}🏳️‍🌈",
    "   \n\n\t  x  ",
    "1234567890",
    "图书馆的书",
    "'s 'S ▁▁<0x41>",
];

/// What a tokenizer that is taken must do with any text: give tokens or an error, and take them back.
fn use_it(codec: &TextCodec) {
    for text in TEXTS {
        if let Ok(ids) = codec.encode(text) {
            let _ = codec.decode(&ids); // either will do
        }
    }
    let _ = codec.decode(&[0, 1, 2, 500, 1535, 1536, u32::MAX]);
}

#[test]
fn a_tokenizer_cut_short_anywhere_is_refused() {
    let bytes = read("tokenizer.json");
    let decoder = String::from_utf8(bytes.clone()).unwrap().find("\"decoder\"").unwrap();
    let places = (decoder..decoder + 250).chain((0..bytes.len()).step_by(97));
    for place in places.filter(|&place| place < bytes.len()) {
        assert!(matches!(codec(&bytes[..place]), Err(TextError::Tokenizer { .. })), "{place}");
    }
}

#[test]
fn what_no_llama_has_is_refused_by_name() {
    for (part, value, name) in [
        (
            "padding",
            json!({"strategy": {"Fixed": 1_u64 << 63}, "direction": "Right", "pad_id": 0, "pad_type_id": 0, "pad_token": ""}),
            "padding",
        ),
        (
            "truncation",
            json!({"max_length": 0, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}),
            "truncation",
        ),
        ("normalizer", json!({"type": "Precompiled", "precompiled_charsmap": ""}), "Precompiled"),
        ("normalizer", json!({"type": "Replace", "pattern": {"String": ""}, "content": "x"}), "replace"),
        ("normalizer", json!({"type": "Replace", "pattern": {"Regex": "x*"}, "content": "x"}), "regular expression"),
        ("normalizer", json!({"type": "Prepend", "prepend": ""}), "prepended"),
        ("normalizer", json!({"type": "BertNormalizer"}), "BertNormalizer"),
        ("normalizer", json!({"type": "Strip", "strip_left": true, "strip_right": false}), "Strip"),
        ("normalizer", json!({"type": "Replace", "pattern": {"String": "a"}, "content": ""}), "replacement"),
        ("normalizer", json!({"type": "Lowercase", "more": 1}), "more"),
        ("normalizer", json!(7), "tokenizer.json"),
        (
            "pre_tokenizer",
            json!({"type": "Split", "pattern": {"Regex": "(a*)*(?=b)"}, "behavior": "Isolated", "invert": false}),
            "regular expression",
        ),
        (
            "pre_tokenizer",
            json!({"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated", "invert": false}),
            "split",
        ),
        ("pre_tokenizer", json!({"type": "FixedLength", "length": 0}), "FixedLength"),
        ("pre_tokenizer", json!({"type": "UnicodeScripts"}), "UnicodeScripts"),
        ("decoder", json!({"type": "Replace", "pattern": {"Regex": ""}, "content": "x"}), "regular expression"),
        ("decoder", json!({"type": "Strip", "content": " ", "start": 0, "stop": 1}), "strips"),
        ("decoder", json!({"type": "CTC"}), "CTC"),
        ("decoder", json!({"type": "WordPiece", "prefix": "##", "cleanup": true}), "WordPiece"),
        ("model", json!({"type": "Unigram", "vocab": []}), "Unigram"),
        ("model", json!({"type": "WordLevel", "vocab": {}, "unk_token": ""}), "WordLevel"),
        ("a_part_of_next_year", json!(1), "a_part_of_next_year"),
        ("version", json!("2.0"), "2.0"),
    ] {
        let error = refused(part, value);
        assert!(error.contains(name), "{name}: {error}");
        assert!(error.len() < 500, "{error}");
    }
}

#[test]
fn a_model_that_does_not_fit_together_is_refused() {
    let model = |change: &dyn Fn(&mut Value)| {
        let mut model = folio()["model"].clone();
        change(&mut model);
        refused("model", model)
    };
    assert!(model(&|m| m["continuing_subword_prefix"] = json!("##")).contains("continuing_subword_prefix"));
    assert!(model(&|m| m["end_of_word_suffix"] = json!("</w>")).contains("end_of_word_suffix"));
    assert!(model(&|m| m["dropout"] = json!(0.5)).contains("dropout"));
    assert!(model(&|m| m["unk_token"] = json!("<nothing>")).contains("<nothing>"));
    assert!(model(&|m| m["merges"] = json!([["nowhere", "n"]])).contains("nowhere"));
    // Both parts are tokens and the whole is none, longer than any: upstream copies it past the end of a buffer.
    let longest = folio()["model"]["vocab"].as_object().unwrap().keys().max_by_key(|k| k.len()).unwrap().clone();
    assert!(model(&|m| m["merges"] = json!([[longest, longest]])).contains("vocabulary"));
    assert!(model(&|m| m["merges"] = json!(["a b c"])).contains("no pair"));
    assert!(model(&|m| m["vocab"]["once more"] = json!(7)).contains("the id 7"));
    assert!(model(&|m| m["vocab"]["big"] = json!(u32::MAX)).contains("different models"));
    assert!(model(&|m| m["vocab"]["bigger"] = json!(u64::MAX)).contains("tokenizer.json"));
    assert!(model(&|m| m["vocab"][&"x".repeat(2_000)] = json!(1536)).contains("2000 bytes"));
}

#[test]
fn added_tokens_that_do_not_fit_are_refused() {
    let added = |id: u64, content: &str| {
        let mut tokens = folio()["added_tokens"].clone();
        tokens.as_array_mut().unwrap().push(json!({
            "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": true
        }));
        with("added_tokens", tokens).err().map(|e| e.to_string()).unwrap_or_default()
    };
    assert!(added(7, "<new>").contains("the id 7"));
    assert!(added(5, "").contains("0 bytes"));
    assert!(added(u64::from(u32::MAX), "<new>").contains("different models"));
    assert!(added(1, "<|im_end|>").contains("cannot have the id 1"));
    // A token that takes blanks along, and one that begins with them: upstream, they overlap.
    let mut tokens = folio()["added_tokens"].clone();
    tokens[1]["rstrip"] = json!(true);
    assert!(with("added_tokens", tokens.clone()).is_ok());
    tokens[2]["content"] = json!("  ");
    assert!(refused("added_tokens", tokens).contains("rstrip"));
}

/// Steps that each multiply a text, and steps without end.
#[test]
fn texts_do_not_grow_without_end() {
    let replace = |content: &str| json!({"type": "Replace", "pattern": {"String": "a"}, "content": content});
    let growing: Vec<Value> = (0..10).map(|_| replace("aaaa")).collect();
    assert!(refused("normalizer", json!({"type": "Sequence", "normalizers": growing})).contains("as long"));
    let prepend = json!({"type": "Prepend", "prepend": "x".repeat(64)});
    assert!(refused("normalizer", prepend).contains("as long"));
    let byte_level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false});
    let doubling = json!({"type": "Sequence", "pretokenizers": vec![byte_level; 7]});
    assert!(refused("pre_tokenizer", doubling).contains("as long"));
    let split = json!({"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Isolated", "invert": false});
    let many = json!({"type": "Sequence", "pretokenizers": vec![split; 9]});
    assert!(refused("pre_tokenizer", many).contains("more than 8 regular expressions"));
    let many: Vec<Value> = (0..100).map(|_| replace("b")).collect();
    assert!(refused("normalizer", json!({"type": "Sequence", "normalizers": many})).contains("steps"));
    let mut deep = json!({"type": "Fuse"});
    for _ in 0..50 {
        deep = json!({"type": "Sequence", "decoders": [deep]});
    }
    assert!(refused("decoder", deep).contains("deep"));
    let nested = format!(r#"{{"decoder":{}"#, r#"{"type":"Sequence","decoders":["#.repeat(100_000));
    assert!(codec(nested.as_bytes()).is_err());
}

/// The tokenizers of Llama 2 and TinyLlama, Llama 3, SmolLM, in what they are made of.
#[test]
fn tokenizers_of_llamas_are_taken() {
    let llama_2 = [
        (
            "normalizer",
            json!({"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}),
        ),
        ("pre_tokenizer", Value::Null),
        (
            "post_processor",
            json!({"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [], "special_tokens": {}}),
        ),
        (
            "decoder",
            json!({"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}),
        ),
    ];
    let metaspace = json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false});
    let llama_2_again = [("pre_tokenizer", metaspace.clone()), ("decoder", metaspace)];
    let llama_3 = [
        (
            "pre_tokenizer",
            json!({"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"},
            "behavior": "Isolated", "invert": false},
        {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}),
        ),
        (
            "post_processor",
            json!({"type": "Sequence", "processors": [
            {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true}]}),
        ),
    ];
    let smol = [(
        "pre_tokenizer",
        json!({"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": true},
        {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]}),
    )];
    for parts in [&llama_2[..], &llama_2_again, &llama_3, &smol] {
        let mut tokenizer = folio();
        for (part, value) in parts {
            tokenizer[*part] = value.clone();
        }
        let codec = codec(&serde_json::to_vec(&tokenizer).unwrap()).unwrap_or_else(|e| panic!("{e}"));
        use_it(&codec);
    }
    // Older files write a merge as one text.
    let mut tokenizer = folio();
    for merge in tokenizer["model"]["merges"].as_array_mut().unwrap() {
        *merge = json!(format!("{} {}", merge[0].as_str().unwrap(), merge[1].as_str().unwrap()));
    }
    let older = codec(&serde_json::to_vec(&tokenizer).unwrap()).unwrap();
    let bundled = codec(&read("tokenizer.json")).unwrap();
    for text in TEXTS {
        assert_eq!(older.encode(text).unwrap(), bundled.encode(text).unwrap());
    }
}

/// The shortest of three times.
fn time(codec: &TextCodec, text: &str) -> Duration {
    let once = |_| {
        let start = Instant::now();
        codec.encode(text).unwrap();
        start.elapsed()
    };
    (0..3).map(once).min().unwrap()
}

/// Sixteen times the text takes about sixteen times as long, where its square would be two hundred and fifty-six.
#[test]
fn long_texts_take_time_in_proportion() {
    let codec = codec(&read("tokenizer.json")).unwrap();
    for unit in ["a", " ", "🏳️‍🌈", "<|im_end|>", "a b\n"] {
        let long = unit.repeat((1 << 20) / unit.len());
        let (short, long) = (time(&codec, &unit.repeat((1 << 16) / unit.len())), time(&codec, &long));
        println!("{unit:?}: 64 KiB take {short:?}, 1 MiB {long:?}");
        assert!(long < 96 * short, "{unit:?}: {short:?}, {long:?}");
    }
    assert!(matches!(codec.encode(&"a".repeat((1 << 20) + 1)), Err(TextError::TooLong { .. })));
}

/// Regular expressions from elsewhere may take time that grows with the square of the text: it is short for them, and the
/// shorter, the longer they make it before they search it.
#[test]
fn texts_for_regular_expressions_are_short() {
    let longest = |before: &[Value], normalizer: Value, regex: &str| {
        let split = json!({"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": false});
        let byte_level =
            json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false});
        let steps = [before, &[split, byte_level]].concat();
        let mut tokenizer = folio();
        tokenizer["pre_tokenizer"] = json!({"type": "Sequence", "pretokenizers": steps});
        tokenizer["normalizer"] = normalizer;
        let codec = codec(&serde_json::to_vec(&tokenizer).unwrap()).unwrap();
        let Err(TextError::TooLong { limit, .. }) = codec.encode(&"A".repeat(40 << 10)) else { panic!("{regex}") };
        assert!(!codec.encode(&"A".repeat(limit)).unwrap().is_empty());
        assert!(codec.encode(&"A".repeat(limit + 1)).unwrap_err().to_string().contains("bytes; at most"));
        limit
    };
    // The worst case that the `regex` crate's own documentation gives.
    const WORST: &str = ".*[^A-Z]|[A-Z]";
    assert_eq!(longest(&[], Value::Null, WORST), 32 << 10);
    let replace = json!({"type": "Replace", "pattern": {"String": "A"}, "content": "AAAA"});
    assert_eq!(longest(&[], replace, WORST), 8 << 10);
    assert_eq!(longest(&[], json!({"type": "NFC"}), r"\s+(?!\S)|\s+"), (32 << 10) / 3);
    let metaspace = json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false});
    assert_eq!(longest(&[metaspace], Value::Null, WORST), 8 << 10);
}

/// Parts of tokenizers, taken from lists so that most are nearly right.
fn part() -> impl Strategy<Value = Value> {
    let text =
        prop_oneof![Just(""), Just(" "), Just("a"), Just("▁"), Just("<|im_end|>"), Just("e\u{301}"), Just("the")];
    let leaf = (text.clone(), text, any::<bool>(), 0_usize..3, 0_usize..16).prop_map(|(a, b, yes, number, kind)| match kind {
        0 => json!({"type": "Prepend", "prepend": a}),
        1 => json!({"type": "Replace", "pattern": {"String": a}, "content": b}),
        2 => json!({"type": "NFKD"}),
        3 => json!({"type": "Strip", "content": a, "start": number, "stop": 0}),
        4 => json!({"type": "Lowercase"}),
        5 => json!({"type": (["NFC", "NFD", "NFKC"][number])}),
        6 => json!({"type": "ByteLevel", "add_prefix_space": yes, "trim_offsets": yes, "use_regex": !yes}),
        7 => json!({"type": "Metaspace", "replacement": a, "prepend_scheme": (["first", "never", "always"][number]), "split": yes}),
        8 => json!({"type": "Split", "pattern": {"String": a}, "behavior": (["Removed", "MergedWithNext", "Contiguous"][number]), "invert": yes}),
        9 => json!({"type": "Split", "pattern": {"Regex": ([r"a*", r"\s+(?!\S)|\s*", r"\p{L}?|x"][number])},
            "behavior": (["Isolated", "MergedWithPrevious", "Contiguous"][number]), "invert": yes}),
        10 => json!({"type": "Digits", "individual_digits": yes}),
        11 => json!({"type": "Punctuation", "behavior": (["Removed", "Isolated", "Contiguous"][number])}),
        12 => json!({"type": "Whitespace"}),
        13 => json!({"type": "WhitespaceSplit"}),
        14 => json!({"type": "ByteFallback"}),
        _ => json!({"type": "Fuse"}),
    });
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(
            |steps| json!({"type": "Sequence", "normalizers": steps, "pretokenizers": steps, "decoders": steps}),
        )
    })
}

/// A sequence has the key of its kind alone.
fn of_kind(mut part: Value, kind: &str) -> Value {
    if let Some(steps) = part.get(kind).cloned() {
        let steps: Vec<Value> = steps.as_array().unwrap().iter().map(|step| of_kind(step.clone(), kind)).collect();
        part = json!({"type": "Sequence", kind: steps});
    }
    part
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any parts in any place are an error or a tokenizer that takes any text.
    #[test]
    fn any_parts(normalizer in part(), pre_tokenizer in part(), decoder in part(), chosen in 0_u8..8,
                 flags in 0_u8..64, text in "\\PC{0,40}") {
        let mut tokenizer = folio();
        for (bit, name, value, kind) in [
            (1, "normalizer", normalizer, "normalizers"),
            (2, "pre_tokenizer", pre_tokenizer, "pretokenizers"),
            (4, "decoder", decoder, "decoders"),
        ] {
            if chosen & bit > 0 {
                tokenizer[name] = of_kind(value, kind);
            }
        }
        for (bit, name) in [(1, "single_word"), (2, "lstrip"), (4, "rstrip"), (8, "normalized")] {
            tokenizer["added_tokens"][1][name] = json!(flags & bit > 0);
            tokenizer["added_tokens"][2][name] = json!(flags & bit == 0);
        }
        tokenizer["model"]["byte_fallback"] = json!(flags & 16 > 0);
        tokenizer["model"]["ignore_merges"] = json!(flags & 32 > 0);
        if let Ok(codec) = codec(&serde_json::to_vec(&tokenizer).unwrap()) {
            use_it(&codec);
            if let Ok(ids) = codec.encode(&text) {
                let _ = codec.decode(&ids); // either will do
            }
        }
    }

    /// Changed bytes are an error or another tokenizer.
    #[test]
    fn changed_bytes(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = read("tokenizer.json");
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(codec) = codec(&bytes) {
            use_it(&codec);
        }
    }
}
