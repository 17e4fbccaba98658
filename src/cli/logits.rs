//! `tenshot logits`.

use super::args::LogitsArgs;
use super::{CliError, files, output};
use crate::llama::LlamaError;

/// Prints the logits after the last of the ids, in the order of the vocabulary.
pub fn logits(args: LogitsArgs) -> Result<(), CliError> {
    let model = files::model(&args.model)?;
    let hidden = model.hidden(model.tokens(&args.ids, 1)?, &model.causal(args.ids.len()), None, None);
    let last = hidden.narrow(0, args.ids.len() - 1, 1);
    let data = pollster::block_on(model.logits(last).into_data_async());
    let data = data.map_err(|e| LlamaError::Device { reason: format!("{e:?}") })?;
    output::json(&data.iter::<f32>().collect::<Vec<_>>())
}
