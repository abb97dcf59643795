//! Asks a server what the official server was asked, and prints every difference between the answers:
//! `cargo run --bin recorded -- 'instaql-*'`. README.md says what a recording is.

mod accepted;
mod client;
mod compare;
mod fresh;
mod gaps;
mod inner;
mod json;
mod pairing;
mod place;
mod replay;
mod report;
mod run;
mod scan;
mod scenario;
mod shown;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use instant_local::Server;

use accepted::{Accepted, fits};
use replay::{Replayed, replay_all};
use report::Report;
use scenario::{Scenario, files};

/// Replays what the official server answered and prints every difference.
#[derive(Parser)]
struct Arguments {
    /// The scenarios to replay, with `*` for any text; all of them by default.
    names: Vec<String>,
    /// The server to ask, instead of an embedded one.
    #[arg(long, env = "INSTANT_TEST_URL")]
    url: Option<String>,
    /// The folder of the recordings.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))]
    folder: PathBuf,
    /// The list of the differences that are meant.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/accepted.json"))]
    accepted: PathBuf,
    /// Writes all differences that are not accepted to a file, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
    /// How many scenarios run at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all is as it is meant to be.
async fn run(arguments: &Arguments) -> Result<bool, String> {
    let wanted =
        |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|pattern| fits(pattern, name));
    let files = files(&arguments.folder, wanted)?;
    if files.is_empty() {
        return Err(format!("no such scenario in {}", arguments.folder.display()));
    }
    let scenarios = files.iter().map(|file| Scenario::read(file)).collect::<Result<Vec<_>, _>>()?;
    let mut report = Report::new(Accepted::read(&arguments.accepted)?);

    let take = |replayed: Replayed| report.take(&replayed);
    if let Some(url) = &arguments.url {
        replay_all(scenarios, url, arguments.jobs, take).await;
    } else {
        let server = Server::builder().in_memory().without_app().start().await;
        let server = server.map_err(|error| error.to_string())?;
        replay_all(scenarios, &server.url(), arguments.jobs, take).await;
        server.stop().await;
    }

    if let Some(path) = &arguments.report {
        report.write(path)?;
    }
    // A part of the scenarios, or another server, does not show what the whole of the embedded backend accepts.
    let is_whole = arguments.names.is_empty() && arguments.url.is_none();
    Ok(report.finish(is_whole))
}
