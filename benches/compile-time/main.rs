//! What typed queries cost at compile time: `cargo run -p instant-benches --bin compile-time`.
//!
//! Generates crates with 10, 50 and 200 entities, each with and without 100 queries, times `cargo check` of the
//! crate itself (dependencies are built before), and does the same with cynic's derive on an equal GraphQL
//! schema and an equal set of queries. Prints a table in Markdown; `benches/RESULTS.md` holds its output.

mod generate;
mod measure;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use measure::Cost;

const SIZES: [usize; 3] = [10, 50, 200];
const QUERIES: usize = 100;

fn main() -> io::Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let work = repository.join("target").join("compile-time");
    std::fs::create_dir_all(&work)?;

    println!(
        "`cargo check` of one crate after an edit, best of {}: wall clock (CPU time); peak memory of rustc.\n",
        measure::RUNS
    );
    println!("| entities | library | {QUERIES} queries | no queries | the queries cost | peak memory |");
    println!("|---:|---|---:|---:|---:|---:|");
    for entities in SIZES {
        let crates = [
            generate::instant(&work, &repository, entities, QUERIES)?,
            generate::instant(&work, &repository, entities, 0)?,
            generate::cynic(&work, entities, QUERIES)?,
            generate::cynic(&work, entities, 0)?,
        ];
        let [instant, instant_bare, cynic, cynic_bare] = measure::interleaved(&work, &crates)?;
        report(entities, "instant-admin", instant, instant_bare);
        report(entities, "cynic", cynic, cynic_bare);
    }
    Ok(())
}

/// A generated crate: where it is and what it is called.
struct Generated {
    name: String,
    path: PathBuf,
}

fn report(entities: usize, library: &str, with: Cost, without: Cost) {
    let seconds =
        |time: Duration, cpu: Duration| format!("{:.2} s ({:.2} s)", time.as_secs_f64(), cpu.as_secs_f64());
    println!(
        "| {entities} | {library} | {} | {} | **{}** | {} MiB |",
        seconds(with.time, with.cpu),
        seconds(without.time, without.cpu),
        seconds(with.time.saturating_sub(without.time), with.cpu.saturating_sub(without.cpu)),
        with.peak_kib / 1024,
    );
}
