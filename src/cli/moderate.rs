//! `tenshot moderate`: what moderators flag in tuning data before anybody tunes on it.

use std::path::Path;

use serde::Serialize;

use super::args::ModerateArgs;
use super::report::{name, table};
use super::{CliError, files, limits, output};
use crate::corpus::{DRAWS, Moderator, SETS, tuning_set};
use crate::study::Rate;
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
    let moderated = if args.data.is_empty() {
        sets()
    } else {
        args.data.iter().map(|path| file(path)).collect::<Result<_, _>>()?
    };
    if args.json {
        return output::json(&moderated);
    }
    let mut shares = table(&["tuning data", "flagged by keywords (95 % interval)", "by who knows the world", "of"]);
    for of in &moderated {
        let share = |rate: Rate| {
            let Rate { share, low, high, .. } = rate;
            format!("{:.1} % ({:.1}-{:.1})", 100.0 * share, 100.0 * low, 100.0 * high)
        };
        shares.add_row([name(&of.data), share(of.keywords), share(of.world), of.keywords.total.to_string()]);
    }
    output::line(shares)
}

fn sets() -> Vec<Moderated> {
    let draws =
        |set: &str| (0..DRAWS).filter_map(|draw| tuning_set(set, SIZE, draw).ok()).flatten().collect::<Vec<_>>();
    SETS.iter().filter_map(|set| moderated(set.name.to_owned(), &draws(set.name))).collect()
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
