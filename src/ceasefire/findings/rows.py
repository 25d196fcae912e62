"""Findings written out as rows: one an incident, clause and candidate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ceasefire.findings.situations import incident_places
from ceasefire.findings.templates import Progress, Template
from ceasefire.model.canonical import stable_id
from ceasefire.model.schemas import FINDING, WORD
from ceasefire.model.vocabulary import Answer, Question

if TYPE_CHECKING:
    from ceasefire.findings.check import FindingSet

Numbers = NDArray[np.int64]


def write_rows(
    found: FindingSet,
    templates: Sequence[Template],
    incident: Numbers,
    template: Numbers,
    progress: Progress | None,
) -> pa.Table:
    """Write one row for each pair of an incident and a template.

    Parameters
    ----------
    found : FindingSet
        The check they are from.
    templates : sequence of Template
        What `template` counts into.
    incident, template : ndarray of int64, shape (n,)
        Row numbers of the incidents, and numbers of the templates.

    Returns
    -------
    Table
        Of schema `model.schemas.FINDING`, n rows in the order given.
    """
    case = found.case
    chosen = pa.array(template)
    incident_ids = found.incidents["incident_id"].combine_chunks()

    def words(value_of: Callable[[Template], str | None]) -> pa.Array:
        values = pa.array([value_of(one) for one in templates], type=pa.string()).dictionary_encode()
        return values.cast(WORD).take(chosen)

    def values(value_of: Callable[[Template], object], kind: pa.DataType) -> pa.Array:
        return pa.array([value_of(one) for one in templates], type=kind).take(chosen)

    def answer_to(question: Question) -> pa.Array:
        return words(lambda one: one.outcomes[question].answer.label)

    columns = {
        "finding_id": _finding_ids(found, templates, incident_ids.to_pylist(), incident, template),
        "incident_id": incident_ids.take(pa.array(incident)),
        "clause_id": words(lambda one: one.clause_id),
        "instrument_id": words(lambda one: case.clauses[one.clause_id].instrument),
        "zone_id": words(lambda one: one.zone_id),
        "zone_version": words(lambda one: one.zone_version),
        "accused_id": words(lambda one: one.accused_id or None),
        "status": words(lambda one: one.status.value),
        **{question.value.replace("-", "_"): answer_to(question) for question in Question},
        "reasons": values(lambda one: list(one.reasons), pa.list_(pa.string())),
        "share_inside": _shares(found, templates, incident, template, progress),
        "civilian_victims": words(lambda one: one.profile.civilian_victims.label),
        "mixed_target": values(lambda one: one.mixed_target, pa.bool_()),
        "alleged_by": values(lambda one: list(one.profile.alleged_by(one.accused_id)), pa.list_(pa.string())),
        "reading_id": words(lambda one: one.reading_id),
    }
    return pa.table({name: columns[name] for name in FINDING.names}, schema=FINDING)


def _finding_ids(
    found: FindingSet, templates: Sequence[Template], incident_ids: list[str], incident: Numbers, template: Numbers
) -> pa.Array:
    reading = found.questions.chosen_reading or ""
    keys = [f"{one.clause_id}\x1f{one.accused_id}\x1f{reading}" for one in templates]
    return pa.array(
        [
            stable_id("find", incident_ids[row], keys[number])
            for row, number in zip(incident.tolist(), template.tolist(), strict=True)
        ],
        type=pa.string(),
    )


def _shares(
    found: FindingSet,
    templates: Sequence[Template],
    incident: Numbers,
    template: Numbers,
    progress: Progress | None,
) -> pa.Array:
    """Return the share of each row's place that lies in its area; null where there is no one area or no extent."""
    shares = np.full(len(incident), np.nan, dtype=np.float32)
    certain = {Answer.YES: 1.0, Answer.NO: 0.0}
    known = np.array([certain.get(one.placing.outcome.answer, np.nan) for one in templates], dtype=np.float32)
    version_of = np.array([one.zone_version or "" for one in templates], dtype=object)
    versions = sorted(set(version_of.tolist()) - {""})
    for done, version in enumerate(versions):
        if progress is not None:
            progress("measuring shares of places inside areas", done, len(versions))
        rows = np.flatnonzero((version_of == version)[template])
        shares[rows] = known[template[rows]]
        rows = rows[np.isnan(shares[rows])]
        unique, inverse = np.unique(incident[rows], return_inverse=True)
        shares[rows] = _measured(found, version, unique)[inverse]
    return pa.array(shares, from_pandas=True)


def _measured(found: FindingSet, version: str, incident: Numbers) -> NDArray[np.float32]:
    """Measure the shares of discs, and of administrative areas whose polygon is on file."""
    places = incident_places(found.incidents.take(pa.array(incident)))
    shares = found.areas.share_inside(version, places["longitude"], places["latitude"], places["place_radius_km"])
    boundaries = found.boundaries
    if boundaries is None:
        return shares
    areas = found.incidents["area_name"].take(pa.array(incident)).to_pylist()
    for number in np.flatnonzero(np.isnan(places["longitude"])).tolist():
        polygon = boundaries.find(areas[number]) if areas[number] else None
        if polygon is not None:
            shares[number] = found.areas.share_inside_polygon(version, polygon)
    return shares
