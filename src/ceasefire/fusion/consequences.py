"""What a judgement would change: the incidents around it clustered anew, exactly as fusing everything would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import canonical_order, whole
from ceasefire.fusion.judgements import SAME, Judgement, settle
from ceasefire.fusion.key_spaces import KeySpaces
from ceasefire.fusion.match import clusters_of, keys_of
from ceasefire.fusion.parts import Scored, components, halo, score_pairs
from ceasefire.fusion.pass_through import key_groups, told_apart
from ceasefire.fusion.traits import canonical_traits
from ceasefire.fusion.weights import Weights

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What would change.

    Parameters
    ----------
    before, after : tuple of tuple of str
        Groups of report ids, sorted: those that are not the same before and after.
    pairs : int
        Pairs of reports that are together on one side and apart on the other.
    conflicts : tuple of tuple of Judgement
        Judgements that could not all be right then, of those that were no conflict before.
    """

    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    pairs: int
    conflicts: tuple[tuple[Judgement, ...], ...]


class WhatIf:
    """The reports around some, ready to be clustered under other judgements.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`: all that are held.
    around : iterable of str
        Ids of the reports that judgements may be about.
    register : ActorRegister
    weights : Weights
    judgements : iterable of Judgement
        In force.
    """

    def __init__(
        self,
        reports: pa.Table,
        around: Iterable[str],
        *,
        register: ActorRegister,
        weights: Weights,
        judgements: Iterable[Judgement],
    ) -> None:
        self._weights = weights
        self.judgements = tuple(judgements)
        rows, _ = canonical_order(reports)
        ids = whole(reports["report_id"]).take(pa.array(rows))
        start = key_groups(reports, rows)
        keys, spaces = keys_of(reports, rows, start)
        wanted = sorted({*around})
        places = _places(ids, wanted)
        core = np.zeros(len(rows), dtype=bool)
        core[[places[one] for one in wanted]] = True
        # what was called the same is taken in even where that is in conflict: another word may end the conflict
        same = [one for one in self.judgements if one.verdict == SAME]
        together = settle(same, _places(ids, _named(same)), len(rows), start).together
        members, self._scored = _region(reports, rows, core, together, register, weights)
        self.ids: list[str] = ids.take(pa.array(members)).to_pylist()
        self._place = {one: row for row, one in enumerate(self.ids)}
        self._start = np.searchsorted(members, start[members])
        # a key is the place of the first report that has it, which lies here too
        held = keys[members]
        self._keys = np.where(held >= 0, np.searchsorted(members, np.maximum(held, 0)), -1)
        self._spaces = spaces[members]
        here = dict(zip(members.tolist(), range(len(members)), strict=True))
        apart = told_apart(reports, rows)
        self._told_apart = [(here[a], here[b]) for a, b in apart if a in here and b in here]
        self._component = components(
            self._scored.a,
            self._scored.b,
            self._scored.cautious,
            start=np.searchsorted(members, together[members]),
            threshold=weights.threshold,
        )

    def groups(
        self, judgements: Sequence[Judgement], among: Iterable[str] | None = None
    ) -> tuple[tuple[str, ...], ...]:
        """Return the reports that are of one event under judgements, for whole components around some reports."""
        rows = self._rows(self.ids if among is None else among)
        label = self._clustered(judgements, rows)[0]
        found: dict[int, list[str]] = {}
        for row, one in zip(rows.tolist(), label.tolist(), strict=True):
            found.setdefault(one, []).append(self.ids[row])
        return tuple(sorted(tuple(sorted(members)) for members in found.values()))

    def consequence(self, *, add: Sequence[Judgement], drop: Sequence[Judgement] = ()) -> Consequence:
        """Return what changes when judgements are added to those in force, and others are withdrawn.

        Raises
        ------
        KeyError
            When one is about a report that is not around here.
        """
        rows = self._rows([end for one in (*add, *drop) for end in (one.report_a, one.report_b)])
        gone = set(drop)
        then = [*(one for one in self.judgements if one not in gone), *add]
        (before, open_before), (after, open_after) = (self._clustered(said, rows) for said in (self.judgements, then))
        both = _pairs_within(Counter(zip(before.tolist(), after.tolist(), strict=True)))
        pairs = _pairs_within(Counter(before.tolist())) + _pairs_within(Counter(after.tolist())) - 2 * both
        old, new = (self._members(rows, label) for label in (before, after))
        return Consequence(
            before=tuple(sorted(old - new)),
            after=tuple(sorted(new - old)),
            pairs=pairs,
            conflicts=tuple(group for group in open_after if group not in open_before),
        )

    def open_pairs(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """Say of pairs whether they are still open: settled by no word and no key, nor seen and left open."""
        settled = settle(self.judgements, self._place, len(self.ids), self._start, self._told_apart)
        group = settled.together
        ends_apart = group[np.concatenate([settled.apart, settled.barred])]
        apart = {(int(x), int(y)) for ends in ends_apart.tolist() for x, y in (ends, ends[::-1])}
        seen = {(x, y) for ends in settled.unsure.tolist() for x, y in (ends, ends[::-1])}
        rows = [(self._place[a], self._place[b]) for a, b in pairs]
        ends = group[np.array(rows, dtype=np.int64).reshape(-1, 2)]
        by_keys = KeySpaces(group, self._keys, self._spaces).meet(ends[:, 0], ends[:, 1])
        return [
            one != other and not told and (one, other) not in apart and pair not in seen
            for pair, (one, other), told in zip(rows, ends.tolist(), by_keys.tolist(), strict=True)
        ]

    def _rows(self, reports: Iterable[str]) -> Rows:
        """Return the rows of the components that reports lie in, ascending."""
        found = np.unique(self._component[[self._place[one] for one in reports]])
        return np.flatnonzero(np.isin(self._component, found))

    def _members(self, rows: Rows, label: Rows) -> set[tuple[str, ...]]:
        found: dict[int, list[str]] = {}
        for row, one in zip(rows.tolist(), label.tolist(), strict=True):
            found.setdefault(one, []).append(self.ids[row])
        return {tuple(sorted(members)) for members in found.values()}

    def _clustered(self, judgements: Sequence[Judgement], rows: Rows) -> tuple[Rows, tuple[tuple[Judgement, ...], ...]]:
        """Return the clusters of some rows, whole components of them, and the conflicts among these."""
        inside = np.zeros(len(self.ids), dtype=bool)
        inside[rows] = True
        kept = np.flatnonzero(inside[self._scored.a] & inside[self._scored.b])
        a, b = (np.searchsorted(rows, ends[kept]) for ends in (self._scored.a, self._scored.b))
        scored = Scored(a, b, self._scored.weight[kept], self._scored.cautious[kept], {})
        place = {self.ids[row]: number for number, row in enumerate(rows.tolist())}
        number = dict(zip(rows.tolist(), range(len(rows)), strict=True))
        apart = [(number[one], number[other]) for one, other in self._told_apart if one in number and other in number]
        settled = settle(judgements, place, len(rows), np.searchsorted(rows, self._start[rows]), apart)
        held = self._keys[rows]
        keys = np.where(held >= 0, np.searchsorted(rows, np.maximum(held, 0)), -1)
        label = clusters_of(scored, settled, (keys, self._spaces[rows]), self._weights)
        return label, settled.conflicts


def _named(judgements: Iterable[Judgement]) -> list[str]:
    return sorted({end for one in judgements for end in (one.report_a, one.report_b)})


def _places(ids: pa.Array, named: list[str]) -> dict[str, int]:
    places = pc.index_in(pa.array(named, pa.string()), value_set=ids)
    return {one: row for one, row in zip(named, places.to_pylist(), strict=True) if row is not None}


def _pairs_within(counts: Counter[object]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def _region(
    reports: pa.Table, rows: Rows, core: Mask, together: Rows, register: ActorRegister, weights: Weights
) -> tuple[Rows, Scored]:
    """Return the reports of all components that the core touches, ascending, and the pairs among them by place."""
    canonical = np.full(reports.num_rows, -1, dtype=np.int64)
    canonical[rows] = np.arange(len(rows))
    while True:
        core = _fellows(core, together)
        near = np.zeros(reports.num_rows, dtype=bool)
        near[rows[core]] = True
        near = halo(reports, near, reach=weights.reach)
        part = reports.filter(pa.array(near))
        order, _ = canonical_order(part)
        place = canonical[np.flatnonzero(near)[order]]
        scored = score_pairs(canonical_traits(part, order, register), weights)
        a, b = place[scored.a], place[scored.b]
        component = components(a, b, scored.cautious, start=together, threshold=weights.threshold)
        # pairs at the rim may lack rivals, and so reach too far: the region grows larger than it must, and stays exact
        exact = core[a] | core[b]
        leads_out = exact & (core[a] != core[b]) & (scored.cautious > weights.threshold)
        if not leads_out.any():
            break
        core = np.isin(component, np.unique(component[core]))
    members = np.flatnonzero(core)
    kept = np.flatnonzero(core[a] & core[b])
    return members, Scored(
        np.searchsorted(members, a[kept]),
        np.searchsorted(members, b[kept]),
        scored.weight[kept],
        scored.cautious[kept],
        {name: level[kept] for name, level in scored.levels.items()},
    )


def _fellows(core: Mask, together: Rows) -> Mask:
    """Return the core with all that are in one group with any of it from the start."""
    touched = np.zeros(len(together), dtype=bool)
    touched[together[core]] = True
    return np.asarray(touched[together])
