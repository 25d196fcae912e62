"""Who has an account, in which role: said by the ledger, so that any earlier state can be asked.

An account has one role at a time. Grants, changes, disabling and changes of what proves an identity are entries;
no hash, no secret and no password is in any of them.

Past 400 lines because every deed that an account knows, with what each refuses, is best read on one page.
"""

from __future__ import annotations

import re
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from ceasefire.centre.credentials import Credentials
from ceasefire.centre.passwords import hash_password, one_time_password
from ceasefire.ledger.entry import Entry
from ceasefire.model.errors import UnknownRecordError, UsageError
from ceasefire.model.roles import Role
from ceasefire.pipeline.workspace import Workspace

ACCOUNT_PATTERN = r"^[a-z0-9]([a-z0-9._-]{0,38}[a-z0-9])$"
LONGEST_NAME, MOST_PARTIES = 100, 20
OF_A_PARTY = frozenset({Role.LIAISON, Role.GUARANTOR})
ROLES = tuple(role for role in Role if role is not Role.PUBLIC)
"""Those that an account can have; what is public needs none."""
ONE_TIME_DAYS = 7
_MICROSECONDS_PER_DAY = 86_400_000_000
_RESERVED = frozenset({"owner", "public", "unknown"})
"""What the ledger calls those who act without an account."""


class AccountKind(StrEnum):
    """The kinds of entries about accounts."""

    ROLE = "account-role"
    DISABLED = "account-disabled"
    ENABLED = "account-enabled"
    KEY = "account-key"
    """What proves who the holder is was changed; not what it is."""


class KeyChange(StrEnum):
    """What an `account-key` entry says."""

    PASSWORD_ISSUED = "password-issued"  # noqa: S105
    """A one-time password, by somebody else: until it is replaced, that person could act as the holder."""
    PASSWORD_CHANGED = "password-changed"  # noqa: S105
    """By the holder."""
    FACTOR_ON = "second-factor-on"
    FACTOR_OFF = "second-factor-off"
    RECOVERY_CODE_USED = "recovery-code-used"
    OPENID_LINKED = "openid-linked"
    """Whoever a provider vouches for as that subject signs in as the holder."""
    OPENID_UNLINKED = "openid-unlinked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """An account as the ledger has it at a position.

    Parameters
    ----------
    account, name : str
        What one signs in with, which the ledger names as author; the person.
    role : Role
        The one they have.
    parties : tuple of str
        Actors that a liaison or guarantor speaks for.
    is_enabled : bool
        Whether it can be signed in to.
    position, since : int
        Of the entry that last granted, disabled or enabled; when that was recorded, UTC microseconds.
    by : str
        Who recorded it.
    """

    account: str
    name: str
    role: Role
    parties: tuple[str, ...]
    is_enabled: bool
    position: int
    since: int
    by: str


class Roll:
    """The accounts as of a position of the ledger, built entry by entry.

    `holders` is never changed, only replaced: another thread may be going through it.
    """

    def __init__(self) -> None:
        self.position = 0
        self.holders: dict[str, Holder] = {}

    def take(self, entries: Iterable[Entry]) -> Roll:
        """Take further entries; those taken before are passed over."""
        for entry in entries:
            if entry.position > self.position:
                self._take(entry)
                self.position = entry.position
        return self

    def _take(self, entry: Entry) -> None:
        said = entry.payload
        stamped: dict[str, Any] = {"position": entry.position, "since": entry.recorded_at, "by": entry.author}
        if entry.kind == AccountKind.ROLE:
            before = self.holders.get(said["account"])
            granted = Holder(
                account=said["account"],
                name=said["name"],
                role=Role(said["role"]),
                parties=tuple(said["parties"]),
                is_enabled=before is None or before.is_enabled,
                **stamped,
            )
            self.holders = {**self.holders, granted.account: granted}
        elif entry.kind in (AccountKind.DISABLED, AccountKind.ENABLED):
            held = self.holders[said["account"]]
            turned = replace(held, is_enabled=entry.kind == AccountKind.ENABLED, **stamped)
            self.holders = {**self.holders, held.account: turned}


def system_clock() -> int:
    """Return now, UTC microseconds."""
    return time.time_ns() // 1000


class Accounts:
    """The accounts of a workspace; many threads may use it.

    Parameters
    ----------
    workspace : Path
        Its folder.
    clock : callable, optional
        Returns now, UTC microseconds.
    """

    def __init__(self, workspace: Path, *, clock: Callable[[], int] = system_clock) -> None:
        self.folder = workspace
        self.clock = clock
        self._workspace = Workspace.open(workspace, author="accounts")
        self._ledger = self._workspace.ledger
        self._lock = threading.RLock()
        self._roll = Roll()
        self._credentials: Credentials | None = None

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            self._workspace.close()
            if self._credentials is not None:
                self._credentials.close()

    def __enter__(self) -> Accounts:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def exist(self) -> bool:
        """Whether there ever was one: from then on nobody acts without."""
        return bool(self._roll.holders or self.roll().holders)

    @property
    def credentials(self) -> Credentials:
        """What proves who their holders are.

        Raises
        ------
        CeasefireError
            When the files are missing or unsafe.
        """
        held = self._credentials
        if held is not None:  # the usual case, in which nobody waits for who is changing accounts
            return held
        with self._lock:
            if self._credentials is None:
                self._credentials = Credentials.open(self.folder)
            return self._credentials

    def roll(self, until: int | None = None) -> Roll:
        """Return the accounts now, or as of a position."""
        with self._lock:
            if until is not None:
                return Roll().take(self._ledger.entries(until))
            if self._ledger.size > self._roll.position:
                self._roll.take(self._ledger.entries(after=self._roll.position))
            return self._roll

    def find(self, account: str) -> Holder:
        """Return an account.

        Raises
        ------
        UnknownRecordError
            When there is none of that name.
        """
        found = self.roll().holders.get(account)
        if found is None:
            raise UnknownRecordError(f'There is no account "{account}".', "The list of accounts names them all.")
        return found

    def history(self, account: str) -> list[Entry]:
        """Return the entries about an account, in order."""
        kinds = {kind.value for kind in AccountKind}
        with self._lock:
            return [
                entry for entry in self._ledger.entries()
                if entry.kind in kinds and entry.payload["account"] == account
            ]  # fmt: skip

    def add(self, account: str, *, name: str, role: Role, parties: Iterable[str] = (), by: str) -> str:
        """Make an account.

        Returns
        -------
        str
            A password that works once, for seven days.

        Raises
        ------
        UsageError
            When the name is taken or cannot be one, the role is none, or a party is not an actor of the case; or when
            the same person has an account already.
        """
        name = self._checked_name(name)
        if not re.fullmatch(ACCOUNT_PATTERN, account) or account in _RESERVED:
            raise UsageError(
                f'"{account}" cannot be the name of an account.',
                "Take 2 to 40 small letters from a to z, digits, dots, hyphens and underscores, as in amal.haddad.",
            )
        chosen = self._checked_parties(role, parties)
        password = one_time_password()
        hashed = hash_password(password)
        with self._changing():
            holders = self.roll().holders
            if account in holders:
                raise UsageError(f'There is an account "{account}" already.', "Take another name, or change its role.")
            same = [each for each in holders.values() if each.is_enabled and _alike(each.name) == _alike(name)]
            if same:
                raise UsageError(
                    f"{name} has the account {same[0].account}, as {same[0].role}; one person has one role at a time.",
                    "Change the role of that account; or, for another person, tell the two apart in the name.",
                )
            self._issue(account, hashed)
            self._record(AccountKind.ROLE, _granted(account, name, role, chosen), by)
            self._record(AccountKind.KEY, {"account": account, "change": KeyChange.PASSWORD_ISSUED.value}, by)
        return password

    def change_role(self, account: str, *, role: Role, parties: Iterable[str] = (), by: str) -> Holder:
        """Give an account another role in place of its own; who is signed in to it must sign in again.

        Raises
        ------
        UsageError
            When there is no such account, role or party.
        """
        chosen = self._checked_parties(role, parties)
        with self._changing():
            held = self.find(account)
            if (held.role, held.parties) == (role, chosen):
                raise UsageError(f"{account} is {role} already.", "Nothing was changed.")
            self._record(AccountKind.ROLE, _granted(account, held.name, role, chosen), by)
            self._end_sessions(account)
        return self.find(account)

    def disable(self, account: str, *, by: str) -> Holder:
        """Shut an account; who is signed in to it is signed out. What its holder did stays under its name."""
        return self._turn(account, AccountKind.DISABLED, by)

    def enable(self, account: str, *, by: str) -> Holder:
        """Open an account again."""
        return self._turn(account, AccountKind.ENABLED, by)

    def reset(self, account: str, *, by: str) -> str:
        """Give an account a one-time password, and take its second factor away; sessions end.

        Returns
        -------
        str
            The password: for seven days whoever has it can act as the holder, which the entry shows.
        """
        password = one_time_password()
        hashed = hash_password(password)
        with self._changing():
            self.find(account)
            had_factor = (held := self.credentials.find(account)) is not None and held.factor is not None
            self._issue(account, hashed)
            self._record(AccountKind.KEY, {"account": account, "change": KeyChange.PASSWORD_ISSUED.value}, by)
            if had_factor:
                self._record(AccountKind.KEY, {"account": account, "change": KeyChange.FACTOR_OFF.value}, by)
        return password

    def link(self, account: str, issuer: str, subject: str, *, by: str) -> None:
        """Let a provider vouch for the holder of an account; a reset takes that away.

        Raises
        ------
        UsageError
            When there is no such account, it has no password of its own yet, or the subject is another account's.
        """
        with self._changing():
            self.find(account)
            credential = self.credentials.find(account)
            if credential is None or credential.one_time_until is not None:
                raise UsageError(
                    f"{account} has no password of its own yet.", "Let its holder sign in and take one; then link it."
                )
            row = self.credentials.row(
                "SELECT account FROM openid_links WHERE issuer = ? AND subject = ?", issuer, subject
            )
            if row is not None:
                raise UsageError(f"That subject is linked to {row[0]} already.", "Unlink it first.")
            self.credentials.change("DELETE FROM openid_links WHERE account = ? AND issuer = ?", account, issuer)
            self.credentials.change("INSERT INTO openid_links VALUES (?, ?, ?)", issuer, subject, account)
            self._record(AccountKind.KEY, {"account": account, "change": KeyChange.OPENID_LINKED.value}, by)

    def unlink(self, account: str, *, by: str) -> None:
        """Let no provider vouch for the holder of an account any more; its sessions end.

        Raises
        ------
        UsageError
            When it was not linked.
        """
        with self._changing():
            self.find(account)
            if not self.credentials.change("DELETE FROM openid_links WHERE account = ?", account):
                raise UsageError(f"{account} is linked to no subject of a provider.", "Nothing was changed.")
            self._record(AccountKind.KEY, {"account": account, "change": KeyChange.OPENID_UNLINKED.value}, by)
            self._end_sessions(account)

    def record_key_change(self, account: str, change: KeyChange) -> None:
        """Record that a holder changed what proves who they are."""
        with self._lock:
            self._record(AccountKind.KEY, {"account": account, "change": change.value}, account)

    def _turn(self, account: str, kind: AccountKind, by: str) -> Holder:
        with self._changing():
            held = self.find(account)
            if held.is_enabled == (kind is AccountKind.ENABLED):
                state = "enabled" if held.is_enabled else "disabled"
                raise UsageError(f"{account} is {state} already.", "Nothing was changed.")
            self._record(kind, {"account": account}, by)
            self._end_sessions(account)
        return self.find(account)

    def _record(self, kind: AccountKind, payload: dict[str, Any], by: str) -> None:
        self._ledger.append(kind.value, payload, author=by)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the place of the one who changes accounts, among all programs; what fails leaves no credentials."""
        with self._lock:
            if self._credentials is None:
                self._credentials = Credentials.open(self.folder, create=True)
            with self._credentials.writing():
                yield

    def _issue(self, account: str, hashed: str) -> None:
        """Put a one-time password in place of all that proved who the holder is."""
        until = self.clock() + ONE_TIME_DAYS * _MICROSECONDS_PER_DAY
        self.credentials.change("DELETE FROM accounts WHERE account = ?", account)  # and what hangs on it
        self.credentials.change(
            "INSERT INTO accounts (account, password, one_time_until) VALUES (?, ?, ?)", account, hashed, until
        )

    def _end_sessions(self, account: str) -> None:
        self.credentials.change("DELETE FROM sessions WHERE account = ?", account)

    def _checked_name(self, name: str) -> str:
        text = unicodedata.normalize("NFC", " ".join(name.split()))
        if not 1 <= len(text) <= LONGEST_NAME or not text.isprintable():
            raise UsageError(
                f'"{name}" is no name of a person.', f"Write 1 to {LONGEST_NAME} characters, as the mission knows them."
            )
        return text

    def _checked_parties(self, role: Role, parties: Iterable[str]) -> tuple[str, ...]:
        """Return the parties in order, once each."""
        if role not in ROLES:
            raise UsageError(f'"{role}" is no role of an account.', f"Roles: {', '.join(ROLES)}.")
        chosen = tuple(sorted(set(parties)))
        if bool(chosen) != (role in OF_A_PARTY):
            raise UsageError(
                f"A {role} speaks for no party." if chosen else f"A {role} speaks for a party, and none is named.",
                f"Name parties for {' and '.join(sorted(OF_A_PARTY))} alone, by the ids of actors.",
            )
        if chosen:
            with self._lock:
                known = self._workspace.case_at(None).actors.actors
            missing = [party for party in chosen if party not in known]
            if missing:
                raise UsageError(f"The case has no actor {', '.join(missing)}.", f"Actors: {', '.join(sorted(known))}.")
        return chosen


def _granted(account: str, name: str, role: Role, parties: tuple[str, ...]) -> dict[str, Any]:
    return {"account": account, "name": name, "role": role.value, "parties": list(parties)}


def _alike(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
