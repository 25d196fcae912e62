"""Dates and ranges of a case in their order: nothing ends before it begins, no low lies above its high."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ceasefire.actors.records import ActorName, Affiliation, ExternalId
from ceasefire.agreement.crosscheck_references import records_within
from ceasefire.agreement.files import CaseFiles, Entry
from ceasefire.agreement.records import Interpretation, Notification, RenewalProof
from ceasefire.model.case_types import Moment, Range
from ceasefire.model.errors import Fault
from ceasefire.model.schema_faults import Location
from ceasefire.model.time import Span, hull, parse_moment
from ceasefire.model.yaml_file import CaseRecord
from ceasefire.territory.records import WidthRange

# keys that begin something -> keys that end it, wherever both stand in one record
_PAIRS = (
    ("valid_from", "valid_until"),
    ("enters_into_force", "ends"),
    ("starts", "ends"),
    ("opened", "closed"),
    ("period_from", "period_until"),
)
# of these the day of `valid_until` is the first on which they hold no more, so both on one day is never
_UNTIL_START_OF_DAY = (ActorName, Affiliation, ExternalId, RenewalProof, Interpretation)
_AFTER_SUBMISSION = ("received", "acknowledged", "consented", "objected", "cancelled")


class _Stated(NamedTuple):
    """A moment, or several on record for one thing: the words, and the span that holds them."""

    words: str
    span: Span


def check_dates(files: CaseFiles, zone: ZoneInfo) -> list[Fault]:
    """Return a fault for every span that ends before it starts and every range out of order."""
    faults = []
    for entry in (entry for of_kind in files.entries.values() for entry in of_kind):
        for at, record in records_within(entry.record):
            faults += _pairs(entry, at, record, zone)
            if isinstance(record, Notification):
                faults += _correspondence(entry, record, zone)
            if isinstance(record, Range):
                faults += _range(entry, at, record)
            if isinstance(record, WidthRange) and record.low > record.high:
                faults.append(_out_of_order(entry, at, f"low is {record.low:g} km, above high, {record.high:g} km"))
    return faults


def _pairs(entry: Entry[CaseRecord], at: Location, record: CaseRecord, zone: ZoneInfo) -> list[Fault]:
    faults = []
    for begins, ends in _PAIRS:
        start, end = (_stated(getattr(record, key, None), zone) for key in (begins, ends))
        if start is None or end is None:
            continue
        exclusive = isinstance(record, _UNTIL_START_OF_DAY)
        if end.span.start < start.span.start and end.span.end <= start.span.start:
            what = f"{entry.label} has {ends} {end.words}, before {begins} {start.words}."
        elif exclusive and end.span.start <= start.span.start:
            what = f"{entry.label} has {ends} {end.words} and {begins} {start.words}, so it never holds."
        else:
            continue
        faults.append(
            entry.fault(
                (*at, ends),
                what,
                "What ends before it begins never held, and every check that rests on it would silently say no.",
                f"Correct {begins} or {ends}."
                + (f" The day of {ends} is the first on which it no longer holds." if exclusive else ""),
            )
        )
    return faults


def _stated(value: Any, zone: ZoneInfo) -> _Stated | None:
    texts = [value] if isinstance(value, str) else [one.at for one in value or () if isinstance(one, Moment)]
    if not texts:
        return None
    return _Stated(" or ".join(texts), hull(_spans(texts, zone)))


def _spans(texts: Sequence[str], zone: ZoneInfo) -> list[Span]:
    return [parse_moment(text, zone) for text in texts]


def _correspondence(entry: Entry[CaseRecord], record: Notification, zone: ZoneInfo) -> list[Fault]:
    submitted = parse_moment(record.submitted, zone)
    faults = []
    for key in _AFTER_SUBMISSION:
        text = getattr(record, key)
        if text is None:
            continue
        span = parse_moment(text, zone)
        if span.start < submitted.start and span.end <= submitted.start:
            faults.append(
                entry.fault(
                    (key,),
                    f"{entry.label} was {key} {text}, before it was submitted, {record.submitted}.",
                    "Whether notice was given in time depends on the order.",
                    f"Correct submitted or {key}.",
                )
            )
    return faults


def _range(entry: Entry[CaseRecord], at: Location, record: Range) -> list[Fault]:
    given = [(key, getattr(record, key)) for key in ("low", "best", "high") if getattr(record, key) is not None]
    for (lower_key, lower), (upper_key, upper) in pairwise(given):
        if lower > upper:
            return [_out_of_order(entry, at, f"{lower_key} is {lower}, above {upper_key}, {upper}")]
    return []


def _out_of_order(entry: Entry[CaseRecord], at: Location, what: str) -> Fault:
    return entry.fault(
        at,
        f'in "{at[-1]}" of {entry.label}, {what}.',
        "A range out of order has no lower and upper bound.",
        "Give them in order, low, best, high; leave out what nobody says.",
    )
