//! `tenshot logits`.

use super::args::LogitsArgs;
use super::{CliError, files, output};
use crate::llama::read_floats;

/// Prints the logits after the last of the ids, in the order of the vocabulary.
pub fn logits(args: LogitsArgs) -> Result<(), CliError> {
    let model = files::model(&args.model)?;
    let hidden = model.hidden(model.tokens(&args.ids, 1)?, &model.causal(args.ids.len()), None, None);
    let last = hidden.narrow(0, args.ids.len() - 1, 1);
    output::json(&pollster::block_on(read_floats(model.logits(last)))?)
}
