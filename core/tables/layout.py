"""One description of a table, from which every format of it is made."""

from dataclasses import dataclass
from typing import Literal

from core.ard import Result


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


def header(level: str, N: float) -> str:
    """Return a column's header: the level and its denominator."""
    return f"{level} (N={N:.0f})"


def subtitle(result: Result) -> str:
    """Return who a table is about."""
    who = f"{result.population} population" + (f", {result.condition}" if result.condition else "")
    return f"{who}: N={result.N}. Data cut {result.data_cut}" + (", simulated data." if result.simulated else ".")
