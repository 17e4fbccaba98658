//! A static host for the built site: what `tenshot serve` is. It gives out files and takes nothing.
//!
//! | module | what it is |
//! |---|---|
//! | `request` | the head of a request, read by the crate `httparse`, and what of it matters here |
//! | `headers` | the site's `_headers` |
//! | `site` | the files: a folder's, or those that are a part of the program |
//! | `answer` | what is said to a request: pure, but for reading the file |
//! | `server` | sockets, with limits on what a visitor may cost |

mod answer;
mod headers;
mod request;
mod server;
mod site;

pub use answer::{Answer, Host};
pub use headers::{Header, headers};
pub use request::{LONGEST_HEAD, Method, Refused, Request, read};
pub use server::Server;
pub use site::{Site, SiteError};
