"""`ceasefire site`: where posts would see most."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, print_table, say
from ceasefire.cli.options import COMMON, AsOf, Common

if TYPE_CHECKING:
    from ceasefire.deployment.siting import Siting
    from ceasefire.pipeline.patrols import PatrolWeek
    from ceasefire.pipeline.siting import Seen, SitingSetup

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
    forecast: Annotated[Path | None, Parameter(help="A table of samples of a forecast, in place of the past.")] = None,
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
    as_of: AsOf = None,
    common: Common = COMMON,
) -> int | None:
    """Say where posts would see most, under what the parties consent to; proved best, or with the gap that is left.

    events: incidents that may fall under a clause. sides: the same, so that the side seen least is seen as well as can
    be. people: those whose number somebody gives. line: its worst-seen stretch.

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
    )
    with common.open() as workspace:
        setup = workspace.site(options, as_of=as_of)
        best = setup.best()
        if best is None:
            return _refuse(setup.conflict(), json=common.json)
        curve_found = setup.curve(curve) if curve else ()
        compared = setup.compared(compare) if compare else None
        weeks = _weeks(setup, best, seed) if patrols else ()
    if common.json:
        print_json(_as_json(setup, best, curve_found, compared, weeks))
        return None
    _print_best(setup, best)
    _print_curve(curve_found, len(setup.problem.kept))
    if compared is not None:
        _print_compared(compared)
    _print_patrols(weeks)
    say("Positions of posts and patrols, planned or real, are for the mission alone.")
    return None


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


def _print_best(setup: SitingSetup, best: Siting) -> None:
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
        say(f"  {name}: {share:.1%}")
    for reason, ids in setup.left_out.items():
        say(f"Left out, {reason}: {', '.join(ids[:8])}" + (f" and {len(ids) - 8} more." if len(ids) > 8 else "."))


def _what(setup: SitingSetup) -> str:
    words = {"people": "the people counted", "line": "the line"}
    return words.get(setup.options.objective, "the alleged violations expected")


def _share(found: Seen) -> str:
    if found.low is None or found.high is None:
        return f"{found.share:.1%}"
    return f"{found.share:.1%} ({found.low:.1%} to {found.high:.1%} in nine draws of ten)"


def _print_curve(curve: tuple[Siting, ...], kept: int) -> None:
    if not curve:
        return
    before = [0.0, *(each.share for each in curve)]
    first = max(1, kept)
    print_table(
        ("#posts at most", "#seen", "#more than one fewer", "#gap"),
        (
            (number, f"{each.share:.1%}", f"{each.share - earlier:.1%}", f"{each.gap:.4f}")
            for number, (each, earlier) in enumerate(zip(curve, before, strict=False), start=first)
        ),
        title="What each further post adds; each row is the best by itself",
    )


def _print_compared(compared: Any) -> None:
    say(
        f"{counted(compared.posts, 'post')} of {compared.operator_id} as they stood see {_share(compared.theirs)}; as "
        f"many at the best places see {_share(compared.best)}."
    )
    if compared.without_place:
        say(f"{counted(compared.without_place, 'more post')} without a place on record: not counted.")
    if compared.opened_after:
        say(
            f"{len(compared.opened_after)} of the {compared.posts} opened after {compared.until}, the last day on "
            "record here: those who chose them knew more than this record does."
        )


def _print_patrols(weeks: tuple[PatrolWeek, ...]) -> None:
    for patrol in weeks:
        if not patrol.shifts:
            say(f"Patrol from {patrol.base_id}: nothing that no post sees is within a shift.")
            continue
        say(
            f"Patrol from {patrol.base_id}: one of {counted(patrol.choices, 'tour')} each shift, its order and when it "
            f"leaves drawn at random, worth {patrol.kept:.0%} of the best on average."
        )
        if patrol.always:
            say(f"  Visited in every shift, so that it can be waited for there: {', '.join(patrol.always)}.")
        for number, tour in enumerate(patrol.shifts, start=1):
            names = ", ".join(patrol.stops[stop].site_id for stop in tour.stops)
            say(f"  shift {number}: {names} (leaves after {tour.leaves_after_hours:.1f} h, takes {tour.hours:.1f} h)")


def _as_json(
    setup: SitingSetup, best: Siting, curve: tuple[Siting, ...], compared: Any, weeks: tuple[PatrolWeek, ...]
) -> dict[str, Any]:
    return {
        "posts": [asdict(each) for each in setup.posts(best)],
        "gap": best.gap,
        "bound": best.bound,
        "value": best.value,
        "objective": setup.options.objective,
        "seen": asdict(setup.seen_by(j for j, _ in best.posts)),
        "candidates": len(setup.candidates),
        "left_out": setup.left_out,
        "conflict": [],
        "curve": [
            {"posts": number, "share": each.share, "gap": each.gap}
            for number, each in enumerate(curve, start=max(1, len(setup.problem.kept)))
        ],
        "compared": None
        if compared is None
        else {**asdict(compared), "until": compared.until.isoformat() if compared.until else None},
        "patrols": [asdict(each) for each in weeks],
        "notes": setup.notes,
    }
