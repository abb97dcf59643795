//! Apps, attributes and triples in one SQLite file: a single writer, many readers, snapshots.

mod app;
mod app_data;
mod apps;
mod attr_changes;
mod attrs;
mod catalog;
mod catalog_cache;
pub(crate) mod changes;
mod collation;
mod connection;
mod files;
mod key;
mod like;
mod limit;
mod long_reads;
mod merge;
mod migrations;
mod read;
mod readers;
mod rekey;
mod rules;
mod triples;
mod values;
mod write;
mod writer;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use uuid::Uuid;

use self::writer::Turn;
use crate::ApiError;

pub use app::{App, NewApp, Status};
pub use attr_changes::Constraint;
pub use catalog::{AttrCatalog, Place, StoredAttr};
pub use files::OpenError;
pub use read::ReadTx;
pub use rules::RuleVersion;
pub use triples::Triple;
pub use write::WriteTx;

use changes::{Change, Changes};
use write::Written;

pub(crate) use key::{Comparable, comparable, listed_date, now};
pub(crate) use merge::deep_merge;
pub(crate) use read::{id_value, parse};
pub(crate) use values::is_of_type;

/// The data of all apps. Cheap to clone; dropping the last clone closes the file.
///
/// Work on an app runs in closures: [`read`](Self::read) runs on a snapshot, in parallel with others;
/// [`write`](Self::write) runs in one SQLite transaction on the writing thread. Both run on other threads, so async
/// code can call them.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use instant_local::store::{NewApp, Store, Triple};
/// use uuid::Uuid;
///
/// let store = Store::in_memory()?;
/// let app = store.create_app(NewApp::new("Notes")).await?;
/// let email = store
///     .write(app.id, |tx| {
///         let catalog = tx.catalog();
///         let attr = catalog.resolve("$users", "email").expect("a system attribute").0.attr.id;
///         tx.add(vec![Triple { entity: Uuid::new_v4(), attr, value: "a@b.c".into() }])?;
///         Ok(attr)
///     })
///     .await?;
/// let found = store.read(app.id, move |tx| tx.find(tx.catalog().attr(email).unwrap(), &"a@b.c".into())).await?;
/// assert!(found.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    catalogs: Arc<catalog_cache::CatalogCache>,
    announcer: Arc<changes::Announcer>,
    // Dropped in this order: both hold connections to the file that `_files` owns.
    readers: readers::Readers,
    writer: writer::Writer,
    _files: files::Files,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a store that ends when it is dropped.
    ///
    /// It lives in a temporary folder, not in SQLite's memory mode: shared in-memory databases have no WAL, so
    /// a reader there blocks the writer. This way both kinds of store behave the same, only durability differs.
    pub fn in_memory() -> Result<Self, OpenError> {
        Self::start(files::Files::temporary()?)
    }

    /// Opens the store in `folder`, and makes it if there is none. Acknowledged writes survive a crash of the process
    /// and of the machine.
    ///
    /// # Errors
    ///
    /// See the variants of [`OpenError`].
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::start(files::Files::at(folder.as_ref())?)
    }

    fn start(files: files::Files) -> Result<Self, OpenError> {
        let writer = connection::open_writer(&files)?;
        let catalogs = Arc::new(catalog_cache::CatalogCache::default());
        Ok(Self(Arc::new(Inner {
            readers: readers::Readers::new(&files),
            writer: writer::Writer::start(writer, limit::LONGEST)?,
            catalogs,
            announcer: Arc::new(changes::Announcer::new()),
            _files: files,
        })))
    }

    /// Listens to the commits that are made from now on, in their order.
    ///
    /// Writers do not wait for listeners. A listener that falls behind by more than 256 commits gets the number of
    /// commits that it missed, and then the oldest that is left.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use instant_local::changes::{Announcement, Change};
    /// use instant_local::store::{NewApp, Store};
    ///
    /// let store = Store::in_memory()?;
    /// let mut changes = store.changes();
    /// let app = store.create_app(NewApp::new("Notes")).await?;
    /// let Some(Announcement::Commit(commit)) = changes.next().await else { panic!("one commit was made") };
    /// assert_eq!((commit.app, &commit.change), (app.id, &Change::Created));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn changes(&self) -> Changes {
        self.0.announcer.listen()
    }

    /// Runs `work` on a snapshot of the app: what it reads does not change under it.
    ///
    /// # Errors
    ///
    /// Fails with `record-not-found` when there is no such app, with `timeout` after 30 seconds, and as `work` does.
    pub async fn read<T, F>(&self, app: Uuid, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTx<'_>) -> Result<T, ApiError> + Send + 'static,
    {
        self.read_if_known(app, work).await?.ok_or_else(|| ApiError::unknown_app(app))
    }

    /// As [`read`](Self::read), but on this thread; also returns how many instructions SQLite ran.
    #[cfg(test)]
    pub(crate) fn read_counting<T>(
        &self,
        app: Uuid,
        work: impl FnOnce(&ReadTx<'_>) -> Result<T, ApiError>,
    ) -> Result<(T, u64), ApiError> {
        self.0.readers.counting(|conn| {
            let tx = ReadTx::begin(conn, &self.0.catalogs, app)?.ok_or_else(|| ApiError::unknown_app(app))?;
            work(&tx)
        })
    }

    /// As [`read`](Self::read), but returns `None` when there is no such app.
    pub(crate) async fn read_if_known<T, F>(&self, app: Uuid, work: F) -> Result<Option<T>, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTx<'_>) -> Result<T, ApiError> + Send + 'static,
    {
        let catalogs = Arc::clone(&self.0.catalogs);
        let read = move |conn: &Connection| {
            let snapshot = conn.unchecked_transaction()?;
            ReadTx::begin(&snapshot, &catalogs, app)?.map(|tx| work(&tx)).transpose()
        };
        self.0.readers.run(read).await
    }

    /// Runs `work` in a transaction of its own: all that it wrote is stored when this returns `Ok`, and none of
    /// it when `work` fails. Writes run one after the other, in the order in which they were asked for; dropping
    /// the returned future does not stop one.
    ///
    /// # Errors
    ///
    /// Fails with `record-not-found` when there is no such app, with `timeout` after 30 seconds, and as `work` does.
    pub async fn write<T, F>(&self, app: Uuid, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, ApiError> + Send + 'static,
    {
        self.write_if_known(app, work).await?.ok_or_else(|| ApiError::unknown_app(app))
    }

    /// As [`write`](Self::write), but returns `None` when there is no such app, and takes work with an error type
    /// of its own.
    pub(crate) async fn write_if_known<T, E, F>(&self, app: Uuid, work: F) -> Result<Option<T>, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let catalogs = Arc::clone(&self.0.catalogs);
        let announcer = Arc::clone(&self.0.announcer);
        let write = move |turn: &mut Turn<'_>| {
            let now = turn.clock.tick();
            let transaction = connection::begin(turn.conn).map_err(ApiError::from)?;
            let Some(read) = ReadTx::begin(&transaction, &catalogs, app)? else { return Ok(None) };
            let mut tx = WriteTx::begin(read, now, &mut turn.clock.last_tx_id, announcer.is_heard());
            let result = work(&mut tx)?;
            let written = tx.finish()?;
            limit::check(turn.deadline)?;
            transaction.commit().map_err(ApiError::from)?;
            if let Some(Written { tx_id, touched }) = written {
                announcer.announce(app, tx_id, Change::Data(touched));
            }
            Ok(Some(result))
        };
        self.0.writer.run(write).await
    }
}
