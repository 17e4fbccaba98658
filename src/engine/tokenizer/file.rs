//! What a `tokenizer.json` may hold. Every other part and field is an error that names it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A `tokenizer.json`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    pub(super) truncation: Option<serde_json::Value>,
    pub(super) padding: Option<serde_json::Value>,
    #[serde(default)]
    pub(super) added_tokens: Vec<Added>,
    pub(super) normalizer: Option<Normalizer>,
    pub(super) pre_tokenizer: Option<PreTokenizer>,
    /// Never used: no special tokens are added here, the chat template writes them.
    #[serde(skip_serializing)]
    #[allow(dead_code, reason = "read so that it is known, and never used")]
    pub(super) post_processor: Option<serde_json::Value>,
    pub(super) decoder: Option<Decoder>,
    pub(super) model: Model,
}

/// A token that is looked for in the text as it is.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Added {
    pub(super) id: u32,
    pub(super) content: String,
    pub(super) single_word: bool,
    pub(super) lstrip: bool,
    pub(super) rstrip: bool,
    pub(super) normalized: bool,
    pub(super) special: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Normalizer {
    Sequence {
        normalizers: Vec<Normalizer>,
    },
    Prepend {
        prepend: String,
    },
    Replace {
        pattern: Pattern,
        content: String,
    },
    Lowercase {},
    #[serde(rename = "NFC")]
    Nfc {},
    #[serde(rename = "NFD")]
    Nfd {},
    #[serde(rename = "NFKC")]
    Nfkc {},
    #[serde(rename = "NFKD")]
    Nfkd {},
}

#[derive(Deserialize, Serialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum PreTokenizer {
    Sequence { pretokenizers: Vec<PreTokenizer> },
    ByteLevel(ByteLevel),
    Metaspace(Metaspace),
    Split { pattern: Pattern, behavior: Behavior, invert: bool },
    Digits { individual_digits: bool },
    Punctuation { behavior: Behavior },
    Whitespace {},
    WhitespaceSplit {},
}

#[derive(Deserialize, Serialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub(super) enum Decoder {
    Sequence { decoders: Vec<Decoder> },
    ByteLevel(ByteLevel),
    Metaspace(Metaspace),
    Replace { pattern: Pattern, content: String },
    Strip { content: char, start: usize, stop: usize },
    ByteFallback {},
    Fuse {},
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByteLevel {
    pub(super) add_prefix_space: bool,
    #[serde(default = "yes")]
    pub(super) trim_offsets: bool,
    #[serde(default = "yes")]
    pub(super) use_regex: bool,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metaspace {
    pub(super) replacement: char,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) add_prefix_space: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prepend_scheme: Option<Scheme>,
    #[serde(default = "yes")]
    pub(super) split: bool,
    #[serde(skip_serializing)]
    #[allow(dead_code, reason = "older files repeat the replacement; read so that it is known")]
    pub(super) str_rep: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scheme {
    First,
    Never,
    Always,
}

#[derive(Deserialize, Serialize)]
pub(super) enum Pattern {
    String(String),
    Regex(String),
}

#[derive(Deserialize, Serialize)]
pub(super) enum Behavior {
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// Byte-pair encoding.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Model {
    #[serde(rename = "type", default)]
    pub(super) kind: Kind,
    #[serde(skip_serializing)]
    pub(super) dropout: Option<f64>,
    pub(super) unk_token: Option<String>,
    #[serde(skip_serializing)]
    pub(super) continuing_subword_prefix: Option<String>,
    #[serde(skip_serializing)]
    pub(super) end_of_word_suffix: Option<String>,
    #[serde(default)]
    pub(super) fuse_unk: bool,
    #[serde(default)]
    pub(super) byte_fallback: bool,
    #[serde(default)]
    pub(super) ignore_merges: bool,
    pub(super) vocab: BTreeMap<String, u32>,
    pub(super) merges: Vec<Merge>,
}

#[derive(Default, Deserialize, Serialize)]
pub(super) enum Kind {
    #[default]
    #[serde(rename = "BPE")]
    Bpe,
}

/// Two tokens that become one, as a pair or, in older files, with a space between them.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Merge {
    Pair(String, String),
    Line(String),
}

fn yes() -> bool {
    true
}
