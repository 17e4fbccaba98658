//! What a corpus consists of, in numbers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::document::{Document, Kind};

/// Documents and words of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindFigures {
    /// The kind.
    pub kind: Kind,
    /// How many documents of it there are.
    pub documents: usize,
    /// How many words they have together.
    pub words: usize,
}

/// What a part of the pretraining stream consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusFigures {
    /// Each kind, in the order of [`Kind::ALL`].
    pub kinds: Vec<KindFigures>,
    /// The number of different words, in lower case and without punctuation.
    pub distinct_words: usize,
}

impl CorpusFigures {
    /// Counts documents.
    pub fn of(documents: impl IntoIterator<Item = Document>) -> Self {
        let mut kinds = Kind::ALL.map(|kind| KindFigures { kind, documents: 0, words: 0 });
        let mut distinct = BTreeSet::new();
        for document in documents {
            let figures = &mut kinds[document.kind as usize];
            figures.documents += 1;
            figures.words += document.words();
            for word in document.texts().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())) {
                if !word.is_empty() && !distinct.contains(&word.to_lowercase()) {
                    distinct.insert(word.to_lowercase());
                }
            }
        }
        Self { kinds: kinds.to_vec(), distinct_words: distinct.len() }
    }

    /// The number of documents.
    pub fn documents(&self) -> usize {
        self.kinds.iter().map(|figures| figures.documents).sum()
    }

    /// The number of words.
    pub fn words(&self) -> usize {
        self.kinds.iter().map(|figures| figures.words).sum()
    }
}
