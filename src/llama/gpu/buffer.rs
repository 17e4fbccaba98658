//! [`Buffer`]: numbers on the device, and parts of them.

use cubecl::bytes::Bytes;
use cubecl::client::Client;
use cubecl::prelude::{BufferArg, CubeElement};
use cubecl::server::Handle;

/// Parts of a buffer begin at multiples of so many numbers: WebGPU binds at 256 bytes.
pub const ALIGNMENT: usize = 64;

/// Numbers of four bytes, in one allocation or a part of it.
#[derive(Clone, Debug)]
pub struct Buffer {
    handle: Handle,
    len: usize,
}

impl Buffer {
    /// Room for so many numbers, which are whatever was there.
    pub fn new(client: &Client, len: usize) -> Self {
        Self { handle: client.empty(len.max(1) * size_of::<u32>()), len }
    }

    /// These numbers.
    pub fn of<E: CubeElement>(client: &Client, values: &[E]) -> Self {
        Self { handle: client.create_from_slice(E::as_bytes(values)), len: values.len() }
    }

    /// Replaces its numbers, after whatever was launched before.
    pub fn write<E: CubeElement>(&self, client: &Client, values: &[E]) {
        debug_assert_eq!(values.len(), self.len);
        client.write(&self.handle, Bytes::from_bytes_vec(E::as_bytes(values).to_vec()));
    }

    /// `len` of its numbers from `first` on, a multiple of [`ALIGNMENT`].
    pub fn part(&self, first: usize, len: usize) -> Self {
        debug_assert!(first.is_multiple_of(ALIGNMENT) && first + len <= self.len, "{first} and {len} of {}", self.len);
        let bytes = |numbers: usize| (numbers * size_of::<u32>()) as u64;
        let handle = self.handle.clone().offset_start(bytes(first)).offset_end(bytes(self.len - first - len));
        Self { handle, len }
    }

    /// How many numbers they are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The same as an argument of a kernel.
    pub fn arg(&self) -> BufferArg {
        // SAFETY: the handle has as many numbers, by construction.
        #[allow(unsafe_code)]
        unsafe {
            BufferArg::from_raw_parts(self.handle.clone(), self.len)
        }
    }

    /// The same for reading and writing.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}
