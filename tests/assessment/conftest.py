"""The training case, and incidents made up in it: in a harbour, on days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from ceasefire.agreement.case import Case
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.model.claims import Account, write_claims
from ceasefire.model.schemas import INCIDENT, table_of
from ceasefire.model.time import days_span
from ceasefire.territory.areas import AreaIndex

Incidents = Callable[..., pa.Table]


@pytest.fixture(scope="session")
def riverline() -> Case:
    return load_case(built_in_case("riverline"))


@pytest.fixture(scope="session")
def at_harbour(riverline: Case) -> Callable[..., dict[str, object]]:
    """Return a row of an incident in the middle of the harbour, or somewhere else."""
    version = riverline.areas["harbour"].versions[0]
    nominal = AreaIndex({version.id: (version, riverline.geometries[version.id])}).nominal(version.id)
    middle = nominal.representative_point()

    def row(name: str, first: date, last: date | None = None, **more: object) -> dict[str, object]:
        span = days_span(first, last or first, riverline.zone)
        sides = more.pop("sides", (("republic-army",), ("bank-brigade",)))
        claims = write_claims([Account(source_id="mission-daily", sides=sides, acts=("shelling",))])  # type: ignore[arg-type]
        return {
            "incident_id": name,
            "occurred_from": span.start,
            "occurred_until": span.end,
            "time_precision": "day",
            "covers": [],
            "place_precision": "point",
            "longitude": middle.x,
            "latitude": middle.y,
            "place_radius_km": 0.05,
            "area_name": "Westmark/Ford",
            "acts": ["shelling"],
            "claims": claims,
            **more,
        }

    return row


@pytest.fixture(scope="session")
def incident_table() -> Incidents:
    return lambda *rows: table_of(list(rows), INCIDENT)
