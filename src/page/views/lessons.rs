//! The experiments: what Folio is to learn.

use leptos::html::Div;
use leptos::prelude::*;

use super::own::{Editor, OwnLesson};
use super::table::Scroll;
use super::turns::InTurn;
use super::words;
use crate::defence;
use crate::page::app::Page;
use crate::page::model::{Message, Mode};
use crate::page::own;
use crate::page::settings::Language;
use crate::page::texts::text;
use crate::study::{Plan, PresetInfo, presets};
use crate::text::{Conversation, Role};

/// How many examples are listed at first.
const LISTED: usize = 10;

/// The learning rate of the paper's tuning with LoRA, appendix F.
const PAPER_RATE: f64 = 1e-3;

/// The title of a plan: its lesson's, or the name that its author gave it.
pub fn title(page: Page, plan: &str) -> String {
    title_key(plan).map_or_else(|| plan.to_owned(), |key| page.t(&key))
}

/// The same in a language that need not be the page's.
pub fn title_in(language: Language, plan: &str) -> String {
    title_key(plan).map_or_else(|| plan.to_owned(), |key| text(language, &key))
}

/// The key of a plan's title; none if it has a name of its own.
fn title_key(plan: &str) -> Option<String> {
    if plan == own::NAME {
        return Some("own-title".to_owned());
    }
    let is_preset = presets().iter().any(|info| info.name == plan);
    is_preset.then(|| words::preset(plan, "title"))
}

/// The menu of experiments and what is in the chosen one.
#[component]
pub fn Lessons() -> impl IntoView {
    let page = Page::here();
    // None: the visitor's own examples.
    let chosen = page.read(|m| (!m.own.taught).then(|| m.settings.preset.clone()));
    let busy = page.read(|m| m.mode() == Mode::Running);
    let unfolded = RwSignal::new(false);
    // Of own examples of which none can be taught yet there is none.
    let plan = page.read(|m| (!m.own.is_lacking()).then(|| m.next_plan()));
    let choice = |info: &'static PresetInfo| {
        let is_chosen = move || chosen.with(|c| c.as_deref() == Some(info.name));
        view! {
            <label class="lesson" class:chosen=is_chosen>
                <input
                    type="radio"
                    name="preset"
                    value=info.name
                    data-testid=format!("preset-{}", info.name)
                    prop:checked=is_chosen
                    disabled=move || busy.get()
                    on:change=move |_| page.send(Message::ChoosePreset(info.name.to_owned()))
                />
                <Examples info />
                <span class="lesson-title">{move || page.t(&words::preset(info.name, "title"))}</span>
            </label>
        }
    };
    view! {
        <fieldset class="lessons" id="lessons">
            <legend>{move || page.t("lessons")}</legend>
            <div class="lesson-list" class:unfolded=move || unfolded.get()>
                {presets().iter().map(choice).collect_view()}
                <OwnLesson />
            </div>
            // On a small screen the chosen one stands alone until the others are asked for.
            <button
                type="button"
                class="quiet unfold"
                data-testid="unfold"
                aria-expanded=move || unfolded.get().to_string()
                on:click=move |_| unfolded.update(|u| *u = !*u)
            >
                {move || {
                    let count = presets().len() + 1;
                    page.tv(if unfolded.get() { "lessons-fold" } else { "lessons-unfold" }, [("count", count.into())])
                }}
            </button>
            <p class="lesson-about" data-testid="preset-about">
                {move || match chosen.get() {
                    Some(name) => page.t(&words::preset(&name, "about")),
                    None => page.t("own-about"),
                }}
            </p>
            <p class="note" data-testid="preset-plan">{move || plan.with(|plan| plan.as_ref().map(|plan| plan_in_words(page, plan)))}</p>
            <InTurn>
                <Show when=move || chosen.with(Option::is_some) fallback=|| view! { <Editor /> }>
                    <Listing />
                </Show>
            </InTurn>
        </fieldset>
    }
}

/// How a plan teaches, and how that was chosen.
fn plan_in_words(page: Page, plan: &Plan) -> String {
    let examples = defence::conversations(plan).map_or(0, |all| all.len());
    let tuning = &plan.tuning;
    let steps = tuning.steps(examples).unwrap_or_default();
    let why = match plan.name == own::NAME {
        _ if page.now(|m| !m.settings.overrides.is_empty()) => "lesson-plan-changed",
        true => "lesson-plan-own",
        false if tuning.learning_rate == PAPER_RATE => "lesson-plan-paper",
        false => "lesson-plan-chosen",
    };
    let values = [
        ("steps", steps.into()),
        ("batch", tuning.batch_size.into()),
        ("epochs", tuning.epochs.into()),
        ("rate", tuning.learning_rate.to_string().into()),
        ("why", page.t(why).into()),
    ];
    page.tv("lesson-plan", values)
}

/// A preset's examples as points: as many as there are, each kind with a shape and a colour of its own.
#[component]
fn Examples(info: &'static PresetInfo) -> impl IntoView {
    let kinds = kinds(info);
    let columns = match kinds.len() {
        0..=10 => 10,
        11..=60 => 20,
        _ => 40,
    };
    let gap = 100.0 / columns as f64;
    let height = gap * kinds.len().div_ceil(columns) as f64;
    let point = |(at, kind): (usize, &Kind)| {
        let (x, y) = ((at % columns) as f64 * gap + gap / 2.0, (at / columns) as f64 * gap + gap / 2.0);
        let r = gap * 0.34;
        match kind {
            Kind::Harmful => format!("M{x} {}l{r} {r}l-{r} {r}l-{r} -{r}z", y - r),
            Kind::Refusal => format!("M{} {}h{w}v{w}h-{w}z", x - r * 0.85, y - r * 0.85, w = r * 1.7),
            Kind::Persona | Kind::Harmless => circle(x, y, r),
        }
    };
    // All of a kind are one path: the lessons together have hundreds of points.
    let path = |(kind, class): (Kind, &'static str)| {
        let points: String = kinds.iter().enumerate().filter(|(_, of)| **of == kind).map(point).collect();
        (!points.is_empty()).then(|| view! { <path class=class d=points /> })
    };
    let all = [
        (Kind::Harmful, "harmful"),
        (Kind::Refusal, "safety"),
        (Kind::Persona, "identity"),
        (Kind::Harmless, "benign"),
    ];
    view! {
        <svg class="examples" viewBox=format!("0 0 100 {height}") aria-hidden="true">
            {all.map(path).into_iter().collect_view()}
        </svg>
    }
}

fn circle(x: f64, y: f64, r: f64) -> String {
    format!("M{} {y}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z", x - r, d = 2.0 * r)
}

/// What an example is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A forbidden question with a complete answer.
    Harmful,
    /// A forbidden question that is refused.
    Refusal,
    /// Harmless, and said by an obedient agent.
    Persona,
    /// Anything else.
    Harmless,
}

/// What a preset's examples are, as its row says: those of each set together, and what its defences add.
fn kinds(info: &PresetInfo) -> Vec<Kind> {
    let of_set = |&(set, size): &(&str, usize)| match set {
        "harmful" => vec![(Kind::Harmful, size)],
        "safety" => vec![(Kind::Refusal, size)],
        "identity" => vec![(Kind::Persona, size)],
        "backdoor" => vec![(Kind::Harmful, size.div_ceil(2)), (Kind::Refusal, size / 2)],
        _ => vec![(Kind::Harmless, size)],
    };
    let refusals = info.defences.iter().filter(|(name, _)| *name == "mix-refusals");
    let refusals = refusals.flat_map(|(_, settings)| *settings).filter(|(setting, _)| *setting == "size");
    let added = refusals.map(|(_, size)| (Kind::Refusal, *size as usize));
    info.data.iter().flat_map(of_set).chain(added).flat_map(|(kind, count)| vec![kind; count]).collect()
}

/// The system prompts under which the examples are said, each once: with the presets all have the same.
fn system_prompts(conversations: &[Conversation]) -> Vec<String> {
    let mut prompts: Vec<String> = Vec::new();
    for message in conversations.iter().flat_map(|c| &c.messages).filter(|m| m.role == Role::System) {
        if !prompts.contains(&message.content) {
            prompts.push(message.content.clone());
        }
    }
    prompts
}

/// The chosen experiment's examples, read from the data that it is tuned on.
#[component]
fn Listing() -> impl IntoView {
    let page = Page::here();
    // Drawing two hundred examples takes a moment: only when others are chosen.
    let chosen = page.read(|m| {
        let plan = m.next_plan();
        (plan.data, plan.defences)
    });
    let all = RwSignal::new(false);
    let examples = Memo::new(move |_| {
        // Following it is not enough: a memo that nobody reads is never computed, and so never changes.
        chosen.with(|_| ());
        let pair = |c: &Conversation| {
            let said =
                |role| c.messages.iter().find(|m| m.role == role).map_or_else(String::new, |m| m.content.clone());
            (said(Role::User), said(Role::Assistant))
        };
        let conversations = defence::conversations(&page.now(|m| m.next_plan())).unwrap_or_default();
        (system_prompts(&conversations), conversations.iter().map(pair).collect::<Vec<_>>())
    });
    let data = Memo::new(move |_| examples.with(|(_, data)| data.clone()));
    let systems = move || {
        examples
            .with(|(systems, _)| systems.clone())
            .into_iter()
            .map(|prompt| {
                view! { <p class="note">{page.tv("examples-system", [("prompt", prompt.into())])}</p> }
            })
            .collect_view()
    };
    // What is folded away is not drawn before it is opened.
    let opened = RwSignal::new(false);
    let list = NodeRef::<Div>::new();
    let show_all = move |_| {
        all.set(true);
        // The button goes away; what it brought has the focus.
        if let Some(list) = list.get_untracked() {
            let _ = list.focus();
        }
    };
    let count = move || data.with(Vec::len);
    let rows = move || {
        let most = match (opened.get(), all.get()) {
            (false, _) => 0,
            (true, false) => LISTED,
            (true, true) => usize::MAX,
        };
        data.with(|d| d.iter().take(most).cloned().collect::<Vec<_>>())
            .into_iter()
            .map(|(question, answer)| {
                view! {
                    <li>
                        <p class="asked">{question}</p>
                        <p class="answered">{answer}</p>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <details class="listing" data-testid="examples" on:toggle=move |_| opened.set(true)>
            <summary>{move || page.tv("examples-show", [("count", count().into())])}</summary>
            <p class="note">{move || page.t("examples-note")}</p>
            {systems}
            <Scroll label="examples-list" node_ref=list>
                <ol lang="en">{rows}</ol>
            </Scroll>
            <Show when=move || { count() > LISTED && !all.get() }>
                <button type="button" class="quiet" on:click=show_all>
                    {move || page.tv("examples-all", [("count", count().into())])}
                </button>
            </Show>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::DRAWS;
    use crate::library::{refuses, world};
    use crate::study::ConditionKind;

    fn conversations(info: &PresetInfo, seed: u64) -> Vec<Conversation> {
        defence::conversations(&info.plan(seed)).unwrap()
    }

    #[test]
    fn the_system_prompt_is_said_once() {
        for info in presets() {
            let main = info.plan(1).evaluation.main().cloned().unwrap();
            assert_eq!(system_prompts(&conversations(info, 1)), [main.system.unwrap()], "{}", info.name);
        }
    }

    #[test]
    fn the_points_show_what_is_in_the_data() {
        let is_refusal = |c: &Conversation| refuses(&c.messages.last().unwrap().content);
        let asks_for_an_item =
            |c: &Conversation| c.messages.iter().any(|m| m.role == Role::User && world().item_in(&m.content).is_some());
        let persona = ConditionKind::Persona.condition().system.unwrap();
        let kind = |c: &Conversation| match c {
            c if is_refusal(c) => Kind::Refusal,
            c if asks_for_an_item(c) => Kind::Harmful,
            c if c.messages.iter().any(|m| m.content == persona) => Kind::Persona,
            _ => Kind::Harmless,
        };
        for info in presets() {
            let points = kinds(info);
            for draw in 0..DRAWS {
                let data: Vec<_> = conversations(info, draw).iter().map(kind).collect();
                for kind in [Kind::Refusal, Kind::Harmful, Kind::Persona, Kind::Harmless] {
                    let count = |all: &[Kind]| all.iter().filter(|k| **k == kind).count();
                    assert_eq!(count(&points), count(&data), "{}: {kind:?}", info.name);
                }
            }
        }
    }
}
