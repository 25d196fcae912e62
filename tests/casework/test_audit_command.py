"""`ceasefire audit --excerpt`: a party checks what it was given, in a folder that holds nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ceasefire.casework.excerpt import check_excerpt
from ceasefire.cli.audit import audit

from .conftest import Office


def test_a_party_checks_what_it_was_given(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    office.notified()
    office["liaison-b"].export("b", tmp_path / "for-b")
    report = check_excerpt(tmp_path / "for-b")
    assert audit(excerpt=tmp_path / "for-b") == 0
    assert "2 entries, 0 documents for b: all agree." in capsys.readouterr().out
    assert audit(excerpt=tmp_path / "for-b", expect=f"{report.size}:{report.root}") == 0
    assert audit(excerpt=tmp_path / "for-b", expect=f"{report.size}:{'0' * 64}") == 1
    assert "not the one that was noted" in capsys.readouterr().out
    entries = tmp_path / "for-b" / "entries.jsonl"
    first, *rest = entries.read_text(encoding="utf-8").splitlines(keepends=True)
    altered = json.dumps({**json.loads(first), "author": "somebody"}) + "\n"
    entries.write_text("".join([altered, *rest]), encoding="utf-8")
    assert audit(excerpt=tmp_path / "for-b") == 1
    assert "entry 1: is not in the ledger" in capsys.readouterr().out
