"""A case as it is used: every record of its folder, checked, by id."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.casework_rules import DEFAULT_RULES, CaseworkRules
from ceasefire.agreement.records import (
    Adherence,
    CaseDescription,
    Clause,
    Coverage,
    Evidence,
    ExceptionKind,
    Instrument,
    Interpretation,
    Measure,
    Milestone,
    Notification,
    Post,
    Round,
    Source,
    Speaker,
    TwoSidedCount,
)
from ceasefire.territory.control_records import ControlCount, ControlStatement, Settlement
from ceasefire.territory.records import Area
from ceasefire.territory.siting_records import SitingPlan


@dataclass(frozen=True)
class Case:
    """A case folder, read whole and without a fault.

    Parameters
    ----------
    folder : Path
        Where it was read from.
    digest : str
        SHA-256 over the relative path and content of every file of the case, in hexadecimal.
    description : CaseDescription
        `case.yaml`.
    zone : ZoneInfo
        The case's time zone.
    sources, speakers, areas, instruments, clauses, interpretations, exception_kinds, milestones : dict
        Records by id, in the order of the files.
    actors : ActorRegister
        `actors.yaml`, by date.
    geometries : dict of str to shapely geometry
        By area version id; longitude and latitude, WGS 84, two dimensions.
    adherence, notifications, evidence, rounds, posts, measures, coverage, totals : tuple
        Records in the order of the files.
    acts : dict of str to str or None
        Act to its parent: the default vocabulary and the case's own.
    settlements : dict of str to Settlement
    control_statements, control_counts : tuple
        `control.yaml`: who is said to hold what.
    siting_plans : dict of str to SitingPlan
        `siting.yaml`: where posts may stand.
    casework : CaseworkRules
        `casework.yaml`, or the default rules.
    """

    folder: Path
    digest: str
    description: CaseDescription
    zone: ZoneInfo
    sources: dict[str, Source]
    speakers: dict[str, Speaker]
    actors: ActorRegister
    areas: dict[str, Area]
    geometries: dict[str, Any]
    instruments: dict[str, Instrument]
    clauses: dict[str, Clause]
    interpretations: dict[str, Interpretation]
    adherence: tuple[Adherence, ...]
    exception_kinds: dict[str, ExceptionKind]
    notifications: tuple[Notification, ...]
    milestones: dict[str, Milestone]
    evidence: tuple[Evidence, ...]
    rounds: tuple[Round, ...]
    posts: tuple[Post, ...]
    measures: tuple[Measure, ...]
    coverage: tuple[Coverage, ...]
    totals: tuple[TwoSidedCount, ...]
    acts: dict[str, str | None]
    settlements: dict[str, Settlement] = field(default_factory=dict)
    control_statements: tuple[ControlStatement, ...] = ()
    control_counts: tuple[ControlCount, ...] = ()
    siting_plans: dict[str, SitingPlan] = field(default_factory=dict)
    casework: CaseworkRules = DEFAULT_RULES
