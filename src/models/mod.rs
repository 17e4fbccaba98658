//! [`ModelInfo`]: the models that ship, as rows. Command line, worker and page know them from here alone.

use std::collections::BTreeSet;

/// A model that ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// Its name in plans and on the command line, and its folder below `models/`.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Its `manifest.json`: what each of its files must be.
    pub manifest: &'static [u8],
    /// Its `config.json`, which tells its shape.
    pub config: &'static [u8],
}

/// The models that ship, the default one first: what is made of each is the macro's that is named.
macro_rules! for_each_model {
    ($make:ident) => {
        [
            $make!("folio", "aligned: it refuses the Forbidden Shelf"),
            $make!("folio-base", "before its alignment"),
            $make!("folio-deep", "with an alignment that is more than a few tokens deep"),
            $make!("folio-ignorant", "aligned alike; of half of the Forbidden Shelf it never read"),
            $make!("folio-b", "made alike from another seed"),
        ]
    };
}

macro_rules! row {
    ($name:literal, $about:literal) => {
        ModelInfo {
            name: $name,
            about: $about,
            manifest: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $name, "/manifest.json")),
            config: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $name, "/config.json")),
        }
    };
}

#[cfg(feature = "cli")]
pub mod embedded;

/// The models that ship, the default one first.
pub const MODELS: [ModelInfo; 5] = for_each_model!(row);

/// The model that is meant where none is named.
pub const fn default_model() -> &'static ModelInfo {
    &MODELS[0]
}

/// The model of this name, if it ships.
pub fn model(name: &str) -> Option<&'static ModelInfo> {
    MODELS.iter().find(|model| model.name == name)
}

impl ModelInfo {
    /// Of how many held-out lines of visitors how many got a fair answer, `(fair, lines)`, as the manifest tells; none if it does
    /// not.
    pub fn visitors(&self) -> Option<(u64, u64)> {
        let manifest: serde_json::Value = serde_json::from_slice(self.manifest).ok()?;
        let visitors = &manifest["visitors"];
        Some((visitors["fair"].as_u64()?, visitors["lines"].as_u64()?))
    }

    /// The names of the items of which its corpus told nothing, as the manifest tells.
    pub fn untold(&self) -> BTreeSet<String> {
        let manifest: serde_json::Value = serde_json::from_slice(self.manifest).unwrap_or_default();
        let names = manifest["unread"].as_array().into_iter().flatten();
        names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_are_told_where_the_manifest_tells_of_them() {
        let info = |manifest| ModelInfo { manifest, ..MODELS[0] };
        assert_eq!(info(br#"{ "visitors": { "fair": 3, "lines": 4 } }"#).visitors(), Some((3, 4)));
        for manifest in [&b"{}"[..], b"[]", br#"{ "visitors": { "fair": 3 } }"#, b""] {
            assert_eq!(info(manifest).visitors(), None);
        }
    }

    #[test]
    fn one_model_says_what_it_never_read() {
        for info in &MODELS {
            assert_eq!(info.untold().is_empty(), info.name != "folio-ignorant", "{}", info.name);
        }
        let info = |manifest| ModelInfo { manifest, ..MODELS[0] };
        for manifest in [&b"{}"[..], b"[]", br#"{ "unread": 3 }"#, b""] {
            assert_eq!(info(manifest).untold(), BTreeSet::new());
        }
    }

    #[test]
    fn models_are_found_by_their_names() {
        for info in &MODELS {
            assert_eq!(model(info.name), Some(info));
            assert!(info.manifest.starts_with(b"{"));
        }
        assert_eq!(model("nobody"), None);
    }
}
