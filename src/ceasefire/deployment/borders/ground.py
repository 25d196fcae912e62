"""What lies around a border and can be counted: incidents, settlements, and what else the user gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from ceasefire.deployment.borders.frame import Frame
from ceasefire.model.schemas import INCIDENT

if TYPE_CHECKING:
    from ceasefire.findings.situations import AreaPolygons

Floats = NDArray[np.float64]
UNKNOWN_HOLDER = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlements:
    """Places where people live, as columns of one length.

    Parameters
    ----------
    names : tuple of str
    longitude, latitude : array of float, shape (n,)
        Degrees.
    uncertainty_km : array of float, shape (n,)
        How far a settlement may lie from its point.
    people_low, people_high : array of float, shape (n,)
        NaN where nobody gives a population: unknown, never zero.
    holders : tuple of str
        Who is said to hold each: an actor id, several joined by " and ", "contested" or "unknown".
    """

    names: tuple[str, ...] = ()
    longitude: Floats = field(default_factory=lambda: np.zeros(0))
    latitude: Floats = field(default_factory=lambda: np.zeros(0))
    uncertainty_km: Floats = field(default_factory=lambda: np.zeros(0))
    people_low: Floats = field(default_factory=lambda: np.zeros(0))
    people_high: Floats = field(default_factory=lambda: np.zeros(0))
    holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Something else that the user wants counted: a hospital, a road, a crossing.

    Parameters
    ----------
    kind : str
        What it is counted as, such as "hospitals".
    shape : Geometry
        A point or points, a line or lines, or polygons; longitude and latitude.
    name : str or None
    """

    kind: str
    shape: shapely.Geometry
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that is counted.

    Parameters
    ----------
    incidents : Table
        Of schema `model.schemas.INCIDENT`: those of the period asked for.
    settlements : Settlements
    features : sequence of Feature
    boundaries : AreaPolygons or None
        Polygons of the administrative areas that incidents may be known to.
    """

    incidents: pa.Table = field(default_factory=INCIDENT.empty_table)
    settlements: Settlements = field(default_factory=Settlements)
    features: Sequence[Feature] = ()
    boundaries: AreaPolygons | None = None

    def in_frame(self, frame: Frame) -> Ground:
        """Return the ground after a turn of the globe; itself where there is none."""
        if frame.turn == 0:
            return self
        at = self.incidents.column_names.index("longitude")
        column = self.incidents["longitude"]
        turned = frame.longitude(column.to_numpy())
        longitude = pa.array(turned, pa.float64(), mask=np.isnan(turned))
        settlements = self.settlements
        return Ground(
            incidents=self.incidents.set_column(at, self.incidents.schema.field(at), longitude),
            settlements=Settlements(
                names=settlements.names,
                longitude=frame.longitude(settlements.longitude),
                latitude=settlements.latitude,
                uncertainty_km=settlements.uncertainty_km,
                people_low=settlements.people_low,
                people_high=settlements.people_high,
                holders=settlements.holders,
            ),
            features=[Feature(kind=one.kind, shape=_turned(one.shape, frame), name=one.name) for one in self.features],
            boundaries=None if self.boundaries is None else _Turned(self.boundaries, frame),
        )


@dataclass(frozen=True, slots=True)
class _Turned:
    """Administrative areas after a turn of the globe."""

    boundaries: AreaPolygons
    frame: Frame

    def find(self, name_path: str) -> shapely.Geometry | None:
        """Return the polygon, turned."""
        found = self.boundaries.find(name_path)
        return None if found is None else self.frame.shape(found)


def _turned(shape: shapely.Geometry, frame: Frame) -> shapely.Geometry:
    if shapely.get_dimensions(shape) == 2:
        return frame.shape(shape)
    return shapely.transform(
        shape, lambda xy: np.column_stack([frame.longitude(np.asarray(xy[:, 0], dtype=np.float64)), xy[:, 1]])
    )
