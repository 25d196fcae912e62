"""The section on casework: what was published of case files, with every reply as large as what it answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from ceasefire.bulletin.material import Material, english
from ceasefire.bulletin.records import Cell, Notice, Section, Voice, Words, as_written
from ceasefire.bulletin.sentences import counted, joined, none_or, number, sentence_case, short_day, verb
from ceasefire.casework.entries import Answered, PrintedReply
from ceasefire.casework.publication import reply_sentence
from ceasefire.casework.records import Dissent, RemedyReport
from ceasefire.casework.told import Standing, ToldDetermination, ToldPublication
from ceasefire.model.time import local_date
from ceasefire.release.classes import ReleaseClass

_NOUNS = {"determination": "determination", "progress": "report of progress", "spot-report": "spot report"}
_REMEDY_WORDS = {
    "performed": "performed",
    "partly": "partly performed",
    "not-performed": "not performed",
    "unverified": "unverified",
}
_QUESTIONS = {"fact": "Did it happen", "attribution": "Who did it", "breach": "Was the clause breached"}


def casework_section(material: Material, told: tuple[ToldPublication, ...], release: ReleaseClass) -> Section | None:
    """Return what casework told; None where nothing was.

    The public is given the answers of a determination; the mission also the reasons, and what they rest on.
    """
    if not told:
        return None
    paragraphs = [
        casework_sentence(told),
        "Only people rule: a determination is that of the body it names, and no count of clause checks rests on it. "
        "A party is asked to reply before it is named; a report for the safety of people may go first, and says so. "
        "Every reply is printed in full, as large as what it answers.",
    ]
    if not all(one.in_period for one in told):
        paragraphs.append("What was told at another time stands here because it is of events of this period.")
    return Section(
        key="casework",
        title="Determinations and reports of casework",
        paragraphs=tuple(paragraphs),
        notices=tuple(_notice(material, one, release) for one in told),
    )


def casework_sentence(told: Iterable[ToldPublication]) -> str:
    """Return the summary's sentence on casework; empty where nothing was told."""
    counts = Counter(one.publication.what for one in told)
    parts = [counted(counts[what], noun) for what, noun in _NOUNS.items() if counts[what]]
    if not parts:
        return ""
    whole = sum(counts.values())
    return f"Casework: {joined(parts)} {verb(whole, 'is', 'are')} told here."


def _notice(material: Material, told: ToldPublication, release: ReleaseClass) -> Notice:
    publication = told.publication
    noun = sentence_case(_NOUNS[publication.what])
    voices = [
        Voice(speaker="The centre", day=_day(material, publication.mark.at), paragraphs=_paragraphs(publication.text))
    ]
    for printed in publication.replies:
        voices += _replies(material, told, printed)
    if told.determination is not None:
        voices += [_dissent(material, told.determination, one) for one in told.determination.dissents]
    return Notice(
        key=f"case-{told.number}-{publication.mark.position}",
        title=f"Case file {number(told.number)}: {noun} of {_day(material, publication.mark.at)}",
        warnings=_warnings(material, told),
        facts=() if told.determination is None else _facts(material, told.determination, release),
        voices=tuple(voices),
    )


def _warnings(material: Material, told: ToldPublication) -> tuple[str, ...]:
    publication = told.publication
    warnings = []
    if publication.safety_reason is not None:
        warnings.append(
            f"Published before the replies of those it names, for the safety of people: {publication.safety_reason}"
        )
    ruled = told.determination
    if ruled is not None and ruled.standing is not Standing.STANDS:
        since = _day(material, ruled.since.at)
        became = {
            Standing.UNDER_APPEAL: f"An appeal has been pending since {since}",
            Standing.EXAMINED_AGAIN: f"After an appeal the case file has been examined again since {since}",
            Standing.REPLACED: f"Another ruling replaced this one on {since}",
        }[ruled.standing]
        warnings.append(f"{became}: what is told below as determined is alleged, unless a later determination says so.")
    return tuple(warnings)


def _replies(material: Material, told: ToldPublication, printed: PrintedReply) -> list[Voice]:
    """Return what a party replied, then what it replied since; or that there is none."""
    name = material.actor(printed.party)
    if printed.text is None:
        at = told.publication.mark.at
        sentence = reply_sentence(printed, name, material.case.zone, told_at=at).removeprefix(f"{name}: ")
        first = Voice(speaker=f"{name}, named here", day="", paragraphs=(Words(sentence_case(sentence)),))
    else:
        first = Voice(speaker=f"{name} replies", day="", paragraphs=_paragraphs(printed.text))
    since = [
        Voice(
            speaker=f"{name} replies, after this was published",
            day=_day(material, reply.mark.at),
            paragraphs=_paragraphs(reply.text),
        )
        for reply in told.later_replies
        if reply.party == printed.party
    ]
    return [first, *since]


def _dissent(material: Material, ruled: ToldDetermination, dissent: Dissent) -> Voice:
    member = next((one for one in ruled.draft.body.members if one.id == dissent.member), None)
    who = member.name if member else dissent.member
    sent_by = f", sent by {material.actor(member.party)}" if member and member.party else ""
    on = "" if dissent.on == "all" else f" on {dissent.on}"
    return Voice(
        speaker=f"{who}{sent_by}, dissents{on}",
        day=_day(material, dissent.mark.at),
        paragraphs=_paragraphs(dissent.text),
    )


def _facts(material: Material, ruled: ToldDetermination, release: ReleaseClass) -> tuple[tuple[str, Cell], ...]:
    """Return who determined what, by which rules; the reasons for those who may have them."""
    body, content = ruled.draft.body, ruled.draft.content
    quorum = f"a quorum of {body.quorum} of {len(body.members)}"
    sides = ", with someone of each party" if body.quorum_each_party else ""
    facts: list[tuple[str, Cell]] = [
        ("Body", english(body.names)),
        ("Mandate", english(body.mandate)),
        ("Rules", f"{sentence_case(body.voting_rule.value.replace('-', ' '))}, {quorum}{sides}"),
        ("Vote", _vote_words(ruled)),
        ("Standard of proof", sentence_case(body.standard_of_proof.value.replace("-", " "))),
        ("Clauses", joined([material.citation(clause_id) for clause_id in content.clause_ids])),
    ]
    named = joined([material.actor(party) for party in content.attributed_to])
    for question, answered in (
        ("fact", content.fact),
        ("attribution", content.attribution),
        ("breach", content.breach),
    ):
        to = f", to {named}" if question == "attribution" and named else ""
        label = f"{sentence_case(question)} ({_QUESTIONS[question].lower()})"
        facts.append((label, f"{sentence_case(answered.answer)}{to}{_reasons(answered, release)}"))
    if release is ReleaseClass.MISSION:
        facts += [
            ("Time and place", content.time_and_place),
            ("Bound because", content.bound_because),
            ("Sources", content.independence),
            ("Alternatives", content.alternatives),
            ("Confidence", content.confidence),
            ("Method", content.method),
        ]
    facts += [
        (f"Remedy {place}", _remedy_words(material, ruled, place - 1, report))
        for place, report in enumerate(ruled.remedies, start=1)
    ]
    if not ruled.remedies:
        facts.append(("Remedies", "None"))
    if not ruled.dissents:
        facts.append(("Dissent", "None on record"))
    return tuple(facts)


def _reasons(answered: Answered, release: ReleaseClass) -> str:
    return f". {answered.reasons}" if release is ReleaseClass.MISSION else ""


def _vote_words(ruled: ToldDetermination) -> Cell:
    count = ruled.count
    if count is None:
        return "Not on record"
    on = f" on {short_day(date.fromisoformat(ruled.held_on))}" if ruled.held_on else ""
    ballots = ((count.votes_for, "for"), (count.votes_against, "against"), (count.abstentions, "abstained"))
    cast = ", ".join(f"{none_or(votes)} {words}" for votes, words in ballots)
    return f"{cast}; {counted(count.present, 'member')} present{on}"


def _remedy_words(material: Material, ruled: ToldDetermination, place: int, report: RemedyReport | None) -> str:
    remedy = ruled.draft.content.remedies[place]
    became = "nothing reported of it" if report is None else _REMEDY_WORDS[report.state]
    when = "" if report is None else f" ({_day(material, report.mark.at)})"
    text, until = remedy.text.rstrip("."), short_day(date.fromisoformat(remedy.deadline))
    return f"{text}. By {material.actor(remedy.bearer)}, by {until}; {became}{when}."


def _paragraphs(text: str) -> tuple[Words, ...]:
    return tuple(as_written(part.strip()) for part in text.split("\n") if part.strip())


def _day(material: Material, at: int) -> str:
    return short_day(local_date(at, material.case.zone))
