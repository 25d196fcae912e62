"""What people said of pairs of reports: it always wins, and holds for all that follows from it.

*Same* makes one of two reports, and of all that are the same as either. *Not the same* keeps apart everything on
both sides. *Unsure* records that someone looked. Where the words contradict one another, the pairs called the same
in that group are no longer forced together: to merge is the graver act, and nothing is merged against a person's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
SAME, NOT_SAME, UNSURE = "same", "not-same", "unsure"
VERDICTS = (SAME, NOT_SAME, UNSURE)


@dataclass(frozen=True, slots=True, order=True)
class Judgement:
    """One person's word on two reports.

    Parameters
    ----------
    report_a, report_b : str
        Report ids, in either order.
    verdict : str
        ``same``, ``not-same`` or ``unsure``.
    author : str
    """

    report_a: str
    report_b: str
    verdict: str
    author: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f'"{self.verdict}" is none of: {", ".join(VERDICTS)}')
        if self.report_a == self.report_b:
            raise ValueError(f'a judgement is of two reports, not of "{self.report_a}" and itself')


@dataclass(frozen=True, slots=True)
class Settled:
    """What judgements settle among n reports.

    Parameters
    ----------
    together : int64 array, shape (n,)
        Smallest row of the group each report is in.
    apart : int64 array, shape (q, 2)
        Pairs of rows that are kept apart, each once, sorted.
    unsure : int64 array, shape (r, 2)
        Pairs that someone looked at and left open, and nobody settled.
    conflicts : tuple of tuple of Judgement
        Groups of judgements that cannot all be right.
    barred : int64 array, shape (s, 2)
        Pairs that reports themselves keep apart, and no person joined.
    """

    together: Rows
    apart: Rows
    unsure: Rows
    conflicts: tuple[tuple[Judgement, ...], ...]
    barred: Rows = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))


def settle(
    judgements: Iterable[Judgement],
    rows: Mapping[str, int],
    n: int,
    start: Rows | None = None,
    barred: Sequence[tuple[int, int]] = (),
) -> Settled:
    """Return what follows from judgements, whatever their order.

    Parameters
    ----------
    judgements : iterable of Judgement
        Those on reports that are not present are left aside.
    rows : mapping of str to int
        Row of each report id.
    n : int
    start : int64 array, shape (n,), optional
        Groups that hold before, such as by shared keys; a judgement that contradicts one takes it apart no more than
        its reports say: it is listed as a conflict.
    barred : sequence of (int, int), optional
        Rows of reports that say themselves that they are not of one event; a person may know better.
    """
    said = sorted({one for one in judgements if one.report_a in rows and one.report_b in rows})
    pairs = {one: _pair(rows[one.report_a], rows[one.report_b]) for one in said}
    begun = np.arange(n, dtype=np.int64) if start is None else start
    same = [one for one in said if one.verdict == SAME]
    apart = [one for one in said if one.verdict == NOT_SAME]
    label = _joined(begun, [pairs[one] for one in same])
    torn = {int(label[pairs[one][0]]) for one in apart if label[pairs[one][0]] == label[pairs[one][1]]}
    conflicts = tuple(
        tuple(one for one in (*same, *apart) if label[pairs[one][0]] == label[pairs[one][1]] == group)
        for group in sorted(torn)
    )
    kept = [one for one in same if int(label[pairs[one][0]]) not in torn]
    label = _joined(begun, [pairs[one] for one in kept])
    kept_apart = sorted({pairs[one] for one in apart if label[pairs[one][0]] != label[pairs[one][1]]})
    still_barred = sorted({_pair(*pair) for pair in barred if label[pair[0]] != label[pair[1]]})
    settled = {pairs[one] for one in (*same, *apart)}
    open_still = sorted({pairs[one] for one in said if one.verdict == UNSURE} - settled)
    return Settled(label, _array(kept_apart), _array(open_still), conflicts, _array(still_barred))


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _array(pairs: Sequence[tuple[int, int]]) -> Rows:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _joined(start: Rows, pairs: Sequence[tuple[int, int]]) -> Rows:
    """Return the groups of `start` after joining those of each pair, by their smallest row."""
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in pairs:
        one, other = root(int(start[a])), root(int(start[b]))
        parent[max(one, other)] = min(one, other)
    if not parent:
        return start.copy()
    moved = np.arange(len(start), dtype=np.int64)
    for one in parent:
        moved[one] = root(one)
    return np.asarray(moved[start])
