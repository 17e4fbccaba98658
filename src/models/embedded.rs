//! The files of the models that ship, as a part of the program, so that the command line runs from anywhere.

/// The files of one model.
#[derive(Clone, Copy, Debug)]
pub struct Embedded {
    /// Its name.
    pub name: &'static str,
    /// `config.json`.
    pub config: &'static [u8],
    /// `tokenizer.json`.
    pub tokenizer: &'static [u8],
    /// `tokenizer_config.json`.
    pub tokenizer_config: &'static [u8],
    /// `model.safetensors`.
    pub weights: &'static [u8],
}

macro_rules! file {
    ($name:literal, $file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $name, "/", $file))
    };
}

macro_rules! embed {
    ($name:literal, $about:literal) => {
        Embedded {
            name: $name,
            config: file!($name, "config.json"),
            tokenizer: file!($name, "tokenizer.json"),
            tokenizer_config: file!($name, "tokenizer_config.json"),
            weights: file!($name, "model.safetensors"),
        }
    };
}

static FILES: [Embedded; 5] = for_each_model!(embed);

/// The files of the model of this name, if it ships.
pub fn embedded(name: &str) -> Option<&'static Embedded> {
    FILES.iter().find(|files| files.name == name)
}
