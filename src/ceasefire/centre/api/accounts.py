"""Accounts: who has which role, since when, by whom. They hold no content of the record."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import get, post
from litestar.params import JSONBody, PathParameter

from ceasefire.centre.accounts import ACCOUNT_PATTERN, LONGEST_NAME, MOST_PARTIES, Accounts, Holder
from ceasefire.centre.asking import Asking, viewer_of
from ceasefire.centre.refusals import RefusedError
from ceasefire.ledger.entry import Entry
from ceasefire.model.roles import Role, public
from ceasefire.model.time import instant_text
from ceasefire.release.policy import Operation

_READ = {"operation": Operation.READ_ACCOUNTS, "tagged": False}
_MANAGE = {"operation": Operation.MANAGE_ACCOUNTS, "tagged": False}
_NAME = "Its name: small letters from a to z, digits, dots, hyphens, underscores."

Account = Annotated[str, PathParameter(description="Name of the account.", min_length=1, max_length=40)]
PartyId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class NewAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to be made."""

    account: Annotated[str, msgspec.Meta(pattern=ACCOUNT_PATTERN, description=_NAME)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME, description="The person.")]
    role: Annotated[Role, msgspec.Meta(description="Any but public.")]
    parties: Annotated[
        list[PartyId], msgspec.Meta(max_length=MOST_PARTIES, description="Actors a liaison or guarantor speaks for.")
    ] = []


class NewRole(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role in place of another."""

    role: Annotated[Role, msgspec.Meta(description="Any but public.")]
    parties: Annotated[
        list[PartyId], msgspec.Meta(max_length=MOST_PARTIES, description="Actors a liaison or guarantor speaks for.")
    ] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account."""

    account: Annotated[str, public("Its name, which the record names as author.")]
    name: Annotated[str, public("The person.")]
    role: Annotated[Role, public("The one it has.")]
    parties: Annotated[tuple[str, ...], public("Actors that a liaison or guarantor speaks for.")]
    is_enabled: Annotated[bool, public("Whether it can be signed in to.")]
    has_second_factor: Annotated[bool, public("Whether it has one.")]
    has_one_time_password: Annotated[bool, public("Whether its holder has not yet taken a password of their own.")]
    since: Annotated[str, public("When it got its role, or was disabled or enabled: UTC.")]
    by: Annotated[str, public("By whom.")]
    position: Annotated[int, public("Of the entry of the ledger that says so.")]
    signed_in_at: Annotated[str | None, public("When it was last signed in to, UTC; null: never.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountList:
    """All accounts there ever were."""

    accounts: Annotated[tuple[AccountView, ...], public("By name.")]
    roles: Annotated[tuple[Role, ...], public("Those that an account can have.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEntry:
    """What was done to an account."""

    position: Annotated[int, public("Of the entry of the ledger.")]
    recorded_at: Annotated[str, public("UTC.")]
    by: Annotated[str, public("Who did it.")]
    kind: Annotated[str, public("account-role, account-disabled, account-enabled or account-key.")]
    role: Annotated[Role | None, public("Of a grant or change.")]
    parties: Annotated[tuple[str, ...], public("Of a grant or change.")]
    change: Annotated[str | None, public("Of a change of what proves who the holder is.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDetail:
    """An account, and all that was done to it."""

    account: Annotated[AccountView, public("The account.")]
    history: Annotated[tuple[AccountEntry, ...], public("In order.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordIssued:
    """An account with a password that works once."""

    account: Annotated[AccountView, public("The account.")]
    one_time_password: Annotated[str, public("Told once, to be handed over; it works for seven days.")]


@get("/accounts", opt=_READ, sync_to_thread=True)
def read_accounts(request: Asking) -> AccountList:
    """Return all accounts."""
    accounts = _accounts(request)
    holders = sorted(accounts.roll().holders.values(), key=lambda holder: holder.account)
    return AccountList(
        accounts=tuple(_view(accounts, holder) for holder in holders),
        roles=tuple(role for role in Role if role is not Role.PUBLIC),
    )


@get("/accounts/{account:str}", opt=_READ, sync_to_thread=True)
def read_account(request: Asking, account: Account) -> AccountDetail:
    """Return an account with its history."""
    accounts = _accounts(request)
    view = _view(accounts, accounts.find(account))
    return AccountDetail(account=view, history=tuple(_entry(each) for each in accounts.history(account)))


@post("/accounts", opt=_MANAGE)
async def add_account(request: Asking, data: JSONBody[NewAccount]) -> PasswordIssued:
    """Make an account."""
    accounts, by = _accounts(request), viewer_of(request).name

    def made() -> PasswordIssued:
        password = accounts.add(data.account, name=data.name, role=data.role, parties=data.parties, by=by)
        return PasswordIssued(account=_view(accounts, accounts.find(data.account)), one_time_password=password)

    return await to_thread.run_sync(made, limiter=request.app.state.hashing)


@post("/accounts/{account:str}/role", opt=_MANAGE, status_code=200, sync_to_thread=True)
def change_role(request: Asking, account: Account, data: JSONBody[NewRole]) -> AccountView:
    """Give an account another role; its sessions end."""
    accounts, by = _accounts(request), _other_than(request, account)
    return _view(accounts, accounts.change_role(account, role=data.role, parties=data.parties, by=by))


@post("/accounts/{account:str}/disable", opt=_MANAGE, status_code=200, sync_to_thread=True)
def disable_account(request: Asking, account: Account) -> AccountView:
    """Shut an account; its sessions end."""
    accounts, by = _accounts(request), _other_than(request, account)
    return _view(accounts, accounts.disable(account, by=by))


@post("/accounts/{account:str}/enable", opt=_MANAGE, status_code=200, sync_to_thread=True)
def enable_account(request: Asking, account: Account) -> AccountView:
    """Open an account again."""
    accounts, by = _accounts(request), _other_than(request, account)
    return _view(accounts, accounts.enable(account, by=by))


@post("/accounts/{account:str}/reset", opt=_MANAGE, status_code=200)
async def reset_account(request: Asking, account: Account) -> PasswordIssued:
    """Give an account a one-time password, and take its second factor away; its sessions end."""
    accounts, by = _accounts(request), _other_than(request, account)

    def made() -> PasswordIssued:
        password = accounts.reset(account, by=by)
        return PasswordIssued(account=_view(accounts, accounts.find(account)), one_time_password=password)

    return await to_thread.run_sync(made, limiter=request.app.state.hashing)


def _other_than(request: Asking, account: str) -> str:
    """Return who asks, unless it is about themselves.

    Raises
    ------
    RefusedError
        When it is: so the last administrator cannot shut everybody out, and nobody gives themselves another role.
    """
    name = viewer_of(request).name
    if name == account:
        raise RefusedError(
            HTTPStatus.FORBIDDEN,
            "This is your own account.",
            "Let another administrator do it; or do it on the machine itself, with `ceasefire account`.",
            why="Nobody changes their own role, and the last administrator cannot shut everybody out.",
        )
    return name


def _accounts(request: Asking) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


def _view(accounts: Accounts, holder: Holder) -> AccountView:
    credential = accounts.credentials.find(holder.account)
    return AccountView(
        account=holder.account,
        name=holder.name,
        role=holder.role,
        parties=holder.parties,
        is_enabled=holder.is_enabled,
        has_second_factor=credential is not None and credential.factor is not None,
        has_one_time_password=credential is not None and credential.one_time_until is not None,
        since=_utc(holder.since),
        by=holder.by,
        position=holder.position,
        signed_in_at=_utc(credential.signed_in_at) if credential and credential.signed_in_at is not None else None,
    )


def _entry(entry: Entry) -> AccountEntry:
    said: dict[str, Any] = entry.payload
    return AccountEntry(
        position=entry.position,
        recorded_at=_utc(entry.recorded_at),
        by=entry.author,
        kind=entry.kind,
        role=Role(said["role"]) if "role" in said else None,
        parties=tuple(said.get("parties", ())),
        change=said.get("change"),
    )


def _utc(instant: int) -> str:
    return instant_text(instant).replace("+00:00", "Z")
