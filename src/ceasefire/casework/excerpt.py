"""An excerpt of a ledger that can be checked without it: some entries, each with the proof of its place, and documents.

A folder holds ``excerpt.json`` (for whom, the size and root of the ledger then, proofs that roots noted earlier are its
beginning), ``entries.jsonl`` (one entry a line, its payload as the very text that was hashed, and its proof) and
``documents/`` (files named by their hash).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ceasefire.ledger import tree
from ceasefire.ledger.audit import AuditFault, Checkpoint
from ceasefire.ledger.entry import Entry, leaf_content
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.canonical import canonical_json, sha256_hex
from ceasefire.model.errors import InputError, UsageError

EXCERPT_FILE, ENTRIES_FILE, DOCUMENTS_FOLDER = "excerpt.json", "entries.jsonl", "documents"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptReport:
    """What checking an excerpt found.

    Parameters
    ----------
    party : str
        For whom it was made.
    size : int
        Entries of the ledger then.
    root : str
        Its root then.
    entries, documents : int
        Held, and agreeing with the root and with their hashes.
    faults : tuple of AuditFault
        Empty when all agrees.
    """

    party: str
    size: int
    root: str
    entries: int
    documents: int
    faults: tuple[AuditFault, ...]

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return not self.faults


def write_excerpt(
    folder: Path,
    ledger: Ledger,
    entries: Iterable[Entry],
    *,
    party: str,
    size: int,
    documents: Mapping[str, bytes],
    earlier: Iterable[Checkpoint] = (),
) -> None:
    """Write an excerpt into a new or empty folder.

    Parameters
    ----------
    entries : iterable of Entry
        Those to be told, with positions up to `size`.
    size : int
        Of the ledger that they are proved against.
    documents : mapping of str to bytes
        By hash.
    earlier : iterable of Checkpoint
        Sizes and roots noted before, whose consistency is proved.

    Raises
    ------
    UsageError
        When the folder holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty.", "Name a new folder: an excerpt is written whole.")
    (folder / DOCUMENTS_FOLDER).mkdir(parents=True, exist_ok=True)
    for digest, content in documents.items():
        (folder / DOCUMENTS_FOLDER / digest).write_bytes(content)
    lines = [
        canonical_json(
            {
                "position": entry.position,
                "recorded_at": entry.recorded_at,
                "clock_behind": entry.clock_behind,
                "author": entry.author,
                "kind": entry.kind,
                "payload": canonical_json(entry.payload),
                "proof": [step.hex() for step in ledger.inclusion_proof(entry.position, size)],
            }
        )
        for entry in entries
    ]
    (folder / ENTRIES_FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    noted = [
        {
            "size": point.size,
            "root": point.root,
            "proof": [step.hex() for step in ledger.consistency_proof(point.size, size)],
        }
        for point in earlier
    ]
    summary = {
        "format": _FORMAT,
        "party": party,
        "size": size,
        "root": ledger.root(size),
        "entries": len(lines),
        "documents": sorted(documents),
        "earlier": noted,
    }
    (folder / EXCERPT_FILE).write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_excerpt(folder: Path, *, checkpoint: Checkpoint | None = None) -> ExcerptReport:
    """Check an excerpt by itself: no ledger is needed.

    Parameters
    ----------
    checkpoint : Checkpoint, optional
        A size and root noted elsewhere, as on a printed bulletin: the root then, or an earlier one that the excerpt
        proves to be its beginning.

    Raises
    ------
    InputError
        When the folder is no excerpt, or of another format.
    """
    summary = _summary(folder)
    faults: list[AuditFault] = []
    try:
        lines = (folder / ENTRIES_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
        faults.append(AuditFault(position=None, what=f"{ENTRIES_FILE} cannot be read."))
    if len(lines) != summary["entries"]:
        faults.append(
            AuditFault(position=None, what=f"there are {len(lines)} entries; {summary['entries']} were given.")
        )
    sound = 0
    for number, line in enumerate(lines, start=1):
        fault = _entry_fault(line, summary, number)
        sound += fault is None
        if fault is not None:
            faults.append(fault)
    documents, wrong = _documents(folder, summary["documents"])
    faults += wrong
    if checkpoint is not None:
        faults += _checkpoint_faults(summary, checkpoint)
    return ExcerptReport(
        party=str(summary["party"]),
        size=summary["size"],
        root=summary["root"],
        entries=sound,
        documents=documents,
        faults=tuple(faults),
    )


def is_excerpt(folder: Path) -> bool:
    """Whether a folder holds an excerpt."""
    return (folder / EXCERPT_FILE).is_file()


def _summary(folder: Path) -> dict[str, Any]:
    path = folder / EXCERPT_FILE
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
        sound = (
            summary["format"] == _FORMAT
            and isinstance(summary["size"], int)
            and isinstance(summary["entries"], int)
            and len(bytes.fromhex(summary["root"])) == 32
            and all(isinstance(digest, str) for digest in summary["documents"])
            and all({"size", "root", "proof"} <= set(noted) for noted in summary["earlier"])
            and isinstance(summary["party"], str)
        )
    except (OSError, ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise InputError.single(
            path,
            "is no summary of an excerpt that this release reads.",
            "Without the size and root of the ledger nothing can be checked.",
            "Name the folder as the centre gave it, or use the release that wrote it.",
        )
    return dict(summary)


def _entry_fault(line: str, summary: dict[str, Any], number: int) -> AuditFault | None:
    try:
        held = json.loads(line)
        content = leaf_content(**{name: held[name] for name in _LEAF})
        path = [bytes.fromhex(step) for step in held["proof"]]
        position = int(held["position"])
    except (ValueError, KeyError, TypeError):
        return AuditFault(position=None, what=f"line {number} of {ENTRIES_FILE} is no entry.")
    root = bytes.fromhex(summary["root"])
    if tree.verify_inclusion(tree.leaf_hash(content), position - 1, summary["size"], path, root):
        return None
    return AuditFault(position=position, what="is not in the ledger of that root, at that place, as it stands here.")


_LEAF = ("position", "recorded_at", "clock_behind", "author", "kind", "payload")


def _documents(folder: Path, listed: list[str]) -> tuple[int, list[AuditFault]]:
    there = {path.name for path in (folder / DOCUMENTS_FOLDER).glob("*")}
    faults = [
        AuditFault(position=None, what=f"the document {name} was not given.") for name in sorted(there - set(listed))
    ]
    sound = 0
    for digest in listed:
        path = folder / DOCUMENTS_FOLDER / digest
        if Path(digest).name != digest or not path.is_file():
            faults.append(AuditFault(position=None, what=f"the document {digest} is missing."))
        elif sha256_hex(path.read_bytes()) != digest:
            faults.append(AuditFault(position=None, what=f"the document {digest} has changed."))
        else:
            sound += 1
    return sound, faults


def _checkpoint_faults(summary: dict[str, Any], checkpoint: Checkpoint) -> list[AuditFault]:
    root = bytes.fromhex(summary["root"])
    if checkpoint.size == summary["size"]:
        same = checkpoint.root == summary["root"]
        return [] if same else [AuditFault(position=None, what="its root is not the one that was noted.")]
    for noted in summary["earlier"]:
        if (noted["size"], noted["root"]) == (checkpoint.size, checkpoint.root):
            path = [bytes.fromhex(step) for step in noted["proof"]]
            old = bytes.fromhex(checkpoint.root)
            if tree.verify_consistency(checkpoint.size, old, summary["size"], root, path):
                return []
            return [AuditFault(position=None, what="the ledger is no continuation of the one that was noted.")]
    return [
        AuditFault(
            position=None,
            what=f"it holds no proof for what was noted at position {checkpoint.size}; ask for one that does.",
        )
    ]
