//! What the types of a `tokenizer.json` leave open: sizes, and whether its parts fit together.

use std::collections::BTreeMap;

use super::file::{
    Added, ByteLevel, Decoder, File, Merge, Metaspace, Model, Normalizer, Pattern, PreTokenizer, Scheme,
};
use crate::engine::pattern;
use crate::llama::quoted;

/// The longest token, in bytes.
const LONGEST_TOKEN: usize = 1024;
/// The most tokens that are looked for in a text before it is split.
const MOST_ADDED: usize = 16_384;
/// The most steps of a sequence, and how deep sequences may be nested.
const MOST_STEPS: usize = 16;
const DEEPEST: usize = 3;
/// The most regular expressions of a pre_tokenizer, each of which searches the whole text.
const MOST_EXPRESSIONS: usize = 8;
/// The most Unicode classes in them, each of which takes milliseconds to compile.
const MOST_CLASSES: usize = 96;
/// How many times as long a text may become by all of the steps together.
const MOST_GROWTH: usize = 64;
/// How many times as long Unicode's composed and decomposed forms can make a text, and its compatible ones
/// (<https://unicode.org/faq/normalization.html>), and small letters.
const FORM_GROWTH: usize = 3;
const COMPATIBLE_GROWTH: usize = 11;
const LOWERCASE_GROWTH: usize = 2;

impl File {
    /// Checks what the types leave open, and brings merges into one form. Gives how many times as long a text may be where
    /// regular expressions search it; nothing, if there are none.
    ///
    /// # Errors
    ///
    /// What is wrong, as a part of a sentence.
    pub(super) fn check(&mut self) -> Result<Option<usize>, String> {
        for (field, value) in [("truncation", &self.truncation), ("padding", &self.padding)] {
            if value.as_ref().is_some_and(|value| !value.is_null()) {
                return Err(format!("it sets {field}, which would change what the model reads; set it to null"));
            }
        }
        if self.added_tokens.len() > MOST_ADDED {
            return Err(format!("it has {} added tokens, and may have {MOST_ADDED}", self.added_tokens.len()));
        }
        for token in &self.added_tokens {
            length("an added token", &token.content)?;
        }
        self.no_overlap()?;
        let new = self.added_tokens.iter().filter(|token| !self.model.vocab.contains_key(&token.content));
        let mut ids: Vec<u32> = self.model.vocab.values().copied().chain(new.map(|token| token.id)).collect();
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("two of its tokens have the id {}", pair[0]));
        }
        drop(ids);
        let mut growth = Growth(1);
        if let Some(normalizer) = &self.normalizer {
            normalizer.check(0, &mut growth)?;
        }
        let mut expressions = Expressions::default();
        if let Some(pre_tokenizer) = &self.pre_tokenizer {
            pre_tokenizer.check(0, &mut growth, &mut expressions)?;
        }
        if let Some(decoder) = &self.decoder {
            // What it is given is tokens, not the text that was encoded.
            decoder.check(0, &mut Growth(1))?;
        }
        self.model.check()?;
        Ok(expressions.searched)
    }

    /// That no added token can begin in the blanks which another one takes along: the crate panics where they overlap.
    fn no_overlap(&self) -> Result<(), String> {
        if !self.added_tokens.iter().any(|token| token.rstrip) {
            return Ok(());
        }
        let blank = |token: &Added| {
            token.content.starts_with(char::is_whitespace) || token.normalized && self.normalizer.is_some()
        };
        match self.added_tokens.iter().find(|token| blank(token)) {
            Some(token) => Err(format!(
                "one of its added tokens takes the blanks after it along (rstrip), and {} may begin with a blank",
                quoted(&token.content)
            )),
            None => Ok(()),
        }
    }
}

/// How many times as long a text may have become so far.
struct Growth(usize);

impl Growth {
    fn times(&mut self, factor: usize) -> Result<(), String> {
        self.0 = self.0.saturating_mul(factor.max(1));
        if self.0 > MOST_GROWTH {
            return Err(format!("its steps may make a text more than {MOST_GROWTH} times as long"));
        }
        Ok(())
    }

    fn by(&mut self, content: &str, pattern: &str) -> Result<(), String> {
        self.times(content.len().div_ceil(pattern.len().max(1)))
    }

    /// Something is put before each piece of a text, and a piece may be a single byte.
    fn before_pieces(&mut self, bytes: usize) -> Result<(), String> {
        self.times(1 + bytes)
    }
}

/// The regular expressions of a pre_tokenizer so far.
#[derive(Default)]
struct Expressions {
    count: usize,
    classes: usize,
    /// How many times as long as the encoded one the longest text is that one of them searches.
    searched: Option<usize>,
}

impl Expressions {
    fn add(&mut self, expression: &str, growth: &Growth) -> Result<(), String> {
        self.count += 1;
        self.classes += pattern::check(expression)?;
        self.searched = self.searched.max(Some(growth.0));
        if self.count > MOST_EXPRESSIONS || self.classes > MOST_CLASSES {
            return Err(format!(
                "it has more than {MOST_EXPRESSIONS} regular expressions, or {MOST_CLASSES} Unicode classes in them"
            ));
        }
        Ok(())
    }
}

fn length(what: &str, text: &str) -> Result<(), String> {
    if (1..=LONGEST_TOKEN).contains(&text.len()) {
        return Ok(());
    }
    Err(format!("{what} has {} bytes, and must have 1 to {LONGEST_TOKEN}", text.len()))
}

fn steps(what: &str, count: usize, depth: usize) -> Result<(), String> {
    if count > MOST_STEPS || depth >= DEEPEST {
        return Err(format!("its {what} has more than {MOST_STEPS} steps, or is nested more than {DEEPEST} deep"));
    }
    Ok(())
}

/// A text that is replaced: expressions that match nothing panic there, and no Llama needs one.
fn replaced<'a>(what: &str, pattern: &'a Pattern, content: &str) -> Result<&'a str, String> {
    let Pattern::String(text) = pattern else {
        return Err(format!("its {what} replaces by a regular expression, which is not supported"));
    };
    length("a text to replace", text)?;
    if content.len() > LONGEST_TOKEN {
        return Err(format!("a replacement has {} bytes, and may have {LONGEST_TOKEN}", content.len()));
    }
    Ok(text)
}

impl Normalizer {
    fn check(&self, depth: usize, growth: &mut Growth) -> Result<(), String> {
        match self {
            Self::Sequence { normalizers } => {
                steps("normalizer", normalizers.len(), depth)?;
                normalizers.iter().try_for_each(|step| step.check(depth + 1, growth))
            }
            Self::Prepend { prepend } => {
                length("what is prepended", prepend)?;
                growth.before_pieces(prepend.len())
            }
            Self::Replace { pattern, content } => {
                // An added token of which nothing is left would be found everywhere, within letters, too: the crate panics.
                length("a replacement", content)?;
                growth.by(content, replaced("normalizer", pattern, content)?)
            }
            Self::Lowercase {} => growth.times(LOWERCASE_GROWTH),
            Self::Nfc {} | Self::Nfd {} => growth.times(FORM_GROWTH),
            Self::Nfkc {} | Self::Nfkd {} => growth.times(COMPATIBLE_GROWTH),
        }
    }
}

impl PreTokenizer {
    fn check(&self, depth: usize, growth: &mut Growth, expressions: &mut Expressions) -> Result<(), String> {
        match self {
            Self::Sequence { pretokenizers } => {
                steps("pre_tokenizer", pretokenizers.len(), depth)?;
                pretokenizers.iter().try_for_each(|step| step.check(depth + 1, growth, expressions))
            }
            Self::Split { pattern: Pattern::String(text), .. } => length("a text to split at", text),
            Self::Split { pattern: Pattern::Regex(text), .. } => expressions.add(text, growth),
            Self::Metaspace(metaspace) => {
                metaspace.check()?;
                growth.before_pieces(metaspace.replacement.len_utf8())
            }
            // Each byte becomes a letter of one or two.
            Self::ByteLevel(ByteLevel { add_prefix_space, .. }) => growth.times(2 + usize::from(*add_prefix_space)),
            Self::Digits { .. } | Self::Punctuation { .. } | Self::Whitespace {} | Self::WhitespaceSplit {} => Ok(()),
        }
    }
}

impl Decoder {
    fn check(&self, depth: usize, growth: &mut Growth) -> Result<(), String> {
        match self {
            Self::Sequence { decoders } => {
                steps("decoder", decoders.len(), depth)?;
                decoders.iter().try_for_each(|step| step.check(depth + 1, growth))
            }
            Self::Replace { pattern, content } => growth.by(content, replaced("decoder", pattern, content)?),
            // At the end of a token that is shorter, the crate counts below zero.
            Self::Strip { stop, .. } if *stop > 0 => {
                Err("its decoder strips the end of tokens, which is not supported".into())
            }
            Self::Metaspace(metaspace) => metaspace.check(),
            Self::Strip { .. } | Self::ByteLevel(_) | Self::ByteFallback {} | Self::Fuse {} => Ok(()),
        }
    }
}

impl Metaspace {
    fn check(&self) -> Result<(), String> {
        match (self.add_prefix_space, &self.prepend_scheme) {
            (Some(false), Some(Scheme::First | Scheme::Always)) => {
                Err("its Metaspace says both that a space is put before a text and that none is".into())
            }
            _ => Ok(()),
        }
    }
}

impl Model {
    fn check(&mut self) -> Result<(), String> {
        if self.dropout.is_some_and(|share| share != 0.0) {
            return Err("its model has a dropout: the same text would have other tokens each time".into());
        }
        let affixes = [
            ("continuing_subword_prefix", &self.continuing_subword_prefix),
            ("end_of_word_suffix", &self.end_of_word_suffix),
        ];
        for (field, affix) in affixes {
            if affix.as_ref().is_some_and(|affix| !affix.is_empty()) {
                return Err(format!("its model has a {field}, which no Llama's tokenizer has"));
            }
        }
        if let Some(unknown) = self.unk_token.as_ref().filter(|token| !self.vocab.contains_key(*token)) {
            return Err(format!("its unk_token {} is not in its vocabulary", quoted(unknown)));
        }
        if let Some((token, _)) = self.vocab.iter().find(|(token, _)| token.len() > LONGEST_TOKEN) {
            return Err(format!("a token has {} bytes, and may have {LONGEST_TOKEN}", token.len()));
        }
        // Files that were converted from `merges.txt` may keep its first line.
        self.merges.retain(|merge| !matches!(merge, Merge::Line(line) if line.starts_with("#version")));
        for merge in &mut self.merges {
            merge.check(&self.vocab)?;
        }
        Ok(())
    }
}

impl Merge {
    /// Makes it a pair, of which both parts and the whole must be tokens.
    fn check(&mut self, vocab: &BTreeMap<String, u32>) -> Result<(), String> {
        if let Self::Line(line) = self {
            let Some((a, b)) = line.split_once(' ').filter(|(_, b)| !b.contains(' ')) else {
                return Err(format!("its merge {} is no pair", quoted(line)));
            };
            *self = Self::Pair(a.into(), b.into());
        }
        let Self::Pair(a, b) = self else {
            return Ok(());
        };
        let whole = format!("{a}{b}");
        match [a.as_str(), b.as_str(), &whole].into_iter().find(|part| !vocab.contains_key(*part)) {
            Some(part) => Err(format!("its merges name {}, which is not in its vocabulary", quoted(part))),
            None => Ok(()),
        }
    }
}
