"""Attempts to harvest, reasons of failure, and pairs by marker: from analysis results to a layout."""

from collections.abc import Iterator, Mapping
from math import isnan

from core.ard import Result
from core.formats import confidence_level, fixed, interval, percentage
from core.tables.accrual import TOTAL, Cells
from core.tables.layout import Column, Layout, Row, subtitle

MOST_MARKERS = 200
"""Markers that a table lists; the exported results hold all."""


def evaluability_table(result: Result, kinds: Mapping[str, str], markers: Mapping[str, str]) -> Layout:
    """Return how often each kind of attempt succeeded, why the others did not, and how many pairs each marker has.

    Parameters
    ----------
    result : Result
        Of the output evaluability.
    kinds, markers : mapping
        What is counted, and PARAMCD, and how each reads.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "E", "s", "S", True, "2024-12-31", "", "All", "", 0, {"conf": 0.95}, join([]))
    >>> evaluability_table(result, {}, {}).rows
    ()
    """
    cells = Cells(result)
    columns = tuple(
        Column(label, level)
        for level in cells.levels
        for label in ("n of N (%)", f"{confidence_level(result.options['conf'])} CI")
    )
    rows = [*_attempts(result, cells, kinds), *_reasons(result, cells), *_markers(result, cells, markers)]
    more = len(result.ard.variable_level[result.ard.variable == "PARAMCD"].unique()) - MOST_MARKERS
    notes = (*result.notes, *([f"{more:,} more markers are in the exported results."] if more > 0 else []))
    return Layout(result.title, subtitle(result), "", columns, tuple(rows), notes)


def _blocks(result: Result, variable: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each timepoint with the levels of a variable at it."""
    ard = result.ard[(result.ard.variable == variable) & (result.ard.context == "")]
    for visit, part in ard.groupby("group2_level", sort=False):
        yield str(visit), list(dict.fromkeys(part.variable_level))


def _head(label: str, cells: Cells) -> Row:
    return Row(label, ("",) * 2 * len(cells.levels))


def _attempts(result: Result, cells: Cells, kinds: Mapping[str, str]) -> Iterator[Row]:
    for visit, levels in _blocks(result, "HARVEST"):
        yield _head(f"{visit}: evaluable, of attempts", cells)
        for kind in levels:
            label = kinds.get(kind, kind)
            expected = cells.get("HARVEST", kind, "percent", context="anticipated", at=visit)
            if not isnan(expected):
                label += f" ({percentage(expected)}% anticipated)"
            yield Row(label, tuple(_shares(cells, "HARVEST", kind, visit)), 1, ("HARVEST", kind, visit))


def _reasons(result: Result, cells: Cells) -> Iterator[Row]:
    of = "of patients lost to the target" if result.options.get("reasons") == "lost" else "that failed"
    for visit, levels in _blocks(result, "REASON"):
        yield _head(f"{visit}: reasons, of specimens {of}", cells)
        for reason in levels:
            texts = []
            for level in cells.levels:
                n, N, percent, down = (
                    cells.get("REASON", reason, name, level, at=visit) for name in ("n", "N", "percent", "cumulative")
                )
                texts += [_of(n, N, percent), "" if isnan(down) or level != TOTAL else f"{percentage(down)}% so far"]
            yield Row(reason, tuple(texts), 1, ("REASON", reason, visit))


def _markers(result: Result, cells: Cells, markers: Mapping[str, str]) -> Iterator[Row]:
    codes = list(dict.fromkeys(result.ard.variable_level[result.ard.variable == "PARAMCD"]))
    if codes:
        yield _head("Patients with a pair of the marker, of those accrued", cells)
    for code in codes[:MOST_MARKERS]:
        texts = []
        for level in cells.levels:
            n, N, percent, low, high = (
                cells.get("PARAMCD", code, name, level, "marker")
                for name in ("n_pairs", "N", "percent", "conf_low", "conf_high")
            )
            texts += [_of(n, N, percent), interval(low, high)]
        yield Row(markers.get(code, code), tuple(texts), 1, ("PARAMCD", code, ""))


def _shares(cells: Cells, variable: str, level: str, visit: str) -> Iterator[str]:
    for group in cells.levels:
        n, N, percent, low, high = (
            cells.get(variable, level, name, group, at=visit) for name in ("n", "N", "percent", "conf_low", "conf_high")
        )
        yield from (_of(n, N, percent), interval(low, high))


def _of(n: float, N: float, percent: float) -> str:
    if not N or isnan(percent):
        return f"{fixed(n, 0)} of {fixed(N, 0)}"
    return f"{fixed(n, 0)} of {fixed(N, 0)} ({percentage(percent)})"
