//! Which regular expressions of a `tokenizer.json` are compiled: those for which one search from one place takes time in
//! proportion to the text. All matches together may still take time that grows with its square (`.*[^A-Z]|[A-Z]` reads
//! capitals to their end for each of them), so that texts for such tokenizers are short: see `tokenizer::Checked`.
//!
//! The expressions of Llama's tokenizers are classes, alternatives and repetitions, which the `regex` crate searches without
//! going back, and one look ahead, `\s+(?!\S)`, which goes back at most one space. All else that `fancy-regex` knows (other
//! looks around, references, possessive repetitions) may go back without end, and is refused.

/// The longest expression, in bytes.
const LONGEST: usize = 2048;
/// The most counted repetitions and Unicode classes of an expression: each becomes a table when it is compiled.
const MOST_COUNTED: usize = 8;
const MOST_CLASSES: usize = 48;
/// The most alternatives: beside a look ahead, they are tried one after the other.
const MOST_ALTERNATIVES: usize = 32;
/// The largest number of a counted repetition.
const MOST_TIMES: usize = 16;
/// How deep groups and classes may be nested.
const DEEPEST: usize = 16;
/// The look ahead that every byte-level tokenizer has. It must be an alternative of its own.
const LOOK_AHEAD: &str = r"\s+(?!\S)";
/// What may follow a backslash, besides punctuation.
const ESCAPES: &str = "sSdDwWpPrnt";

/// Checks an expression, and counts its Unicode classes.
///
/// # Errors
///
/// What is wrong with it, as a part of a sentence.
pub fn check(pattern: &str) -> Result<usize, String> {
    if pattern.is_empty() || pattern.len() > LONGEST {
        return Err(format!("a regular expression has {} bytes, and may have 1 to {LONGEST}", pattern.len()));
    }
    let alternatives: Vec<&str> = split(pattern)?;
    if alternatives.len() > MOST_ALTERNATIVES {
        return Err(format!("a regular expression has more than {MOST_ALTERNATIVES} alternatives"));
    }
    for alternative in alternatives.iter().filter(|&&alternative| alternative != LOOK_AHEAD) {
        plain(alternative)?;
    }
    let count = |parts: [&str; 2]| parts.map(|part| pattern.matches(part).count()).iter().sum::<usize>();
    let (classes, braces) = (count([r"\p", r"\P"]), count([r"\p{", r"\P{"]));
    if pattern.matches('{').count() > MOST_COUNTED + braces || classes > MOST_CLASSES {
        return Err("a regular expression has too many counted repetitions or Unicode classes".into());
    }
    Ok(classes)
}

/// The alternatives outside of all groups and classes.
fn split(pattern: &str) -> Result<Vec<&str>, String> {
    let (mut alternatives, mut start) = (Vec::new(), 0);
    let (mut groups, mut classes) = (0_usize, 0_usize);
    let mut characters = pattern.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '[' => classes += 1,
            ']' => classes = classes.saturating_sub(1),
            '(' if classes == 0 => groups += 1,
            ')' if classes == 0 => groups = groups.saturating_sub(1),
            '|' if classes == 0 && groups == 0 => {
                alternatives.push(&pattern[start..place]);
                start = place + 1;
            }
            _ => {}
        }
        if groups + classes > DEEPEST {
            return Err(format!("a regular expression is nested more than {DEEPEST} deep"));
        }
    }
    alternatives.push(&pattern[start..]);
    Ok(alternatives)
}

/// That an alternative has only what can be searched without going back.
fn plain(alternative: &str) -> Result<(), String> {
    let no = |what: &str| Err(format!("a regular expression has {what}, which is not supported"));
    let mut classes = 0_usize;
    let mut before = ' ';
    let mut rest = alternative;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        let mut now = character;
        match character {
            '\\' => {
                let Some(escaped) = rest.chars().next() else { return no("a backslash at its end") };
                if !(ESCAPES.contains(escaped) || escaped.is_ascii_punctuation() && !"<>".contains(escaped)) {
                    return no("an escape other than those of classes and punctuation");
                }
                rest = &rest[escaped.len_utf8()..];
                if "pP".contains(escaped) {
                    // The class's name, so that its braces are not taken for a repetition.
                    let end = if rest.starts_with('{') { rest.find('}').map_or(rest.len(), |end| end + 1) } else { 0 };
                    rest = &rest[end..];
                }
                now = 'a';
            }
            '[' => classes += 1,
            ']' if classes > 0 => {
                classes -= 1;
                now = 'a';
            }
            _ if classes > 0 => now = 'a',
            '(' if rest.starts_with(['?', '*']) && !(rest.starts_with("?:") || rest.starts_with("?i:")) => {
                return no("a group that looks around, refers or sets");
            }
            '(' => {
                // The question mark of the group is no repetition.
                let kind = if rest.starts_with("?:") {
                    2
                } else if rest.starts_with("?i:") {
                    3
                } else {
                    0
                };
                rest = &rest[kind..];
            }
            '+' if "+*?}".contains(before) => return no("a possessive repetition"),
            '{' => {
                let counts = rest.split('}').next().unwrap_or_default();
                let count = |n: &str| n.is_empty() || n.parse().is_ok_and(|n: usize| n <= MOST_TIMES);
                if !counts.split(',').all(count) {
                    return no(&format!("a repetition of more than {MOST_TIMES} times"));
                }
            }
            _ => {}
        }
        before = now;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GPT_2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    const LLAMA_3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    const QWEN_2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    const DEEPSEEK: &str = r"[!-/:-~]+|\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿ]+|[一-龥ࠀ-一가-퟿]+|\p{N}{1,3}|\s+$";

    #[test]
    fn expressions_of_llamas_pass() {
        for pattern in [GPT_2, LLAMA_3, QWEN_2, DEEPSEEK, r"\s", " ", r"[\r\n]", r"\p{N}"] {
            assert!(check(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn what_may_go_back_without_end_is_refused() {
        let deep = "(".repeat(100);
        let long = "a".repeat(3_000);
        let classes = r"\pL".repeat(49);
        let alternatives = "a|".repeat(32);
        for pattern in [
            "",
            r"(a*)*(?=b)",
            r"(a*)*\s+(?!\S)",
            r"(?:x|\s+(?!\S))",
            r"(a)\1",
            r"(?<n>a)\k<n>",
            r"a++",
            r"(a|b)*+",
            r"a?+",
            r"(?>a)",
            r"(?<!a)b",
            r"(?<=a)b",
            r"\Ga",
            r"\Ka",
            r"\b",
            r"a{1000000}",
            r"(a{9}){17}",
            r"(?P=n)",
            r"(*FAIL)",
            r"(?(1)a|b)",
            r"(?~a)",
            "a\\",
            r"\g<1>",
            r"\<a",
            &deep,
            &long,
            &classes,
            &alternatives,
            r"a{1,9999999999999999999999}",
            "a{2}a{2}a{2}a{2}a{2}a{2}a{2}a{2}a{2}",
            r"\pL{2}\pL{2}\pL{2}\pL{2}\pL{2}\pL{2}\pL{2}\pL{2}\pL{2}",
        ] {
            assert!(check(pattern).is_err(), "{pattern}");
        }
    }
}
