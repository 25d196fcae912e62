"""`ceasefire site`: where posts would see most."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, print_table, say
from ceasefire.cli.options import COMMON, AsOf, Common

if TYPE_CHECKING:
    from datetime import date

    from ceasefire.deployment.held_out import HeldOut
    from ceasefire.deployment.siting import Siting
    from ceasefire.pipeline.patrols import PatrolWeek
    from ceasefire.pipeline.site_compare import Compared
    from ceasefire.pipeline.siting import InTheWorst, Seen, SitingSetup

_USERS_FAULT = 2


def site(
    plan: Annotated[str | None, Parameter(help="A plan of the case's siting.yaml; by default its only one.")] = None,
    *,
    posts: Annotated[int | None, Parameter(help="How many posts.")] = None,
    objective: Annotated[str, Parameter(help="events, sides, people or line.")] = "events",
    first_day: Annotated[str | None, Parameter(name="--from", help="First day of the incidents that count.")] = None,
    last_day: Annotated[str | None, Parameter(name="--until", help="Last day of them, included.")] = None,
    zone: Annotated[str | None, Parameter(help="Only incidents that may lie in this area count.")] = None,
    candidates: Annotated[Path | None, Parameter(help="A table of places where posts may stand.")] = None,
    grid_km: Annotated[float | None, Parameter(help="In place of candidates: a grid over the zone, so wide.")] = None,
    from_outlook: Annotated[
        int | None, Parameter(help="So many weeks ahead of the outlook, in place of past incidents.")
    ] = None,
    outlook_by: Annotated[str, Parameter(help="zone or unit: the areas whose forecasts are taken.")] = "zone",
    outlook_count: Annotated[
        str, Parameter(help="alleged-or-open or alleged-violations: which of the outlook's counts.")
    ] = "alleged-or-open",
    forecast: Annotated[Path | None, Parameter(help="A table of samples of a forecast, in place of the past.")] = None,
    worst_share: Annotated[
        float | None, Parameter(help="Miss least in so large a share of the samples, the worst: 0.2 for a fifth.")
    ] = None,
    gazetteer: Annotated[Path | None, Parameter(help="For people: a table of settlements.")] = None,
    elevation: Annotated[Path | None, Parameter(help="An ESRI ASCII grid of heights; hills hide.")] = None,
    range_km: Annotated[float | None, Parameter(help="How far one sees from a post.")] = None,
    line: Annotated[str | None, Parameter(help="The line to keep off, or to see.")] = None,
    from_line_km: Annotated[float | None, Parameter(help="How far posts keep off the line.")] = None,
    apart_km: Annotated[float | None, Parameter(help="How far posts keep from each other.")] = None,
    side: Annotated[tuple[str, ...], Parameter(help="For sides: an actor; give it for each.", negative=())] = (),
    curve: Annotated[int, Parameter(help="Also the best of 1, 2, … up to so many posts.")] = 0,
    compare: Annotated[str | None, Parameter(help="An operator: its posts as they stood, beside the best.")] = None,
    patrols: Annotated[bool, Parameter(help="Also a week of patrols under the plan.", negative=())] = False,
    seed: Annotated[int | None, Parameter(help="For training: draws that can be repeated.")] = None,
    seconds: Annotated[float, Parameter(help="For each solving; what is found by then is told with its gap.")] = 600.0,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> int | None:
    """Say where posts would see most, under what the parties consent to; proved best, or with the gap that is left.

    events: incidents that may fall under a clause, of the past or as the outlook expects them. sides: the same, so that
    the side seen least is seen as well as can be. people: those whose number somebody gives. line: its worst-seen
    stretch.

    What is printed are positions: for the mission alone. Nothing here locates, ranks or predicts forces.
    """
    from ceasefire.pipeline.site_rules import SitingOptions

    options = SitingOptions(
        plan=plan,
        posts=posts,
        objective=objective,
        first_day=first_day,
        last_day=last_day,
        zone=zone,
        candidates=candidates,
        forecast=forecast,
        elevation=elevation,
        gazetteer=gazetteer,
        grid_km=grid_km,
        range_km=range_km,
        from_line_km=from_line_km,
        apart_km=apart_km,
        line=line,
        sides=side,
        seed=1 if seed is None else seed,
        from_outlook=from_outlook,
        outlook_by=outlook_by,
        outlook_count=outlook_count,
        worst_share=worst_share,
    )
    with common.open() as workspace:
        setup = workspace.site(options, as_of=as_of)
        best = setup.best(seconds=seconds)
        if best is None:
            return _refuse(setup.conflict(), json=common.json)
        told = _Told(
            best=best,
            worst=setup.in_the_worst(best, seconds=seconds),
            held_out=setup.held_out(seconds=seconds),
            curve=setup.curve(curve) if curve else (),
            compared=setup.compared(compare, seconds=seconds) if compare else None,
            weeks=_weeks(setup, best, seed) if patrols else (),
        )
    if common.json:
        print_json(_as_json(setup, told))
        return None
    _print_best(setup, told)
    _print_curve(setup, told.curve)
    if told.compared is not None:
        _print_compared(told.compared)
    _print_patrols(setup, told)
    say("Positions of posts and patrols, planned or real, are for the mission alone.")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """All that was asked for."""

    best: Siting
    worst: InTheWorst | None
    held_out: HeldOut | None
    curve: tuple[Siting, ...]
    compared: Compared | None
    weeks: tuple[PatrolWeek, ...]


def _weeks(setup: SitingSetup, best: Siting, seed: int | None) -> tuple[PatrolWeek, ...]:
    from ceasefire.pipeline.patrols import patrol_weeks

    return patrol_weeks(setup, best, seed=seed)


def _refuse(names: tuple[str, ...], *, json: bool) -> int:
    if json:
        print_json({"posts": [], "gap": None, "conflict": list(names)})
    else:
        say("These cannot all be met; without any one of them, the others can:")
        say(*(f"  {name}" for name in names))
    return _USERS_FAULT


def _print_best(setup: SitingSetup, told: _Told) -> None:
    best = told.best
    say(*setup.notes)
    print_table(
        ("post", "", "operator", "#latitude", "#longitude", "", "#only it sees"),
        (
            (
                each.site_id,
                each.name,
                each.operator_id,
                f"{each.latitude:.4f}",
                f"{each.longitude:.4f}",
                "stands" if each.stands else "",
                f"{each.lost_without:.1%}",
            )
            for each in setup.posts(best)
        ),
    )
    found = setup.seen_by(j for j, _ in best.posts)
    gap = "proved best: gap 0" if best.gap == 0 else f"gap {best.gap:.2%}"
    say(f"{counted(len(best.posts), 'post')} see {_share(found)} of {_what(setup)}; {gap}.")
    for name, share in found.by_group.items():
        none = " (no place that may be used sees any of it: it is not in the minimum)"
        say(f"  {name}: {share:.1%}{none if name in setup.out_of_sight else ''}")
    if told.worst is not None:
        _print_worst(told.worst)
    _print_not_chosen_by(setup, found, told.held_out)
    for reason, ids in setup.left_out.items():
        say(f"Left out, {reason}: {', '.join(ids[:8])}" + (f" and {len(ids) - 8} more." if len(ids) > 8 else "."))


def _print_worst(worst: InTheWorst) -> None:
    fresh = "" if worst.missed_fresh is None else f" ({worst.missed_fresh:,.2f} in samples not chosen by)"
    proved = (
        "no choice misses less"
        if worst.missed <= worst.bound * (1 + 1e-6)
        else (f"proved that none misses less than {worst.bound:,.2f}")
    )
    say(
        f"In the worst {worst.share:.0%} of the samples they miss {worst.missed:,.2f} of {worst.coming:,.2f} on average"
        f"{fresh}; {proved}.",
        f"The posts that see most on average would miss {worst.missed_otherwise:,.2f} there, and see "
        f"{worst.share_otherwise:.1%} in all.",
    )


def _print_not_chosen_by(setup: SitingSetup, found: Seen, held_out: HeldOut | None) -> None:
    """Say what posts see of what they were not chosen by: less than of what they were."""
    if found.fresh is not None:
        say(f"Of samples by which they were not chosen they see {found.fresh:.1%}.")
    if held_out is not None:
        what = "samples" if setup.options.forecast is not None else "weeks"
        say(
            f"Chosen without a part of the {held_out.blocks} {what}, {held_out.parts} times, posts see "
            f"{held_out.of_left_out:.1%} of the part left out and {held_out.of_chosen_by:.1%} of the others."
            + ("" if held_out.proved else " Not every such choice was proved best.")
        )


def _what(setup: SitingSetup) -> str:
    words = {"people": "the people counted", "line": "the line"}
    return words.get(setup.options.objective, "the alleged violations expected")


def _share(found: Seen) -> str:
    if found.low is None or found.high is None:
        return f"{found.share:.1%}"
    return f"{found.share:.1%} ({found.low:.1%} to {found.high:.1%} in nine draws of ten)"


def _print_curve(setup: SitingSetup, curve: tuple[Siting, ...]) -> None:
    if not curve:
        return
    before = [0.0, *(each.share for each in curve)]
    first = max(1, len(setup.problem.kept))
    print_table(
        ("#posts at most", "#seen", "#more than one fewer", "#gap"),
        (
            (number, f"{each.share:.1%}", f"{each.share - earlier:.1%}", f"{each.gap:.4f}")
            for number, (each, earlier) in enumerate(zip(curve, before, strict=False), start=first)
        ),
        title="What each further post adds; each row is the best by itself",
    )
    if setup.fair or setup.options.worst_share is not None:
        say("Each row is the best by what is seen in all: not by what is seen least, nor in the worst samples.")


def _print_compared(compared: Compared) -> None:
    known = f"Of what was known by {compared.known_until}, " if compared.known_until else ""
    posts = counted(compared.posts, "post")
    say(
        f"{known}{posts} of {compared.operator_id} as they stood see {_share(compared.theirs)}; as many at the best "
        f"places see {_share(compared.best)}."
    )
    if compared.known_until is None:
        say("When they opened is not on record, or nothing from before: all on record counts, also what came after.")
    if compared.later_theirs is not None and compared.later_best is not None:
        say(
            f"Of what came afterwards, by which neither was chosen here, the same posts see "
            f"{compared.later_theirs.share:.1%} and {compared.later_best.share:.1%}."
        )
    for rule in compared.not_kept:
        say(f"Not kept by the posts as they stood, and so not asked of the others: {rule}.")
    if compared.without_place:
        say(f"{counted(compared.without_place, 'more post')} without a place on record: not counted.")
    if compared.opened_after:
        say(
            f"{len(compared.opened_after)} of the {compared.posts} opened after {compared.until}, the last day on "
            "record here: those who chose them knew more than this record does."
        )


def _print_patrols(setup: SitingSetup, told: _Told) -> None:
    plan = setup.rules.plan.patrols if setup.rules.plan else None
    if told.weeks and plan is not None and len(told.weeks) < plan.patrols:
        say(f"{counted(plan.patrols, 'patrol')} in the plan, and posts for {len(told.weeks)} to go from.")
    passed = "what no post sees" if told.best.share < 1 else "all that is expected"
    for patrol in told.weeks:
        if not patrol.shifts:
            say(f"Patrol from {patrol.base_id}: nothing worth a visit is within a shift.")
            continue
        say(
            f"Patrol from {patrol.base_id}: one of {counted(patrol.choices, 'tour')} each shift, its order and when it "
            f"leaves drawn at random, worth {patrol.kept:.0%} of the best on average. The week passes "
            f"{patrol.week_share:.1%} of {passed}."
        )
        if patrol.always:
            say(f"  Visited in every shift, so that it can be waited for there: {', '.join(patrol.always)}.")
        if patrol.left_out:
            say(
                f"  {counted(patrol.left_out, 'place')} nearest to it that would be worth a visit, but less than the "
                f"{len(patrol.stops)} among which tours are found, left out."
            )
        for number, tour in enumerate(patrol.shifts, start=1):
            names = ", ".join(patrol.stops[stop].site_id for stop in tour.stops)
            say(f"  shift {number}: {names} (leaves after {tour.leaves_after_hours:.1f} h, takes {tour.hours:.1f} h)")


def _as_json(setup: SitingSetup, told: _Told) -> dict[str, Any]:
    best, compared = told.best, told.compared
    return {
        "posts": [asdict(each) for each in setup.posts(best)],
        "gap": best.gap,
        "bound": best.bound,
        "value": best.value,
        "objective": setup.options.objective,
        "areas": [asdict(each) for each in setup.areas],
        "worst": None if told.worst is None else asdict(told.worst),
        "held_out": None if told.held_out is None else asdict(told.held_out),
        "seen": asdict(setup.seen_by(j for j, _ in best.posts)),
        "out_of_sight": sorted(setup.out_of_sight),
        "candidates": len(setup.candidates),
        "left_out": setup.left_out,
        "conflict": [],
        "curve": [
            {"posts": number, "share": each.share, "gap": each.gap}
            for number, each in enumerate(told.curve, start=max(1, len(setup.problem.kept)))
        ],
        "compared": None
        if compared is None
        else {
            **asdict(compared),
            **{name: day and day.isoformat() for name, day in _days(compared).items()},
        },
        "patrols": [asdict(each) for each in told.weeks],
        "notes": setup.notes,
    }


def _days(compared: Compared) -> dict[str, date | None]:
    return {"until": compared.until, "known_until": compared.known_until}
