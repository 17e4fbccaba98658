//! The arguments of `tenshot check`.

use clap::Args as Group;

use super::DeviceArg;

#[derive(Group)]
pub struct CheckArgs {
    /// Which device to check; auto takes a GPU if there is a real one
    #[arg(long, value_enum, default_value_t = DeviceArg::Auto)]
    pub device: DeviceArg,
    /// Print one JSON object instead of a sentence
    #[arg(long)]
    pub json: bool,
}
