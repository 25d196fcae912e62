"""Signing in and out, and what proves who one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeVar

import msgspec
from anyio import CapacityLimiter, to_thread
from litestar import get, post
from litestar.params import JSONBody

from ceasefire.centre import second_factor
from ceasefire.centre.accounts import Accounts
from ceasefire.centre.asking import Asking, ToldResponse, viewer_of
from ceasefire.centre.passwords import LONGEST, SHORTEST
from ceasefire.centre.refusals import RefusedError
from ceasefire.centre.sessions import Session, Sessions, address_of, cookie_of, session_of
from ceasefire.centre.settings import Settings
from ceasefire.centre.signing_in import SigningIn
from ceasefire.model.errors import UsageError
from ceasefire.model.roles import Role, public
from ceasefire.model.time import instant_text
from ceasefire.release.policy import ANYONE, Operation

Made = TypeVar("Made")

_SIGN_IN = {"operation": Operation.SIGN_IN, "tagged": False}
_HASHING_AT_ONCE = 2
"""Each takes 64 MiB: more tries at once wait their turn, and hold up nobody else."""
_LONGEST_TYPED = 2 * LONGEST


def _text(means: str, *, longest: int, shortest: int = 1) -> msgspec.Meta:
    return msgspec.Meta(min_length=shortest, max_length=longest, description=means)


class PasswordShown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name and password."""

    account: Annotated[str, _text("Name of the account.", longest=100)]
    password: Annotated[str, _text("Its password.", longest=_LONGEST_TYPED)]


class CodeShown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code of the second factor."""

    code: Annotated[str, _text("Six digits of the minute, or a recovery code.", longest=40)]


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A password in place of another."""

    current: Annotated[str, _text("The one held.", longest=_LONGEST_TYPED)]
    new: Annotated[str, _text(f"The new one: {SHORTEST} to {LONGEST} characters, of any kind.", longest=_LONGEST_TYPED)]


class PasswordAgain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password, asked for again."""

    password: Annotated[str, _text("The one held.", longest=_LONGEST_TYPED)]


class PasswordAndCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Password and code, asked for again."""

    password: Annotated[str, _text("The one held.", longest=_LONGEST_TYPED)]
    code: Annotated[str, _text("Six digits of the minute, or a recovery code.", longest=40)]


class SignOut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sessions end."""

    everywhere: Annotated[bool, msgspec.Meta(description="All sessions of the account, or this one.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """Who is asking."""

    mode: Annotated[str, public("laptop: one user, no accounts; centre: there are accounts.")]
    is_signed_in: Annotated[bool, public("Whether somebody is, with nothing due.")]
    due: Annotated[
        str | None, public("What is still due: second-factor, new-password, enrolment; null: nothing, or nobody came.")
    ]
    account: Annotated[str | None, public("Name of the account; null: nobody came, or there are none.")]
    name: Annotated[str | None, public("The person.")]
    roles: Annotated[tuple[Role, ...], public("What they are: one, but for the one user of a laptop.")]
    parties: Annotated[tuple[str, ...], public("Actors that a liaison or guarantor speaks for.")]
    operations: Annotated[tuple[str, ...], public("What they may ask.")]
    has_second_factor: Annotated[bool, public("Whether the account has one.")]
    needs_second_factor: Annotated[bool, public("Whether the role needs one.")]
    recovery_codes_left: Annotated[int, public("Of those that work once.")]
    csrf_token: Annotated[
        str | None, public("To be sent as x-csrf-token with whatever changes something; null: nobody came.")
    ]
    idle_until: Annotated[str | None, public("When the session ends without a request, UTC.")]
    until: Annotated[str | None, public("When it ends at the latest, UTC.")]
    provider: Annotated[
        str | None, public("Through whom one can sign in besides: /api/v1/session/openid; null: nobody.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorOffered:
    """A second factor, to be typed or drawn into an authenticator; told once."""

    secret: Annotated[str, public("In base 32.")]
    address: Annotated[str, public("The same with everything an authenticator asks for, as otpauth://.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodes:
    """A second factor is on."""

    recovery_codes: Annotated[tuple[str, ...], public("Each works once, without the device; told once.")]
    session: Annotated[SessionView, public("The session in place of all others of the account.")]


@get("/session", opt={"operation": Operation.READ_SESSION, "tagged": False}, sync_to_thread=True)
def read_session(request: Asking) -> SessionView:
    """Return who is asking, and what is due before they are signed in."""
    return session_view(request, session_of(request))


@post("/session", opt=_SIGN_IN, status_code=200)
async def sign_in(request: Asking, data: JSONBody[PasswordShown]) -> SessionView:
    """Begin a session with name and password; `due` says what comes next."""
    door = _door(request)
    call = partial(door.by_password, data.account, data.password, address_of(request), session_of(request))
    return _told(request, await _hashing(request, call))


@post("/session/second-factor", opt=_SIGN_IN, status_code=200, sync_to_thread=True)
def show_second_factor(request: Asking, data: JSONBody[CodeShown]) -> SessionView:
    """Show the second factor that is due."""
    return _told(request, _door(request).by_factor(_session(request), data.code, address_of(request)))


@post("/session/password", opt=_SIGN_IN, status_code=200)
async def change_password(request: Asking, data: JSONBody[NewPassword]) -> SessionView:
    """Change one's password; all other sessions of the account end."""
    call = partial(_door(request).change_password, _session(request), data.current, data.new, address_of(request))
    return _told(request, await _hashing(request, call))


@post("/session/second-factor/offer", opt=_SIGN_IN, status_code=200)
async def offer_second_factor(request: Asking, data: JSONBody[PasswordAgain]) -> FactorOffered:
    """Ask for a second factor; it counts once it is confirmed."""
    session = _session(request)
    call = partial(_door(request).offer_factor, session, data.password, address_of(request))
    secret = await _hashing(request, call)
    address = second_factor.address_of(secret, session.holder.account, "ceasefire")
    return FactorOffered(secret=second_factor.written(secret), address=address)


@post("/session/second-factor/confirmation", opt=_SIGN_IN, status_code=200, sync_to_thread=True)
def confirm_second_factor(request: Asking, data: JSONBody[CodeShown]) -> RecoveryCodes:
    """Turn the second factor on with a code of it; all other sessions of the account end."""
    session, codes = _door(request).confirm_factor(_session(request), data.code)
    answer = RecoveryCodes(recovery_codes=tuple(codes), session=session_view(request, session))
    return _with_cookie(request, answer, session.token)


@post("/session/second-factor/removal", opt=_SIGN_IN, status_code=200)
async def remove_second_factor(request: Asking, data: JSONBody[PasswordAndCode]) -> SessionView:
    """Take the second factor away, where the role does not need one."""
    call = partial(_door(request).remove_factor, _session(request), data.password, data.code, address_of(request))
    return _told(request, await _hashing(request, call))


@post("/session/sign-out", opt=_SIGN_IN, status_code=200, sync_to_thread=True)
def sign_out(request: Asking, data: JSONBody[SignOut]) -> SessionView:
    """End this session, or all of the account."""
    session = session_of(request)
    sessions: Sessions = request.app.state.sessions
    if session is not None and data.everywhere:
        sessions.end_all(session.holder.account)
    elif session is not None:
        sessions.end(session.token)
    return _with_cookie(request, session_view(request, None), None)


def session_view(request: Asking, session: Session | None) -> SessionView:
    """Return what one is told of a session; of none, what anyone is."""
    accounts, settings = _accounts(request), _settings(request)
    signed_in = session.viewer if session is not None else ANYONE
    viewer = signed_in if accounts.exist else viewer_of(request)
    holder = session.holder if session is not None else None
    return SessionView(
        mode="centre" if accounts.exist else "laptop",
        is_signed_in=session is not None and session.due is None,
        due=session.due.value if session is not None and session.due else None,
        account=holder.account if holder else None,
        name=holder.name if holder else None,
        roles=tuple(sorted(viewer.roles)),
        parties=tuple(sorted(viewer.parties)),
        operations=tuple(operation.value for operation in viewer.operations),
        has_second_factor=session is not None and session.credential.factor is not None,
        needs_second_factor=holder is not None and holder.role in settings.second_factor_for,
        recovery_codes_left=_door(request).recovery_codes_left(session) if session is not None else 0,
        csrf_token=session.csrf_token if session is not None else None,
        idle_until=_utc(session.idle_until) if session is not None else None,
        until=_utc(session.until) if session is not None else None,
        provider=request.app.state.openid.name if request.app.state.openid is not None else None,
    )


def _told(request: Asking, session: Session) -> SessionView:
    return _with_cookie(request, session_view(request, session), session.token)


def _with_cookie(request: Asking, answer: Made, token: str | None) -> Made:
    """Return an answer that sets the cookie of a session, or takes it away."""
    return ToldResponse(answer, cookies=[cookie_of(_settings(request), token)])  # type: ignore[return-value]


async def _hashing(request: Asking, call: Callable[[], Made]) -> Made:
    limiter: CapacityLimiter = request.app.state.hashing
    return await to_thread.run_sync(call, limiter=limiter)


def hashing_limit() -> CapacityLimiter:
    """Return what keeps passwords from being hashed too many at once."""
    return CapacityLimiter(_HASHING_AT_ONCE)


def _door(request: Asking) -> SigningIn:
    accounts = _accounts(request)
    if not accounts.exist:
        raise UsageError(
            "There are no accounts here: whoever sits at this machine is its owner.",
            "Make one: ceasefire account add NAME --role administrator",
        )
    return SigningIn(accounts, request.app.state.sessions, _settings(request))


def _session(request: Asking) -> Session:
    """Return the session that a request needs.

    Raises
    ------
    RefusedError
        When it brings none.
    """
    session = session_of(request)
    if session is None:
        raise RefusedError(401, "Nobody is signed in, or the session is over.", "Sign in.")
    return session


def _accounts(request: Asking) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


def _settings(request: Asking) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _utc(instant: int) -> str:
    return instant_text(instant).replace("+00:00", "Z")
