"""Two lists of one period, entry by entry: what both tell, what one alone tells, what is doubtful.

The lists are never averaged, and neither is the truth. An entry of one corresponds to at most one of the other, the
likeliest first; only a person's word or the reports' own keys bring more together. What counts several entries of the
other list, as totals do, is told as such and corresponds to none. Every entry is in exactly one row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import canonical_order, in_one_piece, whole
from ceasefire.fusion.judgements import NOT_SAME, SAME, UNSURE, Judgement, settle
from ceasefire.fusion.list_differences import COMPARED, differences
from ceasefire.fusion.match import Matched, match_reports
from ceasefire.fusion.pass_through import covered_by_reference, events_as_recorded, key_groups
from ceasefire.fusion.sound import sound
from ceasefire.fusion.weights import Weights
from ceasefire.model.schemas import TWO_LISTS
from ceasefire.model.vocabulary import Stance

Rows = npt.NDArray[np.int64]
Row = dict[str, Any]
BOTH, DOUBTFUL, ONLY_A, ONLY_B, COVERS = GROUPS = ("both", "doubtful", "only-a", "only-b", "covers")
"""What a row can say: that both lists tell the event, perhaps, only one of them, or that an entry counts several."""
SURE = 0.6
"""From this probability on two entries are held to correspond."""
LEAST = 0.2
"""Below this probability two entries are not worth a look."""


@dataclass(frozen=True, slots=True)
class TwoLists:
    """Two lists, compared.

    Parameters
    ----------
    table : pa.Table
        Schema `model.schemas.TWO_LISTS`, by time, then id.
    """

    table: pa.Table

    def of_entries(self, wanted: Collection[str]) -> TwoLists:
        """Return the rows with one of these entries; what such an entry corresponds to stays beside it."""
        held = set(wanted)
        kept = [
            not held.isdisjoint((*a, *b))
            for a, b in zip(self.table["entries_a"].to_pylist(), self.table["entries_b"].to_pylist(), strict=True)
        ]
        return TwoLists(self.table.filter(pa.array(kept, pa.bool_())))

    def counts(self, wanted: Collection[str] | None = None) -> dict[str, tuple[int, int]]:
        """Return for each of `GROUPS` how many entries of either list it holds; they add up to the lists' lengths.

        Parameters
        ----------
        wanted : collection of str, optional
            Only these entries count; all by default.
        """
        held = None if wanted is None else set(wanted)
        counts = dict.fromkeys(GROUPS, (0, 0))
        for row in self.table.select(["group", "entries_a", "entries_b"]).to_pylist():
            a, b = (sum(held is None or one in held for one in row[name]) for name in ("entries_a", "entries_b"))
            before = counts[row["group"]]
            counts[row["group"]] = (before[0] + a, before[1] + b)
        return counts


def compare_lists(
    first: pa.Table,
    second: pa.Table,
    *,
    register: ActorRegister,
    weights: Weights,
    judgements: Iterable[Judgement] = (),
    progress: Callable[[str, int, int], None] | None = None,
) -> TwoLists:
    """Match two lists.

    The answer depends neither on the order of entries nor, but for the names of the lists, on which list comes first.

    Parameters
    ----------
    first, second : pa.Table
        Schema `model.schemas.REPORT`; no report is on both.
    register : ActorRegister
    weights : Weights
    judgements : iterable of Judgement
        They win, also where they lead from one list to the other through a report that is on neither.
    progress : callable, optional
        Told what is being done.

    Raises
    ------
    ValueError
        When a report is on both lists.
    """
    reports = in_one_piece(sound(pa.concat_tables([first, second])))
    ids = whole(reports["report_id"])
    on_both = set(first["report_id"].to_pylist()) & set(second["report_id"].to_pylist())
    if on_both:
        raise ValueError(f"on both lists: {', '.join(sorted(on_both))}")
    order, _ = canonical_order(reports)
    reports, ids = reports.take(pa.array(order)), ids.take(pa.array(order))
    is_second = np.asarray(order >= first.num_rows)
    people = _Settled.of(ids.to_pylist(), tuple(judgements), key_groups(reports, np.arange(len(ids))))
    matched = match_reports(reports, register=register, weights=weights, judgements=people.carried, progress=progress)
    rows = _Rows(_entries(reports), is_second, people)
    rows.count_several(_counted(reports, matched, is_second))
    rows.correspond(matched.pairs)
    return TwoLists(rows.table())


@dataclass(frozen=True, slots=True)
class _Settled:
    """What people and keys settle among entries; `carried` says it in judgements on these entries alone."""

    unit: Rows  # entries that are one by that
    by_key: Rows  # the same, by keys alone
    carried: tuple[Judgement, ...]

    @classmethod
    def of(cls, ids: list[str], judgements: tuple[Judgement, ...], keys: Rows) -> _Settled:
        place = {one: row for row, one in enumerate(ids)}
        for judgement in judgements:  # reports of neither list may lead from one to the other
            for one in (judgement.report_a, judgement.report_b):
                place.setdefault(one, len(place))
        n = len(ids)
        settled = settle(judgements, place, len(place), np.r_[keys, np.arange(n, len(place))])
        here: dict[int, int] = {}
        carried = []
        for row, group in enumerate(settled.together[:n].tolist()):
            if here.setdefault(group, row) != row:
                carried.append(Judgement(ids[here[group]], ids[row], SAME))
        for a, b in settled.together[settled.apart].tolist():
            if a in here and b in here:
                carried.append(Judgement(ids[here[a]], ids[here[b]], NOT_SAME))
        carried += [Judgement(ids[a], ids[b], UNSURE) for a, b in settled.unsure.tolist() if a < n and b < n]
        return cls(settled.together[:n], keys, tuple(carried))


def _entries(reports: pa.Table) -> list[Row]:
    rows: list[Row] = reports.select(list(COMPARED)).to_pylist()
    return rows


def _counted(reports: pa.Table, matched: Matched, is_second: npt.NDArray[np.bool_]) -> dict[int, list[int]]:
    """Return entries that count entries of the other list, by what they say or by what lies within them, and those."""
    ids = whole(reports["report_id"])
    found: dict[int, set[int]] = defaultdict(set)
    if matched.covers.num_rows:
        of_event: dict[int, list[int]] = defaultdict(list)
        for row, event in enumerate(matched.event.tolist()):
            of_event[event].append(row)
        places = pc.index_in(matched.covers["report_id"], value_set=ids).to_pylist()
        for total, event in zip(places, matched.covers["event"].to_pylist(), strict=True):
            found[total].update(row for row in of_event[event] if is_second[row] != is_second[total])
    events, recorded = events_as_recorded(reports)
    for row, target in covered_by_reference(events, recorded):
        one, other = int(recorded[row]), int(recorded[target])
        if is_second[one] != is_second[other]:
            found[one].add(other)
    denies = np.asarray(pc.equal(whole(reports["stance"]).cast(pa.string()), Stance.DENIES.value).fill_null(False))
    counted = {one: sorted(row for row in others if not denies[row]) for one, others in found.items()}
    return {one: others for one, others in counted.items() if others}


@dataclass(slots=True)
class _Rows:
    """The rows as they come about; entries are known by their row in canonical order."""

    entries: list[Row]
    is_second: npt.NDArray[np.bool_]
    people: _Settled
    rows: list[Row] = field(default_factory=list)
    placed: set[int] = field(default_factory=set)

    def count_several(self, counted: Mapping[int, list[int]]) -> None:
        """Put down what counts several of the other list."""
        for one, others in counted.items():
            self._put(COVERS, [one], others)

    def correspond(self, pairs: pa.Table) -> None:
        """Put down all others: what is settled, then the likeliest pairs, then what is left."""
        units: dict[int, list[int]] = defaultdict(list)
        for entry, unit in enumerate(self.people.unit.tolist()):
            if entry not in self.placed:
                units[unit].append(entry)
        for members in list(units.values()):
            if len({bool(self.is_second[one]) for one in members}) == 2:
                one_key = len({int(self.people.by_key[one]) for one in members}) == 1
                self._put(BOTH, members, p=1.0, settled_by="key" if one_key else "judgement")
        likely = self._likely(pairs, units)
        for p, one, other in likely:
            if not self.placed & {units[one][0], units[other][0]}:
                sure = p >= SURE
                self._put(
                    BOTH if sure else DOUBTFUL, units[one] + units[other], p=p, settled_by="match" if sure else None
                )
        best: dict[int, tuple[float, int]] = {}
        for p, one, other in likely:
            best.setdefault(one, (p, other))
            best.setdefault(other, (p, one))
        for unit, members in units.items():
            if members[0] in self.placed:
                continue
            if unit in best:
                p, other = best[unit]
                self._put(DOUBTFUL, members, units[other], p=p)
            else:
                self._put(ONLY_B if self.is_second[members[0]] else ONLY_A, members)

    def _likely(self, pairs: pa.Table, units: Mapping[int, list[int]]) -> list[tuple[float, int, int]]:
        """Return pairs of units of the two lists that may be one, the likeliest first."""
        place = {entry["report_id"]: row for row, entry in enumerate(self.entries)}
        best: dict[tuple[int, int], float] = {}
        some = pairs.filter(pc.greater_equal(pairs["match_probability"], pa.scalar(LEAST, pa.float32())))
        for pair in some.select(["report_a", "report_b", "match_probability", "decision"]).to_pylist():
            a, b = place[pair["report_a"]], place[pair["report_b"]]
            open_still = pair["decision"] in ("together", "apart")
            if not open_still or self.is_second[a] == self.is_second[b] or self.placed & {a, b}:
                continue
            one, other = sorted((int(self.people.unit[a]), int(self.people.unit[b])))
            best[one, other] = max(best.get((one, other), 0.0), pair["match_probability"])
        # of equals those that differ less, then by ids: nothing that would depend on which list comes first
        return sorted(
            ((p, one, other) for (one, other), p in best.items()),
            key=lambda found: (
                -found[0],
                len(differences(*(self.entries[units[unit][0]] for unit in found[1:]))["differs"]),
                sorted(self.entries[units[unit][0]]["report_id"] for unit in found[1:]),
            ),
        )

    def _put(
        self,
        group: str,
        entries: Iterable[int],
        candidates: Iterable[int] = (),
        *,
        p: float | None = None,
        settled_by: str | None = None,
    ) -> None:
        members, others = sorted(entries), sorted(candidates)
        self.placed.update(members)
        first, second = ([one for one in members if self.is_second[one] == which] for which in (False, True))
        across = [*first[:1], *second[:1]]
        if len(across) == 1 and len(others) == 1 and group == DOUBTFUL:
            across = sorted([*across, *others], key=lambda one: bool(self.is_second[one]))
        said = differences(*(self.entries[one] for one in across)) if len(across) == 2 else {}
        named = {
            name: sorted(self.entries[one]["report_id"] for one in chosen)
            for name, chosen in (("entries_a", first), ("entries_b", second), ("candidates", others))
        }
        self.rows.append(
            {"group": group, **named, "match_probability": p, "settled_by": settled_by, **said, "_first": members[0]}
        )

    def table(self) -> pa.Table:
        """Return the rows by their earliest entry."""
        # entries lie in canonical order: by time, what is not dated first, then id
        undated = [self.entries[row["_first"]]["occurred_from"] is None for row in self.rows]
        order = sorted(range(len(self.rows)), key=lambda n: (undated[n], self.rows[n]["_first"]))
        empty: Row = {"differs": []}
        rows = [{name: (empty | self.rows[n]).get(name) for name in TWO_LISTS.names} for n in order]
        return pa.Table.from_pylist(rows, schema=TWO_LISTS)
