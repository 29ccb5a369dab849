"""Any result to a file, with what it is about."""

import io
import json
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.data import Data
from core.errors import OptionError
from core.outputs import OUTPUTS
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

PLAIN = {
    "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False,
}  # fmt: skip
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def export(result: Result, data: Data, form: str) -> bytes:
    """Return a result as the bytes of a file.

    Parameters
    ----------
    form : str
        csv and json hold the analysis results at full precision; xlsx both them and the table as shown;
        html the table or figure as shown.

    Examples
    --------
    >>> data = Data.of("data/cdiscpilot01")
    >>> result = OUTPUTS["ae_overview"].run(data, data.study.populations[0])
    >>> export(result, data, "csv").decode().splitlines()[0][:30]
    'group1,group1_level,group2,gro'
    """
    return FORMS[form](result, data)


def records(result: Result, form: str) -> bytes:
    """Return the records behind a result, as csv or xlsx, one row a subject.

    Raises
    ------
    OptionError
        The output keeps no records.
    """
    shown = OUTPUTS[result.output].records
    if shown is None:
        raise OptionError(f"{result.output} has no records to save; its numbers are the result itself.")
    frame = shown(result)
    return csv(frame) if form == "csv" else _sheet(frame, result)


def figure(result: Result, data: Data, name: str, form: str) -> bytes:
    """Return one figure of a result as html, png or svg.

    Raises
    ------
    OptionError
        The output has no such figure.
    """
    figures = OUTPUTS[result.output].figures
    if name not in figures:
        raise OptionError(f"{result.output} has no figure {name}; it has {', '.join(figures) or 'none'}.")
    chart = figures[name].draw(result, data)
    if form == "html":
        return _chart_page(chart, result)
    import vl_convert

    drawn = json.dumps(chart.to_dict())
    if form == "svg":
        return str(vl_convert.vegalite_to_svg(drawn)).encode()
    return bytes(vl_convert.vegalite_to_png(drawn, scale=2))


def csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV; a text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return _neutral(frame).to_csv(index=False, lineterminator="\n").encode()


def provenance(result: Result) -> dict[str, str]:
    """Return what a reader needs to know of where the numbers come from."""
    return {
        "Study": f"{result.study}: {result.study_title}" + (" (simulated data)" if result.simulated else ""),
        "Data cut": result.data_cut,
        "Snapshot": result.snapshot,
        "Output": f"{result.output}: {result.title}",
        "Population": f"{result.population} (N={result.N})",
        "Filters": result.condition or "none",
        **({"Answer": result.answer} if result.answer else {}),
        **({"Methods": result.methods} if result.methods else {}),
        "Options": ", ".join(f"{name}={_plain(value)}" for name, value in result.options.items()),
        **{f"Note {number}": note for number, note in enumerate(result.notes, 1)},
    }


def _csv(result: Result, _: Data) -> bytes:
    return csv(result.ard)


def _json(result: Result, _: Data) -> bytes:
    ard = result.ard.astype(object).where(result.ard.notna(), None)
    document = provenance(result) | {"ard": ard.to_dict("records")}
    return json.dumps(document, ensure_ascii=False, indent=1, default=_scalar).encode()


def _sheet(frame: pd.DataFrame, result: Result) -> bytes:
    """Return records as a workbook, with what they are about."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, PLAIN) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        _frame_sheet(book.add_worksheet("Records"), frame, bold)
        _about_sheet(book.add_worksheet("About"), result)
    return file.getvalue()


def _frame_sheet(sheet, frame: pd.DataFrame, bold) -> None:  # type: ignore[no-untyped-def]
    sheet.write_row(0, 0, list(frame.columns), bold)
    for at, row in enumerate(frame.itertuples(index=False), 1):
        sheet.write_row(at, 0, ["" if pd.isna(value) else value for value in row])


def _about_sheet(sheet, result: Result) -> None:  # type: ignore[no-untyped-def]
    sheet.set_column(0, 1, 30)
    for at, pair in enumerate(provenance(result).items()):
        sheet.write_row(at, 0, pair)


def _xlsx(result: Result, data: Data) -> bytes:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, PLAIN) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        shown = OUTPUTS[result.output].show(result, data)
        if isinstance(shown, Layout):
            _table_sheet(book.add_worksheet("Table"), shown, bold, book.add_format({"indent": 1}))
        _frame_sheet(book.add_worksheet("Results"), result.ard, bold)
        _about_sheet(book.add_worksheet("About"), result)
    return file.getvalue()


def _table_sheet(sheet, layout: Layout, bold, indented) -> None:  # type: ignore[no-untyped-def]
    sheet.set_column(0, 0, 48)
    sheet.set_column(1, len(layout.columns), 14)
    sheet.write(0, 0, layout.title, bold)
    sheet.write(1, 0, layout.subtitle)
    sheet.write_row(3, 1, [column.spanner for column in layout.columns], bold)
    sheet.write_row(4, 0, [layout.stub, *(column.label for column in layout.columns)], bold)
    sheet.freeze_panes(5, 1)
    for at, row in enumerate(layout.rows, 5):
        sheet.write_string(at, 0, row.label, indented if row.indent else None)
        sheet.write_row(at, 1, row.cells)
    for at, note in enumerate(layout.notes, 6 + len(layout.rows)):
        sheet.write_string(at, 0, note)


def _about(result: Result) -> str:
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in provenance(result).items())
    return f"<hr><dl>{told}</dl></body>"


def _chart_page(chart: "alt.LayerChart", result: Result) -> bytes:
    # inline: the file carries its own drawing code and asks no server for it.
    page = _harmless(str(chart.to_html(inline=True)), chart)
    before, _, after = page.rpartition("</body>")
    return f"{before}{_about(result)}{after}".encode()


def _html(result: Result, data: Data) -> bytes:
    shown = OUTPUTS[result.output].show(result, data)
    if not isinstance(shown, Layout):
        return _chart_page(shown, result)
    from core.tables.render import gt

    title = escape(f"{result.title}, {result.study}")
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    return f"{head}<body>{gt(shown, result.output).as_raw_html()}{_about(result)}</html>".encode()


def _harmless(page: str, chart: "alt.LayerChart") -> str:
    """Write the chart's own data so that no text in them can end the script they stand in."""
    written = json.dumps(chart.to_dict())
    if written not in page:
        raise ValueError("the page does not hold the chart's data as they were written")
    return page.replace(written, written.replace("<", "\\u003c"))


def _neutral(frame: pd.DataFrame) -> pd.DataFrame:
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    return frame.assign(**{name: frame[name].map(_defused) for name in texts}).rename(columns=_defused)


def _defused(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(RUN_BY_SPREADSHEETS) else value


def _plain(value: str | float | bool) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _scalar(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)


FORMS: dict[str, Callable[[Result, Data], bytes]] = {"csv": _csv, "json": _json, "xlsx": _xlsx, "html": _html}
MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "png": "image/png",
    "svg": "image/svg+xml",
}
FIGURE_FORMS = ("png", "svg", "html")
RECORD_FORMS = ("csv", "xlsx")
