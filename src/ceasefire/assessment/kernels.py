"""Counts of many weekly series at once: changes at a week, how much weeks depend on each other, where breaks lie.

All functions take series as rows of one array, so that pseudo-dates, placebo areas and simulated weeks cost one pass.
A week that is not known is NaN and is left out, never taken as zero.

Past 400 lines because the estimates that share sums of weeks are read together.

References
----------
Newey and West (1987), bibliography key newey1987; Kiefer and Vogelsang (2005), key kiefer2005; Chib (1998), key
chib1998, and Raftery and Akman (1986), key raftery1986, for breaks in counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEWEST_WEEKS = 8
"""Known weeks needed on each side of a date, and in each segment between breaks."""
_HALF_EVENT = 0.5
_ROUND_K = 1e4
"""A negative binomial with this size is a Poisson distribution for all that matters here."""
_SMALLEST_K = 0.3
_MOST_INTENSE = 0.9
_ROWS_AT_ONCE = 64
# fixed-b critical values of the Bartlett kernel, by power of b (Kiefer and Vogelsang 2005, table 1)
_FIXED_B = {
    0.10: (1.6449, 2.1859, 0.3142, -0.3427),
    0.05: (1.9600, 2.9694, 0.4160, -0.5324),
    0.02: (2.3263, 4.1618, 0.5368, -0.9060),
}


def fixed_b_critical(share: Floats | float, level: float = 0.05) -> Floats:
    """Return the two-sided critical value of a statistic with a Bartlett long-run variance.

    Parameters
    ----------
    share : float or ndarray
        Bandwidth over number of observations.
    level : {0.1, 0.05, 0.02}
        Of the two-sided test.

    Examples
    --------
    >>> float(fixed_b_critical(0.0))
    1.96
    >>> bool(fixed_b_critical(0.2) > 2.5)
    True
    """
    b = np.asarray(share, dtype=np.float64)
    return np.asarray(sum(factor * b**power for power, factor in enumerate(_FIXED_B[level])), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of many series at one date each, over one window.

    Parameters
    ----------
    log_ratio : ndarray, shape (n,)
        Log of the weekly rate after over that before, with half an event added to each side.
    standard_error, critical : ndarray, shape (n,)
        Of `log_ratio`; and how many of them an interval of the level reaches.
    before, after : ndarray, shape (n,)
        Sums over known weeks.
    weeks_before, weeks_after : ndarray of int, shape (n,)
        Known weeks. Where fewer than `FEWEST_WEEKS`, `log_ratio` is NaN.
    """

    log_ratio: Floats
    standard_error: Floats
    critical: Floats
    before: Floats
    after: Floats
    weeks_before: Ints
    weeks_after: Ints

    @property
    def low(self) -> Floats:
        """Lower end of the rate ratio's interval."""
        return np.exp(self.log_ratio - self.critical * self.standard_error)

    @property
    def high(self) -> Floats:
        """Upper end of the rate ratio's interval."""
        return np.exp(self.log_ratio + self.critical * self.standard_error)

    @property
    def ratio(self) -> Floats:
        """The rate ratio."""
        return np.exp(self.log_ratio)


def changes_at(
    counts: Floats, week: int, window: int, *, window_after: int | None = None, gap: int = 0, level: float = 0.05
) -> Changes:
    """Compare the weeks before a week with it and those after.

    The standard error is that of Newey and West on the scores of the log ratio, with as many lags as 1.3 times the root
    of the weeks, never below what Poisson counts have; the interval uses fixed-b critical values, for many lags make
    the estimate itself uncertain.

    Parameters
    ----------
    counts : ndarray, shape (n, weeks)
    week : int
        Position of the first week after the date.
    window : int
        Weeks before, and after unless `window_after` says otherwise.
    gap : int
        Weeks left out from `week` on, over which the date itself is unsure.
    level : {0.05, 0.02}
        Of the two-sided interval.
    """
    before, after = _sides(counts, week, window, window_after or window, gap)
    ends = _Scored.of(before, -1.0), _Scored.of(after, 1.0)
    log_ratio, variance, critical = _log_difference([ends], before.shape[1] + after.shape[1], level)
    enough = (ends[0].weeks >= FEWEST_WEEKS) & (ends[1].weeks >= FEWEST_WEEKS)
    return Changes(
        log_ratio=np.where(enough, log_ratio, np.nan),
        standard_error=np.sqrt(variance),
        critical=critical,
        before=ends[0].total,
        after=ends[1].total,
        weeks_before=ends[0].weeks,
        weeks_after=ends[1].weeks,
    )


def contrast_at(
    counts: Floats,
    others: Floats,
    week: int,
    window: int,
    *,
    window_after: int | None = None,
    gap: int = 0,
    level: float = 0.05,
) -> Changes:
    """Compare the change of series with that of others: the difference in differences of log rates.

    The ratio is that of a Poisson regression with effects of area and week and one of the treated area after the date,
    whatever number of areas `others` is the sum of; the interval is as in `changes_at`.

    Parameters
    ----------
    counts, others : ndarray, shape (n, weeks)
        A week counts where both are known.

    Returns
    -------
    Changes
        `before` and `after` are those of `counts`.
    """
    both = np.isfinite(counts) & np.isfinite(others)
    ours = _sides(np.where(both, counts, np.nan), week, window, window_after or window, gap)
    theirs = _sides(np.where(both, others, np.nan), week, window, window_after or window, gap)
    zone = _Scored.of(ours[0], -1.0), _Scored.of(ours[1], 1.0)
    rest = _Scored.of(theirs[0], 1.0), _Scored.of(theirs[1], -1.0)
    log_ratio, variance, critical = _log_difference([zone, rest], ours[0].shape[1] + ours[1].shape[1], level)
    enough = (zone[0].weeks >= FEWEST_WEEKS) & (zone[1].weeks >= FEWEST_WEEKS)
    return Changes(
        log_ratio=np.where(enough, log_ratio, np.nan),
        standard_error=np.sqrt(variance),
        critical=critical,
        before=zone[0].total,
        after=zone[1].total,
        weeks_before=zone[0].weeks,
        weeks_after=zone[1].weeks,
    )


def _sides(counts: Floats, week: int, window: int, window_after: int, gap: int) -> tuple[Floats, Floats]:
    return counts[:, max(week - window, 0) : week], counts[:, week + gap : week + gap + window_after]


@dataclass(frozen=True, slots=True)
class _Scored:
    """One side of a date: its sum, and each week's share in the error of the log of its rate."""

    total: Floats
    weeks: Ints
    sign: float
    scores: Floats

    @classmethod
    def of(cls, side: Floats, sign: float) -> _Scored:
        known = np.isfinite(side)
        weeks = known.sum(axis=1)
        total = np.nansum(side, axis=1) if side.shape[1] else np.zeros(len(side))
        number = np.maximum(weeks, 1)
        mean = total / number
        residual = np.where(known, np.nan_to_num(side) - mean[:, None], 0.0)
        return cls(total, weeks, sign, sign * residual / (np.maximum(mean, _HALF_EVENT / number) * number)[:, None])

    @property
    def log_rate(self) -> Floats:
        """Log of the weekly rate, with half an event added, times the sign."""
        return np.asarray(self.sign * np.log((self.total + _HALF_EVENT) / np.maximum(self.weeks, 1)))


def _log_difference(
    pairs: Sequence[tuple[_Scored, _Scored]], weeks: int, level: float
) -> tuple[Floats, Floats, Floats]:
    """Add up log rates; return the sum, its variance and the critical value."""
    ends = [end for pair in pairs for end in pair]
    scores = np.asarray(sum(np.concatenate([before.scores, after.scores], axis=1) for before, after in pairs))
    known = pairs[0][0].weeks + pairs[0][1].weeks
    lags = int(np.ceil(1.3 * np.sqrt(max(weeks, 1))))
    variance = long_run_sum(scores, lags) * known / np.maximum(known - 2, 1)
    poisson = np.asarray(sum(1.0 / np.maximum(end.total, _HALF_EVENT) for end in ends))
    share = np.minimum((lags + 1) / np.maximum(known, 1), 1.0)
    log_ratio = np.asarray(sum(end.log_rate for end in ends))
    return log_ratio, np.maximum(variance, poisson), fixed_b_critical(share, level)


def long_run_sum(scores: Floats, lags: int) -> Floats:
    """Return the Newey-West variance of the sum of each row; never negative.

    Parameters
    ----------
    scores : ndarray, shape (n, weeks)
        Zero where not known.
    """
    total = (scores * scores).sum(axis=1)
    for lag in range(1, min(lags, scores.shape[1] - 1) + 1):
        total = total + 2 * (1 - lag / (lags + 1)) * (scores[:, lag:] * scores[:, :-lag]).sum(axis=1)
    return np.asarray(np.maximum(total, 0.0))


def ratios_everywhere(counts: Floats, window: int) -> tuple[Ints, Floats]:
    """Return the log rate ratio at every week with enough known weeks within a window on both sides.

    Returns
    -------
    weeks : ndarray of int, shape (k,)
        Positions with a whole window on either side.
    log_ratio : ndarray, shape (n, k)
        NaN where fewer than `FEWEST_WEEKS` weeks are known on a side.
    """
    n, length = counts.shape
    weeks = np.arange(window, length - window + 1)
    if not len(weeks):
        return weeks, np.zeros((n, 0))
    sums, known = _cumulated(counts)
    before = sums[:, weeks] - sums[:, weeks - window]
    after = sums[:, weeks + window] - sums[:, weeks]
    known_before = known[:, weeks] - known[:, weeks - window]
    known_after = known[:, weeks + window] - known[:, weeks]
    enough = (known_before >= FEWEST_WEEKS) & (known_after >= FEWEST_WEEKS)
    rates = [
        (total + _HALF_EVENT) / np.maximum(number, 1)
        for total, number in ((before, known_before), (after, known_after))
    ]
    return weeks, np.where(enough, np.log(rates[1] / rates[0]), np.nan)


def _cumulated(counts: Floats) -> tuple[Floats, Floats]:
    """Return running sums and running numbers of known weeks, each with a leading zero."""
    zero = np.zeros((len(counts), 1))
    return (
        np.concatenate([zero, np.nancumsum(counts, axis=1)], axis=1),
        np.concatenate([zero, np.cumsum(np.isfinite(counts), axis=1)], axis=1),
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """How much wider than Poisson weekly counts scatter, and how much weeks depend on each other.

    Parameters
    ----------
    size : ndarray, shape (n,)
        Of the negative binomial; the variance is mean + mean**2 / size.
    dependence : ndarray, shape (n,)
        Long-run variance over variance, at least 1: one week's worth of knowledge takes so many weeks.
    lag_one, lag_two : ndarray, shape (n,)
        Autocorrelations of what the fitted levels leave over.
    """

    size: Floats
    dependence: Floats
    lag_one: Floats
    lag_two: Floats


@dataclass(frozen=True, slots=True)
class SingleBreaks:
    """The one break that fits each series best, and what is believed about it.

    Parameters
    ----------
    weeks : ndarray of int, shape (k,)
        Candidate first weeks after a break.
    posterior : ndarray, shape (n, k)
        Probability of each candidate, given that there is one break; uniform before. Zero where too few weeks are
        known on a side; all NaN where that holds of every candidate.
    probability : ndarray, shape (n,)
        That there is a break rather than none; even odds before.
    strength : ndarray, shape (n,)
        Log likelihood gained by the best break, over the dependence.
    best : ndarray of int, shape (n,)
        The week of the largest posterior.
    spread : Spread
        As left over by the best break.
    """

    weeks: Ints
    posterior: Floats
    probability: Floats
    strength: Floats
    best: Ints
    spread: Spread

    def within(self, first: int, last: int, *, reach: int = 2) -> Floats:
        """Return the posterior probability of a break from `reach` weeks before `first` to as many after `last`."""
        near = (self.weeks >= first - reach) & (self.weeks <= last + reach)
        return np.asarray(self.probability * self.posterior[:, near].sum(axis=1))


def single_breaks(counts: Floats) -> SingleBreaks:
    """Find one break in the level of each series, by exact posterior under a negative binomial.

    The size of the negative binomial is fitted by moments; given it, the level of a segment has a beta prior worth one
    week at the overall mean, and its probability is analytic. What is known counts for fewer weeks by the dependence.

    Parameters
    ----------
    counts : ndarray, shape (n, weeks)
    """
    n, length = counts.shape
    weeks = np.arange(FEWEST_WEEKS, max(length - FEWEST_WEEKS, FEWEST_WEEKS - 1) + 1)
    sums, known = _cumulated(counts)
    allowed = (known[:, weeks] >= FEWEST_WEEKS) & (known[:, -1:] - known[:, weeks] >= FEWEST_WEEKS)
    able = allowed.any(axis=1) if len(weeks) else np.zeros(n, dtype=bool)
    if not able.any():
        nothing = np.full(n, np.nan)
        spread = Spread(nothing, nothing, nothing, nothing)
        return SingleBreaks(
            weeks, np.full((n, len(weeks)), np.nan), nothing, nothing, np.full(n, -1, dtype=np.int64), spread
        )
    size = np.full(n, _ROUND_K)
    for _ in range(3):
        gain = _gains(sums, known, weeks, size, allowed)
        best = weeks[gain.argmax(axis=1)]
        spread = spread_around(counts, _levels(sums, known, best, length))
        size = spread.size
    gain = _gains(sums, known, weeks, size, allowed)
    best = weeks[gain.argmax(axis=1)]
    posterior, probability = _posterior(sums, known, weeks, spread, allowed)
    posterior[~able], probability[~able] = np.nan, np.nan
    strength = np.where(able, gain.max(axis=1) / spread.dependence, np.nan)
    mode = weeks[np.nan_to_num(posterior).argmax(axis=1)]
    return SingleBreaks(weeks, posterior, probability, strength, np.where(able, mode, -1), spread)


def segment_fit(total: Floats, weeks: Floats, size: Floats) -> Floats:
    """Return the largest log likelihood of negative binomial weeks with one level, but for what no level changes."""
    level = total / np.maximum(weeks, 1)
    with np.errstate(divide="ignore", invalid="ignore"):  # a segment that ends before it begins is no segment
        counted = np.where(total > 0, total * np.log(level / (level + size)), 0.0)
        return np.asarray(counted + weeks * size * np.log(size / (size + level)))


def _gains(sums: Floats, known: Floats, weeks: Ints, size: Floats, allowed: Bools) -> Floats:
    """Return the log likelihood gained by a break at each week; minus infinity where none is allowed."""
    k = size[:, None]
    left, right = sums[:, weeks], sums[:, -1:] - sums[:, weeks]
    weeks_left, weeks_right = known[:, weeks], known[:, -1:] - known[:, weeks]
    gain = segment_fit(left, weeks_left, k) + segment_fit(right, weeks_right, k)
    return np.where(allowed, gain - segment_fit(sums[:, -1:], known[:, -1:], k), -np.inf)


def _levels(sums: Floats, known: Floats, week: Ints, length: int) -> Floats:
    """Return the fitted level of every week with one break."""
    rows = np.arange(len(sums))
    left = sums[rows, week] / np.maximum(known[rows, week], 1)
    right = (sums[:, -1] - sums[rows, week]) / np.maximum(known[:, -1] - known[rows, week], 1)
    return np.where(np.arange(length)[None, :] < week[:, None], left[:, None], right[:, None])


def spread_around(counts: Floats, levels: Floats) -> Spread:
    """Estimate scatter and dependence of counts around fitted levels.

    The dependence is the larger of a Newey-West estimate with 12 lags and of that of a first-order autoregression,
    both corrected for the levels' having been fitted to the same weeks.
    """
    known = np.isfinite(counts)
    number = np.maximum(known.sum(axis=1), 1)
    level = np.where(known, levels, 0.0)
    rest = np.where(known, np.nan_to_num(counts) - levels, 0.0)
    excess = ((rest**2 - level) * known).sum(axis=1) * (1 + 5 / number)
    size = np.where(excess > 0, (level**2).sum(axis=1) / np.maximum(excess, 1e-9), _ROUND_K)
    size = np.clip(size, _SMALLEST_K, _ROUND_K)
    floor = np.maximum(levels, _HALF_EVENT / number[:, None])
    scaled = np.where(known, rest / np.sqrt(floor + floor**2 / size[:, None]), 0.0)
    variance = np.maximum((scaled**2).sum(axis=1) / number, 1e-9)
    correlations = [_lagged(scaled, lag) / number / variance for lag in (1, 2)]
    lags = min(12, counts.shape[1] - 1)
    ratio = long_run_sum(scaled, lags) / number / variance
    first = np.clip(correlations[0] + (1 + 4 * correlations[0]) / number, 0.0, _MOST_INTENSE)
    dependence = np.maximum(ratio * (1 + 1.5 * (lags + 1) / number), (1 + first) / (1 - first))
    return Spread(size, np.maximum(dependence, 1.0), correlations[0], correlations[1])


def _lagged(scaled: Floats, lag: int) -> Floats:
    if scaled.shape[1] <= lag:
        return np.zeros(len(scaled))
    return np.asarray((scaled[:, lag:] * scaled[:, :-lag]).sum(axis=1))


def _posterior(sums: Floats, known: Floats, weeks: Ints, spread: Spread, allowed: Bools) -> tuple[Floats, Floats]:
    k, worth = spread.size[:, None], spread.dependence[:, None]
    mean = np.maximum(sums[:, -1:] / np.maximum(known[:, -1:], 1), _HALF_EVENT / np.maximum(known[:, -1:], 1))

    def evidence(total: Floats, number: Floats) -> Floats:
        return np.asarray(betaln(k + number * k / worth, mean + total / worth) - betaln(k, mean))

    left, right = sums[:, weeks], sums[:, -1:] - sums[:, weeks]
    with_break = evidence(left, known[:, weeks]) + evidence(right, known[:, -1:] - known[:, weeks])
    with_break = np.where(allowed, with_break, -np.inf)
    top = np.max(with_break, axis=1, keepdims=True, initial=-1e300)
    weight = np.exp(with_break - top)
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    number = np.maximum(allowed.sum(axis=1), 1)
    log_odds = top[:, 0] + np.log(total[:, 0]) - np.log(number) - evidence(sums[:, -1:], known[:, -1:])[:, 0]
    return weight / total, 1 / (1 + np.exp(-np.clip(log_odds, -700, 700)))


@dataclass(frozen=True, slots=True)
class Breaks:
    """Where breaks lie, under none, one or two of them.

    Parameters
    ----------
    weeks : ndarray of int, shape (k,)
        Candidate first weeks after a break.
    posterior : ndarray, shape (n, k)
        Probability that a break lies at each; the sum is the expected number of breaks. NaN where too few weeks are
        known.
    none : ndarray, shape (n,)
        Probability that there is none.
    """

    weeks: Ints
    posterior: Floats
    none: Floats

    def within(self, first: int, last: int, *, reach: int = 2) -> Floats:
        """Return the probability of a break from `reach` weeks before `first` to as many after `last`."""
        near = (self.weeks >= first - reach) & (self.weeks <= last + reach)
        return np.asarray(np.minimum(self.posterior[:, near].sum(axis=1), 1.0))


def up_to_two_breaks(counts: Floats) -> Breaks:
    """Return the exact posterior of up to two breaks in the level of each series.

    None, one and two breaks are equally likely before, and so is every place for them that leaves eight known weeks in
    each segment. Levels are integrated out as in `single_breaks`; the scatter and the dependence are those left over
    by the best three levels, so that a stretch of high weeks is not taken for weeks that depend on each other.

    Parameters
    ----------
    counts : ndarray, shape (n, weeks)
    """
    n, length = counts.shape
    weeks = np.arange(FEWEST_WEEKS, max(length - FEWEST_WEEKS, FEWEST_WEEKS - 1) + 1)
    posterior, none = np.full((n, len(weeks)), np.nan), np.full(n, np.nan)
    if not len(weeks):
        return Breaks(weeks, posterior, none)
    one = single_breaks(counts)
    able = np.flatnonzero(one.best >= 0)
    for rows in np.array_split(able, max(1, -(-len(able) // _ROWS_AT_ONCE))):
        if len(rows):
            spread = _spread_of_three(counts[rows], one.best[rows], one.spread.size[rows])
            posterior[rows], none[rows] = _none_one_or_two(counts[rows], weeks, spread)
    return Breaks(weeks, posterior, none)


def _spread_of_three(counts: Floats, first: Ints, size: Floats) -> Spread:
    """Return what is left over by three levels: split at `first`, and where that gains most once more."""
    sums, known = _cumulated(counts)
    n, length = counts.shape
    rows, at = np.arange(n), np.arange(length + 1)
    left = at[None, :] < first[:, None]
    middle = sums[rows, first][:, None], known[rows, first][:, None]
    starts = np.where(left, 0.0, middle[0]), np.where(left, 0.0, middle[1])
    ends = np.where(left, middle[0], sums[:, -1:]), np.where(left, middle[1], known[:, -1:])
    allowed = (known - starts[1] >= FEWEST_WEEKS) & (ends[1] - known >= FEWEST_WEEKS)
    k = size[:, None]
    gain = segment_fit(sums - starts[0], known - starts[1], k) + segment_fit(ends[0] - sums, ends[1] - known, k)
    gain = np.where(allowed, gain - segment_fit(ends[0] - starts[0], ends[1] - starts[1], k), -np.inf)
    second = np.where(allowed.any(axis=1), gain.argmax(axis=1), first)
    cuts = [np.zeros(n, dtype=np.int64), np.minimum(first, second), np.maximum(first, second), np.full(n, length)]
    levels = np.zeros((n, length))
    for start, end in pairwise(cuts):
        number = np.maximum(known[rows, end] - known[rows, start], 1)
        inside = (at[None, :-1] >= start[:, None]) & (at[None, :-1] < end[:, None])
        levels = np.where(inside, ((sums[rows, end] - sums[rows, start]) / number)[:, None], levels)
    return spread_around(counts, levels)


def _none_one_or_two(counts: Floats, weeks: Ints, spread: Spread) -> tuple[Floats, Floats]:
    sums, known = _cumulated(counts)
    k, worth = spread.size[:, None, None], spread.dependence[:, None, None]
    number = np.maximum(known[:, -1], 1)
    mean = (np.maximum(sums[:, -1], _HALF_EVENT) / number)[:, None, None]
    cuts = np.concatenate([[0], weeks, [counts.shape[1]]])
    first, second = np.triu_indices(len(cuts), 1)
    total = (sums[:, cuts[second]] - sums[:, cuts[first]])[:, None, :]
    length = (known[:, cuts[second]] - known[:, cuts[first]])[:, None, :]
    evidence = betaln(k + length * k / worth, mean + total / worth) - betaln(k, mean)
    held = np.full((len(counts), len(cuts), len(cuts)), -np.inf)
    held[:, first, second] = np.where(length >= FEWEST_WEEKS, evidence, -np.inf)[:, 0, :]
    inner = slice(1, len(cuts) - 1)
    none = held[:, 0, -1]
    single = held[:, 0, inner] + held[:, inner, -1]
    double = held[:, 0, inner][:, :, None] + held[:, inner, inner] + held[:, inner, -1][:, None, :]
    top = np.maximum(np.maximum(single.max(axis=1), double.max(axis=(1, 2))), none)
    ways = [np.maximum(np.isfinite(each).reshape(len(counts), -1).sum(axis=1), 1) for each in (single, double)]
    weight = np.exp(none - top)
    one = np.exp(single - top[:, None]) / ways[0][:, None]
    two = np.exp(double - top[:, None, None]) / ways[1][:, None, None]
    whole = weight + one.sum(axis=1) + two.sum(axis=(1, 2))
    return (one + two.sum(axis=2) + two.sum(axis=1)) / whole[:, None], weight / whole
