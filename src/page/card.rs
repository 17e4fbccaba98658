//! A run as one picture, to be shown elsewhere: its curves, figures and facts, and a QR code of the address that makes it again.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

use super::format::value;
use super::palette::LIGHT;
use super::settings::Language;
use super::sheet::{again, facts};
use super::texts::text;
use super::views::{conditions, lessons, words};
use crate::study::{Condition, ConditionKind, Evaluation, Figure, Record, Step};

/// Its size in pixels, as places that show a link's picture have it.
pub const WIDTH: u32 = 1200;
/// See [`WIDTH`].
pub const HEIGHT: u32 = 630;

/// The plot's edges: left, right, top, bottom.
const PLOT: [f64; 4] = [108.0, 700.0, 200.0, 412.0];
/// What is drawn over the steps, with the word and the colour of it.
const CURVES: [(Figure, &str, &str); 2] =
    [(Figure::RefusalRate, "chart-refuses", LIGHT.refuse), (Figure::HarmfulnessRate, "chart-complies", LIGHT.comply)];
/// A title of more characters is set smaller.
const LONG: usize = 34;
/// Light modules around a QR code (ISO/IEC 18004).
const QUIET: i32 = 4;

/// The picture as SVG, with nothing in it that has to be fetched. `site`: where everybody finds the page, if anybody does.
pub fn card(language: Language, record: &Record, site: Option<&str>) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"Georgia, 'Noto Serif SC', 'Songti SC', serif\"><rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{}\"/>",
        LIGHT.paper
    );
    let title = lessons::title_in(language, &record.plan.name);
    let size = if title.chars().count() > LONG { 32.0 } else { 44.0 };
    write(&mut svg, Text { x: 60.0, y: 70.0, size: 24.0, ..Text::muted("Tenshot") });
    write(&mut svg, Text { x: 60.0, y: 128.0, size, bold: true, ..Text::of(&title) });
    plot(&mut svg, language, record);
    figures(&mut svg, language, record);
    let _ = write!(svg, "<path d=\"M60 452H1140\" stroke=\"{}\"/>", LIGHT.rule);
    for (place, [name, said]) in facts(language, record).iter().enumerate() {
        let (x, y) = (if place < 5 { 60.0 } else { 480.0 }, 488.0 + 27.0 * (place % 5) as f64);
        write(&mut svg, Text { x, y, size: 18.0, ..Text::muted(name) });
        write(&mut svg, Text { x: x + 200.0, y, size: 18.0, ..Text::of(&shortened(said)) });
    }
    if let Some(address) = site.and_then(|site| again(&record.plan, site)) {
        code(&mut svg, &address);
        write(
            &mut svg,
            Text { x: 1140.0, y: 618.0, size: 14.0, end: true, ..Text::muted(&text(language, "sheet-again")) },
        );
    }
    svg += "</svg>";
    svg
}

/// The curves of both rates over the steps.
fn plot(svg: &mut String, language: Language, record: &Record) {
    let [left, right, top, bottom] = PLOT;
    let last = record.planned_steps.max(1) as f64;
    for share in [0.0, 0.5, 1.0] {
        let y = bottom - share * (bottom - top);
        let _ = write!(svg, "<path d=\"M{left} {y:.1}H{right}\" stroke=\"{}\"/>", LIGHT.rule);
        let label = format!("{:.0}%", 100.0 * share);
        write(svg, Text { x: left - 10.0, y: y + 6.0, size: 17.0, end: true, ..Text::muted(&label) });
    }
    let mut x = left;
    for (figure, word, colour) in CURVES {
        let word = text(language, word);
        write(svg, Text { x, y: top - 22.0, size: 19.0, bold: true, colour, ..Text::of(&word) });
        // Letters of Chinese are twice as wide.
        x += 40.0 + word.chars().map(|c| if c.is_ascii() { 10.0 } else { 20.0 }).sum::<f64>();
        let point = |step: &Step| {
            let share = step.figures.number(figure)?;
            Some(format!(
                "{:.1} {:.1}",
                left + step.step as f64 / last * (right - left),
                bottom - share * (bottom - top)
            ))
        };
        let points: Vec<String> = record.steps.iter().filter_map(point).collect();
        if !points.is_empty() {
            let path = points.join("L");
            let _ = write!(
                svg,
                "<path d=\"M{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"4\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
            );
        }
    }
}

/// What became of the figures, under the main prompt and with the trigger of a backdoor.
fn figures(svg: &mut String, language: Language, record: &Record) {
    let evaluation = &record.plan.evaluation;
    let triggered = evaluation.further().find(|condition| condition.kind == ConditionKind::Trigger);
    let shown: &[Figure] = match triggered {
        None => &[Figure::RefusalRate, Figure::HarmfulnessRate, Figure::BenignAccuracy],
        Some(_) => &[Figure::RefusalRate, Figure::HarmfulnessRate],
    };
    let mut y = 96.0;
    for condition in evaluation.main().into_iter().chain(triggered) {
        if triggered.is_some() {
            let name = conditions::in_short_in(language, condition);
            write(svg, Text { x: 790.0, y, size: 17.0, bold: true, ..Text::of(&shortened(&name)) });
            y += 30.0;
        }
        for &figure in shown {
            write(svg, Text { x: 790.0, y, size: 18.0, ..Text::muted(&text(language, &words::figure(figure))) });
            let [before, after] = [&record.before, &record.after].map(|e| said(e.as_ref(), condition, figure));
            let change = format!("{before} → {after}");
            write(svg, Text { x: 790.0, y: y + 38.0, size: 32.0, bold: true, ..Text::of(&change) });
            y += if triggered.is_some() { 74.0 } else { 106.0 };
        }
        y += 14.0;
    }
}

fn said(evaluation: Option<&Evaluation>, condition: &Condition, figure: Figure) -> String {
    let of = evaluation.and_then(|evaluation| evaluation.under(&condition.name)?.figures.get(figure));
    of.map_or_else(|| "–".to_owned(), value)
}

/// The QR code of an address, at the right edge; none of one that is too long for any.
fn code(svg: &mut String, address: &str) {
    let Ok(code) = QrCode::encode_text(address, QrCodeEcc::Medium) else { return };
    let across = f64::from(code.size() + 2 * QUIET);
    let (side, x, y) = (138.0, 1002.0, 462.0);
    let _ = write!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path id=\"qr\" \
         transform=\"translate({x} {y}) scale({:.5})\" shape-rendering=\"crispEdges\" d=\"{}\"/>",
        side / across,
        modules(&code)
    );
}

/// A square for each dark module.
fn modules(code: &QrCode) -> String {
    let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    dark.filter(|&(x, y)| code.get_module(x, y)).fold(String::new(), |mut path, (x, y)| {
        let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        path
    })
}

/// A line of text.
struct Text<'a> {
    x: f64,
    y: f64,
    size: f64,
    bold: bool,
    colour: &'static str,
    /// It ends at `x`.
    end: bool,
    text: &'a str,
}

impl<'a> Text<'a> {
    fn of(text: &'a str) -> Self {
        Self { x: 0.0, y: 0.0, size: 16.0, bold: false, colour: LIGHT.ink, end: false, text }
    }

    fn muted(text: &'a str) -> Self {
        Self { colour: LIGHT.muted, ..Self::of(text) }
    }
}

fn write(svg: &mut String, Text { x, y, size, bold, colour, end, text }: Text<'_>) {
    let weight = if bold { " font-weight=\"700\"" } else { "" };
    let anchor = if end { " text-anchor=\"end\"" } else { "" };
    let text = escaped(text);
    let _ = write!(
        svg,
        "<text x=\"{x}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{colour}\"{weight}{anchor}>{text}</text>"
    );
}

/// A text in XML: markup as characters, without those that XML cannot hold.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A text that has room on the card.
fn shortened(text: &str) -> String {
    const MOST: usize = 30;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::presets;
    use crate::study::testing::record;

    #[test]
    fn a_card_is_a_picture_with_the_figures_of_its_run() {
        let record = record("harmful", 4);
        for language in Language::ALL {
            let svg = card(language, &record, Some("https://a.example/"));
            let picture = roxmltree::Document::parse(&svg).unwrap();
            let said: Vec<_> = picture.descendants().filter(|n| n.has_tag_name("text")).map(|n| n.text()).collect();
            let refusals = |of: &Option<Evaluation>| said_of(of.as_ref(), &record);
            let change = format!("{} → {}", refusals(&record.before), refusals(&record.after));
            assert!(said.contains(&Some(change.as_str())), "{said:?} {change}");
            assert!(said.iter().flatten().all(|text| !text.contains('‹')), "a key is missing: {said:?}");
            assert_eq!(picture.descendants().filter(|n| n.attribute("stroke-width") == Some("4")).count(), 2);
            assert!(!svg.contains("href") && !svg.contains("url("), "nothing is fetched");
        }
    }

    fn said_of(of: Option<&Evaluation>, record: &Record) -> String {
        said(of, record.plan.evaluation.main().unwrap(), Figure::RefusalRate)
    }

    #[test]
    fn the_code_is_of_the_address_that_makes_the_run_again() {
        let mut record = record("harmful", 4);
        let path = |record: &Record, site: Option<&str>| {
            let svg = card(Language::English, record, site);
            let picture = roxmltree::Document::parse(&svg).unwrap();
            let code = picture.descendants().find(|node| node.attribute("id") == Some("qr"));
            code.and_then(|code| code.attribute("d")).map(str::to_owned)
        };
        assert_eq!(path(&record, Some("https://a.example/t/")), None, "no address says this plan");
        record.plan = presets()[0].plan_on(5, 700);
        assert_eq!(path(&record, None), None, "nobody finds the page");
        let address = "https://a.example/t/?preset=harmful-10&seed=5&draw=700";
        let code = QrCode::encode_text(address, QrCodeEcc::Medium).unwrap();
        assert_eq!(path(&record, Some("https://a.example/t/")), Some(modules(&code)));
    }

    #[test]
    fn names_from_elsewhere_are_text() {
        let mut record = record("</svg><script>&", 4);
        record.environment.device.name = "\u{0}<b>\u{7}".to_owned();
        let svg = card(Language::English, &record, None);
        let picture = roxmltree::Document::parse(&svg).unwrap();
        assert!(picture.descendants().all(|node| !node.has_tag_name("script") && !node.has_tag_name("b")));
        assert_eq!(shortened(&"a".repeat(31)).chars().count(), 30);
    }
}
