"""The words of a bulletin: numbers with their nouns, ranges, days, citations, statuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from ceasefire.assessment.counts import Bounds, TollSum
from ceasefire.model.time import Span, local_date
from ceasefire.model.vocabulary import ObligationState, Question, Status

HUMANITARIAN_LAW = (
    "That an act is exempt from, excepted by or outside this agreement, or that its author is not bound by it, does "
    "not make the act lawful: international humanitarian law applies regardless."
)
BOUNDS_EXPLAINED = (
    "Every count of clause checks is given twice. The lower bound counts what is alleged: every question answered "
    "yes. The upper bound adds what is contested (sources or readings differ, and it matters) and what is "
    "undetermined (nobody says). Neither is a ruling; only people rule, and none of these counts rests on one."
)
NOT_STATED = "not stated"
NONE_ON_RECORD = "none on record"

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_IRREGULAR = {"party": "parties", "person": "people"}

STATUS_WORDS: dict[Status, str] = {
    Status.ALLEGED_VIOLATION: "alleged violation",
    Status.CONTESTED: "contested",
    Status.UNDETERMINED: "undetermined",
    Status.EXEMPT_TARGET: "exempt target",
    Status.EXCEPTED: "excepted",
    Status.NOT_BOUND: "not bound",
    Status.NOT_A_CLAUSE: "act outside the clause",
    Status.OUTSIDE_AREA: "outside the area",
    Status.OUTSIDE_TIME: "outside the time",
}
"""Status to the words of tables, in the order in which tables list them."""

QUESTION_WORDS: dict[Question, str] = {
    Question.IN_FORCE: "in force",
    Question.IN_AREA: "in the area",
    Question.ACT: "act",
    Question.BOUND: "bound",
    Question.COVERED_TARGET: "covered target",
    Question.EXCEPTION: "exception",
}

FACT_WORDS: dict[str, str] = {
    "direction": "direction: who acted",
    "target": "target: who or what was hit",
    "adherence": "adherence: a party's own act, or a mandate, on record",
    "place": "place: clear of the border's uncertainty, or a polygon of the area",
    "time": "time: the moment of the event, or of the agreement's start, end or renewal",
    "act": "act: what kind of armed act",
    "reading": "reading: an agreed meaning of the clause",
    "ruling": "ruling: a finding of people on the exception invoked",
}
"""What one more fact can be, in the order in which it is listed."""

STATE_WORDS: dict[ObligationState, str] = {
    ObligationState.PERFORMED: "performed",
    ObligationState.PARTLY: "partly performed",
    ObligationState.NOT_PERFORMED: "not performed",
    ObligationState.UNVERIFIED: "unverified",
    ObligationState.CONTESTED: "contested",
    ObligationState.WAIVED: "waived",
    ObligationState.SUSPENDED: "suspended",
    ObligationState.NOT_DUE: "not due",
}


def number(value: int) -> str:
    """Write a number with a comma between thousands.

    Examples
    --------
    >>> number(11757)
    '11,757'
    """
    return f"{value:,}"


def plural(noun: str, count: int) -> str:
    """Return the noun in the number that `count` asks for; of a phrase the word before "of", else the last, changes.

    Examples
    --------
    >>> plural("incident", 1), plural("party", 2), plural("further incident", 0), plural("pair of clause and area", 2)
    ('incident', 'parties', 'further incidents', 'pairs of clause and area')
    """
    if count == 1:
        return noun
    phrase, of, rest = noun.partition(" of ")
    before, space, head = phrase.rpartition(" ")
    return f"{before}{space}{_IRREGULAR.get(head, f'{head}s')}{of}{rest}"


def counted(count: int, noun: str, *, start: bool = False) -> str:
    """Write a count with its noun: in words up to twelve.

    Examples
    --------
    >>> counted(1, "incident"), counted(0, "incident", start=True), counted(41, "finding")
    ('one incident', 'No incidents', '41 findings')
    """
    shown = _WORDS[count] if 0 <= count < len(_WORDS) else number(count)
    text = f"{shown} {plural(noun, count)}"
    return text[0].upper() + text[1:] if start else text


def verb(count: int, singular: str, several: str) -> str:
    """Choose the verb form that `count` asks for."""
    return singular if count == 1 else several


def none_or(count: int) -> str:
    """Write a number for a sentence that counts a part of what was named before: none, else figures.

    Examples
    --------
    >>> none_or(0), none_or(1), none_or(1200)
    ('none', '1', '1,200')
    """
    return number(count) if count else "none"


def between(bounds: Bounds) -> str:
    """Write bounds for a sentence.

    Examples
    --------
    >>> between(Bounds(3, 41)), between(Bounds(2, 2))
    ('between 3 and 41', '2')
    """
    if bounds.lower == bounds.upper:
        return number(bounds.lower)
    return f"between {number(bounds.lower)} and {number(bounds.upper)}"


def dashed(low: int | None, high: int | None) -> str:
    """Write a range for a table; what nobody states says so.

    Examples
    --------
    >>> dashed(3, 41), dashed(2, 2), dashed(None, None)
    ('3–41', '2', 'not stated')
    """
    if low is None and high is None:
        return NOT_STATED
    if low == high or high is None or low is None:
        return number(low if low is not None else high or 0)
    return f"{number(low)}–{number(high)}"


def toll_range(low: int | None, best: int | None, high: int | None) -> str:
    """Write low, best and high as a table does: one number where they are equal, in the order given otherwise.

    Examples
    --------
    >>> toll_range(5, 5, 5), toll_range(0, 0, 126), toll_range(None, None, None), toll_range(None, 84, None)
    ('5', '0–0–126', 'not stated', '84')
    """
    said = [figure for figure in (low, best, high) if figure is not None]
    if not said:
        return NOT_STATED
    if len(set(said)) == 1:
        return number(said[0])
    return "–".join("?" if figure is None else number(figure) for figure in (low, best, high))


def toll_sum(toll: TollSum) -> str:
    """Write a summed toll for a table, with how many incidents do not state it.

    Examples
    --------
    >>> toll_sum(TollSum(low=5, best=5, high=9, stated=2, incidents=3)).replace("\u00a0", " ")
    '5–5–9 (not stated: 1 of 3)'
    """
    if not toll.stated:
        return NOT_STATED
    text = toll_range(toll.low, toll.best, toll.high)
    missing = toll.incidents - toll.stated
    return f"{text} (not stated:\u00a0{number(missing)}\u00a0of\u00a0{number(toll.incidents)})" if missing else text


def signed(value: int) -> str:
    """Write a change with its sign, a true minus.

    Examples
    --------
    >>> signed(4), signed(-4), signed(0)
    ('+4', '−4', '0')
    """
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value else "0"


def change_range(now: Bounds, earlier: Bounds) -> str:
    """Write the change between two counts that are themselves ranges.

    Examples
    --------
    >>> change_range(Bounds(3, 10), Bounds(2, 6)), change_range(Bounds(4, 4), Bounds(6, 6))
    ('−3 to +8', '−2')
    """
    least, most = now.change_from(earlier)
    return signed(least) if least == most else f"{signed(least)} to {signed(most)}"


def direction_of_change(now: Bounds, earlier: Bounds) -> str:
    """Say whether a count rose, as far as two ranges allow.

    Examples
    --------
    >>> direction_of_change(Bounds(3, 10), Bounds(2, 6))
    'the ranges overlap, so whether it rose or fell cannot be told'
    """
    least, most = now.change_from(earlier)
    if least == most == 0:
        return "it did not change"
    if least > 0:
        return "it rose, whichever ends of the ranges hold"
    if most < 0:
        return "it fell, whichever ends of the ranges hold"
    return "the ranges overlap, so whether it rose or fell cannot be told"


def day_words(day: date) -> str:
    """Write a day in full, in English whatever the machine's language.

    Examples
    --------
    >>> day_words(date(2017, 9, 25))
    'Mon 25 September 2017'
    """
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """Write a day for a table.

    Examples
    --------
    >>> short_day(date(2017, 9, 5))
    '5 Sep 2017'
    """
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def moment_words(instant: int, zone: ZoneInfo) -> str:
    """Write an instant in local time, with the zone's name and its offset then."""
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).astimezone(zone)
    offset = moment.strftime("%z")
    return f"{day_words(moment.date())}, {moment:%H:%M} {zone.key} (UTC{offset[:3]}:{offset[3:5]})"


def period_days(period: Span, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and last local day of a period."""
    return local_date(period.start, zone), local_date(period.end - 1, zone)


def period_words(period: Span, zone: ZoneInfo) -> str:
    """Write a period of whole local days."""
    first, last = period_days(period, zone)
    return day_words(first) if first == last else f"{day_words(first)} to {day_words(last)}"


def interval_words(start: int, end: int, zone: ZoneInfo) -> str:
    """Write the local day or days of an interval, for a table."""
    first, last = local_date(start, zone), local_date(max(start, end - 1), zone)
    if first == last:
        return short_day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{short_day(last)}"
    return f"{short_day(first)} – {short_day(last)}"


def joined(parts: Sequence[str], *, conjunction: str = "and") -> str:
    """Join parts as a sentence does.

    Examples
    --------
    >>> joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


def sentence_case(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]
