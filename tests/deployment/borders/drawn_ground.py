"""Borders and what lies around them, for tests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ceasefire.deployment.borders.ground import Ground, Settlements
from ceasefire.model.schemas import INCIDENT
from ceasefire.territory.records import AreaVersion

Floats = NDArray[np.float64]


def version(uncertainty_km: float = 0.0, **more: object) -> AreaVersion:
    """Return a version of an area with a border known so well."""
    return AreaVersion.model_validate(
        {
            "id": "drawn",
            "file": "areas.geojson",
            "feature": "drawn",
            "standing": "reconstructed",
            "uncertainty_km": uncertainty_km,
            "sources": ("reconstruction",),
            **more,
        }
    )


def incidents_at(longitude: Floats, latitude: Floats, radius_km: Floats) -> pa.Table:
    """Return incidents at discs, with nothing else said of them."""
    n = len(longitude)
    columns = {field.name: pa.nulls(n, field.type) for field in INCIDENT}
    columns["incident_id"] = pa.array([f"inc-{number}" for number in range(n)])
    columns["longitude"], columns["latitude"] = pa.array(longitude), pa.array(latitude)
    columns["place_radius_km"] = pa.array(radius_km, pa.float32())
    precision = INCIDENT.field("place_precision").type
    columns["place_precision"] = pa.array(["near"] * n, pa.string()).dictionary_encode().cast(precision)
    return pa.table(columns, schema=INCIDENT)


def ground_at(longitude: Floats, latitude: Floats, radius_km: Floats) -> Ground:
    """Return incidents at discs, and settlements at the same points, every third without a population."""
    n = len(longitude)
    people = np.where(np.arange(n) % 3 == 0, np.nan, 100.0 * (1 + np.arange(n)))
    return Ground(
        incidents=incidents_at(longitude, latitude, radius_km),
        settlements=Settlements(
            names=tuple(f"town {number}" for number in range(n)),
            longitude=longitude,
            latitude=latitude,
            uncertainty_km=np.zeros(n),
            people_low=people,
            people_high=people * 1.5,
            holders=tuple(("a", "b", "unknown")[number % 3] for number in range(n)),
        ),
    )
