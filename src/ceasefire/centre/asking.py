"""One request: who asks, what, on which state of the record; and its answer, cut to what they may see."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from anyio import to_thread
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException, TooManyRequestsException
from litestar.handlers import BaseRouteHandler
from litestar.response.base import ASGIResponse
from litestar.serialization import encode_json

from ceasefire.centre.between import BetweenWorkers
from ceasefire.centre.sessions import Due, Session, address_of, who_asks
from ceasefire.centre.settings import Settings
from ceasefire.findings.phrases import languages_held
from ceasefire.model.canonical import canonical_json, sha256_hex
from ceasefire.model.errors import CeasefireError, UsageError
from ceasefire.model.roles import Role
from ceasefire.pipeline.served import ServedRecord, Snapshot
from ceasefire.release.policy import Operation, Viewer
from ceasefire.release.telling import tell

Asking = Request[Any, Any, Any]
EARLIER = "as_known_on"
"""The parameter that asks for an earlier state of the record."""
STATE_PATTERN = r"^([0-9]{1,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]{4,15}(Z|[+-][0-9]{2}:[0-9]{2})?)?)$"
"""Described, and not enforced by the framework: what does not fit is refused with a sentence."""
_LONGEST_LANGUAGES = 400
_MINUTE, _HOUR = 60_000_000, 3_600_000_000
_FAR_DAY = re.compile(r"(?!1[89]|20|21)[0-9]{4}-([0-9]{2}|W[0-9]{2}|[0-9]{2}-[0-9]{2})", re.ASCII)
"""A day, week or month of no year from 1800 to 2199: calendars, and the arithmetic on them, end somewhere."""
_FREE_TEXT = "text"
"""The one parameter whose value may be the word null, but for those that a route names as `free_text`."""


def record_of(connection: ASGIConnection[Any, Any, Any, Any]) -> ServedRecord:
    """Return the record that the application serves."""
    record: ServedRecord = connection.app.state.record
    return record


def viewer_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Viewer:
    """Return who is asking; found once a request."""
    held = connection.scope["state"].get("viewer")
    if held is None:
        settings: Settings = connection.app.state.settings
        held = connection.scope["state"]["viewer"] = (settings.identify or who_asks)(connection)
    viewer: Viewer = held
    return viewer


def operation_of(handler: Any) -> Operation | None:
    """Return the operation that a route opens; None for one that names none."""
    held = handler.opt.get("operation")
    return held if isinstance(held, Operation) else None


def language_of(request: Asking) -> str:
    """Return the language in which sentences are told: the first that the reader accepts and there are words in."""
    accepted = request.headers.get("accept-language", "")[:_LONGEST_LANGUAGES]
    held = languages_held()
    for each in accepted.split(","):
        wanted = each.partition(";")[0].strip().lower().partition("-")[0]
        if wanted in held:
            return wanted
    return held[0]


def told_at() -> int:
    """Return now, UTC microseconds."""
    return time.time_ns() // 1000


def state_asked_for(request: Asking) -> Snapshot:
    """Return the state of the record that a request asks for.

    Raises
    ------
    UsageError
        When it asks for none.
    """
    return record_of(request).at(moment_asked_for(request))


def moment_asked_for(request: Asking) -> str | None:
    """Return the ledger position, day or moment that a request asks for; None for the present.

    Raises
    ------
    UsageError
        When it is none of them.
    """
    wanted = request.query_params.get(EARLIER)
    if wanted is not None and not re.fullmatch(STATE_PATTERN, wanted, re.ASCII):
        raise UsageError(
            f'"{wanted}" is neither a position of the ledger nor a moment.',
            "Write a position such as 12, a day such as 2017-10-04, or 2017-10-04T18:00.",
        )
    return wanted


def refuse_hurry(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Stop a request from an address that has asked too often within a minute, whichever worker it asked.

    Raises
    ------
    TooManyRequestsException
        When it has.
    """
    settings: Settings = connection.app.state.settings
    if not settings.requests_per_minute:
        return
    between: BetweenWorkers = connection.app.state.between
    seconds = settings.clock() // 1_000_000
    if between.times_asked(address_of(connection), seconds // 60) > settings.requests_per_minute:
        raise TooManyRequestsException(headers={"retry-after": str(60 - seconds % 60)})


def refuse_unless_allowed(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Stop a request before its route: an operation that no rule allows, a parameter that nobody reads.

    Raises
    ------
    PermissionDeniedException, NotAuthorizedException
        When the viewer may not ask this.
    UsageError
        When the request has parameters that the route does not, one value too many, or a day beyond any calendar.
    """
    operation, viewer = operation_of(handler), viewer_of(connection)
    wanted = [operation, *([Operation.READ_EARLIER] if EARLIER in connection.query_params else ())]
    for each in wanted:
        if each is None or not viewer.may(each):
            if viewer.roles <= {Role.PUBLIC}:
                raise NotAuthorizedException(_NOT_SIGNED_IN[_due(connection)])
            raise PermissionDeniedException("Your role does not allow this.")
    if handler.opt.get("any_parameter"):  # a page reads its own
        return
    known, seen = known_parameters(handler), set[str]()
    for name, value in connection.query_params.multi_items():
        if name not in known:
            raise UsageError(f'There is no parameter "{name}" here.', f"Known: {', '.join(sorted(known)) or 'none'}.")
        if name in seen and name not in handler.opt.get("several", ()):
            raise UsageError(f'"{name}" is given more than once.', "It takes one value.")
        seen.add(name)
        if name in (_FREE_TEXT, *handler.opt.get("free_text", ())):
            continue
        if value.strip().lower() == "null":
            raise UsageError(f'"{name}" is given as null.', "Leave it out, or give it a value.")
        if _FAR_DAY.fullmatch(value.strip()):
            raise UsageError(
                f'"{name}" is {value}, which lies in no year of a ceasefire.', "Ask for a day of the record."
            )


_NOT_SIGNED_IN = {
    None: "Without an account this cannot be asked.",
    Due.SECOND_FACTOR: "You are not signed in yet: the second factor is due.",
    Due.NEW_PASSWORD: "You are not signed in yet: a password of your own is due.",
    Due.ENROLMENT: "You are not signed in yet: your role needs a second factor, and your account has none.",
}


def _due(connection: ASGIConnection[Any, Any, Any, Any]) -> Due | None:
    session: Session | None = connection.scope["state"].get("session")
    return session.due if session is not None else None


def known_parameters(handler: BaseRouteHandler) -> frozenset[str]:
    """Return the query parameters that a route reads."""
    names = handler.opt.get("parameters", ())
    return frozenset(names)


async def answer_unchanged(request: Asking) -> Response[None] | None:
    """Answer 304 where the reader holds what we would answer, and note the tag for the answer otherwise."""
    if request.route_handler.opt.get("tagged") is False or request.method not in ("GET", "HEAD"):
        return None
    try:
        tag = await to_thread.run_sync(_tag, request)
    except CeasefireError:
        return None  # the route says it better
    request.scope["state"]["tag"] = tag
    held = request.headers.get("if-none-match", "")
    if tag in [each.strip().removeprefix("W/") for each in held.split(",")]:
        return Response(None, status_code=304, headers={"etag": tag, **_HOLDING})
    return None


_OF_RESULTS = frozenset(
    {
        Operation.READ_AREAS,
        Operation.READ_INCIDENTS,
        Operation.READ_ACTORS,
        Operation.READ_TALKS,
        Operation.READ_MEASURES,
    }
)
"""What is answered from the results alone; all else may tell of the ledger's last entries too."""
_HOLDING = {"cache-control": "private, no-cache", "vary": "Accept-Language, Cookie"}
"""Keep it, but ask every time: the tag makes asking cheap."""


def _tag(request: Asking) -> str:
    record, viewer = record_of(request), viewer_of(request)
    standing = record.standing()
    # what is told changes as days pass, and clocks of case files move
    tick = told_at() // (_MINUTE if request.route_handler.opt.get("moves_by") == "minute" else _HOUR)
    # an entry that changes no result changes no map: what eight people write is no reason to draw fifty anew
    rests_on_results = operation_of(request.route_handler) in _OF_RESULTS and EARLIER not in request.query_params
    parts = [
        None if rests_on_results else standing.position,
        record.current().key,
        request.url.path,
        sorted(request.query_params.multi_items()),
        sorted(viewer.roles),
        sorted(viewer.parties),
        viewer.name,
        language_of(request),
        tick,
    ]
    return f'"{sha256_hex(canonical_json(parts).encode())[:32]}"'


class ToldResponse(Response[Any]):
    """Cuts records to what the viewer may see: no route can forget to."""

    def to_asgi_response(
        self,
        app: Any,
        request: Request[Any, Any, Any],
        *,
        background: Any = None,
        cookies: Iterable[Cookie] | None = None,
        encoded_headers: Iterable[tuple[bytes, bytes]] | None = None,
        headers: Mapping[str, str] | None = None,
        is_head_response: bool = False,
        media_type: MediaType | str | None = None,
        status_code: int | None = None,
        type_encoders: Any = None,
    ) -> ASGIResponse:
        """Encode the answer."""
        operation = operation_of(request.route_handler)
        if not isinstance(self.content, bytes) and operation is not None:
            self.content = encode_json(tell(self.content, viewer_of(request), operation))
        tag = request.scope["state"].get("tag")
        held = {"etag": tag, **_HOLDING} if tag else {"cache-control": "no-store"}
        return super().to_asgi_response(
            app,
            request,
            background=background,
            cookies=cookies,
            encoded_headers=encoded_headers,
            headers={**held, **(headers or {})},
            is_head_response=is_head_response,
            media_type=media_type,
            status_code=status_code,
            type_encoders=type_encoders,
        )
