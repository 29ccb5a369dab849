"""Files read back as a reader's program reads them: the cells of their tables, and the words of a page."""

import csv
import io
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree, html

from core.tables.layout import Layout
from core.tables.paper import fold

SOFFICE, PDFTOTEXT = shutil.which("soffice"), shutil.which("pdftotext")
REQUIRED = os.environ.get("MARROWSCOPE_OFFICE") == "required"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
XHTML = "{http://www.w3.org/1999/xhtml}"
Cells = list[list[str]]


def office() -> None:
    """Skip, or fail where it is required, without LibreOffice and poppler."""
    if SOFFICE is None or PDFTOTEXT is None:
        needed = "install Debian's packages libreoffice-writer-nogui and poppler-utils"
        if REQUIRED:
            pytest.fail(f"LibreOffice and pdftotext are required here; {needed}.")
        pytest.skip(f"NO OFFICE: documents were not opened by another program; {needed} to do so.")


def body(layout: Layout) -> Cells:
    """The rows of a table, label first."""
    return [[row.label, *row.cells] for row in layout.rows]


def folded(layout: Layout) -> Cells:
    """The rows of a table on paper: those of each part in turn."""
    return [cells for part in fold(layout) for cells in body(part.layout)]


def of_csv(content: bytes, layout: Layout) -> Cells:
    """The body of a table as CSV, without the apostrophe before a text that would run."""
    lines = list(csv.reader(io.StringIO(content.decode(), newline="")))
    first = lines.index([layout.stub, *(column.label for column in layout.columns)]) + 1
    return [
        [re.sub(r"^'(?=[=+\-@\t\r])", "", text) for text in line] for line in lines[first : first + len(layout.rows)]
    ]


def of_html(content: bytes) -> Cells:
    """The body of the first table of a page."""
    (rows, *_) = [each.findall("tr") for each in html.fromstring(content).iter("tbody")]
    return [["".join(cell.itertext()) for cell in row] for row in rows]


def of_docx(content: bytes) -> Cells:
    """Every row of every table but their headers."""
    root = etree.fromstring(ZipFile(io.BytesIO(content)).read("word/document.xml"))
    rows = [row for row in root.iter(f"{W}tr") if row.find(f"{W}trPr/{W}tblHeader") is None]
    return [
        ["".join(map(_word_text, cell.iter(f"{W}t", f"{W}br", f"{W}tab"))) for cell in row.iter(f"{W}tc")]
        for row in rows
    ]


def _word_text(element: etree._Element) -> str:
    return {f"{W}br": "\n", f"{W}tab": "\t"}.get(element.tag, element.text or "")


def of_rtf(content: bytes) -> Cells:
    """Every row of every table but their headers; a control word that is not known is an error."""
    rows = re.findall(r"\\trowd(.*?)\\row\b", content.decode("ascii"), re.DOTALL)
    return [
        [rtf_text(cell) for cell in re.findall(r"\\pard\\plain\\intbl\S*? (.*?)\\cell(?!x)", row, re.DOTALL)]
        for row in rows if r"\trhdr" not in row
    ]  # fmt: skip


def rtf_text(text: str) -> str:
    """A text as RTF readers show it."""
    found, units, at = "", b"", 0
    for word in re.finditer(r"\\u(-?\d+)\?|\\([\\{}])|\\(line|tab) |([^\\{}])", text, re.DOTALL):
        assert word.start() == at, text[at : word.start()]
        at = word.end()
        if word[1]:
            units += (int(word[1]) % 65536).to_bytes(2, "little")
            continue
        found, units = found + units.decode("utf-16-le"), b""
        found += word[2] or {"line": "\n", "tab": "\t"}.get(word[3] or "") or word[4]
    assert at == len(text)
    return found + units.decode("utf-16-le")


def converted(files: dict[str, bytes], folder: Path) -> dict[str, Path]:
    """Files as LibreOffice makes PDFs of them, all in one call."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        str(SOFFICE),
        profile,
        "--headless",
        "--convert-to",
        "pdf:writer_pdf_Export",
        "--outdir",
        str(folder / "made"),
    ]
    subprocess.run([*command, *(str(folder / name) for name in files)], check=True, capture_output=True, timeout=300)
    return {name: folder / "made" / f"{Path(name).stem}.pdf" for name in files}


def pages(path: Path) -> list[tuple[float, float, list[tuple[str, float, float]]]]:
    """The pages of a PDF: width, height, and each word with its right and lower end."""
    made = subprocess.run([str(PDFTOTEXT), "-bbox", str(path), "-"], check=True, capture_output=True).stdout
    root = etree.fromstring(made, etree.XMLParser(recover=True))
    return [
        (float(page.get("width")), float(page.get("height")),
         [(word.text or "", float(word.get("xMax")), float(word.get("yMax"))) for word in page.iter(f"{XHTML}word")])
        for page in root.iter(f"{XHTML}page")
    ]  # fmt: skip


def pieces(texts: list[str]) -> Counter[str]:
    """The pieces of texts between which a line may break."""
    return Counter(piece for text in texts for piece in re.split(r"[^\w.%<>=]+", text) if piece)
