"""A small agreement in memory, and tables of what happened under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
import shapely

from ceasefire.actors.records import Actor
from ceasefire.actors.register import ActorRegister
from ceasefire.agreement.case import Case
from ceasefire.agreement.records import (
    CaseDescription,
    Clause,
    Coverage,
    Instrument,
    Post,
    Source,
    Speaker,
    TwoSidedCount,
)
from ceasefire.bulletin.content import compose_bulletin
from ceasefire.bulletin.records import Bulletin
from ceasefire.model.claims import Account, write_claims
from ceasefire.model.schemas import FINDING, INCIDENT, OBLIGATION, REPORT, table_of
from ceasefire.model.time import Span, days_span, iso_week
from ceasefire.model.vocabulary import ACTS
from ceasefire.territory.records import Area

ZONE = ZoneInfo("Etc/GMT-2")
WEEK = iso_week("2019-W20", ZONE)
BEFORE = iso_week("2019-W19", ZONE)
YES = {
    "in_force": "yes", "in_area": "yes", "act": "yes", "bound": "yes", "covered_target": "yes", "exception": "no",
}  # fmt: skip
Row = dict[str, Any]


def _actor(key: str, name: str, **more: Any) -> Actor:
    names = ({"text": name, "language": "en", "kind": "own"},)
    return Actor(id=key, kind="armed-group", names=names, sources=("s",), **more)  # type: ignore[arg-type]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Return an agreement with one reconstructed zone, two sides and an exempt group."""
    at = ({"at": "2019-01-01T00:00", "sources": ["s"]},)
    text = {"id": "T1-en", "language": "en", "standing": "paraphrase", "text": "Fire stops.", "sources": ["s"]}
    duty = {"what": {"en": "Open the road"}, "deadline": {"at": at}}
    clauses = [
        {"id": "T1", "instrument": "truce", "kind": "prohibits", "title": {"en": "Fire stops"}, "texts": [text],
         "areas": ["north"], "acts": ["armed-force"], "targets": {"exempt": ["tide"]}, "sources": ["s"]},
        {"id": "T2", "instrument": "truce", "kind": "requires", "title": {"en": "Road"}, "texts": [text], "duty": duty,
         "sources": ["s"]},
    ]  # fmt: skip
    version = {
        "id": "north-1", "file": "zones.geojson", "feature": "north", "standing": "reconstructed",
        "uncertainty_km": 2, "sources": ["s"],
    }  # fmt: skip
    area = {"id": "north", "kind": "zone", "title": {"en": "North zone"}, "versions": [version], "sources": ["s"]}
    speakers = [
        {"id": "watch", "names": {"en": "The Watch"}, "kind": "observatory"},
        {"id": "east-office", "names": {"en": "Office of the East"}, "kind": "delegation", "party": "east"},
        {"id": "west-office", "names": {"en": "Office of the West"}, "kind": "delegation", "party": "west"},
        {"id": "rows", "names": {"en": "The Data Set"}, "kind": "data-set"},
    ]
    post = {"id": "post-1", "operator": "east", "kind": "observation-post", "name": "Hidden Hill", "sources": ["s"],
            "latitude": 40.1234, "longitude": 20.4321}  # fmt: skip
    instrument = {
        "id": "truce",
        "title": {"en": "The Truce"},
        "kind": "truce",
        "enters_into_force": at,
        "sources": ["s"],
    }
    return Case(
        folder=tmp_path,
        digest="d" * 64,
        description=CaseDescription.model_validate(
            {
                "format": 1,
                "id": "test-case",
                "title": {"en": "Test <case> & co", "ar": "حالة اختبار"},
                "time_zone": ZONE.key,
                "summary": {"en": "A test."},
            }
        ),
        zone=ZONE,
        sources={"s": Source(title="s")},
        speakers={row["id"]: Speaker.model_validate(row) for row in speakers},
        actors=ActorRegister(
            [
                _actor("east", "East Side"),
                _actor("west", "West Side"),
                _actor("tide", "Black Tide"),
                _actor("label", "Some insurgents", may_contain=("tide", "west")),
            ],
            ZONE,
        ),
        areas={"north": Area.model_validate(area)},
        geometries={"north-1": shapely.box(20.0, 40.0, 20.6, 40.4)},
        instruments={"truce": Instrument.model_validate(instrument)},
        clauses={row["id"]: Clause.model_validate(row) for row in clauses},
        interpretations={},
        adherence=(),
        exception_kinds={},
        notifications=(),
        milestones={},
        evidence=(),
        rounds=(),
        posts=(Post.model_validate(post),),
        measures=(),
        coverage=(),
        totals=(),
        acts=dict(ACTS),
    )


@pytest.fixture
def with_totals(case: Case) -> Case:
    """Return the case with a two-sided total and a record of coverage in the week."""
    total = {
        "id": "day", "day": "2019-05-15", "sources": ["s"],
        "counts": [
            {"speaker": "east-office", "count": 11, "sources": ["s"]},
            {"speaker": "west-office", "count": 15, "confirmed_by_other": 0, "sources": ["s"]},
        ],
    }  # fmt: skip
    seen = {"id": "c1", "operator": "east", "area": "north", "valid_from": "2019-05-13", "valid_until": "2019-05-14",
            "state": "denied", "by": "west", "reason": '"Mines."', "sources": ["s"]}  # fmt: skip
    return replace(case, totals=(TwoSidedCount.model_validate(total),), coverage=(Coverage.model_validate(seen),))


def incident(
    key: str, *accounts: Account, first: date = date(2019, 5, 14), last: date | None = None, **more: Any
) -> Row:
    """Return an incident of one local day, or more, at a named place in the zone."""
    span = days_span(first, last or first, ZONE)
    return {
        "incident_id": key, "report_ids": [f"r-{key}"], "covers": [], "covered_by": [], "lineages": ["watch"],
        "occurred_from": span.start, "occurred_until": span.end, "time_precision": "day",
        "place_name": "Secret Village",
        "longitude": 20.33, "latitude": 40.22, "place_precision": "point", "place_radius_km": 1.0,
        "area_name": "Upland/Ford", "title": key, "acts": ["shelling"], "claims": write_claims(accounts),
        "toll_disputed": False, "flags": [], **more,
    }  # fmt: skip


def finding(incident_id: str, status: str, **more: Any) -> Row:
    """Return a finding against the East Side under T1 whose answers are all yes unless said otherwise."""
    return {
        "finding_id": f"f-{incident_id}-{more.get('accused_id', 'east')}", "incident_id": incident_id,
        "clause_id": "T1",
        "instrument_id": "truce", "zone_id": "north", "zone_version": "north-1", "accused_id": "east", "status": status,
        "reasons": [], "alleged_by": [], "reading_id": "", **YES, **more,
    }  # fmt: skip


Compose = Callable[..., Bulletin]


@pytest.fixture
def compose(case: Case) -> Compose:
    """Return a function that composes the bulletin of the week from rows."""

    def composed(
        incidents: list[Row],
        findings: list[Row],
        *,
        reports: list[Row] | None = None,
        obligations: list[Row] | None = None,
        previous: Span | None = BEFORE,
        of: Case | None = None,
        **more: Any,
    ) -> Bulletin:
        arguments = {
            "period": WEEK, "previous": previous, "number": 7, "ledger_position": 41, "ledger_root": "ab" * 32,
            "instant": WEEK.end + 60 * 86_400_000_000, **more,
        }  # fmt: skip
        return compose_bulletin(
            of or case,
            incidents=table_of(incidents, INCIDENT),
            findings=table_of(findings, FINDING),
            reports=table_of(reports or [], REPORT),
            obligations=table_of(obligations or [], OBLIGATION),
            **arguments,
        )

    return composed


@pytest.fixture
def rows() -> tuple[list[Row], list[Row], list[Row]]:
    """Return incidents, findings and reports of a week in which most things occur."""
    strike = Account(source_id="watch", acts=("shelling",), perpetrators=("east",), targets=("west",), alleges=True)
    clash = Account(source_id="rows", acts=("armed-force",), sides=(("east",), ("label",)))
    exempt = Account(source_id="watch", acts=("shelling",), perpetrators=("east",), targets=("tide",))
    incidents = [
        incident("alleged", strike, lineages=["watch", "rows"], killed_low=5, killed_best=5, killed_high=9,
                 killed_civilian_low=2, killed_civilian_best=2, killed_civilian_high=2),
        incident("unclaimed", replace(strike, alleges=False), first=date(2019, 5, 15)),
        incident("clash", clash, first=date(2019, 5, 16), flags=["high-below-best"], killed_low=21, killed_best=21,
                 killed_high=20),
        incident("near", clash, first=date(2019, 5, 16), place_precision="near", place_radius_km=25.0, longitude=20.1),
        incident("coarse", clash, first=date(2019, 5, 17), place_precision="governorate", latitude=None, longitude=None,
                 area_name="Upland", place_radius_km=None),
        incident("edge", clash, first=date(2019, 5, 19), last=date(2019, 5, 21), killed_best=100),
        incident("exempt", exempt, first=date(2019, 5, 18), killed_low=1, killed_best=1, killed_high=1),
        incident("episode", clash, first=date(2019, 5, 14), last=date(2019, 5, 16), covers=["alleged", "clash"],
                 killed_best=700),
        incident("earlier", clash, first=date(2019, 5, 8)),
    ]  # fmt: skip
    unknown = {"act": "undetermined", "reasons": ["direction-unknown"]}
    findings = [
        finding("alleged", "alleged-violation", alleged_by=["watch"]),
        finding("unclaimed", "alleged-violation"),
        finding("clash", "undetermined", **unknown),
        finding("near", "contested", act="contested", reasons=["attribution-denied"], in_area="undetermined"),
        finding("coarse", "undetermined", act="undetermined", in_area="undetermined", zone_id=None,
                reasons=["direction-unknown", "place-too-coarse"]),
        finding("edge", "undetermined", **unknown),
        finding("exempt", "exempt-target", covered_target="no", reasons=["target-exempt"]),
        finding("episode", "undetermined", **unknown),
        finding("earlier", "undetermined", **unknown),
    ]  # fmt: skip
    denial = {"stance": "denies", "kind": "event", "source_id": "east-office", "party": "east", "text_language": "ar"}
    day = {"occurred_from": WEEK.start, "occurred_until": WEEK.end}
    reports = [
        {"report_id": "r-near", "denial_scope": "event", "denied": ["attribution"], "text": "نفي", **denial, **day},
        {"report_id": "d-2", "denial_scope": "period", "denied": ["casualties"], "text": "قول", **denial, **day},
        {"report_id": "d-3", "denial_scope": "everything", "denied": ["fact"], "text": "كل", **denial},
        {"report_id": "d-4", "denial_scope": "event", "denied": ["fact"], "text": "elsewhere", **denial, **day},
    ]
    return incidents, findings, reports


@pytest.fixture
def bulletin(compose: Compose, rows: tuple[list[Row], list[Row], list[Row]], with_totals: Case) -> Bulletin:
    """Return the bulletin of that week."""
    incidents, findings, reports = rows
    due = {
        "obligation_id": "o", "clause_id": "T2", "instrument_id": "truce", "bearer_id": "east", "zone_id": None,
        "period_from": BEFORE.start, "due_at_earliest": WEEK.start, "due_at_latest": WEEK.start,
        "state": "unverified", "reasons": ["no-evidence"],
    }  # fmt: skip
    return compose(incidents, findings, reports=reports, obligations=[due], of=with_totals)


def tables_of(bulletin: Bulletin) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of every table by key, cells as text."""
    return {
        table.key: [tuple(cell if isinstance(cell, str) else cell.text for cell in row) for row in table.rows]
        for section in bulletin.sections
        for table in section.tables
    }


@pytest.fixture
def tables(bulletin: Bulletin) -> dict[str, list[tuple[str, ...]]]:
    """Return the tables of that week's bulletin."""
    return tables_of(bulletin)


@pytest.fixture
def make() -> dict[str, Any]:
    """Return the makers of rows, for tests that need rows of their own."""
    return {"incident": incident, "finding": finding, "tables": tables_of, "table": pa.Table}
