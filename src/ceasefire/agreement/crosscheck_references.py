"""Every id that a case names is defined once, and none that was retired is used again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from ceasefire.agreement.files import HOME, CaseFiles, Entry, Place
from ceasefire.agreement.records import CaseAct, Clause
from ceasefire.model.errors import Fault
from ceasefire.model.schema_faults import Location, listed, suggestion
from ceasefire.model.vocabulary import ACTS
from ceasefire.model.yaml_file import CaseRecord

_ACTOR, _SPEAKER, _AREA, _ACT, _CLAUSE = ("actor",), ("speaker",), ("area",), ("act",), ("clause",)
_INSTRUMENT = ("instrument",)
# a mission that speaks, watches or mediates need not be an actor of the agreement
_ACTOR_OR_SPEAKER = ("actor", "speaker")

# kind of record -> path within it -> kinds among which the id must be; `*` stands for every item
REFERENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "case": {"readings.*": ("interpretation",)},
    "speaker": {"party": _ACTOR, "lineage.*": _SPEAKER},
    "instrument": {"signatories.*": _ACTOR, "bearers.*": _ACTOR, "relations.*.instrument": _INSTRUMENT},
    "clause": {
        "instrument": _INSTRUMENT,
        "bearers.*": _ACTOR,
        "open_bearers.*": _ACTOR,
        "areas.*": _AREA,
        "acts.*": _ACT,
        "divergences.*.acts.*": _ACT,
        "targets.covered.*": _ACTOR,
        "targets.exempt.*": _ACTOR,
        "targets.exempt_by": _CLAUSE,
        "exceptions.*.kind": ("exception kind",),
        "exceptions.*.by_clause": _CLAUSE,
        "duty.deadline.after": ("instrument", "milestone"),
    },
    "actor": {"affiliations.*.to": _ACTOR, "may_contain.*": _ACTOR},
    "interpretation": {
        "clause": _CLAUSE,
        "acts.*": _ACT,
        "bearers.*": _ACTOR,
        "not_bearers.*": _ACTOR,
        "exempt.*": _ACTOR,
    },
    "adherence": {
        "actor": _ACTOR,
        "instrument": _INSTRUMENT,
        "clauses.*": _CLAUSE,
        "areas.*": _AREA,
        "by": _ACTOR_OR_SPEAKER,
    },
    "exception kind": {"acts.*": _ACT},
    "notification": {
        "kind": ("exception kind",),
        "by": _ACTOR,
        "to.*": _ACTOR_OR_SPEAKER,
        "area": _AREA,
        "acts.*": _ACT,
    },
    "evidence": {
        "clause": _CLAUSE,
        "bearer": _ACTOR,
        "area": _AREA,
        "speaker": _SPEAKER,
        "restriction.by": _ACTOR,
    },
    "round": {
        "delegations.*.actor": _ACTOR_OR_SPEAKER,
        "outcomes.*.instruments.*": _INSTRUMENT,
        "outcomes.*.clauses.*": _CLAUSE,
    },
    "post": {"operator": _ACTOR_OR_SPEAKER, "area": _AREA},
    "measure": {"parties.*": _ACTOR, "counts.*.speaker": _SPEAKER},
    "coverage": {"operator": _ACTOR_OR_SPEAKER, "area": _AREA, "post": ("post",), "by": _ACTOR},
    "total": {"counts.*.speaker": _SPEAKER},
    "control statement": {
        "settlement": ("settlement",),
        "actors.*": _ACTOR,
        "taken_from.*": _ACTOR,
        "speaker": _SPEAKER,
    },
    "control count": {
        "actor": _ACTOR,
        "taken_from.*": _ACTOR,
        "area": _AREA,
        "leaving_out.*": ("settlement",),
        "speaker": _SPEAKER,
    },
    "siting plan": {
        "area": _AREA,
        "line": _AREA,
        "quotas.*.operator": _ACTOR_OR_SPEAKER,
        "belts.*.area": _AREA,
        "belts.*.operators.*": _ACTOR_OR_SPEAKER,
        "candidates.*.operators.*": _ACTOR_OR_SPEAKER,
        "keep.*": ("post",),
    },
    "act": {"parent": _ACT},
    "body": {"members.*.party": _ACTOR, "clauses.*": _CLAUSE},
}
_WORDS_NOT_IDS = frozenset({"everywhere", "all", "adherents", "anyone"})


def check_references(files: CaseFiles) -> list[Fault]:
    """Return a fault for every id named but not defined, sources included."""
    known = known_ids(files)
    faults = []
    entries = [entry for of_kind in files.entries.values() for entry in of_kind]
    if files.description:
        entries.append(files.description)
    for entry in entries:
        named = [
            (location, value, kinds)
            for path, kinds in REFERENCES.get(entry.kind, {}).items()
            for location, value in values_at(entry.record, tuple(path.split(".")))
        ]
        named += [(location, value, ("source",)) for location, value in _source_keys(entry.record)]
        for location, value, kinds in named:
            if not any(value in known[kind] or kind in files.incomplete for kind in kinds):
                faults.append(_undefined(entry, location, value, kinds, known))
    return faults


def known_ids(files: CaseFiles) -> dict[str, dict[str, None]]:
    """Return every id given, by kind, in order; of acts, the default vocabulary's as well."""
    known: dict[str, dict[str, None]] = defaultdict(dict)
    known["act"] = dict.fromkeys(ACTS)
    for kind, given in files.ids.items():
        known[kind].update(dict.fromkeys(id_ for id_, _ in given))
    return known


def values_at(record: Any, path: tuple[str, ...], at: Location = ()) -> Iterator[tuple[Location, str]]:
    """Yield the ids at a path such as ``("relations", "*", "instrument")``, with where each stands."""
    if record is None:
        return
    if not path:
        if isinstance(record, str) and record not in _WORDS_NOT_IDS:
            yield at, record
        return
    step, rest = path[0], path[1:]
    if step == "*":
        for i, item in enumerate(record if isinstance(record, tuple) else ()):
            yield from values_at(item, rest, (*at, i))
    elif isinstance(record, BaseModel):
        yield from values_at(getattr(record, step), rest, (*at, step))


def records_within(record: CaseRecord, at: Location = ()) -> Iterator[tuple[Location, CaseRecord]]:
    """Yield the record and every record inside it, with where each stands."""
    yield at, record
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, CaseRecord):
            yield from records_within(value, (*at, name))
        elif isinstance(value, tuple):
            for i, item in enumerate(value):
                if isinstance(item, CaseRecord):
                    yield from records_within(item, (*at, name, i))


def _source_keys(record: CaseRecord) -> Iterator[tuple[Location, str]]:
    for at, inner in records_within(record):
        for i, key in enumerate(getattr(inner, "sources", ())):
            yield (*at, "sources", i), key


def _undefined(
    entry: Entry[CaseRecord], location: Location, value: str, kinds: tuple[str, ...], known: dict[str, dict[str, None]]
) -> Fault:
    named = " or ".join(kinds)
    defined = [id_ for kind in kinds for id_ in known[kind]]
    homes = " or ".join(dict.fromkeys(HOME[kind] for kind in kinds))
    those = f"Defined: {listed(defined)}." if defined else f"There is none yet in {homes}."
    return entry.fault(
        location,
        f'{entry.label} names {named} "{value}", which is not defined.',
        f"What rests on {_article(named)} {named} that nobody defined cannot be checked.",
        f"{suggestion(value, defined)}Correct it, or add it to {homes}. {those}",
    )


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def check_ids(files: CaseFiles) -> list[Fault]:
    """Return a fault for every id used twice within a kind, across files, or used though retired."""
    retired = set(files.description.record.retired_ids) if files.description else set()
    faults = []
    for kind, given in files.ids.items():
        first: dict[str, Place] = {}
        for id_, place in given:
            if id_ in first:
                faults.append(
                    place.file.fault(
                        place.location,
                        f'{kind} id "{id_}" is used twice; first at {first[id_]}.',
                        "Everything that cites the id would mean either of two things.",
                        "Give one of the two an id that was never used.",
                    )
                )
            elif id_ in retired:
                faults.append(
                    place.file.fault(
                        place.location,
                        f'{kind} id "{id_}" is retired in case.yaml and used again.',
                        "Older bulletins cite the id and would seem to cite this record.",
                        "Give the record an id that was never used.",
                    )
                )
            first.setdefault(id_, place)
    return faults + _shared_between_deadlines(files) + _acts(files) + _text_ids(files)


def _shared_between_deadlines(files: CaseFiles) -> list[Fault]:
    instruments = dict(files.ids.get("instrument", []))
    return [
        place.file.fault(
            place.location,
            f'"{id_}" is the id of a milestone and of an instrument (at {instruments[id_]}).',
            "A deadline that counts from it could mean either.",
            "Give the milestone an id of its own.",
        )
        for id_, place in files.ids.get("milestone", [])
        if id_ in instruments
    ]


def _acts(files: CaseFiles) -> list[Fault]:
    """Acts of the case must not take the name of a default one, nor descend from themselves."""
    faults = []
    own = files.of("act", CaseAct)
    parents: dict[str, str | None] = dict.fromkeys(ACTS) | {a.id: a.record.parent for a in own if a.id not in ACTS}
    for entry in own:
        if entry.id in ACTS:
            faults.append(
                entry.fault(
                    ("id",),
                    f"{entry.label} is already in the default vocabulary.",
                    "Reports of other cases mean the default act by that name.",
                    "Use the default act, or give this one another id.",
                )
            )
            continue
        chain, act = [entry.id], parents[entry.id]
        while act is not None and act not in chain:
            chain.append(act)
            act = parents.get(act)
        if act == entry.id:
            faults.append(
                entry.fault(
                    ("parent",),
                    f"{entry.label} descends from itself: {' < '.join([*chain, act])}.",
                    "A clause on the one would be a clause on the other, without end.",
                    "Name as parent an act that is more general.",
                )
            )
    return faults


def _text_ids(files: CaseFiles) -> list[Fault]:
    faults = []
    for entry in files.of("clause", Clause):
        seen: set[str] = set()
        for i, text in enumerate(entry.record.texts):
            if text.id in seen:
                faults.append(
                    entry.fault(
                        ("texts", i, "id"),
                        f'text id "{text.id}" is used twice in {entry.label}.',
                        "A citation of the text could mean either.",
                        "Give each text of a clause its own id.",
                    )
                )
            seen.add(text.id)
    return faults
