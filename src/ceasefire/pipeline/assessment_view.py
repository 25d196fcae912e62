"""One area's assessment as the centre shows it: the grade, why, in words, and what its pictures are drawn from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from ceasefire.assessment.assess import AreaAssessed, assess_area
from ceasefire.assessment.cautions import CautionKind
from ceasefire.assessment.change import EVENT_COLUMNS
from ceasefire.assessment.places import unit_places, zone_place
from ceasefire.assessment.sentences import Sentence, paragraph
from ceasefire.assessment.starts import starts_on_record
from ceasefire.assessment.tables import Assessment
from ceasefire.model.errors import UnknownRecordError
from ceasefire.model.roles import public
from ceasefire.pipeline.assessing import Asked, weekly_book, zones_with_truce
from ceasefire.release.classes import ReleaseClass
from ceasefire.release.small_counts import is_small, told_count

if TYPE_CHECKING:
    from ceasefire.pipeline.served import Snapshot

_COUNTS = ("before", "after", "number")
_WITHOUT_EXEMPT = "events_without_exempt_"
_WATCHED = ("before_low", "before_high", "after_low", "after_high")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """One step towards the grade, at the start that the grade is taken from."""

    step: Annotated[
        str,
        public("record, change, watching, placebo-dates, timing, specifications, placebo-areas or contrast."),
    ]
    outcome: Annotated[str, public("passed, failed, refused or not-possible.")]
    figure: Annotated[float | None, public("What was found; null: nothing could be.")]
    needed: Annotated[float | None, public("What is asked.")]
    number: Annotated[int | None, public("Of weeks, dates, areas or specifications; null: too few to be told.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartShown:
    """A start on record, and the grade at it."""

    start_id: Annotated[str, public("The instrument that began.")]
    title: Annotated[dict[str, str], public("By language.")]
    earliest: Annotated[str, public("Local day, by the earliest source.")]
    latest: Annotated[str, public("Local day, by the latest source.")]
    week: Annotated[str | None, public("The week whose start lies nearest; null: outside the record.")]
    grade: Annotated[str, public("shown, probable, not shown or cannot tell.")]
    is_main: Annotated[bool, public("Whether the area's grade is taken from it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekShown:
    """One week of an area: incidents as a range. A count of one to four is told to the mission alone."""

    week: Annotated[str, public("Such as 2017-W39.")]
    first_day: Annotated[str, public("Its Monday, local.")]
    days_covered: Annotated[int, public("Days that the record covers, 0 to 7.")]
    low: Annotated[int | None, public("Surely inside; null: not covered, or too few to be told.")]
    best: Annotated[int | None, public("Likely inside; null likewise.")]
    high: Annotated[int | None, public("All that may be; null likewise.")]
    level: Annotated[float | None, public("Mean between the breaks that are claimed.")]
    placebo_ratio: Annotated[float | None, public("Rate after this week's start over before; null: too near an end.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationShown:
    """One way of counting: which incidents, over which window."""

    column: Annotated[str, public("What is counted, as in the weekly table.")]
    window_weeks: Annotated[int, public("Weeks before.")]
    ratio: Annotated[float, public("Rate after over before.")]
    low: Annotated[float, public("Lower end of its interval.")]
    high: Annotated[float, public("Upper end.")]
    is_main: Annotated[bool, public("Whether this is the comparison that decides.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaAssessment:
    """Whether violence fell in an area with a start on record, and who can say. Not shown never means no effect."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    zone_id: Annotated[str, public("The area.")]
    grade: Annotated[str, public("shown, probable, not shown or cannot tell.")]
    stopped_at: Annotated[str | None, public("The first step that kept it from being shown.")]
    power_30: Annotated[float | None, public("How often, at most, a fall of 30 % would have been shown.")]
    power_60: Annotated[float | None, public("How often, at most, a fall of 60 % would have been shown.")]
    said: Annotated[tuple[str, ...], public("In words, in English, sentence by sentence.")]
    unsaid: Annotated[int, public("Sentences left out because of a count too small to be told.")]
    steps: Annotated[tuple[StepShown, ...], public("At the start that the grade is taken from.")]
    starts: Annotated[tuple[StartShown, ...], public("All on record, in order of time.")]
    weeks: Annotated[tuple[WeekShown, ...], public("Those that the record covers.")]
    specifications: Annotated[tuple[SpecificationShown, ...], public("Every way of counting, the largest fall first.")]
    covers: Annotated[str, public("How it is known what the record covers.")]


def assessment_view(snapshot: Snapshot, zone_id: str, *, release: ReleaseClass) -> AreaAssessment:
    """Return the assessment of an area; worked out once for each state of the record.

    Raises
    ------
    UnknownRecordError
        When there is no such area.
    """
    if zone_id not in snapshot.case.areas:
        raise UnknownRecordError(f'There is no area "{zone_id}".', "Ids are in `areas`.")
    assessment = snapshot.kept(f"assessment {zone_id}", lambda: _assessed(snapshot, zone_id))
    area = assessment.areas[0]
    grades = assessment.tables["grades"].to_pylist()
    main: dict[str, Any] = next((row for row in grades if row["is_main"]), {})
    steps = [row for row in assessment.tables["steps"].to_pylist() if row["start_id"] == main.get("start_id")]
    sentences = paragraph(assessment, area)
    told = [sentence for sentence in sentences if not tells_too_little(assessment, sentence, release)]
    return AreaAssessment(
        position=snapshot.stamp.position,
        zone_id=zone_id,
        grade=area.grade.value,
        stopped_at=area.stopped_at.value if area.stopped_at else None,
        power_30=main.get("power_30"),
        power_60=main.get("power_60"),
        said=tuple(sentence.text for sentence in told),
        unsaid=len(sentences) - len(told),
        steps=tuple(
            StepShown(
                step=row["step"],
                outcome=row["outcome"],
                figure=row["figure"],
                needed=row["needed"],
                number=told_count(row["number"], release) if row["step"] == "record" else row["number"],
            )
            for row in steps
        ),
        starts=tuple(_starts(assessment, area, grades)),
        weeks=tuple(_weeks(assessment, main.get("start_id"), release)),
        specifications=tuple(_specifications(area)),
        covers=assessment.book.recorded.said,
    )


def _assessed(snapshot: Snapshot, zone_id: str) -> Assessment:
    book = snapshot.kept(
        "weekly book",
        lambda: weekly_book(
            Asked(), snapshot.case, snapshot.incidents, snapshot.findings, snapshot.reports, snapshot.boundaries
        ),
    )
    area = assess_area(
        book,
        zone_place(snapshot.case, zone_id),
        starts_on_record(snapshot.case, zone_id),
        zones=tuple(zone_place(snapshot.case, each) for each in zones_with_truce(snapshot.case)),
        units=unit_places(snapshot.incidents),
        incidents=snapshot.incidents,
        reports=snapshot.reports,
    )
    return Assessment.of(book, [area])


def tells_too_little(assessment: Assessment, sentence: Sentence, release: ReleaseClass) -> bool:
    """Whether a sentence gives a count too small to be told or lets one be worked out, or says where posts may be."""
    for figure in sentence.figures:
        row = assessment.tables[figure.table].slice(figure.row, 1).to_pylist()[0]
        if figure.table in ("changes", "elsewhere") and figure.column in _COUNTS:
            if is_small(row[figure.column], release) or is_small(_left_out(assessment, row, figure.column), release):
                return True
        elif figure.table == "cautions":
            counted = {
                CautionKind.ONE_EVENT: (1,),
                CautionKind.ONE_SOURCE: (row["number"],),
                CautionKind.LEFT_OUT: (row["number"],),
                CautionKind.WIDE_BORDER: (row["number"], row["figure"]),
            }.get(row["caution"], ())
            if any(is_small(count, release) for count in counted):
                return True
        elif figure.table == "watching" and _shows_watching(figure.column) and release is not ReleaseClass.MISSION:
            return True
    return False


def _shows_watching(column: str) -> bool:
    """Whether a cell says how much is watched, and so something of where posts are, or of when somebody is there."""
    return column in _WATCHED


def _left_out(assessment: Assessment, row: dict[str, Any], side: str) -> float | None:
    """Return how many incidents a count leaves out that another sentence counts in; None where it leaves out none."""
    column = row.get("column") or ""
    if not column.startswith(_WITHOUT_EXEMPT):
        return None
    key = {name: row[name] for name in ("area_id", "start_id", "window_weeks")}
    key["column"] = f"events_{column.removeprefix(_WITHOUT_EXEMPT)}"
    changes = assessment.tables["changes"].to_pylist()
    whole = next(each for each in changes if all(each[name] == said for name, said in key.items()))
    return None if whole[side] is None or row[side] is None else whole[side] - row[side]


def _starts(assessment: Assessment, area: AreaAssessed, grades: list[dict[str, Any]]) -> Iterable[StartShown]:
    labels = assessment.tables["weekly"]["week"].to_pylist()
    rows = {row["start_id"]: row for row in grades}
    for each in area.starts:
        row = rows[each.start.start_id]
        yield StartShown(
            start_id=each.start.start_id,
            title=dict(each.start.title),
            earliest=each.start.earliest.isoformat(),
            latest=each.start.latest.isoformat(),
            week=labels[each.place.nearest] if each.place is not None else None,
            grade=each.grade.value,
            is_main=row["is_main"],
        )


def _weeks(assessment: Assessment, start_id: str | None, release: ReleaseClass) -> Iterable[WeekShown]:
    dates = {row["week"]: row for row in assessment.tables["dates"].to_pylist() if row["start_id"] == start_id}
    for row in assessment.tables["weekly"].to_pylist():
        date = dates.get(row["week"], {})
        yield WeekShown(
            week=row["week"],
            first_day=row["monday"].isoformat(),
            days_covered=row["days_covered"],
            low=told_count(row["events_low"], release),
            best=told_count(row["events_best"], release),
            high=told_count(row["events_high"], release),
            level=date.get("level"),
            placebo_ratio=date.get("placebo_ratio"),
        )


def _specifications(area: AreaAssessed) -> Iterable[SpecificationShown]:
    start = area.starts[area.main] if area.main is not None else None
    if start is None or start.tried is None:
        return
    chosen = [each for each in start.changes if each.column in EVENT_COLUMNS and math.isfinite(each.ratio)]
    for each in sorted(chosen, key=lambda change: change.ratio):
        yield SpecificationShown(
            column=each.column,
            window_weeks=each.window,
            ratio=each.ratio,
            low=each.interval[0],
            high=each.interval[1],
            is_main=each.column == EVENT_COLUMNS[0] and each.window == start.tried.window,
        )
