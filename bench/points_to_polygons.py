"""How fast points find their time-valid polygons, as ratios to other engines in the same run, with identical pairs.

Points are the places of real events moved by about a kilometre, polygons four zones, 14 governorates and 62 districts
(with `CEASEFIRE_DATA`; otherwise invented ones of like size and number of vertices). Planted among the points are
vertices, middles of edges, points on the lines between the cells of our cover and their nearest neighbours in floating
point. The zones stand for a time only. Every engine starts from arrays of coordinates and instants and from polygons,
and ends with pairs of indices; building its index, preparing and filtering by time are counted.

    python bench/points_to_polygons.py [--points 10000000]

SedonaDB is measured twice: as it comes, testing by TG, which takes some points exactly on an edge to be inside and
misses others just inside (so its pairs may differ, but only within rounding of a border); and told to test by GEOS,
when its pairs must be ours. GeoPandas is measured on the first million. Two controls must fail: our cover shifted by
one cell has to give other pairs, and so have pairs that are not filtered by time.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from ceasefire.model.time import EARLIEST, LATEST, MICROSECONDS_PER_DAY
from ceasefire.territory.cover import SPLIT, cover
from ceasefire.territory.index import FINEST_CELLS, PolygonIndex

LIMITS = {"sedonadb": 5, "sedonadb by GEOS": 5, "shapely": 5, "geopandas": 12}
GEOPANDAS_POINTS = 1_000_000
LIMITS_HOLD_FROM = 1_000_000
"""Fewer points are for checking that pairs agree: the time is then that of building, not of testing."""
N_ZONES, N_PROVINCES, N_DISTRICTS = 4, 14, 62
SCATTER_DEGREES = 0.01
ROUNDING_DEGREES = 1e-12
ZONE_DAYS = ((100, 290), (80, 240), (60, 200), (50, 350))

Array = NDArray[np.float64]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def real_input(folder: Path) -> tuple[list[shapely.Geometry], Array]:
    """Return polygons and the places of events."""
    polygons = []
    for name in ("deescalation_zone_proxies_2017", "ocha_admin1", "ocha_admin2"):
        collection = json.loads((folder / "syria_geo" / f"{name}.geojson").read_text(encoding="utf-8"))
        polygons += [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in collection["features"]]
    table = pq.read_table(folder / "dev_pack" / "ged_syria_2016_2017.parquet", columns=["longitude", "latitude"])
    return polygons, np.column_stack([table["longitude"].to_numpy(), table["latitude"].to_numpy()])


def invented_input(rng: np.random.Generator) -> tuple[list[shapely.Geometry], Array]:
    """Return wiggly districts, provinces made of them, round zones, and places in clusters."""
    land = shapely.box(35.6, 32.3, 42.4, 37.3)
    seeds = shapely.MultiPoint(rng.uniform((35.6, 32.3), (42.4, 37.3), (N_DISTRICTS, 2)))
    cells = shapely.voronoi_polygons(seeds, extend_to=land)
    districts = [shapely.intersection(cell, land) for cell in shapely.get_parts(cells)]

    def bent(xy: Array) -> Array:
        waves = [(0.04, 7.0), (0.008, 41.0), (0.0008, 411.0)]
        shift_x = sum(size * np.sin(often * xy[:, 1] + often) for size, often in waves)
        shift_y = sum(size * np.sin(often * xy[:, 0]) for size, often in waves)
        return xy + np.column_stack([shift_x, shift_y])

    districts = [shapely.transform(shapely.segmentize(district, 0.004), bent) for district in districts]
    groups = np.array_split(np.argsort([district.centroid.x for district in districts]), N_PROVINCES)
    provinces = [shapely.union_all([districts[i] for i in group]) for group in groups]
    zones = [
        shapely.transform(shapely.buffer(shapely.Point(xy), size, quad_segs=300), bent)
        for xy, size in zip(rng.uniform((36, 33), (38, 36), (N_ZONES, 2)), (0.6, 0.15, 0.08, 0.25), strict=True)
    ]
    towns = rng.uniform((35.7, 32.4), (38.5, 37.2), (600, 2))
    return zones + provinces + districts, towns


def planted_points(polygons: list[shapely.Geometry], rng: np.random.Generator, count: int) -> Array:
    """Return points where a careless index errs: on vertices, edges and cell lines, and next to them."""
    vertices = shapely.get_coordinates(polygons)
    middles = (vertices[1:] + vertices[:-1]) / 2
    made = cover(np.array(polygons, dtype=np.object_), FINEST_CELLS)
    if made is None:
        raise ValueError("the polygons cannot be covered")
    grid = made.grid
    lines_x = grid.x + np.arange(SPLIT, (grid.columns - 1) * SPLIT + 1) / grid.scale_x
    lines_y = grid.y + np.arange(SPLIT, (grid.rows - 1) * SPLIT + 1) / grid.scale_y
    each = count // 5
    on_lines = np.column_stack([rng.choice(lines_x, each), rng.choice(lines_y, each)])
    on_both = np.column_stack([rng.choice(vertices[:, 0], each), rng.choice(lines_y, each)])
    near = np.concatenate([rng.choice(vertices, each // 2), on_lines[: each // 2]])
    nudged = np.nextafter(near, rng.choice([-1e9, 1e9], near.shape))
    return np.concatenate([rng.choice(vertices, each), rng.choice(middles, each), on_lines, on_both, nudged])


def write_input(folder: Path, count: int) -> str:
    """Write points, instants, polygons and their validity; returns where they come from."""
    rng = np.random.default_rng(20170504)
    data = os.environ.get("CEASEFIRE_DATA")
    polygons, places = real_input(Path(data)) if data else invented_input(rng)
    points = places[rng.integers(0, len(places), count)] + rng.normal(0, SCATTER_DEGREES, (count, 2))
    planted = planted_points(polygons, rng, min(100_000, count // 2))
    points[rng.choice(min(count, GEOPANDAS_POINTS), len(planted), replace=False)] = planted
    valid_from = np.full(len(polygons), EARLIEST)
    valid_until = np.full(len(polygons), LATEST)
    for zone, (first, last) in enumerate(ZONE_DAYS):
        valid_from[zone], valid_until[zone] = first * MICROSECONDS_PER_DAY, last * MICROSECONDS_PER_DAY
    np.save(folder / "x.npy", points[:, 0].copy())
    np.save(folder / "y.npy", points[:, 1].copy())
    np.save(folder / "t.npy", rng.integers(0, 365 * MICROSECONDS_PER_DAY, count))
    np.save(folder / "valid.npy", np.stack([valid_from, valid_until]))
    (folder / "polygons.json").write_text(json.dumps([shapely.to_wkb(p, hex=True) for p in polygons]))
    return "real" if data else "invented"


@dataclasses.dataclass(frozen=True)
class Input:
    """What every engine gets: x, y, t of the points; polygons and when they stand."""

    x: Array
    y: Array
    t: NDArray[np.int64]
    polygons: list[shapely.Geometry]
    valid_from: NDArray[np.int64]
    valid_until: NDArray[np.int64]

    @classmethod
    def read(cls, folder: Path, count: int) -> Input:
        """Read the first `count` points."""
        x, y, t = (np.load(folder / f"{name}.npy")[:count].copy() for name in "xyt")
        polygons = [shapely.from_wkb(text) for text in json.loads((folder / "polygons.json").read_text())]
        return cls(x, y, t, polygons, *np.load(folder / "valid.npy"))

    def standing(self, point: NDArray[np.int64], polygon: NDArray[np.int64]) -> Pairs:
        """Keep the pairs whose polygon stands at the point's instant."""
        when = self.t[point]
        keep = (self.valid_from[polygon] <= when) & (when < self.valid_until[polygon])
        return point[keep], polygon[keep]


def by_ceasefire(given: Input) -> Pairs:
    """Answer by our index."""
    index = PolygonIndex(
        given.polygons, predicate="contains", valid_from=given.valid_from, valid_until=given.valid_until
    )
    return index.pairs(given.x, given.y, instants=given.t)


def by_ceasefire_untimed(given: Input) -> Pairs:
    """Control: forget the time."""
    return PolygonIndex(given.polygons, predicate="contains").pairs(given.x, given.y)


def by_ceasefire_shifted(given: Input) -> Pairs:
    """Control: the cover lies one fine cell too far east."""
    index = PolygonIndex(
        given.polygons, predicate="contains", valid_from=given.valid_from, valid_until=given.valid_until
    )
    index.pairs(given.x, given.y)
    made: Any = index._cover
    index._cover = dataclasses.replace(made, grid=dataclasses.replace(made.grid, x=made.grid.x + 1 / made.grid.scale_x))
    return index.pairs(given.x, given.y, instants=given.t)


def by_shapely(given: Input) -> Pairs:
    """Answer by a prepared `contains_xy` for each polygon, asked only about points of its time."""
    points, polygons = [], []
    shapely.prepare(given.polygons)
    for number, polygon in enumerate(given.polygons):
        inside = shapely.contains_xy(polygon, given.x, given.y)
        if given.valid_from[number] != EARLIEST:
            inside &= (given.valid_from[number] <= given.t) & (given.t < given.valid_until[number])
        held = np.flatnonzero(inside)
        points.append(held)
        polygons.append(np.full(len(held), number))
    return np.concatenate(points), np.concatenate(polygons)


def by_geopandas(given: Input) -> Pairs:
    """Answer by `sjoin`."""
    import geopandas

    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(given.x, given.y))
    joined = geopandas.sjoin(points, geopandas.GeoDataFrame(geometry=given.polygons), predicate="within")
    return given.standing(joined.index.to_numpy(), joined["index_right"].to_numpy())


def by_sedonadb_geos(given: Input) -> Pairs:
    """Answer by a spatial join in SQL that tests by GEOS."""
    return by_sedonadb(given, library="geos")


def by_sedonadb(given: Input, library: str | None = None) -> Pairs:
    """Answer by a spatial join in SQL."""
    import pyarrow as pa
    import sedonadb

    session = sedonadb.connect()
    if library:
        pa.table(session.sql(f"SET sedona.spatial_join.spatial_library = '{library}'"))
    points = pa.table({"i": np.arange(len(given.x)), "x": given.x, "y": given.y, "t": given.t})
    polygons = pa.table(
        {
            "j": np.arange(len(given.polygons)),
            "wkb": list(shapely.to_wkb(given.polygons)),
            "since": given.valid_from,
            "until": given.valid_until,
        }
    )
    session.create_data_frame(points).to_view("points", overwrite=True)
    session.create_data_frame(polygons).to_view("polygons", overwrite=True)
    joined = session.sql(
        "SELECT p.i, q.j FROM points p JOIN (SELECT j, since, until, ST_GeomFromWKB(wkb) AS g FROM polygons) q"
        " ON ST_Contains(q.g, ST_Point(p.x, p.y)) WHERE q.since <= p.t AND p.t < q.until"
    )
    table = pa.table(joined)
    return table["i"].to_numpy(), table["j"].to_numpy()


ENGINES: dict[str, Callable[[Input], Pairs]] = {
    "ceasefire": by_ceasefire,
    "sedonadb": by_sedonadb,
    "sedonadb by GEOS": by_sedonadb_geos,
    "shapely": by_shapely,
    "geopandas": by_geopandas,
    "control: shifted cover": by_ceasefire_shifted,
    "control: time forgotten": by_ceasefire_untimed,
}


def measure(engine: str, folder: Path, count: int) -> dict[str, float]:
    """Run one engine in this process, and write its pairs in one order."""
    given = Input.read(folder, count)
    warm_up = Input.read(folder, 1000)
    ENGINES[engine](warm_up)
    cpu, wall = time.process_time(), time.perf_counter()
    points, polygons = ENGINES[engine](given)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    keys = points.astype(np.int64) * len(given.polygons) + polygons
    if engine != "ceasefire":  # ours promises the order
        keys.sort()
    np.save(folder / f"pairs-{ENGINES[engine].__name__}.npy", keys)
    return {"cpu_seconds": cpu, "wall_seconds": wall, "pairs": len(keys)}


def in_own_process(engine: str, folder: Path, count: int) -> tuple[dict[str, float], NDArray[np.int64]]:
    """Measure in a fresh process, so that no engine warms another's memory; returns the pairs as well."""
    command = [sys.executable, __file__, "--measure", engine, "--folder", str(folder), "--points", str(count)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    answer: dict[str, float] = json.loads(out.splitlines()[-1])
    return answer, np.load(folder / f"pairs-{ENGINES[engine].__name__}.npy")


def differences(folder: Path, ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> tuple[int, float]:
    """Count the pairs that only one side has; returns also how far from a border they are at most, in degrees."""
    keys = np.setxor1d(ours, theirs)
    given = Input.read(folder, GEOPANDAS_POINTS)
    point, polygon = np.divmod(keys, len(given.polygons))
    if len(point) and point.max() >= len(given.x):
        return len(keys), np.inf  # nothing was planted there
    borders = shapely.boundary(np.array(given.polygons, dtype=np.object_))[polygon]
    distances = shapely.distance(borders, shapely.points(given.x[point], given.y[point]))
    return len(keys), float(distances.max(initial=0))


def compare(folder: Path, points: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Measure all engines; returns their figures, and what fails."""
    short = min(points, GEOPANDAS_POINTS)
    ours = {size: in_own_process("ceasefire", folder, size) for size in sorted({points, short})}
    rows = [{"engine": "ceasefire", "points": size, **figures} for size, (figures, _) in ours.items()]
    failures = []
    for row in rows:
        print(json.dumps(row), flush=True)
    for engine in list(ENGINES)[1:]:
        control = engine.startswith("control")
        size = short if control or engine == "geopandas" else points
        figures, pairs = in_own_process(engine, folder, size)
        n_different, degrees = differences(folder, ours[size][1], pairs)
        row = {"engine": engine, "points": size, **figures, "pairs_that_differ": n_different}
        if control != bool(n_different) and not (engine == "sedonadb" and degrees <= ROUNDING_DEGREES):
            failures.append(f"{engine}: {n_different} pairs differ")
        if engine in LIMITS:
            row |= {"ratio": figures["cpu_seconds"] / ours[size][0]["cpu_seconds"], "limit": LIMITS[engine]}
            if size >= LIMITS_HOLD_FROM and row["ratio"] < LIMITS[engine]:
                failures.append(f"only {row['ratio']:.1f} times ahead of {engine}")
        rows.append(row)
        print(json.dumps(row), flush=True)
    return rows, failures


def main() -> int:
    """Run the benchmark; 1 when pairs differ, a limit is missed or a control passes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000_000)
    parser.add_argument("--measure")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure, asked.folder, asked.points)))
        return 0
    with tempfile.TemporaryDirectory() as name:
        origin = write_input(Path(name), asked.points)
        rows, failures = compare(Path(name), asked.points)
    ours = ", ".join(
        f"{row['points']:,} {origin} points in {row['cpu_seconds']:.2f} CPU-seconds"
        for row in rows
        if row["engine"] == "ceasefire"
    )
    ahead = ", ".join(
        f"{row['ratio']:.1f} times ahead of {row['engine']} (limit {row['limit']})" for row in rows if "ratio" in row
    )
    outcome = f"Failed: {'; '.join(failures)}." if failures else "Pairs identical; both controls differ, as they must."
    print(f"ceasefire: {ours}; {ahead}. {outcome}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
