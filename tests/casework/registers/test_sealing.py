"""A sealed list opens in one way only: with its key, for its day and party, unchanged."""

from __future__ import annotations

import secrets

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire.casework.registers.entries import ListEntry
from ceasefire.casework.registers.sealing import key_hash_of, seal, unseal
from ceasefire.model.canonical import canonical_json
from ceasefire.model.errors import InputError, UsageError

DAY, PARTY = "2021-06-14.a.b", "a"
ENTRIES = (ListEntry(no="1", place_name="Reedham", killed_best=3), ListEntry(no="17/2", text="A salvo.\nThen silence."))
SEALED = seal(ENTRIES, register_day_id=DAY, party=PARTY)


def opened(envelope: bytes = SEALED.envelope, **changes: str) -> tuple[ListEntry, ...]:
    said = {"key": SEALED.key, "key_hash": SEALED.key_hash, "register_day_id": DAY, "party": PARTY, **changes}
    return unseal(envelope, said.pop("key"), **said)


def test_it_opens_with_its_key_however_that_is_written() -> None:
    assert opened() == ENTRIES
    assert opened(key=f"  {SEALED.key.lower().replace('-', ' ')} ") == ENTRIES


@pytest.mark.parametrize(
    "changes",
    [
        {"register_day_id": "2021-06-15.a.b"},
        {"party": "b"},
        {"key_hash": "0" * 64},
        {"key": seal((), register_day_id=DAY, party=PARTY).key},
        {"key": "not a key"},
        {"key": SEALED.key[:-1]},
        {"key": SEALED.key + "A"},
        {"key": "é" * 52},
    ],
)
def test_it_opens_for_nothing_else(changes: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        opened(**changes)


@given(st.integers(0, len(SEALED.envelope) - 1), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_whatever_bit_is_changed_it_does_not_open(at: int, by: int) -> None:
    changed = bytearray(SEALED.envelope)
    changed[at] ^= by
    with pytest.raises(UsageError):
        opened(bytes(changed))


def test_its_length_tells_next_to_nothing() -> None:
    lengths = {len(seal(ENTRIES[:many], register_day_id=DAY, party=PARTY).envelope) for many in range(3)}
    assert len(lengths) == 1
    assert seal(ENTRIES, register_day_id=DAY, party=PARTY).envelope != SEALED.envelope  # another key each time


def by_hand(content: bytes) -> tuple[bytes, dict[str, str]]:
    """Return an envelope that a program of somebody's own could have made."""
    import base64

    key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    padded = content + b" " * (-len(content) % 4096)
    enciphered = ChaCha20Poly1305(key).encrypt(nonce, padded, canonical_json([DAY, PARTY]).encode())
    text = base64.b32encode(key).decode().rstrip("=")
    return b"ceasefire sealed list 1\n" + nonce + enciphered, {"key": text, "key_hash": key_hash_of(text)}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"no list", UsageError),
        (b"[]", UsageError),
        (b"\xff\xfe", UsageError),
        (b'{"format":1,"register_day_id":"2021-06-14.a.b","party":"b","entries":[]}', UsageError),
        (b'{"format":1,"register_day_id":"2021-06-14.a.b","party":"a","entries":[{"no":"1"},{"no":"1"}]}', InputError),
        (b'{"format":1,"register_day_id":"2021-06-14.a.b","party":"a","entries":[{"no":"\\u0007"}]}', InputError),
        (
            b'{"format":1,"register_day_id":"2021-06-14.a.b","party":"a","entries":[{"no":"1","latitude":1e999}]}',
            InputError,
        ),
        (b"[" * 100_000, UsageError),
    ],
)
def test_what_was_sealed_by_hand_and_is_no_list_is_refused_in_a_sentence(
    content: bytes, error: type[Exception]
) -> None:
    envelope, said = by_hand(content)
    with pytest.raises(error) as refused:
        opened(envelope, **said)
    assert "Traceback" not in str(refused.value)
