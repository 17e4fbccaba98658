//! The innermost part of a product in a browser: any rows times eight columns.
//!
//! The engine has the names alone. `build.rs` compiles what computes as programs of their own (`--cfg kernel`), 2 kB each: one with
//! WebAssembly's plain SIMD, and one with relaxed SIMD, in which a multiplication and an addition are one. A browser that does not know
//! relaxed SIMD refuses a program for a single instruction of it, so the engine itself must have none (`worker::kernel`).

#![cfg_attr(kernel, no_std)]

/// Columns of a panel: two vectors.
pub const COLUMNS: usize = 8;
/// Rows that are computed together: four times two sums, and what they are made of, are what a compiler for 16 registers keeps in them:
/// one row more, and the product takes twice as long.
#[cfg(kernel)]
const ROWS: usize = 4;

/// `out = out + scale · lhs · rhs`, or without the old `out`; strides are in numbers.
#[repr(C)]
#[derive(Debug)]
pub struct Panel {
    /// Rows of `lhs` and `out`.
    pub rows: usize,
    /// Columns of `lhs`, rows of `rhs`.
    pub depth: usize,
    /// `[rows, depth]`.
    pub lhs: *const f32,
    /// From one row to the next.
    pub lhs_row: usize,
    /// From one column to the next.
    pub lhs_column: usize,
    /// `[depth, 8]`, columns side by side.
    pub rhs: *const f32,
    /// From one row to the next.
    pub rhs_row: usize,
    /// `[rows, 8]`, columns side by side; nothing else refers to it.
    pub out: *mut f32,
    /// From one row to the next.
    pub out_row: usize,
    /// 1 if `out` is added to, otherwise 0.
    pub adds: usize,
    /// What the product counts.
    pub scale: f32,
}

#[cfg(kernel)]
mod kernel {
    // SAFETY of all below: whoever calls `panel` promises that what a `Panel` names is there.
    use core::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_splat, v128, v128_load, v128_load32_splat, v128_store};

    use super::{Panel, ROWS};

    /// Computes it.
    ///
    /// # Safety
    ///
    /// All numbers that it names can be read, and those of `out` written.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn panel(panel: &Panel) {
        unsafe {
            let mut row = 0;
            while row + ROWS <= panel.rows {
                tile::<ROWS>(panel, row);
                row += ROWS;
            }
            match panel.rows - row {
                1 => tile::<1>(panel, row),
                2 => tile::<2>(panel, row),
                3 => tile::<3>(panel, row),
                _ => {}
            }
        }
    }

    /// `COUNT` rows from `row` on.
    #[inline(always)]
    unsafe fn tile<const COUNT: usize>(panel: &Panel, row: usize) {
        unsafe {
            let mut sums = [[f32x4_splat(0.0); 2]; COUNT];
            let (mut lhs, mut rhs) = (panel.lhs.add(row * panel.lhs_row), panel.rhs);
            for _ in 0..panel.depth {
                let (left, right) = (v128_load(rhs.cast()), v128_load(rhs.add(4).cast()));
                let mut own = lhs;
                for sum in &mut sums {
                    let value = v128_load32_splat(own.cast());
                    sum[0] = multiply_add(value, left, sum[0]);
                    sum[1] = multiply_add(value, right, sum[1]);
                    own = own.add(panel.lhs_row);
                }
                lhs = lhs.add(panel.lhs_column);
                rhs = rhs.add(panel.rhs_row);
            }
            let scale = f32x4_splat(panel.scale);
            let mut out = panel.out.add(row * panel.out_row);
            for sum in sums {
                for (half, sum) in sum.into_iter().enumerate() {
                    let to: *mut v128 = out.add(4 * half).cast();
                    let value = f32x4_mul(sum, scale);
                    v128_store(to, if panel.adds == 0 { value } else { f32x4_add(v128_load(to), value) });
                }
                out = out.add(panel.out_row);
            }
        }
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    fn multiply_add(a: v128, b: v128, c: v128) -> v128 {
        f32x4_add(f32x4_mul(a, b), c)
    }

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn multiply_add(a: v128, b: v128, c: v128) -> v128 {
        core::arch::wasm32::f32x4_relaxed_madd(a, b, c)
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}
