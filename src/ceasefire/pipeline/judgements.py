"""What people say of two reports: recorded, whatever they are named by, with what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.findings.trace import listed
from ceasefire.fusion.canonical import canonical_order, whole
from ceasefire.fusion.consequences import Consequence, WhatIf
from ceasefire.fusion.judgements import NOT_SAME, SAME, UNSURE, VERDICTS, Judgement, settle
from ceasefire.fusion.pass_through import key_groups
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import UsageError
from ceasefire.model.time import local_date
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.matching import judgement_entries, judgements_in_force, weights_in_force
from ceasefire.pipeline.report_names import Named, ReportNames
from ceasefire.pipeline.state import State

Groups = list[tuple[str, ...]]
_MEANING = {SAME: "are of one event", NOT_SAME: "are not of one event", UNSURE: "may or may not be of one event"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of saying something of two reports.

    Parameters
    ----------
    report_a, report_b : str
        The lesser id first.
    verdict : str
        Of `fusion.judgements.VERDICTS`.
    author : str
    note : str or None
    position : int or None
        Of the ledger entry; None when the same person had said the same before, so that nothing was recorded.
    replaces : str or None
        What the same person had said of the two before.
    also_same : tuple of str
        Of two incidents called the same: further reports of theirs that had to be named, or they would have stayed
        outside.
    pairs_changed : int
        Pairs of reports that come to one incident or part, once reports are fused again.
    follows : tuple of str
        That in words.
    conflicts : tuple of str
        What it contradicts.
    """

    report_a: str
    report_b: str
    verdict: str
    author: str
    note: str | None
    position: int | None
    replaces: str | None
    also_same: tuple[str, ...]
    pairs_changed: int
    follows: tuple[str, ...]
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants to say, looked up."""

    one: Named
    other: Named
    verdict: str
    note: str | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """The two reports, the lesser id first."""
        a, b = sorted((self.one.report_id, self.other.report_id))
        return a, b

    def repeats(self, said: Mapping[str, Any]) -> bool:
        """Say whether an entry says this already."""
        return (said["verdict"], said.get("note")) == (self.verdict, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of recording intents: of each its entry's position, and of all together what follows."""

    positions: tuple[int | None, ...]
    replaced: tuple[str | None, ...]
    also_same: tuple[tuple[str, ...], ...]
    consequence: Consequence
    follows: tuple[str, ...]
    conflicts: tuple[str, ...]


def intent_of(names: ReportNames, a: str, verdict: str, b: str, note: str | None = None) -> Intent:
    """Look up what is meant.

    Raises
    ------
    UsageError
        When there is no such verdict or report, or the two cannot be judged.
    """
    if verdict not in VERDICTS:
        raise UsageError(
            f'"{verdict}" is no judgement.', f"Write one of {', '.join(VERDICTS)}: ceasefire judge A same B."
        )
    one, other = names.find(a), names.find(b)
    if verdict == NOT_SAME:
        one, other = _apart(one, other, names), _apart(other, one, names)
    for named in (one, other):
        if names.is_total(named.report_id):
            raise UsageError(
                f'"{named.said}" counts over an area and a period: such a total is never of one event with a report.',
                "Name the reports of single events; which of them a total covers follows from its area and period.",
            )
    if one.report_id == other.report_id:
        raise UsageError(
            f'"{a}" and "{b}" are one report, {one.report_id}.', "A judgement is of two; name another for one of them."
        )
    return Intent(one, other, verdict, (note or "").strip() or None)


def _apart(one: Named, other: Named, names: ReportNames) -> Named:
    """Return what an incident stands for beside a report of its own: the earliest of the others."""
    if one.incident_id is None or other.incident_id is not None or other.report_id != one.report_id:
        return one
    rest = [report for report in names.reports_of(one.incident_id) if report != other.report_id]
    return Named(one.said, rest[0], one.incident_id) if rest else one


def judge(state: State, names: ReportNames, intent: Intent, *, ledger: Ledger, author: str) -> Judged:
    """Record one judgement and say what follows; the same said again by the same person adds nothing."""
    recorded = record(state, names, [intent], ledger=ledger, author=author)
    a, b = intent.pair
    return Judged(
        report_a=a,
        report_b=b,
        verdict=intent.verdict,
        author=author,
        note=intent.note,
        position=recorded.positions[0],
        replaces=recorded.replaced[0],
        also_same=recorded.also_same[0],
        pairs_changed=recorded.consequence.pairs,
        follows=recorded.follows,
        conflicts=recorded.conflicts,
    )


def record(state: State, names: ReportNames, intents: Sequence[Intent], *, ledger: Ledger, author: str) -> Recorded:
    """Record judgements, all or none, and say what follows from them together."""
    held = {_ends(entry): entry for entry in judgement_entries(state.history) if entry.author == author}
    before = judgements_in_force(state.history)
    wanted = [Judgement(*intent.pair, intent.verdict, author) for intent in intents]
    what_if = WhatIf(
        names.reports,
        {end for intent in intents for end in (*intent.pair, *_of_both(intent, names))},
        register=state.case.actors,
        weights=weights_in_force(state.history).weights,
        judgements=before,
    )
    dropped = [one for one in before if one.author == author and any(_pair(one) == _pair(new) for new in wanted)]
    also = _left_out(intents, names, what_if, [*(one for one in before if one not in dropped), *wanted])
    further = [
        Judgement(min(intent.one.report_id, end), max(intent.one.report_id, end), SAME, author)
        for intent, ends in zip(intents, also, strict=True)
        for end in ends
    ]
    consequence = what_if.consequence(add=[*wanted, *further], drop=dropped)
    new = [intent.pair not in held or not intent.repeats(held[intent.pair].payload) for intent in intents]
    payloads = [
        _payload(intent.pair, intent.verdict, intent.note)
        for intent, is_new in zip(intents, new, strict=True)
        if is_new
    ]
    payloads += [_payload(_pair(one), SAME, "of two incidents called the same") for one in further]
    positions = iter([entry.position for entry in ledger.append_all(Kind.JUDGEMENT, payloads, author=author)])
    return Recorded(
        positions=tuple(next(positions) if is_new else None for is_new in new),
        replaced=tuple(
            held[intent.pair].payload["verdict"] if is_new and intent.pair in held else None
            for intent, is_new in zip(intents, new, strict=True)
        ),
        also_same=also,
        consequence=consequence,
        follows=follows(consequence, names),
        conflicts=tuple(_contradictions(state, names, [*wanted, *further], consequence)),
    )


def _payload(pair: tuple[str, str], verdict: str, note: str | None) -> dict[str, Any]:
    return {"report_a": pair[0], "report_b": pair[1], "verdict": verdict, **({"note": note} if note else {})}


def _pair(one: Judgement) -> tuple[str, str]:
    a, b = sorted((one.report_a, one.report_b))
    return a, b


def _of_both(intent: Intent, names: ReportNames) -> list[str]:
    """Return the reports of two incidents that are called the same; none where reports are named."""
    ends = (intent.one, intent.other)
    if intent.verdict != SAME or any(end.incident_id is None for end in ends):
        return []
    return [report for end in ends for report in names.reports_of(str(end.incident_id)) if names.holds(report)]


def _left_out(
    intents: Sequence[Intent], names: ReportNames, what_if: WhatIf, said: Sequence[Judgement]
) -> tuple[tuple[str, ...], ...]:
    """Return for each intent the reports of two incidents called the same that would not come to the one by themselves.

    What people said against a report is not overridden: such a one stays outside.
    """
    apart = {_pair(one) for one in said if one.verdict == NOT_SAME}
    found: list[tuple[str, ...]] = []
    for intent in intents:
        reports = _of_both(intent, names)
        missing: list[str] = []
        if reports:
            lead = intent.one.report_id
            together = next(group for group in what_if.groups(said, reports) if lead in group)
            missing = [one for one in reports if one not in together and not _barred(one, together, apart)]
        found.append(tuple(sorted(missing)))
    return tuple(found)


def _barred(report: str, group: Iterable[str], said: set[tuple[str, str]]) -> bool:
    return any((min(report, one), max(report, one)) in said for one in group)


def follows(consequence: Consequence, names: ReportNames) -> tuple[str, ...]:
    """Return in words which incidents become one or part."""
    sentences = []
    for before, after in _knots(consequence):
        held = listed([names.group_words(group) for group in before])
        if len(after) == 1:
            (whole_of,) = after
            sentences.append(f"{held} become one: {names.group_words(whole_of)}.")
        elif len(before) == 1:
            sentences.append(f"{held} parts into {listed([names.group_words(group) for group in after])}.")
        else:
            then = listed([names.group_words(group) for group in after])
            sentences.append(f"{held} are divided anew: {then}.")
    return tuple(sentences)


def _knots(consequence: Consequence) -> list[tuple[Groups, Groups]]:
    """Return the groups before and after that share reports, knot by knot, large ones first."""
    knots: list[tuple[set[str], tuple[Groups, Groups]]] = []
    for which, groups in enumerate((consequence.before, consequence.after)):
        for group in groups:
            reports = set(group)
            sides: tuple[Groups, Groups] = ([], [])
            for knot in [knot for knot in knots if knot[0] & reports]:
                reports |= knot[0]
                for mine, theirs in zip(sides, knot[1], strict=True):
                    mine.extend(theirs)
                knots.remove(knot)
            sides[which].append(group)
            knots.append((reports, sides))
    return [(_by_size(before), _by_size(after)) for _, (before, after) in knots]


def _by_size(groups: Groups) -> Groups:
    return sorted(groups, key=lambda group: (-len(group), group))


def _contradictions(
    state: State, names: ReportNames, said: Sequence[Judgement], consequence: Consequence
) -> Iterator[str]:
    entries = {(entry.author, *_ends(entry)): entry for entry in judgement_entries(state.history)}
    for group in consequence.conflicts:
        others = [one for one in group if one not in said]
        for one in others:
            when = local_date(entries[(one.author, *_pair(one))].recorded_at, state.history.zone)
            a, b = (names.record(end) for end in _pair(one))
            yield f"{one.author} said on {when} that {a} and {b} {_MEANING[one.verdict]}."
        if not others:
            yield "The reports say themselves that they are of one event: by one key, or as one refers to the other."
        yield "Until that is settled, no two of these are joined because somebody called them the same."


def _ends(entry: Entry) -> tuple[str, str]:
    a, b = sorted((entry.payload["report_a"], entry.payload["report_b"]))
    return a, b


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A judgement in force.

    Parameters
    ----------
    report_a, report_b, verdict, author : str
    record_a, record_b : str
        The reports as their sources name them.
    note : str or None
    recorded_at : int
        UTC microseconds.
    position : int
    conflict : int or None
        Number, from 1, of the group of judgements with which it cannot be right; None without one.
    """

    report_a: str
    report_b: str
    record_a: str
    record_b: str
    verdict: str
    author: str
    note: str | None
    recorded_at: int
    position: int
    conflict: int | None


def standing(state: State, names: ReportNames) -> tuple[Standing, ...]:
    """Return the judgements in force in the order of the ledger, and which of them contradict one another."""
    rows, _ = canonical_order(names.reports)
    ids = whole(names.reports["report_id"]).take(pa.array(rows))
    said = judgements_in_force(state.history)
    named = sorted({end for one in said for end in (one.report_a, one.report_b)})
    places = pc.index_in(pa.array(named, pa.string()), value_set=ids).to_pylist()
    place = {one: row for one, row in zip(named, places, strict=True) if row is not None}
    conflicts = settle(said, place, len(rows), key_groups(names.reports, rows)).conflicts
    number = {one: n for n, group in enumerate(conflicts, start=1) for one in group}
    found = []
    for entry in judgement_entries(state.history):
        a, b = _ends(entry)
        said_so = Judgement(
            entry.payload["report_a"], entry.payload["report_b"], entry.payload["verdict"], entry.author
        )
        found.append(
            Standing(
                report_a=a,
                report_b=b,
                record_a=names.record(a),
                record_b=names.record(b),
                verdict=entry.payload["verdict"],
                author=entry.author,
                note=entry.payload.get("note"),
                recorded_at=entry.recorded_at,
                position=entry.position,
                conflict=number.get(said_so),
            )
        )
    return tuple(found)
