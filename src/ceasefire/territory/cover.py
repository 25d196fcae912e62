"""A raster cover of polygons: for each cell, the polygons it certainly lies in and those that need an exact test.

Two levels: coarse cells, and `SPLIT` x `SPLIT` fine cells inside each coarse cell that a border touches. A point's
place in both comes from one integer pair, so the levels cannot disagree.

Why a cell's answer is exact. A cell counts as touched when an edge meets the closed cell grown by `MARGIN` of a fine
cell; the rounding of `(x - origin) * scale` and of the clipping below is smaller by five orders of magnitude. So a
point that rounding puts into a neighbouring cell, or that lies on a cell line, is still in a cell whose answer
holds. A cell that no edge touches is uniform: one crossing count settles it. Everything else is left to GEOS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

SPLIT_BITS = 3
SPLIT = 1 << SPLIT_BITS
MARGIN = 1e-6
"""Of a fine cell: by how much cells are grown when they are tested for a border."""
_FLAT = 1e5
"""Edges flatter than this are taken over their whole width in each row: interpolating along them would lose digits."""
_LONGEST_SIDE = 1 << 11
"""Coarse cells along a side at most: fine coordinates stay below 2**15, where rounding is below 1e-11 of a cell."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


class PolygonSets:
    """Sets of polygons as small integers; 0 is the empty set.

    Parameters
    ----------
    masks : list of int
        Each set as a bit mask; the first is 0.
    """

    def __init__(self, masks: list[int] | None = None) -> None:
        self.masks = [0] if masks is None else list(masks)
        self._codes = {mask: code for code, mask in enumerate(self.masks)}

    def copy(self) -> PolygonSets:
        """Return sets that can grow without changing these."""
        return PolygonSets(self.masks)

    def code(self, mask: int) -> int:
        """Return the code of a set, a new one when it was not known."""
        code = self._codes.get(mask)
        if code is None:
            code = self._codes[mask] = len(self.masks)
            self.masks.append(mask)
        return code

    def adding(self, codes: Codes, polygon: int) -> Codes:
        """Return the codes of the same sets with `polygon` in each."""
        if not len(codes):
            return codes
        translation = np.zeros(int(codes.max()) + 1, dtype=np.int32)
        for code in np.flatnonzero(np.bincount(codes)):
            translation[code] = self.code(self.masks[code] | (1 << polygon))
        return translation[codes]

    def members(self, mask: int) -> list[int]:
        """Return the polygons of a bit mask, ascending."""
        return [int(i) for i in np.flatnonzero(_unpacked([mask], mask.bit_length())[0])]

    def table(self, n_polygons: int) -> Flags:
        """Return which polygons each code holds, shape (n_codes, n_polygons)."""
        return _unpacked(self.masks, n_polygons)


def _unpacked(masks: list[int], n_bits: int) -> Flags:
    width = (n_bits + 7) // 8
    packed = np.frombuffer(b"".join(mask.to_bytes(width, "little") for mask in masks), dtype=np.uint8)
    bits = np.unpackbits(packed.reshape(len(masks), width), axis=1, bitorder="little", count=n_bits or None)
    return bits[:, :n_bits].astype(np.bool_)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells lie: fine cell (0, 0) has its corner at the origin; a rim of coarse cells lies outside all.

    Parameters
    ----------
    x, y : float
        The corner, in the polygons' coordinates.
    scale_x, scale_y : float
        Fine cells per unit.
    columns, rows : int
        Coarse cells, the rim of one on each side included.
    """

    x: float
    y: float
    scale_x: float
    scale_y: float
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: Floats, n_cells: int) -> Grid | None:
        """Lay about `n_cells` coarse cells over the bounds; None where the extent is too odd to divide."""
        if not np.all(np.isfinite(bounds)):
            return None
        left, bottom, right, top = (float(b) for b in bounds)
        width, height = right - left, top - bottom
        if not (0 < width < 1e100 and 0 < height < 1e100) or min(width, height) < 1e-100:
            return None
        ratio = np.sqrt(n_cells * width / height)
        columns = int(np.clip(round(ratio), 1, _LONGEST_SIDE))
        rows = int(np.clip(round(n_cells / columns), 1, _LONGEST_SIDE))
        cell_x, cell_y = width / columns, height / rows
        return cls(left - cell_x, bottom - cell_y, SPLIT / cell_x, SPLIT / cell_y, columns + 2, rows + 2)

    def fine(self, longitude: Floats, latitude: Floats) -> tuple[Codes, Codes]:
        """Return the fine column and row of each point; NaN and what lies outside go to the rim."""
        column = _clipped(longitude, self.x, self.scale_x, self.columns * SPLIT - 1)
        row = _clipped(latitude, self.y, self.scale_y, self.rows * SPLIT - 1)
        return column, row


def _clipped(values: Floats, origin: float, scale: float, last: int) -> Codes:
    place = values - origin
    with np.errstate(over="ignore"):  # a point far enough away to overflow is outside
        place *= scale
    np.fmax(place, 0.0, out=place)  # fmax, unlike maximum, turns NaN into the rim
    np.fmin(place, float(last), out=place)
    return place.astype(np.int32)


@dataclass(frozen=True, slots=True)
class Cover:
    """The classified cells.

    Parameters
    ----------
    grid : Grid
    coarse : int32, shape (rows * columns,)
        Code of the set of polygons the cell lies in; where negative, `~value` is a block of `fine`.
    fine : int32, shape (n_blocks * SPLIT * SPLIT,)
        Likewise; where negative, `~value` is a row of `doubts`.
    doubts : list of (int, list of int)
        The code of the certain set, and the polygons to be tested exactly.
    sets : PolygonSets
    """

    grid: Grid
    coarse: Codes
    fine: Codes
    doubts: list[tuple[int, list[int]]]
    sets: PolygonSets

    def entries(self, longitude: Floats, latitude: Floats) -> Codes:
        """Return each point's code, or `~row` of `doubts`."""
        column, row = self.grid.fine(longitude, latitude)
        cell = (row >> SPLIT_BITS) * np.int32(self.grid.columns)
        cell += column >> SPLIT_BITS
        entries = self.coarse.take(cell)
        split = np.flatnonzero(entries < 0)
        if len(split):
            place = ~entries[split]
            place *= SPLIT * SPLIT
            place += (row[split] & (SPLIT - 1)) * np.int32(SPLIT)
            place += column[split] & (SPLIT - 1)
            entries[split] = self.fine.take(place)
        return entries


@dataclass(frozen=True, slots=True)
class _Raster:
    """One polygon on the grid.

    Parameters
    ----------
    inside : int64, shape (n,)
        Coarse cells (flat) certainly in the polygon.
    border : int64, shape (m,)
        Coarse cells that an edge touches.
    fine_inside, fine_border : bool, shape (m, SPLIT, SPLIT)
        Fine cells of the border cells: certainly in the polygon; touched by an edge.
    """

    inside: Indices
    border: Indices
    fine_inside: Flags
    fine_border: Flags


def cover(polygons: NDArray[np.object_], n_cells: int) -> Cover | None:
    """Classify about `n_cells` coarse cells over the polygons.

    Parameters
    ----------
    polygons : array of Polygon or MultiPolygon
        Valid ones; empty ones are never entered.
    n_cells : int
        Coarse cells wanted; the fine ones are `SPLIT` squared times as many, where a border passes.

    Returns
    -------
    Cover or None
        None when the polygons' extent cannot be divided; all points then need the exact test.
    """
    grid = Grid.over(shapely.total_bounds(polygons), n_cells)
    if grid is None:
        return None
    sets = PolygonSets()
    coarse = np.zeros(grid.rows * grid.columns, dtype=np.int32)
    rasters = []
    touched = np.zeros(len(coarse), dtype=np.bool_)
    for number, polygon in enumerate(polygons):
        raster = _raster(polygon, grid)
        rasters.append(raster)
        coarse[raster.inside] = sets.adding(coarse[raster.inside], number)
        touched[raster.border] = True
    blocks = np.flatnonzero(touched)
    fine = np.repeat(coarse[blocks], SPLIT * SPLIT).reshape(-1, SPLIT, SPLIT)
    open_sets = PolygonSets()
    open_codes = np.zeros_like(fine)
    block_of = np.zeros(len(coarse), dtype=np.int32)
    block_of[blocks] = np.arange(len(blocks), dtype=np.int32)
    for number, raster in enumerate(rasters):
        block = block_of[raster.border]
        _add(fine, block, raster.fine_inside, sets, number)
        _add(open_codes, block, raster.fine_border, open_sets, number)
    flat, doubts = _with_doubts(fine.ravel(), open_codes.ravel(), open_sets)
    coarse[blocks] = ~np.arange(len(blocks), dtype=np.int32)
    return Cover(grid, coarse, flat, doubts, sets)


def _add(codes: Codes, block: Codes, chosen: Flags, sets: PolygonSets, polygon: int) -> None:
    part = codes[block]
    part[chosen] = sets.adding(part[chosen], polygon)
    codes[block] = part


def _with_doubts(codes: Codes, open_codes: Codes, open_sets: PolygonSets) -> tuple[Codes, list[tuple[int, list[int]]]]:
    """Replace the codes of cells with open polygons by `~row` of the doubts."""
    cells = np.flatnonzero(open_codes)
    keys = codes[cells].astype(np.int64) * len(open_sets.masks) + open_codes[cells]
    kinds, rows = np.unique(keys, return_inverse=True)
    codes = codes.copy()
    codes[cells] = ~rows.astype(np.int32)
    doubts = []
    for kind in kinds:
        certain, open_code = divmod(int(kind), len(open_sets.masks))
        doubts.append((certain, open_sets.members(open_sets.masks[open_code])))
    return codes, doubts


def _raster(polygon: shapely.Geometry, grid: Grid) -> _Raster:
    """Classify the cells of one polygon."""
    edges = _edges(polygon, grid)
    rows, columns = _touched(edges)
    cross_row, cross_column = _crossings(edges)
    coarse_cell = (rows >> SPLIT_BITS) * grid.columns + (columns >> SPLIT_BITS)
    if not len(coarse_cell):
        none = np.zeros(0, dtype=np.int64)
        return _Raster(none, none, *(np.zeros((0, SPLIT, SPLIT), dtype=np.bool_) for _ in range(2)))
    low, high = int(rows.min()) >> SPLIT_BITS, int(rows.max()) >> SPLIT_BITS
    first = low * grid.columns
    border_mask = np.zeros((high - low + 1) * grid.columns, dtype=np.bool_)
    border_mask[coarse_cell - first] = True
    border = np.flatnonzero(border_mask) + first
    # a coarse cell is sampled at the centre of the fine cell in its first column and middle row
    sampled = (cross_row & (SPLIT - 1)) == SPLIT // 2
    place = (cross_row[sampled] >> SPLIT_BITS) * grid.columns + ((cross_column[sampled] + SPLIT - 1) >> SPLIT_BITS)
    toggles = np.bincount(place - first, minlength=len(border_mask))[: len(border_mask)]
    odd = np.cumsum(toggles.reshape(-1, grid.columns), axis=1).ravel() & 1
    inside = np.flatnonzero((odd == 1) & ~border_mask) + first

    block_of = np.cumsum(border_mask) - 1
    fine_border = np.zeros((len(border), SPLIT, SPLIT), dtype=np.bool_)
    fine_border[block_of[coarse_cell - first], rows & (SPLIT - 1), columns & (SPLIT - 1)] = True
    odd_fine = _fine_parity(border, cross_row, cross_column, grid)
    return _Raster(inside, border, odd_fine & ~fine_border, fine_border)


def _fine_parity(border: Indices, cross_row: Indices, cross_column: Indices, grid: Grid) -> Flags:
    """Return, for the fine cells of the border blocks, whether an odd number of crossings lies to the left."""
    width = grid.columns * SPLIT + 1
    crossings = np.sort(cross_row * width + cross_column)
    block_row, block_column = np.divmod(border, grid.columns)
    fine_rows = block_row[:, None] * SPLIT + np.arange(SPLIT)
    row_start = fine_rows * width
    before = np.searchsorted(crossings, row_start)
    # crossings up to each column, for all the columns of a row of a block
    first = np.searchsorted(crossings, row_start + block_column[:, None] * SPLIT, side="right")
    last = np.searchsorted(crossings, row_start + block_column[:, None] * SPLIT + SPLIT - 1, side="right")
    counts = (last - first).ravel()
    within = _ranges(first.ravel(), counts)
    line = np.repeat(np.arange(len(counts)), counts)
    column = crossings[within] % width - np.repeat(block_column, SPLIT)[line] * SPLIT
    toggles = np.bincount(line * SPLIT + column, minlength=len(counts) * SPLIT).reshape(-1, SPLIT)
    toggles[:, 0] += (first - before).ravel()
    odd: Flags = (np.cumsum(toggles, axis=1) & 1).astype(np.bool_).reshape(len(border), SPLIT, SPLIT)
    return odd


def _edges(polygon: shapely.Geometry, grid: Grid) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the edges of all rings in fine-cell coordinates: x and y of their ends."""
    rings = shapely.get_rings(shapely.get_parts(polygon))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    x = (points[:, 0] - grid.x) * grid.scale_x
    y = (points[:, 1] - grid.y) * grid.scale_y
    joined = ring[1:] == ring[:-1]
    return x[:-1][joined], y[:-1][joined], x[1:][joined], y[1:][joined]


def _touched(edges: tuple[Floats, Floats, Floats, Floats]) -> tuple[Indices, Indices]:
    """Return row and column of every fine cell that an edge touches, with repeats."""
    x0, y0, x1, y1 = edges
    low = np.floor(np.minimum(y0, y1) - MARGIN).astype(np.int64)
    high = np.floor(np.maximum(y0, y1) + MARGIN).astype(np.int64)
    counts = high - low + 1
    edge = np.repeat(np.arange(len(counts)), counts)
    row = _ranges(low, counts)
    run, rise = (x1 - x0)[edge], (y1 - y0)[edge]
    flat = np.abs(run) > _FLAT * np.abs(rise)
    rise = np.where(flat | (rise == 0), 1.0, rise)
    t0 = np.clip((row - MARGIN - y0[edge]) / rise, 0, 1)
    t1 = np.clip((row + 1 + MARGIN - y0[edge]) / rise, 0, 1)
    t0[flat], t1[flat] = 0.0, 1.0
    upright = y0[edge] == y1[edge]
    t0[upright], t1[upright] = 0.0, 1.0
    start, end = x0[edge] + t0 * run, x0[edge] + t1 * run
    left = np.floor(np.minimum(start, end) - MARGIN).astype(np.int64)
    right = np.floor(np.maximum(start, end) + MARGIN).astype(np.int64)
    counts = right - left + 1
    return np.repeat(row, counts), _ranges(left, counts)


def _crossings(edges: tuple[Floats, Floats, Floats, Floats]) -> tuple[Indices, Indices]:
    """Return where edges cross the centre lines of fine rows: the row, and the first column whose centre is beyond."""
    x0, y0, x1, y1 = edges
    # a row's centre line is crossed when exactly one end lies below it: low < row + 0.5 <= high
    low = np.floor(np.minimum(y0, y1) - 0.5).astype(np.int64) + 1
    high = np.floor(np.maximum(y0, y1) - 0.5).astype(np.int64) + 1
    counts = high - low
    edge = np.repeat(np.arange(len(counts)), counts)
    row = _ranges(low, counts)
    share = np.clip((row + 0.5 - y0[edge]) / (y1 - y0)[edge], 0, 1)
    x = x0[edge] + share * (x1 - x0)[edge]
    return row, np.ceil(x - 0.5).astype(np.int64)


def _ranges(starts: Indices, counts: Indices) -> Indices:
    """Return `starts[i], starts[i] + 1, ...`, `counts[i]` of them, for all i in turn."""
    total = int(counts.sum())
    offsets = np.cumsum(counts) - counts
    numbers: Indices = np.arange(total) + np.repeat(starts - offsets, counts)
    return numbers
