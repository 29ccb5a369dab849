"""Many markers: from analysis results to layouts."""

from collections.abc import Iterator, Mapping

import pandas as pd

from core.ard import Result
from core.formats import NOT_ESTIMABLE, count_percent, fixed, limits, p_value, percentage, significant
from core.study import Study
from core.tables.layout import Column, Layout, Row, subtitle

SHOWN = 300
"""Rows that a reader can read; files hold all of them."""

Cells = dict[tuple[str, str], float]
"""(context, statistic) -> the number."""


def panel_table(result: Result, known: pd.DataFrame, families: Mapping[str, str], study: Study) -> Layout:
    """Return one row a marker: estimate and interval in its own unit, both tests, adjusted p, size, pairs.

    Parameters
    ----------
    known : DataFrame
        The study's markers: PARAMCD, label, unit, scale.
    families : mapping
        Family -> how it reads.
    """
    conf = f"{100 * float(result.options['conf']):g}% CI"
    first = " (exploratory)" if result.unplanned else " (pre-specified)"
    of_t, of_w = (first if study.design.test == test else "" for test in ("paired_t", "wilcoxon"))
    columns = (
        Column("Pairs"), Column("Below limit (%)"), Column("Mean change, or fold change (×)"), Column(conf),
        Column(f"p, paired t{of_t}"), Column(f"p, signed-rank{of_w}"), Column("q"), Column("p, Holm"), Column("d_z"),
        Column(f"{conf} of d_z"),
    )  # fmt: skip
    of = known.set_index("PARAMCD")
    rows: list[Row] = []
    family = None
    grouped = result.options["sort"] == "study"
    for code, group, cells in _markers(result):
        if len(rows) >= SHOWN:
            break
        if grouped and group != family:
            family = group
            rows.append(Row(families.get(group, "In no family"), ("",) * len(columns)))
        unit = of.unit[code]
        label = of.label[code] + (f" ({unit})" if unit else "")
        rows.append(Row(label, _cells(cells), 1 if grouped else 0, ("PARAMCD", code, "")))
    notes = result.notes
    total = result.ard.variable.nunique()
    if total > SHOWN:
        notes = (f"The first rows of {total:,} markers are drawn; the files hold all of them.", *notes)
    return Layout(result.title, subtitle(result), "Marker", columns, tuple(rows), notes)


def _markers(result: Result) -> Iterator[tuple[str, str, Cells]]:
    """Yield code, family and numbers of each marker, in the order of the results."""
    codes = list(dict.fromkeys(result.ard.variable))[: SHOWN + 1]
    some = result.ard[result.ard.variable.isin(codes)]
    by_code = {str(code): group for code, group in some.groupby("variable", sort=False)}
    for code in codes:
        group = by_code[code]
        yield (
            code,
            str(group.group2_level.iloc[0]),
            dict(zip(zip(group.context, group.stat_name, strict=True), group.stat, strict=True)),
        )


def _cells(cells: Cells) -> tuple[str, ...]:
    ratio = ("fold_change", "estimate") in cells
    mean, estimate = ("fold_change", "estimate") if ratio else ("paired_t", "mean_change")
    shown = significant(cells[mean, estimate])
    return (
        fixed(cells["paired_t", "n"], 0),
        "n.e." if pd.isna(cells["below_limit", "percent"]) else percentage(cells["below_limit", "percent"]),
        f"× {shown}" if ratio and shown != NOT_ESTIMABLE else shown,
        limits(cells[mean, "conf_low"], cells[mean, "conf_high"]),
        p_value(cells["paired_t", "p_value"]),
        p_value(cells["wilcoxon", "p_value"]),
        p_value(cells["adjusted", "q_bh"]),
        p_value(cells["adjusted", "p_holm"]),
        significant(cells["d_z", "estimate"]),
        limits(cells["d_z", "conf_low"], cells["d_z", "conf_high"]),
    )


def summary_table(result: Result, known: pd.DataFrame) -> Layout:
    """Return one row a timepoint, marker by marker; `known` as in `panel_table`."""
    conf = f"{100 * float(result.options['conf']):g}% CI"
    columns = (
        Column("n"), Column("Missing"), Column("Below limit"), Column("Mean (SD)"), Column(conf),
        Column("Median (quartiles)"), Column("Least to greatest"), Column("Geometric mean (CV)"),
    )  # fmt: skip
    of = known.set_index("PARAMCD")
    rows: list[Row] = []
    for code, group in result.ard.groupby("variable", sort=False):
        if len(rows) >= SHOWN:
            break
        unit = of.unit[code]
        rows.append(Row(of.label[code] + (f" ({unit})" if unit else ""), ("",) * len(columns)))
        for visit, at in group.groupby("variable_level", sort=False):
            rows.append(Row(str(visit), _location(dict(zip(at.stat_name, at.stat, strict=True))), 1))
    total, notes = result.ard.variable.nunique(), result.notes
    if len(rows) >= SHOWN:
        notes = (f"The first rows of {total:,} markers are drawn; the files hold all of them.", *notes)
    return Layout(result.title, subtitle(result), "Marker", columns, tuple(rows), notes)


def _location(stats: dict[str, float]) -> tuple[str, ...]:
    text = {name: significant(value) for name, value in stats.items()}

    def beside(first: str, second: str) -> str:
        return NOT_ESTIMABLE if first == NOT_ESTIMABLE else f"{first} ({second})"

    return (
        fixed(stats["n"], 0),
        fixed(stats["n_missing"], 0),
        count_percent(stats["n_below"], stats["percent_below"], "%"),
        beside(text["mean"], text["sd"]),
        limits(stats["conf_low"], stats["conf_high"]),
        beside(text["median"], f"{text['q1']} to {text['q3']}"),
        limits(stats["min"], stats["max"]),
        beside(text["geometric_mean"], f"{text['geometric_cv']}%"),
    )
