//! The page's texts: two Fluent files, one for each language. Every visible text comes from them.

use std::cell::OnceCell;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::settings::Language;

/// The files by language.
const FILES: [(Language, &str); 2] = [
    (Language::English, include_str!("../../www/texts/en.ftl")),
    (Language::Chinese, include_str!("../../www/texts/zh.ftl")),
];

type Bundle = FluentBundle<FluentResource>;

thread_local! {
    /// Each is read when the first text in it is wanted.
    static BUNDLES: [(Language, OnceCell<Bundle>); 2] = FILES.map(|(language, _)| (language, OnceCell::new()));
}

fn bundle_of(language: Language) -> Bundle {
    let file = FILES.iter().find(|(of, _)| *of == language).map_or("", |(_, file)| file);
    let id: LanguageIdentifier = language.tag().parse().expect("the two tags are valid");
    let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(readable, _)| readable);
    let mut bundle = FluentBundle::new(vec![id]);
    // Both languages run from left to right: the marks that isolate inserted texts would only disturb searching and copying.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

/// The text of this key. A key that is missing comes back in angle quotes; a test checks that none is.
pub fn text(language: Language, key: &str) -> String {
    text_with(language, key, [])
}

/// The text of this key with these values for its variables.
pub fn text_with<'a, const N: usize>(
    language: Language,
    key: &str,
    values: [(&'static str, FluentValue<'a>); N],
) -> String {
    let mut args = FluentArgs::with_capacity(N);
    for (name, value) in values {
        args.set(name, value);
    }
    BUNDLES.with(|bundles| {
        let bundle = bundles.iter().find(|(l, _)| *l == language);
        let bundle = bundle.map(|(_, bundle)| bundle.get_or_init(|| bundle_of(language)));
        let pattern = bundle.and_then(|b| Some((b, b.get_message(key)?.value()?)));
        // Errors are variables without a value; they show in the text as their names, which a test forbids.
        pattern.map_or_else(
            || format!("‹{key}›"),
            |(bundle, pattern)| bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned(),
        )
    })
}

#[cfg(test)]
mod tests;
