"""Content by its hash: row sets as Parquet, sealed originals as they came. Never edited, checked on every reading."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ceasefire.model.canonical import sha256_hex
from ceasefire.model.errors import LedgerError

if TYPE_CHECKING:
    import pyarrow as pa

_ROW_GROUP = 1 << 17
_DATA_PAGE = 1 << 20


@dataclass(frozen=True, slots=True)
class BatchStore:
    """A folder of content-addressed files.

    Parameters
    ----------
    folder : Path
        Made when first written to. A file's name is the SHA-256 of its bytes, below a folder of its first two digits.
    """

    folder: Path

    def put_table(self, table: pa.Table) -> str:
        """Keep a table; the same rows in the same order give the same hash.

        Returns
        -------
        str
            The hash under which `get_table` finds it.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        # How a table is chunked, and in what order its dictionaries were filled, is no part of its content.
        plain = table.cast(_without_dictionaries(table.schema)).combine_chunks().replace_schema_metadata(None)
        sink = pa.BufferOutputStream()
        pq.write_table(
            plain,
            sink,
            compression="zstd",
            compression_level=3,
            row_group_size=_ROW_GROUP,
            data_page_size=_DATA_PAGE,
            version="2.6",
            store_schema=False,
        )
        return self.put_bytes(sink.getvalue().to_pybytes())

    def get_table(self, digest: str, schema: pa.Schema | None = None) -> pa.Table:
        """Return the table of that hash.

        Parameters
        ----------
        digest : str
            As `put_table` returned it.
        schema : pa.Schema, optional
            To cast to; by default words come as plain strings.

        Raises
        ------
        LedgerError
            When it is missing or its bytes have changed.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.ParquetFile(pa.BufferReader(self.get_bytes(digest))).read()
        return table if schema is None else table.select(schema.names).cast(schema)

    def put_bytes(self, content: bytes) -> str:
        """Keep some bytes, and return their hash; when this returns they survive a crash of the machine."""
        digest = sha256_hex(content)
        path = self._path(digest)
        if path.exists():
            self.verify(digest)
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return digest

    def get_bytes(self, digest: str) -> bytes:
        """Return the bytes of that hash.

        Raises
        ------
        LedgerError
            When they are missing or have changed.
        """
        path = self._path(digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LedgerError(
                f"the content {digest} cannot be read from {path} ({error.strerror}).\n"
                "  The ledger names it, so what was recorded there cannot be shown or recomputed.\n"
                "  Restore the file from a copy of the workspace."
            ) from error
        if sha256_hex(content) != digest:
            raise LedgerError(
                f"the content {digest} at {path} has changed: its bytes give another hash.\n"
                "  It is not what was recorded.\n"
                "  Restore the file from a copy of the workspace."
            )
        return content

    def verify(self, digest: str) -> None:
        """Read the content of that hash and check it.

        Raises
        ------
        LedgerError
            When it is missing or has changed.
        """
        self.get_bytes(digest)

    def __contains__(self, digest: str) -> bool:
        """Say whether there is a file for that hash; its bytes are not read."""
        return self._path(digest).exists()

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest


def _without_dictionaries(schema: pa.Schema) -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            pa.field(field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
            for field in schema
        ]
    )


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; Windows has no such call and needs none."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
