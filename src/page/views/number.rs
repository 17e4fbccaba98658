//! A field for a whole number.

use leptos::prelude::*;
use web_sys::HtmlInputElement;

use crate::page::app::Page;
use crate::page::format::thousands;
use crate::page::model::Mode;

/// A field for a whole number from a least to a largest one. What is none is said to be none while it is typed; once it is left it makes
/// room for the number in force, so that the field never shows another one than the run has.
#[component]
pub fn NumberField(
    /// Names the field for tests, and its texts.
    name: &'static str,
    /// The number in force; nothing where the field may be empty and is.
    #[prop(into)]
    value: Signal<Option<u64>>,
    /// The least one, 0 if it is not given.
    #[prop(optional)]
    least: u64,
    largest: u64,
    /// Whether it may be left empty.
    #[prop(optional)]
    optional: bool,
    /// What stands in the empty field.
    #[prop(optional, into)]
    placeholder: Signal<String>,
    choose: impl Fn(Option<u64>) + Copy + Send + 'static,
) -> impl IntoView {
    let page = Page::here();
    let busy = page.read(|m| m.mode() == Mode::Running);
    let text = move |value: Option<u64>| value.map(|n| n.to_string()).unwrap_or_default();
    let (wrong, told) = (RwSignal::new(false), RwSignal::new(false));
    let read = move |field: &HtmlInputElement| {
        let number = number(&field.value(), least, largest);
        // Of what is no number at all the browser says nothing but that it is not valid.
        let is_empty = optional && field.value().trim().is_empty() && field.check_validity();
        if number.is_some() || is_empty { Ok(number) } else { Err(()) }
    };
    let typed = move |event: web_sys::Event| {
        let is_wrong = read(&event_target(&event)).is_err();
        wrong.set(is_wrong);
        told.set(is_wrong);
    };
    let left = move |event: web_sys::Event| {
        let field: HtmlInputElement = event_target(&event);
        match read(&field) {
            Ok(number) => choose(number),
            Err(()) => told.set(true),
        }
        wrong.set(false);
        field.set_value(&text(value.get_untracked()));
    };
    let complaint = move || {
        let last = thousands(largest as f64);
        page.tv("number-wrong", [("first", least.to_string().into()), ("last", last.into())])
    };
    view! {
        <input
            aria-describedby=format!("{name}-about {name}-wrong")
            type="number"
            inputmode="numeric"
            min=least
            max=largest
            step="1"
            data-testid=name
            placeholder=move || placeholder.get()
            disabled=move || busy.get()
            aria-invalid=move || wrong.get().to_string()
            prop:value=move || text(value.get())
            on:input=typed
            on:change=left
            on:focus=move |_| told.set(false)
        />
        <span class="complaint" role="alert" id=format!("{name}-wrong") data-testid=format!("{name}-wrong")>
            {move || told.get().then(complaint)}
        </span>
    }
}

/// The number that stands in a field, if it is one of `least` to `largest`.
fn number(text: &str, least: u64, largest: u64) -> Option<u64> {
    text.trim().parse().ok().filter(|number| (least..=largest).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_within_the_limits_are_read() {
        assert_eq!([" 7 ", "0", "999"].map(|text| number(text, 0, 999)), [Some(7), Some(0), Some(999)]);
        assert_eq!(
            ["", "-3", "1.5", "1e3", "1000", "99999999999999999999"].map(|text| number(text, 0, 999)),
            [None; 6]
        );
        assert_eq!(["0", "1"].map(|text| number(text, 1, 9)), [None, Some(1)]);
    }
}
