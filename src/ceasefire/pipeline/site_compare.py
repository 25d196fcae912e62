"""Posts as they stood beside the best places for as many: by what was known then, under rules that both keep.

Whoever placed posts knew what had happened by then. So both sets of posts are judged by incidents before the first of
those posts opened; what came afterwards is told beside it, as no part of the choice. The optimum keeps every rule of
the plan that the posts as they stood keep; a rule that they do not keep is named, and not asked of the optimum either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely

from ceasefire.deployment.candidates import Candidate, Rules, admissible, too_close
from ceasefire.deployment.siting import ANYONE, Requirement, SitingProblem, seen
from ceasefire.model.errors import InsufficientDataError, UsageError
from ceasefire.pipeline.site_problem import requirements_of, seen_from
from ceasefire.pipeline.site_rules import shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ceasefire.agreement.records import Post
    from ceasefire.pipeline.siting import Seen, SitingSetup


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Posts as they stood beside the best places for as many, on one demand, one range, one terrain, the same rules.

    Parameters
    ----------
    operator_id : str
    posts, without_place : int
        With a place on record, which are compared, and without.
    theirs, best : Seen
        Of what was known by `known_until`.
    gap : float
    opened_after : tuple of str
        Posts that opened after `until`: what made people choose them is not in the record.
    until : date or None
        The day of the last incident on record in the period asked for.
    known_until : date or None
        The day before the first of the posts opened, or the last day asked for; None: nobody recorded when they opened,
        or nothing is on record from before, and everything on record counts.
    later_theirs, later_best : Seen or None
        What the same two sets of posts see of what came after `known_until`; None where nothing is on record.
    not_kept : tuple of str
        Rules of the plan that the posts as they stood do not keep.
    """

    operator_id: str
    posts: int
    without_place: int
    theirs: Seen
    best: Seen
    gap: float
    opened_after: tuple[str, ...]
    until: date | None
    known_until: date | None = None
    later_theirs: Seen | None = None
    later_best: Seen | None = None
    not_kept: tuple[str, ...] = ()


def compare(setup: SitingSetup, operator: str, *, seconds: float = 600.0) -> Compared:
    """Hold the posts that an operator really has against the best places for as many.

    Raises
    ------
    UsageError
        When no post of the operator has a place.
    """
    posts = [each for each in setup.case.posts if each.operator == operator and each.kind == "observation-post"]
    placed = [each for each in posts if each.latitude is not None and each.longitude is not None]
    if not placed:
        raise UsageError(f'No observation post of "{operator}" has a place on record.', "Name another operator.")
    known, cut = _as_known(setup, placed)
    theirs = [_candidate(each, operator) for each in placed]
    wide, not_kept = _wider(known, theirs, operator)
    best = known.solved(wide, known.demand, seconds=seconds)
    if best is None:
        raise InsufficientDataError(f"The rules leave no place for {len(placed)} posts.\n  Loosen a rule of the plan.")
    everyone = [*known.candidates, *theirs]
    chosen = [everyone[j] for j, _ in best.posts]
    later = _later(setup, cut)
    last = setup.last_incident
    return Compared(
        operator_id=operator,
        posts=len(placed),
        without_place=len(posts) - len(placed),
        theirs=known.seen_of(seen(wide, range(len(known.candidates), len(everyone)))),
        best=known.seen_of(seen(wide, [j for j, _ in best.posts])),
        gap=best.gap,
        opened_after=tuple(each.id for each in placed if last and _opened_after(each, last)),
        until=last,
        known_until=cut,
        later_theirs=None if later is None else _seen_from(later, theirs),
        later_best=None if later is None else _seen_from(later, chosen),
        not_kept=not_kept,
    )


def _candidate(post: Post, operator: str) -> Candidate:
    """Return a post as a place, which no rule removes."""
    assert post.longitude is not None  # noqa: S101 -- asked by the caller
    assert post.latitude is not None  # noqa: S101
    return Candidate(
        site_id=post.id,
        name=post.name or post.id,
        longitude=post.longitude,
        latitude=post.latitude,
        operators=frozenset({operator}),
        stands=True,
    )


def _seen_from(setup: SitingSetup, places: Sequence[Candidate]) -> Seen:
    return setup.seen_of(np.asarray(seen_from(setup.rules, places, setup.demand).any(axis=1)))


def _as_known(setup: SitingSetup, placed: Sequence[Post]) -> tuple[SitingSetup, date | None]:
    """Return the problem by what was known before the first post opened, and the last day of it."""
    options = setup.options
    if options.objective not in ("events", "sides") or options.forecast is not None:
        return setup, None
    if options.last_day is not None:
        return setup, date.fromisoformat(options.last_day)
    opened = [date.fromisoformat(each.at[:10]) for post in placed for each in post.opened if len(each.at) >= 10]
    if not opened:
        return setup, None
    cut = min(opened) - timedelta(days=1)
    try:
        return setup.again(replace(options, last_day=cut.isoformat())), cut
    except (InsufficientDataError, UsageError):
        return setup, None


def _later(setup: SitingSetup, cut: date | None) -> SitingSetup | None:
    """Return what came after a day; None where nothing did, or there is no such day."""
    if cut is None:
        return None
    first = (cut + timedelta(days=1)).isoformat()
    try:
        return setup.again(replace(setup.options, first_day=first, last_day=None, from_outlook=None, worst_share=None))
    except InsufficientDataError:
        return None


def _wider(setup: SitingSetup, theirs: Sequence[Candidate], operator: str) -> tuple[SitingProblem, tuple[str, ...]]:
    """Return the problem of one operator with its own posts among the places, and the rules that those do not keep."""
    places = [*setup.candidates, *theirs]
    first = len(setup.candidates)
    rules, not_kept = [Requirement(name="posts", high=len(theirs))], []
    for each in requirements_of(setup.case, setup.rules, places):
        if each.high is None or (each.operators is not None and operator not in each.operators):
            continue
        mine = sum(each.places is None or number in each.places for number in range(first, len(places)))
        if mine > each.high:
            not_kept.append(f"{each.name}: at most {each.high}; they are {mine}")
        else:
            rules.append(Requirement(name=each.name, places=each.places, high=each.high))
    near = _near_the_line(setup, theirs)
    if near:
        not_kept.append(f"{setup.rules.from_line_km:g} km from the line; {near} stand nearer")
    movable = [replace(each, stands=False) for each in theirs]
    among = too_close(movable, setup.rules.apart_km or 0.0)
    if len(among):
        not_kept.append(f"{setup.rules.apart_km:g} km apart; {len(among)} pairs of them are nearer")
    may = [operator in who or ANYONE in who for who in setup.problem.operators]
    if not any(may):
        not_kept.append(f"nobody consents to {operator} anywhere; every place counts")
    stands = tuple(frozenset({operator}) if yes or not any(may) else frozenset() for yes in may)
    free = [replace(each, stands=False) for each in setup.candidates]
    wide = replace(
        setup.problem,
        sees=np.hstack([setup.problem.sees, seen_from(setup.rules, theirs, setup.demand)]),
        operators=(*stands, *(frozenset({operator}) for _ in theirs)),
        requirements=tuple(rules),
        too_close=too_close([*free, *theirs], setup.rules.apart_km or 0.0),
        kept=frozenset(),
    )
    return wide, tuple(not_kept)


def _near_the_line(setup: SitingSetup, theirs: Sequence[Candidate]) -> int:
    if setup.rules.line is None or not setup.rules.from_line_km:
        return 0
    line: shapely.Geometry = shape_of(setup.case, setup.rules.line)
    movable = [replace(each, stands=False) for each in theirs]
    return len(movable) - len(admissible(movable, Rules(line=line, from_line_km=setup.rules.from_line_km))[0])


def _opened_after(post: Post, day: date) -> bool:
    """Whether every opening on record of a post is after a day."""
    return bool(post.opened) and all(date.fromisoformat(each.at[:10]) > day for each in post.opened)
