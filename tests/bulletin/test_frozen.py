"""Frozen: the same position of the ledger gives the same bytes, in any process, in whatever order rows come."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ceasefire.bulletin.html import render_html
from ceasefire.bulletin.pdf import render_pdf
from ceasefire.bulletin.records import Bulletin

PROGRAM = """
import hashlib, sys
from datetime import date, timedelta
from pathlib import Path
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.bulletin.content import compose_bulletin
from ceasefire.bulletin.html import render_html
from ceasefire.bulletin.pdf import render_pdf
from ceasefire.findings.check import check_incidents
from ceasefire.findings.obligations import evaluate_obligations
from ceasefire.fusion.pass_through import fuse_by_event
from ceasefire.intake.case_reports import read_case_reports
from ceasefire.model.time import iso_week

case = load_case(built_in_case("riverline"))
speakers = {key: (speaker.party, speaker.lineage or (key,)) for key, speaker in case.speakers.items()}
reports = read_case_reports(
    case.folder, register=case.actors, acts=case.acts, speakers=speakers, zone=case.zone
)
incidents = fuse_by_event(reports).incidents
period = iso_week("2021-W23", case.zone)
bulletin = compose_bulletin(
    case, incidents=incidents, findings=check_incidents(case, incidents).table(),
    obligations=evaluate_obligations(case, as_of=period.end), reports=reports, period=period,
    previous=iso_week("2021-W22", case.zone), number=1, ledger_position=3, ledger_root="0" * 64,
    instant=1_700_000_000_000_000,
)
print(hashlib.sha256(render_html(bulletin).encode()).hexdigest())
print(hashlib.sha256(render_pdf(bulletin)).hexdigest())
"""


def test_two_processes_write_the_same_bytes(tmp_path: Path):
    def run(seed: str, home: Path, zone: str) -> str:
        home.mkdir()
        settings = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "MPLCONFIGDIR": str(home)}
        (home / "matplotlibrc").write_text("font.size: 20\nsvg.fonttype: none\n" if seed == "2" else "")
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env={**os.environ, **settings}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = run("1", tmp_path / "a", "UTC")
    assert len(first.split()) == 2
    assert run("2", tmp_path / "b", "Asia/Tokyo") == first


def test_the_order_of_rows_does_not_matter(
    compose: Callable[..., Bulletin], rows: tuple[list[Any], list[Any], list[Any]]
):
    def bytes_of(turn: int) -> tuple[str, str]:
        bulletin = compose(
            *[part[turn:] + part[:turn] for part in rows[:2]], reports=rows[2][::-1] if turn else rows[2]
        )
        return (
            hashlib.sha256(render_html(bulletin).encode()).hexdigest(),
            hashlib.sha256(render_pdf(bulletin)).hexdigest(),
        )

    assert bytes_of(0) == bytes_of(4)
