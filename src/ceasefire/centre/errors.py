"""One error body for everything that goes wrong: what, why it matters, what to do, and where where there is one."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.serialization import encode_json

from ceasefire.model.errors import (
    BusyError,
    CeasefireError,
    Fault,
    InputError,
    InsufficientDataError,
    NotAllowedError,
    OutdatedError,
    PrecisionError,
    RivalEdit,
    RivalEditsError,
    StaleResultError,
    UnknownRecordError,
    UsageError,
)
from ceasefire.model.roles import public

_log = logging.getLogger("ceasefire.centre")

_STATUS: tuple[tuple[type[CeasefireError], HTTPStatus], ...] = (
    (UnknownRecordError, HTTPStatus.NOT_FOUND),
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (OutdatedError, HTTPStatus.CONFLICT),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (InputError, HTTPStatus.BAD_REQUEST),
    (PrecisionError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InsufficientDataError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StaleResultError, HTTPStatus.CONFLICT),
    (BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
)
_WORDS = {
    HTTPStatus.BAD_REQUEST: (
        "What was asked cannot be understood.",
        "Correct it; the description of the API says how.",
    ),
    HTTPStatus.UNAUTHORIZED: ("Nobody is signed in.", "Sign in, and ask again."),
    HTTPStatus.FORBIDDEN: ("Your role does not allow this.", "Ask the head of the centre, if it should."),
    HTTPStatus.NOT_FOUND: ("There is nothing at this address.", "Look for it in the description of the API."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("This address does not take that method.", "The description of the API names it."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("The request is too long.", "Send less at once."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("What was sent is of no kind that is read here.", "Send it as JSON."),
    HTTPStatus.TOO_MANY_REQUESTS: ("Too many requests came from this address.", "Wait a minute, and ask again."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """What went wrong."""

    status: Annotated[int, public("The HTTP status.")]
    title: Annotated[str, public("The status in words.")]
    what: Annotated[str, public("What is wrong, with the value shown.")]
    why: Annotated[str | None, public("Why it matters; null: that is plain.")]
    do: Annotated[str, public("What to do.")]
    where: Annotated[str | None, public("The parameter or place; null: it is of the whole request.")]
    rivals: Annotated[
        tuple[RivalEdit, ...], public("Of an edit: fields that somebody else changed since; else left out.")
    ] = ()


def error_body(
    status: int, *, what: str = "", why: str | None = None, do: str = "", where: str | None = None
) -> ErrorBody:
    """Return the body, with the words of the status where there are none of its own."""
    held = HTTPStatus(status)
    usual = _WORDS.get(held, (f"{held.phrase}.", "Try again; if it happens again, tell the head of the centre."))
    return ErrorBody(status=status, title=held.phrase, what=what or usual[0], why=why, do=do or usual[1], where=where)


def encoded(body: ErrorBody) -> bytes:
    """Return the body as JSON."""
    said = {name: getattr(body, name) for name in ("status", "title", "what", "why", "do", "where")}
    return encode_json({**said, **({"rivals": body.rivals} if body.rivals else {})})


def _answer(body: ErrorBody, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        encoded(body),
        status_code=body.status,
        media_type="application/problem+json",
        headers={"cache-control": "no-store", **(headers or {})},
    )


def say_ours(_request: Request[Any, Any, Any], error: CeasefireError) -> Response[bytes]:
    """Answer an error of ceasefire: its first sentence is what, its last what to do."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    if isinstance(error, InputError):
        return _answer(_faults_body(status, error.faults))
    if isinstance(error, RivalEditsError):
        return _answer(replace(error_body(status, what=error.what, do=error.remedy), rivals=error.rivals))
    what, *rest = (line.strip() for line in str(error).splitlines())
    return _answer(error_body(status, what=what, why=" ".join(rest[:-1]) or None, do=rest[-1] if rest else ""))


def _faults_body(status: int, faults: Sequence[Fault]) -> ErrorBody:
    """Return a body that tells every fault of a form, a line each, with its fields in `where`; else the first."""
    first, *others = faults
    places = [fault.place for fault in faults if fault.place is not None]
    if others and len(places) == len(faults):
        lines = "\n".join(f"{fault.what} {fault.remedy}" for fault in faults)
        return error_body(status, what=lines, why=first.why, do="Correct them all.", where=", ".join(places))
    return error_body(status, what=first.what, why=first.why, do=first.remedy, where=first.place)


def say_refused(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refuses."""
    where, what = None, ""
    if isinstance(error, ValidationException):
        faults = (
            [fault for fault in error.extra or () if isinstance(fault, dict)] if isinstance(error.extra, list) else []
        )
        where = ", ".join(str(fault["key"]) for fault in faults if "key" in fault) or None
        what = "; ".join(_plainly(str(fault["message"])) for fault in faults if "message" in fault)
        what = what or str(error.detail)
    elif error.detail and error.detail != HTTPStatus(error.status_code).phrase and error.status_code < 500:
        what = str(error.detail)
    return _answer(error_body(error.status_code, what=what, where=where), dict(error.headers or {}))


_PLAINLY = (
    (r"Invalid RFC3339 encoded date.*", "Not a day; write it like 2017-09-27."),
    (r"Expected `int(?: \| null)?`, got .*", "Not a whole number."),
    (r"Expected `float(?: \| null)?`, got .*", "Not a number."),
    (r"Expected `bool(?: \| null)?`, got .*", "Neither true nor false."),
    (r"Expected `\w+` >= (\S+)", r"Less than \1, the least there can be."),
    (r"Expected `\w+` <= (\S+)", r"More than \1, the most there can be."),
    (r"Expected `(?:str|array)` of length <= (\d+)", r"Longer than \1, the most there can be."),
    (r"Invalid enum value (.*)", r"No value there can be: \1."),
)
"""What the framework says of a parameter, and what we say instead."""


def _plainly(message: str) -> str:
    for pattern, words in _PLAINLY:
        if re.fullmatch(pattern, message):
            return re.sub(pattern, words, message)
    return message


def say_our_fault(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what nobody foresaw: the log has the rest, the reader no traceback."""
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return _answer(
        error_body(
            500,
            what=f"Something went wrong inside ceasefire ({type(error).__name__}).",
            why="That is our fault; nothing was changed by it.",
            do="Try again; the server's log says where it happened.",
        )
    )
