"""Casework over a workspace: case files read from the ledger's entries, and every operation written as one entry.

Past 400 lines because the operations, with what each takes, are best read on one page; what they do and who may stands
in the room `casework`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from ceasefire.casework import entries as e
from ceasefire.casework.attachments import checked_name, strip_metadata
from ceasefire.casework.excerpt import write_excerpt
from ceasefire.casework.fields import checked_value, refuse_rivals
from ceasefire.casework.fold import KINDS, CaseFiles, capacity
from ceasefire.casework.moves import told_parties as told_by_move
from ceasefire.casework.notices import CaseNotice, notices
from ceasefire.casework.people import READERS, Person
from ceasefire.casework.permissions import counts_outside, named_publicly, sees
from ceasefire.casework.publication import printed_reply
from ceasefire.casework.records import Attachment, CaseFile
from ceasefire.casework.refusals import unknown, validated
from ceasefire.casework.requests import NoticeRequest, OfferRequest, VisitRequest, details_of, offer_of, visit_of
from ceasefire.casework.symmetry import SymmetryTable, symmetry
from ceasefire.casework.views import CaseFileRow, CaseFileView, is_told, row_of, view_of
from ceasefire.ledger.audit import Checkpoint
from ceasefire.ledger.batches import BatchStore
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.canonical import canonical_json, stable_id
from ceasefire.model.errors import NotAllowedError, OutdatedError, UsageError
from ceasefire.model.roles import Role
from ceasefire.model.time import Span

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.casework_rules import CaseworkRules

_MEGABYTE = 1 << 20


class CaseworkPlace(Protocol):
    """What casework needs of a workspace."""

    @property
    def ledger(self) -> Ledger:
        """The record."""

    @property
    def batches(self) -> BatchStore:
        """Sealed documents."""

    def case_at(self, as_of: str | int | None = None) -> Case:
        """Return the case, with its rules."""


class Known(Protocol):
    """What the record and its case know."""

    def refuse_unknown(self, said: Mapping[str, Any]) -> None:
        """Raise when something that is said names what is not known."""


@dataclass(slots=True)
class HeldCaseFiles:
    """Case files kept folded between questions: only what the ledger added since is read. Safe among threads."""

    _latest: CaseFiles = field(default_factory=CaseFiles.empty)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def latest(self, ledger: Ledger) -> CaseFiles:
        """Return the case files as the ledger stands."""
        with self._lock:
            if ledger.size > self._latest.position:
                self._latest = self._latest.after(ledger.entries(after=self._latest.position))
            return self._latest


def case_files_at(ledger: Ledger, position: int) -> CaseFiles:
    """Return the case files as they were at a position of the ledger."""
    return CaseFiles.empty().after(ledger.entries(position))


def _now() -> int:
    return time.time_ns() // 1000


@dataclass(slots=True, kw_only=True)
class Casework:
    """The case files of a workspace, for one person: what they see, and what they may do.

    Every operation checks the person's role and part in the case and the state of the file before anything is written,
    writes one entry, and returns the case file after it. What is refused leaves no entry.

    Parameters
    ----------
    ledger, batches
        Of the workspace.
    rules : CaseworkRules
        Of the case.
    zone : ZoneInfo
        Of the case.
    person : Person
        Who works.
    held : HeldCaseFiles
        Shared by all who work on one ledger in one process.
    records : Known, optional
        Looks up parties, clauses and evidence that are named; without it they are taken as given.
    clock : callable
        Tells the instant, UTC microseconds.
    """

    ledger: Ledger
    batches: BatchStore
    rules: CaseworkRules
    zone: ZoneInfo
    person: Person
    held: HeldCaseFiles = field(default_factory=HeldCaseFiles)
    records: Known | None = None
    clock: Callable[[], int] = _now

    @classmethod
    def of(cls, place: CaseworkPlace, person: Person, *, held: HeldCaseFiles | None = None) -> Casework:
        """Return the casework of a workspace, for a person."""
        case = place.case_at()
        return cls(
            ledger=place.ledger,
            batches=place.batches,
            rules=case.casework,
            zone=case.zone,
            person=person,
            held=held or HeldCaseFiles(),
        )

    # What is there.

    def rows(
        self, *, state: str | None = None, party: str | None = None, as_of: int | None = None
    ) -> tuple[CaseFileRow, ...]:
        """Return the case files that the person sees, the latest first.

        Parameters
        ----------
        state, party : str, optional
            Only files in this state; only files that this party filed or that accuse it.
        as_of : int, optional
            A position of the ledger: as they stood then.
        """
        at = self._instant(as_of)
        return tuple(
            row_of(one, self.rules, self.zone, at=at)
            for one in reversed(self._seen(as_of))
            if (state is None or one.state.value == state)
            and (party is None or party == one.filed_by or party in one.accused)
        )

    def seen(self, *, as_of: int | None = None) -> tuple[CaseFile, ...]:
        """Return the case files that the person sees, whole, by number: what of them is told is for the view to say."""
        return tuple(self._seen(as_of))

    def read(self, case_file_id: str, *, as_of: int | None = None) -> CaseFileView:
        """Return a case file as far as it is told to the person; at an earlier position, nothing is open to them.

        Raises
        ------
        UnknownRecordError
            When there is none, or they do not see it.
        """
        case_file = self._one(case_file_id, as_of)
        at = self._instant(as_of)
        asking = self.person
        if as_of is not None and as_of < self.ledger.size:
            view = view_of(case_file, asking, self.rules, self.zone, at=at)
            return _without_doors(view)
        return view_of(case_file, asking, self.rules, self.zone, at=at)

    def refuse_unseen(self, case_file_id: str) -> None:
        """Raise unless the person sees a case file.

        Raises
        ------
        UnknownRecordError
            When there is none, or they do not.
        """
        self._one(case_file_id, None)

    def notices(self, *, since: int) -> tuple[CaseNotice, ...]:
        """Return what the person must know since a position of the ledger."""
        self._refuse_outsiders()
        return notices(self._seen(None), self.person, since=since, at=self._instant(None))

    def symmetry(self, parties: Iterable[str], *, from_instant: int, as_of: int | None = None) -> SymmetryTable:
        """Return the table by party, of files opened from an instant on, as they stand now or at a position.

        For everybody who works here: a liaison sees the figures of all parties, the same as every other liaison. Of
        files that were not put to whom they accuse, no figure tells anybody but the centre.
        """
        self._refuse_outsiders()
        period = Span(from_instant, max(from_instant, self._instant(as_of)))
        return symmetry(self._counted(as_of), parties, period, self.rules, self.zone)

    def _counted(self, as_of: int | None) -> list[CaseFile]:
        return [one for one in self._files(as_of).files.values() if self.person.is_mission or counts_outside(one)]

    def parties(self, *, as_of: int | None = None) -> tuple[str, ...]:
        """Return everybody that files, their offers and visits, or the bodies of the case name as a party."""
        self._refuse_outsiders()
        named = {member.party for body in self.rules.bodies for member in body.members if member.party}
        for one in self._counted(as_of):
            named |= one.parties | set(one.accused) | {visit.visit.side for visit in one.visits}
        return tuple(sorted(named))

    def document(self, case_file_id: str, attachment: int) -> tuple[Attachment, bytes]:
        """Return a document as it is served to the person: the original to the centre, else the copy without metadata.

        Parameters
        ----------
        attachment : int
            Position of its entry.

        Raises
        ------
        UnknownRecordError
            When there is none that is told to them.
        NotAllowedError
            When it has no copy.
        """
        case_file = self._one(case_file_id, None)
        found = next((one for one in case_file.attachments if one.mark.position == attachment), None)
        if found is None or not is_told(case_file, attachment, self.person):
            raise unknown(f"{case_file_id}/{attachment}")
        digest = found.original if self.person.is_mission else found.served
        if digest is None:
            raise NotAllowedError(str(found.warning), "Ask the centre to show it to you.")
        return found, self.batches.get_bytes(digest)

    # What may be done.

    def open(self, fields: Mapping[str, Any], *, filed_by: str | None) -> CaseFileView:
        """File an allegation.

        Parameters
        ----------
        fields : mapping
            Of `casework.entries.CaseFields`: at least a title and a summary.
        filed_by : str or None
            The party that alleges; None: the centre takes it up itself.
        """
        case_file_id = stable_id("case", self.person.name, str(self.clock()), secrets.token_hex(8))
        shared = [filed_by] if filed_by else []
        payload = {"filed_by": filed_by, "fields": dict(fields)}
        return self._write(e.EntryKind.OPENED, case_file_id, payload, shared)

    def move(
        self, case_file_id: str, transition: str, *, base: int, reason: str, details: Mapping[str, Any] | None = None
    ) -> CaseFileView:
        """Make a transition.

        Parameters
        ----------
        transition : str
            One of those that `read` lists as open.
        base : int
            The `base` of the view that the person had before them.
        reason : str
            Why.
        details : mapping, optional
            Of the schema that the open transition gives.
        """
        case_file = self._one(case_file_id, None)
        given = dict(details or {})
        said = details_of(transition, given, self.rules, self.zone, at=self._instant(None))
        self._refuse_late_appeal(case_file, transition)
        payload = {"transition": transition, "base": base, "reason": reason, "details": said}
        shared, earlier = self._told_by(case_file, transition, given, said)
        return self._write(e.EntryKind.MOVED, case_file_id, {**payload, "shares": earlier}, shared)

    def edit(
        self, case_file_id: str, changes: Sequence[Mapping[str, Any]], *, leave_rivals: bool = True
    ) -> CaseFileView:
        """Change fields, each from the revision that the person had before them.

        Parameters
        ----------
        changes : sequence of mapping
            Each with ``field``, ``base`` and ``value``. A field that somebody changed since is put in conflict, and
            keeps its value until a person settles it; the others are changed.
        leave_rivals : bool
            Whether a field that somebody else changed is put in conflict; if not, nothing is changed then.

        Raises
        ------
        RivalEditsError
            When nothing was changed for that.
        """
        case_file = self._one(case_file_id, None)
        of_allegation = all(change.get("field") in e.ALLEGATION_FIELDS for change in changes)
        shared = sorted(case_file.told_to(case_file.opened.position)) if of_allegation else []
        checked = [self._change(change) for change in changes]
        edits = [validated(e.Change, change, "the change") for change in checked]

        def refuse(now: CaseFile) -> None:
            refuse_rivals(now, edits)

        guard = None if leave_rivals else refuse
        return self._write(e.EntryKind.EDITED, case_file_id, {"changes": checked}, shared, guard=guard)

    def resolve(self, case_file_id: str, field: str, *, conflict: int, value: Any, reason: str) -> CaseFileView:
        """Settle which value of a field stands; `conflict` is that of the conflict's view."""
        case_file = self._one(case_file_id, None)
        shared = sorted(case_file.told_to(case_file.opened.position)) if field in e.ALLEGATION_FIELDS else []
        payload = {"field": field, "conflict": conflict, "value": _plain(checked_value(field, value)), "reason": reason}
        return self._write(e.EntryKind.RESOLVED, case_file_id, payload, shared)

    def grade(self, case_file_id: str, grade: str, *, reason: str, evidence: Sequence[str] = ()) -> CaseFileView:
        """Say what the evidence is worth."""
        return self._write(
            e.EntryKind.GRADED, case_file_id, {"grade": grade, "reason": reason, "evidence": [*evidence]}
        )

    def comment(
        self, case_file_id: str, text: str, *, answers: int | None = None, share_with: Sequence[str] = ()
    ) -> CaseFileView:
        """Comment on the file; a liaison's comment is told to its own party, whoever else."""
        shared = self._with_own(case_file_id, share_with)
        return self._write(e.EntryKind.COMMENTED, case_file_id, {"text": text, "answers": answers}, shared)

    def attach(self, case_file_id: str, name: str, content: bytes, *, share_with: Sequence[str] = ()) -> CaseFileView:
        """Seal a document, and make the copy without metadata that is served.

        Parameters
        ----------
        name : str
            Of the file.
        content : bytes
            As it came.
        """
        if not content:
            raise UsageError("The document is empty.", "Attach the file itself.")
        most = self.rules.attachment_megabytes
        if len(content) > most * _MEGABYTE:
            raise UsageError(f"The document is larger than {most} MB.", "Attach it in parts, or a smaller copy.")
        shared = self._with_own(case_file_id, share_with)
        shown = checked_name(name)
        stripped = strip_metadata(content)
        payload: dict[str, Any] = {
            "name": shown,
            "media_type": stripped.media_type,
            "size": len(content),
            "warning": stripped.warning,
            "content": {"original": "0" * 64} | ({"served": "0" * 64} if stripped.served else {}),
        }
        self._try(e.EntryKind.ATTACHED, case_file_id, payload, shared)  # nothing is sealed for who may not attach
        payload["content"]["original"] = self.batches.put_bytes(content)
        if stripped.served:
            payload["content"]["served"] = self.batches.put_bytes(stripped.served)
        return self._write(e.EntryKind.ATTACHED, case_file_id, payload, shared)

    def visit(self, case_file_id: str, visit: Mapping[str, Any], *, share_with: Sequence[str] = ()) -> CaseFileView:
        """Record a visit, or an attempt at one: of `casework.requests.VisitRequest`. The file stays in its state."""
        request = validated(VisitRequest, visit, "the visit")
        payload = {"visit": visit_of(request, self.zone).model_dump(mode="json")}
        return self._write(e.EntryKind.VISITED, case_file_id, payload, share_with)

    def declare_interest(self, case_file_id: str, who: str, *, reason: str) -> CaseFileView:
        """Declare an interest of someone in the outcome: an account's name, or a member of a body."""
        return self._write(e.EntryKind.INTEREST, case_file_id, {"who": who, "reason": reason})

    def offer_reply(
        self, case_file_id: str, party: str, *, statement: str, until_day: str | None = None
    ) -> CaseFileView:
        """Ask a further party to reply, or one again; the first time, the transition `notify` does it."""
        given = {"party": party, "statement": statement, "until_day": until_day}
        request = validated(OfferRequest, given, "the offer")
        offer = offer_of(request, self.rules, self.zone, at=self._instant(None))
        return self._write(e.EntryKind.OFFERED, case_file_id, {"offer": offer.model_dump(mode="json")}, [party])

    def reply(self, case_file_id: str, party: str, *, text: str) -> CaseFileView:
        """Record a reply that does not move the file: a further one, or one that comes late."""
        return self._write(e.EntryKind.REPLIED, case_file_id, {"reply": {"party": party, "text": text}}, [party])

    def vote(
        self,
        case_file_id: str,
        *,
        draft: int,
        held_on: str,
        present: Sequence[str],
        ballots: Mapping[str, str],
        minutes: str,
    ) -> CaseFileView:
        """Record how the body voted on a draft: members present, and the ballot of each."""
        payload = {
            "draft": draft,
            "held_on": held_on,
            "present": [*present],
            "ballots": dict(ballots),
            "minutes": minutes,
        }
        return self._write(e.EntryKind.VOTED, case_file_id, payload)

    def dissent(self, case_file_id: str, member: str, *, on: str, text: str) -> CaseFileView:
        """Keep a member's dissent; after the ruling it is told to the parties too."""
        case_file = self._one(case_file_id, None)
        shared = sorted(case_file.parties) if case_file.state.value != "signed" else []
        return self._write(e.EntryKind.DISSENTED, case_file_id, {"member": member, "on": on, "text": text}, shared)

    def report_remedy(self, case_file_id: str, remedy: int, *, state: str, note: str) -> CaseFileView:
        """Say what became of a remedy, counted from 0."""
        shared = sorted(self._one(case_file_id, None).parties)
        return self._write(e.EntryKind.REMEDY, case_file_id, {"remedy": remedy, "state": state, "note": note}, shared)

    def publish(
        self,
        case_file_id: str,
        *,
        what: str,
        names: Sequence[str],
        text: str,
        safety_reason: str | None = None,
    ) -> CaseFileView:
        """Tell the public something; the reply of each party named is printed beside it, or that there is none."""
        case_file = self._one(case_file_id, None)
        replies = [printed_reply(case_file, party).model_dump(mode="json") for party in dict.fromkeys(names)]
        payload = {
            "what": what,
            "names": [*names],
            "text": text,
            "safety_reason": safety_reason,
            "replies": replies,
        }
        return self._write(e.EntryKind.PUBLISHED, case_file_id, payload, sorted(case_file.parties))

    def stop_clock(self, case_file_id: str, *, reason: str, note: str, denied_by: str | None = None) -> CaseFileView:
        """Let the clock stand still, for a reason."""
        payload = {"reason": reason, "note": note, "denied_by": denied_by}
        return self._write(e.EntryKind.CLOCK_STOPPED, case_file_id, payload)

    def restart_clock(self, case_file_id: str, *, note: str) -> CaseFileView:
        """Let the clock run again."""
        return self._write(e.EntryKind.CLOCK_RESTARTED, case_file_id, {"note": note})

    def share(
        self, case_file_id: str, positions: Sequence[int], *, share_with: Sequence[str], reason: str
    ) -> CaseFileView:
        """Tell entries of a file to parties of the case."""
        payload = {"positions": [*positions], "reason": reason}
        return self._write(e.EntryKind.SHARED, case_file_id, payload, share_with)

    def export(self, party: str, folder: Path, *, noted: Iterable[Checkpoint] = ()) -> int:
        """Write everything shared with a party into a new folder, to be checked offline; returns how many entries.

        That it was given is itself an entry, so that the next export proves to continue this one.

        Parameters
        ----------
        party : str
            For a liaison, its own.
        noted : iterable of Checkpoint
            Further sizes and roots that the party holds, as from printed bulletins.
        """
        mine = party in self.person.parties and Role.LIAISON in self.person.roles
        if not (mine or Role.HEAD in self.person.roles):
            raise NotAllowedError(
                f"What is shared with {party} goes to its own liaison.", "Ask for what is shared with your party."
            )
        files = self._files(None)
        size = files.position
        if size == 0:
            raise UsageError("The ledger is empty.", "There is nothing to export.")
        told = {
            position for one in files.files.values() for position, parties in one.shares.items() if party in parties
        }
        every = list(self.ledger.entries(size))
        entries = [entry for entry in every if entry.position in told]
        earlier = [
            Checkpoint(entry.payload["size"], entry.payload["root"])
            for entry in every
            if entry.kind == e.EntryKind.EXPORTED and entry.payload.get("party") == party
        ]
        known = {point.size: point for point in (*noted, *earlier) if self._is_ours(point, size)}
        write_excerpt(
            folder,
            self.ledger,
            entries,
            party=party,
            size=size,
            documents=self._documents(files, told, party),
            earlier=known.values(),
        )
        record = e.Exported(
            by=e.By.model_validate(capacity(self.person)),
            party=party,
            size=size,
            root=self.ledger.root(size),
            entries=len(entries),
        )
        self.ledger.append(e.EntryKind.EXPORTED, record.model_dump(mode="json"), author=self.person.name)
        return len(entries)

    # How it is done.

    def _is_ours(self, point: Checkpoint, size: int) -> bool:
        if point.size > size or self.ledger.root(point.size) != point.root:
            raise UsageError(
                f"What was noted at position {point.size} is not of this ledger.",
                "Compare it with the paper it was noted from; if it agrees, the ledger was altered.",
            )
        return point.size < size

    def _documents(self, files: CaseFiles, told: set[int], party: str) -> dict[str, bytes]:
        """Return the documents told to a party: copies without metadata, and in full what it brought itself."""
        found: dict[str, bytes] = {}
        for one in files.files.values():
            for attachment in one.attachments:
                if attachment.mark.position not in told:
                    continue
                brought = self._brought(one, attachment, party)
                for digest in (attachment.served, attachment.original if brought else None):
                    if digest is not None:
                        found[digest] = self.batches.get_bytes(digest)
        return found

    def _brought(self, case_file: CaseFile, attachment: Attachment, party: str) -> bool:
        entry = next(self.ledger.entries(attachment.mark.position, after=attachment.mark.position - 1))
        by = e.By.model_validate(entry.payload["by"])
        return case_file.id == entry.payload["case_file_id"] and set(by.roles) == {Role.LIAISON} and party in by.parties

    def _write(
        self,
        kind: e.EntryKind,
        case_file_id: str,
        payload: Mapping[str, Any],
        shared: Iterable[str] = (),
        *,
        guard: Callable[[CaseFile], None] | None = None,
    ) -> CaseFileView:
        plain = self._try(kind, case_file_id, payload, shared)
        seen = self.held.latest(self.ledger)

        def fits(since: Sequence[Entry], entry: Entry) -> None:
            """Refuse the entry where somebody else's, which came between the look and the writing, lets it not fit."""
            now = seen.after(since)
            try:
                now.applied(entry)
            except UsageError as error:
                if any(other.payload.get("case_file_id") == case_file_id for other in since):
                    raise OutdatedError(error.what, "Read the case file again, and decide anew.") from error
                raise
            if guard is not None:  # after what asks whether the person may: a guard tells what stands
                guard(now.files[case_file_id])

        self.ledger.append_if(kind, plain, author=self.person.name, seen=seen.position, fits=fits)
        return self.read(case_file_id)

    def _try(
        self, kind: e.EntryKind, case_file_id: str, payload: Mapping[str, Any], shared: Iterable[str]
    ) -> dict[str, Any]:
        """Return the payload as it would be written, when it may be.

        Raises
        ------
        CeasefireError
            When it may not.
        """
        self._refuse_outsiders()
        told = list(dict.fromkeys(shared))
        given = {"case_file_id": case_file_id, "by": capacity(self.person), "shared_with": told, **payload}
        plain = validated(e.PAYLOADS[kind], given, kind.value).model_dump(mode="json")
        files = self.held.latest(self.ledger)
        tried = Entry(
            position=files.position + 1,
            recorded_at=self._instant(None),
            clock_behind=0,
            author=self.person.name,
            kind=kind,
            payload=plain,
            hash="",
        )
        files.applied(tried)
        if self.records is not None:  # only of those who may do it: else anybody could ask what is on record
            self.records.refuse_unknown(payload)
        canonical_json(plain)
        return plain

    def _change(self, change: Mapping[str, Any]) -> dict[str, Any]:
        checked = validated(e.Change, change, "the change")
        return {
            "field": checked.field,
            "base": checked.base,
            "value": _plain(checked_value(checked.field, checked.value)),
        }

    def _told_by(
        self, case_file: CaseFile, transition: str, given: Mapping[str, Any], said: Mapping[str, Any]
    ) -> tuple[list[str], list[int]]:
        """Return to which parties a move is told, and which earlier entries with it."""
        told = set(told_by_move(case_file, transition))
        earlier: list[int] = []
        if transition == "notify":
            told |= {offer["party"] for offer in said["offers"]}
            if validated(NoticeRequest, given, "the notice").with_allegation:
                earlier = self._allegation_entries(case_file)
        if transition == "determine" and case_file.draft and case_file.vote:
            later = [dissent.mark.position for dissent in case_file.dissents]
            earlier = [case_file.draft.mark.position, case_file.vote.mark.position, *later]
        return sorted(told), earlier

    def _allegation_entries(self, case_file: CaseFile) -> list[int]:
        """Return the entries that made the allegation what it is: all of them must be told to whom it is put."""
        filing = set(case_file.told_to(case_file.opened.position))
        edits = [
            act.mark.position
            for act in case_file.history
            if act.kind in (e.EntryKind.EDITED, e.EntryKind.RESOLVED)
            and any(case_file.fields[name].mark.position == act.mark.position for name in e.ALLEGATION_FIELDS)
            and (not filing or filing <= set(case_file.told_to(act.mark.position)))
        ]
        return [case_file.opened.position, *edits]

    def _refuse_late_appeal(self, case_file: CaseFile, transition: str) -> None:
        if transition != "appeal" or case_file.ruling is None:
            return
        last_instant = case_file.ruling.mark.at + self.rules.appeal_days * 86_400_000_000
        if self._instant(None) > last_instant:
            raise UsageError(
                f"The ruling is more than {self.rules.appeal_days} days old.", "The time for an appeal has passed."
            )

    def _with_own(self, case_file_id: str, share_with: Sequence[str]) -> list[str]:
        case_file = self._one(case_file_id, None)
        own = (
            []
            if self.person.is_mission
            else sorted(self.person.parties & (case_file.parties | named_publicly(case_file)))
        )
        return [*own, *share_with]

    def _refuse_outsiders(self) -> None:
        if not self.person.roles & READERS:
            raise NotAllowedError("Casework is not open to these roles.", "What was published stands in the bulletins.")

    def _one(self, case_file_id: str, as_of: int | None) -> CaseFile:
        self._refuse_outsiders()
        found = self._files(as_of).files.get(case_file_id)
        if found is None or not sees(found, self.person):
            raise unknown(case_file_id)
        return found

    def _seen(self, as_of: int | None) -> list[CaseFile]:
        self._refuse_outsiders()
        return [one for one in self._files(as_of).files.values() if sees(one, self.person)]

    def _files(self, as_of: int | None) -> CaseFiles:
        if as_of is None:
            return self.held.latest(self.ledger)
        if not 0 <= as_of <= self.ledger.size:
            raise UsageError(f"There is no position {as_of}.", f"The ledger has entries 1 to {self.ledger.size}.")
        return case_files_at(self.ledger, as_of)

    def _instant(self, as_of: int | None) -> int:
        """Return now, never before the last entry; or when the entry at a position was recorded."""
        position = self.ledger.size if as_of is None else as_of
        last = next(self.ledger.entries(position, after=position - 1), None) if position else None
        recorded = last.recorded_at if last else 0
        return recorded if as_of is not None else max(self.clock(), recorded + 1)


def entries_of(entries: Iterable[Entry], case_file_id: str) -> tuple[Entry, ...]:
    """Return the entries about one case file, in order."""
    return tuple(
        entry for entry in entries if entry.kind in KINDS and entry.payload.get("case_file_id") == case_file_id
    )


def _without_doors(view: CaseFileView) -> CaseFileView:
    from dataclasses import replace

    return replace(view, transitions=(), barred=(), may_add=())


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
