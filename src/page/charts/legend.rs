//! What the curves of a chart are called and how they look, so that each is told from the others and can be put away.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Chart;

/// A name in a chart's legend, with the look of its curve. Whatever has that name is put away together: a curve and its interval.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// The colour of line and marker.
    pub colour: String,
    /// The dashes of the line as `stroke-dasharray` has them; of a whole line empty.
    pub dash: String,
    /// The marker: `circle`, `diamond`, `triangle`, `rect` or `none`.
    pub symbol: String,
}

impl Chart {
    /// The names in the chart, each once, in their order.
    pub fn legend(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for part in self.parts() {
            let Some(name) = part["name"].as_str() else { continue };
            let is_new = entries.iter().all(|entry| entry.name != name);
            if is_new && is_seen(part) {
                entries.push(Entry {
                    name: name.to_owned(),
                    colour: part["lineStyle"]["color"].as_str().unwrap_or_default().to_owned(),
                    dash: dasharray(&part["lineStyle"]["type"]),
                    symbol: part["symbol"].as_str().unwrap_or("none").to_owned(),
                });
            }
        }
        entries
    }

    /// The chart without what has one of these names. What the visitor looks at stays marked.
    #[must_use]
    pub fn without(mut self, hidden: &BTreeSet<String>) -> Self {
        let mark = self.parts().find_map(|part| part.get("markLine").cloned());
        let Some(parts) = self.parts_mut() else { return self };
        parts.retain(|part| part["name"].as_str().is_none_or(|name| !hidden.contains(name)));
        if let (Some(mark), Some(first)) = (mark, parts.first_mut()) {
            first["markLine"] = mark;
        }
        self
    }

    /// What has a name: the series; of a radar, its shapes.
    fn parts(&self) -> impl Iterator<Item = &Value> {
        let series = &self.option["series"];
        let parts = if is_radar(series) { &series[0]["data"] } else { series };
        parts.as_array().into_iter().flatten()
    }

    fn parts_mut(&mut self) -> Option<&mut Vec<Value>> {
        let series = &mut self.option["series"];
        if is_radar(series) { series[0]["data"].as_array_mut() } else { series.as_array_mut() }
    }
}

fn is_radar(series: &Value) -> bool {
    series[0]["type"] == "radar"
}

/// A band is drawn on a line that nobody sees.
fn is_seen(part: &Value) -> bool {
    part["lineStyle"]["opacity"] != 0
}

fn dasharray(kind: &Value) -> String {
    match kind {
        Value::Array(lengths) => {
            let lengths = lengths.iter().filter_map(Value::as_f64);
            lengths.map(|length| length.to_string()).collect::<Vec<_>>().join(" ")
        }
        kind if kind == "dashed" => "6 4".to_owned(),
        kind if kind == "dotted" => "1.5 3".to_owned(),
        _ => String::new(),
    }
}
