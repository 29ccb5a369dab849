"""One description of a table, from which every format of it is made."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Literal

from core.ard import Result

WIDEST_STUB, WIDEST_CELL = 46, 40
"""Characters after which a row's label, and a cell, go on in the next line."""

INDENT = 2
"""Characters by which a row stands in, for each step."""

HEADER_LINES = 3
"""Lines over which the label of a narrow column may run."""

BOLD = 1.15
"""How much wider a header's letters are than those below it."""


@dataclass(frozen=True)
class Column:
    """A column: its label, the label it shares with its neighbours (the level and its N), and how it is aligned."""

    label: str
    spanner: str = ""
    align: Literal["left", "right"] = "right"


@dataclass(frozen=True)
class Row:
    """A row: what it reads, how far it is indented, and what it is about (variable, level, SOC)."""

    label: str
    cells: tuple[str, ...]
    indent: int = 0
    about: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True)
class Layout:
    """A table as a reader sees it: all texts, in order, unescaped."""

    title: str
    subtitle: str
    stub: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def spanners(self) -> list[tuple[str, list[int]]]:
        """Neighbouring columns that share a spanner, in order."""
        groups: list[tuple[str, list[int]]] = []
        for index, column in enumerate(self.columns):
            if groups and groups[-1][0] == column.spanner:
                groups[-1][1].append(index)
            else:
                groups.append((column.spanner, [index]))
        return groups

    @property
    def nested(self) -> bool:
        """Whether some rows stand below others, which are then their headings."""
        return len({row.indent for row in self.rows} | {0}) > 1 and any(row.indent == 0 for row in self.rows)

    @property
    def widths(self) -> tuple[int, ...]:
        """How many characters the stub and each column want on paper.

        Examples
        --------
        >>> Layout("T", "", "Term", (Column("n (%)"), Column("Based on")), (Row("Nausea", ("3 (7.1)", "x" * 99)),)).widths
        (6, 7, 40)
        """
        return self.within(WIDEST_STUB, WIDEST_CELL)

    def within(self, widest_stub: int, widest_cell: int) -> tuple[int, ...]:
        """Return the same widths, with other limits beyond which texts go on in the next line; no word of a header is broken."""
        stub = max([len(self.stub), *(_longest_line(row.label) + INDENT * row.indent for row in self.rows)])
        columns = [
            max(_header(each), min(widest_cell, max([0, *(_longest_line(row.cells[at]) for row in self.rows)])))
            for at, each in enumerate(self.columns)
        ]
        return (min(stub, widest_stub), *(min(width, WIDEST_CELL) for width in columns))

    def part(self, columns: list[int], notes: tuple[str, ...]) -> "Layout":
        """Return the same rows with some of the columns."""
        rows = tuple(replace(row, cells=tuple(row.cells[at] for at in columns)) for row in self.rows)
        return replace(self, columns=tuple(self.columns[at] for at in columns), rows=rows, notes=notes)


def _longest_line(text: str) -> int:
    return max(map(len, text.split("\n")))


def _header(column: Column) -> int:
    """Return the characters that a column's label wants: its longest word, or its share of the lines."""
    return max([ceil(len(column.label) / HEADER_LINES), *(ceil(BOLD * len(word)) for word in column.label.split())])


def header(level: str, N: float) -> str:
    """Return a column's header: the level and its denominator."""
    return f"{level} (N={N:.0f})"


def subtitle(result: Result) -> str:
    """Return who a table is about."""
    who = f"{result.population} population" + (f", {result.condition}" if result.condition else "")
    return f"{who}: N={result.N}. Data cut {result.data_cut}" + (", simulated data." if result.simulated else ".")
