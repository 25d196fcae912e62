"""Borders and what lies around them, for tests."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely
from hypothesis import assume
from hypothesis import strategies as st
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


def star(rng: np.random.Generator, x: float, y: float, size: float, corners: int) -> NDArray[np.float64]:
    """Return the corners of a polygon around a point that never crosses itself."""
    angle = (np.arange(corners) + rng.uniform(0, 0.9, corners)) * 2 * np.pi / corners
    radius = rng.uniform(0.3, 1.0, corners) * size
    ring = np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)])
    return np.vstack([ring, ring[:1]])


@st.composite
def drawings(draw: st.DrawFn) -> tuple[shapely.Geometry, int]:
    """Draw a polygon with a hole, an island and a sliver, anywhere, often across the 180th meridian."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    x = draw(st.sampled_from([36.5, -70.0, 179.95, -179.9, 0.0]))
    y = draw(st.sampled_from([35.0, -33.0, 0.1, 64.0]))
    shape = shapely.Polygon(star(rng, x, y, 0.5, 12))
    if draw(st.booleans()):
        shape = shapely.difference(shape, shapely.Polygon(star(rng, x, y, 0.12, 7)))
    if draw(st.booleans()):
        shape = shapely.union(shape, shapely.Polygon(star(rng, x + 0.9, y + 0.2, 0.2, 6)))
    if draw(st.booleans()):
        shape = shapely.union(shape, shapely.box(x - 0.9, y - 0.00002, x, y + 0.00002))
    assume(shape.is_valid and shape.geom_type in ("Polygon", "MultiPolygon"))
    return shape, seed
