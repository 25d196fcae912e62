"""The one table of what may become of a case file: from where to where, by whom, and what it takes.

Two kinds of conditions are kept apart. *Who*: a role, a part in the case, not the author, no declared interest; a
transition that someone may not make does not exist for them. *What*: a reply asked for and awaited, no open conflict,
a vote that carried; such a transition exists, and says what it still needs.

Past 400 lines because the table and what its words mean stand on one page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ceasefire.casework.entries import (
    Appeal,
    Assignment,
    DraftDetails,
    DuplicateOf,
    NoDetails,
    Notice,
    Part,
    ReplyDetails,
    Settlement,
    Signing,
    VisitDetails,
)
from ceasefire.casework.people import Person
from ceasefire.casework.records import CaseFile
from ceasefire.casework.voting import count_vote
from ceasefire.model.casework import CaseOutcome, CaseState
from ceasefire.model.roles import Role
from ceasefire.model.time import instant_text

S = CaseState
_HEAD = frozenset({Role.HEAD})
_DESK = frozenset({Role.ANALYST, Role.HEAD})
_MISSION = frozenset({Role.FIELD_MONITOR, Role.ANALYST, Role.HEAD})
_EXAMINED = (S.PARTY_NOTIFIED, S.REPLY_RECEIVED)
_BEFORE_DRAFT = (S.ALLEGED, S.ADMISSIBLE, S.ASSIGNED, S.PARTY_NOTIFIED, S.REPLY_RECEIVED, S.VISITED, S.REVIEWED)
_BEFORE_RULING = (*_BEFORE_DRAFT, S.DRAFTED, S.SIGNED)


class Standing(StrEnum):
    """Which liaison may: of which party to the case."""

    NONE = "none"
    FILING = "filing"
    RESPONDENT = "respondent"
    """Of a party that was asked to reply."""
    PARTY = "party"
    """Of either."""


class Tells(StrEnum):
    """To which parties the entry of a transition is told."""

    NOBODY = "nobody"
    FILING = "filing"
    PARTIES = "parties"
    """The one that filed it and those that were asked to reply."""


class Need(StrEnum):
    """What a transition needs of the file."""

    ACCUSED = "accused"
    NO_CONFLICT = "no-conflict"
    REPLY_AWAITED = "reply-awaited"
    ATTRIBUTED_WERE_ASKED = "attributed-were-asked"
    SIGNED_BY_SOMEONE_FREE = "signed-by-someone-free"
    VOTE_CARRIED = "vote-carried"
    VOTE_FAILED = "vote-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table.

    Parameters
    ----------
    name : str
        Of the transition; several rows never share one.
    sources, to
        States.
    roles : frozenset of Role
        Of the centre, who may.
    standing : Standing
        Which liaisons may besides.
    not_author : bool
        Whether whoever wrote the draft may not: a second person does it.
    not_decider : bool
        Whether whoever drafted or signed what is appealed against may not.
    free_of_interest : bool
        Whether a declared interest bars it.
    needs : tuple of Need
        What the file must have.
    details : type
        Schema of what the move says.
    tells : Tells
        To which parties its entry is told.
    outcome : CaseOutcome or None
        What it rules.
    """

    name: str
    sources: tuple[CaseState, ...]
    to: CaseState
    roles: frozenset[Role]
    standing: Standing = Standing.NONE
    not_author: bool = False
    not_decider: bool = False
    free_of_interest: bool = False
    needs: tuple[Need, ...] = ()
    details: type[Part] = NoDetails
    tells: Tells = Tells.NOBODY
    outcome: CaseOutcome | None = None


_WEIGH = (Need.NO_CONFLICT, Need.REPLY_AWAITED)
TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        name="admit",
        sources=(S.ALLEGED,),
        to=S.ADMISSIBLE,
        roles=_DESK,
        needs=(Need.ACCUSED, Need.NO_CONFLICT),
        tells=Tells.FILING,
    ),
    Transition(
        name="find-inadmissible",
        sources=(S.ALLEGED,),
        to=S.INADMISSIBLE,
        roles=_DESK,
        tells=Tells.FILING,
        outcome=CaseOutcome.INADMISSIBLE,
    ),
    Transition(name="assign", sources=(S.ADMISSIBLE,), to=S.ASSIGNED, roles=_DESK, details=Assignment),
    Transition(
        name="notify",
        sources=(S.ASSIGNED,),
        to=S.PARTY_NOTIFIED,
        roles=_DESK,
        needs=(Need.ACCUSED, Need.NO_CONFLICT),
        details=Notice,
        tells=Tells.PARTIES,
    ),
    Transition(
        name="receive-reply",
        sources=(S.PARTY_NOTIFIED,),
        to=S.REPLY_RECEIVED,
        roles=_DESK,
        standing=Standing.RESPONDENT,
        details=ReplyDetails,
        tells=Tells.PARTIES,
    ),
    Transition(
        name="visit",
        sources=_EXAMINED,
        to=S.VISITED,
        roles=_MISSION,
        needs=(Need.REPLY_AWAITED,),
        details=VisitDetails,
    ),
    Transition(name="review", sources=(*_EXAMINED, S.VISITED), to=S.REVIEWED, roles=_DESK, needs=_WEIGH),
    Transition(
        name="draft",
        sources=(S.VISITED, S.REVIEWED),
        to=S.DRAFTED,
        roles=_DESK,
        free_of_interest=True,
        needs=_WEIGH,
        details=DraftDetails,
    ),
    Transition(name="return-draft", sources=(S.DRAFTED, S.SIGNED), to=S.REVIEWED, roles=_DESK),
    Transition(
        name="sign",
        sources=(S.DRAFTED,),
        to=S.SIGNED,
        roles=_DESK,
        not_author=True,
        free_of_interest=True,
        needs=(Need.NO_CONFLICT, Need.ATTRIBUTED_WERE_ASKED),
        details=Signing,
    ),
    Transition(
        name="determine",
        sources=(S.SIGNED,),
        to=S.DETERMINED,
        roles=_HEAD,
        free_of_interest=True,
        needs=(Need.SIGNED_BY_SOMEONE_FREE, Need.ATTRIBUTED_WERE_ASKED, Need.VOTE_CARRIED),
        details=Signing,
        tells=Tells.PARTIES,
        outcome=CaseOutcome.DETERMINED,
    ),
    Transition(
        name="record-no-consensus",
        sources=(S.SIGNED,),
        to=S.CLOSED,
        roles=_HEAD,
        needs=(Need.VOTE_FAILED,),
        details=Signing,
        tells=Tells.PARTIES,
        outcome=CaseOutcome.NO_CONSENSUS,
    ),
    Transition(name="close", sources=(S.DETERMINED,), to=S.CLOSED, roles=_HEAD, tells=Tells.PARTIES),
    Transition(
        name="appeal",
        sources=(S.DETERMINED, S.CLOSED, S.INADMISSIBLE),
        to=S.APPEALED,
        roles=_HEAD,
        standing=Standing.PARTY,
        details=Appeal,
        tells=Tells.PARTIES,
    ),
    Transition(
        name="hear-appeal",
        sources=(S.APPEALED,),
        to=S.REVIEWED,
        roles=_HEAD,
        not_decider=True,
        free_of_interest=True,
        needs=(Need.REPLY_AWAITED,),
        details=Assignment,
        tells=Tells.PARTIES,
    ),
    Transition(
        name="examine-after-appeal",
        sources=(S.APPEALED,),
        to=S.ADMISSIBLE,
        roles=_HEAD,
        not_decider=True,
        free_of_interest=True,
        needs=(Need.ACCUSED,),
        tells=Tells.PARTIES,
    ),
    Transition(
        name="dismiss-appeal",
        sources=(S.APPEALED,),
        to=S.CLOSED,
        roles=_HEAD,
        not_decider=True,
        free_of_interest=True,
        tells=Tells.PARTIES,
    ),
    Transition(
        name="mark-duplicate",
        sources=_BEFORE_DRAFT,
        to=S.DUPLICATE,
        roles=_DESK,
        details=DuplicateOf,
        tells=Tells.PARTIES,
    ),
    Transition(name="mark-unverifiable", sources=_BEFORE_DRAFT, to=S.UNVERIFIABLE, roles=_DESK, tells=Tells.PARTIES),
    Transition(
        name="withdraw",
        sources=_BEFORE_RULING,
        to=S.WITHDRAWN,
        roles=_DESK,
        standing=Standing.FILING,
        tells=Tells.PARTIES,
        outcome=CaseOutcome.WITHDRAWN,
    ),
    Transition(
        name="settle",
        sources=(S.ADMISSIBLE, S.ASSIGNED, S.PARTY_NOTIFIED, S.REPLY_RECEIVED, S.VISITED, S.REVIEWED, S.DRAFTED),
        to=S.SETTLED_LOCALLY,
        roles=_MISSION,
        details=Settlement,
        tells=Tells.PARTIES,
        outcome=CaseOutcome.SETTLED_LOCALLY,
    ),
    Transition(
        name="take-up-again",
        sources=(S.DUPLICATE, S.UNVERIFIABLE, S.WITHDRAWN, S.SETTLED_LOCALLY),
        to=S.ALLEGED,
        roles=_HEAD,
        tells=Tells.PARTIES,
    ),
)
BY_NAME = {transition.name: transition for transition in TRANSITIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTransition:
    """A transition that a person may make, and what it still needs; nothing: it can be made now."""

    name: str
    to: CaseState
    details: type[Part]
    missing: tuple[str, ...]


def open_transitions(case_file: CaseFile, person: Person, *, at: int) -> tuple[OpenTransition, ...]:
    """Return the transitions that exist for a person, in the order of the table.

    Parameters
    ----------
    at : int
        The instant at which they are asked for: a time to reply may have passed or not.
    """
    return tuple(
        OpenTransition(
            name=transition.name,
            to=transition.to,
            details=transition.details,
            missing=missing(case_file, transition, at=at),
        )
        for transition in TRANSITIONS
        if exists_for(transition, case_file, person)
    )


def exists_for(transition: Transition, case_file: CaseFile, person: Person) -> bool:
    """Whether a transition exists for a person as the file stands."""
    return _is_of_role(transition, case_file, person) and not barred_because(transition, case_file, person)


def _is_of_role(transition: Transition, case_file: CaseFile, person: Person) -> bool:
    if case_file.state not in transition.sources:
        return False
    return bool(person.roles & transition.roles) or _stands(transition.standing, case_file, person)


def barred_because(transition: Transition, case_file: CaseFile, person: Person) -> str:
    """Return why somebody else of their role must make a transition, in a sentence; empty: nothing bars them."""
    if transition.not_author and case_file.draft is not None and case_file.draft.mark.author == person.name:
        return "A second person signs: you wrote the draft."
    if transition.not_decider and person.name in _deciders(case_file):
        return "Somebody else hears an appeal: you drafted, signed or decided what it is against."
    if transition.free_of_interest and is_interested(case_file, person.name):
        return "An interest of yours in the outcome was declared."
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarredTransition:
    """A transition that someone's role may make, and they may not."""

    name: str
    to: CaseState
    because: str


def barred_transitions(case_file: CaseFile, person: Person) -> tuple[BarredTransition, ...]:
    """Return the transitions that wait for somebody else of a person's role, in the order of the table."""
    return tuple(
        BarredTransition(name=transition.name, to=transition.to, because=because)
        for transition in TRANSITIONS
        if _is_of_role(transition, case_file, person) and (because := barred_because(transition, case_file, person))
    )


def missing(case_file: CaseFile, transition: Transition, *, at: int) -> tuple[str, ...]:
    """Return a sentence for everything that a transition still needs."""
    found = (_NEEDS[need](case_file, at) for need in transition.needs)
    return tuple(sentence for sentence in found if sentence)


def is_interested(case_file: CaseFile, who: str) -> bool:
    """Whether an interest of theirs was declared."""
    return any(interest.who == who for interest in case_file.interests)


def _stands(standing: Standing, case_file: CaseFile, person: Person) -> bool:
    if Role.LIAISON not in person.roles or standing is Standing.NONE:
        return False
    files_it = case_file.filed_by in person.parties
    answers_it = bool(case_file.notified & person.parties)
    return {
        Standing.FILING: files_it,
        Standing.RESPONDENT: answers_it,
        Standing.PARTY: files_it or answers_it,
    }[standing]


def _deciders(case_file: CaseFile) -> frozenset[str]:
    """Return who drafted, signed or closed off what an appeal is against."""
    if not case_file.rulings:
        return frozenset()
    last = case_file.rulings[-1]
    drafted = {last.draft.mark.author} if last.draft else set()
    # the body's ruling is recorded by the head, who did not make it; a file found inadmissible has no other decider
    recorded = {last.mark.author} if last.outcome is CaseOutcome.INADMISSIBLE else set()
    return frozenset(drafted | recorded | {mark.author for mark in last.signatures})


def _accused(case_file: CaseFile, _at: int) -> str:
    lacking = [
        word for name, word in (("accused", "a party accused"), ("clause_ids", "a clause")) if not _has(case_file, name)
    ]
    return f"The file names no {' and no '.join(word.removeprefix('a ') for word in lacking)}." if lacking else ""


def _has(case_file: CaseFile, name: str) -> bool:
    return bool(case_file.fields[name].value)


def _no_conflict(case_file: CaseFile, _at: int) -> str:
    open_ones = ", ".join(sorted(case_file.conflicts))
    return f"Two edits of one field wait for a person to settle them: {open_ones}." if open_ones else ""


def _reply_awaited(case_file: CaseFile, at: int) -> str:
    never = sorted(set(case_file.accused) - case_file.notified)
    if never:
        return f"No reply has been asked of {', '.join(never)}."
    waiting = [
        f"{party} until {instant_text(until)}"
        for party in case_file.accused
        if (until := awaited_until(case_file, party, at=at)) is not None
    ]
    return f"A reply is still awaited: {', '.join(waiting)}." if waiting else ""


def awaited_until(case_file: CaseFile, party: str, *, at: int) -> int | None:
    """Return until when a party's reply is awaited; None when it replied, its time has passed or it was not asked."""
    asked = [offer for offer in case_file.offers if offer.offer.party == party]
    if not asked:
        return None
    last = max(offer.mark.position for offer in asked)
    until = max(offer.offer.until for offer in asked)
    replied = any(reply.party == party and reply.mark.position > last for reply in case_file.replies)
    return until if until > at and not replied else None


def _attributed_were_asked(case_file: CaseFile, at: int) -> str:
    if case_file.draft is None:
        return "There is no draft."
    named = case_file.draft.content.attributed_to
    never = sorted(set(named) - case_file.notified)
    if never:
        return f"The draft attributes to {', '.join(never)}, of whom no reply has been asked."
    waiting = sorted(party for party in named if awaited_until(case_file, party, at=at) is not None)
    return f"The draft attributes to {', '.join(waiting)}, whose reply is still awaited." if waiting else ""


def _signed_by_someone_free(case_file: CaseFile, _at: int) -> str:
    if case_file.draft is None:
        return "There is no draft."
    author = case_file.draft.mark.author
    if is_interested(case_file, author):
        return f"An interest of {author}, who drafted it, has been declared: the draft has to be returned."
    free = [m for m in case_file.signatures if m.author != author and not is_interested(case_file, m.author)]
    return "" if free else "Nobody but the author, free of interest, has signed the draft."


def _vote_carried(case_file: CaseFile, _at: int) -> str:
    if case_file.draft is None or case_file.vote is None:
        return "The body has not voted on the draft."
    counted = count_vote(case_file.draft.body, case_file.vote.vote, barred=_barred(case_file))
    return "" if counted.carried else counted.reason


def _vote_failed(case_file: CaseFile, _at: int) -> str:
    if case_file.draft is None or case_file.vote is None:
        return "The body has not voted on the draft."
    counted = count_vote(case_file.draft.body, case_file.vote.vote, barred=_barred(case_file))
    if not counted.quorate:
        return counted.reason
    return "The vote carried." if counted.carried else ""


def _barred(case_file: CaseFile) -> frozenset[str]:
    return frozenset(interest.who for interest in case_file.interests)


_NEEDS: dict[Need, Callable[[CaseFile, int], str]] = {
    Need.ACCUSED: _accused,
    Need.NO_CONFLICT: _no_conflict,
    Need.REPLY_AWAITED: _reply_awaited,
    Need.ATTRIBUTED_WERE_ASKED: _attributed_were_asked,
    Need.SIGNED_BY_SOMEONE_FREE: _signed_by_someone_free,
    Need.VOTE_CARRIED: _vote_carried,
    Need.VOTE_FAILED: _vote_failed,
}
