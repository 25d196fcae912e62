"""What rivals leave of a pair's odds: one source rarely reports one event twice.

A report's counterpart in another source is one of its candidates there or none: of the odds that a pair has by
itself, each of its two ends leaves the share that its other candidates do not claim.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_MOST = 25.0  # log odds beyond this change nothing
_DENSE = 20_000_000


def rival_slots(a: Rows, b: Rows, source: Rows) -> tuple[Rows, Rows, int]:
    """Return for each pair the slot of *a* for the source of *b*, that of *b* for the source of *a*, and how many."""
    sources = int(source.max(initial=0)) + 1
    one, other = a * sources + source[b], b * sources + source[a]
    n = (int(max(a.max(initial=0), b.max(initial=0))) + 1) * sources
    if n <= max(_DENSE, 8 * len(a)):
        return one, other, n
    codes = np.unique(np.concatenate([one, other]), return_inverse=True)[1].astype(np.int64)
    return codes[: len(a)], codes[len(a) :], int(codes.max(initial=-1)) + 1


def after_competition(weight: Floats, slots: tuple[Rows, Rows, int], exclusive: Floats | float = 1.0) -> Floats:
    """Return the probability of each pair once its rivals are counted, cautiously: in full at both ends.

    Parameters
    ----------
    weight : float64 array, shape (p,)
        Log odds of each pair by itself.
    slots : tuple
        Of `rival_slots`.
    exclusive : float64 array, shape (p,), or float
        How far rivals of a pair exclude one another: 1 wholly, 0 not at all.
    """
    one, other, n = slots
    odds = own = np.exp(np.clip(weight, -_MOST, _MOST))
    slot = np.bincount(one, own, minlength=n) + np.bincount(other, own, minlength=n)
    for end in (one, other):
        rivals = np.maximum(slot[end] - own, 0)
        odds = odds / (1 + exclusive * rivals)
    return np.asarray(odds / (1 + odds))


def log_odds(probability: Floats) -> Floats:
    """Return ln(p / (1 - p)), bounded."""
    p = np.clip(probability, 1e-9, 1 - 1e-7)
    return np.asarray(np.log(p / (1 - p)))
