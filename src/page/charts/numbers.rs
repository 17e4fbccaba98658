//! The numbers of a chart as a table that other programs read.

use super::along::AtToken;
use super::{CURVES, Line, Spoke};
use crate::page::race;
use crate::study::{Figure, Rate};

/// One number of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The number of the run that it is of, where the chart has several.
    pub run: Option<u32>,
    /// What it is, in the words of records: `refusal_rate`, `loss`.
    pub curve: &'static str,
    /// Where on the axis it stands.
    pub at: String,
    /// The number itself; of a rate its share, from 0 to 1.
    pub value: f64,
    /// Of a rate, also cases, of how many, and the interval.
    pub rate: Option<Rate>,
}

/// All of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// What is along the axis: the title of its column.
    pub along: &'static str,
    /// One for each point of each curve.
    pub rows: Vec<Row>,
}

impl Numbers {
    /// Those of the live chart: rates and loss of the run on the stage, and of those beside it.
    pub fn live(main: Option<&Line>, others: &[Line]) -> Self {
        let of_line = |line: &Line| {
            let mut rows: Vec<Row> = CURVES.iter().flat_map(|curve| rates(line, curve.figure)).collect();
            let loss = |loss: f64, step: usize| Row {
                run: Some(line.run),
                curve: "loss",
                at: step.to_string(),
                value: loss,
                rate: None,
            };
            rows.extend(line.steps().iter().filter_map(|step| Some(loss(step.loss?, step.step))));
            rows
        };
        Self { along: "step", rows: main.into_iter().chain(others).flat_map(of_line).collect() }
    }

    /// Those of a comparison: one rate of some runs.
    pub fn compared(lines: &[Line], figure: Figure) -> Self {
        Self { along: "step", rows: lines.iter().flat_map(|line| rates(line, figure)).collect() }
    }

    /// Those of a race, over the share of each run's training in percent.
    pub fn race(lines: &[Line]) -> Self {
        let of_line = |line: &Line| {
            let planned = line.record.planned_steps;
            let at = |(step, rate)| row(line, Figure::RefusalRate, race::percent(step, planned).to_string(), rate);
            line.rates(Figure::RefusalRate).map(at).collect::<Vec<_>>()
        };
        Self { along: "percent_of_training", rows: lines.iter().flat_map(of_line).collect() }
    }

    /// Those of curves along answers, by the names of the curves.
    pub fn along(points: &[AtToken], curves: &[&'static str]) -> Self {
        let of_point = |at: &AtToken| {
            let row = |(curve, value): (&&'static str, &f64)| Row {
                run: None,
                curve,
                at: at.position.to_string(),
                value: *value,
                rate: None,
            };
            curves.iter().zip(&at.numbers).map(row).collect::<Vec<_>>()
        };
        Self { along: "token", rows: points.iter().flat_map(of_point).collect() }
    }

    /// Those of the radar: mean scores, from 1 to 5.
    pub fn radar(spokes: &[Spoke]) -> Self {
        let of_spoke = |spoke: &Spoke| {
            let both = [("mean_score_before", Some(spoke.before)), ("mean_score_after", spoke.after)];
            let row = |(curve, value): (_, Option<f64>)| {
                Some(Row { run: None, curve, at: spoke.name.clone(), value: value?, rate: None })
            };
            both.into_iter().filter_map(row).collect::<Vec<_>>()
        };
        Self { along: "section", rows: spokes.iter().flat_map(of_spoke).collect() }
    }

    /// The table as text: a line for each row below a line of titles, its cells apart by this character. A comma makes CSV
    /// (RFC 4180), a tab what spreadsheets paste.
    pub fn text(&self, separator: char) -> String {
        let titles = ["run", "curve", self.along, "value", "low", "high", "count", "total"].map(str::to_owned);
        let rows = self.rows.iter().map(|row| {
            let of_rate = |cell: fn(Rate) -> String| row.rate.map(cell).unwrap_or_default();
            [
                row.run.map(|run| run.to_string()).unwrap_or_default(),
                row.curve.to_owned(),
                row.at.clone(),
                row.value.to_string(),
                of_rate(|rate| rate.low.to_string()),
                of_rate(|rate| rate.high.to_string()),
                of_rate(|rate| rate.count.to_string()),
                of_rate(|rate| rate.total.to_string()),
            ]
        });
        let separated = |cells: [String; 8]| {
            let cells = cells.map(|text| cell(text, separator)).join(&separator.to_string());
            format!("{cells}\r\n")
        };
        std::iter::once(titles).chain(rows).map(separated).collect()
    }
}

fn rates(line: &Line, figure: Figure) -> Vec<Row> {
    line.rates(figure).map(|(step, rate)| row(line, figure, step.to_string(), rate)).collect()
}

fn row(line: &Line, figure: Figure, at: String, rate: Rate) -> Row {
    Row { run: Some(line.run), curve: figure.key(), at, value: rate.share, rate: Some(rate) }
}

/// A cell in quotation marks where it needs them.
fn cell(text: String, separator: char) -> String {
    if text.contains([separator, '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::shared::Shared;
    use crate::study::Record;
    use crate::study::testing::{record, step};

    fn line(run: u32) -> Line {
        let steps = vec![step(0, 0), step(1, 33)];
        Line { run, place: 0, record: Shared::new(Record { steps, ..record("harmful", 20) }) }
    }

    #[test]
    fn every_point_of_the_live_chart_has_a_row() {
        let numbers = Numbers::live(Some(&line(2)), &[line(1)]);
        let text = numbers.text(',');
        let rows: Vec<_> = text.split("\r\n").collect();
        assert_eq!(rows[0], "run,curve,step,value,low,high,count,total");
        assert!(rows[1].starts_with("2,refusal_rate,0,1,0.9"), "{}", rows[1]);
        assert!(rows[1].ends_with(",66,66"), "{}", rows[1]);
        assert!(rows.contains(&"2,loss,1,1,,,,"), "{text}");
        // Two rates at two steps, and one loss, of two runs; the titles, and nothing after the last end of line.
        assert_eq!(rows.len(), 2 * 5 + 2);
    }

    #[test]
    fn a_race_is_along_the_share_of_the_training() {
        let numbers = Numbers::race(&[line(3)]);
        let places: Vec<_> = numbers.rows.iter().map(|row| &row.at[..]).collect();
        assert_eq!((numbers.along, places), ("percent_of_training", vec!["0", "5"]));
    }

    #[test]
    fn cells_that_need_them_have_quotation_marks() {
        let spoke = Spoke { name: "\"Hexes\", tabs\tand charms".to_owned(), before: 1.0, after: None };
        let numbers = Numbers::radar(&[spoke]);
        assert_eq!(numbers.rows.len(), 1, "there is no score after the run yet");
        assert!(numbers.text(',').ends_with("\r\n,mean_score_before,\"\"\"Hexes\"\", tabs\tand charms\",1,,,,\r\n"));
        assert!(numbers.text('\t').contains("\t\"\"\"Hexes\"\", tabs\tand charms\"\t1\t"));
    }
}
