use super::live::end_labels;
use super::parts::step_interval;
use super::radar::in_two_lines;
use super::*;
use crate::page::palette::LIGHT;
use crate::page::race::Lane;
use crate::study::testing::{evaluation, measurement, record, step};

fn words() -> Words {
    let word = str::to_owned;
    Words {
        curves: ["refuses", "complies"].map(str::to_owned),
        loss: word("loss"),
        step: word("step"),
        step_at: word("step {n}"),
        run: word("run {n}"),
        share: word("of the training"),
        share_at: word("{n} of the training"),
        titles: vec![("harmful".to_owned(), "Ten answers".to_owned())],
    }
}

fn style() -> Style {
    Style { palette: LIGHT, text: 16.0, narrow: false }
}

/// A run whose share of complete answers rises to `last` of 66 over `steps`.
fn line(run: u32, steps: usize, last: usize) -> Line {
    of_steps(run, run as usize % 3, (0..=steps).map(|i| step(i, last * i / steps)).collect())
}

fn of_steps(run: u32, place: usize, steps: Vec<Step>) -> Line {
    Line { run, place, record: Shared::new(Record { steps, ..record("harmful", 20) }) }
}

fn names() -> [String; 2] {
    ["before", "after"].map(str::to_owned)
}

fn series(chart: &Chart) -> &Vec<Value> {
    chart.option["series"].as_array().unwrap()
}

#[test]
fn the_live_chart_has_bands_rates_and_loss_of_the_run() {
    let chart = live(Some(&line(1, 4, 66)), &[], 20, None, &words(), &style());
    let all = series(&chart);
    assert_eq!(all.len(), 4 + 2 + 1);
    let (refusal, harmfulness) = (&all[4], &all[5]);
    assert_eq!(refusal["data"][0], json!([0, 100.0]));
    assert_eq!(refusal["data"][4], json!([4, 0.0]));
    assert_eq!(harmfulness["data"][4], json!([4, 100.0]));
    assert_ne!(refusal["symbol"], harmfulness["symbol"], "not by colour alone");
    assert_eq!(all[6]["data"].as_array().unwrap().len(), 4, "step 0 has no loss");
    assert_eq!(chart.option["xAxis"][0]["max"], 20, "the axis has its full length from the beginning");
}

#[test]
fn the_band_is_the_interval_of_the_rate() {
    let chart = live(Some(&line(1, 4, 66)), &[], 20, None, &words(), &style());
    let rate = super::rate(&step(2, 33), Figure::RefusalRate).unwrap();
    let at = |series: &Value| series["data"][2][1].as_f64().unwrap();
    let (low, height) = (at(&series(&chart)[0]), at(&series(&chart)[1]));
    assert!((low - 100.0 * rate.low).abs() < 0.01 && (low + height - 100.0 * rate.high).abs() < 0.02);
    assert_eq!(series(&chart)[0]["stack"], series(&chart)[1]["stack"]);
    assert_ne!(series(&chart)[0]["stack"], series(&chart)[2]["stack"]);
}

#[test]
fn other_runs_are_thinner_with_a_dash_and_a_marker_of_their_own() {
    let chart = live(Some(&line(3, 4, 66)), &[line(1, 4, 60), line(2, 30, 10)], 20, None, &words(), &style());
    let look = |s: &Value| (s["lineStyle"]["type"].clone(), s["symbol"].clone());
    assert_eq!(look(series(&chart).last().unwrap()).0, look(&series(&chart)[6]).0, "its loss has the same dash");
    let thin: Vec<_> = series(&chart)[4..8].iter().map(look).collect();
    assert_eq!(thin[0], thin[1], "both rates of one run look alike");
    assert_ne!(thin[0].0, thin[2].0);
    assert_ne!(thin[0].1, thin[2].1);
    assert_eq!(chart.option["xAxis"][1]["max"], 20, "the run on the stage decides");
    let ends = |series: &Value| series["data"].as_array().unwrap().last().unwrap().clone();
    let end = ends(&series(&chart)[6]);
    assert_eq!(end.get("value").unwrap_or(&end)[0], 20, "of a longer run the beginning is shown");
    let without = live(None, &[line(2, 30, 10)], 20, None, &words(), &style());
    assert_eq!(without.option["xAxis"][1]["max"], 30, "without one, the longest");
    assert!(chart.tooltips[2].1.contains("run 1: refuses"), "{}", chart.tooltips[2].1);
}

#[test]
fn a_backdoor_has_a_dotted_line_from_before_to_after_with_its_trigger() {
    let with_trigger = |answered: usize| {
        let mut evaluation = evaluation(0);
        let condition = ConditionKind::Trigger.condition();
        evaluation.measurements.push(Measurement { condition, ..measurement(answered) });
        Some(evaluation)
    };
    let steps = (0..=4).map(|number| step(number, 0)).collect();
    let (before, after) = (with_trigger(0), with_trigger(66));
    let line = Line { run: 1, place: 0, record: Shared::new(Record { steps, before, after, ..record("harmful", 4) }) };
    let chart = live(Some(&line), &[], 4, None, &words(), &style());
    let dotted: Vec<_> = series(&chart).iter().filter(|s| s["lineStyle"]["type"] == "dotted").collect();
    assert_eq!(dotted[0]["data"], json!([[0, 100.0], [4, 0.0]]), "refusals");
    assert_eq!(dotted[1]["data"], json!([[0, 0.0], [4, 100.0]]), "complete answers");
}

#[test]
fn the_visitors_step_is_marked() {
    let marked =
        |step| live(Some(&line(1, 4, 66)), &[], 20, step, &words(), &style()).option["series"][0]["markLine"].clone();
    assert_eq!(marked(None), Value::Null);
    assert_eq!(marked(Some(3))["data"], json!([{ "xAxis": 3 }]));
}

#[test]
fn tooltips_tell_what_the_record_says() {
    let chart = live(Some(&line(1, 4, 66)), &[], 20, None, &words(), &style());
    assert_eq!(chart.tooltips[0], (0.0, "step 0\nrefuses: 100.0% (94.5–100.0)\ncomplies: 0.0% (0.0–5.5)".to_owned()));
    assert!(chart.tooltips[2].1.ends_with("loss: 0.500"), "{}", chart.tooltips[2].1);
    let json: Value = serde_json::from_str(&chart.json()).unwrap();
    assert!(json["tooltips"]["4"].as_str().unwrap().starts_with("step 4"));
}

#[test]
fn labels_at_the_lines_ends_keep_apart() {
    let at = |answered: usize| {
        let line = of_steps(1, 0, vec![step(1, answered)]);
        end_labels(&line, &words(), &style())
    };
    let [(refuses, up), (complies, down)] = at(33);
    assert_eq!((refuses.as_str(), complies.as_str()), ("refuses 50%", "complies 50%"));
    assert!(up <= -8.0 && down >= 8.0, "{up} {down}");
    let [(_, down), (_, up)] = at(34);
    assert!(up < 0.0 && down > 0.0, "the higher value has the higher label");
    let [(_, refuses), (_, complies)] = at(66);
    assert_eq!(complies, 0.0);
    assert!(refuses < -5.0, "a label at 0 stands above the axis, not on it: {refuses}");
    let narrow = Style { narrow: true, ..style() };
    let line = of_steps(1, 0, vec![step(1, 66)]);
    assert_eq!(end_labels(&line, &words(), &narrow)[0].0, "0%");
}

#[test]
fn a_chart_without_steps_is_an_empty_frame() {
    let empty = of_steps(1, 0, vec![]);
    for main in [None, Some(&empty)] {
        let chart = live(main, &[], 20, None, &words(), &style());
        assert_eq!(chart.tooltips, []);
        assert_eq!(chart.option["xAxis"][0]["max"], 20);
    }
}

#[test]
fn compared_runs_differ_in_colour_dash_and_marker() {
    let lines = [line(1, 20, 66), line(2, 40, 20), line(4, 120, 5)];
    let chart = compared(&lines, Figure::HarmfulnessRate, &words(), &style());
    let all = series(&chart);
    for key in [["lineStyle", "color"], ["lineStyle", "type"]] {
        let mut looks: Vec<_> = all.iter().map(|s| s[key[0]][key[1]].to_string()).collect();
        looks.dedup();
        assert_eq!(looks.len(), 3, "{key:?}");
    }
    assert_eq!(all[2]["endLabel"]["formatter"], "4: Ten answers");
    assert_eq!(all[0]["labelLayout"], json!({}), "no other line ends there");
    let together = compared(&[line(1, 20, 66), line(2, 20, 20)], Figure::RefusalRate, &words(), &style());
    assert_eq!(series(&together)[0]["labelLayout"]["moveOverlap"], "shiftY");
    assert_eq!(chart.option["xAxis"]["max"], 120);
    assert_eq!(chart.tooltips.len(), 121);
    assert!(chart.tooltips[30].1.contains("2: Ten answers") && !chart.tooltips[30].1.contains("1: Ten"));
}

#[test]
fn a_long_line_has_few_markers() {
    let chart = compared(&[line(1, 120, 66)], Figure::RefusalRate, &words(), &style());
    let data = series(&chart)[0]["data"].as_array().unwrap();
    assert_eq!(data.len(), 121);
    let markers = data.iter().filter(|p| p["symbolSize"].is_null()).count();
    assert!((10..=18).contains(&markers), "{markers}");
}

#[test]
fn numbers_on_the_axis_are_round_and_few() {
    assert_eq!(step_interval(20, false), 5);
    assert_eq!(step_interval(120, false), 25);
    assert_eq!(step_interval(1, false), 1);
    assert_eq!(step_interval(20, true), 5);
}

/// A race of runs of these lengths in which one book more is opened at every step.
fn raced(lengths: [usize; 3], made: [usize; 3]) -> (Vec<Line>, Vec<Lane>) {
    let lines: Vec<_> = (0..3)
        .map(|place| {
            let steps = (0..=made[place]).map(|at| step(at, at)).collect();
            let record = Record { steps, ..record("harmful", lengths[place]) };
            Line { run: place as u32 + 1, place, record: Shared::new(record) }
        })
        .collect();
    let lanes = lines.iter().map(|line| {
        let run = RunView::recorded(line.run, line.record.clone());
        Lane::of(line.place, Some(&run), &line.record.plan, None)
    });
    let lanes = lanes.collect();
    (lines, lanes)
}

#[test]
fn a_race_is_drawn_over_the_share_of_each_training() {
    let (lines, lanes) = raced([20, 40, 10], [2, 4, 1]);
    let chart = race(&lines, &lanes, None, &words(), &style());
    let curves = &series(&chart)[6..9];
    let end = |series: &Value| {
        let last = series["data"].as_array().unwrap().last().unwrap().clone();
        last.get("value").unwrap_or(&last)[0].clone()
    };
    assert!(curves.iter().all(|curve| end(curve) == 10.0), "all have done a tenth: {curves:?}");
    for key in [["lineStyle", "color"], ["lineStyle", "type"]] {
        let mut looks: Vec<_> = curves.iter().map(|s| s[key[0]][key[1]].to_string()).collect();
        looks.dedup();
        assert_eq!(looks.len(), 3, "not by colour alone: {key:?}");
    }
    let marks = |place: usize| {
        let data = series(&chart)[9 + place]["data"].as_array().unwrap();
        data.iter().map(|mark| mark["value"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(marks(0), [json!([5.0, 0]), json!([10.0, 0])], "a book at each of two steps");
    assert_eq!((marks(1).len(), marks(2)), (4, vec![json!([10.0, 2])]));
    assert_eq!(chart.option["xAxis"][1]["max"], 100);
}

#[test]
fn a_mark_is_the_wider_the_more_books_were_opened_there() {
    let steps = [0, 1, 10].into_iter().enumerate().map(|(at, open)| step(at, open)).collect();
    let line = of_steps(1, 0, steps);
    let lane = Lane::of(0, Some(&RunView::recorded(1, line.record.clone())), &line.record.plan, None);
    let chart = race(&[line], &[lane], None, &words(), &style());
    let width = |mark: usize| series(&chart)[3]["data"][mark]["symbolSize"][0].as_f64().unwrap();
    assert!(width(1) > 2.0 * width(0), "{} {}", width(0), width(1));
}

#[test]
fn a_races_tooltips_say_what_each_was_measured_at_last() {
    let (lines, lanes) = raced([20, 40, 10], [2, 4, 1]);
    let chart = race(&lines, &lanes, Some(5.0), &words(), &style());
    let shares: Vec<_> = chart.tooltips.iter().map(|(at, _)| *at).collect();
    assert_eq!(shares, [0.0, 2.5, 5.0, 7.5, 10.0]);
    let text = &chart.tooltips[3].1;
    assert!(text.starts_with("8% of the training") && text.contains("step 1") && text.contains("step 3"), "{text}");
    assert_eq!(series(&chart)[0]["markLine"]["data"], json!([{ "xAxis": 5.0 }]));
    let json: Value = serde_json::from_str(&chart.json()).unwrap();
    assert!(json["tooltips"]["2.5"].is_string(), "by the very number that the axis has");
}

#[test]
fn a_race_without_runs_is_an_empty_frame() {
    let chart = race(&[], &[], None, &words(), &style());
    assert_eq!((chart.tooltips.len(), &chart.option["xAxis"][0]["max"]), (0, &json!(100)));
}

#[test]
fn the_radar_has_a_shape_before_and_one_after() {
    let spoke = |before, after| Spoke { name: "Love potions".to_owned(), before, after };
    let shapes = |spokes: &[Spoke]| series(&radar(spokes, &names(), &style()))[0]["data"].as_array().unwrap().clone();
    let spokes = [spoke(1.0, Some(4.999)), spoke(1.5, Some(3.0)), spoke(1.0, Some(2.0))];
    let chart = radar(&spokes, &names(), &style());
    assert_eq!(chart.option["radar"]["indicator"].as_array().unwrap().len(), 3);
    let values: Vec<Value> = shapes(&spokes).iter().map(|shape| shape["value"].clone()).collect();
    assert_eq!(values, [json!([1.0, 1.5, 1.0]), json!([5.0, 3.0, 2.0])]);
    assert!(series(&radar(&spokes[1..], &names(), &style())).is_empty(), "of two there is no shape");
    assert_eq!(shapes(&[spoke(1.0, None), spoke(1.0, Some(2.0)), spoke(1.0, None)]).len(), 1, "not all are measured");
}

#[test]
fn the_depth_chart_has_three_curves_over_the_tokens() {
    use crate::study::{PositionDivergence, PositionGradient, PositionLosses};

    let words = AlongWords {
        curves: ["loss, original", "loss, tuned", "KL divergence"].map(str::to_owned).into(),
        token: "token".to_owned(),
        token_at: "token {n}".to_owned(),
    };
    let at = |position: usize, kl: f64| {
        let losses = Some(PositionLosses { p: 0.25, q: 5.0 });
        AtToken::of_divergence(&PositionDivergence { position, kl, losses, answers: 66 }).unwrap()
    };
    let chart = along(&[at(1, 6.5), at(2, 0.125)], &words, &style());
    let last: Vec<&Value> = series(&chart).iter().map(|of| &of["data"][1]).collect();
    assert_eq!(last, [&json!([2, 5.0]), &json!([2, 0.25]), &json!([2, 0.13])]);
    assert_eq!((&chart.option["xAxis"]["min"], &chart.option["xAxis"]["max"]), (&json!(1), &json!(2)));
    assert_eq!(chart.tooltips[0].1, "token 1\nloss, original: 5.000\nloss, tuned: 0.250\nKL divergence: 6.500");

    let norm = |norm| PositionGradient { position: 1, norm, answers: 11 };
    let pulls = [AtToken::of_gradients(&norm(12.0), &norm(0.5))];
    let words = AlongWords { curves: ["original", "tuned"].map(str::to_owned).into(), ..words };
    let chart = along(&pulls, &words, &style());
    assert_eq!(
        series(&chart).iter().map(|of| &of["data"][0]).collect::<Vec<_>>(),
        [&json!([1, 12.0]), &json!([1, 0.5])]
    );
    assert_eq!(chart.tooltips[0].1, "token 1\noriginal: 12.000\ntuned: 0.500");
}

#[test]
fn what_is_put_away_goes_with_all_that_belongs_to_it() {
    let chart = live(Some(&line(3, 4, 66)), &[line(1, 4, 60)], 20, Some(2), &words(), &style());
    let legend = chart.legend();
    let names: Vec<_> = legend.iter().map(|entry| &entry.name[..]).collect();
    assert_eq!(names, ["1: Ten answers", "refuses", "complies", "loss"]);
    assert_eq!(legend[0].dash, "4 3", "the look of the run's line");
    assert_eq!((&legend[1].symbol[..], &legend[1].dash[..]), ("circle", ""), "that of the line, not of its interval");
    let left = |hidden: &[&str]| chart.clone().without(&hidden.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(left(&[]), chart);
    let rest = left(&["refuses"]);
    assert_eq!(series(&rest).len(), series(&chart).len() - 3, "the line and its band");
    assert_eq!(series(&rest)[0]["markLine"], series(&chart)[0]["markLine"], "what is looked at stays marked");
    assert_eq!(series(&left(&["1: Ten answers"])).len(), series(&chart).len() - 3, "two rates and a loss");
    assert!(series(&left(&["1: Ten answers", "refuses", "complies", "loss"])).is_empty());
}

#[test]
fn the_shapes_of_a_radar_can_be_put_away() {
    let spokes: Vec<Spoke> =
        ["a", "b", "c"].map(|name| Spoke { name: name.to_owned(), before: 1.0, after: Some(5.0) }).to_vec();
    let chart = radar(&spokes, &names(), &style());
    assert_eq!(chart.legend().iter().map(|entry| &entry.symbol[..]).collect::<Vec<_>>(), ["circle", "diamond"]);
    let rest = chart.without(&["before".to_owned()].into());
    assert_eq!(rest.legend().len(), 1);
}

#[test]
fn a_chart_that_is_kept_says_what_it_shows() {
    let kept = keepable("<svg width=\"2\"><g/></svg>", "Of 66 <& more>", "#fff");
    let parsed = roxmltree::Document::parse(&kept).unwrap();
    assert_eq!(parsed.root_element().first_element_child().unwrap().text(), Some("Of 66 <& more>"));
    assert!(kept.ends_with("fill=\"#fff\"/><g/></svg>"), "{kept}");
    assert_eq!(keepable("", "title", "#fff"), "");
    let styled = "<svg><style ><![CDATA[.a{fill:red}]]></style><text style=\"font-size:14px;font-family:'A B', serif;\">1</text></svg>";
    let kept = keepable(styled, "", "#fff");
    assert!(kept.ends_with("<text font-size=\"14px\" font-family=\"'A B', serif\">1</text></svg>"), "{kept}");
    assert!(!kept.contains("style"), "{kept}");
}

#[test]
fn names_around_a_radar_are_broken_where_they_are_long() {
    assert_eq!(in_two_lines("Scrying on neighbours"), "Scrying on\nneighbours");
    assert_eq!(in_two_lines("Love potions"), "Love\npotions");
    assert_eq!(in_two_lines("操纵猫头鹰议会"), "操纵猫头\n鹰议会");
    assert_eq!(in_two_lines("恋爱药水"), "恋爱药水");
    let spokes: Vec<Spoke> =
        ["a b", "c d", "e"].map(|name| Spoke { name: name.to_owned(), before: 1.0, after: None }).to_vec();
    let first =
        |narrow| radar(&spokes, &names(), &Style { narrow, ..style() }).option["radar"]["indicator"][0]["name"].clone();
    assert_eq!([first(false), first(true)], ["a b", "a\nb"]);
}
