//! Texts from elsewhere on the user's terminal: names in files, answers of models, messages of drivers.
//!
//! A terminal obeys what it is sent. So whatever is printed goes through here, where characters that would move the cursor,
//! change colours or turn the direction of writing become escapes that can be seen.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::Write as _;

/// A text fit to be printed. Line breaks and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && c != '\t' && is_command(c), |c| c.escape_default().collect())
}

/// JSON fit to be printed: the same value, written with escapes where a terminal would obey.
pub fn printable_json(text: &str) -> Cow<'_, str> {
    // Outside of strings JSON has no such characters, but for the line breaks of indented text.
    let unit = |c: char| {
        let mut units = [0; 2];
        c.encode_utf16(&mut units).iter().fold(String::new(), |mut text, unit| {
            let _ = write!(text, "\\u{unit:04x}");
            text
        })
    };
    escaped(text, |c| c != '\n' && is_command(c), unit)
}

/// A name for one cell or one line: printable, without line breaks, and of at most so many characters.
pub fn label(text: &str, most: usize) -> String {
    let mut kept = text.chars();
    let beginning: String = kept.by_ref().take(most).collect();
    let mut label = escaped(&beginning, is_command, |c| c.escape_default().collect()).into_owned();
    if kept.next().is_some() {
        label.push_str(" ...");
    }
    label
}

/// The beginning of a text, and how much was left out.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some((end, _)) => format!("{} ... ({} more bytes)", &text[..end], text.len() - end).into(),
    }
}

/// Says something on standard error. That nobody can hear it is no reason to stop.
pub fn say(text: impl Display) {
    let text = text.to_string();
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(&text));
}

/// Whether a terminal does something with it instead of showing it: control characters, marks of the direction of writing,
/// separators of lines, and characters that are not seen at all.
fn is_command(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) { out.push_str(&escape(c)) } else { out.push(c) }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(printable("\u{1b}[2J\u{9b}1mred\u{7}\r\n\tok"), "\\u{1b}[2J\\u{9b}1mred\\u{7}\\r\n\tok");
        assert_eq!(printable("abc\u{202e}cba\u{200b}"), "abc\\u{202e}cba\\u{200b}");
        for plain in ["", "ordinary", "Grüße, 龍 🐉 é │ ─ ✓", "two\nlines\tand a tab"] {
            assert!(matches!(printable(plain), Cow::Borrowed(text) if text == plain), "{plain}");
        }
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({ "name": "\u{1b}[31m\u{9b}\u{7f}\u{202e}\u{e0041}\nGrüße 🐉" });
        for text in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
            let printed = printable_json(&text);
            assert!(!printed.chars().any(|c| c != '\n' && is_command(c)), "{printed}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), value);
        }
    }

    #[test]
    fn a_label_is_one_short_line() {
        assert_eq!(label("two\nlines", 20), "two\\nlines");
        assert_eq!(label("12345", 5), "12345");
        assert_eq!(label("123456", 5), "12345 ...");
        assert!(label(&"\u{1b}".repeat(5_000_000), 10).len() < 100);
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 2), "äö ... (4 more bytes)");
    }
}
