//! Stage mode: the story before an audience, a key for everything; and a booth, where nobody presents. Where it stands, as data.

use super::settings::{Settings, Stage};
use super::tour::told;

/// How long a booth shows each state of the story by itself, in milliseconds: its words can be read.
pub const READING: f64 = 14_000.0;
/// After how long without a touch a booth asks whether somebody is still there, in milliseconds.
pub const ASKS_AFTER: f64 = 120_000.0;
/// How long it waits for an answer, in milliseconds.
pub const WAITS: f64 = 20_000.0;

/// What happens to a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// The story goes on the stage.
    Enter,
    /// The page is as always again.
    Leave,
    /// What comes next: a curve is drawn, all of it at once, the next beat.
    Onward {
        /// Without a drawing that takes time: motion is unwelcome.
        still: bool,
    },
    /// The beat before.
    Back,
    /// The beat of this number.
    Go(usize),
    /// The run of the beat is made here.
    Run,
    /// What is in progress halts, or goes on.
    Pause,
    /// All is as at the beginning.
    Reset,
    /// Somebody is there.
    Touch,
}

/// What a key or a button of a gamepad does on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// It happens to the talk.
    Cue(Cue),
    /// The whole screen, or not.
    FullScreen,
    /// The presenter's window.
    Notes,
}

const ONWARD: Hand = Hand::Cue(Cue::Onward { still: false });
const BACK: Hand = Hand::Cue(Cue::Back);
const RESET: Hand = Hand::Cue(Cue::Reset);

/// What a key does, by the name that browsers give it. Clickers send the keys that turn pages.
pub fn of_key(name: &str) -> Option<Hand> {
    Some(match name {
        "ArrowRight" | "ArrowDown" | "PageDown" | " " | "Enter" => ONWARD,
        "ArrowLeft" | "ArrowUp" | "PageUp" | "Backspace" => BACK,
        "r" | "R" | "Home" => RESET,
        "l" | "L" => Hand::Cue(Cue::Run),
        "p" | "P" => Hand::Cue(Cue::Pause),
        "f" | "F" => Hand::FullScreen,
        "n" | "N" => Hand::Notes,
        "Escape" => Hand::Cue(Cue::Leave),
        digit => Hand::Cue(Cue::Go(digit.parse().ok().filter(|number| (1..10).contains(number))?)),
    })
}

/// What a button of a gamepad does, by its number in the standard layout of browsers: A, the right shoulder and the pad's right go
/// on; B, the left shoulder and the pad's left go back; Y runs it here; the small button on the left resets.
pub fn of_button(number: usize) -> Option<Hand> {
    match number {
        0 | 5 | 15 => Some(ONWARD),
        1 | 4 | 14 => Some(BACK),
        3 => Some(Hand::Cue(Cue::Run)),
        8 => Some(RESET),
        _ => None,
    }
}

/// Who is in front of a booth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nobody yet: the story tells itself.
    Alone,
    /// Somebody, as far as is known.
    Here,
    /// They are asked, and have so many seconds left.
    Asked(u32),
    /// They have gone and left something behind.
    Gone,
}

/// Where a talk stands. What is told and shown is the story's.
#[derive(Clone, Debug, PartialEq)]
pub struct Talk {
    /// The settings that a reset comes back to.
    pub first: Settings,
    /// When somebody was last there, in milliseconds; none: nobody has been there since the beginning.
    pub touched: Option<f64>,
    /// When a booth's story last went on by itself, in milliseconds.
    pub moved: f64,
}

impl Talk {
    /// A talk with these settings, at its beginning.
    pub fn new(settings: &Settings, now: f64) -> Self {
        let first = Settings { beat: told().first().copied(), ..settings.clone() };
        Self { first, touched: None, moved: now }
    }

    /// Whether nobody presents.
    pub fn is_booth(&self) -> bool {
        self.first.stage == Stage::Booth
    }

    /// Somebody is there. Returns whether nobody was.
    pub fn touch(&mut self, now: f64) -> bool {
        self.touched.replace(now).is_none()
    }

    /// Who is there; at a talk, somebody always is.
    pub fn presence(&self, now: f64) -> Presence {
        if !self.is_booth() {
            return Presence::Here;
        }
        let Some(touched) = self.touched else { return Presence::Alone };
        let left = ASKS_AFTER + WAITS - (now - touched);
        if left > WAITS {
            Presence::Here
        } else if left > 0.0 {
            Presence::Asked((left / 1e3).ceil() as u32)
        } else {
            Presence::Gone
        }
    }
}

/// What the stage and the presenter's window say to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// The presenter's window is there and wants to know.
    Hello,
    /// The stage tells the beat of this number, and what comes of the next key.
    At(usize, Next),
    /// A key was pressed in the presenter's window.
    Pressed(String),
    /// There is no stage any more.
    Over,
}

/// What the next key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The curve is drawn.
    Curve,
    /// It is there at once.
    Whole,
    /// The beat of this number.
    Beat(usize),
    /// Nothing: it was the last.
    Nothing,
}

impl Word {
    /// As a text.
    pub fn text(&self) -> String {
        match self {
            Self::Hello => "hello".to_owned(),
            Self::Over => "over".to_owned(),
            Self::Pressed(key) => format!("pressed {key}"),
            Self::At(beat, next) => {
                let next = match next {
                    Next::Curve => "curve".to_owned(),
                    Next::Whole => "whole".to_owned(),
                    Next::Nothing => "nothing".to_owned(),
                    Next::Beat(number) => number.to_string(),
                };
                format!("at {beat} {next}")
            }
        }
    }

    /// From a text; none if it is none of these.
    pub fn read(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "hello" if rest.is_empty() => Some(Self::Hello),
            "over" if rest.is_empty() => Some(Self::Over),
            "pressed" if !rest.is_empty() => Some(Self::Pressed(rest.to_owned())),
            "at" => {
                let (beat, next) = rest.split_once(' ')?;
                let next = match next {
                    "curve" => Next::Curve,
                    "whole" => Next::Whole,
                    "nothing" => Next::Nothing,
                    number => Next::Beat(number.parse().ok()?),
                };
                Some(Self::At(beat.parse().ok()?, next))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(stage: Stage) -> Talk {
        Talk::new(&Settings { stage, ..Settings::default() }, 0.0)
    }

    #[test]
    fn a_clicker_a_keyboard_and_a_gamepad_do_the_same() {
        let onward = ["PageDown", "ArrowRight", "ArrowDown", " ", "Enter"];
        assert!(onward.iter().all(|name| of_key(name) == Some(ONWARD)));
        assert!(["PageUp", "ArrowLeft", "ArrowUp"].iter().all(|name| of_key(name) == Some(BACK)));
        assert_eq!(
            [of_button(0), of_button(1), of_button(8), of_button(2)],
            [Some(ONWARD), Some(BACK), Some(RESET), None]
        );
        assert_eq!(of_key("3"), Some(Hand::Cue(Cue::Go(3))));
        assert_eq!(["0", "12", "-1", "x", "Tab", "F5", ""].map(of_key), [None; 7]);
    }

    #[test]
    fn whoever_is_silent_at_a_booth_is_asked_and_then_gone() {
        let mut booth = talk(Stage::Booth);
        assert_eq!(booth.presence(1e9), Presence::Alone);
        assert!(booth.touch(1_000.0) && !booth.touch(1_000.0));
        let at = |seconds: f64| booth.presence(1_000.0 + 1e3 * seconds);
        let expected = [Presence::Here, Presence::Asked(20), Presence::Asked(1), Presence::Gone];
        assert_eq!([119.0, 120.0, 139.5, 140.0].map(at), expected);
        booth.touch(136_000.0);
        assert_eq!(booth.presence(141_000.0), Presence::Here, "an answer in time is enough");
    }

    #[test]
    fn a_presenter_who_says_nothing_for_long_is_still_there() {
        let mut talk = talk(Stage::Talk);
        assert_eq!(talk.presence(1e9), Presence::Here);
        talk.touch(0.0);
        assert_eq!(talk.presence(1e9), Presence::Here);
    }

    #[test]
    fn both_windows_understand_each_other() {
        let nexts = [Next::Curve, Next::Whole, Next::Nothing, Next::Beat(7)];
        let said = nexts.map(|next| Word::At(3, next)).into_iter();
        let said =
            said.chain([Word::Hello, Word::Over]).chain([" ", "PageDown"].map(|key| Word::Pressed(key.to_owned())));
        for word in said {
            assert_eq!(Word::read(&word.text()), Some(word));
        }
        let nonsense = ["", "hell", "hello there", "at", "at x 1", "at 1", "at 1 -1", "pressed", "over 2"];
        assert_eq!(nonsense.map(Word::read), [const { None }; 9]);
    }
}
