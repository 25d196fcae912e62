"""Learning what agreement is worth, from the reports alone, and from what people said of some pairs.

Two reports of different months cannot be of one event, yet are as alike in place, party and toll as neighbours are:
pairs with one report moved by some weeks tell what agreement by chance looks like (u), without any labels. What
pairs of one event look like (m) is then found by expectation maximisation, where each pair's odds have to stand up
to its rivals' first: of a report's candidates in another source one at most is its counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ceasefire.actors.register import ActorRegister
from ceasefire.fusion.blocking import Pairs, Task, pair_tasks
from ceasefire.fusion.canonical import canonical_order, once_each, whole
from ceasefire.fusion.compare import (
    COMPARISONS,
    N_LEVELS,
    NOT_SAID,
    TEXT_BANDS,
    LevelColumn,
    SideWeight,
    Tables,
    aligned_sides,
    levels_of,
    tables_for,
    who_levels,
)
from ceasefire.fusion.competition import after_competition, rival_slots
from ceasefire.fusion.judgements import Judgement, settle
from ceasefire.fusion.pass_through import key_groups
from ceasefire.fusion.text_likeness import common_words
from ceasefire.fusion.traits import Traits, canonical_traits
from ceasefire.fusion.weighing import exclusiveness, pair_weights, rare_sides, repeat_factors
from ceasefire.fusion.weights import Comparison, Weights, default_weights

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""
_SHIFTS = (-41.0, -23.0, 23.0, 41.0)  # days; no multiples of a week, or habits of weekdays would show
_MOST_REPORTS = 20_000
_SLABS = 5
_MOST_DECOYS = 250_000
_ROUNDS = 12
_ALL = 1 << 62
_PSEUDO = 3.0  # pairs that the start weights count for in each comparison
_KAPPA = 4.0  # pairs that the likeness of names counts for against what is seen of two sides
_SURE = 3.0
_BY_CHANCE = 0.1  # of the rate between sources: so many of one source's own pairs look as sure in dense places
_FEWEST_DECOYS = 500
_FEWEST_PAIRS_OF_SIDES = 2.0
_OF_THE_DAY = frozenset({"text"})  # what is talked of changes: two events of one week are worded alike, decoys are not
_REPEAT_PRIOR = 400.0


@dataclass
class _Pairs:
    """Pairs and all that is counted over them; the sides' part of *who* changes from round to round."""

    a: Rows
    b: Rows
    levels: dict[str, LevelColumn]

    def of(self, rows: npt.NDArray[np.bool_]) -> _Pairs:
        """Return some of the pairs."""
        return _Pairs(self.a[rows], self.b[rows], {name: level[rows] for name, level in self.levels.items()})


def learn_weights(
    reports: pa.Table,
    *,
    register: ActorRegister,
    judgements: Iterable[Judgement] = (),
    seed: int = 0,
    progress: Progress | None = None,
) -> Weights:
    """Learn weights from reports.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`; the result depends neither on their order nor on repeated rows.
    register : ActorRegister
        Through which actors are compared.
    judgements : iterable of Judgement
        Pairs called *same* or *not-same* count as what they are.
    seed : int
        Which stretches of time are learned from, where there are more than `_MOST_REPORTS` reports.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Weights
        The shipped ones where there is nothing to learn from.
    """
    tell = progress or (lambda *_: None)
    tell("learning weights", 0, _ROUNDS)
    reports = reports.take(pa.array(_sampled(reports, seed)))
    rows, _ = canonical_order(reports)
    traits = canonical_traits(reports, rows, register)
    learner = _Learner(traits, default_weights())
    if not len(learner.pairs.a):
        return learner.weights
    ids = {one: row for row, one in enumerate(reports["report_id"].take(pa.array(rows)).to_pylist())}
    judgements = tuple(judgements)
    learner.judge(judgements, ids, key_groups(reports, rows))
    for one in range(_ROUNDS):
        learner.step(one)
        tell("learning weights", one + 1, _ROUNDS)
    return replace(learner.weights, reports=len(traits), judgements=len(judgements)).as_stored()


def _sampled(reports: pa.Table, seed: int) -> Rows:
    """Return the rows of whole stretches of time, each report once, so that every report keeps its rivals."""
    rows = once_each(reports["report_id"])
    n = len(rows)
    if n <= _MOST_REPORTS:
        return rows
    times = np.asarray(whole(reports["occurred_from"]).cast(pa.int64()).fill_null(0))[rows]
    ordered = np.sort(times)
    each = _MOST_REPORTS // _SLABS
    starts = ((np.arange(_SLABS) + np.random.default_rng(seed).random(_SLABS)) * (n - each) / _SLABS).astype(np.int64)
    taken = np.zeros(n, dtype=bool)
    for start in starts.tolist():
        taken |= (times >= ordered[start]) & (times < ordered[start + each])
    return rows[taken]


def _thinned(tasks: Iterable[Task], most: int) -> Pairs:
    """Return at most so many of the pairs, evenly spread."""
    none = np.zeros(0, dtype=np.int64)
    found = [piece for task in tasks for piece in task()]
    a, b = (np.concatenate([none, *(piece[end] for piece in found)]) for end in (0, 1))
    km = np.concatenate([none.astype(np.float32), *(piece[2] for piece in found)])
    order = np.argsort(a * (int(b.max(initial=0)) + 1) + b, kind="stable")
    taken = order[:: len(order) // most + 1]
    return a[taken], b[taken], km[taken]


class _Learner:
    def __init__(self, traits: Traits, weights: Weights) -> None:
        self.traits = traits
        self.weights = weights = replace(weights, words=common_words(traits.wordings, traits.text))
        self.sides = weights.side_table(traits.parties)
        self.tables = tables = self._tables()
        self.pairs = self._gathered([(_thinned(pair_tasks(traits, weights.reach), _ALL), 0.0)], tables)
        shifts = self._shifts()
        most = _MOST_DECOYS // max(len(shifts), 1)
        moved = [(_thinned(pair_tasks(traits, weights.reach, shift=shift), most), shift) for shift in shifts]
        self.decoys = self._gathered(moved, tables)
        a, b = self.pairs.a, self.pairs.b
        self.own = traits.source[a] == traits.source[b]
        self.slots = rival_slots(a, b, traits.source)
        # a source words its reports alike: chance and match are told apart between sources, where there are several
        self.counted = ~self.own if (~self.own).sum() > _FEWEST_DECOYS else np.ones(len(a), dtype=bool)
        foreign = traits.source[self.decoys.a] != traits.source[self.decoys.b]
        self.decoys = self.decoys.of(foreign if foreign.sum() > _FEWEST_DECOYS else np.ones(len(foreign), dtype=bool))
        self._levels: dict[str, Rows] = {}
        self._decoyed: dict[str, Floats] = {}
        self.known: npt.NDArray[np.float64] = np.full(len(a), np.nan)
        self.probability = self._expected(self._weight())

    def judge(self, judgements: Sequence[Judgement], rows: dict[str, int], start: Rows) -> None:
        """Hold what people said of pairs, and what reports say of themselves, fixed."""
        settled = settle(judgements, rows, len(self.traits), start)
        a, b = self.pairs.a, self.pairs.b
        self.known[settled.together[a] == settled.together[b]] = 1.0
        apart = {tuple(pair) for pair in settled.apart.tolist()}
        if apart:
            groups = {(min(int(x), int(y)), max(int(x), int(y))) for x, y in settled.together[settled.apart]}
            code = np.minimum(settled.together[a], settled.together[b]) * len(start) + np.maximum(
                settled.together[a], settled.together[b]
            )
            self.known[np.isin(code, [x * len(start) + y for x, y in groups])] = 0.0

    def step(self, turn: int) -> None:
        """Count with the present probabilities, set the weights, and take the probabilities anew."""
        p = np.where(np.isnan(self.known), self.probability, self.known)
        self._learn_sides(p)
        comparisons = {name: self._counted(name, p) for name in COMPARISONS}
        cross = ~self.own
        prior = float((p[cross].sum() + 0.5) / (cross.sum() + 1))
        self.weights = replace(self.weights, comparisons=comparisons, prior=min(max(prior, 1e-6), 0.5))
        weight = self._weight()
        if turn and turn % 4 == 0:
            self._learn_repeats(weight)
            weight = self._weight()
        self.probability = self._expected(weight)

    def _shifts(self) -> tuple[float, ...]:
        """Return by how many days to move reports: as the span of the reports allows."""
        days = self.traits.day[~np.isnan(self.traits.day)]
        span = float(np.subtract(*np.percentile(days, [95, 5]))) if len(days) else 0.0
        return tuple(shift for shift in _SHIFTS if abs(shift) <= span / 2)

    def _tables(self) -> Tables:
        return tables_for(self.traits, self.sides, self._rare(), self.weights.words)

    def _rare(self) -> SideWeight | None:
        return rare_sides(self.weights, self.traits.parties)

    def _gathered(self, found: list[tuple[Pairs, float]], tables: Tables) -> _Pairs:
        parts = [levels_of(self.traits, *pair, tables, shift) for pair, shift in found]
        none = np.zeros(0, dtype=np.int64)
        return _Pairs(
            np.concatenate([none, *(pair[0] for pair, _ in found)]),
            np.concatenate([none, *(pair[1] for pair, _ in found)]),
            {name: np.concatenate([none.astype(np.int16), *(part[name] for part in parts)]) for name in COMPARISONS},
        )

    def _weight(self) -> Floats:
        """Return each pair's log odds by itself."""
        return pair_weights(self.weights, self.traits, self.pairs.a, self.pairs.b, self.pairs.levels)

    def _expected(self, weight: Floats) -> Floats:
        exclusive = exclusiveness(self.weights, self.traits, self.pairs.a, self.pairs.b)
        return after_competition(weight, self.slots, exclusive)

    def _counted(self, name: str, p: Floats) -> Comparison:
        """Return m and u of a comparison, each level backed by its share in both and by the start weights."""
        n = N_LEVELS[name]
        level = self._level(name)
        p = p[self.counted]
        start = default_weights_of(name)
        matches = np.bincount(level, p, minlength=n).astype(np.float64)
        others = self._by_chance(name)
        if name in _OF_THE_DAY:
            others[:] = 0
        if others.sum() < _FEWEST_DECOYS:
            others += np.bincount(level, 1 - p, minlength=n)
        silent_levels = list(NOT_SAID.get(name, ()))
        for counts in (matches, others):
            counts[silent_levels] = 0
        if name == "text":  # what is said of the acts is counted there
            others[1:] *= np.repeat(_ratio(matches[1:], others[1:]), TEXT_BANDS)
        others *= min(1.0, (len(p) + 1) / (others.sum() + 1))
        if matches.sum() + others.sum() == 0:
            return start
        back = matches + others + 0.01 * (np.asarray(start.m) + np.asarray(start.u))
        back[silent_levels] = 0
        back = _PSEUDO * back / back.sum()
        m, u = ((counts + back) / (counts.sum() + _PSEUDO) for counts in (matches, others))
        return Comparison(m=tuple(m.tolist()), u=tuple(u.tolist()))

    def _level(self, name: str) -> Rows:
        """Return the levels of the pairs that count; only those of *who* change from round to round."""
        if name == "who" or name not in self._levels:
            self._levels[name] = self.pairs.levels[name][self.counted].astype(np.int64)
        return self._levels[name]

    def _by_chance(self, name: str) -> Floats:
        """Return how many decoys have each level."""
        if name == "who" or name not in self._decoyed:
            self._decoyed[name] = np.bincount(self.decoys.levels[name], minlength=N_LEVELS[name]).astype(np.float64)
        return self._decoyed[name].copy()

    def _learn_sides(self, p: Floats) -> None:
        """Learn how well two sides go together: how often confident pairs name them, against chance."""
        parties = self.traits.parties
        k = len(parties.base)
        tables = replace(self.tables, sides=self.sides, rare=self._rare())
        seen = self._side_pairs(self.pairs, tables, p * self.counted, k)
        chance = self._side_pairs(self.decoys, tables, None, k)
        if chance.sum() < _FEWEST_DECOYS:
            chance = chance + self._side_pairs(self.pairs, tables, (1 - p) * self.counted, k)
        by_level = [np.bincount(parties.base.ravel(), table.ravel(), minlength=5) + 1 for table in (seen, chance)]
        ratio = (by_level[0] / by_level[0].sum()) / (by_level[1] / by_level[1].sum())
        expected = chance * (seen.sum() / max(chance.sum(), 1))
        back = ratio[parties.base]
        table = np.log((seen + _KAPPA * back / (1 + back)) / (expected + _KAPPA / (1 + back)))
        self.sides[:k, :k] = table
        rare = float(np.log(ratio[1]))
        self.sides[k, :] = self.sides[:, k] = rare
        known = np.argwhere(np.triu(np.maximum(seen, expected) >= _FEWEST_PAIRS_OF_SIDES))
        affinity: dict[tuple[str, str], float] = {}
        for i, j in known.tolist():
            x, y = sorted((parties.texts[i], parties.texts[j]))
            affinity.setdefault((x, y), float(table[i, j]))
        self.weights = replace(
            self.weights,
            sides=tuple(np.log(ratio).tolist()),
            affinity=tuple((x, y, w) for (x, y), w in sorted(affinity.items())),
        )
        tables = replace(tables, rare=self._rare())
        for pairs in (self.pairs, self.decoys):
            pairs.levels["who"] = who_levels(aligned_sides(self.traits, pairs.a, pairs.b, tables)[1])

    def _side_pairs(self, pairs: _Pairs, tables: Tables, p: Floats | None, k: int) -> Floats:
        """Return how often each two sides stand in place of each other, symmetric, shape (k, k)."""
        parties = self.traits.parties
        crossed = aligned_sides(self.traits, pairs.a, pairs.b, tables)[0]
        f, s = parties.first, parties.second
        counts = np.zeros(k * k)
        for one, other in (
            (f[pairs.a], np.where(crossed, s[pairs.b], f[pairs.b])),
            (s[pairs.a], np.where(crossed, f[pairs.b], s[pairs.b])),
        ):
            common = (one < k) & (other < k)
            share = None if p is None else p[common]
            counts += np.bincount(one[common] * k + other[common], share, minlength=k * k)
        square = counts.reshape(k, k)
        return np.asarray((square + square.T) / 2)

    def _learn_repeats(self, weight: Floats) -> None:
        """Learn how much likelier a source is to report an event twice than another is to report it too.

        Of a source's own pairs those count that look sure even if its choice of names is left aside, beyond the few
        that do so by chance where much happens in one place.
        """
        source = self.traits.source[self.pairs.a]
        names = self.weights.match_weights("who")[self.pairs.levels["who"]]
        prior = np.log(repeat_factors(self.weights, self.traits))[source]
        sure = np.where(self.own, weight - prior - np.maximum(names, 0), weight) > _SURE
        cross = ~self.own
        rate = (sure & cross).sum() / max(cross.sum(), 1)
        if rate == 0:
            return
        least = self.weights.repeats_otherwise
        repeats = {}
        for code, name in enumerate(self.traits.sources):
            its = self.own & (source == code)
            found = sure[its].sum() / ((its.sum() + _REPEAT_PRIOR) * rate) - _BY_CHANCE
            if found > least:
                repeats[name] = float(min(found, 1.0))
        self.weights = replace(self.weights, repeats=repeats)


def _ratio(matches: Floats, others: Floats) -> Floats:
    """Return by what to multiply others of each level of *acts* so that these occur as often as among matches."""
    m, u = (counts.reshape(-1, TEXT_BANDS).sum(axis=1) for counts in (matches, others))
    return np.asarray(np.where(u > 0, m / np.where(u > 0, u, 1), 1.0))


def default_weights_of(name: str) -> Comparison:
    """Return the shipped shares of a comparison."""
    return _SHIPPED.comparisons[name]


_SHIPPED = default_weights()
