"""How long checking N incidents takes, as a ratio to reading their columns from Parquet in the same run.

The incidents are the real UCDP rows (or, without `CEASEFIRE_DATA`, simulated reports of the training case), repeated
with dates shifted within the instruments' force and places moved by up to 1 km, so that no cache of places helps.

    python bench/check_incidents.py [--incidents 10000000] [--json]

The control checks incidents one by one: it must come out far above the limit, or the measurement is worth nothing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.findings.check import check_incidents
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.model.time import MICROSECONDS_PER_DAY, parse_moment

COLUMNS = (
    "occurred_from",
    "occurred_until",
    "latitude",
    "longitude",
    "place_precision",
    "place_radius_km",
    "area_name",
    "claims",
)
LIMIT_RATIO = 20
LIMIT_GIB = 6
KM_PER_DEGREE = 111.2
ROWS_PER_GROUP = 1_000_000


def real_incidents() -> tuple[str, pa.Table, tuple[str, str]]:
    """Return the case, its incidents and the period into which dates are shifted."""
    folder = os.environ.get("CEASEFIRE_DATA")
    if folder:
        from ceasefire.intake.ucdp_ged import read_ucdp_ged

        case = load_case(built_in_case("astana-2017"))
        path = Path(folder) / "dev_pack" / "ged_syria_2016_2017.parquet"
        reports = read_ucdp_ged(path, register=case.actors, zone=case.zone).reports
        return "astana-2017", fuse_by_event(reports).incidents, ("2017-05-06", "2018-04-01")
    from ceasefire.pipeline.simulation import simulate

    case = load_case(built_in_case("riverline"))
    simulated = simulate(case, rng=np.random.default_rng(1), days=200, incidents_per_day=10)
    return "riverline", fuse_by_event(simulated.reports).incidents, ("2021-04-01", "2021-08-01")


def write_incidents(path: Path, count: int, rng: np.random.Generator) -> str:
    """Write `count` synthetic incidents; returns the case they belong to."""
    name, real, period = real_incidents()
    zone = load_case(built_in_case(name)).zone
    first, last = (parse_moment(day, zone).start for day in period)
    real = real.select(["incident_id", *COLUMNS])
    starts = real["occurred_from"].cast(pa.int64()).to_numpy()
    lengths = real["occurred_until"].cast(pa.int64()).to_numpy() - starts
    with pq.ParquetWriter(path, real.schema, compression="zstd") as writer:
        for begin in range(0, count, ROWS_PER_GROUP):
            size = min(ROWS_PER_GROUP, count - begin)
            chosen = rng.integers(0, real.num_rows, size)
            rows = real.take(pa.array(chosen))
            days = rng.integers(0, (last - first) // MICROSECONDS_PER_DAY, size) * MICROSECONDS_PER_DAY
            shifted = first + days
            distance = rng.uniform(0, 1 / KM_PER_DEGREE, size)
            angle = rng.uniform(0, 2 * np.pi, size)
            latitude = rows["latitude"].to_numpy() + distance * np.sin(angle)
            longitude = rows["longitude"].to_numpy() + distance * np.cos(angle)
            moved = {
                "incident_id": pa.array([f"inc-{begin + number}" for number in range(size)]),
                "occurred_from": pa.array(shifted).cast(real.schema.field("occurred_from").type),
                "occurred_until": pa.array(shifted + lengths[chosen]).cast(real.schema.field("occurred_until").type),
                "latitude": pa.array(latitude, from_pandas=True),
                "longitude": pa.array(longitude, from_pandas=True),
            }
            for column, values in moved.items():
                rows = rows.set_column(rows.schema.get_field_index(column), column, values)
            writer.write_table(rows.cast(real.schema))
    return name


def read(path: Path) -> pa.Table:
    """Read the columns that a check needs."""
    return pq.read_table(path, columns=list(COLUMNS), read_dictionary=["claims", "place_precision", "area_name"])


def measure(path: str, case_name: str, what: str) -> dict[str, float]:
    """Run one measurement in this process: CPU seconds, wall seconds, peak memory."""
    case = load_case(built_in_case(case_name))
    warm_up = read(Path(path)).slice(0, 1000)
    check_incidents(case, warm_up).count_by_status()
    cpu, wall = time.process_time(), time.perf_counter()
    incidents = read(Path(path))
    result: dict[str, float] = {"rows": incidents.num_rows}
    if what == "check":
        cpu, wall = time.process_time(), time.perf_counter()
        found = check_incidents(case, incidents)
        counts = found.count_by_status()
        result |= {"findings": sum(counts.values()), "situations": len(found.situations.profile)}
    if what == "control":
        incidents = incidents.slice(0, 200)
        cpu, wall = time.process_time(), time.perf_counter()
        for row in range(incidents.num_rows):
            check_incidents(case, incidents.slice(row, 1)).count_by_status()
        result["rows"] = incidents.num_rows
    result["cpu_seconds"] = time.process_time() - cpu
    result["wall_seconds"] = time.perf_counter() - wall
    result["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return result


def in_own_process(path: Path, case_name: str, what: str) -> dict[str, float]:
    """Measure in a fresh process, so that peaks do not add up."""
    command = [sys.executable, __file__, "--measure", what, "--file", str(path), "--case", case_name]
    answer: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer


def main() -> int:
    """Run the benchmark; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=10_000_000)
    parser.add_argument("--measure")
    parser.add_argument("--file")
    parser.add_argument("--case")
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.file, asked.case, asked.measure)))
        return 0
    sizes = [size for size in (100_000, 1_000_000) if size < asked.incidents] + [asked.incidents]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.parquet"
            name = write_incidents(path, size, np.random.default_rng(7))
            reading = in_own_process(path, name, "read")
            checking = in_own_process(path, name, "check")
            rows.append(
                {
                    "incidents": size,
                    "read_cpu_seconds": reading["cpu_seconds"],
                    "check_cpu_seconds": checking["cpu_seconds"],
                    "check_wall_seconds": checking["wall_seconds"],
                    "ratio": checking["cpu_seconds"] / reading["cpu_seconds"],
                    "peak_gib": checking["peak_gib"],
                    "situations": checking["situations"],
                    "findings": checking["findings"],
                }
            )
            print(json.dumps(rows[-1]), flush=True)
            if size == sizes[0]:
                slow = in_own_process(path, name, "control")
                per_row = slow["cpu_seconds"] / slow["rows"]
                control_ratio = per_row * size / reading["cpu_seconds"]
    last = rows[-1]
    growth = [
        later["check_cpu_seconds"] / earlier["check_cpu_seconds"] / (later["incidents"] / earlier["incidents"])
        for earlier, later in itertools.pairwise(rows)
    ]
    met = last["ratio"] <= LIMIT_RATIO and last["peak_gib"] <= LIMIT_GIB and all(rate <= 1.1 for rate in growth)
    print(
        f"Checking {last['incidents']:,} incidents took {last['ratio']:.1f} times as long as reading them "
        f"(limit {LIMIT_RATIO}), {last['peak_gib']:.1f} GiB (limit {LIMIT_GIB}); growth per tenfold, relative to "
        f"linear: {', '.join(f'{rate:.2f}' for rate in growth) or 'not measured'}. "
        f"Control, one by one: {control_ratio:,.0f} times."
    )
    if control_ratio <= LIMIT_RATIO:
        print("The control met the limit: the measurement is worth nothing.")
        return 1
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
