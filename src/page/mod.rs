//! The page: it draws what the worker says, and never touches the model itself.
//!
//! | module | what it is |
//! |---|---|
//! | `model` | the page's state, and how it changes with what visitor and worker do |
//! | `runs`, `run_view`, `race`, `outline`, `cursor`, `questions`, `answers`, `dial`, `further`, `kept`, `supervisor`, `watchdog`, `settings`, `overrides`, `offline`, `shared` | the parts of that state |
//! | `door`, `harness`, `strings`, `fuzz` | what programs ask of the page: `window.tenshot`, and the address of a test |
//! | `tour` | the story: its beats, what the visitor guesses and runs in them, recorded runs |
//! | `audit` | a game: is there a backdoor? |
//! | `own` | the examples that a visitor writes or brings along |
//! | `lora` | how large models and adapters are, for the article's pictures |
//! | `talk` | the story before an audience or at a booth: keys, who is there, what the presenter's window hears |
//! | `charts`, `palette` | the charts' contents as plain data |
//! | `embed` | the page within another one |
//! | `sheet`, `card` | a run as one HTML file and as one picture, to be taken along |
//! | `texts`, `rich`, `format` | what the page says, in two languages |
//! | `app`, `worker_link`, `offline_link`, `screen`, `archive`, `kept_link`, `card_link`, `browser` | the state in the browser: signals, the worker, the service worker, the whole screen and a second window, records set aside and kept, the address |
//! | `views` | what of the state is drawn where |
//!
//! All above `app` is plain data without a DOM, tested natively. Texts of models and visitors reach the page as text nodes
//! only.

mod answers;
mod app;
mod archive;
mod audit;
mod browser;
mod card;
mod card_link;
mod charts;
mod cursor;
mod dial;
mod door;
mod embed;
mod format;
mod further;
mod fuzz;
mod harness;
mod kept;
mod kept_link;
mod lora;
mod model;
mod offline;
mod offline_link;
mod outline;
mod overrides;
mod own;
mod palette;
mod questions;
mod race;
mod rich;
mod run_view;
mod runs;
mod screen;
mod settings;
mod shared;
mod sheet;
mod strings;
mod supervisor;
mod talk;
mod texts;
mod tour;
mod views;
mod watchdog;
mod worker_link;

pub use app::mount;
