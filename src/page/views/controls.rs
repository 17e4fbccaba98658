//! The bar that stays in sight: start, pause, step, stop, reset; how it goes; and what went wrong.

use leptos::html::{Div, Section};
use leptos::prelude::*;

use super::number::NumberField;
use super::{problem, words};
use crate::page::app::Page;
use crate::page::browser;
use crate::page::format::{megabytes, percent, thousands};
use crate::page::model::{Message, Mode, Model};
use crate::page::run_view::{Pace, RunView};
use crate::page::settings::{DEVICES, LARGEST_SEED};
use crate::page::supervisor::{Arrived, EngineState};
use crate::protocol::Fallback;
use crate::study::{Phase, Status};

/// What the large button does now.
#[derive(Clone, Copy, PartialEq)]
enum Primary {
    Start,
    Waiting,
    Pause,
    Pausing,
    Resume,
}

fn primary(model: &Model) -> Primary {
    match (model.mode(), model.pace()) {
        (Mode::Idle, _) => Primary::Start,
        (Mode::Waiting(_), _) => Primary::Waiting,
        (Mode::Running, Some(Pace::Going)) => Primary::Pause,
        (Mode::Running, Some(Pace::Paused)) => Primary::Resume,
        (Mode::Running, _) => Primary::Pausing,
    }
}

#[component]
pub fn Controls() -> impl IntoView {
    let page = Page::here();
    let (desk, bar) = (NodeRef::<Section>::new(), NodeRef::<Div>::new());
    // What is scrolled to must not hide behind the bar, and how high that is depends on what it has to say.
    Effect::new(move |_| {
        if let (Some(desk), Some(bar)) = (desk.get(), bar.get()) {
            browser::measure("--desk", &[&desk, &bar]);
        }
    });
    view! {
        <section
            class="desk"
            id="desk"
            node_ref=desk
            aria-label=move || page.t("controls")
        >
            <div class="desk-row wide">
                // On a small screen the bar alone stays in sight.
                <div class="bar" node_ref=bar>
                    <div class="buttons">
                        <PrimaryButton />
                        <SmallButtons />
                    </div>
                    <div class="course">
                        <Progress />
                        <InUse />
                    </div>
                    <problem::Problems />
                </div>
                <div class="desk-choices">
                    <Seed />
                    <Device />
                </div>
            </div>
        </section>
    }
}

#[component]
fn PrimaryButton() -> impl IntoView {
    let page = Page::here();
    let state = page.read(primary);
    let failed = page.read(|m| matches!(m.supervisor.engine, EngineState::Failed(_)));
    // None: the visitor's own examples.
    let preset = page.read(|m| (!m.own.taught).then(|| m.settings.preset.clone()));
    let lacking = page.read(|m| m.own.is_lacking());
    let is_changed = page.read(|m| !m.settings.overrides.is_empty());
    let label = move || match state.get() {
        Primary::Start => match preset.get() {
            _ if is_changed.get() => page.t("button-changed"),
            Some(preset) => page.t(&words::preset(&preset, "button")),
            None => page.t("own-button"),
        },
        Primary::Waiting => page.t("button-waiting"),
        Primary::Pause => page.t("button-pause"),
        Primary::Pausing => page.t("button-pausing"),
        Primary::Resume => page.t("button-resume"),
    };
    let name = move || match state.get() {
        Primary::Start => "start",
        Primary::Waiting => "waiting",
        Primary::Pause => "pause",
        Primary::Pausing => "pausing",
        Primary::Resume => "resume",
    };
    let press = move |_| match state.get_untracked() {
        Primary::Start => {
            page.send(Message::Start);
            browser::scroll_to("stage");
        }
        Primary::Pause => page.send(Message::Pause),
        Primary::Resume => page.send(Message::Resume),
        Primary::Waiting | Primary::Pausing => {}
    };
    view! {
        <button
            type="button"
            class="primary"
            data-testid="primary"
            data-action=name
            disabled=move || failed.get() || (lacking.get() && state.get() == Primary::Start)
            aria-disabled=move || matches!(state.get(), Primary::Waiting | Primary::Pausing).to_string()
            on:click=press
        >
            {label}
        </button>
    }
}

#[component]
fn SmallButtons() -> impl IntoView {
    let page = Page::here();
    let ready = page.read(|m| m.supervisor.ready().is_some());
    let can_step = page.read(|m| m.pace().is_none_or(|pace| pace == Pace::Paused));
    let can_stop = page.read(|m| match m.mode() {
        Mode::Idle => false,
        Mode::Waiting(_) => true,
        Mode::Running => m.pace() != Some(Pace::Stopping),
    });
    let can_reset = page.read(|m| m.cursor.run.is_some());
    let step = Signal::derive(move || ready.get() && can_step.get());
    view! {
        <SmallButton name="step" text="button-step" about="button-step-about" can=step message=Message::Step />
        <SmallButton name="stop" text="button-stop" about="button-stop-about" can=can_stop message=Message::Stop />
        <SmallButton name="reset" text="button-reset" about="button-reset-about" can=can_reset message=Message::Reset />
    }
}

/// A button that says what cannot be done now instead of being `disabled`: pressed with the keyboard it would lose the focus.
#[component]
fn SmallButton(
    name: &'static str,
    text: &'static str,
    about: &'static str,
    #[prop(into)] can: Signal<bool>,
    message: Message,
) -> impl IntoView {
    let page = Page::here();
    let press = move |_| {
        if can.get_untracked() {
            page.send(message.clone());
        }
    };
    view! {
        <button
            type="button"
            data-testid=name
            aria-disabled=move || (!can.get()).to_string()
            title=move || page.t(about)
            on:click=press
        >
            {move || page.t(text)}
        </button>
    }
}

/// How far the run, or the loading of the model, has come.
#[component]
fn Progress() -> impl IntoView {
    let page = Page::here();
    let status = Memo::new(move |_| page.with_model(|m| status(page, m)));
    let share = page.read(share_done);
    let seconds = Memo::new(move |_| {
        let now = page.clock.get();
        page.with_model(|m| m.shown_run().map(|r| r.seconds(now).round()))
    });
    let counter = page.read(counter);
    view! {
        <div class="progress">
            <p class="status" data-testid="status">{move || status.get()}</p>
            <progress
                max="1"
                value=move || share.get().unwrap_or(0.0)
                class:idle=move || share.get().is_none()
                aria-label=move || page.t("progress")
            ></progress>
            <p class="counter">
                <span data-testid="steps">
                    {move || {
                        counter.get().map(|counter| match counter {
                            Counter::Steps(made, total) => {
                                page.tv("counter-steps", [("made", made.into()), ("total", total.into())])
                            }
                            Counter::Share(share) => page.tv("race-share", [("share", share.into())]),
                        })
                    }}
                </span>
                <span data-testid="seconds">
                    {move || seconds.get().map(|s| page.tv("counter-seconds", [("seconds", format!("{s:.0}").into())]))}
                </span>
            </p>
        </div>
    }
}

/// How far it has come: the run on the stage in steps, a race in the share of its training.
#[derive(Clone, PartialEq)]
enum Counter {
    Steps(usize, usize),
    Share(String),
}

fn counter(model: &Model) -> Option<Counter> {
    if model.racing().next().is_some() {
        return model.race_share().map(|share| Counter::Share(percent(share)));
    }
    model.shown_run().map(|run| Counter::Steps(run.record.steps_made(), run.record.planned_steps))
}

/// One line that says what is going on.
pub fn status(page: Page, model: &Model) -> String {
    match &model.supervisor.engine {
        EngineState::Starting(arrived) => {
            return fetching(page, *arrived, ["status-starting", "status-engine", "status-engine-so-far"]);
        }
        EngineState::Loading(arrived) => {
            return fetching(page, *arrived, ["status-loading-model", "status-loading", "status-loading-so-far"]);
        }
        EngineState::Failed(_) => return page.t("status-failed"),
        EngineState::Ready(_) => {}
    }
    if let Some(text) = race_status(page, model) {
        return text;
    }
    let Some(run) = model.shown_run() else { return page.t("status-ready") };
    match run.pace() {
        Some(Pace::Paused) => return page.t("status-paused"),
        Some(Pace::Stopping) => return page.t("status-stopping"),
        Some(Pace::Going | Pace::Pausing | Pace::Stepping { .. }) => return at_work(page, run),
        None => {}
    }
    match run.record.status {
        Status::Finished => page.t("status-finished"),
        Status::Failed { .. } => page.t("status-broken"),
        Status::Cancelled | Status::Running => page.t("status-cancelled"),
    }
}

/// Of a race in progress: the three are trained together, and then asked everything one after the other.
fn race_status(page: Page, model: &Model) -> Option<String> {
    let first = model.racing().next()?;
    Some(match model.pace()? {
        Pace::Paused => page.t("status-paused"),
        Pace::Stopping => page.t("status-stopping"),
        _ if model.race_share()? < 1.0 => page.t("status-race"),
        _ => at_work(page, first),
    })
}

/// How much has come: nothing yet; of so many megabytes; or so many, as of compressed files nobody says how large they are.
fn fetching(page: Page, arrived: Arrived, [nothing, of_total, so_far]: [&str; 3]) -> String {
    let done = || megabytes(arrived.done).into();
    match arrived.total {
        _ if arrived.done == 0.0 => page.t(nothing),
        Some(total) => page.tv(of_total, [("done", done()), ("total", megabytes(total).into())]),
        None => page.tv(so_far, [("done", done())]),
    }
}

fn at_work(page: Page, run: &RunView) -> String {
    let Some(progress) = run.progress() else { return page.t("status-preparing") };
    let asked = [("done", progress.done.into()), ("total", progress.total.into())];
    match progress.phase {
        Phase::Start => page.tv("status-start", asked),
        Phase::Before => page.tv("status-before", asked),
        Phase::Tuning => page.t("status-tuning"),
        Phase::After => page.tv("status-after", asked),
    }
}

/// The share of the present work that is done; none while nothing is in progress.
fn share_done(model: &Model) -> Option<f64> {
    match &model.supervisor.engine {
        EngineState::Starting(arrived) | EngineState::Loading(arrived) => return arrived.share(),
        EngineState::Ready(_) => {}
        EngineState::Failed(_) => return None,
    }
    if let Some(share) = model.race_share().filter(|share| *share < 1.0 && model.racing().next().is_some()) {
        return Some(share);
    }
    let at_work = model.racing().next().or_else(|| model.active());
    let progress = at_work?.progress()?;
    Some(progress.done as f64 / progress.total.max(1) as f64)
}

/// The device in use, and why.
#[component]
fn InUse() -> impl IntoView {
    let page = Page::here();
    let state = page.read(|m| words::engine_state(&m.supervisor.engine));
    let ready = page.read(|m| m.supervisor.ready().cloned());
    let device = move || {
        ready.get().map(|r| {
            let kind = page.t(words::device(r.device.kind));
            let software = r.device.software.then(|| view! { <span class="tag">{page.t("device-software")}</span> });
            let why = r.fallback.as_ref().map(|f| {
                let place = match f {
                    Fallback::WrongNumbers { place } => Some(view! { " " <span lang="en">{place.clone()}</span> }),
                    _ => None,
                };
                view! { <span class="why" data-testid="fallback">{page.t(words::fallback(f))}{place}</span> }
            });
            let measured = r.measured.as_ref().map(|measured| {
                let cpu = ("cpu", thousands(measured.cpu_ms.ceil()).into());
                let told = match measured.gpu_ms {
                    Some(gpu) => page.tv("measured", [("gpu", thousands(gpu.ceil()).into()), cpu]),
                    None => page.tv("measured-without-gpu", [cpu]),
                };
                view! { <span class="why" data-testid="measured">{told}</span> }
            });
            let weights = page.tv("weights", [("count", thousands(r.parameters).into())]);
            view! {
                <strong data-testid="device-kind">{kind}</strong>
                " "
                <span data-testid="device-name">{r.device.name.clone()}</span>
                {software}
                <span class="weights">{weights}</span>
                {why}
                {measured}
            }
        })
    };
    view! {
        <p class="engine" data-testid="engine" data-state=move || state.get()>
            {device}
        </p>
    }
}

#[component]
fn Seed() -> impl IntoView {
    let page = Page::here();
    let seed = page.read(|m| Some(m.settings.seed));
    let choose = move |seed: Option<u64>| {
        if let Some(seed) = seed {
            page.send(Message::ChooseSeed(seed));
        }
    };
    view! {
        <label title=move || page.t("seed-about")>
            {move || page.t("seed")}
            <NumberField name="seed" value=seed largest=LARGEST_SEED choose />
        </label>
        <span class="visually-hidden" id="seed-about">{move || page.t("seed-about")}</span>
    }
}

#[component]
fn Device() -> impl IntoView {
    let page = Page::here();
    let chosen = page.read(|m| m.settings.device);
    let busy = page.read(|m| m.mode() == Mode::Running);
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some((device, _)) = DEVICES.into_iter().find(|(_, n)| *n == name) {
            page.send(Message::ChooseDevice(device));
        }
    };
    let options = DEVICES.map(|(device, name)| {
        let key = match name {
            "cpu" => "device-choice-cpu",
            "gpu" => "device-choice-gpu",
            _ => "device-choice-auto",
        };
        view! {
            <option value=name selected=move || chosen.get() == device>
                {move || page.t(key)}
            </option>
        }
    });
    view! {
        <label title=move || page.t("device-about")>
            {move || page.t("device")}
            <select
                aria-describedby="device-about"
                data-testid="device"
                // Another device is another engine: a run in progress would be lost.
                disabled=move || busy.get()
                on:change=choose
            >
                {options}
            </select>
        </label>
        <span class="visually-hidden" id="device-about">{move || page.t("device-about")}</span>
    }
}
