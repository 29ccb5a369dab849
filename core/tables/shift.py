"""Ordered categories: from analysis results to layouts and sentences."""

from collections.abc import Iterator

import pandas as pd

from core.ard import Result
from core.charts.shift import MISSING, STATES, direction
from core.formats import (
    NOT_ESTIMABLE,
    confidence_level,
    count_percent,
    counted,
    fixed,
    interval,
    limits,
    p_text,
    p_value,
    significant,
)
from core.tables.layout import Column, Layout, Row, header, subtitle

WHEN = {"worst": "Worst after baseline", "best": "Best after baseline", "last": "Last after baseline"}
TOTAL = "Total"
Stats = dict[str, float]


def shift_table(result: Result) -> Layout:
    """Return baseline (rows) by what came after (columns), block under block, with the totals of both.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Shift", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> shift_table(result).rows
    ()
    """
    ard = result.ard
    levels, after = (list(dict.fromkeys(ard[name])) for name in ("group1_level", "context"))
    keys = zip(ard.group2_level, ard.variable_level, ard.group1_level, ard.context, ard.stat_name, strict=True)
    cells = dict(zip(keys, ard.stat, strict=True))
    columns: list[Column] = []
    rows: list[Row] = []
    for key, block in ard.groupby(["group2", "group2_level"], sort=False):
        kind, label = map(str, key)
        before = list(dict.fromkeys(block.variable_level))
        if not columns:
            heads = {level: header(level, cells[label, before[0], level, after[0], "N"]) for level in levels}
            columns = [Column(_reads(name), heads[level]) for level in levels for name in (*after, TOTAL)]
        rows.append(Row(WHEN.get(kind, label), ("",) * len(columns)))
        for name in before:
            texts = [text for level in levels for text in _line(cells, label, name, level, after)]
            rows.append(Row(_reads(name), tuple(texts), 1, (str(block.variable.iloc[0]), name, label)))
        texts = [text for level in levels for text in _foot(cells, label, before[0], level, after)]
        rows.append(Row(TOTAL, tuple(texts), 1))
    notes = (
        "n (%): subjects, of the column's N. N: subjects on view who belong to the column, with or without values. Rows "
        "are the category at baseline, columns that after it; every subject stands in one cell of each block.",
        *result.notes,
    )  # fmt: skip
    title = f"{result.title}: {result.options['PARAMCD']}" if len(ard) else result.title
    return Layout(title, subtitle(result), "Baseline", tuple(columns), tuple(rows), notes)


def shift_answer(result: Result) -> str:
    """Return how many subjects changed category, in one sentence a block, all columns together.

    Examples
    --------
    >>> from core.ard import join
    >>> shift_answer(Result("x", "Shift", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([])))
    ''
    """
    if result.ard.empty:
        return ""
    whole = result.ard[(result.ard.group1_level == result.ard.group1_level.iloc[-1]) & (result.ard.stat_name == "n")]
    told = []
    for key, block in whole.groupby(["group2", "group2_level"], sort=False):
        kind, label = map(str, key)
        counts: dict[str, float] = {}
        better = str(result.options["better"])
        for before, after, n in zip(block.variable_level, block.context, block.stat, strict=True):
            step = direction(before, after, better)
            counts[step] = counts.get(step, 0) + n
        both = sum(n for name, n in counts.items() if name != MISSING)
        changed = (
            f"{counts.get('changed', 0):.0f} changed category"
            if {"changed", "unchanged"} & set(counts)
            else f"{counts.get('worsened', 0):.0f} worsened and {counts.get('improved', 0):.0f} improved"
        )
        of = counted(int(both), "subject", "subjects")
        told.append(f"{WHEN.get(kind, label)}: " + (f"of {of} with both values, {changed}." if both else "no subject has both values."))  # fmt: skip
    return " ".join(told)


def change_table(result: Result) -> Layout:
    """Return the states of everybody with a baseline value, the size of the change and its test, period under period.

    Examples
    --------
    >>> from core.ard import join
    >>> options = {"conf": 0.95}
    >>> result = Result("x", "Change", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> [column.label for column in change_table(result).columns]
    ['Subjects, n (%)', '95% CI', 'Based on']
    """
    conf = f"{confidence_level(result.options['conf'])} CI"
    columns = (Column("Subjects, n (%)"), Column(conf), Column("Based on", align="left"))
    rows: list[Row] = []
    for period, code, stats in _periods(result):
        N, measured = stats["improved"]["N"], stats["change"]["n"]
        rows.append(Row(header(period, N), ("", "", f"{fixed(measured, 0)} with a value")))
        for state, label in STATES.items():
            rows.append(_share(label, stats[state], f"of {fixed(N, 0)} with a baseline value", (code, state, period)))
        among = f"of {fixed(measured, 0)} with a value in the period"
        rows.append(
            _share("Worsened, of those measured", stats["worsened_measured"], among, (code, "worsened", period))
        )
        rows += _size(stats["change"], stats["wilcoxon"], (code, "measured", period))
    title = f"{result.title}: {result.ard.variable.iloc[0]}" if len(result.ard) else result.title
    return Layout(title, subtitle(result), "", columns, tuple(rows), result.notes)


def change_answer(result: Result) -> str:
    """Return how many worsened, in one sentence a period.

    Examples
    --------
    >>> from core.ard import join
    >>> change_answer(Result("x", "Change", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([])))
    ''
    """
    told = []
    for period, _, stats in _periods(result):
        n, worsened = int(stats["change"]["n"]), int(stats["worsened"]["n"])
        of = counted(n, "subject", "subjects")
        told.append(f"{period}: " + (f"of {of} with a value, {worsened} worsened by one level or more." if n else "no subject has a value."))  # fmt: skip
    return " ".join(told)


def _reads(category: str) -> str:
    return "Missing" if category == MISSING else category


def _line(
    cells: dict[tuple[str, str, str, str, str], float], block: str, before: str, level: str, after: list[str]
) -> Iterator[str]:
    """Yield the cells of one row in one column of the study, and its total."""
    for name in after:
        yield count_percent(cells[block, before, level, name, "n"], cells[block, before, level, name, "percent"])
    yield count_percent(
        cells[block, before, level, after[0], "n_row"], cells[block, before, level, after[0], "percent_row"]
    )


def _foot(
    cells: dict[tuple[str, str, str, str, str], float], block: str, before: str, level: str, after: list[str]
) -> Iterator[str]:
    """Yield the totals of each category after baseline, and of all."""
    for name in after:
        yield count_percent(
            cells[block, before, level, name, "n_column"], cells[block, before, level, name, "percent_column"]
        )
    N = cells[block, before, level, after[0], "N"]
    yield count_percent(N, 100.0)


def _periods(result: Result) -> Iterator[tuple[str, str, dict[str, Stats]]]:
    """Yield each period, the parameter, and its numbers by context and name."""
    for period, ard in result.ard.groupby("group2_level", sort=False):
        stats: dict[str, Stats] = {}
        for row in ard.itertuples():
            stats.setdefault(row.context, {})[row.stat_name] = row.stat
        yield str(period), str(ard.variable.iloc[0]), stats


def _share(label: str, stats: Stats, basis: str, about: tuple[str, str, str]) -> Row:
    share = NOT_ESTIMABLE if pd.isna(stats["percent"]) else count_percent(stats["n"], stats["percent"])
    return Row(label, (share, interval(stats["conf_low"], stats["conf_high"]), basis), 1, about)


def _size(change: Stats, test: Stats, about: tuple[str, str, str]) -> list[Row]:
    """Return mean and median change and the test, for those measured."""
    n, zero, tied = (fixed(test[name], 0) for name in ("n", "n_zero", "n_tied"))
    source = "exact p" if test["exact"] else "normal approximation"
    basis = f"n = {n}, {zero} zero dropped, {tied} tied, {source}, least p attainable {p_value(test['p_attainable'])}"
    quartiles = f"quartiles {significant(change['q1'])} to {significant(change['q3'])}"
    spread = f"n = {n}, SD {significant(change['sd'])}, {quartiles}"
    ends = f"n = {n}, {limits(change['min'], change['max'])}, least to greatest"
    if not test["n"]:
        basis = spread = ends = "no subject with a value in the period"
    mean = significant(change["mean"]), limits(change["conf_low"], change["conf_high"]), spread
    return [
        Row("Mean change", mean, 1, about),
        Row("Median change", (significant(change["median"]), "", ends), 1, about),
        Row("Signed-rank test against baseline (exploratory)", (p_text(test["p_value"]), "", basis), 1, about),
    ]
