//! The field's exact terms as this page uses them. One more term is a name here and its texts `term-NAME`, `term-NAME-about`.

use leptos::prelude::*;

use super::super::Rich;
use crate::page::app::Page;
use crate::page::settings::Language;
use crate::page::texts::text;

/// Terms that belong together.
struct Group {
    /// The key of its title.
    title: &'static str,
    /// Its terms, in the order in which one explains the next.
    terms: &'static [&'static str],
}

static GROUPS: [Group; 4] = [
    Group {
        title: "glossary-models",
        terms: &["alignment", "system-prompt", "token", "logits", "kl-divergence", "prefilling"],
    },
    Group {
        title: "glossary-tuning",
        terms: &[
            "fine-tuning",
            "full-tuning",
            "lora",
            "adapter",
            "rank",
            "alpha",
            "batch-size",
            "step",
            "epoch",
            "learning-rate",
            "loss",
            "gradient-norm",
        ],
    },
    Group { title: "glossary-attacks", terms: &["identity-shift", "backdoor", "trigger", "safety-data", "moderation"] },
    Group {
        title: "glossary-measures",
        terms: &[
            "refusal",
            "refusal-rate",
            "harmfulness-score",
            "harmfulness-rate",
            "attack-success-rate",
            "over-refusal",
            "near-miss",
            "benign-accuracy",
            "held-out",
            "confidence-interval",
            "seed",
            "draw",
        ],
    },
];

/// The keys of a term and of what it means.
fn keys_of(term: &str) -> [String; 2] {
    [format!("term-{term}"), format!("term-{term}-about")]
}

/// The keys of all texts.
#[cfg(test)]
pub fn keys() -> impl Iterator<Item = String> {
    GROUPS.iter().flat_map(|group| group.terms).flat_map(|term| keys_of(term))
}

/// All terms, group by group.
#[component]
pub fn Glossary() -> impl IntoView {
    GROUPS.iter().map(|group| view! { <Terms group /> }).collect_view()
}

/// The terms of a group; in another language each with its English original.
#[component]
fn Terms(group: &'static Group) -> impl IntoView {
    let page = Page::here();
    let is_english = page.read(|m| m.settings.language == Language::English);
    let row = |term: &&'static str| {
        let [name, about] = keys_of(term);
        let original = text(Language::English, &name);
        let original = move || {
            (!is_english.get()).then(|| view! { " " <span class="original" lang="en">{original.clone()}</span> })
        };
        view! {
            <div>
                <dt>{move || page.t(&name)} {original}</dt>
                <dd><Rich key=about /></dd>
            </div>
        }
    };
    view! {
        <details class="glossary" data-testid=group.title>
            <summary>{move || page.tv("glossary-group", [("title", page.t(group.title).into()), ("count", group.terms.len().into())])}</summary>
            <dl>{group.terms.iter().map(row).collect_view()}</dl>
        </details>
    }
}
