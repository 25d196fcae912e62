"""Signing in through an OpenID Connect provider: it says who comes, and never what they are.

Off unless ``accounts/openid.yaml`` is there; without it nothing outside is ever asked. A provider vouches for a
subject; which account that is, and its role, the centre alone says: an account must exist and be linked before.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import Field

from ceasefire.centre.accounts import Accounts, Holder
from ceasefire.centre.credentials import FOLDER
from ceasefire.centre.refusals import RefusedError
from ceasefire.model.errors import CeasefireError, InputError, UsageError
from ceasefire.model.yaml_file import CaseRecord, read_yaml, validated

FILE = "openid.yaml"
SECRET_VARIABLE = "CEASEFIRE_OPENID_SECRET"  # noqa: S105
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""By which a provider may sign: never *none*, and none whose key both sides hold."""
_MINUTE = 60_000_000
_PENDING_MINUTES = 10
_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 10.0
_MOST_BYTES = 1_000_000
_OURSELVES = ("127.0.0.1", "localhost", "::1")


class OpenIdFile(CaseRecord):
    """`accounts/openid.yaml`."""

    format: Literal[1]
    name: str = Field(min_length=1, max_length=60, description="what the sign-in page calls the provider")
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret_file: str | None = Field(default=None, description="in the same folder; else the environment has it")
    claim: str = Field(default="sub", pattern=r"^[A-Za-z0-9_.:/-]{1,100}$", description="what names the subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in that was begun: where the browser goes, and what it brings back.

    Parameters
    ----------
    address : str
        At the provider.
    handle : str
        For a cookie: binds the answer to the browser that asked.
    """

    address: str
    handle: str


class OpenId:
    """One provider.

    Parameters
    ----------
    said : OpenIdFile
        How it is set up.
    secret : str
        That the two of us hold.
    accounts : Accounts
        Whose links it signs in to.
    """

    def __init__(self, said: OpenIdFile, secret: str, accounts: Accounts) -> None:
        self.name, self.issuer, self.claim = said.name, said.issuer, said.claim
        self._client, self._secret, self._accounts = said.client_id, secret, accounts
        self._lock = threading.Lock()
        self._described: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    def begin(self, redirect_uri: str) -> Begun:
        """Begin a sign-in; it must come back within ten minutes, once, to the same browser."""
        described = self._description()
        state, nonce, verifier, handle = (secrets.token_urlsafe(32) for _ in range(4))
        credentials, now = self._accounts.credentials, self._accounts.clock()
        with credentials.writing():
            credentials.change("DELETE FROM openid_begun WHERE began_at < ?", now - _PENDING_MINUTES * _MINUTE)
            credentials.change(
                "INSERT INTO openid_begun VALUES (?, ?, ?, ?, ?, ?)",
                _hashed(handle), _hashed(state), nonce, credentials.sealed(_hashed(handle).hex(), verifier.encode()),
                redirect_uri, now,
            )  # fmt: skip
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": redirect_uri,
            "scope": "openid" if self.claim == "sub" else "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        at = str(described["authorization_endpoint"])
        return Begun(address=f"{at}{'&' if '?' in at else '?'}{urlencode(asked)}", handle=handle)

    def finish(self, answer: Mapping[str, str], handle: str | None) -> Holder:
        """Return whose account it is that comes back from the provider.

        Parameters
        ----------
        answer : mapping of str to str
            The parameters of the address that the browser was sent back to.
        handle : str or None
            What its cookie holds.

        Raises
        ------
        RefusedError
            When it was not begun here, by this browser, just now; when the provider's word does not hold; or when the
            subject is linked to no account that is open.
        """
        nonce, verifier, redirect_uri = self._taken(answer.get("state", ""), handle)
        if answer.get("error"):
            raise _refused("The provider did not sign you in.")
        if answer.get("iss", self.issuer) != self.issuer or not answer.get("code"):
            raise _refused("What came back is not of the provider that was asked.")
        told = self._exchanged(answer["code"], verifier, redirect_uri)
        subject = self._subject(told, nonce)
        row = self._accounts.credentials.row(
            "SELECT account FROM openid_links WHERE issuer = ? AND subject = ?", self.issuer, subject
        )
        holder = self._accounts.roll().holders.get(str(row[0])) if row is not None else None
        if holder is None or not holder.is_enabled:
            raise _refused("No account here is linked to whom the provider vouches for.")
        return holder

    def _taken(self, state: str, handle: str | None) -> tuple[str, str, str]:
        """Return nonce, verifier and address of a sign-in that was begun, which is then over whatever comes of it."""
        credentials, now = self._accounts.credentials, self._accounts.clock()
        hashed = _hashed(handle or "")
        with credentials.writing():
            row = credentials.row(
                "SELECT state, nonce, verifier, redirect_uri, began_at FROM openid_begun WHERE handle = ?", hashed
            )
            credentials.change("DELETE FROM openid_begun WHERE handle = ?", hashed)
        if row is None or not hmac.compare_digest(row[0], _hashed(state)) or now - row[4] > _PENDING_MINUTES * _MINUTE:
            raise _refused("This sign-in was not begun here, or too long ago, or was used before.")
        return str(row[1]), credentials.opened(hashed.hex(), row[2]).decode(), str(row[3])

    def _exchanged(self, code: str, verifier: str, redirect_uri: str) -> str:
        """Return the ID token that the provider gives for a code."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self._client,
        }
        told = self._asked("POST", self._description()["token_endpoint"], data=asked, auth=(self._client, self._secret))
        token = told.get("id_token")
        if not isinstance(token, str):
            raise _refused("The provider's answer has no ID token.")
        return token

    def _subject(self, token: str, nonce: str) -> str:
        """Return whom an ID token vouches for, once all of it holds."""
        try:
            try:
                read = jwt.decode(token, self._key_set(), algorithms=list(ALGORITHMS))
            except (JoseError, ValueError):
                read = jwt.decode(token, self._key_set(anew=True), algorithms=list(ALGORITHMS))  # keys are replaced
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._client},
                },
                params={"nonce": nonce, "client_id": self._client},
            )
            claims.validate(now=self._accounts.clock() // 1_000_000, leeway=_LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _refused("The provider's word does not hold.") from error
        audience = claims["aud"]
        if isinstance(audience, list) and audience != [self._client] and claims.get("azp") != self._client:
            raise _refused("The provider's word is meant for somebody else.")
        if self.claim == "email" and claims.get("email_verified") is not True:
            raise _refused("The provider has not verified the address that names you.")
        subject = claims.get(self.claim)
        if not isinstance(subject, str) or not subject:
            raise _refused("The provider does not say who you are.")
        return subject

    def _description(self) -> Mapping[str, Any]:
        with self._lock:
            if self._described is None:
                said = self._asked("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if said.get("issuer") != self.issuer:
                    raise _refused("The provider calls itself by another name than the one it was set up under.")
                for key in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    _refuse_open(str(said.get(key, "")))
                self._described = said
            return self._described

    def _key_set(self, *, anew: bool = False) -> KeySet:
        address = self._description()["jwks_uri"]
        with self._lock:
            if self._keys is None or anew:
                said = self._asked("GET", address)
                self._keys = KeySet.import_key_set(said)  # type: ignore[arg-type]
            return self._keys

    def _asked(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """Ask the provider, and nobody it would send us on to."""
        try:
            with (
                httpx.Client(timeout=_TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client,
                client.stream(method, address, headers={"accept": "application/json"}, **more) as answer,
            ):
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        raise _refused("The provider answers more than it may.")
                if answer.status_code != HTTPStatus.OK:
                    raise _refused("The provider refuses.")
                told = httpx.Response(HTTPStatus.OK, content=body).json()
        except (httpx.HTTPError, ValueError) as error:
            raise _refused("The provider cannot be reached, or answers what cannot be read.") from error
        if not isinstance(told, dict):
            raise _refused("The provider answers what cannot be read.")
        return told


def set_up(workspace: Path) -> Callable[[Accounts], OpenId] | None:
    """Return what makes the provider of a centre; None where none is set up.

    Raises
    ------
    InputError, CeasefireError
        When the file is wrong, or there is no secret.
    """
    said = read_set_up(workspace)
    if said is None:
        return None
    return partial(OpenId, said, _secret(workspace / FOLDER, said))


def read_set_up(workspace: Path) -> OpenIdFile | None:
    """Return how a provider is set up; None where none is."""
    path = workspace / FOLDER / FILE
    if not path.is_file():
        return None
    file = read_yaml(path)
    said, faults = validated(file, OpenIdFile)
    if said is None:
        raise InputError(faults)
    _refuse_open(said.issuer)
    return said


def _refuse_open(address: str) -> None:
    """Refuse an address that others could read along, or that is none."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in _OURSELVES:
        return
    raise CeasefireError(
        f'"{address}" is no https:// address of a provider.\n'
        "  Whoever listened on the way could sign in as anyone.\n"
        f"  Correct {FOLDER}/{FILE}, or the provider's own description."
    )


def _secret(folder: Path, said: OpenIdFile) -> str:
    if said.client_secret_file is not None:
        path = folder / Path(said.client_secret_file).name
        try:
            secret = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CeasefireError(
                f"{path}: the secret cannot be read ({error.strerror}).\n"
                "  Without it the provider does not answer us.\n  Write the client's secret into it."
            ) from error
    else:
        secret = os.environ.get(SECRET_VARIABLE, "")
    if not secret:
        raise CeasefireError(
            f"{folder / FILE}: there is no secret of the client.\n"
            "  Without it the provider does not answer us.\n"
            f"  Name a file with client_secret_file, or set {SECRET_VARIABLE}."
        )
    return secret


def link(accounts: Accounts, account: str, subject: str, *, by: str) -> None:
    """Say that an account is that of a subject of the provider; it is recorded.

    Raises
    ------
    UsageError
        When there is no provider or account, the account has no password of its own yet, or the subject another one.
    """
    said = read_set_up(accounts.folder)
    if said is None:
        raise UsageError("No provider is set up here.", f"Write {FOLDER}/{FILE} first.")
    if not subject or len(subject) > 255 or not subject.isprintable():
        raise UsageError(f'"{subject}" is no subject.', f'Give the value of the claim "{said.claim}".')
    accounts.link(account, said.issuer, subject, by=by)


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _refused(what: str) -> RefusedError:
    return RefusedError(
        HTTPStatus.UNAUTHORIZED,
        what,
        "Try again from the sign-in page; or sign in with your password, or ask an administrator.",
    )
