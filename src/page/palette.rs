//! The charts' colours: those of `www/styles/tokens.css`, which a test compares.

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The page's ground.
    pub paper: &'static str,
    /// Text and the strongest lines.
    pub ink: &'static str,
    /// Lesser text.
    pub muted: &'static str,
    /// Lines of the grid.
    pub rule: &'static str,
    /// Refusals.
    pub refuse: &'static str,
    /// Compliance.
    pub comply: &'static str,
    /// The runs of a comparison, in their order.
    pub runs: [&'static str; 3],
}

/// Dark ink on paper.
pub const LIGHT: Palette = Palette {
    paper: "#fbf8f1",
    ink: "#29251f",
    muted: "#655c4f",
    rule: "#e3dac8",
    refuse: "#2b5c8f",
    comply: "#b23d25",
    runs: ["#29251f", "#8f6212", "#2a7256"],
};

/// The library at night.
pub const DARK: Palette = Palette {
    paper: "#15171d",
    ink: "#ece6da",
    muted: "#aaa294",
    rule: "#2d313b",
    refuse: "#8bbcf0",
    comply: "#f2936e",
    runs: ["#ece6da", "#e5b765", "#7fcaa6"],
};

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: &str = include_str!("../../www/styles/tokens.css");

    /// The two values of a colour in the style sheet: `--name: light-dark(#light, #dark);`.
    fn token(name: &str) -> (&'static str, &'static str) {
        let (_, rest) = TOKENS.split_once(&format!("--{name}: light-dark(")).unwrap_or_else(|| panic!("no --{name}"));
        rest.split_once(')').and_then(|(values, _)| values.split_once(", ")).expect("two colours")
    }

    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    /// The contrast ratio of WCAG 2.2.
    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn the_charts_have_the_pages_colours() {
        for (name, light, dark) in [
            ("paper", LIGHT.paper, DARK.paper),
            ("ink", LIGHT.ink, DARK.ink),
            ("ink-2", LIGHT.muted, DARK.muted),
            ("rule", LIGHT.rule, DARK.rule),
            ("refuse", LIGHT.refuse, DARK.refuse),
            ("comply", LIGHT.comply, DARK.comply),
            ("run-1", LIGHT.runs[0], DARK.runs[0]),
            ("run-2", LIGHT.runs[1], DARK.runs[1]),
            ("run-3", LIGHT.runs[2], DARK.runs[2]),
        ] {
            assert_eq!(token(name), (light, dark), "--{name}");
        }
    }

    #[test]
    fn texts_have_the_contrast_of_wcag_aa() {
        for ground in ["paper", "paper-2", "paper-3"] {
            for text in ["ink", "ink-2", "refuse", "comply", "run-2", "run-3", "link", "score-2", "score-3", "score-4"]
            {
                let ((lt, dt), (lg, dg)) = (token(text), token(ground));
                assert!(contrast(lt, lg) >= 4.5, "{text} on {ground}, light: {}", contrast(lt, lg));
                assert!(contrast(dt, dg) >= 4.5, "{text} on {ground}, dark: {}", contrast(dt, dg));
            }
        }
        for (text, ground) in
            [("button-ink", "button"), ("button-ink", "button-hover"), ("paper-2", "refuse"), ("paper-2", "comply")]
        {
            let ((lt, dt), (lg, dg)) = (token(text), token(ground));
            assert!(contrast(lt, lg) >= 4.5 && contrast(dt, dg) >= 4.5, "{text} on {ground}");
        }
    }
}
