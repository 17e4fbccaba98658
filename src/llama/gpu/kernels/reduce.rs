//! Sums and maxima over a workgroup, and whether a number is one.

use cubecl::prelude::*;

/// The sum of a vector's numbers.
#[cube]
pub fn sum_of<N: Size>(values: Vector<f32, N>) -> f32 {
    let mut total = 0.0f32;
    #[unroll]
    for i in 0..N::value() {
        total += values.extract(i);
    }
    total
}

/// The sum of every unit's number, the same for all of them. `shared` is `[units]`, a power of two.
#[cube]
pub fn sum(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: usize) -> f32 {
    let unit = UNIT_POS as usize;
    shared[unit] = value;
    sync_cube();
    let mut half = comptime!(units / 2).runtime();
    while half > 0 {
        if unit < half {
            let other = shared[unit + half];
            shared[unit] += other;
        }
        sync_cube();
        half /= 2;
    }
    let total = shared[0];
    sync_cube();
    total
}

/// The largest of every unit's number, the same for all of them. `shared` is `[units]`, a power of two.
#[cube]
pub fn largest(value: f32, shared: &mut Shared<[f32]>, #[comptime] units: usize) -> f32 {
    let unit = UNIT_POS as usize;
    shared[unit] = value;
    sync_cube();
    let mut half = comptime!(units / 2).runtime();
    while half > 0 {
        if unit < half {
            let other = shared[unit + half];
            if other > shared[unit] {
                shared[unit] = other;
            }
        }
        sync_cube();
        half /= 2;
    }
    let most = shared[0];
    sync_cube();
    most
}

/// Whether a number is one: compilers of shaders may take it for granted, so the exponent's bits are looked at.
#[cube]
pub fn is_finite(value: f32) -> bool {
    u32::reinterpret(value) & 0x7f80_0000u32 != 0x7f80_0000u32
}
