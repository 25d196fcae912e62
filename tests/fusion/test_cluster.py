"""Clusters by mean log odds: as one join at a time gives them, and one connected part without regard to another."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.fusion.cluster import NEVER, agglomerate

Rows = npt.NDArray[np.int64]
THRESHOLD, UNSEEN = -1.0, -4.0


def one_at_a_time(n: int, odds: dict[tuple[int, int], float]) -> list[int]:
    """Join the best two until none exceeds the threshold; ties to the smallest rows."""
    groups = {row: [row] for row in range(n)}
    while True:
        best: tuple[float, int, int] | None = None
        for a in sorted(groups):
            for b in sorted(groups):
                if a < b:
                    values = [odds.get((min(x, y), max(x, y)), UNSEEN) for x in groups[a] for y in groups[b]]
                    mean = sum(values) / len(values)
                    if mean > THRESHOLD and (best is None or mean > best[0] + 1e-12):
                        best = (mean, a, b)
        if best is None:
            break
        groups[best[1]] += groups.pop(best[2])
    label = [0] * n
    for name, rows in groups.items():
        for row in rows:
            label[row] = name
    return label


def clusters(
    n: int,
    odds: dict[tuple[int, int], float],
    keys: Rows | None = None,
    spaces: Rows | None = None,
    start: Rows | None = None,
) -> Rows:
    pairs = sorted(odds)
    return agglomerate(
        np.array([a for a, _ in pairs], dtype=np.int64),
        np.array([b for _, b in pairs], dtype=np.int64),
        np.array([odds[pair] for pair in pairs], dtype=np.float64),
        start=np.arange(n) if start is None else start,
        keys=np.full(n, -1) if keys is None else keys,
        spaces=np.zeros(n, dtype=np.int64) if spaces is None else spaces,
        threshold=THRESHOLD,
        unseen=UNSEEN,
    )


_N = 9
_ODDS = st.dictionaries(
    st.tuples(st.integers(0, _N - 1), st.integers(0, _N - 1)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(-3.5, 4, allow_nan=False).map(lambda value: round(value, 6)),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(odds=_ODDS, seed=st.integers(0, 1000))
def test_as_one_join_at_a_time(odds: dict[tuple[int, int], float], seed: int) -> None:
    # no ties: with equal means either join is as good
    noise = np.random.default_rng(seed).random(len(odds)) * 1e-3
    odds = {pair: value + float(off) for (pair, value), off in zip(sorted(odds.items()), noise, strict=True)}
    assert clusters(_N, odds).tolist() == one_at_a_time(_N, odds)


@settings(max_examples=50, deadline=None)
@given(one=_ODDS, other=_ODDS)
def test_parts_do_not_depend_on_each_other(
    one: dict[tuple[int, int], float], other: dict[tuple[int, int], float]
) -> None:
    moved = {(a + _N, b + _N): value for (a, b), value in other.items()}
    both = clusters(2 * _N, one | moved)
    assert both[:_N].tolist() == clusters(_N, one).tolist()
    assert (both[_N:] - _N).tolist() == clusters(_N, other).tolist()


def test_a_third_must_fit_all() -> None:
    chain = {(0, 1): 3.0, (1, 2): 2.0}
    assert clusters(3, chain | {(0, 2): -3.9}).tolist() == [0, 0, 0]  # (2 - 3.9) / 2 is just above the threshold
    assert clusters(3, chain | {(0, 2): -4.5}).tolist() == [0, 0, 2]  # (2 - 4.5) / 2 is below


def test_what_is_kept_apart_stays_apart_through_others() -> None:
    odds = {(0, 1): 3.0, (1, 2): 3.0, (0, 2): NEVER}
    label = clusters(3, odds)
    assert label[0] != label[2]


def test_keys_that_differ_never_meet_even_through_a_third() -> None:
    odds = {(0, 1): 4.0, (1, 2): 3.0, (0, 2): 4.0}
    label = clusters(3, odds, keys=np.array([5, -1, 7]))
    assert label[0] != label[2]
    assert label[1] in (label[0], label[2])


def test_keys_of_different_documents_may_meet() -> None:
    label = clusters(2, {(0, 1): 4.0}, keys=np.array([5, 7]), spaces=np.array([0, 1]))
    assert label.tolist() == [0, 0]


def test_keys_of_one_space_never_meet_through_what_came_with_them() -> None:
    # 0 and 1 are one event, of which the one has a key in a space of its own, and the other in that of 2
    together = np.array([0, 0, 2, 3])
    keys, spaces = np.array([0, 0, 2, -1]), np.array([70, 1, 1, 0])
    odds = {(0, 2): 9.0, (0, 3): 4.0, (2, 3): -0.5}
    assert clusters(4, odds, keys=keys, spaces=spaces, start=together).tolist() == [0, 0, 2, 0]
    many = {(row, 70): 4.0 for row in range(70)}  # spaces past the bits of one word
    keys = np.where(np.arange(71) < 70, 0, 70)
    label = clusters(71, many, keys=keys, spaces=np.arange(71), start=keys)
    assert label[70] == 0
    assert clusters(71, many, keys=keys, spaces=np.r_[np.arange(70), 69], start=keys)[70] == 70


def test_what_is_together_from_the_start_stays_together() -> None:
    assert clusters(3, {(0, 2): -3.0}, start=np.array([0, 1, 0])).tolist() == [0, 1, 0]
