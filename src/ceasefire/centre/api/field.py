"""From the field: the form to collect with, submissions of it, and a person's word on edits that contradict."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import get, post
from litestar.enums import MediaType
from litestar.params import JSONBody, QueryParameter, RawBody

from ceasefire.centre.asking import Asking, ToldResponse, viewer_of
from ceasefire.centre.refusals import RefusedError
from ceasefire.model.errors import UsageError
from ceasefire.pipeline.field_form import MEDIA_TYPE
from ceasefire.pipeline.submissions import LONGEST_NOTE
from ceasefire.pipeline.submissions_view import Submissions, SubmissionsImported, imported_view
from ceasefire.pipeline.workspace import Workspace
from ceasefire.release.policy import Operation

_BINARY = {"type": "string", "format": "binary"}
DOCUMENT = "application/octet-stream"
_LONGEST_FILE_NAME = 200


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version of a submission stands."""

    version_id: Annotated[str, msgspec.Meta(min_length=1, max_length=40, description="One of those in conflict.")]
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NOTE, description="Why.")]


@get(
    "/field-form",
    opt={"operation": Operation.READ_FIELD_FORM, "tagged": False, "media": {MEDIA_TYPE: _BINARY}},
    media_type=MediaType.TEXT,
)
async def read_field_form(request: Asking) -> bytes:
    """Return the form for incident reports as XLSX, with which ODK or Kobo collect offline."""

    def made() -> Any:
        with _workspace(request) as workspace:
            form = workspace.field_form(adopt=False)
        name = f"{form.form_id}-{form.version}.xlsx"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return ToldResponse(form.content, media_type=MEDIA_TYPE, headers=headers)

    answer: bytes = await to_thread.run_sync(made)
    return answer


@get("/submissions", opt={"operation": Operation.READ_SUBMISSIONS, "tagged": False}, sync_to_thread=True)
def read_submissions(request: Asking) -> Submissions:
    """Return the files of submissions imported, and the submissions whose edits contradict one another."""
    with _workspace(request) as workspace:
        return workspace.submissions()


@post(
    "/submissions",
    opt={"operation": Operation.IMPORT_SUBMISSIONS, "parameters": ("file",), "body": DOCUMENT},
    status_code=HTTPStatus.OK,
)
async def import_submissions(
    request: Asking,
    body: RawBody,
    file: Annotated[
        str,
        QueryParameter(description="The name of the file.", min_length=1, max_length=_LONGEST_FILE_NAME),
    ],
) -> SubmissionsImported:
    """Record a file of submissions: CSV, JSON, XML or an archive of these; what is refused is told all at once."""
    name = _plain_name(file)
    if request.content_type[0] != DOCUMENT:
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The file came as {request.content_type[0] or 'nothing'}.",
            f"Send its bytes as {DOCUMENT}.",
        )

    def recorded() -> SubmissionsImported:
        with _workspace(request) as workspace:
            return imported_view(workspace.import_submissions(name, body))

    return await to_thread.run_sync(recorded)


@post(
    "/submissions/decision",
    opt={"operation": Operation.DECIDE_SUBMISSION},
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
)
def decide_submission(request: Asking, data: JSONBody[Kept]) -> SubmissionsImported:
    """Record which of the versions that contradict one another stands, and why."""
    with _workspace(request) as workspace:
        return imported_view(workspace.decide_submission(data.version_id, data.note))


def _workspace(request: Asking) -> Workspace:
    return Workspace.open(request.app.state.record.folder, author=viewer_of(request).name or "unknown")


def _plain_name(file: str) -> str:
    """Return the last part of a file's name.

    Raises
    ------
    UsageError
        When nothing that can be shown is left of it.
    """
    last = file.replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in last if letter.isprintable()).strip()
    if not name.strip("."):
        raise UsageError("The file has no name.", "Give it one, such as submissions.zip.")
    return name
