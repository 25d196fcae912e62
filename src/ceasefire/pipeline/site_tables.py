"""Tables for siting: places where posts may stand, and samples of a forecast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ceasefire.deployment.candidates import Candidate
from ceasefire.intake.reading import open_rows
from ceasefire.model.errors import Fault, InputError

CANDIDATE_COLUMNS = (
    "id",
    "name",
    "latitude",
    "longitude",
    "operators",
    "range_km",
    "road_km",
    "safe",
    "consented",
)
FORECAST_COLUMNS = ("sample", "latitude", "longitude", "expected")
_WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_WHY = "A post sited by a row that was misread would stand in the wrong place."

Value = TypeVar("Value")
Row = dict[str, str]


class _RowError(Exception):
    """A row cannot be read."""


def read_candidates(path: Path) -> tuple[Candidate, ...]:
    """Read places, one a row; the columns are `CANDIDATE_COLUMNS`, of which `id` and the coordinates are needed.

    Raises
    ------
    InputError
        With a fault for every row that cannot be read.
    """

    def candidate(row: Row) -> Candidate:
        latitude, longitude = _position(row)
        return Candidate(
            site_id=row["id"],
            name=row.get("name", row["id"]),
            longitude=longitude,
            latitude=latitude,
            operators=frozenset(part.strip() for part in row.get("operators", "").split(";") if part.strip()),
            range_km=_positive(row, "range_km"),
            road_km=_positive(row, "road_km"),
            safe=_yes(row, "safe"),
            consented=_yes(row, "consented"),
        )

    found = _read(path, CANDIDATE_COLUMNS, ("id", "latitude", "longitude"), candidate)
    ids = [each.site_id for each in found]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise InputError.single(path, f"ids used twice: {', '.join(twice[:5])}.", _WHY, "Give each place its own id.")
    return tuple(found)


def read_forecast(
    path: Path,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Read samples of a forecast: how many alleged violations each sample expects at each place.

    Returns
    -------
    tuple of arrays, shape (n,)
        Sample from 0 without gaps, longitude, latitude, expected number.

    Raises
    ------
    InputError
        With a fault for every row that cannot be read.
    """

    def expectation(row: Row) -> tuple[str, float, float, float]:
        latitude, longitude = _position(row)
        expected = _positive(row, "expected")
        if expected is None:
            raise _RowError("expected is empty; a cell that expects nothing is 0")
        return row["sample"], longitude, latitude, expected

    rows = _read(path, FORECAST_COLUMNS, FORECAST_COLUMNS, expectation)
    if not rows:
        raise InputError.single(path, "has no rows.", "There is nothing to see.", "Give samples.")
    sample = np.unique(np.array([row[0] for row in rows]), return_inverse=True)[1].astype(np.int64)
    longitude, latitude, expected = (np.array([row[k] for row in rows], dtype=np.float64) for k in (1, 2, 3))
    return sample.ravel(), longitude, latitude, expected


def _read(path: Path, columns: tuple[str, ...], needed: tuple[str, ...], build: Callable[[Row], Value]) -> list[Value]:
    rows = open_rows(path)
    rows.require(needed, format_name="siting")
    cells = {name: rows.text(name).to_pylist() for name in columns if name in rows.names}
    faults = list(rows.broken)
    found = []
    for number, line in enumerate(rows.lines):
        row = {name: values[number] for name, values in cells.items() if values[number] is not None}
        try:
            found.append(build(_whole(row, needed)))
        except _RowError as error:
            faults.append(
                Fault(path=rows.path, line=line, what=f"{error}.", why=_WHY, remedy="Correct the row, or leave it out.")
            )
    if faults:
        raise InputError(faults)
    return found


def _whole(row: Row, needed: tuple[str, ...]) -> Row:
    for name in needed:
        if name not in row:
            raise _RowError(f"{name} is empty")
    return row


def _position(row: Row) -> tuple[float, float]:
    try:
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
    except ValueError as error:
        raise _RowError(f"{error}") from error
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise _RowError(f"latitude {latitude:g}, longitude {longitude:g} is no place on the globe")
    return latitude, longitude


def _positive(row: Row, name: str) -> float | None:
    if name not in row:
        return None
    try:
        value = float(row[name])
    except ValueError as error:
        raise _RowError(f'{name} is "{row[name]}"') from error
    if not value >= 0 or not np.isfinite(value):
        raise _RowError(f"{name} is {row[name]}; it cannot be below zero")
    return value


def _yes(row: Row, name: str) -> bool | None:
    if name not in row:
        return None
    if row[name].casefold() not in _WORDS:
        raise _RowError(f'{name} is "{row[name]}"; write yes or no, or leave it empty where nobody says')
    return _WORDS[row[name].casefold()]
