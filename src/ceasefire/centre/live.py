"""What changes, as it changes: one event whenever the ledger grows or the results are renewed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from functools import partial

from anyio import to_thread
from litestar import get
from litestar.response import ServerSentEvent, ServerSentEventMessage

from ceasefire.centre.asking import Asking, record_of, viewer_of
from ceasefire.centre.sessions import is_still
from ceasefire.model.errors import CeasefireError
from ceasefire.pipeline.served import ServedRecord
from ceasefire.release.policy import Operation

_LOOK_SECONDS, _QUIET_SECONDS = 1.0, 15.0


@get("/events", opt={"operation": Operation.READ_NEWS, "tagged": False}, sync_to_thread=False)
def follow(request: Asking) -> ServerSentEvent:
    """Follow the record: `record` events with `position`, `results_position` and `results_behind`."""
    return ServerSentEvent(_changes(record_of(request), partial(is_still, request, viewer_of(request))))


async def _changes(record: ServedRecord, is_allowed: Callable[[], bool]) -> AsyncIterator[ServerSentEventMessage]:
    said, quiet = "", 0.0
    while await to_thread.run_sync(is_allowed):  # who signs out, or gets another role, is told no more
        now = await to_thread.run_sync(_standing, record)
        if now != said:
            said, quiet = now, 0.0
            yield ServerSentEventMessage(event="record", data=now, retry=3000)
        elif quiet >= _QUIET_SECONDS:
            quiet = 0.0
            yield ServerSentEventMessage(comment="still here")
        await asyncio.sleep(_LOOK_SECONDS)
        quiet += _LOOK_SECONDS


def _standing(record: ServedRecord) -> str:
    try:
        return json.dumps(asdict(record.standing()))
    except CeasefireError:  # nothing was run yet: the pages that ask are told what to do
        return json.dumps({"position": record.position, "results_position": None, "results_behind": True})
