"""Documents of case files, sealed as they come and served as files; excerpts that a party checks offline."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from litestar import get, post
from litestar.params import PathParameter, QueryParameter, RawBody

from ceasefire.casework.views import CaseFileView
from ceasefire.centre.api.case_file_requests import ExcerptRequest, read_body
from ceasefire.centre.api.case_files import CaseFileId, working
from ceasefire.centre.asking import Asking, ToldResponse
from ceasefire.centre.security import ATTACHMENT_BYTES, SANDBOX
from ceasefire.ledger.audit import Checkpoint
from ceasefire.release.policy import Operation

BYTES, ZIP = "application/octet-stream", "application/zip"
_MEMBER_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every file in a zip: the entries say when something was recorded, and no machine's clock does."""


@post(
    "/case-files/{case_file_id:str}/attachments",
    opt={
        "operation": Operation.ATTACH_DOCUMENT,
        "parameters": ("name", "share_with"),
        "several": ("share_with",),
        "free_text": ("name",),
        "body": BYTES,
    },
    status_code=200,
    request_max_body_size=ATTACHMENT_BYTES,
    sync_to_thread=True,
)
def attach_document(
    request: Asking,
    case_file_id: CaseFileId,
    body: RawBody,
    name: Annotated[str, QueryParameter(description="Of the file.", min_length=1, max_length=200)],
    share_with: Annotated[
        list[str] | None,
        QueryParameter(description="Parties to which it is told, besides the centre.", max_items=50, required=False),
    ] = None,
) -> CaseFileView:
    """Seal a document, sent as the bytes that it is; a copy without metadata is made, which others are served."""
    with working(request) as casework:
        return casework.attach(case_file_id, name, body, share_with=tuple(share_with or ()))


@get(
    "/case-files/{case_file_id:str}/attachments/{attachment:int}",
    opt={
        "operation": Operation.READ_CASE_FILES,
        "tagged": False,
        "media": {
            kind: {"type": "string", "format": "binary"}
            for kind in (BYTES, "image/jpeg", "image/png", "application/pdf")
        },
    },
    sync_to_thread=True,
)
def read_attachment(
    request: Asking,
    case_file_id: CaseFileId,
    attachment: Annotated[int, PathParameter(description="Position of its entry.", ge=1, le=2**53)],
) -> ToldResponse:
    """Return a document as a file to be kept: to the centre as it came, to others the copy without metadata."""
    with working(request) as casework:
        found, content = casework.document(case_file_id, attachment)
    return as_file(content, found.name, found.media_type)


@post(
    "/excerpts",
    opt={
        "operation": Operation.EXPORT_EXCERPT,
        "body": ExcerptRequest,
        "media": {ZIP: {"type": "string", "format": "binary"}},
    },
    status_code=200,
    sync_to_thread=True,
)
def export_excerpt(request: Asking, body: RawBody) -> ToldResponse:
    """Return everything told to a party, with proofs, to be checked offline with `ceasefire audit --excerpt`."""
    said = read_body(request, body, ExcerptRequest)
    noted = [Checkpoint(each.size, each.root) for each in said.noted]
    with tempfile.TemporaryDirectory(prefix="ceasefire-") as name, working(request) as casework:
        folder = Path(name) / "excerpt"
        casework.export(said.party, folder, noted=noted)
        content = _zipped(folder)
    return as_file(content, f"excerpt-{said.party}.zip", ZIP)


def as_file(content: bytes, name: str, media_type: str) -> ToldResponse:
    """Return bytes that a browser keeps and never shows: nothing in them is run in our name."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._- ") else "_" for letter in name)
    return ToldResponse(
        content,
        media_type=media_type,
        headers={
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
            "content-security-policy": SANDBOX,
        },
    )


def _zipped(folder: Path) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _MEMBER_DATE)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, path.read_bytes())
    return sink.getvalue()


ROUTES = (attach_document, read_attachment, export_excerpt)
