"""The user's boundary files: read whatever their columns are called, found however names are spelt, faults together."""

from __future__ import annotations

import csv
import json

import pytest
import shapely

from ceasefire.model.errors import InputError
from ceasefire.territory.boundaries import read_aliases, read_boundaries
from ceasefire.territory.boundary_files import BoundaryColumns


def feature(geometry, **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(shapely.to_geojson(geometry)) if geometry is not None else None,
    }


def written(path, *features, **members):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | members), encoding="utf-8")
    return path


WEST, EAST = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
OFF_SHORE_DEGREES = 0.02  # the centres of ports lie a little outside the land of the boundary file
WEST_NORTH, WEST_SOUTH = shapely.box(0, 0.5, 1, 1), shapely.box(0, 0, 1, 0.5)
EAST_NORTH = shapely.box(1, 0.5, 2, 1)


@pytest.fixture
def provinces(tmp_path):
    return written(
        tmp_path / "provinces.geojson",
        feature(WEST, name_en="Westmark", name_ar="الغربية", pcode="RV01", adm0_en="Riverland"),
        feature(EAST, name_en="Eastmark", name_ar="الشرقية", pcode="RV02", adm0_en="Riverland"),
    )


@pytest.fixture
def districts(tmp_path):
    return written(
        tmp_path / "districts.geojson",
        feature(WEST_NORTH, name_en="Millbrook", pcode="RV0101", adm1_en="Westmark", adm1_pcode="RV01"),
        feature(WEST_SOUTH, name_en="Ashford", pcode="RV0102", adm1_en="Westmark", adm1_pcode="RV01"),
        feature(EAST_NORTH, name_en="Millbrook", pcode="RV0201", adm1_en="Eastmark", adm1_pcode="RV02"),
    )


def test_units_are_found_by_path(provinces, districts):
    boundaries = read_boundaries([provinces, districts])
    assert len(boundaries) == 5
    assert boundaries.find("Westmark Governorate").equals(WEST)
    assert boundaries.find("westmark/Ashford district").equals(WEST_SOUTH)
    assert boundaries.find("Westmark/Millbrook").equals(WEST_NORTH)
    assert boundaries.find("Eastmark Province/Millbrook District").equals(EAST_NORTH)
    assert boundaries.find("RV02/RV0201").equals(EAST_NORTH)
    assert boundaries.find("Gharbiyah").equals(WEST)  # by the name in Arabic script


@pytest.mark.parametrize(
    "path", ["", "/", "Northmark", "Millbrook", "Eastmark/Ashford", "Westmark/Millbrook/Quarter 1"]
)
def test_what_is_not_there_is_not_guessed(provinces, districts, path):
    assert read_boundaries([provinces, districts]).find(path) is None


def test_districts_alone_know_their_province(districts):
    boundaries = read_boundaries(districts)
    assert boundaries.find("Eastmark/Millbrook").equals(EAST_NORTH)
    assert boundaries.find("East-mark Governorate/Millbrook").equals(EAST_NORTH)
    assert boundaries.find("Eastmark") is None


def test_a_unit_without_a_named_parent_is_placed_by_the_map(provinces, tmp_path):
    districts = written(tmp_path / "d.geojson", feature(WEST_SOUTH, name="Ashford", level=2))
    assert read_boundaries([provinces, districts]).find("Westmark/Ashford").equals(WEST_SOUTH)


def test_ambiguous_names_are_not_resolved(tmp_path):
    path = written(
        tmp_path / "two.geojson",
        feature(WEST, name="Tall Rafid", level=1),
        feature(EAST, name="Tell Rafid", level=1),
        feature(WEST_NORTH, name="Springfield", level=1),
        feature(WEST_SOUTH, name="Springfield", level=1),
    )
    boundaries = read_boundaries(path)
    assert boundaries.find("Till Rafid") is None
    assert boundaries.find("Springfield") is None
    assert boundaries.find("Tell Rafid").equals(EAST)


def test_few_consonants_are_not_enough(tmp_path):
    path = written(tmp_path / "one.geojson", feature(WEST, name="Dara", level=1))
    boundaries = read_boundaries(path)
    assert boundaries.find("Daraa").equals(WEST)
    assert boundaries.find("Douri") is None


def test_a_misspelt_name_is_found_when_nothing_comes_near(provinces):
    assert read_boundaries(provinces).find("Westmarck").equals(WEST)
    assert read_boundaries(provinces).find("Northmark") is None


@pytest.mark.parametrize(
    ("properties", "level", "path"),
    [
        ({"ADM2_EN": "Ashford", "ADM2_PCODE": "X1", "ADM1_EN": "Westmark", "ADM0_EN": "R"}, 2, "Westmark/Ashford"),
        ({"admin1Name_en": "Westmark", "admin1Pcode": "X", "admin0Name_en": "R"}, 1, "Westmark"),
        ({"NAME_0": "R", "NAME_1": "Westmark", "VARNAME_1": "Ouestmarque|Wmark", "GID_1": "R.1"}, 1, "Ouestmarque"),
        ({"shapeName": "Westmark", "shapeISO": "RV-W", "shapeType": "ADM1"}, 1, "RV-W"),
        ({"name": "Westmark", "adm1_code": "RIV-12", "adm0_a3": "RIV", "name_len": 8}, 1, "Westmark"),
    ],
)
def test_columns_of_the_large_publishers_are_recognised(tmp_path, properties, level, path):
    boundaries = read_boundaries(written(tmp_path / "b.geojson", feature(WEST, **properties)))
    assert boundaries.units[0].level == level
    assert boundaries.find(path).equals(WEST)


def test_columns_can_be_named(tmp_path):
    path = written(tmp_path / "b.geojson", feature(WEST, eenheid="Westmark", provincie="Riverside", nummer=7))
    columns = BoundaryColumns(names=("eenheid",), parent_names=("provincie",), code="nummer")
    boundaries = read_boundaries(path, columns=columns, level=2)
    assert boundaries.find("Riverside/Westmark").equals(WEST)
    assert boundaries.units[0].code == "7"


def test_parts_of_one_unit_are_joined(tmp_path):
    path = written(
        tmp_path / "b.geojson",
        feature(WEST, name="Mark", code="M", level=1),
        feature(EAST, name="Mark", code="M", level=1),
    )
    assert read_boundaries(path).find("Mark").equals(shapely.box(0, 0, 2, 1))


def test_aliases_go_first(provinces, districts, tmp_path):
    table = tmp_path / "aliases.csv"
    table.write_text("name,boundary\nOld March,Westmark\nOld March/Weir,Westmark/Ashford\nThe Weir,RV0102\n")
    boundaries = read_boundaries([provinces, districts], aliases=table)
    assert boundaries.find("Old March Governorate").equals(WEST)
    assert boundaries.find("Old March/Millbrook district").equals(WEST_NORTH)
    assert boundaries.find("Old March/Weir district").equals(WEST_SOUTH)
    assert boundaries.find("The Weir").equals(WEST_SOUTH)
    assert read_boundaries(provinces, aliases={"Ostmark": "RV02"}).find("Ostmark").equals(EAST)


def test_aliases_are_read_from_yaml_too(tmp_path):
    path = tmp_path / "aliases.yaml"
    path.write_text("Old March: Westmark\n")
    assert read_aliases(path) == {"Old March": "Westmark"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "from,to\nA,B\n", r"a\.csv:1: has the columns from, to\."),
        ("a.csv", "name,boundary\nA,B\nC,\n", r"a\.csv:3: alias 'C' means ''\."),
        ("a.yaml", "A: B\nC: [D]\n", r"a\.yaml:2: alias 'C' means \['D'\]\."),
        ("a.yaml", "- A\n", r"a\.yaml: is not a mapping\."),
    ],
)
def test_aliases_at_fault_are_shown_with_their_line(provinces, tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        read_boundaries(provinces, aliases=tmp_path / name)


def test_all_faults_of_all_files_are_collected(tmp_path):
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    first = written(
        tmp_path / "a.geojson",
        feature(WEST, name="Fine", level=1),
        feature(shapely.Point(0, 0), name="Dot", level=1),
        feature(None, name="Nowhere", level=1),
        feature(EAST, title_en=None, level=1, population=3),
        feature(bow, name="Bow", level=1),
        feature(shapely.box(400000, 3600000, 410000, 3700000), name="Metres", level=1),
        feature(EAST, name="Adrift"),
    )
    second = tmp_path / "b.geojson"
    second.write_text('{"type": "FeatureCollection",\n "features": [')
    with pytest.raises(InputError) as caught:
        read_boundaries([first, second, tmp_path / "c.geojson"])
    said = [fault.what for fault in caught.value.faults]
    for words in (
        'feature 2 ("Dot") has a geometry that is no polygon (Point)',
        'feature 3 ("Nowhere") has no geometry',
        "feature 4 has no name; its properties are title_en, level, population",
        'feature 5 ("Bow") is not a valid polygon: Self-intersection',
        'feature 6 ("Metres") reaches from 400000, 3.6e+06',
        'feature 7 ("Adrift") does not say whether it is a province',
        "is not JSON",
        "cannot be read: No such file",
    ):
        assert sum(words in what for what in said) == 1, words
    assert len(said) == 8
    not_json = next(fault for fault in caught.value.faults if "JSON" in fault.what)
    assert (not_json.path, not_json.line) == (str(second), 2)


def test_a_projected_file_is_refused(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32637"}}
    path = written(tmp_path / "utm.geojson", feature(WEST, name="A", level=1), crs=crs)
    with pytest.raises(InputError, match="is in the coordinate system urn:ogc:def:crs:EPSG::32637"):
        read_boundaries(path)


@pytest.mark.parametrize("text", ["[]", "{}", '{"features": []}', '{"features": 3}'])
def test_a_file_without_features_is_refused(tmp_path, text):
    path = tmp_path / "empty.geojson"
    path.write_text(text)
    with pytest.raises(InputError, match="holds no features"):
        read_boundaries(path)


def test_invalid_outlines_can_be_repaired(tmp_path):
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    path = written(tmp_path / "a.geojson", feature(bow, name="Bow", level=1))
    polygon = read_boundaries(path, repair=True).find("Bow")
    assert polygon.is_valid
    assert polygon.area == pytest.approx(0.5)


@pytest.mark.real_data
def test_names_of_a_real_event_file_resolve(real_data):
    """Every governorate and district that the boundary files hold is found, and none is taken for another."""
    geo = real_data / "syria_geo"
    boundaries = read_boundaries([geo / "ocha_admin1.geojson", geo / "ocha_admin2.geojson"])
    with (real_data / "dev_pack" / "ged_syria_2016_2017.csv").open(encoding="utf-8") as file:
        rows = [
            (r["adm_1"], r["adm_2"], float(r["longitude"]), float(r["latitude"]), int(r["where_prec"]))
            for r in csv.DictReader(file)
        ]
    provinces = {first for first, *_ in rows if first}
    assert [name for name in sorted(provinces) if boundaries.find(name) is None] == []
    districts = {(first, second) for first, second, *_ in rows if first and second}
    missing = sorted(second for first, second in districts if boundaries.find(f"{first}/{second}") is None)
    assert len(districts) == 57
    # these two are not districts in the boundary files
    assert missing == ["Atarib district", "Dayr Hafir district"]
    # an independent witness that none is wrong: most of the events' own points lie in the polygons their names lead to
    by_unit: dict[str, list[bool]] = {}
    for first, second, lon, lat, precision in rows:
        if second and precision <= 2 and (polygon := boundaries.find(f"{first}/{second}")) is not None:
            by_unit.setdefault(second, []).append(
                shapely.distance(polygon, shapely.Point(lon, lat)) < OFF_SHORE_DEGREES
            )
    assert len(by_unit) >= 50
    shares = {unit: sum(inside) / len(inside) for unit, inside in by_unit.items()}
    assert min(shares.values()) > 0.5, sorted(shares.items(), key=lambda item: item[1])[:5]
