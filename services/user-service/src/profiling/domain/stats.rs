//! The statistics that detectors rest on.

use contracts::Trend;
use statrs::distribution::{ContinuousCDF, DiscreteCDF, Hypergeometric, Normal};

/// Level of significance, and of false discoveries.
pub(super) const LEVEL: f64 = 0.05;
/// Quantile of the standard normal distribution for two-sided 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// A count as a number to reckon with.
pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// A count as the database has it.
pub(super) fn int(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Two digits, for sentences.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// How likely something is by chance, for sentences: four digits, and never nothing at all.
pub(super) fn chance(p: f64) -> String {
    if p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {p:.4}") }
}

/// Six digits: enough to tell, and the same on every machine.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// The Wilson interval of a share (Wilson 1927), 95 %.
pub(super) fn wilson(hits: usize, of: usize) -> (f64, f64) {
    let n = number(of);
    if of == 0 {
        return (0.0, 1.0);
    }
    let (share, z2) = (number(hits) / n, Z * Z);
    let centre = share + z2 / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}

/// The chance of that many hits or more, when `drawn` of `all` are drawn blindly and `there` of `all` are hits: the tail of the
/// hypergeometric distribution, which is the binomial's for draws without putting back (Fisher 1935).
pub(super) fn tail(hits: usize, drawn: usize, (there, all): (usize, usize)) -> f64 {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    match (number(hits), Hypergeometric::new(number(all), number(there), number(drawn))) {
        (0, _) | (_, Err(_)) => 1.0,
        (hits, Ok(draws)) => draws.sf(hits - 1).clamp(0.0, 1.0),
    }
}

/// The trend of a share from the first half of the time to the second (two-proportion z-test).
pub(super) fn share_trend((hits, of): (usize, usize), (later_hits, later_of): (usize, usize)) -> Trend {
    let (n, m) = (number(of), number(later_of));
    if of == 0 || later_of == 0 {
        return Trend::Stable;
    }
    let pooled = number(hits + later_hits) / (n + m);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    let difference = number(later_hits) / m - number(hits) / n;
    match difference / error {
        z if z > Z => Trend::Rising,
        z if z < -Z => Trend::Falling,
        _ => Trend::Stable,
    }
}

/// The two-sided Mann-Kendall test of a trend (Mann 1945, Kendall 1975), with ties. Below five values nothing is a trend.
pub(super) fn mann_kendall(values: &[f64]) -> Trend {
    const FEWEST: usize = 5;
    if values.len() < FEWEST {
        return Trend::Stable;
    }
    let later = |index: usize| values.iter().skip(index + 1);
    let sign = |difference: f64| if difference == 0.0 { 0.0 } else { difference.signum() };
    let score: f64 = values.iter().enumerate().flat_map(|(i, x)| later(i).map(move |y| sign(y - x))).sum();
    let n = number(values.len());
    let term = |t: f64| t * (t - 1.0) * (2.0 * t + 5.0);
    let tied: f64 = tie_sizes(values).into_iter().map(term).sum();
    let variance = (term(n) - tied) / 18.0;
    if variance <= 0.0 {
        return Trend::Stable;
    }
    // One towards zero, because the score has steps of two.
    let z = if score == 0.0 { 0.0 } else { (score - score.signum()) / variance.sqrt() };
    match z {
        z if two_sided(z) >= LEVEL => Trend::Stable,
        z if z > 0.0 => Trend::Rising,
        _ => Trend::Falling,
    }
}

fn tie_sizes(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.chunk_by(|one, other| one == other).map(|ties| number(ties.len())).collect()
}

fn two_sided(z: f64) -> f64 {
    2.0 * Normal::standard().sf(z.abs())
}

/// Adjusted p-values of all tests that were made (Benjamini and Hochberg 1995), in the order of the tests.
pub(super) fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let tests = number(p_values.len());
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    let p = |index: &usize| p_values.get(*index).copied().unwrap_or(1.0);
    order.sort_by(|one, other| p(other).total_cmp(&p(one)));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (rank, index) in (1..=order.len()).rev().zip(&order) {
        least = least.min(p(index) * tests / number(rank));
        if let Some(place) = adjusted.get_mut(*index) {
            *place = least;
        }
    }
    adjusted
}

/// Ranks from 1, ties sharing their mean.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    order.sort_by(|one, other| one.1.total_cmp(&other.1));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for ties in order.chunk_by(|one, other| one.1 == other.1) {
        let rank = number(before) + (number(ties.len()) + 1.0) / 2.0;
        for (index, _) in ties {
            if let Some(place) = ranks.get_mut(*index) {
                *place = rank;
            }
        }
        before += ties.len();
    }
    ranks
}

/// Pearson's correlation of pairs; 0 where one side does not vary.
pub(super) fn correlation(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut n, mut x, mut y, mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs {
        n += 1.0;
        x += a;
        y += b;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    let spread = (n * xx - x * x) * (n * yy - y * y);
    if spread <= 1e-9 { 0.0 } else { ((n * xy - x * y) / spread.sqrt()).clamp(-1.0, 1.0) }
}

/// How certain a thing can be at most with so many observations: a half at `half`, nothing without any.
pub(super) fn certainty(observations: usize, half: f64) -> f64 {
    let n = number(observations);
    n / (n + half)
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers from the same seed, on every machine and in every version.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below a bound; its bias is far below what is measured here.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_intervals_are_those_of_the_books() {
        let close = |(low, high): (f64, f64), expected: (f64, f64)| {
            (low - expected.0).abs() < 5e-4 && (high - expected.1).abs() < 5e-4
        };
        assert!(close(wilson(5, 10), (0.2366, 0.7634)));
        assert!(close(wilson(0, 10), (0.0, 0.2775)));
        assert!(close(wilson(10, 10), (0.7225, 1.0)));
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn tails_include_the_count_itself() {
        // Fisher's lady tasting tea: all four cups right, and three.
        assert!((tail(4, 4, (4, 8)) - 1.0 / 70.0).abs() < 1e-9);
        assert!((tail(3, 4, (4, 8)) - 17.0 / 70.0).abs() < 1e-9);
        assert!((tail(0, 4, (4, 8)) - 1.0).abs() < 1e-12);
        assert!((tail(5, 4, (4, 8))).abs() < 1e-12);
    }

    #[test]
    fn discoveries_are_adjusted_for_all_tests() {
        let adjusted = benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005]);
        let expected = [0.02, 0.04, 0.04, 0.02];
        assert!(
            adjusted.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-12),
            "{adjusted:?}"
        );
        assert!(benjamini_hochberg(&[]).is_empty());
    }

    #[test]
    fn trends_need_five_values_and_a_direction() {
        assert_eq!(mann_kendall(&[1.0, 2.0, 3.0, 4.0]), Trend::Stable);
        assert_eq!(mann_kendall(&[1.0, 2.0, 3.0, 4.0, 5.0]), Trend::Rising);
        assert_eq!(mann_kendall(&[5.0, 4.0, 3.0, 2.0, 1.0]), Trend::Falling);
        assert_eq!(mann_kendall(&[1.0; 9]), Trend::Stable);
        assert_eq!(mann_kendall(&[3.0, 1.0, 2.0, 3.0, 1.0, 2.0]), Trend::Stable);
    }

    #[test]
    fn nothing_is_impossible() {
        assert_eq!(
            (chance(0.0), chance(0.000_1), chance(0.05)),
            ("p < 0.0001".to_owned(), "p = 0.0001".to_owned(), "p = 0.0500".to_owned())
        );
    }

    #[test]
    fn ranks_share_ties() {
        assert_eq!(ranks(&[10.0, 20.0, 10.0, 30.0]), [1.5, 3.0, 1.5, 4.0]);
        let same = [(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)];
        assert!((correlation(same.into_iter()) - 1.0).abs() < 1e-12);
        assert!(correlation([(1.0, 2.0), (1.0, 3.0)].into_iter()).abs() < 1e-12);
    }

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
