//! `tenshot serve`: the page, its engine and its models from this machine, without a network.

use std::net::{IpAddr, SocketAddr};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::args::ServeArgs;
use super::interrupt::Interrupt;
use super::{CliError, output};
use crate::host::{Host, Server, Site};
use crate::terminal;

/// How often it is looked whether the user wants to end.
const LOOK: Duration = Duration::from_millis(50);

/// Serves the site until the process is asked to end, which is how serving ends and no failure.
pub fn serve(args: &ServeArgs) -> Result<(), CliError> {
    let site = match &args.folder {
        Some(folder) => Site::folder(folder)?,
        None => Site::packed()?,
    };
    let wanted = SocketAddr::new(args.host, args.port);
    let server = Server::open(Host::new(site, args.host), wanted).map_err(|error| cannot_listen(wanted, &error))?;
    let address = server.address().map_err(|error| cannot_listen(wanted, &error))?;
    let interrupt = Interrupt::install();
    server.start().map_err(|error| cannot_listen(wanted, &error))?;

    let page = format!("http://{}/", reached(address));
    output::line(format!("Tenshot is at {page} (Ctrl-C ends it)"))?;
    if !args.host.is_loopback() {
        terminal::say(
            "note: Whoever is in the same network can open this page, too, over a connection that is not encrypted. Nothing but the \
             site's files is given out. On other machines browsers offer neither WebGPU nor a page without a network at such an \
             address: Folio computes on their CPU.",
        );
    }
    if args.open && !opened(&page) {
        terminal::say(format!("note: No browser could be started. Open {page} in one."));
    }
    while !interrupt.asked() {
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Where a browser on this machine finds a server that listens there.
fn reached(address: SocketAddr) -> SocketAddr {
    let here = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        ip => ip,
    };
    SocketAddr::new(here, address.port())
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> CliError {
    let reason = crate::disk::reason(error);
    CliError::Option(format!(
        "Cannot listen at {address}: {reason}. --port takes another port, and 0 any that is free."
    ))
}

/// Starts the user's browser; returns whether there was a program to do it.
fn opened(page: &str) -> bool {
    let (program, before): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        // An empty title: `start` takes the first argument in quotes for one.
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(before).arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_for_everybody_is_found_on_this_machine() {
        let reached = |address: &str| reached(address.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(reached("[::]:80"), "[::1]:80");
        assert_eq!(reached("192.168.0.7:80"), "192.168.0.7:80");
    }
}
