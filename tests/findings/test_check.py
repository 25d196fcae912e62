"""The vectorised check gives what checking one incident at a time gives, and counts what it does not store."""

from __future__ import annotations

import ast
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import ceasefire
from ceasefire.agreement.case import Case
from ceasefire.findings.check import FindingSet, check_incidents
from ceasefire.findings.reasons import OBLIGATION_REASONS, REASONS, TIME_CHANGE
from ceasefire.findings.templates import short_status
from ceasefire.model.schemas import FINDING
from ceasefire.model.vocabulary import Answer, Question, Status
from ceasefire.territory.boundaries import Boundaries


def rows_of(found: FindingSet) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found.table().to_pylist()
    return rows


def test_a_batch_gives_what_single_incidents_give(
    riverline: Case, incidents: pa.Table, found: FindingSet, provinces: Boundaries
) -> None:
    together = {row["finding_id"]: row for row in rows_of(check_incidents(riverline, incidents, boundaries=provinces))}
    alone = {}
    for number in range(incidents.num_rows):
        single = check_incidents(riverline, incidents.slice(number, 1), boundaries=provinces)
        alone |= {row["finding_id"]: row for row in rows_of(single)}
    assert together == alone
    assert len(together) > 50


def test_the_order_of_incidents_does_not_matter(riverline: Case, incidents: pa.Table, found: FindingSet) -> None:
    order = np.random.default_rng(3).permutation(incidents.num_rows)
    shuffled = check_incidents(riverline, incidents.take(pa.array(order)))
    assert sorted(rows_of(shuffled), key=str) == sorted(rows_of(found), key=str)


def test_every_pair_is_stored_or_counted(riverline: Case, incidents: pa.Table, found: FindingSet) -> None:
    prohibitions = [clause for clause in riverline.clauses.values() if clause.kind == "prohibits"]
    stored = {(row["incident_id"], row["clause_id"]) for row in rows_of(found)}
    assert len(stored) + found.pairs_not_stored == incidents.num_rows * len(prohibitions)
    assert found.pairs_not_stored > 0


def test_counts_without_rows_equal_counts_of_rows(found: FindingSet) -> None:
    assert found.count_by_status() == Counter((row["clause_id"], row["status"]) for row in rows_of(found))


def test_the_table_has_its_schema_and_unique_ids(found: FindingSet) -> None:
    table = found.table()
    assert table.schema.equals(FINDING)
    assert len(set(table["finding_id"].to_pylist())) == table.num_rows


def test_no_incidents_no_findings(riverline: Case, incidents: pa.Table) -> None:
    nothing = check_incidents(riverline, incidents.slice(0, 0))
    assert nothing.table().num_rows == 0
    assert nothing.count_by_status() == {}


def test_an_unknown_reading_is_refused(riverline: Case, incidents: pa.Table) -> None:
    with pytest.raises(KeyError, match="nonsense"):
        check_incidents(riverline, incidents, reading="nonsense")


def test_boundaries_settle_places_that_only_name_a_unit(
    riverline: Case, incidents: pa.Table, found: FindingSet, provinces: Boundaries
) -> None:
    """Without its polygon a unit is undetermined, with no share; with it, it may be answered."""
    latitude = dict(zip(incidents["incident_id"].to_pylist(), incidents["latitude"].to_pylist(), strict=True))
    bounded = {key for key, clause in riverline.clauses.items() if clause.areas != "everywhere"}
    rows = [row for row in rows_of(found) if row["clause_id"] in bounded]
    without = {row["finding_id"]: row for row in rows if latitude[row["incident_id"]] is None}
    given = {row["finding_id"]: row for row in rows_of(check_incidents(riverline, incidents, boundaries=provinces))}
    assert without
    assert {row["in_area"] for row in without.values()} == {"undetermined"}
    assert all(row["share_inside"] is None and "place-too-coarse" in row["reasons"] for row in without.values())
    assert any(given[key]["in_area"] != "undetermined" or given[key]["share_inside"] is not None for key in without)


def _naive_status(answers: dict[Question, Answer]) -> Status:
    """Write the rule again, straight from the design: the first no, then an exception, then doubt."""
    order = [
        (Question.IN_FORCE, Status.OUTSIDE_TIME),
        (Question.IN_AREA, Status.OUTSIDE_AREA),
        (Question.ACT, Status.NOT_A_CLAUSE),
        (Question.BOUND, Status.NOT_BOUND),
        (Question.COVERED_TARGET, Status.EXEMPT_TARGET),
    ]
    for question, status in order:
        if answers[question] is Answer.NO:
            return status
    if answers[Question.EXCEPTION] is Answer.YES:
        return Status.EXCEPTED
    rest = list(answers.values())
    if any(answer is Answer.CONTESTED for answer in rest):
        return Status.CONTESTED
    return Status.UNDETERMINED if any(answer is Answer.UNDETERMINED for answer in rest) else Status.ALLEGED_VIOLATION


def test_the_short_status_over_all_4096_combinations() -> None:
    seen = Counter()
    for combination in product(Answer, repeat=len(Question)):
        answers = dict(zip(Question, combination, strict=True))
        assert short_status(answers) == _naive_status(answers)
        seen[short_status(answers)] += 1
    assert set(seen) == set(Status)
    assert seen[Status.ALLEGED_VIOLATION] == 1


def test_every_reason_given_in_the_code_is_on_the_register() -> None:
    """Collect the literals passed as reasons; an unknown one would have no sentence."""
    known = set(REASONS) | set(OBLIGATION_REASONS) | {"not-yet-valid", "no-longer-valid", "", "on-consensus"}
    package = Path(ceasefire.__file__).parent
    given = set(TIME_CHANGE.values())
    for path in [*(package / "findings").glob("*.py"), *(package / "agreement").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Outcome" and len(node.args) > 1:
                given |= {leaf.value for leaf in ast.walk(node.args[1]) if _is_text(leaf)}
    assert given <= known, given - known
    assert len(given) > 40


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
