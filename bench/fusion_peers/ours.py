"""Our matcher, asked as `ceasefire fuse` asks it, and a person at the review list who knows the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.blocking import candidate_pairs
from ceasefire.fusion.judgements import NOT_SAME, SAME, Judgement
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.match import Matched, match_reports
from ceasefire.fusion.traits import traits_of

if TYPE_CHECKING:
    from ceasefire.actors.register import ActorRegister
    from ceasefire.fusion.weights import Weights
    from fusion_peers.inputs import Sample

Ids = npt.NDArray[np.int64]
ROUNDS = 5


def learned(sample: Sample, *, judgements: tuple[Judgement, ...] = (), seed: int = 0) -> Weights:
    """Learn weights from the reports, and from judgements if there are any."""
    return learn_weights(sample.reports, register=sample.register, judgements=judgements, seed=seed)


def matched(sample: Sample, weights: Weights, judgements: tuple[Judgement, ...] = ()) -> Matched:
    """Match the reports under the weights."""
    return match_reports(sample.reports, register=sample.register, weights=weights, judgements=judgements)


def judged(sample: Sample, *, count: int, rounds: int = ROUNDS) -> tuple[Matched, tuple[Judgement, ...]]:
    """Answer the top of the review list by the truth, `count` pairs in `rounds`, learning and matching anew after each.

    Returns
    -------
    tuple
        The last matching, and the judgements.
    """
    ids = sample.reports["report_id"].to_pylist()
    truth = dict(zip(ids, sample.truth.tolist(), strict=True))
    said: tuple[Judgement, ...] = ()
    result = matched(sample, learned(sample))
    for asked in np.diff(np.linspace(0, count, rounds + 1).astype(int)).tolist():
        listed = result.doubtful.select(["report_a", "report_b"]).slice(0, asked).to_pydict()
        for a, b in zip(listed["report_a"], listed["report_b"], strict=True):
            same = truth[a] == truth[b] and truth[a] >= 0
            said += (Judgement(a, b, SAME if same else NOT_SAME, "the truth"),)
        result = matched(sample, learned(sample, judgements=said), said)
    return result, said


def scored_pairs(sample: Sample, result: Matched) -> tuple[Ids, Ids, npt.NDArray[np.float64]]:
    """Return the rows of every pair that was kept, and its probability."""
    ids = sample.reports["report_id"].combine_chunks()
    a, b = (
        pc.index_in(result.pairs[name], value_set=ids).cast(pa.int64()).to_numpy() for name in ("report_a", "report_b")
    )
    return a, b, result.pairs["match_probability"].to_numpy().astype(np.float64)


def count_pairs(reports: pa.Table, register: ActorRegister, weights: Weights) -> int:
    """Return how many pairs the blocking hands to the comparisons."""
    traits = traits_of(reports.unify_dictionaries().combine_chunks(), register)
    return sum(len(a) for a, _ in candidate_pairs(traits, weights.reach))
