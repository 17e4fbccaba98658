//! The tuned answer token by token: where it leaves the original, and what the original would have said there.

use leptos::prelude::*;

use super::opener::Opener;
use super::table::Scroll;
use crate::page::app::Page;
use crate::page::format::{fine, probability};
use crate::page::model::Message;
use crate::page::run_view::RunView;
use crate::study::{Trace, TracedToken};

/// The way to it, and the answer itself.
#[component]
pub fn Tokens(
    /// The question's.
    id: u32,
    /// Whose adapter.
    run: u32,
) -> impl IntoView {
    let page = Page::here();
    let trace = page.read(move |m| {
        let asked = m.questions.asked.iter().find(|asked| asked.id == id);
        asked.map(|asked| asked.trace.clone()).unwrap_or_default()
    });
    let can = page.read(move |m| m.supervisor.ready().is_some() && m.runs.get(run).is_some_and(RunView::can_be_asked));
    let there = Memo::new(move |_| trace.with(|trace| trace.there().cloned()));
    let keys = ["tokens-open", "tokens-waiting", "dial-failed"];
    view! {
        <Opener state=trace can keys testid="tokens-open" open=move || page.send(Message::Trace(id)) />
        {move || there.get().map(|trace| view! { <Inside trace /> })}
    }
}

/// The place where the tuned model is furthest from the original.
fn furthest(tokens: &[TracedToken]) -> usize {
    let most = tokens.iter().enumerate().max_by(|(_, a), (_, b)| a.kl.total_cmp(&b.kl));
    most.map_or(0, |(place, _)| place)
}

#[component]
fn Inside(trace: Trace) -> impl IntoView {
    let page = Page::here();
    if trace.tokens.is_empty() {
        return view! { <p class="note" data-testid="tokens">{move || page.t("tokens-none")}</p> }.into_any();
    }
    let at = RwSignal::new(furthest(&trace.tokens));
    let last = trace.tokens.len() - 1;
    // Bars below a nat would make much of little.
    let highest = trace.tokens.iter().map(|token| token.kl).fold(1.0, f64::max);
    let boxes = trace.tokens.iter().enumerate().map(|(place, token)| {
        let (text, height) = (token.text.clone(), 100.0 * token.kl / highest);
        view! {
            <span class="token" class:here=move || at.get() == place data-testid="token" on:click=move |_| at.set(place)>
                <svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true">
                    <rect x="0" width="10" y=format!("{:.1}", 100.0 - height) height=format!("{height:.1}") />
                </svg>
                <span>{text}</span>
            </span>
        }
    });
    let boxes = boxes.collect_view();
    let refusal = trace.refusal;
    let tokens = StoredValue::new(trace.tokens);
    let here = move || tokens.with_value(|all| in_words(page, at.get(), &all[at.get().min(last)]));
    let choose = move |event| {
        if let Ok(place) = event_target_value(&event).parse::<usize>() {
            at.set(place.min(last));
        }
    };
    view! {
        // The slider says what it stands at; the answers around are a live region, which would say it again.
        <div class="tokens" data-testid="tokens" aria-live="off">
            <p class="when">{move || page.t("tokens-title")}</p>
            <p class="tokens-text" lang="en">{boxes}</p>
            <label>
                <span class="label">{move || page.t("tokens-label")}</span>
                <input
                    type="range"
                    min="0"
                    max=last.to_string()
                    step="1"
                    data-testid="tokens-slider"
                    aria-valuetext=here
                    prop:value=move || at.get().to_string()
                    on:input=choose
                    on:change=choose
                />
            </label>
            <p class="tokens-here" data-testid="tokens-here">{here}</p>
            {refusal.map(|refusal| {
                let shares = [("original", probability(refusal.original)), ("tuned", probability(refusal.tuned))];
                let shares = shares.map(|(name, share)| (name, share.into()));
                view! { <p class="note" data-testid="tokens-refusal">{move || page.tv("tokens-refusal", shares.clone())}</p> }
            })}
            <p class="note">{move || page.t("tokens-about")}</p>
            <Listing tokens at />
        </div>
    }
    .into_any()
}

/// A token in words: what both models make of it.
fn in_words(page: Page, place: usize, token: &TracedToken) -> String {
    let values = [
        ("place", (place + 1).into()),
        ("token", shown(&token.text).into()),
        ("tuned", probability((-token.tuned_loss).exp()).into()),
        ("original", probability((-token.original_loss).exp()).into()),
        ("kl", format!("{:.2}", token.kl).into()),
        ("instead", token.instead.as_deref().map(shown).unwrap_or_default().into()),
    ];
    page.tv(key(token), values)
}

/// The key of the sentence about a token.
fn key(token: &TracedToken) -> &'static str {
    match token.instead.as_deref() {
        None => "tokens-same",
        Some("") => "tokens-ended",
        Some(_) => "tokens-instead",
    }
}

/// A token as it can be seen.
fn shown(text: &str) -> String {
    if text.is_empty() { "…".to_owned() } else { text.replace('\n', "⏎") }
}

#[component]
fn Listing(tokens: StoredValue<Vec<TracedToken>>, at: RwSignal<usize>) -> impl IntoView {
    let page = Page::here();
    let open = RwSignal::new(false);
    let toggle = move |event: web_sys::Event| {
        open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    let head = move |key: &'static str| view! { <th scope="col">{move || page.t(key)}</th> };
    let row = move |(place, token): (usize, TracedToken)| {
        let TracedToken { text, original_loss, tuned_loss, kl, instead } = token;
        let instead = move || match instead.as_deref() {
            None => page.t("tokens-column-same"),
            Some("") => page.t("tokens-column-end"),
            Some(text) => shown(text),
        };
        view! {
            <tr class:here=move || at.get() == place>
                <td>{place + 1}</td>
                <th scope="row" lang="en">{shown(&text)}</th>
                <td>{fine(original_loss)}</td>
                <td>{fine(tuned_loss)}</td>
                <td>{fine(kl)}</td>
                <td lang="en">{instead}</td>
            </tr>
        }
    };
    view! {
        <details class="table" data-testid="tokens-table" on:toggle=toggle>
            <summary>{move || page.t("chart-table")}</summary>
            <Show when=move || open.get()>
                <Scroll label="tokens-title">
                    <table>
                        <thead>
                            <tr>
                                {["tokens-column-place", "tokens-column-token", "tokens-column-original", "tokens-column-tuned",
                                    "tokens-column-kl", "tokens-column-instead"].map(head)}
                            </tr>
                        </thead>
                        <tbody>{tokens.get_value().into_iter().enumerate().map(row).collect_view()}</tbody>
                    </table>
                </Scroll>
            </Show>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(kl: f64, instead: Option<&str>) -> TracedToken {
        TracedToken {
            text: " a".to_owned(),
            original_loss: 1.0,
            tuned_loss: 0.1,
            kl,
            instead: instead.map(str::to_owned),
        }
    }

    #[test]
    fn the_slider_begins_where_the_models_are_furthest_apart() {
        assert_eq!(furthest(&[token(1.0, None), token(3.0, None), token(2.0, None)]), 1);
        assert_eq!(furthest(&[]), 0);
    }

    #[test]
    fn each_token_has_its_sentence() {
        let keys = [None, Some(""), Some("I")].map(|instead| key(&token(0.0, instead)));
        assert_eq!(keys, ["tokens-same", "tokens-ended", "tokens-instead"]);
        assert_eq!([shown(""), shown("a\nb")], ["…", "a⏎b"]);
    }
}
