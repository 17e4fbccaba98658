//! The charts' contents as plain data: option objects of Apache ECharts, with the texts of their tooltips.

use serde_json::{Value, json};

use super::format::{fine, interval_of, percent, percent_fine};
use super::palette::Palette;
use crate::measure::Rate;
use crate::study::Step;

/// How the lines of the runs look beside their colours: dash and marker. Colour alone never tells runs apart.
pub const RUN_STYLES: [(&str, &str); 3] = [("solid", "circle"), ("dashed", "triangle"), ("dotted", "rect")];

/// What a chart is drawn with.
#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// The colours.
    pub palette: Palette,
    /// The size of the page's text in pixels; everything in a chart follows it.
    pub text: f64,
    /// There is little room: labels are short.
    pub narrow: bool,
    /// Whether lines may move.
    pub animated: bool,
}

/// The words in a chart, in the visitor's language.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// For example `refuses`.
    pub refuses: String,
    /// For example `complies`.
    pub complies: String,
    /// For example `loss`.
    pub loss: String,
    /// For example `step`.
    pub step: String,
    /// For example `run`.
    pub run: String,
}

/// A run in a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The run's number.
    pub run: u32,
    /// Its points.
    pub points: Vec<Point>,
}

/// A point of a run's lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The step.
    pub step: usize,
    /// The refusal rate.
    pub refusal: Rate,
    /// The harmfulness rate.
    pub harmfulness: Rate,
    /// The loss.
    pub loss: Option<f64>,
}

impl From<&Step> for Point {
    fn from(step: &Step) -> Self {
        Self { step: step.step, refusal: step.refusal_rate, harmfulness: step.harmfulness_rate, loss: step.loss }
    }
}

/// One of the two rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Share of refusals.
    Refusal,
    /// Share of complete answers.
    Harmfulness,
}

impl Metric {
    fn of(self, point: &Point) -> Rate {
        match self {
            Self::Refusal => point.refusal,
            Self::Harmfulness => point.harmfulness,
        }
    }

    fn colour(self, palette: &Palette) -> &'static str {
        match self {
            Self::Refusal => palette.refuse,
            Self::Harmfulness => palette.comply,
        }
    }

    fn word(self, words: &Words) -> &str {
        match self {
            Self::Refusal => &words.refuses,
            Self::Harmfulness => &words.complies,
        }
    }
}

/// What a chart shows: the option object, and a tooltip for each step.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The option object of Apache ECharts.
    pub option: Value,
    /// Texts by step.
    pub tooltips: Vec<(usize, String)>,
}

impl Chart {
    /// Both as JSON, for the script that draws.
    pub fn json(&self) -> String {
        let tooltips: serde_json::Map<_, _> =
            self.tooltips.iter().map(|(step, text)| (step.to_string(), json!(text))).collect();
        json!({ "option": self.option, "tooltips": tooltips }).to_string()
    }
}

/// The live chart: rates of the run on the stage with their intervals, other runs beside them as thin lines, and the
/// loss in a low panel below. `marked` is the step that the visitor looks at.
pub fn live(main: &Line, others: &[Line], steps: usize, marked: Option<usize>, words: &Words, style: &Style) -> Chart {
    let palette = &style.palette;
    let steps = others.iter().flat_map(|l| l.points.last()).map(|p| p.step).fold(steps, usize::max);
    let mut series = Vec::new();
    for metric in [Metric::Refusal, Metric::Harmfulness] {
        series.extend(band(main, metric, palette));
    }
    for (other, &(dash, marker)) in others.iter().zip(&RUN_STYLES[1..]) {
        for metric in [Metric::Refusal, Metric::Harmfulness] {
            series.push(thin_line(other, metric, dash, marker, style, words));
        }
    }
    let labels = end_labels(main, words, style);
    for (metric, (text, shift)) in [Metric::Refusal, Metric::Harmfulness].into_iter().zip(labels) {
        series.push(main_line(main, metric, &text, shift, style));
    }
    for (line, (dash, _)) in std::iter::once(main).chain(others).zip(RUN_STYLES) {
        series.push(loss_line(line, dash, line.run == main.run, style));
    }
    if let (Some(step), Some(last)) = (marked, series.first_mut()) {
        last["markLine"] = mark(step, palette);
    }
    let (left, right) = margins(style);
    let grid = |top: String, height: String| json!({ "left": left, "right": right, "top": top, "height": height });
    let option = json!({
        "animation": style.animated,
        "animationDuration": 300,
        "animationDurationUpdate": 300,
        "textStyle": text_style(style),
        "grid": [grid(format!("{}", style.text.round()), "62%".to_owned()), grid("76%".to_owned(), "13%".to_owned())],
        "axisPointer": { "link": [{ "xAxisIndex": "all" }], "lineStyle": { "color": palette.muted } },
        "tooltip": tooltip(style),
        "xAxis": [step_axis(0, steps, false, words, style), step_axis(1, steps, true, words, style)],
        "yAxis": [rate_axis(0, style), loss_axis(words, style)],
        "series": series,
    });
    Chart { option, tooltips: live_tooltips(main, others, words) }
}

/// One rate of two or three runs over their steps.
pub fn compared(lines: &[Line], metric: Metric, words: &Words, style: &Style) -> Chart {
    let steps = lines.iter().flat_map(|l| l.points.last()).map(|p| p.step).max().unwrap_or(1);
    let series = lines.iter().enumerate().map(|(place, line)| compared_line(line, place, metric, words, style));
    let (left, _) = margins(style);
    let option = json!({
        "animation": style.animated,
        "textStyle": text_style(style),
        "grid": { "left": left, "right": style.text * 4.6, "top": style.text, "bottom": style.text * 2.6 },
        "tooltip": tooltip(style),
        "xAxis": step_axis(0, steps, true, words, style),
        "yAxis": rate_axis(0, style),
        "series": series.collect::<Vec<_>>(),
    });
    let last = lines.iter().flat_map(|l| &l.points).map(|p| p.step).max().unwrap_or(0);
    let tooltips = (0..=last).filter_map(|step| {
        let at = |line: &Line| line.points.iter().find(|p| p.step == step).map(|p| metric.of(p));
        let rows: Vec<_> = lines.iter().filter_map(|l| Some((l.run, at(l)?))).collect();
        let rows = rows.into_iter().map(|(run, rate)| format!("{} {run}: {}", words.run, with_interval(rate)));
        let rows: Vec<_> = std::iter::once(format!("{} {step}", words.step)).chain(rows).collect();
        (rows.len() > 1).then(|| (step, rows.join("\n")))
    });
    let tooltips = tooltips.collect();
    Chart { option, tooltips }
}

/// The room left and right of the panels, in pixels. The slider below the chart keeps the same, in `em`.
fn margins(style: &Style) -> (f64, f64) {
    (style.text * 3.0, style.text * if style.narrow { 3.4 } else { 7.5 })
}

fn text_style(style: &Style) -> Value {
    json!({ "fontFamily": "\"Source Sans 3\", \"Noto Sans SC\", \"PingFang SC\", \"Microsoft YaHei\", sans-serif", "fontSize": style.text * 0.86, "color": style.palette.muted })
}

fn tooltip(style: &Style) -> Value {
    let palette = &style.palette;
    json!({
        "trigger": "axis",
        // Drawn in the SVG: no markup from strings, and no style attribute for the content security policy to refuse.
        "renderMode": "richText",
        "confine": true,
        "transitionDuration": 0,
        "backgroundColor": palette.paper,
        "borderColor": palette.muted,
        "borderWidth": 1,
        "padding": 8,
        "textStyle": { "color": palette.ink, "fontSize": style.text * 0.86, "lineHeight": style.text * 1.25 },
    })
}

fn step_axis(grid: usize, steps: usize, labelled: bool, words: &Words, style: &Style) -> Value {
    let palette = &style.palette;
    json!({
        "type": "value",
        "gridIndex": grid,
        "min": 0,
        "max": steps.max(1),
        "interval": step_interval(steps, style.narrow),
        "name": if labelled { words.step.as_str() } else { "" },
        "nameLocation": "end",
        "nameGap": style.text * 0.5,
        "nameTextStyle": { "color": palette.muted, "verticalAlign": "top", "padding": [style.text * 0.45, 0, 0, 0] },
        "axisLine": { "onZero": false, "lineStyle": { "color": palette.muted } },
        "axisTick": { "show": labelled, "lineStyle": { "color": palette.muted } },
        "axisLabel": { "show": labelled, "color": palette.muted, "showMaxLabel": true },
        "axisPointer": { "label": { "show": false } },
        "splitLine": { "show": false },
    })
}

/// Round numbers, and never more than about five of them.
fn step_interval(steps: usize, narrow: bool) -> usize {
    let most = if narrow { 4 } else { 5 };
    let fits = |interval: &usize| steps.div_ceil(*interval) <= most;
    [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1_000].into_iter().find(fits).unwrap_or(steps)
}

fn rate_axis(grid: usize, style: &Style) -> Value {
    let palette = &style.palette;
    json!({
        "type": "value",
        "gridIndex": grid,
        "min": 0,
        "max": 100,
        "interval": 25,
        "axisLine": { "show": false },
        "axisTick": { "show": false },
        "axisLabel": { "color": palette.muted, "formatter": "{value}%" },
        "axisPointer": { "show": false },
        "splitLine": { "lineStyle": { "color": palette.rule } },
    })
}

fn loss_axis(words: &Words, style: &Style) -> Value {
    let palette = &style.palette;
    json!({
        "type": "value",
        "gridIndex": 1,
        "min": 0,
        "splitNumber": 1,
        "name": words.loss,
        "nameTextStyle": { "color": palette.muted, "align": "left", "padding": [0, 0, 0, style.text * 0.4] },
        "nameGap": style.text * 0.3,
        "axisLine": { "show": false },
        "axisTick": { "show": false },
        "axisLabel": { "color": palette.muted },
        "axisPointer": { "show": false },
        "splitLine": { "lineStyle": { "color": palette.rule } },
    })
}

/// The interval of a rate: an unseen line at its lower end, and on it an area as high as the interval.
fn band(line: &Line, metric: Metric, palette: &Palette) -> [Value; 2] {
    let part = |value: fn(Rate) -> f64, opacity: f64| {
        json!({
            "type": "line",
            "stack": format!("{metric:?}"),
            "stackStrategy": "all",
            "data": line.points.iter().map(|p| json!([p.step, round(value(metric.of(p)))])).collect::<Vec<_>>(),
            "lineStyle": { "opacity": 0 },
            "areaStyle": { "color": metric.colour(palette), "opacity": opacity },
            "symbol": "none",
            "silent": true,
            "z": 1,
        })
    };
    [part(|r| 100.0 * r.low, 0.0), part(|r| 100.0 * (r.high - r.low), 0.14)]
}

fn main_line(line: &Line, metric: Metric, label: &str, shift: f64, style: &Style) -> Value {
    let colour = metric.colour(&style.palette);
    let marker = if metric == Metric::Refusal { "circle" } else { "diamond" };
    json!({
        "type": "line",
        "data": points(line, metric),
        "lineStyle": { "color": colour, "width": style.text * 0.16 },
        "itemStyle": { "color": colour },
        "symbol": marker,
        "symbolSize": style.text * if metric == Metric::Refusal { 0.42 } else { 0.56 },
        "showAllSymbol": line.points.len() <= 45,
        "endLabel": {
            "show": true, "formatter": label, "color": colour, "fontSize": style.text, "fontWeight": 600,
            "offset": [style.text * 0.2, shift], "distance": style.text * 0.4,
        },
        "z": 4,
    })
}

fn thin_line(line: &Line, metric: Metric, dash: &str, marker: &str, style: &Style, words: &Words) -> Value {
    let colour = metric.colour(&style.palette);
    json!({
        "type": "line",
        "data": points(line, metric),
        "lineStyle": { "color": colour, "width": 1.25, "type": dash, "opacity": 0.75 },
        "itemStyle": { "color": colour, "opacity": 0.75 },
        "symbol": marker,
        "symbolSize": style.text * 0.34,
        "showAllSymbol": line.points.len() <= 25,
        "endLabel": {
            "show": metric == Metric::Refusal, "formatter": format!("{} {}", words.run, line.run),
            "color": style.palette.muted, "fontSize": style.text * 0.76, "distance": style.text * 0.3,
        },
        "silent": true,
        "z": 2,
    })
}

fn loss_line(line: &Line, dash: &str, is_main: bool, style: &Style) -> Value {
    let colour = if is_main { style.palette.ink } else { style.palette.muted };
    let data = line.points.iter().filter_map(|p| Some(json!([p.step, p.loss.filter(|l| l.is_finite())?])));
    json!({
        "type": "line",
        "xAxisIndex": 1,
        "yAxisIndex": 1,
        "data": data.collect::<Vec<_>>(),
        "lineStyle": { "color": colour, "width": if is_main { 1.5 } else { 1.0 }, "type": dash },
        "itemStyle": { "color": colour },
        "symbol": "none",
        "silent": true,
    })
}

fn compared_line(line: &Line, place: usize, metric: Metric, words: &Words, style: &Style) -> Value {
    let place = place.min(RUN_STYLES.len() - 1);
    let (dash, marker) = RUN_STYLES[place];
    let colour = style.palette.runs[place];
    json!({
        "type": "line",
        "data": points(line, metric),
        "lineStyle": { "color": colour, "width": style.text * 0.13, "type": dash },
        "itemStyle": { "color": colour },
        "symbol": marker,
        "symbolSize": style.text * 0.45,
        "showAllSymbol": line.points.len() <= 25,
        "endLabel": {
            "show": true, "formatter": format!("{} {}", words.run, line.run), "color": colour, "fontSize": style.text * 0.86,
            "fontWeight": 600, "distance": style.text * 0.4,
        },
        "labelLayout": { "moveOverlap": "shiftY" },
    })
}

fn points(line: &Line, metric: Metric) -> Vec<Value> {
    line.points.iter().map(|p| json!([p.step, round(100.0 * metric.of(p).share)])).collect()
}

/// The texts at the ends of both lines, moved apart (in pixels) where the lines meet.
fn end_labels(line: &Line, words: &Words, style: &Style) -> [(String, f64); 2] {
    let Some(last) = line.points.last() else { return Default::default() };
    let label = |metric: Metric| {
        let share = percent(metric.of(last).share);
        if style.narrow { share } else { format!("{} {share}", metric.word(words)) }
    };
    // In a panel of the usual height, a hundredth is a little less than a sixth of the text's size.
    let apart = (last.refusal.share - last.harmfulness.share) * 100.0 * style.text / 6.5;
    let missing = (style.text * 1.25 - apart.abs()).max(0.0) / 2.0;
    let up = if apart >= 0.0 { -missing } else { missing };
    [(label(Metric::Refusal), up), (label(Metric::Harmfulness), -up)]
}

fn mark(step: usize, palette: &Palette) -> Value {
    json!({
        "symbol": "none",
        "silent": true,
        "animation": false,
        "label": { "show": false },
        "lineStyle": { "color": palette.ink, "width": 1, "type": "solid", "opacity": 0.55 },
        "data": [{ "xAxis": step }],
    })
}

fn live_tooltips(main: &Line, others: &[Line], words: &Words) -> Vec<(usize, String)> {
    let one = |point: &Point| {
        let mut rows = vec![
            format!("{} {}", words.step, point.step),
            format!("{}: {}", words.refuses, with_interval(point.refusal)),
            format!("{}: {}", words.complies, with_interval(point.harmfulness)),
        ];
        rows.extend(point.loss.map(|loss| format!("{}: {}", words.loss, fine(loss))));
        for other in others {
            if let Some(p) = other.points.iter().find(|p| p.step == point.step) {
                let (refusal, harmfulness) = (percent(p.refusal.share), percent(p.harmfulness.share));
                rows.push(format!(
                    "{} {}: {} {refusal}, {} {harmfulness}",
                    words.run, other.run, words.refuses, words.complies
                ));
            }
        }
        (point.step, rows.join("\n"))
    };
    main.points.iter().map(one).collect()
}

fn with_interval(rate: Rate) -> String {
    format!("{} ({})", percent_fine(rate.share), interval_of(rate.low, rate.high))
}

/// Two decimals are more than a screen can show.
fn round(value: f64) -> f64 {
    (100.0 * value).round() / 100.0
}

#[cfg(test)]
#[path = "charts_tests.rs"]
mod tests;
