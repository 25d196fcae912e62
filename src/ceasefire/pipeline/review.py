"""The pairs that wait for a person: the two reports side by side, and what a decision would change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from ceasefire.fusion.consequences import WhatIf
from ceasefire.fusion.judgements import NOT_SAME, SAME, Judgement
from ceasefire.fusion.wording import Wording
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.judgements import follows
from ceasefire.pipeline.matching import judgements_in_force, weights_in_force
from ceasefire.pipeline.report_names import ReportNames
from ceasefire.pipeline.state import State

_LOOKED_AT_LEAST = 30
_LOOKED_AT_FOR_EACH = 3
_TEXT = 160  # letters of a report's text that are shown
QUESTIONS = ("when", "where", "who", "toll", "acts", "text")
"""What the two reports are compared in, side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A pair that waits for a person.

    Parameters
    ----------
    report_a, report_b : str
    record_a, record_b : str
        The reports as their sources name them.
    incident_a, incident_b : str or None
        That they are of at present.
    match_probability : float
        That they are of one event.
    together : bool
        Whether they are in one incident at present.
    pairs_changed : int
        Pairs of reports that would come to one incident, or part, if the present state is wrong.
    changes : float
        That, times the chance that it is wrong: by this the list is ordered.
    says : dict of str to (str, str)
        By `QUESTIONS`: what the one says and what the other says.
    differ : tuple of str
        Of `QUESTIONS`: in which they differ.
    follows : tuple of str
        In words, what becomes of which incidents if the present state is wrong.
    """

    report_a: str
    report_b: str
    record_a: str
    record_b: str
    incident_a: str | None
    incident_b: str | None
    match_probability: float
    together: bool
    pairs_changed: int
    changes: float
    says: dict[str, tuple[str, str]]
    differ: tuple[str, ...]
    follows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What waits for a person.

    Parameters
    ----------
    doubts : tuple of Doubt
        The most consequential first.
    waiting : int
        How many pairs wait in all.
    not_fused : int
        Judgements since reports were last fused: their consequences are counted in, the probabilities are older.
    """

    doubts: tuple[Doubt, ...]
    waiting: int
    not_fused: int


def review(state: State, *, limit: int = 10) -> Review:
    """Return the pairs that wait for a person.

    Those looked at are the first of the table `doubtful`, which estimates; of these, what a decision would change is
    found by clustering the reports around anew.

    Parameters
    ----------
    limit : int
        How many to return; three times as many, and 30 at least, are looked at.

    Raises
    ------
    UsageError
        When `limit` is not positive.
    StaleResultError
        When reports have never been fused.
    """
    if limit < 1:
        raise UsageError(f"No list has {limit} pairs.", "Give --limit 10.")
    names = ReportNames.of(state)
    fused = state.find_fused()
    table = (fused or state.store.published or state.fused()).table("doubtful")
    since = 0 if fused else sum(entry.position > _fused_at(state) for entry in state.history.judgements)
    table = table.filter(pc.and_(*(pc.is_in(table[end], value_set=names.ids) for end in ("report_a", "report_b"))))
    judgements = judgements_in_force(state.history)
    rows = table.slice(0, max(_LOOKED_AT_LEAST, _LOOKED_AT_FOR_EACH * limit) + since).to_pylist()
    weights = weights_in_force(state.history).weights
    register = state.case.actors
    what_if = WhatIf(
        names.reports,
        {row[end] for row in rows for end in ("report_a", "report_b")},
        register=register,
        weights=weights,
        judgements=judgements,
    )
    still = what_if.open_pairs([(row["report_a"], row["report_b"]) for row in rows])
    rows = [row for row, is_open in zip(rows, still, strict=True) if is_open]
    of = {end: group for group in what_if.groups(judgements) for end in group}
    shown = {row[end] for row in rows for end in ("report_a", "report_b")}
    wording = Wording.of(names.take(shown), weights=weights, register=register, zone=state.history.zone)
    doubts = [_doubt(row, of[row["report_a"]] == of[row["report_b"]], what_if, names, wording) for row in rows]
    doubts.sort(key=lambda one: (-one.changes, one.report_a, one.report_b))
    return Review(doubts=tuple(doubts[:limit]), waiting=table.num_rows - still.count(False), not_fused=since)


def _fused_at(state: State) -> int:
    """Return the last position that the fusion people were last shown rests on."""
    published = state.store.published
    return int(published.folder.name.partition("-")[0]) if published else 0


def _doubt(row: dict[str, Any], together: bool, what_if: WhatIf, names: ReportNames, wording: Wording) -> Doubt:
    a, b, probability = row["report_a"], row["report_b"], float(row["match_probability"])
    against = Judgement(a, b, NOT_SAME if together else SAME, "?")
    consequence = what_if.consequence(add=[against])
    says = side_by_side(a, b, wording)
    return Doubt(
        report_a=a,
        report_b=b,
        record_a=names.record(a),
        record_b=names.record(b),
        incident_a=names.incident_of(a),
        incident_b=names.incident_of(b),
        match_probability=probability,
        together=together,
        pairs_changed=consequence.pairs,
        changes=consequence.pairs * (1 - probability if together else probability),
        says=says,
        differ=tuple(question for question, (one, other) in says.items() if one != other and one and other),
        follows=follows(consequence, names),
    )


def side_by_side(report_a: str, report_b: str, wording: Wording) -> dict[str, tuple[str, str]]:
    """Return what two reports say, question by question; nothing where one does not say."""
    return {
        "when": (wording.days(report_a), wording.days(report_b)),
        "where": (wording.where(report_a), wording.where(report_b)),
        "who": (wording.who(report_a), wording.who(report_b)),
        "toll": (wording.toll(report_a), wording.toll(report_b)),
        "acts": (wording.acts(report_a), wording.acts(report_b)),
        "text": (_text(report_a, wording), _text(report_b, wording)),
    }


def _text(report_id: str, wording: Wording) -> str:
    text = " ".join((wording.rows[wording.place[report_id]]["text"] or "").split())
    return text if len(text) <= _TEXT else text[: _TEXT - 2].rsplit(" ", 1)[0] + " …"
