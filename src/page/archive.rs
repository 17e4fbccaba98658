//! [`Archive`]: records that were set aside. They lie with the browser, which keeps large ones on the disk, and not in the page's
//! memory.

use std::collections::BTreeMap;

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag};

use super::shared::Shared;
use crate::study::Record;

/// The records, by the numbers of their runs.
#[derive(Default)]
pub struct Archive(BTreeMap<u32, Kept>);

/// How a record is kept.
enum Kept {
    /// As the file that a visitor downloads.
    File(Blob),
    /// As it was: the browser would not take it.
    Here(Shared<Record>),
}

impl Archive {
    /// Keeps a record until the page is closed.
    pub fn keep(&mut self, run: u32, record: Shared<Record>) {
        // The record of a run that is over is the same for ever.
        self.0.entry(run).or_insert_with(|| file(&record).map_or(Kept::Here(record), Kept::File));
    }

    /// Keeps nothing any more.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The file of a record, if it is kept here.
    pub fn file(&self, run: u32) -> Option<Blob> {
        match self.0.get(&run)? {
            Kept::File(blob) => Some(blob.clone()),
            Kept::Here(record) => file(record),
        }
    }
}

/// A record as a file.
pub fn file(record: &Record) -> Option<Blob> {
    text_file(&serde_json::to_string_pretty(record).ok()?, "application/json")
}

/// A text as a file of this type.
pub fn text_file(text: &str, kind: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_str_sequence_and_options(&Array::of1(&JsValue::from_str(text)), &options).ok()
}

/// Reads the record in a file.
pub async fn read(file: Blob) -> Option<Record> {
    let text = JsFuture::from(file.text()).await.ok()?;
    serde_json::from_str(&text.as_string()?).ok()
}
