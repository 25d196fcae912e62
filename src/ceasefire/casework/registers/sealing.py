"""Sealing a list: enciphered under a key that only the party has, and bound so that it opens in one way only.

What is on record of the key is its hash, of the envelope its hash: neither the list nor the key can be exchanged
afterwards. An envelope names whose list it is and for which day, so that nobody can hand in a copy of the other's.
Its length says no more of the list than the next 4096 bytes.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ceasefire.casework.refusals import validated
from ceasefire.casework.registers.entries import ListEntry, SealedList
from ceasefire.model.canonical import canonical_json, sha256_hex
from ceasefire.model.errors import UsageError

_MAGIC = b"ceasefire sealed list 1\n"
_KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 12, 16
_PAGE = 4096
LARGEST_ENVELOPE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEnvelope:
    """A sealed list.

    Parameters
    ----------
    envelope : bytes
        What the centre keeps.
    key : str
        What opens it; the party keeps it until the cut-off has passed, and nobody can replace it.
    key_hash : str
        What the ledger says of the key.
    """

    envelope: bytes
    key: str
    key_hash: str


def seal(entries: tuple[ListEntry, ...], *, register_day_id: str, party: str) -> SealedEnvelope:
    """Seal a list under a new key."""
    said = SealedList(format=1, register_day_id=register_day_id, party=party, entries=entries)
    content = canonical_json(said.model_dump(mode="json", exclude_defaults=False)).encode()
    padded = content + b" " * (-len(content) % _PAGE)
    key, nonce = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
    enciphered = ChaCha20Poly1305(key).encrypt(nonce, padded, _bound_to(register_day_id, party))
    return SealedEnvelope(envelope=_MAGIC + nonce + enciphered, key=_written(key), key_hash=_hash(key))


def key_hash_of(key: str) -> str:
    """Return what the ledger says of a key.

    Raises
    ------
    UsageError
        When the text is no key.
    """
    return _hash(_read(key))


def unseal(envelope: bytes, key: str, *, key_hash: str, register_day_id: str, party: str) -> tuple[ListEntry, ...]:
    """Open a sealed list.

    Raises
    ------
    UsageError
        When the key is another, or the envelope is of another day or party, or was sealed wrongly.
    InputError
        When what lies in it is no list.
    """
    plain_key = _read(key)
    if _hash(plain_key) != key_hash:
        raise UsageError(
            "This is not the key of the list that was submitted.", "Compare it, sign by sign, with the one you kept."
        )
    refuse_no_envelope(envelope)
    nonce, enciphered = envelope[len(_MAGIC) :][:_NONCE_BYTES], envelope[len(_MAGIC) + _NONCE_BYTES :]
    try:
        content = ChaCha20Poly1305(plain_key).decrypt(nonce, enciphered, _bound_to(register_day_id, party))
    except InvalidTag:
        raise UsageError(
            "The key does not open this envelope: it was sealed for another day or party, or is damaged.",
            f"Seal the list for {register_day_id}, as {party}.",
        ) from None
    return _entries(content, register_day_id, party)


def refuse_no_envelope(envelope: bytes) -> None:
    """Raise when the bytes are no sealed list.

    Raises
    ------
    UsageError
        Saying what else they are not.
    """
    least = len(_MAGIC) + _NONCE_BYTES + _PAGE + _TAG_BYTES
    if not envelope.startswith(_MAGIC) or len(envelope) < least:
        raise UsageError("This is no sealed list.", "Make one with `ceasefire registers seal`.")
    if len(envelope) > LARGEST_ENVELOPE:
        raise UsageError("The sealed list is larger than 16 MB.", "A day has no list of that length; look at the file.")


def _entries(content: bytes, register_day_id: str, party: str) -> tuple[ListEntry, ...]:
    import json

    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise UsageError("What was sealed is no list.", "It can be opened, and not be read; say so to the centre.")
    said = validated(SealedList, given, f"the list of {party}")
    if (said.register_day_id, said.party) != (register_day_id, party):
        raise UsageError(
            f"The list says that it is of {said.party} for {said.register_day_id}.", "It counts for nothing else."
        )
    return said.entries


def _bound_to(register_day_id: str, party: str) -> bytes:
    return canonical_json([register_day_id, party]).encode()


def _hash(key: bytes) -> str:
    return sha256_hex(b"ceasefire key of a sealed list\n" + key)


def _written(key: bytes) -> str:
    text = base64.b32encode(key).decode().rstrip("=")
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _read(key: str) -> bytes:
    """Return the key; capitals, hyphens and blanks are as one likes."""
    text = "".join(key.split()).replace("-", "").upper()
    try:
        plain = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:  # also what base 32 says of other letters
        plain = b""
    if len(plain) != _KEY_BYTES:
        raise UsageError(
            "This is no key of a sealed list.",
            "A key is 13 groups of four letters and digits, given when it was sealed.",
        )
    return plain
