"""What proves who someone is: hashes, sealed secrets, sessions and failed tries, apart from the record.

They lie in ``accounts/`` of a workspace: ``credentials.sqlite``, and ``seal.key``, without which no secret in it can be
read. Nothing of it enters the ledger, and nothing exports it. Who has which role is not here: the ledger says it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ceasefire.ledger.sqlite_file import immediately, write_ahead
from ceasefire.model.errors import CeasefireError

FOLDER, FILE, KEY_FILE = "accounts", "credentials.sqlite", "seal.key"
FORMAT = 1
_APPLICATION_ID = 0x43464143
_PATIENCE_SECONDS = 10
_KEY_BYTES, _NONCE_BYTES = 32, 12
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TABLES = (
    """CREATE TABLE accounts (
  account TEXT PRIMARY KEY,
  password TEXT NOT NULL,
  one_time_until INTEGER,
  factor BLOB,
  factor_offered BLOB,
  factor_step INTEGER NOT NULL DEFAULT 0,
  signed_in_at INTEGER
) STRICT""",
    """CREATE TABLE recovery_codes (
  account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  code BLOB NOT NULL,
  PRIMARY KEY (account, code)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE sessions (
  token BLOB PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  standing INTEGER NOT NULL,
  factor_shown INTEGER NOT NULL,
  began_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT""",
    "CREATE INDEX sessions_of_account ON sessions (account)",
    """CREATE TABLE tries (
  key BLOB PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT""",
)

_LATER_TABLES = (
    """CREATE TABLE IF NOT EXISTS openid_links (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  account TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS openid_begun (
  handle BLOB PRIMARY KEY,
  state BLOB NOT NULL,
  nonce TEXT NOT NULL,
  verifier BLOB NOT NULL,
  redirect_uri TEXT NOT NULL,
  began_at INTEGER NOT NULL
) STRICT""",
)
"""Made in files that were there before them, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What proves that someone is the holder of an account.

    Parameters
    ----------
    account : str
        Its name.
    password : str
        The Argon2id hash.
    one_time_until : int or None
        Until when a one-time password works, UTC microseconds; None: it is the holder's own.
    factor, factor_offered : bytes or None
        The secret of the second factor, sealed; one that was offered and not confirmed yet.
    factor_step : int
        The last time step of which a code was used.
    signed_in_at : int or None
        When it was last signed in to.
    """

    account: str
    password: str
    one_time_until: int | None
    factor: bytes | None
    factor_offered: bytes | None
    factor_step: int
    signed_in_at: int | None


class Credentials:
    """The open file; many threads may use it. Made by `Credentials.open`.

    Parameters
    ----------
    connection : apsw.Connection
        To the file.
    key : bytes
        By which secrets are sealed.
    """

    def __init__(self, connection: apsw.Connection, key: bytes) -> None:
        self._connection = connection
        self._key = key
        self._lock = threading.RLock()

    @classmethod
    def open(cls, workspace: Path, *, create: bool = False) -> Credentials:
        """Open the credentials of a workspace.

        Parameters
        ----------
        workspace : Path
            Its folder.
        create : bool
            Whether to make what is not there.

        Raises
        ------
        CeasefireError
            When they are missing, can be read by others on this machine, or are no such file.
        """
        folder = workspace / FOLDER
        if create:
            folder.mkdir(mode=0o700, exist_ok=True)
            for name, content in ((KEY_FILE, secrets.token_bytes(_KEY_BYTES)), (FILE, b"")):
                _make(folder / name, content)
        for path in (folder / FILE, folder / KEY_FILE):
            _refuse_unsafe(path)
        key = (folder / KEY_FILE).read_bytes()
        if len(key) != _KEY_BYTES:
            raise CeasefireError(
                f"{folder / KEY_FILE}: it has {len(key)} bytes, not {_KEY_BYTES}.\n"
                "  Without the key no second factor can be checked.\n  Restore it from a copy."
            )
        return cls(_connected(folder / FILE), key)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the one writer's place: what is done within is done wholly, or not at all."""
        with self._lock, immediately(self._connection):
            yield

    def find(self, account: str) -> Credential | None:
        """Return what is held of an account."""
        columns = "account, password, one_time_until, factor, factor_offered, factor_step, signed_in_at"
        row = self.row(f"SELECT {columns} FROM accounts WHERE account = ?", account)  # noqa: S608  (a constant)
        return None if row is None else Credential(**dict(zip(columns.split(", "), row, strict=True)))

    def row(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        """Run a statement; return its first row."""
        with self._lock:
            found = self._connection.execute(statement, values).fetchone()
        return None if found is None else tuple(found)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement; return its rows."""
        with self._lock:
            return [tuple(row) for row in self._connection.execute(statement, values)]

    def change(self, statement: str, *values: Any) -> int:
        """Run a statement that writes; return how many rows it changed."""
        with self._lock:
            self._connection.execute(statement, values)
            return int(self._connection.changes())

    def sealed(self, account: str, secret: bytes) -> bytes:
        """Return a secret encrypted, for one account alone."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, secret, account.encode())

    def opened(self, account: str, sealed: bytes) -> bytes:
        """Return a secret that was sealed.

        Raises
        ------
        CeasefireError
            When the key is another one, or it was sealed for another account.
        """
        try:
            return AESGCM(self._key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], account.encode())
        except InvalidTag as error:
            raise CeasefireError(
                f"The second factor of {account} cannot be opened: {FOLDER}/{KEY_FILE} is not the key it was sealed "
                f"with.\n  Nobody with a second factor can sign in.\n  Restore the key, or reset the account."
            ) from error

    def keyed(self, *parts: str) -> bytes:
        """Return a digest of words that cannot be found by trying, without the key."""
        return hmac.digest(self._key, "\0".join(parts).encode(), hashlib.sha256)


def _make(path: Path, content: bytes) -> None:
    """Write a file that nobody else can read, unless there is one; whoever sees it sees all of it."""
    if path.exists():
        return
    handle, name = tempfile.mkstemp(dir=path.parent)  # its owner alone may read it
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def _refuse_unsafe(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise CeasefireError(
            f"{path}: the file is missing, though the record knows of accounts.\n"
            "  Without it nobody can sign in.\n"
            "  Restore it from a copy; or make new credentials for each account: ceasefire account reset NAME"
        ) from None
    if os.name == "posix" and mode & _OTHERS:
        raise CeasefireError(
            f"{path}: others on this machine can read it (mode {stat.S_IMODE(mode):04o}).\n"
            "  Whoever reads it may find out passwords.\n"
            f"  Take that from them (chmod 600 {path}), and find out who could."
        )


def _connected(path: Path) -> apsw.Connection:
    try:
        connection = apsw.Connection(str(path))
        connection.set_busy_timeout(_PATIENCE_SECONDS * 1000)
        with connection:  # one snapshot: another worker may be making it
            held = (connection.pragma("application_id"), connection.pragma("user_version"))
        if held not in ((0, 0), (_APPLICATION_ID, FORMAT)):
            raise CeasefireError(
                f"{path}: not the credentials of a centre in format {FORMAT}.\n"
                "  Reading it by other rules could let somebody in.\n  Restore the file from a copy."
            )
        write_ahead(connection, patience_seconds=_PATIENCE_SECONDS)
        connection.pragma("synchronous", "full")
        connection.pragma("trusted_schema", False)
        connection.pragma("foreign_keys", True)
        connection.pragma("secure_delete", True)
        with immediately(connection):
            if connection.pragma("application_id") == 0:
                for statement in _TABLES:
                    connection.execute(statement)
                connection.pragma("application_id", _APPLICATION_ID)
                connection.pragma("user_version", FORMAT)
            for statement in _LATER_TABLES:
                connection.execute(statement)
    except apsw.Error as error:
        raise CeasefireError(
            f"{path}: the credentials cannot be opened ({error}).\n"
            "  Without them nobody can sign in.\n  Check the disk, or restore the file from a copy."
        ) from error
    return connection
