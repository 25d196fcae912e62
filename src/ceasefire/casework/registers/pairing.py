"""Which entries of two lists tell one event: what the program proposed, under what people said.

Every entry is in exactly one row. A person's word wins; without one a proposal stands as a proposal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ceasefire.casework.registers.entries import Proposal, Verdict
from ceasefire.casework.registers.records import RegisterDay, SettledPair

BOTH, DOUBTFUL, ONLY_A, ONLY_B, COVERS, NOT_COMPARED = GROUPS = (
    "both",
    "doubtful",
    "only-a",
    "only-b",
    "covers",
    "not-compared",
)
"""What a row says: both tell the event, perhaps, one alone does, it counts several of the other, it came too late."""
_Key = tuple[bool, str]
"""Whether an entry is B's, and its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedRow:
    """Entries that stand beside one another.

    Parameters
    ----------
    group : str
        Of `GROUPS`.
    entries_a, entries_b : tuple of str
        Numbers in either list; the row is theirs.
    candidates_a, candidates_b : tuple of str
        Entries in rows of their own that one of these may correspond to, or that it counts.
    proposal : Proposal or None
        What the program said of them.
    settled : SettledPair or None
        What a person said last of two of them.
    contradicted : bool
        Whether people said both that they are one event and that two of them are not.
    """

    group: str
    entries_a: tuple[str, ...] = ()
    entries_b: tuple[str, ...] = ()
    candidates_a: tuple[str, ...] = ()
    candidates_b: tuple[str, ...] = ()
    proposal: Proposal | None = None
    settled: SettledPair | None = None
    contradicted: bool = False


def paired(register_day: RegisterDay) -> tuple[PairedRow, ...]:
    """Return the rows of a register day, by time of their earliest entry.

    Returns
    -------
    tuple of PairedRow
        None before the lists were matched, as when one of them is missing: nothing is compared then.
    """
    if register_day.matching is None:
        return ()
    table = _Table(register_day)
    table.put_settled()
    for proposal in register_day.matching.proposals:
        table.put_proposed(proposal)
    table.put_rest()
    return table.in_order()


def counts(rows: Iterable[PairedRow]) -> dict[str, tuple[int, int]]:
    """Return how many entries of either list are in rows of each group."""
    found = dict.fromkeys(GROUPS, (0, 0))
    for row in rows:
        a, b = found[row.group]
        found[row.group] = (a + len(row.entries_a), b + len(row.entries_b))
    return found


class _Table:
    def __init__(self, register_day: RegisterDay) -> None:
        self.day = register_day
        self.rows: list[PairedRow] = []
        self.placed: set[_Key] = set()
        self.last = {pair: said[-1] for pair, said in register_day.settled.items()}
        self.apart = {pair for pair, said in self.last.items() if said.verdict is Verdict.DIFFERENT_EVENTS}

    def put_settled(self) -> None:
        """Put together what people said to be of one event, and all that this joins."""
        joined: dict[_Key, set[_Key]] = {}
        for (a, b), said in self.last.items():
            if said.verdict is Verdict.ONE_EVENT:
                one, other = joined.get((False, a), {(False, a)}), joined.get((True, b), {(True, b)})
                union = one | other
                for member in union:
                    joined[member] = union
        seen: set[_Key] = set()
        for key in sorted(joined):
            if key not in seen:
                seen |= joined[key]
                self._put_joined(joined[key])

    def _put_joined(self, members: set[_Key]) -> None:
        of_a, of_b = (tuple(sorted(no for is_b, no in members if is_b is which)) for which in (False, True))
        pairs = {(a, b) for a in of_a for b in of_b}
        latest = max((self.last[pair] for pair in pairs & set(self.last)), key=lambda said: said.mark.position)
        contradicted = bool(pairs & self.apart)
        self._put(
            PairedRow(
                group=DOUBTFUL if contradicted else BOTH,
                entries_a=of_a,
                entries_b=of_b,
                settled=latest,
                contradicted=contradicted,
                proposal=self._proposal_of(of_a, of_b),
            )
        )

    def _proposal_of(self, of_a: tuple[str, ...], of_b: tuple[str, ...]) -> Proposal | None:
        matching = self.day.matching
        return next(
            (
                one
                for one in (matching.proposals if matching else ())
                if set(of_a) & {*one.entries_a, *one.candidates_a} and set(of_b) & {*one.entries_b, *one.candidates_b}
            ),
            None,
        )

    def put_proposed(self, proposal: Proposal) -> None:
        """Put down what the program said, as far as no person said otherwise."""
        of_a = tuple(no for no in proposal.entries_a if (False, no) not in self.placed)
        of_b = tuple(no for no in proposal.entries_b if (True, no) not in self.placed)
        if not of_a and not of_b:
            return
        if proposal.group == BOTH or (of_a and of_b):
            split = {(a, b) for a in of_a for b in of_b} & self.apart
            if of_a and of_b and not split:
                self._put(PairedRow(group=proposal.group, entries_a=of_a, entries_b=of_b, proposal=proposal))
            return  # what was split, or lost its other side to a person's word, is left for the rest
        beside_a = tuple(no for no in proposal.candidates_a if self._may_be(no, of_b, is_b=False, group=proposal.group))
        beside_b = tuple(no for no in proposal.candidates_b if self._may_be(no, of_a, is_b=True, group=proposal.group))
        if beside_a or beside_b:
            self._put(
                PairedRow(
                    group=proposal.group,
                    entries_a=of_a,
                    entries_b=of_b,
                    candidates_a=beside_a,
                    candidates_b=beside_b,
                    proposal=proposal,
                )
            )

    def _may_be(self, no: str, others: tuple[str, ...], *, is_b: bool, group: str) -> bool:
        """Whether an entry may still be what the others are perhaps; a total counts it whatever else it is."""
        pairs = {(other, no) if is_b else (no, other) for other in others}
        if pairs & self.apart:
            return False
        return group == COVERS or (is_b, no) not in self._by_people()

    def _by_people(self) -> set[_Key]:
        together = [pair for pair, said in self.last.items() if said.verdict is Verdict.ONE_EVENT]
        return {(False, a) for a, _ in together} | {(True, b) for _, b in together}

    def put_rest(self) -> None:
        """Put down what is on one list alone, and what was added after the lists were matched."""
        matching = self.day.matching
        compared_until = matching.mark.position if matching else 0
        later: dict[str, set[str]] = defaultdict(set)
        for one in self.day.amendments:
            if one.entry is not None and one.mark.position > compared_until:
                later[one.party].add(one.no)
        for is_b, party in enumerate(self.day.parties):
            for entry in self.day.entries(party):
                if (bool(is_b), entry.no) in self.placed:
                    continue
                since = entry.no in later[party] and entry.no not in {one.no for one in self.day.listed(party)}
                alone = (ONLY_A, ONLY_B)[is_b]
                group = NOT_COMPARED if since else alone
                row = PairedRow(group=group, settled=self._split_of(bool(is_b), entry.no))
                self._put(replace(row, entries_b=(entry.no,)) if is_b else replace(row, entries_a=(entry.no,)))

    def _split_of(self, is_b: bool, no: str) -> SettledPair | None:
        said = [self.last[pair] for pair in self.apart if pair[is_b] == no]
        return max(said, key=lambda one: one.mark.position, default=None)

    def _put(self, row: PairedRow) -> None:
        self.placed |= {(False, no) for no in row.entries_a} | {(True, no) for no in row.entries_b}
        self.rows.append(row)

    def in_order(self) -> tuple[PairedRow, ...]:
        """Return the rows by time, what is not dated last."""
        times = {
            (bool(is_b), entry.no): entry.occurred_from
            for is_b, party in enumerate(self.day.parties)
            for entry in self.day.entries(party)
        }

        def order(row: PairedRow) -> tuple[bool, int, list[str]]:
            keys = [(False, no) for no in row.entries_a] + [(True, no) for no in row.entries_b]
            dated = [at for key in keys if (at := times[key]) is not None]
            return not dated, min(dated, default=0), sorted(no for _, no in keys)

        return tuple(sorted(self.rows, key=order))
