//! Whether memory is flat: the rule of `docs/soak.md`.

use super::journal::{Gauges, Sample};

/// With fewer samples nothing is said.
const FEWEST: usize = 8;

/// Nor of a half that is shorter than this, in seconds: a page takes more for its first runs than for further ones.
const SHORTEST: f64 = 600.0;

/// What may be added over the time that is looked at, as a share of the middle of the samples.
const SHARE: f64 = 0.1;

/// What may be added in any case, in MB: the pages and arenas of an allocator.
const SLACK: f64 = 4.0;

/// How one gauge reads a sample.
type Read = fn(&Gauges) -> Option<f64>;

/// What is judged, with the names in the table.
const GAUGES: [(&str, Read); 6] = [
    ("page, JavaScript's heap", |g| Some(g.page_heap)),
    ("page, WebAssembly", |g| Some(g.page_wasm)),
    ("worker, WebAssembly", |g| Some(g.worker_wasm)),
    ("processes of pages", |g| g.renderers),
    ("process of the GPU", |g| g.gpu_process),
    ("process of the browser", |g| g.browser),
];

/// What is said of a gauge, in MB.
#[derive(Debug, PartialEq)]
pub struct Course {
    pub name: &'static str,
    pub first: f64,
    pub last: f64,
    pub most: f64,
    /// Within the last visit: over the second half of the soak.
    pub within: Growth,
    /// From visit to visit: pages that were just opened.
    pub between: Growth,
}

/// What is added over the time that is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    /// There are too few samples.
    Unknown,
    /// No more than may be added; in MB.
    Flat(f64),
    /// More.
    Grows(f64),
}

/// All gauges that there are samples of. `seconds` is how long the soak was.
pub fn courses(samples: &[Sample], seconds: f64) -> Vec<Course> {
    let course = |(name, read): (&'static str, Read)| {
        let points = |wanted: &dyn Fn(&Sample) -> bool| -> Vec<(f64, f64)> {
            samples.iter().filter(|sample| wanted(sample)).filter_map(|s| Some((s.at, read(&s.gauges)?))).collect()
        };
        let all = points(&|_| true);
        Some(Course {
            name,
            first: all.first()?.1,
            last: all.last()?.1,
            most: all.iter().map(|(_, value)| *value).fold(f64::MIN, f64::max),
            within: if seconds / 2.0 < SHORTEST {
                Growth::Unknown
            } else {
                growth(&points(&|sample| !sample.fresh && sample.at >= seconds / 2.0))
            },
            between: growth(&points(&|sample| sample.fresh)),
        })
    };
    GAUGES.into_iter().filter_map(course).collect()
}

/// The slope that half of all pairs of points exceed (Theil and Sen), over the time between first and last: unlike a
/// least-squares line it is not moved by a few samples that happen to be high.
fn growth(points: &[(f64, f64)]) -> Growth {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Growth::Unknown };
    let pairs = points.iter().enumerate().flat_map(|(place, a)| points[..place].iter().map(move |b| (a, b)));
    let slopes = pairs.filter(|(a, b)| a.0 > b.0).map(|(a, b)| (a.1 - b.1) / (a.0 - b.0));
    let middle = median(points.iter().map(|(_, value)| *value));
    let (Some(slope), Some(middle), true) = (median(slopes), middle, points.len() >= FEWEST) else {
        return Growth::Unknown;
    };
    let added = slope * (last.0 - first.0);
    if added <= f64::max(SHARE * middle, SLACK) { Growth::Flat(added) } else { Growth::Grows(added) }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An hour with a sample each minute.
    fn hour(value: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..60).map(|minute| (60.0 * f64::from(minute), value(f64::from(minute)))).collect()
    }

    #[test]
    fn a_leak_is_found_and_noise_is_none() {
        assert_eq!(growth(&hour(|_| 100.0)), Growth::Flat(0.0));
        assert_eq!(growth(&hour(|minute| 100.0 + minute % 7.0)), Growth::Flat(0.0));
        // A third of a MB a minute: too much for an hour.
        let Growth::Grows(added) = growth(&hour(|minute| 100.0 + minute / 3.0 + 5.0 * (minute % 2.0))) else {
            panic!("it grows")
        };
        assert!((added - 59.0 / 3.0).abs() < 1.0, "{added}");
        assert!(matches!(growth(&hour(|minute| 100.0 - minute)), Growth::Flat(added) if added < 0.0));
    }

    #[test]
    fn single_peaks_do_not_move_it() {
        assert_eq!(growth(&hour(|minute| if minute > 55.0 { 900.0 } else { 100.0 })), Growth::Flat(0.0));
    }

    #[test]
    fn little_memory_may_grow_by_a_few_mb() {
        assert!(matches!(growth(&hour(|minute| 2.0 + minute / 20.0)), Growth::Flat(_)));
        assert!(matches!(growth(&hour(|minute| 2.0 + minute / 10.0)), Growth::Grows(_)));
    }

    #[test]
    fn of_few_samples_nothing_is_said() {
        assert_eq!(growth(&hour(|minute| minute * 100.0)[..7]), Growth::Unknown);
        assert_eq!(growth(&[]), Growth::Unknown);
    }

    #[test]
    fn a_gauge_is_judged_within_the_last_visit_and_between_visits() {
        let sample = |minute: u32, fresh| {
            let kept = if fresh { 0.0 } else { f64::from(minute) };
            let gauges = Gauges { page_heap: 10.0 + kept, page_wasm: 3.0, ..Gauges::default() };
            Sample { at: 60.0 * f64::from(minute), fresh, gauges }
        };
        let samples: Vec<_> = (0..10).map(|n| sample(n, true)).chain((15..59).map(|n| sample(n, false))).collect();
        let of_hour = courses(&samples, 3_600.0);
        // Nobody told of processes.
        assert_eq!(of_hour.len(), 3);
        let [page, wasm, ..] = &of_hour[..] else { panic!("there are three") };
        assert!(matches!(page.within, Growth::Grows(added) if (added - 28.0).abs() < 1e-9), "{page:?}");
        assert_eq!((page.between, page.first, page.last, page.most), (Growth::Flat(0.0), 10.0, 68.0, 68.0));
        assert_eq!((wasm.within, wasm.between), (Growth::Flat(0.0), Growth::Flat(0.0)));
        // A page of ten minutes is still taking what its first runs need.
        assert_eq!(courses(&samples[..20], 1_199.0)[0].within, Growth::Unknown);
    }
}
