"""The command as a user has it: another process, another folder."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.warm_command import warm_command


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    def json_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Ceasefire = Callable[..., Ran]


def run(*arguments: object, cwd: Path, **environment: str) -> Ran:
    done = subprocess.run(
        [warm_command(), *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "CEASEFIRE_AUTHOR": "Amal", "CI": "true", "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def mission(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of the training case with its results; tests only read it."""
    folder = tmp_path_factory.mktemp("cli") / "mission"
    assert run("init", folder, "--case", "riverline", cwd=folder.parent).code == 0
    assert run("run", cwd=folder).code == 0
    return folder


@pytest.fixture
def ceasefire(mission: Path) -> Ceasefire:
    """Return the command, run in the workspace."""
    return lambda *arguments, **keywords: run(*arguments, cwd=keywords.pop("cwd", mission), **keywords)
