"""A layout on paper: how wide its columns are, and how a wide table folds onto several parts."""

from dataclasses import dataclass
from math import ceil

from core.tables.layout import Layout, Row

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 842.0, 595.0, 45.0
"""Of A4 on its side, in points."""

ROOM = PAGE_WIDTH - 2 * MARGIN
TALLEST = PAGE_HEIGHT - 2 * MARGIN - 120
"""Points that a figure may take, with its caption and notes on the same page."""

TEXT_SIZE, CHARACTER, PADDING = 8.0, 4.6, 8.0
"""Points of a table's text, of a character of it on the wide side, and of what stands about it in a cell."""

NARROWER = ((38, 34), (32, 28), (28, 22))
"""Characters of a label and of a cell in a line, where a table would fold with more."""

LINE, BETWEEN = 9.8, 2.4
"""Points of height of a line of a table's text, and between two rows."""

SLACK = 0.01
"""Of a line: what arithmetic may add to a text that just fits."""

MOST_UNBROKEN = 400
"""Characters of a row up to which it stays on one page."""

STEP = 8.0
"""Points by which a row stands in, for each step."""

PAIR_WIDTHS = (110.0, ROOM - 110.0)
"""Points of a name, and of what stands for it."""

TWIPS = 20
"""Of a point; word processors count in them."""


@dataclass(frozen=True)
class Part:
    """Some columns of a table that fit on one page, with the stub; widths in points, the stub's first.

    It is part `number` of `parts`.
    """

    layout: Layout
    widths: tuple[float, ...]
    number: int = 1
    parts: int = 1

    @property
    def suffix(self) -> str:
        """What the caption of a folded table ends with; nothing where the table is whole."""
        return f" (part {self.number} of {self.parts})" if self.parts > 1 else ""

    @property
    def aligned(self) -> list[str]:
        """The side on which each column stands, the stub's first."""
        return ["left", *(column.align for column in self.layout.columns)]


def fold(layout: Layout, room: float = ROOM) -> list[Part]:
    """Return a table as parts that fit beside a page's margins, each with the stub; columns of one spanner stay together.

    Parameters
    ----------
    layout : Layout
        The whole table.
    room : float
        Points that a part may take.

    Returns
    -------
    list of Part
        Together they hold every column once, in order; the notes stand below the last.

    Examples
    --------
    >>> from core.tables.layout import Column, Row
    >>> layout = Layout("T", "", "Term", tuple(Column(f"c{n}") for n in range(5)), (Row("Nausea", ("1234567",) * 5),))
    >>> [[column.label for column in part.layout.columns] for part in fold(layout, 160)]
    [['c0', 'c1', 'c2'], ['c3', 'c4']]
    """
    stub, *wanted = _widths(layout, room)
    parts: list[list[int]] = [[]]
    for _, columns in layout.spanners:
        together = sum(wanted[at] for at in columns)
        if parts[-1] and together > room - stub - sum(wanted[at] for at in parts[-1]) and together <= room - stub:
            parts.append([])
        for at in columns:
            if parts[-1] and sum(wanted[each] for each in parts[-1]) + wanted[at] > room - stub:
                parts.append([])
            parts[-1].append(at)
    folded = []
    for number, columns in enumerate(parts, 1):
        last = layout.notes if number == len(parts) else ()
        widths = (stub, *(wanted[at] for at in columns))
        folded.append(Part(layout.part(columns, last), widths, number, len(parts)))
    return folded


def _widths(layout: Layout, room: float) -> list[float]:
    """Return the widths as wanted, or the first narrower ones by which the table needs no folding."""
    found = [_points(layout.widths), *(_points(layout.within(*limits)) for limits in NARROWER)]
    return next((widths for widths in found if sum(widths) <= room), found[0])


def _points(characters: tuple[int, ...]) -> list[float]:
    return [width * CHARACTER + PADDING for width in characters]


def sheets(part: Part, room: float) -> list[tuple[Row, ...]]:
    """Return the rows of a part, page by page: as many as surely fit below its headers, in points of height.

    A row taller than a page has a page to itself, and goes on to the next.

    Examples
    --------
    >>> from core.tables.layout import Column
    >>> layout = Layout("T", "", "Term", (Column("n"),), tuple(Row(f"r{n}", ("1",)) for n in range(5)))
    >>> [len(rows) for rows in sheets(fold(layout)[0], 40)]
    [3, 2]
    """
    found: list[list[Row]] = [[]]
    taken = 0.0
    for row in part.layout.rows:
        tall = _height(row, part.widths)
        if found[-1] and taken + tall > room:
            found.append([])
            taken = 0.0
        found[-1].append(row)
        taken += tall
    return [tuple(rows) for rows in found]


def _height(row: Row, widths: tuple[float, ...]) -> float:
    texts = ("  " * row.indent + row.label, *row.cells)
    lines = [
        sum(max(1, ceil(len(line) * CHARACTER / (width - PADDING) - SLACK)) for line in text.split("\n"))
        for text, width in zip(texts, widths, strict=True)
    ]
    return max(lines) * LINE + BETWEEN


def shrunk(width: float, height: float) -> float:
    """Return by how much a figure of this size is made smaller, to stand on one page with its caption and notes.

    Examples
    --------
    >>> shrunk(100, 100), shrunk(2 * ROOM, 100)
    (1.0, 0.5)
    """
    return min(1.0, ROOM / width, TALLEST / height)


def twips(points: float) -> int:
    """Return a length in points as word processors count it.

    Examples
    --------
    >>> twips(8.0)
    160
    """
    return int(points * TWIPS)


def stays_whole(cells: list[str]) -> bool:
    """Return whether a row of these texts is short enough to stay on one page."""
    return max(map(len, cells), default=0) <= MOST_UNBROKEN


def visible(text: str) -> str:
    r"""Return a text in which characters that no document may hold are shown by their symbols.

    Examples
    --------
    >>> visible("a\x00b\tc\nd")
    'a␀b\tc\nd'
    """
    return "".join(_symbol(character) for character in text)


def _symbol(character: str) -> str:
    code = ord(character)
    if character in "\t\n" or 32 <= code < 127 or (160 <= code < 0xD800) or (0xE000 <= code < 0xFFFE) or code > 0xFFFF:
        return character
    return chr(0x2400 + code) if code < 32 else "\N{SYMBOL FOR DELETE}" if code == 127 else "\N{REPLACEMENT CHARACTER}"
