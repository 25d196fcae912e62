"""The package `dedupe`, trained with labelled pairs, scoring the candidate pairs that the others score too.

Its learned blocking is not used: it offers grids of coordinates and equal values, which lose reports that slip by a
day. Its features, its classifier (regularised logistic regression) and its clustering (hierarchical, centroid) are.
"""

from __future__ import annotations

import logging
import math
from typing import Any

import dedupe
import numpy as np
import numpy.typing as npt
import pandas as pd
from dedupe import variables

from fusion_peers.rules import near_pairs

Ids = npt.NDArray[np.int64]
SAMPLE_FOR_BLOCKING = 200


def days_apart(a: int, b: int) -> float:
    """Return the days between two day numbers, which the package never hands over as 0 = unknown."""
    return float(abs(a - b))


def names_apart(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """Return the share of names that are not in both; the package's own index of sets fails with current BTrees."""
    return 1.0 - len({*a} & {*b}) / len({*a, *b})


def toll_ratio(a: float, b: float) -> float:
    """Return the logarithm of the ratio of two tolls, each counted from one half."""
    return abs(math.log(a / b))


def records(frame: pd.DataFrame) -> dict[int, dict[str, Any]]:
    """Return the rows as the package wants them: unknown is None, and no value is zero, which it takes for unknown."""
    lowest = int(frame["day"].min()) - 1
    found = {}
    for row in frame.itertuples():
        found[int(row.unique_id)] = {
            "day": int(row.day) - lowest,
            "place": None if math.isnan(row.latitude) else (row.latitude, row.longitude),
            "actors": tuple(row.actors) or None,
            "killed": None if math.isnan(row.killed) else row.killed + 0.5,
            "civilians_killed": None if math.isnan(row.civilians_killed) else row.civilians_killed + 0.5,
            "place_code": str(int(row.place_code)),
            "day_code": str(int(row.day_code)),
        }
    return found


def cluster(
    frame: pd.DataFrame,
    truth: Ids,
    *,
    labels: int,
    thresholds: tuple[float, ...],
    days: int = 3,
    km: float = 50.0,
    seed: int = 0,
) -> dict[float, Ids]:
    """Train on `labels` pairs answered from the truth; return the clusters at each threshold.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `inputs.flat` gives it.
    truth : int64[n]
        Answers the labelled pairs, which are drawn at random among the candidates.
    labels : int
        Number of pairs.
    thresholds : tuple of float
        Of the clustering.
    days, km : int, float
        The window of candidates.
    """
    logging.getLogger("dedupe").setLevel(logging.ERROR)
    used = frame[~frame["total"] & frame["latitude"].notna()]
    rows = used["unique_id"].to_numpy()
    a, b, _ = near_pairs(used, days=days, km=km)
    a, b = rows[a], rows[b]
    source = frame["source"].to_numpy()
    other = source[a] != source[b]
    a, b = a[other], b[other]
    data = records(used)
    model = dedupe.Dedupe(
        [
            variables.Custom("day", comparator=days_apart),
            variables.LatLong("place"),
            variables.Custom("actors", comparator=names_apart, has_missing=True),
            variables.Custom("killed", comparator=toll_ratio, has_missing=True),
            variables.Custom("civilians_killed", comparator=toll_ratio, has_missing=True),
            variables.Exact("place_code"),
            variables.Exact("day_code"),
        ],
        num_cores=1,
        in_memory=True,
    )
    chosen = np.random.default_rng(seed).choice(len(a), min(labels, len(a)), replace=False)
    answered: dict[str, list[Any]] = {"match": [], "distinct": []}
    for pair in chosen.tolist():
        left, right = int(a[pair]), int(b[pair])
        same = truth[left] == truth[right] and truth[left] >= 0
        answered["match" if same else "distinct"].append((data[left], data[right]))
    # what this learns is the blocking, which is not used: few records do
    model.prepare_training(dict(list(data.items())[:SAMPLE_FOR_BLOCKING]), sample_size=SAMPLE_FOR_BLOCKING)
    model.mark_pairs(answered)
    model.train(index_predicates=False)
    scores = model.score(((int(x), data[int(x)]), (int(y), data[int(y)])) for x, y in zip(a, b, strict=True))
    found = {}
    for threshold in thresholds:
        predicted = np.arange(len(frame), dtype=np.int64)
        for members, _ in model.cluster(scores, threshold):
            predicted[list(members)] = len(frame) + members[0]
        found[threshold] = predicted
    return found
