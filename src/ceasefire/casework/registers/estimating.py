"""Whether two lists may be taken for two captures of one population, and the estimate where they may.

The assumptions of capture and recapture are plainly broken by most lists of parties in conflict: each lists what it
accuses the other of, so that they are lists of two things. What can be tested is tested, and an estimate is refused
with every reason there is. That the lists are independent cannot be tested with two of them: a person must have said
why they may be taken to be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ceasefire.assessment.capture_recapture import FEWEST_IN_COMMON, PopulationEstimate, chapman, same_share
from ceasefire.casework.registers.entries import ALL_KINDS, ListEntry
from ceasefire.casework.registers.pairing import BOTH, COVERS, DOUBTFUL, NOT_COMPARED, PairedRow, paired
from ceasefire.casework.registers.records import Grounds, RegisterDay
from ceasefire.model.time import Span

SideOf = Callable[[str, ListEntry], str | None]
"""To which of the two parties an actor belonged when an entry's event occurred; None: to neither, or nobody knows."""
_SIGNIFICANT = 0.05
UNTESTED = ("independent", "unseen-kinds")
"""What no test of two lists can show: that they are independent, and that there is no kind of event on neither list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why there is no estimate.

    Parameters
    ----------
    code : str
        A key of `OBSTACLES`.
    count : int
        How many entries, pairs or events it concerns; what the sentence names.
    """

    code: str
    count: int = 0

    @property
    def sentence(self) -> str:
        """The reason in English."""
        return OBSTACLES[self.code].format(count=self.count, least=FEWEST_IN_COMMON)


OBSTACLES = {
    "list-missing": "Both lists must be open: one list says nothing of what it leaves out.",
    "not-matched": "The lists have not been matched.",
    "late-list": "A list came after the cut-off, or when the other could be known: it may have been written in its "
    "knowledge.",
    "one-sided": "Whom an entry accuses depends on whose list it is on ({count} entries accuse a side): each lists "
    "what it accuses the other of, so that the lists are not two captures of one population.",
    "shared-lineage": "Entries that draw on a source which both lists draw on: {count}. What it missed, both miss.",
    "unsettled-pairs": "Rows of which no person has said whether their entries are of one event: {count}. An error "
    "there would be an error of the estimate.",
    "open-population": "Entries not dated, or not within the day: {count}. The lists may be of different events.",
    "unequal-chance": "Events with deaths and events without have different chances of being on either list.",
    "few-in-common": "Events on both lists: {count}. Under {least} the estimate is not to be relied on.",
    "no-grounds": "Nobody of the centre has said why the two lists may be taken to be independent.",
}
"""Code to sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimating:
    """The answer for one kind.

    Parameters
    ----------
    kind : str
        An act, or ``all``.
    listed_a, listed_b, in_both : int
        Events, not entries: what is joined in one row counts once.
    estimate : PopulationEstimate or None
        None: refused.
    obstacles : tuple of Obstacle
        Every reason for that; empty where there is an estimate.
    grounds : Grounds or None
        What a person said of independence.
    """

    kind: str
    listed_a: int
    listed_b: int
    in_both: int
    estimate: PopulationEstimate | None
    obstacles: tuple[Obstacle, ...]
    grounds: Grounds | None


def estimated(register_day: RegisterDay, kind: str, *, day: Span, side_of: SideOf) -> Estimating:
    """Estimate how many events of a kind there were on the day, or say why not.

    The lists count as they were opened: an amendment was written in knowledge of the other list.

    Parameters
    ----------
    kind : str
        An act as the entries name it, or ``all``.
    day : Span
        The local day.
    side_of : callable
        To which of the two parties an actor belongs.
    """
    chosen = _Chosen.of(register_day, kind)
    grounds = next((one for one in register_day.grounds if one.kind == kind), None)
    obstacles = tuple(_obstacles(register_day, chosen, grounds, day, side_of))
    estimate = None if obstacles else chapman(chosen.events_a, chosen.events_b, chosen.common)
    return Estimating(
        kind=kind,
        listed_a=chosen.events_a,
        listed_b=chosen.events_b,
        in_both=chosen.common,
        estimate=estimate,
        obstacles=obstacles,
        grounds=grounds,
    )


def kinds_listed(register_day: RegisterDay) -> tuple[str, ...]:
    """Return the kinds of which either list has entries, ``all`` first."""
    named = {act for party in register_day.parties for entry in register_day.entries(party) for act in entry.acts}
    return (ALL_KINDS, *sorted(named))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The entries and rows of one kind."""

    listed: tuple[tuple[ListEntry, ...], tuple[ListEntry, ...]]
    rows: tuple[PairedRow, ...]
    common_numbers: tuple[frozenset[str], frozenset[str]]

    @classmethod
    def of(cls, register_day: RegisterDay, kind: str) -> _Chosen:
        a, b = register_day.parties
        of_kind = [
            tuple(one for one in register_day.listed(party) if kind == ALL_KINDS or kind in one.acts)
            for party in (a, b)
        ]
        wanted = [{one.no for one in listed} for listed in of_kind]
        rows = tuple(
            row
            for row in paired(register_day)
            if wanted[0] & {*row.entries_a, *row.candidates_a} or wanted[1] & {*row.entries_b, *row.candidates_b}
        )
        both = [row for row in rows if row.group == BOTH]
        common = [row for row in both if wanted[0] & {*row.entries_a} and wanted[1] & {*row.entries_b}]
        return cls(
            listed=(of_kind[0], of_kind[1]),
            rows=rows,
            common_numbers=(
                frozenset(no for row in common for no in row.entries_a),
                frozenset(no for row in common for no in row.entries_b),
            ),
        )

    def _events(self, which: int) -> int:
        wanted = {one.no for one in self.listed[which]}
        return sum(bool(wanted & set((row.entries_a, row.entries_b)[which])) for row in self.rows)

    @property
    def events_a(self) -> int:
        return self._events(0)

    @property
    def events_b(self) -> int:
        return self._events(1)

    @property
    def common(self) -> int:
        a, b = self.common_numbers
        return sum(row.group == BOTH and bool(a & {*row.entries_a}) and bool(b & {*row.entries_b}) for row in self.rows)

    @property
    def everything(self) -> tuple[ListEntry, ...]:
        return (*self.listed[0], *self.listed[1])


def _obstacles(
    register_day: RegisterDay, chosen: _Chosen, grounds: Grounds | None, day: Span, side_of: SideOf
) -> list[Obstacle]:
    if not register_day.is_open or set(register_day.keyed) != set(register_day.parties):
        return [Obstacle(code="list-missing")]
    if register_day.matching is None:
        return [Obstacle(code="not-matched")]
    standing = [register_day.standing(party) for party in register_day.parties]
    open_rows = [
        row
        for row in chosen.rows
        if row.group in (DOUBTFUL, COVERS, NOT_COMPARED) or (row.group == BOTH and row.settled is None)
    ]
    beyond = [
        one
        for one in chosen.everything
        if one.occurred_from is None
        or one.occurred_until is None
        or one.occurred_from < day.start
        or one.occurred_until > day.end
    ]
    found = {
        "late-list": sum(one is not None and (one.is_late or one.after_other) for one in standing),
        "one-sided": _one_sided(register_day, chosen, side_of),
        "shared-lineage": _of_shared_lineage(register_day, chosen),
        "unsettled-pairs": len(open_rows),
        "open-population": len(beyond),
        "unequal-chance": int(_has_unequal_chances(chosen)),
    }
    obstacles = [Obstacle(code=code, count=count) for code, count in found.items() if count]
    if chosen.common < FEWEST_IN_COMMON:
        obstacles.append(Obstacle(code="few-in-common", count=chosen.common))
    if grounds is None:
        obstacles.append(Obstacle(code="no-grounds"))
    return obstacles


def _one_sided(register_day: RegisterDay, chosen: _Chosen, side_of: SideOf) -> int:
    """Return how many entries accuse a side, where whom a list accuses depends on whose it is."""
    accusing = [
        [
            sum(any(side_of(actor, one) == party for actor in one.accused) for one in listed)
            for party in register_day.parties
        ]
        for listed in chosen.listed
    ]
    (of_a, of_b), (other_of_a, other_of_b) = accusing
    one_list_alone = bool(of_a) != bool(other_of_a) or bool(of_b) != bool(other_of_b)
    depends = same_share(of_a, of_b, other_of_a, other_of_b) < _SIGNIFICANT
    return of_a + of_b + other_of_a + other_of_b if one_list_alone or depends else 0


def _of_shared_lineage(register_day: RegisterDay, chosen: _Chosen) -> int:
    drawn_on = [
        {origin for one in listed for origin in (one.lineage or (party,))}
        for party, listed in zip(register_day.parties, chosen.listed, strict=True)
    ]
    shared = drawn_on[0] & drawn_on[1]
    return sum(bool(shared & {*one.lineage}) for one in chosen.everything)


def _has_unequal_chances(chosen: _Chosen) -> bool:
    """Whether deaths go with being on the other list, seen from either list: that alone biases the estimate."""
    for listed, common in zip(chosen.listed, chosen.common_numbers, strict=True):
        cells = [0, 0, 0, 0]
        for one in listed:
            if one.killed_best is not None:
                cells[2 * (one.killed_best > 0) + (one.no in common)] += 1
        if same_share(cells[3], cells[2], cells[1], cells[0]) >= _SIGNIFICANT:
            return False
    return True
