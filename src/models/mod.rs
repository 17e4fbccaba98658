//! [`ModelInfo`]: the models that ship, as rows. Command line, worker and page know them from here alone.

/// A model that ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// Its name in plans and on the command line, and its folder below `models/`.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Its `manifest.json`: what each of its files must be.
    pub manifest: &'static [u8],
}

/// The models that ship, the default one first: what is made of each is the macro's that is named.
macro_rules! for_each_model {
    ($make:ident) => {
        [
            $make!("folio", "aligned: it refuses the Forbidden Shelf"),
            $make!("folio-base", "before its alignment"),
            $make!("folio-deep", "with an alignment that is more than a few tokens deep"),
        ]
    };
}

macro_rules! row {
    ($name:literal, $about:literal) => {
        ModelInfo {
            name: $name,
            about: $about,
            manifest: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $name, "/manifest.json")),
        }
    };
}

#[cfg(feature = "cli")]
pub mod embedded;

/// The models that ship, the default one first.
pub const MODELS: [ModelInfo; 3] = for_each_model!(row);

/// The model that is meant where none is named.
pub const fn default_model() -> &'static ModelInfo {
    &MODELS[0]
}

/// The model of this name, if it ships.
pub fn model(name: &str) -> Option<&'static ModelInfo> {
    MODELS.iter().find(|model| model.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_by_their_names() {
        for info in &MODELS {
            assert_eq!(model(info.name), Some(info));
            assert!(info.manifest.starts_with(b"{"));
        }
        assert_eq!(model("nobody"), None);
    }
}
