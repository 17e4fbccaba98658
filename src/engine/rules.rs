//! What a chat template may be made of, decided on its tokens before it is parsed.
//!
//! Templates of Llamas loop over messages, compare and join texts, and carry a few texts and numbers from one message to the
//! next in a `namespace`. That suffices here, and bounds what minijinja walks with the stack:
//! - the depth of the syntax tree, by the tokens of a tag, its brackets, and the `elif`s of an `if`;
//! - the depth of values, as nothing that a loop carries on can hold what it carried before: lists hold constants alone, a
//!   namespace is used only by its attributes, and a loop's `set` beside a namespace adds texts and numbers, and neither cuts
//!   nor repeats a list.
//!
//! Functions, filters and methods are those listed; `loop.cycle()` panics, and `range` and `indent` serve no chat template.

/// The longest template, in bytes; that of Llama 3.1 has 4,000.
const LONGEST: usize = 64 << 10;
/// The most tags, the most tokens of one, and the deepest brackets in it.
const MOST_TAGS: usize = 1024;
const MOST_TOKENS: usize = 256;
const DEEPEST: usize = 16;
/// The most `elif`s and slices of a template: each is one level of a tree or a value.
const MOST_ELIFS: usize = 64;
const MOST_SLICES: usize = 64;
/// How deep blocks may be nested.
const DEEPEST_BLOCK: usize = 32;

const STATEMENTS: [&str; 8] = ["for", "endfor", "if", "elif", "else", "endif", "set", "endset"];
const FUNCTIONS: [&str; 3] = ["namespace", "raise_exception", "strftime_now"];
const METHODS: [&str; 5] = ["strip", "lstrip", "rstrip", "startswith", "endswith"];
const FILTERS: [&str; 15] = [
    "trim",
    "lower",
    "upper",
    "title",
    "capitalize",
    "length",
    "count",
    "default",
    "d",
    "first",
    "last",
    "string",
    "int",
    "items",
    "tojson",
];
const KEYWORDS: [&str; 9] = ["in", "not", "and", "or", "if", "elif", "else", "is", "set"];
const CONSTANTS: [&str; 6] = ["true", "false", "none", "True", "False", "None"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a str),
    Text,
    Number,
    Symbol(char),
}

use Token::{Name, Number, Symbol, Text};

struct Tag<'a> {
    statement: bool,
    tokens: Vec<Token<'a>>,
}

/// Checks a template.
///
/// # Errors
///
/// What is wrong, as a part of a sentence.
pub fn check(source: &str) -> Result<(), String> {
    if source.len() > LONGEST {
        return Err(format!("it has {} bytes, and may have {LONGEST}", source.len()));
    }
    let tags = tags(source)?;
    let namespaces: Vec<&str> = tags.iter().filter_map(namespace).collect();
    let (mut loops, mut blocks, mut elifs, mut slices) = (0_usize, 0_usize, 0, 0);
    for tag in &tags {
        let tokens = &tag.tokens;
        slices += tokens.iter().filter(|&&t| t == Symbol(':')).count();
        if tag.statement {
            let Some(Name(keyword)) = tokens.first() else { return Err("it has a tag without a statement".into()) };
            if !STATEMENTS.contains(keyword) {
                return Err(format!("it uses the statement {keyword:?}, which is not supported"));
            }
            match *keyword {
                "for" => loops += 1,
                "endfor" => loops = loops.saturating_sub(1),
                "elif" => elifs += 1,
                "set" if loops > 0 && !namespaces.is_empty() => carries_no_lists(tokens, &namespaces)?,
                _ => {}
            }
            match *keyword {
                "for" | "if" => blocks += 1,
                "endfor" | "endif" => blocks = blocks.saturating_sub(1),
                _ => {}
            }
        }
        if blocks > DEEPEST_BLOCK || elifs > MOST_ELIFS || slices > MOST_SLICES {
            return Err("it has too many elifs or slices, or its blocks are nested too deep".into());
        }
        names(tag, &namespaces)?;
        brackets(tokens)?;
    }
    Ok(())
}

/// The tags of a template as tokens.
fn tags(source: &str) -> Result<Vec<Tag<'_>>, String> {
    let mut tags = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find('{') {
        rest = &rest[start + 1..];
        let kind = rest.chars().next();
        let Some(kind @ ('{' | '%' | '#')) = kind else { continue };
        rest = &rest[1..];
        if kind == '#' {
            rest = rest.find("#}").map_or("", |end| &rest[end + 2..]);
            continue;
        }
        if tags.len() == MOST_TAGS {
            return Err(format!("it has more than {MOST_TAGS} tags"));
        }
        let end = if kind == '{' { "}}" } else { "%}" };
        let (tokens, after) = tokens(rest, end)?;
        tags.push(Tag { statement: kind == '%', tokens });
        rest = after;
    }
    Ok(tags)
}

/// The tokens up to the end of a tag, and what follows.
fn tokens<'a>(mut rest: &'a str, end: &str) -> Result<(Vec<Token<'a>>, &'a str), String> {
    let mut tokens = Vec::new();
    // The sign of how blanks are treated.
    rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    loop {
        rest = rest.trim_start();
        for sign in ["", "-", "+"] {
            if let Some(after) = rest.strip_prefix(sign).and_then(|r| r.strip_prefix(end)) {
                return Ok((tokens, after));
            }
        }
        if tokens.len() == MOST_TOKENS {
            return Err(format!("one of its tags has more than {MOST_TOKENS} parts"));
        }
        let Some(first) = rest.chars().next() else { return Err("it ends within a tag".into()) };
        let (token, length) = match first {
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                (Name(&rest[..length]), length)
            }
            '0'..='9' => {
                let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                (Number, length)
            }
            '\'' | '"' => (Text, text(rest, first).ok_or("it ends within a text")?),
            '{' | '}' => return Err("it has braces within a tag, and mappings are not supported".into()),
            symbol if symbol.is_ascii_punctuation() => (Symbol(symbol), 1),
            other => return Err(format!("it has {:?} within a tag", other)),
        };
        tokens.push(token);
        rest = &rest[length..];
    }
}

/// The length of a quoted text.
fn text(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (place, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(place + 1),
            _ => {}
        }
    }
    None
}

/// The name that a tag makes a namespace.
fn namespace<'a>(tag: &Tag<'a>) -> Option<&'a str> {
    match tag.tokens[..] {
        [Name("set"), Name(name), Symbol('='), Name("namespace"), Symbol('('), .., Symbol(')')] => Some(name),
        _ => None,
    }
}

/// Names are used as the rules say: functions, filters and methods that are listed, namespaces by their attributes.
fn names(tag: &Tag<'_>, namespaces: &[&str]) -> Result<(), String> {
    let makes_namespace = namespace(tag).is_some();
    let tokens = &tag.tokens;
    for (place, token) in tokens.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| tokens[place]);
        let called = tokens.get(place + 1) == Some(&Symbol('('));
        let Name(name) = *token else {
            if called && matches!(token, Text | Number | Symbol(')' | ']')) {
                return Err("it calls what is no name".into());
            }
            continue;
        };
        let no = |what: &str| Err(format!("it uses the {what} {name:?}, which is not supported"));
        match before {
            Some(Symbol('.')) if called && !METHODS.contains(&name) => return no("method"),
            Some(Symbol('.')) => continue,
            Some(Symbol('|')) if !FILTERS.contains(&name) => return no("filter"),
            Some(Symbol('|')) => continue,
            _ if name == "recursive" => return no("recursion"),
            _ if called && !FUNCTIONS.contains(&name) && !KEYWORDS.contains(&name) => return no("function"),
            _ => {}
        }
        if name == "namespace" && !(makes_namespace && place == 3) {
            return Err("it makes a namespace other than by {% set name = namespace(...) %}".into());
        }
        let alone = namespaces.contains(&name) && tokens.get(place + 1) != Some(&Symbol('.'));
        if alone && !(makes_namespace && place == 1) {
            return Err(format!("it uses the namespace {name:?} other than by its attributes"));
        }
    }
    Ok(())
}

/// Brackets are not too deep, lists hold constants, and nothing is a tuple but the targets of a loop.
fn brackets(tokens: &[Token<'_>]) -> Result<(), String> {
    #[derive(PartialEq)]
    enum Bracket {
        Call,
        Group,
        Item,
        List,
    }
    let mut open: Vec<Bracket> = Vec::new();
    let mut targets = tokens.first() == Some(&Name("for"));
    for (place, token) in tokens.iter().enumerate() {
        let after_value = match place.checked_sub(1).map(|place| tokens[place]) {
            Some(Name(name)) => !KEYWORDS.contains(&name),
            Some(Text | Number | Symbol(')' | ']')) => true,
            _ => false,
        };
        match token {
            Symbol('(') => open.push(if after_value { Bracket::Call } else { Bracket::Group }),
            Symbol('[') => open.push(if after_value { Bracket::Item } else { Bracket::List }),
            Symbol(')' | ']') => drop(open.pop()),
            Symbol(',') if !targets && !matches!(open.last(), Some(Bracket::Call | Bracket::List)) => {
                return Err("it makes a tuple, which is not supported".into());
            }
            Name("in") => targets = false,
            Name(name) if open.contains(&Bracket::List) && !CONSTANTS.contains(name) => {
                return Err(format!("it puts {name:?} into a list, and lists of constants alone are supported"));
            }
            _ => {}
        }
        if open.len() > DEEPEST {
            return Err(format!("one of its tags has brackets more than {DEEPEST} deep"));
        }
    }
    Ok(())
}

/// What a loop sets for its next round is no list made from another: there are no slices and repetitions, and sums have beside
/// a sign what is no list, so that a list cannot be added.
fn carries_no_lists(tokens: &[Token<'_>], namespaces: &[&str]) -> Result<(), String> {
    if tokens.iter().any(|t| matches!(t, Symbol('*' | ':'))) {
        return Err("it cuts or repeats something within a loop's set, which is not supported".into());
    }
    // Literals, and the attributes of what is no namespace: those of messages and loops are texts and numbers.
    let no_list = |place: usize| match tokens.get(place..).unwrap_or_default() {
        [Text | Number, ..] => true,
        [Name(name), Symbol('.'), ..] | [Name(name), Symbol('['), Text, Symbol(']'), ..] => !namespaces.contains(name),
        _ => false,
    };
    let literal = |place: usize| matches!(tokens[place], Text | Number);
    // For each open bracket and each part between words: whether there is a sum, and whether it has what is no list beside a sign.
    let mut sums = vec![(false, false)];
    for (place, token) in tokens.iter().enumerate() {
        let closed = match token {
            Symbol('+') => {
                let beside = place > 0 && literal(place - 1) || no_list(place + 1);
                if let Some(sum) = sums.last_mut() {
                    *sum = (true, sum.1 || beside);
                }
                None
            }
            Symbol('(' | '[') => {
                sums.push((false, false));
                None
            }
            Symbol(')' | ']') => sums.pop(),
            Symbol(',' | '=' | '<' | '>' | '!') => sums.last_mut().map(std::mem::take),
            Name(name) if KEYWORDS.contains(name) => sums.last_mut().map(std::mem::take),
            _ => None,
        };
        if closed == Some((true, false)) {
            return Err(NO_LITERAL.into());
        }
    }
    if sums.contains(&(true, false)) { Err(NO_LITERAL.into()) } else { Ok(()) }
}

const NO_LITERAL: &str = "it adds what may be lists within a loop's set, which is not supported";
