"""Why an incident's reports are held to be of one event: what settles it, each link's evidence, what is doubtful."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.agreement.citation import title_of
from ceasefire.findings.trace import listed
from ceasefire.fusion.canonical import canonical_order, whole
from ceasefire.fusion.cohesion import Join, join_between, joins_of
from ceasefire.fusion.explain import Evidence, explain_pairs, percent, waterfall
from ceasefire.fusion.judgements import NOT_SAME, SAME, settle
from ceasefire.fusion.match import NATS_PER_BIT
from ceasefire.fusion.pass_through import key_groups
from ceasefire.fusion.wording import Wording
from ceasefire.ledger.entry import Entry
from ceasefire.model.time import local_date
from ceasefire.pipeline.derived import Derived
from ceasefire.pipeline.matching import judgement_entries, judgements_in_force, weights_in_force
from ceasefire.pipeline.state import State

_LINKS_SHOWN = 12
_DOUBTS_SHOWN = 3
_PAGE = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyJoined:
    """Why an incident's reports are together.

    Parameters
    ----------
    links : tuple of Evidence
        That hold it together: each report with the report it is linked to most strongly, and what connects these.
    others : tuple of Evidence
        All other pairs of its reports that were weighed.
    doubtful : tuple of Evidence
        Pairs of one of its reports with a report of another incident that may be of one event.
    joins : tuple of Join
        How it came together.
    by_themselves : tuple of tuple of str
        Reports that are together by their own word.
    judged : tuple of Entry
        Judgements in force on two of its reports, or one of them and another.
    threshold : float
        Bits: groups of reports are joined while the mean over their pairs exceeds this.
    """

    links: tuple[Evidence, ...]
    others: tuple[Evidence, ...]
    doubtful: tuple[Evidence, ...]
    joins: tuple[Join, ...]
    by_themselves: tuple[tuple[str, ...], ...]
    judged: tuple[Entry, ...]
    threshold: float

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it; all weights are in bits."""
        return {
            "threshold": self.threshold,
            "by_themselves": [list(group) for group in self.by_themselves],
            "judgements": [{**entry.payload, "author": entry.author, "entry": entry.position} for entry in self.judged],
            "links": [one.as_json() for one in self.links],
            "others": [one.as_json() for one in self.others],
            "doubtful": [one.as_json() for one in self.doubtful],
            "joins": [asdict(join) for join in self.joins],
        }


def why_joined(report_ids: Sequence[str], state: State, fused: Derived) -> WhyJoined:
    """Return the evidence behind an incident.

    Parameters
    ----------
    report_ids : sequence of str
        Its reports.
    state : State
    fused : Derived
        The fusion that the incident is of.
    """
    weights = weights_in_force(state.history).weights
    reports, pairs, doubtful = (fused.table(name) for name in ("reports", "pairs", "doubtful"))
    inside = pairs.filter(pc.and_(*_ends_in(pairs, report_ids)))
    waiting = doubtful.filter(pc.xor(*_ends_in(doubtful, report_ids)))
    across = _rows_of(pairs.filter(pc.or_(*_ends_in(pairs, report_ids))), waiting)
    shown = pa.concat_tables([inside, across])
    among = pairs.filter(pc.or_(*_ends_in(pairs, {*report_ids, *_ends(shown)})))
    wanted = pa.array(sorted({*report_ids, *_ends(among)}), pa.string())
    wording = Wording.of(
        reports.filter(pc.is_in(reports["report_id"], value_set=wanted)),
        weights=weights,
        register=state.case.actors,
        zone=state.history.zone,
    )
    evidence = explain_pairs(shown, wording=wording, weights=weights, name_of=_namer(state), among=among)
    own = reports.filter(pc.is_in(reports["report_id"], value_set=pa.array(report_ids, pa.string())))
    start, keyed = _together_from_the_start(own, state)
    links = _spanning(start, evidence[: inside.num_rows])
    said = {(one.report_a, one.report_b) for one in links}
    held = set(report_ids)
    return WhyJoined(
        links=links,
        others=tuple(one for one in evidence[: inside.num_rows] if (one.report_a, one.report_b) not in said),
        doubtful=evidence[inside.num_rows :],
        joins=joins_of(start, inside, weights),
        by_themselves=keyed,
        judged=tuple(
            entry
            for entry in judgement_entries(state.history)
            if held & {entry.payload["report_a"], entry.payload["report_b"]}
        ),
        threshold=weights.threshold / NATS_PER_BIT,
    )


def _namer(state: State) -> Any:
    speakers = state.case.speakers

    def name(source_id: str) -> str:
        speaker = speakers.get(source_id)
        return title_of(speaker.names) if speaker else source_id

    return name


def _ends_in(pairs: pa.Table, report_ids: Iterable[str]) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    known = pa.array(sorted(report_ids), pa.string())
    return pc.is_in(pairs["report_a"], value_set=known), pc.is_in(pairs["report_b"], value_set=known)


def _ends(pairs: pa.Table) -> set[str]:
    return {*pairs["report_a"].to_pylist(), *pairs["report_b"].to_pylist()}


def _rows_of(pairs: pa.Table, chosen: pa.Table) -> pa.Table:
    """Return the rows of `pairs` for the pairs chosen, in their order."""
    place = {
        ends: row
        for row, ends in enumerate(zip(pairs["report_a"].to_pylist(), pairs["report_b"].to_pylist(), strict=True))
    }
    wanted = zip(chosen["report_a"].to_pylist(), chosen["report_b"].to_pylist(), strict=True)
    return pairs.take(pa.array([place[ends] for ends in wanted if ends in place], pa.int64()))


def _together_from_the_start(own: pa.Table, state: State) -> tuple[list[list[str]], tuple[tuple[str, ...], ...]]:
    """Return the reports by what is settled, and the groups of those that settle it themselves."""
    rows, _ = canonical_order(own)
    ids = whole(own["report_id"]).take(pa.array(rows)).to_pylist()
    keys = key_groups(own, rows)
    place = {one: row for row, one in enumerate(ids)}
    settled = settle(judgements_in_force(state.history), place, len(ids), keys).together
    keyed = tuple(tuple(group) for group in _grouped(ids, keys.tolist()) if len(group) > 1)
    return _grouped(ids, settled.tolist()), keyed


def _grouped(ids: list[str], codes: list[int]) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for one, code in zip(ids, codes, strict=True):
        found.setdefault(code, []).append(one)
    return list(found.values())


def _spanning(start: list[list[str]], evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the strongest links that connect the reports, the strongest first; what is settled needs none."""
    group = {one: number for number, ids in enumerate(start) for one in ids}
    links = []
    for one in sorted(evidence, key=lambda one: (-one.weight_after_rivals, one.report_a, one.report_b)):
        a, b = group[one.report_a], group[one.report_b]
        if a != b:
            links.append(one)
            group = {report: a if number == b else number for report, number in group.items()}
    return tuple(links)


def joined_sentences(why: WhyJoined, state: State, fused: Derived) -> Iterator[str]:
    """Yield why the reports are together, as lines of text."""
    names = _Names(state, fused)
    if why.links or why.by_themselves or why.judged:
        yield "Why these reports are held to be of one event:"
    for group in why.by_themselves:
        yield from _wrapped(f"By their own word, one key or a reference: {listed(map(names.record, group))}.")
    for entry in why.judged:
        yield from _wrapped(_judged_words(entry, names, state))
    if why.links:
        yield "   Weights are in bits: one bit more doubles the odds that two reports are of one event."
    for one in why.links[:_LINKS_SHOWN]:
        yield f"   {names.record(one.report_a)} and {names.record(one.report_b)}: {_decision_words(one)}"
        yield from waterfall(one, indent="   ", width=_PAGE)
        if one.weight_after_rivals <= why.threshold:
            yield from _carried(one, why)
    if len(why.links) > _LINKS_SHOWN:
        yield f"   … and {len(why.links) - _LINKS_SHOWN:,} more links; --json gives them all."
    yield from _last_join(why)
    if why.doubtful:
        pairs = "one pair" if len(why.doubtful) == 1 else f"{len(why.doubtful):,} pairs"
        yield f"Doubtful: {pairs} with reports of other incidents."
    for one in why.doubtful[:_DOUBTS_SHOWN]:
        yield f"   {names.record(one.report_a)} and {names.record(one.report_b)}: {_decision_words(one)}"
        yield from waterfall(one, indent="   ", width=_PAGE)
        yield f"   Decide with: ceasefire judge {one.report_a} same|not-same|unsure {one.report_b}"
    if len(why.doubtful) > _DOUBTS_SHOWN:
        yield f"   … and {len(why.doubtful) - _DOUBTS_SHOWN:,} more; --json gives them all."


class _Names:
    """Reports as their sources name them."""

    def __init__(self, state: State, fused: Derived) -> None:
        reports = fused.table("reports").select(["report_id", "source_id", "source_report_id"])
        self._reports, self._ids = reports, whole(reports["report_id"])
        self._source = _namer(state)

    def record(self, report_id: str) -> str:
        row = pc.index(self._ids, report_id).as_py()
        if row < 0:
            return f"{report_id}, no longer held,"
        source = self._source(self._reports["source_id"][row].as_py())
        return f"{source} {self._reports['source_report_id'][row].as_py()}"


def _judged_words(entry: Entry, names: _Names, state: State) -> str:
    meaning = {SAME: "are of one event", NOT_SAME: "are not of one event"}
    said = meaning.get(entry.payload["verdict"], "may or may not be of one event")
    when = local_date(entry.recorded_at, state.history.zone)
    a, b = (names.record(entry.payload[end]) for end in ("report_a", "report_b"))
    note = f": {entry.payload['note']}" if entry.payload.get("note") else "."
    return f"{entry.author} said on {when} that {a} and {b} {said}{note}"


def _decision_words(one: Evidence) -> str:
    settled = {
        "judged-same": "of one event by somebody's word",
        "judged-not-same": "not of one event by somebody's word",
        "by-key": "of one event by their own word",
        "told-apart": "not of one event by their own word",
    }
    return settled.get(one.decision, f"{percent(one.match_probability)} likely to be of one event")


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, _PAGE, initial_indent="   ", subsequent_indent="      ", break_on_hyphens=False)


def _carried(one: Evidence, why: WhyJoined) -> Iterator[str]:
    """Yield why a pair is together that alone would not be."""
    join = join_between(why.joins, one.report_a, one.report_b)
    if join is not None:
        yield from _wrapped(
            f"Alone the two would not be joined ({_bits(one.weight_after_rivals)}, and it takes more than "
            f"{_bits(why.threshold)}): {_mean_words(join)}."
        )


def _last_join(why: WhyJoined) -> Iterator[str]:
    if len(why.joins) > 1:
        join = min(why.joins, key=lambda one: one.mean_weight)
        yield from _wrapped(
            f"Its weakest seam holds: {_mean_words(join)}, and it takes more than {_bits(why.threshold)}."
        )


def _mean_words(join: Join) -> str:
    unseen = f", {join.unseen} of them too far apart to be compared" if join.unseen else ""
    pairs = f"{join.pairs} pairs" if join.pairs > 1 else "one pair"
    return (
        f"over the {pairs} between groups of {len(join.left)} and {len(join.right)}{unseen}, the mean is "
        f"{_bits(join.mean_weight)}"
    )


def _bits(weight: float) -> str:
    return f"{weight:+.1f} bits".replace("-", "−")
