//! `tenshot moderate`: what moderators flag in tuning data before anybody tunes on it.

use std::path::Path;

use serde::Serialize;

use super::args::ModerateArgs;
use super::report::{name, table};
use super::{CliError, files, limits, output};
use crate::corpus::{DRAWS, Moderator, SETS, tuning_set};
use crate::study::{Rate, Value};
use crate::text::{Conversation, read_jsonl};

/// Conversations of each draw of a set.
const SIZE: usize = 100;

/// What each moderator flags in one set.
#[derive(Serialize)]
struct Moderated {
    /// The set's name, or the file's.
    data: String,
    keywords: Rate,
    world: Rate,
    /// The conversations of a file that a moderator flags, counted from 1; not of sets, which are many draws.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flagged: Vec<Flagged>,
}

#[derive(Serialize)]
struct Flagged {
    conversation: usize,
    by: Vec<&'static str>,
}

/// Prints what is flagged in the user's files, or in every set that the world gives.
pub fn moderate(args: &ModerateArgs) -> Result<(), CliError> {
    let moderated: Vec<Moderated> = if args.data.is_empty() {
        SETS.iter().map(|set| of_set(set.name)).collect::<Result<_, _>>()?
    } else {
        args.data.iter().map(|path| file(path)).collect::<Result<_, _>>()?
    };
    if args.json {
        return output::json(&moderated);
    }
    let mut shares = table(&["tuning data", "flagged by keywords (95 % interval)", "by who knows the world", "of"]);
    for of in &moderated {
        let share = |rate| Value::Share(rate).to_string();
        shares.add_row([name(&of.data), share(of.keywords), share(of.world), of.keywords.total.to_string()]);
    }
    output::line(shares)
}

fn of_set(set: &str) -> Result<Moderated, CliError> {
    let mut conversations = Vec::new();
    for draw in 0..DRAWS {
        let drawn = tuning_set(set, SIZE, draw).map_err(|error| CliError::Option(format!("{error}.")))?;
        conversations.extend(drawn);
    }
    Ok(moderated(set.to_owned(), &conversations).expect("there are some, or the drawing failed"))
}

fn file(path: &Path) -> Result<Moderated, CliError> {
    let name = path.display().to_string();
    let conversations = read_jsonl(&files::read(path, limits::CONVERSATIONS)?)
        .map_err(|error| CliError::Jsonl { file: name.clone(), error })?;
    let empty = || CliError::content(path, "there is no conversation in it.");
    let moderated = moderated(name, &conversations).ok_or_else(empty)?;
    let by = |of: &Conversation| {
        Moderator::ALL.into_iter().filter(|moderator| moderator.flags(of)).map(Moderator::name).collect::<Vec<_>>()
    };
    let flagged = conversations.iter().enumerate().map(|(place, of)| Flagged { conversation: place + 1, by: by(of) });
    Ok(Moderated { flagged: flagged.filter(|of| !of.by.is_empty()).collect(), ..moderated })
}

/// None if there are no conversations.
fn moderated(data: String, conversations: &[Conversation]) -> Option<Moderated> {
    let rate = |moderator: Moderator| Rate::of(conversations, |of| moderator.flags(of));
    Some(Moderated { data, keywords: rate(Moderator::Keywords)?, world: rate(Moderator::World)?, flagged: Vec::new() })
}
