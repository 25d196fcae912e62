"""The built pages: every path that is not of the API is answered by a file, or by the one page that routes itself."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import PathParameter

from ceasefire.model.canonical import sha256_hex
from ceasefire.release.policy import Operation

FOLDER = Path(__file__).parent / "static"
INDEX = "index.html"
_NAMED_BY_CONTENT = "assets/"
"""Files below it carry a hash in their name, and never change under it."""
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2", ".json": "application/json"}
_NOT_BUILT = (
    "The pages of the centre are not built into this installation.\n"
    "The API answers: /api/v1/schema/openapi.json describes it.\n"
    "From a checkout, build them with `make frontend`.\n"
)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    tag: str
    is_immutable: bool


class Pages:
    """The files of a folder, read once.

    Parameters
    ----------
    folder : Path
        What the front end was built into; it need not exist.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): _read(path, path.relative_to(folder).as_posix())
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def find(self, path: str) -> _File | None:
        """Return the file at a path; the page itself for a path that names no file: an id may have dots in it."""
        found = self._files.get(path)
        names_a_file = path.startswith(_NAMED_BY_CONTENT) or ("." in path and "/" not in path)
        return self._files.get(INDEX) if found is None and not names_a_file else found


def _read(path: Path, name: str) -> _File:
    content = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind == "application/json":
        kind += "; charset=utf-8"
    return _File(content, kind, f'"{sha256_hex(content)[:32]}"', name.startswith(_NAMED_BY_CONTENT))


@get(
    ["/", "/{path:path}"],
    opt={"operation": Operation.READ_DESCRIPTION, "tagged": False, "any_parameter": True},
    include_in_schema=False,
    sync_to_thread=False,
)
def read_page(request: Request[Any, Any, Any], path: Annotated[str, PathParameter()] = "") -> Response[bytes]:
    """Return a file of the built pages."""
    path = path.strip("/")
    if path == "api" or path.startswith("api/"):
        raise NotFoundException()
    pages: Pages = request.app.state.pages
    found = pages.find(path)
    if found is None:
        if pages.find("") is None:
            return Response(_NOT_BUILT.encode(), status_code=404, media_type="text/plain; charset=utf-8")
        raise NotFoundException()
    holding = "public, max-age=31536000, immutable" if found.is_immutable else "no-cache"
    headers = {"etag": found.tag, "cache-control": holding}
    if found.tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)
