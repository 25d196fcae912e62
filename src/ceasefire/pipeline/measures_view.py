"""Exchanges, evacuations, sieges and how they ended, with who counted whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ceasefire.model.roles import public, shared
from ceasefire.pipeline.case_view import Titles
from ceasefire.pipeline.dated import Dated, dated

if TYPE_CHECKING:
    from ceasefire.agreement.records import Measure
    from ceasefire.pipeline.served import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """How many, according to whom; null is not known."""

    what: Annotated[str, public("What was counted.")]
    low: Annotated[int | None, public("The lowest figure.")]
    best: Annotated[int | None, public("The best figure.")]
    high: Annotated[int | None, public("The highest figure.")]
    speaker_id: Annotated[str | None, public("Who counted; null: not said.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureView:
    """An exchange, evacuation, siege or its end."""

    measure_id: Annotated[str, public("Its id.")]
    kind: Annotated[str, public("exchange, evacuation, siege, siege-ended or displacement.")]
    ended_by: Annotated[str | None, public("aid-access, truce, evacuation, capture or surrender; null: not said.")]
    title: Annotated[Titles, public("By language.")]
    place: Annotated[str | None, public("Where, in words.")]
    valid_from: Annotated[tuple[Dated, ...], public("Every start on record.")]
    valid_until: Annotated[tuple[Dated, ...], public("Every end on record; empty: none.")]
    counts: Annotated[tuple[CountView, ...], public("How many, according to whom.")]
    parties: Annotated[tuple[str, ...], public("Actors it is between, or about.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The measures of a case."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    measures: Annotated[tuple[MeasureView, ...], public("In the order of the case.")]


def measures_view(snapshot: Snapshot) -> Measures:
    """Return the measures."""
    return Measures(position=snapshot.stamp.position, measures=tuple(_measure(each) for each in snapshot.case.measures))


def _measure(measure: Measure) -> MeasureView:
    return MeasureView(
        measure_id=measure.id,
        kind=measure.kind,
        ended_by=measure.ended_by,
        title=measure.title,
        place=measure.place,
        valid_from=dated(measure.valid_from),
        valid_until=dated(measure.valid_until),
        counts=tuple(
            CountView(
                what=each.what,
                low=each.count.low,
                best=each.count.best,
                high=each.count.high,
                speaker_id=each.speaker,
                sources=each.sources,
                unverified=each.unverified,
                note=each.note,
            )
            for each in measure.counts
        ),
        parties=measure.parties,
        sources=measure.sources,
        unverified=measure.unverified,
        note=measure.note,
    )
