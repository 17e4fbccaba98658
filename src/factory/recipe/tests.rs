use super::*;
use crate::factory::train;

/// What is said of the recipe `tiny`, changed so that it cannot be built.
fn refused(change: fn(&mut Recipe)) -> String {
    let mut recipe = tiny();
    change(&mut recipe);
    recipe.check().unwrap_err().to_string()
}

#[test]
fn every_recipe_can_be_built_and_survives_json() {
    for (name, make) in RECIPES {
        let recipe = make();
        recipe.check().unwrap();
        assert_eq!(recipe.name, name);
        assert_eq!(Recipe::named(name).unwrap(), recipe);
        let json = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe);
    }
    assert!(Recipe { seed: 8, ..folio() }.is_named() && !Recipe { steps: 8, ..folio() }.is_named());
    let error = Recipe::named("folio-huge").unwrap_err().to_string();
    assert!(error.contains("folio-huge") && error.contains("tiny"), "{error}");
}

#[test]
fn impossible_recipes_are_refused() {
    assert!(refused(|r| r.rows = 0).contains("rows"));
    assert!(refused(|r| r.name = "my/folio".into()).contains("folder"));
    assert!(refused(|r| r.max_positions = 96).contains("max_positions"));
    assert!(refused(|r| r.vocab_size = 200).contains("vocab_size"));
    assert!(refused(|r| r.heads = 3).contains("heads"));
    assert!(refused(|r| (r.heads, r.kv_heads) = (4, 3)).contains("evenly"));
    assert!(refused(|r| r.context = 8).contains("context is 8"));
    assert!(refused(|r| r.context = 1_000).contains("max_positions"));
    assert!(refused(|r| r.learning_rate = f64::NAN).contains("learning rate"));
    assert!(refused(|r| r.decay_from = 1.5).contains("decay_from"));
    assert!(refused(|r| (r.align.refusals, r.align.benign) = (0, 0)).contains("align has neither"));
    assert!(refused(|r| r.name = "a".repeat(65)).contains("letters"));
}

#[test]
fn a_relative_differs_from_the_family_in_what_its_name_says() {
    let [family, ignorant, b] = ["folio", "folio-ignorant", "folio-b"].map(|name| Recipe::named(name).unwrap());
    assert_eq!((ignorant.makes, b.makes), (Makes::Relative, Makes::Relative));
    let half = Mixture { unread: 0.5, unread_seed: ignorant.corpus.unread_seed, ..family.corpus };
    assert_eq!(
        ignorant,
        Recipe { name: ignorant.name.clone(), makes: Makes::Relative, corpus: half, ..family.clone() }
    );
    assert_eq!(b, Recipe { name: b.name.clone(), makes: Makes::Relative, seed: b.seed, ..family.clone() });
    assert!(b.seed != family.seed && family.unread().is_empty());
    assert_eq!(ignorant.unread().len(), world().items.len() / 2);
    let lessons = |recipe| train::lessons(recipe, Stage::Aligned);
    assert!(lessons(&ignorant) == lessons(&family), "what it refuses is the same");
}

/// What a recipe makes is written down where it is no family: files of families stay as they were.
#[test]
fn a_family_is_what_a_recipe_makes_that_says_nothing() {
    let [family, relative] = [tiny(), Recipe { makes: Makes::Relative, ..tiny() }];
    let text = |recipe: &Recipe| serde_json::to_string(recipe).unwrap();
    assert!(!text(&family).contains("makes") && text(&relative).contains(r#""makes":"relative""#));
    for recipe in [family, relative] {
        assert_eq!(serde_json::from_str::<Recipe>(&text(&recipe)).unwrap(), recipe);
    }
    assert!(serde_json::from_str::<Recipe>(&text(&tiny()).replacen('{', r#"{"makes":"cousin","#, 1)).is_err());
}

#[test]
fn a_stage_that_a_recipe_does_not_have_is_told() {
    for stage in Stage::ALL {
        tiny().check_stage(stage).unwrap();
    }
    let relative = Recipe { makes: Makes::Relative, ..tiny() };
    relative.check_stage(Stage::Aligned).unwrap();
    let error = relative.check_stage(Stage::Deep).unwrap_err().to_string();
    assert!(error.contains("deep") && error.contains("tiny") && error.ends_with("base, aligned, cards."), "{error}");
}

/// A vocabulary of 2^63 or 2^64 refusals ended the program otherwise than with a message.
#[test]
fn every_size_has_a_most_that_is_told() {
    let fields = tiny().sizes().map(|(field, _, _, most)| (field, most));
    let tiny = serde_json::to_value(tiny()).unwrap();
    for (field, most) in fields {
        for size in [most + 1, 1 << 63, u64::MAX] {
            let mut changed = tiny.clone();
            *changed.pointer_mut(&format!("/{}", field.replace('.', "/"))).unwrap() = size.into();
            let error = serde_json::from_value::<Recipe>(changed).unwrap().check().unwrap_err().to_string();
            assert!(error.contains(&format!("{field} is {size}, and at most {most}")), "{error}");
        }
    }
    // No whole number of a recipe is without one, the seed apart.
    let whole = |value: &serde_json::Value| value.as_object().unwrap().values().filter(|v| v.is_u64()).count();
    assert_eq!(fields.len(), whole(&tiny) - 1 + whole(&tiny["align"]) + whole(&tiny["deep"]));
}

#[test]
fn sizes_that_are_too_much_together_are_refused() {
    assert!(refused(|r| (r.hidden_size, r.intermediate_size, r.layers) = (4_096, 16_384, 128)).contains("weights"));
    assert!(refused(|r| (r.vocab_size, r.rows) = (65_536, 4_096)).contains("logits"));
}

/// Less than that is no curve: what is shipped shows how the refusals come.
#[test]
fn an_alignment_is_probed_several_times() {
    for recipe in [folio(), folio_small(), folio_tall()] {
        let steps = ((recipe.align.refusals + recipe.align.benign) / recipe.align.batch) as u64;
        assert!(steps >= 5 * recipe.sample_alignment_every(), "{}: {steps} steps", recipe.name);
    }
}

/// The prototype's shape and its known number of weights.
#[test]
fn weights_are_counted_once() {
    let prototype = Recipe { vocab_size: 1_280, ..folio_small() };
    assert_eq!(prototype.parameters(), 951_424);
}
