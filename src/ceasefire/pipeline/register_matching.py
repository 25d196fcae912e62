"""The entries of two open lists, matched as reports are: proposals for people, under what people said before."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ceasefire.casework.registers.entries import Proposal, Verdict
from ceasefire.fusion.judgements import NOT_SAME, SAME, Judgement
from ceasefire.fusion.two_lists import COVERS, ONLY_A, ONLY_B, compare_lists
from ceasefire.pipeline.history import History
from ceasefire.pipeline.matching import weights_in_force
from ceasefire.pipeline.register_lists import report_id, reports_of

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.casework.registers.records import RegisterDay
    from ceasefire.ledger.ledger import Ledger

BUILT_IN = "built-in weights"


def match_lists(register_day: RegisterDay, *, case: Case, ledger: Ledger) -> tuple[str, tuple[Proposal, ...]]:
    """Return by which weights two lists were matched, and the proposals.

    Parameters
    ----------
    register_day : RegisterDay
        With both lists open; entries added by amendment are matched as well.
    case : Case
        Its register says who belongs to whom.
    ledger : Ledger
        Has the weights in force.
    """
    weights = weights_in_force(History.read(ledger))
    method = f"weights of entry {weights.entry.position}" if weights.entry else BUILT_IN
    a, b = register_day.parties
    tables = [reports_of(register_day.entries(party), party=party) for party in (a, b)]
    if not all(table.num_rows for table in tables):
        return method, ()
    compared = compare_lists(
        tables[0],
        tables[1],
        register=case.actors,
        weights=weights.weights,
        judgements=tuple(_judgements(register_day)),
    )
    names = {report_id(party, entry.no): entry.no for party in (a, b) for entry in register_day.entries(party)}
    return method, tuple(_proposals(compared.table.to_pylist(), names))


def _judgements(register_day: RegisterDay) -> Iterator[Judgement]:
    a, b = register_day.parties
    for (no_a, no_b), said in register_day.settled.items():
        verdict = SAME if said[-1].verdict is Verdict.ONE_EVENT else NOT_SAME
        yield Judgement(report_id(a, no_a), report_id(b, no_b), verdict)


def _proposals(rows: list[dict[str, Any]], names: dict[str, str]) -> Iterator[Proposal]:
    for row in rows:
        if row["group"] in (ONLY_A, ONLY_B):
            continue
        beside = tuple(names[one] for one in row["candidates"])
        of_b = not row["entries_a"]
        yield Proposal(
            group=row["group"],
            entries_a=tuple(names[one] for one in row["entries_a"]),
            entries_b=tuple(names[one] for one in row["entries_b"]),
            candidates_a=beside if of_b else (),
            candidates_b=() if of_b else beside,
            match_probability=None if row["group"] == COVERS else _rounded(row["match_probability"]),
            differs=tuple(row["differs"] or ()),
            days_apart=_rounded(row["days_apart"]),
            km_apart=_rounded(row["km_apart"]),
            killed_apart=row["killed_apart"],
            injured_apart=row["injured_apart"],
        )


def _rounded(value: float | None) -> float | None:
    """Return a number as the ledger keeps it: six digits, nothing that two machines would write differently."""
    return None if value is None or not math.isfinite(value) else round(value, 6)
