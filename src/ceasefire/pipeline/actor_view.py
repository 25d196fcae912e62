"""Actors: names and ties over time, what binds them, where they appear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np

from ceasefire.model.errors import UnknownRecordError
from ceasefire.model.roles import public, shared
from ceasefire.pipeline.case_view import Titles, names_of
from ceasefire.pipeline.dated import Dated, dated
from ceasefire.pipeline.map_index import STATUSES

if TYPE_CHECKING:
    from ceasefire.actors.records import Actor, Affiliation
    from ceasefire.agreement.records import Adherence
    from ceasefire.pipeline.served import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorSummary:
    """Someone who acts, is bound or is named, in short."""

    actor_id: Annotated[str, public("Its id.")]
    kind: Annotated[str, public("state, army, armed-group, …; a bucket is a label of a data set, no actor.")]
    names: Annotated[Titles, public("The name it goes by, by language.")]
    incidents: Annotated[int, public("Incidents in whose accounts it is named, in whatever part.")]
    checks: Annotated[dict[str, int], public("Clause checks about it, by status. None of them is a ruling.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actors:
    """Everyone on the register of a case."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    actors: Annotated[tuple[ActorSummary, ...], public("In the order of the case.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameView:
    """One name, and when it was borne."""

    text: Annotated[str, public("The name.")]
    language: Annotated[str, public("BCP 47 tag.")]
    kind: Annotated[str, public("own, name, alias, abbreviation or former.")]
    valid_from: Annotated[str | None, public("First local day; null: no beginning on record.")]
    valid_until: Annotated[str | None, public("First local day on which it was borne no more; null: no end.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A dated tie of one actor to another."""

    actor_id: Annotated[str, public("The one that belongs.")]
    to: Annotated[str, public("The one it belongs to, fights beside, or is counted under.")]
    kind: Annotated[str, public("member, command, merged, allied or listed.")]
    valid_from: Annotated[str | None, public("First local day; null: no beginning on record.")]
    valid_until: Annotated[str | None, public("First local day on which it held no more; null: no end.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceView:
    """That an actor is, or is not, bound by an instrument: by what act of whose."""

    adherence_id: Annotated[str, public("Its id.")]
    instrument_id: Annotated[str, public("The instrument.")]
    clauses: Annotated[tuple[str, ...], public("Clauses it is about; empty: all.")]
    zones: Annotated[tuple[str, ...], public("Areas it is about; empty: all.")]
    act: Annotated[str, public("adheres, reserves, suspends, resumes, withdraws or refuses.")]
    basis: Annotated[str, public("signed, acceded, declared, represented, announced-by-another or resolution.")]
    by: Annotated[str | None, public("Who announced it or represented the actor.")]
    valid_from: Annotated[tuple[Dated, ...], public("Every start on record.")]
    valid_until: Annotated[tuple[Dated, ...], public("Every end on record; empty: none.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalName:
    """What another data set calls an actor."""

    scheme: Annotated[str, public("The data set.")]
    id: Annotated[str, public("Its id there.")]
    valid_from: Annotated[str | None, public("First local day.")]
    valid_until: Annotated[str | None, public("First local day on which it meant the actor no more.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorDetail:
    """An actor with all that is on record of it."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    actor: Annotated[ActorSummary, public("In short.")]
    names: Annotated[tuple[NameView, ...], public("All of them.")]
    ties: Annotated[tuple[Tie, ...], public("To those it belonged to, fought beside or was counted under.")]
    tied_to_it: Annotated[tuple[Tie, ...], public("Of those who belonged to it, or fought beside it.")]
    adherence: Annotated[tuple[AdherenceView, ...], public("What bound it, and what it refused.")]
    external_ids: Annotated[tuple[ExternalName, ...], public("What other data sets call it.")]
    may_contain: Annotated[tuple[str, ...], public("Of a bucket: who may be meant.")]
    speaks_as: Annotated[tuple[str, ...], public("Sources that speak for it.")]
    rounds: Annotated[tuple[str, ...], public("Rounds of talks whose records name it.")]
    measures: Annotated[tuple[str, ...], public("Exchanges, evacuations and sieges whose records name it.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    note: Annotated[str | None, shared("The compilers' note.")]


def actors_view(snapshot: Snapshot) -> Actors:
    """Return everyone on the register."""
    return Actors(position=snapshot.stamp.position, actors=snapshot.kept("actors", lambda: tuple(_summaries(snapshot))))


def actor_view(snapshot: Snapshot, actor_id: str) -> ActorDetail:
    """Return one actor.

    Raises
    ------
    UnknownRecordError
        When nobody of that id is on the register.
    """
    case = snapshot.case
    actor = case.actors.actors.get(actor_id)
    if actor is None:
        raise UnknownRecordError(f'There is no actor "{actor_id}".', "Ids are in `actors`.")
    summary = next(each for each in actors_view(snapshot).actors if each.actor_id == actor_id)
    return ActorDetail(
        position=snapshot.stamp.position,
        actor=summary,
        names=tuple(
            NameView(
                text=name.text, language=name.language, kind=name.kind,
                valid_from=name.valid_from, valid_until=name.valid_until,
            )
            for name in actor.names
        ),
        ties=tuple(_tie(actor, tie) for tie in actor.affiliations),
        tied_to_it=tuple(
            _tie(other, tie)
            for other in case.actors.actors.values()
            for tie in other.affiliations
            if tie.to == actor_id
        ),
        adherence=tuple(_adherence(record) for record in case.adherence if record.actor == actor_id),
        external_ids=tuple(
            ExternalName(scheme=each.scheme, id=each.id, valid_from=each.valid_from, valid_until=each.valid_until)
            for each in actor.external_ids
        ),
        may_contain=actor.may_contain,
        speaks_as=tuple(speaker.id for speaker in case.speakers.values() if speaker.party == actor_id),
        rounds=tuple(
            meeting.id for meeting in case.rounds if any(each.actor == actor_id for each in meeting.delegations)
        ),
        measures=tuple(measure.id for measure in case.measures if actor_id in measure.parties),
        sources=actor.sources,
        note=actor.note,
    )  # fmt: skip


def _summaries(snapshot: Snapshot) -> Iterable[ActorSummary]:
    index = snapshot.index
    sizes = np.bincount(index.claims.codes[index.claims.codes >= 0], minlength=len(index.claims.values))
    checks: dict[str, Counter[str]] = {}
    accused = index.finding_accused
    packed = (accused.codes.astype(np.int64) << 8) | index.finding_status
    for value, count in zip(*(part.tolist() for part in np.unique(packed, return_counts=True)), strict=True):
        if value >= 0:
            checks.setdefault(accused.values[value >> 8], Counter())[STATUSES[value & 255].value] += count
    for actor_id, actor in snapshot.case.actors.actors.items():
        named = index.named.get(actor_id)
        yield ActorSummary(
            actor_id=actor_id,
            kind=actor.kind,
            names=names_of(snapshot, actor_id),
            incidents=0 if named is None else int(sizes[named].sum()),
            checks=dict(checks.get(actor_id, {})),
        )


def _tie(actor: Actor, tie: Affiliation) -> Tie:
    return Tie(
        actor_id=actor.id,
        to=tie.to,
        kind=tie.kind,
        valid_from=tie.valid_from,
        valid_until=tie.valid_until,
        sources=tie.sources,
        unverified=tie.unverified,
        note=tie.note,
    )


def _adherence(record: Adherence) -> AdherenceView:
    return AdherenceView(
        adherence_id=record.id,
        instrument_id=record.instrument,
        clauses=() if record.clauses == "all" else tuple(record.clauses),
        zones=() if record.areas == "all" else tuple(record.areas),
        act=record.act,
        basis=record.basis,
        by=record.by,
        valid_from=dated(record.valid_from),
        valid_until=dated(record.valid_until),
        sources=record.sources,
        unverified=record.unverified,
        note=record.note,
    )
