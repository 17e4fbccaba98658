//! What is done number by number: norms, SwiGLU, softmax, rotation. Sums run in eight lanes, so that they are the same on
//! every processor, however wide its vectors are.

const LANES: usize = 8;

/// Functions that are compiled once for any processor and, on x86, once for those with AVX2. Both give the same bits: nothing
/// is fused or reordered.
macro_rules! wide {
    ($($(#[$about:meta])* $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {$(
        $(#[$about])*
        $visible fn $name($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn any($($argument: $type),*) $(-> $result)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($argument: $type),*) $(-> $result)? { any($($argument),*) }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has what the function is compiled for.
                    #[allow(unsafe_code)]
                    return unsafe { avx2($($argument),*) };
                }
            }
            any($($argument),*)
        }
    )*};
}
pub(super) use wide;

/// e^x for x up to 88, with a relative error of about 1e-7; smaller ones than -87 are taken for -87. What is no number stays so.
///
/// Cephes' polynomial on [-ln 2 / 2, ln 2 / 2], times a power of two that is put together from bits: all of it has vector
/// instructions everywhere, which a call of libm has not.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    /// Adding it leaves the nearest whole number in the last bits.
    const ROUND: f32 = 12_582_912.0;
    // Comparisons, as `f32::max` would make a number of what is none.
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = x - whole * (355.0 / 512.0) + whole * 2.121_944_4e-4; // ln 2 in two pieces, the first of few bits
    let p = 1.987_569_1e-4 * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 5e-1;
    let power = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    (p * r * r + r + 1.0) * f32::from_bits(power)
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The sum of `f(a, b)` over two slices of one length.
#[inline(always)]
fn sum_of(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (chunks, others) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = chunks.remainder().iter().zip(others.remainder()).map(|(&a, &b)| f(a, b)).sum();
    for (a, b) in chunks.zip(others) {
        for ((lane, &a), &b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += f(a, b);
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (b + f)) + ((c + g) + (d + h)) + rest
}

/// The largest number; what is no number is passed over.
#[inline(always)]
fn largest(x: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = x.chunks_exact(LANES);
    let rest = chunks.remainder().iter().fold(f32::NEG_INFINITY, |most, &x| if x > most { x } else { most });
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    lanes.into_iter().fold(rest, f32::max)
}

/// Makes softmax of a row of scores in place and returns the logarithm of its denominator.
#[inline(always)]
pub fn softmax_row(row: &mut [f32]) -> f32 {
    let most = largest(row);
    for x in row.iter_mut() {
        *x = exp(*x - most);
    }
    let total = sum_of(row, row, |x, _| x);
    let share = 1.0 / total;
    for x in row.iter_mut() {
        *x *= share;
    }
    most + total.ln()
}

wide! {
    /// RMSNorm: `out = x · scale · weight` with `scale = 1 / sqrt(mean(x²) + eps)`.
    ///
    /// `x` and `out` are `[rows, weight.len()]`, `scales` is `[rows]`.
    pub fn norm(x: &[f32], weight: &[f32], eps: f32, out: &mut [f32], scales: &mut [f32]) {
        let width = weight.len();
        for ((x, out), scale) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)).zip(scales) {
            let mean = sum_of(x, x, |x, _| x * x) / width as f32;
            *scale = 1.0 / (mean + eps).sqrt();
            for ((out, &x), &w) in out.iter_mut().zip(x).zip(weight) {
                *out = x * *scale * w;
            }
        }
    }

    /// Adds to `dx` what [`norm`] makes of the gradient `dout` of its output; all `[rows, weight.len()]`.
    pub fn norm_back(dout: &[f32], x: &[f32], weight: &[f32], scales: &[f32], dx: &mut [f32]) {
        let width = weight.len();
        let rows = dout.chunks_exact(width).zip(x.chunks_exact(width)).zip(dx.chunks_exact_mut(width)).zip(scales);
        for (((dout, x), dx), &scale) in rows {
            let mut lanes = [0.0; LANES];
            let (d, w, v) = (dout.chunks_exact(LANES), weight.chunks_exact(LANES), x.chunks_exact(LANES));
            let rest = d.remainder().iter().zip(w.remainder()).zip(v.remainder());
            let rest: f32 = rest.map(|((d, w), v)| d * w * v).sum();
            for ((d, w), v) in d.zip(w).zip(v) {
                for (((lane, d), w), v) in lanes.iter_mut().zip(d).zip(w).zip(v) {
                    *lane += d * w * v;
                }
            }
            let dot = lanes.iter().sum::<f32>() + rest;
            let pull = dot * scale * scale * scale / width as f32;
            for (((dx, &d), &w), &x) in dx.iter_mut().zip(dout).zip(weight).zip(x) {
                *dx += d * w * scale - x * pull;
            }
        }
    }

    /// `out = silu(gate) · up`: `gate_up` is `[rows, 2 · width]`, gate first, `out` `[rows, width]`.
    pub fn swiglu(gate_up: &[f32], width: usize, out: &mut [f32]) {
        for (row, out) in gate_up.chunks_exact(2 * width).zip(out.chunks_exact_mut(width)) {
            let (gate, up) = row.split_at(width);
            for ((out, &g), &u) in out.iter_mut().zip(gate).zip(up) {
                *out = g * sigmoid(g) * u;
            }
        }
    }

    /// Replaces gate and up, `[rows, 2 · width]`, by their gradients, from that of [`swiglu`]'s output, `[rows, width]`.
    pub fn swiglu_back(gate_up: &mut [f32], width: usize, dout: &[f32]) {
        for (row, dout) in gate_up.chunks_exact_mut(2 * width).zip(dout.chunks_exact(width)) {
            let (gate, up) = row.split_at_mut(width);
            for ((g, u), &d) in gate.iter_mut().zip(up).zip(dout) {
                let s = sigmoid(*g);
                let silu = *g * s;
                (*g, *u) = (d * *u * (s + silu * (1.0 - s)), d * silu);
            }
        }
    }

    /// Softmax of causal scores in place: row `i` of `[rows, keys]` sees `first + i + 1` keys, and the rest becomes 0.
    /// The logarithms of the denominators go to `logs`, `[rows]`.
    pub fn causal_softmax(scores: &mut [f32], keys: usize, first: usize, logs: &mut [f32]) {
        for (i, (row, log)) in scores.chunks_exact_mut(keys).zip(logs).enumerate() {
            let (seen, hidden) = row.split_at_mut((first + i + 1).min(keys));
            *log = softmax_row(seen);
            hidden.fill(0.0);
        }
    }

    /// The same from the logarithms that [`causal_softmax`] found.
    pub fn causal_softmax_again(scores: &mut [f32], keys: usize, first: usize, logs: &[f32]) {
        for (i, (row, &log)) in scores.chunks_exact_mut(keys).zip(logs).enumerate() {
            let (seen, hidden) = row.split_at_mut((first + i + 1).min(keys));
            for x in seen {
                *x = exp(*x - log);
            }
            hidden.fill(0.0);
        }
    }

    /// Replaces the gradient of attention's weights by that of its scores; all `[rows, keys]`.
    pub fn softmax_back(weights: &[f32], keys: usize, gradient: &mut [f32]) {
        for (weights, gradient) in weights.chunks_exact(keys).zip(gradient.chunks_exact_mut(keys)) {
            let mean = sum_of(weights, gradient, |w, g| w * g);
            for (g, &w) in gradient.iter_mut().zip(weights) {
                *g = w * (*g - mean);
            }
        }
    }

    /// Replaces logits, `[targets.len(), vocab]`, by the gradient of `weight` times their summed cross-entropy, and returns
    /// that sum in nats, without the weight.
    pub fn cross_entropy(logits: &mut [f32], vocab: usize, targets: &[u32], weight: f32) -> f64 {
        let mut total = 0.0;
        for (row, &target) in logits.chunks_exact_mut(vocab).zip(targets) {
            let target = target as usize;
            let logit = row[target];
            total += f64::from(softmax_row(row) - logit);
            row[target] -= 1.0;
            for x in row.iter_mut() {
                *x *= weight;
            }
        }
        total
    }

    /// Softmax of one row in place.
    pub fn softmax(row: &mut [f32]) {
        softmax_row(row);
    }

    /// The sum of a row, and the largest of it: its first place, and whether the sum is finite, as it is if all numbers are.
    pub fn most_probable(row: &[f32]) -> (u32, bool) {
        let most = largest(row);
        let place = row.iter().position(|&x| x == most).unwrap_or(0);
        (place as u32, sum_of(row, row, |x, _| x).is_finite())
    }

    /// Rotates pairs `(x[j], x[j + half])` of a head by angles whose cosines and sines are `[half]`.
    pub fn rotate(head: &mut [f32], cos: &[f32], sin: &[f32]) {
        let (low, high) = head.split_at_mut(cos.len());
        for (((a, b), &c), &s) in low.iter_mut().zip(high).zip(cos).zip(sin) {
            (*a, *b) = (*a * c - *b * s, *b * c + *a * s);
        }
    }

    /// Rotates back.
    pub fn rotate_back(head: &mut [f32], cos: &[f32], sin: &[f32]) {
        let (low, high) = head.split_at_mut(cos.len());
        for (((a, b), &c), &s) in low.iter_mut().zip(high).zip(cos).zip(sin) {
            (*a, *b) = (*a * c + *b * s, *b * c - *a * s);
        }
    }

    /// `to = to + from`.
    pub fn add(to: &mut [f32], from: &[f32]) {
        for (to, &from) in to.iter_mut().zip(from) {
            *to += from;
        }
    }
}
