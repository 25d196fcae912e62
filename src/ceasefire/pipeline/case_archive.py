"""The files of a case, kept by their hashes, so that the case of any day can be laid out again."""

from __future__ import annotations

import shutil
from pathlib import Path

from ceasefire.ledger.batches import BatchStore
from ceasefire.model.canonical import sha256_hex

PREFIX = "case/"
"""Of the names under which an entry's content lists the files of a case."""


def case_files(folder: Path) -> dict[str, Path]:
    """Return the files of a case by their name within it, with forward slashes; hidden files are not part of it."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def hash_case(folder: Path) -> dict[str, str]:
    """Return the hash of every file, by the name that an entry's content uses."""
    return {PREFIX + name: sha256_hex(path.read_bytes()) for name, path in case_files(folder).items()}


def keep_case(folder: Path, batches: BatchStore) -> dict[str, str]:
    """Keep every file; returns what `hash_case` would."""
    return {PREFIX + name: batches.put_bytes(path.read_bytes()) for name, path in case_files(folder).items()}


def archived_files(content: dict[str, str]) -> dict[str, str]:
    """Return the part of an entry's content that is files of the case."""
    return {name: digest for name, digest in content.items() if name.startswith(PREFIX)}


def is_archived(folder: Path, content: dict[str, str]) -> bool:
    """Whether the folder is, file by file, the archived case."""
    return hash_case(folder) == archived_files(content)


def lay_out_case(content: dict[str, str], batches: BatchStore, folder: Path) -> Path:
    """Write the files of an archived case below `folder`, replacing what is there.

    Returns
    -------
    Path
        The case's folder.
    """
    if folder.exists():
        shutil.rmtree(folder)
    for name, digest in archived_files(content).items():
        path = folder / name.removeprefix(PREFIX)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(batches.get_bytes(digest))
    return folder
