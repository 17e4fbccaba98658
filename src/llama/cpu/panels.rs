//! Products in a browser, eight columns after eight ([`Panel`]), by a kernel that the host brings ([`set_kernel`]).
//!
//! `gemm`'s own kernels for WebAssembly keep more sums than a browser's compiler has registers for (docs/speed.md has the figures).

use std::cell::{Cell, RefCell};

use super::matrix::{Mat, MatMut};
use super::panel::{COLUMNS, Panel};

/// Computes a [`Panel`].
pub type Kernel = unsafe extern "C" fn(&Panel);

/// Rows of `rhs` that are so many numbers apart, or more, come to lie in few places of a cache: they are copied together where
/// enough rows of `lhs` read them.
const FAR: usize = 512;
/// So many rows are enough.
const MANY: usize = 32;

thread_local! {
    static KERNEL: Cell<Option<Kernel>> = const { Cell::new(None) };
    /// Columns copied together, `[depth, 8]`, and a panel of which not all is wanted, `[rows, 8]`.
    static ROOM: RefCell<(Vec<f32>, Vec<f32>)> = const { RefCell::new((Vec::new(), Vec::new())) };
}

/// Has every further product of this thread computed by this kernel, or by `gemm`.
///
/// # Safety
///
/// A kernel computes a [`Panel`] from any numbers that can be read and written, and touches nothing else.
#[allow(unsafe_code)]
pub unsafe fn set_kernel(kernel: Option<Kernel>) {
    KERNEL.set(kernel);
}

/// What was set last.
pub fn kernel() -> Option<Kernel> {
    KERNEL.get()
}

/// `out = out + scale · lhs · rhs`, or without the old `out`.
pub fn product(kernel: Kernel, out: MatMut<'_>, adds: bool, scale: f32, lhs: Mat<'_>, rhs: Mat<'_>) {
    let (rows, depth, width) = (out.rows, lhs.columns, out.columns);
    let copies = rhs.column_stride != 1 || rhs.row_stride >= FAR && rows >= MANY;
    ROOM.with_borrow_mut(|(copied, partly)| {
        copied.resize(depth * COLUMNS, 0.0);
        for column in (0..width).step_by(COLUMNS) {
            let count = COLUMNS.min(width - column);
            let whole = count == COLUMNS;
            let (from, rhs_row) = if whole && !copies {
                (rhs.data[column.min(rhs.data.len())..].as_ptr(), rhs.row_stride)
            } else {
                copy(rhs, column, count, copied);
                (copied.as_ptr(), COLUMNS)
            };
            let (to, out_row) = if whole {
                (out.data[column..].as_mut_ptr(), out.stride)
            } else {
                partly.resize(rows * COLUMNS, 0.0);
                (partly.as_mut_ptr(), COLUMNS)
            };
            let panel = Panel {
                rows,
                depth,
                lhs: lhs.data.as_ptr(),
                lhs_row: lhs.row_stride,
                lhs_column: lhs.column_stride,
                rhs: from,
                rhs_row,
                out: to,
                out_row,
                adds: usize::from(adds && whole),
                scale,
            };
            // SAFETY: `matrix::product` has checked that all of `lhs`, `rhs` and `out` lies in its slice; what is copied has room for eight
            // columns of each row; and `out` and the room are borrowed alone.
            #[allow(unsafe_code)]
            unsafe {
                kernel(&panel)
            };
            if !whole {
                for (row, from) in partly.chunks_exact(COLUMNS).enumerate() {
                    let to = &mut out.data[row * out.stride + column..][..count];
                    for (to, &from) in to.iter_mut().zip(from) {
                        *to = if adds { *to + from } else { from };
                    }
                }
            }
        }
    });
}

/// `count` columns of a matrix, to `[depth, 8]`, with zeros beyond them.
fn copy(m: Mat<'_>, column: usize, count: usize, to: &mut [f32]) {
    for (row, to) in to.chunks_exact_mut(COLUMNS).enumerate() {
        let from = &m.data[row * m.row_stride + column * m.column_stride..];
        if m.column_stride == 1 && count == COLUMNS {
            to.copy_from_slice(&from[..COLUMNS]);
            continue;
        }
        to[count..].fill(0.0);
        for (to, &from) in to.iter_mut().zip(from.iter().step_by(m.column_stride)).take(count) {
            *to = from;
        }
    }
}
