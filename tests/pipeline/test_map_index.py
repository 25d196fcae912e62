"""The map's columns against the plain rows, filter by filter."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.assessment.counts import MAY_FALL_UNDER
from ceasefire.model.claims import read_claims
from ceasefire.model.errors import UsageError
from ceasefire.model.time import MICROSECONDS_PER_DAY, local_date, microseconds
from ceasefire.model.vocabulary import PlacePrecision, Status, act_ancestry
from ceasefire.pipeline.incident_query import Bucket, Order, Question
from ceasefire.pipeline.incident_rows import rows_told
from ceasefire.pipeline.map_index import Box, Filter, day_number, day_of
from ceasefire.pipeline.served import ServedRecord, Snapshot
from ceasefire.release.classes import RULES, ReleaseClass, coarsened_point, is_recent

TOLD_AT = microseconds(datetime(2021, 5, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def snapshot(made_once: Path) -> Snapshot:
    record = ServedRecord(made_once)
    held = record.current()
    record.close()
    return held


class Plain:
    """The same questions, asked of each row by itself."""

    def __init__(self, snapshot: Snapshot, release: ReleaseClass) -> None:
        self.case, self.rule = snapshot.case, RULES[release]
        self.rows = snapshot.incidents.to_pylist()
        reports = {row["report_id"]: row for row in snapshot.reports.to_pylist()}
        self.reports: dict[str, list[dict[str, Any]]] = {}
        for link in snapshot.links.to_pylist():
            if link["relation"] == "same":
                self.reports.setdefault(link["incident_id"], []).append(reports[link["report_id"]])
        self.findings: dict[str, list[dict[str, Any]]] = {}
        for finding in snapshot.findings.to_pylist():
            self.findings.setdefault(finding["incident_id"], []).append(finding)

    def days(self, row: dict[str, Any]) -> tuple[date, date] | None:
        if row["occurred_from"] is None:
            return None
        start, end = microseconds(row["occurred_from"]), microseconds(row["occurred_until"])
        return local_date(start, self.case.zone), local_date(max(end - 1, start), self.case.zone)

    def recent(self, row: dict[str, Any]) -> bool:
        if not self.rule.delay_days:
            return False
        if row["occurred_until"] is None:
            return True
        ended = max(microseconds(row["occurred_until"]), microseconds(row["occurred_from"]) + 1)
        return is_recent(ended, TOLD_AT, self.rule)

    def point(self, row: dict[str, Any]) -> tuple[float, float] | None:
        if not PlacePrecision(row["place_precision"]).is_disc or row["longitude"] is None or self.recent(row):
            return None
        return coarsened_point(row["longitude"], row["latitude"], self.rule.cell_degrees)

    def fits(self, row: dict[str, Any], wanted: Filter) -> bool:
        return (
            self._finding_fits(row, wanted)
            and self._named(row, wanted)
            and self._days_fit(row, wanted)
            and self._text_fits(row, wanted)
            and self._in_box(row, wanted)
        )

    def _finding_fits(self, row: dict[str, Any], wanted: Filter) -> bool:
        if not (wanted.zones or wanted.clauses or wanted.accused or wanted.statuses):
            return True
        return any(
            (not wanted.zones or each["zone_id"] in wanted.zones)
            and (not wanted.clauses or each["clause_id"] in wanted.clauses)
            and (not wanted.accused or each["accused_id"] in wanted.accused)
            and (not wanted.statuses or each["status"] in wanted.statuses)
            for each in self.findings.get(row["incident_id"], ())
        )

    def _named(self, row: dict[str, Any], wanted: Filter) -> bool:
        named = {
            actor
            for account in read_claims(row["claims"])
            for actor in (*account.perpetrators, *account.targets, *(one for side in account.sides for one in side))
        }
        acts = {wider for act in row["acts"] or () for wider in act_ancestry(act, self.case.acts)}
        sources = {report["source_id"] for report in self.reports[row["incident_id"]]}
        asked = ((wanted.parties, named), (wanted.acts, acts), (wanted.sources, sources))
        return all(not values or bool(set(values) & held) for values, held in asked)

    def _days_fit(self, row: dict[str, Any], wanted: Filter) -> bool:
        if wanted.first_day is None and wanted.last_day is None:
            return True
        days = self.days(row)
        return (
            days is not None and days[1] >= (wanted.first_day or date.min) and days[0] <= (wanted.last_day or date.max)
        )

    def _text_fits(self, row: dict[str, Any], wanted: Filter) -> bool:
        if wanted.text is None:
            return True
        area = row["area_name"] or ""
        if self.rule.names_settlements:
            texts = [
                row["title"],
                row["place_name"],
                area,
                *(each["text"] for each in self.reports[row["incident_id"]]),
            ]
        else:
            texts = [area.split("/")[0] if self.recent(row) else area]
        return any(wanted.text.lower() in (text or "").lower() for text in texts)

    def _in_box(self, row: dict[str, Any], wanted: Filter) -> bool:
        if wanted.box is None:
            return True
        point = self.point(row)
        box = wanted.box
        if point is None or not box.south <= point[1] <= box.north:
            return False
        if box.west <= box.east:
            return box.west <= point[0] <= box.east
        return point[0] >= box.west or point[0] <= box.east


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.one_of(st.just(()), st.lists(st.sampled_from(values), max_size=3, unique=True).map(tuple))


ACTORS = ["republic", "republic-army", "northern-assembly", "bank-brigade", "civilians", "hill-guards", "nobody"]
DAYS = st.one_of(st.none(), st.integers(0, 150).map(lambda days: date(2021, 3, 1) + timedelta(days=days)))


@st.composite
def filters(draw: st.DrawFn, snapshot: Snapshot) -> Filter:
    case = snapshot.case
    degrees = st.floats(-0.6, 0.6, allow_nan=False)
    south, north = sorted(26.6 + draw(degrees) for _ in range(2))
    box = Box(west=-42.9 + draw(degrees), east=-42.9 + draw(degrees), south=south, north=north)
    return Filter(
        zones=draw(some(list(case.areas))),
        clauses=draw(some([*case.clauses, "none"])),
        accused=draw(some(ACTORS)),
        statuses=draw(some([status.value for status in Status])),
        parties=draw(some(ACTORS)),
        acts=draw(some(list(case.acts))),
        sources=draw(some([*case.speakers, "nobody"])),
        text=draw(
            st.sampled_from([None, None, None, "reed", "FERRY", "province", "bank district", "shell", "\\", "zz"])
        ),
        first_day=draw(DAYS),
        last_day=draw(DAYS),
        box=draw(st.sampled_from([None, None, box])),
    )


@pytest.mark.parametrize("release", ReleaseClass)
def test_each_filter_chooses_what_the_rows_say(snapshot: Snapshot, release: ReleaseClass) -> None:
    plain = Plain(snapshot, release)
    chosen_sizes = set()

    @settings(max_examples=300, deadline=None)
    @given(filters(snapshot))
    def check(wanted: Filter) -> None:
        index = snapshot.index
        places = index.places(release, TOLD_AT)
        matches = index.match(wanted, places, names_settlements=RULES[release].names_settlements)
        expected = [number for number, row in enumerate(plain.rows) if plain.fits(row, wanted)]
        assert matches.rows.tolist() == expected
        chosen_sizes.add(len(expected))
        without_box = Filter(**{**_kept(wanted), "box": None})
        unplaced = [n for n, row in enumerate(plain.rows) if plain.fits(row, without_box) and plain.point(row) is None]
        assert matches.unplaced.tolist() == ([] if wanted.box is None else unplaced)

    check()
    assert len(chosen_sizes) > 4, "the filters must choose more than nothing"


def _kept(wanted: Filter) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in Filter.__dataclass_fields__}


def test_what_may_lie_in_the_zone_is_counted_beside_it(snapshot: Snapshot) -> None:
    plain = Plain(snapshot, ReleaseClass.MISSION)
    places = snapshot.index.places(ReleaseClass.MISSION, TOLD_AT)
    counted = 0
    for zone in snapshot.case.areas:
        matches = snapshot.index.match(Filter(zones=(zone,)), places, names_settlements=True)
        naming = {clause.id for clause in snapshot.case.clauses.values() if zone in clause.areas}
        is_open = {
            incident
            for incident, findings in plain.findings.items()
            if any(
                each["zone_id"] is None and each["clause_id"] in naming and each["status"] in MAY_FALL_UNDER
                for each in findings
            )
            and not any(each["zone_id"] == zone for each in findings)
        }
        assert matches.zone_open == len(is_open)
        counted += matches.zone_open
    assert counted > 0


@pytest.mark.parametrize("bucket", Bucket)
@pytest.mark.parametrize("release", ReleaseClass)
def test_a_histogram_holds_each_incident_between_its_bounds(
    snapshot: Snapshot, release: ReleaseClass, bucket: Bucket
) -> None:
    plain = Plain(snapshot, release)
    wanted = Filter(first_day=date(2021, 3, 10), last_day=date(2021, 5, 20))
    told = Question(snapshot, wanted, release, TOLD_AT).histogram(bucket)
    rows = [row for row in plain.rows if plain.fits(row, wanted)]
    assert told.counts.matched == len(rows)
    for one in told.buckets:
        first, last = max(date.fromisoformat(one.first_day), date(2021, 3, 10)), date.fromisoformat(one.last_day)
        last = min(last, date(2021, 5, 20))
        days = [plain.days(row) for row in rows]
        assert one.lower == sum(span is not None and first <= span[0] and span[1] <= last for span in days)
        assert one.upper == sum(span is not None and span[0] <= last and span[1] >= first for span in days)
    for one, following in zip(told.buckets, told.buckets[1:], strict=False):
        assert date.fromisoformat(following.first_day) - date.fromisoformat(one.last_day) == timedelta(days=1)


def test_what_is_recent_is_told_by_its_first_unit_alone(snapshot: Snapshot) -> None:
    plain = Plain(snapshot, ReleaseClass.PUBLIC)
    places = snapshot.index.places(ReleaseClass.PUBLIC, TOLD_AT)
    rows = list(rows_told(snapshot, range(len(plain.rows)), places, ReleaseClass.PUBLIC))
    recent = [(row, told) for row, told in zip(plain.rows, rows, strict=True) if plain.recent(row)]
    assert 0 < len(recent) < len(rows)
    for row, told in recent:
        assert told.place.held_back
        assert told.place.longitude is told.place.latitude is None
        assert told.place.precision_class != "point"
        assert told.place.area_name in (None, (row["area_name"] or "").split("/")[0].strip())


def test_a_cursor_of_another_state_or_order_is_refused(snapshot: Snapshot) -> None:
    question = Question(snapshot, Filter(), ReleaseClass.MISSION, TOLD_AT)
    cursor = question.page(limit=2, cursor=None, order=Order.LATEST).next_cursor
    with pytest.raises(UsageError, match="another order"):
        question.page(limit=2, cursor=cursor, order=Order.EARLIEST)


def test_too_many_buckets_are_refused(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ceasefire.pipeline.incident_query.MOST_BUCKETS", 10)
    with pytest.raises(UsageError, match="wider buckets"):
        Question(snapshot, Filter(), ReleaseClass.MISSION, TOLD_AT).histogram(Bucket.DAY)


def test_days_are_numbered_from_1970() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_number(date(1970, 1, 2)) == 1
    for number in np.arange(-40_000, 40_000, 613):
        assert day_number(day_of(int(number))) == number
        assert (day_of(int(number)) - date(1970, 1, 1)) / timedelta(microseconds=1) == number * MICROSECONDS_PER_DAY
