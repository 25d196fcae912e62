"""Canonical JSON and hashes: the same content gives the same bytes, so the same id."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """Serialise with sorted keys, no spaces, no escapes beyond JSON's own, no NaN.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": ["é"]})
    '{"a":["é"],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 of `content` in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def stable_id(prefix: str, *parts: str) -> str:
    """Return the prefix, a dash and 80 bits of the hash of the parts: no clash to be expected at a billion records.

    Examples
    --------
    >>> stable_id("rep", "ucdp-ged", "242363") == stable_id("rep", "ucdp-ged", "242363")
    True
    """
    return f"{prefix}-{sha256_hex(chr(31).join(parts).encode())[:20]}"
