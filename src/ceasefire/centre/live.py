"""What changes, as it changes: the record, and who else has a case file open."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from anyio import to_thread
from litestar import get
from litestar.params import QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage
from litestar.serialization import encode_json

from ceasefire.casework.people import Person
from ceasefire.casework.permissions import sees_present
from ceasefire.centre.api.case_files import CaseFileId, person_of, working
from ceasefire.centre.asking import Asking, told_at, viewer_of
from ceasefire.centre.between import BetweenWorkers
from ceasefire.centre.sessions import is_still
from ceasefire.model.errors import CeasefireError
from ceasefire.model.roles import shared
from ceasefire.model.time import instant_text
from ceasefire.pipeline.ledger_place import open_ledger
from ceasefire.pipeline.served import ServedRecord
from ceasefire.release.policy import Operation
from ceasefire.release.telling import tell

_WAIT_SECONDS = 1.0
"""After which results are looked for that came without an entry, and sessions that ended without one."""
_LOOK_SECONDS, _LEAST_SECONDS, _QUIET_SECONDS = 2.0, 0.5, 15.0
"""How often one who follows is looked after; how close events follow each other; after what silence a word comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentPerson:
    """Someone who has a case file open."""

    name: Annotated[str, shared("As the ledger would name them.")]
    since: Annotated[str, shared("UTC.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentList:
    """Who else has a case file open."""

    case_file_id: Annotated[str, shared("The case file.")]
    people: Annotated[tuple[PresentPerson, ...], shared("In the order of coming, without you.")]


class Follower:
    """Waits for the record to change, once for all who follow it.

    Parameters
    ----------
    record : ServedRecord
        The workspace.
    """

    def __init__(self, record: ServedRecord) -> None:
        self._record = record
        self._said = ""
        self.visits = 0
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def close(self) -> None:
        """Stop waiting."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def join(self) -> asyncio.Event:
        """Return an event that is set whenever the record changes; `leave` gives it back."""
        event = asyncio.Event()
        with self._lock:
            self._waiting[event] = asyncio.get_running_loop()
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, name="follower", daemon=True)
                self._thread.start()
        return event

    def leave(self, event: asyncio.Event) -> None:
        """Tell it no more."""
        with self._lock:
            self._waiting.pop(event, None)

    @property
    def said(self) -> str:
        """How the record stood when last looked at, as JSON; empty before that."""
        return self._said

    def standing(self) -> str:
        """Return how the record stands, as JSON."""
        return self._said or _standing(self._record)

    def _follow(self) -> None:
        ledger, position = None, 0
        while not self._closing.is_set():
            try:
                ledger = ledger or open_ledger(self._record.folder)
                position = ledger.wait_for(position, _WAIT_SECONDS)
                now = _standing(self._record)
            except CeasefireError:  # a database that is not there for a moment
                self._closing.wait(_WAIT_SECONDS)
                continue
            if now != self._said:
                self._said = now
                self.wake()
        if ledger is not None:
            ledger.close()

    def someone_moved(self) -> None:
        """Note that somebody opened or closed a case file."""
        with self._lock:
            self.visits += 1
        self.wake()

    def wake(self) -> None:
        """Let all who follow look again."""
        with self._lock:
            waiting = list(self._waiting.items())
        for event, loop in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)


@get("/events", opt={"operation": Operation.READ_NEWS, "parameters": ("case_file",), "tagged": False})
async def follow(
    request: Asking,
    case_file: Annotated[
        str | None,
        QueryParameter(
            description="A case file that one has open: others who have it open are told, and one is told of them.",
            max_length=100,
            required=False,
        ),
    ] = None,
) -> ServerSentEvent:
    """Follow the record: `record` events with `position`, `results_position` and `results_behind`.

    With a case file, also `present` events: who else has it open.
    """
    if case_file is not None:
        await to_thread.run_sync(_refuse_unseen, request, case_file)
    return ServerSentEvent(_changes(request, _Looking(request, case_file)))


@get(
    "/case-files/{case_file_id:str}/present",
    opt={"operation": Operation.READ_CASE_FILES, "tagged": False},
    sync_to_thread=True,
)
def read_present(request: Asking, case_file_id: CaseFileId) -> PresentList:
    """Return who else has a case file open, of those that one may know of."""
    _refuse_unseen(request, case_file_id)
    return present_list(_between(request), case_file_id, person_of(request))


class _Looking:
    """What one who follows is told now; asked in a thread, since sessions and presence lie in files."""

    def __init__(self, request: Asking, case_file_id: str | None) -> None:
        self._request = request
        self._viewer = viewer_of(request)
        self._person = person_of(request)
        self._between = _between(request)
        self._follower: Follower = request.app.state.follower
        self._case_file_id = case_file_id
        self._visit: str | None = None
        self._looked_at, self._visits_then = 0.0, -1

    @property
    def is_due(self) -> bool:
        """Whether to look again: for a while has passed, or somebody came or went."""
        moved = self._case_file_id is not None and self._follower.visits != self._visits_then
        return moved or time.monotonic() - self._looked_at >= _LOOK_SECONDS

    def look(self) -> PresentList | Literal["over"] | None:
        """Return who is present, None where no case file is open, or that the session is over."""
        self._looked_at, self._visits_then = time.monotonic(), self._follower.visits
        if not is_still(self._request, self._viewer):
            return "over"
        if self._case_file_id is None:
            return None
        if self._visit is None:
            self._visit = self._between.enter(self._case_file_id, self._person, told_at())
            self._follower.someone_moved()
        else:
            self._between.stay(self._visit)
        return present_list(self._between, self._case_file_id, self._person)

    def leave(self) -> None:
        """Close the case file."""
        if self._visit is not None:
            self._between.leave(self._visit)
            self._follower.someone_moved()


async def _changes(request: Asking, looking: _Looking) -> AsyncIterator[ServerSentEventMessage]:
    follower: Follower = request.app.state.follower
    changed, said, quiet = follower.join(), dict[str, str](), time.monotonic()
    try:
        now: dict[str, str] = {}
        while True:
            changed.clear()
            if looking.is_due:
                present = await to_thread.run_sync(looking.look)
                if present == "over":  # who signs out, or gets another role, is told no more
                    return
                if present is not None:
                    now["present"] = encode_json(tell(present, viewer_of(request), Operation.READ_CASE_FILES)).decode()
            now["record"] = follower.said or await to_thread.run_sync(follower.standing)
            for event, data in now.items():
                if said.get(event) != data:
                    said[event], quiet = data, time.monotonic()
                    yield ServerSentEventMessage(event=event, data=data, retry=3000)
            if time.monotonic() - quiet >= _QUIET_SECONDS:
                quiet = time.monotonic()
                yield ServerSentEventMessage(comment="still here")
            await asyncio.sleep(_LEAST_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), _LOOK_SECONDS - _LEAST_SECONDS)
    finally:
        follower.leave(changed)
        looking.leave()


def present_list(between: BetweenWorkers, case_file_id: str, person: Person) -> PresentList:
    """Return who else has a case file open, of those that a person may know of."""
    others = [one for one in between.present(case_file_id) if one.person.name != person.name]
    return PresentList(
        case_file_id=case_file_id,
        people=tuple(
            PresentPerson(name=one.person.name, since=instant_text(one.since))
            for one in others
            if sees_present(person, one.person)
        ),
    )


def _refuse_unseen(request: Asking, case_file_id: str) -> None:
    with working(request) as casework:
        casework.refuse_unseen(case_file_id)


def _between(request: Asking) -> BetweenWorkers:
    between: BetweenWorkers = request.app.state.between
    return between


def _standing(record: ServedRecord) -> str:
    try:
        return json.dumps(asdict(record.standing()))
    except CeasefireError:  # nothing was run yet: the pages that ask are told what to do
        return json.dumps({"position": record.position, "results_position": None, "results_behind": True})


ROUTES = (follow, read_present)
