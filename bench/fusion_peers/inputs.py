"""Reports whose truth is known, as our matcher reads them and, row for row, as a flat table for the peers.

With `CEASEFIRE_DATA` set, the generator beside the data is run for the number, seed and noise asked for, and its file
is imported by the mapping of the documentation. Without it, the training case is simulated.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.intake.table import read_table
from ceasefire.model.time import MICROSECONDS_PER_DAY
from ceasefire.pipeline.simulation import Noise, simulate

if TYPE_CHECKING:
    from ceasefire.actors.register import ActorRegister

Ids = npt.NDArray[np.int64]
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "examples"
CASE_OF_THE_FILES = "astana-2017"
NO_TRUTH = -1
INCIDENTS_A_DAY = 30
DAYS_SIMULATED = 150  # past this the training case has nothing in force


@dataclass(frozen=True)
class Sample:
    """Reports with their truth.

    Parameters
    ----------
    name : str
        What they are, for people.
    reports : pa.Table
        Schema `model.schemas.REPORT`, n rows.
    truth : int64[n]
        The true incident of each report; -1 for reports that sum several and are left out of every score.
    frame : pandas.DataFrame
        The same n rows for the peers, see `flat`.
    register : ActorRegister
        That resolved the actors.
    """

    name: str
    reports: pa.Table
    truth: Ids
    frame: pd.DataFrame
    register: ActorRegister


def data_folder() -> Path | None:
    """Return the folder of real data, where one is named."""
    folder = os.environ.get("CEASEFIRE_DATA")
    return Path(folder) if folder else None


def generate(folder: Path, count: int, *, seed: int, noise: float = 1.0) -> Path:
    """Run the generator beside the data; returns its file."""
    data = data_folder()
    if data is None:
        raise RuntimeError("CEASEFIRE_DATA is not set: there is no generator to run.")
    path = folder / f"reports-{count}-{seed}-{noise}.parquet"
    tool = data.parent / "tools" / "gen_reports.py"
    events = data / "dev_pack" / "ged_syria_2016_2017.parquet"
    command = [sys.executable, str(tool), str(events), str(path), str(count), str(seed), str(noise)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def from_file(path: Path, *, name: str | None = None) -> Sample:
    """Import one of the generator's files as a user would."""
    case = load_case(built_in_case(CASE_OF_THE_FILES))
    result = read_table(path, mapping=DOCUMENTATION / "fusion_dev.yaml", register=case.actors, zone=case.zone)
    if result.rejects or result.duplicates:
        raise RuntimeError(f"{path}: {len(result.rejects)} rows rejected, {result.duplicates} repeated")
    raw = pq.read_table(path).to_pandas().set_index("report_id")
    raw = raw.loc[result.reports["source_report_id"].cast(pa.int64()).to_numpy()]
    frame = flat(result.reports, case.actors)
    # the coordinates of areas, which our import leaves out as no place: the peers may use them
    frame["latitude"], frame["longitude"] = raw["lat"].to_numpy(), raw["lon"].to_numpy()
    frame["place_code"] = raw["where_prec"].to_numpy().astype(np.int64)
    frame["day"] = raw["date"].to_numpy().astype(np.int64)
    frame["day_code"] = raw["date_prec"].to_numpy().astype(np.int64)
    frame["written_a"], frame["written_b"] = raw["actor1"].to_numpy(), raw["actor2"].to_numpy()
    truth = raw["incident_id"].to_numpy().astype(np.int64)
    return Sample(name or path.stem, result.reports, truth, frame, case.actors)


def simulated(count: int, *, seed: int, noise: float = 1.0) -> Sample:
    """Simulate reports of the training case, without the keys of their events."""
    case = load_case(built_in_case("riverline"))
    usual = Noise()
    spread = Noise(
        time_slip_minutes=usual.time_slip_minutes * noise * 6,
        place_jitter_km=usual.place_jitter_km * noise * 3,
        coarse_place=min(0.5, usual.coarse_place * noise),
        toll_spread=usual.toll_spread * noise,
    )
    made = simulate(
        case,
        rng=np.random.default_rng(seed),
        days=max(5, min(DAYS_SIMULATED, count // (INCIDENTS_A_DAY * 3))),
        incidents_per_day=INCIDENTS_A_DAY,
        noise=spread,
        keyed=False,
    )
    event_of = {one: row for row, ids in enumerate(made.truth["report_ids"].to_pylist()) for one in ids}
    # they come incident by incident, which nobody may profit from
    rows = made.reports.slice(0, count)
    rows = rows.take(pa.array(np.random.default_rng(seed).permutation(rows.num_rows)))
    truth = np.array([event_of[one] for one in rows["report_id"].to_pylist()], dtype=np.int64)
    return Sample(f"riverline-{rows.num_rows}-{seed}-{noise}", rows, truth, flat(rows, case.actors), case.actors)


def sample(folder: Path, count: int, *, seed: int, noise: float = 1.0) -> Sample:
    """Return reports from the generator, or simulated ones where there is none."""
    if data_folder() is None:
        return simulated(count, seed=seed, noise=noise)
    return from_file(generate(folder, count, seed=seed, noise=noise))


def flat(reports: pa.Table, register: ActorRegister) -> pd.DataFrame:
    """Return the peers' view of reports: one row each, unknown is NaN or None.

    Columns: `unique_id` (row), `source`, `day` (number, local to UTC), `day_code` (1 a day or less, then coarser),
    `latitude`, `longitude`, `place_code` (1 a point, then coarser), `actors` (sorted ids), `actors_text` (the same,
    joined), `kinds` (sorted kinds of actors on the register), `killed`, `civilians_killed`, `total` (sums several).
    """
    start = reports["occurred_from"].cast(pa.int64()).to_numpy(zero_copy_only=False).astype(float)
    end = reports["occurred_until"].cast(pa.int64()).to_numpy(zero_copy_only=False).astype(float)
    days = (end - start) / MICROSECONDS_PER_DAY
    middle = (start + end) / 2 / MICROSECONDS_PER_DAY
    radius = reports["place_radius_km"].to_numpy(zero_copy_only=False).astype(float)
    actors = [_actors(row) for row in reports.select(["sides", "perpetrators", "targets"]).to_pylist()]
    known = register.actors
    kinds = [
        tuple(sorted({str(known[one].kind) if one in known else "not-on-the-register" for one in names}))
        for names in actors
    ]
    return pd.DataFrame(
        {
            "unique_id": np.arange(reports.num_rows),
            "source": reports["source_id"].cast(pa.string()).to_pylist(),
            "day": np.floor(np.nan_to_num(middle, nan=-1e6)).astype(np.int64),
            "day_code": np.select([days <= 1, days <= 7, days <= 15, days <= 45], [1, 2, 3, 4], 5),
            "latitude": reports["latitude"].to_numpy(zero_copy_only=False).astype(float),
            "longitude": reports["longitude"].to_numpy(zero_copy_only=False).astype(float),
            "place_code": np.select([radius <= 5, radius > 5], [1, 2], 4),
            "actors": [list(names) for names in actors],
            "actors_text": [" + ".join(names) or None for names in actors],
            "kinds": [" + ".join(words) or None for words in kinds],
            "killed": _numbers(reports["killed_best"]),
            "civilians_killed": _numbers(reports["killed_civilian_best"]),
            "total": np.array([kind == "total" for kind in reports["kind"].cast(pa.string()).to_pylist()]),
        }
    )


def _actors(row: dict[str, list[object]]) -> tuple[str, ...]:
    groups = [*(row["sides"] or ()), row["perpetrators"] or (), row["targets"] or ()]
    return tuple(sorted({str(name) for group in groups for name in group}))  # type: ignore[attr-defined]


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
