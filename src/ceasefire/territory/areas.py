"""Whether places lie in the areas of an agreement, when both the place and the border are known only so well.

Every version of an area has two shapes: what is *certainly* in it and what is *possibly* in it. They differ by the
range of a belt's width, and by the uncertainty of the border on either side, which may be larger along some
stretches. A place is a disc: the whole disc in the certain shape is *yes*, none of it in the possible shape is *no*,
anything between is *undetermined*. Widening a shape by the disc's radius turns that into a question about the centre,
which `PolygonIndex` answers.

A border with no uncertainty belongs to its area: a place of radius 0 exactly on it is *yes*. A line or site without
width or radius has nothing that is certainly inside; within its uncertainty, and at least a metre, it is
*undetermined*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ceasefire.model.errors import UsageError
from ceasefire.model.vocabulary import Answer
from ceasefire.territory.geodesy import equal_area, grown, polygonal, shrunk
from ceasefire.territory.index import PolygonIndex
from ceasefire.territory.records import AreaVersion

_MANTISSAS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)
RADIUS_CLASSES_KM = np.array(
    [0.0, *(round(mantissa * 10.0**power, 10) for power in range(-3, 3) for mantissa in _MANTISSAS), 1000.0]
)
"""The radii that are computed, 0 and from a metre to 1000 km; others are rounded *up* to one of these.

Fixed, not fitted to the batch, so that one incident's answer never depends on which others are asked with it.
"""
_UPPER_KM = RADIUS_CLASSES_KM * (1 + 1e-6)
"""Up to where a radius counts as its class: 1.2 stored in 32 bits is a little more than 1.2."""
_LEAST_DOUBT_KM = 0.001
_DISC_CHORDS = 32

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Answers = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Shapes:
    """One version of an area.

    Parameters
    ----------
    certain, possible, nominal : Polygon or MultiPolygon
        By the low, the high and the middle width; the same for a polygon.
    uncertainty_km, hole_uncertainty_km : float
        Of the outer border, and of the borders of enclaves left out.
    stretches : list of (LineString, float)
        Where the border is uncertain by more, and by how many kilometres.
    """

    certain: shapely.Geometry
    possible: shapely.Geometry
    nominal: shapely.Geometry
    uncertainty_km: float
    hole_uncertainty_km: float
    stretches: list[tuple[shapely.Geometry, float]]

    @classmethod
    def of(cls, version: AreaVersion, geometry: shapely.Geometry) -> _Shapes:
        """Draw a version's shapes from its geometry, width and radius."""
        stretches = [(shapely.LineString(s.along), s.uncertainty_km) for s in version.uncertain_stretches]
        if version.width_km is not None:
            low, high = version.width_km.low, version.width_km.high
        elif version.radius_km is not None:
            low = high = version.radius_km
        elif shapely.get_dimensions(geometry) == 2:
            low = high = 0.0
        else:
            doubt = max(_LEAST_DOUBT_KM, version.uncertainty_km)
            drawn = grown(geometry, doubt)
            return cls(shapely.Polygon(), drawn, drawn, 0.0, 0.0, stretches)
        certain, possible = grown(geometry, low), grown(geometry, high)
        nominal = certain if low == high else grown(geometry, (low + high) / 2)
        outer = version.uncertainty_km
        holes = outer if version.hole_uncertainty_km is None else version.hole_uncertainty_km
        return cls(certain, possible, nominal, outer, holes, stretches)

    def inner(self, radius_km: float) -> shapely.Geometry:
        """Return the centres of discs that lie wholly in the area, whatever the border."""
        filled, holes = _parts(self.certain)
        shape = shrunk(filled, self.uncertainty_km + radius_km)
        if not holes.is_empty:
            shape = shapely.difference(shape, grown(holes, self.hole_uncertainty_km + radius_km))
        for line, uncertainty_km in self.stretches:
            shape = shapely.difference(shape, grown(line, uncertainty_km + radius_km))
        return polygonal(shape)

    def outer(self, radius_km: float) -> shapely.Geometry:
        """Return the centres of discs that may touch the area."""
        filled, holes = _parts(self.possible)
        shape = grown(filled, self.uncertainty_km + radius_km)
        if not holes.is_empty:
            shape = shapely.difference(shape, shrunk(holes, self.hole_uncertainty_km + radius_km))
        for line, uncertainty_km in self.stretches:
            shape = shapely.union(shape, grown(line, uncertainty_km + radius_km))
        return polygonal(shape)


def _parts(area: shapely.Geometry) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Return an area without its holes, and the holes."""
    polygons = shapely.get_parts(area)
    filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(polygons))) if len(polygons) else area
    # an island in a hole stays inside: what is left of the filled area is all that is out
    return filled, polygonal(shapely.difference(filled, area))


class AreaIndex:
    """Answer whether places lie in the versions of areas.

    Parameters
    ----------
    versions : mapping of str to (AreaVersion, Geometry)
        By version id; geometries in longitude and latitude (WGS84).

    Raises
    ------
    UsageError
        When a geometry is empty, invalid, or cannot be widened; names all such versions.

    Notes
    -----
    Shapes are computed once per version and radius class and kept. Distances are never short and at most 0.3 % long
    (see `geodesy`), and radii are rounded up to `RADIUS_CLASSES_KM`; both only ever turn *yes* or *no* into
    *undetermined*.
    """

    def __init__(self, versions: Mapping[str, tuple[AreaVersion, shapely.Geometry]]) -> None:
        self.version_ids: tuple[str, ...] = tuple(versions)
        self._shapes: dict[str, _Shapes] = {}
        unfit = []
        for version_id, (version, geometry) in versions.items():
            if geometry.is_empty or not geometry.is_valid:
                why = "is empty" if geometry.is_empty else shapely.is_valid_reason(geometry)
                unfit.append(f"{version_id}: {why}")
                continue
            try:
                self._shapes[version_id] = _Shapes.of(version, shapely.force_2d(geometry))
            except UsageError as error:
                unfit.append(f"{version_id}: {error.what}")
        if unfit:
            raise UsageError(f"areas that cannot be tested: {'; '.join(unfit)}.", "Correct their GeoJSON features.")
        self._zones: dict[tuple[str, float], tuple[shapely.Geometry, shapely.Geometry]] = {}
        self._indexes: dict[float, PolygonIndex] = {}

    def answers(self, longitude: ArrayLike, latitude: ArrayLike, radius_km: ArrayLike) -> Answers:
        """Answer for each place and version whether the place lies in it.

        Parameters
        ----------
        longitude, latitude : array of float, shape (n,)
            Degrees; NaN where the place is not a disc.
        radius_km : float or array of float, shape (n,)
            Of the disc; NaN where not known.

        Returns
        -------
        uint8, shape (n, n_versions)
            `Answer` values: yes, no or undetermined; undetermined for any NaN.

        Raises
        ------
        UsageError
            When a radius is negative or beyond 1000 km, or the arrays differ in length.
        """
        codes, table = self.answer_codes(longitude, latitude, radius_km)
        return table[codes]

    def answer_codes(self, longitude: ArrayLike, latitude: ArrayLike, radius_km: ArrayLike) -> tuple[Codes, Answers]:
        """Answer as `answers` does, with each place's row of answers as a small integer.

        Returns
        -------
        codes : int32, shape (n,)
        table : uint8, shape (n_codes, n_versions)
            Distinct rows of `Answer` values; row 0 is all undetermined. `table[codes]` is what `answers` returns.
        """
        x = np.ascontiguousarray(longitude, dtype=np.float64)
        y = np.ascontiguousarray(latitude, dtype=np.float64)
        radius = np.broadcast_to(np.asarray(radius_km, dtype=np.float64), x.shape)
        rows: dict[bytes, int] = {}
        unknown = np.full(len(self.version_ids), Answer.UNDETERMINED, dtype=np.uint8)
        rows[unknown.tobytes()] = 0
        codes = np.zeros(len(x), dtype=np.int32)
        for class_km, chosen in _by_class(radius):
            px, py = (x, y) if chosen is None else (x[chosen], y[chosen])
            part, table = self._index(class_km).membership_codes(px, py)
            translation = self._translation(table, rows)
            part = translation.take(part)
            part[~(np.isfinite(px) & np.isfinite(py))] = 0
            if chosen is None:
                codes = part
            else:
                codes[chosen] = part
        answers = np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), len(self.version_ids))
        return codes, answers

    def answers_polygon(self, polygon: shapely.Geometry) -> Answers:
        """Answer for each version whether a place lies in it that is known only to be somewhere in a polygon.

        Parameters
        ----------
        polygon : Polygon or MultiPolygon
            Longitude and latitude.

        Returns
        -------
        uint8, shape (n_versions,)
            Yes when the polygon lies wholly in the area, no when it at most touches it, else undetermined; both
            beyond the uncertainty of the border.
        """
        answers = np.full(len(self.version_ids), Answer.UNDETERMINED, dtype=np.uint8)
        if polygon.is_empty:
            return answers
        for number, version_id in enumerate(self.version_ids):
            inner, outer = self._zone(version_id, 0.0)
            if shapely.covers(inner, polygon):
                answers[number] = Answer.YES
            elif not shapely.intersects(outer, polygon) or shapely.touches(outer, polygon):
                answers[number] = Answer.NO
        return answers

    def share_inside(
        self, version_id: str, longitude: ArrayLike, latitude: ArrayLike, radius_km: ArrayLike
    ) -> NDArray[np.float32]:
        """Return how much of each place's disc lies within the nominal border.

        Parameters
        ----------
        version_id : str
        longitude, latitude : array of float, shape (n,)
        radius_km : float or array of float, shape (n,)

        Returns
        -------
        float32, shape (n,)
            Share of the disc's area, 0 to 1; of a disc of radius 0 either. NaN for any NaN.
        """
        x, y = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        discs = np.column_stack([x, y, np.broadcast_to(np.asarray(radius_km, dtype=np.float64), x.shape)])
        share = np.full(len(x), np.nan, dtype=np.float32)
        known = np.flatnonzero(np.isfinite(discs).all(axis=1))
        distinct, which = np.unique(discs[known], axis=0, return_inverse=True)
        share[known] = _disc_shares(self.nominal(version_id), distinct)[which.ravel()]
        return share

    def share_inside_polygon(self, version_id: str, polygon: shapely.Geometry) -> float:
        """Return the share of a polygon's area within the nominal border, 0 to 1; NaN for an empty polygon."""
        if polygon.is_empty:
            return float("nan")
        project = equal_area(polygon)
        shape = _sound(project(polygon))
        return float(shapely.intersection(shape, _sound(project(self.nominal(version_id)))).area / shape.area)

    def nominal(self, version_id: str) -> shapely.Geometry:
        """Return the area as drawn: the polygon, the belt of middle width, or the site's disc."""
        return self._shapes_of(version_id).nominal

    def uncertain_band(self, version_id: str, radius_km: float = 0.0) -> shapely.Geometry:
        """Return where a disc of this radius (rounded up to a class) would have its centre to be *undetermined*."""
        inner, outer = self._zone(version_id, radius_class(radius_km))
        return polygonal(shapely.difference(outer, inner))

    def _shapes_of(self, version_id: str) -> _Shapes:
        shapes = self._shapes.get(version_id)
        if shapes is None:
            raise UsageError(
                f'there is no area version "{version_id}".', f"Known versions: {', '.join(self.version_ids)}."
            )
        return shapes

    def _zone(self, version_id: str, class_km: float) -> tuple[shapely.Geometry, shapely.Geometry]:
        shapes = self._shapes_of(version_id)
        key = (version_id, class_km)
        if key not in self._zones:
            self._zones[key] = shapes.inner(class_km), shapes.outer(class_km)
        return self._zones[key]

    def _index(self, class_km: float) -> PolygonIndex:
        """Return the index over all inner shapes and then all outer shapes."""
        if class_km not in self._indexes:
            zones = [self._zone(version_id, class_km) for version_id in self.version_ids]
            self._indexes[class_km] = PolygonIndex([inner for inner, _ in zones] + [outer for _, outer in zones])
        return self._indexes[class_km]

    def _translation(self, table: NDArray[np.bool_], rows: dict[bytes, int]) -> Codes:
        """Turn membership in inner and outer shapes into rows of answers, entering new ones in `rows`."""
        n = len(self.version_ids)
        answers = np.where(table[:, :n], Answer.YES, np.where(table[:, n:], Answer.UNDETERMINED, Answer.NO))
        known = [rows.setdefault(row.tobytes(), len(rows)) for row in answers.astype(np.uint8)]
        return np.array(known, dtype=np.int32)


def radius_class(radius_km: float) -> float:
    """Round a radius up to one of `RADIUS_CLASSES_KM`.

    Raises
    ------
    UsageError
        When it is negative or beyond the largest class.

    Examples
    --------
    >>> radius_class(25), radius_class(22), radius_class(0)
    (25.0, 25.0, 0.0)
    """
    return float(RADIUS_CLASSES_KM[_class_number(radius_km)])


def _class_number(radius_km: float) -> int:
    if not 0 <= radius_km <= _UPPER_KM[-1]:
        raise UsageError(
            f"a place has a radius of {radius_km:g} km.",
            f"Give radii from 0 to {RADIUS_CLASSES_KM[-1]:g} km; a place known less well is an area.",
        )
    return int(np.searchsorted(_UPPER_KM, radius_km))


def _by_class(radius_km: Floats) -> list[tuple[float, NDArray[np.int64] | None]]:
    """Group places by radius class; None stands for all of them. NaN is in no group.

    Few classes are usual, so each is picked by two comparisons; sorting ten million radii would take a second.
    """
    groups: list[tuple[float, NDArray[np.int64] | None]] = []
    left = np.flatnonzero(~np.isnan(radius_km))
    while len(left):
        rest = radius_km if len(left) == len(radius_km) else radius_km[left]
        number = _class_number(float(rest[0]))
        class_km = float(RADIUS_CLASSES_KM[number])
        here = (rest >= 0) & (rest <= _UPPER_KM[number])
        if number:
            here &= rest > _UPPER_KM[number - 1]
        if len(left) == len(radius_km) and here.all():
            return [(class_km, None)]
        groups.append((class_km, left[here]))
        left = left[~here]
    return groups


def _sound(flat: shapely.Geometry) -> shapely.Geometry:
    """Mend what projecting may break: rounding turns a sliver of a valid polygon inside out."""
    return flat if flat.is_valid else shapely.make_valid(flat, method="structure", keep_collapsed=False)


def _disc_shares(area: shapely.Geometry, discs: Floats) -> NDArray[np.float32]:
    """Return the share of discs (longitude, latitude, km) in an area, in a projection that keeps areas."""
    if not len(discs):
        return np.zeros(0, dtype=np.float32)
    project = equal_area(area)
    flat = _sound(project(area))
    shapely.prepare(flat)
    centres = project(shapely.points(discs[:, :2]))
    distance = shapely.distance(shapely.boundary(flat), centres)
    share = shapely.intersects(flat, centres).astype(np.float32)
    crossed = np.flatnonzero(distance < discs[:, 2])
    drawn = shapely.buffer(centres[crossed], discs[crossed, 2], quad_segs=_DISC_CHORDS)
    share[crossed] = np.minimum(shapely.area(shapely.intersection(flat, drawn)) / shapely.area(drawn), 1)
    return np.asarray(share)
