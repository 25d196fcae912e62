"""Writing a file for the user: the format by its name, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ceasefire.model.errors import UsageError


def format_of(path: Path, formats: Sequence[str]) -> str:
    """Return the format that the file's name ends in.

    Raises
    ------
    UsageError
        When it is none of `formats`, or there is no such folder.
    """
    ending = path.suffix.lower().lstrip(".")
    if ending not in formats:
        raise UsageError(
            f'"{path}" does not say what to write.', f"End its name in {' or '.join(f'.{each}' for each in formats)}."
        )
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it first, or name another.")
    return ending


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)  # a temporary file is for its owner alone; what is written for others is not
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
