"""What is seen from where: within range on the ground, and over the terrain where elevation is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

from ceasefire.model.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_GEOD = Geod(ellps="WGS84")
_EARTH_KM = 6371.0
_REFRACTION = 0.13
"""Of light near the ground: rays bend with about a seventh of the earth's curvature."""


def on_globe_km(longitude: Floats, latitude: Floats) -> Floats:
    """Return positions in space, shape (n, 3): chords between them are ground distances to 0.2 m at 50 km."""
    project = Transformer.from_crs("OGC:CRS84", "EPSG:4978", always_xy=True)
    x, y, z = project.transform(longitude, latitude, np.zeros(len(longitude)))
    return np.column_stack([x, y, z]) / 1000


def in_range(points: tuple[Floats, Floats], candidates: tuple[Floats, Floats], range_km: Floats) -> Flags:
    """Return which points lie within each candidate's range.

    Parameters
    ----------
    points, candidates : tuple of float arrays
        Longitude and latitude, shapes (n,) and (m,).
    range_km : float array, shape (m,)

    Returns
    -------
    bool array, shape (n, m)
    """
    sees = np.zeros((len(points[0]), len(candidates[0])), dtype=bool)
    if sees.size:
        tree = cKDTree(on_globe_km(*points))
        for number, found in enumerate(tree.query_ball_point(on_globe_km(*candidates), range_km)):
            sees[found, number] = True
    return sees


@dataclass(frozen=True, slots=True)
class Elevation:
    """Heights of the ground on a grid of degrees.

    Parameters
    ----------
    west, south, step : float
        Degrees: the middle of the south-western cell, and the side of a cell.
    metres : float array, shape (rows from the south, columns from the west)
        NaN where unknown.
    """

    west: float
    south: float
    step: float
    metres: Floats

    def at(self, longitude: Floats, latitude: Floats) -> Floats:
        """Return heights between the cells' middles, bilinear; NaN outside and beside unknown cells."""
        x, y = (longitude - self.west) / self.step, (latitude - self.south) / self.step
        column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        rows, columns = self.metres.shape
        inside = (column >= 0) & (row >= 0) & (column < columns - 1) & (row < rows - 1)
        c, r = np.where(inside, column, 0), np.where(inside, row, 0)
        fx, fy = x - column, y - row
        lower = self.metres[r, c] * (1 - fx) + self.metres[r, c + 1] * fx
        upper = self.metres[r + 1, c] * (1 - fx) + self.metres[r + 1, c + 1] * fx
        return np.where(inside, lower * (1 - fy) + upper * fy, np.nan)


def read_elevation(path: Path | str) -> Elevation:
    """Read an ESRI ASCII grid in degrees (WGS 84).

    Raises
    ------
    InputError
        When it cannot be read as one.
    """
    try:
        lines = Path(path).read_text(encoding="ascii").split("\n", 6)
        head = {key.lower(): float(value) for key, value in (line.split() for line in lines[:6])}
        metres = np.array(lines[6].split(), dtype=np.float64).reshape(int(head["nrows"]), int(head["ncols"]))
        west = head["xllcenter"] if "xllcenter" in head else head["xllcorner"] + head["cellsize"] / 2
        south = head["yllcenter"] if "yllcenter" in head else head["yllcorner"] + head["cellsize"] / 2
        metres[metres == head["nodata_value"]] = np.nan
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise InputError.single(
            path,
            f"cannot be read as an ESRI ASCII grid: {error}.",
            "Without heights nothing can be said of what a hill hides.",
            "Begin it with ncols, nrows, xllcorner, yllcorner, cellsize (degrees) and NODATA_value, then the rows.",
        ) from error
    return Elevation(west, south, head["cellsize"], metres[::-1].copy())


def not_hidden(
    sees: Flags,
    points: tuple[Floats, Floats],
    candidates: tuple[Floats, Floats],
    elevation: Elevation,
    *,
    eye_m: float = 10.0,
    target_m: float = 2.0,
) -> Flags:
    """Return `sees` without the pairs between which the ground stands in the way.

    A ray is followed in steps of half a cell over the curved earth. Where heights along it are unknown, the pair is
    not seen: nobody can promise it.

    Parameters
    ----------
    sees : bool array, shape (n, m)
    points, candidates : tuple of float arrays
        Longitude and latitude, shapes (n,) and (m,).
    elevation : Elevation
    eye_m, target_m : float
        Above the ground, at the post and at what is seen.
    """
    clear = np.zeros_like(sees)
    for point, candidate in np.argwhere(sees):
        clear[point, candidate] = _is_clear(
            (float(points[0][point]), float(points[1][point])),
            (float(candidates[0][candidate]), float(candidates[1][candidate])),
            elevation,
            eye_m,
            target_m,
        )
    return clear


def _is_clear(
    point: tuple[float, float], eye: tuple[float, float], elevation: Elevation, eye_m: float, target_m: float
) -> bool:
    distance_km = float(_GEOD.inv(*eye, *point)[2]) / 1000
    steps = max(2, int(np.ceil(distance_km / (elevation.step * 111.2 / 2))))
    part = np.linspace(0.0, 1.0, steps + 1)
    longitude, latitude = eye[0] + part * (point[0] - eye[0]), eye[1] + part * (point[1] - eye[1])
    ground = elevation.at(longitude, latitude)
    if np.isnan(ground).any():
        return False
    along = part * distance_km
    bulge = along * (distance_km - along) / (2 * _EARTH_KM) * (1 - _REFRACTION) * 1000
    ray = (ground[0] + eye_m) + part * ((ground[-1] + target_m) - (ground[0] + eye_m))
    return bool((ground + bulge <= ray)[1:-1].all())
