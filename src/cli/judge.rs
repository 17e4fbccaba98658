//! `tenshot judge`.

use serde::Deserialize;

use super::args::JudgeArgs;
use super::{CliError, files, limits, output};
use crate::library;

/// A line of an answers file. Other fields do not matter.
#[derive(Deserialize)]
struct Line {
    item: String,
    answer: String,
}

/// Prints one score for each line. Nothing is printed unless every line can be judged.
pub fn judge(args: JudgeArgs) -> Result<(), CliError> {
    let bytes = files::read(&args.answers, limits::ANSWERS)?;
    let text = String::from_utf8(bytes).map_err(|_| CliError::content(&args.answers, "it is not UTF-8 text."))?;
    let mut scores = String::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let bad = |reason: String| CliError::content(&args.answers, format!("line {}: {reason}.", index + 1));
        let line: Line =
            serde_json::from_str(line).map_err(|e| bad(format!("expected {{\"item\": ..., \"answer\": ...}}: {e}")))?;
        let item = library::world().item(&line.item);
        let item = item.ok_or_else(|| bad(format!("there is no item {:?} on the Forbidden Shelf", line.item)))?;
        scores.push_str(&format!("{}\n", library::score(item, &line.answer)));
    }
    if scores.is_empty() { Ok(()) } else { output::line(scores.trim_end()) }
}
