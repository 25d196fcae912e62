"""`ceasefire borders`: what another border would change."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, print_table, say, shown_progress
from ceasefire.cli.options import COMMON, AsOf, Common, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ceasefire.deployment.borders.figures import PeopleInside
    from ceasefire.deployment.borders.sensitivity import Moved, Stretch
    from ceasefire.deployment.borders.suggestions import Suggestion
    from ceasefire.pipeline.borders import BorderCompared, BorderDesk


def borders(
    zone: Annotated[str, Parameter(help="Id of the area whose border it is.")],
    proposals: Annotated[
        list[Path] | None, Parameter(help="GeoJSON files of proposed borders, one a polygon feature.")
    ] = None,
    /,
    *,
    weeks: Annotated[int, Parameter(help="How many weeks of incidents count.")] = 12,
    until: Annotated[
        str | None, Parameter(help="Their last local day; by default that of the record's last incident.")
    ] = None,
    uncertainty_km: Annotated[
        float | None, Parameter(help="How well a proposed border is known; by default as well as the one that holds.")
    ] = None,
    count: Annotated[
        dict[str, Path] | None,
        Parameter(help="What else to count: --count.hospitals FILE, --count.roads FILE, each GeoJSON."),
    ] = None,
    gazetteer: Annotated[Path | None, Parameter(help="A table of further settlements, with coordinates.")] = None,
    move_km: Annotated[float, Parameter(help="By how much each stretch of the line is moved, both ways.")] = 1.0,
    stretch_km: Annotated[float, Parameter(help="About how long a stretch is.")] = 5.0,
    put_in: Annotated[list[str] | None, Parameter(help="Suggest a border with this settlement inside.")] = None,
    put_out: Annotated[list[str] | None, Parameter(help="Suggest a border with this settlement outside.")] = None,
    margin_km: Annotated[float, Parameter(help="How far inside or outside.")] = 2.0,
    keep_away: Annotated[
        dict[str, float] | None, Parameter(help="Suggest a border so far from a settlement: --keep-away.NAME KM.")
    ] = None,
    follow: Annotated[list[Path] | None, Parameter(help="Suggest a border along the lines of a GeoJSON file.")] = None,
    along: Annotated[
        list[str] | None,
        Parameter(help="Suggest a border along an administrative border, road or river on record, by name."),
    ] = None,
    within_km: Annotated[float, Parameter(help="Where the border is no farther from them.")] = 3.0,
    output: Annotated[
        Path | None, Parameter(name=("--output", "-o"), help="A GeoJSON file to write all borders to.")
    ] = None,
    as_of: AsOf = None,
    reading: Reading = None,
    common: Common = COMMON,
) -> None:
    """Show what another border of an area would change, beside the border that holds.

    People, settlements by holder, incidents of the last weeks, clause checks that would come out otherwise, length,
    and how much each figure hangs on where a stretch runs. Suggestions are small changes that reach a stated aim; none
    says where a line ought to run.
    """
    from ceasefire.deployment.borders.drawing import Proposal, read_proposals
    from ceasefire.pipeline.borders import Aim, BorderOptions, borders_geojson

    options = BorderOptions(
        weeks=weeks,
        until=until,
        uncertainty_km=uncertainty_km,
        move_km=move_km,
        stretch_km=stretch_km,
        reading=reading,
        gazetteer=gazetteer,
        features=count or {},
    )
    drawn = [each for path in proposals or () for each in read_proposals(path)]
    with common.open() as workspace:
        desk = workspace.borders(zone, options, as_of=as_of)
    asked: list[Callable[[], Any]] = [
        *((lambda name=name: desk.suggest(Aim.INSIDE, name, margin_km)) for name in put_in or ()),
        *((lambda name=name: desk.suggest(Aim.OUTSIDE, name, margin_km)) for name in put_out or ()),
        *((lambda name=name, km=km: desk.suggest(Aim.AWAY, name, km)) for name, km in (keep_away or {}).items()),
        *((lambda path=path: _along_file(desk, path, within_km)) for path in follow or ()),
        *((lambda name=name: _along_known(desk, name, within_km)) for name in along or ()),
    ]
    reached: list[str] = []
    with shown_progress() as progress:
        for suggest in asked:
            found = suggest()
            if found.changed:
                drawn.append(Proposal(name=found.aim.rstrip("."), shape=found.shape))
            else:
                reached.append(found.aim)
        compared = [desk.current()]
        for number, proposal in enumerate(drawn):
            progress("comparing borders", number, len(drawn))
            compared.append(desk.compare(proposal))
    if output is not None:
        output.write_text(json.dumps(borders_geojson(compared), ensure_ascii=False), encoding="utf-8")
    if common.json:
        print_json(_as_json(desk, compared))
        return
    _print(desk, compared)
    for aim in reached:
        say(f"The border as it stands does this: {aim}")
    if output is not None:
        say(f"Wrote {output}.")


def _along_file(desk: BorderDesk, path: Path, within_km: float) -> Suggestion:
    from ceasefire.deployment.borders.features import read_features

    return desk.suggest_along(path.stem, [each.shape for each in read_features("lines", path)], within_km)


def _along_known(desk: BorderDesk, name: str, within_km: float) -> Suggestion:
    return desk.suggest_along(name, [desk.line(name).shape], within_km)


def _print(desk: BorderDesk, compared: Sequence[BorderCompared]) -> None:
    first, last = desk.days()
    say(*desk.notes)
    print_table(
        ("figure", *(each.name for each in compared)),
        _rows(compared),
        title=f"{desk.area_id}: incidents from {first} to {last}, holders and border of {last}",
    )
    for each in compared[1:]:
        _print_changed(each)
    for each in compared:
        _print_sensitivity(each)
    say("A what-if: it says what a line would change, and not where it ought to run.")


def _rows(compared: Sequence[BorderCompared]) -> list[tuple[str, ...]]:
    figures = [each.figures for each in compared]
    holders = sorted({holder for each in figures for holder, tally in each.settlements.items()})
    kinds = sorted({kind for each in figures for kind in each.features})
    rows = [
        ("area, km²", *(f"{each.area_km2:,.0f}" for each in figures)),
        ("gained and lost, km²", *(f"+{each.gained_km2:,.1f} -{each.lost_km2:,.1f}" for each in compared)),
        ("length, km", *(f"{each.length_km:,.1f}" for each in figures)),
        ("roughness (a circle: 1)", *(f"{each.roughness:.2f}" for each in figures)),
        ("incidents inside", *(f"{each.incidents.inside:,}" for each in figures)),
        ("undetermined", *(f"{each.incidents.undetermined:,}" for each in figures)),
        ("outside", *(f"{each.incidents.outside:,}" for each in figures)),
        ("people", *(_people(each.people) for each in figures)),
    ]
    for holder in holders:
        tallies = [each.settlements[holder] for each in figures]
        if any(tally.inside or tally.undetermined for tally in tallies):
            rows.append((f"settlements: {holder}", *(_some(each.inside, each.undetermined) for each in tallies)))
    for kind in kinds:
        counts = [each.features[kind] for each in figures]
        if any(sum(vars_of) for vars_of in ((c.tally.inside, c.tally.undetermined, c.tally.outside) for c in counts)):
            rows.append((kind, *(_some(each.tally.inside, each.tally.undetermined) for each in counts)))
        if any(each.length_km is not None for each in counts):
            rows.append((f"{kind}, km", *(f"{each.length_km or 0:,.1f}" for each in counts)))
    return rows


def _some(inside: int, undetermined: int) -> str:
    return f"{inside:,}" + (f" and {undetermined:,} undetermined" if undetermined else "")


def _people(people: PeopleInside) -> str:
    unknown = people.unknown_inside + people.unknown_undetermined
    said = f"unknown in {counted(unknown, 'settlement')}" if unknown else ""
    if people.low is None or people.high is None:
        return said or "no settlement"
    known = f"{people.low:,}" + (f" to {people.high:,}" if people.high != people.low else "")
    return f"{known}; {said}" if said else known


def _print_changed(each: BorderCompared) -> None:
    if not each.changed:
        say(f"{each.name}: no clause check would come out otherwise.")
        return
    print_table(
        ("clause", "accused", "now", "then", "#incidents"),
        (
            (one.clause_id, one.accused_id or "", one.before, one.after, len(one.incident_ids))
            for one in sorted(each.changed, key=lambda one: -len(one.incident_ids))
        ),
        title=f"{each.name}: clause checks that would come out otherwise",
    )


def _print_sensitivity(each: BorderCompared) -> None:
    found = each.sensitivity
    hanging = sorted((one for one in found.stretches if any(one.hanging)), key=lambda one: one.hanging, reverse=True)
    if not hanging:
        say(f"{each.name}: nothing that is counted lies within {found.move_km:g} km of the line.")
        return
    kinds = sorted({kind for one in hanging for kind in one.outwards.features})
    print_table(
        ("stretch from", "to", "#km", "#incidents", "#clause checks", "#settlements", "people", *kinds),
        (
            (
                _corner(one.line[0]),
                _corner(one.line[-1]),
                f"{one.length_km:.1f}",
                _both(one, lambda moved: f"{moved.incidents:,}"),
                _both(one, lambda moved: f"{moved.checks:,}"),
                _both(one, lambda moved: f"{moved.settlements:,}"),
                _both(one, _people_moved),
                *(f"+{one.outwards.features[kind]:,} -{one.inwards.features[kind]:,}" for kind in kinds),
            )
            for one in hanging[:8]
        ),
        title=f"{each.name}: taken in (+) and lost (-) where a stretch moves by {found.move_km:g} km out or in",
    )
    if found.without_point:
        say(f"{counted(found.without_point, 'incident')} known only to an area hang on no stretch.")


def _both(stretch: Stretch, said: Callable[[Moved], str]) -> str:
    return f"+{said(stretch.outwards)} -{said(stretch.inwards)}"


def _people_moved(moved: Moved) -> str:
    if moved.people_low is None or moved.people_high is None:
        return "?" if moved.people_unknown else "0"
    known = f"{moved.people_low:,}" + (f" to {moved.people_high:,}" if moved.people_high != moved.people_low else "")
    return known + ("?" if moved.people_unknown else "")


def _corner(corner: tuple[float, float]) -> str:
    from ceasefire.deployment.borders.drawing import place

    return place(*corner)


def _as_json(desk: BorderDesk, compared: Sequence[BorderCompared]) -> dict[str, Any]:
    from ceasefire.pipeline.borders import borders_geojson

    first, last = desk.days()
    shapes = borders_geojson(compared)["features"]
    return {
        "zone_id": desk.area_id,
        "version_id": desk.version.id,
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
        "notes": desk.notes,
        "borders": [
            {
                "name": each.name,
                "geometry": shape["geometry"],
                "gained_km2": each.gained_km2,
                "lost_km2": each.lost_km2,
                "figures": asdict(each.figures),
                "changed": [asdict(one) for one in each.changed],
                "sensitivity": asdict(each.sensitivity),
            }
            for each, shape in zip(compared, shapes, strict=True)
        ],
    }
