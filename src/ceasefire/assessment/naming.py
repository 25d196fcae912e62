"""Whom the accounts of an incident name, by the ties of its day: the parties, and the groups that clauses leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceasefire.model.claims import Account, read_claims
from ceasefire.model.time import EARLIEST
from ceasefire.model.vocabulary import Stance

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case


class Exempt(IntEnum):
    """Whether an incident is a fight of a group that clauses leave out."""

    NO = 0
    PERHAPS = 1
    """By some accounts and not by others."""
    YES = 2


class Naming:
    """Answers by incident, each worked out once for incidents of which the same is said under the same ties.

    Parameters
    ----------
    case : Case
    incidents : Table
        Schema `model.schemas.INCIDENT`.
    """

    def __init__(self, case: Case, incidents: pa.Table) -> None:
        self._case = case
        self._changes = np.array(case.actors.change_instants(), dtype=np.int64)
        claims = incidents["claims"].cast(pa.string()).combine_chunks().dictionary_encode()
        self._accounts = [read_claims(text) for text in claims.dictionary.to_pylist()]
        code = np.asarray(pc.fill_null(claims.indices, -1), dtype=np.int64)
        self.instant = np.asarray(pc.fill_null(incidents["occurred_from"].cast(pa.int64()), EARLIEST), dtype=np.int64)
        segment = np.searchsorted(self._changes, self.instant, side="right")
        self._pairs, self._which = np.unique(np.column_stack([code, segment]), axis=0, return_inverse=True)
        self._which = self._which.ravel()

    def exempt(self) -> NDArray[np.uint8]:
        """Return `Exempt` values, shape (n_incidents,): whether a group that a prohibition leaves out took part."""
        groups = {
            actor
            for clause in self._case.clauses.values()
            if clause.kind == "prohibits"
            for actor in clause.targets.exempt
        }

        def answer(accounts: Iterable[Account], instant: int) -> int:
            said = [self._names(account, groups, instant) for account in accounts if _named(account)]
            if not any(said):
                return Exempt.NO
            return Exempt.YES if all(said) else Exempt.PERHAPS

        return self._by_pair(answer)

    def acting(self, party: str) -> NDArray[np.bool_]:
        """Return which incidents some account has a party, or one that belonged to it then, do or be a side of."""

        def answer(accounts: Iterable[Account], instant: int) -> int:
            doing = {actor for account in accounts for actor in _doing(account)}
            return any(self._case.actors.belongs_to(actor, party, instant) for actor in doing)

        return self._by_pair(answer).astype(bool)

    def facing(self, party: str, other: str) -> NDArray[np.bool_]:
        """Return which incidents some account has as a fight or attack between two actors, as it names them."""

        def answer(accounts: Iterable[Account], _: int) -> int:
            return any((party, other) in _pairs(account) or (other, party) in _pairs(account) for account in accounts)

        return self._by_pair(answer).astype(bool)

    def pairs(self, chosen: NDArray[np.bool_]) -> list[tuple[tuple[str, str], int]]:
        """Return the pairs of actors that accounts of chosen incidents have facing each other, the most often first.

        Names stand as the accounts give them; the two of a pair are in the order of their ids.
        """
        counted: dict[tuple[str, str], int] = {}
        numbers = np.bincount(self._which[chosen], minlength=len(self._pairs))
        for (code, _), number in zip(self._pairs.tolist(), numbers.tolist(), strict=True):
            if code < 0 or not number:
                continue
            said = {(min(pair), max(pair)) for account in self._accounts[code] for pair in _pairs(account)}
            for pair in said:
                counted[pair] = counted.get(pair, 0) + number
        return sorted(counted.items(), key=lambda item: (-item[1], item[0]))

    def accuses(self, accused: pa.ChunkedArray, rows: NDArray[np.int64], party: str) -> NDArray[np.bool_]:
        """Return which findings accuse a party or one that belonged to it when the incident began.

        Parameters
        ----------
        accused : ChunkedArray
            Actor ids, length f.
        rows : ndarray of int64, shape (f,)
            Of the incidents' table; -1 for none.
        """
        coded = accused.cast(pa.string()).combine_chunks().dictionary_encode()
        names = coded.dictionary.to_pylist()
        code = np.asarray(pc.fill_null(coded.indices, -1), dtype=np.int64)
        segment = np.searchsorted(self._changes, self.instant[rows], side="right")
        pairs, which = np.unique(np.column_stack([code, segment]), axis=0, return_inverse=True)
        belongs = [
            number >= 0 and self._case.actors.belongs_to(names[number], party, self._instant_of(at))
            for number, at in pairs.tolist()
        ]
        return np.array(belongs, dtype=bool)[which.ravel()] if len(pairs) else np.zeros(0, dtype=bool)

    def _names(self, account: Account, groups: set[str], instant: int) -> bool:
        actors = self._case.actors
        return any(
            groups & (actors.groups_of(actor, instant) | actors.listed_under(actor, instant))
            for actor in _named(account)
        )

    def _by_pair(self, answer: Callable[[Iterable[Account], int], int]) -> NDArray[np.uint8]:
        found = [
            answer(self._accounts[code], self._instant_of(segment)) if code >= 0 else 0
            for code, segment in self._pairs.tolist()
        ]
        return np.array(found, dtype=np.uint8)[self._which] if found else np.zeros(0, dtype=np.uint8)

    def _instant_of(self, segment: int) -> int:
        return EARLIEST if segment == 0 else int(self._changes[segment - 1])


def _doing(account: Account) -> set[str]:
    if account.stance == Stance.DENIES:
        return set()
    return {*account.perpetrators, *(actor for side in account.sides for actor in side)}


def _named(account: Account) -> set[str]:
    return _doing(account) | (set() if account.stance == Stance.DENIES else set(account.targets))


def _pairs(account: Account) -> set[tuple[str, str]]:
    """Return who faces whom by an account: side against side, and who did it against whom it hit."""
    if account.stance == Stance.DENIES:
        return set()
    sides = account.sides
    facing = {(a, b) for number, side in enumerate(sides) for other in sides[number + 1 :] for a in side for b in other}
    return facing | {(a, b) for a in account.perpetrators for b in account.targets}
