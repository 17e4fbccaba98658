//! Curves as SVG, readable on light and on dark pages.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::FactoryError;

/// Colours that stand out from white and from GitHub's dark background alike.
const COLOURS: [RGBColor; 4] =
    [RGBColor(47, 129, 247), RGBColor(219, 109, 40), RGBColor(46, 160, 67), RGBColor(163, 113, 247)];
/// Between the text colours of both themes: for axes and the grid.
const LINES: RGBColor = RGBColor(125, 133, 144);
/// In the drawing all text has one colour, which the style sheet exchanges by the reader's theme.
const STYLE: &str = "<style>text{fill:#1f2328}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>";
const FONT: &str = "sans-serif";
const HEAD: u32 = 30;

/// A curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Which of the drawing's legend entries it belongs to.
    pub entry: usize,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
    /// Whether it is drawn thin and pale, behind others.
    pub faint: bool,
}

/// A pair of axes with curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What stands above it.
    pub title: String,
    /// The curves.
    pub series: Vec<Series>,
    /// The quantity and unit of the x axis; empty in small panels whose drawing says it.
    pub x_label: String,
    /// The quantity and unit of the y axis; empty likewise.
    pub y_label: String,
    /// The y axis; from the curves if absent.
    pub y_range: Option<(f64, f64)>,
}

/// A picture of panels with one legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// What it shows, for those who cannot see it, and for the pointer.
    pub title: String,
    /// The names of the curves; entry 0 has the first colour.
    pub legend: Vec<String>,
    /// The quantities of the axes where small panels have no room for them, or another remark; may be empty.
    pub axes: String,
    /// Panels in a row.
    pub columns: usize,
    /// The size of a panel in pixels.
    pub panel: (u32, u32),
    /// The panels, row by row.
    pub panels: Vec<Panel>,
    /// Both axes double from one line to the next; what is not above zero has no place then.
    pub logarithmic: bool,
}

/// The drawing as an SVG. The same drawing gives the same bytes.
///
/// # Errors
///
/// [`FactoryError::Render`].
pub fn svg(drawing: &Drawing) -> Result<String, FactoryError> {
    let failed = |reason: String| FactoryError::Render { what: drawing.title.clone(), reason };
    let rows = drawing.panels.len().div_ceil(drawing.columns.max(1)).max(1) as u32;
    let size = (drawing.panel.0 * drawing.columns.max(1) as u32, HEAD + drawing.panel.1 * rows);
    let mut text = String::new();
    draw(drawing, &mut text, size).map_err(|e| failed(e.to_string()))?;
    // The drawing library writes the root element first, and nothing of its own between it and the content.
    let end = text.find("<svg").and_then(|at| text[at..].find('>').map(|end| at + end + 1));
    let end = end.ok_or_else(|| failed("it has no root element".into()))?;
    let title = format!("<title>{}</title>", escaped(&drawing.title));
    text.insert_str(end, &format!("\n{title}\n{STYLE}"));
    Ok(text)
}

type Failure = Box<dyn std::error::Error>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw(drawing: &Drawing, text: &mut String, size: (u32, u32)) -> Result<(), Failure> {
    let root = SVGBackend::with_string(text, size).into_drawing_area();
    let (head, body) = root.split_vertically(HEAD);
    legend(drawing, &head)?;
    let rows = drawing.panels.len().div_ceil(drawing.columns.max(1)).max(1);
    for (panel, area) in drawing.panels.iter().zip(body.split_evenly((rows, drawing.columns.max(1)))) {
        draw_panel(panel, drawing.logarithmic, &area)?;
    }
    root.present()?;
    Ok(())
}

fn legend(drawing: &Drawing, area: &Area<'_>) -> Result<(), Failure> {
    let style = (FONT, 13).into_font().color(&BLACK).pos(Pos::new(HPos::Left, VPos::Center));
    let mut x = 12;
    for (entry, name) in drawing.legend.iter().enumerate() {
        let line = vec![(x, 16), (x + 20, 16)];
        area.draw(&PathElement::new(line, colour(entry).stroke_width(3)))?;
        area.draw(&Text::new(name.clone(), (x + 26, 16), style.clone()))?;
        // No font is measured here: an average character of 13 pixels is about 7 wide.
        x += 46 + 7 * name.chars().count() as i32;
    }
    area.draw(&Text::new(drawing.axes.clone(), (x, 16), style))?;
    Ok(())
}

fn draw_panel(panel: &Panel, logarithmic: bool, area: &Area<'_>) -> Result<(), Failure> {
    let small = panel.x_label.is_empty();
    let place = |value: f64| if logarithmic { value.log2() } else { value };
    let value = |place: f64| if logarithmic { place.exp2() } else { place };
    let seen = |series: &Series| -> Vec<(f64, f64)> {
        let placed = series.points.iter().map(|&(x, y)| (place(x), place(y)));
        placed.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    };
    let points = || panel.series.iter().flat_map(seen);
    let (x_low, x_high) = bounds(points().map(|p| p.0));
    let (y_low, y_high) = panel.y_range.unwrap_or_else(|| bounds(points().map(|p| p.1)));
    let (title, ticks) = if small { (11, 9) } else { (14, 11) };
    let mut chart = ChartBuilder::on(area)
        .margin(if small { 4 } else { 10 })
        .caption(&panel.title, (FONT, title).into_font().color(&BLACK))
        .x_label_area_size(if small { 16 } else { 38 })
        .y_label_area_size(if small { 26 } else { 52 })
        .build_cartesian_2d(x_low..x_high, y_low..y_high)?;
    let labels = (FONT, ticks).into_font().color(&BLACK);
    chart
        .configure_mesh()
        .x_labels(if small { 3 } else { 6 })
        .y_labels(if small { 3 } else { 6 })
        .x_desc(panel.x_label.clone())
        .y_desc(panel.y_label.clone())
        .axis_desc_style((FONT, 12).into_font().color(&BLACK))
        .label_style(labels)
        .axis_style(LINES)
        .bold_line_style(LINES.mix(0.35))
        .light_line_style(TRANSPARENT)
        .x_label_formatter(&|x| tick(value(*x)))
        .y_label_formatter(&|y| tick(value(*y)))
        .draw()?;
    // Pale curves go behind the others.
    for series in panel.series.iter().filter(|s| s.faint).chain(panel.series.iter().filter(|s| !s.faint)) {
        let style = match series.faint {
            true => colour(series.entry).mix(0.3).stroke_width(1),
            false => colour(series.entry).stroke_width(if small { 2 } else { 3 }),
        };
        chart.draw_series(LineSeries::new(seen(series), style))?;
    }
    Ok(())
}

fn colour(entry: usize) -> RGBColor {
    COLOURS[entry % COLOURS.len()]
}

/// The smallest and the largest value, apart from each other.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    match (low.is_finite(), high > low) {
        (false, _) => (0.0, 1.0),
        (true, false) => (low - 0.5, high + 0.5),
        (true, true) => (low, high),
    }
}

/// A number without needless digits.
fn tick(value: f64) -> String {
    let text = if value.abs() < 0.1 { format!("{value:.4}") } else { format!("{value:.2}") };
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing() -> Drawing {
        let series = |entry, faint| Series { entry, points: vec![(0.0, 1.0), (1.0, 0.5), (2.0, f64::NAN)], faint };
        let panel = |title: &str, label: &str| Panel {
            title: title.into(),
            series: vec![series(0, false), series(1, true)],
            x_label: label.into(),
            y_label: label.into(),
            y_range: None,
        };
        Drawing {
            title: "Loss < 1 & falling".into(),
            legend: vec!["base".into(), "R&D".into()],
            axes: "per cent".into(),
            columns: 2,
            panel: (400, 260),
            panels: vec![panel("fool's <gold>", "steps"), panel("b", ""), panel("c", "")],
            logarithmic: false,
        }
    }

    #[test]
    fn a_drawing_is_well_formed_and_says_what_it_shows() {
        let text = svg(&drawing()).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let named = |name| document.descendants().filter(move |n| n.has_tag_name(name)).count();
        let title = document.descendants().find(|n| n.has_tag_name("title")).and_then(|n| n.text());
        assert_eq!(title, Some("Loss < 1 & falling"));
        let texts: Vec<&str> =
            document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text()).map(str::trim).collect();
        for text in ["fool's <gold>", "steps", "base", "R&D", "per cent"] {
            assert!(texts.contains(&text), "{text} in {texts:?}");
        }
        // Each of the three panels has two curves, the legend two lines.
        assert!(named("polyline") >= 8, "{}", named("polyline"));
        assert_eq!(document.root_element().attribute("height"), Some("550"));
        assert!(!text.contains("NaN"));
    }

    #[test]
    fn nothing_is_drawn_behind_the_curves_and_both_themes_have_their_text() {
        let text = svg(&drawing()).unwrap();
        assert!(text.contains("prefers-color-scheme:dark"));
        assert!(!text.to_lowercase().contains("fill=\"#ffffff\""), "{text}");
    }

    #[test]
    fn a_logarithmic_axis_doubles() {
        let mut drawing = drawing();
        drawing.logarithmic = true;
        drawing.panels.truncate(1);
        drawing.panels[0].series[0].points = [0.0, 1.0, 2.0, 4.0, 8.0].map(|x| (x, 100.0 * x)).to_vec();
        drawing.panels[0].series.truncate(1);
        let text = svg(&drawing).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let texts: Vec<_> = document.descendants().filter_map(|n| n.text()).map(str::trim).collect();
        assert!(["1", "2", "4", "8", "128", "512"].iter().all(|tick| texts.contains(tick)), "{texts:?}");
        assert!(!text.contains("inf"));
    }

    #[test]
    fn the_same_drawing_gives_the_same_bytes() {
        assert_eq!(svg(&drawing()).unwrap(), svg(&drawing()).unwrap());
    }

    #[test]
    fn empty_and_flat_curves_can_be_drawn() {
        let mut drawing = drawing();
        drawing.panels[0].series.clear();
        drawing.panels[1].series[0].points = vec![(3.0, 3.0)];
        roxmltree::Document::parse(&svg(&drawing).unwrap()).unwrap();
        assert_eq!((bounds([].into_iter()), bounds([2.0].into_iter())), ((0.0, 1.0), (1.5, 2.5)));
        assert_eq!(
            (tick(0.50), tick(-0.0), tick(0.025), tick(1200.0)),
            ("0.5".into(), "0".into(), "0.025".into(), "1200".into())
        );
    }
}
