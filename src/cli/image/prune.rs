//! `seatrial image prune`: removes images that seatrial built and nobody uses any more.

use std::path::Path;

use crate::cli::App;
use crate::cli::engine::connect;
use crate::cli::error::CliError;
use crate::cli::git::Checkout;
use crate::cli::image::args::ImagePruneArgs;
use crate::cli::project;
use crate::image::{Keep, Pruned, prune as prune_images};
use crate::record::EXIT_SUCCESS;
use crate::report::bytes;
use crate::settings::ConfigFile;

/// Removes them, or tells which would go. Gives the exit code.
pub(in crate::cli) async fn prune(app: &App, args: &ImagePruneArgs) -> u8 {
    match removed(app, args).await {
        Ok(removed) => {
            let verb = if args.dry_run {
                "would remove"
            } else {
                "removed"
            };
            for image in &removed {
                let size = bytes(image.size);
                app.out
                    .data(&format!("{verb} {} ({size})\n", image.names.join(", ")));
            }
            if removed.is_empty() {
                app.out.data("nothing to remove\n");
            }
            EXIT_SUCCESS
        }
        Err(error) => app.fail(&error),
    }
}

async fn removed(app: &App, args: &ImagePruneArgs) -> Result<Vec<Pruned>, CliError> {
    // Outside a repository the defaults hold, and only all can be meant.
    let root = match project::root(app, None) {
        Ok(root) => Some(root),
        Err(_) if args.all => None,
        Err(error) => return Err(error),
    };
    let file = match &root {
        Some(root) => ConfigFile::load(root)?,
        None => ConfigFile::default(),
    };
    let keep = file.build_options().keep;
    let repository = root.filter(|_| !args.all).map(|root| repository(&root));
    let keep = Keep {
        newest: args.keep.unwrap_or(keep.newest),
        younger_than: args.older_than.unwrap_or(keep.younger_than),
        ..keep
    };
    let (docker, _) = connect(app).await?;
    prune_images(&docker, repository.as_deref(), keep, args.dry_run)
        .await
        .map_err(CliError::from)
}

/// The name that the repository's images have: as git knows it, else that of its folder.
fn repository(root: &Path) -> String {
    let folder = root.file_name().map_or_else(
        || "repository".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    Checkout::read(root).repository.unwrap_or(folder)
}
