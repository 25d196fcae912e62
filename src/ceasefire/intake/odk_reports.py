"""A submission of the form as a report: everything that a phone should have refused is checked once more.

A form can be filled in without its constraints: on an old version, by a program, in a spreadsheet.

Past 400 lines because the checks, one a field of the form, are best read in the order in which the form asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from zoneinfo import ZoneInfo

from ceasefire.actors.register import UNRESOLVED, ActorRegister
from ceasefire.intake.form_vocabulary import NOT_KNOWN, OTHER, FormVocabulary
from ceasefire.intake.odk_files import RawSubmission
from ceasefire.intake.xlsform import (
    ACCOUNT_LENGTH,
    AT_AN_INSTANT,
    BOUNDS,
    DAYS_AT_MOST,
    FORM_FORMAT,
    MOST_DEAD,
    MOST_RADIUS_KM,
    TITLE_LENGTH,
    TOLD,
    WITHOUT_AN_END,
    choice_lists,
    widened,
)
from ceasefire.model.errors import Fault
from ceasefire.model.schemas import TOLLS
from ceasefire.model.time import MICROSECONDS_PER_DAY, Span, days_span, instant_text, microseconds
from ceasefire.model.vocabulary import DenialScope, PlacePrecision, ReportKind, Stance, TimePrecision

POINT_RADIUS_KM = 2.0
"""Of a settlement, and of a point set by hand on a map: a town of some ten thousand people reaches about so far."""
LEAST_RADIUS_KM = 0.05
"""Of a point that the device measured: an impact is not known better than to a few dozen metres."""
_HOUR = MICROSECONDS_PER_DAY // 24
_SEALED = frozenset({"source_identity", "source_contact", "remark"})
"""Answers that stay in the sealed original alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContext:
    """What a submission is read against.

    Parameters
    ----------
    vocabulary : FormVocabulary
        What it may name.
    register : ActorRegister
        Looks up names that are on no list of the form.
    speakers : mapping
        Speaker to the actor it speaks for (or None) and the speakers it draws on.
    zone : ZoneInfo
        Whose local days its dates are.
    now : int
        UTC microseconds: nothing has happened after it.
    """

    vocabulary: FormVocabulary
    register: ActorRegister
    speakers: Mapping[str, tuple[str | None, tuple[str, ...]]]
    zone: ZoneInfo
    now: int
    offered: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Collect what each list offers."""
        lists = choice_lists(self.vocabulary).rows
        offered = {name: frozenset(choice.name for choice in choices) for name, choices in lists.items()}
        object.__setattr__(self, "offered", offered)


def read_submission(raw: RawSubmission, context: FormContext) -> tuple[dict[str, object] | None, Fault | None]:
    """Turn a submission into a report, or say all that is wrong with it.

    Returns
    -------
    row, fault
        A row of `model.schemas.REPORT` without its ids, or None; a fault that names everything wrong, or None.
    """
    reader = _Reader(raw.answers, context)
    row = reader.row()
    wrong = list(reader.wrong)
    if not raw.instance_id:
        wrong.insert(0, "it has no instanceID")
    if row is not None and not wrong:
        row["flags"] = reader.flags
        return row, None
    name = raw.instance_id or f"submission {raw.line or ''}".strip()
    return None, Fault(
        path=raw.where,
        line=raw.line,
        what=f"{name}: {'; '.join(wrong)}.",
        why="A report that contradicts itself, or names what is not in the case, would be counted as something else.",
        remedy="Correct it on the server or in the form, which refuses this, and import it again.",
    )


class _Reader:
    """Reads one submission; what is wrong is collected, nothing is guessed."""

    def __init__(self, answers: Mapping[str, str], context: FormContext) -> None:
        self.answers = answers
        self.context = context
        self.wrong: list[str] = []
        self.flags: list[str] = []

    def row(self) -> dict[str, object] | None:
        """Return the row, as far as it can be read."""
        if self.answers.get("form_format") not in (None, FORM_FORMAT):
            self.wrong.append(f"form_format is {self.answers['form_format']}, not {FORM_FORMAT}")
            return None
        speaker = self.one("speaker", "speakers") or ""
        party, lineage = self.context.speakers.get(speaker, (None, ()))
        when = self._when()
        return {
            "source_id": speaker,
            "lineage": list(lineage) or [speaker],
            "party": party,
            "refers_to": [],
            **self._claim(),
            **when,
            **self._where(),
            "acts": self.several("acts", "acts"),
            **self._parties(when),
            **self._tolls(),
            **self._words(),
            "reported_at": self._told_on(when),
            "unverified": False,
        }

    def text(self, name: str) -> str | None:
        """Return an answer, or None where it was left out."""
        return self.answers.get(name) or None

    def needed(self, name: str) -> str | None:
        """Return an answer that must be there."""
        said = self.text(name)
        if said is None:
            self.wrong.append(f"{name} is missing")
        return said

    def one(self, name: str, choices: str, *, needed: bool = True) -> str | None:
        """Return one choice of a list."""
        said = self.needed(name) if needed else self.text(name)
        if said is not None and said not in self.context.offered[choices]:
            self.wrong.append(f'{name} is "{said}", which the case does not have')
            return None
        return said

    def several(self, name: str, choices: str, *, needed: bool = True, alone: str = NOT_KNOWN) -> list[str]:
        """Return choices of a list; one that stands alone stands for none."""
        said = (self.needed(name) if needed else self.text(name)) or ""
        chosen = list(dict.fromkeys(said.split()))
        unknown = [each for each in chosen if each not in self.context.offered[choices]]
        if unknown:
            self.wrong.append(f"{name} has {', '.join(unknown)}, which the case does not have")
        if alone in chosen and len(chosen) > 1:
            self.wrong.append(f"{name} has {alone} beside others")
        return [each for each in chosen if each not in unknown and each != alone]

    def number(self, name: str, read: Callable[[str], float], low: float, high: float) -> float | None:
        """Return a number between two bounds."""
        said = self.text(name)
        if said is None:
            return None
        try:
            value = read(said)
        except ValueError:
            value = float("nan")
        if not (isfinite(value) and low <= value <= high):
            self.wrong.append(f"{name} is {said}, not a number from {low:g} to {high:g}")
            return None
        return value

    def day(self, name: str, *, needed: bool = True) -> date | None:
        """Return a day that is not to come."""
        said = self.needed(name) if needed else self.text(name)
        if said is None:
            return None
        try:
            day = date.fromisoformat(said[:10])
            began = days_span(day, day, self.context.zone).start
        except ValueError:
            self.wrong.append(f"{name} is {said}, not a day")
            return None
        if began > self.context.now:
            self.wrong.append(f"{name} is {said}, a day to come")
            return None
        return day

    def _claim(self) -> dict[str, object]:
        stance = self.one("stance", "stance")
        denies = stance == Stance.DENIES.value
        scope = self.one("denial_scope", "denial_scope") if denies else None
        alleges = self.one("alleges", "yes_no_unsaid")
        told = self.text("basis") in TOLD
        self.one("basis", "basis")
        if told and self.one("consent", "consent") == "no":
            self.wrong.append("the person did not agree to its being recorded")
        one_event = scope in (None, DenialScope.EVENT.value)
        return {
            "kind": (ReportKind.EVENT if one_event else ReportKind.TOTAL).value,
            "stance": stance,
            "denial_scope": scope,
            "denied": self.several("denied", "denied") if denies else [],
            "alleges": {"yes": True, "no": False}.get(alleges or ""),
            "invokes": self.several("invokes", "exceptions", needed=False),
        }

    def _when(self) -> dict[str, object]:
        precision = self.one("time_precision", "time_precision")
        span = self._moment(precision) if precision in AT_AN_INSTANT else self._days(precision) if precision else None
        if precision is None or span is None:
            return {"occurred_from": None, "occurred_until": None, "time_precision": precision}
        if span.end - span.start > 26 * _HOUR:
            self.flags.append("many-days")
        return {"occurred_from": span.start, "occurred_until": span.end, "time_precision": precision}

    def _moment(self, precision: str | None) -> Span | None:
        said = self.needed("occurred_at")
        if said is None:
            return None
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            self.wrong.append(f"occurred_at is {said}, not a moment")
            return None
        at = microseconds(moment if moment.tzinfo else moment.replace(tzinfo=self.context.zone))
        if at > self.context.now:
            self.wrong.append(f"occurred_at is {said}, a moment to come")
            return None
        return Span(at, at + _HOUR) if precision == TimePrecision.HOUR.value else Span(at, at)

    def _days(self, precision: str) -> Span | None:
        first = self.day("occurred_from")
        last = first if precision in WITHOUT_AN_END else self.day("occurred_until")
        if first is None or last is None:
            return None
        if last < first:
            self.wrong.append(f"it ends ({last}) before it begins ({first})")
            return None
        if (last - first).days >= DAYS_AT_MOST.get(precision, 100_000):
            self.wrong.append(f"it lasts from {first} to {last}, longer than a {precision}")
            return None
        return days_span(first, last, self.context.zone)

    def _told_on(self, when: Mapping[str, object]) -> int | None:
        day = self.day("told_on")
        if day is None:
            return None
        span, began = days_span(day, day, self.context.zone), when["occurred_from"]
        if isinstance(began, int) and span.end <= began:
            self.wrong.append(f"it was told ({day}) before it happened ({instant_text(began, self.context.zone)})")
            return None
        return span.start

    def _where(self) -> dict[str, object]:
        kind = self.one("place_kind", "place_kind")
        name = self.text("place_name")
        found: dict[str, object] = {
            "place_name": name, "latitude": None, "longitude": None, "place_radius_km": None, "area_name": None,
        }  # fmt: skip
        read = {"point": self._point, "place": self._settlement, "unit": self._unit, "area": self._area}.get(kind or "")
        if read is not None:
            return {**found, **read(name)}
        country = kind == "country"
        return {**found, "place_precision": (PlacePrecision.COUNTRY if country else PlacePrecision.UNKNOWN).value}

    def _point(self, _name: str | None) -> dict[str, object]:
        said = (self.needed("point") or "").split()
        try:
            numbers = [float(part) for part in said]
        except ValueError:
            numbers = []
        if len(numbers) < 2 or not all(isfinite(number) for number in numbers):
            if said:
                self.wrong.append(f"point is {' '.join(said)}, not a latitude and a longitude")
            return {}
        latitude, longitude = numbers[:2]
        extent = self.context.vocabulary.extent
        west, south, east, north = widened(extent) if extent else (-180.0, -90.0, 180.0, 90.0)
        if not (south <= latitude <= north and west <= longitude <= east):
            self.wrong.append(
                f"point is {latitude:g} {longitude:g}, far outside the case ({south:g} to {north:g} north, {west:g} to "
                f"{east:g} east): latitude and longitude may be exchanged"
            )
            return {}
        accuracy_km = numbers[3] / 1000 if len(numbers) > 3 else 0.0
        measured = max(accuracy_km, LEAST_RADIUS_KM) if accuracy_km > 0 else POINT_RADIUS_KM
        return {"latitude": latitude, "longitude": longitude, **self._disc(measured)}

    def _settlement(self, name: str | None) -> dict[str, object]:
        chosen = self.one("place", "places")
        for place in self.context.vocabulary.places:
            if place.name == chosen:
                return {
                    "place_name": name or place.labels["en"],
                    "latitude": place.latitude,
                    "longitude": place.longitude,
                    "area_name": place.area_name,
                    **self._disc(POINT_RADIUS_KM),
                }
        return {}

    def _disc(self, radius_km: float) -> dict[str, object]:
        near = self.one("nearness", "nearness") == "near"
        if near:
            self.needed("radius_km")
        within = self.number("radius_km", float, 0.001, MOST_RADIUS_KM) if near else None
        precision = PlacePrecision.NEAR if near else PlacePrecision.POINT
        return {"place_precision": precision.value, "place_radius_km": within if near else radius_km}

    def _unit(self, name: str | None) -> dict[str, object]:
        first = self.one("unit_1", "units_1")
        second = self.one("unit_2", "units_2", needed=False)
        units = {unit.name: unit for unit in self.context.vocabulary.units}
        chosen = units.get(second or first or "")
        if second is not None and chosen is not None and chosen.parent != first:
            self.wrong.append(f"unit_2 is {second}, which does not lie in {first}")
        if chosen is None:
            return {}
        precision = PlacePrecision.DISTRICT if second is not None else PlacePrecision.GOVERNORATE
        path = chosen.path
        return {"place_precision": precision.value, "area_name": path, "place_name": name or path.split("/")[-1]}

    def _area(self, name: str | None) -> dict[str, object]:
        chosen = self.one("area", "areas")
        if chosen == OTHER:
            name = self.needed("place_name")
        else:
            titles = {area.name: area.labels for area in self.context.vocabulary.areas}
            labels = titles.get(chosen or "", {})
            name = name or labels.get("en") or next(iter(labels.values()), None)
        return {"place_precision": PlacePrecision.AREA.value, "place_name": name}

    def _parties(self, when: Mapping[str, object]) -> dict[str, object]:
        direction = self.one("direction", "direction")
        began = when["occurred_from"]
        at = began if isinstance(began, int) else None
        found: dict[str, object] = {"sides": [], "perpetrators": [], "targets": []}
        if direction == "clash":
            sides = [self.several(name, "sides") for name in ("side_a", "side_b")]
            if both := sorted(set(sides[0]) & set(sides[1])):
                self.wrong.append(f"{', '.join(both)} is on both sides")
            found["sides"] = sides
        elif direction == "one-sided":
            found["perpetrators"] = self._named("perpetrators", "perpetrator_other", at)
            found["targets"] = self._named("targets", "target_other", at)
        return found

    def _named(self, name: str, other: str, at: int | None) -> list[str]:
        chosen = self.several(name, name)
        if OTHER not in chosen:
            return chosen
        said = self.needed(other)
        found = [each for each in chosen if each != OTHER]
        if said is not None:
            resolved = self.context.register.resolve_side(said, at=at)
            found += [each for each in resolved if each not in found]
            if any(each.startswith(UNRESOLVED) for each in resolved) and "name-unresolved" not in self.flags:
                self.flags.append("name-unresolved")
        return found

    def _tolls(self) -> dict[str, object]:
        counted = self.several("counted", "counted", alone="none")
        row: dict[str, object] = {}
        for toll in TOLLS:
            read = {bound: self._count(f"{toll}_{bound}") for bound in BOUNDS}
            given = {bound: count for bound, count in read.items() if count is not None}
            if toll not in counted:
                if given:
                    self.wrong.append(f"{toll} has figures, and is not among what is counted")
                given = {}
            elif not given:
                self.wrong.append(f"{toll} is counted, and no figure is given")
            if list(given.values()) != sorted(given.values()):
                self.wrong.append(f"{toll} has {' and '.join(f'{b} {n}' for b, n in given.items())}: out of order")
            row |= {f"{toll}_{bound}": given.get(bound) for bound in BOUNDS}
        parts = [row[f"{toll}_best"] for toll in TOLLS if toll.startswith("killed_")]
        whole = row["killed_best"]
        known = [part for part in parts if isinstance(part, int)]
        if isinstance(whole, int) and (sum(known) > whole or (len(known) == len(parts) and sum(known) != whole)):
            self.flags.append("toll-parts-differ")
        return row

    def _count(self, name: str) -> int | None:
        value = self.number(name, lambda said: float(int(said)), 0, MOST_DEAD)
        return None if value is None else int(value)

    def _words(self) -> dict[str, object]:
        title = " ".join((self.needed("title") or "").split())
        shortest, longest = TITLE_LENGTH
        if title and not shortest <= len(title) <= longest:
            self.wrong.append(f"title has {len(title)} letters, not {shortest} to {longest}")
        account = self.text("account")
        if account is not None and len(account) > ACCOUNT_LENGTH:
            self.wrong.append(f"account has {len(account):,} letters, more than {ACCOUNT_LENGTH:,}")
        language = self.one("account_language", "languages") if account is not None else None
        return {
            "text": f"{title}\n{account}" if account else title,
            "text_language": None if language == OTHER else language,
        }


def open_answers(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that are kept beside the report: all but those about who is behind it.

    Examples
    --------
    >>> open_answers({"title": "Shelling", "source_identity": "A. B."})
    {'title': 'Shelling'}
    """
    return {name: said for name, said in answers.items() if name not in _SEALED}
