"""Rivals: one counterpart in another source at most, as far as a source does not repeat itself."""

from __future__ import annotations

import numpy as np
import pytest

from ceasefire.fusion.competition import after_competition, log_odds, rival_slots


def probability(
    pairs: list[tuple[int, int]], odds: list[float], source: list[int], exclusive: float = 1.0
) -> list[float]:
    a, b = (np.array(end, dtype=np.int64) for end in zip(*pairs, strict=True))
    slots = rival_slots(a, b, np.array(source, dtype=np.int64))
    return [round(p, 6) for p in after_competition(np.log(odds), slots, exclusive).tolist()]


def test_alone_a_pair_keeps_its_odds() -> None:
    assert probability([(0, 1)], [3.0], [0, 1]) == [0.75]


def test_two_candidates_of_one_source_share() -> None:
    assert probability([(0, 1), (0, 2)], [3.0, 1.0], [0, 1, 1]) == [0.6, 0.2]


def test_rivals_count_at_both_ends_whichever_comes_first() -> None:
    assert probability([(0, 1), (2, 1)], [3.0, 1.0], [0, 1, 0]) == [0.6, 0.2]
    # 1 is second in one pair and first in the other
    assert probability([(0, 1), (1, 2)], [3.0, 1.0], [0, 1, 0]) == [0.6, 0.2]


def test_each_end_takes_its_share() -> None:
    # 4 odds by itself; at either end a rival of odds 1 leaves the half: 4 / 2 / 2 = 1
    assert probability([(0, 1), (0, 3), (2, 1)], [4.0, 1.0, 1.0], [0, 1, 0, 1])[0] == 0.5


def test_other_sources_are_no_rivals() -> None:
    assert probability([(0, 1), (0, 2)], [3.0, 1.0], [0, 1, 2]) == [0.75, 0.5]


def test_where_sources_repeat_themselves_rivals_do_not_exclude() -> None:
    assert probability([(0, 1), (0, 2)], [3.0, 1.0], [0, 1, 1], exclusive=0.0) == [0.75, 0.5]


def test_many_sources_take_the_sparse_way_to_the_same_answer() -> None:
    rng = np.random.default_rng(3)
    a = rng.integers(0, 500, 400)
    b = a + rng.integers(1, 500, 400)
    source = rng.integers(0, 5, 1000)
    spread = source * 90_001  # so many slots that they have to be numbered anew
    weight = rng.normal(0, 2, 400)
    dense = after_competition(weight, rival_slots(a, b, source))
    sparse = after_competition(weight, rival_slots(a, b, spread))
    assert rival_slots(a, b, spread)[2] < 1000
    assert dense == pytest.approx(sparse, abs=1e-12)


def test_log_odds_are_bounded() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
    assert log_odds(np.array([0.5])).tolist() == [0.0]
