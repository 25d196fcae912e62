"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
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
