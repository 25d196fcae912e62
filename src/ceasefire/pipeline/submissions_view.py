"""What came from the field, as a viewer needs it: files imported, and submissions that wait for a decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from ceasefire.model.canonical import stable_id
from ceasefire.model.roles import public
from ceasefire.model.time import instant_text
from ceasefire.pipeline.imports import DECISION, Format
from ceasefire.pipeline.submissions import HeldSubmissions

if TYPE_CHECKING:
    from ceasefire.intake.odk_versions import Settled
    from ceasefire.pipeline.imports import ImportResult
    from ceasefire.pipeline.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionImport:
    """A file of submissions that was imported, or a decision about one."""

    position: Annotated[int, public("Of the ledger entry.")]
    recorded_at: Annotated[str, public("UTC.")]
    author: Annotated[str, public("Who imported it, or decided.")]
    file: Annotated[str, public("Its name.")]
    is_decision: Annotated[bool, public("Whether it records a decision between versions.")]
    rows_in: Annotated[int, public("Submissions in it.")]
    accepted: Annotated[int, public("Versions recorded.")]
    rejected: Annotated[int, public("Submissions refused.")]
    duplicates: Annotated[int, public("Versions held before.")]
    revised: Annotated[int, public("Reports that it changed.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalAnswer:
    """What one version answers to a question on which versions differ."""

    field: Annotated[str, public("The question.")]
    answer: Annotated[str | None, public("As written; null: left out.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalVersion:
    """One version of a submission that contradicts another."""

    version_id: Annotated[str, public("Its id: what a decision names.")]
    instance_id: Annotated[str, public("As the phone or server gave it.")]
    submitted_at: Annotated[str | None, public("As the server says.")]
    recorded_at: Annotated[str, public("When we recorded it, UTC.")]
    position: Annotated[int, public("Of the ledger entry that recorded it.")]
    answers: Annotated[tuple[RivalAnswer, ...], public("Where the versions differ.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionConflict:
    """A submission whose edits contradict one another."""

    name: Annotated[str, public("The instance id that it began with.")]
    title: Annotated[str, public("In a few words, as the version that stands has it.")]
    report_id: Annotated[str, public("The report that it makes.")]
    standing: Annotated[str, public("Id of the version that stands until somebody decides.")]
    versions: Annotated[tuple[RivalVersion, ...], public("Those to decide between.")]
    sealed_differs: Annotated[bool, public("Whether nothing that can be shown differs, only what is sealed.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submissions:
    """What came from the field."""

    submissions: Annotated[int, public("How many there are, each with all its versions.")]
    versions: Annotated[int, public("How many versions of them are held.")]
    imports: Annotated[tuple[SubmissionImport, ...], public("Files and decisions, the latest first.")]
    conflicts: Annotated[tuple[SubmissionConflict, ...], public("Submissions that wait for a decision.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionReject:
    """A submission that was refused, and why."""

    where: Annotated[str, public("File, and row or record in it.")]
    what: Annotated[str, public("All that is wrong with it.")]
    why: Annotated[str, public("Why that matters.")]
    do: Annotated[str, public("What to do.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionsImported:
    """What came of a file of submissions, or of a decision."""

    position: Annotated[int, public("Of the ledger entry that records it.")]
    file: Annotated[str, public("Its name.")]
    already_held: Annotated[bool, public("Whether all of it had been recorded before, so that nothing was added.")]
    rows_in: Annotated[int, public("Submissions in it: accepted, rejected or duplicates.")]
    accepted: Annotated[int, public("Versions recorded.")]
    rejected: Annotated[int, public("Submissions refused.")]
    duplicates: Annotated[int, public("Versions held before.")]
    revised: Annotated[int, public("Reports that it changed.")]
    conflicts: Annotated[int, public("Submissions that wait for a decision now.")]
    rejects: Annotated[tuple[SubmissionReject, ...], public("Every one refused.")]
    notes: Annotated[dict[str, int], public("What is odd about those recorded: flag to how many.")]


def submissions_view(state: State) -> Submissions:
    """Return what came from the field up to a state of the record."""
    held = HeldSubmissions.read(state.history, state.batches)
    settled = held.settled()
    entries = {entry.position: entry for entry in state.history.imports}
    imports = [
        SubmissionImport(
            position=entry.position,
            recorded_at=_utc(entry.recorded_at),
            author=entry.author,
            file=entry.payload["file"],
            is_decision=entry.payload["options"]["format"] == DECISION,
            **{key: entry.payload[key] for key in ("rows_in", "accepted", "rejected", "duplicates", "revised")},
        )
        for entry in reversed(state.history.imports)
        if entry.payload["options"]["format"] in (Format.ODK, DECISION)
    ]
    recorded = {position: _utc(entry.recorded_at) for position, entry in entries.items()}
    return Submissions(
        submissions=len(settled),
        versions=len(held.versions),
        imports=tuple(imports),
        conflicts=tuple(_conflict(one, held, recorded) for one in settled if one.rivals),
    )


def imported_view(result: ImportResult) -> SubmissionsImported:
    """Return what came of an import, as it is told."""
    rejects = tuple(
        SubmissionReject(
            where=":".join(str(part) for part in (fault.path, fault.line) if part is not None),
            what=fault.what,
            why=fault.why,
            do=fault.remedy,
        )
        for fault in result.rejects
    )
    keys = (
        "position", "file", "already_held", "rows_in", "accepted", "rejected", "duplicates", "revised", "conflicts",
    )  # fmt: skip
    return SubmissionsImported(**{key: getattr(result, key) for key in keys}, rejects=rejects, notes=dict(result.notes))


def _conflict(one: Settled, held: HeldSubmissions, recorded: dict[int, str]) -> SubmissionConflict:
    places = {version.version_id: place for place, version in enumerate(held.versions)}
    rivals = [places[each] for each in one.rivals]
    answered = [_answers(held.records[place]) for place in rivals]
    differing = sorted(
        name for name in {name for each in answered for name in each} if len({each.get(name) for each in answered}) > 1
    )
    stands = places[one.standing]
    source = str(held.rows["source_id"][stands].as_py())
    return SubmissionConflict(
        name=one.name,
        title=held.records[stands]["answers"].get("title", ""),
        report_id=stable_id("rep", source, one.name),
        standing=one.standing,
        sealed_differs=not differing,
        versions=tuple(
            RivalVersion(
                version_id=held.versions[place].version_id,
                instance_id=held.versions[place].instance_id,
                submitted_at=held.records[place]["submitted_at"],
                recorded_at=recorded[held.positions[place]],
                position=held.positions[place],
                answers=tuple(RivalAnswer(field=name, answer=said.get(name)) for name in differing),
            )
            for place, said in zip(rivals, answered, strict=True)
        ),
    )


_OF_THE_FILLING_IN = frozenset({"start", "end"})
"""They differ between any two versions, and say nothing of the incident."""


def _answers(record: dict[str, Any]) -> dict[str, str]:
    """Return what a version answers, its photographs as one answer."""
    found = {name: said for name, said in record["answers"].items() if name not in _OF_THE_FILLING_IN}
    return found | dict(_photos(record))


def _photos(record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    names = [f"{photo.get('photo', '')} {photo.get('photo_note', '')}".strip() for photo in record["photos"]]
    if names:
        yield "photos", "; ".join(names)


def _utc(instant: int) -> str:
    return instant_text(instant).replace("+00:00", "Z")
