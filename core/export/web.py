"""A document as one HTML file that asks no server for anything."""

from base64 import b64encode
from collections.abc import Iterable
from html import escape

from core.charts.theme import INK, MUTED, RULE
from core.export.document import Block, Document, Figure, Heading, Pairs, Paragraph, Table
from core.tables.paper import visible

STYLE = f"""
body {{ font-family: "Source Sans", "Helvetica Neue", Arial, sans-serif; color: {INK}; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; line-height: 1.45; }}
h1, h2, h3 {{ line-height: 1.2; margin: 2.2rem 0 .6rem; }} h1 {{ margin-top: 0; }}
.note, footer {{ color: {MUTED}; font-size: .85rem; }}
.wide {{ overflow-x: auto; margin: 1.2rem 0; }} .wide td, .wide th, dd, p {{ overflow-wrap: anywhere; }} .wide .gt_right {{ white-space: nowrap; }}
.gt_stub {{ max-width: 28rem; }} .gt_table {{ margin-left: 0 !important; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }} dt {{ color: {MUTED}; }} dd {{ margin: 0; white-space: pre-wrap; }}
figure {{ margin: 1.6rem 0; }} figure img {{ max-width: 100%; height: auto; }} figcaption {{ font-weight: 600; margin-bottom: .4rem; }}
nav li {{ list-style: none; }} nav .level2 {{ margin-left: 1.4rem; font-size: .92rem; }}
footer {{ border-top: 1px solid {RULE}; margin-top: 2.5rem; padding-top: .6rem; }}
@media print {{ h2 {{ break-before: page; }} .wide {{ overflow: visible; }} thead {{ display: table-header-group; }} tr {{ break-inside: avoid; }} }}
"""


def write(document: Document) -> bytes:
    """Return a document as HTML; its figures are drawings within the file, and every text is escaped.

    Examples
    --------
    >>> b"&lt;script&gt;" in write(Document("<script>", ()))
    True
    """
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_text(document.title)}</title>'
    head += f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
    lines = "".join(f"<p>{_text(line)}</p>" for line in document.lines)
    contents = _contents(document.entries) if document.contents else ""
    blocks = "".join(f'<div id="b{at}">{_block(block, at)}</div>' for at, block in enumerate(document.blocks))
    foot = f"<footer>{_text(document.foot)}</footer>" if document.foot else ""
    return f"{head}<h1>{_text(document.title)}</h1>{lines}{contents}{blocks}{foot}</body></html>".encode()


def _contents(entries: Iterable[tuple[int, int, str]]) -> str:
    items = "".join(f'<li class="level{level}"><a href="#b{at}">{_text(text)}</a></li>' for at, level, text in entries)
    return f"<nav><h2>Contents</h2><ul>{items}</ul></nav>"


def _block(block: Block, at: int) -> str:
    match block:
        case Heading():
            return f"<h{block.level + 1}>{_text(block.text)}</h{block.level + 1}>"
        case Paragraph():
            return f"<p{' class=note' if block.note else ''}>{_text(block.text)}</p>"
        case Pairs():
            return f"<dl>{''.join(f'<dt>{_text(name)}</dt><dd>{_text(told)}</dd>' for name, told in block.pairs)}</dl>"
        case Table():
            return _table(block, at)
        case Figure():
            drawn = b64encode(block.picture.svg()).decode()
            notes = "".join(f'<p class="note">{_text(note)}</p>' for note in block.notes)
            picture = f'<img alt="{_text(block.picture.title)}" src="data:image/svg+xml;base64,{drawn}">'
            return f"<figure><figcaption>{_text(block.caption)}</figcaption>{picture}</figure>{notes}"


def _table(block: Table, at: int) -> str:
    from dataclasses import replace

    from core.tables.render import gt

    return f'<div class="wide">{gt(replace(block.layout, title=block.caption), f"t{at}").as_raw_html()}</div>'


def _text(text: str) -> str:
    return escape(visible(text)).replace("\n", "<br>")
