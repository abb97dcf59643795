//! The `instant-local` program.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use instant_local::Server;
use uuid::Uuid;

/// Serves the InstantDB API from a folder on this machine.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// The port to listen on; 0 picks a free one.
    #[arg(long, default_value_t = 8888)]
    port: u16,
    /// The address to listen on. Anything but loopback lets other machines in.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// The folder to keep the data in. Without it the data ends with the program.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Makes (or opens) an app of this id. Without it apps are made with POST /dash/apps/ephemeral.
    #[arg(long, value_name = "UUID", env = "INSTANT_APP_ID", requires = "admin_token", value_parser = id)]
    app: Option<Uuid>,
    /// The app's admin token. Better given in the environment, where `ps` does not show it.
    #[arg(long, value_name = "UUID", env = "INSTANT_APP_ADMIN_TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
    /// An instant.schema.json to push to the app at start.
    #[arg(long, value_name = "FILE", requires = "app")]
    schema: Option<PathBuf>,
    /// The app's permission rules, as JSON.
    #[arg(long, value_name = "FILE", requires = "app")]
    perms: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Standard output has the one line that says where the server listens; all else is for people.
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr).init();
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), String> {
    let mut builder = Server::builder().host(arguments.host).port(arguments.port);
    if let Some(folder) = &arguments.data {
        builder = builder.path(folder);
    }
    // Read here, since the error of an argument would show the token.
    let token = arguments.admin_token.as_deref().map(id).transpose();
    let token = token.map_err(|error| format!("the admin token cannot be used: {error}"))?;
    builder = match arguments.app.zip(token) {
        Some((id, token)) => builder.app(id, token),
        None => builder.without_app(),
    };
    if let Some(file) = &arguments.schema {
        builder = builder.schema(read(file)?);
    }
    if let Some(file) = &arguments.perms {
        builder = builder.rules(read(file)?);
    }
    let stop = stop_signal().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let server = builder.start().await.map_err(|error| error.to_string())?;
    println!("listening on {}", server.url());
    stop.await;
    server.stop().await;
    Ok(())
}

fn id(text: &str) -> Result<Uuid, &'static str> {
    instant_schema::parse_id(text).ok_or("it must be a UUID of 36 characters, 8-4-4-4-12 hexadecimal digits")
}

fn read(file: &PathBuf) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

/// Waits for ctrl-c or, on Unix, SIGTERM. Listening starts before the server does, so that none is missed.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
