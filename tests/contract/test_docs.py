"""The documentation names what exists, and what exists is documented."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import ceasefire
from ceasefire.agreement.load import built_in_case, load_case
from ceasefire.assessment.tables import SCHEMAS as ASSESSMENT
from ceasefire.cli.application import COMMANDS
from ceasefire.findings.reasons import REASONS
from ceasefire.fusion.judgements import VERDICTS
from ceasefire.fusion.match import DECISIONS, DOUBTFUL, PAIR
from ceasefire.intake.xlsform import fields
from ceasefire.model import errors, schemas
from ceasefire.model.flags import FLAGS
from ceasefire.model.vocabulary import ACTS
from ceasefire.pipeline.matching import JUDGEMENT
from ceasefire.pipeline.succession import SUCCESSION
from ceasefire.pipeline.workspace import Workspace

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    if "site" not in page.relative_to(ROOT).parts
)
TEXT = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
PROSE = {page: re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL) for page, text in TEXT.items()}
OUR_FILES = re.compile(r"(?:[\w.*<>-]+/)*[\w.*<>-]+\.(?:md|py|toml|yaml|geojson|sqlite|lock)")
# Names that other programs and formats own; they stay on the pages that explain them.
NOT_OURS = {
    "docs/data-formats.md": re.compile(
        r"adm_?\d_?\w*|ADM\w+|NAME_1|shapeName|dyad_name|event_clarity|where_\w+|date_\w+|deaths_\w+|side_[ab]\w*|"
        r"source_(?:office|date|headline|original)|priogrid_gid|type_of_violence|_new_id"
    ),
    "docs/how-to/check-ucdp-events.md": re.compile(r"country|year"),
    "CONTRIBUTING.md": re.compile(r"real_data|changelog\.d"),
}
MATCHING = (PAIR, DOUBTFUL, JUDGEMENT, SUCCESSION)
FOREIGN = re.compile(r"pyarrow\.Table")


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("document_commands", ROOT / "scripts" / "document_commands.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()
OPTIONS = {name: set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", GENERATOR.help_text(name))) for name in COMMANDS}


def code_in(page: str) -> Iterator[str]:
    """Yield what stands in backticks in the prose of a page."""
    for span in re.findall(r"`([^`\n]+)`", PROSE[page]):
        yield span.strip()


def ceasefire_modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(ceasefire.__path__, "ceasefire."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Return every name that a page may put in backticks: columns, keys, classes, functions, parameters, words."""
    found: set[str] = (
        {*fields()} | set(FLAGS) | set(REASONS) | set(ACTS) | set(COMMANDS) | set(VERDICTS) | set(DECISIONS)
    )
    for schema in (
        schemas.REPORT,
        schemas.INCIDENT,
        schemas.FINDING,
        schemas.OBLIGATION,
        schemas.TWO_LISTS,
        *ASSESSMENT.values(),
        *MATCHING,
    ):
        found.update(schema.names)
    for module in ceasefire_modules():
        found.add(module.__name__.rpartition(".")[2])
        for name, value in vars(module).items():
            if getattr(value, "__module__", "").startswith("ceasefire") or name.isupper():
                found |= {name, *_parts(value)}
    for case in (load_case(built_in_case(name)) for name in ceasefire.built_in_cases()):
        found |= {case.description.id, *case.areas, *case.clauses, *case.actors.actors, *case.interpretations}
    return found


def _parts(value: object) -> Iterator[str]:
    if inspect.isclass(value):
        yield from (name for part in value.__mro__ for name in vars(part) if not name.startswith("_"))
        if issubclass(value, BaseModel):
            yield from value.model_fields
            yield from (word for field in value.model_fields.values() for word in _literals(field.annotation))
        if dataclasses.is_dataclass(value):
            yield from (field.name for field in dataclasses.fields(value))
        if issubclass(value, Enum):
            yield from (str(member.value) for member in value)
    if callable(value):
        try:
            yield from inspect.signature(value).parameters
        except ValueError:  # a class made in C tells no signature
            return


def _literals(annotation: Any) -> Iterator[str]:
    """Yield the words that an annotation allows."""
    for part in get_args(annotation):
        if isinstance(part, str):
            yield part
        else:
            yield from _literals(part)


# What exists is documented.


def test_the_commands_page_is_current() -> None:
    assert TEXT["docs/commands.md"] == GENERATOR.page(), "run: python scripts/document_commands.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_on_the_commands_page(command: str) -> None:
    section = re.search(rf"^## `ceasefire {command}`$(.*?)(?=^## |\Z)", TEXT["docs/commands.md"], re.M | re.S)
    assert section is not None
    missing = [option for option in OPTIONS[command] if not re.search(rf"{re.escape(option)}\b", section[1])]
    assert {"--workspace", "--json"} <= OPTIONS[command]
    assert missing == []


@pytest.mark.parametrize("name", ceasefire.__all__)
def test_every_public_name_is_on_the_api_page(name: str) -> None:
    assert f"### `{name}`" in TEXT["docs/python-api.md"]


def test_the_api_page_has_every_method_of_a_workspace_with_its_parameters() -> None:
    page = TEXT["docs/python-api.md"]
    for name, member in vars(Workspace).items():
        if name.startswith("_"):
            continue
        assert re.search(rf"`{name}[`(]", page), name
        if inspect.isfunction(member) and name != "findings":
            shown = re.search(rf"`{name}\(([^)]*)\)`", page)
            assert shown is not None, name
            taken = [p for p in inspect.signature(member).parameters if p not in ("self", "progress")]
            assert re.findall(r"[a-z_]+(?=[,=]|$)", re.sub(r'=("\w*"|\w+)', "=", shown[1])) == taken, name


def test_the_tree_of_errors_and_the_exit_codes_are_those_of_the_code() -> None:
    page, tree = TEXT["docs/errors.md"], (errors.__doc__ or "").partition("\n\n")[2].strip()
    assert tree in page
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and issubclass(kind, errors.CeasefireError):
            assert re.search(rf"^\| `{name}` \| {kind.exit_code} \|", page, re.MULTILINE), name
            assert re.search(rf"\b{name}\b", tree), name


def test_every_page_is_in_the_navigation_and_the_other_way_round() -> None:
    config = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    listed = re.findall(r'= "([\w/-]+\.md)"', config)
    assert sorted(listed) == sorted(page.removeprefix("docs/") for page in PAGES if page.startswith("docs/"))


def test_the_first_page_leads_to_every_page_but_decisions() -> None:
    linked = set(re.findall(r"\]\(([\w/-]+\.md)\)", TEXT["docs/index.md"]))
    pages = {page.removeprefix("docs/") for page in PAGES if page.startswith("docs/")} - {"index.md"}
    assert {page for page in pages if not page.startswith("decisions/")} <= linked


# What is named exists.


def _option(word: str) -> str:
    """Return an option without its value, or the key that it is given for: ``--count.roads`` is ``--count``."""
    return re.split(r"[=.]", word, maxsplit=1)[0]


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_named_exist(page: str) -> None:
    spans = [*code_in(page), *re.findall(r"^\$ (.+)$", TEXT[page], re.MULTILINE)]
    for span in spans:
        words = re.split(r"\s+|\|", span)
        if "ceasefire" in words and len(words) > 1 and "import ceasefire" not in span:
            for call in re.findall(r"(?:^|&& |/)ceasefire ([^&]+)", span):
                command, *arguments = call.split()
                assert command in {*COMMANDS, "COMMAND", "--help", "--version"}, span
                given = {_option(word) for word in arguments if word.startswith("-")}
                assert given <= OPTIONS.get(command, set()) | {"--help"}, span
        elif span.startswith("--"):
            assert _option(words[0]) in set().union(*OPTIONS.values()) | {"--help"}, span
    for target in re.findall(r"`make ([a-z]+)`|^make ([a-z]+)", TEXT[page], re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES)
def test_names_and_files_in_backticks_exist(page: str, names: set[str]) -> None:
    saved = set(re.findall(r'title="([^"]+)"', TEXT[page])) | set(re.findall(r"^# (\S+\.yaml)$", TEXT[page], re.M))
    printed = set(re.findall(r"-o (\S+)|(\w+\.csv)", TEXT[page]))
    unknown = [
        span
        for span in code_in(page)
        if not _exists(span, names, saved | {name for pair in printed for name in pair}, NOT_OURS.get(page))
    ]
    assert unknown == []


def _exists(span: str, names: set[str], saved: set[str], foreign: re.Pattern[str] | None) -> bool:
    if FOREIGN.fullmatch(span) or (foreign and foreign.fullmatch(span)) or span in saved:
        return True
    if OUR_FILES.fullmatch(span):
        return _file_exists(span)
    if re.fullmatch(r"ceasefire(\.\w+)+", span):
        return importlib.util.find_spec(span) is not None
    dotted = re.fullmatch(r"([A-Za-z_]\w*)\.(\w+)", span)
    if dotted:
        return {dotted[1], dotted[2]} <= names
    call = re.fullmatch(r"(\w+)\(.*\)", span)
    word = call[1] if call else span
    looks_like_a_name = re.fullmatch(r"[A-Z]\w*[a-z]\w*|[a-z]+(?:_[a-z]+)+|[a-z]+(?:-[a-z]+)+", word)
    return not looks_like_a_name or word in names or _file_exists(word)


def test_a_name_that_does_not_exist_is_noticed(names: set[str]) -> None:
    invented = ("incident_colour", "NoSuchError", "no-such-status", "docs/nowhere.md", "Workspace.fly", "judge_all()")
    assert [span for span in invented if _exists(span, names, set(), None)] == []


def _file_exists(name: str) -> bool:
    pattern = re.sub(r"<[^>]*>", "*", name)
    folders = [ROOT, ROOT / "docs", ROOT / "src/ceasefire", ROOT / "src/ceasefire/cases/riverline"]
    in_workspace = {"ledger.sqlite", "workspace.yaml", "mapping.yaml", "clauses/*.yaml"}
    return name in in_workspace or any(
        any(folder.glob(pattern.removeprefix("case/"))) for folder in folders if not pattern.startswith("/")
    )


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", TEXT[page]):
        assert not link.startswith(("http", "//")), f"{link}: name the site, nothing outside is linked"
        path, _, fragment = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if fragment:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert fragment in map(anchor, headings), f"{page}: {link}"
        if page.startswith("docs/") and path:
            assert (ROOT / "docs") in target.resolve().parents, f"{page}: {link} leaves the site"


@pytest.mark.parametrize("page", PAGES)
def test_pages_name_no_machine_and_no_registry(page: str) -> None:
    machine = r"(?<![\w.])/(?:home|root|tmp|work|Users|opt|mnt)/|[A-Z]:\\"
    registry = r"pypi\.org|pythonhosted|npmjs|files\.python|index-url"
    assert re.findall(f"{machine}|{registry}", TEXT[page]) == []


def test_the_site_loads_nothing_from_elsewhere() -> None:
    config = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    assert re.search(r"^font = false$", config, re.MULTILINE)
    assert "://" not in config
    for page, text in TEXT.items():
        assert not re.search(r"<(?:script|img|link|iframe)\b", text), page


def test_the_readme_shows_its_two_commands_and_its_picture() -> None:
    assert re.findall(r"^make (\w+)", TEXT["README.md"], re.MULTILINE)[:2] == ["demo", "test"]
    assert "](docs/picture.png)" in TEXT["README.md"]
