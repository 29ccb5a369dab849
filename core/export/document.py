"""What a document holds, whatever its format: every format writes this, and nothing else."""

from dataclasses import dataclass
from typing import Literal

from core.export.picture import Picture
from core.tables.layout import Layout


@dataclass(frozen=True)
class Heading:
    """A heading; those of level 1 begin a page and stand in the contents."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a note is set smaller."""

    text: str
    note: bool = False


@dataclass(frozen=True)
class Pairs:
    """Names, each with what stands for it."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table, with its number where it has one."""

    layout: Layout
    number: str = ""

    @property
    def caption(self) -> str:
        """Its number and title."""
        return _caption(self.number, self.layout.title)


@dataclass(frozen=True)
class Figure:
    """A figure, with its number where it has one, and notes to stand below it."""

    picture: Picture
    number: str = ""
    notes: tuple[str, ...] = ()

    @property
    def caption(self) -> str:
        """Its number and title."""
        return _caption(self.number, self.picture.title)


Block = Heading | Paragraph | Pairs | Table | Figure


@dataclass(frozen=True)
class Document:
    """A title, lines below it, blocks in order; `foot` stands on every page, `contents` says whether it lists what it holds."""

    title: str
    blocks: tuple[Block, ...]
    lines: tuple[str, ...] = ()
    foot: str = ""
    contents: bool = False

    @property
    def entries(self) -> list[tuple[int, int, str]]:
        """What the contents list: the block, the level and the text of each entry.

        Examples
        --------
        >>> Document("T", (Heading("One"), Paragraph("..."), Heading("Not listed", 2), Heading("Two"))).entries
        [(0, 1, 'One'), (3, 1, 'Two')]
        """
        found = []
        for at, block in enumerate(self.blocks):
            if isinstance(block, Heading) and block.level == 1:
                found.append((at, 1, block.text))
            elif isinstance(block, Table | Figure) and block.number:
                found.append((at, 2, block.caption))
        return found


def _caption(number: str, title: str) -> str:
    return f"{number}. {title}" if number else title
