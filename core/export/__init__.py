"""Any result to a file, with what it is about: as a table, a document, a figure, or the records behind it."""

import json
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from core.ard import Result
from core.data import Data
from core.errors import OptionError
from core.export import pdf, rtf, spreadsheet, web, word
from core.export.document import Block, Document, Figure, Heading, Pairs, Table
from core.export.picture import Picture, drawable
from core.export.spreadsheet import csv
from core.export.stamp import foot, provenance
from core.outputs import OUTPUTS
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

__all__ = ["FIGURE_FORMS", "FORMS", "MIME", "RECORD_FORMS", "TABLE_FORMS", "csv", "export", "figure",
           "picture", "provenance", "records", "table"]  # fmt: skip


def export(result: Result, data: Data, form: str) -> bytes:
    """Return a result as the bytes of a file.

    Parameters
    ----------
    form : str
        csv and json hold the analysis results at full precision; xlsx both them and the table as shown; html, rtf,
        docx and pdf the table or figure as shown.

    Examples
    --------
    >>> data = Data.of("data/cdiscpilot01")
    >>> result = OUTPUTS["ae_overview"].run(data, data.study.populations[0])
    >>> export(result, data, "csv").decode().splitlines()[0][:30]
    'group1,group1_level,group2,gro'
    """
    return FORMS[form](result, data)


def table(result: Result, data: Data, form: str) -> bytes:
    """Return what an output shows as the bytes of a file: csv holds the cells as they read, the rest is as in `export`.

    Examples
    --------
    >>> data = Data.of("data/cdiscpilot01")
    >>> result = OUTPUTS["ae_overview"].run(data, data.study.populations[0])
    >>> table(result, data, "csv").decode().splitlines()[0]
    'Adverse events at a glance'
    """
    if form != "csv":
        return export(result, data, form)
    drawn = OUTPUTS[result.output].show(result, data)
    if isinstance(drawn, Layout):
        return spreadsheet.table(drawn, provenance(result))
    return figure(result, data, result.output, "csv")


def records(result: Result, form: str) -> bytes:
    """Return the records behind a result, as csv or xlsx, in the rows that the output keeps: subjects, events, visits or others.

    Raises
    ------
    OptionError
        The output keeps no records.
    """
    shown = OUTPUTS[result.output].records
    if shown is None:
        raise OptionError(f"{result.output} has no records to save; its numbers are the result itself.")
    frame = shown(result)
    return csv(frame) if form == "csv" else spreadsheet.workbook(frame, "Records", provenance(result))


def picture(result: Result, data: Data, name: str) -> Picture:
    """Return one figure of a result, the same that the screen draws.

    Raises
    ------
    OptionError
        The output has no such figure.
    """
    return Picture.of(_title(result, name), _chart(result, data, name), provenance(result))


def figure(result: Result, data: Data, name: str, form: str) -> bytes:
    """Return one figure of a result as svg, png, pdf or html, or the data in it as csv.

    Raises
    ------
    OptionError
        The output has no such figure.
    """
    if form == "html":
        return _chart_page(_chart(result, data, name), result)
    drawn = picture(result, data, name)
    if form == "csv":
        return spreadsheet.stamped(drawn.data(), drawn.about)
    return {"svg": drawn.svg, "png": drawn.png, "pdf": lambda: pdf.leaf(drawn)}[form]()


def document(result: Result, data: Data) -> Document:
    """Return what an output shows as a document of its own, with what it is about."""
    shown = OUTPUTS[result.output].show(result, data)
    if isinstance(shown, Layout):
        block: Block = Table(shown)
    else:
        block = Figure(Picture.of(result.title, shown, provenance(result)), notes=result.notes)
    about = Pairs(tuple(provenance(result).items()))
    return Document(
        f"{result.title}, {result.study}", (block, Heading("About these numbers", 2), about), foot=foot(result)
    )


def _chart(result: Result, data: Data, name: str) -> "alt.LayerChart":
    output = OUTPUTS[result.output]
    if name in output.figures:
        return output.figures[name].draw(result, data)
    shown = output.show(result, data) if name == output.id else None
    if shown is None or isinstance(shown, Layout):
        raise OptionError(f"{result.output} has no figure {name}; it has {', '.join(output.figures) or 'none'}.")
    return shown


def _title(result: Result, name: str) -> str:
    known = OUTPUTS[result.output].figures
    return f"{result.title}: {known[name].title}" if name in known else result.title


def _csv(result: Result, _: Data) -> bytes:
    return csv(result.ard)


def _json(result: Result, _: Data) -> bytes:
    ard = result.ard.astype(object).where(result.ard.notna(), None)
    told = provenance(result) | {"ard": ard.to_dict("records")}
    return json.dumps(told, ensure_ascii=False, indent=1, default=_scalar).encode()


def _xlsx(result: Result, data: Data) -> bytes:
    shown = OUTPUTS[result.output].show(result, data)
    layout = shown if isinstance(shown, Layout) else None
    return spreadsheet.workbook(result.ard, "Results", provenance(result), layout)


def _html(result: Result, data: Data) -> bytes:
    shown = OUTPUTS[result.output].show(result, data)
    return web.write(document(result, data)) if isinstance(shown, Layout) else _chart_page(shown, result)


def _written(write: Callable[[Document], bytes]) -> Callable[[Result, Data], bytes]:
    return lambda result, data: write(document(result, data))


def _chart_page(chart: "alt.LayerChart", result: Result) -> bytes:
    # inline: the file carries its own drawing code and asks no server for it.
    page = _harmless(str(chart.to_html(inline=True)), chart)
    before, _, after = page.rpartition("</body>")
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in provenance(result).items())
    return f"{before}<hr><dl>{told}</dl></body>{after}".encode()


def _harmless(page: str, chart: "alt.LayerChart") -> str:
    """Write the chart's own data so that no text in them can end the script they stand in."""
    written = json.dumps(chart.to_dict())
    if written not in page:
        raise ValueError("the page does not hold the chart's data as they were written")
    return page.replace(written, json.dumps(drawable(chart.to_dict())).replace("<", "\\u003c"))


def _scalar(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)


FORMS: dict[str, Callable[[Result, Data], bytes]] = {
    "csv": _csv,
    "json": _json,
    "xlsx": _xlsx,
    "html": _html,
    "rtf": _written(rtf.write),
    "docx": _written(word.write),
    "pdf": _written(pdf.write),
}
MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "rtf": "application/rtf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
}
TABLE_FORMS = ("csv", "xlsx", "docx", "rtf", "html", "pdf")
FIGURE_FORMS = ("svg", "png", "pdf", "html", "csv")
RECORD_FORMS = ("csv", "xlsx")
