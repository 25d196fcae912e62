"""Administrative units of the user's files, found by name however it is transliterated."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import shapely

from ceasefire.model.errors import Fault, InputError
from ceasefire.model.yaml_file import read_yaml
from ceasefire.territory.boundary_files import Boundary, BoundaryColumns, BoundaryFile, read_text
from ceasefire.territory.index import PolygonIndex
from ceasefire.territory.place_names import plain_name, similarity, skeleton, spelling

SIMILAR = 0.86
"""Names at least so alike match when nothing else does..."""
LEAD = 0.08
"""...and no other unit comes within so much of it."""
_SHORT = 3
_SHORT_SIMILAR = 0.6


class Boundaries:
    """Administrative units that can be found by a path of names.

    Parameters
    ----------
    units : sequence of Boundary
    aliases : mapping of str to str, optional
        What a data set calls a unit (a name, or a path such as ``Region/District``), and the file's name, path or
        code for it. Aliases go first.
    """

    def __init__(self, units: Sequence[Boundary], aliases: Mapping[str, str] | None = None) -> None:
        self.units = tuple(units)
        self._aliases = {_path_key(name): target for name, target in (aliases or {}).items()}
        self._by_code = {unit.code.casefold(): unit for unit in units if unit.code}
        self._found: dict[str, Boundary | None] = {}

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.units)

    def find(self, name_path: str) -> shapely.Geometry | None:
        """Return the polygon of a unit.

        Parameters
        ----------
        name_path : str
            Names from the first level down, joined by ``/``: ``Northern Governorate/Hill district``.

        Returns
        -------
        Polygon, MultiPolygon or None
            None when no unit is called so, or when more than one may be meant.
        """
        unit = self.find_unit(name_path)
        return None if unit is None else unit.polygon

    def find_unit(self, name_path: str) -> Boundary | None:
        """Return the unit itself; otherwise as `find`."""
        if name_path not in self._found:
            self._found[name_path] = self._look_up(name_path)
        return self._found[name_path]

    def _look_up(self, name_path: str) -> Boundary | None:
        target = self._aliases.get(_path_key(name_path), name_path)
        if target.casefold() in self._by_code:
            return self._by_code[target.casefold()]
        steps = [step.strip() for step in target.split("/") if step.strip()]
        parent: Boundary | None = None
        candidates = [unit for unit in self.units if unit.level == 1]
        for depth, step in enumerate(steps, start=1):
            if depth > 1:
                above = (*parent.names, *([parent.code] if parent.code else [])) if parent else (steps[depth - 2],)
                candidates = self._children(depth, above)
            parent = self._matching(step, candidates)
            has_level = any(unit.level == depth for unit in self.units)
            if parent is None and (has_level or depth == len(steps)):
                return None
        return parent

    def _children(self, level: int, above: Sequence[str]) -> list[Boundary]:
        """Return the units of a level whose parent is called one of `above`; strictly, else loosely."""
        units = [unit for unit in self.units if unit.level == level]
        wanted = {spelling(name) for name in above}
        strict = [unit for unit in units if wanted & {spelling(name) for name in unit.parent_names}]
        if strict:
            return strict
        parents = {unit.parent_names for unit in units}
        stand_ins = [
            Boundary(level=level - 1, names=names, code=None, parent_names=(), polygon=shapely.Polygon())
            for names in sorted(parents)
        ]
        found = {unit.names for name in above if (unit := self._matching(name, stand_ins))}
        return [unit for unit in units if unit.parent_names in found] if len(found) == 1 else []

    def _matching(self, name: str, units: Sequence[Boundary]) -> Boundary | None:
        """Return the one unit a name means, by the strictest key that any unit shares."""
        alias = self._aliases.get(_path_key(name))
        if alias is not None:
            name = alias
        coded = [unit for unit in units if unit.code and unit.code.casefold() == name.casefold()]
        if len(coded) == 1:
            return coded[0]
        for key in (spelling, plain_name):
            wanted = key(name)
            same = [unit for unit in units if any(key(own) == wanted for own in unit.names)]
            if same:
                return same[0] if len(same) == 1 else None
        return _by_skeleton(name, units) or _by_similarity(name, units)


def _by_skeleton(name: str, units: Sequence[Boundary]) -> Boundary | None:
    wanted = skeleton(name)
    same = [unit for unit in units if any(skeleton(own) == wanted for own in unit.names)]
    if len(same) != 1 or not wanted:
        return None
    # few consonants prove little: the whole names must then be alike too
    if len(wanted) < _SHORT and max(similarity(name, own) for own in same[0].names) < _SHORT_SIMILAR:
        return None
    return same[0]


def _by_similarity(name: str, units: Sequence[Boundary]) -> Boundary | None:
    scored = sorted(
        ((max(similarity(name, own) for own in unit.names), number) for number, unit in enumerate(units) if unit.names),
        reverse=True,
    )
    if not scored or scored[0][0] < SIMILAR:
        return None
    if len(scored) > 1 and scored[1][0] > scored[0][0] - LEAD:
        return None
    return units[scored[0][1]]


def _path_key(path: str) -> str:
    return "/".join(plain_name(step) for step in path.split("/") if step.strip())


def read_boundaries(
    path: str | Path | Sequence[str | Path],
    *,
    columns: BoundaryColumns | None = None,
    level: int | None = None,
    aliases: Mapping[str, str] | str | Path | None = None,
    repair: bool = False,
) -> Boundaries:
    """Read administrative boundaries.

    Parameters
    ----------
    path : path or sequence of paths
        GeoJSON FeatureCollections in longitude and latitude: one file a level, or one with a level column.
    columns : BoundaryColumns, optional
        By default the columns are recognised by their names.
    level : int, optional
        Of all features, where the files do not tell.
    aliases : mapping or path, optional
        See `Boundaries`; as a file, a CSV with the columns `name` and `boundary`, or a YAML mapping.
    repair : bool
        Whether invalid polygons are repaired (`shapely.make_valid`) instead of refused.

    Returns
    -------
    Boundaries

    Raises
    ------
    InputError
        With every fault of every file.
    """
    paths = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    faults: list[Fault] = []
    units: list[Boundary] = []
    for file in paths:
        reader = BoundaryFile(file, columns or BoundaryColumns(), level, repair)
        units.extend(reader.read())
        faults.extend(reader.faults)
    table: Mapping[str, str] = {}
    try:
        table = read_aliases(Path(aliases)) if isinstance(aliases, str | Path) else aliases or {}
    except InputError as error:
        faults.extend(error.faults)
    if faults:
        raise InputError(faults)
    return Boundaries(_placed(units), table)


def read_aliases(path: Path) -> dict[str, str]:
    """Read a table of aliases: a CSV with the columns `name` and `boundary`, or a YAML mapping.

    Raises
    ------
    InputError
        With every fault.
    """
    if path.suffix.casefold() in (".yaml", ".yml"):
        file = read_yaml(path)
        rows = list(file.data.items()) if isinstance(file.data, Mapping) else None
        if rows is None:
            raise InputError.single(
                path, "is not a mapping.", "It says nothing about names.", "Write one `name: boundary` on each line."
            )
        numbered = [(file.line_of((key,))[0], key, value) for key, value in rows]
    else:
        reader = csv.DictReader(io.StringIO(read_text(path)))
        if not {"name", "boundary"} <= set(reader.fieldnames or ()):
            raise InputError.single(
                path,
                f"has the columns {', '.join(reader.fieldnames or ()) or 'none'}.",
                "A table of aliases needs the columns `name` and `boundary`.",
                "Name them so in the first line, separated by commas.",
                line=1,
            )
        numbered = [(reader.line_num, row["name"], row["boundary"]) for row in reader]
    faults = [
        Fault(
            path=str(path),
            line=line,
            what=f"alias {name!r} means {target!r}.",
            why="Both must be text for a name to be found.",
            remedy="Fill in both, or remove the line.",
        )
        for line, name, target in numbered
        if not (isinstance(name, str) and name.strip() and isinstance(target, str) and target.strip())
    ]
    if faults:
        raise InputError(faults)
    return {str(name): str(target).strip() for _, name, target in numbered}


def _placed(units: list[Boundary]) -> list[Boundary]:
    """Give units without a named parent the one on the map: the unit above that holds a point of theirs."""
    placed = []
    for unit in units:
        above = [other for other in units if other.level == unit.level - 1]
        if unit.parent_names or not above:
            placed.append(unit)
            continue
        point = shapely.point_on_surface(unit.polygon)
        _, holders = PolygonIndex([other.polygon for other in above]).pairs([point.x], [point.y])
        names: tuple[str, ...] = ()
        if len(holders) == 1:
            parent = above[int(holders[0])]
            names = (*parent.names, *([parent.code] if parent.code else []))
        placed.append(
            Boundary(level=unit.level, names=unit.names, code=unit.code, parent_names=names, polygon=unit.polygon)
        )
    return placed
