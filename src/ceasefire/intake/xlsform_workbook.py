"""A form as a workbook: the same form gives the same bytes, so that two copies can be compared by their hash."""

from __future__ import annotations

import io
import re
import zipfile

from ceasefire.intake.xlsform import Form

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest date that an archive can give a file."""
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_WIDEST = 60


def workbook_bytes(form: Form) -> bytes:
    """Return the form as XLSX, with the sheets ``survey``, ``choices`` and ``settings``."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for title in ("survey", "choices", "settings"):
        sheet = book.create_sheet(title)
        rows: tuple[tuple[str, ...], ...] = getattr(form, title)
        for number, row in enumerate(rows, start=1):
            for place, text in enumerate(row, start=1):
                if text:
                    cell = sheet.cell(number, place)
                    cell.value = text
                    cell.data_type = "s"  # a text that begins with = is no formula
                    cell.alignment = Alignment(vertical="top", wrap_text=number > 1)
        for place, name in enumerate(rows[0], start=1):
            sheet.cell(1, place).font = Font(bold=True)
            widest = max(len(row[place - 1]) for row in rows)
            sheet.column_dimensions[get_column_letter(place)].width = min(max(widest, len(name)) + 2, _WIDEST)
        sheet.freeze_panes = "C2" if title != "settings" else "A2"
    written = io.BytesIO()
    book.save(written)
    return _without_dates(written.getvalue())


def _without_dates(content: bytes) -> bytes:
    """Return a workbook packed anew, without the moment at which it was made."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(made.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            part = made.read(name)
            if name == "docProps/core.xml":
                part = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z", part)
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            packed.writestr(info, part)
    return sink.getvalue()
