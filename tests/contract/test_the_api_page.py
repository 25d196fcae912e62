"""The page on the API names addresses that there are, every status that is answered, and the body of a refusal."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "the-api.md").read_text(encoding="utf-8")
DESCRIPTION = json.loads((ROOT / "frontend" / "src" / "api" / "openapi.json").read_text(encoding="utf-8"))


def test_every_address_named_is_one() -> None:
    named = {address.partition("?")[0] for address in re.findall(r"`(/api/v1/[^`]+)`", PAGE)}
    named -= {"/api/v1/schema/openapi.json"}  # describes the others
    assert len(named) > 20
    assert named - set(DESCRIPTION["paths"]) == set()


def test_every_status_is_explained_and_no_other() -> None:
    rows = re.findall(r"^\| (4\d\d[^|]*|5\d\d[^|]*) \|", PAGE, re.MULTILINE)
    explained = {status for row in rows for status in re.findall(r"\d{3}", row)}
    answered = {
        status
        for operations in DESCRIPTION["paths"].values()
        for said in operations.values()
        for status in said["responses"]
        if status >= "400"
    }
    assert answered == explained


def test_the_body_of_a_refusal_is_named_whole() -> None:
    told = PAGE.partition("## When something is wrong")[2]
    for name in DESCRIPTION["components"]["schemas"]["ErrorBody"]["properties"]:
        assert f"`{name}`" in told, name
