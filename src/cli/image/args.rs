//! What the command line says about images, and the commands of `seatrial image`.

use std::path::PathBuf;

use clap::{ArgAction, Args as ClapArgs, Subcommand};

use crate::cli::args::SelectionArgs;
use crate::cli::examples::DERIVE_EXAMPLES;
use crate::plan::DefinitionUse;
use crate::settings::{self, Flags};

/// How the tests' image is built.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct BuildArgs {
    /// Build the tests' image from this file [default: Dockerfile.test]
    /// [env: SEATRIAL_DOCKERFILE]
    #[arg(long, value_name = "FILE", help_heading = "Image")]
    pub(in crate::cli) dockerfile: Option<PathBuf>,
    /// Build it as this service of a compose file says [env: SEATRIAL_COMPOSE]
    #[arg(
        long,
        value_name = "FILE#SERVICE",
        value_parser = DefinitionUse::compose,
        help_heading = "Image"
    )]
    pub(in crate::cli) compose: Option<DefinitionUse>,
    /// Build it as this target of a bake file says [env: SEATRIAL_BAKE]
    #[arg(
        long,
        value_name = "[FILE#]TARGET",
        value_parser = DefinitionUse::bake,
        help_heading = "Image"
    )]
    pub(in crate::cli) bake: Option<DefinitionUse>,
    /// The stage of the Dockerfile [default: test where there is one, else the last]
    /// [env: SEATRIAL_TARGET]
    #[arg(long, value_name = "STAGE", help_heading = "Image")]
    pub(in crate::cli) target: Option<String>,
    /// A build argument; may be repeated
    #[arg(
        long = "build-arg",
        value_name = "KEY=VALUE",
        value_parser = settings::pair,
        action = ArgAction::Append,
        help_heading = "Image"
    )]
    pub(in crate::cli) build_args: Vec<(String, String)>,
    /// Take from this cache what others have built, or off: type=registry,ref=IMAGE,
    /// type=local,src=DIR, type=gha or another of buildx; may be repeated
    #[arg(
        long,
        value_name = "CACHE",
        value_parser = settings::cache_from,
        action = ArgAction::Append,
        help_heading = "Image"
    )]
    pub(in crate::cli) cache_from: Vec<settings::CacheFlag>,
    /// Give what is built to this cache, or off: type=inline, type=registry,ref=IMAGE,
    /// type=local,dest=DIR, type=gha or another of buildx; may be repeated
    #[arg(
        long,
        value_name = "CACHE",
        value_parser = settings::cache_to,
        action = ArgAction::Append,
        help_heading = "Image"
    )]
    pub(in crate::cli) cache_to: Vec<settings::CacheFlag>,
    /// Build with this builder of buildx, which can give to more caches [default: the
    /// engine's own] [env: SEATRIAL_BUILDER]
    #[arg(long, value_name = "NAME", value_parser = settings::builder, help_heading = "Image")]
    pub(in crate::cli) builder: Option<String>,
}

/// Which image, and which actions.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct ImageArgs {
    /// Run jobs in this image instead of a built or an official one; with a label
    /// before it, only those whose `runs-on` has that label; a job's own `container`
    /// stays; may be repeated [env: SEATRIAL_IMAGE]
    #[arg(
        long = "image",
        value_name = "[LABEL=]IMAGE",
        value_parser = settings::image,
        action = ArgAction::Append,
        help_heading = "Image"
    )]
    pub(in crate::cli) images: Vec<settings::ImageFlag>,
    /// How it is built.
    #[command(flatten)]
    pub(in crate::cli) build: BuildArgs,
    /// Give the build certificates: off, auto (this machine's) or a file [default: off]
    /// [env: SEATRIAL_CA]
    #[arg(long, value_name = "CA", value_parser = settings::ca, help_heading = "Image")]
    pub(in crate::cli) ca: Option<settings::Ca>,
    /// Run all set-up steps in the job, instead of making an image of them that is kept
    /// [env: SEATRIAL_DERIVE=false]
    #[arg(long, help_heading = "Image")]
    pub(in crate::cli) no_derive: bool,
    /// Skip this action with a notice instead of refusing it; may be repeated
    #[arg(
        long = "skip-action",
        value_name = "OWNER/REPO",
        value_parser = settings::action,
        action = ArgAction::Append,
        help_heading = "Image"
    )]
    pub(in crate::cli) skip_actions: Vec<String>,
}

impl BuildArgs {
    pub(in crate::cli) fn add_to(&self, flags: Flags) -> Flags {
        Flags {
            dockerfile: self.dockerfile.clone(),
            compose: self.compose.clone(),
            bake: self.bake.clone(),
            target: self.target.clone(),
            build_args: self.build_args.clone(),
            cache: settings::CacheFlags {
                from: self.cache_from.clone(),
                to: self.cache_to.clone(),
                builder: self.builder.clone(),
            },
            ..flags
        }
    }
}

impl ImageArgs {
    pub(in crate::cli) fn add_to(&self, flags: Flags) -> Flags {
        Flags {
            images: self.images.clone(),
            ca: self.ca.clone(),
            no_derive: self.no_derive,
            skip_actions: self.skip_actions.clone(),
            ..self.build.add_to(flags)
        }
    }
}

/// `seatrial image`.
#[derive(Debug, Clone, ClapArgs)]
pub(in crate::cli) struct ImageGroup {
    /// What to do.
    #[command(subcommand)]
    pub(in crate::cli) command: ImageCommand,
}

/// The subcommands of `seatrial image`.
#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum ImageCommand {
    /// Write the Dockerfile that the workflow's own set-up steps amount to
    #[command(after_help = DERIVE_EXAMPLES)]
    Derive(Box<ImageDeriveArgs>),
    /// Remove images that seatrial built and that newer ones have replaced
    Prune(ImagePruneArgs),
}

/// `seatrial image prune`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct ImagePruneArgs {
    /// Keep so many of each kind, those that were used last [default: image.keep of
    /// seatrial.toml, else 5]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep: Option<usize>,
    /// Only images that were not used for so long, such as 14d, 12h or 30m
    #[arg(long, value_name = "AGE", value_parser = settings::age)]
    pub(in crate::cli) older_than: Option<std::time::Duration>,
    /// Those of all repositories, not only of this one
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Only tell what would be removed
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// `seatrial image derive`.
#[derive(Debug, Default, Clone, ClapArgs)]
pub(in crate::cli) struct ImageDeriveArgs {
    /// Of which jobs.
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Overwrite a file that seatrial did not write
    #[arg(long, requires = "output", help_heading = "Output")]
    pub(in crate::cli) force: bool,
}

impl ImageDeriveArgs {
    /// What the command line settles.
    pub(in crate::cli) fn flags(&self) -> Flags {
        self.selection.flags()
    }
}
