"""Fusing the latest state: weights learned where they are due, reports fused, what moved since written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.derived import Derived
from ceasefire.pipeline.engines import Fuser
from ceasefire.pipeline.matching import (
    FEWEST_TO_LEARN_FROM,
    RELEARN_AFTER,
    enough_to_learn_from,
    judgements_in_force,
    learn,
    weights_in_force,
)
from ceasefire.pipeline.progress import Progress, silent
from ceasefire.pipeline.state import State
from ceasefire.pipeline.succession import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """What fusing came to.

    Parameters
    ----------
    state : State
        After what was recorded on the way.
    derived : Derived
        The tables.
    already_derived : bool
        Whether they were there, so that nothing was computed.
    learned : bool
        Whether weights were learned and recorded first.
    moved : Entry or None
        That says which reports are of other incidents than was published before; None where none are.
    """

    state: State
    derived: Derived
    already_derived: bool
    learned: bool = False
    moved: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FuseResult:
    """What `Workspace.fuse` did.

    Parameters
    ----------
    position : int
        Of the ledger entry that the incidents rest on.
    already_derived, case_adopted : bool
        Whether the results were there; whether the case folder had changed and was recorded anew.
    reports, incidents, joined, totals, doubtful : int
        Reports; incidents; reports that share theirs with others; reports that only count what other incidents hold;
        pairs that wait for a person.
    weights : dict
        Those in force: ``position`` of their entry, ``recorded_at`` in UTC microseconds, ``reports`` and
        ``judgements`` they were learned from, ``origin``; the first two null for the built-in ones.
    learned : bool
        Whether they were learned now.
    judgements : int
        In force.
    judgements_until_relearning : int
        After how many more to learn anew would help; 0: now.
    conflicts : int
        Groups of judgements that cannot all be right.
    moved_reports : int
        Reports of other incidents than was published before.
    on_top_of : int or None
        The ledger position of the earlier fusion on top of which only what is new was fused; None where all was.
    """

    position: int
    already_derived: bool
    case_adopted: bool
    reports: int
    incidents: int
    joined: int
    totals: int
    doubtful: int
    weights: dict[str, Any]
    learned: bool
    judgements: int
    judgements_until_relearning: int
    conflicts: int
    moved_reports: int
    on_top_of: int | None = None


def fuse_latest(
    state: State,
    *,
    relearn: bool = False,
    fuser: Fuser | None = None,
    ledger: Ledger,
    author: str,
    progress: Progress = silent,
) -> Fused:
    """Fuse the latest state, unless it has been.

    Weights are learned first when there are none yet and enough to learn from, or when somebody asks for it.

    Raises
    ------
    UsageError
        When weights are to be learned from too little.
    """
    held = state.find_fused()
    learned = False
    if relearn or (held is None and not state.history.weights):
        learned = _learned(state, relearn=relearn, ledger=ledger, author=author, progress=progress)
        if learned:
            state = state.after(ledger)
            held = None
    derived = held or state.fuse(progress, fuser=fuser)
    moved = publish(state, derived, ledger=ledger, author=author)
    if moved is not None:
        state = state.after(ledger)
    return Fused(state=state, derived=derived, already_derived=held is not None, learned=learned, moved=moved)


def fuse_result(fused: Fused, *, case_adopted: bool) -> FuseResult:
    """Return what fusing came to, in numbers."""
    derived, history = fused.derived, fused.state.history
    weights = weights_in_force(history)
    built_in: dict[str, Any] = {"reports": 0, "judgements": 0, "origin": "built-in"}
    said = weights.entry.payload if weights.entry else built_in
    judgements = len(judgements_in_force(history))
    return FuseResult(
        position=history.basis.position,
        already_derived=fused.already_derived,
        case_adopted=case_adopted,
        reports=derived.rows("reports"),
        incidents=derived.rows("incidents"),
        joined=derived.notes["joined"],
        totals=derived.notes["totals"],
        doubtful=derived.rows("doubtful"),
        weights={
            "position": weights.entry.position if weights.entry else None,
            "recorded_at": weights.entry.recorded_at if weights.entry else None,
            **{key: said[key] for key in ("reports", "judgements", "origin")},
        },
        learned=fused.learned,
        judgements=judgements,
        judgements_until_relearning=max(said["judgements"] + RELEARN_AFTER - judgements, 0),
        conflicts=len(derived.notes["conflicts"]),
        moved_reports=fused.moved.payload["reports"] if fused.moved else 0,
        on_top_of=derived.notes.get("on_top_of"),
    )


def _learned(state: State, *, relearn: bool, ledger: Ledger, author: str, progress: Progress) -> bool:
    progress("reading the record", 0, 0)
    reports = state.reports
    if not enough_to_learn_from(reports):
        if relearn:
            raise UsageError(
                f"There is too little to learn matching weights from: it takes {FEWEST_TO_LEARN_FROM:,} reports of two "
                "sources that their own keys do not tell apart.",
                "Import more, and fuse without --relearn until then.",
            )
        return False
    learn(
        reports,
        register=state.case.actors,
        judgements=judgements_in_force(state.history),
        origin="relearned" if state.history.weights else "first",
        ledger=ledger,
        author=author,
        progress=progress,
    )
    return True
