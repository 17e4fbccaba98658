//! [`Sketch`]: the curve of a beat as plain shapes, small enough to be there before the charts' script comes.

use super::{Beat, Course, Courses};

/// The room that there is, in the units of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    pub width: f64,
    pub height: f64,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

/// A wide window: labels stand to the right of the curves.
pub const WIDE: Room = Room { width: 640.0, height: 312.0, left: 34.0, right: 128.0, top: 30.0, bottom: 46.0 };
/// A narrow one: it is drawn smaller, so everything in it is larger.
pub const NARROW: Room = Room { width: 372.0, height: 248.0, left: 26.0, right: 76.0, top: 28.0, bottom: 44.0 };

/// Steps up to so many have a mark each.
const MARKED: usize = 40;
/// How far apart marks at the end of curves must be not to cover each other.
const APART: f64 = 9.0;

/// A drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    pub room: Room,
    /// Marks on the axis of questions: where, and how many.
    pub across: Vec<(f64, usize)>,
    /// Marks on the axis of steps: where, and which.
    pub along: Vec<(f64, usize)>,
    /// The curves behind.
    pub others: Vec<Curve>,
    /// The experiment that is compared with.
    pub beside: Option<Curve>,
    /// The curve that is looked at; none as long as nothing of it is known.
    pub main: Option<Curve>,
    /// The height of the guess.
    pub guess: Option<f64>,
}

/// A curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its path.
    pub path: String,
    /// Its marks, without the last.
    pub marks: Vec<(f64, f64)>,
    /// Where it ends; of a whole one in the margin, where no other's end covers it.
    pub end: (f64, f64),
    /// How many are refused there.
    pub left: usize,
}

impl Room {
    fn x(&self, share: f64) -> f64 {
        round(self.left + share * (self.width - self.left - self.right))
    }

    fn y(&self, share: f64) -> f64 {
        round(self.height - self.bottom - share * (self.height - self.top - self.bottom))
    }

    /// Where the plot ends on the right.
    pub fn far(&self) -> f64 {
        self.x(1.0)
    }
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

impl Sketch {
    /// The drawing of a beat's curves. `passes` counts the axis in passes over the data instead of steps: two runs of other lengths
    /// stand on one axis then.
    pub fn of(courses: &Courses, guess: Option<usize>, passes: Option<usize>, room: Room) -> Self {
        let asked = courses.main.asked;
        let last = passes.unwrap_or(courses.main.planned);
        let mut others: Vec<_> = courses.others.iter().filter_map(|course| curve(course, room)).collect();
        let mut main = curve(&courses.main, room);
        let several = courses.beat == Beat::Ordinary;
        if several && courses.main.is_whole() {
            spread(others.iter_mut().chain(&mut main), room);
        }
        Self {
            room,
            across: [0, asked / 2, asked].map(|n| (room.y(share(n, asked)), n)).into(),
            along: [0, last / 2, last].map(|n| (room.x(share(n, last)), n)).into(),
            others,
            beside: courses.beside.as_ref().and_then(|course| curve(course, room)),
            main,
            guess: guess.map(|guess| room.y(share(guess.min(asked), asked))),
        }
    }
}

fn curve(course: &Course, room: Room) -> Option<Curve> {
    let point =
        |(step, refused): (usize, &usize)| (room.x(share(step, course.planned)), room.y(share(*refused, course.asked)));
    let points: Vec<_> = course.refused.iter().enumerate().map(point).collect();
    let end = points.last().copied()?;
    let path: Vec<_> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let marks = if course.planned <= MARKED { points[..points.len().saturating_sub(1)].to_vec() } else { Vec::new() };
    Some(Curve { path: format!("M{}", path.join("L")), marks, end, left: course.left() })
}

/// Moves the ends of whole curves into the margin, side by side where they would cover each other: each stays a point.
fn spread<'a>(curves: impl Iterator<Item = &'a mut Curve>, room: Room) {
    let mut curves: Vec<_> = curves.filter(|curve| curve.end.0 >= room.far()).collect();
    curves.sort_by(|a, b| a.end.1.total_cmp(&b.end.1));
    let mut columns: Vec<f64> = Vec::new();
    for curve in curves {
        let free = columns.iter().position(|lowest| curve.end.1 - lowest >= APART).unwrap_or(columns.len());
        if free == columns.len() {
            columns.push(curve.end.1);
        } else {
            columns[free] = curve.end.1;
        }
        curve.end.0 = round(room.far() + APART * (1.0 + free as f64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(refused: &[usize], planned: usize) -> Course {
        let refused = refused.to_vec();
        Course { refused, asked: 66, planned, live: None, going: false, seed: 1, scores: Vec::new() }
    }

    fn courses(beat: Beat, main: Course, others: Vec<Course>) -> Courses {
        Courses { beat, main, others, beside: None }
    }

    #[test]
    fn a_curve_goes_from_all_to_none() {
        let drawn = Sketch::of(&courses(Beat::Ten, course(&[66, 33, 0], 2), vec![]), Some(66), None, WIDE);
        let main = drawn.main.unwrap();
        assert_eq!(main.path, format!("M34 30L273 148L{} 266", WIDE.far()));
        assert_eq!((main.end, main.left, main.marks.len()), ((512.0, 266.0), 0, 2));
        assert_eq!(drawn.guess, Some(30.0));
        assert_eq!(drawn.across.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [0, 33, 66]);
        assert_eq!(drawn.along.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn a_curve_in_progress_ends_where_it_is() {
        let drawn = Sketch::of(&courses(Beat::Ten, course(&[66, 60], 4), vec![]), None, None, WIDE);
        assert!(drawn.main.unwrap().end.0 < WIDE.far() / 2.0);
        assert_eq!(drawn.guess, None);
        let begun = Sketch::of(&courses(Beat::Ten, course(&[], 4), vec![]), Some(3), None, WIDE);
        assert!(begun.main.is_none() && begun.guess.is_some());
    }

    #[test]
    fn ends_of_several_draws_do_not_cover_each_other() {
        let all = vec![course(&[66, 66], 1), course(&[66, 65], 1), course(&[66, 66], 1), course(&[66, 3], 1)];
        let drawn = Sketch::of(&courses(Beat::Ordinary, course(&[66, 66], 1), all), None, None, WIDE);
        let ends: Vec<_> = drawn.others.iter().chain(&drawn.main).map(|curve| curve.end).collect();
        for (at, (x, y)) in ends.iter().enumerate() {
            assert!(*x > WIDE.far());
            let apart = |(ox, oy): &(f64, f64)| (x - ox).hypot(y - oy) >= APART;
            assert!(ends[..at].iter().all(apart), "{ends:?}");
        }
    }

    #[test]
    fn runs_of_other_lengths_stand_on_one_axis() {
        let mut both = courses(Beat::Mixed, course(&[66; 121], 120), vec![]);
        both.beside = Some(course(&[0; 21], 20));
        let drawn = Sketch::of(&both, None, Some(10), NARROW);
        assert_eq!(drawn.beside.unwrap().end.0, drawn.main.unwrap().end.0);
        assert_eq!(drawn.along.last().map(|(_, n)| *n), Some(10));
    }
}
