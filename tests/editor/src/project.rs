//! The fixture as a crate of its own in the target folder, as an app's crate would be.

use std::fs;
use std::path::{Path, PathBuf};

use crate::marks::{Mark, Marked};

/// The crate that is opened.
pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Shared with the workspace, so that what is built already is not built again.
    pub(crate) target: PathBuf,
}

/// A file with marks.
pub(crate) struct MarkedFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) marks: Vec<Mark>,
}

impl Project {
    /// Writes the crate. Its sources are those of the fixture without their marks.
    pub(crate) fn lay_out() -> Result<Self, String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = here.join("../..").canonicalize().map_err(|error| error.to_string())?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
        let root = target.join("editor-fixture");
        fs::create_dir_all(root.join("src")).map_err(|error| format!("{}: {error}", root.display()))?;
        // The lock file of the workspace, so that the same versions are resolved, without a network.
        copy(&workspace.join("Cargo.lock"), &root.join("Cargo.lock"), str::to_owned)?;
        let crates = workspace.join("crates").display().to_string();
        copy(&here.join("fixture/Cargo.toml"), &root.join("Cargo.toml"), |text| {
            text.replace("../../../crates", &crates)
        })?;
        copy(&here.join("fixture/instant.schema.json"), &root.join("instant.schema.json"), str::to_owned)?;
        for source in sources()? {
            let marked = Marked::parse(&read(&source)?)?;
            write(&root.join("src").join(name_of(&source)), &marked.text)?;
        }
        Ok(Self { root, target })
    }

    /// The files that have marks, as they are in the project.
    pub(crate) fn marked_files(&self) -> Result<Vec<MarkedFile>, String> {
        let mut files = Vec::new();
        for source in sources()? {
            let Marked { text, marks } = Marked::parse(&read(&source)?)?;
            if !marks.is_empty() {
                files.push(MarkedFile { path: self.root.join("src").join(name_of(&source)), text, marks });
            }
        }
        Ok(files)
    }
}

fn sources() -> Result<Vec<PathBuf>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixture/src");
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn copy(from: &Path, to: &Path, change: impl Fn(&str) -> String) -> Result<(), String> {
    write(to, &change(&read(from)?))
}
