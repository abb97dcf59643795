//! The folder of a store: the database file, and the lock against a second process.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use tempfile::TempDir;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process works on the folder.
    #[error(
        "the data folder {} is in use by another process; stop that one, or choose another folder", .0.display()
    )]
    InUse(PathBuf),
    /// A later version of this program wrote the file.
    #[error(
        "{} was written by a newer version of instant-local (format {found}; this one reads up to format {known}); \
         update the program, or choose another folder", path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The format it is in.
        found: usize,
        /// The newest format this program reads.
        known: usize,
    },
    /// The file is an SQLite database of another program, or no database at all.
    #[error("{} is not an instant-local database; choose another folder", .0.display())]
    Foreign(PathBuf),
    /// The folder or the file could not be read or made.
    #[error("cannot use the data folder {}: {source}", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// SQLite refused the file.
    #[error("cannot open {}: {source}", path.display())]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// The error of SQLite.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl OpenError {
    /// Returns the error for an SQLite error about the database at `path`.
    pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign(path.to_owned()),
            _ => Self::Sqlite { path: path.to_owned(), source: source.into() },
        }
    }
}

pub(crate) struct Files {
    database: PathBuf,
    durable: bool,
    // Held, not read: the lock ends with the file handle, the temporary folder with its guard.
    _lock: Option<File>,
    _temporary: Option<TempDir>,
}

impl Files {
    pub fn temporary() -> Result<Self, OpenError> {
        let folder = tempfile::Builder::new()
            .prefix("instant-local-")
            .tempdir()
            .map_err(|source| OpenError::Io { path: std::env::temp_dir(), source })?;
        let database = folder.path().join(DATABASE);
        Ok(Self { database, durable: false, _lock: None, _temporary: Some(folder) })
    }

    pub fn at(folder: &Path) -> Result<Self, OpenError> {
        let failed = |path: &Path, source| OpenError::Io { path: path.to_owned(), source };
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let path = folder.join(LOCK);
        // Opened without truncating: another process may be using it.
        let lock = File::options().create(true).write(true).truncate(false).open(&path);
        let lock = lock.map_err(|source| failed(&path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(folder.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(&path, source)),
        }
        Ok(Self { database: folder.join(DATABASE), durable: true, _lock: Some(lock), _temporary: None })
    }

    pub fn database(&self) -> &Path {
        &self.database
    }

    /// Whether an acknowledged write must survive a crash.
    pub fn durable(&self) -> bool {
        self.durable
    }
}

const DATABASE: &str = "instant.db";
const LOCK: &str = "instant.lock";
