"""The address of a PostgreSQL database, taken apart so that a password is never shown or written down."""

from __future__ import annotations

import re

from ceasefire.model.errors import UsageError

_ADDRESS = re.compile(
    r"(?P<scheme>postgres(?:ql)?)://"
    r"(?:(?P<user>[^@:/?#\s]*)(?::(?P<password>[^@:/?#\s]*))?@)?"
    r"(?P<host>[^@/?#\s]*)(?P<database>/[^@/?#\s]*)?(?:\?(?P<query>[^@#\s]*))?"
)
_SECRET = re.compile(r"(?:password|sslpassword)=", re.IGNORECASE)


def without_password(address: str) -> str:
    """Return an address as it may be shown and written down.

    Raises
    ------
    UsageError
        When it cannot be read as an address; the message does not repeat it, since what cannot be read may be a secret.

    Examples
    --------
    >>> without_password("postgresql://centre:secret@db.mission.example:5433/ledger?sslmode=require&password=secret")
    'postgresql://centre@db.mission.example:5433/ledger?sslmode=require'
    >>> without_password("postgresql:///?service=mission")
    'postgresql:///?service=mission'
    """
    parts = _ADDRESS.fullmatch(address.strip())
    if parts is None:
        raise UsageError(
            "The address of the database cannot be read; it is not repeated here, as it may hold a password.",
            "Write postgresql://USER@HOST:PORT/DATABASE, with %40 for @, %2F for / and %3A for : within a part.",
        )
    user = f"{parts['user']}@" if parts["user"] else ""
    options = [option for option in (parts["query"] or "").split("&") if option and not _SECRET.match(option)]
    query = f"?{'&'.join(options)}" if options else ""
    return f"{parts['scheme']}://{user}{parts['host']}{parts['database'] or ''}{query}"


def has_password(address: str) -> bool:
    """Say whether an address that can be read holds a password."""
    parts = _ADDRESS.fullmatch(address.strip())
    options = (parts["query"] or "").split("&") if parts else []
    return parts is not None and bool(parts["password"] or any(map(_SECRET.match, options)))
