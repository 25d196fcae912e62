"""What is asked of a siting, and the rules of the case's plan under which it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from ceasefire.deployment.candidates import Rules
from ceasefire.model.errors import UnknownRecordError, UsageError

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case
    from ceasefire.territory.siting_records import SitingPlan

OBJECTIVES = ("events", "sides", "people", "line")


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingOptions:
    """What is asked; what is None is the plan's.

    Parameters
    ----------
    plan : str or None
        Id of a plan of the case; by default its only one.
    posts : int or None
    objective : {"events", "sides", "people", "line"}
    first_day, last_day : str or None
        Local days: the incidents that count.
    zone : str or None
        An area of the case: only incidents that may lie in it count, and posts of a grid stand in it.
    candidates, forecast, elevation, gazetteer : Path or None
        Tables and a grid of heights; without one, the plan's.
    grid_km : float or None
        Candidates on a grid over the zone.
    range_km, from_line_km, apart_km : float or None
    line : str or None
    sides : tuple of str
        Actors between whom *sides* is fair; by default all that are accused.
    seed : int
        Of the draws that show how the outcome may vary.
    from_outlook : int or None
        So many weeks ahead of the outlook, in place of past incidents.
    outlook_by : {"zone", "unit"}
        The kind of area whose forecasts are taken.
    outlook_count : {"alleged-or-open", "alleged-violations"}
        Which of its counts.
    worst_share : float or None
        Choose by what is missed on average in so large a share of the samples, the worst; None: in all.
    """

    plan: str | None = None
    posts: int | None = None
    objective: str = "events"
    first_day: str | None = None
    last_day: str | None = None
    zone: str | None = None
    candidates: Path | None = None
    forecast: Path | None = None
    elevation: Path | None = None
    gazetteer: Path | None = None
    grid_km: float | None = None
    range_km: float | None = None
    from_line_km: float | None = None
    apart_km: float | None = None
    line: str | None = None
    sides: tuple[str, ...] = ()
    seed: int = 1
    from_outlook: int | None = None
    outlook_by: str = "zone"
    outlook_count: str = "alleged-or-open"
    worst_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The plan's rules, with what was asked in their place."""

    plan: SitingPlan | None
    posts: int
    range_km: float
    area: str | None
    line: str | None
    from_line_km: float | None
    apart_km: float | None
    elevation: Path | None = None

    @classmethod
    def of(cls, case: Case, options: SitingOptions) -> Agreed:
        """Put what was asked in the place of what the plan says."""
        plan = _plan(case, options)
        posts = options.posts if options.posts is not None else plan.posts if plan else None
        range_km = options.range_km if options.range_km is not None else plan.range_km if plan else None
        if posts is None or range_km is None:
            raise UsageError(
                "The case has no plan of posts, and how many or how far they see was not given.",
                "Give --posts and --range-km, or write a plan in siting.yaml; docs/case-format.md describes it.",
            )
        if posts < 1 or range_km <= 0:
            raise UsageError(f"{posts} posts that see {range_km:g} km cannot be sited.", "Give numbers above zero.")

        def either(asked: Any, name: str) -> Any:
            return asked if asked is not None else getattr(plan, name) if plan else None

        found = cls(
            plan=plan,
            posts=posts,
            range_km=range_km,
            area=either(options.zone, "area"),
            line=either(options.line, "line"),
            from_line_km=either(options.from_line_km, "from_line_km"),
            apart_km=either(options.apart_km, "apart_km"),
            elevation=options.elevation or (case.folder / plan.elevation if plan and plan.elevation else None),
        )
        for name in (found.area, found.line):
            if name is not None and name not in case.areas:
                raise UnknownRecordError(f'There is no area "{name}".', f"Areas: {', '.join(case.areas)}.")
        if found.from_line_km and found.line is None:
            raise UsageError("Posts are to keep off a line, and no line is named.", "Name it with --line.")
        return found

    def place_rules(self, case: Case) -> Rules:
        """Return what a place must have."""
        plan = self.plan
        return Rules(
            line=None if self.line is None else shape_of(case, self.line),
            from_line_km=self.from_line_km,
            road_km=plan.road_km if plan else None,
            must_be_safe=plan.must_be_safe if plan else False,
            must_be_consented=plan.must_be_consented if plan else False,
        )


def shape_of(case: Case, area: str) -> shapely.Geometry:
    """Return an area as last drawn."""
    return case.geometries[case.areas[area].versions[-1].id]


def _plan(case: Case, options: SitingOptions) -> SitingPlan | None:
    if options.plan is not None:
        if options.plan not in case.siting_plans:
            raise UnknownRecordError(
                f'The case has no plan "{options.plan}".', f"Plans: {', '.join(case.siting_plans) or 'none'}."
            )
        return case.siting_plans[options.plan]
    if len(case.siting_plans) > 1 and options.posts is None:
        raise UsageError("The case has several plans.", f"Name one: {', '.join(case.siting_plans)}.")
    return next(iter(case.siting_plans.values()), None) if len(case.siting_plans) == 1 else None
