"""Which clause checks would come out otherwise, had a border run elsewhere.

Both borders are put in the area's place as if each had held all the time, and only incidents whose answer to *in the
area* differs between them are checked twice. So nothing but the line is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import shapely

from ceasefire.deployment.borders.figures import incident_answers
from ceasefire.deployment.borders.frame import Frame
from ceasefire.deployment.borders.ground import Ground
from ceasefire.findings.check import check_incidents
from ceasefire.territory.areas import AreaIndex
from ceasefire.territory.records import AreaVersion

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFindings:
    """Clause checks of one clause and accused that would change alike.

    Parameters
    ----------
    clause_id : str
    accused_id : str or None
        None: nobody accuses anybody.
    before, after : str
        Status under the current border and under the proposed one.
    incident_ids : tuple of str
    """

    clause_id: str
    accused_id: str | None
    before: str
    after: str
    incident_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A border in the place of an area: how well it is known, and its shape in the frame of the comparison."""

    version: AreaVersion
    shape: shapely.Geometry

    def index(self) -> AreaIndex:
        """Return the index of this one border."""
        return AreaIndex({self.version.id: (self.version, self.shape)})


def changed_findings(
    case: Case,
    area_id: str,
    current: Drawn,
    proposed: Drawn,
    ground: Ground,
    *,
    frame: Frame,
    reading: str | None = None,
) -> tuple[ChangedFindings, ...]:
    """Return the clause checks that come out otherwise under a proposed border.

    Parameters
    ----------
    case : Case
    area_id : str
        The area whose border it is.
    current, proposed : Drawn
        In the frame.
    ground : Ground
        In the frame.
    frame : Frame
    reading : str, optional
        An interpretation to use in place of those in force.
    """
    differs = incident_answers(current.index(), ground) != incident_answers(proposed.index(), ground)
    incidents = ground.incidents.filter(pa.array(differs))
    if not incidents.num_rows:
        return ()
    before, after = (
        _statuses(_with_border(case, area_id, drawn, frame), incidents, ground, reading)
        for drawn in (current, proposed)
    )
    groups: dict[tuple[str, str | None, str, str], list[str]] = {}
    for key in before.keys() | after.keys():
        incident, clause, accused = key
        was, would_be = before.get(key, "not-checked"), after.get(key, "not-checked")
        if was != would_be:
            groups.setdefault((clause, accused, was, would_be), []).append(incident)
    return tuple(
        ChangedFindings(clause_id=clause, accused_id=accused, before=was, after=then, incident_ids=tuple(sorted(ids)))
        for (clause, accused, was, then), ids in sorted(
            groups.items(), key=lambda item: tuple(word or "" for word in item[0])
        )
    )


def _with_border(case: Case, area_id: str, drawn: Drawn, frame: Frame) -> Case:
    """Return the case with one border in the area's place, as if it had always held."""
    version = drawn.version.model_copy(update={"valid_from": (), "valid_until": ()})
    area = case.areas[area_id].model_copy(update={"versions": (version,)})
    kept = {each.id for one in case.areas.values() if one.id != area_id for each in one.versions}
    geometries = {key: frame.shape(shape) for key, shape in case.geometries.items() if key in kept}
    return replace(case, areas={**case.areas, area_id: area}, geometries={**geometries, version.id: drawn.shape})


def _statuses(
    case: Case, incidents: pa.Table, ground: Ground, reading: str | None
) -> Mapping[tuple[str, str, str | None], str]:
    found = check_incidents(case, incidents, boundaries=ground.boundaries, reading=reading).table()
    columns = (found[name].to_pylist() for name in ("incident_id", "clause_id", "accused_id", "status"))
    return {(incident, clause, accused): status for incident, clause, accused, status in zip(*columns, strict=True)}
