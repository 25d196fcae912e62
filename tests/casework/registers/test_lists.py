"""A list is read whole or not at all, and every fault is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceasefire.model.errors import InputError
from ceasefire.pipeline.register_lists import read_list

from .conftest import DAY, HEAD, LIST_A, A, Desk, text_of

MAPPING = """\
format: 1
separator: ";"
source: { constant: republic-delegation }
source_report_id: nr
time: { start: { column: tag, formats: ["%d.%m.%Y"] } }
place: { name: ort, precision: { constant: { precision: unknown } } }
actors: { perpetrator: von }
acts: { constant: [shelling] }
"""


def faults(desk: Desk, content: bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(InputError) as refused:
        desk["liaison-a"].submit(DAY, A, "list.csv", content=content)
    assert all(fault.path == "list.csv" and fault.remedy for fault in refused.value.faults)
    return [(fault.line, fault.what) for fault in refused.value.faults]


def test_every_fault_at_once_with_its_line_and_nothing_is_handed_in(desk: Desk) -> None:
    desk.set_day()
    size = desk.ledger.size
    rows = [
        LIST_A[0],
        f"R2,{DAY},Millbrook,126.75,-42.98,small-arms-fire,Northern Assembly,1",  # no such latitude
        "R3,2021-06-31,Old Town,26.43,-42.86,small-arms-fire,Northern Assembly,2",  # no such day
        f"R4,{DAY},Old Town,26.43,-42.86,sabotage,Northern Assembly,2",  # no such kind
        "R5,2021-06-16,Old Town,26.43,-42.86,small-arms-fire,Northern Assembly,2",  # of another day
        f"R1,{DAY},Old Town,26.43,-42.86,small-arms-fire,Northern Assembly,2",  # a number twice
        f"R7,{DAY},Old Town,26.43,-42.86,small-arms-fire,Northern Assembly,some",  # no number
    ]
    found = faults(desk, text_of(rows))
    assert [line for line, _ in found] == [2, 3, 4, 5, 6, 7, 8]
    told = ["(2, 7)", "126.75", "2021-06-31", "sabotage", "another day", "(2, 7)", "some"]
    for (_, what), words in zip(found, told, strict=True):
        assert words in what
    assert desk.ledger.size == size


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no,kind\nR1,shelling\n", "day"),
        (HEAD.replace("killed", "kiled").encode() + b"\n" + LIST_A[0].encode() + b"\n", "kiled"),
        (b"", "empty"),
        (HEAD.encode() + b"\n", "no rows"),
    ],
)
def test_a_file_that_is_no_list(desk: Desk, content: bytes, words: str) -> None:
    desk.set_day()
    assert words in faults(desk, content)[0][1]


def test_names_are_resolved_and_what_is_not_said_stays_unsaid(desk: Desk) -> None:
    day = desk["liaison-a"].span_of(DAY)
    rows = [LIST_A[0], f"R2,{DAY},Millbrook,,,small-arms-fire,Somebody Else,"]
    first, second = read_list("list.csv", case=desk.case, party=A, day=day, content=text_of(rows))
    assert (first.accused, first.killed_best, first.place_radius_km) == (("northern-assembly",), 3, 1.0)
    assert (second.accused, second.killed_best, second.latitude) == (("name:Somebody Else",), None, None)


def test_a_list_in_a_form_of_its_own_is_read_by_a_mapping(desk: Desk, tmp_path: Path) -> None:
    day = desk["liaison-a"].span_of(DAY)
    (tmp_path / "list.yaml").write_text(MAPPING, encoding="utf-8")
    file = tmp_path / "list.csv"
    file.write_text("nr;tag;ort;von\n1;14.06.2021;Reedham;Northern Assembly\n", encoding="utf-8")
    (entry,) = read_list(file, case=desk.case, party=A, day=day, mapping=tmp_path / "list.yaml")
    assert (entry.no, entry.place_name, entry.acts) == ("1", "Reedham", ("shelling",))
    file.write_text("nr;tag;ort;von\n1;14.06.2021;Reedham;NA\n2;15.06.2021;Reedham;NA\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_list(file, case=desk.case, party=A, day=day, mapping=tmp_path / "list.yaml")
    assert [fault.line for fault in refused.value.faults] == [3]
