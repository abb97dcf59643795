//! What typed queries cost at compile time: `cargo run -p instant-benches --bin compile-time`.
//!
//! Generates crates with 10, 50 and 200 entities, each with and without 100 queries, times `cargo check` of the
//! crate itself (dependencies are built before), and does the same with cynic's derive on an equal GraphQL
//! schema and an equal set of queries. Prints a table in Markdown; `RESULTS.md` beside this file is its output.

mod generate;
mod measure;

use std::io;
use std::path::{Path, PathBuf};

use measure::Cost;

const SIZES: [usize; 3] = [10, 50, 200];
const QUERIES: usize = 100;

fn main() -> io::Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let work = repository.join("target").join("compile-time");
    std::fs::create_dir_all(&work)?;

    println!(
        "Time of `cargo check` for one crate after an edit (best of {}), peak memory of rustc.\n",
        measure::RUNS
    );
    println!(
        "| entities | instant: {QUERIES} queries | same, no queries | queries cost | cynic: {QUERIES} queries | same, no queries | queries cost | instant rustc peak | cynic rustc peak |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for entities in SIZES {
        let crates = [
            generate::instant(&work, &repository, entities, QUERIES)?,
            generate::instant(&work, &repository, entities, 0)?,
            generate::cynic(&work, entities, QUERIES)?,
            generate::cynic(&work, entities, 0)?,
        ];
        let [instant, instant_bare, cynic, cynic_bare] = measure::interleaved(&work, &crates)?;
        println!(
            "| {entities} | {} | {} | **{}** | {} | {} | **{}** | {} MiB | {} MiB |",
            seconds(instant),
            seconds(instant_bare),
            difference(instant, instant_bare),
            seconds(cynic),
            seconds(cynic_bare),
            difference(cynic, cynic_bare),
            instant.peak_kib / 1024,
            cynic.peak_kib / 1024,
        );
    }
    Ok(())
}

/// A generated crate: where it is and what it is called.
struct Generated {
    name: String,
    path: PathBuf,
}

fn seconds(cost: Cost) -> String {
    format!("{:.2} s", cost.time.as_secs_f64())
}

fn difference(with: Cost, without: Cost) -> String {
    format!("{:+.2} s", with.time.as_secs_f64() - without.time.as_secs_f64())
}
