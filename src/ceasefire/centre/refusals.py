"""What sign-in and accounts refuse, in the one error body."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from ceasefire.centre.errors import encoded, error_body


class RefusedError(HTTPException):
    """Something is refused, with a status of its own.

    Parameters
    ----------
    status : int
        Of HTTP.
    what, why, do : str
        One sentence each; `why` may be left out.
    headers : dict, optional
        Sent with it.
    """

    def __init__(
        self, status: int, what: str, do: str, *, why: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail=what, status_code=status, headers=headers)
        self.what, self.why, self.do = what, why, do


def say_refusal(_request: Request[Any, Any, Any], error: RefusedError) -> Response[bytes]:
    """Answer it."""
    body = error_body(error.status_code, what=error.what, why=error.why or None, do=error.do)
    return Response(
        encoded(body),
        status_code=error.status_code,
        media_type="application/problem+json",
        headers={"cache-control": "no-store", **(error.headers or {})},
    )
