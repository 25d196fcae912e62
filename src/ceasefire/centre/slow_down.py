"""Guessing is slowed: each wrong try of one account from one address, of one account, and from one address, counts.

A try is counted before it is looked at, so that many at once are no way around; a sign-in that succeeds takes back what
its account had against it. Names are kept as keyed digests: people type passwords where the name belongs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from ceasefire.centre.credentials import Credentials
from ceasefire.centre.refusals import RefusedError

_SECOND = 1_000_000
_FORGOTTEN_AFTER = 24 * 3600 * _SECOND
LONGEST_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted together, and how many wrong tries of it are free."""

    name: str
    free: int


PAIR, ACCOUNT, ADDRESS = Measure("pair", 5), Measure("account", 25), Measure("address", 20)
"""One address cannot shut an account to all others before it is itself shut out."""


def wait_seconds(failures: int, free: int) -> int:
    """Return how long to wait after the last wrong try.

    Examples
    --------
    >>> [wait_seconds(failures, 5) for failures in (4, 5, 6, 9, 30)]
    [0, 1, 2, 16, 900]
    """
    return 0 if failures < free else min(2 ** min(failures - free, 20), LONGEST_SECONDS)


class SlowDown:
    """The wrong tries of a centre.

    Parameters
    ----------
    credentials : Credentials
        Where they are kept: all workers of a server count together.
    clock : callable
        Returns now, UTC microseconds.
    """

    def __init__(self, credentials: Credentials, clock: Callable[[], int]) -> None:
        self._credentials = credentials
        self._clock = clock

    def begin(self, account: str, address: str) -> None:
        """Count a try.

        Raises
        ------
        RefusedError
            When it is too soon after those before; this one is then not counted, and must not be looked at.
        """
        now = self._clock()
        with self._credentials.writing():
            held = [self._held(key, now) for _, key in self._keys(account, address)]
            waits = [
                _left(wait_seconds(failures, measure.free) * _SECOND, now - last_at)
                for (measure, _), (failures, last_at) in zip(self._keys(account, address), held, strict=True)
            ]
            longest = max(waits)
            if longest <= 0:
                for (_, key), (failures, _) in zip(self._keys(account, address), held, strict=True):
                    self._credentials.change("REPLACE INTO tries VALUES (?, ?, ?)", key, failures + 1, now)
        if longest > 0:
            raise _too_soon(-(-longest // _SECOND))

    def succeeded(self, account: str, address: str) -> None:
        """Take back what an account has against it, and this one try of the address."""
        with self._credentials.writing():
            for measure, key in self._keys(account, address):
                if measure is ADDRESS:
                    self._credentials.change("UPDATE tries SET failures = max(failures - 1, 0) WHERE key = ?", key)
                else:
                    self._credentials.change("DELETE FROM tries WHERE key = ?", key)

    def _keys(self, account: str, address: str) -> list[tuple[Measure, bytes]]:
        keyed = self._credentials.keyed
        return [
            (PAIR, keyed(PAIR.name, account, address)),
            (ACCOUNT, keyed(ACCOUNT.name, account)),
            (ADDRESS, keyed(ADDRESS.name, address)),
        ]

    def _held(self, key: bytes, now: int) -> tuple[int, int]:
        row = self._credentials.row("SELECT failures, last_at FROM tries WHERE key = ?", key)
        if row is None or now - row[1] > _FORGOTTEN_AFTER:
            return 0, 0
        return int(row[0]), int(row[1])


def _left(wait: int, passed: int) -> int:
    """Return what is left of a wait; a clock that was put back makes none longer."""
    return min(wait, wait - passed)


def _too_soon(seconds: int) -> RefusedError:
    return RefusedError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "There were too many wrong tries.",
        f"Wait {seconds} {'second' if seconds == 1 else 'seconds'}, and try again.",
        why="Each one more doubles the wait, so that nobody can go through passwords.",
        headers={"retry-after": str(seconds)},
    )
