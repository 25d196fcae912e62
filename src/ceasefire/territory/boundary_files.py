"""Reads administrative boundaries from the user's GeoJSON, whatever its properties are called.

Columns are recognised by the habits of the large publishers (`name_en`, `adm1_en`, `ADM2_PCODE`, `admin1Name_ar`,
`NAME_1`, `shapeName`) or named by the caller.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from ceasefire.model.errors import Fault, InputError
from ceasefire.territory.geodesy import polygonal

_NUMBERED = re.compile(r"^adm(?:in)?_?(\d)_?([a-z].*)?$|^(name|varname|nl_name|gid|cc|hasc)_(\d)$")
_OWN_NAME = re.compile(r"^(name?|shapename|label|title)(_[a-z0-9]+)*$")
_OWN_CODE = re.compile(r"^(pcode|code|shapeid|shapeiso|iso_3166_2|id)$")
_CODE_WORD = re.compile(r"code|^id$|^gid$|^cc$|^hasc$")
_LEVEL = re.compile(r"^(admin_?level|adm_?level|level|shapetype)$")
_WORLD_CRS = re.compile(r"CRS:?84|4326|WGS ?84", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """One administrative unit.

    Parameters
    ----------
    level : int
        1 for governorates or provinces, 2 for the districts in them, and so on.
    names : tuple of str
        In all languages the file gives.
    code : str or None
        The publisher's, such as a P-code.
    parent_names : tuple of str
        Names and codes of the unit one level up, as this file or the map gives them.
    polygon : Polygon or MultiPolygon
        Longitude and latitude.
    """

    level: int
    names: tuple[str, ...]
    code: str | None
    parent_names: tuple[str, ...]
    polygon: shapely.Geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryColumns:
    """Which properties of the features to read; what is left empty is recognised by habit.

    Parameters
    ----------
    names, parent_names : tuple of str
        Columns with the unit's names, and with names or codes of the unit above.
    code, level : str or None
        Columns with the publisher's code, and with the level where one file holds several.
    """

    names: tuple[str, ...] = ()
    parent_names: tuple[str, ...] = ()
    code: str | None = None
    level: str | None = None


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark.

    Raises
    ------
    InputError
        When it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError.single(
            path, f"cannot be read: {error.strerror}.", "Its names are needed.", "Check the path and its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError.single(
            path,
            f"byte {error.start} is not UTF-8.",
            "Names in other scripts would be read as something else.",
            "Save the file as UTF-8.",
        ) from error


@dataclass(slots=True)
class BoundaryFile:
    """One file to be read, and the faults found in it."""

    path: Path
    columns: BoundaryColumns
    level: int | None
    repair: bool
    faults: list[Fault] = field(default_factory=list)

    def fault(self, what: str, why: str, remedy: str, line: int | None = None, column: int | None = None) -> None:
        """Note one fault."""
        self.faults.append(Fault(path=str(self.path), what=what, why=why, remedy=remedy, line=line, column=column))

    def read(self) -> list[Boundary]:
        """Return the units of the file; those at fault are left out."""
        features = self._features()
        units: dict[tuple[object, ...], Boundary] = {}
        for number, feature in enumerate(features, start=1):
            unit = self._unit(number, feature)
            if unit is None:
                continue
            key = (unit.level, unit.code or number)
            if key in units:  # one unit in several features
                merged = polygonal(shapely.union(units[key].polygon, unit.polygon))
                names = tuple(dict.fromkeys((*units[key].names, *unit.names)))
                unit = Boundary(
                    level=unit.level, names=names, code=unit.code, parent_names=unit.parent_names, polygon=merged
                )
            units[key] = unit
        return list(units.values())

    def _features(self) -> list[Any]:
        try:
            data = json.loads(read_text(self.path))
        except InputError as error:
            self.faults.extend(error.faults)
            return []
        except json.JSONDecodeError as error:
            self.fault(
                f"is not JSON: {error.msg.lower()}.",
                "Boundaries are read from GeoJSON.",
                "Export the boundaries again as GeoJSON; a download that was cut short is usual.",
                error.lineno,
                error.colno,
            )
            return []
        features = data.get("features") if isinstance(data, dict) else None
        if not isinstance(features, list) or not features:
            self.fault(
                "holds no features.", "There is no boundary in it.", "Give a GeoJSON FeatureCollection of polygons."
            )
            return []
        crs = str(((data.get("crs") or {}).get("properties") or {}).get("name", "CRS84"))
        if not _WORLD_CRS.search(crs):
            self.fault(
                f"is in the coordinate system {crs}.",
                "Its numbers are not longitude and latitude, so every place would fall outside.",
                "Convert it to WGS 84 (EPSG:4326).",
            )
            return []
        return features

    def _unit(self, number: int, feature: Any) -> Boundary | None:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        found = _Recognised.of(properties, self.columns)
        where = f"feature {number}" + (f' ("{found.names[0]}")' if found.names else "")
        polygon = self._polygon(where, feature.get("geometry") if isinstance(feature, dict) else None)
        level = found.level if found.level is not None else self.level
        if not found.names:
            self.fault(
                f"{where} has no name; its properties are {', '.join(properties) or 'none'}.",
                "A boundary without a name cannot be found.",
                "Say which columns hold names, or fill them in.",
            )
        elif level is None or level < 0:
            self.fault(
                f"{where} does not say whether it is a province, a district or smaller.",
                "A path of names is looked up level by level.",
                "Give the level of the file, or name the column that holds it.",
            )
        elif polygon is not None:
            return Boundary(
                level=level, names=found.names, code=found.code, parent_names=found.parent_names, polygon=polygon
            )
        return None

    def _polygon(self, where: str, geometry: Any) -> shapely.Geometry | None:
        try:
            shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry))) if geometry else None
        except shapely.errors.GEOSException:
            shape = None
        if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
            kind = geometry.get("type") if isinstance(geometry, dict) else None
            self.fault(
                f"{where} has {'no geometry' if kind is None else f'a geometry that is no polygon ({kind})'}.",
                "A place can only be tested against a polygon.",
                "Give it a Polygon or MultiPolygon with coordinates, or remove it.",
            )
            return None
        left, bottom, right, top = (float(bound) for bound in shapely.bounds(shape))
        if left < -180 or right > 180 or bottom < -90 or top > 90:
            self.fault(
                f"{where} reaches from {left:g}, {bottom:g} to {right:g}, {top:g}.",
                "These are not longitudes and latitudes.",
                "Convert the file to WGS 84 (EPSG:4326), longitude first.",
            )
            return None
        if not shape.is_valid:
            if self.repair:
                return polygonal(shapely.make_valid(shape))
            self.fault(
                f"{where} is not a valid polygon: {shapely.is_valid_reason(shape)}.",
                "What is inside it cannot be told.",
                "Correct the outline, or read the file with `repair`.",
            )
            return None
        return shape


@dataclass(frozen=True, slots=True)
class _Recognised:
    """What the properties of one feature say."""

    names: tuple[str, ...]
    code: str | None
    parent_names: tuple[str, ...]
    level: int | None

    @classmethod
    def of(cls, properties: Mapping[str, Any], columns: BoundaryColumns) -> _Recognised:
        """Sort the properties into names, code, parent and level."""
        numbered: dict[int, list[tuple[str, str]]] = {}
        own_names: list[str] = []
        own_code: str | None = None
        level: int | None = None
        for key, value in properties.items():
            column = key.casefold()
            text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
            if (key == columns.level or (columns.level is None and _LEVEL.match(column))) and text[-1:].isdigit():
                level = int(text[-1])
            elif match := _NUMBERED.match(column):
                kind = match[2] or match[3] or "name"
                if text:
                    numbered.setdefault(int(match[1] or match[4]), []).append((kind, text))
            elif isinstance(value, str) and text and _OWN_NAME.match(column):
                own_names.extend(_variants(text))
            elif text and _OWN_CODE.match(column):
                own_code = own_code or text
        deepest = max(numbered, default=0)
        guessed: int | None = deepest
        if not own_names and numbered:
            own_names, own_code = _names_and_code(numbered.pop(deepest))
        else:
            # the deepest numbered columns name the unit above; where they hold nothing but a code, it is the unit's
            named_above = any(not _CODE_WORD.search(kind) for kind, _ in numbered.get(deepest, []))
            guessed = deepest + 1 if named_above else deepest if numbered else None
        level = level if level is not None else guessed
        above = numbered.get((level or 0) - 1, [])
        parents = [variant for _, text in above for variant in _variants(text)] if level and level > 1 else []
        return cls(
            names=_unique(_values(properties, columns.names) if columns.names else own_names),
            code=next(iter(_values(properties, (columns.code,))), None) if columns.code else own_code,
            parent_names=_unique(_values(properties, columns.parent_names) if columns.parent_names else parents),
            level=level,
        )


def _names_and_code(columns: Sequence[tuple[str, str]]) -> tuple[list[str], str | None]:
    names = [variant for kind, text in columns if not _CODE_WORD.search(kind) for variant in _variants(text)]
    return names, next((text for kind, text in columns if _CODE_WORD.search(kind)), None)


def _variants(text: str) -> list[str]:
    """Split the lists of other names that some publishers keep in one column."""
    return [part.strip() for part in re.split(r"[|;]", text) if part.strip()]


def _values(properties: Mapping[str, Any], columns: Iterable[str]) -> list[str]:
    return [variant for column in columns if properties.get(column) for variant in _variants(str(properties[column]))]


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
