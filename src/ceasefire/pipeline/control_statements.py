"""Statements on control as the territory's records: from the case, from tables imported, and a gazetteer's places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyproj import Geod

from ceasefire.model.errors import UsageError
from ceasefire.model.time import Span, parse_moment
from ceasefire.pipeline.imports import Format
from ceasefire.territory.control import People, Place, Word
from ceasefire.territory.control_shares import Count
from ceasefire.territory.place_names import plain_name, similarity

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.intake.control_table import ControlTable
    from ceasefire.pipeline.state import State
    from ceasefire.territory.control_records import Settlement

SAME_PLACE_KM = 5.0
"""An entry of a gazetteer so near to a settlement of its name is that settlement."""
_ALIKE = 0.9
_GEOD = Geod(ellps="WGS84")


def place_of(settlement: Settlement) -> Place:
    """Return a settlement of the case as a place; its population from the least to the most that is said."""
    names, people = settlement.names, settlement.people
    ranges = [each.count for each in people]
    bounds = [count for each in ranges for count in (each.low, each.best, each.high) if count is not None]
    return Place(
        place_id=settlement.id,
        name=names.get("en") or next(iter(names.values())),
        longitude=settlement.longitude,
        latitude=settlement.latitude,
        uncertainty_km=settlement.uncertainty_km,
        unit=settlement.unit,
        people=People(low=min(bounds), high=max(bounds)) if bounds else People(),
    )


def word_of(case: Case, statement: Any) -> Word:
    """Return a statement of the case as a word."""
    first = parse_moment(statement.valid_from, case.zone)
    last = parse_moment(statement.valid_until, case.zone) if statement.valid_until else first
    return Word(
        statement_id=statement.id,
        place_id=statement.settlement,
        chain=_chain(case, statement.speaker, statement.sources[0]),
        says=statement.says,
        actors=frozenset(statement.actors),
        taken_from=frozenset(statement.taken_from),
        span=Span(first.start, max(first.start, last.end)),
        said=_said(case, statement.said),
        speaker=statement.speaker,
        source=statement.sources[0],
    )


def count_of(case: Case, record: Any) -> Count:
    """Return a count of the case."""
    first, last = (parse_moment(each, case.zone) for each in (record.valid_from, record.valid_until))
    return Count(
        count_id=record.id,
        actor_id=record.actor,
        says=record.says,
        low=record.count.low,
        best=record.count.best,
        high=record.count.high,
        span=Span(first.start, max(first.start, last.end)),
        taken_from=frozenset(record.taken_from),
        leaving_out=frozenset(record.leaving_out),
        said=_said(case, record.said),
    )


def _said(case: Case, text: str | None) -> int | None:
    if text is None:
        return None
    span = parse_moment(text, case.zone)
    return max(span.start, span.end - 1)


def _chain(case: Case, speaker: str | None, source: str) -> str:
    """Return whom a statement goes back to: the speakers that its speaker draws on, else the source itself."""
    if speaker is None:
        return f"source:{source}"
    roots, waiting, seen = set(), [speaker], set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        further = case.speakers[one].lineage if one in case.speakers else ()
        if further:
            waiting += further
        else:
            roots.add(one)
    return "+".join(sorted(roots or {speaker}))


def imported_tables(state: State) -> Iterator[ControlTable]:
    """Yield the tables of statements that were imported."""
    from ceasefire.intake.control_table import read_control_table

    register = state.case.actors
    for entry in state.history.imports:
        if entry.payload["options"]["format"] == Format.CONTROL:
            path = state.store.folder / "control" / entry.content["document"][:16] / entry.payload["file"]
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(state.batches.get_bytes(entry.content["document"]))
            yield read_control_table(
                path,
                zone=state.case.zone,
                resolve=lambda name, at: name if name in register.actors else register.resolve(name, at=at),
                separator=entry.payload["options"].get("separator"),
            )


def placed(case: Case, table: ControlTable, places: dict[str, Place]) -> Iterator[Word]:
    """Yield a table's words with the ids of their settlements, and the chains of their speakers.

    Raises
    ------
    UsageError
        When a settlement is not known, or its name is that of several.
    """
    by_name: dict[str, list[str]] = {}
    for key, place in places.items():
        by_name.setdefault(plain_name(place.name), []).append(key)
    lost = []
    for word in table.words:
        found = [word.place_id] if word.place_id in places else by_name.get(plain_name(word.place_id), [])
        if len(found) != 1:
            lost.append(f'{word.statement_id}: "{word.place_id}" is {"several" if found else "not known"}')
            continue
        speaker = table.speakers.get(word.statement_id)
        yield Word(
            statement_id=word.statement_id,
            place_id=found[0],
            chain=_chain(case, speaker, word.chain.removeprefix("source:")),
            says=word.says,
            actors=word.actors,
            taken_from=word.taken_from,
            span=word.span,
            said=word.said,
            speaker=speaker,
            source=word.chain.removeprefix("source:"),
        )
    if lost:
        raise UsageError(
            f"Imported statements name settlements that nothing places: {'; '.join(lost[:10])}"
            + (f"; and {len(lost) - 10} more." if len(lost) > 10 else "."),
            "Add the settlement to control.yaml, name it by its id, or give the gazetteer it is from (--gazetteer).",
        )


def add_place(places: dict[str, Place], place: Place) -> bool:
    """Add a settlement unless it is one that is there already, near and of the same name."""
    if place.place_id in places:
        return False
    name = plain_name(place.name)
    for held in places.values():
        if (
            abs(held.latitude - place.latitude) < 0.1
            and plain_name(held.name) == name
            and _km(held, place) <= SAME_PLACE_KM
        ):
            return False
    places[place.place_id] = place
    return True


def add_gazetteer(places: dict[str, Place], path: Path) -> list[str]:
    """Add the settlements of a gazetteer, and say what was left out."""
    from ceasefire.intake.gazetteer import read_gazetteer

    read = read_gazetteer(path)
    stated = dict(places)
    added = 0
    for place in read.places:
        twin = next((held for held in stated.values() if _twins(held, place)), None)
        if twin is None:
            places.setdefault(place.place_id, place)
            added += 1
        elif twin.people.bounds is None and place.people.bounds is not None:
            # a population of the gazetteer's for a settlement of which the case has none
            places[twin.place_id] = _with_people(places[twin.place_id], place.people)
    notes = [f"{added:,} settlements of {path.name}, {len(read.places) - added:,} of them known already."]
    if read.left_out:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(read.left_out.items()))
        notes.append(f"Left out, being no settlements: {kinds}.")
    if read.rejects:
        notes.append(f"{len(read.rejects):,} rows cannot be used; the first: {read.rejects[0]}")
    return notes


def _twins(a: Place, b: Place) -> bool:
    near = abs(a.latitude - b.latitude) < 0.1
    return near and same_name(plain_name(a.name), plain_name(b.name)) and _km(a, b) <= SAME_PLACE_KM


def _with_people(place: Place, people: People) -> Place:
    return Place(
        place_id=place.place_id,
        name=place.name,
        longitude=place.longitude,
        latitude=place.latitude,
        uncertainty_km=place.uncertainty_km,
        unit=place.unit,
        people=people,
    )


def same_name(a: str, b: str) -> bool:
    """Return whether two plain names are one, as far as spelling goes."""
    return a == b or similarity(a, b) >= _ALIKE


def _km(a: Place, b: Place) -> float:
    return float(_GEOD.inv(a.longitude, a.latitude, b.longitude, b.latitude)[2]) / 1000
