//! What the benchmarks share: two sides that take turns, their medians and the ratio.

use std::time::Duration;

/// Prints the medians of two sides and their ratio: above 1, `ours` is slower.
pub fn report(what: &str, ours: &str, our_times: Vec<Duration>, theirs: &str, their_times: Vec<Duration>) {
    let (our_median, their_median) = (median(our_times), median(their_times));
    let ratio = our_median.as_secs_f64() / their_median.as_secs_f64();
    println!("{what:24} {ours}: {our_median:?}   {theirs}: {their_median:?}   ratio {ratio:.3}");
}

/// The median of times, of which there must be some.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
