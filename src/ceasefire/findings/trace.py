"""Why a finding says what it says: each answer with the records behind it, as sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ceasefire.agreement.citation import held_text
from ceasefire.findings.accounts import NOBODY, perpetrators
from ceasefire.findings.phrases import ENGLISH, Phrases, phrases_in
from ceasefire.model.claims import Account, read_claims
from ceasefire.model.outcome import Outcome
from ceasefire.model.percent import whole_percent
from ceasefire.model.time import local_date, microseconds
from ceasefire.model.vocabulary import Answer, Question, Stance, Status

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Adherence, Clause
    from ceasefire.findings.check import FindingSet
    from ceasefire.findings.templates import Template
    from ceasefire.model.case_types import Moment


@dataclass(frozen=True, slots=True)
class Step:
    """One question with its answer and what it rests on."""

    question: str
    answer: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """A finding explained.

    Parameters
    ----------
    headline, outcome : str
        What was checked; what came of it.
    steps : tuple of Step
        The six questions in order.
    accounts : tuple of str
        Who says what, one sentence an account.
    notes : tuple of str
        What a reader must also know.
    """

    headline: str
    outcome: str
    steps: tuple[Step, ...]
    accounts: tuple[str, ...]
    notes: tuple[str, ...]

    def sentences(self) -> tuple[str, ...]:
        """Return the whole trace as lines of text."""
        lines = [self.headline, self.outcome]
        said: set[str] = set()
        for number, step in enumerate(self.steps, start=1):
            lines.append(f"{number}. {step.question} {step.answer.capitalize()}.")
            # a reading or record that several answers rest on is told once and named after that
            lines += [f"   {one if one not in said else _named_again(one)}" for one in step.sentences]
            said.update(step.sentences)
        return (*lines, "Who says what:", *(f"   {line}" for line in self.accounts), *self.notes)


def _named_again(sentence: str) -> str:
    """Shorten a sentence that was told before to the record it is about."""
    subject = re.split(r"[ ][(:]|[,:;]", sentence, maxsplit=1)[0]
    return f"{subject}, as above."


def explain(found: FindingSet, finding: dict[str, Any], language: str = ENGLISH) -> Trace:
    """Explain one finding.

    Parameters
    ----------
    found : FindingSet
        A check that holds the finding's incident; checking that one incident again is enough.
    finding : dict
        Its row in the findings table: `incident_id`, `clause_id`, `accused_id` and `share_inside` are used.
    language : str
        In which it is told, as far as there are words in it.

    Raises
    ------
    KeyError
        When the check holds no such finding.
    """
    tell = phrases_in(language)
    case = found.case
    number = found.incidents["incident_id"].to_pylist().index(finding["incident_id"])
    incident = found.incidents.slice(number, 1).to_pylist()[0]
    template = found.template_of(number, finding["clause_id"], finding["accused_id"] or NOBODY)
    clause = case.clauses[template.clause_id]
    return Trace(
        headline=tell.say(
            "headline",
            what=incident.get("title") or incident["incident_id"],
            instrument=tell.title(case.instruments[clause.instrument].title),
            citation=tell.citation(clause),
            clause=tell.title(clause.title),
            accused=tell.name(case, template.accused_id),
        ),
        outcome=_outcome_sentence(found, template, tell),
        steps=tuple(
            _step(case, clause, template, incident, question, finding["share_inside"], tell) for question in Question
        ),
        accounts=tuple(account_sentence(case, account, tell) for account in read_claims(incident["claims"])),
        notes=_notes(template, tell),
    )


def _outcome_sentence(found: FindingSet, template: Template, tell: Phrases) -> str:
    case = found.case
    if template.status == Status.CONTESTED:
        contested = [question for question in Question if template.outcomes[question].answer == Answer.CONTESTED]
        points = [f"{tell.question(each)} ({_between(case, template.outcomes[each], tell)})" for each in contested]
        return f"{tell.status(Status.CONTESTED)} {' '.join(points)}"
    if template.status != Status.ALLEGED_VIOLATION:
        return tell.status(template.status)
    speakers = [tell.speaker(case, source) for source in template.profile.alleged_by(template.accused_id)]
    cited = tell.citation(case.clauses[template.clause_id])
    if not speakers:
        return tell.say("alleged-by-nobody", citation=cited)
    return tell.say("alleged", citation=cited, speakers=tell.listed(speakers))


_DIFFERING = {
    "reading-disputed": "interpretation",
    "text-divergence": "text",
    "adherence-disputed": "adherence",
    "target-adherence-disputed": "adherence",
    "exception-objected": "notification",
}
"""What differs where an answer is contested for this reason; in all other cases, accounts."""


def _between(case: Case, outcome: Outcome, tell: Phrases) -> str:
    """Name who or what differs on a contested answer."""
    kinds = {_DIFFERING.get(reason, "account") for reason in outcome.reasons}
    names = []
    for kind, _, key in (cite.partition(":") for cite in outcome.cites):
        if kind not in kinds:
            continue
        if kind == "account":
            names.append(tell.speaker(case, key))
        elif kind == "interpretation":
            names.append(_author(case, key, tell))
        else:
            names.append(f"{kind} {key}")
    return tell.listed(dict.fromkeys(names)) or tell.plain("see-below")


def _author(case: Case, reading: str, tell: Phrases) -> str:
    author = case.interpretations[reading].author
    return tell.plain("the-software") if author == "software" else tell.name(case, author)


def _step(
    case: Case,
    clause: Clause,
    template: Template,
    incident: dict[str, Any],
    question: Question,
    share_inside: float | None,
    tell: Phrases,
) -> Step:
    outcome = template.outcomes[question]
    sentences = [tell.reason(reason) for reason in outcome.reasons]
    if question == Question.IN_FORCE:
        sentences += _force_sentences(case, clause, tell)
    if question == Question.IN_AREA:
        sentences += _place_sentences(case, incident, share_inside, tell)
    if question == Question.ACT:
        text = held_text(clause, tell.language)
        standing = tell.word("standings", text.standing)
        sentences.append(tell.say("text-held", id=text.id, standing=standing, text=text.text.strip()))
    sentences += [sentence for cite in outcome.cites if (sentence := _cited(case, cite, tell))]
    return Step(tell.question(question), outcome.answer.label, tuple(dict.fromkeys(sentences)))


def _force_sentences(case: Case, clause: Clause, tell: Phrases) -> list[str]:
    instrument = case.instruments[clause.instrument]
    starts = _moments(clause.starts or instrument.enters_into_force, tell)
    ends = _moments((*clause.ends, *instrument.ends), tell)
    sentences = [tell.say("start-and-end", starts=starts, ends=ends) if ends else tell.say("start", starts=starts)]
    if term := instrument.term:
        renewal = tell.plain(f"renewal-{term.renewal}")
        proofs = [tell.say("proof", since=one.valid_from, sources=tell.listed(one.sources)) for one in term.proofs]
        key = "term-renewed" if proofs else "term"
        sentences.append(tell.say(key, months=term.months, renewal=renewal, proofs=tell.listed(proofs)))
    return sentences


def _place_sentences(case: Case, incident: dict[str, Any], share_inside: float | None, tell: Phrases) -> list[str]:
    where = incident["place_name"] or incident["area_name"] or tell.say("place-not-named")
    precision = tell.word("precisions", incident["place_precision"])
    if incident["latitude"] is not None:
        known = tell.say("known-disc", km=f"{incident['place_radius_km'] or 0:g}")
    elif incident["area_name"]:
        known = tell.say("known-only-area", precision=precision, area=incident["area_name"])
    else:
        known = tell.say("known-only", precision=precision)
    sentences = [tell.say("place", where=where, known=known, when=_when(case, incident, tell))]
    if share_inside is not None:
        sentences.append(tell.say("share-inside", share=f"{whole_percent(share_inside)}%"))
    return sentences


def _when(case: Case, incident: dict[str, Any], tell: Phrases) -> str:
    if incident["occurred_from"] is None or incident["occurred_until"] is None:
        return tell.say("when-unknown")
    start, end = microseconds(incident["occurred_from"]), microseconds(incident["occurred_until"])
    first, last = local_date(start, case.zone), local_date(max(end - 1, start), case.zone)
    return tell.say("when-day", day=first) if first == last else tell.say("when-between", first=first, last=last)


def _cited(case: Case, cite: str, tell: Phrases) -> str:
    kind, _, key = cite.partition(":")
    sentence = _CITED.get(kind)
    return sentence(case, key, tell) if sentence else ""


def _area_version(case: Case, key: str, tell: Phrases) -> str:
    area, version = next((a, v) for a in case.areas.values() for v in a.versions if v.id == key)
    return tell.say(
        "area-version",
        area=tell.title(area.title),
        version=key,
        standing=tell.word("border_standings", version.standing),
        km=f"{version.uncertainty_km:g}",
        sources=tell.listed(version.sources),
    )


def _adherence(case: Case, key: str, tell: Phrases) -> str:
    record: Adherence = next(record for record in case.adherence if record.id == key)
    return tell.say(
        "adherence-by" if record.by else "adherence",
        actor=tell.name(case, record.actor),
        act=tell.held.get("adherence_acts", _ACTS)[record.act],
        basis=tell.held.get("bases", _BASES)[record.basis],
        by=tell.name(case, record.by) if record.by else "",
        since=_moments(record.valid_from, tell),
        record=key,
    )


_BASES = {
    "signed": "it signed",
    "acceded": "it acceded",
    "declared": "by its own declaration",
    "represented": "represented by another",
    "announced-by-another": "announced by another",
    "resolution": "bound by a resolution",
}
_ACTS = {
    "adheres": "adheres",
    "reserves": "makes a reservation",
    "suspends": "suspends",
    "resumes": "resumes",
    "withdraws": "withdraws",
    "refuses": "refuses",
}


def _interpretation(case: Case, key: str, tell: Phrases) -> str:
    reading = case.interpretations[key]
    told = {"id": key, "authority": tell.word("authorities", reading.authority), "author": _author(case, key, tell)}
    if reading.definition:
        return tell.say("reading-defined", definition=tell.title(reading.definition), **told)
    return tell.say("reading", **told)


def _affiliation(case: Case, key: str, tell: Phrases) -> str:
    member, _, group = key.partition(">")
    return tell.say("affiliation", member=tell.name(case, member), group=tell.name(case, group))


def _text(case: Case, key: str, tell: Phrases) -> str:
    text = next(text for clause in case.clauses.values() for text in clause.texts if text.id == key)
    standing = tell.word("standings", text.standing)
    return tell.say("text", id=key, language=text.language, standing=standing, text=text.text.strip())


def _notification(case: Case, key: str, tell: Phrases) -> str:
    notice = next(notice for notice in case.notifications if notice.id == key)
    return tell.say(
        "notification",
        id=key,
        by=tell.name(case, notice.by),
        submitted=notice.submitted,
        first=notice.valid_from,
        last=notice.valid_until,
    )


_CITED: dict[str, Callable[[Case, str, Phrases], str]] = {
    "area-version": _area_version,
    "adherence": _adherence,
    "interpretation": _interpretation,
    "affiliation": _affiliation,
    "text": _text,
    "notification": _notification,
}


def account_sentence(case: Case, account: Account, tell: Phrases | None = None) -> str:
    """Say in one sentence what one speaker says of an event; in English, unless told otherwise."""
    tell = tell or phrases_in(ENGLISH)
    speaker = tell.speaker(case, account.source_id)
    if account.party:
        speaker = tell.say("speaking-for", speaker=speaker, party=tell.name(case, account.party))
    if account.stance == Stance.DENIES:
        return _denial(case, account, speaker, tell)
    parts = [tell.listed([tell.word("acts", act) for act in account.acts]) or tell.plain("an-event")]
    named = perpetrators(account)
    if account.perpetrators:
        parts.append(tell.say("by", actors=_names(case, named, tell)))
    if account.targets:
        parts.append(tell.say("against", actors=_names(case, account.targets, tell)))
    if account.sides and not named:
        sides = tell.plain("and").join(_names(case, side, tell) for side in account.sides)
        parts.append(tell.say("between", sides=sides))
    if account.invokes:
        parts.append(tell.say("invoking", exceptions=tell.listed(account.invokes)))
    verb = "claims" if account.stance == Stance.CLAIMS else "reports"
    return tell.say(f"{verb}-breach" if account.alleges else verb, speaker=speaker, what=" ".join(parts))


def _denial(case: Case, account: Account, speaker: str, tell: Phrases) -> str:
    key = f"denied-{account.denial_scope}"
    denied = tell.listed([tell.word("denied", each) for each in account.denied])
    cleared = _names(case, account.perpetrators, tell)
    return tell.say(
        "denies",
        speaker=speaker,
        what=tell.plain(key if account.denial_scope in ("event", "period", "everything") else "denied-it"),
        as_to=tell.say("as-to", questions=denied) if denied else "",
        on_behalf=tell.say("on-behalf", actors=cleared) if cleared else "",
    )


def _names(case: Case, actors: Iterable[str], tell: Phrases) -> str:
    return tell.listed([tell.name(case, actor) for actor in actors])


def _notes(template: Template, tell: Phrases) -> tuple[str, ...]:
    civilians = {Answer.YES: "civilians", Answer.CONTESTED: "civilians-contested"}
    key = civilians.get(template.profile.civilian_victims)
    return (*((tell.say(key),) if key else ()), tell.say("no-ruling"))


def listed(words: Iterable[str]) -> str:
    """Join words as an English sentence does.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return phrases_in(ENGLISH).listed(words)


def _moments(moments: Iterable[Moment], tell: Phrases) -> str:
    return tell.listed([f"{tell.apart(moment.at)} ({tell.listed(moment.sources)})" for moment in moments])
