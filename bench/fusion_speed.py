"""What matching costs, from 10,000 to 1,000,000 reports at constant density, as a ratio to Splink in the same run.

Both start from a Parquet file of reports and end with one number a report that says which incident it is of. Both
learn their weights from the reports themselves, without labels. Ours compares by the precision of each report, within
sources too; Splink gets the window of days and km at which it compares about as many pairs, between sources only. It
then takes single best links, its better clustering here. Each run has a process of its own.
Seconds are of the processor, summed over threads; both may use two.

    python bench/fusion_speed.py [--sizes 10000 100000 1000000] [--short] [--without-splink]

Controls that must fail: all pairs of 5,000 reports scored one window for all, extrapolated to the largest size, must
come out slower than Splink; and the clusters dealt out at random must score nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ceasefire.agreement.load import built_in_case, load_case

SIZES = (10_000, 100_000, 1_000_000)
SEED = 200
THREADS = 2
LEAST_RATIO = 8.0
MOST_GIB = 3.0
MOST_GROWTH = 1.1
BASE_ALONE = 10_000
SPLINK_THRESHOLD = 0.1
DAYS_BETWEEN_COPIES = 40
WINDOW_DAYS, WINDOW_KM = 2, 25.0
CONTROL_REPORTS = 5_000
CONTROL_F1 = 0.05


def write_input(folder: Path, count: int) -> Path:
    """Write `count` reports with their truth and the peers' view of them; returns the folder of the files."""
    from fusion_peers.inputs import data_folder, from_file, generate, simulated

    place = folder / str(count)
    place.mkdir()
    if data_folder() is not None:
        known = from_file(generate(folder, count, seed=SEED))
        reports, truth, frame = known.reports, known.truth, known.frame
        case = "astana-2017"
    else:
        known = simulated(min(count, BASE_ALONE), seed=SEED)
        reports, truth, frame = copies(known.reports, known.truth, known.frame, count)
        case = "riverline"
    pq.write_table(reports, place / "reports.parquet")
    frame["truth"] = truth
    frame.to_parquet(place / "flat.parquet", index=False)
    (place / "case").write_text(case)
    return place


def copies(
    reports: pa.Table, truth: np.ndarray, frame: pd.DataFrame, count: int
) -> tuple[pa.Table, np.ndarray, pd.DataFrame]:
    """Repeat the reports one after the other in time, under new ids, so that density stays as it is."""
    times = math.ceil(count / reports.num_rows)
    span = int(frame["day"].max() - frame["day"].min()) + DAYS_BETWEEN_COPIES
    tables, truths, frames = [], [], []
    for number in range(times):
        shift = pa.scalar(number * span * 86_400_000_000, pa.duration("us"))
        table = reports
        for name in ("occurred_from", "occurred_until"):
            moved = pa.compute.add(table[name], shift)
            table = table.set_column(table.column_names.index(name), table.schema.field(name), moved)
        for name in ("report_id", "source_report_id"):
            ids = pa.compute.binary_join_element_wise(table[name], str(number), "-")
            table = table.set_column(table.column_names.index(name), table.schema.field(name), ids)
        tables.append(table)
        truths.append(np.where(truth >= 0, truth + number * (int(truth.max()) + 1), truth))
        frames.append(frame.assign(day=frame["day"] + number * span))
    joined = pd.concat(frames, ignore_index=True).iloc[:count]
    joined["unique_id"] = np.arange(len(joined))
    table = pa.concat_tables(tables).unify_dictionaries().slice(0, count).combine_chunks()
    return table, np.concatenate(truths)[:count], joined


def measure(place: Path, what: str) -> dict[str, float]:
    """Run one measurement in this process."""
    case = load_case(built_in_case((place / "case").read_text()))
    run = {"ceasefire": run_ours, "splink": run_splink}[what]
    cpu, wall = time.process_time(), time.perf_counter()
    clusters, steps = run(place, case.actors)
    used, passed = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (
        {"reports": len(clusters), "cpu_seconds": used, "wall_seconds": passed, "peak_gib": peak}
        | steps
        | quality(place, clusters)
    )


def quality(place: Path, clusters: np.ndarray) -> dict[str, float]:
    """Return F1, and F1 of the clusters dealt out at random; not timed."""
    from fusion_peers.scores import score

    truth = pq.read_table(place / "flat.parquet", columns=["truth"])["truth"].to_numpy()
    dealt = np.random.default_rng(0).permutation(clusters)
    return {"f1": score(truth, clusters).f1, "f1_dealt": score(truth, dealt).f1}


def run_ours(place: Path, register: object) -> tuple[np.ndarray, dict[str, float]]:
    """Read, learn, match."""
    from ceasefire.fusion.learn import learn_weights
    from ceasefire.fusion.match import match_reports

    reports = pq.read_table(place / "reports.parquet")
    cpu = time.process_time()
    weights = learn_weights(reports, register=register, seed=0)
    learning = time.process_time() - cpu
    found = match_reports(reports, register=register, weights=weights)
    return np.asarray(found.event), {"learning_cpu_seconds": learning}


def run_splink(place: Path, register: object) -> tuple[np.ndarray, dict[str, float]]:  # noqa: ARG001
    """Read, train, score, cluster."""
    from fusion_peers import splink_peer

    frame = pq.read_table(place / "flat.parquet").drop_columns(["truth"]).to_pandas()
    linked = splink_peer.link(
        frame, threads=THREADS, folder=str(place), least=SPLINK_THRESHOLD, days=WINDOW_DAYS, km=WINDOW_KM
    )
    return linked.single_best_links(SPLINK_THRESHOLD), {}


def pairs_compared(place: Path) -> dict[str, int]:
    """Return how many pairs each engine compares; at constant density it is as many for each report of any size."""
    from ceasefire.fusion.weights import default_weights
    from fusion_peers import ours, splink_peer

    case = load_case(built_in_case((place / "case").read_text()))
    frame = pq.read_table(place / "flat.parquet").to_pandas()
    return {
        "ceasefire": ours.count_pairs(pq.read_table(place / "reports.parquet"), case.actors, default_weights()),
        "splink": splink_peer.count_pairs(frame, days=WINDOW_DAYS, km=WINDOW_KM),
    }


def in_own_process(place: Path, what: str) -> dict[str, float]:
    """Measure in a fresh process, so that peaks do not add up."""
    command = [sys.executable, __file__, "--measure", what, "--place", str(place)]
    environment = dict(os.environ) | {name: str(THREADS) for name in ("OMP_NUM_THREADS", "ARROW_NUM_THREADS")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{what} on {place.name} reports failed:\n{done.stderr[-2000:]}")
    answer: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def all_pairs_seconds(place: Path, count: int) -> float:
    """Return the processor seconds that comparing `count` reports each with each takes, in blocks of NumPy."""
    frame = pq.read_table(place / "flat.parquet").slice(0, count).to_pandas()
    values = [frame[name].to_numpy(dtype=float) for name in ("day", "latitude", "longitude", "killed")]
    actors = pd.factorize(frame["actors_text"])[0]
    began = time.process_time()
    found = 0
    for start in range(0, count, 500):
        apart = [np.abs(one[start : start + 500, None] - one[None, :]) for one in values]
        same = actors[start : start + 500, None] == actors[None, :]
        weight = -apart[0] - 20 * np.hypot(apart[1], apart[2]) - 0.1 * np.nan_to_num(apart[3]) + same
        found += int((weight > 0).sum())
    return time.process_time() - began


def main() -> int:
    """Run the benchmark; 1 when a limit is missed or a control does not fail."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--short", action="store_true", help="2,000 reports only: the ratio then says nothing")
    parser.add_argument("--without-splink", action="store_true")
    parser.add_argument("--measure")
    parser.add_argument("--place", type=Path)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.place, asked.measure)))
        return 0
    sizes = [2_000] if asked.short else sorted(asked.sizes)
    own: dict[int, dict[str, float]] = {}
    theirs: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            place = write_input(Path(name), size)
            own[size] = in_own_process(place, "ceasefire")
            print(json.dumps({"engine": "ceasefire"} | rounded(own[size])), flush=True)
            if size == sizes[0]:
                print(json.dumps({"reports": size, "pairs_compared": pairs_compared(place)}), flush=True)
            if not asked.without_splink:
                theirs[size] = in_own_process(place, "splink")
                print(json.dumps({"engine": "splink"} | rounded(theirs[size])), flush=True)
        few = min(CONTROL_REPORTS, sizes[0])
        slow = all_pairs_seconds(Path(name) / str(sizes[0]), few) * (sizes[-1] / few) ** 2
    return judge(own, theirs, slow)


def rounded(row: dict[str, float]) -> dict[str, float]:
    """Return the figures to three places, for JSON."""
    return {key: round(value, 3) for key, value in row.items()}


def judge(own: dict[int, dict[str, float]], theirs: dict[int, dict[str, float]], slow: float) -> int:
    """Say what was found, and return 1 when a limit is missed or a control does not fail."""
    first, last = min(own), max(own)
    at_full_size = last >= SIZES[-1]  # with fewer, what is done once weighs too much
    missed = []
    if own[last]["f1_dealt"] > CONTROL_F1:
        missed.append(f"clusters dealt out at random score {own[last]['f1_dealt']:.3f}: the score is worth nothing")
    ratio = math.nan
    if theirs:
        ratio = theirs[last]["cpu_seconds"] / own[last]["cpu_seconds"]
        walls = theirs[last]["wall_seconds"] / own[last]["wall_seconds"]
        print(
            f"{last:,} reports: ceasefire {own[last]['cpu_seconds']:.1f} s of processor (F1 {own[last]['f1']:.3f}), "
            f"Splink {theirs[last]['cpu_seconds']:.1f} s (F1 {theirs[last]['f1']:.3f}): {ratio:.1f} times as long, "
            f"by the clock {walls:.1f} times; at least {LEAST_RATIO:g} asked."
        )
        if at_full_size and theirs[last]["cpu_seconds"] / slow > LEAST_RATIO:
            missed.append("comparing all with all meets the limit too: it is worth nothing")
        if at_full_size and min(ratio, walls) < LEAST_RATIO:
            missed.append(f"the ratio to Splink is {min(ratio, walls):.1f}, below {LEAST_RATIO:g}")
    if own[last]["peak_gib"] > MOST_GIB:
        missed.append(f"peak memory is {own[last]['peak_gib']:.2f} GiB, above {MOST_GIB:g}")
    if last > first:
        growth = math.log(own[last]["cpu_seconds"] / own[first]["cpu_seconds"]) / math.log(last / first)
        print(f"Cost grows as n to the {growth:.2f} from {first:,} to {last:,} reports; at most {MOST_GROWTH} allowed.")
        if growth > MOST_GROWTH:
            missed.append(f"cost grows as n to the {growth:.2f}")
    print(f"Peak {own[last]['peak_gib']:.2f} GiB. Control, each report compared with each: {slow:,.0f} s of processor.")
    for line in missed:
        print(f"Missed: {line}.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
