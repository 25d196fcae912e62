"""Files that a siting plan names: in the case folder, and part of the case's digest."""

from __future__ import annotations

from pathlib import PurePosixPath

from ceasefire.agreement.files import CaseFiles, Entry
from ceasefire.model.errors import Fault
from ceasefire.model.schema_faults import listed, suggestion
from ceasefire.territory.siting_records import SitingPlan


def check_plans(files: CaseFiles) -> list[Fault]:
    """Return a fault for every grid of heights that is not there; takes those that are into the digest."""
    found = []
    for plan in files.of("siting plan", SitingPlan):
        name = plan.record.elevation
        if name is None:
            continue
        pure = PurePosixPath(name)
        path = files.folder / name
        if pure.is_absolute() or ".." in pure.parts:
            found.append(_fault(plan, f"{name}, outside the case folder", "Copy the file into the case folder."))
        elif not path.is_file():
            there = sorted(each.relative_to(files.folder).as_posix() for each in files.folder.rglob("*.asc"))
            remedy = f"{suggestion(name, there)}Add the file, or correct the name. Grids of the case: {listed(there)}."
            found.append(_fault(plan, f"{name}, which does not exist", remedy if there else "Add the file."))
        else:
            files.read[name] = path.read_bytes()
    return found


def _fault(plan: Entry[SitingPlan], what: str, remedy: str) -> Fault:
    return plan.fault(
        ("elevation",),
        f"{plan.label} names the grid of heights {what}.",
        "Without heights nothing can be said of what a hill hides, and posts would be sited as on a plain.",
        remedy,
    )
