"""Every table of the catalogue, of both studies: what any file holds is what the screen shows, cell by cell."""

import io
import json
import re
from html import unescape
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from lxml import etree

from core.ard import Result
from core.data import Data
from core.export import FIGURE_FORMS, export, figure, pdf, picture, provenance, rtf, table, word
from core.export.document import Document, Table
from core.outputs import OUTPUTS
from core.tables.layout import Column, Layout, Row
from core.tables.paper import ROOM, fold
from tests.reading import W, body, converted, folded, of_csv, of_docx, of_html, of_rtf, office, pages, pieces

STUDIES = ("pilot", "trial")
EVERY = pytest.mark.parametrize("output", OUTPUTS)
OF_EACH = pytest.mark.parametrize("study", STUDIES)
LONG = Layout(
    "Long", "Who", "Stubhead", (Column("Columnhead", "Spanner"), Column("n", "Spanner")),
    tuple(Row(f"row{n} with a label that goes on over the end of the line of the stub, {n}", ("1 (2.3)", "4"), n % 2) for n in range(120)),
)  # fmt: skip
ENDLESS = "endless" * 1430
TALL = Layout(
    "Tall",
    "",
    "Stubhead",
    (Column("Columnhead"),),
    (Row("first", ("1",)), Row("second", (ENDLESS,)), Row("third", ("3",))),
)
pytestmark = pytest.mark.xdist_group("export")


@pytest.fixture(scope="module")
def shown(pilot: Data, trial: Data) -> dict[tuple[str, str], tuple[Result, Data, object]]:
    """Every output of both studies as the screen shows it; by arm where it has columns."""
    found = {}
    for study, data in zip(STUDIES, (pilot, trial), strict=True):
        for name, output in OUTPUTS.items():
            columned = study == "pilot" and any(option.name == "columns" for option in output.options)
            result = output.run(data, data.study.populations[0], {"columns": "TRT01A"} if columned else {})
            found[study, name] = (result, data, output.show(result, data))
    return found


@OF_EACH
@EVERY
def test_every_file_of_a_table_holds_the_cells_of_the_screen(study: str, output: str, shown: dict) -> None:
    result, data, layout = shown[study, output]
    if not isinstance(layout, Layout):
        assert picture(result, data, output).spec
        return
    about = [list(pair) for pair in provenance(result).items()]
    assert of_csv(table(result, data, "csv"), layout) == body(layout)
    book = openpyxl.load_workbook(io.BytesIO(export(result, data, "xlsx")), read_only=True)["Table"]
    rows = book.iter_rows(min_row=6, max_row=5 + len(layout.rows), max_col=1 + len(layout.columns), values_only=True)
    assert [[cell or "" for cell in row] for row in rows] == body(layout) if layout.rows else True
    page = export(result, data, "html")
    assert of_html(page) == body(layout)
    assert of_docx(export(result, data, "docx")) == folded(layout) + about
    assert of_rtf(export(result, data, "rtf")) == folded(layout) + about
    assert all(value in unescape(page.decode()) for _, value in about)


@OF_EACH
@EVERY
def test_a_table_that_folds_keeps_every_column_once_and_fits_the_page(study: str, output: str, shown: dict) -> None:
    _, _, layout = shown[study, output]
    if isinstance(layout, Layout):
        parts = fold(layout)
        assert [column for part in parts for column in part.layout.columns] == list(layout.columns)
        assert all(sum(part.widths) <= ROOM for part in parts)
        assert [note for part in parts for note in part.layout.notes] == list(layout.notes)


@pytest.mark.parametrize(("wide", "told"), [(1, [""]), (20, [" (part 1 of 2)", " (part 2 of 2)"])])
def test_every_format_numbers_the_parts_of_a_folded_table_whatever_its_title_says(wide: int, told: list[str]) -> None:
    title = "PSA (part A): change"
    layout = Layout(title, "", "Term", tuple(Column(f"c{n}") for n in range(wide)), (Row("n", ("1234567",) * wide),))
    captions = [f"Table 1. {title}{part}" for part in told]
    document = Document("T", (Table(layout, "Table 1"),))
    in_word = etree.fromstring(ZipFile(io.BytesIO(word.write(document))).read("word/document.xml"))
    texts = ["".join(each.itertext()) for each in in_word.iter(f"{W}p")]
    assert [text for text in texts if title in text] == captions
    assert re.findall(rf" (Table 1\. {re.escape(title)}.*?)\\par", rtf.write(document).decode()) == captions
    block = pdf._block(document.blocks[0])
    assert [block["caption"] + part["more"] for part in block["parts"]] == captions


@pytest.fixture(scope="module")
def printed(shown: dict, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All tables of each study as a document in each format, on paper."""
    office()
    folder, documents = tmp_path_factory.mktemp("printed"), {}
    for study in STUDIES:
        layouts = [layout for (of, _), (_, _, layout) in shown.items() if of == study and isinstance(layout, Layout)]
        documents[study] = Document("All tables", tuple(Table(each) for each in layouts), foot="foot")
    documents |= {"long": Document("Long", (Table(LONG),)), "tall": Document("Tall", (Table(TALL),))}
    files = {f"{name}_word.docx": word.write(each) for name, each in documents.items()}
    files |= {f"{name}_rich.rtf": rtf.write(each) for name, each in documents.items()}
    made = converted(files, folder)
    for name, each in documents.items():
        made[f"{name}_typst.pdf"] = folder / f"{name}_typst.pdf"
        made[f"{name}_typst.pdf"].write_bytes(pdf.write(each))
    return {name.split(".")[0]: path for name, path in made.items()}


@OF_EACH
@pytest.mark.parametrize("made", ["word", "rich", "typst"])
def test_on_paper_no_cell_is_lost_and_no_table_is_cut(
    study: str, made: str, printed: dict[str, Path], shown: dict
) -> None:
    layouts = [layout for (of, _), (_, _, layout) in shown.items() if of == study and isinstance(layout, Layout)]
    found = pages(printed[f"{study}_{made}"])
    words = [text.replace("\N{ZERO WIDTH SPACE}", "") for _, _, page in found for text, _, _ in page]
    wanted = pieces([text for layout in layouts for row in folded(layout) for text in row])
    lost = wanted - pieces(words)
    assert not lost
    assert all(right <= width and low <= height for width, height, page in found for _, right, low in page)
    rows = sum(len(folded(layout)) for layout in layouts)
    parts = sum(len(fold(layout)) for layout in layouts)
    assert rows / 50 <= len(found) <= rows / 15 + 2 * parts


@pytest.mark.parametrize("made", ["word", "rich", "typst"])
def test_on_paper_a_long_table_repeats_its_headers(made: str, printed: dict[str, Path]) -> None:
    found = pages(printed[f"long_{made}"])
    assert 4 <= len(found) <= 10
    for _, _, words in found:
        texts = [text for text, *_ in words]
        assert any(text.startswith("row") for text in texts)
        assert {"Stubhead", "Spanner", "Columnhead"} <= set(texts)


@pytest.mark.parametrize("made", ["word", "rich", "typst"])
def test_on_paper_a_cell_taller_than_a_page_goes_on_to_the_next(made: str, printed: dict[str, Path]) -> None:
    found = pages(printed[f"tall_{made}"])
    read = "".join(
        re.sub("[^endls]", "", text) for _, _, words in found for text, *_ in words if len(set(text) - set("endls")) < 2
    )
    assert read.count("endless") >= 1430 - len(found)
    assert "third" in [text for _, _, words in found for text, *_ in words]
    assert all(right <= width and low <= height for width, height, words in found for _, right, low in words)


@OF_EACH
@EVERY
def test_a_figure_in_a_file_is_the_picture_of_the_screen(study: str, output: str, shown: dict) -> None:
    result, data, chart = shown[study, output]
    for name in [*([] if isinstance(chart, Layout) else [output]), *OUTPUTS[output].figures]:
        screen = chart if name == output else OUTPUTS[output].figures[name].draw(result, data)
        drawn = picture(result, data, name)
        assert json.loads(drawn.spec) == screen.to_dict()
        values = [row for rows in screen.to_dict().get("datasets", {}).values() for row in rows]
        assert len(drawn.data()) == len(values)
        assert json.dumps(screen.to_dict()).replace("<", "\\u003c") in figure(result, data, name, "html").decode()


def test_every_file_of_a_figure_tells_what_it_is_about(shown: dict) -> None:
    result, data, _ = shown["trial", "paired_change"]
    about = provenance(result)
    assert set(FIGURE_FORMS) == {"svg", "png", "pdf", "html", "csv"}
    for form in ("svg", "png", "html", "csv"):
        content = unescape(figure(result, data, "slope", form).decode("utf-8", errors="replace"))
        for name in ("Study", "Data cut", "Snapshot", "Application", "Computed", "Population"):
            assert about[name] in content, (form, name)
    assert about["Computed"].endswith(" UTC")
    assert about["Application"].startswith("Marrowscope ")


def test_a_figure_as_pdf_tells_what_it_is_about_on_its_page(shown: dict, tmp_path: Path) -> None:
    office()
    result, data, _ = shown["trial", "paired_change"]
    (tmp_path / "slope.pdf").write_bytes(figure(result, data, "slope", "pdf"))
    ((_, _, words),) = pages(tmp_path / "slope.pdf")
    text = "".join(word for word, *_ in words).replace("\N{ZERO WIDTH SPACE}", "")
    assert result.snapshot in text
    assert result.computed.replace(" ", "") in text


def test_the_data_of_a_figure_are_its_marks(shown: dict) -> None:
    result, data, _ = shown["trial", "paired_change"]
    content = figure(result, data, "waterfall", "csv")
    read = pd.read_csv(io.BytesIO(content.split(b"\nAbout,")[0]))
    pairs = result.records[result.records.paired]
    bars = read[read.marks.str.contains("bar")]
    assert sorted(bars.USUBJID) == sorted(pairs.USUBJID)


def test_the_version_in_every_file_is_that_of_the_project() -> None:
    from core import __version__
    from tests.conftest import ROOT

    assert re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1] == __version__  # type: ignore[index]
