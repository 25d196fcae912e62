"""Every change brings a fragment, and every fragment has a kind that the changelog knows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_fragments_are_named_for_what_they_tell() -> None:
    towncrier = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]
    kinds = "|".join(kind["directory"] for kind in towncrier["type"])
    fragments = [path for path in (ROOT / towncrier["directory"]).iterdir() if path.name != "README.md"]
    assert fragments or (ROOT / "CHANGELOG.md").exists()
    for fragment in fragments:
        assert re.fullmatch(rf"\+[a-z0-9-]+\.({kinds})\.md", fragment.name), fragment.name
        assert fragment.read_text().strip().endswith("."), f"{fragment.name} is not a sentence"
