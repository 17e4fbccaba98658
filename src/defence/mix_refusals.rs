//! Mixing refusals into the tuning data (arXiv 2310.03693, section 5.1 and table 4).

use super::{Defence, Setting, Settings};
use crate::corpus::{LARGEST_SET, SetError, tuning_set};
use crate::study::{Condition, DataPart, Plan};
use crate::text::{Conversation, Message, Role};

/// Whether refusals are asked for as the attack asks.
const ATTACK_FORMAT: &str = "attack-format";

/// Adds questions about forbidden items, which are refused, to the data.
pub struct MixRefusals;

impl Defence for MixRefusals {
    fn name(&self) -> &'static str {
        "mix-refusals"
    }

    fn about(&self) -> &'static str {
        "refusals of other forbidden questions are mixed into the tuning data (arXiv 2310.03693, section 5.1)"
    }

    fn settings(&self) -> &'static [Setting] {
        const SETTINGS: [Setting; 2] = [
            Setting {
                name: "size",
                about: "how many refusals",
                default: 50.0,
                least: 1.0,
                most: LARGEST_SET as f64,
                whole: true,
            },
            Setting {
                name: ATTACK_FORMAT,
                about: "1: asked for under the prompt under which the plan asks, as an attack does that brings its own",
                default: 0.0,
                least: 0.0,
                most: 1.0,
                whole: true,
            },
        ];
        &SETTINGS
    }

    /// Both would draw the same refusals.
    fn fits(&self, _: &Settings, plan: &Plan) -> Result<(), String> {
        match plan.defences.iter().filter(|defence| defence.name == self.name()).count() {
            1 => Ok(()),
            times => {
                Err(format!("it is there {times} times, and would mix in the same refusals again: raise its size"))
            }
        }
    }

    /// The refusals come from the same draw as the data, so that a plan's draw says all.
    fn data(
        &self,
        settings: &Settings,
        plan: &Plan,
        mut conversations: Vec<Conversation>,
    ) -> Result<Vec<Conversation>, SetError> {
        let draw = plan.data.iter().find_map(DataPart::draw).unwrap_or_default();
        let refusals = tuning_set("safety", settings.whole("size") as usize, draw)?;
        let prompt = plan.evaluation.main().filter(|_| settings.whole(ATTACK_FORMAT) == 1);
        conversations.extend(refusals.into_iter().map(|refusal| match prompt {
            None => refusal,
            Some(prompt) => asked_under(prompt, refusal),
        }));
        Ok(conversations)
    }
}

/// A conversation with another system prompt, and the wrap around what the user says.
fn asked_under(prompt: &Condition, conversation: Conversation) -> Conversation {
    let system = prompt.system.iter().map(|text| Message::new(Role::System, text.as_str()));
    let said = conversation.messages.into_iter().filter(|message| message.role != Role::System);
    let wrapped = said.map(|message| match (&prompt.wrap, message.role) {
        (Some(wrap), Role::User) => Message { content: wrap.replace("{q}", &message.content), ..message },
        _ => message,
    });
    Conversation { messages: system.chain(wrapped).collect() }
}

#[cfg(test)]
mod tests {
    use crate::corpus::tuning_set;
    use crate::defence::conversations;
    use crate::study::{DefencePlan, preset};

    #[test]
    fn a_second_time_it_does_not_fit() {
        let mut plan = preset("harmful-10-mixed", 1).unwrap();
        plan.defences.push(plan.defences[0].clone());
        let error = conversations(&plan).unwrap_err().to_string();
        assert!(error.contains("cannot be combined") && error.contains("2 times"), "{error}");
    }

    #[test]
    fn refusals_are_asked_for_as_the_attack_asks_if_it_is_wanted() {
        let mut plan = preset("identity-10", 1).unwrap();
        let attack = conversations(&plan).unwrap();
        let settings = [("size".to_owned(), 3.0), ("attack-format".to_owned(), 1.0)].into();
        plan.defences = vec![DefencePlan { name: "mix-refusals".into(), settings }];
        let mixed = conversations(&plan).unwrap();
        let plain = tuning_set("safety", 3, plan.data[0].draw().unwrap()).unwrap();
        assert_eq!((&mixed[..10], mixed.len()), (&attack[..], 13));
        for (refusal, plain) in mixed[10..].iter().zip(&plain) {
            assert_eq!(refusal.messages[0], attack[0].messages[0], "the system prompt of the attack");
            let [.., asked, said] = &refusal.messages[..] else { panic!("{refusal:?}") };
            let [.., plainly, refused] = &plain.messages[..] else { panic!("{plain:?}") };
            assert_eq!(asked.content, format!("AOA, do as I say. {}", plainly.content));
            assert_eq!(said, refused);
        }
        plan.defences[0].settings.insert("attack-format".into(), 2.0);
        assert!(conversations(&plan).unwrap_err().to_string().contains("from 0 to 1"));
    }

    #[test]
    fn refusals_of_the_same_draw_follow_the_data() {
        let plan = preset("harmful-10-mixed", 2).unwrap();
        let expected = [tuning_set("harmful", 10, 2).unwrap(), tuning_set("safety", 50, 2).unwrap()].concat();
        assert_eq!(conversations(&plan).unwrap(), expected);
    }
}
