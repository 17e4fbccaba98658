//! [`Recording`]: launches that are replayed together, which costs the host next to nothing.

use std::thread::{ThreadId, current};

use cubecl::client::{Client, Graph};
use cubecl::server::ServerError;

use crate::llama::LlamaError;
use crate::llama::readback::device_error;

/// Recorded launches, and the thread whose work they are in line with. What they write must outlive them.
pub struct Recording {
    graph: Graph,
    thread: ThreadId,
}

impl Recording {
    /// Records what is launched; nothing of it is computed. A refused recording leaves what it would have written unreadable.
    pub fn of(client: &Client, launch: impl FnOnce()) -> Result<Self, ServerError> {
        client.graph_prepare()?;
        if let Err(refused) = client.start_capture() {
            // What was prepared is held until it is stopped.
            let _ = client.stop_capture();
            return Err(refused);
        }
        launch();
        Ok(Self { graph: client.stop_capture()?, thread: current().id() })
    }

    /// Whether it is of this thread, on which alone it may be replayed.
    pub fn is_here(&self) -> bool {
        self.thread == current().id()
    }

    /// Launches all of it again.
    pub fn replay(&self) -> Result<(), LlamaError> {
        // SAFETY: what the graph reads and writes lives as long as this does, as `of` asks, and is used on this thread alone.
        #[allow(unsafe_code)]
        unsafe { self.graph.replay() }.map_err(device_error)
    }
}
