//! Products of activations with a matrix, and what follows at once. A unit computes four rows by four columns, or four pairs of columns, in
//! registers; what many of them read comes from the caches, so that no unit waits for another.
//!
//! Numbers are read and written in vectors of `N`, four where every width is a multiple of four, else one: what a load costs on the
//! way (its address, and the browser's check of it) is then paid once for four numbers. Activations have rows in multiples
//! of [`TILE_ROWS`]; a unit without a column of its own does nothing.

use cubecl::prelude::*;

use super::norm::{add_product_of_norm, write_normed};

/// Rows of a unit, and its columns or pairs of columns.
pub const SIDE: usize = 4;
/// Units side by side, and one above the other.
pub const ACROSS: usize = 16;
const DOWN: usize = 4;
/// Rows of a workgroup.
pub const TILE_ROWS: usize = SIDE * DOWN;
/// Columns of a workgroup, or pairs of columns.
pub const TILE_COLUMNS: usize = SIDE * ACROSS;
/// The shape of a workgroup.
pub const CUBE: (u32, u32) = (ACROSS as u32, DOWN as u32);

/// How many numbers a vector has where widths are these.
pub fn vector_size(widths: &[usize]) -> usize {
    if widths.iter().all(|width| width.is_multiple_of(SIDE)) { SIDE } else { 1 }
}

/// The first of a unit's rows.
#[cube]
pub fn first_row() -> usize {
    (CUBE_POS_Y as usize * DOWN + UNIT_POS_Y as usize) * SIDE
}

/// Where each of a unit's vectors of columns begins, `[4 / N]`; neighbours read neighbouring numbers.
#[cube]
pub fn plain_columns<N: Size>() -> Array<usize> {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let mut columns = Array::<usize>::new(vectors);
    #[unroll]
    for v in 0..vectors {
        columns[v] = CUBE_POS_X as usize * TILE_COLUMNS + (v * ACROSS + UNIT_POS_X as usize) * size;
    }
    columns
}

/// The same where two columns belong together, `half` apart in each `2 · half`: the first of all pairs, then the second of all,
/// `[2 · 4 / N]`.
#[cube]
pub fn paired_columns<N: Size>(half: usize) -> Array<usize> {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let pairs = plain_columns::<N>();
    let mut columns = Array::<usize>::new(comptime!(2 * vectors));
    #[unroll]
    for v in 0..vectors {
        let first = pairs[v] / half * (2 * half) + pairs[v] % half;
        columns[v] = first;
        columns[v + vectors] = first + half;
    }
    columns
}

/// Rows from this one on, `[4]`.
#[cube]
pub fn following(row: usize) -> Array<usize> {
    let mut rows = Array::<usize>::new(SIDE);
    #[unroll]
    for r in 0..SIDE {
        rows[r] = row + r;
    }
    rows
}

/// So many vectors of zeros.
#[cube]
pub fn zeros<N: Size>(#[comptime] count: usize) -> Array<Vector<f32, N>> {
    let mut vectors = Array::<Vector<f32, N>>::new(count);
    #[unroll]
    for i in 0..count {
        vectors[i] = Vector::new(0.0f32);
    }
    vectors
}

/// Which vectors of a row of `width` numbers a unit reads, `[vectors]`: in place of those beyond its end the last one.
#[cube]
pub fn within<N: Size>(columns: &Array<usize>, width: usize, #[comptime] vectors: usize) -> Array<usize> {
    let size = N::value();
    let mut from = Array::<usize>::new(vectors);
    #[unroll]
    for v in 0..vectors {
        from[v] = min(columns[v], width - size) / size;
    }
    from
}

/// Adds to sums, `[4, vectors]`, what `N` numbers of each of four rows, `own`, come to with the rows of `m`, `[_, width]`, from
/// `k · N` on.
#[cube]
pub fn add_product<N: Size>(
    sums: &mut Array<Vector<f32, N>>,
    own: &Array<Vector<f32, N>>,
    m: &[Vector<f32, N>],
    k: usize,
    from: &Array<usize>,
    width: usize,
    #[comptime] vectors: usize,
) {
    let size = N::value();
    #[unroll]
    for j in 0..size {
        #[unroll]
        for v in 0..vectors {
            let other = m[(k * size + j) * (width / size) + from[v]];
            #[unroll]
            for r in 0..SIDE {
                sums[r * vectors + v] += other * Vector::new(own[r].extract(j));
            }
        }
    }
}

/// `x · m` at four rows and the columns of `vectors` vectors, `[4, vectors]`; `x` is `[_, d_in]`, `m` `[d_in, width]`.
#[cube]
fn product<N: Size>(
    x: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    rows: &Array<usize>,
    columns: &Array<usize>,
    d_in: usize,
    width: usize,
    #[comptime] vectors: usize,
) -> Array<Vector<f32, N>> {
    let size = N::value();
    let from = within::<N>(columns, width, vectors);
    let mut sums = zeros::<N>(comptime!(SIDE * vectors));
    if columns[0] < width {
        for k in 0..d_in / size {
            let mut own = Array::<Vector<f32, N>>::new(SIDE);
            #[unroll]
            for r in 0..SIDE {
                own[r] = x[rows[r] * (d_in / size) + k];
            }
            add_product::<N>(&mut sums, &own, m, k, &from, width, vectors);
        }
    }
    sums
}

/// `y = x · m`, `[rows, width]`.
#[cube(launch_unchecked)]
pub fn multiply<N: Size>(x: &[Vector<f32, N>], m: &[Vector<f32, N>], y: &mut [Vector<f32, N>], d_in: u32, width: u32) {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let (row, columns, width) = (first_row(), plain_columns::<N>(), width as usize);
    let sums = product::<N>(x, m, &following(row), &columns, d_in as usize, width, vectors);
    #[unroll]
    for v in 0..vectors {
        if columns[v] < width {
            #[unroll]
            for r in 0..SIDE {
                y[((row + r) * width + columns[v]) / size] = sums[r * vectors + v];
            }
        }
    }
}

/// `y = residual + x · m`, `[rows, width]`.
#[cube(launch_unchecked)]
pub fn multiply_add<N: Size>(
    x: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    residual: &[Vector<f32, N>],
    y: &mut [Vector<f32, N>],
    d_in: u32,
    width: u32,
) {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let (row, columns, width) = (first_row(), plain_columns::<N>(), width as usize);
    let sums = product::<N>(x, m, &following(row), &columns, d_in as usize, width, vectors);
    #[unroll]
    for v in 0..vectors {
        if columns[v] < width {
            #[unroll]
            for r in 0..SIDE {
                let at = ((row + r) * width + columns[v]) / size;
                y[at] = residual[at] + sums[r * vectors + v];
            }
        }
    }
}

/// Queries, keys and values of the stream `x`, `[rows, d_in]`: `y = norm(x) · m`, `[rows, width]`, with the first `rotated` columns rotated by
/// their place: `rope` is `[positions, 2, half]`, cosines first, and a row's place is what it stands after `batch[starts + row]`. The norm
/// itself goes to `normed`, `[rows, d_in]`.
#[cube(launch_unchecked)]
pub fn norm_multiply_rotate<N: Size>(
    x: &[Vector<f32, N>],
    weight: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    rope: &[Vector<f32, N>],
    batch: &[u32],
    normed: &mut [Vector<f32, N>],
    y: &mut [Vector<f32, N>],
    d_in: u32,
    width: u32,
    starts: u32,
    rotated: u32,
    half: u32,
    eps: f32,
) {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let (d_in, width, half) = (d_in as usize, width as usize, half as usize);
    let (row, columns) = (first_row(), paired_columns::<N>(half));
    let both = comptime!(2 * vectors);
    let mut sums = zeros::<N>(comptime!(SIDE * both));
    let scales = add_product_of_norm::<N>(&mut sums, x, m, &following(row), &columns, d_in, width, eps, both);
    write_normed::<N>(x, weight, &scales, normed, row, d_in);
    #[unroll]
    for v in 0..vectors {
        if columns[v + vectors] < width {
            #[unroll]
            for r in 0..SIDE {
                let row = row + r;
                let place = row - batch[starts as usize + row] as usize;
                let (a, b) = (sums[r * 2 * vectors + v], sums[r * 2 * vectors + vectors + v]);
                let low = columns[v];
                write_rotated::<N>(a, b, rope, place, half, low, low < rotated as usize, y, row * width);
            }
        }
    }
}

/// Writes pairs to the row of `y` that begins at `row`, from its columns `low` on and `half` after these; rotated by their place if that is
/// to be.
#[cube]
pub fn write_rotated<N: Size>(
    a: Vector<f32, N>,
    b: Vector<f32, N>,
    rope: &[Vector<f32, N>],
    place: usize,
    half: usize,
    low: usize,
    rotated: bool,
    y: &mut [Vector<f32, N>],
    row: usize,
) {
    let size = N::value();
    let to = (row + low) / size;
    if rotated {
        let angle = (place * 2 * half + low % half) / size;
        let (cos, sin) = (rope[angle], rope[angle + half / size]);
        y[to] = a * cos - b * sin;
        y[to + half / size] = b * cos + a * sin;
    } else {
        y[to] = a;
        y[to + half / size] = b;
    }
}

/// `silu(gate) · up`.
#[cube]
pub fn gated<N: Size>(gate: Vector<f32, N>, up: Vector<f32, N>) -> Vector<f32, N> {
    gate * up / (Vector::new(1.0f32) + Vector::exp(-gate))
}

/// Gate and up of the stream `x`, `[rows, d_in]`: `gate_up = norm(x) · m`, `[rows, 2 · inner]`, and `act = silu(gate) · up`, `[rows, inner]`.
/// The norm itself goes to `normed`, `[rows, d_in]`.
#[cube(launch_unchecked)]
pub fn norm_multiply_swiglu<N: Size>(
    x: &[Vector<f32, N>],
    weight: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    normed: &mut [Vector<f32, N>],
    gate_up: &mut [Vector<f32, N>],
    act: &mut [Vector<f32, N>],
    d_in: u32,
    inner: u32,
    eps: f32,
) {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let (d_in, inner) = (d_in as usize, inner as usize);
    let (row, columns) = (first_row(), paired_columns::<N>(inner));
    let both = comptime!(2 * vectors);
    let mut sums = zeros::<N>(comptime!(SIDE * both));
    let scales = add_product_of_norm::<N>(&mut sums, x, m, &following(row), &columns, d_in, 2 * inner, eps, both);
    write_normed::<N>(x, weight, &scales, normed, row, d_in);
    #[unroll]
    for v in 0..vectors {
        if columns[v] < inner {
            #[unroll]
            for r in 0..SIDE {
                let row = row + r;
                let (gate, up) = (sums[r * 2 * vectors + v], sums[r * 2 * vectors + vectors + v]);
                gate_up[(row * 2 * inner + columns[v]) / size] = gate;
                gate_up[(row * 2 * inner + inner + columns[v]) / size] = up;
                act[(row * inner + columns[v]) / size] = gated::<N>(gate, up);
            }
        }
    }
}

/// The gradient of gate and up, `[rows, 2 · inner]`, from that of the stream, `dy`, `[rows, d]`, through the transposed
/// matrix `m`, `[d, inner]`.
#[cube(launch_unchecked)]
pub fn multiply_swiglu_back<N: Size>(
    dy: &[Vector<f32, N>],
    m: &[Vector<f32, N>],
    gate_up: &[Vector<f32, N>],
    out: &mut [Vector<f32, N>],
    d: u32,
    inner: u32,
) {
    let size = N::value();
    let vectors = comptime!(SIDE / size);
    let (row, columns, inner) = (first_row(), plain_columns::<N>(), inner as usize);
    let sums = product::<N>(dy, m, &following(row), &columns, d as usize, inner, vectors);
    #[unroll]
    for v in 0..vectors {
        if columns[v] < inner {
            #[unroll]
            for r in 0..SIDE {
                let at = ((row + r) * 2 * inner + columns[v]) / size;
                let (gate, up, dact) = (gate_up[at], gate_up[at + inner / size], sums[r * vectors + v]);
                let one = Vector::new(1.0f32);
                let sigmoid = one / (one + Vector::exp(-gate));
                let silu = gate * sigmoid;
                out[at] = dact * up * (sigmoid + silu * (one - sigmoid));
                out[at + inner / size] = dact * silu;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::vector_size;

    #[test]
    fn vectors_are_of_one_number_where_a_width_is_no_multiple_of_four() {
        assert_eq!([vector_size(&[160, 16]), vector_size(&[160, 41]), vector_size(&[])], [4, 1, 4]);
    }
}
