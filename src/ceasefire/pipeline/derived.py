"""Derived tables on disk: each set under a key of what it was derived from, deleted and rebuilt at will.

Fusion and check each keep a set of their own: the check's rests on the fusion's, and readings share one fusion.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ceasefire.model.canonical import canonical_json, sha256_hex

if TYPE_CHECKING:
    import pyarrow as pa

    from ceasefire.fusion.overlay import Change

_STAMP_FILE = "stamp.json"
_PUBLISHED_FILE = "published"


class Stage(StrEnum):
    """What derived a set of tables."""

    FUSION = "fusion"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a set of derived tables depends on.

    Parameters
    ----------
    stage : Stage
        Which part of the way from reports to findings.
    position : int
        Of the last ledger entry that changes results.
    entry_hash : str
        Of that entry, which with the tree covers all before it.
    case_digest : str
        Of the case in effect.
    software : str
        Version that derived them.
    reading : str or None
        The interpretation used in place of those in force; fusion knows of none.
    """

    stage: Stage
    position: int
    entry_hash: str
    case_digest: str
    software: str
    reading: str | None

    @property
    def key(self) -> str:
        """The folder's name."""
        return f"{self.position:06d}-{sha256_hex(canonical_json(asdict(self)).encode())[:12]}"


@dataclass(frozen=True, slots=True)
class Derived:
    """One set of derived tables.

    Parameters
    ----------
    folder : Path
        Where it is.
    notes : dict
        What is known of the set besides its tables; see `pipeline.stages`.
    beneath : Derived or None
        The set that it rests on, whose tables are its tables too.
    base : Derived or None
        The set of which this one holds only what changed since.
    """

    folder: Path
    notes: dict[str, Any]
    beneath: Derived | None = None
    base: Derived | None = None

    def table(self, name: str) -> pa.Table:
        """Return a table of the set, in the schema it was written with."""
        import pyarrow.parquet as pq

        if self._rests(name):
            return self.beneath.table(name)  # type: ignore[union-attr]
        if self.base is not None:
            return self._change(name).applied(self.base.table(name))
        # not `read_table`, which would load Arrow's data set machinery, and pandas where that is installed
        return pq.ParquetFile(self._file(name)).read()

    def rows(self, name: str) -> int:
        """Return how many rows a table of the set has, without reading it."""
        import pyarrow.parquet as pq

        if self._rests(name):
            return self.beneath.rows(name)  # type: ignore[union-attr]
        if self.base is not None:
            return self.base.rows(name) + self._change(name).growth
        return int(pq.read_metadata(self._file(name)).num_rows)

    def since(self, earlier: Derived, name: str) -> tuple[pa.Table, pa.Table] | None:
        """Return the rows of a table in which this set may differ from an earlier one: as they were, as they are.

        None where the two do not rest on one base, so that only the whole tables tell.
        """
        root = earlier if earlier.base is None else earlier.base
        if self.base is None or self.base.folder != root.folder:
            return None
        import numpy as np
        import pyarrow as pa

        table, now = root.table(name), self._change(name)
        then = earlier._change(name) if earlier.base is not None else None
        touched = now.gone if then is None else np.union1d(now.gone, then.gone)
        before = table.take(pa.array(touched if then is None else np.setdiff1d(touched, then.gone)))
        after = table.take(pa.array(np.setdiff1d(touched, now.gone)))
        if then is not None:
            before = pa.concat_tables([before, then.added.cast(table.schema)])
        return before, pa.concat_tables([after, now.added.cast(table.schema)])

    def _rests(self, name: str) -> bool:
        """Whether a table is one of the set beneath."""
        return self.beneath is not None and not self._file(name).exists()

    def _change(self, name: str) -> Change:
        from ceasefire.fusion.overlay import Change

        return Change.load(self.folder, name)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"


@dataclass(frozen=True, slots=True)
class Base:
    """An earlier fusion that left a standing state, and the ledger position it rests on."""

    position: int
    derived: Derived


@dataclass(frozen=True, slots=True)
class DerivedStore:
    """The folder of derived sets."""

    folder: Path

    def find(self, stamp: Stamp) -> Derived | None:
        """Return the set of that stamp, if it has been derived."""
        folder = self.folder / stamp.key
        try:
            held = json.loads((folder / _STAMP_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return self._read(folder) if held["stamp"] == asdict(stamp) else None

    def _read(self, folder: Path) -> Derived | None:
        """Return the set in a folder, with the one it is a change of; None where either is not whole."""
        try:
            held = json.loads((folder / _STAMP_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if "base" not in held:
            return Derived(folder, held["notes"])
        base = self._read(self.folder / held["base"])
        return None if base is None else Derived(folder, held["notes"], base=base)

    def standing(self, stamp: Stamp) -> list[Base]:
        """Return the earlier fusions of one case by one software that left a standing state, the latest first."""
        found = []
        for said in self.folder.glob("*/standing/standing.json"):
            folder = said.parents[1]
            try:
                held = json.loads((folder / _STAMP_FILE).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            alike = all(held["stamp"][name] == asdict(stamp)[name] for name in ("stage", "case_digest", "software"))
            if alike and held["stamp"]["position"] <= stamp.position:
                found.append(Base(held["stamp"]["position"], Derived(folder, held["notes"])))
        return sorted(found, key=lambda base: -base.position)

    def save_changes(self, stamp: Stamp, changes: dict[str, Change], notes: dict[str, Any], base: Derived) -> Derived:
        """Write a set that is another one but for what changed."""

        def write(folder: Path) -> None:
            for name, change in changes.items():
                change.save(folder, name)

        folder = self._write(stamp, write, {"notes": notes, "base": base.folder.name})
        return Derived(folder, notes, base=base)

    def save(
        self, stamp: Stamp, tables: dict[str, pa.Table], notes: dict[str, Any], standing: Path | None = None
    ) -> Derived:
        """Write a set; it appears whole or not at all. A standing state, where there is one, moves there."""
        import pyarrow.parquet as pq

        def write(folder: Path) -> None:
            for name, table in tables.items():
                pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
            if standing is not None and standing.exists():
                os.replace(standing, folder / "standing")

        return Derived(self._write(stamp, write, {"notes": notes}), notes)

    def _write(self, stamp: Stamp, write: Callable[[Path], None], said: dict[str, Any]) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=self.folder, prefix=".writing-"))
        try:
            write(temporary)
            text = canonical_json({"stamp": asdict(stamp), **said})
            (temporary / _STAMP_FILE).write_text(text, encoding="utf-8")
            folder = self.folder / stamp.key
            if folder.exists():  # of a run at the same time, or left by a broken one
                shutil.rmtree(folder)
            os.replace(temporary, folder)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        return folder

    @property
    def published(self) -> Derived | None:
        """The fusion of the latest state that people were last shown, as far as it is still there."""
        try:
            folder = self.folder / (self.folder / _PUBLISHED_FILE).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        return self._read(folder)

    def publish(self, fused: Derived) -> None:
        """Remember which fusion of the latest state people are shown."""
        temporary = self.folder / f".{_PUBLISHED_FILE}"
        temporary.write_text(fused.folder.name, encoding="utf-8")
        os.replace(temporary, self.folder / _PUBLISHED_FILE)

    def prune(self, *keep: Stamp) -> None:
        """Remove every set but some, and the one that was last published."""
        kept = {stamp.key for stamp in keep}
        if (published := self.published) is not None:
            kept.add(published.folder.name)
        # what is kept may only hold what changed since another set
        kept |= {found.base.folder.name for key in kept if (found := self._read(self.folder / key)) and found.base}
        for said in self.folder.glob(f"*/{_STAMP_FILE}"):
            if said.parent.name not in kept:
                shutil.rmtree(said.parent, ignore_errors=True)
