"""Files say what the screen says, carry where it comes from, and never run what data contain."""

import io
import json
from html import escape, unescape

import openpyxl
import pandas as pd
import pytest

from core.ard import COLUMNS
from core.data import Data
from core.errors import OptionError
from core.export import FIGURE_FORMS, FORMS, MIME, RECORD_FORMS, csv, export, figure, provenance, records
from core.outputs import OUTPUTS, find
from core.tables.layout import Layout

HOSTILE = '=HYPERLINK("http://x";"y")'
EVERY = pytest.mark.parametrize("output", OUTPUTS)


@pytest.fixture(scope="module")
def results(pilot: Data, trial: Data) -> dict:
    """A result of every output, of a shipped study that has what it is about; by arm where it has columns."""
    found = {}
    for name, output in OUTPUTS.items():
        data = pilot if output.needs in pilot.schema else trial
        columned = any(option.name == "columns" for option in output.options)
        found[name] = output.run(data, data.study.populations[0], {"columns": "TRT01A"} if columned else {})
    return found


@pytest.fixture
def of(output: str, pilot: Data, trial: Data) -> Data:
    """The study that the result is of."""
    return pilot if OUTPUTS[output].needs in pilot.schema else trial


@EVERY
def test_csv_is_the_results_at_full_precision(output: str, results: dict, of: Data) -> None:
    # A level may be a number, such as a day: it is text all the same.
    read = pd.read_csv(
        io.BytesIO(export(results[output], of, "csv")), keep_default_na=False, na_values={"stat": [""]},
        dtype={"variable_level": str},
    )  # fmt: skip
    assert tuple(read.columns) == COLUMNS
    ard = results[output].ard
    assert (read.stat.isna() == ard.stat.isna().to_numpy()).all()
    assert read.stat.dropna().tolist() == ard.stat.dropna().tolist()
    assert read.variable_level.tolist() == ard.variable_level.tolist()


@EVERY
def test_json_carries_numbers_and_provenance(output: str, results: dict, of: Data) -> None:
    read = json.loads(export(results[output], of, "json"))
    assert [row["stat"] for row in read["ard"]] == [None if x != x else x for x in results[output].ard.stat]  # noqa: PLR0124
    asked = of.study.populations[0]
    about = OUTPUTS[output].whom(of, asked)
    assert read["Population"] == f"{about.label} (N={of.ask('subject_count', about).N[0]})"
    assert read["Snapshot"] == of.snapshot
    assert all(f"{name}=" in read["Options"] for name in results[output].options)


@EVERY
def test_xlsx_shows_the_table_of_the_screen(output: str, results: dict, of: Data) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export(results[output], of, "xlsx")))
    assert {"Results", "About"} <= set(book.sheetnames)
    assert dict(book["About"].iter_rows(values_only=True)) == provenance(results[output])
    shown = OUTPUTS[output].show(results[output], of)
    if isinstance(shown, Layout):
        rows = list(book["Table"].iter_rows(min_row=6, max_row=5 + len(shown.rows), values_only=True))
        assert [(row[0], tuple(cell or "" for cell in row[1:])) for row in rows] == [
            (row.label, row.cells) for row in shown.rows
        ]


@EVERY
def test_html_holds_every_cell_and_asks_no_server(output: str, results: dict, of: Data) -> None:
    page = unescape(export(results[output], of, "html").decode())
    shown = OUTPUTS[output].show(results[output], of)
    if isinstance(shown, Layout):
        for row in shown.rows:
            for text in (row.label, *row.cells):
                assert text in page
    for value in provenance(results[output]).values():
        assert value in page
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_every_form_has_a_media_type() -> None:
    assert {*FORMS, *FIGURE_FORMS, *RECORD_FORMS} == set(MIME)


@EVERY
@pytest.mark.parametrize("form", FIGURE_FORMS)
def test_every_figure_is_a_file_of_its_kind(output: str, form: str, results: dict, of: Data) -> None:
    for name in OUTPUTS[output].figures:
        content = figure(results[output], of, name, form)
        kinds = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF-", "html": b"<!DOCTYPE html>", "csv": b"marks"}
        assert content.startswith(kinds[form])
        if form == "html":
            assert b'src="http' not in content
            assert escape(results[output].methods).encode() in content


def test_a_figure_that_is_not_there_names_those_that_are(results: dict, trial: Data) -> None:
    with pytest.raises(OptionError, match="it has slope, waterfall, distribution"):
        figure(results["paired_change"], trial, "pie", "png")
    with pytest.raises(OptionError, match="it has none"):
        figure(results["disposition"], trial, "pie", "png")


def test_pairs_are_one_row_a_patient_in_both_forms(results: dict, trial: Data) -> None:
    result = results["paired_change"]
    read = pd.read_csv(io.BytesIO(records(result, "csv")))
    book = openpyxl.load_workbook(io.BytesIO(records(result, "xlsx")))
    assert len(read) == book["Records"].max_row - 1 == result.N
    assert read.USUBJID.is_unique
    pairs = read[read["in analysis"] == "Y"]
    assert pairs.change.tolist() == pytest.approx((pairs["Week 9"] - pairs.Baseline).tolist())
    t = result.ard[(result.ard.context == "paired_t") & (result.ard.stat_name == "mean_change")].stat.iloc[0]
    assert pairs.change.mean() == pytest.approx(t)
    assert (pairs["days between"] > 0).all()
    with pytest.raises(OptionError, match="no records"):
        records(results["disposition"], "csv")


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
