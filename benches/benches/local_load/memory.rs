//! How much memory this process has.

use std::fs;
use std::io;

/// The resident memory in bytes, as Linux counts it.
pub fn resident() -> io::Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    let kilobytes = kilobytes.ok_or_else(|| io::Error::other("no VmRSS in /proc/self/status"))?;
    Ok(kilobytes * 1024)
}
