"""What casework told the public of a period: each publication, every reply, and the determination it rests on.

What was printed is kept as it was printed. What came after it is set beside it: a reply that came later, an appeal, a
ruling that replaced the one told. So a reader of today is not left with the answers of then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from ceasefire.casework.fold import CaseFiles
from ceasefire.casework.records import CaseFile, Dissent, Draft, Mark, Publication, RemedyReport, Reply, Ruling
from ceasefire.casework.voting import Count, count_vote
from ceasefire.model.casework import CaseOutcome, CaseState
from ceasefire.model.time import Span, hull, parse_moment


class Standing(StrEnum):
    """What has become of a determination since it was told."""

    STANDS = "stands"
    UNDER_APPEAL = "under-appeal"
    EXAMINED_AGAIN = "examined-again"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDetermination:
    """A determination that was published, with what became of it.

    Parameters
    ----------
    draft : Draft
        What was found, and the body with its rules.
    count : Count or None
        The vote, counted without those who were barred then; None where none is on record.
    held_on : str or None
        Local day of the vote.
    dissents : tuple of Dissent
        Also those that came after the ruling.
    remedies : tuple of RemedyReport or None
        For each remedy of the draft, the last that was reported of it.
    standing : Standing
        Of the ruling, as of the position.
    since : Mark
        The ruling, or what put an end to its standing.
    """

    draft: Draft
    count: Count | None
    held_on: str | None
    dissents: tuple[Dissent, ...]
    remedies: tuple[RemedyReport | None, ...]
    standing: Standing
    since: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPublication:
    """One publication as a bulletin carries it.

    Parameters
    ----------
    case_file_id, number
        Of the case file.
    publication : Publication
        As it was told, with the reply of each party named, or that there was none.
    later_replies : tuple of Reply
        Of the parties named, that came after it.
    determination : ToldDetermination or None
        Where the publication is of one.
    in_period : bool
        Whether it was told in the period; else it is of an event of the period, and was told at another time.
    position : int
        Of the last entry that anything here rests on.
    """

    case_file_id: str
    number: int
    publication: Publication
    later_replies: tuple[Reply, ...]
    determination: ToldDetermination | None
    in_period: bool
    position: int


def told_publications(
    case_files: CaseFiles, period: Span, zone: ZoneInfo, *, is_of_period: Callable[[tuple[str, ...]], bool]
) -> tuple[ToldPublication, ...]:
    """Return what was told in a period, or of the events of a period, in the order in which it was told.

    Parameters
    ----------
    case_files : CaseFiles
        At the position that the answer is of.
    period : Span
        Whole local days.
    is_of_period : callable
        Whether any of some incidents is of the period; asked only of files with a publication.
    """
    found = []
    for case_file in case_files.files.values():
        if not case_file.publications:
            continue
        of_event = _event_touches(case_file, period, zone) or is_of_period(
            tuple(case_file.fields["incident_ids"].value)
        )
        for publication in case_file.publications:
            in_period = period.start <= publication.mark.at < period.end
            if in_period or of_event:
                found.append(_told(case_file, publication, in_period=in_period))
    return tuple(sorted(found, key=lambda told: told.publication.mark.position))


def rests_on(told: Iterable[ToldPublication]) -> int:
    """Return the position of the last entry that some publications rest on; 0 for none."""
    return max((one.position for one in told), default=0)


def _event_touches(case_file: CaseFile, period: Span, zone: ZoneInfo) -> bool:
    moments = [
        parse_moment(value, zone)
        for name in ("occurred_from", "occurred_until")
        if (value := case_file.fields[name].value) is not None
    ]
    if not moments:
        return False
    span = hull(moments)
    return span.start < period.end and max(span.end, span.start + 1) > period.start


def _told(case_file: CaseFile, publication: Publication, *, in_period: bool) -> ToldPublication:
    later = tuple(
        reply
        for reply in case_file.replies
        if reply.party in publication.names and reply.mark.position > publication.mark.position
    )
    determination = _determination(case_file, publication) if publication.what == "determination" else None
    marks = [publication.mark, *(reply.mark for reply in later)]
    if determination is not None:
        marks += [determination.since, *(dissent.mark for dissent in determination.dissents)]
        marks += [report.mark for report in determination.remedies if report is not None]
    return ToldPublication(
        case_file_id=case_file.id,
        number=case_file.number,
        publication=publication,
        later_replies=later,
        determination=determination,
        in_period=in_period,
        position=max(mark.position for mark in marks),
    )


def _determination(case_file: CaseFile, publication: Publication) -> ToldDetermination | None:
    ruling = next(
        (
            one
            for one in reversed(case_file.rulings)
            if one.outcome is CaseOutcome.DETERMINED and one.mark.position < publication.mark.position
        ),
        None,
    )
    if ruling is None or ruling.draft is None:
        return None
    standing, since = _standing(case_file, ruling)
    return ToldDetermination(
        draft=ruling.draft,
        count=_count(case_file, ruling),
        held_on=ruling.vote.vote.held_on if ruling.vote else None,
        dissents=ruling.dissents,
        remedies=tuple(_last_report(case_file, ruling, number) for number in range(len(ruling.draft.content.remedies))),
        standing=standing,
        since=since,
    )


def _count(case_file: CaseFile, ruling: Ruling) -> Count | None:
    if ruling.draft is None or ruling.vote is None:
        return None
    barred = frozenset(one.who for one in case_file.interests if one.mark.position < ruling.mark.position)
    return count_vote(ruling.draft.body, ruling.vote.vote, barred=barred)


def _last_report(case_file: CaseFile, ruling: Ruling, remedy: int) -> RemedyReport | None:
    """Return the last report of a remedy made while the ruling was the last; reports of a later one are of its own."""
    later = [one.mark.position for one in case_file.rulings if one.mark.position > ruling.mark.position]
    until = min(later, default=None)
    of_it = [
        report
        for report in case_file.remedies
        if report.remedy == remedy
        and report.mark.position > ruling.mark.position
        and (until is None or report.mark.position < until)
    ]
    return of_it[-1] if of_it else None


def _standing(case_file: CaseFile, ruling: Ruling) -> tuple[Standing, Mark]:
    after = next((one for one in case_file.rulings if one.mark.position > ruling.mark.position), None)
    if after is not None:
        return Standing.REPLACED, after.mark
    appeal = next(
        (
            step
            for step in case_file.steps
            if step.mark.position > ruling.mark.position and step.state is CaseState.APPEALED
        ),
        None,
    )
    if appeal is None or case_file.state in (CaseState.DETERMINED, CaseState.CLOSED):
        # the last appeal, if any, was dismissed: that is when it came to stand again
        return Standing.STANDS, ruling.mark if appeal is None else case_file.state_since
    if case_file.state is CaseState.APPEALED:
        return Standing.UNDER_APPEAL, case_file.state_since
    heard = next(
        step
        for step in reversed(case_file.steps)
        if step.transition in ("hear-appeal", "examine-after-appeal", "take-up-again")
    )
    return Standing.EXAMINED_AGAIN, heard.mark


__all__ = ["Standing", "ToldDetermination", "ToldPublication", "rests_on", "told_publications"]
