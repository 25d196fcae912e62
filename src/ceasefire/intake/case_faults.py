"""What can be wrong with the meaning of a case's report: each check says what, why it matters and what to do."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ceasefire.intake.case_records import CaseReport
from ceasefire.model.errors import Fault
from ceasefire.model.schema_faults import Location, listed, suggestion
from ceasefire.model.time import parse_moment
from ceasefire.model.vocabulary import DenialScope, PlacePrecision, ReportKind, Stance, TimePrecision
from ceasefire.model.yaml_file import YamlFile

CIVILIANS = "civilians"
"""The target that is no actor on any register."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a report may refer to.

    Parameters
    ----------
    actors : collection of str
        Ids on the register.
    acts : mapping
        The case's acts, child to parent.
    speakers : mapping
        Speaker to the actor it speaks for (or None) and the speakers it draws on.
    zone : ZoneInfo
        The case's time zone.
    sources, exception_kinds : collection of str or None
        Keys; not checked where None.
    """

    actors: Collection[str]
    acts: Mapping[str, str | None]
    speakers: Mapping[str, tuple[str | None, tuple[str, ...]]]
    zone: ZoneInfo
    sources: Collection[str] | None
    exception_kinds: Collection[str] | None


def faults_of(report: CaseReport, file: YamlFile, location: Location, known: Known) -> Iterator[Fault]:
    """Say everything that is wrong with the meaning of one well-formed report."""
    for check in (_unknown_names, _wrong_parties, _wrong_stance, _wrong_times, _wrong_place, _wrong_tolls):
        for step, what, why, remedy in check(report, known):
            yield file.fault((*location, *step), f'report "{report.id}" {what}', why, remedy)


_Complaint = tuple[Location, str, str, str]


def _unknown_names(report: CaseReport, known: Known) -> Iterator[_Complaint]:
    """Check every key that must be defined elsewhere in the case."""
    actors: list[tuple[Location, str]] = [
        (("sides", side, place), actor) for side, ids in enumerate(report.sides) for place, actor in enumerate(ids)
    ]
    actors += [(("perpetrators", place), actor) for place, actor in enumerate(report.perpetrators)]
    actors += [(("targets", place), actor) for place, actor in enumerate(report.targets) if actor != CIVILIANS]
    wanted: list[tuple[Location, str, str, Collection[str], str]] = [
        (("speaker",), report.speaker, "speaker", known.speakers.keys(), "`speakers:` of sources.yaml")
    ]
    wanted += [(step, actor, "actor", known.actors, "actors.yaml") for step, actor in actors]
    wanted += [
        (("acts", place), act, "act", known.acts.keys(), "vocabulary.yaml") for place, act in enumerate(report.acts)
    ]
    if known.sources is not None:
        wanted += [
            (("sources", place), source, "source", known.sources, "sources.yaml")
            for place, source in enumerate(report.sources)
        ]
    if known.exception_kinds is not None:
        wanted += [
            (("invokes", place), kind, "kind of exception", known.exception_kinds, "exceptions.yaml")
            for place, kind in enumerate(report.invokes)
        ]
    for step, name, noun, defined, where in wanted:
        if name not in defined:
            yield (
                step,
                f'names the {noun} "{name}", which is not defined.',
                f"What nobody has defined cannot be checked. Defined: {listed(sorted(defined)) or 'none'}.",
                f"{suggestion(name, defined)}Add it to {where}, or correct the name.",
            )


def _wrong_parties(report: CaseReport, _: Known) -> Iterator[_Complaint]:
    """Check sides against perpetrators: a clash whose direction is not said has none."""
    if report.sides and report.perpetrators:
        yield (
            ("perpetrators",),
            f"names both sides and perpetrators ({', '.join(report.perpetrators)}).",
            "`sides` is for a clash whose direction the speaker does not give; with perpetrators it is given.",
            "Keep `perpetrators` and `targets` where the speaker says who did it to whom, else `sides`.",
        )
    if len(report.sides) == 1 or not all(report.sides):
        yield (
            ("sides",),
            f"has {len(report.sides)} {'side' if len(report.sides) == 1 else 'sides'}"
            f"{'' if all(report.sides) else ', one of them empty'}.",
            "A clash has two sides or more; one party alone is a perpetrator or a target.",
            "List both sides, such as `sides: [[a], [b, c]]`, or use `perpetrators` or `targets`.",
        )
    mentioned = [actor for side in report.sides for actor in side]
    for actor in sorted({actor for actor in mentioned if mentioned.count(actor) > 1}):
        yield (
            ("sides",),
            f'has "{actor}" on its sides twice.',
            "A party cannot be accused of acting against itself.",
            "Leave it on the side it fought on.",
        )


def _wrong_stance(report: CaseReport, _: Known) -> Iterator[_Complaint]:
    """Check that a denial says what it denies, and only a denial does."""
    if report.denial is not None and report.stance is not Stance.DENIES:
        yield (
            ("denial",),
            f"has a denial, but its stance is *{report.stance.value}*.",
            "It would count as an account of the event, and as one against it.",
            "Write `stance: denies`, or remove `denial`.",
        )
    if report.denial is None and report.stance is Stance.DENIES:
        yield (
            ("stance",),
            "denies, but does not say what and how far.",
            "Only a denial of the very event makes a question contested; a general one does not.",
            "Add `denial: {scope: event|period|everything, of: [fact|act|attribution|target|casualties]}`.",
        )
    if report.kind is ReportKind.TOTAL and report.denial is not None and report.denial.scope is DenialScope.EVENT:
        yield (
            ("kind",),
            "is a total, but denies one event.",
            "Totals stand beside events and never touch them, so the denial would be lost.",
            "Remove `kind: total`, or write the scope as *period*.",
        )


def _wrong_times(report: CaseReport, known: Known) -> Iterator[_Complaint]:
    """Check the order of start, end and reporting, and the stated precision against how they are written."""
    when = report.when
    start = parse_moment(when.start, known.zone)
    until = parse_moment(when.until or when.start, known.zone)
    if until.end < start.start or until.start < start.start:
        yield (
            ("when", "until"),
            f"ends ({when.until}) before it starts ({when.start}).",
            "No moment lies within such an interval.",
            "Correct `start` or `until`.",
        )
    elif when.precision is TimePrecision.DAY and until.end > parse_moment(when.start[:10], known.zone).end:
        yield (
            ("when",),
            f"runs from {when.start} to {when.until} with precision *day*.",
            "A reader would take one day of them for the day of the event.",
            "Write `precision: days`, `week`, `month` or `longer`.",
        )
    dated = [text for text in (when.start, when.until) if text is not None and len(text) == len("2017-05-04")]
    if dated and when.precision in (TimePrecision.INSTANT, TimePrecision.HOUR):
        yield (
            ("when", "precision"),
            f"has precision *{when.precision.value}*, but {dated[0]} gives no time of day.",
            "A day is some moment of 24 hours.",
            "Write the time, such as 2017-05-04T12:00, or `precision: day`.",
        )
    if report.reported is not None and parse_moment(report.reported, known.zone).end <= start.start:
        yield (
            ("reported",),
            f"was reported ({report.reported}) before it happened ({when.start}).",
            "One of the two dates is wrong, and it is not known which.",
            "Correct one; where the source itself says so, leave `reported` out and tell it in `note`.",
        )


def _wrong_place(report: CaseReport, _: Known) -> Iterator[_Complaint]:
    """Check that a disc has its point, and that an area has none."""
    where = report.where
    point = [key for key in ("latitude", "longitude", "radius_km") if getattr(where, key) is not None]
    if where.precision.is_disc:
        for key in ("latitude", "longitude"):
            if key not in point:
                yield (
                    ("where",),
                    f"has a place of precision *{where.precision.value}* without {key}.",
                    "Such a place is a disc, and a disc has a centre.",
                    f"Add `{key}`, or use an area's precision: district, governorate, area, country, unknown.",
                )
        if where.precision is PlacePrecision.NEAR and where.radius_km is None:
            yield (
                ("where",),
                "has a place *near* a point, without radius_km.",
                "How far *near* reaches decides whether it may lie in an area.",
                "Add `radius_km`.",
            )
    elif point:
        yield (
            ("where", point[0]),
            f"gives {' and '.join(point)} for a place of precision *{where.precision.value}*.",
            "An area has no point; its centre would be drawn and tested as if the event were there.",
            "Remove the coordinates, or use `precision: near` with a radius.",
        )
    needed = {PlacePrecision.DISTRICT: ("governorate", "district"), PlacePrecision.GOVERNORATE: ("governorate",)}
    missing = [key for key in needed.get(where.precision, ()) if getattr(where, key) is None]
    if where.district is not None and where.governorate is None and "governorate" not in missing:
        missing.append("governorate")
    for key in missing:
        yield (
            ("where",),
            f'has a place "{where.name}" without its {key}.',
            "The unit is found by the names of all units that hold it.",
            f"Add `{key}`.",
        )


def _wrong_tolls(report: CaseReport, _: Known) -> Iterator[_Complaint]:
    """Check low <= best <= high, as far as they are given."""
    for key in type(report.toll).model_fields:
        count = getattr(report.toll, key)
        if count is None:
            continue
        given = [(bound, getattr(count, bound)) for bound in ("low", "best", "high")]
        given = [(bound, number) for bound, number in given if number is not None]
        if not given:
            yield (
                ("toll", key),
                f"has a toll `{key}` without a number.",
                "An empty count would read as if one were known.",
                "Leave it out, or give low, best or high.",
            )
        for (lower, less), (upper, more) in itertools.pairwise(given):
            if less > more:
                yield (
                    ("toll", key, lower),
                    f"has a {lower} of {less} {key} above its {upper} of {more}.",
                    "A range that ends before it begins holds no number.",
                    "Correct one of them; leave out a bound that nobody gives.",
                )
