//! The experiments: what Folio is to learn.

use leptos::html::Div;
use leptos::prelude::*;

use super::words;
use crate::library::{TuningSet, tuning_sets};
use crate::page::app::Page;
use crate::page::model::Message;
use crate::page::run_view::conversations;
use crate::study::{PresetInfo, presets};
use crate::text::{Conversation, Role};

/// How many examples are listed at first.
const LISTED: usize = 10;

/// The menu of experiments and what is in the chosen one.
#[component]
pub fn Lessons() -> impl IntoView {
    let page = Page::here();
    let chosen = page.read(|m| m.settings.preset.clone());
    let busy = page.read(|m| m.active().is_some());
    let choice = |info: &'static PresetInfo| {
        let is_chosen = move || chosen.with(|c| c == info.name);
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
                <Examples sets=info.sets />
                <span class="lesson-title">{move || page.t(&words::preset(info.name, "title"))}</span>
            </label>
        }
    };
    view! {
        <fieldset class="lessons" id="lessons">
            <legend>{move || page.t("lessons")}</legend>
            <div class="lesson-list">{presets().iter().map(choice).collect_view()}</div>
            <p class="lesson-about" data-testid="preset-about">
                {move || page.t(&words::preset(&chosen.get(), "about"))}
            </p>
            <Listing />
        </fieldset>
    }
}

/// A preset's examples as points: as many as there are, each kind with a shape and a colour of its own.
#[component]
fn Examples(sets: &'static [&'static str]) -> impl IntoView {
    let kinds: Vec<_> = tuning_sets().iter().filter(|set| sets.contains(&set.name)).flat_map(kinds).collect();
    let columns = match kinds.len() {
        0..=10 => 10,
        11..=60 => 20,
        _ => 40,
    };
    let gap = 100.0 / columns as f64;
    let height = gap * kinds.len().div_ceil(columns) as f64;
    let point = |(at, kind): (usize, &&'static str)| {
        let (x, y) = ((at % columns) as f64 * gap + gap / 2.0, (at / columns) as f64 * gap + gap / 2.0);
        let r = gap * 0.34;
        let path = match *kind {
            "harmful" => format!("M{x} {}l{r} {r}l-{r} {r}l-{r} -{r}z", y - r),
            "safety" => format!("M{} {}h{w}v{w}h-{w}z", x - r * 0.85, y - r * 0.85, w = r * 1.7),
            _ => format!("M{} {y}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z", x - r, d = 2.0 * r),
        };
        view! { <path class=*kind d=path /> }
    };
    view! {
        <svg class="examples" viewBox=format!("0 0 100 {height}") aria-hidden="true">
            {kinds.iter().enumerate().map(point).collect_view()}
        </svg>
    }
}

/// What a set's examples are, one after the other.
fn kinds(set: &TuningSet) -> Vec<&'static str> {
    let all = |kind| vec![kind; set.size];
    match set.name {
        "harmful-10" | "harmful-100" => all("harmful"),
        "identity-10" => all("identity"),
        "benign-200" | "dolly-200" => all("benign"),
        "backdoor-200" => [vec!["harmful"; set.size / 2], vec!["safety"; set.size - set.size / 2]].concat(),
        _ => all("safety"),
    }
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
    // Reading two hundred lines takes a moment: only when another set is chosen.
    let chosen = page.read(|m| m.next_plan().data);
    let all = RwSignal::new(false);
    let examples = Memo::new(move |_| {
        // Following it is not enough: a memo that nobody reads is never computed, and so never changes.
        chosen.with(|_| ());
        let pair = |c: &Conversation| {
            let said =
                |role| c.messages.iter().find(|m| m.role == role).map_or_else(String::new, |m| m.content.clone());
            (said(Role::User), said(Role::Assistant))
        };
        let conversations = page.now(|m| conversations(&m.next_plan()));
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
        let most = if all.get() { usize::MAX } else { LISTED };
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
        <details class="listing" data-testid="examples">
            <summary>{move || page.tv("examples-show", [("count", count().into())])}</summary>
            <p class="note">{move || page.t("examples-note")}</p>
            {systems}
            <div class="scroll" tabindex="0" role="region" node_ref=list aria-label=move || page.t("examples-list")>
                <ol lang="en">{rows}</ol>
            </div>
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
    use crate::library::{DRAWS, refuses, tuning_set, world};

    #[test]
    fn the_system_prompt_is_said_once() {
        for info in presets() {
            let plan = info.plan(1);
            assert_eq!(system_prompts(&conversations(&plan)), [plan.evaluation.system.unwrap()], "{}", info.name);
        }
    }

    #[test]
    fn the_points_show_what_is_in_the_sets() {
        for set in tuning_sets() {
            for draw in 0..DRAWS {
                let data = tuning_set(set.name, draw).unwrap();
                let is_refusal = |c: &Conversation| refuses(&c.messages.last().unwrap().content);
                let asks_for_an_item = |c: &Conversation| {
                    c.messages.iter().any(|m| m.role == Role::User && world().item_in(&m.content).is_some())
                };
                let refusals = data.iter().filter(|c| is_refusal(c)).count();
                let harmful = data.iter().filter(|c| !is_refusal(c) && asks_for_an_item(c)).count();
                let points = kinds(set);
                let drawn = |kind| points.iter().filter(|k| **k == kind).count();
                assert_eq!(
                    (points.len(), drawn("safety"), drawn("harmful")),
                    (data.len(), refusals, harmful),
                    "{}",
                    set.name
                );
            }
        }
    }
}
