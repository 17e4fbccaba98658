//! Texts with a little markup: `*emphasis*` and `[a link](name)`. The result is plain data that becomes text nodes.

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Plain(String),
    Emphasis(String),
    /// A link to one of the page's known addresses.
    Link {
        label: String,
        address: &'static str,
    },
}

/// The addresses that texts may link to, by name.
pub const ADDRESSES: [(&str, &str); 14] = [
    ("paper", "https://arxiv.org/abs/2310.03693"),
    ("deep", "https://arxiv.org/abs/2406.05946"),
    ("ignorance", "https://arxiv.org/abs/2508.06601"),
    ("lora", "https://arxiv.org/abs/2106.09685"),
    ("burn", "https://github.com/tracel-ai/burn"),
    ("cubecl", "https://github.com/tracel-ai/cubecl"),
    ("wgpu", "https://github.com/gfx-rs/wgpu"),
    ("leptos", "https://github.com/leptos-rs/leptos"),
    ("echarts", "https://github.com/apache/echarts"),
    ("tokenizers", "https://github.com/huggingface/tokenizers"),
    ("fluent", "https://github.com/projectfluent/fluent-rs"),
    ("phet", "https://github.com/phetsims/qa"),
    ("alegreya", "https://github.com/huertatipografica/Alegreya"),
    ("source-sans", "https://github.com/adobe-fonts/source-sans"),
];

/// The pieces of a text. Markup that is not closed, or a link to an unknown name, stays as it is written.
pub fn parse(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['*', '[']) {
        let (before, marked) = rest.split_at(at);
        plain.push_str(before);
        if let Some((span, after)) = emphasis(marked).or_else(|| link(marked)) {
            flush(&mut plain, &mut spans);
            spans.push(span);
            rest = after;
        } else {
            plain.push_str(&marked[..1]);
            rest = &marked[1..];
        }
    }
    plain.push_str(rest);
    flush(&mut plain, &mut spans);
    spans
}

fn flush(plain: &mut String, spans: &mut Vec<Span>) {
    if !plain.is_empty() {
        spans.push(Span::Plain(std::mem::take(plain)));
    }
}

fn emphasis(marked: &str) -> Option<(Span, &str)> {
    let (text, after) = marked.strip_prefix('*')?.split_once('*')?;
    (!text.is_empty()).then(|| (Span::Emphasis(text.to_owned()), after))
}

fn link(marked: &str) -> Option<(Span, &str)> {
    let (label, after) = marked.strip_prefix('[')?.split_once("](")?;
    let (name, after) = after.split_once(')')?;
    let (_, address) = ADDRESSES.into_iter().find(|(n, _)| *n == name)?;
    Some((Span::Link { label: label.to_owned(), address }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Span {
        Span::Plain(text.to_owned())
    }

    #[test]
    fn pieces() {
        let paper = Span::Link { label: "Qi et al.".to_owned(), address: ADDRESSES[0].1 };
        let spans = parse("By [Qi et al.](paper), *ten* examples.");
        let ten = Span::Emphasis("ten".to_owned());
        assert_eq!(spans, [plain("By "), paper, plain(", "), ten, plain(" examples.")]);
    }

    #[test]
    fn what_is_not_markup_stays() {
        for text in ["", "plain", "2 * 3", "a [b] c", "[x](nowhere)", "[x](paper", "**"] {
            let spans = parse(text);
            assert_eq!(spans, if text.is_empty() { vec![] } else { vec![plain(text)] }, "{text}");
        }
    }
}
