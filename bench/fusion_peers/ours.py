"""Our matcher, asked as `ceasefire fuse` asks it, and a person at the review list who knows the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.match import match_reports

if TYPE_CHECKING:
    from fusion_peers.inputs import Sample

Ids = npt.NDArray[np.int64]
ROUNDS = 5


def learned(sample: Sample, *, judgements: tuple[Judgement, ...] = (), seed: int = 0) -> Any:
    """Learn weights from the reports, and from judgements if there are any."""
    return learn_weights(sample.reports, register=sample.register, judgements=judgements, seed=seed)


def matched(sample: Sample, weights: Any, judgements: tuple[Judgement, ...] = ()) -> Any:
    """Match the reports under the weights."""
    return match_reports(sample.reports, register=sample.register, weights=weights, judgements=judgements)


def judged(sample: Sample, *, count: int, rounds: int = ROUNDS) -> tuple[Any, tuple[Judgement, ...]]:
    """Answer `count` pairs from the top of the review list by the truth, in `rounds`, relearning after each.

    Returns
    -------
    tuple
        The last matching, and the judgements.
    """
    said: tuple[Judgement, ...] = ()
    asked: set[frozenset[str]] = set()
    ids = sample.reports["report_id"].to_pylist()
    truth = dict(zip(ids, sample.truth.tolist(), strict=True))
    result = matched(sample, learned(sample))
    for _ in range(rounds):
        for a, b in doubtful_pairs(sample, result):
            pair = frozenset((a, b))
            if len(said) >= count or len(asked) >= count * (rounds + 1):
                break
            if pair in asked:
                continue
            asked.add(pair)
            same = truth[a] == truth[b] and truth[a] >= 0
            said += (Judgement(a, b, "same" if same else "not-the-same"),)
            if len(said) % max(1, count // rounds) == 0:
                break
        result = matched(sample, learned(sample, judgements=said), said)
    return result, said


def scored_pairs(result: Any) -> tuple[Ids, Ids, npt.NDArray[np.float64]]:
    """Return the rows and the probability of every pair that was scored."""
    raise NotImplementedError


def doubtful_pairs(sample: Sample, result: Any) -> list[tuple[str, str]]:
    """Return the review list as pairs of report ids, the most worthwhile first."""
    raise NotImplementedError
