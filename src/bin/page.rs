//! The page's wasm binary: draws the page and starts the engine in its worker.

fn main() {
    console_error_panic_hook::set_once();
    tenshot::page::mount();
}
