"""The bulletin's section on grades: there where a record can be asked, without a count, and never without the power."""

from __future__ import annotations

from dataclasses import replace

from ceasefire.bulletin.assessment import GradedArea, assessment_section
from ceasefire.bulletin.figures import render_figure

AREA = GradedArea(
    title="Harbour", start="Truce", grade="not shown", stopped_at="change", low=0.222, high=1.07, level=98,
    power_30=0.085, power_60=0.755,
)  # fmt: skip


def test_a_grade_stands_with_its_reason_and_its_power() -> None:
    section = assessment_section([AREA])
    assert section is not None
    row = section.tables[0].rows[0]
    assert tuple(cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row[2:]) == (
        "not shown",
        "the change before and after",
        "0.22 to 1.07 (at 98 %)",
        "8 %",
        "76 %",
    )
    assert "never means that there was no effect" in section.paragraphs[0]


def test_what_is_nearly_no_change_or_nearly_sure_is_not_rounded_to_it() -> None:
    section = assessment_section([replace(AREA, grade="shown", high=0.9951, power_30=0.004, power_60=0.998)])
    assert section is not None
    cells = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in section.tables[0].rows[0][4:]]
    assert cells == ["0.22 to 0.995 (at 98 %)", "<1 %", ">99 %"]
    assert "0.22 to 0.995" in section.figures[0].alternative


def test_a_record_too_short_to_be_asked_has_no_section() -> None:
    short = replace(
        AREA, grade="cannot tell", stopped_at="record", low=None, high=None, level=None, power_30=None, power_60=None
    )
    assert assessment_section([]) is None
    assert assessment_section([short]) is None
    both = assessment_section([short, replace(AREA, grade="shown", stopped_at=None)])
    assert both is not None
    assert both.tables[0].rows[0][4:] == ("not known",) * 3
    assert both.tables[0].rows[1][3] == ""


def test_the_picture_shows_each_interval_and_says_where_there_is_none() -> None:
    short = replace(AREA, title="Ferry", grade="cannot tell", low=None, high=None)
    wide = replace(AREA, title="Quarry", grade="cannot tell", low=0.001, high=90.0)
    section = assessment_section([AREA, short, wide])
    assert section is not None
    (figure,) = section.figures
    said = figure.alternative.replace("\N{NO-BREAK SPACE}", " ")
    assert "Harbour, not shown, 0.22 to 1.07 (at 98 %)" in said
    assert "Ferry" not in figure.alternative
    drawn = render_figure(figure)
    assert drawn == render_figure(figure)
    for words in ("Harbour: not shown", "Ferry: cannot tell", "not known"):
        assert words in drawn
