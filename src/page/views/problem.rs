//! What went wrong, what it means and what to do.

use leptos::prelude::*;

use super::words;
use crate::page::app::Page;
use crate::page::model::Message;
use crate::page::supervisor::{EngineState, Problem};
use crate::page::watchdog::Mood;
use crate::protocol::{DeviceChoice, ErrorCode};

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
    let slow = page.read(|m| m.watchdog.mood() == Mood::Slow);
    view! {
        <div class="problems" role="alert" data-testid="problems">
            {move || failed.get().map(|p| view! { <Failed problem=p /> })}
            {move || recovered.get().map(|p| view! { <Recovered problem=p /> })}
            {move || notice.get().map(|p| view! { <Notice problem=p /> })}
            <Show when=move || slow.get()>
                <div class="problem mild" data-testid="slow">
                    <p>{move || page.t("engine-slow")}</p>
                    <p class="problem-buttons">
                        <button type="button" on:click=move |_| page.send(Message::StartAnew)>
                            {move || page.t("button-start-anew")}
                        </button>
                    </p>
                </div>
            </Show>
        </div>
    }
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
    // A page, an engine and a model that are not of one build, or of a build that the host has no more: only loading the page
    // again brings all three.
    let again = matches!(code, ErrorCode::Build | ErrorCode::Model | ErrorCode::Network).then(|| {
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
    let cpu = (!on_cpu
        && matches!(code, ErrorCode::NoGpu | ErrorCode::DeviceLost | ErrorCode::Silent | ErrorCode::Panic))
    .then(|| {
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
