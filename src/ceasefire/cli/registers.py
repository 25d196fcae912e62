"""`ceasefire registers`: compare two sources' entries; keep the registers of two delegations, day by day.

Two functions are past 40 lines: one names every option with its help, the other what each action does with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, print_json_lines, print_table, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common
from ceasefire.model.errors import UsageError

if TYPE_CHECKING:
    from ceasefire.casework.people import Person
    from ceasefire.pipeline.registers import Registers
    from ceasefire.pipeline.workspace import Workspace


class Action(StrEnum):
    """What is done with the registers of a day; any other first word is a source to be compared."""

    LIST = "list"
    SET = "set"
    SEAL = "seal"
    SUBMIT = "submit"
    CLOSE = "close"
    OPEN = "open"
    MISSING = "missing"
    SHOW = "show"
    MATCH = "match"
    SETTLE = "settle"
    AMEND = "amend"
    ANSWER = "answer"
    FIGURE = "figure"
    SIGN = "sign"
    UNSIGN = "unsign"
    ESTIMATE = "estimate"


def registers(
    source_a: Annotated[str, Parameter(help="Who keeps the first list: an id of a source; or an action.")],
    source_b: Annotated[
        str | None, Parameter(help="Who keeps the second; or the day, such as 2021-06-14, or its id.")
    ] = None,
    file: Annotated[Path | None, Parameter(help="A list: for seal, submit and amend.")] = None,
    /,
    *,
    first_day: Annotated[str | None, Parameter(name="--from", help="First local day, such as 2017-09-19.")] = None,
    last_day: Annotated[str | None, Parameter(name="--until", help="Last local day, included.")] = None,
    limit: Annotated[
        int | None, Parameter(help="Rows of each group to print, by default 30; 0 prints all. Counts are of all.")
    ] = None,
    party: Annotated[
        list[str] | None,
        Parameter(help="For whom one speaks; for set, twice: whose the two lists are.", negative=()),
    ] = None,
    cut_off: Annotated[str | None, Parameter(help="Until when lists are taken: 2021-06-15T18:00.")] = None,
    mapping: Annotated[
        Path | None, Parameter(help="What the columns of the list hold, as for import; by default they say so.")
    ] = None,
    key_file: Annotated[
        Path | None, Parameter(help="Where the key of a sealed list is written, or read from to open it.")
    ] = None,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"), help="The sealed list, for seal.")] = None,
    entry: Annotated[str | None, Parameter(help="Number of an entry; for settle, in the first list.")] = None,
    other: Annotated[str | None, Parameter(name="--with", help="Number of an entry in the second list.")] = None,
    word: Annotated[
        str | None,
        Parameter(
            name="--say",
            help="For settle one-event or different-events; for answer confirms, disputes, cannot-confirm or "
            "no-answer; for amend add, correct or withdraw.",
        ),
    ] = None,
    kind: Annotated[str | None, Parameter(help="Kind of act that is counted, or all.")] = None,
    low: Annotated[int | None, Parameter(help="Of a figure: from.")] = None,
    high: Annotated[int | None, Parameter(help="To; by default the same.")] = None,
    figure: Annotated[int | None, Parameter(help="Which figure: the position of the entry that proposed it.")] = None,
    reason: Annotated[
        str | None, Parameter(help="Why; for figure, what is counted; for estimate, why the lists are independent.")
    ] = None,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Compare what two sources report; or keep two delegations' registers.

    `registers A B` compares what two sources report: told by both, by one
    alone, or doubtful. Each entry of either list is counted once, under the
    matching weights and the judgements in force.

    With an action first, the registers of a day: `set` it with two parties
    and a cut-off; each `submit`s its list, which is sealed under a key that
    nobody else has; after the cut-off each `open`s its list, and both are
    opened together and matched. Then `settle` what was proposed, `answer` the
    other side, `amend`, propose a `figure` and `sign` it. `show` prints all.
    `seal` makes a sealed list away from the centre. `missing` waits for a
    list no longer, `close` does not wait for the cut-off, both lists being
    in. `estimate` says how many events there were, or why that cannot be said.
    """
    given = {
        "--from": first_day, "--until": last_day, "--limit": limit, "--party": party, "--cut-off": cut_off,
        "--mapping": mapping, "--key-file": key_file, "--output": output, "--entry": entry, "--with": other,
        "--say": word, "--kind": kind, "--low": low, "--high": high, "--figure": figure, "--reason": reason,
        "--as-of": as_of, "DAY": source_b, "FILE": file,
    }  # fmt: skip
    if source_a not in list(Action):
        _refuse_misplaced("A B", given, _Takes({"DAY"}, {"--from", "--until", "--limit", "--as-of"}), "B")
        _compare(source_a, str(source_b), first_day, last_day, 30 if limit is None else limit, as_of, common)
        return
    action = Action(source_a)
    _refuse_misplaced(action, given, _TAKES[action], "the DAY")
    with common.open() as workspace:
        _do(action, workspace, {**given, "--party": tuple(party or ())}, common)


class _Takes(NamedTuple):
    """What an action needs, and what it may be given besides."""

    needs: Collection[str]
    may: Collection[str] = ()


_TAKES = {
    Action.LIST: _Takes(set(), {"--as-of"}),
    Action.SET: _Takes({"DAY", "--party", "--cut-off"}),
    Action.SEAL: _Takes({"DAY", "FILE", "--party", "--output", "--key-file"}, {"--mapping"}),
    Action.SUBMIT: _Takes({"DAY", "FILE", "--party"}, {"--mapping", "--key-file"}),
    Action.CLOSE: _Takes({"DAY", "--reason"}),
    Action.OPEN: _Takes({"DAY", "--party", "--key-file"}),
    Action.MISSING: _Takes({"DAY", "--party", "--reason"}),
    Action.SHOW: _Takes({"DAY"}, {"--as-of", "--party", "--key-file"}),
    Action.MATCH: _Takes({"DAY"}),
    Action.SETTLE: _Takes({"DAY", "--entry", "--with", "--say", "--reason"}),
    Action.AMEND: _Takes({"DAY", "--party", "--say", "--reason"}, {"FILE", "--entry", "--mapping"}),
    Action.ANSWER: _Takes({"DAY", "--party", "--entry", "--say", "--reason"}),
    Action.FIGURE: _Takes({"DAY", "--kind", "--low", "--reason"}, {"--high", "--party"}),
    Action.SIGN: _Takes({"DAY", "--party", "--figure"}),
    Action.UNSIGN: _Takes({"DAY", "--party", "--figure", "--reason"}),
    Action.ESTIMATE: _Takes({"DAY"}, {"--kind", "--reason", "--as-of"}),
}


def _refuse_misplaced(action: str, given: dict[str, Any], takes: _Takes, second: str) -> None:
    """Refuse options that an action lacks, or has no use for.

    Raises
    ------
    UsageError
        When there is one.
    """
    named = {option for option, value in given.items() if value is not None and value != []}
    missing, useless = sorted({*takes.needs} - named), sorted(named - {*takes.needs, *takes.may})
    if missing:
        words = " and ".join(second if option == "DAY" else option for option in missing)
        raise UsageError(f"registers {action} needs {words}.", "See: ceasefire registers --help")
    if useless:
        raise UsageError(f"registers {action} has no use for {' or '.join(useless)}.", "Leave it out.")


def _compare(
    source_a: str,
    source_b: str,
    first_day: str | None,
    last_day: str | None,
    limit: int,
    as_of: str | None,
    common: Common,
) -> None:
    from ceasefire.pipeline.two_registers import list_counts, list_groups, registers_json

    with common.open() as workspace, shown_progress() as progress:
        compared = workspace.registers(
            source_a, source_b, first_day=first_day, last_day=last_day, as_of=as_of, progress=progress
        )
        if common.json:
            print_json(registers_json(compared))
            return
        groups = list_groups(compared, zone=workspace.zone, limit=limit)
    for group in groups:
        print_table(group.columns, group.rows, title=f"{group.title}: {counted(group.of, 'row')}")
        if len(group.rows) < group.of:
            say(f"The first {len(group.rows):,} of {group.of:,}; --limit 0 prints all.")
    print_table(("entries", f"#{source_a}", f"#{source_b}"), list_counts(compared))
    if any(compared.undated):
        say(f"{counted(sum(compared.undated), 'entry', 'entries')} without a time on record lie in no period.")
    say("What one list leaves out is not shown to be untrue by that, nor what both tell to be true.")


def _do(action: Action, workspace: Workspace, given: dict[str, Any], common: Common) -> None:
    from ceasefire.pipeline.history import position_of
    from ceasefire.pipeline.register_pages import (
        estimate_lines,
        list_table,
        print_of,
        read_key,
        register_json,
        write_key,
    )
    from ceasefire.pipeline.registers import Registers, read_envelope, write_envelope

    parties: tuple[str, ...] = given["--party"]
    speaks = parties if action not in (Action.SET, Action.MISSING) else ()
    if len(parties) > 1 and action is not Action.SET:
        raise UsageError("One speaks for one party at a time.", "Give --party once.")
    position = position_of(given["--as-of"], workspace.ledger) if given["--as-of"] else None
    desk = Registers(
        ledger=workspace.ledger,
        batches=workspace.batches,
        case=workspace.case_at(),
        person=_person(workspace, speaks),
    )
    day, file, reason = str(given["DAY"]), given["FILE"], str(given["--reason"])
    party = parties[0] if parties else ""
    if action is Action.LIST:
        rows = desk.rows(as_of=position)
        if common.json:
            print_json_lines(register_json(row) for row in rows)
        elif rows:
            print_table(*list_table(rows, zone=workspace.zone))
        else:
            say("No registers of a day have been set.")
        return
    if action is Action.SEAL:
        with _new_file(given["--output"]), _new_file(given["--key-file"]):
            sealed, entries, id_ = desk.sealed(day, party, file, mapping=given["--mapping"])
            envelope = write_envelope(sealed, register_day_id=id_, party=party)
            given["--output"].write_bytes(envelope)
            write_key(given["--key-file"], sealed.key)
        said = {"register_day_id": id_, "entries": entries, "key_hash": sealed.key_hash}
        if common.json:
            print_json(said)
            return
        say(f"{counted(entries, 'entry', 'entries')} of {party} for {id_}, sealed in {given['--output']}.", _KEEP)
        return
    if action is Action.SUBMIT:
        _submit(desk, day, party, given, common, read_envelope(file.read_bytes()))
        return
    if action is Action.SHOW and given["--key-file"] is not None:
        own = desk.read_own(day, party, key=read_key(given["--key-file"]))
        if common.json:
            print_json(register_json(own))
        else:
            print_of(own, zone=workspace.zone, table=print_table, say=say)
        return
    deeds = {
        Action.SET: lambda: desk.set_day(day, parties, cut_off=str(given["--cut-off"])),
        Action.CLOSE: lambda: desk.close(day, reason=reason),
        Action.OPEN: lambda: desk.give_key(day, party, key=read_key(given["--key-file"])),
        Action.MISSING: lambda: desk.declare_missing(day, party, reason=reason),
        Action.SHOW: lambda: desk.read(day, as_of=position),
        Action.MATCH: lambda: desk.match(day),
        Action.SETTLE: lambda: desk.settle(
            day, given["--entry"], given["--with"], verdict=given["--say"], reason=reason
        ),
        Action.AMEND: lambda: desk.amend(
            day, party, given["--say"], reason=reason, no=given["--entry"], path=file, mapping=given["--mapping"]
        ),
        Action.ANSWER: lambda: desk.answer(day, party, given["--entry"], answer=given["--say"], reason=reason),
        Action.FIGURE: lambda: desk.propose_figure(
            day,
            given["--kind"],
            low=given["--low"],
            high=given["--low"] if given["--high"] is None else given["--high"],
            counts=reason,
        ),
        Action.SIGN: lambda: desk.sign(day, party, given["--figure"]),
        Action.UNSIGN: lambda: desk.withdraw_signature(day, party, given["--figure"], reason=reason),
        Action.ESTIMATE: lambda: (
            desk.state_independence(day, given["--kind"] or "all", reason=reason)
            if given["--reason"] is not None
            else desk.read(day, as_of=position)
        ),
    }
    view = deeds[action]()
    if common.json:
        print_json(register_json(view))
    elif action is Action.ESTIMATE:
        say(*estimate_lines(view, given["--kind"]))
    elif action not in (Action.SHOW, Action.OPEN, Action.MATCH):
        say(f"Recorded as entry {view.history[-1].done.position} of the ledger, by {view.history[-1].done.by}.")
    else:
        print_of(view, zone=workspace.zone, table=print_table, say=say)


_KEEP = "Nobody can open it without its key, and nobody can replace a key that is lost."


def _submit(
    desk: Registers, day: str, party: str, given: dict[str, Any], common: Common, sealed: tuple[bytes, str] | None
) -> None:
    from ceasefire.pipeline.register_pages import register_json, write_key

    key_file = given["--key-file"]
    if sealed is not None:
        if key_file is not None:
            raise UsageError("The list is sealed already.", "Leave --key-file out; the key is where it was written.")
        view = desk.submit_sealed(day, party, sealed[0], key_hash=sealed[1]).view
        entries = None
    else:
        if key_file is None:
            raise UsageError("registers submit needs --key-file.", "Name a new file for the key that opens the list.")
        with _new_file(key_file):
            said = desk.submit(day, party, given["FILE"], mapping=given["--mapping"])
            write_key(key_file, str(said.key))
        view, entries = said.view, said.entries
    if common.json:
        print_json({"entries": entries, **register_json(view)})
        return
    number = f"{counted(entries, 'entry', 'entries')} of {party}" if entries is not None else f"The list of {party}"
    say(f"{number}, sealed, for {view.row.register_day_id}.")
    if key_file is not None:
        say(f"The key is in {key_file}. {_KEEP}")


@contextmanager
def _new_file(path: Path) -> Iterator[None]:
    """Make sure that a file can be written before anything is done, and leave none behind when nothing was."""
    try:
        with path.open("x"):
            pass
    except FileExistsError:
        raise UsageError(f"{path} is there already.", "Name a new file; a key is never written over.") from None
    path.chmod(0o600)
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _person(workspace: Workspace, speaks: tuple[str, ...]) -> Person:
    """Return who acts: where there are accounts, the author's; otherwise whoever sits at this machine, for anybody."""
    from ceasefire.casework.people import Person
    from ceasefire.centre.accounts import Accounts
    from ceasefire.model.errors import NotAllowedError
    from ceasefire.model.roles import Role

    with Accounts(workspace.folder) as accounts:
        holders = accounts.roll().holders
    if not holders:
        roles = frozenset({Role.LIAISON}) if speaks else frozenset({Role.ANALYST, Role.HEAD})
        return Person(name=workspace.author, roles=roles, parties=frozenset(speaks))
    held = holders.get(workspace.author)
    if held is None or not held.is_enabled:
        raise NotAllowedError(
            f"{workspace.author} has no account that is enabled.", "Name yours in CEASEFIRE_AUTHOR, or use the page."
        )
    return Person(name=held.account, roles=frozenset({held.role}), parties=frozenset(held.parties))
