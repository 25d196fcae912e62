"""What each role sees first: what changed since yesterday, what waits, and what concerns its own party."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.casework.records import CaseFile
from ceasefire.casework.transitions import awaited_until
from ceasefire.casework.views import CaseFileRow, row_of, told
from ceasefire.model.casework import ENDED
from ceasefire.model.roles import Role, public, shared
from ceasefire.model.time import day_span, instant_text, local_date

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ceasefire.agreement.casework_rules import CaseworkRules
    from ceasefire.casework.people import Person
    from ceasefire.pipeline.casework import Casework
    from ceasefire.pipeline.served import ServedRecord, Snapshot

_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFinding:
    """A clause check whose status is not what it was."""

    finding_id: Annotated[str, public("Its id.")]
    incident_id: Annotated[str, public("The incident.")]
    clause_id: Annotated[str, public("The clause.")]
    accused_id: Annotated[str | None, public("The actor it is about; null: nobody named.")]
    before: Annotated[str, public("Its status then.")]
    status: Annotated[str, public("Its status now.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFindings:
    """How clause checks differ from those of an earlier state of the record."""

    new: Annotated[int, public("Of incidents or clauses that were not checked then.")]
    gone: Annotated[int, public("Not there any more: their incident was merged, split or corrected.")]
    changed: Annotated[int, public("With another status.")]
    rows: Annotated[tuple[ChangedFinding, ...], public("Of those with another status, at most 100.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyClock:
    """Until when the reply of a party is awaited."""

    case_file_id: Annotated[str, shared("The case file.")]
    number: Annotated[int, shared("Its number.")]
    party: Annotated[str, shared("Whose reply.")]
    until: Annotated[str, shared("UTC: the end of a local day.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInPublic:
    """A publication that names a party."""

    case_file_id: Annotated[str, shared("The case file.")]
    number: Annotated[int, shared("Its number.")]
    position: Annotated[int, shared("Of the entry that published it.")]
    at: Annotated[str, shared("UTC.")]
    what: Annotated[str, shared("determination, progress or spot-report.")]
    party: Annotated[str, shared("Who is named.")]
    reply_printed: Annotated[bool, shared("Whether a reply of that party stands beside it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnParties:
    """What concerns the parties that one speaks for."""

    parties: Annotated[tuple[str, ...], shared("Whom you speak for.")]
    against: Annotated[tuple[CaseFileRow, ...], shared("Open case files that accuse them, as far as told to you.")]
    filed: Annotated[tuple[CaseFileRow, ...], shared("Open case files that they filed.")]
    reply_clocks: Annotated[tuple[ReplyClock, ...], shared("Their replies that are awaited, the soonest first.")]
    published: Annotated[tuple[NamedInPublic, ...], shared("Publications that name them, the latest first.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What one sees first."""

    position: Annotated[int, shared("Of the ledger's last entry that was read.")]
    since: Annotated[str, shared("The start of the local day before, UTC.")]
    since_position: Annotated[int, shared("Of the last entry before it: `since_position` of what is new.")]
    findings: Annotated[
        ChangedFindings | None, shared("Against that position; null: the results of then are not held any more.")
    ]
    overdue: Annotated[tuple[CaseFileRow, ...], shared("Case files past their due date, the longest past first.")]
    open_case_files: Annotated[int, shared("Case files that have not ended, of those you see.")]
    reply_clocks: Annotated[
        tuple[ReplyClock, ...], shared("Of every party that you were told is asked; the soonest first.")
    ]
    own: Annotated[OwnParties | None, shared("What concerns your own party; null: you speak for none.")]


def home_view(record: ServedRecord, snapshot: Snapshot, casework: Casework, *, as_of: int | None, told_at: int) -> Home:
    """Return what a person sees first.

    Parameters
    ----------
    casework : Casework
        For the person.
    as_of : int or None
        A position of the ledger: as it stood then.
    told_at : int
        Now, UTC microseconds.
    """
    position = casework.ledger.size if as_of is None else as_of
    at = told_at if as_of is None else _recorded_at(casework, as_of)
    start = day_span(local_date(at, casework.zone) - timedelta(days=1), casework.zone).start
    since = min(casework.ledger.position_at(start), position)
    seen = casework.seen(as_of=as_of)
    rows = {one.id: row_of(one, casework.rules, casework.zone, at=_not_before(one, at)) for one in seen}
    return Home(
        position=position,
        since=instant_text(start).replace("+00:00", "Z"),
        since_position=since,
        findings=changed_findings(record, snapshot, since),
        overdue=tuple(
            sorted((row for row in rows.values() if row.overdue), key=lambda row: (row.due_at or "", row.id))
        ),
        open_case_files=sum(one.state not in ENDED for one in seen),
        reply_clocks=_clocks(seen, casework.person, None, at),
        own=_own(seen, casework.person, casework.rules, casework.zone, at),
    )


def changed_findings(record: ServedRecord, snapshot: Snapshot, since: int) -> ChangedFindings | None:
    """Return how clause checks differ from those at an earlier position; None where those are not held."""
    before = record.findings_held(since, snapshot)
    if before is None:
        return None
    now = snapshot.findings
    then_ids = before["finding_id"].combine_chunks()
    place = pc.index_in(now["finding_id"].combine_chunks(), value_set=then_ids)
    is_new = np.asarray(pc.is_null(place))
    status_then = before["status"].cast(pa.string()).combine_chunks().take(place)
    is_other = np.asarray(
        pc.fill_null(pc.not_equal(status_then, now["status"].cast(pa.string()).combine_chunks()), False)
    )
    rows = np.flatnonzero(is_other)[:_MOST_SHOWN]
    shown = now.take(pa.array(rows)).to_pylist()
    old = status_then.take(pa.array(rows)).to_pylist()
    return ChangedFindings(
        new=int(is_new.sum()),
        gone=before.num_rows - int((~is_new).sum()),
        changed=int(is_other.sum()),
        rows=tuple(
            ChangedFinding(
                finding_id=row["finding_id"],
                incident_id=row["incident_id"],
                clause_id=row["clause_id"],
                accused_id=row["accused_id"],
                before=was,
                status=row["status"],
            )
            for row, was in zip(shown, old, strict=True)
        ),
    )


def _recorded_at(casework: Casework, position: int) -> int:
    return next(casework.ledger.entries(position, after=position - 1)).recorded_at


def _not_before(case_file: CaseFile, at: int) -> int:
    return max(at, case_file.history[-1].mark.at)


def _clocks(
    seen: Iterable[CaseFile], person: Person, parties: frozenset[str] | None, at: int
) -> tuple[ReplyClock, ...]:
    """Return the replies awaited, of some parties or of all, as far as a person was told that they were asked for."""
    found = []
    for one in seen:
        for party in sorted({offer.offer.party for offer in told(one, one.offers, person)}):
            until = awaited_until(one, party, at=at) if parties is None or party in parties else None
            if until is not None and one.state not in ENDED:
                found.append(
                    ReplyClock(
                        case_file_id=one.id,
                        number=one.number,
                        party=party,
                        until=instant_text(until).replace("+00:00", "Z"),
                    )
                )
    return tuple(sorted(found, key=lambda clock: (clock.until, clock.number, clock.party)))


def _own(seen: Sequence[CaseFile], person: Person, rules: CaseworkRules, zone: ZoneInfo, at: int) -> OwnParties | None:
    parties = person.parties if Role.LIAISON in person.roles else frozenset()
    if not parties:
        return None

    def rows(chosen: Iterable[CaseFile]) -> tuple[CaseFileRow, ...]:
        return tuple(row_of(one, rules, zone, at=_not_before(one, at)) for one in chosen if one.state not in ENDED)

    latest = list(reversed(seen))
    published = [
        NamedInPublic(
            case_file_id=one.id,
            number=one.number,
            position=publication.mark.position,
            at=instant_text(publication.mark.at).replace("+00:00", "Z"),
            what=publication.what,
            party=printed.party,
            reply_printed=printed.text is not None,
        )
        for one in seen
        for publication in one.publications
        for printed in publication.replies
        if printed.party in parties
    ]
    return OwnParties(
        parties=tuple(sorted(parties)),
        against=rows(one for one in latest if parties & set(one.accused)),
        filed=rows(one for one in latest if one.filed_by in parties),
        reply_clocks=_clocks(seen, person, parties, at),
        published=tuple(sorted(published, key=lambda one: -one.position)),
    )
