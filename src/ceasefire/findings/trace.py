"""Why a finding says what it says: each answer with the records behind it, as sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ceasefire.agreement.citation import cite_clause, held_text, title_of
from ceasefire.findings.accounts import CIVILIANS, NOBODY, perpetrators
from ceasefire.findings.reasons import REASONS
from ceasefire.model.claims import Account, read_claims
from ceasefire.model.outcome import Outcome
from ceasefire.model.time import local_date, microseconds
from ceasefire.model.vocabulary import Answer, Question, Stance, Status

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Adherence, Clause
    from ceasefire.findings.check import FindingSet
    from ceasefire.findings.templates import Template
    from ceasefire.model.case_types import Moment

QUESTIONS = {
    Question.IN_FORCE: "Was the clause in force?",
    Question.IN_AREA: "Did it happen in the area?",
    Question.ACT: "Did this party do something that falls under the clause?",
    Question.BOUND: "Did the clause bind this party, there and then?",
    Question.COVERED_TARGET: "Was a covered target hit?",
    Question.EXCEPTION: "Does an exception apply?",
}
_STATUS_SENTENCES = {
    Status.OUTSIDE_TIME: "Outside this agreement's scope: the clause was not in force.",
    Status.OUTSIDE_AREA: "Outside this agreement's scope: it did not happen in an area of the clause.",
    Status.NOT_A_CLAUSE: "Outside this agreement's scope: nothing it is said to have done falls under the clause.",
    Status.NOT_BOUND: "Outside this agreement's scope: the clause did not bind this party.",
    Status.EXEMPT_TARGET: "Outside this agreement's scope: the clause leaves out whom it hit.",
    Status.EXCEPTED: "An exception that the clause admits is established by the record.",
    Status.CONTESTED: "Contested: sources or readings differ, and it matters.",
    Status.UNDETERMINED: "Undetermined: nobody says what would be needed to answer.",
}
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


def explain(found: FindingSet, finding: dict[str, Any]) -> Trace:
    """Explain one finding.

    Parameters
    ----------
    found : FindingSet
        A check that holds the finding's incident; checking that one incident again is enough.
    finding : dict
        Its row in the findings table: `incident_id`, `clause_id`, `accused_id` and `share_inside` are used.

    Raises
    ------
    KeyError
        When the check holds no such finding.
    """
    case = found.case
    number = found.incidents["incident_id"].to_pylist().index(finding["incident_id"])
    incident = found.incidents.slice(number, 1).to_pylist()[0]
    template = found.template_of(number, finding["clause_id"], finding["accused_id"] or NOBODY)
    clause = case.clauses[template.clause_id]
    what = incident.get("title") or incident["incident_id"]
    return Trace(
        headline=(
            f"{what}: checked against {title_of(case.instruments[clause.instrument].title)}, "
            f"{cite_clause(clause)} ({title_of(clause.title)}), for {_name(case, template.accused_id)}."
        ),
        outcome=_outcome_sentence(found, template),
        steps=tuple(
            _step(case, clause, template, incident, question, finding["share_inside"]) for question in Question
        ),
        accounts=tuple(account_sentence(case, account) for account in read_claims(incident["claims"])),
        notes=_notes(template),
    )


def _outcome_sentence(found: FindingSet, template: Template) -> str:
    case = found.case
    if template.status == Status.CONTESTED:
        contested = [question for question in Question if template.outcomes[question].answer == Answer.CONTESTED]
        points = [f"{QUESTIONS[question]} ({_between(case, template.outcomes[question])})" for question in contested]
        return f"{_STATUS_SENTENCES[Status.CONTESTED]} {' '.join(points)}"
    if template.status != Status.ALLEGED_VIOLATION:
        return _STATUS_SENTENCES[template.status]
    profile = template.profile
    speakers = [_speaker(case, source) for source in profile.alleged_by(template.accused_id)]
    cited = cite_clause(case.clauses[template.clause_id])
    if not speakers:
        return f"Falls within {cited}; no one recorded as alleging it."
    return f"Alleged violation of {cited}, alleged by {listed(speakers)}."


_DIFFERING = {
    "reading-disputed": "interpretation",
    "text-divergence": "text",
    "adherence-disputed": "adherence",
    "target-adherence-disputed": "adherence",
    "exception-objected": "notification",
}
"""What differs where an answer is contested for this reason; in all other cases, accounts."""


def _between(case: Case, outcome: Outcome) -> str:
    """Name who or what differs on a contested answer."""
    kinds = {_DIFFERING.get(reason, "account") for reason in outcome.reasons}
    names = []
    for kind, _, key in (cite.partition(":") for cite in outcome.cites):
        if kind not in kinds:
            continue
        if kind == "account":
            names.append(_speaker(case, key))
        elif kind == "interpretation":
            author = case.interpretations[key].author
            names.append("the software" if author == "software" else _name(case, author))
        else:
            names.append(f"{kind} {key}")
    return listed(dict.fromkeys(names)) or "see below"


def _step(
    case: Case,
    clause: Clause,
    template: Template,
    incident: dict[str, Any],
    question: Question,
    share_inside: float | None,
) -> Step:
    outcome = template.outcomes[question]
    sentences = [REASONS[reason].sentence for reason in outcome.reasons]
    if question == Question.IN_FORCE:
        sentences += _force_sentences(case, clause)
    if question == Question.IN_AREA:
        sentences += _place_sentences(case, incident, share_inside)
    if question == Question.ACT:
        text = held_text(clause)
        sentences.append(f"Text held ({text.id}, {text.standing.replace('-', ' ')}): {text.text.strip()}")
    sentences += [sentence for cite in outcome.cites if (sentence := _cited(case, cite))]
    return Step(QUESTIONS[question], outcome.answer.label, tuple(dict.fromkeys(sentences)))


def _force_sentences(case: Case, clause: Clause) -> list[str]:
    instrument = case.instruments[clause.instrument]
    starts = _moments(clause.starts or instrument.enters_into_force)
    ends = _moments((*clause.ends, *instrument.ends))
    sentences = [f"Start on record: {starts}." + (f" End on record: {ends}." if ends else " No end is on record.")]
    if term := instrument.term:
        renewal = {"none": "not renewable", "automatic": "renewed of itself", "on-consensus": "renewed by consensus"}
        proofs = [f"from {proof.valid_from} ({listed(proof.sources)})" for proof in term.proofs]
        shown = f"; renewal on record {listed(proofs)}" if proofs else ""
        sentences.append(f"Concluded for {term.months} months, {renewal[term.renewal]}{shown}.")
    return sentences


def _place_sentences(case: Case, incident: dict[str, Any], share_inside: float | None) -> list[str]:
    precision = incident["place_precision"]
    where = incident["place_name"] or incident["area_name"] or "a place not named"
    if incident["latitude"] is not None:
        known = f"known to within {incident['place_radius_km'] or 0:g} km of a point"
    else:
        known = f"known only as {precision}" + (f" ({incident['area_name']})" if incident["area_name"] else "")
    sentences = [f"{where}, {known}; {_when(case, incident)}."]
    if share_inside is not None:
        sentences.append(f"Share of that place inside the nominal border: {share_inside:.0%}.")
    return sentences


def _when(case: Case, incident: dict[str, Any]) -> str:
    if incident["occurred_from"] is None or incident["occurred_until"] is None:
        return "when is not on record"
    start, end = microseconds(incident["occurred_from"]), microseconds(incident["occurred_until"])
    first, last = local_date(start, case.zone), local_date(max(end - 1, start), case.zone)
    return f"{first}, local days" if first == last else f"between {first} and {last}, local days"


def _cited(case: Case, cite: str) -> str:
    kind, _, key = cite.partition(":")
    sentence = _CITED.get(kind)
    return sentence(case, key) if sentence else ""


def _area_version(case: Case, key: str) -> str:
    area, version = next((a, v) for a in case.areas.values() for v in a.versions if v.id == key)
    return (
        f"Area {title_of(area.title)}, version {key}: {version.standing} border, "
        f"uncertain by {version.uncertainty_km:g} km ({listed(version.sources)})."
    )


def _adherence(case: Case, key: str) -> str:
    record: Adherence = next(record for record in case.adherence if record.id == key)
    by = f" ({_name(case, record.by)})" if record.by else ""
    return (
        f"{_name(case, record.actor)} {_ACTS[record.act]}, {_BASES[record.basis]}{by}, "
        f"from {_moments(record.valid_from)}; record {key}."
    )


def _interpretation(case: Case, key: str) -> str:
    reading = case.interpretations[key]
    author = "the software" if reading.author == "software" else _name(case, reading.author)
    meaning = f": {title_of(reading.definition)}" if reading.definition else "."
    return f"Reading {key} ({reading.authority.replace('-', ' ')}, by {author}){meaning}"


def _affiliation(case: Case, key: str) -> str:
    member, _, group = key.partition(">")
    return f"{_name(case, member)} then belonged to, or was counted under, {_name(case, group)}."


def _text(case: Case, key: str) -> str:
    text = next(text for clause in case.clauses.values() for text in clause.texts if text.id == key)
    return f"Text {key} ({text.language}, {text.standing.replace('-', ' ')}): {text.text.strip()}"


def _notification(case: Case, key: str) -> str:
    notice = next(notice for notice in case.notifications if notice.id == key)
    period = f"{notice.valid_from} to {notice.valid_until}"
    return f"Notification {key} by {_name(case, notice.by)}, submitted {notice.submitted}, for {period}."


_CITED: dict[str, Callable[[Case, str], str]] = {
    "area-version": _area_version,
    "adherence": _adherence,
    "interpretation": _interpretation,
    "affiliation": _affiliation,
    "text": _text,
    "notification": _notification,
}


def account_sentence(case: Case, account: Account) -> str:
    """Say in one sentence what one speaker says of an event."""
    speaker = _speaker(case, account.source_id)
    party = f", speaking for {_name(case, account.party)}," if account.party else ""
    if account.stance == Stance.DENIES:
        reach = {"event": "this event", "period": "it for a whole period", "everything": "all such allegations"}
        of = f" as to {listed(account.denied)}" if account.denied else ""
        cleared = [_name(case, actor) for actor in account.perpetrators]
        on_behalf = f", on behalf of {listed(cleared)}" if cleared else ""
        return f"{speaker}{party} denies {reach.get(account.denial_scope, 'it')}{of}{on_behalf}."
    parts = [listed([act.replace("-", " ") for act in account.acts]) or "an event"]
    named = perpetrators(account)
    if account.perpetrators:
        parts.append(f"by {listed([_name(case, actor) for actor in named])}")
    if account.targets:
        parts.append(f"against {listed([_name(case, actor) for actor in account.targets])}")
    if account.sides and not named:
        sides = " and ".join(listed([_name(case, actor) for actor in side]) for side in account.sides)
        parts.append(f"between {sides}, direction not said")
    if account.invokes:
        parts.append(f"invoking {listed(account.invokes)}")
    verb = "claims responsibility for" if account.stance == Stance.CLAIMS else "reports"
    breach = ", and calls it a breach" if account.alleges else ""
    return f"{speaker}{party} {verb} {' '.join(parts)}{breach}."


def _notes(template: Template) -> tuple[str, ...]:
    profile = template.profile
    civilians = {
        Answer.YES: "Civilians were among the victims.",
        Answer.CONTESTED: "Whether civilians were among the victims is contested.",
    }
    notes = [civilians[profile.civilian_victims]] if profile.civilian_victims in civilians else []
    notes.append("A clause check is no ruling. International humanitarian law applies whatever it says.")
    return tuple(notes)


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    held = list(words)
    return held[0] if len(held) == 1 else f"{', '.join(held[:-1])} and {held[-1]}" if held else ""


def _moments(moments: Iterable[Moment]) -> str:
    return listed([f"{moment.at} ({listed(moment.sources)})" for moment in moments])


def _speaker(case: Case, source_id: str) -> str:
    speaker = case.speakers.get(source_id)
    return title_of(speaker.names) if speaker else source_id


def _name(case: Case, actor: str) -> str:
    if actor == NOBODY:
        return "nobody named"
    return "civilians" if actor == CIVILIANS else case.actors.name(actor)
