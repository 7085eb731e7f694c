//! Layers as a Dockerfile that people read and keep.

use std::collections::BTreeSet;

use crate::plan::BuiltIn;

use super::{Cache, DEPENDENCIES, Layer, PYTHON_VERSION, Phase, TEST, WORKDIR};

/// What a build context of the derived image leaves out, where the repository does not
/// say it. What a checkout does not have is no part of the tests.
pub(crate) const DOCKERIGNORE: &str = "\
# Not in a checkout, or of no use to the tests.
.git
.seatrial
**/__pycache__
**/*.pyc
**/.pytest_cache
**/.mypy_cache
**/.ruff_cache
**/.tox
**/.nox
**/.venv
**/venv
**/node_modules
**/*.egg-info
.coverage
htmlcov
.env
";

/// The user of GitHub's runner.
const OWNER: &str = "1001:1001";
const HOME: &str = "/home/runner";
/// What makes the Python of that user. It fetches nothing.
pub(super) const OWN_PYTHON: &str = "RUN python -m venv /opt/venv";

/// A Dockerfile, and where each layer stands in it.
pub(super) struct Rendered {
    pub(super) text: String,
    /// For each layer its line and its instruction.
    pub(super) places: Vec<(usize, String)>,
}

/// Writes the Dockerfile.
pub(super) fn dockerfile(
    base: &str,
    python: Option<&str>,
    layers: &[Layer],
    workflow: &str,
) -> Rendered {
    let mut page = Page::default();
    page.line(&format!(
        "# The tests' image, derived by seatrial from the set-up steps of {workflow}."
    ));
    page.line("# Build it with BuildKit: docker build -f THIS_FILE --target test .");
    page.line("");
    if let Some(python) = python {
        page.line(&format!("ARG {PYTHON_VERSION}={python}"));
        page.line(&format!(
            "FROM python:${{{PYTHON_VERSION}}}-slim AS {DEPENDENCIES}"
        ));
    } else {
        page.line(&format!("FROM {base} AS {DEPENDENCIES}"));
    }
    page.line("");
    page.line("# Output is seen at once, and no .pyc files lie in the source.");
    page.line("ENV PYTHONUNBUFFERED=1 \\");
    page.line("    PYTHONDONTWRITEBYTECODE=1 \\");
    let uses_uv = layers.iter().any(|layer| layer.caches.contains(&Cache::Uv));
    page.line(&format!(
        "    PIP_DISABLE_PIP_VERSION_CHECK=1{}",
        if uses_uv { " \\" } else { "" }
    ));
    if uses_uv {
        // The cache is a mount, to which nothing can be linked.
        page.line("    UV_LINK_MODE=copy");
    }
    let mut places = vec![(0, String::new()); layers.len()];
    page.packages(layers, &mut places);
    page.languages(layers);
    page.user(layers);
    let mut copied: BTreeSet<String> = BTreeSet::new();
    for phase in [Phase::Dependencies, Phase::Source] {
        if phase == Phase::Source {
            page.line("");
            page.line(&format!("FROM {DEPENDENCIES} AS {TEST}"));
            page.line(&format!("COPY --chown={OWNER} . ."));
        }
        for (layer, place) in layers.iter().zip(&mut places) {
            if layer.phase == phase {
                *place = page.layer(layer, &mut copied);
            }
        }
    }
    page.line("CMD [\"python\", \"-m\", \"pytest\"]");
    Rendered {
        text: page.text,
        places,
    }
}

#[derive(Default)]
struct Page {
    text: String,
    lines: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines += 1;
    }

    /// All packages of the distribution in one layer.
    fn packages(&mut self, layers: &[Layer], places: &mut [(usize, String)]) {
        let packages: BTreeSet<&str> = layers
            .iter()
            .flat_map(|layer| layer.packages.iter().map(String::as_str))
            .collect();
        if packages.is_empty() {
            return;
        }
        let titles: Vec<&str> = layers
            .iter()
            .filter(|layer| !layer.packages.is_empty())
            .map(|layer| layer.title.as_str())
            .collect();
        self.line("");
        self.line(&format!("# {}", titles.join(", ")));
        self.line("# hadolint ignore=DL3008");
        self.line("RUN apt-get update \\");
        let place = (
            self.lines,
            format!(
                "RUN apt-get install {}",
                packages.iter().copied().collect::<Vec<_>>().join(" ")
            ),
        );
        self.line("    && apt-get install -y --no-install-recommends \\");
        for package in packages {
            self.line(&format!("        {package} \\"));
        }
        self.line("    && rm -rf /var/lib/apt/lists/*");
        for (layer, at) in layers.iter().zip(places) {
            if !layer.packages.is_empty() {
                *at = place.clone();
            }
        }
    }

    /// Languages beside Python, copied out of their official images.
    fn languages(&mut self, layers: &[Layer]) {
        for layer in layers {
            let Some((language, image)) = &layer.language else {
                continue;
            };
            let copy = |path: &str| format!("COPY --from={image} {path} {path}");
            self.line("");
            self.line(&format!("# {}", layer.title));
            match language {
                BuiltIn::SetupNode => {
                    self.line(&copy("/usr/local/bin/node"));
                    self.line(&copy("/usr/local/lib/node_modules"));
                    self.line(
                        "RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\",
                    );
                    self.line(
                        "    && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx",
                    );
                    self.line(&format!("ENV NPM_CONFIG_PREFIX={HOME}/.local"));
                }
                BuiltIn::SetupGo => {
                    self.line(&copy("/usr/local/go"));
                    self.line("ENV PATH=/usr/local/go/bin:$PATH");
                }
                _ => {
                    self.line(&copy("/opt/java/openjdk"));
                    self.line("ENV JAVA_HOME=/opt/java/openjdk \\");
                    self.line("    PATH=/opt/java/openjdk/bin:$PATH");
                }
            }
        }
    }

    /// An ordinary user with a Python of its own.
    fn user(&mut self, layers: &[Layer]) {
        let mut folders = BTreeSet::from([
            WORKDIR.to_owned(),
            "/opt/venv".to_owned(),
            format!("{HOME}/.cache"),
        ]);
        for layer in layers {
            folders.extend(layer.own_folder.map(|name| format!("/opt/{name}")));
            for cache in &layer.caches {
                folders.extend(
                    cache
                        .folders()
                        .iter()
                        .map(|name| format!("{HOME}/.cache/{name}")),
                );
            }
        }
        self.line("");
        self.line("# The user of GitHub's runner, with its number. Its Python is a virtual");
        self.line("# environment, into which steps may install without being root.");
        self.line("RUN useradd --create-home --uid 1001 --shell /bin/bash runner \\");
        self.line("    && install -d -o runner -g runner \\");
        let last = folders.len();
        for (index, folder) in folders.iter().enumerate() {
            let end = if index + 1 < last { " \\" } else { "" };
            self.line(&format!("        {folder}{end}"));
        }
        self.line(&format!("ENV PATH=/opt/venv/bin:{HOME}/.local/bin:$PATH"));
        self.line(&format!("USER {OWNER}"));
        self.line(&format!("WORKDIR {WORKDIR}"));
        self.line(OWN_PYTHON);
    }

    fn layer(&mut self, layer: &Layer, copied: &mut BTreeSet<String>) -> (usize, String) {
        self.line("");
        self.line(&format!("# {}", layer.title));
        self.copies(layer, copied);
        if layer
            .commands
            .iter()
            .any(|line| line.contains("pip install"))
        {
            // The workflow says which versions.
            self.line("# hadolint ignore=DL3013");
        }
        let at = self.lines + 1;
        let mut rows: Vec<String> = layer
            .caches
            .iter()
            .flat_map(|cache| cache.mounts())
            .map(|target| format!("--mount=type=cache,target={target},uid=1001,gid=1001"))
            .collect();
        for (index, command) in layer.commands.iter().enumerate() {
            let and = if index > 0 { "&& " } else { "" };
            rows.push(format!("{and}{command}"));
        }
        let last = rows.len();
        for (index, row) in rows.iter().enumerate() {
            let start = if index == 0 { "RUN " } else { "    " };
            let end = if index + 1 < last { " \\" } else { "" };
            self.line(&format!("{start}{row}{end}"));
        }
        (at, format!("RUN {}", layer.commands.join(" && ")))
    }

    /// The files of a layer that are not there yet, a `COPY` for each folder.
    fn copies(&mut self, layer: &Layer, copied: &mut BTreeSet<String>) {
        let new: Vec<&String> = layer
            .copies
            .iter()
            .filter(|file| layer.phase == Phase::Dependencies && copied.insert((*file).clone()))
            .collect();
        let folder = |file: &str| {
            file.rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned()
        };
        let folders: BTreeSet<String> = new.iter().map(|file| folder(file)).collect();
        for one in folders {
            let files: Vec<&str> = new
                .iter()
                .filter(|file| folder(file) == one)
                .map(|file| file.as_str())
                .collect();
            self.line(&format!(
                "COPY --chown={OWNER} {} ./{}",
                files.join(" "),
                if one.is_empty() {
                    one
                } else {
                    format!("{one}/")
                }
            ));
        }
    }
}

impl Cache {
    /// Folders below `~/.cache` that must belong to the user: what a mount stands on is
    /// root's otherwise.
    fn folders(self) -> &'static [&'static str] {
        match self {
            Self::Pip => &["pip"],
            Self::Uv => &["uv"],
            Self::Poetry => &["pypoetry", "pypoetry/cache", "pypoetry/artifacts"],
            Self::Pdm => &["pdm"],
            Self::Pipenv => &["pip", "pipenv"],
        }
    }

    fn mounts(self) -> Vec<String> {
        let names: &[&str] = match self {
            // Its virtual environments lie beside these, and stay in the image.
            Self::Poetry => &["pypoetry/cache", "pypoetry/artifacts"],
            other => other.folders(),
        };
        names
            .iter()
            .map(|name| format!("{HOME}/.cache/{name}"))
            .collect()
    }
}
