"""What posts see of the four weeks after they were chosen: by past incidents, by the outlook, and by its worst samples.

Twenty posts that see 10 km, on a grid of 5 km over the zones of the built-in Astana case, chosen five times in 2017 on
what UCDP's events tell up to that day; then the share seen of the alleged violations of the next four weeks, beside the
best that hindsight could have chosen. Needs the events: CEASEFIRE_DATA names the folder that holds them.

    CEASEFIRE_DATA=... python bench/posts_ahead.py
"""

from __future__ import annotations

import csv
import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import shapely

from ceasefire.deployment.candidates import grid
from ceasefire.pipeline.site_problem import seen_from
from ceasefire.pipeline.site_rules import SitingOptions, shape_of
from ceasefire.pipeline.workspace import Workspace

POSTS, RANGE_KM, GRID_KM, WEEKS, TIMES = 20, 10.0, 5.0, 4, 5
FIRST_DAY = date(2017, 8, 27)
WAYS = {
    "past incidents": {},
    "the outlook": {"from_outlook": WEEKS},
    "its worst fifth": {"from_outlook": WEEKS, "worst_share": 0.2},
}


def main() -> None:
    """Measure and print."""
    data = os.environ.get("CEASEFIRE_DATA")
    if not data:
        print("CEASEFIRE_DATA is not set: nothing was measured.")
        return
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "ws", "astana-2017", author="bench")
        workspace.import_file(Path(data) / "dev_pack" / "ged_syria_2016_2017.csv", "ucdp-ged")
        workspace.run()
        measure(workspace, Path(folder) / "places.csv")
        workspace.close()


def measure(workspace: Workspace, places: Path) -> None:
    """Choose posts day after day, and hold them against what came."""
    case = workspace.case
    with places.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "latitude", "longitude"])
        for area in case.areas.values():
            if area.kind == "zone":
                cells = grid(shapely.force_2d(shape_of(case, area.id)), GRID_KM)
                writer.writerows([f"{area.id}-{each.site_id}", each.latitude, each.longitude] for each in cells)
    asked = {"posts": POSTS, "range_km": RANGE_KM, "candidates": places}
    seen: dict[str, list[float]] = {way: [] for way in (*WAYS, "hindsight")}
    for number in range(TIMES):
        cut = FIRST_DAY + timedelta(weeks=WEEKS * number)
        ends = cut + timedelta(weeks=WEEKS)
        first = (cut + timedelta(days=1)).isoformat()
        after = workspace.site(SitingOptions(**asked, first_day=first, last_day=ends.isoformat()))
        for way, more in WAYS.items():
            setup = workspace.site(SitingOptions(**asked, **more, last_day=cut.isoformat()))
            chosen = [setup.candidates[j] for j, _ in setup.best(seconds=60).posts]
            covered = seen_from(setup.rules, chosen, after.demand).any(axis=1)
            seen[way].append(after.demand.share(covered))
        seen["hindsight"].append(after.best(seconds=60).share)
        print(f"after {cut}: " + ", ".join(f"{way} {shares[-1]:.1%}" for way, shares in seen.items()), flush=True)
    for way, shares in seen.items():
        print(f"{way:16} {np.mean(shares):.1%} on average")


if __name__ == "__main__":
    main()
