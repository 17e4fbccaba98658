//! Matrices as views of slices, and their product (by `gemm`, or in a browser in panels), behind a check that every index lies inside.

use std::ops::Range;

use gemm::Parallelism;

#[cfg(target_arch = "wasm32")]
use super::panels;

/// A matrix to read: `rows` times `columns` numbers of a slice, at any strides.
#[derive(Clone, Copy, Debug)]
pub struct Mat<'a> {
    pub(super) data: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: usize,
    pub(super) column_stride: usize,
}

/// A matrix to write, row by row, `stride` numbers from one row to the next.
#[derive(Debug)]
pub struct MatMut<'a> {
    pub(super) data: &'a mut [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) stride: usize,
}

impl<'a> Mat<'a> {
    /// Rows that follow one another without a gap, `[rows, columns]`.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Rows with a gap: each begins `stride` numbers after the one before it.
    pub fn strided(data: &'a [f32], rows: usize, columns: usize, stride: usize) -> Self {
        Self { data, rows, columns, row_stride: stride, column_stride: 1 }
    }

    /// The number of rows.
    pub fn rows(self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// Some of the rows.
    pub fn slice(self, rows: Range<usize>) -> Self {
        assert!(rows.start <= rows.end && rows.end <= self.rows, "rows of a matrix");
        Self { data: &self.data[rows.start * self.row_stride..], rows: rows.len(), ..self }
    }

    /// Rows and columns swapped, `[columns, rows]`.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

impl<'a> MatMut<'a> {
    /// Rows that follow one another without a gap, `[rows, columns]`.
    pub fn new(data: &'a mut [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// Rows with a gap: each begins `stride` numbers after the one before it.
    pub fn strided(data: &'a mut [f32], rows: usize, columns: usize, stride: usize) -> Self {
        Self { data, rows, columns, stride }
    }
}

/// `out = scale · lhs · rhs`.
pub fn multiply(out: MatMut<'_>, scale: f32, lhs: Mat<'_>, rhs: Mat<'_>) {
    product(out, false, scale, lhs, rhs);
}

/// `out = out + scale · lhs · rhs`.
pub fn multiply_add(out: MatMut<'_>, scale: f32, lhs: Mat<'_>, rhs: Mat<'_>) {
    product(out, true, scale, lhs, rhs);
}

/// `out = out + scale · lhs · rhs`, or without the old `out`.
fn product(out: MatMut<'_>, adds: bool, scale: f32, lhs: Mat<'_>, rhs: Mat<'_>) {
    assert_eq!((out.rows, out.columns, lhs.columns), (lhs.rows, rhs.columns, rhs.rows), "shapes of a product");
    if out.rows == 0 || out.columns == 0 {
        return;
    }
    let inside = |len: usize, rows: usize, columns: usize, row_stride: usize, column_stride: usize| {
        rows == 0 || columns == 0 || (rows - 1) * row_stride + (columns - 1) * column_stride < len
    };
    assert!(inside(out.data.len(), out.rows, out.columns, out.stride, 1) && out.stride >= out.columns);
    for m in [lhs, rhs] {
        assert!(inside(m.data.len(), m.rows, m.columns, m.row_stride, m.column_stride));
    }
    #[cfg(target_arch = "wasm32")]
    if let Some(kernel) = panels::kernel() {
        return panels::product(kernel, out, adds, scale, lhs, rhs);
    }
    // SAFETY: all that is read or written lies inside its slice, as was just checked; rows of `out` do not overlap; and
    // `out` is borrowed alone. Strides are below the lengths of slices, so that they fit an `isize`.
    #[allow(unsafe_code)]
    unsafe {
        gemm::gemm(
            out.rows,
            out.columns,
            lhs.columns,
            out.data.as_mut_ptr(),
            1,
            out.stride as isize,
            adds,
            lhs.data.as_ptr(),
            lhs.column_stride as isize,
            lhs.row_stride as isize,
            rhs.data.as_ptr(),
            rhs.column_stride as isize,
            rhs.row_stride as isize,
            if adds { 1.0 } else { 0.0 },
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
