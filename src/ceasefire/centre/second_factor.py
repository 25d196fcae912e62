"""The second factor: codes of the minute (RFC 6238), and recovery codes that work once."""

from __future__ import annotations

import base64
import hmac
import re
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from ceasefire.centre.passwords import copied_by_hand

DIGITS, STEP_SECONDS = 6, 30
RECOVERY_CODES = 10
_SECRET_BYTES = 20
_STEPS_ASIDE = (0, -1, 1)
"""A clock may be half a minute off, either way."""
_MICROSECONDS = 1_000_000


def new_secret() -> bytes:
    """Return a secret of 160 bits."""
    return secrets.token_bytes(_SECRET_BYTES)


def written(secret: bytes) -> str:
    """Return a secret as it is typed into an authenticator: base 32."""
    return base64.b32encode(secret).decode()


def address_of(secret: bytes, account: str, issuer: str) -> str:
    """Return the ``otpauth://`` address from which an authenticator reads all of it."""
    return _codes(secret).get_provisioning_uri(account, issuer)


def code_at(secret: bytes, now: int) -> str:
    """Return the code of a moment, UTC microseconds."""
    return _codes(secret).generate(now / _MICROSECONDS).decode()


def step_of(secret: bytes, code: str, now: int, *, after: int) -> int | None:
    """Return the time step to which a code belongs; None where it is wrong, or of a step used before.

    Parameters
    ----------
    secret : bytes
        Of the account.
    code : str
        As typed; blanks do not matter.
    now : int
        UTC microseconds.
    after : int
        The last step of which a code was used: no code is taken twice, nor one before it.
    """
    typed = re.sub(r"\s", "", code)
    current = now // _MICROSECONDS // STEP_SECONDS
    found = None
    for aside in _STEPS_ASIDE:  # all are compared, whichever fits
        step = current + aside
        fits = hmac.compare_digest(_codes(secret).generate(step * STEP_SECONDS), typed.encode())
        if fits and step > after and found is None:
            found = step
    return found


def is_code_of_the_minute(code: str) -> bool:
    """Whether what was typed looks like a code of the minute, not a recovery code."""
    return re.fullmatch(r"[0-9]{6}", re.sub(r"\s", "", code)) is not None


def recovery_codes() -> list[str]:
    """Return new recovery codes, 79 bits each."""
    return [copied_by_hand(groups=4, length=4) for _ in range(RECOVERY_CODES)]


def plain_recovery_code(code: str) -> str:
    """Return a recovery code without what people add or leave out in copying."""
    return re.sub(r"[\s-]", "", code).upper()


def _codes(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  (what authenticators know; HMAC does not suffer)
