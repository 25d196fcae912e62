"""Sessions: a random token in a cookie that no script reads, kept on the server as its hash.

A session ends after a while without a request, after a day's shift whatever happens, when its holder signs out, gets
another role, is disabled or reset. Its token is replaced whenever more is proven with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from litestar.datastructures import Cookie

from ceasefire.centre.accounts import Accounts, Holder
from ceasefire.centre.credentials import Credential
from ceasefire.centre.refusals import RefusedError
from ceasefire.centre.settings import Connection, Settings, owner
from ceasefire.release.policy import ANYONE, Viewer

if TYPE_CHECKING:
    from litestar.handlers import BaseRouteHandler

TOKEN_HEADER = "x-csrf-token"  # noqa: S105
"""Carries what `SessionView.csrf_token` says, with whatever changes something."""
_TOKEN_BYTES = 32
_SECOND = 1_000_000
_SEEN_EVERY = 60 * _SECOND
"""That a session is in use is written down no more often than this."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Due(StrEnum):
    """What stands between a right password and being signed in."""

    SECOND_FACTOR = "second-factor"
    NEW_PASSWORD = "new-password"  # noqa: S105
    """The one given was issued by somebody else."""
    ENROLMENT = "enrolment"
    """The role needs a second factor, and the account has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session, as a request brings it.

    Parameters
    ----------
    token : str
        What its cookie holds.
    holder : Holder
        Whose it is.
    credential : Credential
        What proved it.
    factor_shown : bool
        Whether a second factor was shown in it.
    due : Due or None
        What is still to be done before it counts as signed in.
    idle_until, until : int
        When it ends without a request, and when it ends at the latest: UTC microseconds.
    """

    token: str
    holder: Holder
    credential: Credential
    factor_shown: bool
    due: Due | None
    idle_until: int
    until: int

    @property
    def csrf_token(self) -> str:
        """What a page of ours sends with a change, and no other page can know."""
        return hmac.digest(self.token.encode(), b"csrf", hashlib.sha256).hex()

    @property
    def viewer(self) -> Viewer:
        """Who asks: the public, as long as something is due."""
        if self.due is not None:
            return ANYONE
        holder = self.holder
        return Viewer(name=holder.account, roles=frozenset({holder.role}), parties=frozenset(holder.parties))


class Sessions:
    """The sessions of a centre.

    Parameters
    ----------
    accounts : Accounts
        Whose they are.
    settings : Settings
        How long they last, and which roles need a second factor.
    """

    def __init__(self, accounts: Accounts, settings: Settings) -> None:
        self._accounts = accounts
        self._settings = settings

    def open(self, holder: Holder, *, factor_shown: bool) -> Session:
        """Begin a session, with a token that nobody knew before."""
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._accounts.clock()
        credentials = self._accounts.credentials
        with credentials.writing():
            credentials.change("DELETE FROM sessions WHERE seen_at < ? OR began_at < ?", *self._oldest(now))
            credentials.change(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)",
                _hashed(token), holder.account, holder.position, int(factor_shown), now, now,
            )  # fmt: skip
        found = self.find(token)
        if found is None:  # shut between the two: the same answer as a moment later
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "The account was just changed.", "Sign in again.")
        return found

    def find(self, token: str | None, *, is_request: bool = True) -> Session | None:
        """Return the session of a token; None where it has none any more.

        Parameters
        ----------
        token : str or None
            What the cookie holds.
        is_request : bool
            Whether somebody asks: it puts off the end of a session that is not used.
        """
        if not token:
            return None
        credentials = self._accounts.credentials
        row = credentials.row(
            "SELECT account, standing, factor_shown, began_at, seen_at FROM sessions WHERE token = ?", _hashed(token)
        )
        if row is None:
            return None
        account, standing, factor_shown, began_at, seen_at = row
        now = self._accounts.clock()
        oldest_seen, oldest_began = self._oldest(now)
        holder = self._accounts.roll().holders.get(account)
        credential = credentials.find(account)
        if (
            holder is None
            or credential is None
            or not holder.is_enabled
            or holder.position != standing  # another role since
            or seen_at < oldest_seen
            or began_at < oldest_began
        ):
            self.end(token)
            return None
        if is_request and now - seen_at >= _SEEN_EVERY:
            credentials.change("UPDATE sessions SET seen_at = ? WHERE token = ?", now, _hashed(token))
            seen_at = now
        return Session(
            token=token,
            holder=holder,
            credential=credential,
            factor_shown=bool(factor_shown),
            due=self._due(holder, credential, bool(factor_shown)),
            idle_until=min(seen_at + self._settings.idle_minutes * 60 * _SECOND, began_at + self._longest),
            until=began_at + self._longest,
        )

    def end(self, token: str) -> None:
        """End one session."""
        self._accounts.credentials.change("DELETE FROM sessions WHERE token = ?", _hashed(token))

    def end_all(self, account: str) -> None:
        """End all sessions of an account."""
        self._accounts.credentials.change("DELETE FROM sessions WHERE account = ?", account)

    def replaced(self, session: Session, *, factor_shown: bool | None = None, everywhere: bool = False) -> Session:
        """Return a session with a new token in place of one, or of all of its account; the old are worth nothing."""
        shown = session.factor_shown if factor_shown is None else factor_shown
        if everywhere:
            self.end_all(session.holder.account)
        else:
            self.end(session.token)
        return self.open(session.holder, factor_shown=shown)

    @property
    def _longest(self) -> int:
        return self._settings.longest_hours * 3600 * _SECOND

    def _oldest(self, now: int) -> tuple[int, int]:
        return now - self._settings.idle_minutes * 60 * _SECOND, now - self._longest

    def _due(self, holder: Holder, credential: Credential, factor_shown: bool) -> Due | None:
        if credential.factor is not None and not factor_shown:
            return Due.SECOND_FACTOR
        if credential.one_time_until is not None:
            return Due.NEW_PASSWORD
        if credential.factor is None and holder.role in self._settings.second_factor_for:
            return Due.ENROLMENT
        return None


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def cookie_name(settings: Settings) -> str:
    """Return what the cookie is called: under TLS so that no other host, and nothing unencrypted, can set it."""
    return "__Host-ceasefire" if settings.scheme == "https" else "ceasefire-session"


def cookie_of(settings: Settings, token: str | None) -> Cookie:
    """Return the cookie that carries a token; without one, that which takes it away."""
    return Cookie(
        key=cookie_name(settings),
        value=token or "",
        max_age=None if token else 0,  # the server knows when it ends; the browser forgets it when closed
        path="/",
        httponly=True,
        secure=settings.scheme == "https",
        samesite="strict",
    )


def session_of(connection: Connection) -> Session | None:
    """Return the session that a request brings; found once a request."""
    state: dict[str, Any] = connection.scope["state"]
    if "session" not in state:
        sessions: Sessions = connection.app.state.sessions
        accounts: Accounts = connection.app.state.accounts
        token = connection.cookies.get(cookie_name(connection.app.state.settings))
        state["session"] = sessions.find(token) if token and accounts.exist else None
    found: Session | None = state["session"]
    return found


def who_asks(connection: Connection) -> Viewer:
    """Return who is asking: the owner of a laptop; where there are accounts, whoever's session it is."""
    accounts: Accounts = connection.app.state.accounts
    if not accounts.exist:
        return owner(connection)
    session = session_of(connection)
    return ANYONE if session is None else session.viewer


def is_still(connection: Connection, viewer: Viewer) -> bool:
    """Whether the one who began a long answer may still be given it: signed in, in the same role."""
    settings: Settings = connection.app.state.settings
    accounts: Accounts = connection.app.state.accounts
    if settings.identify is not None:
        return True
    if not accounts.exist:
        return viewer == owner(connection)
    sessions: Sessions = connection.app.state.sessions
    session = sessions.find(connection.cookies.get(cookie_name(settings)), is_request=False)
    return viewer == (ANYONE if session is None else session.viewer)


def refuse_forged(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Stop a change that comes with somebody's cookie and without what a page of ours would send.

    Raises
    ------
    RefusedError
        When the header is missing or another session's.
    """
    if str(connection.scope.get("method", "GET")) in _READS:
        return
    session = session_of(connection)
    if session is None:
        return
    said = connection.headers.getall(TOKEN_HEADER, [])
    if len(said) != 1 or not hmac.compare_digest(said[0].encode(), session.csrf_token.encode()):
        raise RefusedError(
            HTTPStatus.FORBIDDEN,
            "A change was asked for without the token of your session.",
            f"Reload the page; a program sends `csrf_token` of /api/v1/session as {TOKEN_HEADER}.",
            why="Another page may have sent it in your name.",
        )


def address_of(connection: Connection) -> str:
    """Return from where a request comes: behind a proxy of ours, what that proxy saw."""
    settings: Settings = connection.app.state.settings
    if settings.is_behind_proxy:
        said = ",".join(connection.headers.getall("x-forwarded-for", [])).rsplit(",", 1)[-1].strip()
        if said:
            return said
    client = connection.client
    return client.host if client is not None else ""
