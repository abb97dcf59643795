//! The server: how it is configured, started and stopped.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use instant_schema::Schema;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use crate::changes::Changes;
use crate::error::ApiError;
use crate::http::{self, Backend};
use crate::rules;
use crate::schema_push;
use crate::store::{NewApp, OpenError, Store};

/// A running backend. Dropping it stops it.
///
/// Runs on its own threads, so it works with any async runtime or without one. Any number of servers can run in one
/// process.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let server = instant_local::Server::builder().in_memory().start().await?;
/// println!("{} serves app {}", server.url(), server.app_id());
/// server.stop().await;
/// # Ok::<(), instant_local::StartError>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    app: AppAccess,
    store: Store,
    stop: watch::Sender<Stop>,
    thread: Option<JoinHandle<()>>,
}

/// The configuration of a server; see [`Server::builder`].
#[derive(Debug, Clone)]
pub struct Builder {
    place: Place,
    app: Option<AppAccess>,
    makes_app: bool,
    schema: Option<String>,
    rules: Option<String>,
    host: IpAddr,
    port: u16,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The data could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any free one")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The schema is invalid, or conflicts with the app's attributes or data.
    #[error("the schema cannot be used: {0}")]
    Schema(String),
    /// The permission rules are no JSON, or a push would refuse them.
    #[error("the permission rules cannot be used: {0}")]
    Rules(String),
    /// The app exists already, under another admin token.
    #[error("app {0} exists already with another admin token; start with the token it was made with")]
    WrongToken(Uuid),
    /// The app could not be read or written.
    #[error("cannot prepare the app: {0}")]
    App(ApiError),
    /// The system could not start a thread.
    #[error("cannot start the server's thread: {0}")]
    Thread(std::io::Error),
}

impl Server {
    /// Configures a server. By default it keeps its data in memory, listens on a free port of the loopback interface,
    /// and makes an app.
    pub fn builder() -> Builder {
        Builder {
            place: Place::Memory,
            app: None,
            makes_app: true,
            schema: None,
            rules: None,
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
        }
    }

    /// Returns the URL of the server, for example `http://127.0.0.1:8888`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the id of the app that the builder named, or that was made at the start. Nil for a server
    /// [without an app](Builder::without_app).
    pub fn app_id(&self) -> Uuid {
        self.app.id
    }

    /// Returns the admin token of [the app](Self::app_id).
    pub fn admin_token(&self) -> Uuid {
        self.app.admin_token
    }

    /// Listens to the commits of all apps from now on, in the order in which they are made. Use it to invalidate a
    /// cache, to wait for a write, or to forward changes.
    ///
    /// Writes never wait for listeners. A listener that falls behind by more than 256 commits gets
    /// [`Announcement::Missed`](crate::changes::Announcement::Missed).
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use instant_local::Server;
    /// use instant_local::changes::{Announcement, Change};
    ///
    /// let server = Server::builder().in_memory().start().await?;
    /// let mut changes = server.changes();
    /// tokio::spawn(async move {
    ///     while let Some(announcement) = changes.next().await {
    ///         match announcement {
    ///             Announcement::Commit(commit) => match &commit.change {
    ///                 Change::Data(touched) => println!("{}: {touched:?}", commit.app),
    ///                 Change::Deleted => println!("{} was deleted", commit.app),
    ///                 _ => {}
    ///             },
    ///             Announcement::Missed(count) => println!("missed {count} commits: read everything again"),
    ///         }
    ///     }
    /// });
    /// # server.stop().await;
    /// # Ok::<(), instant_local::StartError>(())
    /// # }).unwrap();
    /// ```
    pub fn changes(&self) -> Changes {
        self.store.changes()
    }

    /// Returns the data that the server serves. Access to it needs no token and follows no rules.
    #[cfg(feature = "testing")]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stops the server: finishes the requests that are being answered (for at most 5 seconds), ends open streams, and
    /// closes the data.
    pub async fn stop(mut self) {
        self.stop.send_replace(Stop::Gracefully);
        if let Some(thread) = self.thread.take() {
            let (done, finished) = oneshot::channel();
            // Joining blocks, and this may be the only thread of the caller's runtime.
            let waiter = std::thread::spawn(move || {
                let _ = thread.join();
                let _ = done.send(());
            });
            let _ = finished.await;
            let _ = waiter.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(Stop::Now);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Builder {
    /// Keeps the data for as long as the server runs. The default.
    pub fn in_memory(mut self) -> Self {
        self.place = Place::Memory;
        self
    }

    /// Keeps the data in a folder, which is made if it does not exist. Acknowledged writes survive a crash.
    pub fn path(mut self, folder: impl AsRef<Path>) -> Self {
        self.place = Place::Folder(folder.as_ref().to_owned());
        self
    }

    /// Serves this app, and makes it if it does not exist. An app that exists must have this token.
    ///
    /// Without this call, every start makes a new app, also in a folder with apps.
    pub fn app(mut self, id: Uuid, admin_token: Uuid) -> Self {
        self.app = Some(AppAccess { id, admin_token });
        self
    }

    /// Makes no app at the start. Make apps with `POST /dash/apps/ephemeral`.
    pub fn without_app(mut self) -> Self {
        self.makes_app = false;
        self
    }

    /// Pushes a schema to the app: the text of an `instant.schema.json`. Never removes attributes.
    pub fn schema(mut self, json: impl AsRef<str>) -> Self {
        self.schema = Some(json.as_ref().to_owned());
        self
    }

    /// Sets the app's permission rules: as JSON text, what `instant.perms.ts` exports.
    pub fn rules(mut self, json: impl AsRef<str>) -> Self {
        self.rules = Some(json.as_ref().to_owned());
        self
    }

    /// Sets the address to listen on. The default is loopback.
    pub fn host(mut self, host: IpAddr) -> Self {
        self.host = host;
        self
    }

    /// Sets the port to listen on. The default, 0, picks a free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Opens the data, prepares the app and listens.
    ///
    /// # Errors
    ///
    /// See the variants of [`StartError`].
    pub async fn start(self) -> Result<Server, StartError> {
        let (ready, started) = oneshot::channel();
        let (stop, stopping) = watch::channel(Stop::No);
        let thread = std::thread::Builder::new().name("instant-server".to_owned());
        let thread = thread.spawn(move || run(self, ready, stopping)).map_err(StartError::Thread)?;
        let (address, app, store) = started.await.unwrap_or_else(|_| {
            Err(StartError::App(ApiError::internal("the server's thread ended before it listened")))
        })?;
        Ok(Server { address, app, store, stop, thread: Some(thread) })
    }

    async fn prepare(&self, store: &Store) -> Result<AppAccess, StartError> {
        let schema = self.schema.as_deref().map(Schema::from_json).transpose();
        let schema = schema.map_err(|problems| StartError::Schema(problems.to_string()))?;
        let rules = self.rules.as_deref().map(parse_rules).transpose()?;
        let app = match self.app {
            Some(app) => app,
            None if self.makes_app => AppAccess { id: Uuid::new_v4(), admin_token: Uuid::new_v4() },
            None => return Ok(AppAccess { id: Uuid::nil(), admin_token: Uuid::nil() }),
        };
        match store.app(app.id).await.map_err(StartError::App)? {
            Some(known) if !known.admits(app.admin_token) => return Err(StartError::WrongToken(app.id)),
            Some(_) => {}
            None => {
                let new = NewApp { id: app.id, admin_token: app.admin_token, ..NewApp::new("local") };
                store.create_app(new).await.map_err(StartError::App)?;
            }
        }
        if let Some(schema) = schema {
            let applied = schema_push::apply(store, app.id, schema).await;
            applied.map_err(|error| StartError::Schema(error.message().to_owned()))?;
        }
        if let Some(rules) = rules {
            store.set_rules(app.id, Some(rules)).await.map_err(StartError::App)?;
        }
        Ok(app)
    }
}

/// How long a graceful stop waits for requests that are being answered.
const GRACE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
enum Place {
    Memory,
    Folder(PathBuf),
}

#[derive(Clone, Copy)]
struct AppAccess {
    id: Uuid,
    admin_token: Uuid,
}

impl std::fmt::Debug for AppAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppAccess").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    No,
    Gracefully,
    Now,
}

type Started = Result<(SocketAddr, AppAccess, Store), StartError>;

/// Runs a server on its own thread until it stops.
fn run(builder: Builder, ready: oneshot::Sender<Started>, stopping: watch::Receiver<Stop>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("instant-server-worker")
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(StartError::Thread(error)));
            return;
        }
    };
    runtime.block_on(serve(builder, ready, stopping));
    // Work that was cut off ends on its own; its transaction is rolled back or was acknowledged.
    runtime.shutdown_timeout(Duration::from_secs(1));
}

async fn serve(builder: Builder, ready: oneshot::Sender<Started>, mut stopping: watch::Receiver<Stop>) {
    let (end_streams, streams) = watch::channel(false);
    let (listener, backend, app) = match open(&builder, streams).await {
        Ok(open) => open,
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    let address = match listener.local_addr() {
        Ok(address) => address,
        Err(source) => {
            let address = SocketAddr::new(builder.host, builder.port);
            let _ = ready.send(Err(StartError::Listen { address, source }));
            return;
        }
    };
    if ready.send(Ok((address, app, backend.store.clone()))).is_err() {
        return;
    }
    let mut graceful = stopping.clone();
    let serving = http::serve(listener, http::router(backend), http::HEAD_TIMEOUT, async move {
        let _ = graceful.wait_for(|stop| *stop != Stop::No).await;
        end_streams.send_replace(true);
    });
    let cut_off = async move {
        // A sender that is gone means that the owner is: stop as for a drop.
        let stop = stopping.wait_for(|stop| *stop != Stop::No).await.map_or(Stop::Now, |stop| *stop);
        if stop == Stop::Gracefully {
            tokio::time::sleep(GRACE).await;
        }
    };
    tokio::select! {
        () = serving => {}
        () = cut_off => {}
    }
}

async fn open(
    builder: &Builder,
    stopping: watch::Receiver<bool>,
) -> Result<(TcpListener, Backend, AppAccess), StartError> {
    let store = match &builder.place {
        Place::Memory => Store::in_memory()?,
        Place::Folder(folder) => Store::open(folder)?,
    };
    let app = builder.prepare(&store).await?;
    let address = SocketAddr::new(builder.host, builder.port);
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| StartError::Listen { address, source })?;
    Ok((listener, Backend { store, jobs: Arc::default(), rulebook: Arc::default(), stopping }, app))
}

fn parse_rules(json: &str) -> Result<Value, StartError> {
    // Some editors begin a file with a byte order mark.
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    let rules: Value = serde_json::from_str(json).map_err(|error| StartError::Rules(error.to_string()))?;
    rules::validate(&rules).map_err(|error| StartError::Rules(error.message().to_owned()))?;
    Ok(rules)
}
