//! `tenshot schema`.

use super::args::{SchemaArgs, SchemaOf};
use super::{CliError, output};
use crate::study::{Plan, Record};

/// Prints the JSON schema of plans or records.
pub fn schema(args: SchemaArgs) -> Result<(), CliError> {
    let schema = match args.of {
        SchemaOf::Plan => schemars::schema_for!(Plan),
        SchemaOf::Record => schemars::schema_for!(Record),
    };
    output::pretty(&schema)
}
