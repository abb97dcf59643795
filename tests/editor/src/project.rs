//! The fixture as a workspace of its own in the target folder, as an app's would be.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::marks::{Mark, Marked};

/// The workspace that is opened.
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
    /// Writes the crates. Their sources are those of the fixture without their marks.
    pub(crate) fn lay_out() -> Result<Self, String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = here.join("../..").canonicalize().map_err(|error| error.to_string())?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
        let root = target.join("editor-fixture");
        // The lock file of the workspace, so that the same versions are resolved, without a network.
        write(&root.join("Cargo.lock"), &read(&workspace.join("Cargo.lock"))?)?;
        let sdk = workspace.join("instant-admin").display().to_string();
        for (source, path) in files()? {
            let text = read(&source)?;
            let text = match path.extension().and_then(OsStr::to_str) {
                Some("rs") => Marked::parse(&text)?.text,
                Some("toml") => text.replace("../../../instant-admin", &sdk),
                _ => text,
            };
            write(&root.join(path), &text)?;
        }
        Ok(Self { root, target })
    }

    /// The files that have marks, as they are in the project.
    pub(crate) fn marked_files(&self) -> Result<Vec<MarkedFile>, String> {
        let mut marked = Vec::new();
        for (source, path) in files()?.into_iter().filter(|(_, path)| path.extension() == Some("rs".as_ref()))
        {
            let Marked { text, marks } = Marked::parse(&read(&source)?)?;
            if !marks.is_empty() {
                marked.push(MarkedFile { path: self.root.join(path), text, marks });
            }
        }
        Ok(marked)
    }
}

/// The files of the fixture, each with its path in the project.
fn files() -> Result<Vec<(PathBuf, PathBuf)>, String> {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixture");
    let (mut folders, mut files) = (vec![PathBuf::new()], Vec::new());
    while let Some(folder) = folders.pop() {
        let source = fixture.join(&folder);
        let entries = fs::read_dir(&source).map_err(|error| format!("{}: {error}", source.display()))?;
        for entry in entries.flatten() {
            let (source, path) = (entry.path(), folder.join(entry.file_name()));
            if source.is_dir() {
                folders.push(path);
            } else {
                files.push((source, path));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(path, text)).map_err(|error| format!("{}: {error}", path.display()))
}
