"""What is on record of who could have seen: hours of watch by week. Without them a count has no denominator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ceasefire.assessment.weeks import monday_of
from ceasefire.model.time import day_span, parse_moment

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Coverage
    from ceasefire.assessment.places import Place


def watch_hours(case: Case, place: Place, weeks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the hours of watch on record for an area in each week.

    Hours of a record that lasts over several weeks are spread evenly over its time.

    Parameters
    ----------
    weeks : ndarray of int64, shape (n,)
        Week numbers.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN for a week of which no record says how many hours were watched.
    """
    hours = np.full(len(weeks), np.nan)
    if not len(weeks):
        return hours
    edges = [day_span(monday_of(int(week)), case.zone).start for week in (*weeks, int(weeks[-1]) + 1)]
    start, end = np.array(edges[:-1]), np.array(edges[1:])
    for record in case.coverage:
        if record.state != "up" or record.hours is None or _area_of(case, record) != place.area_id:
            continue
        first, last = parse_moment(record.valid_from, case.zone).start, parse_moment(record.valid_until, case.zone).end
        inside = np.clip(np.minimum(end, last) - np.maximum(start, first), 0, None)
        share = inside / max(last - first, 1)
        hours = np.where(inside > 0, np.nan_to_num(hours) + share * record.hours, hours)
    return hours


def _area_of(case: Case, record: Coverage) -> str | None:
    if record.area is not None or record.post is None:
        return record.area
    return next((post.area for post in case.posts if post.id == record.post), None)
