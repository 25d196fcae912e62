"""Incidents: lists, map marks, a histogram, a table; one opened."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import pyarrow as pa
from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter, SkipValidation
from litestar.serialization import encode_json

from ceasefire.centre.api.areas import GEOJSON
from ceasefire.centre.api.parameters import FILTERS, SEVERAL, AsKnownOn, Id, filter_asked_for
from ceasefire.centre.asking import Asking, ToldResponse, language_of, state_asked_for, told_at, viewer_of
from ceasefire.pipeline.finding_view import FindingView, finding_view
from ceasefire.pipeline.incident_query import (
    MOST_MARKS,
    MOST_ROWS,
    Bucket,
    Histogram,
    IncidentPage,
    MapMarks,
    Order,
    Question,
)
from ceasefire.pipeline.incident_view import IncidentDetail, incident_view
from ceasefire.pipeline.map_index import Filter
from ceasefire.release.policy import Operation

ARROW = "application/vnd.apache.arrow.stream"
_USUAL_ROWS, _USUAL_MARKS = 100, 20_000


class Format(StrEnum):
    """In what form incidents are answered."""

    JSON = "json"
    """A page of records."""
    GEOJSON = "geojson"
    """What a map draws."""
    ARROW = "arrow"
    """All that fit, as columns."""


Wanted = NamedDependency[SkipValidation[Filter]]
_filtered = {"wanted": Provide(filter_asked_for, sync_to_thread=False)}


@get(
    "/incidents",
    opt={
        "operation": Operation.READ_INCIDENTS,
        "parameters": (*FILTERS, "format", "limit", "cursor", "order", "zoom"),
        "several": SEVERAL,
        "media": {
            "application/json": {"$ref": "#/components/schemas/IncidentPage"},
            GEOJSON: {"$ref": "#/components/schemas/MapMarks"},
            ARROW: {"type": "string", "format": "binary"},
        },
    },
    dependencies=_filtered,
    sync_to_thread=True,
)
def read_incidents(
    request: Asking,
    wanted: Wanted,
    as_known_on: AsKnownOn = None,  # noqa: ARG001  (read from the request)
    format: Annotated[
        Format, QueryParameter(description="json: a page; geojson: what a map draws; arrow: all.")
    ] = Format.JSON,
    limit: Annotated[
        int | None,
        QueryParameter(
            description=f"Rows of a page, up to {MOST_ROWS} (by default {_USUAL_ROWS}); or points of a map, up to "
            f"{MOST_MARKS} (by default {_USUAL_MARKS}), beyond which they are counted in cells.",
            ge=1,
            le=MOST_MARKS,
            required=False,
        ),
    ] = None,
    cursor: Annotated[
        str | None, QueryParameter(description="`next_cursor` of the page before.", max_length=200, required=False)
    ] = None,
    order: Annotated[Order, QueryParameter(description="By when they happened.")] = Order.LATEST,
    zoom: Annotated[
        float | None, QueryParameter(description="Of the map, for the width of cells.", ge=0, le=24, required=False)
    ] = None,
) -> IncidentPage | MapMarks:
    """Return the incidents that fit a filter."""
    question = Question(state_asked_for(request), wanted, viewer_of(request).release, told_at())
    if format is Format.GEOJSON:
        marks = question.marks(zoom=zoom, limit=limit or _USUAL_MARKS)
        return ToldResponse(encode_json(marks), media_type=GEOJSON)  # type: ignore[return-value]
    if format is Format.ARROW:
        return ToldResponse(_stream(question.table()), media_type=ARROW)  # type: ignore[return-value]
    return question.page(limit=min(limit or _USUAL_ROWS, MOST_ROWS), cursor=cursor, order=order)


@get(
    "/incidents/histogram",
    opt={"operation": Operation.READ_INCIDENTS, "parameters": (*FILTERS, "bucket"), "several": SEVERAL},
    dependencies=_filtered,
    sync_to_thread=True,
)
def read_histogram(
    request: Asking,
    wanted: Wanted,
    as_known_on: AsKnownOn = None,  # noqa: ARG001
    bucket: Annotated[Bucket, QueryParameter(description="Width of the buckets.")] = Bucket.DAY,
) -> Histogram:
    """Return incidents over time: certainly in each bucket, and at most."""
    return Question(state_asked_for(request), wanted, viewer_of(request).release, told_at()).histogram(bucket)


@get(
    "/incidents/{incident_id:str}",
    opt={"operation": Operation.READ_INCIDENT, "parameters": ("as_known_on",)},
    sync_to_thread=True,
)
def read_incident(request: Asking, incident_id: Id, as_known_on: AsKnownOn = None) -> IncidentDetail:  # noqa: ARG001
    """Open an incident: its accounts side by side, where they differ, its findings, documents and history."""
    viewer = viewer_of(request)
    return incident_view(
        state_asked_for(request),
        incident_id,
        release=viewer.release,
        told_at=told_at(),
        language=language_of(request),
    )


@get(
    "/findings/{finding_id:str}",
    opt={"operation": Operation.READ_FINDING, "parameters": ("as_known_on",)},
    sync_to_thread=True,
)
def read_finding(request: Asking, finding_id: Id, as_known_on: AsKnownOn = None) -> FindingView:  # noqa: ARG001
    """Return a finding: six questions, each with its answer and why."""
    viewer = viewer_of(request)
    return finding_view(
        state_asked_for(request),
        finding_id,
        release=viewer.release,
        told_at=told_at(),
        language=language_of(request),
    )


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
