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
    point, candidate = np.nonzero(sees)
    target = np.column_stack([each[point] for each in points])
    eye = np.column_stack([each[candidate] for each in candidates])
    km = np.asarray(_GEOD.inv(eye[:, 0], eye[:, 1], target[:, 0], target[:, 1])[2]) / 1000
    steps = np.maximum(2, np.ceil(km / (elevation.step * 111.2 / 2))).astype(np.int64)
    # rays of about one length together, and no more at once than fit into some megabytes
    for count in np.unique(steps):
        mine = np.flatnonzero(steps == count)
        for rows in np.array_split(mine, max(1, len(mine) * int(count) // _AT_ONCE)):
            free = _are_clear((eye[rows], target[rows], km[rows]), int(count), elevation, (eye_m, target_m))
            clear[point[rows], candidate[rows]] = free
    return clear


_AT_ONCE = 1_000_000


def _are_clear(
    rays: tuple[Floats, Floats, Floats], steps: int, elevation: Elevation, above_m: tuple[float, float]
) -> Flags:
    """Return which rays no ground stands in the way of: eyes and targets, shape (n, 2), and kilometres, shape (n,)."""
    eye, target, km = rays
    part = np.linspace(0.0, 1.0, steps + 1)
    longitude, latitude = (eye[:, k, None] + part * (target[:, k, None] - eye[:, k, None]) for k in (0, 1))
    ground = elevation.at(longitude, latitude)
    along = part * km[:, None]
    bulge = along * (km[:, None] - along) / (2 * _EARTH_KM) * (1 - _REFRACTION) * 1000
    first, last = ground[:, :1] + above_m[0], ground[:, -1:] + above_m[1]
    ray = first + part * (last - first)
    with np.errstate(invalid="ignore"):
        free = (ground + bulge <= ray)[:, 1:-1].all(axis=1)
    return np.asarray(free & np.isfinite(ground).all(axis=1))
