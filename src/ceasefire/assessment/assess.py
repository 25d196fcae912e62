"""Assess areas: every start on record tried step by step, with a grade for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from ceasefire.assessment.breaks import Break, breaks_in
from ceasefire.assessment.cautions import Caution, cautions
from ceasefire.assessment.change import Change, changes_of
from ceasefire.assessment.elsewhere import (
    MAIN,
    PLACES_NEEDED,
    Contrast,
    Other,
    Surroundings,
    changes_elsewhere,
    contrast,
    placebo_in_space,
    surroundings,
)
from ceasefire.assessment.ladder import (
    PLACEBO_NEEDED,
    SHARE_CLEAR_NEEDED,
    SHARE_FALLING_NEEDED,
    TIMING_NEEDED,
    DatePlace,
    Grade,
    Outcome,
    Step,
    Tried,
    grade_of,
    passed_by,
    passes,
    power_at,
    try_date,
)
from ceasefire.assessment.places import Place
from ceasefire.assessment.starts import AreaEnd, StartDate, end_on_record, place_of
from ceasefire.assessment.watching import Watching, watching_at
from ceasefire.assessment.weekly import Kind, WeeklyBook, WeeklySeries

NOTHING = float("nan")
POWER_RUNS = 200
_SEED = 2017
"""Of the draws for power and bootstrap: the same record gives the same numbers."""
_RANK = {Grade.SHOWN: 0, Grade.PROBABLE: 1, Grade.NOT_SHOWN: 2, Grade.CANNOT_TELL: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """One step at one start: the figure found, the one needed, and how it ended.

    Parameters
    ----------
    figure, needed : float
        NaN where there is none.
    number : int
        Of weeks, dates, areas or specifications that the figure rests on.
    """

    step: Step
    outcome: Outcome
    figure: float = NOTHING
    needed: float = NOTHING
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTried:
    """All that was found for one start of one area.

    Parameters
    ----------
    place : DatePlace or None
        None where the start lies outside the record, or after the area had ended.
    """

    start: StartDate
    place: DatePlace | None
    grade: Grade
    stopped_at: Step | None
    steps: tuple[StepTaken, ...]
    tried: Tried | None = None
    changes: tuple[Change, ...] = ()
    elsewhere: tuple[Other, ...] = ()
    contrast: Contrast = field(default_factory=lambda: Contrast(outcome=Outcome.NOT_POSSIBLE))
    watching: Watching = field(default_factory=Watching)
    power_30: float = NOTHING
    power_60: float = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaAssessed:
    """One area: its weeks, its breaks, its starts and its grade.

    Parameters
    ----------
    main : int or None
        Which of `starts` the grade is taken from: the best graded, of those the earliest. None where there is none.
    """

    zone: Place
    kind: Kind
    series: WeeklySeries
    breaks: tuple[Break, ...]
    starts: tuple[StartTried, ...]
    main: int | None
    grade: Grade
    stopped_at: Step | None
    end: AreaEnd | None
    cautions: tuple[Caution, ...]


def assess_area(
    book: WeeklyBook,
    zone: Place,
    starts: Sequence[StartDate],
    *,
    zones: Sequence[Place],
    units: Sequence[Place],
    incidents: pa.Table,
    reports: pa.Table,
    kind: Kind | None = None,
) -> AreaAssessed:
    """Assess one area of the case.

    Parameters
    ----------
    starts : sequence of StartDate
        All are tried.
    zones : sequence of Place
        Areas with a truce: what lies in them is no part of a comparison area.
    units : sequence of Place
        Administrative units, from which comparison areas are taken.
    incidents, reports : Table
        What `book` was made of.
    kind : Kind, optional
        Only incidents of a party or an act.
    """
    kind = kind or Kind()
    series = book.series(zone, kind)
    end = end_on_record(book.case, zone.area_id)
    placed = [(start, place_of(start, book.recorded, end)) for start in starts]
    number = max(sum(place is not None for _, place in placed), 1)
    around = surroundings(book, zone, zones, units)
    rng = np.random.default_rng(_SEED)
    tried = tuple(_try(book, series, around, start, place, number, rng) for start, place in placed)
    usable = [at for at, each in enumerate(tried) if each.place is not None]
    main = min(usable, key=lambda at: (_RANK[tried[at].grade], at)) if usable else None
    chosen = tried[main] if main is not None else None
    until = chosen.place.until if chosen is not None and chosen.place is not None else len(series.weeks)
    return AreaAssessed(
        zone=zone,
        kind=kind,
        series=series,
        breaks=breaks_in(series.whole(MAIN)[:until]),
        starts=tried,
        main=main,
        grade=chosen.grade if chosen is not None else Grade.CANNOT_TELL,
        stopped_at=chosen.stopped_at if chosen is not None else Step.RECORD,
        end=end,
        cautions=cautions(
            book, zone, series, chosen.place if chosen else None, end,
            window=chosen.tried.window if chosen is not None and chosen.tried is not None else 0,
            incidents=incidents, reports=reports,
        ),
    )  # fmt: skip


def _try(
    book: WeeklyBook,
    series: WeeklySeries,
    around: Surroundings,
    start: StartDate,
    place: DatePlace | None,
    number: int,
    rng: np.random.Generator,
) -> StartTried:
    if place is None:
        step = StepTaken(step=Step.RECORD, outcome=Outcome.NOT_POSSIBLE)
        return StartTried(start=start, place=None, grade=Grade.CANNOT_TELL, stopped_at=Step.RECORD, steps=(step,))
    counts = series.whole(MAIN)[None, :]
    changes, others = changes_of(book, series, place, tried_dates=number, rng=rng)
    tried = try_date(counts, place, tried_dates=number, others=others)
    elsewhere = changes_elsewhere(book, series.place, around, place, tried.window)
    level = 0.05 if number == 1 else 0.02
    made = contrast(book, series.place, around, place, tried.window, level)
    watching = watching_at(
        series.exposure, counts[0], place, tried.window, tried_dates=number,
        interval=(float(tried.main.low[0]), float(tried.main.ratio[0]), float(tried.main.high[0])),
        passed=passed_by(passes(tried)),
    )  # fmt: skip
    steps = _steps(tried, elsewhere, made, watching)
    # a start with too few weeks on a side was not tested: it has no power to speak of
    tested = steps[0].outcome is Outcome.PASSED
    powers = [
        power_at(counts, place, fall, rng, tried_dates=number, runs=POWER_RUNS) if tested else NOTHING
        for fall in (0.3, 0.6)
    ]
    outcomes = {each.step: each.outcome for each in steps}
    grade, stopped_at = grade_of(outcomes, power_60=powers[1], fell_against_others=not made.ratio >= 1)
    return StartTried(
        start=start,
        place=place,
        grade=grade,
        stopped_at=stopped_at,
        steps=steps,
        tried=tried,
        changes=changes,
        elsewhere=elsewhere,
        contrast=made,
        watching=watching,
        power_30=powers[0],
        power_60=powers[1],
    )


def _steps(tried: Tried, elsewhere: Sequence[Other], made: Contrast, watching: Watching) -> tuple[StepTaken, ...]:
    passed, main = passes(tried), tried.main
    areas_p, areas = placebo_in_space(float(main.ratio[0]), elsewhere, int(main.weeks_before[0]))
    placebo, timing, clear = float(tried.placebo_p[0]), float(tried.timing[0]), float(tried.clear[0])
    falling = float(tried.falling[0])
    decided_by_falling = clear >= SHARE_CLEAR_NEEDED and falling < SHARE_FALLING_NEEDED
    return (
        StepTaken(
            step=Step.RECORD, outcome=_ended(bool(passed.record[0])),
            figure=float(min(main.weeks_before[0], main.weeks_after[0])), needed=8,
            number=int(main.before[0] + main.after[0]),
        ),
        StepTaken(
            step=Step.CHANGE, outcome=_ended(bool(passed.change[0]), main.log_ratio[0]), figure=float(main.high[0]),
            needed=1, number=int(main.weeks_before[0] + main.weeks_after[0]),
        ),
        StepTaken(
            step=Step.WATCHING, outcome=watching.outcome, figure=watching.interval[1], needed=1,
            number=watching.decides.weeks_before + watching.decides.weeks_after if watching.decides else 0,
        ),
        StepTaken(
            step=Step.PLACEBO, outcome=_placebo_ended(placebo, int(tried.placebo_dates[0])), figure=placebo,
            needed=PLACEBO_NEEDED, number=int(tried.placebo_dates[0]),
        ),
        StepTaken(
            step=Step.TIMING, outcome=_ended(bool(passed.timing[0]), timing), figure=timing, needed=TIMING_NEEDED,
            number=len(tried.breaks.weeks),
        ),
        StepTaken(
            step=Step.SPECIFICATIONS, outcome=_ended(bool(passed.specifications[0]), clear),
            figure=falling if decided_by_falling else clear,
            needed=SHARE_FALLING_NEEDED if decided_by_falling else SHARE_CLEAR_NEEDED,
        ),
        StepTaken(
            step=Step.PLACES, outcome=_ended(areas_p <= PLACES_NEEDED, areas_p), figure=areas_p, needed=PLACES_NEEDED,
            number=areas,
        ),
        StepTaken(step=Step.CONTRAST, outcome=made.outcome, figure=made.high, needed=1, number=len(made.areas)),
    )  # fmt: skip


def _ended(passed: bool, figure: float = 0.0) -> Outcome:
    if math.isnan(figure):
        return Outcome.NOT_POSSIBLE
    return Outcome.PASSED if passed else Outcome.FAILED


def _placebo_ended(p: float, dates: int) -> Outcome:
    """Say that too few dates prove nothing, whichever of them fell most."""
    if math.isnan(p) or 1 / max(dates, 1) > PLACEBO_NEEDED:
        return Outcome.NOT_POSSIBLE
    return _ended(p <= PLACEBO_NEEDED)
