//! The arguments of `tenshot serve`.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args as Group;

#[derive(Group)]
pub struct ServeArgs {
    /// The folder of the built site, instead of the one in this program
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// The port to listen on; 0 is any that is free
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// The address to listen at: 127.0.0.1 is reached by this machine alone, 0.0.0.0 by the whole network
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::from([127, 0, 0, 1]))]
    pub host: IpAddr,
    /// Open the page in a browser
    #[arg(long)]
    pub open: bool,
}
