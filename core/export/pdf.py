"""A document as PDF, set by typst from a fixed template; what is in it is data to the template, never markup."""

import json
import re
from pathlib import Path
from typing import Any

from core.export.document import Block, Document, Figure, Heading, Pairs, Paragraph, Table
from core.export.picture import Picture
from core.tables.paper import (
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PAIR_WIDTHS,
    STEP,
    Part,
    fold,
    shrunk,
    stays_whole,
    visible,
)

TEMPLATE, LEAF = Path(__file__).parent / "document.typ", Path(__file__).parent / "leaf.typ"
LONG_WORD = re.compile(r"\S{16}(?=\S{8})")
BESIDE_A_FIGURE = 700
"""Characters of notes that find room on the page of the tallest figure."""

BREAK = "\N{ZERO WIDTH SPACE}"


def write(document: Document) -> bytes:
    """Return a document as PDF.

    Examples
    --------
    >>> write(Document("#import $x$ *bold*", (Paragraph("Text"),)))[:5]
    b'%PDF-'
    """
    told = {
        "title": _text(document.title), "lines": [_text(line) for line in document.lines], "foot": _text(document.foot),
        "contents": document.contents, "blocks": [_block(block) for block in document.blocks],
        "pair": PAIR_WIDTHS[0], "page": {"width": PAGE_WIDTH, "height": PAGE_HEIGHT, "margin": MARGIN},
    }  # fmt: skip
    return _set(TEMPLATE, told)


def leaf(picture: Picture) -> bytes:
    """Return a figure as a PDF page of its size, with what it is about below it and in the file's properties."""
    width, _ = picture.size
    pairs = [[name, _text(value)] for name, value in picture.about.items()]
    told = {
        "title": _text(picture.title),
        "about": picture.words,
        "pairs": pairs,
        "width": width,
        "pdf": list(picture.pdf()),
    }
    return _set(LEAF, told)


def _set(template: Path, told: dict[str, Any]) -> bytes:
    import typst

    # One string of data for a template that is always the same: no text of a study is ever read as markup.
    made = typst.compile(template.read_bytes(), format="pdf", sys_inputs={"document": json.dumps(told)})
    assert isinstance(made, bytes)
    return made


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "level": block.level, "text": _text(block.text)}
        case Paragraph():
            return {"kind": "note" if block.note else "paragraph", "text": _text(block.text)}
        case Pairs():
            return {"kind": "pairs", "pairs": [[_text(name), _text(told)] for name, told in block.pairs]}
        case Table():
            parts = [_part(part) for part in fold(block.layout)]
            return {"kind": "table", "caption": _text(block.caption), "listed": bool(block.number), "parts": parts}
        case Figure():
            width, height = block.picture.size
            return {
                "kind": "figure", "caption": _text(block.caption), "listed": bool(block.number), "width": width * shrunk(width, height),
                "pdf": list(block.picture.pdf()), "alt": _text(block.picture.title), "notes": [_text(note) for note in block.notes],
                "together": sum(map(len, block.notes)) <= BESIDE_A_FIGURE,
            }  # fmt: skip


def _part(part: Part) -> dict[str, Any]:
    layout = part.layout
    return {
        "subtitle": _text(layout.subtitle),
        "more": part.suffix,
        "widths": part.widths,
        "spanners": [[_text(label), len(columns)] for label, columns in layout.spanners] if any(label for label, _ in layout.spanners) else [],
        "labels": [_text(layout.stub), *(_text(column.label) for column in layout.columns)],
        "align": part.aligned,
        "rows": [
            {"texts": [_text(row.label), *map(_text, row.cells)],
                # One cell that may not be broken keeps its whole row from it, and what is beyond the page is lost.
                "whole": stays_whole([row.label, *row.cells]), "indent": row.indent * STEP, "bold": layout.nested and row.indent == 0}
            for row in layout.rows
        ],
        "notes": [_text(note) for note in layout.notes],
    }  # fmt: skip


def _text(text: str) -> str:
    """Return a text that can be broken: a word longer than a column is else set beyond it."""
    return LONG_WORD.sub(lambda found: found[0] + BREAK, visible(text))
