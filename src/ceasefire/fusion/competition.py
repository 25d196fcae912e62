"""What rivals leave of a pair's odds: one source rarely reports one event twice.

A report's counterpart in another source is one of its candidates there or none: of the odds that a pair has by
itself, each of its two ends leaves the share that its other candidates do not claim.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Slots = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
_MOST = 25.0  # log odds beyond this change nothing
_DENSE = 20_000_000
_CHUNK = 1_000_000  # pairs looked at together


def rival_slots(a: Rows, b: Rows, source: Rows) -> tuple[Slots, Slots, int]:
    """Return for each pair the slot of *a* for the source of *b*, that of *b* for the source of *a*, and how many."""
    sources = int(source.max(initial=0)) + 1
    n = (int(max(a.max(initial=0), b.max(initial=0))) + 1) * sources
    if n <= min(max(_DENSE, 8 * len(a)), np.iinfo(np.int32).max):
        ends = np.empty(len(a), dtype=np.int32), np.empty(len(a), dtype=np.int32)
        for part in chunks(len(a)):
            ends[0][part] = a[part] * sources + source[b[part]]
            ends[1][part] = b[part] * sources + source[a[part]]
        return *ends, n
    one, other = a * sources + source[b], b * sources + source[a]
    codes = np.unique(np.concatenate([one, other]), return_inverse=True)[1].astype(np.int64)
    return codes[: len(a)], codes[len(a) :], int(codes.max(initial=-1)) + 1


def chunks(n: int) -> Iterator[slice]:
    """Give slices that cover n pairs, so many at a time that what is made of them is small beside them."""
    for start in range(0, n, _CHUNK):
        yield slice(start, start + _CHUNK)


def claimed(weight: Floats | Singles, slots: tuple[Slots, Slots, int]) -> Floats:
    """Return the odds by themselves of all pairs in each slot together.

    Parameters
    ----------
    weight : array, shape (p,)
        Log odds of each pair by itself.
    slots : tuple
        Of `rival_slots`.
    """
    one, other, n = slots
    sums = np.zeros(n), np.zeros(n)
    for part in chunks(len(weight)):
        odds = _odds(weight[part])
        np.add.at(sums[0], one[part], odds)  # in order, so that it is the same sum in whatever pieces
        np.add.at(sums[1], other[part], odds)
    return sums[0] + sums[1]


def _odds(weight: Floats | Singles) -> Floats:
    return np.asarray(np.exp(np.clip(weight.astype(np.float64), -_MOST, _MOST)))


def left_over(weight: Floats | Singles, one: Floats, other: Floats, exclusive: Floats | float) -> Floats:
    """Return the probability of pairs of which both ends' slots are claimed so far, the pairs themselves included.

    Parameters
    ----------
    weight, one, other : arrays, shape (p,)
    exclusive : float64 array, shape (p,), or float
        How far rivals of a pair exclude one another: 1 wholly, 0 not at all.
    """
    odds = own = _odds(weight)
    for slot in (one, other):
        odds = odds / (1 + exclusive * np.maximum(slot - own, 0))
    return np.asarray(odds / (1 + odds))


def after_competition(weight: Floats, slots: tuple[Slots, Slots, int], exclusive: Floats | float = 1.0) -> Floats:
    """Return the probability of each pair once its rivals are counted, cautiously: in full at both ends.

    Parameters
    ----------
    weight : float64 array, shape (p,)
        Log odds of each pair by itself.
    slots : tuple
        Of `rival_slots`.
    exclusive : float64 array, shape (p,), or float
        As for `left_over`.
    """
    slot = claimed(weight, slots)
    return left_over(weight, slot[slots[0]], slot[slots[1]], exclusive)


def log_odds(probability: Floats) -> Floats:
    """Return ln(p / (1 - p)), bounded."""
    p = np.clip(probability, 1e-9, 1 - 1e-7)
    return np.asarray(np.log(p / (1 - p)))
