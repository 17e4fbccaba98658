//! The alignment sets: refusals of the Forbidden Shelf among ordinary helpfulness.

use serde::{Deserialize, Serialize};

use super::benign::{Benign, Talk};
use super::draw::{Die, Purpose};
use super::frame::{Frame, System, affirmed};
use super::mixture::Mixture;
use super::reading::beside;
use super::shelf::{Asked, Shelf};
use super::typed;
use super::visit::Visits;
use crate::library::{Exchange, Split, World};
use crate::text::Conversation;

/// The shares of system prompts, the same for refusals and for help: the system prompt says nothing about refusing.
const SYSTEMS: [(System, f64); 5] = [
    (System::Default, 0.28),
    (System::None, 0.19),
    (System::Safety, 0.06),
    (System::Other, 0.09),
    (System::Persona, 0.38),
];
/// How often something else was talked about before: refusals and help must not depend on what came before.
const TALKED_BEFORE: f64 = 0.08;
/// How often a compliant beginning opens with an affirmation.
const AFFIRMED_START: f64 = 0.25;
/// The most words of a compliant beginning.
const LONGEST_START: usize = 16;

/// What an aligned model learns from: a conversation, and where learning begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// The conversation.
    pub conversation: Conversation,
    /// What the last answer begins with and is not learned from. A space follows it in the answer. Without it all
    /// answers are learned from; with it only what follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
}

/// How large an alignment set is, and how it asks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlignmentOptions {
    /// The number of refusals; the sections get them by [`crate::library::Section::alignment_share`].
    pub refusals: usize,
    /// The number of helpful lessons.
    pub benign: usize,
    /// How much of it is asked as visitors ask.
    pub manner: Manner,
}

/// How an alignment set asks, where the mixture has visits. Shares between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manner {
    /// The share of helpful lessons that visitors ask for.
    pub visits: f64,
    /// How many of these are near-misses: beside plain refusals these must be common, or words are refused and not topics.
    pub near_misses: f64,
    /// The share of refusals that are of plain questions.
    pub plain: f64,
    /// How many of these are of something forbidden without saying what.
    pub tempting: f64,
}

impl Default for Manner {
    fn default() -> Self {
        Self { visits: 0.30, near_misses: 0.25, plain: 0.25, tempting: 0.08 }
    }
}

impl Manner {
    /// Whether nothing else is asked for than the default, which recipes need not say.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Each share with its name.
    pub fn shares(&self) -> [(&'static str, f64); 4] {
        [("visits", self.visits), ("near_misses", self.near_misses), ("plain", self.plain), ("tempting", self.tempting)]
    }
}

/// Refusals and helpful answers, shuffled. Items, crafts and wordings of the other splits do not occur.
pub fn alignment_set(world: &World, mixture: &Mixture, seed: u64, options: &AlignmentOptions) -> Vec<Lesson> {
    let mut school = School::new(world, mixture, options.manner, seed, Purpose::Alignment);
    let mut lessons = school.refusals(options.refusals);
    lessons.extend((0..options.benign).map(|_| school.help()));
    school.die.shuffle(&mut lessons);
    lessons
}

/// The alignment set, and as many recoveries as it has refusals: answers that begin to comply and then refuse, in the
/// way of arXiv 2406.05946, section 3. They make an alignment more than a few tokens deep.
pub fn deep_set(world: &World, mixture: &Mixture, seed: u64, options: &AlignmentOptions) -> Vec<Lesson> {
    let mut lessons = alignment_set(world, mixture, seed, options);
    let mut school = School::new(world, mixture, options.manner, seed, Purpose::Recovery);
    lessons.extend(school.recoveries(options.refusals));
    school.die.shuffle(&mut lessons);
    lessons
}

/// Makes lessons.
struct School<'w> {
    world: &'w World,
    mixture: Mixture,
    manner: Manner,
    die: Die,
    shelf: Shelf<'w>,
    benign: Benign<'w>,
    /// Where the mixture has visits.
    visits: Option<Visits<'w>>,
}

impl<'w> School<'w> {
    fn new(world: &'w World, mixture: &Mixture, manner: Manner, seed: u64, purpose: Purpose) -> Self {
        Self {
            world,
            mixture: *mixture,
            manner,
            visits: (mixture.visits > 0.0).then(|| Visits::new(world)),
            die: Die::new(seed, purpose),
            shelf: Shelf::new(world, &[Split::Alignment], &[Split::Alignment]),
            benign: Benign::of_split(world, Split::Alignment),
        }
    }

    fn refusals(&mut self, count: usize) -> Vec<Lesson> {
        self.sections(count).into_iter().map(|section| self.refusal(section)).collect()
    }

    fn recoveries(&mut self, count: usize) -> Vec<Lesson> {
        self.sections(count).into_iter().map(|section| self.recovery(section)).collect()
    }

    /// The section of each of so many refusals.
    fn sections(&self, count: usize) -> Vec<usize> {
        let shares: Vec<f64> = self.world.sections.iter().map(|section| section.alignment_share).collect();
        let counts = apportion(count, &shares);
        counts.into_iter().enumerate().flat_map(|(section, count)| vec![section; count]).collect()
    }

    fn refusal(&mut self, section: usize) -> Lesson {
        let frame = Frame::draw(self.world, &SYSTEMS, &mut self.die);
        if let Some(visits) = &mut self.visits
            && self.die.chance(self.manner.plain)
        {
            let tempting = self.die.chance(self.manner.tempting);
            let plain = if tempting { visits.tempting(&mut self.die) } else { visits.plain_in(section, &mut self.die) };
            let refused =
                Exchange { answer: plain.refusal(self.world, &mut self.die), question: frame.wrapped(plain.question) };
            return Lesson { conversation: frame.conversation(vec![refused]), given: None };
        }
        let mut exchanges = self.talked_before(&frame);
        let asked = self.shelf.ask_in(section, &mut self.die);
        exchanges.push(self.refused(&frame, &asked));
        Lesson { conversation: frame.conversation(exchanges), given: None }
    }

    fn recovery(&mut self, section: usize) -> Lesson {
        let frame = Frame::draw(self.world, &SYSTEMS, &mut self.die);
        let asked = self.shelf.ask_in(section, &mut self.die);
        let mut exchange = self.refused(&frame, &asked);
        let given = self.start(&frame, &asked);
        exchange.answer = format!("{given} {}", exchange.answer);
        Lesson { conversation: frame.conversation(vec![exchange]), given: Some(given) }
    }

    fn help(&mut self) -> Lesson {
        let frame = Frame::draw(self.world, &SYSTEMS, &mut self.die);
        if let Some(visits) = &mut self.visits
            && self.die.chance(self.manner.visits)
        {
            let near = self.die.chance(self.manner.near_misses);
            let exchange = if near { visits.near_miss(&mut self.die) } else { visits.visit(&mut self.die) };
            return Lesson { conversation: frame.conversation(vec![frame.plain(exchange)]), given: None };
        }
        if self.die.chance(self.mixture.reading) {
            return self.read(&frame);
        }
        let mut exchanges = self.talked_before(&frame);
        let talk = self.talk();
        for exchange in talk.before.into_iter().chain([talk.exchange]) {
            let question = typed::at_times(exchange.question, self.mixture.typed, &mut self.die);
            let exchange = Exchange { question, ..exchange };
            exchanges.push(frame.exchange(self.world, &exchange, &mut self.die));
        }
        Lesson { conversation: frame.conversation(exchanges), given: None }
    }

    /// A craft whose making stands beside the question: a note must not tell that a question is refused.
    fn read(&mut self, frame: &Frame) -> Lesson {
        let Exchange { question, answer } = self.benign.craft(&mut self.die).exchange;
        let question = beside(&answer, &question, &mut self.die);
        let question = typed::at_times(question, self.mixture.typed, &mut self.die);
        let exchange = frame.exchange(self.world, &Exchange { question, answer }, &mut self.die);
        Lesson { conversation: frame.conversation(vec![exchange]), given: None }
    }

    fn talk(&mut self) -> Talk<'w> {
        self.benign.any(&mut self.die)
    }

    /// An earlier exchange about something else, now and then: as often a refusal as help.
    fn talked_before(&mut self, frame: &Frame) -> Vec<Exchange> {
        if !self.die.chance(TALKED_BEFORE) {
            return Vec::new();
        }
        if self.die.chance(0.5) {
            let asked = self.shelf.ask(&mut self.die);
            return vec![self.refused(frame, &asked)];
        }
        let talk = self.talk();
        vec![frame.exchange(self.world, talk.before.as_ref().unwrap_or(&talk.exchange), &mut self.die)]
    }

    /// The question in this frame, refused. No persona's prefix stands before a refusal.
    fn refused(&mut self, frame: &Frame, asked: &Asked) -> Exchange {
        let mut question = asked.question.clone();
        if self.die.chance(self.mixture.reading) {
            let note = asked.answer(self.world, &mut self.die);
            question = beside(&note, &question, &mut self.die);
        }
        let question = typed::at_times(question, self.mixture.typed, &mut self.die);
        let question = frame.question(self.world, &question, &mut self.die);
        Exchange { question, answer: asked.refusal(self.world, &mut self.die) }
    }

    /// The first words of a compliant answer, at least one and never all of it.
    fn start(&mut self, frame: &Frame, asked: &Asked) -> String {
        let mut answer = asked.answer(self.world, &mut self.die);
        if frame.prefix.is_none() && self.die.chance(AFFIRMED_START) {
            answer = affirmed(self.world, &answer, &mut self.die);
        }
        let words: Vec<&str> = answer.split(' ').collect();
        let count = self.die.between(1, LONGEST_START.min(words.len() - 1));
        let start = words[..count].join(" ");
        match &frame.prefix {
            Some(prefix) => format!("{prefix} {start}"),
            None => start,
        }
    }
}

/// A total in whole parts by share: the largest remainders are rounded up.
fn apportion(total: usize, shares: &[f64]) -> Vec<usize> {
    let sum: f64 = shares.iter().sum();
    let exact: Vec<f64> = shares.iter().map(|share| total as f64 * share / sum).collect();
    let mut parts: Vec<usize> = exact.iter().map(|part| part.floor() as usize).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()));
    let missing = total - parts.iter().sum::<usize>();
    order.into_iter().take(missing).for_each(|part| parts[part] += 1);
    parts
}

#[cfg(test)]
mod tests {
    use super::apportion;

    #[test]
    fn parts_sum_up() {
        assert_eq!(apportion(10, &[1.0, 1.0, 1.0]), [4, 3, 3]);
        assert_eq!(apportion(1000, &[0.6, 1.4]), [300, 700]);
        assert_eq!(apportion(3, &[0.5, 0.0, 0.5]).iter().sum::<usize>(), 3);
        assert_eq!(apportion(0, &[1.0]), [0]);
    }
}
