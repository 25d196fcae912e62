"""What stands before every route: which host was asked, where the request came from, how long it is; headers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from litestar.types.asgi_types import HTTPDisconnectEvent, HTTPReceiveMessage

from ceasefire.centre.errors import encoded, error_body
from ceasefire.centre.settings import Settings

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default svelte-trusted-html",
    )
)
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Of documents that somebody brought: should a browser show one, nothing in it is run or loaded."""
HEADERS: dict[str, str] = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
}
"""On every answer, errors and static files included."""

UPLOADS = frozenset({"/api/v1/submissions"})
"""Where files of submissions are brought."""
_SANDBOXED = (b"content-security-policy", SANDBOX.encode())
ATTACHMENTS = re.compile(r"/api/v1/case-files/[^/]+/attachments", re.ASCII)
"""Where documents are brought to, which may be larger than anything else that is sent."""
ATTACHMENT_BYTES = 105_000_000
"""Of a document, sent as the bytes that it is; the case's rules set less."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_ADDRESS = 8192


class Gate:
    """Wraps the whole application, so that what no route answers passes it too.

    Parameters
    ----------
    app : ASGI application
    settings : Settings
        Which hosts may be named, how long a request may be.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = settings.hosts
        self._origins = settings.origins
        self._most = settings.most_body_bytes
        self._most_upload = settings.most_upload_bytes
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        self._sandboxed = [_SANDBOXED if name == _SANDBOXED[0] else (name, value) for name, value in self._headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the headers added and the body measured."""
        kind: str = scope["type"]
        if kind == "lifespan":
            await self._app(scope, receive, send)
            return
        if kind != "http":  # there is no web socket
            await send({"type": "websocket.close", "code": 1003, "reason": ""})
            return

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message["headers"])
                ours = self._sandboxed if _SANDBOXED in said else self._headers
                message["headers"] = [*_without(said, ours), *ours]
            await send(message)

        refusal = self._refusal(cast("HTTPScope", scope))
        if refusal is not None:
            await _refuse(send_on, *refusal)
            return
        await self._app(scope, _measured(receive, self._most_of(cast("HTTPScope", scope))), send_on)

    def _refusal(self, scope: HTTPScope) -> tuple[int, str, str] | None:
        """Return status, what and what to do where the request goes no further."""
        said = _Headers(scope["headers"])
        host = said.one("host")
        if host is None or host.lower() not in self._hosts:
            return (
                HTTPStatus.MISDIRECTED_REQUEST,
                f'This server does not go by the name "{host or ""}".',
                f"Open it under one of: {', '.join(sorted(self._hosts))}.",
            )
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > _MOST_ADDRESS:
            return HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long.", "Ask for less at once."
        length = said.one("content-length") or "0"
        most = self._most_of(scope)
        if not length.isdigit() or int(length) > most:
            return (
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The request is longer than {most:,} bytes.",
                "Send less at once.",
            )
        if scope["method"] not in _READS and not self._is_of_our_page(said):
            return (
                HTTPStatus.FORBIDDEN,
                "A change was asked for from a page that is not ours.",
                "Open the centre itself, and do it there.",
            )
        return None

    def _most_of(self, scope: HTTPScope) -> int:
        if scope["path"] in UPLOADS:
            return self._most_upload
        is_document = scope["method"] == "POST" and ATTACHMENTS.fullmatch(scope["path"]) is not None
        return ATTACHMENT_BYTES if is_document else self._most

    def _is_of_our_page(self, said: _Headers) -> bool:
        """Whether a browser says that the request comes from our own origin; one that says nothing is refused."""
        site, origin = said.one("sec-fetch-site"), said.one("origin")
        if site is not None and site != "same-origin":
            return False
        return origin is not None and _plain(origin) in self._origins


class _Headers:
    """A request's headers; one sent twice is as good as not sent."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in headers:
            self._values.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())

    def one(self, name: str) -> str | None:
        values = self._values.get(name, [])
        return values[0] if len(values) == 1 else None


def _plain(origin: str) -> str:
    parts = urlsplit(origin)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _without(headers: Iterable[tuple[bytes, bytes]], ours: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    taken = {name for name, _ in ours} | {b"server"}
    return [(name, value) for name, value in headers if name.lower() not in taken]


def _measured(receive: Receive, most: int) -> Receive:
    """Return a `receive` that ends a body which grows past the limit, whatever its announced length."""
    taken = 0

    async def take() -> HTTPReceiveMessage:
        nonlocal taken
        message = cast("HTTPReceiveMessage", await receive())
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > most:
                return HTTPDisconnectEvent(type="http.disconnect")
        return message

    return take


async def _refuse(send: Send, status: int, what: str, do: str) -> None:
    body = encoded(error_body(status, what=what, do=do))
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
