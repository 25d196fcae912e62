"""What is told to the public of a case, and the reply printed beside it: as large, in full, or that there is none."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from ceasefire.casework.entries import PrintedReply, Published
from ceasefire.casework.records import CaseFile, Mark, Publication
from ceasefire.casework.transitions import awaited_until
from ceasefire.casework.wording import unfounded_words
from ceasefire.model.casework import CaseOutcome, CaseState
from ceasefire.model.errors import UsageError
from ceasefire.model.time import instant_text, local_date


def printed_reply(case_file: CaseFile, party: str) -> PrintedReply:
    """Return what stands beside a publication for a party that it names."""
    last = next((reply for reply in reversed(case_file.replies) if reply.party == party), None)
    until = max((offer.offer.until for offer in case_file.offers if offer.offer.party == party), default=None)
    return PrintedReply(party=party, text=last.text if last else None, asked_until=until)


def checked_publication(case_file: CaseFile, payload: Published, mark: Mark) -> Publication:
    """Return a publication, when the right of reply and the rule of words were kept.

    Raises
    ------
    UsageError
        When a party named was not asked, or its reply is awaited, and the report is none of safety; when the reply
        printed is not the one on record; when a violation is told that nobody determined.
    """
    if payload.safety_reason is None:
        _refuse_unheard(case_file, payload, mark)
    for printed in payload.replies:
        if printed != printed_reply(case_file, printed.party):
            raise UsageError(f"What is printed for {printed.party} is not its reply on record.", "Compose it again.")
    words = unfounded_words(payload.text, case_file)
    if words:
        raise UsageError(
            f'The text says "{words[0]}", and no body has determined a breach.', 'Write "alleged violation".'
        )
    if payload.what == "determination":
        _refuse_undetermined(case_file, payload)
    return Publication(
        what=payload.what,
        names=payload.names,
        text=payload.text,
        safety_reason=payload.safety_reason,
        replies=payload.replies,
        mark=mark,
    )


def _refuse_unheard(case_file: CaseFile, payload: Published, mark: Mark) -> None:
    unasked = sorted(set(payload.names) - case_file.notified - {case_file.filed_by})
    if unasked:
        raise UsageError(
            f"{', '.join(unasked)} would be named without having been asked to reply.",
            "Ask first; only a spot report for the safety of people may go before.",
        )
    for party in payload.names:
        until = awaited_until(case_file, party, at=mark.at)
        if until is not None:
            raise UsageError(
                f"{party} has until {instant_text(until)} to reply.", "Wait for its reply, or for that time to pass."
            )


def _refuse_undetermined(case_file: CaseFile, payload: Published) -> None:
    ruling = case_file.ruling
    stands = case_file.state in (CaseState.DETERMINED, CaseState.CLOSED)
    if ruling is None or ruling.outcome is not CaseOutcome.DETERMINED or ruling.draft is None or not stands:
        raise UsageError("No determination stands.", "Publish progress, until a body has determined it.")
    left_out = sorted(set(ruling.draft.content.attributed_to) - set(payload.names))
    if left_out:
        raise UsageError(f"The determination names {', '.join(left_out)}.", "Name them, with their reply.")


def reply_sentence(printed: PrintedReply, name: str, zone: ZoneInfo, *, told_at: int | None = None) -> str:
    """Return the line that stands in place of a reply, or introduces it.

    Parameters
    ----------
    told_at : int, optional
        When it was published, UTC microseconds: before the time to reply had passed, there is not "no reply".

    Examples
    --------
    >>> printed = PrintedReply(party="a", text=None, asked_until=1_619_000_000_000_000)
    >>> reply_sentence(printed, "A", ZoneInfo("UTC"))
    'A: no reply by 2021-04-21.'
    """
    if printed.text is not None:
        return f"{name} replies: {printed.text}"
    if printed.asked_until is None:
        return f"{name}: published for safety before a reply was asked."
    day: date = local_date(printed.asked_until - 1, zone)  # asked until the end of that day
    if told_at is not None and told_at < printed.asked_until:
        return f"{name}: asked to reply by {day}; published for safety before that."
    return f"{name}: no reply by {day}."


def publication_text(publication: Publication, names: dict[str, str], zone: ZoneInfo) -> tuple[str, ...]:
    """Return the paragraphs of a publication: what is told, that it goes first where it does, every reply in full."""
    first = (
        (f"Spot report, published before the replies of those it names, for safety: {publication.safety_reason}",)
        if publication.safety_reason
        else ()
    )
    replies = (
        reply_sentence(printed, names.get(printed.party, printed.party), zone, told_at=publication.mark.at)
        for printed in publication.replies
    )
    return (*first, publication.text, *replies)
