"""What one edit of a border costs, against testing every place with geopandas' sindex and the same shapes.

The limit is 200 ms an edit at 20,000 incidents, figures, sensitivity and findings of a moved corner together: for the
work alone, and for the whole of what the page waits for, the request read and checked, and the answer written as JSON
and read again. The centre's own application answers, in this process: a socket on loopback is not in it.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import geopandas
import numpy as np
import pyarrow as pa
import shapely
from litestar.testing import TestClient
from shapely.geometry import mapping

from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.centre.api import borders as borders_route
from ceasefire.centre.app import build_app
from ceasefire.centre.settings import Settings
from ceasefire.deployment.borders.drawing import Proposal
from ceasefire.deployment.borders.ground import Ground, Settlements
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.model.time import Span
from ceasefire.pipeline.adopt import case_reports
from ceasefire.pipeline.borders import BorderDesk, BorderOptions
from ceasefire.pipeline.workspace import Workspace

INCIDENTS = 20_000
SETTLEMENTS = 5_000
LIMIT_SECONDS = 0.2
ROUNDS = 15
HOST = "centre.bench"


def ground(seed: int = 1) -> tuple[BorderDesk, shapely.Geometry]:
    """Return a desk with so many incidents around one area: those of the case, moved about."""
    case = load_case(built_in_case("astana-2017"))
    of_case = fuse_by_event(case_reports(case)).incidents
    rng = np.random.default_rng(seed)
    version = case.areas["idlib"].versions[0]
    left, bottom, right, top = case.geometries[version.id].bounds
    incidents = of_case.take(pa.array(rng.integers(0, of_case.num_rows, INCIDENTS)))
    places = {
        "incident_id": pa.array([f"inc-{number}" for number in range(INCIDENTS)]),
        "longitude": pa.array(rng.uniform(left - 0.5, right + 0.5, INCIDENTS)),
        "latitude": pa.array(rng.uniform(bottom - 0.5, top + 0.5, INCIDENTS)),
        "place_radius_km": pa.array(rng.choice([1.0, 5.0, 25.0], INCIDENTS), pa.float32()),
    }
    for name, values in places.items():
        at = incidents.schema.get_field_index(name)
        incidents = incidents.set_column(at, incidents.schema.field(name), values)
    settlements = Settlements(
        names=tuple(map(str, range(SETTLEMENTS))),
        longitude=rng.uniform(left, right, SETTLEMENTS),
        latitude=rng.uniform(bottom, top, SETTLEMENTS),
        uncertainty_km=np.zeros(SETTLEMENTS),
        people_low=rng.uniform(100, 1000, SETTLEMENTS),
        people_high=rng.uniform(1000, 2000, SETTLEMENTS),
        holders=("unknown",) * SETTLEMENTS,
    )
    whole = Span(0, int(datetime(2030, 1, 1, tzinfo=UTC).timestamp() * 1e6))
    desk = BorderDesk(
        case=case,
        area_id="idlib",
        version=version,
        ground=Ground(incidents=incidents, settlements=settlements),
        places={},
        options=BorderOptions(),
        period=whole,
    )
    return desk, case.geometries[version.id]


@contextmanager
def page(desk: BorderDesk, edited: Proposal) -> Iterator[Callable[[], object]]:
    """Yield what asks the centre of a border as its page does, where the desk is the one that is measured."""
    drawing = {"type": "Feature", "properties": {"name": edited.name}, "geometry": mapping(edited.shape)}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "ws"
        with Workspace.create(workspace, "astana-2017", author="bench") as made:
            made.run()
        app = build_app(workspace, Settings(hosts=frozenset({HOST}), requests_per_minute=0))
        with (
            patch.object(borders_route, "border_desk", lambda *_, **__: desk),
            TestClient(app, base_url=f"http://{HOST}") as client,
        ):

            def ask() -> object:
                sent = {"drawing": drawing, "weeks": 12, "counted": {}}
                answer = client.post("/api/v1/areas/idlib/borders", json=sent, headers={"Origin": f"http://{HOST}"})
                answer.raise_for_status()
                return answer.json()["proposals"][0]["incidents"]

            yield ask


def timed(work: Callable[[], object]) -> float:
    """Return the median time of some rounds, in seconds."""
    work()
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def main() -> None:
    """Measure and print."""
    desk, shape = ground()
    corners = shapely.get_coordinates(shape.exterior)
    corners[10] += 0.02
    edited = Proposal(name="edited", shape=shapely.Polygon(corners, shape.interiors))
    discs = desk.ground.incidents
    frame = geopandas.GeoSeries(
        shapely.points(discs["longitude"].to_numpy(), discs["latitude"].to_numpy()), crs="EPSG:4326"
    )

    def peer() -> object:
        """Count as a notebook would: project, buffer each disc and the border, ask twice."""
        flat = frame.to_crs("ESRI:54034").buffer(1000.0 * discs["place_radius_km"].to_numpy())
        border = geopandas.GeoSeries([edited.shape], crs="EPSG:4326").to_crs("ESRI:54034")
        return flat.within(border.iloc[0]).sum(), flat.intersects(border.iloc[0]).sum()

    ours, theirs = timed(lambda: desk.compare(edited)), timed(peer)
    with page(desk, edited) as asked:
        there_and_back = timed(asked)
    print(f"one edit at {INCIDENTS:,} incidents and {SETTLEMENTS:,} settlements: {1000 * ours:.0f} ms")
    print(f"  of the limit of {1000 * LIMIT_SECONDS:.0f} ms: {ours / LIMIT_SECONDS:.2f}")
    print(f"  as the page asks it, {1000 * there_and_back:.0f} ms, of the limit: {there_and_back / LIMIT_SECONDS:.2f}")
    print(f"  of what geopandas takes for the counts of incidents alone ({1000 * theirs:.0f} ms): {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
