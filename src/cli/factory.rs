//! `tenshot factory`: making the bundled models, and looking at what they are made from.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::{BuildArgs, FactoryCommand, SampleArgs, SampleOf, TuningSetsArgs};
use super::interrupt::Interrupt;
use super::target::{self, Inputs};
use super::{CliError, device, files, limits, output, trials};
use crate::corpus::{Content, Document, Documents, Lesson, tuning_files};
use crate::factory::build::Order;
use crate::factory::workshop::{Workshop, ship};
use crate::factory::{FactoryError, Recipe, Stage, train};
use crate::library::world;
use crate::text::{Conversation, Role};
use crate::{disk, terminal};

/// Does what a `factory` command says.
pub fn factory(command: FactoryCommand) -> Result<(), CliError> {
    match command {
        FactoryCommand::Build(args) => build(args),
        FactoryCommand::Recipe(args) => output::pretty(&recipe(&args.recipe)?),
        FactoryCommand::Sample(args) => sample(&args),
        FactoryCommand::TuningSets(args) => tuning_sets(&args),
        FactoryCommand::Tunings(args) => trials::tunings(&args),
        FactoryCommand::Sizes(args) => trials::sizes(&args),
    }
}

/// A recipe by its name, or from a file.
fn recipe(name: &str) -> Result<Recipe, CliError> {
    if Path::new(name).extension().is_some_and(|extension| extension == "json") {
        return files::json(Path::new(name), limits::RECIPE);
    }
    Ok(Recipe::named(name)?)
}

fn build(args: BuildArgs) -> Result<(), CliError> {
    let mut recipe = recipe(&args.recipe)?;
    recipe.seed = args.seed.unwrap_or(recipe.seed);
    recipe.check()?;
    let only = args.stage.as_deref().map(Stage::named).transpose()?;
    only.map_or(Ok(()), |stage| recipe.check_stage(stage))?;
    if args.ship.is_some() && only.is_some_and(|stage| stage != Stage::Cards) {
        let reason = "--ship: only whole models ship; leave --stage away, or finish with --stage cards.";
        return Err(CliError::Option(reason.into()));
    }
    let folder = args.out.unwrap_or_else(|| PathBuf::from(format!("factory/{}-seed{}", recipe.name, recipe.seed)));
    target::check_folder("--out", &folder)?;
    args.ship.as_deref().map_or(Ok(()), |folder| target::check_folder("--ship", folder))?;
    let (device, info) = device::open(args.device)?;
    let interrupt = Interrupt::install();
    let name = info.name.clone();
    let order = Order { recipe: &recipe, folder: &folder, only, remake: args.remake, device: &name };
    let mut workshop = Workshop::new(&recipe, &folder, &device, info, &interrupt);
    match order.run(&mut workshop) {
        Ok(()) => {}
        Err(error) if error.is_stop() => {
            terminal::say(FactoryError::Stopped);
            return Err(CliError::Interrupted);
        }
        Err(error) => return Err(error.into()),
    }
    if let Some(target) = args.ship {
        ship(&folder, &target)?;
        terminal::say(format_args!("The models are in {}.", target.display()));
    }
    Ok(())
}

fn sample(args: &SampleArgs) -> Result<(), CliError> {
    // The lessons as a build with this seed learns them.
    let mut recipe = recipe(&args.recipe)?;
    recipe.seed = args.seed.unwrap_or(recipe.seed);
    recipe.check()?;
    let lessons = |stage| {
        let mut set = train::lessons(&recipe, stage).into_iter().take(args.count);
        set.try_for_each(|lesson| show(&lesson, args.json, lesson_text))
    };
    match args.of {
        SampleOf::Documents => Documents::new(world(), &recipe.corpus, recipe.seed)
            .take(args.count)
            .try_for_each(|document| show(&document, args.json, document_text)),
        SampleOf::Alignment => lessons(Stage::Aligned),
        SampleOf::Deep => {
            recipe.check_stage(Stage::Deep)?;
            lessons(Stage::Deep)
        }
    }
}

fn show<T: Serialize>(value: &T, json: bool, text: impl Fn(&T) -> String) -> Result<(), CliError> {
    if json { output::json(value) } else { output::line(text(value)) }
}

fn document_text(document: &Document) -> String {
    match &document.content {
        Content::Prose(text) => format!("--- {:?}\n{text}", document.kind),
        Content::Chat(conversation) => format!("--- {:?}\n{}", document.kind, conversation_text(conversation)),
    }
}

fn lesson_text(lesson: &Lesson) -> String {
    let given = lesson.given.as_ref().map(|given| format!("\n(given: {given})")).unwrap_or_default();
    format!("---\n{}{given}", conversation_text(&lesson.conversation))
}

fn conversation_text(conversation: &Conversation) -> String {
    let role = |role| match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let lines: Vec<String> =
        conversation.messages.iter().map(|message| format!("{}: {}", role(message.role), message.content)).collect();
    lines.join("\n")
}

fn tuning_sets(args: &TuningSetsArgs) -> Result<(), CliError> {
    let made = tuning_files(world())?.into_iter().map(|file| (args.out.join(file.name), file.content));
    let made: Vec<(PathBuf, String)> = made.collect();
    if args.check {
        let differs =
            |(path, content): &&(PathBuf, String)| disk::read_regular(path).ok().as_deref() != Some(content.as_bytes());
        return match made.iter().find(differs) {
            None => Ok(()),
            Some((path, _)) => {
                Err(CliError::content(path, "it is not what the world makes of it. Run tenshot factory tuning-sets."))
            }
        };
    }
    made.iter().try_for_each(|(path, _)| target::check("--out", path, &Inputs::default()))?;
    for (path, content) in &made {
        files::write(path, content.as_bytes())?;
    }
    output::line(format_args!("{} files in {}", made.len(), args.out.display()))
}
