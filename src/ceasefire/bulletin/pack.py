"""The pack of a joint commission's meeting: agenda, disputed items, minutes, decisions and a page to sign.

It is made once for all delegations, in every language of the case that has words here, each language whole. Sides
stand in the alphabetical order of the language, and what one says is given the room of what the other says. Nothing
here reads a clock: one position of the ledger gives one pack.

Past 400 lines because the parts follow one another on the page as they do here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from ceasefire.agreement.casework_rules import Body
from ceasefire.agreement.citation import held_text, title_of
from ceasefire.bulletin.material import Material, Row, accounts
from ceasefire.bulletin.records import Cell, Voice, Words, as_written
from ceasefire.casework.clocks import Clock
from ceasefire.casework.permissions import put_to_all
from ceasefire.casework.records import CaseFile, Ruling
from ceasefire.casework.registers.entries import Change
from ceasefire.casework.registers.views import EntryOfList, PairOfEntries, RegisterDayView, RegisterOfSide
from ceasefire.casework.transitions import awaited_until
from ceasefire.casework.voting import count_vote
from ceasefire.model.casework import ENDED, CaseOutcome, CaseState, EvidenceGrade
from ceasefire.model.time import Span, instant_text, local_date
from ceasefire.model.vocabulary import Answer, Question, Stance, Status
from ceasefire.release.classes import ReleaseClass

MOST_FINDINGS = 40
_FOLDER = "words"
_BLANK_LINES = 12
_ONE_SIDED = ("only-a", "only-b")
_ISOLATED, _ISOLATED_ENDS = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One side at the table: its name, and who sits for it."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile:
    """A case file as put before the body.

    Parameters
    ----------
    facts : tuple of (str, Cell)
        Labels and what they say.
    voices : tuple of Voice
        Who alleges, then everybody accused: each in a frame of the same size.
    ballot : tuple of str
        Members who vote on its draft; empty where there is none to vote on.
    """

    title: str
    facts: tuple[tuple[str, Cell], ...]
    voices: tuple[Voice, ...]
    ballot: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRegisters:
    """Two registers of a day: what only the one has stands beside what only the other has, in frames of one size.

    Parameters
    ----------
    sides : tuple of Voice
        Two: what only that side lists, one paragraph an entry, with the other side's answer.
    doubtful : tuple of Words
        Pairs of which nobody knows whether they are of one event.
    """

    title: str
    sides: tuple[Voice, ...]
    doubtful: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of the pack; `weights` are the widths of its columns in proportion."""

    columns: tuple[str, ...]
    weights: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPart:
    """The pack in one language.

    Parameters
    ----------
    words : mapping of str to str
        Labels that the form prints.
    minutes, decisions : tuple of (str, tuple of Words)
        What the ledger records: a head, and paragraphs.
    signatures : tuple of Seat
        Everybody who signs, by side.
    """

    language: str
    direction: str
    words: Mapping[str, str]
    title: str
    case_title: Words
    header: tuple[tuple[str, str], ...]
    seats: tuple[Seat, ...]
    agenda: tuple[str, ...]
    findings: Grid
    findings_left_out: str
    for_decision: tuple[PackFile, ...]
    disputed: tuple[PackFile, ...]
    pending: Grid
    registers: tuple[PackRegisters, ...]
    minutes: tuple[tuple[str, tuple[Words, ...]], ...]
    decisions: tuple[tuple[str, tuple[Words, ...]], ...]
    signatures: tuple[Seat, ...]
    blank_lines: int = _BLANK_LINES


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack, composed and not yet rendered; `instant` is the only time that its rendering may carry."""

    parts: tuple[PackPart, ...]
    instant: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What a pack is made for.

    Parameters
    ----------
    body : Body or None
        That meets; None where the case names none.
    delegations : tuple of str
        Actors whose delegations sit, where there is no body to say so.
    meeting : date or None
        Local day.
    period : Span
        Of which contested clause checks are put before it, and decisions told.
    position, root, instant : int, str, int
        Where the ledger stands, its root there, and when that entry was recorded, UTC microseconds.
    release : ReleaseClass
        *Public* is what every party to a case shares; *mission* is for the mission's own preparation.
    """

    body: Body | None
    delegations: tuple[str, ...]
    meeting: date | None
    period: Span
    position: int
    root: str
    instant: int
    release: ReleaseClass


def languages_of_packs() -> tuple[str, ...]:
    """Return the languages that have words, sorted."""
    folder = files("ceasefire.bulletin") / _FOLDER
    return tuple(sorted(each.name.removesuffix(".json") for each in folder.iterdir() if each.name.endswith(".json")))


@cache
def _words_of(language: str) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(
        (files("ceasefire.bulletin") / _FOLDER / f"{language}.json").read_text(encoding="utf-8")
    )
    return read


def compose_pack(
    material: Material,
    case_files: Iterable[CaseFile],
    sitting: Sitting,
    *,
    clock: Callable[[CaseFile], Clock],
    languages: Sequence[str],
    registers: Sequence[RegisterDayView] = (),
) -> Pack:
    """Compose a pack.

    Parameters
    ----------
    material : Material
        Of the period, under the release class.
    case_files : iterable of CaseFile
        That whoever asks sees; those not told to all their parties are left out of a pack for delegations.
    clock : callable
        Tells when a file is due.
    languages : sequence of str
        Each has words.
    registers : sequence of RegisterDayView
        Of days of the period; those that are open are put.
    """
    days = sorted((one for one in registers if one.opened is not None), key=lambda one: (one.row.day, one.row.party_a))
    told = [one for one in case_files if sitting.release is ReleaseClass.MISSION or put_to_all(one)]
    told.sort(key=lambda one: one.number)
    parts = tuple(_Writer(material, sitting, language, clock).part(told, days) for language in languages)
    return Pack(parts=parts, instant=sitting.instant)


@dataclass(slots=True)
class _Writer:
    """Writes the pack in one language."""

    material: Material
    sitting: Sitting
    language: str
    clock: Callable[[CaseFile], Clock]
    words: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.words = _words_of(self.language)

    # The whole.

    def part(self, told: Sequence[CaseFile], days: Sequence[RegisterDayView]) -> PackPart:
        """Return the pack in this language; one field a line, so past 40 lines."""
        open_ones = [one for one in told if one.state not in ENDED and one.state is not CaseState.DETERMINED]
        decide = [one for one in open_ones if one.state is CaseState.SIGNED]
        disputed = [one for one in open_ones if one not in decide and self._is_disputed(one)]
        pending = [one for one in open_ones if one not in decide and one not in disputed]
        contested = self._contested()
        counts = {
            "findings": len(contested),
            "decide": len(decide),
            "disputed": len(disputed),
            "pending": len(pending),
            "overdue": sum(self.clock(one).overdue for one in pending),
        }
        registers = tuple(self._registers(day) for day in days)
        counts["registers"] = sum(pair.group in _ONE_SIDED for day in days for pair in day.pairs)
        left_out = len(contested) - MOST_FINDINGS
        seats = self._seats()
        return PackPart(
            language=self.language,
            direction=Words("", self.language).direction,
            words={key: text for key, text in self.words.items() if isinstance(text, str)},
            title=self._say("title"),
            case_title=Words(
                title_of(self.material.case.description.title, self.language),
                self.language if self.language in self.material.case.description.title else "en",
            ),
            header=self._header(),
            seats=seats,
            agenda=self._agenda(counts),
            findings=self._findings(contested[:MOST_FINDINGS]),
            findings_left_out=self._say("findings_more", count=left_out) if left_out > 0 else "",
            for_decision=tuple(self._file(one) for one in decide),
            disputed=tuple(self._file(one) for one in disputed),
            pending=self._pending(pending),
            registers=registers,
            minutes=self._minutes(told),
            decisions=self._decisions(told),
            signatures=seats,
        )

    def _say(self, key: str, **values: object) -> str:
        text: str = self.words[key]
        return text.format(**values) if values else text

    def _word(self, kind: str, key: str) -> str:
        words: Mapping[str, str] = self.words[kind]
        return words[key]

    # Who and what.

    def _actor(self, actor_id: str | None) -> str:
        return self.material.case.actors.name(actor_id, self.language) if actor_id else self._say("nobody_named")

    def _actors(self, actor_ids: Iterable[str]) -> str:
        return " · ".join(sorted(self._actor(one) for one in actor_ids))

    def _speaker(self, source_id: str) -> str:
        speaker = self.material.case.speakers.get(source_id)
        return title_of(dict(speaker.names), self.language) if speaker else source_id

    def _clause(self, clause_id: str) -> str:
        clause = self.material.case.clauses.get(clause_id)
        if clause is None:
            return clause_id
        text = held_text(clause, self.language)
        name = text.official_reference or clause_id
        return f"{self._apart(name)} · {title_of(dict(clause.title), self.language)}"

    def _place(self, incident: Row) -> str:
        place = self.material.place(incident)
        fixed = {"place not known": "place_unknown", "place held back": "place_held_back"}
        return self._say(fixed[place]) if place in fixed else place.removeprefix("cell ")

    def _day(self, at: int) -> str:
        return self._apart(local_date(at, self.material.case.zone).isoformat())

    def _apart(self, text: str) -> str:
        """Keep a text in its own direction among letters that run the other way: else a day reads backwards."""
        return f"{_ISOLATED}{text}{_ISOLATED_ENDS}" if Words("", self.language).direction == "rtl" else text

    def _days(self, start: int, end: int) -> str:
        first, last = self._day(start), self._day(max(start, end - 1))
        return first if first == last else f"{first} – {last}"

    # The first page.

    def _header(self) -> tuple[tuple[str, str], ...]:
        sitting, body = self.sitting, self.sitting.body
        meeting = self._apart(sitting.meeting.isoformat()) if sitting.meeting else self._say("not_set")
        described: tuple[tuple[str, str], ...] = ((self._say("body"), self._say("no_body")),)
        if body is not None:
            rule = self._word("voting_rules", body.voting_rule.value)
            described = (
                (self._say("body"), title_of(dict(body.names), self.language)),
                (self._say("mandate"), title_of(dict(body.mandate), self.language)),
                (
                    self._say("rules"),
                    self._say("rules_are", rule=rule, quorum=body.quorum, members=len(body.members)),
                ),
                (self._say("standard"), self._word("standards", body.standard_of_proof.value)),
            )
        whom = "for_mission" if sitting.release is ReleaseClass.MISSION else "for_public"
        return (
            *described,
            (self._say("meeting"), meeting),
            (self._say("period"), self._days(sitting.period.start, sitting.period.end)),
            (self._say("for_whom"), self._say(whom)),
            (self._say("case"), self.material.case.description.id),
            (self._say("recorded"), self._apart(instant_text(sitting.instant))),
            (self._say("ledger"), self._say("ledger_at", position=sitting.position, root=self._apart(sitting.root))),
        )

    def _seats(self) -> tuple[Seat, ...]:
        """Return the sides in the alphabetical order of the language; those of no party come last."""
        body = self.sitting.body
        if body is None:
            return tuple(Seat(name=name, members=()) for name in sorted(map(self._actor, self.sitting.delegations)))
        sides: dict[str | None, list[str]] = {}
        for member in body.members:
            sides.setdefault(member.party, []).append(member.name)
        named = sorted((self._actor(party), tuple(members)) for party, members in sides.items() if party is not None)
        seats = [Seat(name=name, members=members) for name, members in named]
        if None in sides:
            seats.append(Seat(name=self._say("no_party"), members=tuple(sides[None])))
        return tuple(seats)

    def _agenda(self, counts: Mapping[str, int]) -> tuple[str, ...]:
        return (
            self._say("agenda_opening"),
            self._say("agenda_minutes"),
            self._say("agenda_findings", count=counts["findings"]),
            self._say("agenda_decide", count=counts["decide"]),
            self._say("agenda_disputed", count=counts["disputed"]),
            self._say("agenda_pending", count=counts["pending"], overdue=counts["overdue"]),
            self._say("agenda_registers", count=counts["registers"]),
            self._say("agenda_other"),
            self._say("agenda_next"),
        )

    # What is disputed.

    def _contested(self) -> list[tuple[Row, Row]]:
        """Return the contested findings with their incidents, by time."""
        incidents = {row["incident_id"]: row for row in self.material.incidents}
        held = [
            (incidents[row["incident_id"]], row)
            for row in self.material.findings
            if row["status"] == Status.CONTESTED and row["incident_id"] in incidents
        ]
        return sorted(held, key=lambda pair: (pair[0]["occurred_from"], pair[1]["finding_id"]))

    def _findings(self, contested: Sequence[tuple[Row, Row]]) -> Grid:
        labels = ("when", "where", "clause", "accused", "asserted_by", "denied_by", "contested", "outcome")
        return Grid(
            columns=tuple(self._say(label) for label in labels),
            weights=(1.5, 1.7, 2.2, 1.6, 2.0, 2.0, 1.4, 2.2),
            rows=tuple(self._finding(incident, finding) for incident, finding in contested),
        )

    def _finding(self, incident: Row, finding: Row) -> tuple[Cell, ...]:
        said = accounts(incident)
        asserted = {one.source_id for one in said if one.stance != Stance.DENIES}
        denied = {one.source_id for one in said if one.stance == Stance.DENIES}
        questions = [
            self._word("questions", column)
            for column in (question.value.replace("-", "_") for question in Question)
            if finding[column] == Answer.CONTESTED.label
        ]
        return (
            self._days(incident["occurred_from"], incident["occurred_until"]),
            self._place(incident),
            self._clause(finding["clause_id"]),
            self._actor(finding["accused_id"]),
            self._speakers(asserted),
            self._speakers(denied),
            " · ".join(questions) or self._say("nobody"),
            "",
        )

    def _speakers(self, source_ids: Iterable[str]) -> str:
        return " · ".join(sorted(self._speaker(one) for one in source_ids)) or self._say("nobody")

    # Case files.

    def _is_disputed(self, case_file: CaseFile) -> bool:
        replied = any(reply.party in case_file.accused for reply in case_file.replies)
        return replied or case_file.state is CaseState.APPEALED or case_file.grade.grade is EvidenceGrade.DISPUTED

    def _tells(self, case_file: CaseFile, position: int) -> bool:
        """Whether an entry of a file may stand in this pack: told to every party to the case, or all is."""
        shared = set(case_file.told_to(position)) >= set(case_file.parties)
        return self.sitting.release is ReleaseClass.MISSION or shared

    def _file(self, case_file: CaseFile) -> PackFile:
        clock = self.clock(case_file)
        state = self._word("states", case_file.state.value)
        since = self._say("since", day=self._day(case_file.state_since.at))
        facts: list[tuple[str, Cell]] = [
            (self._say("state"), f"{state} · {since}"),
            (self._say("due"), self._due(clock)),
            (self._say("clauses"), "; ".join(self._clause(one) for one in case_file.fields["clause_ids"].value)),
        ]
        ballot: tuple[str, ...] = ()
        if case_file.state is CaseState.SIGNED and case_file.draft is not None:
            # the body that is to rule has the draft before it; nobody else has, so it is in no pack for delegations
            ballot = tuple(member.name for member in case_file.draft.body.members)
            if self.sitting.release is ReleaseClass.MISSION:
                content = case_file.draft.content
                for question in ("fact", "attribution", "breach"):
                    answer = self._word("answers", getattr(content, question).answer)
                    named = question == "attribution" and content.attributed_to
                    to = f": {self._actors(content.attributed_to)}" if named else ""
                    facts.append((f"{self._say('draft')} – {self._say(question)}", f"{answer}{to}"))
        return PackFile(
            title=self._title(case_file),
            facts=tuple(facts),
            voices=(self._allegation(case_file), *(self._reply(case_file, party) for party in case_file.accused)),
            ballot=ballot,
        )

    def _title(self, case_file: CaseFile) -> str:
        number = self._say("file", number=case_file.number)
        title = case_file.fields["title"]
        if self._tells(case_file, title.mark.position):
            return f"{number}: {self._apart(title.value)}"
        return number

    def _due(self, clock: Clock) -> str:
        if clock.due_at is None:
            return self._say("no_date")
        day = self._day(clock.due_at - 1)
        return f"{day} ({self._say('overdue')})" if clock.overdue else day

    def _allegation(self, case_file: CaseFile) -> Voice:
        """Return what is alleged: as filed where all parties were told that, else as it was put to them."""
        who = self._actor(case_file.filed_by)
        speaker = self._say("alleges", party=who) if case_file.filed_by else self._say("centre_alleges")
        summary = case_file.fields["summary"]
        if self._tells(case_file, summary.mark.position):
            return Voice(speaker=speaker, day=self._day(summary.mark.at), paragraphs=_paragraphs(summary.value))
        told = [offer for offer in case_file.offers if self._tells(case_file, offer.mark.position)]
        put = dict.fromkeys(offer.offer.statement for offer in told)
        at = case_file.offers[-1].mark.at if case_file.offers else case_file.opened.at
        paragraphs = (
            Words(self._say("withheld"), self.language),
            *(line for text in put for line in _paragraphs(text)),
        )
        return Voice(speaker=speaker, day=self._day(at), paragraphs=paragraphs)

    def _reply(self, case_file: CaseFile, party: str) -> Voice:
        speaker = self._say("replies", party=self._actor(party))
        given = [reply for reply in case_file.replies if reply.party == party]
        told = [reply for reply in given if self._tells(case_file, reply.mark.position)]
        if told:
            paragraphs = tuple(line for reply in told for line in _paragraphs(reply.text))
            return Voice(speaker=speaker, day=self._day(told[-1].mark.at), paragraphs=paragraphs)
        if given:  # to say that there is none would wrong it; to print it is for the centre, which shares it
            text = self._say("not_shared", day=self._day(given[-1].mark.at))
            return Voice(speaker=speaker, day="", paragraphs=(Words(text, self.language),))
        until = max((offer.offer.until for offer in case_file.offers if offer.offer.party == party), default=None)
        if until is None:
            text = self._say("not_asked")
        else:
            waiting = awaited_until(case_file, party, at=self.sitting.instant) is not None
            text = self._say("awaited" if waiting else "no_reply", day=self._day(until - 1))
        return Voice(speaker=speaker, day="", paragraphs=(Words(text, self.language),))

    def _pending(self, pending: Sequence[CaseFile]) -> Grid:
        return Grid(
            columns=tuple(
                self._say(label, number="") if label == "file" else self._say(label)
                for label in ("file", "accused", "clauses", "state", "due")
            ),
            weights=(3, 2, 3, 2, 1.6),
            rows=tuple(
                (
                    as_written(self._title(one)),
                    self._actors(one.accused),
                    "; ".join(self._clause(clause) for clause in one.fields["clause_ids"].value),
                    self._word("states", one.state.value),
                    self._due(self.clock(one)),
                )
                for one in pending
            ),
        )

    def _registers(self, day: RegisterDayView) -> PackRegisters:
        """Return what only one side lists, side by side in the alphabetical order of the language, and the doubtful."""
        row = day.row
        if day.method is None:  # one list alone: that the other lacks something cannot be said
            sides = [self._uncompared(day.list_a), self._uncompared(day.list_b)]
        else:
            sides = [
                self._only(day.list_a, [pair.entries_a for pair in day.pairs if pair.group == "only-a"]),
                self._only(day.list_b, [pair.entries_b for pair in day.pairs if pair.group == "only-b"]),
            ]
        return PackRegisters(
            title=f"{self._apart(row.day)} · {self._actors((row.party_a, row.party_b))}",
            sides=tuple(sorted(sides, key=lambda voice: voice.speaker)),
            doubtful=tuple(self._doubtful(day, pair) for pair in day.pairs if pair.group == "doubtful"),
        )

    def _uncompared(self, listed: RegisterOfSide) -> Voice:
        if listed.entries is None:
            said = self._say("list_absent")
        else:
            said = self._say("list_alone", count=len(listed.entries))
        return Voice(speaker=self._actor(listed.party_id), day="", paragraphs=(Words(said, self.language),))

    def _only(self, listed: RegisterOfSide, groups: Sequence[tuple[str, ...]]) -> Voice:
        wanted = {number for group in groups for number in group}
        entries = [entry for entry in listed.entries or () if entry.no in wanted]
        lines = tuple(
            as_written(f"{self._entry(entry)} ({self._word('register_answers', entry.answer.answer)})")
            for entry in entries
        )
        return Voice(
            speaker=self._say("only_listed", party=self._actor(listed.party_id), count=len(entries)),
            day="",
            paragraphs=lines or (Words(self._say("files_none"), self.language),),
        )

    def _doubtful(self, day: RegisterDayView, pair: PairOfEntries) -> Words:
        held = []
        for listed, numbers in ((day.list_a, pair.entries_a), (day.list_b, pair.entries_b)):
            entries = {entry.no: entry for entry in listed.entries or ()}
            told = [self._entry(entries[no]) for no in numbers if no in entries]
            held.append(f"{self._actor(listed.party_id)} {'; '.join(told)}")
        return Words(" / ".join(sorted(held)), self.language)

    def _entry(self, entry: EntryOfList) -> str:
        said = f"{self._apart(entry.no)}: {self._apart(_entry_words(entry))}"
        is_withdrawn = bool(entry.amendments) and entry.amendments[-1].change == Change.WITHDRAW
        return f"{said} ({self._say('entry_withdrawn')})" if is_withdrawn else said

    # What the ledger records of meetings.

    def _ruled(self, told: Sequence[CaseFile]) -> list[tuple[CaseFile, Ruling]]:
        """Return the rulings of the period, or of the meeting's day, by the body or for the parties."""
        period, day = self.sitting.period, self.sitting.meeting
        return [
            (one, ruling)
            for one in told
            for ruling in one.rulings
            if self._tells(one, ruling.mark.position)
            and (
                period.start <= ruling.mark.at < period.end
                or (ruling.vote is not None and day is not None and ruling.vote.vote.held_on == day.isoformat())
            )
        ]

    def _minutes(self, told: Sequence[CaseFile]) -> tuple[tuple[str, tuple[Words, ...]], ...]:
        return tuple(
            (
                f"{self._say('file', number=one.number)} · {self._apart(ruling.vote.vote.held_on)}",
                _paragraphs(ruling.vote.vote.minutes),
            )
            for one, ruling in self._ruled(told)
            if ruling.vote is not None and self._tells(one, ruling.vote.mark.position)
        )

    def _decisions(self, told: Sequence[CaseFile]) -> tuple[tuple[str, tuple[Words, ...]], ...]:
        found = []
        for one, ruling in self._ruled(told):
            head = f"{self._say('file', number=one.number)} · {self._word('outcomes', ruling.outcome.value)}"
            lines = [Words(text, self.language) for text in self._decided(one, ruling)]
            lines += [
                as_written(f"{self._say('dissent')} ({_member(ruling, dissent.member)}): {dissent.text}")
                for dissent in ruling.dissents
            ]
            found.append((head, tuple(lines)))
        return tuple(found)

    def _decided(self, case_file: CaseFile, ruling: Ruling) -> list[str]:
        lines = []
        if ruling.draft is not None and ruling.vote is not None:
            barred = frozenset(one.who for one in case_file.interests if one.mark.position < ruling.mark.position)
            count = count_vote(ruling.draft.body, ruling.vote.vote, barred=barred)
            lines.append(self._say("vote", yes=count.votes_for, no=count.votes_against, open=count.abstentions))
        if ruling.outcome is CaseOutcome.DETERMINED and ruling.draft is not None:
            content = ruling.draft.content
            answers = [
                f"{self._say(question)}: {self._word('answers', getattr(content, question).answer)}"
                for question in ("fact", "attribution", "breach")
            ]
            named = self._actors(content.attributed_to)
            lines.append(" · ".join(answers) + (f" ({named})" if named else ""))
        return lines


def _entry_words(entry: EntryOfList) -> str:
    """Say what an entry says, as its list has it; where it was corrected since, as it says now."""
    content = entry.content
    for amendment in entry.amendments:
        content = amendment.content or content
    parts = [content.text or ", ".join(act.replace("-", " ") for act in content.acts), content.place]
    return ", ".join(part for part in parts if part) or "–"


def _member(ruling: Ruling, member_id: str) -> str:
    members = ruling.draft.body.members if ruling.draft else ()
    return next((member.name for member in members if member.id == member_id), member_id)


def _paragraphs(text: str) -> tuple[Words, ...]:
    return tuple(as_written(part.strip()) for part in text.split("\n") if part.strip())
