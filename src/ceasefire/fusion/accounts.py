"""From reports to accounts: what each speaker says, as far as a clause check depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.canonical import whole
from ceasefire.model.claims import Account
from ceasefire.model.rows import Codes, equal_rows, first_rows, list_keys
from ceasefire.model.vocabulary import Answer, Stance

CIVILIANS = "civilians"
_WORDS = ("source_id", "party", "stance", "denial_scope")
_TOLLS = ("killed_best", "killed_high", "killed_civilian_low", "killed_civilian_best", "killed_unknown_best")
_LISTS = ("denied", "acts", "sides", "perpetrators", "targets", "invokes")


def distinct_accounts(reports: pa.Table) -> tuple[list[Account], Codes]:
    """Return the distinct accounts that reports give, and for each report which of them it is.

    Parameters
    ----------
    reports : pa.Table
        Schema `model.schemas.REPORT`, each column in one piece.

    Returns
    -------
    tuple of list of Account, int64 array
        The second of the length of `reports`.
    """
    if not reports.num_rows:
        return [], equal_rows([pa.array([], pa.string())])
    column = {name: whole(reports[name]) for name in (*_WORDS, *_LISTS, *_TOLLS, "alleges")}
    victims = civilian_victims(column)
    codes = equal_rows(
        [
            *(column[name] for name in _WORDS),
            *(_keys(column[name]) for name in _LISTS),
            pc.fill_null(column["alleges"], False),
            victims,
        ]
    )
    firsts = pa.array(first_rows(codes))
    rows = reports.select([*_WORDS, *_LISTS, "alleges"]).take(firsts).to_pylist()
    return [_account(row, said) for row, said in zip(rows, victims.take(firsts).to_pylist(), strict=True)], codes


def _keys(column: pa.Array) -> pa.Array:
    """Return the keys of lists, at once where none holds anything."""
    return list_keys(column) if len(column.flatten()) else pa.repeat("", len(column))


def _account(row: Mapping[str, Any], victims: str) -> Account:
    party, perpetrators = row["party"] or "", tuple(row["perpetrators"] or ())
    accuses = bool(party) and row["stance"] == Stance.ASSERTS and any(one != party for one in perpetrators)
    return Account(
        source_id=row["source_id"],
        party=party,
        stance=row["stance"],
        denial_scope=row["denial_scope"] or "",
        denied=tuple(row["denied"] or ()),
        acts=tuple(row["acts"] or ()),
        sides=tuple(tuple(side or ()) for side in row["sides"] or ()),
        perpetrators=perpetrators,
        targets=tuple(row["targets"] or ()),
        civilian_victims=victims,
        invokes=tuple(row["invokes"] or ()),
        alleges=bool(row["alleges"]) or accuses,
    )


def civilian_victims(column: Mapping[str, pa.Array]) -> pa.Array:
    """Return whether each report speaks of civilian victims: ``yes``, ``no`` or ``undetermined``.

    *Yes* needs a civilian death or civilians as target. *No* needs every figure that could hide one: no civilian
    and no unknown among the dead, and a highest figure that is no higher than the best.
    """
    positive = [
        pc.fill_null(pc.greater(column[name], 0), False) for name in ("killed_civilian_best", "killed_civilian_low")
    ]
    some = pc.or_(pc.or_(*positive), _names_civilians(column["targets"]))
    zero = [pc.fill_null(pc.equal(column[name], 0), False) for name in ("killed_civilian_best", "killed_unknown_best")]
    settled = pc.fill_null(pc.less_equal(column["killed_high"], column["killed_best"]), False)
    none = pc.and_(pc.and_(*zero), settled)
    return pc.if_else(some, Answer.YES.label, pc.if_else(none, Answer.NO.label, Answer.UNDETERMINED.label))


def _names_civilians(targets: pa.Array) -> pa.Array:
    separator = "\x1f"
    keys = pc.binary_join_element_wise(separator, list_keys(targets), "")
    return pc.match_substring(keys, f"{separator}{CIVILIANS}{separator}")
