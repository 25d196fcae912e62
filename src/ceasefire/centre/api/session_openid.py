"""Signing in through an OpenID provider: out to it, and back. Browsers come here, programs have no use for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from anyio import to_thread
from litestar import Response, get
from litestar.datastructures import Cookie

from ceasefire.centre.asking import Asking, ToldResponse
from ceasefire.centre.openid import OpenId
from ceasefire.centre.refusals import RefusedError
from ceasefire.centre.sessions import Session, Sessions, cookie_of, session_of
from ceasefire.centre.settings import Settings
from ceasefire.release.policy import Operation

PATH = "/session/openid"
_BACK = "/api/v1/session/openid/callback"
_BROWSERS = {"operation": Operation.SIGN_IN, "tagged": False}
_MINUTES = 10


@get(PATH, opt=_BROWSERS, include_in_schema=False, status_code=HTTPStatus.FOUND)
async def begin_openid(request: Asking) -> Response[None]:
    """Send a browser to the provider."""
    provider, settings = _provider(request), _settings(request)
    redirect_uri = f"{settings.scheme}://{request.headers['host']}{_BACK}"  # the gate knows the host for one of ours
    begun = await to_thread.run_sync(provider.begin, redirect_uri)
    return _sent_to(begun.address, _cookie(settings, begun.handle))


@get(
    f"{PATH}/callback", opt={**_BROWSERS, "any_parameter": True}, include_in_schema=False, status_code=HTTPStatus.FOUND
)
async def finish_openid(request: Asking) -> Response[None]:
    """Take a browser back; the second factor, where one is due, is asked for here as after a password."""
    provider, settings = _provider(request), _settings(request)
    answer = dict(request.query_params.items())
    handle, before = request.cookies.get(cookie_name(settings)), session_of(request)

    def come() -> Session:
        holder = provider.finish(answer, handle)
        sessions: Sessions = request.app.state.sessions
        if before is not None:
            sessions.end(before.token)
        return sessions.open(holder, factor_shown=False)

    session = await to_thread.run_sync(come)
    return _sent_to("/sign-in", cookie_of(settings, session.token), _cookie(settings, None))


def cookie_name(settings: Settings) -> str:
    """Return what the cookie of a sign-in that was begun is called."""
    return "__Secure-ceasefire-openid" if settings.scheme == "https" else "ceasefire-openid"


def _cookie(settings: Settings, handle: str | None) -> Cookie:
    return Cookie(
        key=cookie_name(settings),
        value=handle or "",
        max_age=_MINUTES * 60 if handle else 0,
        path=_BACK,
        httponly=True,
        secure=settings.scheme == "https",
        samesite="lax",  # it must come along when the provider sends the browser back
    )


def _sent_to(address: str, *cookies: Cookie) -> Response[Any]:
    headers = {"location": address, "cache-control": "no-store"}
    return ToldResponse(None, status_code=HTTPStatus.FOUND, headers=headers, cookies=list(cookies))


def _provider(request: Asking) -> OpenId:
    provider: OpenId | None = request.app.state.openid
    if provider is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, "No provider is set up here.", "Sign in with name and password.")
    return provider


def _settings(request: Asking) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
