"""The sessions that the documentation shows are typed here, page by page, and print what the pages say.

In a page, a fence marked ``console`` holds commands (``$ ``, continued by ``> ``) and what they print; ``…`` stands for
anything, and runs of blanks count as one. A fence with a title is a file to save, a ``diff`` with a title an edit, and
``python`` a doctest. A comment on the line above a fence may say ``exits with N``, ``needs real data`` or
``not run: why``. All fences of a page are one session in one new folder. ``FINDING_ID`` stands for the first finding
that was listed before.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.warm_command import warm_command

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "docs/tutorial.md", "docs/errors.md", "docs/python-api.md", *sorted(
    page.relative_to(ROOT).as_posix() for page in (ROOT / "docs" / "how-to").glob("*.md")
)]  # fmt: skip
TIMEOUT_SECONDS = 300  # of one command; a machine that tests many things at once is slow
FENCE = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*) -->\n)?^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
NEED_POSTGRESQL = {"docs/how-to/use-postgresql.md"}
UCDP_FILE = "ged_syria_2016_2017.csv"


@dataclass(frozen=True)
class Step:
    """One fence of a page that does something."""

    kind: str
    title: str
    body: str
    exit_code: int
    needs_data: bool


def steps_of(page: str) -> Iterator[Step]:
    for fence in FENCE.finditer((ROOT / page).read_text(encoding="utf-8")):
        note, info = fence["note"] or "", fence["info"]
        kind, title = info.partition(" ")[0], re.search(r'title="([^"]+)"', info)
        if (kind in ("console", "python") or title) and not note.startswith("not run: "):
            code = re.fullmatch(r"exits with (\d+)", note)
            yield Step(
                kind, title[1] if title else "", fence["body"], int(code[1]) if code else 0, note == "needs real data"
            )


def commands_of(body: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a console fence with the lines it prints."""
    command: str | None = None
    printed: list[str] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield command, printed
            command, printed = line[2:], []
        elif command is not None and not printed and line.startswith("> "):
            command += "\n" + line[2:]
        else:
            printed.append(line)
    assert command is not None, f"no command in:\n{body}"
    yield command, printed


def fits(shown: list[str], printed: str) -> bool:
    """Say whether a page shows what is printed."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    pattern = ""
    for line in shown:
        words = " ".join(line.split())
        pattern += r"(?:.*\n)*?" if words == "…" else ".*".join(map(re.escape, re.split(" ?… ?", words))) + r"\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in lines)) is not None


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        (["a  b", "c"], "a b\nc\n", True),
        (["a", "…", "c"], "a\nx\ny\nc\n", True),
        (["a", "…", "c"], "a\nc\n", True),
        (["3 … rows"], "3 good rows\n", True),
        (["3 … rows"], "3 rows\n", True),
        (["a"], "a\nb\n", False),
        (["a", "…", "c"], "a\nd\n", False),
        ([], "unforeseen\n", False),
    ],
)
def test_a_page_that_shows_something_else_is_noticed(shown: list[str], printed: str, expected: bool) -> None:
    assert fits(shown, printed) is expected


class Session:
    """A shell in a new folder, and a Python session beside it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {}
        self._listed = "FINDING_ID"
        self._monkeypatch = monkeypatch
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CEASEFIRE_")},
            "PATH": os.pathsep.join((str(warm_command().parent), str(Path(sys.executable).parent), os.environ["PATH"])),
            "CEASEFIRE_AUTHOR": "docs",
        }

    def do(self, step: Step) -> None:
        if step.kind == "console":
            self._type(step)
        elif step.kind == "diff":
            self._edit(step)
        elif step.kind == "python":
            self._evaluate(step)
        else:
            (self.folder / step.title).write_text(step.body, encoding="utf-8")

    def _type(self, step: Step) -> None:
        dialogue = list(commands_of(step.body))
        for number, (command, shown) in enumerate(dialogue, start=1):
            where = self.folder / ".folder-after"
            script = f'{command.replace("FINDING_ID", self._listed)}\nstatus=$?\npwd > "{where}"\nexit $status'
            done = subprocess.run(
                ["sh", "-c", script],
                cwd=self.folder,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=TIMEOUT_SECONDS,
                check=False,
            )
            said = f"$ {command}\n{done.stdout}"
            assert done.returncode == (step.exit_code if number == len(dialogue) else 0), said
            assert fits(shown, done.stdout), f"{said}\n--- the page shows\n" + "\n".join(shown)
            listed = re.search(r"^ *(find-[0-9a-f]{20})", done.stdout, flags=re.MULTILINE)
            self._listed = listed[1] if listed else self._listed
            self.folder = Path(where.read_text(encoding="utf-8").strip())
            where.unlink()

    def _edit(self, step: Step) -> None:
        lines = step.body.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        file = self.folder / step.title
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{step.title} holds this {text.count(before)} times:\n{before}"
        file.write_text(text.replace(before, after), encoding="utf-8")

    def _evaluate(self, step: Step) -> None:
        self._monkeypatch.chdir(self.folder)
        test = doctest.DocTestParser().get_doctest(step.body, self.names, "page", None, 0)
        assert test.examples, f"no >>> in:\n{step.body}"
        problems: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        runner.run(test, out=problems.append, clear_globs=False)
        self.names = test.globs
        assert not problems, "".join(problems)


@pytest.mark.parametrize("page", [page for page in PAGES if any(not step.needs_data for step in steps_of(page))])
def test_what_a_page_shows_is_what_happens(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if page in NEED_POSTGRESQL:
        for name, value in request.getfixturevalue("postgresql_server").environment.items():
            monkeypatch.setenv(name, value)
    session = Session(tmp_path, monkeypatch)
    for step in steps_of(page):
        if not step.needs_data:
            session.do(step)


@pytest.mark.real_data
@pytest.mark.parametrize("page", [page for page in PAGES if any(step.needs_data for step in steps_of(page))])
def test_what_a_page_shows_of_real_data_is_what_happens(
    page: str, real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(real_data / "dev_pack" / UCDP_FILE, tmp_path)
    session = Session(tmp_path, monkeypatch)
    for step in steps_of(page):
        if step.needs_data:
            session.do(step)


def test_what_is_not_run_says_why() -> None:
    for page in PAGES:
        for fence in FENCE.finditer((ROOT / page).read_text(encoding="utf-8")):
            assert re.fullmatch(r"|exits with \d+|needs real data|not run: .{10,}", fence["note"] or ""), fence[0]
