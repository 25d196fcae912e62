"""An assessment in plain words: one paragraph an area, every number of it a cell of a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ceasefire.assessment.assess import AreaAssessed, StartTried
from ceasefire.assessment.cautions import CautionKind
from ceasefire.assessment.elsewhere import Other
from ceasefire.assessment.ladder import SHARE_FALLING_NEEDED, Grade, Outcome, Step
from ceasefire.assessment.number_words import FORMS
from ceasefire.assessment.tables import Assessment, main_change
from ceasefire.assessment.watching import SHARE

GRADE_WORDS: Mapping[Grade, str] = {
    Grade.SHOWN: "is shown",
    Grade.PROBABLE: "is probable, and not shown",
    Grade.NOT_SHOWN: "is not shown",
    Grade.CANNOT_TELL: "cannot be told from these data",
}
_MOST_RISES = 2
_ENDS = ("low", "high")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a text, and the cell it stands for.

    Parameters
    ----------
    table, row, column : str, int, str
        The cell, in `Assessment.tables`.
    form : str
        A key of `number_words.FORMS`.
    text : str
        As written.
    """

    table: str
    row: int
    column: str
    form: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its numbers, in the order of their places."""

    text: str
    figures: tuple[Figure, ...] = ()


class _Writer:
    """Fills the places of a sentence from cells."""

    def __init__(self, assessment: Assessment) -> None:
        self._case = assessment.book.case
        self._rows = {
            name: table.to_pylist()
            for name, table in assessment.tables.items()
            if name != "weekly"  # no text quotes a single count
        }

    def named(self, other: Other, language: str) -> str:
        """Return what else changed, by name."""
        actors = self._case.actors
        if other.role == "pair":
            return " and ".join(actors.name(actor, language) for actor in other.what.split("|"))
        return other.what.replace("-", " ") if other.role == "act" else other.what

    def speaker(self, source_id: str, language: str) -> str:
        """Return the name of a source; its id where the case does not know it."""
        known = self._case.speakers.get(source_id)
        return source_id if known is None else known.names.get(language) or next(iter(known.names.values()))

    def row(self, table: str, **key: Any) -> int:
        """Return the row that has these values."""
        rows = self._rows[table]
        return next(at for at, row in enumerate(rows) if all(row[name] == value for name, value in key.items()))

    def likeliest_break(self, **key: Any) -> int:
        """Return the row of the date with the largest posterior."""
        rows = self._rows["dates"]
        own = [at for at, row in enumerate(rows) if all(row[name] == value for name, value in key.items())]
        return max(own, key=lambda at: rows[at]["break_posterior"] or 0.0)

    def value(self, table: str, row: int, column: str) -> Any:
        """Return a cell."""
        return self._rows[table][row][column]

    def say(self, template: str, **cells: tuple[str, int, str, str]) -> Sentence:
        """Return the template with its places filled from cells, each (table, row, column, form)."""
        figures = {
            name: Figure(table, row, column, form, FORMS[form](self.value(table, row, column)))
            for name, (table, row, column, form) in cells.items()
        }
        return Sentence(
            template.format(**{name: figure.text for name, figure in figures.items()}), tuple(figures.values())
        )


def paragraph(assessment: Assessment, area: AreaAssessed, *, language: str = "en") -> tuple[Sentence, ...]:
    """Return what is said of an area.

    Parameters
    ----------
    language : str
        Of titles; the sentences are English.
    """
    write = _Writer(assessment)
    title = area.zone.title.get(language) or next(iter(area.zone.title.values()))
    if area.main is None:
        why = "no start on record lies in the weeks that the record covers" if area.starts else "no start is on record"
        said = [Sentence(f"{title}: whether violence fell cannot be told, for {why}.")]
    else:
        start = area.starts[area.main]
        said = [
            *_opening(write, title, area, start, language),
            *_watching(write, area, start),
            *_reasons(write, area, start),
            *_beside(write, area, start, language),
        ]
    return (*said, *_cautions(write, area, language))


def _opening(write: _Writer, title: str, area: AreaAssessed, start: StartTried, language: str) -> Iterable[Sentence]:
    grade = write.row("grades", area_id=area.zone.area_id, start_id=start.start.start_id)
    what = start.start.title.get(language) or next(iter(start.start.title.values()))
    days = {"earliest": ("grades", grade, "earliest", "day")}
    when = "{earliest}"
    if start.start.latest != start.start.earliest:
        days["latest"] = ("grades", grade, "latest", "day")
        when = "{earliest} to {latest}, as sources differ"
    name = what.replace("{", "(").replace("}", ")")
    where = title.replace("{", "(").replace("}", ")")
    yield write.say(f"{where}: that violence fell with “{name}” ({when}) {GRADE_WORDS[start.grade]}.", **days)
    if start.tried is None or start.stopped_at is Step.RECORD:
        return
    change = write.row(
        "changes", area_id=area.zone.area_id, start_id=start.start.start_id, column="events_best",
        window_weeks=main_change(start).window,
    )  # fmt: skip
    yield write.say(
        "In the {window} weeks before, {before} incidents were counted in all, and {after} after as many weeks or what "
        "there was of them: {ratio} a week. The {level} per cent interval reaches from {low} to {high}.",
        window=("changes", change, "window_weeks", "whole"),
        before=("changes", change, "before", "whole"),
        after=("changes", change, "after", "whole"),
        ratio=("grades", grade, "ratio", "change"),
        level=("grades", grade, "interval_percent", "whole"),
        low=("grades", grade, "low", "change"),
        high=("grades", grade, "high", "change"),
    )


_REASONS: Mapping[tuple[Step, Outcome], str] = {
    (
        Step.RECORD,
        Outcome.FAILED,
    ): "On one side of the date the record has {figure} whole weeks, and {needed} are needed.",
    (Step.CHANGE, Outcome.FAILED): "What stopped it first: the interval does not lie wholly below no change.",
    (Step.PLACEBO, Outcome.FAILED): (
        "The fall was no larger than at many other dates: p is {figure} over {number} dates, and {needed} is allowed."
    ),
    (
        Step.PLACEBO,
        Outcome.NOT_POSSIBLE,
    ): "There are only {number} dates to compare this one with: too few for any answer.",
    (Step.TIMING, Outcome.FAILED): (
        "The level did not clearly break within two weeks of the date: the probability is {figure}, and {needed} is "
        "asked."
    ),
    (Step.SPECIFICATIONS, Outcome.FAILED): (
        "It hangs on how one counts: in {figure_percent} of the ways the interval lies below no change, and "
        "{needed_percent} are asked."
    ),
    (Step.PLACES, Outcome.FAILED): (
        "Other areas fell as much: p is {figure} over {number} areas, and {needed} is allowed."
    ),
}


_NO_INCIDENT = "No incident was counted on either side of the date: there is nothing of which to ask whether it fell."
_NOT_FALLING = (
    "It hangs on how one counts: only in {figure_percent} of the ways the rate is lower at all, and {needed_percent} "
    "are asked."
)


def _reasons(write: _Writer, area: AreaAssessed, start: StartTried) -> Iterable[Sentence]:
    key = {"area_id": area.zone.area_id, "start_id": start.start.start_id}
    grade = write.row("grades", **key)
    for step in start.steps:
        template = _REASONS.get((step.step, step.outcome))
        if template is None or (step.step is not Step.RECORD and start.stopped_at is Step.RECORD):
            continue
        if step.step is Step.RECORD and step.figure >= step.needed:
            template = _NO_INCIDENT
        elif step.step is Step.SPECIFICATIONS and step.needed == SHARE_FALLING_NEEDED:
            template = _NOT_FALLING
        at = write.row("steps", **key, step=step.step.value)
        cells = {
            "figure": ("steps", at, "figure", "whole" if step.step is Step.RECORD else "p"),
            "needed": ("steps", at, "needed", "whole" if step.step is Step.RECORD else "ratio"),
            "number": ("steps", at, "number", "whole"),
            "figure_percent": ("steps", at, "figure", "percent"),
            "needed_percent": ("steps", at, "needed", "percent"),
        }
        yield write.say(template, **{name: cell for name, cell in cells.items() if f"{{{name}}}" in template})
        if step.step is Step.TIMING:
            likeliest = write.likeliest_break(**key)
            yield write.say("The likeliest week for a break is {week}.", week=("dates", likeliest, "week", "text"))
    yield from _contrast(write, grade, start)
    if start.grade in (Grade.NOT_SHOWN, Grade.CANNOT_TELL) and math.isfinite(start.power_60):
        yield write.say(
            "Had violence fallen by 30 %, these data would have shown it at most {power_30} of the time; by 60 %, "
            "{power_60}. "
            "That nothing is shown does not mean that there was no effect.",
            power_30=("grades", grade, "power_30", "percent"),
            power_60=("grades", grade, "power_60", "percent"),
        )


_WATCHING: Mapping[tuple[bool, Outcome], str] = {
    (True, Outcome.PASSED): "Per {unit} the fall is there too{interval}.",
    (True, Outcome.FAILED): (
        "Less was watched, and that can explain the fall{interval}: whether there was less violence or less of it was "
        "seen cannot be told."
    ),
    (True, Outcome.REFUSED): (
        "Whether the fall is there per {unit} hangs on times of which nobody recorded whether anybody watched"
        "{interval}."
    ),
    (False, Outcome.PASSED): (
        "More was watched, and per {unit} there is a fall{interval}: what the count and this rate say differs, "
        "and which to believe cannot be told."
    ),
    (False, Outcome.FAILED): "Nor is there a fall per {unit}{interval}.",
    (False, Outcome.REFUSED): (
        "Whether there is a fall per {unit} hangs on times of which nobody recorded whether anybody watched{interval}."
    ),
}


def _watching(write: _Writer, area: AreaAssessed, start: StartTried) -> Iterable[Sentence]:
    """Say how much was watched on either side, and whether the change holds with that taken into account."""
    found = start.watching
    if found.decides is None or start.stopped_at is Step.RECORD:
        return
    key = {"area_id": area.zone.area_id, "start_id": start.start.start_id}
    row = write.row("watching", **key, decides=True)
    share = found.decides.measure == SHARE
    form = "percent" if share else "whole"
    said = []
    for side, (low, high) in (("before", found.decides.before), ("after", found.decides.after)):
        equal = FORMS[form](low) == FORMS[form](high)
        said.append(f"{{{side}_low}} {side}" if equal else f"{{{side}_low}} to {{{side}_high}} {side}")
    template = (
        f"On record of watching, {'of area and time' if share else 'in hours a week'}: {' and '.join(said)}, from "
        "{weeks_before} and {weeks_after} weeks."
    )
    cells = {
        **{f"{side}_{end}": ("watching", row, f"{side}_{end}", form) for side in ("before", "after") for end in _ENDS},
        "weeks_before": ("watching", row, "weeks_before", "whole"),
        "weeks_after": ("watching", row, "weeks_after", "whole"),
    }
    yield write.say(template, **{name: cell for name, cell in cells.items() if f"{{{name}}}" in template})
    fell = any(step.step is Step.CHANGE and step.outcome is Outcome.PASSED for step in start.steps)
    bounded = all(math.isfinite(end) for end in found.interval)
    unit = "unit of area and time watched" if share else "hour of watch"
    words = _WATCHING[(fell, found.outcome)].replace("{unit}", unit)
    words = words.replace("{interval}", " (interval from {low} to {high})" if bounded else "")
    yield write.say(
        words,
        **{end: ("watching", row, end, "change") for end in _ENDS if bounded},
    )


def _contrast(write: _Writer, grade: int, start: StartTried) -> Iterable[Sentence]:
    if start.stopped_at is Step.RECORD:
        return
    outcome = start.contrast.outcome
    if outcome is Outcome.NOT_POSSIBLE:
        yield Sentence("There are no areas, or too few weeks, for a contrast: what else changed then is not known.")
    elif outcome is Outcome.REFUSED:
        yield write.say(
            "A contrast with other areas is refused: before the date this area had already moved apart from them, by a "
            "factor of {ratio} (from {low} to {high}).",
            ratio=("grades", grade, "lead_ratio", "ratio"),
            low=("grades", grade, "lead_low", "ratio"),
            high=("grades", grade, "lead_high", "ratio"),
        )
    else:
        verb = "fell more" if outcome is Outcome.PASSED else "did not clearly fall more"
        yield write.say(
            f"Against areas that had moved alike before, it {verb} than they did: {{ratio}} their course would give, "
            "the interval from {low} to {high}.",
            ratio=("grades", grade, "contrast_ratio", "change from"),
            low=("grades", grade, "contrast_low", "change"),
            high=("grades", grade, "contrast_high", "change"),
        )


def _beside(write: _Writer, area: AreaAssessed, start: StartTried, language: str) -> Iterable[Sentence]:
    if start.tried is None or not start.changes or start.stopped_at is Step.RECORD:
        return
    key = {"area_id": area.zone.area_id, "start_id": start.start.start_id}
    window = main_change(start).window

    def of(column: str) -> int:
        return write.row("changes", **key, column=column, window_weeks=window)

    exempt = of("events_without_exempt_best")
    yield write.say(
        "Without incidents in which exempt groups took part: {before} before and {after} after.",
        before=("changes", exempt, "before", "whole"),
        after=("changes", exempt, "after", "whole"),
    )
    yield _deaths(write, of)
    silent = of("toll_not_stated")
    if write.value("changes", silent, "before") or write.value("changes", silent, "after"):
        yield write.say(
            "Incidents that state no deaths: {before} before, {after} after.",
            before=("changes", silent, "before", "whole"),
            after=("changes", silent, "after", "whole"),
        )
    roles = {"neighbour": "around the area, in", "pair": "between", "act": "by way of"}
    lower, upper = of("alleged_lower"), of("alleged_upper")
    yield write.say(
        "Alleged violations after it: {lower} at least; with what is contested, undetermined or only perhaps of these "
        "weeks, {upper}.",
        lower=("changes", lower, "after", "whole"),
        upper=("changes", upper, "after", "whole"),
    )
    rises = [other for other in start.elsewhere if other.rose and other.role in roles]
    if rises:
        yield Sentence("So much is compared beside it that one or another rise may be chance.")
    for other in rises[:_MOST_RISES]:
        at = write.row("elsewhere", **key, role=other.role, what=other.what)
        what = write.named(other, language).replace("{", "(").replace("}", ")")
        yield write.say(
            f"Violence rose {roles[other.role]} {what}: from {{before}} incidents to {{after}}.",
            before=("elsewhere", at, "before", "whole"),
            after=("elsewhere", at, "after", "whole"),
        )


def _deaths(write: _Writer, of: Callable[[str], int]) -> Sentence:
    """Say the deaths of each side with their range; that none is stated is not that there were none."""
    rows = {bound: of(f"deaths_{bound}") for bound in ("low", "best", "high")}
    cells: dict[str, tuple[str, int, str, str]] = {}
    said = []
    for side in ("before", "after"):
        known = {bound for bound, row in rows.items() if write.value("changes", row, side) is not None}
        if "high" not in known:
            said.append(f"not stated {side}")
            continue
        cells |= {f"{side}_{bound}": ("changes", rows[bound], side, "whole") for bound in known}
        best = f"{{{side}_best}}" if "best" in known else "no best figure"
        from_ = f"from {{{side}_low}} to" if "low" in known else "at most"
        said.append(f"{best} {side} ({from_} {{{side}_high}})")
    return write.say(f"Deaths: {', '.join(said)}.", **cells)


_CAUTIONS: Mapping[CautionKind, str] = {
    CautionKind.ONE_SOURCE: (
        "{figure} of the {number} incidents rest on one chain of sources alone ({about}): if it saw less, so does this."
    ),
    CautionKind.HIGH_BASELINE: (
        "The weeks before were among the worst on record (as many only in {figure} of {number} stretches as long): "
        "some fall back to the usual was to be expected."
    ),
    CautionKind.LATE_REPORTS: "One report in ten comes more than {figure} late, so the last weeks may still fill.",
    CautionKind.NO_DENOMINATOR: (
        "Nobody recorded whether anybody watched: there is no denominator, and quiet may mean unwatched."
    ),
    CautionKind.PARTLY_WATCHED: (
        "Of only {figure} of the {number} weeks is anything on record of who watched; in the others quiet may mean "
        "unwatched."
    ),
    CautionKind.WIDE_BORDER: (
        "Incidents that surely lie inside: {number}; with all that may, {figure}. The border and the places are not "
        "known better."
    ),
    CautionKind.ENDED: "The area ended ({about}): what came after is not counted as calm.",
    CautionKind.LEFT_OUT: (
        "{number} incidents of the record are in no week: undated, placed no better than in a country, or lasting "
        "longer than a month."
    ),
    CautionKind.GAPS: "Weeks that the record covers in part or not at all, and that were left out: {number}.",
    CautionKind.ONE_EVENT: "One incident makes {figure} of all deaths ({about}).",
}
_CAUTION_FORMS = {
    CautionKind.LATE_REPORTS: "days",
    CautionKind.WIDE_BORDER: "whole",
}


def _cautions(write: _Writer, area: AreaAssessed, language: str) -> Iterable[Sentence]:
    for caution in area.cautions:
        at = write.row("cautions", area_id=area.zone.area_id, caution=caution.kind.value)
        template = _CAUTIONS[caution.kind]
        if caution.kind is CautionKind.LATE_REPORTS and caution.figure is None:
            template = "When reports came in is not on record: whether the last weeks may still fill cannot be told."
        if caution.kind is CautionKind.ONE_SOURCE and caution.about is not None:
            template = template.replace("{about}", write.speaker(caution.about, language))
        cells = {
            "figure": ("cautions", at, "figure", _CAUTION_FORMS.get(caution.kind, "percent")),
            "number": ("cautions", at, "number", "whole"),
            "about": ("cautions", at, "about", "text"),
        }
        yield write.say(template, **{name: cell for name, cell in cells.items() if f"{{{name}}}" in template})


def plain(sentences: Iterable[Sentence]) -> str:
    """Return sentences as one paragraph."""
    return " ".join(sentence.text for sentence in sentences)
