//! What went wrong, what it means and what to do.

use leptos::prelude::*;

use super::words;
use crate::page::app::Page;
use crate::page::model::{Message, Model};
use crate::page::run_view::Pace;
use crate::page::supervisor::{EngineState, Problem};
use crate::protocol::{DeviceChoice, ErrorCode};

/// How long the engine may be silent in the middle of its work before the visitor is offered a fresh one.
const SILENCE_MS: f64 = 60_000.0;

/// Everything that there is to say about errors.
#[component]
pub fn Problems() -> impl IntoView {
    let page = Page::here();
    let failed = page.read(|m| match &m.supervisor.engine {
        EngineState::Failed(problem) => Some(problem.clone()),
        _ => None,
    });
    let recovered = page.read(|m| m.supervisor.recovered_from.clone());
    let notice = page.read(|m| m.notice.clone());
    let silent = Memo::new(move |_| {
        let now = page.clock.get();
        page.with_model(|m| is_at_work(m) && now - m.last_heard > SILENCE_MS)
    });
    view! {
        <div class="problems wide" role="alert" data-testid="problems">
            {move || failed.get().map(|p| view! { <Failed problem=p /> })}
            {move || recovered.get().map(|p| view! { <Recovered problem=p /> })}
            {move || notice.get().map(|p| view! { <Notice problem=p /> })}
            <Show when=move || silent.get()>
                <div class="problem" data-testid="silent">
                    <p>{move || page.t("error-silent")}</p>
                    <button type="button" on:click=move |_| page.send(Message::StartAnew)>
                        {move || page.t("button-start-anew")}
                    </button>
                </div>
            </Show>
        </div>
    }
}

fn is_at_work(model: &Model) -> bool {
    let loads = matches!(model.supervisor.engine, EngineState::Starting | EngineState::Loading { .. });
    loads || model.runs.in_progress().any(|run| run.pace() != Some(Pace::Paused))
}

/// The engine is gone and the visitor decides.
#[component]
fn Failed(problem: Problem) -> impl IntoView {
    let page = Page::here();
    let code = problem.code;
    let on_cpu = page.now(|m| m.settings.device == DeviceChoice::Cpu);
    let reload = move |_| {
        let _ = crate::page::browser::window().location().reload();
    };
    // A page, an engine and a model that are not of one build: only loading the page again brings all three.
    let again = matches!(code, ErrorCode::Build | ErrorCode::Model).then(|| {
        view! {
            <button type="button" data-testid="reload" on:click=reload>
                {move || page.t("button-reload")}
            </button>
        }
    });
    let anew = (code != ErrorCode::Build).then(|| {
        view! {
            <button type="button" data-testid="start-anew" on:click=move |_| page.send(Message::StartAnew)>
                {move || page.t("button-start-anew")}
            </button>
        }
    });
    let cpu = (!on_cpu && matches!(code, ErrorCode::NoGpu | ErrorCode::DeviceLost | ErrorCode::Panic)).then(|| {
        view! {
            <button
                type="button"
                data-testid="start-on-cpu"
                on:click=move |_| page.send(Message::ChooseDevice(DeviceChoice::Cpu))
            >
                {move || page.t("button-start-on-cpu")}
            </button>
        }
    });
    view! {
        <div class="problem" data-testid="error" data-code=format!("{code:?}")>
            <Explained problem />
            <p class="problem-buttons">{again} {anew} {cpu}</p>
        </div>
    }
}

/// A worker broke and was replaced.
#[component]
fn Recovered(problem: Problem) -> impl IntoView {
    let page = Page::here();
    let code = problem.code;
    view! {
        <div class="problem mild" data-testid="recovered" data-code=format!("{code:?}")>
            <p class="problem-title">{move || page.t(words::problem_title(code))}</p>
            <p>{move || page.t("error-recovered")}</p>
            <Details message=problem.message />
            <Dismiss />
        </div>
    }
}

/// Something went wrong and the engine goes on.
#[component]
fn Notice(problem: Problem) -> impl IntoView {
    let code = format!("{:?}", problem.code);
    view! {
        <div class="problem mild" data-testid="notice" data-code=code>
            <Explained problem />
            <Dismiss />
        </div>
    }
}

#[component]
fn Explained(problem: Problem) -> impl IntoView {
    let page = Page::here();
    let code = problem.code;
    view! {
        <p class="problem-title">{move || page.t(words::problem_title(code))}</p>
        <p>{move || page.t(words::problem_advice(code))}</p>
        <Details message=problem.message />
    }
}

/// The English original.
#[component]
fn Details(message: String) -> impl IntoView {
    let page = Page::here();
    view! {
        <details>
            <summary>{move || page.t("error-details")}</summary>
            <p lang="en" data-testid="error-details">{message}</p>
        </details>
    }
}

#[component]
fn Dismiss() -> impl IntoView {
    let page = Page::here();
    view! {
        <p class="problem-buttons">
            <button type="button" data-testid="dismiss" on:click=move |_| page.send(Message::Dismiss)>
                {move || page.t("button-dismiss")}
            </button>
        </p>
    }
}
