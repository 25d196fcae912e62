"""The page: self-contained, escaped, readable by machines that read to people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from ceasefire.bulletin.html import render_html
from ceasefire.bulletin.palette import VARIABLES
from ceasefire.bulletin.records import Bulletin
from ceasefire.model.claims import Account

_VOID = {"meta", "col", "br", "link", "img", "input", "hr"}


class _Page(HTMLParser):
    """Collects elements, and fails on tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)


@pytest.fixture
def source(bulletin: Bulletin) -> str:
    return render_html(bulletin)


@pytest.fixture
def page(source: str) -> _Page:
    parsed = _Page()
    parsed.feed(source)
    return parsed


def test_every_tag_is_closed_in_order(page: _Page):
    assert page.open == []
    assert len(page.elements) > 100


def test_it_needs_nothing_else(source: str, page: _Page):
    assert not {"script", "link", "iframe", "img", "object"} & {tag for tag, _ in page.elements}
    for _, attributes in page.elements:
        assert not {"src", "srcset"} & set(attributes)
        assert (attributes.get("href") or attributes.get("xlink:href") or "#").startswith("#")
    assert "@import" not in source
    assert not re.search(r"url\((?!#)", source)


def test_ids_are_unique_and_every_reference_finds_one(page: _Page):
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    for _, attributes in page.elements:
        target = attributes.get("href") or attributes.get("xlink:href")
        if target:
            assert target[1:] in ids
        if "aria-labelledby" in attributes:
            assert attributes["aria-labelledby"] in ids


def test_tables_have_captions_and_scoped_heads(page: _Page):
    tags = Counter(tag for tag, _ in page.elements)
    assert tags["table"] == tags["caption"] == tags["thead"] > 10
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")


def test_texts_in_other_languages_say_so(page: _Page):
    marked = [a for tag, a in page.elements if tag in ("bdi", "span") and a.get("lang") == "ar"]
    assert marked
    assert all(attributes["dir"] == "rtl" for attributes in marked)
    assert ("html", {"lang": "en", "dir": "ltr"}) in page.elements


def test_figures_are_told_in_words(page: _Page):
    told = [attributes["aria-label"] for _, attributes in page.elements if attributes.get("role") == "img"]
    assert len(told) == 3
    assert all(label and len(label) > 40 for label in told)


def test_words_of_a_case_are_never_markup(source: str, page: _Page):
    assert "Test &lt;case&gt; &amp; co" in source
    assert "<case>" not in source
    assert any("Test <case> & co" in text for text in page.text)


def test_words_of_a_report_are_never_markup(compose: Callable[..., Bulletin], make: dict[str, Any]):
    nasty = '<script>alert("1")</script>'
    account = Account(source_id="watch", acts=("shelling",), perpetrators=(f"name:{nasty}",), targets=("west",))
    source = render_html(
        compose([make["incident"]("a", account, area_name=f"--> {nasty}", place_precision="governorate")],
                [make["finding"]("a", "undetermined", accused_id=f"name:{nasty}", zone_id=None)])
    )  # fmt: skip
    assert "<script" not in source
    assert "&lt;script&gt;" in source
    parsed = _Page()
    parsed.feed(source)
    assert parsed.open == []


def test_figures_follow_a_dark_page(source: str):
    assert "prefers-color-scheme: dark" in source
    drawn = "".join(re.findall(r"<svg.*?</svg>", source, re.DOTALL))
    assert not [colour for colour in VARIABLES if colour in drawn]
    style = source[: source.index("</style>")]
    assert all(style.count(f"{variable}:") == 3 for variable in VARIABLES.values())  # light, dark, print


def test_it_prints_on_paper(source: str):
    assert "@media print" in source
    assert "size: A4" in source
