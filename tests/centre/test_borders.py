"""Borders as programs meet them: the mission compares, nobody else may, and nothing is recorded."""

from __future__ import annotations

from typing import Any

from .test_case_files import Office, incident, office

__all__ = ["incident", "office"]
AT = "areas/north-bank/borders"
DRAWN = {
    "type": "Feature",
    "properties": {"name": "the western half"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[-43.18, 26.57], [-42.95, 26.57], [-42.95, 26.87], [-43.18, 26.87], [-43.18, 26.57]]],
    },
}

CASES: list[tuple[str, dict[str, Any], int]] = [
    (AT, {"drawing": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}, 400),
    (AT, {"drawing": DRAWN, "weeks": 0}, 400),
    (AT, {"drawing": DRAWN, "until": "0001-01-01"}, 400),
    (AT, {"drawing": {"type": "Polygon", "coordinates": [[[10**400, 0], [1, 0], [1, 1], [0, 0]]]}}, 400),
    ("areas/nowhere/borders", {"drawing": DRAWN}, 404),
    ("areas/ferry-road/borders", {"drawing": DRAWN}, 400),
    (AT, {"drawing": DRAWN, "counted": {"hospitals": {"type": "Point", "coordinates": [400, 1]}}}, 400),
    (AT, {"drawing": DRAWN, "counted": {str(n): {"features": []} for n in range(9)}}, 400),
    (AT, {"counted": {"roads": {"type": "LineString", "coordinates": [[n % 90, 1] for n in range(50_001)]}}}, 400),
    (f"{AT}/suggestions", {"settlement": "Nowhere", "aim": "inside"}, 404),
    (f"{AT}/suggestions", {"line": "Nowhere"}, 404),
    (f"{AT}/suggestions", {}, 400),
    (f"{AT}/suggestions", {"line": "Oriel", "lines": {"type": "Point", "coordinates": [1, 1]}}, 400),
    (f"{AT}/suggestions", {"settlement": "Nowhere", "aim": "sideways"}, 400),
]


def test_the_mission_compares_a_drawing_with_the_border_that_holds(office: Office) -> None:
    held = office.get("ana", f"{AT}?weeks=200")
    assert held["proposals"] == []
    both = office.post("ana", AT, drawing=DRAWN, weeks=200)
    assert both["current"] == held["current"]
    (half,) = both["proposals"]
    assert half["name"] == "the western half"
    assert half["lost_km2"] > 500
    counted = [sum(one["incidents"].values()) for one in (half, both["current"])]
    assert counted[0] == counted[1] > 0
    assert half["incidents"]["inside"] <= both["current"]["incidents"]["inside"]


def test_several_borders_stand_beside_each_other(office: Office) -> None:
    second = {**DRAWN, "properties": {"name": "the same again"}}
    several = office.post("ana", AT, drawing={"type": "FeatureCollection", "features": [DRAWN, second]}, weeks=200)
    one, other = several["proposals"]
    assert [one["name"], other["name"]] == ["the western half", "the same again"]
    assert {**one, "name": ""} == {**other, "name": ""}
    assert one == office.post("ana", AT, drawing=DRAWN, weeks=200)["proposals"][0]


def test_hospitals_are_counted_for_who_gives_them_and_told_to_nobody_else(office: Office) -> None:
    points = {"type": "MultiPoint", "coordinates": [[-43.0, 26.7], [-42.8, 26.7], [0, 0]]}
    told = office.post("ana", AT, drawing=DRAWN, counted={"hospitals": points})
    assert [each["features"][0]["count"] for each in (told["current"], told["proposals"][0])] == [
        {"inside": 2, "undetermined": 0, "outside": 1},
        {"inside": 1, "undetermined": 0, "outside": 2},
    ]
    assert "-42.8" not in str(told["current"]["features"])
    assert office.get("ana", AT)["current"]["features"] == []
    assert office.get("head", AT)["current"]["features"] == []
    for who in ("rep", "lia"):
        office.refused(403, who, AT, counted={"hospitals": points})
    taken = office.client.app.openapi_schema.paths["/api/v1/areas/{zone_id}/borders"].get
    assert {each.name for each in taken.parameters} == {"zone_id", "weeks", "until"}  # nothing of them in an address


def test_a_border_follows_a_line_on_record_or_one_that_is_given(office: Office) -> None:
    (river,) = [each for each in office.get("ana", AT)["lines"] if each["kind"] == "river"]
    assert river["names"]["ar"]
    along = office.post("ana", f"{AT}/suggestions", line=river["line_id"], km=2)
    assert along["changed"]
    assert "Oriel" in along["aim"]
    given = {"type": "LineString", "coordinates": [[-43.15, 26.5], [-43.16, 26.9]]}
    assert office.post("ana", f"{AT}/suggestions", lines=given, km=4)["border"]["type"] in ("Polygon", "MultiPolygon")


def test_asking_again_for_a_drawing_records_nothing(office: Office) -> None:
    before = office.client.app.state.record.position
    assert office.post("ana", AT, drawing=DRAWN) == office.post("head", AT, drawing=DRAWN)
    assert office.client.app.state.record.position == before


def test_whoever_is_told_coarse_places_may_not_count_within_lines_of_their_own(office: Office) -> None:
    for who in ("rep", "lia"):
        assert office.ask(who, "GET", AT).status_code == 403
        office.refused(403, who, AT, drawing=DRAWN)
        office.refused(403, who, f"{AT}/suggestions", settlement="Quernmore", aim="inside")


def test_a_wrong_drawing_is_refused_with_where(office: Office) -> None:
    bow = [[-43.0, 26.6], [-42.9, 26.7], [-42.9, 26.6], [-43.0, 26.7], [-43.0, 26.6]]
    said = office.refused(400, "ana", AT, drawing={"type": "Polygon", "coordinates": [bow]})
    assert "crosses itself at 26.6500 N, 42.9500 W" in str(said)


def test_what_cannot_be_compared_is_refused(office: Office) -> None:
    for path, sent, status in CASES:
        office.refused(status, "ana", path, **sent)


def test_a_suggestion_is_a_border_that_can_be_compared(office: Office) -> None:
    place = next(iter(office.client.app.state.record.current().control.control.places.values()))
    found = office.post("ana", f"{AT}/suggestions", settlement=place.place_id, aim="outside", km=3, drawing=DRAWN)
    assert set(found) == {"aim", "changed", "border", "gained_km2", "lost_km2"}
    again = office.post("ana", AT, drawing=found["border"])
    assert len(again["proposals"]) == 1
