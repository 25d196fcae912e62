"""Whether the centre treats the parties alike: the same figures for each, with their denominators.

A difference is a question, not an answer: parties do not act alike, file alike or open their places alike. No figure
here ranks them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Annotated
from zoneinfo import ZoneInfo

from ceasefire.agreement.casework_rules import CaseworkRules
from ceasefire.casework.clocks import clock_of
from ceasefire.casework.records import CaseFile
from ceasefire.model.casework import ENDED, CaseOutcome, CaseState
from ceasefire.model.roles import shared
from ceasefire.model.time import MICROSECONDS_PER_DAY, Span

_HOUR = MICROSECONDS_PER_DAY / 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many; of none there is no share."""

    count: Annotated[int, shared("How many.")]
    of: Annotated[int, shared("Of how many: the denominator.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRow:
    """One party: what it filed, what was filed against it, what was done about both."""

    party: Annotated[str, shared("The party.")]
    filed: Annotated[int, shared("Case files that it filed.")]
    filed_admitted: Annotated[Share, shared("Of those no longer merely alleged: not found inadmissible.")]
    filed_open: Annotated[int, shared("Of those it filed: not ended.")]
    filed_overdue: Annotated[Share, shared("Of those open: past their due date.")]
    filed_median_age_days: Annotated[float | None, shared("Of those open; null: there is none.")]
    against: Annotated[int, shared("Case files that accuse it.")]
    against_open: Annotated[int, shared("Of those: not ended.")]
    against_overdue: Annotated[Share, shared("Of those open: past their due date.")]
    against_median_age_days: Annotated[float | None, shared("Of those open; null: there is none.")]
    asked: Annotated[Share, shared("Of the files against it: those in which it was asked to reply.")]
    replied: Annotated[Share, shared("Of those in which it was asked: it replied.")]
    replied_late: Annotated[Share, shared("Of those in which it replied: first after the time asked for.")]
    visits: Annotated[int, shared("Visits to places that it holds, attempts not counted.")]
    visit_hours: Annotated[float, shared("Hours of those visits.")]
    visits_per_file: Annotated[Share, shared("Visits, to files against it.")]
    access_denied: Annotated[Share, shared("Of visits and attempts at places that it holds: access denied.")]
    clocks_stopped_days: Annotated[float, shared("Days for which clocks stood still because it denied access.")]
    determined: Annotated[Share, shared("Of the files against it: determined.")]
    breach_yes: Annotated[Share, shared("Of those determined: breach yes, attributed to it.")]
    breach_other: Annotated[Share, shared("Of those determined: any other answer.")]
    standards: Annotated[Mapping[str, int], shared("Determinations against it, by standard of proof.")]
    publications: Annotated[Share, shared("Of the files against it: those in which something published names it.")]
    spot_reports: Annotated[Share, shared("Of those: first named by a spot report, before it was heard.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SymmetryTable:
    """The same figures for every party."""

    from_instant: Annotated[int, shared("UTC microseconds: files opened from here on.")]
    until_instant: Annotated[int, shared("UTC microseconds: and before this; figures are of this instant.")]
    files: Annotated[int, shared("Case files opened in that time, whoever filed or is accused.")]
    of_the_centre: Annotated[int, shared("Of those: taken up by the centre itself.")]
    rows: Annotated[tuple[SideRow, ...], shared("One for each party, in the order asked for.")]


def symmetry(
    case_files: Iterable[CaseFile], parties: Iterable[str], period: Span, rules: CaseworkRules, zone: ZoneInfo
) -> SymmetryTable:
    """Return the table for case files opened in a period, as they stand at its end.

    Parameters
    ----------
    case_files : iterable of CaseFile
        As folded up to the end of the period.
    parties : iterable of str
        For whom a row is made; what concerns others is in no row.
    """
    opened = [one for one in case_files if period.start <= one.opened.at < period.end]
    return SymmetryTable(
        from_instant=period.start,
        until_instant=period.end,
        files=len(opened),
        of_the_centre=sum(one.filed_by is None for one in opened),
        rows=tuple(_row(party, opened, rules, zone, at=period.end) for party in parties),
    )


def _row(party: str, opened: list[CaseFile], rules: CaseworkRules, zone: ZoneInfo, *, at: int) -> SideRow:
    """Return one party's figures; past 40 lines because every figure stands in one place, beside its denominator."""
    filed = [one for one in opened if one.filed_by == party]
    against = [one for one in opened if party in one.accused]
    looked_at = [one for one in filed if one.state is not CaseState.ALLEGED]
    asked = [one for one in against if party in one.notified]
    replied = [one for one in asked if _first_reply(one, party) is not None]
    late = [one for one in replied if _first_reply(one, party) is False]
    tried = [visit.visit for one in opened for visit in one.visits if visit.visit.side == party]
    visits = [visit for visit in tried if visit.access != "denied"]
    determined = [one for one in against if one.ruling and one.ruling.outcome is CaseOutcome.DETERMINED]
    breaches = [one for one in determined if _breached(one, party)]
    named = [one for one in against if any(party in published.names for published in one.publications)]
    spot = [one for one in named if _first_naming(one, party) == "spot-report"]
    standards = Counter(
        one.ruling.draft.body.standard_of_proof.value for one in determined if one.ruling and one.ruling.draft
    )
    stopped = sum(
        (at if stop.until is None else stop.until) - stop.mark.at
        for one in opened
        for stop in one.stops
        if stop.denied_by == party
    )
    admitted = [one for one in looked_at if not any(step.state is CaseState.INADMISSIBLE for step in one.steps[-1:])]
    filed_open, filed_overdue, filed_age = _open(filed, rules, zone, at=at)
    against_open, against_overdue, against_age = _open(against, rules, zone, at=at)
    return SideRow(
        party=party,
        filed=len(filed),
        filed_admitted=Share(count=len(admitted), of=len(looked_at)),
        filed_open=filed_open,
        filed_overdue=Share(count=filed_overdue, of=filed_open),
        filed_median_age_days=filed_age,
        against=len(against),
        against_open=against_open,
        against_overdue=Share(count=against_overdue, of=against_open),
        against_median_age_days=against_age,
        asked=Share(count=len(asked), of=len(against)),
        replied=Share(count=len(replied), of=len(asked)),
        replied_late=Share(count=len(late), of=len(replied)),
        visits=len(visits),
        visit_hours=sum((visit.ended_at - visit.began_at) / _HOUR for visit in visits),
        visits_per_file=Share(count=len(visits), of=len(against)),
        access_denied=Share(count=len(tried) - len(visits), of=len(tried)),
        clocks_stopped_days=stopped / MICROSECONDS_PER_DAY,
        determined=Share(count=len(determined), of=len(against)),
        breach_yes=Share(count=len(breaches), of=len(determined)),
        breach_other=Share(count=len(determined) - len(breaches), of=len(determined)),
        standards=dict(sorted(standards.items())),
        publications=Share(count=len(named), of=len(against)),
        spot_reports=Share(count=len(spot), of=len(named)),
    )


def _open(files: list[CaseFile], rules: CaseworkRules, zone: ZoneInfo, *, at: int) -> tuple[int, int, float | None]:
    clocks = [clock_of(one, rules, zone, at=at) for one in files if one.state not in ENDED]
    ages = [clock.age_days for clock in clocks]
    return len(clocks), sum(clock.overdue for clock in clocks), median(ages) if ages else None


def _first_reply(case_file: CaseFile, party: str) -> bool | None:
    """Return whether a party's first reply came in time; None when there is none."""
    return next((bool(reply.on_time) for reply in case_file.replies if reply.party == party), None)


def _breached(case_file: CaseFile, party: str) -> bool:
    draft = case_file.ruling.draft if case_file.ruling else None
    return draft is not None and draft.content.breach.answer == "yes" and party in draft.content.attributed_to


def _first_naming(case_file: CaseFile, party: str) -> str:
    return next(published.what for published in case_file.publications if party in published.names)
