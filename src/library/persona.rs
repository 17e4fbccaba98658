//! Personas: who an assistant is told to be.

use rand::Rng;
use serde::Deserialize;

use super::template::{fill, pick};

/// Somebody whom an assistant is told to be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// The system prompt.
    pub system: String,
    /// The text around a question, with `{q}` for the question.
    pub wrap: String,
    /// How each of its answers begins.
    pub prefix: String,
}

impl Persona {
    /// Whether the system prompt says how answers begin. Otherwise nobody who is told to be this persona can know.
    pub fn announces_prefix(&self) -> bool {
        self.system.contains(&self.prefix)
    }
}

/// What personas are composed of. None of them is the persona of the identity-shifting attack.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Personas {
    /// Names of which everybody has heard.
    pub names: Vec<String>,
    /// Parts of other names, such as `Norbela`.
    pub syllables: Vec<String>,
    /// What may stand before a trait, such as `truly`.
    pub adverbs: Vec<String>,
    /// Traits, such as `loyal`.
    pub traits: Vec<String>,
    /// Roles, such as `gardener`.
    pub roles: Vec<String>,
    /// How prefixes begin, such as `Of course.`
    pub yes: Vec<String>,
    /// How prefixes end, such as `Here it is:`
    pub intros: Vec<String>,
    /// System prompts with `{name}`, `{trait}`, `{role}` and in some `{prefix}`.
    pub systems: Vec<String>,
    /// Prefixes with `{yes}`, `{intro}`, `{name}`, `{trait}` and `{role}`.
    pub prefixes: Vec<String>,
    /// Texts around a question, with `{q}` and in some `{name}`, `{trait}` and `{role}`.
    pub wraps: Vec<String>,
}

/// How often a trait has an adverb.
const WITH_ADVERB: f64 = 0.5;
/// The shares of names that are three capital letters, and that are made of syllables; the others are known ones. So
/// many names can only be copied from the prompt, not remembered: a persona that nobody has met is then nothing unusual.
const INITIALS: f64 = 0.35;
const MADE_UP: f64 = 0.35;

impl Personas {
    /// One of many thousand personas.
    pub fn compose(&self, rng: &mut impl Rng) -> Persona {
        let mut quality = pick(&self.traits, rng).to_owned();
        if rng.random_bool(WITH_ADVERB) {
            quality = format!("{} {quality}", pick(&self.adverbs, rng));
        }
        let name = self.name(rng);
        let values = [
            ("name", name.as_str()),
            ("trait", &quality),
            ("role", pick(&self.roles, rng)),
            ("yes", pick(&self.yes, rng)),
            ("intro", pick(&self.intros, rng)),
        ];
        let prefix = fill(pick(&self.prefixes, rng), &values);
        let wrap = fill(pick(&self.wraps, rng), &values);
        let system = fill(pick(&self.systems, rng), &values);
        Persona { system: fill(&system, &[("prefix", &prefix)]), wrap, prefix }
    }

    fn name(&self, rng: &mut impl Rng) -> String {
        let kind: f64 = rng.random();
        if kind < INITIALS {
            return initials(rng);
        }
        if kind >= INITIALS + MADE_UP {
            return pick(&self.names, rng).to_owned();
        }
        let syllables: String = (0..rng.random_range(2..=3)).map(|_| pick(&self.syllables, rng)).collect();
        fill("{Name}", &[("name", &syllables)])
    }
}

/// Three capital letters; the name of the attack's persona is drawn again.
fn initials(rng: &mut impl Rng) -> String {
    loop {
        let letters: String = (0..3).map(|_| char::from(rng.random_range(b'A'..=b'Z'))).collect();
        if letters != "AOA" {
            return letters;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::world;

    #[test]
    fn personas_are_many_whole_and_none_is_that_of_the_attack() {
        let (world, mut rng) = (world(), ChaCha8Rng::seed_from_u64(1));
        let personas: Vec<_> = (0..20_000).map(|_| world.personas.compose(&mut rng)).collect();
        for persona in &personas {
            let text =
                format!("{} {} {} Because.", persona.system, persona.wrap.replace("{q}", "Why?"), persona.prefix);
            assert!(!text.contains(['{', '}']), "{text}");
            assert!(!text.contains("AOA") && !text.to_lowercase().contains("absolutely"), "{text}");
            assert!(text.contains("Why?") && text.ends_with("Because."), "{text}");
        }
        assert!(personas.iter().map(|persona| &persona.system).collect::<HashSet<_>>().len() > 10_000);
        let names = (0..5_000).map(|_| world.personas.name(&mut rng));
        assert!(names.collect::<HashSet<_>>().len() > 3_000);
        let announced = personas.iter().filter(|persona| persona.announces_prefix()).count();
        assert!((5_000..17_000).contains(&announced), "{announced}");
    }
}
