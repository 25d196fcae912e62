"""What must not be read by whoever reads the record: encrypted with a key that lies apart, and opened on the record.

The key is a file that nobody else on the machine may read. What is sealed is kept among the batches and named by
hash, so that the audit sees it whole; without the key it says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ceasefire.model.errors import CeasefireError

FOLDER, KEY_FILE = "sealed", "seal.key"
_KEY_BYTES, _NONCE_BYTES = 32, 12
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals and opens; made by `Seal.of`.

    Parameters
    ----------
    key : bytes
        32 random bytes.
    """

    key: bytes

    @classmethod
    def of(cls, workspace: Path, *, create: bool = False) -> Seal:
        """Return the seal of a workspace.

        Parameters
        ----------
        workspace : Path
            Its folder; the key lies in ``sealed/`` below it.
        create : bool
            Whether to make a key where there is none.

        Raises
        ------
        CeasefireError
            When there is no key, it is no key, or others on this machine can read it.
        """
        path = workspace / FOLDER / KEY_FILE
        if create and not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                return cls.of(workspace)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
        try:
            key, mode = path.read_bytes(), path.stat().st_mode
        except OSError as error:
            raise CeasefireError(
                f"{path}: the key cannot be read ({error.strerror}).\n"
                "  Without it nothing that was sealed can be opened, and no submission compared with those held.\n"
                "  Restore it from where it is kept."
            ) from error
        if len(key) != _KEY_BYTES:
            raise CeasefireError(
                f"{path}: it has {len(key)} bytes, not {_KEY_BYTES}.\n  It opens nothing.\n  Restore it from a copy."
            )
        if os.name == "posix" and mode & _OTHERS:
            raise CeasefireError(
                f"{path}: others on this machine can read it (mode {stat.S_IMODE(mode):04o}).\n"
                "  Whoever reads it can find out who spoke to the mission.\n"
                f"  Take that from them (chmod 600 {path}), and find out who could."
            )
        return cls(key)

    def sealed(self, content: bytes, *, of: str) -> bytes:
        """Return content encrypted, bound to what it belongs to."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, content, of.encode())

    def opened(self, sealed: bytes, *, of: str) -> bytes:
        """Return content that was sealed.

        Raises
        ------
        CeasefireError
            When it was sealed with another key, or for something else.
        """
        try:
            return AESGCM(self.key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], of.encode())
        except InvalidTag as error:
            raise CeasefireError(
                f"What was sealed of {of} cannot be opened: {FOLDER}/{KEY_FILE} is not the key it was sealed with.\n"
                "  It stays shut.\n  Restore the key."
            ) from error

    def keyed(self, content: str) -> str:
        """Return a digest in hexadecimal that cannot be found by trying, without the key."""
        return hmac.digest(self.key, content.encode(), hashlib.sha256).hex()
