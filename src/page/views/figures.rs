//! Figures as text, and as a mark on a scale with their interval.

use leptos::prelude::*;

use crate::page::format::{interval, value};
use crate::study::{Figure, Record, Value};

/// A figure under the condition of this name, before and after; nothing where that was not measured.
pub fn before_after(record: Option<&Record>, condition: &str, figure: Figure) -> [Option<Value>; 2] {
    let Some(record) = record else { return [None; 2] };
    [&record.before, &record.after].map(|evaluation| evaluation.as_ref()?.under(condition)?.figures.get(figure))
}

/// `98.5%` and below it the interval; a dash where nothing was measured.
#[component]
pub fn Number(of: Option<Value>) -> impl IntoView {
    match of {
        None => view! { <span class="none">"–"</span> }.into_any(),
        Some(v) => view! {
            <span class="number">{value(v)}</span>
            " "
            <span class="interval">{interval(v)}</span>
        }
        .into_any(),
    }
}

/// Before and after on one scale: a hollow mark, a filled mark, each on its interval. The numbers stand beside it.
#[component]
pub fn Dumbbell(
    /// Before tuning.
    before: Option<Value>,
    /// After tuning.
    after: Option<Value>,
    /// Which colour: `refuse`, `comply` or `neutral`.
    tone: &'static str,
) -> impl IntoView {
    let percent = |x: f64| format!("{:.2}%", 100.0 * x);
    let line = |of: Option<Value>, class: &'static str, y: &'static str| {
        of.map(|v| {
            let (at, low, high) = position(v);
            view! {
                <line class=format!("whisker {class}") x1=percent(low) x2=percent(high) y1=y y2=y />
                <circle class=class cx=percent(at) cy=y r="4" />
            }
        })
    };
    let link = before.zip(after).map(|(b, a)| {
        let (from, to) = (position(b).0, position(a).0);
        view! { <line class="link" x1=percent(from) x2=percent(to) y1="8" y2="20" /> }
    });
    view! {
        <svg class=format!("dumbbell {tone}") aria-hidden="true">
            <line class="axis" x1="0" x2="100%" y1="14" y2="14" />
            {link}
            {line(before, "mark-before", "8")}
            {line(after, "mark-after", "20")}
        </svg>
    }
}

/// A value and the ends of its interval on a scale from 0 to 1.
fn position(value: Value) -> (f64, f64, f64) {
    let (at, low, high) = value.bounds();
    let scale = |x: f64| match value {
        Value::Share(_) => x,
        Value::Mean { .. } => (x - 1.0) / 4.0,
    };
    (scale(at), scale(low), scale(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::testing::{evaluation, measurement, record};
    use crate::study::{Measurement, Rate};

    #[test]
    fn each_condition_has_its_own_figures() {
        let main = measurement(0);
        let prefilled = |tokens, answered| {
            let condition = main.condition.prefilled(tokens);
            Measurement { condition, ..measurement(answered) }
        };
        let mut record = record("harmful", 20);
        record.after = None;
        record.before = Some(evaluation(0));
        if let Some(before) = &mut record.before {
            before.measurements.extend([prefilled(1, 50), prefilled(8, 60)]);
        }
        let of =
            |name: &str| [Figure::RefusalRate, Figure::HarmfulnessRate].map(|f| before_after(Some(&record), name, f));
        let shares = |refused, answered| [refused, answered].map(|n| [Some(Value::Share(Rate::new(n, 66))), None]);
        assert_eq!((of("default"), of("prefill 1"), of("prefill 8")), (shares(66, 0), shares(16, 50), shares(6, 60)));
        assert_eq!(of("prefill 2"), [[None; 2]; 2], "not measured is not nothing");
        assert_eq!(before_after(None, "default", Figure::RefusalRate), [None; 2]);
    }

    #[test]
    fn scores_from_one_to_five_fill_the_scale() {
        let ends = position(Value::Mean { mean: 3.0, low: 1.0, high: 5.0 });
        assert_eq!(ends, (0.5, 0.0, 1.0));
    }
}
