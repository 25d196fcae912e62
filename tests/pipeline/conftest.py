"""A workspace of the training case, made once and copied for each test that changes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ceasefire.pipeline.workspace import Workspace


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a workspace of riverline, with its results; not to be changed."""
    folder = tmp_path_factory.mktemp("workspace") / "riverline"
    with Workspace.create(folder, "riverline", author="Amal") as workspace:
        workspace.run()
    return folder


@pytest.fixture
def workspace(made_once: Path, tmp_path: Path) -> Iterator[Workspace]:
    """Return a workspace of riverline that a test may change."""
    folder = tmp_path / "mission"
    shutil.copytree(made_once, folder)
    with Workspace.open(folder, author="Badr") as opened:
        yield opened


def ged_row(number: int, **changes: object) -> dict[str, object]:
    """Return a row of a UCDP file: a clash in riverline's North Bank on 21 April 2021."""
    return {
        "id": number,
        "type_of_violence": 1,
        "side_a": "Republic of Velmar",
        "side_b": "Northern Assembly",
        "where_prec": 1,
        "latitude": 10.2,
        "longitude": 20.1,
        "date_prec": 1,
        "date_start": "2021-04-21",
        "date_end": "2021-04-21",
        "deaths_a": 1,
        "deaths_b": 0,
        "deaths_civilians": 0,
        "deaths_unknown": 0,
        "best": 1,
        "high": 2,
        "low": 1,
        **changes,
    }


def write_ged(path: Path, *rows: dict[str, object]) -> Path:
    """Write rows as CSV."""
    lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
