"""Submissions from the field: sealed, read, put beside the versions held; conflicting edits wait for a person."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ceasefire.intake.odk_files import RawSubmission, SubmissionFile, open_submissions
from ceasefire.intake.odk_reports import FormContext, open_answers, read_submission
from ceasefire.intake.odk_versions import Decision, Settled, Version, settle, version_id
from ceasefire.ledger.entry import Entry
from ceasefire.ledger.sealing import FOLDER, Seal
from ceasefire.model.canonical import canonical_json, sha256_hex, stable_id
from ceasefire.model.errors import Fault, OutdatedError, UsageError
from ceasefire.model.schemas import REPORT, empty, table_of
from ceasefire.pipeline.field_form import form_vocabulary
from ceasefire.pipeline.history import History, Kind
from ceasefire.pipeline.imports import DECISION, Format, ImportResult
from ceasefire.pipeline.reports import conform, held_reports, sort_reports

if TYPE_CHECKING:
    from ceasefire.ledger.batches import BatchStore
    from ceasefire.ledger.ledger import Ledger
    from ceasefire.pipeline.state import State

CONFLICT_FLAG = "edits-conflict"
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class HeldSubmissions:
    """Every version recorded, with the report that it makes.

    Parameters
    ----------
    versions : tuple of Version
        In the order of recording.
    rows : Table
        Schema `model.schemas.REPORT`, one row a version.
    records : tuple of dict
        What was recorded of each: answers, photographs, when it was submitted.
    positions : tuple of int
        Of the entry that recorded each.
    decisions : tuple of Decision
        In order.
    """

    versions: tuple[Version, ...]
    rows: pa.Table
    records: tuple[dict[str, Any], ...]
    positions: tuple[int, ...]
    decisions: tuple[Decision, ...]

    @classmethod
    def read(cls, history: History, batches: BatchStore) -> HeldSubmissions:
        """Read what the ledger names up to a position."""
        records: list[dict[str, Any]] = []
        positions: list[int] = []
        decisions: list[Decision] = []
        tables = [empty(REPORT)]
        for entry in history.imports:
            if entry.payload["options"]["format"] == DECISION:
                said = entry.payload["decision"]
                decisions.append(Decision(keep=said["keep"], over=tuple(said["over"])))
            elif entry.payload["options"]["format"] == Format.ODK:
                document = json.loads(batches.get_bytes(entry.content["document"]))
                records += document["submissions"]
                positions += [entry.position] * len(document["submissions"])
                tables.append(conform(batches.get_table(entry.content["versions"])))
        return cls(
            tuple(_version(record) for record in records),
            pa.concat_tables(tables).unify_dictionaries().combine_chunks(),
            tuple(records),
            tuple(positions),
            tuple(decisions),
        )

    def settled(self) -> tuple[Settled, ...]:
        """Say of each submission which version stands."""
        return settle(self.versions, self.decisions)

    def reports(self) -> pa.Table:
        """Return the report of each submission, under the version that stands."""
        settled = self.settled()
        places = {one.version_id: place for place, one in enumerate(self.versions)}
        table = self.rows.take(pa.array([places[one.standing] for one in settled], pa.int64()))
        names = [one.name for one in settled]
        sources = table["source_id"].cast(pa.string()).to_pylist()
        ids = [stable_id("rep", *pair) for pair in zip(sources, names, strict=True)]
        flags = [
            sorted({*(held or []), *([CONFLICT_FLAG] if one.rivals else [])})
            for held, one in zip(table["flags"].to_pylist(), settled, strict=True)
        ]
        for name, values in (("report_id", ids), ("source_report_id", names), ("flags", flags)):
            field = REPORT.field(name)
            table = table.set_column(REPORT.get_field_index(name), field, pa.array(values, type=field.type))
        return table


def import_submissions(
    name: str, content: bytes, *, state: State, ledger: Ledger, author: str, now: int | None = None
) -> ImportResult:
    """Read a file of submissions and record it, whole or not at all.

    The original, with what must be told to nobody in it, is sealed; beside it, in the clear, is kept what the form
    asks and a report may show.

    Parameters
    ----------
    name : str
        What the file is called.
    content : bytes
        The file.
    state : State
        The record as it is, with the case.
    now : int, optional
        UTC microseconds.

    Raises
    ------
    InputError
        When the file is refused as a whole; nothing is recorded then.
    """
    opened = open_submissions(name, content)
    seal = Seal.of(state.folder, create=True)
    with _one_at_a_time(state.folder):
        state = state.after(ledger)
        held = HeldSubmissions.read(state.history, state.batches)
        read = _Read.of(opened, state, seal, held, now or time.time_ns() // 1000)
        if not read.records:
            return read.nothing_new(name, ledger.size)
        document = canonical_json({"format": 1, "submissions": read.records}).encode()
        digest = sha256_hex(document)
        rows = table_of([{**row, "document_id": digest} for row in read.rows], REPORT)
        grown = HeldSubmissions(
            (*held.versions, *(_version(record) for record in read.records)),
            pa.concat_tables([held.rows, rows]).unify_dictionaries().combine_chunks(),
            (*held.records, *read.records),
            (*held.positions, *[ledger.size + 1] * len(read.records)),
            held.decisions,
        )
        batches = state.batches
        payload = _changes(held, grown, state)
        stored = {
            "document": batches.put_bytes(document),
            "versions": batches.put_table(rows),
            "sealed": batches.put_bytes(seal.sealed(content, of=digest)),
        }
        if read.rejects:
            faults = canonical_json([asdict(fault) for fault in read.rejects]).encode()
            stored["rejects"] = batches.put_bytes(faults)
        entry = ledger.append(
            Kind.IMPORT,
            {
                "file": Path(name).name,
                "size_bytes": len(content),
                "options": {"format": Format.ODK.value},
                "rows_in": len(opened.submissions),
                "accepted": len(read.records),
                "rejected": len(read.rejects),
                "duplicates": read.duplicates,
                **payload,
                "content": {**payload.pop("content"), **stored},
            },
            author=author,
        )
    return _result(entry, read.rejects)


def decide_conflict(keep: str, note: str, *, state: State, ledger: Ledger, author: str) -> ImportResult:
    """Record which of the versions of a submission that contradict one another stands.

    Parameters
    ----------
    keep : str
        Its version id.
    note : str
        Why; recorded with the decision.

    Raises
    ------
    UsageError
        When there is no such version, or nothing to decide about it.
    """
    reason = " ".join(note.split())
    if not 1 <= len(reason) <= LONGEST_NOTE:
        raise UsageError("A decision says why.", f"Write 1 to {LONGEST_NOTE:,} letters.")
    with _one_at_a_time(state.folder):
        state = state.after(ledger)
        held = HeldSubmissions.read(state.history, state.batches)
        found = next((one for one in held.settled() if keep in one.versions), None)
        if found is None:
            raise UsageError(f'There is no version "{keep}".', "`ceasefire submissions` lists those in conflict.")
        if keep not in found.rivals:
            raise OutdatedError(
                f"{keep} is in no conflict: it was decided, or edited since.", "Look at the submission again."
            )
        over = tuple(each for each in found.rivals if each != keep)
        said = {"keep": keep, "over": list(over), "name": found.name, "note": reason}
        decision = Decision(keep=keep, over=over)
        grown = HeldSubmissions(held.versions, held.rows, held.records, held.positions, (*held.decisions, decision))
        payload = _changes(held, grown, state)
        document = canonical_json({"format": 1, "decision": said}).encode()
        entry = ledger.append(
            Kind.IMPORT,
            {
                "file": f"decision on {found.name}",
                "size_bytes": len(document),
                "options": {"format": DECISION},
                "rows_in": 1,
                "accepted": 1,
                "rejected": 0,
                "duplicates": 0,
                "decision": said,
                **payload,
                "content": {**payload.pop("content"), "document": state.batches.put_bytes(document)},
            },
            author=author,
        )
    return _result(entry, ())


def open_sealed(position: int, *, state: State, ledger: Ledger, author: str) -> tuple[str, bytes]:
    """Return the name and the original of a file of submissions, and record that it was opened.

    Raises
    ------
    UsageError
        When no such file was imported at that position.
    CeasefireError
        When the key is missing, or another one.
    """
    for entry in state.history.imports:
        if entry.position == position and "sealed" in entry.content:
            held = state.batches.get_bytes(entry.content["sealed"])
            content = Seal.of(state.folder).opened(held, of=entry.content["document"])
            ledger.append(Kind.SEAL_OPENED, {"position": position, "file": entry.payload["file"]}, author=author)
            return entry.payload["file"], content
    raise UsageError(
        f"Entry {position} of the ledger imported no sealed file.", "`ceasefire submissions` lists those that did."
    )


@dataclass(slots=True)
class _Read:
    """What a file gives: versions that are new, and what was refused."""

    rows: list[dict[str, Any]]
    records: list[dict[str, Any]]
    rejects: tuple[Fault, ...]
    duplicates: int
    rows_in: int

    @classmethod
    def of(cls, file: SubmissionFile, state: State, seal: Seal, held: HeldSubmissions, now: int) -> _Read:
        case = state.case
        context = FormContext(
            vocabulary=form_vocabulary(state),
            register=case.actors,
            speakers={one.id: (one.party, one.lineage) for one in case.speakers.values()},
            zone=case.zone,
            now=now,
        )
        known = {one.version_id for one in held.versions}
        rows, records, rejects, duplicates = [], [], [], 0
        for raw in file.submissions:
            digest = seal.keyed(canonical_json([raw.answers, raw.photos, raw.others]))
            version = version_id(raw.instance_id, digest)
            if raw.instance_id and version in known:
                duplicates += 1
                continue
            row, fault = read_submission(raw, context)
            if row is None or fault is not None:
                if fault is not None:
                    rejects.append(fault)
                continue
            known.add(version)
            rows.append({**row, "report_id": version, "source_report_id": raw.instance_id})
            records.append(_record(raw, version, digest, file))
        return cls(rows, records, tuple(rejects), duplicates, len(file.submissions))

    def nothing_new(self, name: str, position: int) -> ImportResult:
        """Return what came of a file that gives no version more: nothing is recorded."""
        return ImportResult(
            position=position,
            format=Format.ODK.value,
            file=Path(name).name,
            already_held=not self.rejects,
            rows_in=self.rows_in,
            accepted=0,
            rejected=len(self.rejects),
            duplicates=self.duplicates,
            rejects=self.rejects,
            notes={},
        )


def _record(raw: RawSubmission, version: str, digest: str, file: SubmissionFile) -> dict[str, Any]:
    """Return what is kept of a submission in the clear."""
    answers = open_answers(raw.answers)
    return {
        "version_id": version,
        "instance_id": raw.instance_id,
        "deprecated_id": raw.deprecated_id,
        "root_id": raw.root_id,
        "edits": raw.edits,
        "digest": digest,
        "submitted_at": raw.submitted_at,
        "form_id": raw.form_id,
        "form_version": raw.form_version,
        "answers": answers,
        "photos": [{**photo, "sha256": file.media.get(photo.get("photo", ""))} for photo in raw.photos],
        "sealed": sorted({*raw.answers, *raw.others} - set(answers)),
    }


def _version(record: dict[str, Any]) -> Version:
    keys = ("version_id", "instance_id", "deprecated_id", "root_id", "edits", "digest")
    return Version(**{key: record[key] for key in keys})


def _changes(before: HeldSubmissions, after: HeldSubmissions, state: State) -> dict[str, Any]:
    """Return what an entry says of the reports: those that are new or other, and those that no longer stand."""
    reports = after.reports()
    sorted_reports = sort_reports(reports, held_reports(state.history, state.batches))
    gone = set(before.reports()["report_id"].to_pylist()) - set(reports["report_id"].to_pylist())
    fresh = sorted_reports.fresh
    flags = fresh["flags"].combine_chunks().flatten().value_counts().to_pylist()
    return {
        "revised": sorted_reports.revised,
        "conflicts": sum(bool(one.rivals) for one in after.settled()),
        "notes": {each["values"]: each["counts"] for each in flags},
        "withdrawn": sorted(gone),
        "content": {"reports": state.batches.put_table(fresh)},
    }


def _result(entry: Entry, rejects: tuple[Fault, ...]) -> ImportResult:
    said = entry.payload
    return ImportResult(
        position=entry.position,
        format=said["options"]["format"],
        file=said["file"],
        already_held=False,
        rows_in=said["rows_in"],
        accepted=said["accepted"],
        rejected=said["rejected"],
        duplicates=said["duplicates"],
        revised=said["revised"],
        conflicts=said["conflicts"],
        rejects=rejects,
        notes=said["notes"],
    )


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep two programs from settling submissions at once, each without what the other brings."""
    try:
        import fcntl
    except ImportError:  # Windows: one laptop, one user
        yield
        return
    (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
    with (folder / FOLDER / "importing").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
