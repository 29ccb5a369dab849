"""CSV and XLSX: text is never run as a formula, and numbers stay numbers."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.tables.layout import Layout
from core.tables.paper import visible

PLAIN = {
    "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False,
}  # fmt: skip
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LINE_END = re.compile("\r\n?")
NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
LONGEST_CELL = 32_767
"""Characters that a cell of a workbook may hold."""


def csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    neutral = frame.assign(**{name: frame[name].map(_defused) for name in texts}).rename(columns=_defused)
    return neutral.to_csv(index=False, lineterminator="\n").encode()


def stamped(frame: pd.DataFrame, about: Mapping[str, str]) -> bytes:
    """Return a frame as CSV, and what it is about below it, after an empty line."""
    told = pd.DataFrame(list(about.items()), columns=["About", ""])
    return csv(frame) + b"\n" + csv(told)


def table(layout: Layout, about: Mapping[str, str]) -> bytes:
    """Return a table as CSV, as it reads: title, who it is about, the headers, every cell, the notes, and what it is about.

    A cell that is a number as it stands is left as it is; any other text that would run gets an apostrophe.
    """
    head = [[layout.title], [layout.subtitle], []]
    if any(column.spanner for column in layout.columns):
        head.append(["", *(column.spanner for column in layout.columns)])
    head.append([layout.stub, *(column.label for column in layout.columns)])
    body = [[_defused(row.label), *map(_defused_cell, row.cells)] for row in layout.rows]
    foot = [[], *([note] for note in layout.notes), [], *map(list, about.items())]
    return _lines(
        [[_defused(text) for text in line] for line in head] + body + [[_defused(t) for t in line] for line in foot]
    )


def workbook(result: pd.DataFrame, name: str, about: Mapping[str, str], layout: Layout | None = None) -> bytes:
    """Return a workbook: the table as shown where there is one, a frame at full precision, and what they are about."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, PLAIN) as book:
        sheets = _Sheets(book)
        if layout is not None:
            sheets.table(book.add_worksheet("Table"), layout)
        sheets.frame(book.add_worksheet(name), result)
        sheets.about(book.add_worksheet("About"), about)
    return file.getvalue()


class _Sheets:
    """The sheets of a workbook; a text that would run is marked as text, so that editing does not run it either."""

    def __init__(self, book: Any) -> None:
        heading = {"bold": True, "bottom": 1, "text_wrap": True}
        self.bold, self.quoted_bold = book.add_format(heading), book.add_format(heading | {"quote_prefix": True})
        self.plain, self.quoted = book.add_format(), book.add_format({"quote_prefix": True})
        self.indented = [book.add_format({"indent": step}) for step in range(6)]
        self.quoted_indented = [book.add_format({"indent": step, "quote_prefix": True}) for step in range(6)]
        self.right, self.quoted_right = (
            book.add_format({"align": "right"}),
            book.add_format({"align": "right", "quote_prefix": True}),
        )

    def table(self, sheet: Any, layout: Layout) -> None:
        """Write a table as the screen shows it: every cell the same text."""
        stub, *widths = layout.widths
        sheet.set_column(0, 0, stub + 2)
        for at, width in enumerate(widths, 1):
            sheet.set_column(at, at, max(width + 2, 10))
        self.text(sheet, 0, 0, layout.title, self.bold, self.quoted_bold)
        self.text(sheet, 1, 0, layout.subtitle)
        for at, column in enumerate(layout.columns, 1):
            self.text(sheet, 3, at, column.spanner, self.bold, self.quoted_bold)
            self.text(sheet, 4, at, column.label, self.bold, self.quoted_bold)
        self.text(sheet, 4, 0, layout.stub, self.bold, self.quoted_bold)
        sheet.freeze_panes(5, 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(layout.rows) + 5}"})
        for at, row in enumerate(layout.rows, 5):
            step = min(row.indent, 5)
            self.text(sheet, at, 0, row.label, self.indented[step], self.quoted_indented[step])
            for place, (text, column) in enumerate(zip(row.cells, layout.columns, strict=True), 1):
                right = column.align == "right"
                self.text(
                    sheet, at, place, text, self.right if right else None, self.quoted_right if right else self.quoted
                )
        for at, note in enumerate(layout.notes, 6 + len(layout.rows)):
            self.text(sheet, at, 0, note)

    def frame(self, sheet: Any, frame: pd.DataFrame) -> None:
        """Write a frame: numbers as numbers, text as text, nothing for what is missing."""
        for at, name in enumerate(frame.columns):
            self.text(sheet, 0, at, name, self.bold, self.quoted_bold)
        for at, row in enumerate(frame.itertuples(index=False), 1):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    self.text(sheet, at, place, value)
                elif not pd.isna(value):
                    sheet.write(at, place, value.item() if isinstance(value, np.generic) else value)

    def about(self, sheet: Any, about: Mapping[str, str]) -> None:
        """Write what the numbers are about, a name beside each."""
        sheet.set_column(0, 1, 30)
        for at, pair in enumerate(about.items()):
            for place, text in enumerate(pair):
                self.text(sheet, at, place, text)

    def text(self, sheet: Any, row: int, column: int, text: str, form: Any = None, quoted: Any = None) -> None:
        """Write one text; one too long for a cell ends with what is left out."""
        if len(text) > LONGEST_CELL:
            told = f" … ({len(text):,} characters)"
            text = text[: LONGEST_CELL - len(told)] + told
        runs = text.startswith(RUN_BY_SPREADSHEETS)
        sheet.write_string(row, column, visible(text), (quoted or self.quoted) if runs else form)


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    import csv as lines

    file = io.StringIO()
    lines.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def _defused(value: object) -> object:
    """Return a text that no reader runs, and that no reader takes for two records: a return within it is a line feed."""
    if not isinstance(value, str):
        return value
    return LINE_END.sub("\n", f"'{value}" if value.startswith(RUN_BY_SPREADSHEETS) else value)


def _defused_cell(value: str) -> object:
    return value if NUMBER.fullmatch(value) else _defused(value)
