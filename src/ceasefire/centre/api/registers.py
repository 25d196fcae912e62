"""Two registers: days, sealed lists, what they have in common, answers, figures; and the case's two-sided totals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated

from litestar import get, post
from litestar.params import PathParameter, RawBody

from ceasefire.casework.registers.entries import Change, RegisterKind
from ceasefire.casework.registers.permissions import may_say
from ceasefire.casework.registers.views import OwnList, RegisterDayRow, RegisterDayView
from ceasefire.centre.api.case_file_requests import posted, read_body
from ceasefire.centre.api.case_files import person_of
from ceasefire.centre.api.parameters import AsKnownOn
from ceasefire.centre.api.register_requests import (
    AmendmentRequest,
    DayRequest,
    EntryAnswerRequest,
    FigureRequest,
    GroundsRequest,
    KeyRequest,
    ListRequest,
    MatchRequest,
    MissingRequest,
    ReasonRequest,
    SealedListRequest,
    SignatureRequest,
    UnsigningRequest,
    VerdictRequest,
    WithdrawalRequest,
)
from ceasefire.centre.asking import Asking, moment_asked_for, state_asked_for
from ceasefire.model.errors import InputError, UsageError
from ceasefire.model.roles import own_party, shared
from ceasefire.pipeline.registers import Registers, read_envelope
from ceasefire.pipeline.served_registers import ServedRegisters
from ceasefire.pipeline.totals_view import TwoSidedTotals, totals_view
from ceasefire.release.policy import Operation

DayId = Annotated[
    str,
    PathParameter(name="register_day_id", description="Id of the registers of a day.", min_length=1, max_length=300),
]
_AT = "/registers/{register_day_id:str}"
_READ = {"operation": Operation.READ_REGISTERS, "moves_by": "minute", "parameters": ("as_known_on",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterList:
    """The registers that one sees."""

    position: Annotated[int, shared("Of the ledger's last entry that was read.")]
    may_set: Annotated[bool, shared("Whether you may ask two parties for their lists of a day.")]
    days: Annotated[tuple[RegisterDayRow, ...], shared("The latest day first.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListIn:
    """A list is in, sealed."""

    party_id: Annotated[str, shared("Whose it is.")]
    key: Annotated[
        str | None, own_party("What opens it: told this once, and written nowhere. Null: it was sealed elsewhere.")
    ]
    entries: Annotated[int | None, own_party("How many were read; null likewise.")]
    view: Annotated[RegisterDayView, shared("The registers after it.")]


@contextmanager
def keeping(request: Asking) -> Iterator[Registers]:
    """Yield the registers for the one who asks."""
    with _desk(request).of(person_of(request)) as registers:
        yield registers


def _desk(request: Asking) -> ServedRegisters:
    desk: ServedRegisters = request.app.state.registers
    return desk


@contextmanager
def _faults_by_line() -> Iterator[None]:
    """Tell every fault of a list, each with its line, instead of the first."""
    try:
        yield
    except InputError as error:
        raise InputError(
            replace(fault, what=f"Line {fault.line}: {fault.what}", place=f"line {fault.line}")
            if fault.line is not None
            else fault
            for fault in error.faults
        ) from error


def _as_sent(said: ListRequest | AmendmentRequest) -> bytes:
    """Return the bytes of a list, which comes as text.

    Raises
    ------
    InputError
        When letters of it were lost before it came: a browser puts a sign in place of what is not UTF-8.
    """
    lost = said.content.count("\ufffd")
    if lost:
        raise InputError.single(
            said.name,
            f"is not UTF-8: {lost} of its letters cannot be read.",
            "Names would be sealed with letters missing, and nobody could put them back.",
            "Save it as CSV UTF-8, and hand it in again.",
        )
    return said.content.encode()


@get("/totals", opt={"operation": Operation.READ_CASE, "parameters": ("as_known_on",)}, sync_to_thread=True)
def read_totals(request: Asking, as_known_on: AsKnownOn = None) -> TwoSidedTotals:  # noqa: ARG001
    """Return what two sides counted for the same day: totals and no more, for no entry behind them is known."""
    return totals_view(state_asked_for(request))


@get("/registers", opt=_READ, sync_to_thread=True)
def read_registers(request: Asking, as_known_on: AsKnownOn = None) -> RegisterList:  # noqa: ARG001
    """Return the registers of days that one sees."""
    as_of = _desk(request).position(moment_asked_for(request))
    with keeping(request) as registers:
        position = registers.ledger.size if as_of is None else as_of
        may_set = may_say(None, RegisterKind.DAY_SET, registers.person)
        return RegisterList(position=position, may_set=may_set, days=registers.rows(as_of=as_of))


@get(_AT, opt=_READ, sync_to_thread=True)
def read_register_day(request: Asking, register_day_id: DayId, as_known_on: AsKnownOn = None) -> RegisterDayView:  # noqa: ARG001
    """Open the registers of a day: no entry of either list before both are opened."""
    as_of = _desk(request).position(moment_asked_for(request))
    with keeping(request) as registers:
        return registers.read(register_day_id, as_of=as_of)


@post("/registers", opt={"operation": Operation.KEEP_REGISTERS, "body": DayRequest}, sync_to_thread=True)
def set_registers(request: Asking, body: RawBody) -> RegisterDayView:
    """Ask two parties for their lists of a day."""
    said = read_body(request, body, DayRequest)
    with keeping(request) as registers:
        return registers.set_day(said.day, (said.party_a, said.party_b), cut_off=said.cut_off)


@posted(f"{_AT}/closing", Operation.KEEP_REGISTERS, ReasonRequest)
def close_registers(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Close the registers before the cut-off, both lists being in."""
    said = read_body(request, body, ReasonRequest)
    with keeping(request) as registers:
        return registers.close(register_day_id, reason=said.reason)


@posted(f"{_AT}/missing", Operation.KEEP_REGISTERS, MissingRequest)
def declare_list_missing(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Wait no longer for a list, or for its key."""
    said = read_body(request, body, MissingRequest)
    with keeping(request) as registers:
        return registers.declare_missing(register_day_id, said.party, reason=said.reason)


@posted(f"{_AT}/matchings", Operation.KEEP_REGISTERS, MatchRequest)
def match_registers(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Propose anew which entries are of one event; what people said of pairs stands."""
    read_body(request, body, MatchRequest)
    with keeping(request) as registers:
        return registers.match(register_day_id)


@posted(f"{_AT}/verdicts", Operation.KEEP_REGISTERS, VerdictRequest)
def settle_pair(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Confirm that two entries are of one event, or split them."""
    said = read_body(request, body, VerdictRequest)
    with keeping(request) as registers:
        return registers.settle(
            register_day_id, said.entry_a, said.entry_b, verdict=said.verdict.value, reason=said.reason
        )


@posted(f"{_AT}/grounds", Operation.KEEP_REGISTERS, GroundsRequest)
def state_grounds(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Say why the two lists may be taken to be independent for one kind: an estimate rests on it."""
    said = read_body(request, body, GroundsRequest)
    with keeping(request) as registers:
        return registers.state_independence(register_day_id, said.kind, reason=said.reason)


@posted(f"{_AT}/lists", Operation.SPEAK_IN_REGISTERS, ListRequest)
def submit_list(request: Asking, register_day_id: DayId, body: RawBody) -> ListIn:
    """Hand in a list: read, sealed under a new key, and kept only so; the last before the cut-off counts."""
    said = read_body(request, body, ListRequest)
    with keeping(request) as registers, _faults_by_line():
        done = registers.submit(register_day_id, said.party, said.name, content=_as_sent(said))
    return ListIn(party_id=said.party, key=done.key, entries=done.entries, view=done.view)


@posted(f"{_AT}/sealed-lists", Operation.SPEAK_IN_REGISTERS, SealedListRequest)
def submit_sealed_list(request: Asking, register_day_id: DayId, body: RawBody) -> ListIn:
    """Hand in a list that was sealed elsewhere: its text never comes here before it is opened."""
    said = read_body(request, body, SealedListRequest)
    envelope = read_envelope(said.content.encode())
    if envelope is None:
        raise UsageError("This is no sealed list.", "Send the file that `ceasefire registers seal` wrote.")
    with keeping(request) as registers:
        done = registers.submit_sealed(register_day_id, said.party, envelope[0], key_hash=envelope[1])
    return ListIn(party_id=said.party, key=None, entries=None, view=done.view)


@posted(f"{_AT}/own-list", Operation.SPEAK_IN_REGISTERS, KeyRequest)
def read_own_list(request: Asking, register_day_id: DayId, body: RawBody) -> OwnList:
    """Read one's own sealed list with its key, which is written nowhere."""
    said = read_body(request, body, KeyRequest)
    with keeping(request) as registers:
        return registers.read_own(register_day_id, said.party, key=said.key)


@posted(f"{_AT}/keys", Operation.SPEAK_IN_REGISTERS, KeyRequest)
def open_list(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Hand over the key of one's list, the cut-off having passed; with the last one both are opened and matched."""
    said = read_body(request, body, KeyRequest)
    with keeping(request) as registers:
        return registers.give_key(register_day_id, said.party, key=said.key)


@posted(f"{_AT}/amendments", Operation.SPEAK_IN_REGISTERS, AmendmentRequest)
def amend_list(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Add entries to one's list, or correct some, beside what it says."""
    said = read_body(request, body, AmendmentRequest)
    with keeping(request) as registers, _faults_by_line():
        return registers.amend(
            register_day_id,
            said.party,
            said.change,
            reason=said.reason,
            path=said.name,
            content=_as_sent(said),
        )


@posted(f"{_AT}/withdrawals", Operation.SPEAK_IN_REGISTERS, WithdrawalRequest)
def withdraw_entry(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Withdraw an entry of one's list; it stays where it is, and is said to be withdrawn."""
    said = read_body(request, body, WithdrawalRequest)
    with keeping(request) as registers:
        return registers.amend(register_day_id, said.party, Change.WITHDRAW.value, no=said.no, reason=said.reason)


@posted(f"{_AT}/answers", Operation.SPEAK_IN_REGISTERS, EntryAnswerRequest)
def answer_entry(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Answer an entry of the other side."""
    said = read_body(request, body, EntryAnswerRequest)
    with keeping(request) as registers:
        return registers.answer(register_day_id, said.party, said.no, answer=said.answer.value, reason=said.reason)


@posted(f"{_AT}/figures", Operation.PROPOSE_FIGURE, FigureRequest)
def propose_figure(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Propose a number that both liaisons may sign."""
    said = read_body(request, body, FigureRequest)
    with keeping(request) as registers:
        return registers.propose_figure(register_day_id, said.kind, low=said.low, high=said.high, counts=said.counts)


@posted(f"{_AT}/signatures", Operation.SPEAK_IN_REGISTERS, SignatureRequest)
def sign_figure(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Sign a figure for one's party; it is agreed while the signatures of both stand."""
    said = read_body(request, body, SignatureRequest)
    with keeping(request) as registers:
        return registers.sign(register_day_id, said.party, said.figure)


@posted(f"{_AT}/unsignings", Operation.SPEAK_IN_REGISTERS, UnsigningRequest)
def withdraw_signature(request: Asking, register_day_id: DayId, body: RawBody) -> RegisterDayView:
    """Withdraw one's signature; that it was given stays on record."""
    said = read_body(request, body, UnsigningRequest)
    with keeping(request) as registers:
        return registers.withdraw_signature(register_day_id, said.party, said.figure, reason=said.reason)


ROUTES = (
    read_totals,
    read_registers,
    read_register_day,
    set_registers,
    close_registers,
    declare_list_missing,
    match_registers,
    settle_pair,
    state_grounds,
    submit_list,
    submit_sealed_list,
    read_own_list,
    open_list,
    amend_list,
    withdraw_entry,
    answer_entry,
    propose_figure,
    sign_figure,
    withdraw_signature,
)
