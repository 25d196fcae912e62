"""How well real reports that disagree are joined: MAVERICK, electoral violence in Kenya and Cote d'Ivoire.

2,275 reports by some 200 authors of 1,534 events, coded by hand with the event each is of; 2,224 pairs belong together.
They are imported by the mapping of the documentation, which leaves the event out, and matched without labels. What
the import rejects stays alone and counts against us. The peer is the best simple rule: the same first day, and within
500 m. Intervals resample weeks.

    CEASEFIRE_DATA=... python bench/fusion_maverick.py [--examples 6] [--json]

The control must fail: our clusters, dealt out to the reports at random.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from ceasefire.actors.register import ActorRegister
from ceasefire.intake.table import read_table
from fusion_peers import ours, rules, scores
from fusion_peers.inputs import DOCUMENTATION, Sample, data_folder, flat

Ids = npt.NDArray[np.int64]
ZONE = ZoneInfo("Africa/Nairobi")
LEAST_F1 = 0.66
CONTROL_F1 = 0.05
RULE_KM = 0.5


def load(path: Path) -> tuple[Sample, pd.DataFrame]:
    """Import the reports; returns what was accepted, and all rows with the row of the accepted ones (else -1)."""
    raw = pq.read_table(path).to_pandas()
    register = ActorRegister([], ZONE)
    result = read_table(path, mapping=DOCUMENTATION / "maverick.yaml", register=register, zone=ZONE)
    row_of = {one: row for row, one in enumerate(result.reports["source_report_id"].to_pylist())}
    raw["accepted"] = [row_of.get(one, -1) for one in raw["id"]]
    raw["event"] = pd.factorize(raw["event_id"])[0]
    raw["day"] = (raw["date_start"] - pd.Timestamp(0)).dt.days
    accepted = raw[raw["accepted"] >= 0].sort_values("accepted")
    frame = flat(result.reports, register)
    frame["day"] = accepted["day"].to_numpy()
    truth = accepted["event"].to_numpy().astype(np.int64)
    return Sample("MAVERICK", result.reports, truth, frame, register), raw


def on_all_rows(raw: pd.DataFrame, clusters: Ids) -> Ids:
    """Return the clusters of all rows, those that were not accepted alone."""
    accepted = raw["accepted"].to_numpy()
    alone = len(raw) + np.arange(len(raw))
    return np.where(accepted >= 0, clusters[np.maximum(accepted, 0)], alone).astype(np.int64)


def wrong_pairs(truth: Ids, clusters: Ids) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the pairs wrongly joined and those missed, as rows."""
    joined, missed = [], []
    for labels, other, found in ((clusters, truth, joined), (truth, clusters, missed)):
        for rows in pd.Series(np.arange(len(labels))).groupby(labels).apply(list):
            found += [(a, b) for place, a in enumerate(rows) for b in rows[place + 1 :] if other[a] != other[b]]
    return joined, missed


def told(row: pd.Series) -> str:
    """Return one report in one line."""
    place = ", ".join(word for word in (row["location"], row["city"]) if isinstance(word, str) and word) or "no place"
    last = f" to {row['date_end']:%d %b}" if row["date_end"] != row["date_start"] else ""
    who = " / ".join(name for name in (row["actor1"], row["actor2"]) if isinstance(name, str) and name)
    tolls = f"{row['deaths_best']:g} killed, {row['injuries_best']:g} injured"
    return f"{row['date_start']:%d %b %Y}{last}, {place}: {who}; {tolls}. {str(row['source'])[:110]}"


def show(raw: pd.DataFrame, title: str, pairs: list[tuple[int, int]], count: int) -> None:
    """Print `count` pairs, spread evenly over all of them."""
    print(f"\n{title} ({len(pairs)} pairs), {min(count, len(pairs))} of them:")
    for place in np.linspace(0, len(pairs) - 1, min(count, len(pairs))).astype(int).tolist():
        a, b = pairs[place]
        print(f"  - {told(raw.iloc[a])}\n    {told(raw.iloc[b])}")


def main() -> int:
    """Run the benchmark; 1 when the limit is missed or the control does not fail."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=6, help="of each kind of error")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    data = data_folder()
    if data is None:
        print("Left out: the MAVERICK reports are real data; set CEASEFIRE_DATA to the folder that holds them.")
        return 0
    known, raw = load(data / "dev_pack" / "maverick_dev_70.parquet")
    truth, day = raw["event"].to_numpy().astype(np.int64), raw["day"].to_numpy().astype(np.int64)
    own = on_all_rows(raw, np.asarray(ours.matched(known, ours.learned(known)).event))
    rule = on_all_rows(raw, rules.same_day_within(known.frame, RULE_KM))
    found = {"ceasefire": own, "same day within 500 m": rule}
    for name, clusters in found.items():
        print(json.dumps({"method": name, "reports": len(raw)} | scores.score(truth, clusters, day=day).rounded()))
    gain, low, high = scores.difference(truth, own, rule, day=day)
    score = scores.score(truth, own, day=day)
    dealt = scores.score(truth, np.random.default_rng(0).permutation(own)).f1
    a, b, probability = ours.scored_pairs(known, ours.matched(known, ours.learned(known)))
    bins = scores.reliability(probability, known.truth[a] == known.truth[b])
    error = scores.calibration_error(bins)
    print(json.dumps({"calibration_error": round(error, 4), "bins": bins}))
    print(
        f"ceasefire: F1 {score.f1:.3f} (95%: {score.low:.3f} to {score.high:.3f}; at least {LEAST_F1} asked), "
        f"{gain:+.3f} ({low:+.3f} to {high:+.3f}) on the rule. {int((raw['accepted'] < 0).sum())} reports were "
        f"rejected by the import. Calibration error {error:.3f}. Control: F1 {dealt:.3f}."
    )
    if not asked.json:
        joined, missed = wrong_pairs(truth, own)
        show(raw, "Joined, but of different events", joined, asked.examples)
        show(raw, "Of one event, but not joined", missed, asked.examples)
    return int(score.f1 < LEAST_F1 or dealt > CONTROL_F1)


if __name__ == "__main__":
    sys.exit(main())
