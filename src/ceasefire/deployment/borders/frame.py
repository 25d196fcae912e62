"""A turn of the globe after which a border stays clear of the 180th meridian.

What measures areas (`territory.areas`) refuses shapes that cross that meridian. Turning the globe about its axis moves
every place alike and changes no distance, so a border across it is measured after a turn, and turned back for maps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ceasefire.deployment.borders.drawing import continuous

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """A turn of the globe.

    Parameters
    ----------
    turn : float
        Degrees by which longitudes are lessened; 0 leaves every number exactly as it is.
    """

    turn: float = 0.0

    @classmethod
    def of(cls, shapes: Iterable[shapely.Geometry]) -> Frame:
        """Return no turn where every shape lies between -180 and 180, else one that puts the first in the middle."""
        drawn = [continuous(each) for each in shapes]
        bounds = np.array([shapely.bounds(each) for each in drawn]).reshape(-1, 4)
        if (bounds[:, 0] >= -180).all() and (bounds[:, 2] <= 180).all():
            return cls()
        crossing = bounds[(bounds[:, 0] < -180) | (bounds[:, 2] > 180)][0]
        return cls(float((crossing[0] + crossing[2]) / 2))

    @classmethod
    def about(cls, shape: shapely.Geometry, longitude: float) -> Frame:
        """Return no turn where a shape, a place, and the way between them stay a degree clear of the 180th meridian."""
        left, _, right, _ = shapely.bounds(continuous(shape))
        middle = float(left + right) / 2
        is_near = min(left, longitude) < -179 or max(right, longitude) > 179 or abs(longitude - middle) > 180
        return cls(middle) if is_near else cls()

    def shape(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Turn a shape, joined where it was cut."""
        drawn = continuous(shape)
        if self.turn == 0:
            return drawn
        left, _, right, _ = shapely.bounds(drawn)
        middle = (left + right) / 2
        moved = float(self.longitude(np.array([middle]))[0]) - middle
        return shapely.transform(drawn, lambda xy: xy + np.array([moved, 0.0]))

    def longitude(self, longitude: Floats) -> Floats:
        """Turn longitudes; NaN stays NaN."""
        return longitude if self.turn == 0 else (longitude - self.turn + 180) % 360 - 180

    def back(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Turn a shape back for a map, cut at the 180th meridian as GeoJSON asks."""
        if self.turn == 0:
            return shape
        there = shapely.transform(shape, lambda xy: xy + np.array([self.turn, 0.0]))
        pieces = []
        for turns in (-1, 0, 1):
            window = shapely.box(-180 + 360 * turns, -90, 180 + 360 * turns, 90)
            cut = shapely.intersection(there, window)
            if not cut.is_empty:
                pieces.append(shapely.transform(cut, lambda xy, by=360.0 * turns: xy - np.array([by, 0.0])))
        polygons = [part for piece in pieces for part in shapely.get_parts(piece) if shapely.get_dimensions(part) == 2]
        return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
