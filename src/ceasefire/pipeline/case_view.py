"""The case as a viewer needs it before anything else: names in every language, vocabularies, what is served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pyarrow as pa

from ceasefire.agreement.citation import cite_clause
from ceasefire.model.flags import FLAGS
from ceasefire.model.roles import public
from ceasefire.model.vocabulary import PlacePrecision, Status, TimePrecision
from ceasefire.pipeline.map_index import NO_DAY, day_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ceasefire.agreement.records import Clause
    from ceasefire.pipeline.served import Snapshot, Standing
    from ceasefire.release.policy import Viewer

Titles = dict[str, str]
"""One text by language tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseText:
    """The words of a clause, as held."""

    text_id: Annotated[str, public("Its id.")]
    language: Annotated[str, public("BCP 47 tag.")]
    standing: Annotated[str, public("authentic, official-translation, unofficial-translation or paraphrase.")]
    text: Annotated[str, public("The words.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseView:
    """One term of an instrument."""

    clause_id: Annotated[str, public("Its id.")]
    instrument_id: Annotated[str, public("The instrument it is of.")]
    kind: Annotated[str, public("prohibits, requires, permits, excepts, defines or procedure.")]
    title: Annotated[Titles, public("By language.")]
    citation: Annotated[str, public("How it is cited, and what its text is worth.")]
    zones: Annotated[tuple[str, ...], public("Areas it names; empty: it applies everywhere.")]
    acts: Annotated[tuple[str, ...], public("Acts of a prohibition.")]
    texts: Annotated[tuple[ClauseText, ...], public("The texts held.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentView:
    """An agreement, truce, protocol or resolution."""

    instrument_id: Annotated[str, public("Its id.")]
    kind: Annotated[str, public("agreement, memorandum, truce, local-deal, protocol, resolution or statement.")]
    title: Annotated[Titles, public("By language.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneName:
    """An area that clauses name."""

    zone_id: Annotated[str, public("Its id.")]
    kind: Annotated[str, public("zone, corridor, line or site.")]
    title: Annotated[Titles, public("By language.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorName:
    """Someone who acts, is bound or is named."""

    actor_id: Annotated[str, public("Its id.")]
    kind: Annotated[str, public("state, army, armed-group, …; a bucket is a label of a data set.")]
    names: Annotated[Titles, public("The name it goes by, by language.")]
    is_accused: Annotated[bool, public("Whether a finding is about it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceName:
    """Someone who reports."""

    source_id: Annotated[str, public("Its id.")]
    kind: Annotated[str | None, public("outlet, delegation, observatory, …; null: the case does not describe it.")]
    names: Annotated[Titles, public("By language.")]
    party_id: Annotated[str | None, public("The actor it speaks for; null: nobody's delegation.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActName:
    """A kind of act."""

    act: Annotated[str, public("Its key.")]
    parent: Annotated[str | None, public("The wider act it is a kind of.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabularies:
    """The words that answers use, in their order."""

    statuses: Annotated[tuple[str, ...], public("Short statuses of a finding.")]
    acts: Annotated[tuple[ActName, ...], public("Acts, the default vocabulary's and the case's.")]
    place_precisions: Annotated[tuple[str, ...], public("From the most precise on.")]
    time_precisions: Annotated[tuple[str, ...], public("From the most precise on.")]
    flags: Annotated[dict[str, str], public("What can be odd about data, each with its sentence.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsView:
    """What is served, and how it stands to the record."""

    position: Annotated[int, public("Of the ledger's last entry.")]
    results_position: Annotated[int, public("Of the ledger entry that the results rest on.")]
    results_behind: Annotated[
        bool, public("Whether the record has moved on since: `ceasefire run` renews the results.")
    ]
    incidents: Annotated[int, public("How many there are.")]
    findings: Annotated[int, public("How many there are.")]
    first_day: Annotated[str | None, public("Local day of the earliest incident; null: none is dated.")]
    last_day: Annotated[str | None, public("Local day of the latest incident.")]
    bounds: Annotated[
        tuple[float, float, float, float] | None,
        public("West, south, east and north of the case's areas, degrees; null: it has none."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerView:
    """Who is asking, and what they may ask."""

    name: Annotated[str, public("As the ledger would name them; empty: the public.")]
    roles: Annotated[tuple[str, ...], public("What they are.")]
    parties: Annotated[tuple[str, ...], public("Actors they speak for.")]
    operations: Annotated[
        tuple[str, ...], public("What they may ask: a page for anything else does not exist for them.")
    ]
    release: Annotated[
        str, public("How places are told to them: as reported (mission), or coarsened and late (public).")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """The case, its vocabularies, what is served and who is asking."""

    case_id: Annotated[str, public("Its id.")]
    title: Annotated[Titles, public("By language.")]
    summary: Annotated[Titles, public("By language.")]
    is_fictional: Annotated[bool, public("Whether it is made up, for training.")]
    time_zone: Annotated[str, public("IANA name: local days are days there.")]
    software: Annotated[str, public("Version of ceasefire.")]
    mode: Annotated[str, public("laptop: one user, no accounts; centre: accounts.")]
    results: Annotated[ResultsView, public("What is served.")]
    viewer: Annotated[ViewerView, public("Who is asking.")]
    zones: Annotated[tuple[ZoneName, ...], public("Areas that clauses name.")]
    instruments: Annotated[tuple[InstrumentView, ...], public("In the order of the case.")]
    clauses: Annotated[tuple[ClauseView, ...], public("In the order of the case.")]
    actors: Annotated[tuple[ActorName, ...], public("In the order of the case; then those that are on no register.")]
    sources: Annotated[tuple[SourceName, ...], public("Those that report something.")]
    vocabularies: Annotated[Vocabularies, public("The words that answers use.")]


def case_view(snapshot: Snapshot, standing: Standing, viewer: Viewer, *, mode: str) -> CaseView:
    """Return the case of a state."""
    case = snapshot.case
    return CaseView(
        case_id=case.description.id,
        title=case.description.title,
        summary=case.description.summary,
        is_fictional=case.description.fictional,
        time_zone=case.description.time_zone,
        software=snapshot.stamp.software,
        mode=mode,
        results=_results(snapshot, standing),
        viewer=ViewerView(
            name=viewer.name,
            roles=tuple(sorted(role.value for role in viewer.roles)),
            parties=tuple(sorted(viewer.parties)),
            operations=tuple(operation.value for operation in viewer.operations),
            release=viewer.release.value,
        ),
        zones=tuple(ZoneName(zone_id=area.id, kind=area.kind, title=area.title) for area in case.areas.values()),
        instruments=tuple(
            InstrumentView(instrument_id=each.id, kind=each.kind, title=each.title)
            for each in case.instruments.values()
        ),
        clauses=tuple(clause_view(clause) for clause in case.clauses.values()),
        actors=snapshot.kept("actor-names", lambda: tuple(_actors(snapshot))),
        sources=snapshot.kept("source-names", lambda: tuple(_sources(snapshot))),
        vocabularies=Vocabularies(
            statuses=tuple(status.value for status in Status),
            acts=tuple(ActName(act=act, parent=parent) for act, parent in case.acts.items()),
            place_precisions=tuple(each.value for each in PlacePrecision),
            time_precisions=tuple(each.value for each in TimePrecision),
            flags=FLAGS,
        ),
    )


def clause_view(clause: Clause) -> ClauseView:
    """Return a clause with its texts."""
    return ClauseView(
        clause_id=clause.id,
        instrument_id=clause.instrument,
        kind=clause.kind,
        title=clause.title,
        citation=cite_clause(clause),
        zones=() if clause.areas == "everywhere" else tuple(clause.areas),
        acts=clause.acts,
        texts=tuple(
            ClauseText(text_id=text.id, language=text.language, standing=text.standing, text=text.text)
            for text in clause.texts
        ),
    )


def names_of(snapshot: Snapshot, actor_id: str) -> Titles:
    """Return an actor's name by language; one that is on no register has the name it was given, in no language."""
    actor = snapshot.case.actors.actors.get(actor_id)
    if actor is None:
        return {"und": snapshot.case.actors.name(actor_id)}
    # a language in which there is only an alias has no name to print
    languages = dict.fromkeys(name.language for name in actor.names if name.kind in ("own", "name"))
    names = {language: snapshot.case.actors.name(actor_id, language) for language in languages}
    return names or {"und": snapshot.case.actors.name(actor_id)}


def _actors(snapshot: Snapshot) -> Iterable[ActorName]:
    accused = set(snapshot.findings["accused_id"].cast(pa.string()).unique().drop_null().to_pylist()) - {""}
    held = snapshot.case.actors.actors
    unknown = sorted((accused | set(snapshot.index.named)) - set(held))
    for actor_id in (*held, *unknown):
        kind = held[actor_id].kind if actor_id in held else "civilians" if actor_id == "civilians" else "unresolved"
        yield ActorName(
            actor_id=actor_id, kind=kind, names=names_of(snapshot, actor_id), is_accused=actor_id in accused
        )


def _sources(snapshot: Snapshot) -> Iterable[SourceName]:
    for source_id in sorted(snapshot.reports["source_id"].cast(pa.string()).unique().to_pylist()):
        speaker = snapshot.case.speakers.get(source_id)
        yield SourceName(
            source_id=source_id,
            kind=speaker.kind if speaker else None,
            names=speaker.names if speaker else {"und": source_id},
            party_id=speaker.party if speaker else None,
        )


def _results(snapshot: Snapshot, standing: Standing) -> ResultsView:
    index = snapshot.index
    dated = index.first_day != NO_DAY
    days = (int(index.first_day[dated].min()), int(index.last_day[dated].max())) if dated.any() else None
    return ResultsView(
        position=standing.position,
        results_position=snapshot.stamp.position,
        results_behind=standing.results_behind,
        incidents=snapshot.incidents.num_rows,
        findings=snapshot.findings.num_rows,
        first_day=day_of(days[0]).isoformat() if days else None,
        last_day=day_of(days[1]).isoformat() if days else None,
        bounds=snapshot.kept("bounds", lambda: _bounds(snapshot)),
    )


def _bounds(snapshot: Snapshot) -> tuple[float, float, float, float] | None:
    import shapely

    held = list(snapshot.case.geometries.values())
    if not held:
        return None
    west, south, east, north = (round(float(degrees), 5) for degrees in np.asarray(shapely.total_bounds(held)))
    return west, south, east, north
