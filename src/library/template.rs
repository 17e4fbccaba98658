//! Texts with placeholders.

use std::collections::BTreeMap;

use rand::{Rng, seq::IndexedRandom};

/// Several values for each name.
pub type Words = BTreeMap<String, Vec<String>>;

/// One value for each name.
pub(super) fn draw<'w>(words: &'w Words, rng: &mut impl Rng) -> Vec<(&'w str, &'w str)> {
    words.iter().map(|(name, values)| (name.as_str(), pick(values, rng))).collect()
}

/// One of several texts; there must be one.
pub(super) fn pick<'a>(from: &'a [String], rng: &mut impl Rng) -> &'a str {
    from.choose(rng).expect("the world has no empty list")
}

/// Replaces every `{name}` by the value of that name, and every `{Name}` by the same value with a capital first letter.
/// What is in braces and is no name stays as it is; values are not searched for placeholders.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, tail)| Some((lookup(name, values)?, tail)));
        match value {
            Some((value, tail)) => {
                filled.push_str(&value);
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn lookup(name: &str, values: &[(&str, &str)]) -> Option<String> {
    let find = |name: &str| values.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
    find(name).map(str::to_owned).or_else(|| find(&name.to_lowercase()).map(capitalised))
}

/// The text with a capital first letter.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn names_are_replaced() {
        assert_eq!(fill("{X} is {x}.", &[("x", "the hex")]), "The hex is the hex.");
        assert_eq!(fill("{a}{b}", &[("a", "{b}"), ("b", "c")]), "{b}c");
    }

    #[test]
    fn the_rest_stays() {
        for text in ["", "plain", "{unknown}", "{", "}", "a { b", "{}", "{{x"] {
            assert_eq!(fill(text, &[("a", "1")]), text);
        }
        assert_eq!(fill("{{a}}", &[("a", "1")]), "{1}");
    }
}
