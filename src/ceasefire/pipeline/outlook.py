"""The outlook of a record: what `ceasefire outlook` and the Centre show of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from ceasefire.assessment.outlook.evaluation import Evaluation
from ceasefire.assessment.outlook.look import Material, look_ahead
from ceasefire.assessment.outlook.records import Outlook
from ceasefire.assessment.weeks import RecordedDays, week_label
from ceasefire.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    import pyarrow as pa

    from ceasefire.agreement.case import Case
    from ceasefire.territory.boundaries import Boundaries


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAhead:
    """An outlook with what stands behind it.

    Parameters
    ----------
    outlook : Outlook
    evaluations : dict of (str, str) to Evaluation
        By kind of area (``zone``, ``unit``) and target: how good such forecasts would have been.
    material : Material
        The weekly counts that were forecast.
    """

    outlook: Outlook
    evaluations: dict[tuple[str, str], Evaluation]
    material: Material


def outlook_of(
    case: Case,
    reports: pa.Table,
    incidents: pa.Table,
    findings: pa.Table,
    *,
    boundaries: Boundaries | None,
    progress: Progress = silent,
) -> LookedAhead:
    """Look ahead from the last week that the record covers whole.

    Parameters
    ----------
    reports, incidents, findings : Table
        Of the record's state.
    """
    recorded = RecordedDays.of_reports(reports, case.zone)
    material = Material.of(case, incidents, findings, recorded=recorded, boundaries=boundaries)
    outlook, evaluations = look_ahead(material, incidents, boundaries=boundaries, progress=progress)
    return LookedAhead(outlook=outlook, evaluations=evaluations, material=material)


def outlook_json(looked: LookedAhead) -> dict[str, Any]:
    """Return an outlook in plain containers, under the records' own field names."""
    plain: dict[str, Any] = _plain(looked.outlook)
    return plain


def evaluations_json(looked: LookedAhead) -> list[dict[str, Any]]:
    """Return the evaluations, one a kind of area and target; what cannot be said is null."""
    found = []
    for (kind, target), evaluation in looked.evaluations.items():
        plain = _plain(evaluation)
        some = evaluation.why_not is None
        for name in ("first_week", "last_week"):
            plain[name] = week_label(getattr(evaluation, name)) if some else None
        found.append({"area_kind": kind, "target": target, **plain})
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
