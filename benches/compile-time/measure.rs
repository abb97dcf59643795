//! Times `cargo check` of generated crates and watches rustc's peak memory.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use crate::Generated;

/// How often each crate is checked; the best run counts, since other work on the machine only adds.
pub const RUNS: usize = 5;

/// What one check of a crate costs.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Wall-clock time of `cargo check`.
    pub time: Duration,
    /// User and system time of cargo and its children; less disturbed by other work on the machine.
    pub cpu: Duration,
    /// The largest resident set of the rustc process, in KiB.
    pub peak_kib: u64,
}

/// Checks the crates in turn, round by round, so that a busy moment of the machine hits all of them.
pub fn interleaved<const N: usize>(work: &Path, crates: &[Generated; N]) -> io::Result<[Cost; N]> {
    for generated in crates {
        check(work, generated)?;
    }
    let mut best = [Cost { time: Duration::MAX, cpu: Duration::MAX, peak_kib: 0 }; N];
    for _ in 0..RUNS {
        for (generated, best) in crates.iter().zip(&mut best) {
            let source = fs::File::options().append(true).open(generated.path.join("src/lib.rs"))?;
            source.set_modified(SystemTime::now())?;
            let cost = check(work, generated)?;
            best.time = best.time.min(cost.time);
            best.cpu = best.cpu.min(cost.cpu);
            best.peak_kib = best.peak_kib.max(cost.peak_kib);
        }
    }
    Ok(best)
}

fn check(work: &Path, generated: &Generated) -> io::Result<Cost> {
    let (start, cpu_before) = (Instant::now(), cpu_of_children());
    let mut cargo = Command::new("cargo")
        .args(["check", "--quiet", "--manifest-path"])
        .arg(generated.path.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", work.join("target"))
        // Incremental results of the run before would hide the cost.
        .env("CARGO_INCREMENTAL", "0")
        .stdout(Stdio::null())
        .spawn()?;
    let peak_kib = watch(&mut cargo, &generated.name)?;
    let time = start.elapsed();
    let status = cargo.wait()?;
    if status.success() {
        Ok(Cost { time, cpu: cpu_of_children().saturating_sub(cpu_before), peak_kib })
    } else {
        Err(io::Error::other(format!("`cargo check` of {} failed", generated.path.display())))
    }
}

/// Waits for cargo and returns the high-water mark of the rustc that compiles `name`.
fn watch(cargo: &mut Child, name: &str) -> io::Result<u64> {
    let mut peak = 0;
    while cargo.try_wait()?.is_none() {
        peak = peak.max(peak_of_rustc(name).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(peak)
}

/// The CPU time of all ended children so far, from `/proc/self/stat`; nothing where there is no `/proc`.
fn cpu_of_children() -> Duration {
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name is in parentheses and may hold spaces; counted after it, fields 13 and 14 are `cutime` and `cstime`.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u32 =
        after_name.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}

/// Reads `VmHWM` of the running rustc whose command line names the crate. `None` where there is no `/proc`.
fn peak_of_rustc(name: &str) -> Option<u64> {
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let command = fs::read(process.path().join("cmdline")).ok()?;
        let mut words = command.split(|byte| *byte == 0);
        let is_rustc = words.next()?.ends_with(b"rustc");
        let compiles_it = words.any(|word| word == name.as_bytes());
        let status =
            fs::read_to_string(process.path().join("status")).ok().filter(|_| is_rustc && compiles_it)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches("kB").trim().parse().ok()
    })
}
