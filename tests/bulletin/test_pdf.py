"""The PDF: complete, tagged, dated by the ledger, the same bytes from the same record."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest

from ceasefire.bulletin.pdf import render_pdf
from ceasefire.bulletin.records import Bulletin
from ceasefire.bulletin.sentences import HUMANITARIAN_LAW


@pytest.fixture
def pdf(bulletin: Bulletin) -> bytes:
    return render_pdf(bulletin)


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, its white space made single and hyphens at line ends undone."""
    document = pypdfium2.PdfDocument(pdf)
    texts = []
    for number in range(len(document)):
        page = document[number]
        reader = page.get_textpage()
        text = reader.get_text_range().replace("\ufffe", "").replace("\u00ad", "")
        texts.append(re.sub(r"\s+", " ", re.sub(r"[-\u2010]\r?\n", "", text)))
        reader.close()
        page.close()
    document.close()
    return texts


def test_every_page_is_numbered_and_further_pages_carry_the_running_head(pdf: bytes, bulletin: Bulletin):
    told = pages(pdf)
    assert len(told) > 2
    for number, text in enumerate(told, start=1):
        assert f"{number} of {len(told)}" in text
        assert (bulletin.running_head in text) == (number > 1)


def test_it_says_all_that_the_bulletin_says(pdf: bytes, bulletin: Bulletin):
    told = re.sub(r"[\s\u00a0-]", "", "".join(pages(pdf)))
    assert re.sub(r"[\s-]", "", HUMANITARIAN_LAW) in told
    for sentence in bulletin.summary:
        assert re.sub(r"[\s\u00a0-]", "", sentence) in told
    for section in bulletin.sections:
        assert re.sub(r"[\s-]", "", section.title) in told


def test_every_font_travels_with_the_package(pdf: bytes):
    fonts = set(re.findall(rb"/BaseFont ?/[A-Z]{6}\+([A-Za-z]+)", pdf))
    assert fonts == {b"NotoSans", b"NotoSansArabic"}


def test_its_only_date_is_the_ledgers(pdf: bytes):
    assert set(re.findall(rb"/(?:CreationDate|ModDate) ?\(([^)]*)\)", pdf)) == {b"D:20190718220000Z"}


def test_it_is_tagged_and_names_its_languages(pdf: bytes):
    assert b"/MarkInfo" in pdf
    assert {b"en-GB", b"ar"} <= set(re.findall(rb"/Lang ?\(([A-Za-z-]+)\)", pdf))


def test_errata_are_printed(bulletin: Bulletin):
    told = pages(render_pdf(replace(bulletin, errata=("Bulletin No. 6 gave 3 incidents; there were 4.",))))
    assert "Bulletin No. 6 gave 3 incidents; there were 4." in told[0] + told[1]
