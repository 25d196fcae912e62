"""What the accounts of one event say about who did it, what was done and whom it hit.

Three rules hold for every party alike: a clash row gives two sides and no direction; only a denial of this event makes
an answer contested; and the word of the accused, or of its allies, alone never makes a target exempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ceasefire.actors.register import ActorRegister
from ceasefire.model.claims import Account, read_claims
from ceasefire.model.outcome import Outcome, agreed, disjunction, merged
from ceasefire.model.vocabulary import ACTS_WITHOUT_TARGET, Answer, DenialScope, DeniedQuestion, Stance, act_ancestry

NOBODY = ""
"""The accused candidate of an event for which nobody is named."""
CIVILIANS = "civilians"


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The accounts of an event, and who may be accused of it.

    Parameters
    ----------
    accounts : tuple of Account
        Those that assert it or claim it.
    denials : tuple of Account
        Those that deny this event; denials of a period or of everything are no part of a check.
    candidates : tuple of str
        Actor ids: whoever a report says did it and, of a clash without direction, the members of both sides;
        `NOBODY` alone where no report names anyone.
    civilian_victims : Answer
        Whether civilians were among the victims, according to the accounts together.
    actors : frozenset of str
        Everyone named or speaking, in whatever role.
    """

    accounts: tuple[Account, ...]
    denials: tuple[Account, ...]
    candidates: tuple[str, ...]
    civilian_victims: Answer
    actors: frozenset[str]

    @classmethod
    def read(cls, claims: str) -> Profile:
        """Read an incident's `claims`."""
        said = read_claims(claims)
        accounts = tuple(account for account in said if account.stance != Stance.DENIES)
        denials = tuple(
            account for account in said if account.stance == Stance.DENIES and account.denial_scope == DenialScope.EVENT
        )
        named = {actor for account in accounts for actor in perpetrators(account)}
        named.update(
            actor for account in accounts if not perpetrators(account) for side in account.sides for actor in side
        )
        named.discard(CIVILIANS)
        victims = Answer.reconciled(
            Answer.YES if CIVILIANS in account.targets else Answer[account.civilian_victims.upper()]
            for account in accounts
        )
        actors = {
            actor
            for account in (*accounts, *denials)
            for names in (account.perpetrators, account.targets, (account.party,), *account.sides)
            for actor in names
        }
        return cls(accounts, denials, tuple(sorted(named)) or (NOBODY,), victims, frozenset(actors - {NOBODY}))

    def alleged_by(self, candidate: str) -> tuple[str, ...]:
        """Return the sources that call the event a breach by `candidate`."""
        return tuple(
            sorted(
                {
                    account.source_id
                    for account in self.accounts
                    if account.alleges
                    and (
                        candidate in perpetrators(account)
                        or (not perpetrators(account) and _side_of(account, candidate))
                    )
                }
            )
        )


def perpetrators(account: Account) -> tuple[str, ...]:
    """Return who did it according to the account; a claim of responsibility names its own party."""
    if account.stance == Stance.CLAIMS and not account.perpetrators and account.party:
        return (account.party,)
    return account.perpetrators


def reconciled(outcomes: Iterable[Outcome], *, disputed: str, unknown: str) -> Outcome:
    """Combine accounts: *yes* against *no* is contested; an account that does not know weakens none that does."""
    parts = tuple(outcomes)
    answer = Answer.reconciled(part.answer for part in parts)
    cites = merged(cite for part in parts for cite in part.cites)
    if {Answer.YES, Answer.NO} <= {part.answer for part in parts}:
        return Outcome(answer, (disputed,), cites)
    reasons = merged(reason for part in parts if part.answer == answer for reason in part.reasons)
    return Outcome(answer, reasons or ((unknown,) if answer == Answer.UNDETERMINED else ()), cites)


def attribution(profile: Profile, candidate: str, register: ActorRegister, instant: int) -> Outcome:
    """Answer whether `candidate` did it, according to the accounts."""
    if candidate == NOBODY:
        return Outcome(Answer.UNDETERMINED, ("perpetrator-unknown",))
    said = [
        outcome
        for account in profile.accounts
        if (outcome := _attribution_by(account, candidate, register, instant)) is not None
    ]
    outcome = reconciled(said, disputed="attribution-disputed", unknown="perpetrator-unknown")
    if outcome.answer == Answer.YES and any(
        _names_others_only(account, candidate, register, instant) for account in profile.accounts
    ):
        outcome = Outcome(Answer.CONTESTED, ("attribution-disputed",), outcome.cites)
    denied = [
        denial
        for denial in profile.denials
        if DeniedQuestion.ATTRIBUTION in denial.denied and _denied_for(denial, candidate, register, instant)
    ]
    return _after_denials(outcome, denied, "attribution-denied")


def _attribution_by(account: Account, candidate: str, register: ActorRegister, instant: int) -> Outcome | None:
    cite = f"account:{account.source_id}"
    named = perpetrators(account)
    if not named:
        return Outcome(Answer.UNDETERMINED, ("direction-unknown",), (cite,)) if _side_of(account, candidate) else None
    if any(related(register, actor, candidate, instant) for actor in named):
        return Outcome(Answer.YES, (), (cite,))
    if any(_may_mean(register, candidate, actor, instant) for actor in named):
        return Outcome(Answer.UNDETERMINED, ("another-named",), (cite,))
    if any(_may_mean(register, candidate, actor, instant) for actor in account.targets):
        return Outcome(Answer.NO, ("named-as-target-only",), (cite,))
    return Outcome(Answer.UNDETERMINED, ("another-named",), (cite,))


def _names_others_only(account: Account, candidate: str, register: ActorRegister, instant: int) -> bool:
    """Whether an account names who did it, and none of them can be the candidate under another name."""
    named = perpetrators(account)
    return bool(named) and not any(
        _may_mean(register, candidate, actor, instant) or _may_mean(register, actor, candidate, instant)
        for actor in named
    )


def _may_mean(register: ActorRegister, candidate: str, named: str, instant: int) -> bool:
    """Whether the candidate is the one named, or a label of a data set that may stand for it."""
    record = register.actors.get(candidate)
    meant = record.may_contain if record is not None and record.kind == "bucket" else ()
    return any(related(register, named, one, instant) for one in (candidate, *meant))


def related(register: ActorRegister, one: str, other: str, instant: int) -> bool:
    """Return whether two names mean one actor or a part of it, at that instant."""
    return one == other or register.belongs_to(one, other, instant) or register.belongs_to(other, one, instant)


def _denied_for(denial: Account, candidate: str, register: ActorRegister, instant: int) -> bool:
    """Whom a denial clears: those it names, else its own party, else everyone."""
    cleared = denial.perpetrators or ((denial.party,) if denial.party else ())
    return not cleared or any(related(register, actor, candidate, instant) for actor in cleared)


def _after_denials(outcome: Outcome, denials: Iterable[Account], reason: str) -> Outcome:
    cites = tuple(f"account:{denial.source_id}" for denial in denials)
    if not cites:
        return outcome
    if outcome.answer == Answer.YES:
        return Outcome(Answer.CONTESTED, merged((reason, *outcome.reasons)), merged((*outcome.cites, *cites)))
    return outcome.because(reason).resting_on(*cites)


def act_matches(
    profile: Profile,
    falling_under: tuple[str, ...],
    acts: dict[str, str | None],
    *,
    left_out: frozenset[str] = frozenset(),
) -> Outcome:
    """Answer whether what was done is among the acts that fall under a clause.

    Parameters
    ----------
    left_out : frozenset of str
        Acts that, with all below them, do not fall under it although an act above them does.
    """
    if not falling_under:
        return Outcome(Answer.UNDETERMINED, ("acts-not-defined",))
    said = [_match_by(account, falling_under, acts, left_out) for account in profile.accounts if account.acts]
    outcome = reconciled(said, disputed="act-disputed", unknown="act-not-stated")
    denied = [
        denial
        for denial in profile.denials
        if DeniedQuestion.FACT in denial.denied or DeniedQuestion.ACT in denial.denied
    ]
    return _after_denials(outcome, denied, "act-denied")


def _match_by(
    account: Account, falling_under: tuple[str, ...], acts: dict[str, str | None], left_out: frozenset[str]
) -> Outcome:
    cites = (f"account:{account.source_id}",)
    wanted = set(falling_under)
    outcomes = []
    for act in account.acts:
        if act not in acts:
            outcomes.append(Outcome(Answer.UNDETERMINED, ("act-kind-unknown",), cites))
        elif left_out.intersection(act_ancestry(act, acts)):
            outcomes.append(Outcome(Answer.NO, ("act-outside-clause",), cites))
        elif wanted.intersection(act_ancestry(act, acts)):
            outcomes.append(Outcome(Answer.YES, (), cites))
        elif any(act in act_ancestry(kind, acts) for kind in wanted):
            outcomes.append(Outcome(Answer.UNDETERMINED, ("act-kind-unknown",), cites))
        else:
            outcomes.append(Outcome(Answer.NO, ("act-outside-clause",), cites))
    return disjunction(outcomes)


def hits_nobody(profile: Profile, acts: dict[str, str | None]) -> bool:
    """Whether all that was done is of a kind that hits nobody, such as a movement, and nobody is named as hit."""
    done = {act for account in profile.accounts for act in account.acts}
    return (
        bool(done)
        and done <= acts.keys()
        and all(act_ancestry(act, acts)[-1] in ACTS_WITHOUT_TARGET for act in done)
        and not any(account.targets for account in profile.accounts)
    )


def target_covered(
    profile: Profile,
    candidate: str,
    covered: Callable[[str], Outcome],
    register: ActorRegister,
    instant: int,
    behind: Callable[[Account], frozenset[str]],
) -> Outcome:
    """Answer whether a covered target was hit.

    Parameters
    ----------
    covered : callable
        Answers for one target actor.
    behind : callable
        Gives the parties on whose word alone an account rests; none where it stands on its own feet.

    Returns
    -------
    Outcome
        With the reason ``target-mixed`` where one account has covered and uncovered targets hit together.
    """
    strong: list[Outcome] = []
    weak: list[Outcome] = []
    mixed = False
    for account in profile.accounts:
        outcome, several = _target_by(account, candidate, covered)
        if outcome is None:
            continue
        mixed |= several
        parties = behind(account) if candidate != NOBODY else frozenset()
        interested = bool(parties) and all(register.allied(party, candidate, instant) for party in parties)
        (weak if interested and outcome.answer == Answer.NO else strong).append(outcome)
    outcome = reconciled(strong, disputed="target-disputed", unknown="target-unknown")
    if weak:
        outcome = _with_interested_word(outcome, weak)
    if mixed:
        outcome = outcome.because("target-mixed")
    denied = [denial for denial in profile.denials if DeniedQuestion.TARGET in denial.denied]
    return _after_denials(outcome, denied, "target-denied")


def _with_interested_word(outcome: Outcome, weak: list[Outcome]) -> Outcome:
    cites = merged(cite for part in weak for cite in part.cites)
    if outcome.answer == Answer.YES:
        return Outcome(Answer.CONTESTED, ("target-disputed",), merged((*outcome.cites, *cites)))
    if outcome.answer == Answer.UNDETERMINED:
        return outcome.because("target-named-by-accused-only").resting_on(*cites)
    return outcome.resting_on(*cites)


def _target_by(account: Account, candidate: str, covered: Callable[[str], Outcome]) -> tuple[Outcome | None, bool]:
    """Return what one account says of the target, or None where it says nothing that bears on this candidate."""
    cite = f"account:{account.source_id}"
    hit = [target for target in account.targets if target != candidate]
    if hit:
        outcomes = [covered(target) for target in hit]
        answers = {outcome.answer for outcome in outcomes}
        return disjunction(outcomes).resting_on(cite), {Answer.YES, Answer.NO} <= answers
    opposite = [actor for side in account.sides if candidate not in side for actor in side]
    if opposite and (candidate == NOBODY or _side_of(account, candidate)):
        return agreed(map(covered, opposite), otherwise="target-side-mixed").resting_on(cite), False
    return None, False


def _side_of(account: Account, candidate: str) -> bool:
    return any(candidate in side for side in account.sides)
