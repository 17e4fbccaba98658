//! The kernel of products ([`crate::llama::Kernel`]): with relaxed SIMD where the browser has it, otherwise with plain SIMD.
//!
//! It is a program of its own, which `build.rs` compiles in both ways: it works on the engine's memory, and the engine calls it through its own
//! table of functions, without a detour through JavaScript.

use std::cell::OnceCell;

use js_sys::WebAssembly::{Instance, Module, Table};
use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::llama::{Kernel, set_kernel};

/// A kernel's SIMD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simd {
    /// In which a multiplication and an addition are one.
    Relaxed,
    /// What every browser has that the engine runs in.
    Plain,
}

impl Simd {
    /// Both, the quicker one first.
    pub const ALL: [Self; 2] = [Self::Relaxed, Self::Plain];

    /// What the device is called that computes with it.
    pub fn device(self) -> &'static str {
        match self {
            Self::Relaxed => "WebAssembly relaxed SIMD",
            Self::Plain => "WebAssembly SIMD",
        }
    }

    /// The program. Its source is `src/llama/cpu/panel.rs`.
    fn program(self) -> &'static [u8] {
        match self {
            Self::Relaxed => include_bytes!(concat!(env!("OUT_DIR"), "/relaxed.wasm")),
            Self::Plain => include_bytes!(concat!(env!("OUT_DIR"), "/plain.wasm")),
        }
    }
}

/// The SIMD that products are computed with: the quickest that the browser has, from the first call on.
pub fn in_use() -> Simd {
    thread_local! {
        static FOUND: OnceCell<Simd> = const { OnceCell::new() };
    }
    // Without a kernel `gemm` computes them, with plain SIMD as well.
    FOUND.with(|found| *found.get_or_init(|| Simd::ALL.into_iter().find(|&simd| take(simd)).unwrap_or(Simd::Plain)))
}

/// Has products computed with this SIMD from now on. Returns false, and changes nothing, if the browser does not have it.
pub fn take(simd: Simd) -> bool {
    let Ok(kernel) = load(simd.program()) else { return false };
    // SAFETY: it is compiled from `panel.rs`, whose `panel` computes a `Panel` and has neither data nor a stack.
    #[allow(unsafe_code)]
    unsafe {
        set_kernel(Some(kernel))
    };
    true
}

/// A program's one function.
fn load(program: &[u8]) -> Result<Kernel, JsValue> {
    let (imports, env) = (Object::new(), Object::new());
    Reflect::set(&env, &"memory".into(), &wasm_bindgen::memory())?;
    Reflect::set(&imports, &"env".into(), &env)?;
    let instance = Instance::new(&Module::new(&Uint8Array::from(program))?, &imports)?;
    let panel: Function = Reflect::get(&instance.exports(), &"panel".into())?.dyn_into()?;
    let table: Table = wasm_bindgen::function_table().dyn_into()?;
    let place = table.grow(1)?;
    table.set(place, &panel)?;
    // SAFETY: in WebAssembly a function's address is its place in the table, where a function of this type has just been put. A call of
    // another type would trap.
    #[allow(unsafe_code)]
    let kernel = unsafe { std::mem::transmute::<usize, Kernel>(place as usize) };
    Ok(kernel)
}
