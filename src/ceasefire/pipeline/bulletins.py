"""Issuing a bulletin: composed from one state of the record, numbered, frozen in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from ceasefire.casework.told import ToldPublication, rests_on, told_publications
from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import UsageError
from ceasefire.model.time import Span, day_span, days_span, iso_week, local_date
from ceasefire.pipeline.casework import case_files_at
from ceasefire.pipeline.history import History, Kind
from ceasefire.pipeline.progress import Progress, silent
from ceasefire.pipeline.state import State
from ceasefire.release.classes import ReleaseClass

if TYPE_CHECKING:
    from ceasefire.bulletin.assessment import GradedArea
    from ceasefire.bulletin.records import Bulletin


class BulletinFormat(StrEnum):
    """In what form a bulletin is rendered."""

    PDF = "pdf"
    HTML = "html"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which bulletin: the same edition is never issued twice with different content.

    Parameters
    ----------
    cadence : {"weekly", "daily"}
        Its series; each has its own numbers.
    first_day, last_day : date
        Local days, both included.
    position : int
        Of the ledger entry that its results rest on.
    reading : str or None
        The interpretation used in place of those in force.
    release : ReleaseClass
        To whom it is told.
    software : str
        Version that composed it.
    casework : int
        Position of the last entry that what casework told of the period rests on; 0 where nothing was told.
    """

    cadence: Literal["weekly", "daily"]
    first_day: date
    last_day: date
    position: int
    reading: str | None
    release: ReleaseClass
    software: str
    casework: int = 0

    @classmethod
    def of(cls, state: State, *, week: str | None, day: str | None, reading: str | None, release: str) -> Edition:
        """Return the edition that was asked for.

        Raises
        ------
        UsageError
            When not exactly one of week and day is given, or something is not what it should be.
        """
        if (week is None) == (day is None):
            raise UsageError("A bulletin is of one week or of one day.", "Give --week 2017-W39 or --day 2017-09-27.")
        zone = state.history.zone
        try:
            span = iso_week(week, zone) if week else day_span(date.fromisoformat(day or ""), zone)
        except ValueError as error:
            raise UsageError(f"No such day or week: {error}.", "Write 2017-09-27, or 2017-W39 for a week.") from error
        classes = [each.value for each in ReleaseClass]
        if release not in classes:
            raise UsageError(f'There is no release class "{release}".', f"Classes: {', '.join(classes)}.")
        stamp = state.stamp(reading)
        return cls(
            cadence="weekly" if week else "daily",
            first_day=local_date(span.start, zone),
            last_day=local_date(span.end - 1, zone),
            position=stamp.position,
            reading=reading,
            release=ReleaseClass(release),
            software=stamp.software,
        )

    def as_recorded(self) -> dict[str, Any]:
        """Return what a ledger entry says of it; nothing of casework where nothing was told."""
        casework = {"casework": self.casework} if self.casework else {}
        return {
            "cadence": self.cadence,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "position": self.position,
            "reading": self.reading,
            "release": self.release.value,
            "software": self.software,
            **casework,
        }

    def is_of(self, entry: Entry) -> bool:
        """Whether the entry records this edition, in whatever format."""
        return bool(entry.payload["edition"] == self.as_recorded())

    def is_same_series(self, entry: Entry) -> bool:
        """Whether the entry's number is of this edition's series."""
        said = entry.payload["edition"]
        return bool(said["cadence"] == self.cadence and said["release"] == self.release.value)

    def period(self, state: State) -> Span:
        """Return the period reported on."""
        return days_span(self.first_day, self.last_day, state.history.zone)

    def span_before(self, state: State) -> Span:
        """Return the period of the same length before."""
        length = self.last_day - self.first_day + timedelta(days=1)
        return days_span(self.first_day - length, self.last_day - length, state.history.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedBulletin:
    """A bulletin as told to others.

    Parameters
    ----------
    number : int
        In its series.
    edition : Edition
        Which it is.
    format : BulletinFormat
        Of `content`.
    content : bytes
        The file.
    entry : int
        Position of the ledger entry that froze it.
    issued_before : bool
        Whether it had been issued already, and is here as it was then.
    """

    number: int
    edition: Edition
    format: BulletinFormat
    content: bytes
    entry: int
    issued_before: bool


def issue_bulletin(
    edition: Edition, format: str, state: State, *, ledger: Ledger, author: str, progress: Progress = silent
) -> IssuedBulletin:
    """Issue an edition, or return it as it was issued.

    Raises
    ------
    StaleResultError
        When the results are not those of the record.
    UsageError
        When the format is not one.
    """
    formats = [each.value for each in BulletinFormat]
    if format not in formats:
        raise UsageError(f'A bulletin cannot be written as "{format}".', f"Formats: {', '.join(formats)}.")
    state.refuse_edited()
    told = _told(edition, state, ledger)
    edition = replace(edition, casework=rests_on(told))
    batches = state.batches
    issued = History.read(ledger).bulletins  # all of them: numbers never repeat, whatever state is asked for
    same = [entry for entry in issued if edition.is_of(entry)]
    for entry in same:
        if format in entry.content:
            return _issued(edition, entry, format, batches.get_bytes(entry.content[format]), issued_before=True)
    number = same[0].payload["number"] if same else _next_number(edition, issued)
    progress("composing the bulletin", 0, 0)
    bulletin = compose(edition, state, ledger=ledger, number=number, errata=_errata(edition, issued, same), told=told)
    progress(f"rendering the bulletin as {format}", 0, 0)
    content = render(bulletin, BulletinFormat(format))
    entry = ledger.append(
        Kind.BULLETIN_ISSUED,
        {"edition": edition.as_recorded(), "number": number, "content": {format: batches.put_bytes(content)}},
        author=author,
    )
    return _issued(edition, entry, format, content, issued_before=False)


def compose(
    edition: Edition,
    state: State,
    *,
    ledger: Ledger,
    number: int,
    errata: tuple[str, ...],
    told: tuple[ToldPublication, ...] = (),
) -> Bulletin:
    """Compose an edition; the same state gives the same bulletin."""
    from ceasefire.bulletin.content import compose_bulletin
    from ceasefire.pipeline.assessing import graded_areas

    derived = state.derived(edition.reading)
    basis = state.history.basis
    period = edition.period(state)
    casework = rests_on(told)
    boundaries = state.boundaries
    graded: tuple[GradedArea, ...] = ()
    if edition.cadence == "weekly":
        graded = graded_areas(
            state.case,
            derived.table("incidents"),
            derived.table("findings"),
            derived.table("reports"),
            boundaries,
            last_day=local_date(period.end - 1, state.case.zone),
        )
    return compose_bulletin(
        state.case,
        incidents=derived.table("incidents"),
        findings=derived.table("findings"),
        obligations=evaluate_obligations(state.case, as_of=period.end),
        reports=derived.table("reports"),
        period=period,
        previous=edition.span_before(state),
        number=number,
        ledger_position=basis.position,
        ledger_root=ledger.root(basis.position),
        instant=basis.recorded_at,
        kind=edition.cadence,
        pairs_not_stored=derived.notes["pairs_not_stored"],
        reading=edition.reading,
        boundaries=boundaries,
        release=edition.release,
        errata=errata,
        told=told,
        casework_basis=(casework, ledger.root(casework)) if casework else None,
        graded=graded,
    )


def _told(edition: Edition, state: State, ledger: Ledger) -> tuple[ToldPublication, ...]:
    """Return what casework told of the edition's period, as of the state's position."""
    period = edition.period(state)

    def is_of_period(incident_ids: tuple[str, ...]) -> bool:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        from ceasefire.assessment.counts import Fit, fit_period

        if not incident_ids:
            return False
        incidents = state.derived(edition.reading).table("incidents")
        linked = incidents.filter(pc.is_in(incidents["incident_id"], value_set=pa.array(incident_ids, pa.string())))
        return bool(np.isin(fit_period(linked, period), (Fit.WITHIN, Fit.EDGE)).any())

    files = case_files_at(ledger, state.history.position)
    return told_publications(files, period, state.history.zone, is_of_period=is_of_period)


def render(bulletin: Bulletin, format: BulletinFormat) -> bytes:
    """Render a composed bulletin; the same bulletin gives the same bytes."""
    if format is BulletinFormat.PDF:
        from ceasefire.bulletin.pdf import render_pdf

        return render_pdf(bulletin)
    if format is BulletinFormat.JSON:
        from ceasefire.bulletin.data import render_data

        return render_data(bulletin)
    from ceasefire.bulletin.html import render_html

    return render_html(bulletin).encode()


def _next_number(edition: Edition, issued: tuple[Entry, ...]) -> int:
    return 1 + max((entry.payload["number"] for entry in issued if edition.is_same_series(entry)), default=0)


def _errata(edition: Edition, issued: tuple[Entry, ...], same: list[Entry]) -> tuple[str, ...]:
    """Say which earlier bulletins of the period this one replaces: those issued before this edition first was."""
    until = same[0].position if same else None
    replaced: dict[int, int] = {}
    for entry in issued:
        said = entry.payload["edition"]
        same_period = (said["first_day"], said["last_day"]) == (
            edition.first_day.isoformat(),
            edition.last_day.isoformat(),
        )
        earlier = until is None or entry.position < until
        if edition.is_same_series(entry) and same_period and earlier and not edition.is_of(entry):
            replaced[entry.payload["number"]] = max(said["position"], said.get("casework", 0))
    return tuple(
        f"This bulletin replaces No. {number} of the same period, which rested on the record up to position "
        f"{position} of the ledger."
        for number, position in sorted(replaced.items())
    )


def _issued(edition: Edition, entry: Entry, format: str, content: bytes, *, issued_before: bool) -> IssuedBulletin:
    return IssuedBulletin(
        number=entry.payload["number"],
        edition=edition,
        format=BulletinFormat(format),
        content=content,
        entry=entry.position,
        issued_before=issued_before,
    )
