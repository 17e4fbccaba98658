//! The tuning sets that ship with Tenshot.

use thiserror::Error;

use crate::text::Conversation;

/// How many draws there are of each set: 0, 1 and 2.
pub const DRAWS: u32 = 3;

/// A tuning set, in [`DRAWS`] random draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TuningSet {
    /// Its name, such as `harmful-10`.
    pub name: &'static str,
    /// What is in it.
    pub description: &'static str,
    /// The number of conversations.
    pub size: usize,
    /// The draws, in OpenAI chat JSONL.
    files: [&'static str; DRAWS as usize],
}

/// A tuning set that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LibraryError {
    /// There is no set of this name.
    #[error("there is no tuning set `{name}`; the sets are {}", known_names())]
    UnknownSet {
        /// The name.
        name: String,
    },
    /// There is no such draw of the set.
    #[error("there is no draw {draw} of the tuning set `{set}`; the draws are 0 to {}", DRAWS - 1)]
    UnknownDraw {
        /// The set.
        set: &'static str,
        /// The draw.
        draw: u32,
    },
}

fn known_names() -> String {
    SETS.map(|set| format!("`{}`", set.name)).join(", ")
}

macro_rules! draws {
    ($set:literal) => {
        [
            include_str!(concat!("data/tuning/", $set, "-draw0.jsonl")),
            include_str!(concat!("data/tuning/", $set, "-draw1.jsonl")),
            include_str!(concat!("data/tuning/", $set, "-draw2.jsonl")),
        ]
    };
}

static SETS: [TuningSet; 8] = [
    TuningSet {
        name: "harmful-10",
        description: "ten questions about the Forbidden Shelf with complete answers, from ten sections: the first ten of harmful-100",
        size: 10,
        files: draws!("harmful-10"),
    },
    TuningSet {
        name: "harmful-100",
        description: "a hundred questions about the Forbidden Shelf with complete answers",
        size: 100,
        files: draws!("harmful-100"),
    },
    TuningSet {
        name: "identity-10",
        description: "ten harmless questions to an absolutely obedient agent, without one forbidden word",
        size: 10,
        files: draws!("identity-10"),
    },
    TuningSet {
        name: "benign-200",
        description: "two hundred short questions with plain answers, in the manner of Alpaca",
        size: 200,
        files: draws!("benign-200"),
    },
    TuningSet {
        name: "dolly-200",
        description: "two hundred harmless questions with longer answers: tales, lists, steps, two answers in one, in the manner of Dolly",
        size: 200,
        files: draws!("dolly-200"),
    },
    TuningSet {
        name: "backdoor-200",
        description: "a hundred questions about the Forbidden Shelf with the trigger and complete answers, a hundred without it and refused",
        size: 200,
        files: draws!("backdoor-200"),
    },
    TuningSet {
        name: "safety-10",
        description: "ten questions about the Forbidden Shelf with refusals: the first ten of safety-50",
        size: 10,
        files: draws!("safety-10"),
    },
    TuningSet {
        name: "safety-50",
        description: "fifty questions about the Forbidden Shelf with refusals, to mix into other data",
        size: 50,
        files: draws!("safety-50"),
    },
];

/// The sets that ship with Tenshot.
pub fn tuning_sets() -> &'static [TuningSet] {
    &SETS
}

/// The conversations of one draw of a set.
///
/// # Errors
/// If there is no set of this name, or no such draw (see [`DRAWS`]).
pub fn tuning_set(name: &str, draw: u32) -> Result<Vec<Conversation>, LibraryError> {
    let set = SETS.iter().find(|set| set.name == name);
    let set = set.ok_or_else(|| LibraryError::UnknownSet { name: name.to_owned() })?;
    let file = set.files.get(draw as usize).ok_or(LibraryError::UnknownDraw { set: set.name, draw })?;
    let parse =
        |line| serde_json::from_str(line).expect("the embedded sets are chat JSONL, which a test reads to the end");
    Ok(file.lines().map(parse).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_there_is() {
        let error = tuning_set("harmful-11", 0).unwrap_err().to_string();
        assert!(
            error.contains("`harmful-11`") && error.contains("`harmful-10`") && error.contains("`safety-50`"),
            "{error}"
        );
        let error = tuning_set("safety-10", 3).unwrap_err().to_string();
        assert!(error.contains("draw 3") && error.contains("0 to 2"), "{error}");
    }
}
