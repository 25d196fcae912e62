"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from collections.abc import Generator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

DOUBTFUL_MAPPING = """\
format: 1
separator: ";"
source: { column: by }
source_report_id: no
time:
  start: { column: day }
  precision: { constant: { precision: day } }
place:
  latitude: lat
  longitude: lon
  precision: { constant: { precision: near, radius_km: 5 } }
actors:
  sides: [a, b]
acts: { constant: [armed-force] }
tolls:
  killed: { best: dead }
"""
DOUBTFUL_SOURCES = ("hill-post", "river-post", "gazette")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data named by CEASEFIRE_DATA, or skip with a line that says so."""
    folder = os.environ.get("CEASEFIRE_DATA")
    if not folder:
        pytest.skip("real data: set CEASEFIRE_DATA to the folder that holds dev_pack/ to run this test")
    path = Path(folder)
    assert (path / "dev_pack").is_dir(), f"CEASEFIRE_DATA is {folder}, which has no dev_pack/"
    return path


@pytest.fixture(scope="session")
def doubtful_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a table of 1,200 reports of three sources on the same few days and hills, and its mapping.

    Many may or may not be of one event.
    """
    rng = np.random.default_rng(1)
    lines = ["no;day;lat;lon;by;a;b;dead"]
    for day in rng.integers(60, size=520).tolist():
        lat, lon, dead = 26.5 + rng.normal(0, 0.12), -42.9 + rng.normal(0, 0.12), rng.poisson(3)
        for source in DOUBTFUL_SOURCES:
            if rng.random() < 0.75:
                told = date(2021, 3, 1) + timedelta(days=day + int(rng.random() < 0.3))
                spot = f"{lat + rng.normal(0, 0.02):.4f};{lon + rng.normal(0, 0.02):.4f}"
                toll = max(0, dead + int(rng.integers(-1, 2)))
                lines.append(f"{len(lines)};{told};{spot};{source};Republic of Velmar;Northern Assembly;{toll}")
    folder = tmp_path_factory.mktemp("doubtful")
    table, mapping = folder / "doubtful.csv", folder / "doubtful.yaml"
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    mapping.write_text(DOUBTFUL_MAPPING, encoding="utf-8")
    return table, mapping


_EVERY_TEST_MUST_RUN = os.environ.get("CEASEFIRE_SKIPS") == "fail"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count a skip as a failure where CEASEFIRE_SKIPS=fail (`make check`): there, every test must run.

    A real-data test may be left out only where no real data are named.
    """
    report = yield
    excused = item.get_closest_marker("real_data") is not None and not os.environ.get("CEASEFIRE_DATA")
    if report.skipped and not hasattr(report, "wasxfail") and not excused:
        _count_as_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Count a module that skips itself likewise."""
    report = yield
    if report.skipped:
        _count_as_failure(report)
    return report


def _count_as_failure(report: pytest.TestReport | pytest.CollectReport) -> None:
    if _EVERY_TEST_MUST_RUN:
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nA skipped test is a failure here: `make check` expects a machine that has it."
