"""`ceasefire account`: who may sign in to the centre, in which role."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ceasefire.cli.console import print_json, print_json_lines, print_table, say
from ceasefire.cli.options import COMMON, AsOf, Common
from ceasefire.model.errors import UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ceasefire.centre.accounts import Accounts, Holder
    from ceasefire.model.roles import Role


class Action(StrEnum):
    """What is done."""

    ADD = "add"
    ROLE = "role"
    LIST = "list"
    DISABLE = "disable"
    ENABLE = "enable"
    RESET = "reset"
    LINK = "link"
    UNLINK = "unlink"


def account(
    action: Annotated[Action, Parameter(help="What to do.")],
    account: Annotated[str | None, Parameter(help="Name of the account, as in amal.haddad; not for list.")] = None,
    /,
    *,
    name: Annotated[str | None, Parameter(help="The person, for add.")] = None,
    role: Annotated[
        str | None,
        Parameter(help="liaison, guarantor, field-monitor, analyst, head or administrator; for add and role."),
    ] = None,
    party: Annotated[
        list[str] | None,
        Parameter(help="Id of an actor that a liaison or guarantor speaks for; may be given again.", negative=()),
    ] = None,
    subject: Annotated[
        str | None, Parameter(help="For link: who the account is to the OpenID provider, as its claim says.")
    ] = None,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Make accounts, change their role, disable, enable or reset them, or list them.

    With the first account the workspace becomes a centre: from then on whoever
    comes to `ceasefire serve` signs in, or sees what is public. What is done to
    accounts is in the ledger, so that --as-of lists who had which role then.
    Passwords and secrets are not in it: they lie in the folder accounts, which
    nobody else may read.

    add and reset print a password that works once, for seven days; its holder
    takes another at once. reset also takes the second factor away. An account
    has one role at a time; a new role ends its sessions.

    link lets an OpenID provider, where accounts/openid.yaml sets one up, vouch
    for the holder; it never says what role they have. reset takes that away.
    """
    from ceasefire.centre.accounts import Accounts
    from ceasefire.centre.openid import link
    from ceasefire.pipeline.history import position_of

    given = {
        "--name": name,
        "--role": role,
        "--party": party,
        "--as-of": as_of,
        _SUBJECT: subject,
        "NAME of an account": account,
    }
    _refuse_misplaced(action, {option for option, value in given.items() if value})
    parties = tuple(party or ())
    with common.open() as workspace, Accounts(workspace.folder) as accounts:
        until = position_of(as_of, workspace.ledger) if as_of else None
        zone, by = workspace.zone, workspace.author
        if action is Action.LIST:
            _list(accounts, until, zone, common)
            return
        password, named = None, account or ""
        if action is Action.ADD:
            password = accounts.add(named, name=name or "", role=_role(role), parties=parties, by=by)
        elif action is Action.RESET:
            password = accounts.reset(named, by=by)
        elif action is Action.ROLE:
            accounts.change_role(named, role=_role(role), parties=parties, by=by)
        elif action is Action.LINK:
            link(accounts, named, subject or "", by=by)
        elif action is Action.UNLINK:
            accounts.unlink(named, by=by)
        elif action is Action.DISABLE:
            accounts.disable(named, by=by)
        else:
            accounts.enable(named, by=by)
        holder = accounts.find(named)
    if common.json:
        print_json({**_told(holder), **({"one_time_password": password} if password else {})})
        return
    say(_sentence(holder))
    if password:
        say(f"To be handed over; it works once, for seven days: {password}")


_NAME, _TAKES, _SUBJECT = "NAME of an account", "--as-of", "--subject"
_NEEDS = {
    Action.ADD: {_NAME, "--name", "--role"},
    Action.ROLE: {_NAME, "--role"},
    Action.LIST: set[str](),
    Action.LINK: {_NAME, _SUBJECT},
}
_MAY = {Action.ADD: {"--party"}, Action.ROLE: {"--party"}, Action.LIST: {_TAKES}}


def _refuse_misplaced(action: Action, given: set[str]) -> None:
    """Refuse options that an action lacks, or has no use for.

    Raises
    ------
    UsageError
        When there is one.
    """
    needs = _NEEDS.get(action, {_NAME})
    missing, useless = sorted(needs - given), sorted(given - needs - _MAY.get(action, set()))
    if missing:
        raise UsageError(f"account {action} needs {' and '.join(missing)}.", "See: ceasefire account --help")
    if useless:
        raise UsageError(f"account {action} has no use for {' or '.join(useless)}.", "Leave it out.")


def _role(text: str | None) -> Role:
    from ceasefire.centre.accounts import ROLES

    for role in ROLES:
        if role.value == text:
            return role
    raise UsageError(f'"{text}" is no role of an account.', f"Roles: {', '.join(ROLES)}.")


def _list(accounts: Accounts, until: int | None, zone: ZoneInfo, common: Common) -> None:
    from ceasefire.model.time import instant_text

    holders = sorted(accounts.roll(until).holders.values(), key=lambda holder: holder.account)
    if common.json:
        print_json_lines(_told(holder) for holder in holders)
        return
    if not holders:
        say("There are no accounts: whoever sits at this machine is its owner.")
        return
    columns = ("account", "name", "role", "parties", "state", "since", "by")
    rows = [
        (
            holder.account,
            holder.name,
            holder.role.value,
            ", ".join(holder.parties),
            "enabled" if holder.is_enabled else "disabled",
            instant_text(holder.since, zone),
            holder.by,
        )
        for holder in holders
    ]
    print_table(columns, rows)


def _told(holder: Holder) -> dict[str, object]:
    from ceasefire.model.time import instant_text

    return {
        "account": holder.account,
        "name": holder.name,
        "role": holder.role.value,
        "parties": list(holder.parties),
        "is_enabled": holder.is_enabled,
        "since": instant_text(holder.since),
        "by": holder.by,
        "position": holder.position,
    }


def _sentence(holder: Holder) -> str:
    of = f" of {', '.join(holder.parties)}" if holder.parties else ""
    return f"{holder.account} ({holder.name}): {holder.role}{of}, {'enabled' if holder.is_enabled else 'disabled'}."
