"""The six questions of a clause check, asked of one situation at a time.

A *situation* is what a check depends on: what is said of the event (`Profile`), where it lies relative to every area of
the case, and which segments of the case's timeline its interval touches. Millions of incidents share a few thousand
situations, so these functions are written to be read; `check` asks them once a situation. The module is long because
the six questions share one memory of answers, and most ask for the area or the reading that another has found.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from ceasefire.agreement.adherence import UNKNOWN_NAME, adheres, is_bound, members_meant
from ceasefire.agreement.force import clause_in_force, valid_at
from ceasefire.agreement.readings import Reading, Readings, readings_at
from ceasefire.agreement.timeline import (
    Timeline,
    area_changes,
    case_timeline,
    clause_changes,
    force_changes,
    spans_of,
    tie_days,
)
from ceasefire.findings.accounts import (
    CIVILIANS,
    NOBODY,
    Profile,
    act_matches,
    attribution,
    hits_nobody,
    perpetrators,
    related,
    target_covered,
)
from ceasefire.findings.reasons import TIME_CHANGE
from ceasefire.findings.voices import parties_behind
from ceasefire.model.claims import Account
from ceasefire.model.outcome import Outcome, agreed, conjunction, disjunction
from ceasefire.model.time import Span, parse_moment
from ceasefire.model.vocabulary import Answer, Question

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.agreement.records import AdmittedException, Clause, Notification

ValueT = TypeVar("ValueT")
MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Location:
    """Where an incident lies relative to every version of every area of a case.

    Parameters
    ----------
    answers : tuple of Answer, one a version
        Whether the place, as precisely as it is known, lies inside.
    doubt : str
        The reason code for an *undetermined* among them.
    """

    answers: tuple[Answer, ...]
    doubt: str


@dataclass(frozen=True, slots=True)
class Placing:
    """The answer to "in the area", with the areas of the clause in which the event may lie."""

    outcome: Outcome
    areas: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()


@dataclass(slots=True)
class Questions:
    """Asks the six questions of a case, remembering every answer.

    Parameters
    ----------
    case : Case
        The agreement, actors and areas.
    version_ids : tuple of str
        The area versions, in the order of `Location.answers`.
    chosen_reading : str, optional
        An interpretation to use in place of the others of its clause.
    """

    case: Case
    version_ids: tuple[str, ...]
    chosen_reading: str | None = None
    timeline: Timeline = field(init=False)
    _late: Questions | None = field(init=False, default=None)
    _tie_days: tuple[Span, ...] = field(init=False, default=())
    _remembered: dict[tuple[Hashable, ...], Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Cut the case's time into segments."""
        self.timeline = case_timeline(self.case)
        late = self.case.actors.at_end_of_day()
        if late is not self.case.actors:
            self._late = Questions(replace(self.case, actors=late), self.version_ids, self.chosen_reading)
            self._late.timeline = self.timeline
            self._tie_days = tie_days(self.case)

    def _whenever_ties_changed(
        self, reason: str, actors: frozenset[str], first: int, last: int, ask: Callable[[Questions], Outcome]
    ) -> Outcome:
        """Ask as if ties known to change on a day changed at its beginning, and on such a day at its end too."""
        outcome = ask(self)
        if self._late is None or not any(start <= last and first < end for start, end in self._doubtful(actors)):
            return outcome
        return agreed((outcome, ask(self._late)), otherwise=reason)

    def _doubtful(self, actors: frozenset[str]) -> list[tuple[int, int]]:
        """Return the segments, from and before, of the days on which a tie of one of the actors changed."""

        def segments() -> list[tuple[int, int]]:
            changes = {instant for one in self._named(actors) for instant in self.case.actors.changes_of(one)}
            breaks = self.timeline.breaks
            return [
                (bisect_right(breaks, day.start), bisect_right(breaks, day.end))
                for day in self._tie_days
                if day.start in changes
            ]

        return self._once(("doubtful", actors), segments)

    def _named(self, actors: Iterable[str]) -> set[str]:
        """Return the actors, and whoever a bucket among them may mean."""
        return {member for actor in actors for member in (actor, *(members_meant(self.case, actor) or ()))}

    def in_force(self, clause: Clause, first: int, last: int) -> Outcome:
        """Question 1, over the segments from `first` to `last`."""
        return self._over_time(
            Question.IN_FORCE,
            ("force", clause.id),
            self.stretches(Question.IN_FORCE, clause),
            first,
            last,
            lambda at: clause_in_force(self.case, clause, at),
        )

    def in_area(self, clause: Clause, location: Location, first: int, last: int) -> Placing:
        """Question 2. More than one area may be possible where the place is known poorly; then none is named."""
        return self._once(
            ("area", clause.id, location, first, last), lambda: self._in_area(clause, location, first, last)
        )

    def _in_area(self, clause: Clause, location: Location, first: int, last: int) -> Placing:
        if clause.areas == "everywhere":
            return Placing(Outcome(Answer.YES))
        found: list[tuple[str, Outcome]] = []
        for area in clause.areas:
            outcome = self._over_time(
                Question.IN_AREA,
                ("inside", clause.id, area, location),
                self.stretches(Question.IN_AREA, clause),
                first,
                last,
                lambda at, named=area: self._inside(named, location, at),  # type: ignore[misc]
            )
            if outcome.answer == Answer.YES:
                return Placing(
                    self._unless_texts_differ(clause, Question.IN_AREA, outcome), (area,), _versions(outcome)
                )
            found.append((area, outcome))
        possible = [(area, outcome) for area, outcome in found if outcome.answer != Answer.NO]
        if not possible:
            return Placing(disjunction(outcome for _, outcome in found))
        whole = disjunction(outcome for _, outcome in possible)
        whole = self._unless_texts_differ(clause, Question.IN_AREA, whole)
        return Placing(whole, tuple(area for area, _ in possible), _versions(*(outcome for _, outcome in possible)))

    def _inside(self, area: str, location: Location, instant: int) -> Outcome:
        """Answer whether the place lies in the version of the area that is valid at `instant`."""
        outcomes, doubtful = [], []
        for version in self.case.areas[area].versions:
            valid = valid_at(
                spans_of(version.valid_from, self.case.zone),
                spans_of(version.valid_until, self.case.zone),
                instant,
                doubt="area-date-disputed",
            )
            if valid.answer == Answer.NO:
                continue
            answer = location.answers[self.version_ids.index(version.id)]
            reason = {Answer.NO: ("outside-all-areas",), Answer.UNDETERMINED: (location.doubt,)}.get(answer, ())
            placed = Outcome(answer, reason, (f"area-version:{version.id}",))
            outcomes.append(conjunction([valid, placed]))
            doubtful.append((version, placed))
        if not outcomes:
            return Outcome(Answer.NO, ("area-not-valid-then",))
        if len(doubtful) == 2 and doubtful[0][0].valid_until == doubtful[1][0].valid_from != ():
            # one version hands over to the next, at whichever of the moments on record: one of the two holds
            return agreed((placed for _, placed in doubtful), otherwise="area-date-disputed")
        return disjunction(outcomes)

    def act(self, clause: Clause, profile: Profile, candidate: str, first: int, last: int) -> Outcome:
        """Question 3: whether this candidate did something that falls under the clause."""
        return self._whenever_ties_changed(
            "act-tie-date-unknown",
            profile.actors,
            first,
            last,
            lambda asked: asked._act(clause, profile, candidate, first, last),
        )

    def _act(self, clause: Clause, profile: Profile, candidate: str, first: int, last: int) -> Outcome:
        return self._over_time(
            Question.ACT,
            ("act", clause.id, profile, candidate),
            self.stretches(Question.ACT, clause, profile, candidate),
            first,
            last,
            lambda at: conjunction(
                [attribution(profile, candidate, self.case.actors, at), self._act_falls_under(clause, profile, at)]
            ),
        )

    def act_could_match(self, clause: Clause, profile: Profile) -> bool:
        """Whether, at any time and under any reading, what was done could fall under the clause.

        Where every account denies the event, nobody says that anything was done.
        """
        return bool(profile.accounts) and self._once(
            ("could", clause.id, profile),
            lambda: any(
                self._act_falls_under(clause, profile, self.timeline.instant(segment)).answer != Answer.NO
                for segment in range(len(self.timeline.breaks) + 1)
            ),
        )

    def _act_falls_under(self, clause: Clause, profile: Profile, instant: int) -> Outcome:
        def ask(left_out: frozenset[str]) -> Outcome:
            return self._readings(clause, instant).ask(
                lambda reading: self._once(
                    ("match", profile, reading.acts, left_out),
                    lambda: act_matches(profile, reading.acts, self.case.acts, left_out=left_out),
                )
            )

        outcome = ask(frozenset())
        # two texts that differ on some acts matter only where the answer hangs on these
        return self._unless_texts_differ(
            clause, Question.ACT, outcome, lambda acts: ask(frozenset(acts)).answer != outcome.answer
        )

    def bound(
        self, clause: Clause, profile: Profile, candidate: str, areas: tuple[str, ...], first: int, last: int
    ) -> Outcome:
        """Question 4; `areas` are those in which the event may lie."""
        if candidate == NOBODY:
            return Outcome(Answer.UNDETERMINED, ("nobody-named",))
        return self._whenever_ties_changed(
            "bound-tie-date-unknown",
            frozenset({candidate}),
            first,
            last,
            lambda asked: asked._bound(clause, profile, candidate, areas, first, last),
        )

    def _bound(
        self, clause: Clause, profile: Profile, candidate: str, areas: tuple[str, ...], first: int, last: int
    ) -> Outcome:
        def ask(instant: int, area: str | None) -> Outcome:
            return self._readings(clause, instant).ask(
                lambda reading: is_bound(
                    self.case, clause, reading, candidate, area, instant, self._adhering(clause, area, instant)
                )
            )

        outcome = self._over_time(
            Question.BOUND,
            ("bound", clause.id, candidate, areas),
            self.stretches(Question.BOUND, clause, profile, candidate),
            first,
            last,
            lambda at: _in_each(areas, at, ask),
        )
        return self._unless_texts_differ(clause, Question.BOUND, outcome)

    def covered_target(
        self, clause: Clause, profile: Profile, candidate: str, areas: tuple[str, ...], first: int, last: int
    ) -> Outcome:
        """Question 5."""
        return self._whenever_ties_changed(
            "target-tie-date-unknown",
            self._heard(profile),
            first,
            last,
            lambda asked: asked._covered_target(clause, profile, candidate, areas, first, last),
        )

    def _covered_target(
        self, clause: Clause, profile: Profile, candidate: str, areas: tuple[str, ...], first: int, last: int
    ) -> Outcome:
        def ask(instant: int, area: str | None) -> Outcome:
            return self._readings(clause, instant).ask(
                lambda reading: (
                    Outcome(Answer.YES)
                    if protects_everyone(reading) or hits_nobody(profile, self.case.acts)
                    else target_covered(
                        profile,
                        candidate,
                        lambda target: self._covers(clause, reading, target, area, instant),
                        self.case.actors,
                        instant,
                        self._behind,
                    )
                )
            )

        outcome = self._over_time(
            Question.COVERED_TARGET,
            ("target", clause.id, profile, candidate, areas),
            self.stretches(Question.COVERED_TARGET, clause, profile, candidate),
            first,
            last,
            lambda at: _in_each(areas, at, ask),
        )
        return self._unless_texts_differ(clause, Question.COVERED_TARGET, outcome)

    def _behind(self, account: Account) -> frozenset[str]:
        return self._once(("behind", account), lambda: parties_behind(self.case, account.source_id, account.party))

    def _heard(self, profile: Profile) -> frozenset[str]:
        """Return everyone named or speaking, and the parties behind those who speak."""
        return self._once(
            ("heard", profile), lambda: profile.actors.union(*(self._behind(one) for one in profile.accounts))
        )

    def _covers(self, clause: Clause, reading: Reading, target: str, area: str | None, instant: int) -> Outcome:
        """Answer whether the clause protects one target."""
        return self._once(
            ("covers", clause.id, reading, target, area, self._standing(clause, target, instant)),
            lambda: self._covers_target(clause, reading, target, area, instant),
        )

    def _covers_target(self, clause: Clause, reading: Reading, target: str, area: str | None, instant: int) -> Outcome:
        if target == CIVILIANS:
            return {
                "covered": Outcome(Answer.YES),
                "not-covered": Outcome(Answer.NO, ("civilians-not-covered",)),
                "open": Outcome(Answer.UNDETERMINED, ("civilians-open",)),
            }[reading.civilians]
        if target.startswith(UNKNOWN_NAME):
            return Outcome(Answer.UNDETERMINED, ("target-actor-unknown",))
        contained = members_meant(self.case, target)
        if contained is not None:
            members = tuple(self._covers(clause, reading, member, area, instant) for member in contained)
            if len({member.answer for member in members}) == 1:
                return agreed(members, otherwise="")
            return Outcome(Answer.UNDETERMINED, ("target-bucket",))
        groups = self.case.actors.groups_of(target, instant)
        exempt = sorted(groups & set(reading.exempt))
        if exempt:
            through = () if target in exempt else (f"affiliation:{target}>{exempt[0]}",)
            return Outcome(Answer.NO, ("target-exempt",), through)
        if reading.covered == "anyone":
            return Outcome(Answer.YES)
        if reading.covered == "adherents":
            return _as_target(self._adhering(clause, area, instant)(target))
        return Outcome(Answer.YES) if groups & set(reading.covered) else Outcome(Answer.NO, ("target-not-covered",))

    def _adhering(self, clause: Clause, area: str | None, instant: int) -> Callable[[str], Outcome]:
        """Return `adheres` for the clause and area at an instant, remembered while nothing it rests on changes."""

        def ask(actor: str) -> Outcome:
            standing = self._standing(clause, actor, instant)
            return self._once(
                ("adheres", clause.id, actor, area, standing), lambda: adheres(self.case, clause, actor, area, instant)
            )

        return ask

    def _standing(self, clause: Clause, actor: str, instant: int) -> tuple[Hashable, ...]:
        """Return what identifies a stretch of time in which the adherence of an actor stays the same."""
        changes = self._once(
            ("standing", clause.id, actor), lambda: sorted(self._changes(clause, (actor,), adherence=True))
        )
        return (bisect_right(changes, instant),)

    def exception(
        self, clause: Clause, profile: Profile, candidate: str, location: Location, first: int, last: int
    ) -> Outcome:
        """Question 6: whether an admitted exception applies; *yes* only where the record establishes it."""
        if not self._anything_excepts(clause, profile):
            return Outcome(Answer.NO)
        return self._over_time(
            Question.EXCEPTION,
            ("exception", clause.id, profile, candidate, location),
            self.stretches(Question.EXCEPTION, clause, profile, candidate),
            first,
            last,
            lambda at: disjunction(
                self._excepted(admitted, profile, candidate, location, at) for admitted in clause.exceptions
            ),
        )

    def _anything_excepts(self, clause: Clause, profile: Profile) -> bool:
        """Whether an exception that the clause admits is invoked, or was ever notified."""
        kinds = {admitted.kind for admitted in clause.exceptions}
        invoked = (account.invokes for account in (*profile.accounts, *profile.denials))
        return any(kinds.intersection(named) for named in invoked) or any(
            notice.kind in kinds for notice in self.case.notifications
        )

    def _excepted(
        self, admitted: AdmittedException, profile: Profile, candidate: str, location: Location, instant: int
    ) -> Outcome:
        outcomes = [
            self._established(admitted, notice, notified.answer, location, instant)
            for notice in self.case.notifications
            if notice.kind == admitted.kind
            and candidate != NOBODY
            and related(self.case.actors, candidate, notice.by, instant)
            and (notified := self._notified(notice, profile, instant)).answer != Answer.NO
        ]
        invokers = [
            f"account:{account.source_id}"
            for account in (*profile.accounts, *profile.denials)
            if admitted.kind in account.invokes and self._invoked_for(account, candidate, instant)
        ]
        if invokers and not any(outcome.answer == Answer.YES for outcome in outcomes):
            outcomes.append(Outcome(Answer.UNDETERMINED, ("exception-invoked",), tuple(invokers)))
        # why a notification did not help stays visible beside an exception that is only invoked
        failed = [reason for outcome in outcomes if outcome.answer == Answer.NO for reason in outcome.reasons]
        whole = disjunction(outcomes)
        return whole.because(*failed) if whole.answer == Answer.UNDETERMINED else whole

    def _invoked_for(self, account: Account, candidate: str, instant: int) -> bool:
        """Whether who invokes an exception speaks of this candidate: whom it names as acting, else its own party."""
        meant = perpetrators(account) or ((account.party,) if account.party else ())
        return (
            not meant or candidate == NOBODY or any(related(self.case.actors, one, candidate, instant) for one in meant)
        )

    def _notified(self, notice: Notification, profile: Profile, instant: int) -> Outcome:
        """Answer whether a notification is of this hour and of what was done."""
        start = parse_moment(notice.valid_from, self.case.zone).start
        end = parse_moment(notice.valid_until, self.case.zone).end
        allowed = notice.acts or self.case.exception_kinds[notice.kind].acts
        if not start <= instant < end:
            return Outcome(Answer.NO)
        return act_matches(profile, allowed, self.case.acts) if allowed else Outcome(Answer.YES)

    def _established(
        self, admitted: AdmittedException, notice: Notification, of_act: Answer, location: Location, instant: int
    ) -> Outcome:
        """Answer whether one notification establishes the exception: in time, answered as needed, in its area."""
        cite = f"notification:{notice.id}"
        moments = {
            name: parse_moment(text, self.case.zone).end
            for name in ("submitted", "received", "acknowledged", "consented", "objected", "cancelled")
            if (text := getattr(notice, name))
        }
        if moments.get("cancelled", instant + 1) <= instant:
            return Outcome(Answer.NO, ("notification-cancelled",), (cite,))
        due = parse_moment(notice.valid_from, self.case.zone).start - round(
            (admitted.before_hours or 0) * MICROSECONDS_PER_HOUR
        )
        if moments["submitted"] > due:
            return Outcome(Answer.NO, ("notification-late",), (cite,))
        inside = Outcome(Answer.YES) if notice.area == "everywhere" else self._inside(notice.area, location, instant)
        if inside.answer == Answer.NO:
            return Outcome(Answer.NO, ("notification-elsewhere",), (cite,))
        if "objected" in moments:
            return Outcome(Answer.CONTESTED, ("exception-objected",), (cite,))
        needed = {"notified": "submitted", "acknowledged": "acknowledged", "consented": "consented"}.get(admitted.needs)
        if needed is None:
            return Outcome(Answer.UNDETERMINED, ("exception-invoked",), (cite,))
        if moments.get(needed, instant + 1) > instant:
            return Outcome(Answer.NO, ("notification-unanswered",), (cite,))
        if of_act != Answer.YES:
            return Outcome(of_act, ("exception-act-uncertain",), (cite,))
        if inside.answer == Answer.YES:
            return Outcome(Answer.YES, ("exception-established",), (cite,))
        return Outcome(inside.answer, ("exception-place-uncertain",), (cite,))

    def reading_in_use(self, clause: Clause, segment: int) -> str | None:
        """Return the id of the highest reading in force in a segment, or None where there is none."""
        ids = self._readings(clause, self.timeline.instant(segment)).in_force.ids
        return ids[-1] if ids else None

    def stretches(
        self, question: Question, clause: Clause, profile: Profile | None = None, candidate: str = NOBODY
    ) -> list[int]:
        """Return, for each segment, the first segment of the stretch in which the question has one answer.

        Parameters
        ----------
        question : Question
            Asked of `clause`; the last four of `profile` and `candidate` too.
        """
        who = profile if question in (Question.ACT, Question.COVERED_TARGET, Question.EXCEPTION) else None
        accused = candidate if question in (Question.BOUND, Question.EXCEPTION) else NOBODY
        return self._once(
            ("stretches", question, clause.id, who, accused),
            lambda: self._first_segments(self._changes_of(question, clause, profile, candidate)),
        )

    def _changes_of(
        self, question: Question, clause: Clause, profile: Profile | None, candidate: str
    ) -> frozenset[int]:
        """Return the instants at which the answer to a question could change."""
        if question == Question.IN_FORCE:
            return force_changes(self.case, clause)
        if question == Question.IN_AREA:
            areas = () if clause.areas == "everywhere" else clause.areas
            return frozenset().union(*(area_changes(self.case, area) for area in areas))
        if profile is None:
            raise ValueError(f"{question.value} is asked of what is said of an event")
        if question == Question.ACT:
            return self._changes(clause, profile.actors, adherence=False)
        if question == Question.BOUND:
            return self._changes(clause, (candidate,), adherence=True)
        if question == Question.COVERED_TARGET:
            return self._changes(clause, self._heard(profile), adherence=True)
        excepted = self._anything_excepts(clause, profile)
        return frozenset(self.timeline.breaks.tolist()) if excepted else frozenset()

    def _readings(self, clause: Clause, instant: int) -> Readings:
        return self._once(
            ("readings", clause.id, instant),
            lambda: readings_at(self.case, clause, instant, chosen=self.chosen_reading),
        )

    def _unless_texts_differ(
        self,
        clause: Clause,
        question: Question,
        outcome: Outcome,
        matters: Callable[[tuple[str, ...]], bool] = lambda _: False,
    ) -> Outcome:
        """Contested (text) where two texts differ on this question and neither prevails.

        `matters` tells whether a difference on some acts alone changes the answer.
        """
        if clause.prevails is not None or outcome.answer == Answer.NO:
            return outcome
        for divergence in clause.divergences:
            on_acts = divergence.acts if question == Question.ACT else ()
            if question.value in divergence.questions and (not on_acts or matters(on_acts)):
                return Outcome(
                    Answer.CONTESTED, ("text-divergence",), tuple(f"text:{text}" for text in divergence.texts)
                )
        return outcome

    def _over_time(
        self,
        question: Question,
        key: tuple[Hashable, ...],
        stretches: list[int],
        first: int,
        last: int,
        ask: Callable[[int], Outcome],
    ) -> Outcome:
        """Ask once each stretch of time that the interval touches; an answer that changes within it is not known."""
        touched = dict.fromkeys(stretches[first : last + 1])

        def answer(segment: int) -> Outcome:
            return self._once((*key, segment), lambda: ask(self.timeline.instant(segment)))

        if len(touched) == 1:
            return answer(next(iter(touched)))
        return self._once(
            (*key, "through", *touched), lambda: agreed(map(answer, touched), otherwise=TIME_CHANGE[question])
        )

    def _first_segments(self, changes: frozenset[int]) -> list[int]:
        first_of = [0]
        for segment, instant in enumerate(self.timeline.breaks.tolist(), start=1):
            first_of.append(segment if instant in changes else first_of[-1])
        return first_of

    def _changes(self, clause: Clause, actors: Iterable[str], *, adherence: bool) -> frozenset[int]:
        """Return when readings of the clause, ties of the actors or their adherence change."""
        registers = (self.case.actors, self.case.actors.at_end_of_day())
        ties = {
            instant for actor in self._named(actors) for register in registers for instant in register.changes_of(actor)
        }
        own = self._once(
            ("changes", clause.id, adherence), lambda: clause_changes(self.case, clause, adherence=adherence)
        )
        return own | ties

    def _once(self, key: tuple[Hashable, ...], work: Callable[[], ValueT]) -> ValueT:
        """Do the work the first time a key is asked, and remember it."""
        if key not in self._remembered:
            self._remembered[key] = work()
        value: ValueT = self._remembered[key]
        return value


def protects_everyone(reading: Reading) -> bool:
    """Whether nobody is left out, so that whom it hit does not matter."""
    return reading.covered == "anyone" and not reading.exempt and reading.civilians == "covered"


def _in_each(areas: tuple[str, ...], instant: int, ask: Callable[[int, str | None], Outcome]) -> Outcome:
    """Ask for every area in which the event may lie; answers that differ by area are not known."""
    if len(areas) < 2:
        return ask(instant, areas[0] if areas else None)
    return agreed((ask(instant, area) for area in areas), otherwise="place-near-border")


def _as_target(outcome: Outcome) -> Outcome:
    """Turn the adherence of a target into an answer about the target, with reasons that say so."""
    if outcome.answer == Answer.YES:
        return outcome
    reason = {
        Answer.NO: "target-not-adherent",
        Answer.CONTESTED: "target-adherence-disputed",
        Answer.UNDETERMINED: "target-adherence-second-hand",
    }[outcome.answer]
    return Outcome(outcome.answer, (reason,), outcome.cites)


def _versions(*outcomes: Outcome) -> tuple[str, ...]:
    return tuple(
        cite.partition(":")[2] for outcome in outcomes for cite in outcome.cites if cite.startswith("area-version:")
    )
