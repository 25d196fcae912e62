"""One incident opened: its accounts side by side, where they differ, its findings, documents and history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.findings.phrases import ENGLISH, phrases_in
from ceasefire.findings.trace import account_sentence
from ceasefire.model.claims import read_claims
from ceasefire.model.flags import FLAGS
from ceasefire.model.roles import mission, own_party, public, shared
from ceasefire.model.time import instant_text
from ceasefire.pipeline.finding_view import FindingView, findings_of
from ceasefire.pipeline.incident_rows import IncidentRow, Tolls, instant, rows_told, tolls_of
from ceasefire.pipeline.map_index import NO_DAY, day_of
from ceasefire.pipeline.selection import match_id

if TYPE_CHECKING:
    from ceasefire.ledger.entry import Entry
    from ceasefire.pipeline.served import Snapshot
    from ceasefire.release.classes import ReleaseClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One report: what one source says of the event. `party_id` is whose word it is."""

    report_id: Annotated[str, public("Its id.")]
    source_id: Annotated[str, public("Who speaks, a key of the case's speakers.")]
    party_id: Annotated[str | None, public("The actor the source speaks for; null: nobody's delegation.")]
    relation: Annotated[str, public("same: of this incident; covers: of a whole of which this incident is a part.")]
    stance: Annotated[str, public("asserts, denies, or claims responsibility.")]
    denial_scope: Annotated[str | None, public("How far a denial reaches.")]
    denied: Annotated[tuple[str, ...], public("What a denial denies.")]
    lineage: Annotated[tuple[str, ...], public("Whom the source draws on.")]
    occurred_from: Annotated[str | None, public("Start of the interval it gives, UTC.")]
    occurred_until: Annotated[str | None, public("End of that interval, exclusive.")]
    time_precision: Annotated[str | None, public("How well it knows the time.")]
    place_precision: Annotated[str | None, public("How well it knows the place.")]
    acts: Annotated[tuple[str, ...], public("What was done.")]
    perpetrators: Annotated[tuple[str, ...], public("Who did it.")]
    targets: Annotated[tuple[str, ...], public("Whom it hit.")]
    sides: Annotated[tuple[tuple[str, ...], ...], public("Sides of a clash whose direction it does not give.")]
    invokes: Annotated[tuple[str, ...], public("Exceptions it invokes.")]
    alleges: Annotated[bool | None, public("Whether it calls it a breach; null: the format cannot say.")]
    tolls: Annotated[Tolls, public("Who came to harm.")]
    unverified: Annotated[bool, public("Whether the compiler of the record has not seen the original.")]
    flags: Annotated[tuple[str, ...], public("What is odd about it.")]
    reported_at: Annotated[str | None, public("When it was told, UTC.")]
    recorded_at: Annotated[str | None, public("When it was first recorded here, UTC.")]
    source_report_id: Annotated[str, shared("The source's own id.")]
    document_id: Annotated[str | None, shared("SHA-256 of the sealed original.")]
    address: Annotated[str | None, shared("Where the original is.")]
    place_name: Annotated[str | None, own_party("The settlement or landmark.")]
    area_name: Annotated[str | None, own_party("The administrative unit.")]
    longitude: Annotated[float | None, own_party("Degrees.")]
    latitude: Annotated[float | None, own_party("Degrees.")]
    radius_km: Annotated[float | None, own_party("Of the disc around the point.")]
    text: Annotated[str | None, own_party("Its words.")]
    text_language: Annotated[str | None, own_party("The language of the words.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One field across the accounts of the incident."""

    field: Annotated[str, public("Name of the field of an account; `tolls.killed` is a part of one.")]
    differs: Annotated[bool, public("Whether accounts that give it do not give the same.")]
    groups: Annotated[tuple[tuple[str, ...], ...], public("Reports that give the same, by report id.")]
    silent: Annotated[tuple[str, ...], public("Reports that do not give it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """What is odd about the data of an incident that is nevertheless kept."""

    key: Annotated[str, public("Of the vocabulary's flags.")]
    sentence: Annotated[str, public("In words.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A sealed original that reports were read from."""

    document_id: Annotated[str, shared("Its SHA-256, under which it is sealed.")]
    file: Annotated[str | None, mission("The name it came under.")]
    reports: Annotated[tuple[str, ...], shared("Reports of this incident that were read from it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """Something recorded that concerns the incident."""

    position: Annotated[int, public("Of the ledger.")]
    recorded_at: Annotated[str, public("UTC.")]
    kind: Annotated[str, public("Kind of the ledger's entry.")]
    author: Annotated[str, mission("Who recorded it.")]
    reports: Annotated[tuple[str, ...], public("Reports of this incident first recorded then.")]
    bulletin: Annotated[int | None, public("Number of the bulletin that covers its days; null: no bulletin.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDetail:
    """An incident with all that is known of it and said about it."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    incident: Annotated[IncidentRow, public("In short.")]
    accounts: Annotated[tuple[Account, ...], public("Reports of it, in the order of recording.")]
    comparisons: Annotated[tuple[Comparison, ...], public("Field by field, where accounts agree and differ.")]
    sentences: Annotated[tuple[str, ...], public("Who says what, one sentence an account.")]
    lineages: Annotated[tuple[str, ...], public("Independent chains of sources that assert it.")]
    findings: Annotated[tuple[FindingView, ...], public("Its clause checks, what may fall under a clause first.")]
    covers: Annotated[tuple[str, ...], public("Incidents it is a total or episode of.")]
    covered_by: Annotated[tuple[str, ...], public("Incidents it is part of.")]
    flags: Annotated[tuple[Flag, ...], public("What is odd about its data.")]
    documents: Annotated[tuple[Document, ...], shared("The originals.")]
    history: Annotated[tuple[HistoryEntry, ...], public("What was recorded of it, in order.")]


_RANK = ("alleged-violation", "contested", "undetermined")


def incident_view(
    snapshot: Snapshot, incident_id: str, *, release: ReleaseClass, told_at: int, language: str = ENGLISH
) -> IncidentDetail:
    """Open an incident, by its id or the beginning of it.

    Raises
    ------
    UsageError
        When there is none.
    """
    full = match_id(incident_id, snapshot.incidents["incident_id"], "incident")
    number = pc.index(snapshot.incidents["incident_id"], full).as_py()
    row = snapshot.incidents.slice(number, 1).to_pylist()[0]
    places = snapshot.index.places(release, told_at)
    findings = snapshot.findings.filter(pc.equal(snapshot.findings["incident_id"], full)).to_pylist()
    findings.sort(key=lambda each: _RANK.index(each["status"]) if each["status"] in _RANK else len(_RANK))
    accounts = tuple(_accounts(snapshot, full))
    own = [account for account in accounts if account.relation == "same"]
    tell = phrases_in(language)
    return IncidentDetail(
        position=snapshot.stamp.position,
        incident=next(rows_told(snapshot, [number], places, release)),
        accounts=accounts,
        comparisons=tuple(_comparisons(own)),
        sentences=tuple(account_sentence(snapshot.case, claim, tell) for claim in read_claims(row["claims"] or "[]")),
        lineages=tuple(row["lineages"] or ()),
        findings=findings_of(snapshot, number, findings, places, release, language),
        covers=tuple(row["covers"] or ()),
        covered_by=tuple(row["covered_by"] or ()),
        flags=tuple(Flag(key=flag, sentence=FLAGS[flag]) for flag in row["flags"] or ()),
        documents=tuple(_documents(snapshot, accounts)),
        history=tuple(_history(snapshot, number, own)),
    )


def _accounts(snapshot: Snapshot, incident_id: str) -> Iterable[Account]:
    links = snapshot.links.filter(pc.equal(snapshot.links["incident_id"], incident_id))
    relation = dict(zip(links["report_id"].to_pylist(), links["relation"].cast(pa.string()).to_pylist(), strict=True))
    wanted = pc.is_in(snapshot.reports["report_id"], value_set=pa.array(list(relation), pa.string()))
    for row in snapshot.reports.filter(wanted).to_pylist():
        yield account_of(row, relation[row["report_id"]] or "same")


def account_of(row: dict[str, Any], relation: str) -> Account:
    """Return a row of the reports' table as an account of an incident to which it has a relation."""

    def listed(name: str) -> tuple[str, ...]:
        return tuple(row[name] or ())

    return Account(
        report_id=row["report_id"],
        source_id=row["source_id"],
        party_id=row["party"],
        relation=relation,
        stance=row["stance"] or "asserts",
        denial_scope=row["denial_scope"],
        denied=listed("denied"),
        lineage=listed("lineage"),
        occurred_from=instant(row["occurred_from"]),
        occurred_until=instant(row["occurred_until"]),
        time_precision=row["time_precision"],
        place_precision=row["place_precision"],
        acts=listed("acts"),
        perpetrators=listed("perpetrators"),
        targets=listed("targets"),
        sides=tuple(tuple(side) for side in row["sides"] or ()),
        invokes=listed("invokes"),
        alleges=row["alleges"],
        tolls=tolls_of(row),
        unverified=bool(row["unverified"]),
        flags=listed("flags"),
        reported_at=instant(row["reported_at"]),
        recorded_at=instant(row["recorded_at"]),
        source_report_id=row["source_report_id"],
        document_id=row["document_id"],
        address=row["address"],
        place_name=row["place_name"],
        area_name=row["area_name"],
        longitude=row["longitude"],
        latitude=row["latitude"],
        radius_km=row["place_radius_km"],
        text=row["text"],
        text_language=row["text_language"],
    )


def _toll(name: str) -> Callable[[Account], object]:
    def given(account: Account) -> object:
        toll = getattr(account.tolls, name)
        figures = (toll.low, toll.best, toll.high)
        return None if figures == (None, None, None) else figures

    return given


_COMPARED: dict[str, Callable[[Account], object]] = {
    "occurred_from": lambda account: account.occurred_from and (account.occurred_from, account.occurred_until),
    "place_name": lambda account: account.place_name or account.area_name,
    "acts": lambda account: frozenset(account.acts) or None,
    "perpetrators": lambda account: frozenset(account.perpetrators) or None,
    "targets": lambda account: frozenset(account.targets) or None,
    "stance": lambda account: account.stance,
    "tolls.killed": _toll("killed"),
    "tolls.killed_civilian": _toll("killed_civilian"),
    "tolls.killed_combatant": _toll("killed_combatant"),
    "tolls.injured": _toll("injured"),
}


def _comparisons(accounts: Iterable[Account]) -> Iterable[Comparison]:
    for field, given in _COMPARED.items():
        groups: dict[object, list[str]] = {}
        silent = []
        for account in accounts:
            value = given(account)
            if value is None:
                silent.append(account.report_id)
            else:
                groups.setdefault(value, []).append(account.report_id)
        yield Comparison(
            field=field,
            differs=len(groups) > 1,
            groups=tuple(tuple(group) for group in groups.values()),
            silent=tuple(silent),
        )


def _documents(snapshot: Snapshot, accounts: Iterable[Account]) -> Iterable[Document]:
    files = {
        entry.content["document"]: str(entry.payload["file"])
        for entry in snapshot.history.imports
        if "document" in entry.content
    }
    held: dict[str, list[str]] = {}
    for account in accounts:
        if account.document_id is not None:
            held.setdefault(account.document_id, []).append(account.report_id)
    for document, reports in held.items():
        yield Document(document_id=document, file=files.get(document), reports=tuple(reports))


def _history(snapshot: Snapshot, number: int, accounts: Iterable[Account]) -> Iterable[HistoryEntry]:
    """Yield the entries that first recorded its reports, and the bulletins that cover its days."""
    history = snapshot.history
    recorded: dict[str, list[str]] = {}
    for account in accounts:
        recorded.setdefault(account.recorded_at or "", []).append(account.report_id)
    entries: list[tuple[Entry, tuple[str, ...], int | None]] = []
    for entry in (*history.adoptions, *history.imports):
        if told := recorded.get(_instant(entry)):
            entries.append((entry, tuple(told), None))
    first, last = int(snapshot.index.first_day[number]), int(snapshot.index.last_day[number])
    for entry in history.bulletins if first != NO_DAY else ():
        edition = entry.payload["edition"]
        if date.fromisoformat(edition["first_day"]) <= day_of(last) and day_of(first) <= date.fromisoformat(
            edition["last_day"]
        ):
            entries.append((entry, (), int(entry.payload["number"])))
    for entry, reports, bulletin in sorted(entries, key=lambda each: each[0].position):
        yield HistoryEntry(
            position=entry.position,
            recorded_at=_instant(entry),
            kind=entry.kind,
            author=entry.author,
            reports=reports,
            bulletin=bulletin,
        )


def _instant(entry: Entry) -> str:
    return instant_text(entry.recorded_at).replace("+00:00", "Z")
