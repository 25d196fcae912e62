"""The page on data formats names every column, flag and key, and says of flags what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import BaseModel

from ceasefire.assessment.tables import SCHEMAS
from ceasefire.casework.entries import PAYLOADS, EntryKind, Exported, Payload
from ceasefire.fusion.match import DECISIONS, DOUBTFUL, PAIR
from ceasefire.intake.table_mapping import TableMapping
from ceasefire.intake.ucdp_ged import PLACE_PRECISION, TIME_PRECISION
from ceasefire.intake.xlsform import fields
from ceasefire.model.flags import FLAGS, sentence
from ceasefire.model.schemas import FINDING, INCIDENT, OBLIGATION, REPORT, TOLLS, TWO_LISTS
from ceasefire.model.vocabulary import PlacePrecision, TimePrecision
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.matching import JUDGEMENT
from ceasefire.pipeline.succession import KINDS, SUCCESSION

PAGE = (Path(__file__).parents[2] / "docs" / "data-formats.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return the text under a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found[1]


@pytest.mark.parametrize(
    ("title", "schema"),
    {
        "REPORT": REPORT,
        "INCIDENT": INCIDENT,
        "PAIR": PAIR,
        "DOUBTFUL": DOUBTFUL,
        "JUDGEMENT": JUDGEMENT,
        "SUCCESSION": SUCCESSION,
        "FINDING": FINDING,
        "OBLIGATION": OBLIGATION,
        "TWO_LISTS": TWO_LISTS,
        **{name.upper(): schema for name, schema in SCHEMAS.items()},
    }.items(),
)
def test_every_column_is_named(title: str, schema: pa.Schema) -> None:
    text = section(title)
    tolls = {f"{toll}_{bound}" for toll in TOLLS for bound in ("low", "best", "high")} if title == "INCIDENT" else set()
    assert [name for name in schema.names if f"`{name}`" not in text and name not in tolls] == []
    rows = re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert documented - set(schema.names) == set(), "columns that the schema does not have"


def test_every_field_of_the_field_form_is_named() -> None:
    text = section("Submissions")
    counted = {f"{toll}_{bound}" for toll in TOLLS for bound in ("low", "best", "high")}
    assert [name for name in fields() if name not in counted and f"| `{name}` |" not in text] == []
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) <= set(fields())


def test_every_kind_of_entry_and_every_word_of_matching_is_named() -> None:
    named = re.findall(r"^\| `([a-z-]+)` \|", section("Entries of the ledger"), re.MULTILINE)
    assert sorted(named) == sorted(Kind)
    for title, words in (("PAIR", DECISIONS), ("SUCCESSION", KINDS)):
        assert [word for word in words if f"*{word}*" not in section(title)] == []


def test_every_kind_of_entry_of_casework_is_named_with_all_that_it_says() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section("Entries of casework"), re.MULTILINE))
    payloads: dict[str, type[BaseModel]] = {**PAYLOADS, EntryKind.EXPORTED: Exported}
    assert sorted(rows) == sorted(payloads)
    for kind, payload in payloads.items():
        said = set(payload.model_fields) - set(Payload.model_fields)
        assert {name for name in said if f"`{name}`" not in rows[kind]} == set(), kind
    for name in Payload.model_fields:
        assert f"`{name}`" in section("Entries of casework")


def test_every_flag_is_explained_in_its_own_sentence() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section("Flags"), re.MULTILINE))
    assert rows == {flag: sentence(flag) for flag in FLAGS}


def test_every_precision_is_named() -> None:
    for word in (*PlacePrecision, *TimePrecision):
        assert f"*{word.value}*" in PAGE
    for table in (PLACE_PRECISION, TIME_PRECISION):
        for word in table.values():
            assert f"*{word.value}*" in section("UCDP GED")


def test_every_key_of_a_mapping_is_named() -> None:
    text = section("Any table")
    waiting, seen = [TableMapping], set()
    while waiting:
        record = waiting.pop()
        for name, field in record.model_fields.items():
            assert f"`{name}" in text, name
            for kind in _records_in(field.annotation):
                if kind not in seen:
                    seen.add(kind)
                    waiting.append(kind)
    assert len(seen) > 8


def _records_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [kind for part in getattr(annotation, "__args__", ()) for kind in _records_in(part)]
