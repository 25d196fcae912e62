"""Bulletins are numbered in their series, frozen, and made again to the byte from the same state of the record."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ceasefire.model.errors import UsageError
from ceasefire.pipeline.bulletins import BulletinFormat, Edition, compose, render
from ceasefire.pipeline.history import Kind
from ceasefire.pipeline.workspace import Workspace

from .conftest import ged_row, write_ged

WEEK = "2021-W16"


def test_an_edition_has_one_number_in_all_formats_and_is_frozen(workspace: Workspace) -> None:
    html = workspace.bulletin(week=WEEK, format="html")
    pdf = workspace.bulletin(week=WEEK, format="pdf")
    assert (html.number, pdf.number) == (1, 1)
    assert pdf.content.startswith(b"%PDF")
    again = workspace.bulletin(week=WEEK, format="html")
    assert again.issued_before
    assert again.content == html.content
    assert [entry.kind for entry in workspace.ledger.entries()][2:] == [Kind.BULLETIN_ISSUED] * 2
    # issuing changes nothing that bulletins rest on
    assert workspace.findings().num_rows == 79


def test_numbers_run_by_series(workspace: Workspace) -> None:
    assert workspace.bulletin(week=WEEK, format="html").number == 1
    assert workspace.bulletin(week="2021-W17", format="html").number == 2
    assert workspace.bulletin(day="2021-04-21", format="html").number == 1
    assert workspace.bulletin(week=WEEK, format="html", release="mission").number == 1


def test_the_same_state_renders_to_the_same_bytes(workspace: Workspace, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(workspace.folder, copy)
    shutil.rmtree(copy / "derived")
    with Workspace.open(copy, author="Chidi") as other:
        other.run()
        for format in ("html", "pdf"):
            ours, theirs = workspace.bulletin(week=WEEK, format=format), other.bulletin(week=WEEK, format=format)
            assert ours.content == theirs.content


def test_a_bulletin_of_the_past_is_as_it_was(workspace: Workspace, tmp_path: Path) -> None:
    first = workspace.bulletin(week=WEEK, format="html")
    workspace.import_file(write_ged(tmp_path / "events.csv", ged_row(1)), "ucdp-ged")
    workspace.run()
    second = workspace.bulletin(week=WEEK, format="html")
    assert second.number == 2
    assert b"replaces No. 1 of the same period" in second.content
    assert b"replaces No." not in first.content
    assert workspace.bulletin(week=WEEK, format="html", as_of=2).content == first.content
    state = workspace._state(2)
    edition = Edition.of(state, week=WEEK, day=None, reading=None, release="public")
    anew = compose(edition, state, ledger=workspace.ledger, number=1, errata=())
    assert render(anew, BulletinFormat.HTML) == first.content


def test_what_cannot_be_issued_is_refused(workspace: Workspace) -> None:
    for asked, words in (
        ({}, "of one week or of one day"),
        ({"week": WEEK, "day": "2021-04-21"}, "of one week or of one day"),
        ({"week": "2021-16"}, "not an ISO week"),
        ({"week": WEEK, "format": "docx"}, "Formats: pdf, html"),
        ({"week": WEEK, "release": "secret"}, "Classes: public, mission"),
    ):
        with pytest.raises(UsageError, match=words):
            workspace.bulletin(**asked)
    assert workspace.ledger.size == 2
