"""What two sides counted for the same day: totals, behind which no entry is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from ceasefire.model.roles import public, shared
from ceasefire.pipeline.case_view import Titles

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import SideCount
    from ceasefire.pipeline.served import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTotal:
    """How many of a side's count were in one place."""

    place: Annotated[str, public("As the bulletin names it.")]
    count: Annotated[int, public("How many.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTotal:
    """What one side counted for a day."""

    speaker_id: Annotated[str, public("Who counted.")]
    speaker: Annotated[Titles, public("Its name, by language.")]
    party_id: Annotated[str | None, public("The actor it speaks for; null: none.")]
    count: Annotated[int, public("Alleged violations counted.")]
    confirmed_by_other: Annotated[int | None, public("How many of them the other side confirmed; null: not said.")]
    by_place: Annotated[tuple[PlaceTotal, ...], public("Where, as far as said.")]
    sources: Annotated[tuple[str, ...], public("Keys of `sources`.")]
    unverified: Annotated[bool, public("Whether the compilers have not seen the original.")]
    note: Annotated[str | None, shared("The compilers' note.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfTotals:
    """A day with the counts of two sides."""

    total_id: Annotated[str, public("Its id.")]
    day: Annotated[str, public("A local day.")]
    counts: Annotated[tuple[SideTotal, ...], public("Side by side: never added up, never averaged.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSidedTotals:
    """The two-sided totals of a case."""

    position: Annotated[int, public("Of the ledger entry that these results rest on.")]
    days: Annotated[tuple[DayOfTotals, ...], public("By day.")]


def totals_view(snapshot: Snapshot) -> TwoSidedTotals:
    """Return the two-sided totals."""
    days = [
        DayOfTotals(
            total_id=each.id,
            day=each.day[: len("2017-03-22")],
            counts=tuple(_side(count, snapshot.case) for count in each.counts),
        )
        for each in snapshot.case.totals
    ]
    return TwoSidedTotals(
        position=snapshot.stamp.position, days=tuple(sorted(days, key=lambda each: (each.day, each.total_id)))
    )


def _side(count: SideCount, case: Case) -> SideTotal:
    speaker = case.speakers.get(count.speaker)
    return SideTotal(
        speaker_id=count.speaker,
        speaker=speaker.names if speaker else {"und": count.speaker},
        party_id=speaker.party if speaker else None,
        count=count.count,
        confirmed_by_other=count.confirmed_by_other,
        by_place=tuple(PlaceTotal(place=place, count=many) for place, many in count.by_place.items()),
        sources=count.sources,
        unverified=count.unverified,
        note=count.note,
    )
