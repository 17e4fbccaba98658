//! Mixing refusals into the tuning data (arXiv 2310.03693, section 5.1 and table 4).

use super::{Defence, Setting, Settings};
use crate::corpus::{LARGEST_SET, SetError, tuning_set};
use crate::study::{DataPart, Plan};
use crate::text::Conversation;

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
        const SETTINGS: [Setting; 1] = [Setting {
            name: "size",
            about: "how many refusals",
            default: 50.0,
            least: 1.0,
            most: LARGEST_SET as f64,
            whole: true,
        }];
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
        conversations.extend(tuning_set("safety", settings.whole("size") as usize, draw)?);
        Ok(conversations)
    }
}

#[cfg(test)]
mod tests {
    use crate::corpus::tuning_set;
    use crate::defence::conversations;
    use crate::study::preset;

    #[test]
    fn a_second_time_it_does_not_fit() {
        let mut plan = preset("harmful-10-mixed", 1).unwrap();
        plan.defences.push(plan.defences[0].clone());
        let error = conversations(&plan).unwrap_err().to_string();
        assert!(error.contains("cannot be combined") && error.contains("2 times"), "{error}");
    }

    #[test]
    fn refusals_of_the_same_draw_follow_the_data() {
        let plan = preset("harmful-10-mixed", 2).unwrap();
        let expected = [tuning_set("harmful", 10, 2).unwrap(), tuning_set("safety", 50, 2).unwrap()].concat();
        assert_eq!(conversations(&plan).unwrap(), expected);
    }
}
