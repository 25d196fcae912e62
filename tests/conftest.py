"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data named by CEASEFIRE_DATA, or skip with a line that says so."""
    folder = os.environ.get("CEASEFIRE_DATA")
    if not folder:
        pytest.skip("real data: set CEASEFIRE_DATA to the folder that holds dev_pack/ to run this test")
    path = Path(folder)
    assert (path / "dev_pack").is_dir(), f"CEASEFIRE_DATA is {folder}, which has no dev_pack/"
    return path


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
