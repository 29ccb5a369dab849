"""A document as DOCX: header rows that repeat, figures as vectors with a sharp picture for readers that draw none."""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from core.charts.theme import INK
from core.export.document import Block, Document, Figure, Heading, Pairs, Paragraph, Table
from core.export.picture import Picture
from core.tables.paper import (
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    PAIR_WIDTHS,
    ROOM,
    STEP,
    Part,
    fold,
    shrunk,
    stays_whole,
    twips,
    visible,
)

if TYPE_CHECKING:
    from docx.document import Document as Word

BODY, SMALL, CAPTION = 18, 16, 20
"""Sizes of text, in half-points."""

TIGHT = '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/>'
SVG = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="http://schemas.{address}"'
    for prefix, address in {
        "w": "openxmlformats.org/wordprocessingml/2006/main",
        "a": "openxmlformats.org/drawingml/2006/main",
        "r": "openxmlformats.org/officeDocument/2006/relationships",
        "asvg": "microsoft.com/office/drawing/2016/SVG/main",
    }.items()
)
RULE = '<w:{side} w:val="single" w:sz="6" w:space="0" w:color="auto"/>'


def write(document: Document) -> bytes:
    """Return a document as DOCX.

    Examples
    --------
    >>> write(Document("=1+1 & <b>", (Paragraph("Text"),)))[:2]
    b'PK'
    """
    word = _blank(document)
    _add(word, _paragraph(document.title, size=36, bold=True))
    for line in document.lines:
        _add(word, _paragraph(line))
    if document.contents:
        for entry in _contents(document.entries):
            _add(word, entry)
    for at, block in enumerate(document.blocks):
        for element in _block(word, block, at):
            _add(word, element)
    file = io.BytesIO()
    word.save(file)
    return file.getvalue()


def _blank(document: Document) -> "Word":
    """Return an empty document on the paper that all formats share, with its foot on every page."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Pt, RGBColor

    word = docx.Document()
    word.styles["Normal"].font.name, word.styles["Normal"].font.size = "Arial", Pt(BODY / 2)
    for style in ("Caption", "Heading 1", "Heading 2"):
        word.styles[style].font.color.rgb = RGBColor.from_string(INK.removeprefix("#").upper())
        _only_arial(word.styles[style])
    word.core_properties.title, word.core_properties.comments = (
        visible(document.title)[:255],
        visible(document.foot)[:255],
    )
    word.core_properties.author = "Marrowscope"
    page = word.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Pt(PAGE_WIDTH), Pt(PAGE_HEIGHT)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Pt(MARGIN)
    page.footer_distance = Pt(MARGIN / 2)
    foot = page.footer.paragraphs[0]._p
    tabs = f'<w:tabs><w:tab w:val="clear" w:pos="4320"/><w:tab w:val="clear" w:pos="8640"/><w:tab w:val="right" w:pos="{twips(ROOM)}"/></w:tabs>'
    number = f"{_field('PAGE', '1')}{_run(' / ', 14)}{_field('NUMPAGES', '1')}"
    foot.getparent().replace(
        foot, _parsed(f"<w:p><w:pPr>{tabs}</w:pPr>{_run(document.foot, 14)}{_run(chr(9), 14)}{number}</w:p>")
    )
    return word


def _only_arial(style: Any) -> None:
    """Set the font of a style; the template's own, which goes before a name, is taken away."""
    style.font.name = "Arial"
    fonts = style.element.rPr.rFonts
    for name in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[name]


def _block(word: "Word", block: Block, at: int) -> Iterator[str]:
    match block:
        case Heading():
            before = "<w:pageBreakBefore/>" if block.level == 1 else ""
            style = f'<w:pStyle w:val="Heading{block.level}"/>{before}'
            yield f"<w:p><w:pPr>{style}</w:pPr>{_bookmark(at)}{_run(block.text)}</w:p>"
        case Paragraph():
            yield _paragraph(block.text, SMALL - 1 if block.note else BODY)
        case Pairs():
            rows = [_row(list(pair), PAIR_WIDTHS, ["left", "left"], bold_first=True) for pair in block.pairs]
            yield _grid(PAIR_WIDTHS, rows)
            yield _paragraph("")
        case Table():
            yield from _table(block, at)
        case Figure():
            yield _caption(block.caption, at)
            yield from _picture(word, block.picture)
            yield from (_paragraph(note, SMALL - 1) for note in block.notes)


def _table(block: Table, at: int) -> Iterator[str]:
    for number, part in enumerate(fold(block.layout)):
        title = block.caption + part.suffix
        yield _caption(title, at if number == 0 else None)
        yield _paragraph(part.layout.subtitle, SMALL, keep=True)
        yield _grid(part.widths, _rows(part))
        yield from (_paragraph(note, SMALL - 1) for note in part.layout.notes)
        if not part.layout.notes:
            yield _paragraph("")


def _rows(part: Part) -> list[str]:
    layout, (stub, *columns) = part.layout, part.widths
    rows: list[str] = []
    above: tuple[str, ...] = ("top",)
    if any(label for label, _ in layout.spanners):
        widths = [stub, *(sum(columns[at] for at in group) for _, group in layout.spanners)]
        spans = [1, *(len(group) for _, group in layout.spanners)]
        texts = ["", *(label for label, _ in layout.spanners)]
        rows.append(
            _row(texts, widths, ["left", *["center"] * (len(widths) - 1)], spans=spans, rules=above, header=True)
        )
        above = ()
    labels = [layout.stub, *(column.label for column in layout.columns)]
    rows.append(_row(labels, part.widths, part.aligned, rules=(*above, "bottom"), header=True))
    for number, row in enumerate(layout.rows, 1):
        last = ("bottom",) if number == len(layout.rows) else ()
        bold = layout.nested and row.indent == 0
        texts, indent = [row.label, *row.cells], row.indent * STEP
        rows.append(_row(texts, part.widths, part.aligned, rules=last, indent=indent, bold_first=bold))
    return rows


def _grid(widths: Sequence[float], rows: list[str]) -> str:
    total = twips(sum(widths))
    margins = '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
    properties = f'<w:tblPr><w:tblW w:w="{total}" w:type="dxa"/><w:tblLayout w:type="fixed"/>{margins}</w:tblPr>'
    columns = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in widths)
    return f"<w:tbl>{properties}<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _row(
    texts: list[str], widths: Sequence[float], aligned: Sequence[str], spans: Sequence[int] = (), rules: tuple[str, ...] = (),
    indent: float = 0, header: bool = False, bold_first: bool = False,
) -> str:  # fmt: skip
    borders = f"<w:tcBorders>{''.join(RULE.format(side=side) for side in rules)}</w:tcBorders>" if rules else ""
    cells = []
    for at, (text, width, align) in enumerate(zip(texts, widths, aligned, strict=True)):
        span = f'<w:gridSpan w:val="{spans[at]}"/>' if spans else ""
        stands_in = f'<w:ind w:left="{twips(indent)}"/>' if at == 0 and indent else ""
        format_ = f'{TIGHT}{stands_in}<w:jc w:val="{align}"/>'
        run = _run(text, SMALL, header or (bold_first and at == 0))
        size = f'<w:tcW w:w="{twips(width)}" w:type="dxa"/>'
        cells.append(f"<w:tc><w:tcPr>{size}{span}{borders}</w:tcPr><w:p><w:pPr>{format_}</w:pPr>{run}</w:p></w:tc>")
    kept = ("<w:cantSplit/>" if stays_whole(texts) else "") + ("<w:tblHeader/>" if header else "")
    return f"<w:tr><w:trPr>{kept}</w:trPr>{''.join(cells)}</w:tr>"


def _contents(entries: list[tuple[int, int, str]]) -> Iterator[str]:
    """The contents, each entry a link with the number of its page, which a word processor works out."""
    yield _paragraph("Contents", 28, bold=True)
    tabs = f'<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="{twips(ROOM)}"/></w:tabs>'
    for at, level, text in entries:
        shape = f'<w:pPr>{tabs}{TIGHT}<w:ind w:left="{twips(14 * (level - 1))}"/></w:pPr>'
        page = _page_of(f"_b{at}")
        line = f"{_run(text, SMALL + 1, bold=level == 1)}{_run(chr(9), SMALL + 1)}{page}"
        yield f'<w:p>{shape}<w:hyperlink w:anchor="_b{at}" w:history="1">{line}</w:hyperlink></w:p>'


def _page_of(mark: str) -> str:
    """The number of the page of a bookmark; it is said to be stale, so that a reader works it out on opening."""
    code = f'<w:r><w:instrText xml:space="preserve"> PAGEREF {mark} \\h </w:instrText></w:r>'
    begin, part, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    return begin.replace('"begin"', '"begin" w:dirty="true"') + code + part + _run("·", SMALL + 1) + end


def _picture(word: "Word", picture: Picture) -> Iterator[str]:
    """Add a figure: the PNG that every reader can draw, and the SVG for those that draw vectors."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part as File
    from docx.shared import Pt
    from lxml import etree

    width, height = picture.size
    scale = shrunk(width, height)
    inline = word.part.new_pic_inline(io.BytesIO(picture.png()), width=Pt(width * scale), height=Pt(height * scale))
    inline.docPr.set("descr", visible(picture.title))
    name = PackURI(f"/word/media/figure{inline.docPr.id}.svg")
    drawn = word.part.relate_to(File(name, "image/svg+xml", picture.svg(), word.part.package), RELATIONSHIP_TYPE.IMAGE)
    blip = inline.graphic.graphicData.pic.blipFill.blip
    blip.append(_parsed(f'<a:extLst><a:ext uri="{SVG}"><asvg:svgBlip r:embed="{drawn}"/></a:ext></a:extLst>'))
    yield f"<w:p><w:r><w:drawing>{etree.tostring(inline).decode()}</w:drawing></w:r></w:p>"


def _caption(text: str, at: int | None) -> str:
    mark = "" if at is None else _bookmark(at)
    return f'<w:p><w:pPr><w:pStyle w:val="Caption"/><w:keepNext/></w:pPr>{mark}{_run(text, CAPTION, bold=True)}</w:p>'


def _bookmark(at: int) -> str:
    return f'<w:bookmarkStart w:id="{at}" w:name="_b{at}"/><w:bookmarkEnd w:id="{at}"/>'


def _paragraph(text: str, size: int = BODY, bold: bool = False, keep: bool = False) -> str:
    kept = "<w:keepNext/>" if keep else ""
    return f'<w:p><w:pPr>{kept}<w:spacing w:before="0" w:after="80" w:line="240" w:lineRule="auto"/></w:pPr>{_run(text, size, bold)}</w:p>'


def _run(text: str, size: int = 0, bold: bool = False) -> str:
    sized = f'<w:sz w:val="{size}"/>' if size else ""
    format_ = f"<w:rPr>{'<w:b/>' if bold else ''}{sized}</w:rPr>"
    words = f'<w:t xml:space="preserve">{escape(visible(text))}</w:t>'
    for mark, element in {"\n": "<w:br/>", "\t": "<w:tab/>"}.items():
        words = words.replace(mark, f'</w:t>{element}<w:t xml:space="preserve">')
    return f"<w:r>{format_}{words}</w:r>"


def _field(instruction: str, shown: str) -> str:
    return f"<w:fldSimple w:instr={quoteattr(f' {instruction} ')}>{_run(shown, 14)}</w:fldSimple>"


def _add(word: "Word", element: str) -> None:
    word.element.body.sectPr.addprevious(_parsed(element))


def _parsed(element: str) -> Any:
    from docx.oxml import parse_xml

    at = min(found for found in (element.find(" "), element.find(">"), element.find("/>")) if found > 0)
    return parse_xml(f"{element[:at]} {NAMESPACES}{element[at:]}")
