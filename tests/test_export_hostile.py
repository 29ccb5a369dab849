"""What data contain is shown as text in every format: formulas, control words, markup, endless words, control characters."""

import io
import json
import re
from csv import reader
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from lxml import etree, html

from core.data import Data
from core.export import export, figure, pdf, rtf, spreadsheet, table, web, word
from core.export.document import Document, Table
from core.export.spreadsheet import LONGEST_CELL, RUN_BY_SPREADSHEETS, csv
from core.outputs import find
from core.tables.layout import Column, Layout, Row
from core.tables.paper import MARGIN, visible
from tests.reading import of_csv, of_docx, of_html, of_rtf, office, pages

HOSTILE = {
    "formula": '=HYPERLINK("http://x";"y")',
    "plus": "+1+cmd",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "tab": "\t=1+1",
    "rtf": r'{\field{\*\fldinst INCLUDEPICTURE "http://x"}}\par\bin99 }',
    "script": "<script>alert(1)</script>&amp;<img src=x onerror=alert(2)>",
    "typst": '#import "@preview/x:1" $x$ *b* _i_ `c` \\ #sys.inputs // "',
    "xml": "]]><w:t>&#0;</w:t>",
    "long": "endless" * 1430,
    "words": "many words " * 910,
    "other": "µ ≥ √2 — 検査 🧪 é",
}
CASE = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
IN_DATA = pytest.mark.parametrize("name", ["formula", "rtf", "script", "long", "minus", "typst"])


def layout(text: str) -> Layout:
    return Layout(
        text,
        text,
        text,
        (Column(text, text), Column("n")),
        (Row(text, (text, "1")), Row("b", ("-1.5", text), 1)),
        (text,),
    )


@pytest.fixture(params=["html", "docx", "rtf"])
def read(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    write, back = {"html": (web.write, of_html), "docx": (word.write, of_docx), "rtf": (rtf.write, of_rtf)}[
        request.param
    ]
    return lambda shown: back(write(Document(shown.title, (Table(shown),))))


@CASE
def test_a_hostile_text_is_text_in_every_document(text: str, read) -> None:  # type: ignore[no-untyped-def]
    assert read(layout(text)) == [[text, text, "1"], ["b", "-1.5", text]]


@CASE
def test_a_hostile_text_is_text_in_every_spreadsheet(text: str) -> None:
    shown = layout(text)
    content = spreadsheet.table(shown, {"Study": text})
    raw = content.decode()
    cells = re.findall(r'(?:^|,)(?:"((?:[^"]|"")*)"|([^,\n"]*))', raw, re.MULTILINE)
    for quoted, bare in cells:
        assert re.fullmatch(r"-?\d+(\.\d+)?", quoted or bare) or not (quoted or bare).startswith(RUN_BY_SPREADSHEETS)
    plain = Layout("T", "", "Stub", (Column("a"), Column("n")), shown.rows)
    assert of_csv(spreadsheet.table(plain, {}), plain) == [[text, text, "1"], ["b", "-1.5", text]]
    import pandas as pd

    book = openpyxl.load_workbook(
        io.BytesIO(spreadsheet.workbook(pd.DataFrame({text: [text]}), "Results", {text: text}, shown))
    )
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert len(found) >= 8
    assert all(cell.data_type == "s" and cell.quotePrefix == text.startswith(RUN_BY_SPREADSHEETS) for cell in found)


@CASE
def test_a_hostile_text_is_text_on_a_page(text: str, tmp_path: Path) -> None:
    office()
    (tmp_path / "x.pdf").write_bytes(
        pdf.write(Document("T", (Table(Layout("T", "", "s", (Column("c"),), (Row("a", (text,)),))),)))
    )
    found = pages(tmp_path / "x.pdf")
    read = "".join(
        part for _, height, words in found for part, _, low in words if low < height - MARGIN and part not in ("s", "c")
    )
    # (the headers s and c stand again on every page, amid a cell that goes on)
    if text != HOSTILE["other"]:  # not every machine has every alphabet's letters
        assert re.sub(r"\s", "", text) in re.sub(r"[\s\N{ZERO WIDTH SPACE}]", "", read)
    assert all(right <= width for width, _, words in found for _, right, _ in words)


@IN_DATA
def test_a_hostile_term_of_a_study_is_text_in_every_file(name: str, draw) -> None:  # type: ignore[no-untyped-def]
    data = study(draw, HOSTILE[name])
    result = find("ae_by_term").run(data, data.everybody, {"category": "all"})
    term = HOSTILE[name]
    shown = find("ae_by_term").show(result, data)
    assert isinstance(shown, Layout)
    assert term in [row.label for row in shown.rows]
    for form, back in (("html", of_html), ("docx", of_docx), ("rtf", of_rtf)):
        assert term in [row[0] for row in back(export(result, data, form))]
    assert term in [row[0] for row in of_csv(table(result, data, "csv"), shown)]
    assert term in {row["variable_level"] for row in json.loads(export(result, data, "json"))["ard"]}
    assert export(result, data, "pdf").startswith(b"%PDF-")


@IN_DATA
def test_a_hostile_term_in_a_figure_is_text(name: str, draw) -> None:  # type: ignore[no-untyped-def]
    data = study(draw, HOSTILE[name])
    result = find("ae_incidence").run(data, data.everybody, {"category": "all"})
    drawn = figure(result, data, "ae_incidence", "svg")
    assert not re.search(rb"<(script|img|foreignObject)", drawn)
    assert html.fromstring(drawn) is not None
    page = figure(result, data, "ae_incidence", "html")
    assert b"<script>alert(1)" not in page
    for line in figure(result, data, "ae_incidence", "csv").decode().splitlines():
        assert not re.match(r'"?[=+@]', line)
    assert figure(result, data, "ae_incidence", "pdf").startswith(b"%PDF-")


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "html"])
def test_a_character_that_no_drawing_may_hold_is_drawn_by_its_symbol(form: str, draw) -> None:  # type: ignore[no-untyped-def]
    data = study(draw, "Ane\x07mia\x1b \ufffe")
    result = find("ae_incidence").run(data, data.everybody, {"category": "all"})
    drawn = figure(result, data, "ae_incidence", form)
    assert b"\x07" not in drawn or form in ("png", "pdf")
    if form in ("svg", "html"):
        assert "Ane␇mia␛ �" in drawn.decode() or b"Ane\\u2407mia\\u241b \\ufffd" in drawn
    if form == "svg":
        assert etree.fromstring(drawn) is not None


@pytest.mark.parametrize("text", ["y\r=1+1", "y\r\n=1+1", "\r=1+1", "\n=1+1", "＝1+1"])
def test_no_line_end_or_wide_sign_in_a_text_begins_a_record_or_a_formula(text: str) -> None:
    frame = pd.DataFrame({"A": [text], "B": ["c"]})
    for content in (csv(frame), spreadsheet.table(layout(text), {"About": text})):
        assert b"\r" not in content
        for row in reader(io.StringIO(content.decode(), newline="")):
            assert all(cell[:1] not in tuple("=+@\t\r\n＝") for cell in row)
    assert len(list(reader(io.StringIO(csv(frame).decode(), newline="")))) == 2


def study(draw, text: str) -> Data:  # type: ignore[no-untyped-def]
    adae = f"| USUBJID | AESEQ | AEBODSYS | AEDECOD | AESER |\n| 01 | 1 | Gut | {text} | Y |"
    return draw(adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |", adae=adae)


def test_characters_that_no_document_may_hold_are_shown_by_their_symbols() -> None:
    text = "a\x00b\x0bc\x1fd\x7fe\x85f\ufffeg"
    assert visible(text) == "a␀b␋c␟d␡e�f�g"
    content = word.write(Document(text, (Table(layout(text)),), foot=text))
    assert "a␀b␋c␟d␡e�f�g" in ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert of_rtf(rtf.write(Document(text, (Table(layout(text)),))))[0][0] == visible(text)
    assert pdf.write(Document(text, (Table(layout(text)),))).startswith(b"%PDF-")


def test_a_text_longer_than_a_cell_of_a_workbook_says_so() -> None:
    import pandas as pd

    text = "x" * 40_000
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet.workbook(pd.DataFrame({"a": [text]}), "Results", {})))
    shown = book["Results"]["A2"].value
    assert len(shown) == LONGEST_CELL
    assert shown.endswith("xxx … (40,000 characters)")
    assert shown[:30_000] == text[:30_000]
