"""`ceasefire control`: who holds each settlement on a day, according to whom."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, print_table, say
from ceasefire.cli.options import COMMON, AsOf, Common

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ceasefire.pipeline.control import ControlLedger, ControlOnDay
    from ceasefire.territory.contact_line import ContactPiece
    from ceasefire.territory.control_shares import Count, Total, ZoneShares


def control(
    *,
    day: Annotated[
        str | None, Parameter(help="The local day at whose end to look; by default --until, or today.")
    ] = None,
    first_day: Annotated[str | None, Parameter(name="--from", help="First day of a period.")] = None,
    last_day: Annotated[str | None, Parameter(name="--until", help="Last day of the period, included.")] = None,
    every: Annotated[int, Parameter(help="Days between the rows of the shares over a period.")] = 7,
    zone: Annotated[str | None, Parameter(help="Id of an area: only settlements that lie in it, or may.")] = None,
    each_zone: Annotated[
        bool, Parameter(negative="", help="Shares of every zone, one after the other, besides.")
    ] = False,
    known: Annotated[str | None, Parameter(help="Only what had been said by the end of this local day.")] = None,
    carry_days: Annotated[int, Parameter(help="How long a statement is carried after the day it speaks for.")] = 180,
    reach_km: Annotated[
        float | None, Parameter(help="Interpolate settlements of which nobody speaks from others so near.")
    ] = None,
    gazetteer: Annotated[Path | None, Parameter(help="A table of further settlements, with coordinates.")] = None,
    widest_km: Annotated[float, Parameter(help="Settlements farther apart do not face each other.")] = 25.0,
    geojson: Annotated[Path | None, Parameter(help="A file to write settlements and contact line to.")] = None,
    limit: Annotated[int, Parameter(help="Settlements to print; 0 prints all. Totals are always of all.")] = 30,
    as_of: AsOf = None,
    common: Common = COMMON,
) -> None:
    """Say who holds each settlement at the end of a day, according to whom: held, contested, unknown.

    Statements of sources are carried forward; nothing is inferred from violence. A settlement of which nobody speaks is
    unknown, or with --reach-km interpolated, and flagged as such. With --from and --until: what changed hands, how far
    each side advanced, and shares over time.
    """
    from ceasefire.pipeline.control import control_geojson, day_of

    with common.open() as workspace:
        ledger = workspace.control(
            known=known, carry_days=carry_days, reach_km=reach_km, gazetteer=gazetteer, as_of=as_of
        )
    period = _period(first_day, last_day)
    on = ledger.on(period[1] if period and day is None else day_of(day) if day else _today(ledger), zone)
    line = ledger.contact_line(on.day, widest_km=widest_km)
    if geojson is not None:
        geojson.write_text(json.dumps(control_geojson(ledger, on, line), ensure_ascii=False), encoding="utf-8")
    if common.json:
        print_json(_as_json(ledger, on, line, period, zone, every, each_zone=each_zone))
        return
    say(*ledger.notes)
    _print_settlements(ledger, on, limit)
    _print_shares(on.shares)
    for one in ledger.zone_shares(on.day) if each_zone else ():
        _print_shares(one)
    _print_counts(ledger)
    if period:
        _print_period(ledger, period, zone)
        for one_zone in _zones_asked(ledger, zone, each_zone=each_zone):
            _print_over_time(ledger, period, one_zone, every)
    _print_line(line)
    if geojson is not None:
        say(f"Wrote {geojson}.")


def _today(ledger: ControlLedger) -> date:
    from datetime import datetime

    return datetime.now(ledger.case.zone).date()


def _period(first_day: str | None, last_day: str | None) -> tuple[date, date] | None:
    from ceasefire.model.errors import UsageError
    from ceasefire.pipeline.control import day_of

    if first_day is None and last_day is None:
        return None
    if first_day is None or last_day is None:
        raise UsageError("A period has two ends, and one was given.", "Give --from and --until.")
    first, last = day_of(first_day), day_of(last_day)
    if last < first:
        raise UsageError(f"The last day, {last_day}, is before the first, {first_day}.", "Exchange them.")
    return first, last


def _print_settlements(ledger: ControlLedger, on: ControlOnDay, limit: int) -> None:
    from ceasefire.pipeline.control import held_words
    from ceasefire.territory.control import REASONS

    spoken = [each for each in on.standings.values() if each.reason != "nobody-says"]
    silent = len(on.standings) - len(spoken)
    shown = spoken[:limit] if limit else spoken
    told_by = {word.statement_id: word.speaker or word.source or "" for word in ledger.control.words}
    print_table(
        ("settlement", "", f"on {on.day}", "because", "#days old", "#km off", "statements", "according to"),
        (
            (
                each.place_id,
                ledger.control.places[each.place_id].name,
                held_words(each),
                REASONS[each.reason],
                each.age_days,
                each.nearest_km,
                ", ".join(each.statement_ids[:4]),
                ", ".join(sorted({told_by[one] for one in each.statement_ids})),
            )
            for each in shown
        ),
    )
    if len(shown) < len(spoken):
        say(f"The first {len(shown):,} of {len(spoken):,}; --limit 0 prints all.")
    if silent:
        say(
            f"Of {counted(silent, 'more settlement')} nobody says who holds {'it' if silent == 1 else 'them'}: unknown."
        )
    if spoken and all(each.reason == "too-old" for each in spoken):
        last = on.day - timedelta(days=min(each.age_days or 0 for each in spoken))
        say(f"The last that is on record is of {last}: --day {last} looks at the end of that day.")
    if on.unheard:
        say(f"{counted(on.unheard, 'statement')} left out: nobody recorded when they were said.")


def _print_shares(shares: ZoneShares) -> None:
    where = shares.zone_id or "all settlements"
    print_table(
        (
            "holder",
            "#at least",
            "#interpolated",
            "#at most",
            "#of settlements",
            "people at least",
            "people at most",
            "#of known people",
        ),
        (
            (
                each.actor_id,
                each.at_least.settlements,
                each.interpolated.settlements,
                each.at_most.settlements,
                _percent(each.of_settlements),
                _people(each.at_least),
                _people(each.at_most),
                _percent(each.of_people),
            )
            for each in shares.actors
        ),
        title=f"Share of {where}, of {counted(shares.inside.settlements, 'settlement')}"
        + (f" and {shares.maybe_inside.settlements:,} at the border" if shares.maybe_inside.settlements else ""),
    )
    uncounted = shares.inside.people_unknown + shares.maybe_inside.people_unknown
    say(
        f"{counted(shares.contested.settlements, 'settlement')} contested, {shares.unknown.settlements:,} unknown."
        + (f" Nobody gives the population of {uncounted:,}: it is unknown, not zero." if uncounted else "")
    )


def _percent(bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return "unknown"
    least, most = (f"{100 * share:.0f}" for share in bounds)
    return f"{least} %" if least == most else f"{least} to {most} %"


def _people(total: Total) -> str:
    known = f"{total.people_low:,}" + (f" to {total.people_high:,}" if total.people_high != total.people_low else "")
    if total.people_unknown == total.settlements:
        return "unknown" if total.settlements else ""
    return known + (f", and {counted(total.people_unknown, 'settlement')} unknown" if total.people_unknown else "")


def _print_counts(ledger: ControlLedger) -> None:
    for each in ledger.counts():
        count, check = each.count, each.check
        say(
            f"{count.count_id}: {count.actor_id} {count.says} {_counted(count)} settlements in {each.where}. "
            f"{_named(len(check.named), len(check.maybe_named))}; "
            f"{_unnamed(check.unnamed_at_least, check.unnamed_at_most)} named by nobody."
        )
        if check.more_named_than_counted:
            say("  More are named than were counted: the count or the names are wrong.")


def _counted(count: Count) -> str:
    least = count.low if count.low is not None else count.best
    most = count.high if count.high is not None else count.best if count.low is None else None
    if least is None:
        return f"at most {most:,}"
    if most is None:
        return f"at least {least:,}"
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _named(sure: int, maybe: int) -> str:
    words = counted(sure, "settlement") + (" is" if sure == 1 else " are") + " named"
    return words + (f", {maybe:,} more may be of it" if maybe else "")


def _unnamed(least: int | None, most: int | None) -> str:
    if least is None:
        return f"up to {most:,} are"
    if most is None:
        return f"at least {least:,} are"
    return f"{least:,} are" if least == most else f"{least:,} to {most:,} are"


def _zones_asked(ledger: ControlLedger, zone: str | None, *, each_zone: bool) -> list[str | None]:
    more = [area.id for area in ledger.case.areas.values() if area.kind == "zone"] if each_zone else []
    return [zone, *(each for each in more if each != zone)]


def _print_period(ledger: ControlLedger, period: tuple[date, date], zone: str | None) -> None:
    from ceasefire.pipeline.control import held_words

    found = ledger.changes(*period, zone)
    print_table(
        ("settlement", "before", "after", ""),
        (
            (
                ledger.control.places[each.place_id].name,
                held_words(each.before),
                held_words(each.after),
                "changed hands" if each.changed_hands else "what is known changed",
            )
            for each in found
        ),
        title=f"What changed from {period[0]} to {period[1]}",
    )
    for each in ledger.advances(*period):
        way = (
            f", towards {each.bearing:.0f} degrees (agreement {each.steadiness:.2f})"
            if each.bearing is not None
            else ""
        )
        deepest = each.gains[0]
        say(
            f"{each.actor_id}: {counted(len(each.gains), 'settlement')} gained, {deepest.depth_km:g} km deep at most, "
            f"{each.km_per_day:g} km a day{way}."
        )


def _print_over_time(ledger: ControlLedger, period: tuple[date, date], zone: str | None, every: int) -> None:
    from ceasefire.pipeline.control import days_of

    rows = [
        (day, share.actor_id, share.at_least.settlements, share.at_most.settlements,
         _percent(share.of_settlements), _people(share.at_least), _percent(share.of_people))
        for day, shares in ledger.over_time(days_of(*period, every=every), zone)
        for share in shares.actors
    ]  # fmt: skip
    if rows:
        print_table(
            ("day", "holder", "#at least", "#at most", "#of settlements", "people at least", "#of known people"),
            rows,
            title=f"{zone or 'All settlements'} over time",
        )


def _print_line(line: Sequence[ContactPiece]) -> None:
    if not line:
        say("No contact line: no two settlements of different holders face each other on record.")
        return
    total = sum(each.length_km for each in line)
    doubt = max(each.uncertainty_km for each in line)
    say(
        f"Contact line: {counted(len(line), 'piece')}, {total:,.0f} km, each uncertain by half the distance between "
        f"its settlements, {doubt:,.1f} km at most."
    )


def _as_json(
    ledger: ControlLedger,
    on: ControlOnDay,
    line: Sequence[ContactPiece],
    period: tuple[date, date] | None,
    zone: str | None,
    every: int,
    *,
    each_zone: bool,
) -> dict[str, Any]:
    from ceasefire.pipeline.control import days_of

    value: dict[str, Any] = {
        "day": on.day.isoformat(),
        "settlements": [
            {**asdict(each), "name": ledger.control.places[each.place_id].name} for each in on.standings.values()
        ],
        "shares": asdict(on.shares),
        "zones": [asdict(each) for each in ledger.zone_shares(on.day)] if each_zone else [],
        "unheard": on.unheard,
        "counts": [
            {
                "where": each.where,
                "actor_id": each.count.actor_id,
                "says": each.count.says,
                "low": each.count.low,
                "best": each.count.best,
                "high": each.count.high,
                **asdict(each.check),
            }
            for each in ledger.counts()
        ],
        "contact_line": [asdict(each) for each in line],
        "notes": ledger.notes,
    }
    if period:
        value["changes"] = [asdict(each) for each in ledger.changes(*period, zone)]
        value["advances"] = [asdict(each) for each in ledger.advances(*period)]
        value["over_time"] = [
            {"day": day.isoformat(), "zone_id": one, "shares": asdict(shares)}
            for one in _zones_asked(ledger, zone, each_zone=each_zone)
            for day, shares in ledger.over_time(days_of(*period, every=every), one)
        ]
    return value
