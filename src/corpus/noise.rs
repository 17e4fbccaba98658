//! What is no question in any language: mashed keys, digits, marks.

use super::draw::Die;

const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
const MARKS: [&str; 16] = ["?", "!", ".", "...", ",", "-", "_", "#", "*", "/", "+", "=", "(", ")", "&", "~"];
const FACES: [&str; 20] = [
    "🙂", "😀", "😂", "😍", "😢", "😡", "👍", "👎", "❤️", "🔥", "🎉", "🤔", "😎", "🙏", "💀", "🦉", "📚", "✨", "🤖",
    "😴",
];

/// Something that makes no sense.
pub(super) fn noise(die: &mut Die) -> String {
    match die.between(0, 5) {
        0 => mashed(die),
        1 => (0..die.between(1, 9)).map(|_| char::from(b'a' + die.between(0, 25) as u8)).collect(),
        2 => (0..die.between(1, 8)).map(|_| char::from(b'0' + die.between(0, 9) as u8)).collect(),
        3 => die.text(&MARKS).repeat(die.between(1, 5)),
        4 => die.text(&FACES).repeat(die.between(1, 3)),
        _ => char::from(b'a' + die.between(0, 25) as u8).to_string().repeat(die.between(2, 9)),
    }
}

/// Neighbouring keys one after the other, perhaps twice.
fn mashed(die: &mut Die) -> String {
    let row = die.text(&ROWS);
    let start = die.between(0, row.len() - 3);
    let keys = &row[start..die.between(start + 3, row.len())];
    let mashed = if die.chance(0.3) { keys.chars().rev().collect() } else { keys.to_owned() };
    if die.chance(0.2) { format!("{mashed} {mashed}") } else { mashed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::draw::Purpose;

    #[test]
    fn noise_is_something_and_no_word_between_blanks() {
        let mut die = Die::new(1, Purpose::Pretraining);
        let made: std::collections::HashSet<String> = (0..1_000).map(|_| noise(&mut die)).collect();
        assert!(made.len() > 400, "{}", made.len());
        assert!(made.iter().all(|text| !text.trim().is_empty() && text.trim() == text));
    }
}
