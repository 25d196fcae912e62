"""What the record up to the end of the period says of each truce: the grade, the step that stopped it, the power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ceasefire.assessment.number_words import percent, ratio
from ceasefire.bulletin.records import Column, Figure, GradeChart, GradeInterval, Section, Table

_STEPS = {
    "record": "the record: too few weeks, or no incident in them",
    "change": "the change before and after",
    "watching": "what is on record of who watched",
    "placebo-dates": "the comparison with all other dates",
    "timing": "the timing of the break",
    "specifications": "the other ways of counting",
    "placebo-areas": "the comparison with other areas",
    "contrast": "the contrast with areas that moved alike before",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedArea:
    """One area's grade, without counts: what the public may read.

    Parameters
    ----------
    title, start : str
        The area, and the instrument at whose start the grade is.
    grade : str
        *shown*, *probable*, *not shown* or *cannot tell*.
    stopped_at : str or None
        The step that kept it from being *shown*.
    low, high : float or None
        Ends of the interval of the rate after over before.
    level : int or None
        Of the interval, in per cent.
    power_30, power_60 : float or None
        How often such a fall would have been shown at most.
    """

    title: str
    start: str
    grade: str
    stopped_at: str | None
    low: float | None
    high: float | None
    level: int | None
    power_30: float | None
    power_60: float | None


def assessment_section(graded: Sequence[GradedArea]) -> Section | None:
    """Return the section; None where no area's record is long enough to be asked anything."""
    if not any(each.stopped_at != "record" for each in graded):
        return None
    rows = tuple(
        (
            each.title,
            each.start,
            each.grade,
            _STEPS[each.stopped_at] if each.stopped_at else "",
            _interval(each),
            *(
                _joined(percent(power)) if power is not None else "not known"
                for power in (each.power_30, each.power_60)
            ),
        )
        for each in graded
    )
    return Section(
        key="assessment",
        title="Whether violence fell with the truce",
        paragraphs=(
            "From the whole record up to the end of the period. Each start on record was tried, and the best is given. "
            "“Not shown” never means that there was no effect: the last two columns say how often, at most, a fall of "
            f"{_joined('30 %')} and of {_joined('60 %')} would have been shown. Why it fell is not assessed.",
        ),
        figures=(_figure(graded),),
        tables=(
            Table(
                key="assessment",
                caption="Fall in the weekly rate of incidents, after the start over before",
                columns=(
                    Column("Area"),
                    Column("Start", 2.0),
                    Column("Grade"),
                    Column("Stopped at"),
                    Column("Interval of the ratio", 1.3),
                    Column(f"Power, {_joined('30 %')}", 0.8, "end"),
                    Column(f"Power, {_joined('60 %')}", 0.8, "end"),
                ),
                rows=rows,
            ),
        ),
    )


def _interval(each: GradedArea) -> str:
    if each.low is None or each.high is None:
        return "not known"
    return f"{ratio(each.low)} to {ratio(each.high)} ({_joined(f'at {each.level} %')})"


def _joined(words: str) -> str:
    """Keep a number and its unit on one line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _figure(graded: Sequence[GradedArea]) -> Figure:
    known = [each for each in graded if each.low is not None and each.high is not None]
    said = "; ".join(f"{each.title}, {each.grade}, {_interval(each)}" for each in known)
    return Figure(
        key="grades",
        caption="How far the weekly rate of incidents fell or rose: each area's interval, at the level in the table",
        alternative=f"Intervals of the rate after over before: {said or 'none is known'}.",
        content=GradeChart(
            areas=tuple(
                GradeInterval(title=each.title, grade=each.grade, low=each.low, high=each.high) for each in graded
            )
        ),
    )
