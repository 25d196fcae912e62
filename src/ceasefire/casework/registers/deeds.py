"""What each entry does to a register day, or why it cannot be made as the day stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ceasefire.casework.records import Mark
from ceasefire.casework.registers import entries as e
from ceasefire.casework.registers.records import (
    Amendment,
    Figure,
    Grounds,
    Matching,
    Missing,
    OpenedList,
    RegisterDay,
    Reply,
    SettledPair,
    Signature,
    Submission,
)
from ceasefire.casework.registers.sealing import key_hash_of, refuse_no_envelope, unseal
from ceasefire.model.errors import OutdatedError, UsageError

_Read = Callable[[str], bytes]


def done(held: RegisterDay, payload: e.RegisterPayload, mark: Mark, read: _Read) -> RegisterDay:
    """Return a register day after an entry.

    Raises
    ------
    CeasefireError
        When the day does not stand so that the entry could be made.
    """
    if isinstance(payload, e.KeyGiven):
        return _opened(_keyed(held, payload, mark, read), mark)
    if isinstance(payload, e.Submitted):
        return _submitted(held, payload, mark, read)
    if isinstance(payload, e.Absent):
        return _opened(_missed(held, payload, mark), mark)
    if isinstance(payload, e.Closed):
        return _closed(held, mark)
    if isinstance(payload, e.Amended):
        return _amended(held, payload, mark)
    if isinstance(payload, e.Matched):
        return _matched(held, payload, mark)
    if isinstance(payload, e.Settled):
        return _settled(held, payload, mark)
    if isinstance(payload, e.Answered):
        return _answered(held, payload, mark)
    if isinstance(payload, e.FigureProposed):
        return replace(held, figures=(*held.figures, Figure(figure=payload, mark=mark)))
    if isinstance(payload, e.Signed | e.Unsigned):
        return _signed(held, payload, mark)
    if isinstance(payload, e.GroundsStated):
        grounds = Grounds(kind=payload.kind, reason=payload.reason, mark=mark)
        return replace(held, grounds=(*(one for one in held.grounds if one.kind != payload.kind), grounds))
    raise TypeError(f"{type(payload).__name__} does nothing to a register day")


def _submitted(held: RegisterDay, payload: e.Submitted, mark: Mark, read: _Read) -> RegisterDay:
    came, is_late = held.submissions.get(payload.party, ()), held.has_ended(mark.at)
    if is_late and came:
        raise OutdatedError(
            "The cut-off has passed, and a list is in.", "Later changes are amendments, once the lists are open."
        )
    refuse_no_envelope(read(payload.content["sealed"]))
    everyone = [one for each in held.submissions.values() for one in each]
    if payload.key_hash in {one.key_hash for one in everyone}:
        raise UsageError("A list was sealed under this key before.", "Seal the list anew; each time takes a new key.")
    submission = Submission(
        sealed=payload.content["sealed"],
        key_hash=payload.key_hash,
        is_late=is_late,
        after_other=held.is_open or held.other(payload.party) in held.keyed,
        mark=mark,
    )
    return replace(held, submissions={**held.submissions, payload.party: (*came, submission)})


def _keyed(held: RegisterDay, payload: e.KeyGiven, mark: Mark, read: _Read) -> RegisterDay:
    if not held.has_ended(mark.at):
        raise OutdatedError(
            "The cut-off has not passed: a key given now would open the list too early.",
            "Keep it, and tell it to nobody, until then.",
        )
    standing = held.standing(payload.party)
    if standing is None or standing.mark.position != payload.submission:
        raise OutdatedError(
            f"Entry {payload.submission} is not the list of {payload.party} that counts.",
            "The last one before the cut-off does; where there was none, the late one.",
        )
    if payload.party in held.keyed:
        raise OutdatedError(f"The key of {payload.party}'s list was given already.", "There is nothing more to do.")
    listed = unseal(
        read(standing.sealed),
        payload.key,
        key_hash=standing.key_hash,
        register_day_id=held.id,
        party=payload.party,
    )
    if key_hash_of(payload.key) != standing.key_hash:  # pragma: no cover - unseal has refused it
        raise UsageError("This is another key.", "Give the key of the list that counts.")
    missing = {party: one for party, one in held.missing.items() if party != payload.party}
    keyed = {**held.keyed, payload.party: OpenedList(entries=listed, mark=mark)}
    return replace(held, keyed=keyed, missing=missing)


def _missed(held: RegisterDay, payload: e.Absent, mark: Mark) -> RegisterDay:
    if not held.has_ended(mark.at):
        raise OutdatedError("The cut-off has not passed.", "Wait for it.")
    if payload.party in held.keyed or payload.party in held.missing:
        raise OutdatedError(f"The list of {payload.party} is not awaited any more.", "There is nothing more to do.")
    came = held.standing(payload.party) is not None
    if came != (payload.why == "not-opened"):
        raise OutdatedError(
            f"A list of {payload.party} {'is in, and waits for its key' if came else 'is not in'}.",
            f"Say {'not-opened' if came else 'not-submitted'}.",
        )
    missing = Missing(why=payload.why, reason=payload.reason, mark=mark)
    return replace(held, missing={**held.missing, payload.party: missing})


def _opened(held: RegisterDay, mark: Mark) -> RegisterDay:
    """Open the lists when none is awaited any more: both at once."""
    settled = set(held.keyed) | set(held.missing)
    if held.opened is None and settled == set(held.parties) and held.keyed:
        return replace(held, opened=mark)
    return held


def _closed(held: RegisterDay, mark: Mark) -> RegisterDay:
    if held.has_ended(mark.at):
        raise OutdatedError("The cut-off has passed.", "There is nothing to close.")
    absent = [party for party in held.parties if not held.submissions.get(party)]
    if absent:
        raise OutdatedError(f"The list of {' and of '.join(absent)} is not in.", "Wait for it, or for the cut-off.")
    return replace(held, closed=mark)


def _amended(held: RegisterDay, payload: e.Amended, mark: Mark) -> RegisterDay:
    if payload.party not in held.keyed:
        raise OutdatedError(f"The list of {payload.party} is not open.", "There is nothing to amend.")
    known = {entry.no for entry in held.entries(payload.party)}
    if (payload.no in known) != (payload.change is not e.Change.ADD):
        raise UsageError(
            f"The list {'has' if payload.no in known else 'has no'} entry {payload.no}"
            f"{' already' if payload.no in known else ''}.",
            "Add an entry under a new number; correct or withdraw one that is there.",
        )
    amendment = Amendment(
        party=payload.party,
        change=payload.change,
        no=payload.no,
        entry=payload.entry,
        reason=payload.reason,
        mark=mark,
    )
    return replace(held, amendments=(*held.amendments, amendment))


def _matched(held: RegisterDay, payload: e.Matched, mark: Mark) -> RegisterDay:
    for party, names in (
        (held.parties[0], ("entries_a", "candidates_a")),
        (held.parties[1], ("entries_b", "candidates_b")),
    ):
        known = {entry.no for entry in held.entries(party)}
        said = {no for proposal in payload.proposals for name in names for no in getattr(proposal, name)}
        if not said <= known:
            raise UsageError(f"{party} lists no entry {min(said - known)}.", "Match the lists that are open.")
    return replace(held, matching=Matching(method=payload.method, proposals=payload.proposals, mark=mark))


def _settled(held: RegisterDay, payload: e.Settled, mark: Mark) -> RegisterDay:
    for party, no in zip(held.parties, (payload.entry_a, payload.entry_b), strict=True):
        _refuse_no_entry(held, party, no)
    pair = (payload.entry_a, payload.entry_b)
    said = SettledPair(verdict=payload.verdict, reason=payload.reason, mark=mark)
    return replace(held, settled={**held.settled, pair: (*held.settled.get(pair, ()), said)})


def _answered(held: RegisterDay, payload: e.Answered, mark: Mark) -> RegisterDay:
    listed_by = held.other(payload.party)
    _refuse_no_entry(held, listed_by, payload.no)
    key = (listed_by, payload.no)
    if payload.answer is e.AnswerWord.NO_ANSWER and key not in held.replies:
        raise OutdatedError("There is no answer to take back.", "An entry that nobody answered says so by itself.")
    reply = Reply(answer=payload.answer, reason=payload.reason, mark=mark)
    return replace(held, replies={**held.replies, key: (*held.replies.get(key, ()), reply)})


def _refuse_no_entry(held: RegisterDay, party: str, no: str) -> None:
    if no not in {entry.no for entry in held.entries(party)}:
        raise UsageError(f'{party} lists no entry "{no}".', "Give its number as the list has it.")


def _signed(held: RegisterDay, payload: e.Signed | e.Unsigned, mark: Mark) -> RegisterDay:
    figure = next((one for one in held.figures if one.mark.position == payload.figure), None)
    if figure is None:
        raise UsageError(f"Entry {payload.figure} is no figure of {held.id}.", "Sign one that was proposed.")
    if isinstance(payload, e.Signed):
        changed = _with_signature(held, figure, payload, mark)
    else:
        if payload.party not in figure.signed_by:
            raise OutdatedError(f"No signature of {payload.party} stands there.", "There is nothing to withdraw.")
        taken = tuple(
            replace(one, withdrawn=mark, withdrawn_because=payload.reason)
            if one.party == payload.party and one.stands
            else one
            for one in figure.signatures
        )
        changed = replace(figure, signatures=taken)
    return replace(held, figures=tuple(changed if one is figure else one for one in held.figures))


def _with_signature(held: RegisterDay, figure: Figure, payload: e.Signed, mark: Mark) -> Figure:
    for one in held.figures:
        if one.figure.kind == figure.figure.kind and payload.party in one.signed_by:
            same = one is figure
            raise OutdatedError(
                f"{payload.party} has signed {'this figure' if same else 'another figure of this kind'} already.",
                "There is nothing more to do."
                if same
                else "Withdraw that signature first: two figures cannot both be agreed.",
            )
    return replace(figure, signatures=(*figure.signatures, Signature(party=payload.party, mark=mark)))
