"""Files say what the screen says, carry where it comes from, and never run what data contain."""

import io
import json
from html import unescape

import openpyxl
import pandas as pd
import pytest

from core.ard import COLUMNS
from core.data import Data
from core.export import FORMS, MIME, csv, export, provenance
from core.outputs import OUTPUTS, find
from core.tables.layout import Layout

HOSTILE = '=HYPERLINK("http://x";"y")'
EVERY = pytest.mark.parametrize("output", OUTPUTS)


@pytest.fixture(scope="module")
def results(pilot: Data) -> dict:
    return {name: each.run(pilot, pilot.study.populations[0], {"columns": "TRT01A"}) for name, each in OUTPUTS.items()}


@EVERY
def test_csv_is_the_results_at_full_precision(output: str, results: dict, pilot: Data) -> None:
    read = pd.read_csv(
        io.BytesIO(export(results[output], pilot, "csv")), keep_default_na=False, na_values={"stat": [""]}
    )
    assert tuple(read.columns) == COLUMNS
    ard = results[output].ard
    assert (read.stat.isna() == ard.stat.isna().to_numpy()).all()
    assert read.stat.dropna().tolist() == ard.stat.dropna().tolist()
    assert read.variable_level.tolist() == ard.variable_level.tolist()


@EVERY
def test_json_carries_numbers_and_provenance(output: str, results: dict, pilot: Data) -> None:
    read = json.loads(export(results[output], pilot, "json"))
    assert [row["stat"] for row in read["ard"]] == [None if x != x else x for x in results[output].ard.stat]  # noqa: PLR0124
    assert read["Population"] == "Safety (N=254)"
    assert read["Snapshot"] == pilot.snapshot
    assert "columns=TRT01A" in read["Options"]


@EVERY
def test_xlsx_shows_the_table_of_the_screen(output: str, results: dict, pilot: Data) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export(results[output], pilot, "xlsx")))
    assert {"Results", "About"} <= set(book.sheetnames)
    assert dict(book["About"].iter_rows(values_only=True)) == provenance(results[output])
    shown = OUTPUTS[output].show(results[output], pilot)
    if isinstance(shown, Layout):
        rows = list(book["Table"].iter_rows(min_row=6, max_row=5 + len(shown.rows), values_only=True))
        assert [(row[0], tuple(cell or "" for cell in row[1:])) for row in rows] == [
            (row.label, row.cells) for row in shown.rows
        ]


@EVERY
def test_html_holds_every_cell_and_asks_no_server(output: str, results: dict, pilot: Data) -> None:
    page = unescape(export(results[output], pilot, "html").decode())
    shown = OUTPUTS[output].show(results[output], pilot)
    if isinstance(shown, Layout):
        for row in shown.rows:
            for text in (row.label, *row.cells):
                assert text in page
    for value in provenance(results[output]).values():
        assert value in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_every_form_has_a_media_type() -> None:
    assert set(FORMS) == set(MIME)


def hostile_study(draw, text: str) -> Data:
    adae = f"""
    | USUBJID | AESEQ | AEBODSYS | AEDECOD  | AESER |
    | 01      | 1     | Gut      | {text}   | Y     |
    """
    return draw(adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |", adae=adae)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+2", "@SUM(A1)"])
def test_a_spreadsheet_formula_in_the_data_stays_text(draw, text: str) -> None:
    data = hostile_study(draw, text)
    result = find("ae_by_term").run(data, data.everybody, {"category": "all"})
    assert f",'{text}," in export(result, data, "csv").decode()
    book = openpyxl.load_workbook(io.BytesIO(export(result, data, "xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert cells
    assert all(cell.data_type == "s" for cell in cells)


def test_markup_in_the_data_stays_text(draw) -> None:
    data = hostile_study(draw, "<img src=x onerror=alert(1)>")
    result = find("ae_by_term").run(data, data.everybody, {"category": "all"})
    page = export(result, data, "html").decode()
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_negative_numbers_are_not_taken_for_formulas() -> None:
    assert csv(pd.DataFrame({"stat": [-1.5], "text": ["-1.5"]})) == b"stat,text\n-1.5,'-1.5\n"


def test_a_term_cannot_end_the_script_of_an_exported_figure(draw) -> None:
    data = hostile_study(draw, "</script><script>alert(2)</script>")
    result = find("ae_incidence").run(data, data.everybody, {"category": "all"})
    page = export(result, data, "html").decode()
    assert "alert(2)" in page
    assert "<script>alert(2)" not in page
