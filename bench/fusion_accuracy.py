"""How well reports are joined into incidents: our matcher, Splink, `dedupe`, MELTT and a rule of thumb.

Five sets of reports whose truth is known are made afresh: three seeds, and one each with less and with more noise.
The score is the pairwise F1 over true incidents; reports that sum several events are left out of it. Intervals
resample weeks. Whatever a peer leaves to its user (threshold, window, distance) is set to the best in hindsight,
except where it says otherwise; ours are set once and never see the truth.

    python bench/fusion_accuracy.py [--short] [--reports 10000] [--plot FILE.svg] [--check-scorer]

The control must fail: our clusters, dealt out to the reports at random.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from fusion_peers import dedupe_peer, ours, rules, scores, splink_peer
from fusion_peers.inputs import Sample, data_folder, sample

Ids = npt.NDArray[np.int64]
SETTINGS = ((101, 1.0), (102, 1.0), (103, 1.0), (104, 0.6), (105, 1.4))
"""Seeds and noise of the sets, none of which served to set anything."""
WEIGHTS_SEED = 100
"""The set that weights are learned from where the set scored must be unseen."""
JUDGEMENTS = 500
REPORTS_FOR_DEDUPE = 2_000
SPLINK_THRESHOLDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 0.95)
DEDUPE_THRESHOLDS = (0.35, 0.4, 0.5, 0.6)
RULE_KM = (1.0, 2.0, 5.0, 10.0, 25.0)
MELTT_WINDOWS = ((1, 5.0), (1, 10.0), (1, 25.0), (2, 10.0), (2, 25.0), (3, 25.0))
MELTT_TAXONOMIES = (("actors_text", "kinds", "any"), ("place_code", "any"))
LEAST_F1 = 0.62
LEAST_GAIN = 0.08
MOST_ERROR = 0.03
CONTROL_F1 = 0.05


@dataclass(frozen=True)
class Row:
    """One method on one set."""

    on: str
    method: str
    setting: str
    score: scores.Score
    seconds: float

    def line(self) -> str:
        """Return the row as one line of JSON."""
        return json.dumps(
            {"reports": self.on, "method": self.method, "setting": self.setting}
            | self.score.rounded()
            | {"seconds": round(self.seconds, 2)}
        )


def best_of(known: Sample, method: str, tries: Iterable[tuple[str, Callable[[], Ids]]]) -> tuple[Row, Ids]:
    """Run a method under several settings and return the one that the truth likes best."""
    day = known.frame["day"].to_numpy()
    found: list[tuple[float, str, Ids, float]] = []
    for setting, run in tries:
        began = time.perf_counter()
        clusters = run()
        seconds = time.perf_counter() - began
        found.append((scores.score(known.truth, clusters, day=day, draws=0).f1, setting, clusters, seconds))
    _, setting, clusters, seconds = max(found, key=lambda one: one[0])
    words = f"{setting}, best of {len(found)} in hindsight" if len(found) > 1 else setting
    return Row(known.name, method, words, scores.score(known.truth, clusters, day=day), seconds), clusters


def meltt_tries(frame: pd.DataFrame, nearest: bool) -> Iterable[tuple[str, Callable[[], Ids]]]:
    """Yield MELTT under each window."""
    for days, km in MELTT_WINDOWS:
        run = partial(rules.meltt, frame, days=days, km=km, taxonomies=MELTT_TAXONOMIES, nearest_first=nearest)
        yield f"{days} days, {km:g} km", run


def peers(known: Sample) -> Iterable[tuple[Row, Ids]]:
    """Yield every peer that is quick enough for the whole set."""
    frame = known.frame.assign(any="any")
    yield best_of(
        known,
        "same day, within some km",
        ((f"{km:g} km", partial(rules.same_day_within, frame, km)) for km in RULE_KM),
    )
    for words, nearest in (("", False), (", ties to the nearer", True)):
        yield best_of(known, f"MELTT, our re-implementation{words}", meltt_tries(frame, nearest))
    began = time.perf_counter()
    linked = splink_peer.link(known.frame)
    seconds = time.perf_counter() - began
    for method, cluster, thresholds in (
        ("Splink, connected components", linked.components, (0.5,)),
        ("Splink, connected components", linked.components, SPLINK_THRESHOLDS),
        ("Splink, single best links", linked.single_best_links, (0.5,)),
        ("Splink, single best links", linked.single_best_links, SPLINK_THRESHOLDS),
    ):
        row, clusters = best_of(known, method, [(f"from {at:g}", partial(cluster, at)) for at in thresholds])
        yield Row(row.on, row.method, row.setting, row.score, row.seconds + seconds), clusters


def our_rows(known: Sample, judgements: int) -> Iterable[tuple[Row, Ids]]:
    """Yield our matcher without labels, and with judgements on its own doubtful pairs."""
    day = known.frame["day"].to_numpy()
    began = time.perf_counter()
    clusters = ours.matched(known, ours.learned(known)).event
    seconds = time.perf_counter() - began
    yield Row(known.name, "ceasefire", "no labels", scores.score(known.truth, clusters, day=day), seconds), clusters
    began = time.perf_counter()
    result, said = ours.judged(known, count=judgements)
    seconds = time.perf_counter() - began
    setting = f"{len(said)} judgements"
    yield Row(known.name, "ceasefire", setting, scores.score(known.truth, result.event, day=day), seconds), result.event


def calibration(known: Sample, weights: object) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the probabilities that weights learned elsewhere give to the pairs of a set, and what is true of them."""
    a, b, probability = ours.scored_pairs(known, ours.matched(known, weights))
    scored = (known.truth[a] >= 0) & (known.truth[b] >= 0)
    return probability[scored], (known.truth[a] == known.truth[b])[scored]


def draw(rows: list[dict[str, float]], error: float, path: Path) -> None:
    """Draw the reliability plot."""
    import matplotlib as mpl

    mpl.use("svg" if path.suffix == ".svg" else "agg")
    mpl.rcParams["svg.hashsalt"] = "reliability"
    import matplotlib.pyplot as plt

    figure, (above, below) = plt.subplots(2, 1, figsize=(5, 6), sharex=True, height_ratios=(3, 1), layout="constrained")
    above.plot([0, 1], [0, 1], color="0.6", linewidth=1)
    above.plot([row["said"] for row in rows], [row["happened"] for row in rows], "o-", color="#1b6ca8")
    above.set(
        ylabel="share that are one incident", xlim=(0, 1), ylim=(0, 1), title=f"Expected calibration error {error:.3f}"
    )
    below.bar([row["said"] for row in rows], [row["pairs"] for row in rows], width=0.05, color="#1b6ca8")
    below.set(xlabel="probability given to a pair", ylabel="pairs")
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def shared_scorer_agrees(known: Sample, clusters: Ids, folder: Path) -> bool:
    """Whether the scorer beside the data gives our precision, recall and F1 to its four places."""
    data = data_folder()
    if data is None:
        raise SystemExit("--check-scorer needs CEASEFIRE_DATA: the other scorer stands beside the data.")
    ids = known.reports["source_report_id"].to_pylist()
    truth, said = folder / "truth.parquet", folder / "said.parquet"
    pd.DataFrame({"report_id": ids, "incident_id": known.truth}).to_parquet(truth)
    pd.DataFrame({"source_report_id": ids, "incident_id": clusters}).to_parquet(said)
    command = [sys.executable, str(data.parent / "tools" / "score_fusion.py"), str(truth), str(said)]
    other = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    own = scores.score(known.truth, clusters)
    return all(other[name] == round(getattr(own, name), 4) for name in ("precision", "recall", "f1"))


def beside_dedupe(folder: Path, count: int) -> list[Row]:
    """Measure `dedupe` on a small set of its own, and ours on the same."""
    known = sample(folder, count, seed=SETTINGS[0][0])
    began = time.perf_counter()
    found = dedupe_peer.cluster(known.frame, known.truth, labels=JUDGEMENTS, thresholds=DEDUPE_THRESHOLDS)
    seconds = time.perf_counter() - began
    row, _ = best_of(known, "dedupe", [(f"{JUDGEMENTS} labels, from {at:g}", partial(found.get, at)) for at in found])
    own = [row for row, _ in our_rows(known, JUDGEMENTS)]
    return [*own, Row(row.on, row.method, row.setting, row.score, seconds)]


def main() -> int:
    """Run the benchmark; 1 when a limit is missed or the control does not fail."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--short", action="store_true", help="one small set, without dedupe: for continuous integration"
    )
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--check-scorer", action="store_true")
    asked = parser.parse_args()
    count, settings = (1_000, SETTINGS[:1]) if asked.short else (asked.reports, SETTINGS)
    judgements = JUDGEMENTS if not asked.short else JUDGEMENTS // 5
    said: list[npt.NDArray[np.float64]] = []
    happened: list[npt.NDArray[np.bool_]] = []
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = ours.learned(sample(folder, count, seed=WEIGHTS_SEED))
        for seed, noise in settings:
            known = sample(folder, count, seed=seed, noise=noise)
            found = [*our_rows(known, judgements), *peers(known)]
            for row, _ in found:
                print(row.line(), flush=True)
            missed += shortfalls(known, found, noise)
            probability, truth = calibration(known, weights)
            gap = scores.calibration_error(scores.reliability(probability, truth))
            print(json.dumps({"reports": known.name, "calibration_error": round(gap, 4), "pairs": len(truth)}))
            said.append(probability)
            happened.append(truth)
        clusters = found[0][1]
        if asked.check_scorer and not shared_scorer_agrees(known, clusters, folder):
            missed.append("the scorer beside the data gives other figures")
        dealt = scores.score(known.truth, np.random.default_rng(0).permutation(clusters)).f1
        if not asked.short:
            for row in beside_dedupe(folder, REPORTS_FOR_DEDUPE):
                print(row.line(), flush=True)
    bins = scores.reliability(np.concatenate(said), np.concatenate(happened))
    error = scores.calibration_error(bins)
    print(json.dumps({"calibration_error": round(error, 4), "bins": bins}))
    if asked.plot:
        draw(bins, error, asked.plot)
    if error > MOST_ERROR and not asked.short:
        missed.append(f"calibration error {error:.3f} is above {MOST_ERROR}")
    if dealt > CONTROL_F1:
        missed.append(f"the control, clusters dealt out at random, has F1 {dealt:.3f}: the score is worth nothing")
    print(f"Calibration error, weights learned on another set: {error:.3f}. Control: F1 {dealt:.3f}.")
    for line in missed:
        print(f"Missed: {line}.")
    return 1 if missed and not asked.short else int(dealt > CONTROL_F1)


def shortfalls(known: Sample, found: list[tuple[Row, Ids]], noise: float) -> list[str]:
    """Say in sentences how we compare with Splink on one set, and return what falls short."""
    day = known.frame["day"].to_numpy()
    own_row, own = found[0]
    judged_row = found[1][0]
    best = [one for one in found if one[0].method == "Splink, single best links"]
    missed = []
    if noise == 1.0 and own_row.score.f1 < LEAST_F1:
        missed.append(f"{known.name}: F1 {own_row.score.f1:.3f} is below {LEAST_F1}")
    for row, clusters in best:
        gain, low, high = scores.difference(known.truth, own, clusters, day=day)
        print(
            f"{known.name}: ceasefire {own_row.score.f1:.3f} without labels ({judged_row.score.f1:.3f} with "
            f"{judged_row.setting}), {row.method} {row.setting} {row.score.f1:.3f}: "
            f"difference {gain:+.3f} (95%: {low:+.3f} to {high:+.3f})."
        )
        if gain < LEAST_GAIN:
            missed.append(f"{known.name}: only {gain:+.3f} on {row.method} {row.setting}, not {LEAST_GAIN:+.2f}")
    return missed


if __name__ == "__main__":
    sys.exit(main())
