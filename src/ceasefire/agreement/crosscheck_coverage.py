"""Coverage says of what it is, and no more hours of it than there were."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ceasefire.agreement.files import CaseFiles, Entry
from ceasefire.agreement.records import Coverage
from ceasefire.model.errors import Fault
from ceasefire.model.time import parse_moment

_HOUR = 3_600_000_000


def check_coverage(files: CaseFiles, zone: ZoneInfo) -> list[Fault]:
    """Return a fault for every record of coverage of nothing, or with hours that cannot have been."""
    return [fault for entry in files.of("coverage", Coverage) for fault in _faults(entry, zone)]


def _faults(entry: Entry[Coverage], zone: ZoneInfo) -> Iterator[Fault]:
    record = entry.record
    if record.area is None and record.post is None:
        yield entry.fault(
            ("id",),
            f"{entry.label} names neither an area nor a post.",
            "Nobody can say what could have been seen, and it would count for nothing.",
            "Add `area:` for a patrol, or `post:` for a post or camera.",
        )
    if record.hours is None:
        return
    if record.state != "up" and record.hours > 0:
        yield entry.fault(
            ("hours",),
            f"{entry.label} is {record.state} and has {record.hours:g} hours of watch.",
            "Hours would count for a time in which nobody watched, or nobody knows.",
            "Write the hours of watch in a record of their own that is up, or remove them.",
        )
    length = (parse_moment(record.valid_until, zone).end - parse_moment(record.valid_from, zone).start) / _HOUR
    if record.post is not None and record.hours > length > 0:
        yield entry.fault(
            ("hours",),
            f"{entry.label} has {record.hours:g} hours of watch at one post, in {length:g} hours.",
            "A post is watched from or not; hours of several observers at once are not hours of watch.",
            "Give the hours in which at least one of them watched.",
        )
