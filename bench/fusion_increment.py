"""What a day's 500 reports on top of 1,000,000 cost, as a share of fusing everything, and that they give the same.

All reports are fused whole; then all but the day's, leaving a standing state; then the day on top of that. The day is
the last in time, and one in ten of its reports is about any time before. Each of the five tables has to be, row for
row, what the whole fusion gives. Times are of one process, in this order; seconds are of the processor, and by the
clock.

    python bench/fusion_increment.py [--reports 1000000] [--day 500] [--short]

Control that must fail: an increment that compares the day's reports only with one another must give other incidents.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.fusion import increment as increments
from ceasefire.fusion.fuse import FusedReports, fuse_reports
from ceasefire.fusion.increment import Increment, fuse_and_keep, fuse_increment
from ceasefire.fusion.learn import learn_weights
from ceasefire.fusion.standing import Standing
from fusion_speed import write_input

T = TypeVar("T")
MOST_SHARE = 0.05
MOST_GIB = 3.0
LATE_SHARE = 0.1
FULL_SIZE = 1_000_000


def timed(work: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """Return what work gives, and what it cost."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return found, {"cpu_seconds": time.process_time() - cpu, "wall_seconds": time.perf_counter() - wall}


def day_of(reports: pa.Table, count: int) -> npt.NDArray[np.bool_]:
    """Return which reports make up the day."""
    times = np.asarray(reports["occurred_from"].cast(pa.int64()).fill_null(0))
    order = np.argsort(times, kind="stable")
    late = int(count * LATE_SHARE)
    day = np.zeros(len(order), dtype=bool)
    day[order[len(order) - (count - late) :]] = True
    day[np.random.default_rng(0).choice(order[: len(order) - count], late, replace=False)] = True
    return day


def tables_of(reports: pa.Table, found: FusedReports) -> dict[str, pa.Table]:
    """Return the five tables."""
    fused, matched = found.fused, found.matched
    tables = {"reports": reports, "links": fused.links, "incidents": fused.incidents}
    return tables | {"pairs": matched.pairs, "doubtful": matched.doubtful}


def written_out(table: pa.Table) -> pa.Table:
    """Return a table with its words in place of their codes."""
    columns = [column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column for column in table.columns]
    return pa.table(columns, names=table.column_names).combine_chunks()


def same(step: Increment, before: dict[str, pa.Table], after: dict[str, pa.Table]) -> dict[str, bool]:
    """Return for each table whether the increment gives it as the whole fusion does."""
    return {
        name: written_out(step.tables[name].applied(before[name])).equals(written_out(after[name])) for name in after
    }


def main() -> int:
    """Run the benchmark; 1 when a limit is missed or the control does not fail."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=FULL_SIZE)
    parser.add_argument("--day", type=int, default=500)
    parser.add_argument(
        "--short", action="store_true", help="5,000 reports and a day of 50: the share then says nothing"
    )
    asked = parser.parse_args()
    count, day_size = (5_000, 50) if asked.short else (asked.reports, asked.day)
    with tempfile.TemporaryDirectory() as name:
        place = write_input(Path(name), count)
        register = load_case(built_in_case((place / "case").read_text())).actors
        reports = pq.read_table(place / "reports.parquet")
        day = day_of(reports, min(day_size, reports.num_rows // 10))
        held, new = reports.filter(pa.array(~day)).combine_chunks(), reports.filter(pa.array(day))
        reports = pa.concat_tables([held, new]).unify_dictionaries().combine_chunks()
        weights = learn_weights(reports, register=register)
        common: dict[str, Any] = {"register": register, "weights": weights}
        whole, cost = timed(lambda: fuse_reports(reports, **common))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        after = tables_of(reports, whole)
        del whole
        state = Path(name) / "standing"
        kept, keeping = timed(lambda: fuse_and_keep(held, state, **common))
        before = tables_of(held, kept)
        del kept
        step, again = timed(lambda: fuse_increment(Standing(state), new, **common))
        if step is None:
            print("The increment was refused.")
            return 1
        alike = same(step, before, after)
        increments.reached = lambda *given: given[1]  # type: ignore[assignment]
        blind = fuse_increment(Standing(state), new, **common)
        fooled = blind is not None and same(blind, before, after)["incidents"]
    for what, row in (("whole", cost), ("whole, leaving a standing state", keeping), ("the day", again)):
        print(json.dumps({"what": what} | {key: round(value, 3) for key, value in row.items()}))
    share = {key: again[key] / cost[key] for key in cost}
    print(
        f"{new.num_rows:,} reports on top of {held.num_rows:,}: {share['cpu_seconds']:.1%} of the processor time of a "
        f"whole fusion, {share['wall_seconds']:.1%} by the clock; {step.looked_at:,} reports clustered again. "
        f"Peak of the whole fusion {peak:.2f} GiB."
    )
    missed = [f"the table of {name} is not that of a whole fusion" for name, fine in alike.items() if not fine]
    if fooled:
        missed.append("an increment without neighbours gives the same incidents: the check is worth nothing")
    if count >= FULL_SIZE and max(share.values()) > MOST_SHARE:
        missed.append(f"it costs {max(share.values()):.1%}, above {MOST_SHARE:.0%}")
    if peak > MOST_GIB:
        missed.append(f"peak memory is {peak:.2f} GiB, above {MOST_GIB:g}")
    for line in missed:
        print(f"Missed: {line}.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
