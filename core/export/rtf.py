"""A document as RTF. A long table is parted page by page, with its headers on each: not every reader repeats them itself."""

from collections.abc import Iterator, Sequence

from core.export.document import Block, Document, Figure, Heading, Pairs, Paragraph, Table
from core.tables.layout import Row
from core.tables.paper import (
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PAIR_WIDTHS,
    ROOM,
    STEP,
    Part,
    fold,
    sheets,
    shrunk,
    stays_whole,
    twips,
    visible,
)

BELOW_HEADERS = PAGE_HEIGHT - 2 * MARGIN - 115
"""Points of height that are left for rows below the title of a file, the caption, and the headers."""

RULE_ABOVE, RULE_BELOW = r"\clbrdrt\brdrs\brdrw10", r"\clbrdrb\brdrs\brdrw10"
PAGE_NUMBER = r"{\field{\*\fldinst PAGE}{\fldrslt 1}} / {\field{\*\fldinst NUMPAGES}{\fldrslt 1}}"


def write(document: Document) -> bytes:
    r"""Return a document as RTF; braces, backslashes and what is not ASCII are written as text.

    Examples
    --------
    >>> br"\{\\field\}" in write(Document("{\\field}", ()))
    True
    """
    parts = [
        r"{\rtf1\ansi\ansicpg1252\deff0\uc1{\fonttbl{\f0\fswiss Arial;}}",
        r"{\stylesheet{\s0\f0\fs18 Normal;}{\s1\outlinelevel0\b\fs28 heading 1;}{\s2\outlinelevel1\b\fs22 heading 2;}}",
        rf"{{\info{{\title {_text(document.title)}}}{{\doccomm {_text(document.foot)}}}}}",
        rf"\paperw{twips(PAGE_WIDTH)}\paperh{twips(PAGE_HEIGHT)}\landscape",
        rf"\margl{twips(MARGIN)}\margr{twips(MARGIN)}\margt{twips(MARGIN)}\margb{twips(MARGIN)}",
        rf"{{\footer\pard\plain\f0\fs14\tqr\tx{twips(ROOM)} {_text(document.foot)}\tab {PAGE_NUMBER}\par}}",
        rf"\pard\plain\f0\b\fs36\sa120 {_text(document.title)}\par",
        *(_paragraph(line) for line in document.lines),
        *([_contents(document)] if document.contents else []),
    ]
    for before, block in zip([None, *document.blocks], document.blocks, strict=False):
        parts += _block(block, first=before is None or isinstance(before, Heading))
    return "\n".join([*parts, "}"]).encode("ascii")


def _contents(document: Document) -> str:
    lines = [rf"\pard\plain\f0\fs18\li{300 * (level - 1)} {_text(text)}\par" for _, level, text in document.entries]
    return "\n".join([r"\pard\plain\f0\b\fs28\sb240\sa80 Contents\par", *lines])


def _block(block: Block, first: bool) -> Iterator[str]:
    match block:
        case Heading():
            size, above = (28, r"\pagebb") if block.level == 1 else (22, r"\sb240")
            yield rf"\pard\plain\s{block.level}\outlinelevel{block.level - 1}{above}\keepn\sa80\f0\b\fs{size} {_text(block.text)}\par"
        case Paragraph():
            yield _paragraph(block.text, block.note)
        case Pairs():
            for pair in block.pairs:
                yield _row(list(pair), PAIR_WIDTHS, ["left", "left"], bold_first=True)
            yield r"\pard\plain\f0\fs8\par"
        case Table():
            yield from _table(block, first)
        case Figure():
            yield rf"\pard\plain\keepn\sb240\sa80\f0\b\fs20 {_text(block.caption)}\par"
            yield _picture(block)
            yield from (_paragraph(note, note=True) for note in block.notes)


def _table(block: Table, first: bool) -> Iterator[str]:
    """Yield a table; one of several pages begins a page, unless it stands `first` on one, and one of a single page stays whole."""
    for part in fold(block.layout):
        title = block.caption + part.suffix
        pages = sheets(part, BELOW_HEADERS)
        for number, rows in enumerate(pages):
            begins = r"\pagebb" if number or (len(pages) > 1 and not first) else r"\sb240"
            more = ", continued" if number else ""
            yield rf"\pard\plain\keepn{begins}\sa40\f0\b\fs20 {_text(title + more)}\par"
            yield rf"\pard\plain\keepn\sa80\f0\fs16 {_text(part.layout.subtitle)}\par"
            yield from _headers(part)
            yield from _rows(part, rows, whole=len(pages) == 1)
            first = False
        yield from (_paragraph(note, note=True) for note in part.layout.notes)


def _headers(part: Part) -> Iterator[str]:
    layout, (stub, *columns) = part.layout, part.widths
    above = RULE_ABOVE
    if any(label for label, _ in layout.spanners):
        widths = [stub, *(sum(columns[at] for at in group) for _, group in layout.spanners)]
        aligned = ["left", *["center"] * (len(widths) - 1)]
        yield _row(["", *(label for label, _ in layout.spanners)], widths, aligned, rule=above, header=True)
        above = ""
    labels = [layout.stub, *(column.label for column in layout.columns)]
    yield _row(labels, part.widths, part.aligned, rule=above + RULE_BELOW, header=True)


def _rows(part: Part, rows: Sequence[Row], whole: bool) -> Iterator[str]:
    for at, row in enumerate(rows, 1):
        rule = RULE_BELOW if at == len(rows) else ""
        bold = part.layout.nested and row.indent == 0
        texts = [row.label, *row.cells]
        kept = whole and at < len(rows)
        yield _row(texts, part.widths, part.aligned, rule=rule, indent=row.indent * STEP, bold_first=bold, kept=kept)


def _row(
    texts: list[str], widths: Sequence[float], aligned: Sequence[str], rule: str = "", indent: float = 0,
    header: bool = False, bold_first: bool = False, kept: bool = False,
) -> str:  # fmt: skip
    ends, at = [], 0.0
    for width in widths:
        at += width
        ends.append(rf"{rule}\clvertalt\cellx{twips(at)}")
    cells, next_to = [], r"\keepn" if header or kept else ""
    for place, (text, align) in enumerate(zip(texts, aligned, strict=True)):
        stands_in = rf"\li{twips(indent)}" if place == 0 and indent else ""
        weight = r"\b" if header or (bold_first and place == 0) else ""
        side = {"left": r"\ql", "right": r"\qr", "center": r"\qc"}[align]
        cells.append(rf"\pard\plain\intbl{next_to}{side}{stands_in}\sb20\sa20\f0\fs16{weight} {_text(text)}\cell")
    unbroken = (r"\trhdr" if header else "") + (r"\trkeep" if stays_whole(texts) else "")
    return "\n".join([rf"\trowd\trgaph70\trleft0\trpaddfl3\trpaddl40{unbroken}{''.join(ends)}", *cells, r"\row"])


def _paragraph(text: str, note: bool = False) -> str:
    return rf"\pard\plain\sa60\f0\fs{15 if note else 18} {_text(text)}\par"


def _picture(block: Figure) -> str:
    width, height = block.picture.size
    scale = shrunk(width, height)
    goal = rf"\picwgoal{twips(width * scale)}\pichgoal{twips(height * scale)}"
    return rf"\pard\plain {{\pict\pngblip{goal} {block.picture.png().hex()}}}\par"


def _text(text: str) -> str:
    return "".join(map(_character, visible(text)))


def _character(character: str) -> str:
    if character in "\\{}":
        return f"\\{character}"
    if character in "\n\t":
        return r"\line " if character == "\n" else r"\tab "
    if character < "\x7f":
        return character
    units = character.encode("utf-16-le")
    return "".join(rf"\u{int.from_bytes(units[at : at + 2], 'little', signed=True)}?" for at in range(0, len(units), 2))
