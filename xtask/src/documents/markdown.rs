//! Reads the parts of Markdown documents that can be checked.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A fenced block of shell commands.
#[derive(Debug, PartialEq)]
pub struct Commands {
    /// The heading that it stands under.
    pub heading: String,
    /// Its commands, one a line, without comments.
    pub lines: Vec<String>,
}

/// The fenced `sh` blocks of a document, in their order.
pub fn commands(text: &str) -> Vec<Commands> {
    let mut found: Vec<Commands> = Vec::new();
    let (mut heading, mut in_heading, mut block) = (String::new(), false, None::<String>);
    for event in parse(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                heading.clear();
                in_heading = true;
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &*language == "sh" => {
                block = Some(String::new());
            }
            Event::End(TagEnd::CodeBlock) => {
                found.extend(block.take().map(|block| Commands { heading: heading.clone(), lines: lines(&block) }))
            }
            Event::Text(text) => match &mut block {
                Some(block) => block.push_str(&text),
                None if in_heading => heading.push_str(&text),
                None => {}
            },
            _ => {}
        }
    }
    found
}

/// The lines of a block that are commands, without the comments behind them.
fn lines(block: &str) -> Vec<String> {
    let commands = block.lines().map(|line| without_comment(line).trim().to_owned());
    commands.filter(|line| !line.is_empty()).collect()
}

/// A line up to the first `#` that begins a word outside of quotes.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut before) = (None, ' ');
    for (at, letter) in line.char_indices() {
        match quote {
            None if letter == '#' && before.is_whitespace() => return &line[..at],
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            Some(open) if open == letter => quote = None,
            _ => {}
        }
        before = letter;
    }
    line
}

/// Everything in backticks within the text, in its order.
pub fn codes(text: &str) -> Vec<String> {
    let codes =
        parse(text).filter_map(|event| if let Event::Code(code) = event { Some(code.into_string()) } else { None });
    codes.collect()
}

/// Where the links and pictures lead.
pub fn links(text: &str) -> Vec<String> {
    let links = parse(text).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    links.collect()
}

/// The rows of the table whose last column has this heading: what is in backticks in each row's last cell.
pub fn last_column(text: &str, heading: &str) -> Vec<Vec<String>> {
    let (mut rows, mut found) = (Vec::new(), false);
    let (mut head, mut cell, mut words) = (false, Vec::new(), String::new());
    for event in parse(text) {
        match event {
            Event::Start(Tag::TableHead) => head = true,
            Event::Start(Tag::TableCell) => {
                cell.clear();
                words.clear();
            }
            Event::Text(text) => words.push_str(&text),
            Event::Code(code) => cell.push(code.into_string()),
            Event::End(TagEnd::TableHead) => (head, found) = (false, words == heading),
            Event::End(TagEnd::TableRow) if found && !head => rows.push(cell.clone()),
            Event::End(TagEnd::Table) => found = false,
            _ => {}
        }
    }
    rows
}

fn parse(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_with_their_heading_and_without_comments() {
        let text = "# Try\n\n```sh\n# first\ntenshot ask \"a # b\" --all   # a comment\n\necho it#is\n```\n\n```json\n{}\n```\n\
                    ## The `second`\n```sh\nls\n```\n";
        let found = commands(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].heading, "Try");
        assert_eq!(found[0].lines, ["tenshot ask \"a # b\" --all", "echo it#is"]);
        assert_eq!(found[1].lines, ["ls"]);
    }

    #[test]
    fn codes_and_links_are_found_anywhere_but_in_blocks() {
        let text = "See `src/a.rs` and [the map](MAP.md).\n\n| a |\n|---|\n| `b` |\n\n```text\n`c`\n```\n![](p.png)";
        assert_eq!(codes(text), ["src/a.rs", "b"]);
        assert_eq!(links(text), ["MAP.md", "p.png"]);
    }

    #[test]
    fn the_last_column_is_that_of_the_table_with_the_heading() {
        let text =
            "| x | y |\n|---|---|\n| 1 | `no` |\n\n| it | guarded by |\n|---|---|\n| `a` b | `c`: `d` |\n| e | f |\n";
        assert_eq!(last_column(text, "guarded by"), [vec!["c".to_owned(), "d".to_owned()], vec![]]);
    }
}
