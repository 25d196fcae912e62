"""Which polygons points lie in: a raster cover answers most points, GEOS those in cells that a border passes.

The answers are those of shapely, point by point, for both predicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ceasefire.model.errors import UsageError
from ceasefire.model.time import EARLIEST, LATEST
from ceasefire.territory.cover import Cover, PolygonSets, cover

CHUNK = 1 << 16
"""Points at a time: the intermediate arrays of a chunk stay in the processor's cache."""
FINEST_CELLS = 1 << 20
"""Coarse cells at most; at 10,000,000 points a finer grid costs more to build than it saves."""
COARSEST_CELLS = 1 << 12
_POINTS_PER_CELL = 4
_REBUILD_FACTOR = 8
_FEW_EDGES = 24
"""Up to so many changes in time, comparing with each is quicker than searching."""

Predicate = Literal["intersects", "contains"]
Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
Instants = NDArray[np.int64]


class PolygonIndex:
    """Find the polygons that points lie in.

    Parameters
    ----------
    polygons : sequence of Polygon or MultiPolygon
        Longitude and latitude; valid in the sense of OGC. Empty ones hold no point.
    predicate : {"intersects", "contains"}
        Whether a point on a border is in the polygon ("intersects") or not ("contains").
    valid_from, valid_until : array of int, optional
        For each polygon, UTC microseconds from which and until which (exclusive) it stands; by default always. They
        count when a query gives instants.

    Raises
    ------
    UsageError
        When something is not a polygon or is not valid; names all of them.

    Notes
    -----
    The cover is built by the first query, sized to its number of points, and built finer when a much larger query
    comes. A query changes nothing else, so it answers alike in any order.
    """

    def __init__(
        self,
        polygons: Sequence[shapely.Geometry],
        *,
        predicate: Predicate = "intersects",
        valid_from: ArrayLike | None = None,
        valid_until: ArrayLike | None = None,
    ) -> None:
        if predicate not in ("intersects", "contains"):
            raise UsageError(f'predicate "{predicate}" is not known.', 'Give "intersects" or "contains".')
        _refuse_unfit(polygons)
        # copies, since preparing changes a geometry and a caller may hold it
        self._polygons = np.empty(len(polygons), dtype=np.object_)
        for number, polygon in enumerate(polygons):
            self._polygons[number] = shapely.force_2d(polygon)
        shapely.prepare(self._polygons)
        self.predicate = predicate
        self._valid_from = _instants(valid_from, len(polygons), EARLIEST, "valid_from")
        self._valid_until = _instants(valid_until, len(polygons), LATEST, "valid_until")
        self._cover: Cover | None = None
        self._n_cells = 0

    def __len__(self) -> int:
        """Return the number of polygons."""
        return len(self._polygons)

    def membership_codes(
        self, longitude: ArrayLike, latitude: ArrayLike, *, instants: ArrayLike | None = None
    ) -> tuple[Codes, Flags]:
        """Return each point's set of polygons as a small integer, and what the integers mean.

        Parameters
        ----------
        longitude, latitude : array of float, shape (n,)
            Degrees. A point with NaN lies in no polygon.
        instants : array of int, shape (n,), optional
            UTC microseconds; a polygon then holds a point only while it stands.

        Returns
        -------
        codes : int32, shape (n,)
        table : bool, shape (n_codes, n_polygons)
            Row `codes[i]` says which polygons hold point `i`; row 0 is no polygon. Rows may be unused.
        """
        x, y = _coordinates(longitude, latitude)
        codes, sets = self._codes(x, y)
        table = sets.table(len(self))
        if instants is None:
            return codes, table
        return self._standing(codes, table, _instants(instants, len(x), 0, "instants"))

    def pairs(
        self, longitude: ArrayLike, latitude: ArrayLike, *, instants: ArrayLike | None = None
    ) -> tuple[NDArray[np.int64], Codes]:
        """Return the pairs of a point and a polygon it lies in.

        Parameters
        ----------
        longitude, latitude : array of float, shape (n,)
            Degrees. A point with NaN lies in no polygon.
        instants : array of int, shape (n,), optional
            UTC microseconds; a polygon then holds a point only while it stands.

        Returns
        -------
        point_index : int64, shape (n_pairs,)
        polygon_index : int32, shape (n_pairs,)
            Sorted by point, then polygon.
        """
        codes, table = self.membership_codes(longitude, latitude, instants=instants)
        return expand_codes(codes, table)

    def _codes(self, x: Floats, y: Floats) -> tuple[Codes, PolygonSets]:
        """Look all points up in the cover, and test exactly those it leaves open."""
        raster = self._cover_for(len(x))
        if raster is None:
            return self._all_exact(x, y)
        codes = np.empty(len(x), dtype=np.int32)
        open_points = []
        for start in range(0, len(x), CHUNK):
            part = slice(start, start + CHUNK)
            entries = raster.entries(x[part], y[part])
            codes[part] = entries
            open_points.append(np.flatnonzero(entries < 0) + start)
        points = np.concatenate(open_points) if open_points else np.zeros(0, dtype=np.int64)
        sets = raster.sets.copy()
        doubt = ~codes[points]
        certain = np.array([code for code, _ in raster.doubts], dtype=np.int32)
        codes[points] = certain[doubt] if len(points) else 0
        to_test = [polygons for _, polygons in raster.doubts]
        for polygon, chosen in _by_polygon(doubt, to_test):
            self._test(polygon, points[chosen], x, y, codes, sets)
        return codes, sets

    def _all_exact(self, x: Floats, y: Floats) -> tuple[Codes, PolygonSets]:
        codes, sets = np.zeros(len(x), dtype=np.int32), PolygonSets()
        everything = np.arange(len(x))
        for polygon in range(len(self)):
            self._test(polygon, everything, x, y, codes, sets)
        return codes, sets

    def _test(
        self, polygon: int, points: NDArray[np.int64], x: Floats, y: Floats, codes: Codes, sets: PolygonSets
    ) -> None:
        """Test points exactly against one polygon, and add it to the sets of those it holds."""
        test = shapely.intersects_xy if self.predicate == "intersects" else shapely.contains_xy
        held = points[test(self._polygons[polygon], x[points], y[points])]
        codes[held] = sets.adding(codes[held], polygon)

    def _cover_for(self, n_points: int) -> Cover | None:
        if not len(self):
            return None
        wanted = int(np.clip(n_points // _POINTS_PER_CELL, COARSEST_CELLS, FINEST_CELLS))
        worth_it = min(self._n_cells * _REBUILD_FACTOR, FINEST_CELLS)
        if self._n_cells < wanted and wanted >= worth_it:
            self._cover, self._n_cells = cover(self._polygons, wanted), wanted
        return self._cover

    def _standing(self, codes: Codes, table: Flags, instants: Instants) -> tuple[Codes, Flags]:
        """Split each code by the spans of time in which the same polygons stand."""
        edges = np.unique(np.concatenate([self._valid_from, self._valid_until]))
        edges = edges[(edges > EARLIEST) & (edges < LATEST)]
        epoch_starts = np.concatenate([[np.int64(EARLIEST)], edges])
        stands = (self._valid_from <= epoch_starts[:, None]) & (epoch_starts[:, None] < self._valid_until)
        n_epochs = len(epoch_starts)
        split = np.empty_like(codes)
        for start in range(0, len(codes), CHUNK):
            part = slice(start, start + CHUNK)
            epoch = codes[part] * np.int32(n_epochs)
            if len(edges) <= _FEW_EDGES:
                for edge in edges:
                    epoch += instants[part] >= edge
            else:
                epoch += np.searchsorted(edges, instants[part], side="right").astype(np.int32)
            split[part] = epoch
        return split, (table[:, None, :] & stands[None]).reshape(-1, table.shape[1])


def expand_codes(codes: Codes, table: Flags) -> tuple[NDArray[np.int64], Codes]:
    """Turn membership codes into pairs.

    Parameters
    ----------
    codes : int32, shape (n,)
    table : bool, shape (n_codes, n_polygons)

    Returns
    -------
    point_index : int64, shape (n_pairs,)
    polygon_index : int32, shape (n_pairs,)
        Sorted by point, then polygon.
    """
    sizes = table.sum(axis=1, dtype=np.int64)
    ends = np.cumsum(sizes)
    members = np.nonzero(table)[1].astype(np.int32)
    total = int(np.bincount(codes, minlength=len(table)) @ sizes)
    point_index = np.empty(total, dtype=np.int64)
    polygon_index = np.empty(total, dtype=np.int32)
    numbers = np.arange(CHUNK * max(1, int(sizes.max(initial=0))))
    done = 0
    for start in range(0, len(codes), CHUNK):
        part = codes[start : start + CHUNK]
        counts = sizes.take(part)
        part_ends = np.cumsum(counts)
        n_pairs = int(part_ends[-1])
        point = np.repeat(numbers[: len(part)], counts)
        place = (ends.take(part) - part_ends).take(point)
        place += numbers[:n_pairs]
        members.take(place, out=polygon_index[done : done + n_pairs], mode="clip")  # with `out`, other modes copy
        point += start
        point_index[done : done + n_pairs] = point
        done += n_pairs
    return point_index, polygon_index


def valid_pairs(
    point_index: NDArray[np.int64],
    polygon_index: Codes,
    instants: ArrayLike,
    valid_from: ArrayLike,
    valid_until: ArrayLike,
) -> tuple[NDArray[np.int64], Codes]:
    """Keep the pairs whose polygon stands at the point's instant.

    Parameters
    ----------
    point_index, polygon_index : arrays of int, shape (n_pairs,)
    instants : array of int, shape (n_points,)
        UTC microseconds.
    valid_from, valid_until : array of int, shape (n_polygons,)
        UTC microseconds; `valid_until` is exclusive.

    Returns
    -------
    point_index, polygon_index
        In the same order.
    """
    when = np.asarray(instants, dtype=np.int64)[point_index]
    start = np.asarray(valid_from, dtype=np.int64)[polygon_index]
    end = np.asarray(valid_until, dtype=np.int64)[polygon_index]
    stands = (start <= when) & (when < end)
    return point_index[stands], polygon_index[stands]


def _by_polygon(doubt: Codes, to_test: list[list[int]]) -> list[tuple[int, NDArray[np.int64]]]:
    """Group open points (positions in `doubt`) by the polygon to be tested, ascending."""
    if not len(doubt):
        return []
    order = np.argsort(doubt, kind="stable")
    kinds, starts = np.unique(doubt[order], return_index=True)
    chosen: dict[int, list[NDArray[np.int64]]] = {}
    for kind, positions in zip(kinds, np.split(order, starts[1:]), strict=True):
        for polygon in to_test[kind]:
            chosen.setdefault(polygon, []).append(positions)
    return [(polygon, np.concatenate(chosen[polygon])) for polygon in sorted(chosen)]


def _coordinates(longitude: ArrayLike, latitude: ArrayLike) -> tuple[Floats, Floats]:
    x = np.ascontiguousarray(longitude, dtype=np.float64)
    y = np.ascontiguousarray(latitude, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise UsageError(
            f"longitude has shape {x.shape} and latitude {y.shape}.", "Give two one-dimensional arrays of one length."
        )
    return x, y


def _instants(values: ArrayLike | None, length: int, default: int, name: str) -> Instants:
    if values is None:
        return np.full(length, default, dtype=np.int64)
    array = np.asarray(values, dtype=np.int64)
    if array.shape != (length,):
        raise UsageError(f"{name} has shape {array.shape}, not ({length},).", "Give one instant for each.")
    return array


def _refuse_unfit(polygons: Sequence[shapely.Geometry]) -> None:
    unfit = []
    for number, polygon in enumerate(polygons):
        kind = getattr(polygon, "geom_type", type(polygon).__name__)
        if kind not in ("Polygon", "MultiPolygon"):
            unfit.append(f"number {number} is a {kind}")
        elif not polygon.is_valid:
            unfit.append(f"number {number} is not valid: {shapely.is_valid_reason(polygon)}")
    if unfit:
        raise UsageError(
            f"polygons that cannot be tested: {'; '.join(unfit)}.",
            "Give valid polygons; shapely.make_valid repairs most of them.",
        )
