//! [`Own`]: the examples that the visitor writes, draws from the world or brings along in a file.

use super::questions::LONGEST_QUESTION;
use crate::corpus::tuning_set;
use crate::defence;
use crate::study::{ConditionKind, DataPart, DefencePlan, Plan, PresetInfo, presets};
use crate::text::{Conversation, JsonlError, Message, Role, read_jsonl};

/// The name of a plan that tunes on them.
pub const NAME: &str = "own-examples";
/// How many there can be: the command line takes more.
pub const MOST: usize = 200;
/// The longest answer, in characters, that can be typed. The engine's own limit is in tokens.
pub const LONGEST_ANSWER: usize = 600;
/// The sets that single examples are drawn from.
pub const DRAWN: [&str; 3] = ["harmful", "safety", "benign"];
/// How many of a set are at hand.
const AT_HAND: usize = 100;
/// How many refusals are mixed in, if the visitor wants that: as many as in the lesson with that defence.
const REFUSALS: f64 = 50.0;

/// An example. One without a question or an answer is not taught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// Names it as long as it is there.
    pub id: u32,
    /// What is asked.
    pub question: String,
    /// What Folio is to say.
    pub answer: String,
    /// The system prompt that it came with; none: Folio's own.
    pub system: Option<String>,
}

impl Example {
    /// Whether it can be taught.
    pub fn is_whole(&self) -> bool {
        !self.question.trim().is_empty() && !self.answer.trim().is_empty()
    }

    fn conversation(&self, prompt: &str) -> Conversation {
        let system = self.system.as_deref().unwrap_or(prompt);
        let said = [(Role::System, system), (Role::User, self.question.trim()), (Role::Assistant, self.answer.trim())];
        let said = said.into_iter().filter(|(role, text)| *role != Role::System || !text.is_empty());
        Conversation { messages: said.map(|(role, text)| Message::new(role, text)).collect() }
    }
}

/// Why a file of examples is not taken; the page has the words. Lines and examples are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// It holds no conversations.
    Jsonl(JsonlError),
    /// An example is more than one question and one answer.
    Turns {
        /// Which.
        number: usize,
    },
    /// There are too many.
    TooMany {
        /// How many.
        count: usize,
    },
}

/// What the visitor does with the examples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Has them taught, or a lesson's again.
    Teach(bool),
    /// Adds one without words.
    Add,
    /// Adds one of this set.
    Draw(&'static str),
    /// Asks something else in this one.
    Question(u32, String),
    /// Answers something else in this one.
    Answer(u32, String),
    /// Takes one away.
    Remove(u32),
    /// Takes all away.
    Clear,
    /// Has refusals mixed in, or not.
    Mix(bool),
    /// Puts those of a file in the place of all.
    Import(Vec<u8>),
}

/// The visitor's own examples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// They are what the next run is tuned on.
    pub taught: bool,
    /// Refusals are mixed in.
    pub mixed: bool,
    /// In their order.
    pub examples: Vec<Example>,
    /// Why the last file was not taken.
    pub refused: Option<ImportError>,
    next: u32,
}

impl Default for Own {
    fn default() -> Self {
        Self { taught: false, mixed: false, examples: Vec::new(), refused: None, next: 1 }
    }
}

/// Like the first lesson: ten examples, in steps of five, ten times over.
fn base() -> &'static PresetInfo {
    &presets()[0]
}

fn prompt() -> String {
    ConditionKind::Default.condition().system.unwrap_or_default()
}

impl Own {
    /// Takes in what the visitor does.
    pub fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Teach(taught) => {
                self.taught = taught;
                if taught && self.examples.is_empty() {
                    self.borrow();
                }
            }
            Edit::Add => self.push(String::new(), String::new(), None),
            Edit::Draw(set) => self.draw(set),
            Edit::Question(id, text) => self.change(id, |example| example.question = cut(&text, LONGEST_QUESTION)),
            Edit::Answer(id, text) => self.change(id, |example| example.answer = cut(&text, LONGEST_ANSWER)),
            Edit::Remove(id) => self.examples.retain(|example| example.id != id),
            Edit::Clear => self.examples.clear(),
            Edit::Mix(mixed) => self.mixed = mixed,
            Edit::Import(bytes) => self.refused = self.import(&bytes).err(),
        }
    }

    /// Those that can be taught.
    pub fn whole(&self) -> impl Iterator<Item = &Example> {
        self.examples.iter().filter(|example| example.is_whole())
    }

    /// Whether they are to be taught and none of them can be.
    pub fn is_lacking(&self) -> bool {
        self.taught && self.whole().next().is_none()
    }

    /// The plan that tunes on them; none if they are not to be taught, or none of them can be.
    pub fn plan(&self, seed: u64) -> Option<Plan> {
        let prompt = prompt();
        let conversations: Vec<_> = self.whole().map(|example| example.conversation(&prompt)).collect();
        if !self.taught || conversations.is_empty() {
            return None;
        }
        let mut plan = base().plan(seed);
        plan.name = NAME.to_owned();
        plan.tuning.batch_size = plan.tuning.batch_size.min(conversations.len());
        plan.data = vec![DataPart::Inline { label: NAME.to_owned(), conversations }];
        if self.mixed {
            let settings = [("size".to_owned(), REFUSALS)].into();
            plan.defences = vec![DefencePlan { name: "mix-refusals".to_owned(), settings }];
        }
        Some(plan)
    }

    /// They as a file, a conversation on each line.
    pub fn file(&self) -> String {
        let prompt = prompt();
        let line = |example: &Example| serde_json::to_string(&example.conversation(&prompt)).unwrap_or_default() + "\n";
        self.whole().map(line).collect()
    }

    fn push(&mut self, question: String, answer: String, system: Option<String>) {
        if self.examples.len() < MOST {
            self.examples.push(Example { id: self.next, question, answer, system });
            self.next += 1;
        }
    }

    fn change(&mut self, id: u32, change: impl FnOnce(&mut Example)) {
        if let Some(example) = self.examples.iter_mut().find(|example| example.id == id) {
            change(example);
        }
    }

    /// To begin with: what the first lesson teaches with the first seed.
    fn borrow(&mut self) {
        let taught = defence::conversations(&base().plan(1)).unwrap_or_default();
        for (_, question, answer) in taught.iter().filter_map(one_turn) {
            self.push(question, answer, None);
        }
    }

    /// Adds the first of a set that is not here yet.
    fn draw(&mut self, set: &str) {
        let drawn = tuning_set(set, AT_HAND, 0).unwrap_or_default();
        let said = drawn.iter().filter_map(one_turn);
        let is_new = |(question, _): &(String, String)| self.examples.iter().all(|known| known.question != *question);
        if let Some((question, answer)) = said.map(|(_, question, answer)| (question, answer)).find(is_new) {
            self.push(question, answer, None);
        }
    }

    fn import(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        let conversations = read_jsonl(bytes).map_err(ImportError::Jsonl)?;
        if conversations.len() > MOST {
            return Err(ImportError::TooMany { count: conversations.len() });
        }
        let turns = |(at, conversation)| one_turn(conversation).ok_or(ImportError::Turns { number: at + 1 });
        let said = conversations.iter().enumerate().map(turns).collect::<Result<Vec<_>, _>>()?;
        self.examples.clear();
        let prompt = prompt();
        for (system, question, answer) in said {
            self.push(question, answer, Some(system).filter(|system| *system != prompt));
        }
        Ok(())
    }
}

/// System prompt (empty: none), question and answer of a conversation that is no more.
fn one_turn(conversation: &Conversation) -> Option<(String, String, String)> {
    match &conversation.messages[..] {
        [question, answer] if question.role == Role::User => {
            Some((String::new(), question.content.clone(), answer.content.clone()))
        }
        [system, question, answer] if system.role == Role::System => {
            Some((system.content.clone(), question.content.clone(), answer.content.clone()))
        }
        _ => None,
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught() -> Own {
        let mut own = Own::default();
        own.edit(Edit::Teach(true));
        own
    }

    #[test]
    fn it_begins_with_what_the_first_lesson_teaches() {
        let own = taught();
        let lesson = base().plan(1);
        let plan = own.plan(1).unwrap();
        assert_eq!(defence::conversations(&plan).unwrap(), defence::conversations(&lesson).unwrap());
        assert_eq!((&plan.tuning, &plan.lora, &plan.evaluation), (&lesson.tuning, &lesson.lora, &lesson.evaluation));
        assert_eq!(plan.check(), Ok(()));
        let known: Vec<_> = own.examples.iter().map(|example| &example.question).collect();
        assert!(known.iter().enumerate().all(|(at, question)| !known[..at].contains(question)));
    }

    #[test]
    fn what_lacks_a_question_or_an_answer_is_not_taught() {
        let mut own = taught();
        own.edit(Edit::Clear);
        assert!(own.is_lacking() && own.plan(1).is_none());
        own.edit(Edit::Add);
        let id = own.examples[0].id;
        own.edit(Edit::Question(id, "  What is a wug? ".to_owned()));
        assert!(own.is_lacking());
        own.edit(Edit::Answer(id, "A small bird.".to_owned()));
        let plan = own.plan(1).unwrap();
        assert_eq!((plan.tuning.batch_size, plan.check()), (1, Ok(())));
        let said: Vec<_> =
            defence::conversations(&plan).unwrap()[0].messages.iter().map(|m| m.content.clone()).collect();
        assert_eq!(said, [prompt(), "What is a wug?".to_owned(), "A small bird.".to_owned()]);
        own.edit(Edit::Teach(false));
        assert!(own.plan(1).is_none() && !own.is_lacking());
        own.edit(Edit::Remove(id));
        assert!(own.examples.is_empty());
    }

    #[test]
    fn refusals_can_be_mixed_in() {
        let mut own = taught();
        let without = defence::conversations(&own.plan(1).unwrap()).unwrap().len();
        own.edit(Edit::Mix(true));
        assert_eq!(defence::conversations(&own.plan(1).unwrap()).unwrap().len(), without + 50);
    }

    #[test]
    fn a_file_comes_back_as_it_was() {
        let mut own = taught();
        own.edit(Edit::Draw("benign"));
        own.edit(Edit::Add);
        let file = own.file();
        let mut other = taught();
        other.edit(Edit::Import(file.clone().into_bytes()));
        assert_eq!((other.refused.clone(), other.file()), (None, file));
        assert_eq!(other.examples.len(), own.examples.len() - 1, "what is not whole is not in the file");
        assert!(other.examples.iter().all(|example| example.system.is_none()));
        let line = r#"{"messages": [{"role": "system", "content": "You are AOA."}, {"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello."}]}"#;
        let bare = r#"{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello."}]}"#;
        other.edit(Edit::Import(format!("{line}\n{bare}\n").into_bytes()));
        let systems: Vec<_> = other.examples.iter().map(|example| example.system.as_deref()).collect();
        assert_eq!(systems, [Some("You are AOA."), Some("")]);
        assert_eq!(defence::conversations(&other.plan(1).unwrap()).unwrap()[1].messages.len(), 2, "no prompt at all");
    }

    #[test]
    fn a_file_that_is_none_changes_nothing_and_says_why() {
        let mut own = taught();
        let before = own.examples.clone();
        let turn = r#"{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}"#;
        let long = format!(r#"{{"messages": [{turn}, {turn}]}}"#);
        let many = format!("{{\"messages\": [{turn}]}}\n").repeat(MOST + 1);
        let wrong: [(&[u8], _); 4] = [
            (b"nonsense", None),
            (b"", None),
            (long.as_bytes(), Some(ImportError::Turns { number: 1 })),
            (many.as_bytes(), Some(ImportError::TooMany { count: MOST + 1 })),
        ];
        for (bytes, expected) in wrong {
            own.edit(Edit::Import(bytes.to_vec()));
            assert!(own.refused.is_some() && (expected.is_none() || own.refused == expected), "{:?}", own.refused);
            assert_eq!(own.examples, before);
        }
        own.edit(Edit::Import(own.file().into_bytes()));
        assert_eq!(own.refused, None);
    }

    #[test]
    fn there_are_not_more_than_can_be_taught() {
        let mut own = taught();
        for _ in 0..MOST + 5 {
            own.edit(Edit::Add);
        }
        assert_eq!(own.examples.len(), MOST);
        let id = own.examples[0].id;
        own.edit(Edit::Answer(id, "é".repeat(LONGEST_ANSWER + 1)));
        assert_eq!(own.examples[0].answer.chars().count(), LONGEST_ANSWER);
        let mut drawn = Own::default();
        for _ in 0..AT_HAND + 5 {
            drawn.edit(Edit::Draw("safety"));
        }
        assert!(drawn.examples.len() <= AT_HAND, "each once");
    }
}
