"""The shape of a case's `reports/*.yaml`: one report a claimant."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ceasefire.model.case_types import CaseFile, Identifier, Language, MomentText, Range, Sourced
from ceasefire.model.vocabulary import DenialScope, DeniedQuestion, PlacePrecision, ReportKind, Stance, TimePrecision
from ceasefire.model.yaml_file import CaseRecord


class Denial(CaseRecord):
    """How far a denial reaches, and what it denies."""

    scope: DenialScope
    of: tuple[DeniedQuestion, ...] = Field(min_length=1)


class Reference(CaseRecord):
    """Records of a data set that the report belongs to: the same event, or several it covers."""

    source: Identifier
    ids: tuple[str, ...] = Field(min_length=1)
    relation: Literal["same", "covers"]


class When(CaseRecord):
    """When it occurred; `until` is the last day or moment, and the first where left out."""

    start: MomentText
    until: MomentText | None = None
    precision: TimePrecision = TimePrecision.DAY


class Where(CaseRecord):
    """Where it occurred, as precisely as the speaker says and no more."""

    name: str
    precision: PlacePrecision
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    radius_km: float | None = Field(default=None, gt=0)
    governorate: str | None = None
    district: str | None = None


class Toll(CaseRecord):
    """Deaths and injuries as this speaker gives them; a category it does not give is left out, never zero."""

    killed: Range | None = None
    civilian: Range | None = None
    combatant: Range | None = None
    unknown: Range | None = None
    injured: Range | None = None


class CaseReport(Sourced):
    """What one speaker says of one event."""

    id: Identifier
    event: Identifier = Field(description="reports with one key are of one event")
    title: str
    speaker: Identifier
    kind: ReportKind = Field(
        default=ReportKind.EVENT, description="a *total* counts over an area and a period; never added to events"
    )
    stance: Stance = Stance.ASSERTS
    denial: Denial | None = None
    refers_to: Reference | None = None
    when: When
    where: Where
    acts: tuple[Identifier, ...] = ()
    sides: tuple[tuple[Identifier, ...], ...] = ()
    perpetrators: tuple[Identifier, ...] = ()
    targets: tuple[Identifier, ...] = ()
    invokes: tuple[Identifier, ...] = ()
    alleges: bool = Field(default=False, description="the speaker calls it a breach")
    toll: Toll = Toll()
    text: str | None = Field(default=None, description="in our own words, or a short quotation in quotation marks")
    language: Language = "en"
    reported: MomentText | None = None


class ReportsFile(CaseFile):
    """`reports/*.yaml`."""

    reports: tuple[CaseReport, ...]
