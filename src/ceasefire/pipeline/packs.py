"""The joint commission's pack, made from one position of the ledger for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ceasefire.casework.clocks import clock_of
from ceasefire.casework.records import CaseFile
from ceasefire.model.errors import UsageError
from ceasefire.model.time import Span, day_span, iso_week
from ceasefire.release.classes import RULES, ReleaseClass

if TYPE_CHECKING:
    import pyarrow as pa

    from ceasefire.agreement.case import Case
    from ceasefire.agreement.casework_rules import Body
    from ceasefire.casework.registers.views import RegisterDayView
    from ceasefire.pipeline.registers import Registers


def make_pack(
    case: Case,
    *,
    incidents: pa.Table,
    findings: pa.Table,
    reports: pa.Table,
    case_files: Iterable[CaseFile],
    sees: Callable[[CaseFile], bool],
    registers: Sequence[RegisterDayView],
    position: int,
    root: str,
    instant: int,
    week: str,
    meeting: str | None = None,
    body: str | None = None,
    language: str | None = None,
    release: ReleaseClass = ReleaseClass.PUBLIC,
) -> bytes:
    """Return the pack of a week as PDF; the same position and arguments give the same bytes.

    Parameters
    ----------
    case : Case
        At the position.
    incidents, findings, reports : Table
        Of the schemas INCIDENT, FINDING and REPORT.
    case_files : iterable of CaseFile
        At the position.
    sees : callable
        Whether the one who asks sees a case file.
    registers : sequence of RegisterDayView
        Of the week, as far as told to the one who asks; see `register_days`.
    position, root, instant : int, str, int
        Of the ledger, its root there, and when that entry was recorded, UTC microseconds.
    week : str
        ISO week of local days, such as ``2021-W16``.
    meeting : str, optional
        Local day of the meeting.
    body : str, optional
        Id of a body of the case; by default its first.
    language : str, optional
        One alone; by default every language of the case that has words.
    release : ReleaseClass
        *Public* for the delegations, *mission* for the mission's own use.

    Raises
    ------
    UsageError
        When there is no such week, day, body or language.
    """
    from ceasefire.bulletin.material import gather
    from ceasefire.bulletin.pack import Sitting, compose_pack
    from ceasefire.bulletin.pack_pdf import render_pack

    period = _week(week, case)
    chosen = _body(case, body)
    sitting = Sitting(
        body=chosen,
        delegations=delegations_of(case),
        meeting=_day(meeting),
        period=period,
        position=position,
        root=root,
        instant=instant,
        release=release,
    )
    material = gather(
        case,
        incidents=incidents,
        findings=findings,
        reports=reports,
        period=period,
        rule=RULES[release],
        instant=instant,
    )
    pack = compose_pack(
        material,
        [one for one in case_files if sees(one)],
        sitting,
        clock=lambda one: clock_of(one, case.casework, case.zone, at=max(instant, one.history[-1].mark.at)),
        languages=_languages(case, language),
        registers=registers,
    )
    return render_pack(pack)


def register_days(registers: Registers, week: str, *, as_of: int) -> tuple[RegisterDayView, ...]:
    """Return the registers of the days of a week, as they stood at a position and are told to one person."""
    period = _week(week, registers.case)
    return tuple(
        registers.read(row.register_day_id, as_of=as_of)
        for row in registers.rows(as_of=as_of)
        if period.start <= day_span(date.fromisoformat(row.day), registers.case.zone).start < period.end
    )


def delegations_of(case: Case) -> tuple[str, ...]:
    """Return the parties that the case says send a delegation, each once."""
    found = (one.party for one in case.speakers.values() if one.kind == "delegation" and one.party)
    return tuple(sorted(set(found)))


def _week(week: str, case: Case) -> Span:
    try:
        return iso_week(week, case.zone)
    except ValueError as error:
        raise UsageError(f"No such week: {error}.", "Write a week such as 2017-W39.") from error


def _day(meeting: str | None) -> date | None:
    try:
        return date.fromisoformat(meeting) if meeting is not None else None
    except ValueError as error:
        raise UsageError(f'"{meeting}" is no day: {error}.', "Write a day such as 2017-09-27.") from error


def _body(case: Case, body: str | None) -> Body | None:
    if body is None:
        return case.casework.bodies[0] if case.casework.bodies else None
    found = case.casework.body(body)
    if found is None:
        known = ", ".join(one.id for one in case.casework.bodies) or "none; add it to casework.yaml of the case"
        raise UsageError(f'The case has no body "{body}".', f"Bodies: {known}.")
    return found


def _languages(case: Case, language: str | None) -> tuple[str, ...]:
    from ceasefire.bulletin.pack import languages_of_packs

    held = languages_of_packs()
    if language is not None:
        if language not in held:
            raise UsageError(f'There are no words for a pack in "{language}".', f"Languages: {', '.join(held)}.")
        return (language,)
    spoken = [one for one in case.description.title if one in held]
    return tuple(spoken) or ("en",)
