"""Judgements from a file: all of them or none, every fault of the file at once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ceasefire.fusion.judgements import VERDICTS
from ceasefire.fusion.match import DOUBTFUL, PAIR
from ceasefire.ledger.ledger import Ledger
from ceasefire.model.errors import Fault, InputError, UsageError
from ceasefire.pipeline.judgements import Intent, intent_of, record
from ceasefire.pipeline.report_names import ReportNames
from ceasefire.pipeline.state import State

_NEEDED, _OPTIONAL = ("report_a", "report_b", "verdict"), ("note",)
_EXPORTED = frozenset({*PAIR.names, *DOUBTFUL.names, "record_a", "record_b", "incident_a", "incident_b"}) - {*_NEEDED}
"""Columns of exported pairs: a verdict may be written beside them, to some and not to others."""
_WHY = "A judgement changes which reports are counted as one event; nothing of the file was recorded."


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFile:
    """What came of a file of judgements; `rows_in == recorded + duplicates + already_said + left_open`.

    Parameters
    ----------
    file : str
    rows_in, recorded : int
    duplicates : int
        Rows that say again what an earlier row says.
    already_said : int
        Rows that say what the same person had said before.
    left_open : int
        Exported pairs beside which nothing was written.
    replaced : int
        Of those recorded: in place of what the same person had said before.
    also_same : int
        Further reports of two incidents called the same that had to be named.
    positions : tuple of int
        Of the ledger entries, the first and the last; empty when nothing was recorded.
    pairs_changed : int
        Pairs of reports that come to one incident or part, once reports are fused again.
    follows, conflicts : tuple of str
        In words.
    """

    file: str
    rows_in: int
    recorded: int
    duplicates: int
    already_said: int
    left_open: int
    replaced: int
    also_same: int
    positions: tuple[int, ...]
    pairs_changed: int
    follows: tuple[str, ...]
    conflicts: tuple[str, ...]


def judge_file(state: State, names: ReportNames, path: Path, *, ledger: Ledger, author: str) -> JudgedFile:
    """Record the judgements of a CSV file with the columns ``report_a``, ``report_b``, ``verdict`` and maybe ``note``.

    The columns of exported pairs may stand beside these; then a pair without a verdict is left open.

    Raises
    ------
    InputError
        With every fault; nothing is recorded then.
    """
    rows = _rows(path)
    given = [(line, row) for line, row in rows if row["verdict"] or not _EXPORTED & row.keys()]
    faults: list[Fault] = []
    seen: dict[tuple[str, str], tuple[int, Intent]] = {}
    duplicates = 0
    for line, row in given:
        intent = _read(path, line, row, names, faults)
        if intent is None:
            continue
        earlier = seen.setdefault(intent.pair, (line, intent))
        if earlier[1] is intent:
            continue
        if earlier[1].verdict == intent.verdict:
            duplicates += 1
            continue
        faults.append(
            Fault(
                path=str(path),
                line=line,
                what=f'it says "{intent.verdict}" of two reports, and line {earlier[0]} "{earlier[1].verdict}".',
                why=_WHY,
                remedy="Keep one of the two lines.",
            )
        )
    if faults:
        raise InputError(faults)
    recorded = record(state, names, [intent for _, intent in seen.values()], ledger=ledger, author=author)
    positions = [position for position in recorded.positions if position is not None]
    also = sum(map(len, recorded.also_same))
    return JudgedFile(
        file=path.name,
        rows_in=len(rows),
        recorded=len(positions),
        duplicates=duplicates,
        already_said=len(recorded.positions) - len(positions),
        left_open=len(rows) - len(given),
        replaced=sum(before is not None for before in recorded.replaced),
        also_same=also,
        positions=(positions[0], positions[-1] + also) if positions else (),
        pairs_changed=recorded.consequence.pairs,
        follows=recorded.follows,
        conflicts=recorded.conflicts,
    )


def _read(path: Path, line: int, row: dict[str, str], names: ReportNames, faults: list[Fault]) -> Intent | None:
    missing = [name for name in _NEEDED if not row[name]]
    if missing:
        words = " and ".join(missing)
        what = f"{words} {'is' if len(missing) == 1 else 'are'} empty."
        remedy = f"Fill in both reports and one of {', '.join(VERDICTS)}, or take the line out."
        faults.append(Fault(path=str(path), line=line, what=what, why=_WHY, remedy=remedy))
        return None
    try:
        return intent_of(names, row["report_a"], row["verdict"], row["report_b"], row["note"])
    except UsageError as error:
        faults.append(Fault(path=str(path), line=line, what=error.what, why=_WHY, remedy=error.remedy))
        return None


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the rows with their line numbers.

    Raises
    ------
    InputError
        When the file as a whole cannot be used.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError.single(
            path, "the file is not UTF-8 text.", _WHY, "Save it as CSV in UTF-8.", line=line
        ) from error
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise InputError.single(
            path, f"this is no CSV: {error}.", _WHY, "Check the quotation marks.", line=reader.line_num
        ) from error
    if not lines:
        raise InputError.single(path, "the file is empty.", _WHY, f"Begin with a line {','.join(_NEEDED)}.")
    head = [cell.strip() for cell in lines[0][1]]
    faults = list(_head_faults(path, head)) or list(_width_faults(path, head, lines[1:]))
    if faults:
        raise InputError(faults)
    empty = dict.fromkeys((*_NEEDED, *_OPTIONAL), "")
    return [(line, empty | dict(zip(head, (cell.strip() for cell in cells), strict=True))) for line, cells in lines[1:]]


def _head_faults(path: Path, head: list[str]) -> Iterator[Fault]:
    known = (*_NEEDED, *_OPTIONAL)
    columns = f"The columns are {', '.join(_NEEDED)} and, if you like, {', '.join(_OPTIONAL)}."
    for name in dict.fromkeys(head):
        if name not in known and name not in _EXPORTED:
            yield Fault(path=str(path), line=1, what=f'there is no column "{name}".', why=_WHY, remedy=columns)
        elif head.count(name) > 1:
            yield Fault(path=str(path), line=1, what=f'the column "{name}" is there twice.', why=_WHY, remedy=columns)
    for name in _NEEDED:
        if name not in head:
            yield Fault(path=str(path), line=1, what=f'the column "{name}" is missing.', why=_WHY, remedy=columns)


def _width_faults(path: Path, head: list[str], lines: list[tuple[int, list[str]]]) -> Iterator[Fault]:
    for line, cells in lines:
        if len(cells) != len(head):
            what = f"it has {len(cells)} cells, and the first line has {len(head)}."
            remedy = "Put what holds a comma in quotation marks."
            yield Fault(path=str(path), line=line, what=what, why=_WHY, remedy=remedy)
