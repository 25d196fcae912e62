"""Passwords: how they are hashed, which are refused, and those that work once."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ceasefire.model.errors import UsageError

SHORTEST, LONGEST = 12, 256
_FEWEST_DIFFERENT = 5
_STEPS = frozenset({-9, -1, 0, 1, 9})
"""From one character to the next of what runs along the alphabet or the digits, 9 to 0 included."""
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Of what people copy by hand: no letter that looks like a digit."""

# RFC 9106, section 4, second recommended option: three passes over 64 MiB in four lanes.
_HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, salt_len=16)


def plain(password: str) -> str:
    """Return a password in the one form in which it is hashed: keyboards write one letter in several ways."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the Argon2id hash, with its parameters and salt."""
    return _HASHER.hash(plain(password))


def is_right(held: str | None, password: str) -> bool:
    """Whether a password is the one hashed; as slow for no hash at all as for a wrong password.

    Parameters
    ----------
    held : str or None
        The hash; None where there is no such account.
    password : str
        As typed.
    """
    try:
        _HASHER.verify(_nobodys() if held is None else held, plain(password))
    except (VerificationError, InvalidHashError):
        return False
    return held is not None


def is_outdated(held: str) -> bool:
    """Whether a hash was made with other parameters than those of now."""
    return _HASHER.check_needs_rehash(held)


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))


def refuse_weak(password: str, *, account: str, name: str) -> None:
    """Refuse a password that is soon guessed; nothing is asked about kinds of characters.

    Raises
    ------
    UsageError
        When it is too short or long, repeats few characters or runs along them, or holds the account's name.
    """
    text = plain(password)
    remedy = f"Take {SHORTEST} characters or more: four or five words that have nothing to do with each other will do."
    if not SHORTEST <= len(text) <= LONGEST:
        raise UsageError(f"The password has {len(text)} characters; it may have {SHORTEST} to {LONGEST}.", remedy)
    lowered = text.casefold()
    if len(set(lowered)) < _FEWEST_DIFFERENT:
        raise UsageError("The password repeats the same few characters.", remedy)
    if {ord(after) - ord(before) for before, after in pairwise(lowered)} <= _STEPS:
        raise UsageError("The password runs along the alphabet or the digits.", remedy)
    for part in {account, *name.casefold().split()}:
        if len(part) > 3 and part in lowered and len(lowered) - len(part) < SHORTEST:
            raise UsageError("The password is little more than your own name.", remedy)


def one_time_password() -> str:
    """Return a password of 24 letters (118 bits) that an administrator hands over, to be replaced at first use.

    Examples
    --------
    >>> [len(group) for group in one_time_password().split("-")]
    [6, 6, 6, 6]
    """
    return copied_by_hand(groups=4, length=6)


def copied_by_hand(*, groups: int, length: int) -> str:
    """Return random letters in groups."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(length)) for _ in range(groups))
