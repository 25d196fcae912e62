"""Ages and due dates: how long a file has stood where it stands, and when it should have left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from ceasefire.agreement.casework_rules import CaseworkRules
from ceasefire.casework.records import CaseFile
from ceasefire.model.casework import ENDED
from ceasefire.model.time import MICROSECONDS_PER_DAY, day_span, local_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A file's clock at one instant.

    Parameters
    ----------
    due_at : int or None
        UTC microseconds: the end of a local day; None where nothing is due. While the clock stands still it moves on
        with the instant asked for.
    overdue : bool
        Whether `due_at` has passed; never while the clock stands still.
    state_days : float
        Days in the present state, without those in which the clock stood still.
    age_days : float
        Days since it was opened, or from then to its end; all of them.
    stopped_days : float
        Of `age_days`: in which the clock stood still.
    stopped : str or None
        The reason for which it stands still now.
    """

    due_at: int | None
    overdue: bool
    state_days: float
    age_days: float
    stopped_days: float
    stopped: str | None


def clock_of(case_file: CaseFile, rules: CaseworkRules, zone: ZoneInfo, *, at: int) -> Clock:
    """Return the clock of a file at an instant (not before its last entry).

    A party's time to reply is no part of it: that is fixed when the reply is asked for, and access denied to a place
    does not lengthen it.
    """
    since = case_file.state_since.at
    still_in_state = _stopped(case_file, since, at)
    days = rules.days_allowed(case_file.state)
    due_at = None
    if days is not None:
        last_day = local_date(since, zone) + timedelta(days=days)
        due_at = day_span(last_day, zone).end + still_in_state
    running = next((stop for stop in case_file.stops if stop.until is None), None)
    ended = case_file.state in ENDED
    until = since if ended else at
    return Clock(
        due_at=due_at,
        overdue=due_at is not None and running is None and at >= due_at,
        state_days=(at - since - still_in_state) / MICROSECONDS_PER_DAY,
        age_days=(until - case_file.opened.at) / MICROSECONDS_PER_DAY,
        stopped_days=_stopped(case_file, case_file.opened.at, until) / MICROSECONDS_PER_DAY,
        stopped=None if running is None or ended else running.reason,
    )


def _stopped(case_file: CaseFile, since: int, at: int) -> int:
    """Return the microseconds between two instants in which the clock stood still; stops never overlap."""
    return sum(
        max(0, min(at, at if stop.until is None else stop.until) - max(since, stop.mark.at)) for stop in case_file.stops
    )
