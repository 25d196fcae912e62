"""Who belongs to whom makes sense at every instant; speakers and buckets are what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ceasefire.actors.records import Actor
from ceasefire.actors.register import BINDING_TIES, ActorRegister
from ceasefire.agreement.crosscheck_clauses import circle_through
from ceasefire.agreement.files import CaseFiles, Entry
from ceasefire.agreement.records import Speaker
from ceasefire.model.errors import Fault
from ceasefire.model.time import EARLIEST, LATEST, local_date


def check_actors(files: CaseFiles, zone: ZoneInfo) -> list[Fault]:
    """Return the faults of actors' ties, external ids and buckets, and of speakers' lineages."""
    actors = files.of("actor", Actor)
    register = ActorRegister([entry.record for entry in actors], zone)
    faults = list(_circles(actors, register, zone))
    faults += _external_ids(actors, register, zone)
    for entry in actors:
        if entry.record.may_contain and entry.record.kind != "bucket":
            faults.append(
                entry.fault(
                    ("may_contain",),
                    f'{entry.label} may contain others, and its kind is "{entry.record.kind}".',
                    "Only a label of a data set is open as to who is meant; a group has dated members.",
                    "Write `kind: bucket`, or give the others affiliations to it.",
                )
            )
    for speaker in files.of("speaker", Speaker):
        if speaker.id in speaker.record.lineage:
            faults.append(
                speaker.fault(
                    ("lineage", speaker.record.lineage.index(speaker.id)),
                    f"{speaker.label} draws on itself.",
                    "Corroboration counts chains of sources, and this one never ends.",
                    "Leave the lineage empty where the speaker is its own source.",
                )
            )
    return faults


def _circles(actors: list[Entry[Actor]], register: ActorRegister, zone: ZoneInfo) -> Iterator[Fault]:
    """No actor belongs to itself through others at any instant. Each circle is told once, at its first tie."""
    told: set[frozenset[str]] = set()
    for instant in (EARLIEST, *register.change_instants()):
        ties: dict[str, list[str]] = defaultdict(list)
        held: list[tuple[Entry[Actor], int, str]] = []
        for entry in actors:
            for i, tie in enumerate(entry.record.affiliations):
                start, end = register.interval(tie.valid_from, tie.valid_until)
                if tie.kind in BINDING_TIES and start <= instant < end:
                    ties[entry.id].append(tie.to)
                    held.append((entry, i, tie.to))
        for entry, i, to in held:
            circle = [entry.id, to] if to == entry.id else circle_through(ties, entry.id, to)
            if circle and frozenset(circle) not in told:
                told.add(frozenset(circle))
                since = "" if instant == EARLIEST else f" from {local_date(instant, zone)}"
                yield entry.fault(
                    ("affiliations", i, "to"),
                    f"{entry.label} belongs to itself{since}: {' > '.join(circle)}.",
                    "What binds or exempts a group reaches its members, so all in a circle would be one.",
                    "Correct the tie that is wrong, or its dates.",
                )


def _external_ids(actors: list[Entry[Actor]], register: ActorRegister, zone: ZoneInfo) -> Iterator[Fault]:
    """One id of another data set means one actor at a time."""
    held: dict[tuple[str, str], list[tuple[Entry[Actor], int, int]]] = defaultdict(list)
    for entry in actors:
        for i, known in enumerate(entry.record.external_ids):
            start, end = register.interval(known.valid_from, known.valid_until)
            for other, other_start, other_end in held[known.scheme, known.id]:
                if other.id != entry.id and max(start, other_start) < min(end, other_end):
                    both = _period(max(start, other_start), min(end, other_end), zone)
                    yield entry.fault(
                        ("external_ids", i),
                        f'{known.scheme} id "{known.id}" means {entry.label} and {other.label} {both}.',
                        "A row of that data set could be either, and would be nobody.",
                        "Date the ids so that they do not overlap, or give the id to one of the two.",
                    )
            held[known.scheme, known.id].append((entry, start, end))


def _period(start: int, end: int, zone: ZoneInfo) -> str:
    if start == EARLIEST and end == LATEST:
        return "at all times"
    since = "" if start == EARLIEST else f"from {local_date(start, zone)}"
    until = "" if end == LATEST else f"until {local_date(end, zone)}"
    return f"{since} {until}".strip()
