"""The sentences of findings and obligations in the language of the one who reads: a file more is a language more.

What a code means is written in English beside the code, and in every other language in a file of `languages/`. Texts of
clauses, readings as they are defined and words of reports stand in the language in which the case holds them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ceasefire.agreement.citation import held_text, title_of
from ceasefire.findings.reasons import OBLIGATION_REASONS, REASONS
from ceasefire.model.vocabulary import Question, Status

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import Clause

ENGLISH = "en"
_FROM_THE_RIGHT = frozenset({"ar", "ckb", "fa", "he", "ps", "ur"})
_ISOLATE, _ENDS, _FROM_HERE_LEFT = "\u2068", "\u2069", "\u200f"
NOBODY_OR_CIVILIANS = ("", "civilians")
"""Whom an account or a finding names without naming an actor; the words are `nobody` and `civilians`."""

QUESTIONS = {
    Question.IN_FORCE: "Was the clause in force?",
    Question.IN_AREA: "Did it happen in the area?",
    Question.ACT: "Did this party do something that falls under the clause?",
    Question.BOUND: "Did the clause bind this party, there and then?",
    Question.COVERED_TARGET: "Was a covered target hit?",
    Question.EXCEPTION: "Does an exception apply?",
}
STATUSES = {
    Status.OUTSIDE_TIME: "Outside this agreement's scope: the clause was not in force.",
    Status.OUTSIDE_AREA: "Outside this agreement's scope: it did not happen in an area of the clause.",
    Status.NOT_A_CLAUSE: "Outside this agreement's scope: nothing it is said to have done falls under the clause.",
    Status.NOT_BOUND: "Outside this agreement's scope: the clause did not bind this party.",
    Status.EXEMPT_TARGET: "Outside this agreement's scope: the clause leaves out whom it hit.",
    Status.EXCEPTED: "An exception that the clause admits is established by the record.",
    Status.CONTESTED: "Contested: sources or readings differ, and it matters.",
    Status.UNDETERMINED: "Undetermined: nobody says what would be needed to answer.",
}
TEMPLATES = {
    "headline": "{what}: checked against {instrument}, {citation} ({clause}), for {accused}.",
    "alleged": "Alleged violation of {citation}, alleged by {speakers}.",
    "alleged-by-nobody": "Falls within {citation}; no one recorded as alleging it.",
    "cited-official": "{reference}, {standing} ({language})",
    "cited-ours": "our reference {id}, {standing}",
    "civilians": "Civilians were among the victims.",
    "civilians-contested": "Whether civilians were among the victims is contested.",
    "no-ruling": "A clause check is no ruling. International humanitarian law applies whatever it says.",
    "start": "Start on record: {starts}. No end is on record.",
    "start-and-end": "Start on record: {starts}. End on record: {ends}.",
    "area-version": "Area {area}, version {version}: {standing} border, uncertain by {km} km ({sources}).",
    "adherence": "{actor} {act}, {basis}, from {since}; record {record}.",
    "adherence-by": "{actor} {act}, {basis} ({by}), from {since}; record {record}.",
    "affiliation": "{member} then belonged to, or was counted under, {group}.",
    "share-inside": "Share of that place inside the nominal border: {share}.",
    "term": "Concluded for {months} months, {renewal}.",
    "term-renewed": "Concluded for {months} months, {renewal}; renewal on record {proofs}.",
    "proof": "from {since} ({sources})",
    "place": "{where}, {known}; {when}.",
    "place-not-named": "a place not named",
    "known-disc": "known to within {km} km of a point",
    "known-only": "known only as {precision}",
    "known-only-area": "known only as {precision} ({area})",
    "when-unknown": "when is not on record",
    "when-day": "{day}, local days",
    "when-between": "between {first} and {last}, local days",
    "text-held": "Text held ({id}, {standing}): {text}",
    "text": "Text {id} ({language}, {standing}): {text}",
    "reading": "Reading {id} ({authority}, by {author}).",
    "reading-defined": "Reading {id} ({authority}, by {author}): {definition}",
    "notification": "Notification {id} by {by}, submitted {submitted}, for {first} to {last}.",
    "speaking-for": "{speaker}, speaking for {party},",
    "denies": "{speaker} denies {what}{as_to}{on_behalf}.",
    "as-to": " as to {questions}",
    "on-behalf": ", on behalf of {actors}",
    "reports": "{speaker} reports {what}.",
    "reports-breach": "{speaker} reports {what}, and calls it a breach.",
    "claims": "{speaker} claims responsibility for {what}.",
    "claims-breach": "{speaker} claims responsibility for {what}, and calls it a breach.",
    "by": "by {actors}",
    "against": "against {actors}",
    "between": "between {sides}, direction not said",
    "invoking": "invoking {exceptions}",
}
WORDS = {
    "an-event": "an event",
    "denied-event": "this event",
    "denied-period": "it for a whole period",
    "denied-everything": "all such allegations",
    "denied-it": "it",
    "renewal-none": "not renewable",
    "renewal-automatic": "renewed of itself",
    "renewal-on-consensus": "renewed by consensus",
    "nobody": "nobody named",
    "civilians": "civilians",
    "and": " and ",
    "comma": ", ",
    "see-below": "see below",
    "the-software": "the software",
}


@dataclass(frozen=True, slots=True)
class Phrases:
    """What is said in one language; what that language lacks is said in English.

    Parameters
    ----------
    language : str
        BCP 47 tag.
    held : mapping
        The file of the language; empty for English.
    """

    language: str
    held: Mapping[str, Any] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence with its values."""
        told = {name: self.apart(value) for name, value in values.items()}
        said = self._of("templates", key, TEMPLATES[key]).format(**told)
        # a sentence that begins with a name in other letters is still one of this language
        return f"{_FROM_HERE_LEFT}{said}" if self.language in _FROM_THE_RIGHT else said

    def apart(self, value: object) -> str:
        """Keep a value in its own direction in a language written from right to left: else a day reads backwards."""
        text = str(value)
        return f"{_ISOLATE}{text}{_ENDS}" if text and self.language in _FROM_THE_RIGHT else text

    def word(self, kind: str, key: str) -> str:
        """Return a word of a vocabulary; one without words reads as its identifier."""
        return self._of(kind, key, key.replace("-", " "))

    def reason(self, code: str) -> str:
        """Return the sentence of a reason."""
        return self._of("reasons", code, REASONS[code].sentence)

    def obligation_reason(self, code: str) -> str:
        """Return the sentence of a reason for which an obligation is in its state."""
        return self._of("obligation_reasons", code, OBLIGATION_REASONS[code])

    def question(self, question: Question) -> str:
        """Return one of the six questions."""
        return self._of("questions", question.value, QUESTIONS[question])

    def status(self, status: Status) -> str:
        """Return a short status as a sentence."""
        return self._of("statuses", status.value, STATUSES[status])

    def title(self, titles: Mapping[str, str]) -> str:
        """Return a title of the case."""
        return title_of(dict(titles), self.language)

    def name(self, case: Case, actor: str) -> str:
        """Return the name of an actor, or the words for nobody and for civilians."""
        if actor in NOBODY_OR_CIVILIANS:
            key = "civilians" if actor else "nobody"
            return self._of("words", key, WORDS[key])
        return case.actors.name(actor, self.language)

    def speaker(self, case: Case, source_id: str) -> str:
        """Return the name of someone who reports."""
        speaker = case.speakers.get(source_id)
        return self.title(speaker.names) if speaker else source_id

    def citation(self, clause: Clause) -> str:
        """Return how a clause is cited."""
        text = held_text(clause, self.language)
        standing = self.word("standings", text.standing)
        if text.official_reference and text.standing in ("authentic", "official-translation"):
            return self.say(
                "cited-official", reference=text.official_reference, standing=standing, language=text.language
            )
        return self.say("cited-ours", id=clause.id, standing=standing)

    def listed(self, words: Iterable[str]) -> str:
        """Join words as a sentence does.

        Examples
        --------
        >>> phrases_in("en").listed(["a", "b", "c"])
        'a, b and c'
        """
        held = [self.apart(word) for word in words]
        last, comma = (self._of("words", key, WORDS[key]) for key in ("and", "comma"))
        return held[0] if len(held) == 1 else f"{comma.join(held[:-1])}{last}{held[-1]}" if held else ""

    def plain(self, key: str) -> str:
        """Return a word that stands by itself."""
        return self._of("words", key, WORDS[key])

    def _of(self, kind: str, key: str, english: str) -> str:
        found: str = self.held.get(kind, {}).get(key, english)
        return found


@cache
def phrases_in(language: str) -> Phrases:
    """Return what is said in a language; English for one that has no file."""
    if language == ENGLISH or language not in languages_held():
        return Phrases(ENGLISH)
    held = json.loads((files("ceasefire.findings") / "languages" / f"{language}.json").read_text(encoding="utf-8"))
    return Phrases(language, held)


@cache
def languages_held() -> tuple[str, ...]:
    """Return the languages in which findings can be told, English first."""
    folder = files("ceasefire.findings") / "languages"
    others = sorted(each.name.removesuffix(".json") for each in folder.iterdir() if each.name.endswith(".json"))
    return (ENGLISH, *others)
