//! Times, and what they say.

use std::fmt;
use std::time::Duration;

/// Durations of one kind of thing.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    times: Vec<Duration>,
}

impl Tally {
    /// Notes one.
    pub fn note(&mut self, time: Duration) {
        self.times.push(time);
    }

    /// Takes over another's.
    pub fn extend(&mut self, other: Self) {
        self.times.extend(other.times);
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.times.len()
    }

    /// The time that so many hundredths of all stay within.
    pub fn percentile(&self, hundredths: usize) -> Duration {
        let mut sorted = self.times.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * hundredths).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or_default()
    }
}

impl Tally {
    /// How far the times lie apart.
    pub fn spread(&self) -> String {
        let ms = |hundredths| self.percentile(hundredths).as_secs_f64() * 1000.0;
        format!("from {:.1} ms, half of them {:.1} to {:.1} ms", ms(0), ms(25), ms(75))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |hundredths| self.percentile(hundredths).as_secs_f64() * 1000.0;
        write!(
            f,
            "n {:>6}  p50 {:>8.1} ms  p95 {:>8.1} ms  max {:>8.1} ms",
            self.count(),
            ms(50),
            ms(95),
            ms(100)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let mut tally = Tally::default();
        (1..=100).for_each(|ms| tally.note(Duration::from_millis(ms)));
        assert_eq!(tally.percentile(95), Duration::from_millis(95));
        assert_eq!(tally.percentile(100), Duration::from_millis(100));
        assert_eq!(tally.spread(), "from 1.0 ms, half of them 25.0 to 75.0 ms");
        assert_eq!(Tally::default().percentile(95), Duration::ZERO);
    }
}
