"""Two registers over a workspace: days read from the ledger's entries, and every deed written as one entry.

What each deed does and who may do it stands in `casework.registers`. A list that is submitted is read, sealed and
forgotten: its text and its key are written nowhere, and only the key's holder can open it.

Past 400 lines because the deeds, with what each takes, are best read on one page; `amend` is past 40 with its words.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceasefire.casework.fold import capacity
from ceasefire.casework.people import READERS, Person
from ceasefire.casework.refusals import validated
from ceasefire.casework.registers import entries as e
from ceasefire.casework.registers.estimating import Estimating, estimated, kinds_listed
from ceasefire.casework.registers.fold import RegisterDays, register_day_id, unknown_day
from ceasefire.casework.registers.permissions import may_say, sees_day
from ceasefire.casework.registers.records import RegisterDay
from ceasefire.casework.registers.sealing import SealedEnvelope, seal, unseal
from ceasefire.casework.registers.views import OwnList, RegisterDayRow, RegisterDayView, own_list, row_of, view_of
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.canonical import canonical_json
from ceasefire.model.errors import NotAllowedError, OutdatedError, UsageError
from ceasefire.model.time import Span, day_span, parse_moment
from ceasefire.pipeline.register_lists import read_list
from ceasefire.pipeline.register_matching import match_lists

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.casework.registers.entries import ListEntry

_MOST_AMENDED = 500
"""Entries of one file: each is an entry of the ledger, written while others wait."""


@dataclass(slots=True)
class HeldRegisterDays:
    """Register days kept folded between questions: only what the ledger added since is read. Safe among threads."""

    _latest: RegisterDays | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def latest(self, ledger: Ledger, batches: BatchStore) -> RegisterDays:
        """Return the register days as the ledger stands."""
        with self._lock:
            held = self._latest or RegisterDays.empty(batches.get_bytes)
            if ledger.size > held.position:
                held = held.after(ledger.entries(after=held.position))
            self._latest = held
            return held


def _now() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSubmitted:
    """A list is in, sealed.

    Parameters
    ----------
    view : RegisterDayView
        The day after it.
    key : str or None
        What opens it, told this once; None: it was sealed elsewhere.
    entries : int or None
        How many were read; None likewise.
    """

    view: RegisterDayView
    key: str | None
    entries: int | None


@dataclass(slots=True, kw_only=True)
class Registers:
    """The registers of a workspace, for one person: what they see, and what they may do.

    Parameters
    ----------
    ledger, batches
        Of the workspace.
    case : Case
        Names, time zone, vocabulary.
    person : Person
        Who works.
    held : HeldRegisterDays
        Shared by all who work on one ledger in one process.
    clock : callable
        Tells the instant, UTC microseconds.
    """

    ledger: Ledger
    batches: BatchStore
    case: Case
    person: Person
    held: HeldRegisterDays = field(default_factory=HeldRegisterDays)
    clock: Callable[[], int] = _now

    # What is there.

    def rows(self, *, as_of: int | None = None) -> tuple[RegisterDayRow, ...]:
        """Return the register days that the person sees, the latest day first."""
        self._refuse_outsiders()
        seen = [one for one in self._days(as_of).days.values() if sees_day(one, self.person)]
        at = self._instant(as_of)
        return tuple(row_of(one, at=at) for one in sorted(seen, key=lambda one: (one.day, one.id), reverse=True))

    def read(self, day: str, *, as_of: int | None = None) -> RegisterDayView:
        """Return a register day as far as it is told to the person; at an earlier position, nothing can be done.

        Parameters
        ----------
        day : str
            Its id, or the local day where there are no others of that day.

        Raises
        ------
        UnknownRecordError
            When there is none, or they do not see it.
        """
        register_day = self._one(day, as_of)
        estimates = self.estimates(register_day) if register_day.is_open else ()
        view = view_of(register_day, self.person, at=self._instant(as_of), estimates=estimates)
        if as_of is not None and as_of < self.ledger.size:
            from dataclasses import replace

            return replace(view, may=())
        return view

    def estimates(self, register_day: RegisterDay) -> tuple[Estimating, ...]:
        """Return for each kind how many events there were, or why that cannot be said."""
        day = self.span_of(register_day.day)

        def side_of(actor: str, entry: ListEntry) -> str | None:
            at = entry.occurred_from if entry.occurred_from is not None else day.start
            belongs = [
                party
                for party in register_day.parties
                if actor == party or self.case.actors.belongs_to(actor, party, at)
            ]
            return belongs[0] if len(belongs) == 1 else None

        return tuple(estimated(register_day, kind, day=day, side_of=side_of) for kind in kinds_listed(register_day))

    def read_own(self, day: str, party: str, *, key: str) -> OwnList:
        """Return a party's own list, opened for this answer alone: its key is written nowhere.

        Raises
        ------
        NotAllowedError
            When the person does not speak for the party.
        UsageError
            When the key is another, or there is no list.
        """
        register_day = self._one(day, None)
        if party not in self.person.parties or not may_say(register_day, e.RegisterKind.SUBMITTED, self.person):
            raise NotAllowedError(f"Only the liaison of {party} reads its list.", "Ask for your own.")
        standing = register_day.standing(party)
        if standing is None:
            raise UsageError(f"No list of {party} is in.", "Submit one.")
        listed = unseal(
            self.batches.get_bytes(standing.sealed),
            key,
            key_hash=standing.key_hash,
            register_day_id=register_day.id,
            party=party,
        )
        return own_list(party, standing.mark.position, listed)

    # What may be done.

    def set_day(self, day: str, parties: Sequence[str], *, cut_off: str) -> RegisterDayView:
        """Ask two parties for their lists of a day.

        Parameters
        ----------
        day : str
            Local day.
        parties : sequence of str
            Two ids of actors.
        cut_off : str
            A local date and time, or one with its offset.
        """
        span = self.span_of(day)
        unknown = [party for party in parties if party not in self.case.actors.actors]
        if len(parties) != 2 or unknown:
            known = ", ".join(sorted(self.case.actors.actors))
            what = f"{unknown[0]} is no actor of the case." if unknown else "Two registers are of two parties."
            raise UsageError(what, f"Name two of: {known}.")
        try:
            moment = parse_moment(cut_off, self.case.zone)
        except ValueError:
            moment = span
        if moment.start != moment.end:
            raise UsageError(f'"{cut_off}" is no time of a day.', "Write it as 2021-06-15T18:00.")
        pair = (parties[0], parties[1])
        payload = {"day": day, "parties": list(pair), "cut_off": moment.start}
        return self._write(e.RegisterKind.DAY_SET, register_day_id(day, pair), payload)

    def close(self, day: str, *, reason: str) -> RegisterDayView:
        """Close a day before its cut-off, both lists being in."""
        return self._write(e.RegisterKind.CLOSED, self._one(day, None).id, {"reason": reason})

    def sealed(
        self, day: str, party: str, path: Path | str, *, mapping: Path | str | None = None, content: bytes | None = None
    ) -> tuple[SealedEnvelope, int, str]:
        """Read a list and seal it, without handing it in; returns it, how many entries it has, and of which registers.

        Raises
        ------
        InputError
            With every fault of the list.
        """
        found = [one for one in self._days(None).days.values() if day in (one.id, one.day) and party in one.parties]
        id_ = found[0].id if len(found) == 1 else day
        local_day, _, parties = id_.partition(".")
        if f".{party}." not in f".{parties}.":
            raise UsageError(
                f'"{day}" names no registers of {party} that are known here.',
                "Name them in full, as the centre does: DAY.PARTY.PARTY.",
            )
        span = self.span_of(local_day)
        entries = read_list(path, case=self.case, party=party, day=span, mapping=mapping, content=content)
        if len(entries) > e.MOST_ENTRIES:
            raise UsageError(f"The list has {len(entries):,} entries.", f"At most {e.MOST_ENTRIES:,} are taken.")
        return seal(entries, register_day_id=id_, party=party), len(entries), id_

    def submit(
        self, day: str, party: str, path: Path | str, *, mapping: Path | str | None = None, content: bytes | None = None
    ) -> ListSubmitted:
        """Read a list, seal it, and hand it in; the last before the cut-off counts.

        Raises
        ------
        InputError
            With every fault of the list; nothing is handed in then.
        """
        register_day = self._one(day, None)
        self._refuse_no_side(register_day, party)
        sealed, entries, _ = self.sealed(register_day.id, party, path, mapping=mapping, content=content)
        view = self._submit(register_day.id, party, sealed.envelope, sealed.key_hash)
        return ListSubmitted(view=view, key=sealed.key, entries=entries)

    def submit_sealed(self, day: str, party: str, envelope: bytes, *, key_hash: str) -> ListSubmitted:
        """Hand in a list that was sealed elsewhere: this machine never has its text."""
        register_day = self._one(day, None)
        self._refuse_no_side(register_day, party)
        view = self._submit(register_day.id, party, envelope, key_hash)
        return ListSubmitted(view=view, key=None, entries=None)

    def give_key(self, day: str, party: str, *, key: str) -> RegisterDayView:
        """Open a party's list, the cut-off having passed; with the last key both are opened, and matched."""
        register_day = self._one(day, None)
        standing = register_day.standing(party)
        position = standing.mark.position if standing else 1
        payload = {"party": party, "submission": position, "key": " ".join(key.split())}
        view = self._write(e.RegisterKind.KEY_GIVEN, register_day.id, payload)
        return self._matched(register_day.id) or view

    def declare_missing(self, day: str, party: str, *, reason: str) -> RegisterDayView:
        """Wait no longer for a list, or for its key."""
        register_day = self._one(day, None)
        why = "not-opened" if register_day.standing(party) else "not-submitted"
        return self._write(e.RegisterKind.ABSENT, register_day.id, {"party": party, "why": why, "reason": reason})

    def amend(
        self,
        day: str,
        party: str,
        change: str,
        *,
        reason: str,
        no: str | None = None,
        path: Path | str | None = None,
        mapping: Path | str | None = None,
        content: bytes | None = None,
    ) -> RegisterDayView:
        """Add or correct the entries of a file, or withdraw one: shown beside the list, never in place of it.

        Parameters
        ----------
        change : {"add", "correct", "withdraw"}
            What is done.
        no : str, optional
            The entry withdrawn.
        path, mapping, content : optional
            Of the file, for the others; as of a list.
        """
        register_day = self._one(day, None)
        said: list[tuple[str, Any]] = [(no or "", None)]
        if path is not None:
            entries = read_list(
                path,
                case=self.case,
                party=party,
                day=self.span_of(register_day.day),
                mapping=mapping,
                content=content,
            )
            if len(entries) > _MOST_AMENDED:
                raise UsageError(f"The file has {len(entries):,} entries.", f"Amend at most {_MOST_AMENDED} at once.")
            said = [(entry.no, entry.model_dump(mode="json")) for entry in entries]
        payloads = [
            {"party": party, "change": change, "no": each, "entry": entry, "reason": reason} for each, entry in said
        ]
        for payload in payloads:
            self._try(e.RegisterKind.AMENDED, register_day.id, payload)
        for payload in payloads:
            self._put(e.RegisterKind.AMENDED, register_day.id, payload)
        rematched = self._matched(register_day.id) if change == e.Change.ADD else None
        return rematched or self.read(register_day.id)

    def match(self, day: str) -> RegisterDayView:
        """Propose anew which entries are of one event; what people said of pairs stands."""
        register_day = self._one(day, None)
        if len(register_day.keyed) < 2 or not register_day.is_open:
            raise OutdatedError("Both lists must be open to be matched.", "Show the day to see what is awaited.")
        view = self._matched(register_day.id)
        if view is None:
            raise NotAllowedError("Nobody of these roles matches lists.", "Ask the centre.")
        return view

    def settle(self, day: str, entry_a: str, entry_b: str, *, verdict: str, reason: str) -> RegisterDayView:
        """Confirm that two entries are of one event, or split them."""
        payload = {"entry_a": entry_a, "entry_b": entry_b, "verdict": verdict, "reason": reason}
        return self._write(e.RegisterKind.SETTLED, self._one(day, None).id, payload)

    def answer(self, day: str, party: str, no: str, *, answer: str, reason: str) -> RegisterDayView:
        """Answer, for a party, an entry of the other's list."""
        payload = {"party": party, "no": no, "answer": answer, "reason": reason}
        return self._write(e.RegisterKind.ANSWERED, self._one(day, None).id, payload)

    def propose_figure(self, day: str, kind: str, *, low: int, high: int, counts: str) -> RegisterDayView:
        """Propose a number that both liaisons may sign."""
        if kind != e.ALL_KINDS and kind not in self.case.acts:
            raise UsageError(f'"{kind}" is no kind of act.', f"Kinds: all, {', '.join(sorted(self.case.acts))}.")
        payload = {"kind": kind, "low": low, "high": high, "counts": counts}
        return self._write(e.RegisterKind.FIGURE, self._one(day, None).id, payload)

    def sign(self, day: str, party: str, figure: int) -> RegisterDayView:
        """Sign a figure for a party."""
        return self._write(e.RegisterKind.SIGNED, self._one(day, None).id, {"party": party, "figure": figure})

    def withdraw_signature(self, day: str, party: str, figure: int, *, reason: str) -> RegisterDayView:
        """Withdraw a signature; that it was given stays on record."""
        payload = {"party": party, "figure": figure, "reason": reason}
        return self._write(e.RegisterKind.UNSIGNED, self._one(day, None).id, payload)

    def state_independence(self, day: str, kind: str, *, reason: str) -> RegisterDayView:
        """Say why the two lists may be taken to be independent for one kind; an estimate rests on it."""
        return self._write(e.RegisterKind.GROUNDS, self._one(day, None).id, {"kind": kind, "reason": reason})

    def span_of(self, day: str) -> Span:
        """Return a local day as a span.

        Raises
        ------
        UsageError
            When there is no such day.
        """
        try:
            return day_span(date.fromisoformat(day), self.case.zone)
        except ValueError:
            raise UsageError(f'"{day}" is no day.', "Write it as 2021-06-14.") from None

    # How it is done.

    def _refuse_no_side(self, register_day: RegisterDay, party: str) -> None:
        """Refuse before a list is read what could not be handed in."""
        sample = {"party": party, "key_hash": "0" * 64, "content": {"sealed": "0" * 64}}
        validated(e.Submitted, {**self._head(register_day.id), **sample}, "the list")
        if not may_say(register_day, e.RegisterKind.SUBMITTED, self.person) or party not in self.person.parties:
            raise NotAllowedError(f"Only the liaison of {party} hands in its list.", "Speak for your own party.")
        if register_day.has_ended(self._instant(None)) and register_day.submissions.get(party):
            raise OutdatedError(
                "The cut-off has passed, and a list is in.", "Later changes are amendments, once the lists are open."
            )

    def _submit(self, id_: str, party: str, envelope: bytes, key_hash: str) -> RegisterDayView:
        from ceasefire.casework.registers.sealing import refuse_no_envelope

        refuse_no_envelope(envelope)
        payload = {"party": party, "key_hash": key_hash, "content": {"sealed": self.batches.put_bytes(envelope)}}
        return self._write(e.RegisterKind.SUBMITTED, id_, payload)

    def _matched(self, id_: str) -> RegisterDayView | None:
        """Match the lists of a day where both are open and the person may; None otherwise."""
        register_day = self._days(None).days[id_]
        is_ready = register_day.is_open and len(register_day.keyed) == 2
        if not is_ready or not may_say(register_day, e.RegisterKind.MATCHED, self.person):
            return None
        method, proposals = match_lists(register_day, case=self.case, ledger=self.ledger)
        said = {"method": method, "proposals": [proposal.model_dump(mode="json") for proposal in proposals]}
        return self._write(e.RegisterKind.MATCHED, id_, said)

    def _head(self, id_: str) -> dict[str, Any]:
        return {"register_day_id": id_, "by": capacity(self.person)}

    def _write(self, kind: e.RegisterKind, id_: str, payload: Mapping[str, Any]) -> RegisterDayView:
        self._put(kind, id_, payload)
        return self.read(id_)

    def _put(self, kind: e.RegisterKind, id_: str, payload: Mapping[str, Any]) -> None:
        plain = self._try(kind, id_, payload)
        seen = self._days(None)

        def fits(since: Sequence[Entry], entry: Entry) -> None:
            """Refuse the entry where somebody else's, which came between the look and the writing, lets it not fit."""
            try:
                seen.after(since).applied(entry)
            except UsageError as error:
                if any(other.payload.get("register_day_id") == id_ for other in since):
                    raise OutdatedError(error.what, "Read the registers again, and decide anew.") from error
                raise

        self.ledger.append_if(kind, plain, author=self.person.name, seen=seen.position, fits=fits)

    def _try(self, kind: e.RegisterKind, id_: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload as it would be written, when it may be.

        Raises
        ------
        CeasefireError
            When it may not.
        """
        self._refuse_outsiders()
        given = {**self._head(id_), **payload}
        plain = validated(e.REGISTER_PAYLOADS[kind], given, kind.value).model_dump(mode="json")
        days = self._days(None)
        tried = Entry(
            position=days.position + 1,
            recorded_at=self._instant(None),
            clock_behind=0,
            author=self.person.name,
            kind=kind,
            payload=plain,
            hash="",
        )
        days.applied(tried)
        canonical_json(plain)
        return plain

    def _refuse_outsiders(self) -> None:
        if not self.person.roles & READERS:
            raise NotAllowedError("Registers are not open to these roles.", "What was published stands in bulletins.")

    def _one(self, day: str, as_of: int | None) -> RegisterDay:
        self._refuse_outsiders()
        days = self._days(as_of).days
        found = [one for one in days.values() if day in (one.id, one.day) and sees_day(one, self.person)]
        exact = [one for one in found if one.id == day]
        if len(found) > 1 and not exact:
            raise UsageError(
                f"Several registers are of {day}.", f"Name one of: {', '.join(sorted(one.id for one in found))}."
            )
        if not found:
            raise unknown_day(day)
        return (exact or found)[0]

    def _days(self, as_of: int | None) -> RegisterDays:
        if as_of is None:
            return self.held.latest(self.ledger, self.batches)
        if not 0 <= as_of <= self.ledger.size:
            raise UsageError(f"There is no position {as_of}.", f"The ledger has entries 1 to {self.ledger.size}.")
        return RegisterDays.empty(self.batches.get_bytes).after(self.ledger.entries(as_of))

    def _instant(self, as_of: int | None) -> int:
        """Return now, never before the last entry; or when the entry at a position was recorded."""
        position = self.ledger.size if as_of is None else as_of
        last = next(self.ledger.entries(position, after=position - 1), None) if position else None
        recorded = last.recorded_at if last else 0
        return recorded if as_of is not None else max(self.clock(), recorded + 1)


def write_envelope(sealed: SealedEnvelope, *, register_day_id: str, party: str) -> bytes:
    """Return the file of a list that was sealed away from the centre; its key is not in it."""
    held = {
        "ceasefire_sealed_list": 1,
        "register_day_id": register_day_id,
        "party": party,
        "key_hash": sealed.key_hash,
        "envelope": base64.b64encode(sealed.envelope).decode(),
    }
    return (json.dumps(held, indent=1) + "\n").encode()


def read_envelope(content: bytes) -> tuple[bytes, str] | None:
    """Return the envelope in such a file and the hash of its key; None for a file of another kind.

    Raises
    ------
    UsageError
        When it is such a file, and damaged.
    """
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(held, dict) or "ceasefire_sealed_list" not in held:
        return None
    try:
        return base64.b64decode(str(held["envelope"]), validate=True), str(held["key_hash"])
    except (KeyError, ValueError):
        raise UsageError(
            "The sealed list is damaged.", "Take the file as `ceasefire registers seal` wrote it."
        ) from None
