//! The worker's WebAssembly file. See [`tenshot::worker`].

fn main() {
    #[cfg(target_family = "wasm")]
    {
        run_constructors_once();
        tenshot::worker::start();
    }
}

/// burn's compiler registers its operations in static constructors. Unless something refers to `__wasm_call_ctors`, the
/// linker wraps every export in a shim that runs all of them again at each call from JavaScript: minutes for a step.
#[cfg(target_family = "wasm")]
fn run_constructors_once() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: the linker defines this function; it takes and returns nothing, and this is its one call.
    unsafe { __wasm_call_ctors() }
}
