"""Scores of a clustering against the truth, of probabilities against outcomes, and how sure the scores are.

Pairs are counted, never listed: a cluster of a hundred thousand has five billion. A pair belongs to the block of its
earlier report, so that resampling blocks of days keeps together what happened together.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
BINS = 10
LEAST_BLOCKS = 20


@dataclass(frozen=True)
class Score:
    """Pairwise precision, recall and F1, with a 95% interval of F1."""

    precision: float
    recall: float
    f1: float
    low: float
    high: float

    def rounded(self) -> dict[str, float]:
        """Return the figures to four places, for JSON."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def later_members(labels: Ids, order: Ids) -> Ids:
    """Count, for each row, the members of its cluster that stand after it in `order` (a rank for each row)."""
    by_cluster = np.lexsort((order, labels))
    sorted_labels = labels[by_cluster]
    ends = np.searchsorted(sorted_labels, sorted_labels, side="right")
    counts = np.empty(len(labels), dtype=np.int64)
    counts[by_cluster] = ends - 1 - np.arange(len(labels))
    return counts


def joint(a: Ids, b: Ids) -> Ids:
    """Return one label for each distinct pair of labels."""
    return np.unique(np.stack([a, b]), axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)


def pair_counts(truth: Ids, predicted: Ids, day: Ids | None = None) -> Ids:
    """Return, for each report with a truth, its pairs with later reports: right, predicted and true ones.

    Parameters
    ----------
    truth, predicted : int64[n]
        Labels of clusters; reports whose truth is negative are left out.
    day : int64[n], optional
        What "later" means; by default the order of the rows.

    Returns
    -------
    int64[k, 3]
        One row for each report with a truth, in their order.
    """
    scored = truth >= 0
    order = np.argsort(np.argsort(day[scored], kind="stable")) if day is not None else np.arange(int(scored.sum()))
    t, p = truth[scored], predicted[scored]
    return np.stack([later_members(labels, order) for labels in (joint(t, p), p, t)], axis=1)


def f1_of(counts: npt.NDArray[np.generic]) -> tuple[float, float, float]:
    """Return precision, recall and F1 from sums of right, predicted and true pairs.

    Examples
    --------
    >>> import numpy as np
    >>> f1_of(np.array([2, 4, 8]))
    (0.5, 0.25, 0.3333333333333333)
    """
    right, predicted, true = (float(number) for number in counts)
    precision = right / predicted if predicted else 1.0
    recall = right / true if true else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def blocks_of(day: Ids) -> Ids:
    """Return the block of each day: its week, or the day itself where there are too few weeks to resample."""
    weeks = np.unique(day // 7, return_inverse=True)[1]
    return weeks if weeks.max(initial=0) >= LEAST_BLOCKS else np.unique(day, return_inverse=True)[1]


def score(truth: Ids, predicted: Ids, *, day: Ids | None = None, draws: int = 1000) -> Score:
    """Score a clustering; the interval is a bootstrap over blocks of days of the earlier report of each pair."""
    counts = pair_counts(truth, predicted, day)
    precision, recall, f1 = f1_of(counts.sum(axis=0))
    if day is None or not draws:
        return Score(precision, recall, f1, f1, f1)
    block = blocks_of(day[truth >= 0])
    sums = np.stack([np.bincount(block, weights=counts[:, one]) for one in range(3)], axis=1)
    drawn = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=draws)
    spread = np.array([f1_of(one)[2] for one in drawn @ sums])
    low, high = np.quantile(spread, [0.025, 0.975])
    return Score(precision, recall, f1, float(low), float(high))


def difference(truth: Ids, ours: Ids, theirs: Ids, *, day: Ids, draws: int = 1000) -> tuple[float, float, float]:
    """Return the difference of two F1 and its 95% interval, the same blocks being drawn for both."""
    block = blocks_of(day[truth >= 0])
    sums = []
    for predicted in (ours, theirs):
        counts = pair_counts(truth, predicted, day)
        sums.append(np.stack([np.bincount(block, weights=counts[:, one]) for one in range(3)], axis=1))
    n = len(sums[0])
    drawn = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=draws)
    spread = [f1_of(a)[2] - f1_of(b)[2] for a, b in zip(drawn @ sums[0], drawn @ sums[1], strict=True)]
    low, high = np.quantile(spread, [0.025, 0.975])
    return f1_of(sums[0].sum(axis=0))[2] - f1_of(sums[1].sum(axis=0))[2], float(low), float(high)


def reliability(probability: Numbers, happened: npt.NDArray[np.bool_], bins: int = BINS) -> list[dict[str, float]]:
    """Return, for each non-empty bin of equal width, how many, the mean probability and the share that happened."""
    which = np.minimum((probability * bins).astype(np.int64), bins - 1)
    rows = []
    for one in range(bins):
        inside = which == one
        if inside.any():
            rows.append(
                {
                    "pairs": int(inside.sum()),
                    "said": float(probability[inside].mean()),
                    "happened": float(happened[inside].mean()),
                }
            )
    return rows


def calibration_error(rows: list[dict[str, float]]) -> float:
    """Return the expected calibration error: the mean gap, weighted by pairs."""
    total = sum(row["pairs"] for row in rows)
    return sum(row["pairs"] * abs(row["said"] - row["happened"]) for row in rows) / total if total else 0.0
