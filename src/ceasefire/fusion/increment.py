"""A day's reports fused on top of a standing state: exactly what fusing everything anew gives, at a fraction of it.

What can change is followed from what is new. New reports, and reports that changed or are gone, change the pairs they
are part of; these are rivals to other pairs of their reports; pairs whose odds change, and people's words, reach the
components they lie in; and only clusters in these can change. Each step looks at all that the next one depends on, so
no edge is left over which a change could escape. Rows of the tables that come of none of this stay as they are.

Past 400 lines: the steps depend on one another's numbering of reports, and are read best in one place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.canonical import canonical_order, whole
from ceasefire.fusion.compare import COMPARISONS
from ceasefire.fusion.covers import COVER, covered_events
from ceasefire.fusion.fuse import FusedReports, incidents_of
from ceasefire.fusion.judgements import Judgement, Settled, settle
from ceasefire.fusion.match import (
    Matched,
    Progress,
    clusters_of,
    doubtful_pairs,
    doubtful_table,
    matched_and_working,
    pair_table,
    pairs_to_keep,
    probabilities,
)
from ceasefire.fusion.overlay import Change
from ceasefire.fusion.parts import Scored, after_rivals, reached, weigh_pairs
from ceasefire.fusion.pass_through import FusedIncidents, key_groups, rows_of_records, told_apart
from ceasefire.fusion.standing import NEVER, Standing, digest, place_in_order, ranges, write_incidents, write_matching
from ceasefire.fusion.traits import UNDATED, Times, canonical_traits, times_of
from ceasefire.fusion.weighing import Weigher
from ceasefire.fusion.weights import Weights
from ceasefire.model.schemas import REPORT

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
MOST_CHANGED = 0.02
"""Share of the reports from which on doing it all anew is worth it."""
_TOTAL_DAYS = 1.0  # beyond its interval, what a total may count, with a margin
_FEWEST = 50  # changed reports that are always worth an increment


@dataclass(frozen=True, slots=True, kw_only=True)
class Increment:
    """What a day changed.

    Parameters
    ----------
    tables : mapping of str to Change
        To ``reports``, ``links``, ``incidents``, ``pairs``, ``doubtful`` as they were in the standing state.
    conflicts : tuple of tuple of Judgement
    joined, totals : int
        Reports that share their incident with others, and reports that only count what other incidents hold, now.
    looked_at : int
        Reports in the components that were clustered again.
    """

    tables: Mapping[str, Change]
    conflicts: tuple[tuple[Judgement, ...], ...]
    joined: int
    totals: int
    looked_at: int


def fuse_and_keep(
    reports: pa.Table,
    folder: Path,
    *,
    register: ActorRegister,
    weights: Weights,
    judgements: Iterable[Judgement] = (),
    progress: Progress | None = None,
) -> FusedReports:
    """Fuse reports, as `fuse.fuse_reports`, and leave a standing state.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, each report once.
    folder : Path
        Where the state goes; made when it is not there.
    register, weights, judgements, progress
        As there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    judgements = tuple(judgements)
    matched, working = matched_and_working(
        reports, register=register, weights=weights, judgements=judgements, progress=progress
    )
    write_matching(folder, reports, working, weights, judgements)
    if progress:
        progress("reconciling reports", 0, reports.num_rows)
    fused = incidents_of(reports, matched)
    write_incidents(folder, reports, working, fused)
    return FusedReports(fused=fused, matched=matched)


def fuse_increment(
    state: Standing,
    fresh: pa.Table,
    *,
    removed: Sequence[str] = (),
    register: ActorRegister,
    weights: Weights,
    judgements: Iterable[Judgement] = (),
) -> Increment | None:
    """Fuse what is new since a standing state.

    Parameters
    ----------
    state : Standing
    fresh : pa.Table
        Schema `model.schemas.REPORT`: reports that are new since then, and reports that say something else now, each
        once, in the order of recording.
    removed : sequence of str
        Ids of reports that are held no more.
    register : ActorRegister
        The one under which the state was made.
    weights : Weights
        Likewise.
    judgements : iterable of Judgement
        All that are in force now.

    Returns
    -------
    Increment or None
        None where only a whole fusion gives the right answer, or is worth it: under other weights, after changes to
        many reports, where many reports refer to others, or where keys come to tell apart what they did not.
    """
    changed = fresh.num_rows + len(removed)
    if digest(weights) != state.weights or not state.small_enough or not len(state):
        return None
    if changed > max(_FEWEST, MOST_CHANGED * len(state)):
        return None
    work = _Increment(state, fresh, removed, register, weights, tuple(judgements))
    return None if work.keys_changed else work.result()


class _Increment:
    """One increment. Reports are numbered by their canonical row among all that are held now."""

    def __init__(
        self,
        state: Standing,
        fresh: pa.Table,
        removed: Sequence[str],
        register: ActorRegister,
        weights: Weights,
        judgements: tuple[Judgement, ...],
    ) -> None:
        self.state, self.register, self.weights, self.judgements = state, register, weights, judgements
        fresh = pa.concat_tables([fresh]).cast(REPORT).unify_dictionaries().combine_chunks()
        ids = fresh["report_id"].to_pylist()
        held = state.rows_of([*ids, *removed])
        self.recorded = fresh
        self.revised = np.array([held.get(one, -1) for one in ids], dtype=np.int64)
        self.gone = np.unique(np.array([*held.values()], dtype=np.int64))
        order, _ = canonical_order(fresh)
        self.fresh = fresh.take(pa.array(order)).combine_chunks()
        self.fresh_ids: list[str] = self.fresh["report_id"].to_pylist()
        micros = np.asarray(whole(self.fresh["occurred_from"]).cast(pa.int64()).fill_null(np.iinfo(np.int64).min))
        self.before = place_in_order(state, micros.tolist(), self.fresh_ids)  # base row that each goes before
        n, f = len(state), len(order)
        self.is_gone = np.zeros(n, dtype=bool)
        self.is_gone[self.gone] = True
        lost = np.concatenate([[0], np.cumsum(self.is_gone)])
        self.of_base = np.arange(n) + np.cumsum(np.bincount(self.before, minlength=n + 1))[:n] - lost[:-1]
        self.of_fresh = self.before + np.arange(f) - lost[self.before]
        self.n = n - len(self.gone) + f
        self.base_of = np.full(self.n, -1, dtype=np.int64)
        alive = np.flatnonzero(~self.is_gone)
        self.base_of[self.of_base[alive]] = alive
        self.fresh_of = np.full(self.n, -1, dtype=np.int64)
        self.fresh_of[self.of_fresh] = np.arange(f)
        self.keys_changed = False
        self._group()
        if not self.keys_changed:
            self._settle()

    # reports

    def reports(self, rows: Rows) -> pa.Table:
        """Return reports by their number, in the order given."""
        base, fresh = self.base_of[rows], self.fresh_of[rows]
        old, new = np.flatnonzero(base >= 0), np.flatnonzero(fresh >= 0)
        table = pa.concat_tables([self.state.take(base[old]), self.fresh.take(pa.array(fresh[new]))])
        place = np.empty(len(rows), dtype=np.int64)
        place[np.concatenate([old, new])] = np.arange(len(rows))
        return table.unify_dictionaries().combine_chunks().take(pa.array(place)).combine_chunks()

    def ids(self, rows: Rows) -> pa.Array:
        """Return ids by number."""
        base, fresh = self.base_of[rows], self.fresh_of[rows]
        both = pa.concat_arrays(
            [self.state.ids(base[base >= 0]), whole(self.fresh["report_id"]).take(pa.array(fresh[fresh >= 0]))]
        )
        place = np.empty(len(rows), dtype=np.int64)
        place[np.concatenate([np.flatnonzero(base >= 0), np.flatnonzero(fresh >= 0)])] = np.arange(len(rows))
        return both.take(pa.array(place))

    def _base(self, rows: Rows) -> Rows:
        """Return the base rows of those numbers that have one."""
        base = self.base_of[rows]
        return np.asarray(base[base >= 0])

    def _alive(self, base: Rows) -> Rows:
        """Return the numbers of those base rows that are still held."""
        return np.asarray(self.of_base[base[~self.is_gone[base]]])

    # what reports say of themselves, and what people say

    def _group(self) -> None:
        """Find the reports that are of one event by what they say of themselves."""
        state = self.state
        start = state["start"]
        self.start = np.arange(self.n)
        alive = np.flatnonzero(~self.is_gone)
        self.start[self.of_base[alive]] = self.of_base[start[alive]]
        refers = bool(pc.any(pc.greater(pc.fill_null(pc.list_value_length(self.fresh["refers_to"]), 0), 0)).as_py())
        named = {one for said in self.fresh["refers_to"].to_pylist() for one in said or ()}
        referred = state.records(named) if named else np.zeros(0, dtype=np.int64)
        self.referring = self._alive(np.union1d(state["referring"], referred))
        self.refers = refers or bool(len(state["referring"]))
        keys = {one for one in self.fresh["event_key"].to_pylist() if one is not None}
        self.barred: list[tuple[int, int]] = []
        self.regrouped = self.of_fresh
        self.any_key = bool(keys) or bool(len(state.spaces))
        self.keys = np.full(self.n, -1, dtype=np.int64)
        self.spaces = np.zeros(self.n, dtype=np.int64)
        if self.any_key:
            self._space()
            if self.keys_changed:
                return
        if keys or self.refers or (state["key"][self.gone] >= 0).any():
            around = state.take(np.concatenate([self.gone, self._base(self.referring)]))
            keys |= {one for one in around["event_key"].to_pylist() if one is not None}
            mates = state.key_mates(keys) if keys else np.zeros(0, dtype=np.int64)
            rows = np.unique(np.concatenate([self.of_fresh, self.referring, self._alive(mates)]))
            table, own = self.reports(rows), np.arange(len(rows))
            self.start[rows] = rows[key_groups(table, own)]
            self.barred = [(int(rows[a]), int(rows[b])) for a, b in told_apart(table, own)]
            self.regrouped = rows
            if refers or len(self.referring):
                self.referring = np.unique(np.concatenate([self.referring, self._fresh_referring(rows, table)]))
        if self.any_key:
            keyed = np.zeros(self.n, dtype=bool)
            keyed[self.of_base[alive]] = state["key"][alive] >= 0
            keyed[self.of_fresh] = np.asarray(pc.is_valid(whole(self.fresh["event_key"])))
            self.keys = np.where(keyed, self.start, -1)

    def _fresh_referring(self, rows: Rows, table: pa.Table) -> Rows:
        """Return the reports, of those regrouped, that refer to others or that others refer to."""
        lists = table["refers_to"].to_pylist()
        found = [row for row, said in enumerate(lists) if said]
        named = {one for said in lists for one in said or ()}
        return rows[sorted({*found, *rows_of_records(table, named).values()})]

    def _space(self) -> None:
        """Carry over in which space each report's key is, see `match.keys_of`; or find that spaces have changed."""
        state = self.state
        documents = [one or "" for one in self.fresh["document_id"].to_pylist()]
        sources = self.fresh["source_id"].cast(pa.string()).fill_null("").to_pylist()
        keyed = np.asarray(pc.is_valid(whole(self.fresh["event_key"]))).tolist()
        using: dict[str, set[str]] = defaultdict(set)
        for document, source, _, _ in state.spaces:
            using[document].add(source)
        held = {document: (space, frozenset(using[document])) for document, _, space, _ in state.spaces}
        for document, source, key in zip(documents, sources, keyed, strict=True):
            if key:
                using[document].add(source)
        lost = self._lost_keys()
        for document, source, _, count in state.spaces:
            if lost[document, source] == count and len(using[document]) > 1:
                self.keys_changed = True
        if self.keys_changed or any(using[document] != found for document, (_, found) in held.items()):
            self.keys_changed = True
            return
        by_source = {next(iter(found)): space for space, found in held.values() if len(found) == 1}
        following = int(state["space"].max(initial=0)) + 1
        space_of = {document: space for document, (space, _) in held.items()}
        for document in sorted({*using} - {*held}):
            space_of[document], following = following, following + 1
            if len(using[document]) == 1:
                space_of[document] = by_source.setdefault(next(iter(using[document])), space_of[document])
        alive = np.flatnonzero(~self.is_gone)
        self.spaces[self.of_base[alive]] = state["space"][alive]
        self.spaces[self.of_fresh] = [space_of.get(document, following) for document in documents]

    def _lost_keys(self) -> Counter[tuple[str, str]]:
        """Return how many keyed reports of each document and source are gone."""
        keyed = self.gone[self.state["key"][self.gone] >= 0]
        some = self.state.take(keyed).select(["document_id", "source_id"])
        words = [pc.fill_null(whole(some[name]).cast(pa.string()), "").to_pylist() for name in some.column_names]
        return Counter(zip(*words, strict=True))

    def _settle(self) -> None:
        """Find what people's words settle now, and whom that may reach."""
        state = self.state
        named = sorted({one for said in self.judgements for one in (said.report_a, said.report_b)})
        rows = {one: int(self.of_base[row]) for one, row in state.rows_of(named).items() if not self.is_gone[row]}
        rows |= {one: int(row) for one, row in zip(self.fresh_ids, self.of_fresh.tolist(), strict=True)}
        self.settled: Settled = settle(self.judgements, rows, self.n, self.start, self.barred)
        before = {*state.judgements}
        changed = before.symmetric_difference(self.judgements)
        touched = {*self.fresh_ids, *self.state.ids(self.gone).to_pylist()}
        changed |= {one for one in self.judgements if one.report_a in touched or one.report_b in touched}
        changed |= {one for one in before if one.report_a in touched or one.report_b in touched}
        others = sorted({one for said in changed for one in (said.report_a, said.report_b)} - rows.keys())
        rows |= {one: int(self.of_base[row]) for one, row in state.rows_of(others).items() if not self.is_gone[row]}
        ends = [rows[one] for said in changed for one in (said.report_a, said.report_b) if one in rows]
        for name, now in (
            ("apart", self.settled.apart),
            ("barred", self.settled.barred),
            ("unsure", self.settled.unsure),
        ):
            then = {tuple(pair) for pair in self.of_base[state[name]].tolist()}
            ends += [end for pair in then.symmetric_difference(tuple(p) for p in now.tolist()) for end in pair]
        self.judged = np.unique(np.array([one for one in ends if 0 <= one < self.n], dtype=np.int64))

    # pairs

    def _pairs(self) -> None:
        """Weigh the pairs of the new reports, and let the pairs around them compete anew."""
        state = self.state
        self.new = self._weighed()
        self.again, self.odds_again = np.zeros(0, dtype=np.int64), np.zeros(0)
        self.odds_new = self.new.cautious
        self.dead = np.zeros(len(state["a"]), dtype=bool)
        lost = state.pairs_of(self.gone)
        self.dead[lost] = True
        ends = np.concatenate([state["a"][lost], state["b"][lost]]).astype(np.int64)
        touched = np.unique(np.concatenate([self._base(self.new.a), self._base(self.new.b), ends[~self.is_gone[ends]]]))
        pairs = state.pairs_of(touched)
        pairs = pairs[~self.dead[pairs]]
        around = np.unique(np.concatenate([touched, state["a"][pairs], state["b"][pairs]]))
        wider = state.pairs_of(around)
        local = self._scored(wider[~self.dead[wider]])
        cautious = after_rivals(
            np.searchsorted(local.nodes, local.scored.a),
            np.searchsorted(local.nodes, local.scored.b),
            local.scored.weight,
            self._sources(local.nodes),
            self.sources,
            self.weights,
        )
        near = np.zeros(self.n, dtype=bool)
        near[self.of_base[touched]] = near[self.of_fresh] = True
        sure = near[local.scored.a] | near[local.scored.b]
        old = np.flatnonzero(sure & (local.base >= 0))
        place = np.argsort(local.base[old])
        self.again, self.odds_again = local.base[old][place], cautious[old][place]
        self.odds_new = cautious[local.base < 0]
        differ = self.again[self.odds_again != state["cautious"][self.again]]
        self.moved = np.unique(np.concatenate([touched, state["a"][differ], state["b"][differ]]))

    def _weighed(self) -> Scored:
        """Weigh the pairs that a new report is part of."""
        state = self.state
        own = times_of(self.fresh)
        times = Times(
            np.concatenate([state["day"], own.day]),
            np.concatenate([state["slack"], own.slack]),
            np.concatenate([state["time_class"], own.time_class]),
        )
        n = len(state)
        some = np.zeros(len(times.day), dtype=bool)
        some[n:] = True
        near = np.flatnonzero(reached(times, some, self.weights.reach)[:n] & ~self.is_gone & ~state["total"])
        rows = np.sort(np.concatenate([self.of_base[near], self.of_fresh]))
        table = self.reports(rows)
        traits = canonical_traits(table, np.arange(len(rows)), self.register)
        found = weigh_pairs(Weigher(traits, self.weights), near=self.fresh_of[rows] >= 0)
        nothing = np.zeros(len(found.a))
        return Scored(rows[found.a], rows[found.b], found.weight, nothing, found.levels)

    @cached_property
    def sources(self) -> list[str]:
        """All sources: those of before, and then those that are new."""
        fresh = sorted({*self.fresh["source_id"].cast(pa.string()).fill_null("").to_pylist()})
        return [*self.state.sources, *(one for one in fresh if one not in self.state.sources)]

    def _sources(self, rows: Rows) -> Rows:
        """Return whose report each is, as a place in `sources`."""
        base, fresh = self.base_of[rows], self.fresh_of[rows]
        place = {one: number for number, one in enumerate(self.sources)}
        names = self.fresh["source_id"].cast(pa.string()).fill_null("").to_pylist()
        own = np.array([place[name] for name in names], dtype=np.int64)
        found = np.empty(len(rows), dtype=np.int64)
        found[base >= 0] = self.state["source"][base[base >= 0]]
        found[fresh >= 0] = own[fresh[fresh >= 0]]
        return found

    def _scored(self, pairs: Rows, within: Mask | None = None) -> _Local:
        """Return pairs of before together with the new ones, sorted, with their odds as they are now.

        Of the new ones those with both reports `within`, where that is given.
        """
        state, new = self.state, self.new
        keep = np.arange(len(new.a)) if within is None else np.flatnonzero(within[new.a] & within[new.b])
        a = np.concatenate([self.of_base[state["a"][pairs]], new.a[keep]])
        b = np.concatenate([self.of_base[state["b"][pairs]], new.b[keep]])
        odds = np.array(state["cautious"][pairs])
        place = np.searchsorted(self.again, pairs)
        found = np.flatnonzero(place < len(self.again))
        found = found[self.again[place[found]] == pairs[found]]
        odds[found] = self.odds_again[place[found]]
        order = np.argsort(a * self.n + b)
        levels = state["levels"][pairs]
        scored = Scored(
            a[order],
            b[order],
            np.concatenate([state["weight"][pairs], new.weight[keep]])[order],
            np.concatenate([odds, self.odds_new[keep]])[order],
            {
                name: np.concatenate([levels[:, number], new.levels[name][keep]])[order]
                for number, name in enumerate(COMPARISONS)
            },
        )
        base = np.concatenate([pairs, np.full(len(keep), -1)])[order]
        return _Local(np.unique(np.concatenate([a, b])), scored, base)

    # clusters

    def _members(self) -> Rows:
        """Return the reports of all components, as they were and as they are now, that a change may reach."""
        state = self.state
        seen = np.zeros(self.n, dtype=bool)
        was = np.unique(np.concatenate([self.gone, self.moved]))
        together = state["together"]
        frontier = [self.of_fresh, self._alive(state.mates(was)), self.judged, self.regrouped]
        groups = (_Groups(self.settled.together), _Groups(self.start))
        then = _Groups(np.asarray(together, dtype=np.int64))
        frontier.append(self._alive(then.members(self.gone)))
        rows = np.unique(np.concatenate(frontier))
        while len(rows):
            seen[rows] = True
            base = self._base(rows)
            pairs = state.pairs_of(base)
            pairs = pairs[~self.dead[pairs]]
            good = state["cautious"][pairs] > self.weights.threshold  # as it was, or as it is
            if len(self.again):
                place = np.minimum(np.searchsorted(self.again, pairs), len(self.again) - 1)
                found = self.again[place] == pairs
                good |= found & (self.odds_again[place] > self.weights.threshold)
            pairs = pairs[good]
            ends = np.concatenate([state["a"][pairs], state["b"][pairs]]).astype(np.int64)
            mine = seen[self.new.a] | seen[self.new.b]
            further = [
                self.of_base[ends],
                self.new.a[mine],
                self.new.b[mine],
                self._alive(state.mates(base)),
                self._alive(then.members(base)),
                *(group.members(rows) for group in groups),
            ]
            rows = np.unique(np.concatenate(further))
            rows = rows[~seen[rows]]
        return np.flatnonzero(seen)

    def _cluster(self) -> None:
        """Cluster the components that a change may reach anew."""
        state = self.state
        self.members = members = self._members()
        inside = np.zeros(self.n, dtype=bool)
        inside[members] = True
        pairs = state.pairs_of(self._base(members))
        self.pairs_now = pairs[~self.dead[pairs]]
        ends = self.of_base[state["a"][self.pairs_now]], self.of_base[state["b"][self.pairs_now]]
        local = self._scored(self.pairs_now[inside[ends[0]] & inside[ends[1]]], inside)
        self.label = np.empty(self.n, dtype=np.int64)
        alive = np.flatnonzero(~self.is_gone)
        self.label[self.of_base[alive]] = self.of_base[state["label"][alive]]
        small = self._settled_among(members)
        found = clusters_of(
            _renumbered(local.scored, members), small, (self.keys[members], self.spaces[members]), self.weights
        )
        self.label[members] = members[found]
        self.size = np.bincount(self.label, minlength=self.n)

    def _settled_among(self, members: Rows) -> Settled:
        """Return what is settled among some reports, by their place."""
        settled = self.settled

        def inner(pairs: Rows) -> Rows:
            place = np.minimum(np.searchsorted(members, pairs), len(members) - 1)
            return np.asarray(place[(members[place] == pairs).all(axis=1)]).reshape(-1, 2)

        return Settled(
            np.searchsorted(members, settled.together[members]),
            inner(settled.apart),
            inner(settled.unsure),
            settled.conflicts,
            inner(settled.barred),
        )

    def _changed(self) -> Rows:
        """Return the reports whose cluster is not what it was, or that are new, with all that refers to them."""
        members, state = self.members, self.state
        base = self.base_of[members]
        then = np.where(base >= 0, state["label"][base], -1)
        before = np.where(base >= 0, state["from_label"][then + 1] - state["from_label"][then], 0)
        first = np.full(self.n, -2, dtype=np.int64)
        first[self.label[members]] = then
        odd = (then < 0) | (before != self.size[self.label[members]]) | (first[self.label[members]] != then)
        torn = np.zeros(self.n, dtype=bool)
        torn[self.label[members[odd]]] = True
        return members[torn[self.label[members]]]

    # incidents

    def _to_reconcile(self) -> tuple[Rows, pa.Table]:
        """Return the reports whose incidents are to be made anew, and what the totals among them cover.

        Clusters that such totals cover are made again with them, and so is all that refers to any of it: nothing
        there has changed but, perhaps, the name of what it is linked to.
        """
        changed = self._changed()
        totals = self._totals_near(changed)
        again = np.zeros(self.n, dtype=bool)
        again[changed] = True
        for _ in range(2):
            covers = self._covers(totals)
            # a person may have called a total and an account the same
            again |= self._in_clusters(
                np.concatenate([self.label[totals], np.asarray(covers["event"], dtype=np.int64)])
            )
            if not again[self.referring].any() and not self.is_gone[self.state["referring"]].any():
                break
            again |= self._in_clusters(self.label[self.referring])
            totals = np.union1d(totals, self.referring[self._is_total(self.referring)])
        return np.flatnonzero(again), covers

    def _in_clusters(self, label: Rows) -> Mask:
        flags = np.zeros(self.n, dtype=bool)
        flags[label] = True
        return np.asarray(flags[self.label])

    def _is_total(self, rows: Rows) -> Mask:
        base, fresh = self.base_of[rows], self.fresh_of[rows]
        own = np.asarray(pc.equal(whole(self.fresh["kind"]).cast(pa.string()), "total").fill_null(False))
        found = np.zeros(len(rows), dtype=bool)
        found[base >= 0] = self.state["total"][base[base >= 0]]
        found[fresh >= 0] = own[fresh[fresh >= 0]]
        return found

    @cached_property
    def _all_totals(self) -> Rows:
        base = np.flatnonzero(np.asarray(self.state["total"]) & ~self.is_gone)
        own = self.of_fresh[self._is_total(self.of_fresh)]
        return np.union1d(self.of_base[base], own)

    def _times(self, rows: Rows) -> Times:
        """Return when reports are of, by number."""
        base, fresh = self.base_of[rows], self.fresh_of[rows]
        own = times_of(self.fresh)
        columns = []
        for name in ("day", "slack", "time_class"):
            column = np.empty(len(rows), dtype=self.state[name].dtype)
            column[base >= 0] = self.state[name][base[base >= 0]]
            column[fresh >= 0] = getattr(own, name)[fresh[fresh >= 0]]
            columns.append(column)
        return Times(*columns)

    def _totals_near(self, changed: Rows) -> Rows:
        """Return the totals that are new, and those in whose days something has changed."""
        totals = self._all_totals
        times = self._times(totals)
        days = np.concatenate([self._times(changed).day, self.state["day"][self.gone]])
        days = np.sort(days[~np.isnan(days)])
        half = times.slack + _TOTAL_DAYS
        low, high = np.searchsorted(days, times.day - half), np.searchsorted(days, times.day + half, side="right")
        return totals[(high > low) | (self.fresh_of[totals] >= 0)]

    def _covers(self, totals: Rows) -> pa.Table:
        """Return what totals cover, by the first report of each cluster."""
        times = self._times(totals)
        dated = times.time_class != UNDATED
        if not dated.any():
            return COVER.empty_table()
        half = times.slack[dated] + _TOTAL_DAYS
        low, high = times.day[dated] - half, times.day[dated] + half
        order = np.argsort(low)
        low, high = low[order], np.maximum.accumulate(high[order])
        near = [np.flatnonzero(self.fresh_of >= 0)]
        day = np.asarray(self.state["day"])
        before = np.searchsorted(low, day, side="right") - 1
        within = (before >= 0) & (day <= high[np.maximum(before, 0)]) & ~self.is_gone & ~np.asarray(self.state["total"])
        near.append(self.of_base[np.flatnonzero(within)])
        others = np.unique(np.concatenate(near))
        rows = np.union1d(totals, others[~self._is_total(others)])
        traits = canonical_traits(self.reports(rows), np.arange(len(rows)), self.register)
        return covered_events(traits, self.ids(rows), self.label[rows], self.size)

    def result(self) -> Increment:
        """Do it."""
        self._pairs()
        self._cluster()
        again, covers = self._to_reconcile()
        matched = Matched(
            event=self.label[again],
            pairs=pa.table({}),
            doubtful=pa.table({}),
            covers=covers,
            conflicts=self.settled.conflicts,
        )
        fused = incidents_of(self.reports(again), matched)
        links, joined, totals = self._links(again, covers, fused)
        return Increment(
            tables={
                "reports": self._reports(),
                "links": links,
                "incidents": self._incidents(again, fused),
                **self._pair_tables(),
            },
            conflicts=self.settled.conflicts,
            joined=joined,
            totals=totals,
            looked_at=len(self.members),
        )

    # tables

    def _reports(self) -> Change:
        """Return the change of the table of reports: those revised stay where they are, new ones follow."""
        state = self.state
        order = np.asarray(state["order"], dtype=np.int64)
        at = np.where(self.revised >= 0, order[np.maximum(self.revised, 0)], len(state))
        place = np.argsort(at, kind="stable")
        return Change(np.sort(order[self.gone]), at[place], self.recorded.take(pa.array(place)))

    @cached_property
    def _fresh_keys(self) -> Rows:
        """Return where the ids of the new reports belong among those of before: even between two, odd on one."""
        held = {
            one for one, base in zip(self.recorded["report_id"].to_pylist(), self.revised, strict=True) if base >= 0
        }
        places = self.state.id_places(self.fresh_ids)
        return 2 * places + np.array([one in held for one in self.fresh_ids], dtype=np.int64)

    def _id_keys(self, rows: Rows) -> Rows:
        base, fresh = self.base_of[rows], self.fresh_of[rows]
        keys = np.empty(len(rows), dtype=np.int64)
        keys[base >= 0] = 2 * self.state["id_rank"][base[base >= 0]].astype(np.int64) + 1
        keys[fresh >= 0] = self._fresh_keys[fresh[fresh >= 0]]
        return keys

    def _touched(self, again: Rows) -> Mask:
        """Return which base rows are made anew or gone."""
        flags = self.is_gone.copy()
        flags[self._base(again)] = True
        return flags

    def _links(self, again: Rows, covers: pa.Table, fused: FusedIncidents) -> tuple[Change, int, int]:
        """Return the change of the links, how many reports share their incident, and how many only count others."""
        state = self.state
        report, touched = np.asarray(state["link_report"]), self._touched(again)
        links = fused.links
        row_of = np.asarray(pc.index_in(whole(links["report_id"]), value_set=self.ids(again)), dtype=np.int64)
        keys = self._id_keys(again[row_of])
        counted = np.asarray(pc.is_in(whole(links["report_id"]), value_set=whole(covers["report_id"])))
        known = 2 * state["id_rank"][report].astype(np.int64) + 1
        first = int(state["first_counted"])
        at = np.where(counted, first + np.searchsorted(known[first:], keys), np.searchsorted(known[:first], keys))
        still = report[first:][~touched[report[first:]]]
        totals = len(np.unique(still)) + len(np.unique(row_of[counted]))
        same = np.asarray(pc.equal(whole(links["relation"]).cast(pa.string()), "same"))
        own = np.flatnonzero((np.asarray(state["incident"]) >= 0) & ~touched)
        label = self.label[np.concatenate([self.of_base[own], again[row_of[same]]])]
        joined = int((np.bincount(label, minlength=self.n)[label] > 1).sum())
        return Change(np.flatnonzero(touched[report]), at, links), joined, totals

    def _incidents(self, again: Rows, fused: FusedIncidents) -> Change:
        state = self.state
        held = np.unique(np.asarray(state["incident"])[self._touched(again)])
        incidents = fused.incidents
        moments = np.asarray(whole(incidents["occurred_from"]).cast(pa.int64()).fill_null(NEVER))
        leads = whole(pc.list_element(incidents["report_ids"], 0)) if incidents.num_rows else pa.array([], pa.string())
        row_of = np.asarray(pc.index_in(leads, value_set=self.ids(again)), dtype=np.int64)
        keys = self._id_keys(again[row_of])
        known = np.asarray(state["moment"])
        lead, rank = np.asarray(state["lead"]), state["id_rank"]
        at = _within_ties(known, moments, keys, lambda low, high: 2 * rank[lead[low:high]].astype(np.int64) + 1)
        return Change(held[held >= 0].astype(np.int64), at, incidents)

    def _pair_tables(self) -> dict[str, Change]:
        """Return the changes of the table of pairs and of the list for review."""
        state = self.state
        local = self._scored(self.pairs_now).scored
        named = self.keys, self.spaces
        p = probabilities(local, self.label, self.weights)
        paired = pairs_to_keep(local, p, self.label)
        doubted, changes = doubtful_pairs(local, p, self.label, self.settled, named)
        pairs = pair_table(local, paired, p, self.ids, self.label, self.start, self.settled, named)
        doubtful = doubtful_table(local, doubted, changes, p, self.ids, self.label)
        lost = self.dead.copy()
        lost[self.pairs_now] = True
        code = self._codes(local)
        known = self._base_codes(np.asarray(state["paired"]))
        doubts = np.asarray(state["doubted"])
        at = _within_ties(
            -np.asarray(state["changes"]),
            -changes,
            code[doubted],
            lambda low, high: self._base_codes(doubts[low:high]),
        )
        return {
            "pairs": Change(np.flatnonzero(lost[state["paired"]]), np.searchsorted(known, code[paired]), pairs),
            "doubtful": Change(np.flatnonzero(lost[doubts]), at, doubtful),
        }

    def _base_codes(self, pairs: Rows) -> Rows:
        """Return codes of pairs of before that ascend as the pairs do."""
        a, b = self.state["a"][pairs].astype(np.int64), self.state["b"][pairs].astype(np.int64)
        return np.asarray(2 * (a * (len(self.state) + 1) + b) + 1)

    def _codes(self, local: Scored) -> Rows:
        """Return codes of pairs as they are now among those of before: even between two, odd on one."""
        size = len(self.state) + 1

        def place(rows: Rows) -> tuple[Rows, Mask]:
            base, fresh = self.base_of[rows], self.fresh_of[rows]
            places = base.copy()
            places[fresh >= 0] = self.before[fresh[fresh >= 0]]
            return places, fresh >= 0

        (a, a_new), (b, b_new) = place(local.a), place(local.b)
        return np.asarray(np.where(a_new, 2 * a * size, 2 * (a * size + b) + ~b_new))


@dataclass(frozen=True, slots=True)
class _Local:
    """Some pairs, the reports they are of, and their places among the pairs of before; -1 for new ones."""

    nodes: Rows
    scored: Scored
    base: Rows


class _Groups:
    """Groups of reports by their smallest, of which most are of one."""

    def __init__(self, head: Rows) -> None:
        self._head = head
        joined = np.flatnonzero(head != np.arange(len(head)))
        rows = np.union1d(joined, head[joined])
        self._rows = rows[np.argsort(head[rows], kind="stable")]
        self._heads = head[self._rows]

    def members(self, rows: Rows) -> Rows:
        """Return all reports in the groups of some; of groups of one, none."""
        heads = np.unique(self._head[rows])
        low, high = np.searchsorted(self._heads, heads), np.searchsorted(self._heads, heads, side="right")
        return np.asarray(self._rows[ranges(low, high)])


def _renumbered(scored: Scored, members: Rows) -> Scored:
    return replace(scored, a=np.searchsorted(members, scored.a), b=np.searchsorted(members, scored.b))


def _within_ties(
    known: npt.NDArray[np.generic], wanted: npt.NDArray[np.generic], keys: Rows, known_keys: Callable[[int, int], Rows]
) -> Rows:
    """Return before which of the known, ascending by value and then key, each wanted one goes."""
    low, high = np.searchsorted(known, wanted, side="left"), np.searchsorted(known, wanted, side="right")
    for place in np.flatnonzero(high > low).tolist():
        first = int(low[place])
        low[place] = first + np.searchsorted(known_keys(first, int(high[place])), keys[place])
    return np.asarray(low, dtype=np.int64)
