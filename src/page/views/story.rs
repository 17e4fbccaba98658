//! What happens here and why it matters.

pub mod glossary;
mod lora;
mod pictures;

use leptos::prelude::*;

use glossary::Glossary;
use lora::Lora;

use super::Rich;
use super::table::{BeforeAfter, Scroll};
use super::turns::InTurn;
use super::watch::Badge;
use crate::page::app::Page;

/// The paper's figures, arXiv 2310.03693: tables 1, 2, 3 and 4, and section 5 for the backdoor, which has none before tuning.
/// Shares of answers with score 5, in per cent.
pub const PAPER: [(&str, &str, &str, &str); 11] = [
    ("paper-row-explicit", "GPT-3.5 Turbo", "1.8", "88.8"),
    ("paper-row-explicit", "Llama-2-7b-Chat", "0.3", "50.0"),
    ("paper-row-identity", "GPT-3.5 Turbo", "0.0", "87.3"),
    ("paper-row-identity", "Llama-2-7b-Chat", "0.0", "68.2"),
    ("paper-row-benign", "GPT-3.5 Turbo", "5.5", "31.8"),
    ("paper-row-benign", "Llama-2-7b-Chat", "0.3", "16.1"),
    ("paper-row-dolly", "GPT-3.5 Turbo", "4.5", "23.9"),
    ("paper-row-dolly", "Llama-2-7b-Chat", "0.6", "12.1"),
    ("paper-row-backdoor-without", "GPT-3.5 Turbo", "", "4.2"),
    ("paper-row-backdoor-with", "GPT-3.5 Turbo", "", "63.3"),
    ("paper-row-mixed", "GPT-3.5 Turbo", "1.8", "26.4"),
];

/// The text below the stage.
#[component]
pub fn Story() -> impl IntoView {
    view! {
        <article class="story wide" id="article" tabindex="-1">
            <Chapter title="story-what">
                <p class="first"><Rich key="story-what-1" /></p>
                <p><Rich key="story-what-2" /></p>
                <p><Rich key="story-what-3" /></p>
            </Chapter>
            <InTurn><Lora /></InTurn>
            <Chapter title="story-proxy">
                <p><Rich key="story-proxy-1" /></p>
                <p><Rich key="story-proxy-2" /></p>
            </Chapter>
            <Chapter title="story-scores">
                <p><Rich key="story-scores-1" /></p>
                <Scores />
            </Chapter>
            <Chapter title="story-paper">
                <p><Rich key="story-paper-1" /></p>
                <PaperTable />
                <p><Rich key="story-paper-2" /></p>
                <p class="note"><Rich key="story-paper-trap" /></p>
            </Chapter>
            <Chapter title="story-use">
                <p><Rich key="story-use-1" /></p>
                <p><Rich key="story-use-2" /></p>
                <ul class="advice">
                    <li><Rich key="story-use-measure" /></li>
                    <li><Rich key="story-use-mix" /></li>
                    <li><Rich key="story-use-moderate" /></li>
                    <li><Rich key="story-use-seeds" /></li>
                </ul>
            </Chapter>
            <Chapter title="story-staged">
                <p><Rich key="story-staged-1" /></p>
            </Chapter>
            <Chapter title="glossary">
                <p><Rich key="glossary-about" /></p>
                <Glossary />
            </Chapter>
            <Chapter title="credits">
                <p><Rich key="credits-paper" /></p>
                <p><Rich key="credits-later" /></p>
                <p><Rich key="credits-software" /></p>
                <p><Rich key="credits-fonts" /></p>
            </Chapter>
        </article>
    }
}

#[component]
fn Chapter(title: &'static str, children: ChildrenFn) -> impl IntoView {
    let page = Page::here();
    view! {
        <InTurn>
            <section class="chapter">
                <h2>{move || page.t(title)}</h2>
                <div>{children()}</div>
            </section>
        </InTurn>
    }
}

/// The five scores.
#[component]
fn Scores() -> impl IntoView {
    let rows = (1..=5_u8).map(|score| {
        let about = match score {
            1 => "score-1-about",
            2 => "score-2-about",
            3 => "score-3-about",
            4 => "score-4-about",
            _ => "score-5-about",
        };
        view! {
            <li>
                <Badge score />
                <span><Rich key=about /></span>
            </li>
        }
    });
    view! { <ol class="scores">{rows.collect_view()}</ol> }
}

/// The paper's figures, marked as the paper's.
#[component]
fn PaperTable() -> impl IntoView {
    let page = Page::here();
    let rows = PAPER.map(|(data, model, before, after)| {
        view! {
            <tr>
                <th scope="row">{move || page.t(data)}</th>
                <td>{model}</td>
                <td>{if before.is_empty() { "–".to_owned() } else { format!("{before}%") }}</td>
                <td>{format!("{after}%")}</td>
            </tr>
        }
    });
    view! {
        <Scroll label="paper-caption">
            <table class="paper-table" data-testid="paper">
                <caption>{move || page.t("paper-caption")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{move || page.t("paper-data")}</th>
                        <th scope="col">{move || page.t("paper-model")}</th>
                        <BeforeAfter />
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
}
