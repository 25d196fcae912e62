"""The description that the front end's types are made from is that of the server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_description_of_the_api_is_current() -> None:
    checked = subprocess.run([sys.executable, ROOT / "scripts" / "write_api_description.py", "--check"], check=False)
    assert checked.returncode == 0, "renew it: python scripts/write_api_description.py"
