//! From many times to a few figures.

use std::time::Duration;

/// How long each of some calls took, and how long all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Times {
    sorted: Vec<Duration>,
    whole: Duration,
}

impl Times {
    /// Of what took `whole` together.
    pub(super) fn within(whole: Duration, mut each: Vec<Duration>) -> Self {
        each.sort_unstable();
        Self { sorted: each, whole }
    }

    /// Of what was done one after the other.
    pub(super) fn one_by_one(each: Vec<Duration>) -> Self {
        Self::within(each.iter().sum(), each)
    }

    pub(super) fn count(&self) -> usize {
        self.sorted.len()
    }

    /// What half of them do not exceed.
    pub(super) fn median(&self) -> Duration {
        self.quantile(50)
    }

    /// What 99 of 100 of them do not exceed.
    pub(super) fn p99(&self) -> Duration {
        self.quantile(99)
    }

    /// How many there were in a second.
    pub(super) fn per_second(&self) -> f64 {
        if self.whole.is_zero() { 0.0 } else { self.count() as f64 / self.whole.as_secs_f64() }
    }

    /// By nearest rank: the smallest that so many per cent of them do not exceed.
    fn quantile(&self, percent: usize) -> Duration {
        let rank = (self.count() * percent).div_ceil(100);
        self.sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// A time in microseconds.
pub(super) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// How many times the second; `None` where that is nothing.
pub(super) fn ratio(one: f64, other: f64) -> Option<f64> {
    (other > 0.0).then(|| one / other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(each: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        each.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn the_median_and_the_99th_percentile_are_times_that_were_measured() {
        let times = Times::one_by_one(millis((1..=200).rev()));
        assert_eq!((times.median(), times.p99()), (Duration::from_millis(100), Duration::from_millis(198)));
        let three = Times::one_by_one(millis([5, 1, 9]));
        assert_eq!((three.median(), three.p99()), (Duration::from_millis(5), Duration::from_millis(9)));
        let one = Times::one_by_one(millis([7]));
        assert_eq!((one.median(), one.p99()), (Duration::from_millis(7), Duration::from_millis(7)));
    }

    #[test]
    fn how_many_there_are_in_a_second_is_told_by_the_time_of_all_together() {
        assert_eq!(Times::one_by_one(millis([10; 50])).per_second(), 100.0);
        assert_eq!(Times::within(Duration::from_millis(250), millis([10; 50])).per_second(), 200.0);
    }

    #[test]
    fn of_nothing_nothing_is_told() {
        let none = Times::default();
        assert_eq!((none.count(), none.median(), none.per_second()), (0, Duration::ZERO, 0.0));
        assert_eq!(ratio(1.0, 0.0), None);
        assert_eq!(ratio(3.0, 2.0), Some(1.5));
    }
}
