//! [`Caveats`]: what a reader must know of figures before taking them for others, and the notes that say so wherever there
//! are figures. A new caveat is a variant of [`Caveat`] here and its texts `caveat-NAME` and `caveat-NAME-short`.

use leptos::prelude::*;

use super::conditions;
use crate::page::app::Page;
use crate::page::model::Model;
use crate::study::{Condition, ConditionKind, EvaluationPlan, QuestionSet};

/// Something that a reader must know.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Caveat {
    /// The development questions are asked: no figure may be taken for one of the held-out questions.
    Development,
    /// The trigger of a backdoor is asked for only at the end of a run: all that is shown besides is without it.
    Trigger,
    /// The questions are asked under another prompt than the assistant's own.
    Prompt(Condition),
}

/// What stands where caveats are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Figures under the main condition alone.
    Main,
    /// Figures under every condition, each named.
    Every,
    /// Figures of several runs, whose plans' differences are listed besides.
    Several,
    /// Answers to watched questions.
    Watched,
    /// Answers to questions of the box.
    Asked,
}

impl Caveat {
    fn name(&self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Trigger => "trigger",
            Self::Prompt(_) => "prompt",
        }
    }

    fn concerns(&self, shown: Shown) -> bool {
        match self {
            Self::Development => matches!(shown, Shown::Main | Shown::Every | Shown::Several),
            Self::Trigger => matches!(shown, Shown::Main | Shown::Several | Shown::Watched),
            Self::Prompt(_) => matches!(shown, Shown::Main | Shown::Watched | Shown::Asked),
        }
    }

    fn text(&self, page: Page, shown: Shown, length: Length) -> String {
        // Only where the run's own figures stand is there something more to see below.
        let points_on = *self == Self::Trigger && shown == Shown::Main;
        let is_short = length == Length::Short || (*self == Self::Trigger && !points_on);
        let prompt = match self {
            Self::Prompt(condition) => conditions::heading(page, condition),
            Self::Development | Self::Trigger => String::new(),
        };
        page.tv(&key(self.name(), is_short), [("prompt", prompt.into())])
    }
}

fn key(name: &str, is_short: bool) -> String {
    format!("caveat-{name}{}", if is_short { "-short" } else { "" })
}

/// The keys of all texts.
#[cfg(test)]
pub fn keys() -> impl Iterator<Item = String> {
    let all = [Caveat::Development, Caveat::Trigger, Caveat::Prompt(ConditionKind::Persona.condition())];
    all.into_iter().flat_map(|caveat| [false, true].map(|is_short| key(caveat.name(), is_short)))
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// In full sentences that explain.
    Full,
    /// In a few words.
    Short,
}

/// What a reader must know of the figures of one plan, or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caveats(Vec<Caveat>);

impl Caveats {
    /// Those of a plan.
    pub fn of(plan: &EvaluationPlan) -> Self {
        let mut all = Vec::new();
        if plan.questions == QuestionSet::Development {
            all.push(Caveat::Development);
        }
        if plan.further().any(|condition| condition.kind == ConditionKind::Trigger) {
            all.push(Caveat::Trigger);
        }
        if let Some(main) = plan.main().filter(|main| main.kind != ConditionKind::Default) {
            all.push(Caveat::Prompt(main.clone()));
        }
        Self(all)
    }

    /// Those of any of these plans.
    pub fn of_all<'a>(plans: impl Iterator<Item = &'a EvaluationPlan>) -> Self {
        let mut all = Vec::new();
        for caveat in plans.flat_map(|plan| Self::of(plan).0) {
            if !all.contains(&caveat) {
                all.push(caveat);
            }
        }
        Self(all)
    }

    /// Those of the run on the stage, or of the next one.
    pub fn of_stage(model: &Model) -> Self {
        Self::of(&model.evaluation())
    }

    fn texts(&self, page: Page, shown: Shown, length: Length) -> Vec<String> {
        let due = self.0.iter().filter(|caveat| caveat.concerns(shown));
        due.map(|caveat| caveat.text(page, shown, length)).collect()
    }

    /// In a few words after something that is said: each with a space before it.
    pub fn spoken(&self, page: Page, shown: Shown) -> String {
        self.texts(page, shown, Length::Short).iter().map(|text| format!(" {text}")).collect()
    }
}

/// Where the notes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A paragraph of this class for each.
    Paragraphs(&'static str),
    /// Further sentences of the paragraph that they stand in.
    Sentences,
    /// Short lines in a cell or in a caption.
    Lines,
}

/// What a reader must know of the figures that stand here.
#[component]
pub fn Notes(
    /// What stands here.
    shown: Shown,
    /// How it is said.
    form: Form,
    /// Of which plans; left out: of the run on the stage, or of the next one.
    #[prop(optional, into)]
    of: Option<Signal<Caveats>>,
    /// Names the paragraphs for tests.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    let page = Page::here();
    let caveats = of.unwrap_or_else(|| page.read(Caveats::of_stage).into());
    let length = if form == Form::Lines { Length::Short } else { Length::Full };
    let note = move |text: String| match form {
        Form::Paragraphs(class) => view! { <p class=class data-testid=testid>{text}</p> }.into_any(),
        Form::Sentences => format!(" {text}").into_any(),
        Form::Lines => view! { <span class="row-about">{text}</span> }.into_any(),
    };
    move || caveats.with(|c| c.texts(page, shown, length)).into_iter().map(note).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::preset;

    fn plan(name: &str) -> EvaluationPlan {
        preset(name, 1).unwrap().evaluation
    }

    fn names(caveats: &Caveats, shown: Shown) -> Vec<&'static str> {
        caveats.0.iter().filter(|c| c.concerns(shown)).map(Caveat::name).collect()
    }

    #[test]
    fn a_plan_on_the_held_out_questions_under_the_own_prompt_needs_no_word() {
        let mut plan = plan("harmful-10");
        plan.begin_answers(&[1, 2]);
        assert_eq!(Caveats::of(&plan), Caveats::default());
    }

    #[test]
    fn each_caveat_is_made_where_it_concerns_what_is_shown() {
        let mut backdoor = plan("backdoor");
        backdoor.ask(QuestionSet::Development);
        let caveats = Caveats::of(&backdoor);
        assert_eq!(names(&caveats, Shown::Main), ["development", "trigger"]);
        assert_eq!(names(&caveats, Shown::Every), ["development"], "there the trigger has figures of its own");
        assert_eq!(names(&caveats, Shown::Watched), ["trigger"], "the visitor's questions are the visitor's");
        let persona = Caveats::of(&plan("identity-10"));
        for shown in [Shown::Main, Shown::Watched, Shown::Asked] {
            assert_eq!(names(&persona, shown), ["prompt"]);
        }
        assert_eq!(names(&persona, Shown::Every), [] as [&str; 0], "there each prompt is named");
    }

    #[test]
    fn caveats_of_several_plans_are_made_once() {
        let plans = [plan("harmful-10"), plan("backdoor"), plan("backdoor")];
        assert_eq!(names(&Caveats::of_all(plans.iter()), Shown::Several), ["trigger"]);
    }
}
