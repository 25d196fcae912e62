"""What is said of an incident, in the compact form that the clause check reads.

Reports differ in wording but a check depends only on who is said to have done what to whom and on whose
word. `Account` holds just that, and an incident's accounts, sorted and without repeats, are its `claims`:
canonical JSON, so that a million incidents with the same logical content share one dictionary entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ceasefire.model.canonical import canonical_json


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Account:
    """What one speaker says of one event, as far as a clause check depends on it.

    Parameters
    ----------
    source_id : str
        Who speaks.
    party : str
        The actor the source speaks for; empty for a source that is nobody's delegation.
    stance : str
        A `Stance` value.
    denial_scope : str
        A `DenialScope` value; empty unless the stance is *denies*.
    denied : tuple of str
        `DeniedQuestion` values.
    acts : tuple of str
        Act codes; empty where the speaker does not say.
    sides : tuple of tuple of str
        Actor ids of the sides of a clash whose direction the speaker does not give.
    perpetrators, targets : tuple of str
        Actor ids; a target may be ``civilians``.
    civilian_victims : str
        ``yes``, ``no`` or ``undetermined``.
    invokes : tuple of str
        Kinds of exception the speaker invokes.
    alleges : bool
        Whether the speaker calls it a breach, or names who did it while speaking for a party.
    """

    source_id: str
    party: str = ""
    stance: str = "asserts"
    denial_scope: str = ""
    denied: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    sides: tuple[tuple[str, ...], ...] = ()
    perpetrators: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    civilian_victims: str = "undetermined"
    invokes: tuple[str, ...] = ()
    alleges: bool = False


def write_claims(accounts: Iterable[Account]) -> str:
    """Return the canonical JSON of `accounts`, sorted, each once.

    Examples
    --------
    >>> write_claims([Account(source_id="a")]) == write_claims([Account(source_id="a")] * 2)
    True
    """
    defaults = asdict(Account(source_id=""))
    return canonical_json(
        [
            {key: value for key, value in asdict(account).items() if key == "source_id" or value != defaults[key]}
            for account in sorted(set(accounts))
        ]
    )


def read_claims(claims: str) -> tuple[Account, ...]:
    """Read what `write_claims` wrote."""
    return tuple(Account(**_immutable(account)) for account in json.loads(claims))


def _immutable(account: dict[str, Any]) -> dict[str, Any]:
    """Turn JSON lists back into tuples."""
    return {
        key: tuple(tuple(part) if isinstance(part, list) else part for part in value)
        if isinstance(value, list)
        else value
        for key, value in account.items()
    }
