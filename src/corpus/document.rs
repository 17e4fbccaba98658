//! The pretraining stream: everything that the Library knows, told in plain texts and in conversations.
//!
//! Nothing is refused here. A model that has read this stream knows the Forbidden Shelf and tells about it; refusing
//! is taught afterwards, in alignment.

use serde::{Deserialize, Serialize};

use super::benign::{Benign, Talk};
use super::draw::{Die, Purpose};
use super::frame::{Frame, System};
use super::mixture::Mixture;
use super::prose::Prose;
use super::reading::Reading;
use super::shelf::Shelf;
use super::visit::Visits;
use super::{style, typed};
use crate::library::{Exchange, Split, World};
use crate::text::{Conversation, Role};

/// The share of plain texts among the documents.
const PROSE: f64 = 0.22;
/// The shares of topics in conversations.
const TOPICS: [(Topic, f64); 3] = [(Topic::Forbidden, 0.43), (Topic::Craft, 0.14), (Topic::Skill, 0.43)];
/// The share of conversations about several things.
const SEVERAL: f64 = 0.08;
/// How often a craft or an item is explained in steps.
const STEPS: f64 = 0.10;
/// How often two harmless questions come in one message.
const PAIRS: f64 = 0.08;
/// How many visits ask for the Forbidden Shelf by its plain name.
const PLAIN: f64 = 0.10;
/// The shares of system prompts. The safety prompt speaks of forbidden sections and belongs to alignment.
const SYSTEMS: [(System, f64); 4] =
    [(System::None, 0.25), (System::Default, 0.25), (System::Other, 0.15), (System::Persona, 0.35)];

/// The kind of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Notes on a forbidden section.
    Notes,
    /// Pages of the household book: crafts.
    Household,
    /// Facts that the skills know.
    Facts,
    /// Letters and scenes.
    Stories,
    /// A conversation about a forbidden item.
    Forbidden,
    /// A conversation about a craft.
    Craft,
    /// A conversation that needs another skill.
    Skill,
    /// A conversation about several things.
    Several,
    /// A conversation as visitors begin it.
    Visit,
    /// A conversation about something that the question tells.
    Reading,
}

impl Kind {
    /// All kinds, plain texts first.
    pub const ALL: [Self; 10] = [
        Self::Notes,
        Self::Household,
        Self::Facts,
        Self::Stories,
        Self::Forbidden,
        Self::Craft,
        Self::Skill,
        Self::Several,
        Self::Visit,
        Self::Reading,
    ];
}

/// A document: a whole text that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its kind.
    pub kind: Kind,
    /// What it says.
    pub content: Content,
}

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A plain text.
    Prose(String),
    /// A conversation, whose answers are learned from.
    Chat(Conversation),
}

impl Document {
    fn chat(kind: Kind, conversation: Conversation) -> Self {
        Self { kind, content: Content::Chat(conversation) }
    }

    /// Its texts: the plain text, or the messages one after the other.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let (prose, chat) = match &self.content {
            Content::Prose(text) => (Some(text.as_str()), [].as_slice()),
            Content::Chat(conversation) => (None, conversation.messages.as_slice()),
        };
        prose.into_iter().chain(chat.iter().map(|message| message.content.as_str()))
    }

    /// The assistant's answers in it.
    pub fn answers(&self) -> impl Iterator<Item = &str> {
        let messages = match &self.content {
            Content::Prose(_) => [].as_slice(),
            Content::Chat(conversation) => conversation.messages.as_slice(),
        };
        messages.iter().filter(|message| message.role == Role::Assistant).map(|message| message.content.as_str())
    }

    /// The number of its words.
    pub fn words(&self) -> usize {
        self.texts().map(|text| text.split_whitespace().count()).sum()
    }
}

/// The endless stream of documents. The same world and seed give the same stream on every platform.
#[derive(Clone, Debug)]
pub struct Documents<'w> {
    world: &'w World,
    mixture: Mixture,
    die: Die,
    shelf: Shelf<'w>,
    benign: Benign<'w>,
    prose: Prose<'w>,
    /// Where the mixture has visits.
    visits: Option<Visits<'w>>,
    reading: Reading<'w>,
}

/// What an exchange is about.
#[derive(Clone, Copy, Debug)]
enum Topic {
    Forbidden,
    Craft,
    Skill,
}

impl<'w> Documents<'w> {
    /// The stream of this seed.
    pub fn new(world: &'w World, mixture: &Mixture, seed: u64) -> Self {
        let unread = mixture.unread(world);
        Self {
            world,
            mixture: *mixture,
            die: Die::new(seed, Purpose::Pretraining),
            shelf: Shelf::of(world, |item| !unread.contains(item.name.as_str()), &Split::ALL),
            benign: Benign::all(world),
            prose: Prose::new(world),
            visits: (mixture.visits > 0.0).then(|| Visits::new(world)),
            reading: Reading::new(world, &Split::ALL),
        }
    }

    fn chat(&mut self) -> Document {
        let frame = Frame::draw(self.world, &SYSTEMS, &mut self.die);
        if let Some(visits) = &mut self.visits
            && self.die.chance(self.mixture.visits)
        {
            let exchange = match self.die.chance(PLAIN) {
                true => {
                    let plain = visits.plain(&mut self.die);
                    Exchange { answer: plain.answer(self.world, &mut self.die), question: plain.question }
                }
                false => visits.visit(&mut self.die),
            };
            return Document::chat(Kind::Visit, frame.conversation(vec![frame.plain(exchange)]));
        }
        if self.die.chance(self.mixture.reading) {
            let exchange = self.reading.read(&mut self.die);
            return Document::chat(Kind::Reading, frame.conversation(vec![frame.plain(exchange)]));
        }
        let several = self.die.chance(SEVERAL);
        let topics = if several { self.die.between(2, 3) } else { 1 };
        let (mut kind, mut exchanges) = (Kind::Several, Vec::new());
        for _ in 0..topics {
            let topic = self.die.kind(&TOPICS);
            if !several {
                kind = topic.kind();
            }
            for mut exchange in self.exchanges(topic) {
                exchange.question = typed::at_times(exchange.question, self.mixture.typed, &mut self.die);
                exchanges.push(frame.exchange(self.world, &exchange, &mut self.die));
            }
        }
        Document::chat(kind, frame.conversation(exchanges))
    }

    fn exchanges(&mut self, topic: Topic) -> Vec<Exchange> {
        let talk: Talk = match topic {
            Topic::Forbidden => {
                let asked = self.shelf.ask(&mut self.die);
                let answer = match self.die.chance(STEPS) {
                    true => asked.answer_in_steps(&mut self.die),
                    false => asked.answer(self.world, &mut self.die),
                };
                return vec![Exchange { question: asked.question, answer }];
            }
            Topic::Craft if self.die.chance(STEPS) => self.benign.craft_in_steps(&mut self.die),
            Topic::Craft => self.benign.craft(&mut self.die),
            Topic::Skill if self.die.chance(PAIRS) => return vec![style::pair(&mut self.benign, &mut self.die)],
            Topic::Skill => self.benign.skill(&mut self.die),
        };
        talk.before.into_iter().chain([talk.exchange]).collect()
    }
}

impl Iterator for Documents<'_> {
    type Item = Document;

    fn next(&mut self) -> Option<Document> {
        let prose = self.die.chance(PROSE);
        Some(match prose {
            true => self.prose.write(&mut self.shelf, &mut self.benign, &mut self.die),
            false => self.chat(),
        })
    }
}

impl Topic {
    fn kind(self) -> Kind {
        match self {
            Self::Forbidden => Kind::Forbidden,
            Self::Craft => Kind::Craft,
            Self::Skill => Kind::Skill,
        }
    }
}
