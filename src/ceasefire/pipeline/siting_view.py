"""Where posts would see most, as the centre tells it: positions, and so for the desk of the mission alone.

Nothing here is recorded. The last few problems are held in memory with their best choice; a week of patrols is held
nowhere. Problems are solved one at a time: the solver takes what the machine has.

Past 400 lines because every record of an answer stands on this one page.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import shapely
from pyproj import Geod

from ceasefire.assessment.outlook.rolling import HORIZONS
from ceasefire.deployment.conflict import KEPT, SPACING
from ceasefire.model.errors import BusyError, UsageError
from ceasefire.model.roles import mission
from ceasefire.pipeline.site_rules import OBJECTIVES, Agreed, SitingOptions, shape_of

if TYPE_CHECKING:
    from ceasefire.deployment.siting import Requirement, Siting
    from ceasefire.pipeline.patrols import PatrolWeek
    from ceasefire.pipeline.served import Snapshot
    from ceasefire.pipeline.siting import InTheWorst, Seen, SitingSetup

Pair = tuple[float, float]
MOST_POSTS = 60
MOST_PAIRS = 6_000_000
"""Places times points: about twice what is promised to be proved within ten seconds."""
_MOST_PLACES = 5_000
_SOLVE_SECONDS = 15.0
_STEP_SECONDS = 10.0
_TRIAL_SECONDS = 5.0
_ANSWER_SECONDS = 2.0
"""After so long a part of the curve is told; the rest is asked for again, so that a reader sees it grow."""
_PATIENCE_SECONDS = 45.0
_MOST_WAITING = 4
_SETUPS = 6
_MOST_NAMED = 200
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A plan of the case, without its places."""

    plan_id: Annotated[str, mission("Its id.")]
    title: Annotated[dict[str, str], mission("By language.")]
    posts: Annotated[int, mission("How many posts it asks for.")]
    range_km: Annotated[float, mission("How far a post sees.")]
    zone_id: Annotated[str | None, mission("The area whose incidents count; null: all.")]
    line_id: Annotated[str | None, mission("The line that posts keep off; null: none.")]
    candidates: Annotated[int, mission("How many places it names.")]
    patrols: Annotated[int, mission("How many patrols; 0: it says nothing of patrols.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPosts:
    """The observation posts that somebody has, or had."""

    operator_id: Annotated[str, mission("Who runs them.")]
    posts: Annotated[int, mission("How many are on record.")]
    placed: Annotated[int, mission("Of how many the place is known.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingChoices:
    """What can be asked."""

    position: Annotated[int, mission("Of the ledger entry that these results rest on.")]
    plans: Annotated[tuple[PlanView, ...], mission("The case's plans.")]
    objectives: Annotated[tuple[str, ...], mission("What posts can be there to see.")]
    operators: Annotated[tuple[OperatorPosts, ...], mission("With whose posts the best can be compared.")]
    most_posts: Annotated[int, mission("As many posts can be asked for at most.")]
    most_weeks_ahead: Annotated[int, mission("So many weeks ahead the outlook reaches.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSited:
    """A post as sited."""

    site_id: Annotated[str, mission("The place, or the post that stands.")]
    name: Annotated[str, mission("As the plan names it.")]
    operator_id: Annotated[str | None, mission("Who stands there; null: nobody asks.")]
    longitude: Annotated[float, mission("Degrees.")]
    latitude: Annotated[float, mission("Degrees.")]
    range_km: Annotated[float, mission("How far it sees.")]
    stands: Annotated[bool, mission("Whether it stands already, and stays.")]
    only_it_sees: Annotated[float, mission("Share of all there is to see that no other post here sees.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSeen:
    """How much is seen, and how that may turn out otherwise."""

    share: Annotated[float, mission("Of all there is to see, 0 to 1.")]
    low: Annotated[float | None, mission("In one draw of twenty less; null: it does not vary.")]
    high: Annotated[float | None, mission("In one draw of twenty more; null: it does not vary.")]
    fresh: Annotated[float | None, mission("Of draws by which no post was chosen; null: there are no others.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedInWorst:
    """What posts chosen for the worst samples miss there, in incidents on average."""

    share: Annotated[float, mission("Of the samples, the worst.")]
    missed: Annotated[float, mission("By these posts.")]
    coming: Annotated[float, mission("What comes there, seen or not.")]
    bound: Annotated[float, mission("No choice misses less.")]
    missed_fresh: Annotated[
        float | None, mission("In samples by which they were not chosen; null: there are no others.")
    ]
    missed_otherwise: Annotated[float, mission("By the posts that see most on average.")]
    share_otherwise: Annotated[float, mission("What those see in all, 0 to 1.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSeen:
    """How much is seen of one side's alleged violations, or of one stretch of the line."""

    name: Annotated[str, mission("An actor's id, or the stretch in words.")]
    from_km: Annotated[float | None, mission("Of a stretch: where it begins along the line; else null.")]
    to_km: Annotated[float | None, mission("Of a stretch: where it ends; else null.")]
    share: Annotated[float, mission("0 to 1.")]
    reachable: Annotated[bool, mission("Whether any place at all sees something of it.")]
    least: Annotated[bool, mission("Whether it is the least, of those of which any place sees something.")]
    line: Annotated[tuple[Pair, ...], mission("Of a stretch seen least, or by nobody: points along it; else empty.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNamed:
    """A place of the plan."""

    site_id: Annotated[str, mission("Its id.")]
    name: Annotated[str, mission("As the plan names it.")]
    longitude: Annotated[float | None, mission("Degrees; null for places of a grid, which are only counted.")]
    latitude: Annotated[float | None, mission("Degrees; null for places of a grid.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesLeftOut:
    """Places that a rule leaves out; the first rule that does is named."""

    reason: Annotated[str, mission("The reason in words.")]
    code: Annotated[str, mission("The reason in one word: near-line, not-consented, …, or other.")]
    km: Annotated[float | None, mission("The rule's distance; null: it has none.")]
    count: Annotated[int, mission("How many.")]
    places: Annotated[tuple[PlaceNamed, ...], mission("Which; at most 200.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One of the requirements that cannot all be met: without any one of them, the others can."""

    sentence: Annotated[str, mission("In words.")]
    kind: Annotated[str, mission("total, operator, belt, apart or kept.")]
    operator_ids: Annotated[tuple[str, ...], mission("Whose posts it is about; empty: everybody's.")]
    zone_id: Annotated[str | None, mission("The belt.")]
    limit: Annotated[str | None, mission("at-least or at-most; null: it has no number.")]
    number: Annotated[int | None, mission("Its number.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingView:
    """Where posts would see most, or why no choice meets the rules."""

    position: Annotated[int, mission("Of the ledger entry that these results rest on.")]
    plan_id: Annotated[str | None, mission("The plan; null: none.")]
    objective: Annotated[str, mission("What they are there to see.")]
    wanted: Annotated[int, mission("How many posts were asked for.")]
    range_km: Annotated[float, mission("How far a post sees where its place says nothing else.")]
    zone_id: Annotated[str | None, mission("The area whose incidents count.")]
    line_id: Annotated[str | None, mission("The line.")]
    last_day: Annotated[str | None, mission("Of the last incident that counts; null: it is not incidents.")]
    notes: Annotated[tuple[str, ...], mission("What a reader must know.")]
    points: Annotated[int, mission("How many points there are to see.")]
    candidates: Annotated[tuple[Pair, ...], mission("Places that could be used.")]
    left_out: Annotated[tuple[PlacesLeftOut, ...], mission("Places that could not, and why.")]
    posts: Annotated[tuple[PostSited, ...], mission("The best choice; empty: there is none.")]
    seen: Annotated[ShareSeen | None, mission("What they see; null: there is no choice.")]
    worst: Annotated[MissedInWorst | None, mission("What they miss when it goes badly; null: that was not asked.")]
    groups: Annotated[tuple[GroupSeen, ...], mission("Of sides, or stretches of the line.")]
    gap: Annotated[float | None, mission("By how much another choice could see more at most; 0: proved best.")]
    conflict: Annotated[tuple[Contradiction, ...], mission("Why there is no choice; empty: there is one.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveStep:
    """The best of so many posts, each by itself."""

    posts: Annotated[int, mission("At most so many.")]
    share: Annotated[float, mission("What they see, 0 to 1.")]
    gap: Annotated[float, mission("By how much another choice could see more at most; 0: proved best.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveView:
    """What each further post adds."""

    position: Annotated[int, mission("Of the ledger entry that these results rest on.")]
    steps: Annotated[tuple[CurveStep, ...], mission("In order; as many as could be worked out at once.")]
    next: Annotated[int | None, mission("With how many posts to ask on; null: that is all.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingCompared:
    """Posts as they stood beside the best places for as many, by what was known before and the same rules."""

    position: Annotated[int, mission("Of the ledger entry that these results rest on.")]
    operator_id: Annotated[str, mission("Whose posts.")]
    posts: Annotated[int, mission("How many have a place on record.")]
    without_place: Annotated[int, mission("How many more have none, and do not count.")]
    theirs: Annotated[ShareSeen, mission("What they see.")]
    best: Annotated[ShareSeen, mission("What as many see at the best places.")]
    gap: Annotated[float, mission("Of the best; 0: proved.")]
    opened_after: Annotated[int, mission("How many opened after the last day on record here.")]
    last_day: Annotated[str | None, mission("That day; null: it is not incidents.")]
    known_until: Annotated[str | None, mission("Only what was known by this day counts; null: all on record does.")]
    later_theirs: Annotated[ShareSeen | None, mission("What they see of what came afterwards; null: nothing did.")]
    later_best: Annotated[ShareSeen | None, mission("What the best places by what was known see of it.")]
    not_kept: Annotated[tuple[str, ...], mission("Rules of the plan that they do not keep, and the best need not.")]
    stood: Annotated[tuple[PlaceNamed, ...], mission("Where they stood, or stand.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolStop:
    """A place that a patrol may visit."""

    site_id: Annotated[str, mission("Its id.")]
    name: Annotated[str, mission("As the plan names it.")]
    longitude: Annotated[float, mission("Degrees.")]
    latitude: Annotated[float, mission("Degrees.")]
    visited: Annotated[float, mission("Share of the shifts that visit it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolShift:
    """One shift."""

    stops: Annotated[tuple[str, ...], mission("Ids of the stops, in their order.")]
    leaves_after_hours: Annotated[float, mission("How long after the shift begins, drawn by chance too.")]
    hours: Annotated[float, mission("With the stays, and back.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolOfWeek:
    """What one patrol does in a week."""

    base_id: Annotated[str, mission("The post it leaves from.")]
    choices: Annotated[int, mission("Among how many tours each shift is drawn.")]
    kept: Annotated[float, mission("What the tours drawn are worth on average, of the best.")]
    week_share: Annotated[float, mission("Of what no post sees, what the week passes; where posts see all: of all.")]
    always: Annotated[tuple[str, ...], mission("Ids of stops that every such tour visits: it can be waited for there.")]
    shifts: Annotated[tuple[PatrolShift, ...], mission("In order; empty: nothing is within a shift.")]
    stops: Annotated[tuple[PatrolStop, ...], mission("What it may visit.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolsDrawn:
    """A week of patrols, drawn by chance: nobody can draw it again, and it is kept nowhere."""

    position: Annotated[int, mission("Of the ledger entry that these results rest on.")]
    patrols: Annotated[tuple[PatrolOfWeek, ...], mission("One each.")]


class SitingDesk:
    """Sets problems up and solves them, one at a time; the last few are held, since one question is asked in parts."""

    def __init__(self) -> None:
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)
        self._at_work = threading.Lock()
        self._setups: OrderedDict[tuple[str, SitingOptions], SitingSetup] = OrderedDict()
        self._best: dict[tuple[str, SitingOptions], Siting | None] = {}

    @contextmanager
    def solving(self) -> Iterator[None]:
        """Wait until nothing else is solved.

        Raises
        ------
        BusyError
            When too many wait, or it takes too long.
        UsageError
            When the time ran out before any choice was found.
        """
        if not self._waiting.acquire(blocking=False):
            raise _busy()
        try:
            if not self._at_work.acquire(timeout=_PATIENCE_SECONDS):
                raise _busy()
            try:
                yield
            except RuntimeError as error:  # of the solver, which found nothing in its time
                raise UsageError(
                    "No choice of posts was found in the time that there is here.",
                    "Take a wider grid, a smaller area or a shorter period; or ask `ceasefire site`, which has longer.",
                ) from error
            finally:
                self._at_work.release()
        finally:
            self._waiting.release()

    def setup(self, snapshot: Snapshot, options: SitingOptions) -> SitingSetup:
        """Return a problem, set up anew only where it is not held."""
        key = (snapshot.key, options)
        if key not in self._setups:
            _refuse_what_is_missing(snapshot, options)
            _refuse_large_grids(snapshot, options)
            self._setups[key] = snapshot.siting(options, most_pairs=MOST_PAIRS)
            while len(self._setups) > _SETUPS:
                self._best.pop(self._setups.popitem(last=False)[0], None)
        self._setups.move_to_end(key)
        return self._setups[key]

    def best(self, snapshot: Snapshot, options: SitingOptions) -> tuple[SitingSetup, Siting | None]:
        """Return a problem with its best choice; None where its rules contradict each other."""
        setup, key = self.setup(snapshot, options), (snapshot.key, options)
        if key not in self._best:
            self._best[key] = setup.best(seconds=_SOLVE_SECONDS)
        return setup, self._best[key]


def siting_choices(snapshot: Snapshot) -> SitingChoices:
    """Return what can be asked of a case."""
    posts = [each for each in snapshot.case.posts if each.kind == "observation-post"]
    by_operator = {each.operator: [post for post in posts if post.operator == each.operator] for each in posts}
    return SitingChoices(
        position=snapshot.stamp.position,
        plans=tuple(
            PlanView(
                plan_id=plan.id,
                title=dict(plan.title),
                posts=plan.posts,
                range_km=plan.range_km,
                zone_id=plan.area,
                line_id=plan.line,
                candidates=len(plan.candidates),
                patrols=plan.patrols.patrols if plan.patrols else 0,
            )
            for plan in snapshot.case.siting_plans.values()
        ),
        objectives=OBJECTIVES,
        operators=tuple(
            OperatorPosts(
                operator_id=operator,
                posts=len(mine),
                placed=sum(each.latitude is not None and each.longitude is not None for each in mine),
            )
            for operator, mine in by_operator.items()
        ),
        most_posts=MOST_POSTS,
        most_weeks_ahead=HORIZONS,
    )


def siting_view(desk: SitingDesk, snapshot: Snapshot, options: SitingOptions) -> SitingView:
    """Return the best choice of posts, or the requirements that contradict each other.

    Raises
    ------
    UsageError, InputError, InsufficientDataError
        When something is asked that is not there, or there is too much or nothing to look at.
    BusyError
        When others are solving.
    """
    with desk.solving():
        setup, best = desk.best(snapshot, options)
        conflict = () if best is not None else setup.conflict(seconds=_TRIAL_SECONDS)
        worst = None if best is None else setup.in_the_worst(best, seconds=_SOLVE_SECONDS)
    used = [] if best is None else [j for j, _ in best.posts]
    seen = None if best is None else setup.seen_by(used)
    rules = setup.rules
    return SitingView(
        position=snapshot.stamp.position,
        plan_id=rules.plan.id if rules.plan else None,
        objective=options.objective,
        wanted=rules.posts,
        range_km=rules.range_km,
        zone_id=rules.area,
        line_id=rules.line,
        last_day=setup.last_incident.isoformat() if setup.last_incident else None,
        notes=tuple(setup.notes),
        points=len(setup.demand.weight),
        candidates=tuple((each.longitude, each.latitude) for each in setup.candidates),
        left_out=tuple(_left_out(setup, reason, ids) for reason, ids in setup.left_out.items()),
        posts=() if best is None else tuple(_posts(setup, best)),
        seen=None if seen is None else _share(seen),
        worst=None if worst is None else _missed(worst),
        groups=() if seen is None else _groups(setup, seen),
        gap=None if best is None else best.gap,
        conflict=tuple(_contradiction(setup, sentence) for sentence in conflict),
    )


def curve_view(desk: SitingDesk, snapshot: Snapshot, options: SitingOptions, *, fewest: int, most: int) -> CurveView:
    """Return what each further post adds, as far as it can be worked out in two seconds or one step.

    Parameters
    ----------
    desk : SitingDesk
    snapshot : Snapshot
    options : SitingOptions
    fewest, most : int
        From how many posts to how many.
    """
    steps: list[CurveStep] = []
    goes_on = True
    with desk.solving():
        setup = desk.setup(snapshot, options)
        until = time.monotonic() + _ANSWER_SECONDS
        posts = max(fewest, 1, len(setup.problem.kept))
        while posts <= most and goes_on and (not steps or time.monotonic() < until):
            found = setup.curve(posts, fewest=posts, seconds=_STEP_SECONDS)
            goes_on = bool(found)
            steps += [CurveStep(posts=posts, share=each.share, gap=each.gap) for each in found]
            posts += 1
    return CurveView(
        position=snapshot.stamp.position, steps=tuple(steps), next=posts if goes_on and posts <= most else None
    )


def compared_view(desk: SitingDesk, snapshot: Snapshot, options: SitingOptions, operator: str) -> SitingCompared:
    """Return posts as they stood beside the best places for as many.

    Raises
    ------
    UsageError
        When no post of the operator has a place.
    """
    with desk.solving():
        setup = desk.setup(snapshot, options)
        found = setup.compared(operator, seconds=_SOLVE_SECONDS)
    stood = [each for each in snapshot.case.posts if each.operator == operator and each.kind == "observation-post"]
    return SitingCompared(
        position=snapshot.stamp.position,
        operator_id=operator,
        posts=found.posts,
        without_place=found.without_place,
        theirs=_share(found.theirs),
        best=_share(found.best),
        gap=found.gap,
        opened_after=len(found.opened_after),
        last_day=found.until.isoformat() if found.until else None,
        known_until=found.known_until.isoformat() if found.known_until else None,
        later_theirs=None if found.later_theirs is None else _share(found.later_theirs),
        later_best=None if found.later_best is None else _share(found.later_best),
        not_kept=found.not_kept,
        stood=tuple(
            PlaceNamed(site_id=each.id, name=each.name or each.id, longitude=each.longitude, latitude=each.latitude)
            for each in stood
            if each.longitude is not None and each.latitude is not None
        ),
    )


def patrols_view(desk: SitingDesk, snapshot: Snapshot, options: SitingOptions) -> PatrolsDrawn:
    """Draw a week of patrols from the posts that see most; the machine's entropy draws, and nothing keeps it.

    Raises
    ------
    UsageError
        When the plan says nothing of patrols, or its rules contradict each other.
    """
    from ceasefire.pipeline.patrols import patrol_weeks

    with desk.solving():
        setup, best = desk.best(snapshot, options)
        if best is None:
            raise UsageError("The rules contradict each other: there are no posts to patrol from.", "Loosen one.")
        weeks = patrol_weeks(setup, best)
    names = {each.site_id: each.name for each in setup.candidates}
    return PatrolsDrawn(position=snapshot.stamp.position, patrols=tuple(_patrol(each, names) for each in weeks))


def _busy() -> BusyError:
    return BusyError(
        "Others are asking where posts would see most.\n"
        "  Questions are answered one after another, since each takes what the machine has.\n  Ask again in a minute."
    )


def _refuse_what_is_missing(snapshot: Snapshot, options: SitingOptions) -> None:
    """Stop a question without a plan that does not say what a plan would.

    Raises
    ------
    UsageError
        Naming what is missing.
    """
    plans = snapshot.case.siting_plans
    has_plan = options.plan is not None or len(plans) == 1
    if not has_plan and (options.posts is None or options.range_km is None):
        raise UsageError(
            "Without a plan of the case, how many posts there are and how far they see is to be said.", "Say both."
        )
    if not has_plan and options.grid_km is None:
        raise UsageError(
            "Without a plan of the case there are no places to choose from.", "Ask for a grid over a zone."
        )


def _refuse_large_grids(snapshot: Snapshot, options: SitingOptions) -> None:
    """Stop a grid of more places than are looked at before it is laid.

    Raises
    ------
    UsageError
        When it would be one, or lies nowhere.
    """
    if options.grid_km is None:
        return
    area = Agreed.of(snapshot.case, options).area
    if area is None:
        raise UsageError("A grid needs an area over which it lies.", "Choose a zone.")
    drawn = shapely.force_2d(shape_of(snapshot.case, area))
    km2 = abs(_GEOD.geometry_area_perimeter(drawn)[0]) / 1e6
    places = km2 / (options.grid_km**2 * 3**0.5 / 2)
    if places > _MOST_PLACES:
        raise UsageError(
            f"A grid {options.grid_km:g} km wide over {km2:,.0f} square kilometres has about {places:,.0f} places; at "
            f"most {_MOST_PLACES:,} are looked at here.",
            "Take a wider grid or a smaller area.",
        )


def _posts(setup: SitingSetup, best: Siting) -> Iterator[PostSited]:
    for each, (number, _) in zip(setup.posts(best), best.posts, strict=True):
        yield PostSited(
            site_id=each.site_id,
            name=each.name,
            operator_id=each.operator_id,
            longitude=each.longitude,
            latitude=each.latitude,
            range_km=setup.candidates[number].range_km or setup.rules.range_km,
            stands=each.stands,
            only_it_sees=each.lost_without,
        )


def _share(of: Seen) -> ShareSeen:
    return ShareSeen(share=of.share, low=of.low, high=of.high, fresh=of.fresh)


def _missed(of: InTheWorst) -> MissedInWorst:
    return MissedInWorst(
        share=of.share,
        missed=of.missed,
        coming=of.coming,
        bound=of.bound,
        missed_fresh=of.missed_fresh,
        missed_otherwise=of.missed_otherwise,
        share_otherwise=of.share_otherwise,
    )


def _groups(setup: SitingSetup, seen: Seen) -> tuple[GroupSeen, ...]:
    """Return the sides or stretches; of stretches seen least, and of those that no place sees, also where they run."""
    demand, problem = setup.demand, setup.problem
    along = setup.options.objective == "line"
    run, count = float(demand.weight.sum()), len(demand.groups)
    reachable = {
        name: bool((problem.sees[group] & (problem.weights[group] > 0)[:, None]).any())
        for name, group in zip(demand.group_names, demand.groups, strict=True)
    }
    least = min((share for name, share in seen.by_group.items() if reachable[name]), default=None)
    found = []
    for number, (name, group) in enumerate(zip(demand.group_names, demand.groups, strict=True)):
        if name not in seen.by_group:
            continue
        share = seen.by_group[name]
        points = zip(demand.longitude[group].tolist(), demand.latitude[group].tolist(), strict=True)
        found.append(
            GroupSeen(
                name=name,
                from_km=run * number / count if along else None,
                to_km=run * (number + 1) / count if along else None,
                share=share,
                reachable=reachable[name],
                least=share == least and reachable[name],
                line=tuple(points) if along and (share == least or not reachable[name]) else (),
            )
        )
    return tuple(found)


def _left_out(setup: SitingSetup, reason: str, ids: list[str]) -> PlacesLeftOut:
    rules = setup.rules.place_rules(setup.case)
    codes = {
        f"within {rules.from_line_km or 0:g} km of the line": ("near-line", rules.from_line_km),
        "not consented to": ("not-consented", None),
        "nobody says whether it is consented to": ("consent-unsaid", None),
        "not safe": ("not-safe", None),
        "nobody says whether it is safe": ("safety-unsaid", None),
        "nobody says how far a passable road is": ("road-unsaid", None),
        f"farther than {rules.road_km or 0:g} km from a passable road": ("far-from-road", rules.road_km),
    }
    code, km = codes.get(reason, ("other", None))
    named = {each.id: each for each in (setup.rules.plan.candidates if setup.rules.plan else ())}
    places = [(each, named.get(each)) for each in ids[:_MOST_NAMED]]
    return PlacesLeftOut(
        reason=reason,
        code=code,
        km=km,
        count=len(ids),
        places=tuple(
            PlaceNamed(
                site_id=site_id,
                name=(place.name or site_id) if place else site_id,
                longitude=place.longitude if place else None,
                latitude=place.latitude if place else None,
            )
            for site_id, place in places
        ),
    )


def _contradiction(setup: SitingSetup, sentence: str) -> Contradiction:
    """Return one sentence of a conflict with what it is about."""
    if sentence in (SPACING, KEPT):
        kind = "apart" if sentence == SPACING else "kept"
        return Contradiction(sentence=sentence, kind=kind, operator_ids=(), zone_id=None, limit=None, number=None)
    requirements, plan = setup.problem.requirements, setup.rules.plan
    # the total first, then the plan's quotas and belts in their order
    areas: list[str | None] = [None] * (1 + len(plan.quotas) if plan else 1)
    areas += [belt.area for belt in plan.belts] if plan else []
    for number, (each, area) in enumerate(zip(requirements, areas, strict=True)):
        for limit, value in _limits(each):
            if sentence == f"{each.name}: {limit.replace('-', ' ')} {value}":
                return Contradiction(
                    sentence=sentence,
                    kind="total" if number == 0 else "operator" if area is None else "belt",
                    operator_ids=tuple(sorted(each.operators or ())),
                    zone_id=area,
                    limit=limit,
                    number=value,
                )
    return Contradiction(sentence=sentence, kind="other", operator_ids=(), zone_id=None, limit=None, number=None)


def _limits(requirement: Requirement) -> Iterator[tuple[str, int]]:
    if requirement.low is not None:
        yield "at-least", requirement.low
    if requirement.high is not None:
        yield "at-most", requirement.high


def _patrol(week: PatrolWeek, names: dict[str, str]) -> PatrolOfWeek:
    return PatrolOfWeek(
        base_id=week.base_id,
        choices=week.choices,
        kept=week.kept,
        week_share=week.week_share,
        always=week.always,
        shifts=tuple(
            PatrolShift(
                stops=tuple(week.stops[stop].site_id for stop in shift.stops),
                leaves_after_hours=shift.leaves_after_hours,
                hours=shift.hours,
            )
            for shift in week.shifts
        ),
        stops=tuple(
            PatrolStop(
                site_id=each.site_id,
                name=names.get(each.site_id, each.site_id),
                longitude=each.longitude,
                latitude=each.latitude,
                visited=each.visited,
            )
            for each in week.stops
        ),
    )
