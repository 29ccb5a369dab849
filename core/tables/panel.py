"""Many markers: from analysis results to layouts."""

from collections.abc import Iterator

import pandas as pd

from core.ard import Result
from core.formats import NOT_ESTIMABLE, confidence_level, count_percent, fixed, limits, p_value, percentage, significant
from core.study import Study
from core.tables.change import not_estimable, role
from core.tables.layout import Column, Layout, Row, subtitle

SHOWN = 300
"""Markers that a reader can look through; files hold all of them."""

Cells = dict[tuple[str, str], float]
"""(context, statistic) -> the number."""


def panel_table(result: Result, known: pd.DataFrame, study: Study) -> Layout:
    """Return one row a marker: estimate and interval in its own unit, both tests, adjusted p, size, pairs.

    Parameters
    ----------
    known : DataFrame
        The study's markers: PARAMCD, label, unit, scale.
    """
    conf = f"{confidence_level(result.options['conf'])} CI"
    test = study.design.test
    estimate = "Mean change, or fold change (×)" if test == "paired_t" else "Hodges-Lehmann shift, or fold change (×)"
    columns = (
        Column("Pairs"), Column("Below limit (%)"), Column(estimate), Column(conf),
        Column(f"p, paired t{role('paired_t', result, study)}"), Column(f"p, signed-rank{role('wilcoxon', result, study)}"),
        Column("q"), Column("p, Holm"), Column("d_z"), Column(f"{conf} of d_z"),
    )  # fmt: skip
    of = known.set_index("PARAMCD")
    rows: list[Row] = []
    family = None
    grouped = result.options["order"] == "study"
    codes = list(dict.fromkeys(result.ard.variable))
    for code, group, cells in _markers(result, codes[:SHOWN]):
        if grouped and group != family:
            family = group
            rows.append(Row(group or "In no family", ("",) * len(columns)))
        unit = of.unit[code]
        label = of.label[code] + (f" ({unit})" if unit else "")
        rows.append(Row(label, _cells(cells, test), 1 if grouped else 0, ("PARAMCD", code, "")))
    notes = (*_first_of(codes), *not_estimable(rows), *result.notes)
    return Layout(result.title, subtitle(result), "Marker", columns, tuple(rows), notes)


def _first_of(codes: list[str]) -> tuple[str, ...]:
    """Say so where not all markers are drawn."""
    if len(codes) <= SHOWN:
        return ()
    return (f"The first {SHOWN:,} of {len(codes):,} markers are drawn; the files hold all of them.",)


def _markers(result: Result, codes: list[str]) -> Iterator[tuple[str, str, Cells]]:
    """Yield code, family and numbers of each marker."""
    some = result.ard[result.ard.variable.isin(codes)]
    by_code = {str(code): group for code, group in some.groupby("variable", sort=False)}
    for code in codes:
        group = by_code[code]
        keys = zip(group.context, group.stat_name, strict=True)
        yield code, str(group.group2_level.iloc[0]), dict(zip(keys, group.stat, strict=True))


def _cells(cells: Cells, test: str) -> tuple[str, ...]:
    ratio = ("fold_change", "estimate") in cells
    if test == "paired_t":
        context, name = ("fold_change", "estimate") if ratio else ("paired_t", "mean_change")
    else:
        context, name = ("fold_shift" if ratio else "hodges_lehmann"), "estimate"
    shown, share = significant(cells[context, name]), cells["below_limit", "percent"]
    return (
        fixed(cells["paired_t", "n"], 0),
        NOT_ESTIMABLE if pd.isna(share) else percentage(share),
        f"× {shown}" if ratio and shown != NOT_ESTIMABLE else shown,
        limits(cells[context, "conf_low"], cells[context, "conf_high"]),
        p_value(cells["paired_t", "p_value"]),
        p_value(cells["wilcoxon", "p_value"]),
        p_value(cells["adjusted", "q_bh"]),
        p_value(cells["adjusted", "p_holm"]),
        significant(cells["d_z", "estimate"]),
        limits(cells["d_z", "conf_low"], cells["d_z", "conf_high"]),
    )


def summary_table(result: Result, known: pd.DataFrame) -> Layout:
    """Return one row a timepoint, marker by marker; `known` as in `panel_table`."""
    conf = f"{confidence_level(result.options['conf'])} CI"
    columns = (
        Column("n"), Column("Missing"), Column("Left out"), Column("Below limit"), Column("Mean (SD)"), Column(conf),
        Column("Median (quartiles)"), Column("Least to greatest"), Column("Geometric mean (CV)"),
    )  # fmt: skip
    of = known.set_index("PARAMCD")
    rows: list[Row] = []
    codes = list(dict.fromkeys(result.ard.variable))
    for code, group in result.ard[result.ard.variable.isin(codes[:SHOWN])].groupby("variable", sort=False):
        unit = of.unit[code]
        rows.append(Row(of.label[code] + (f" ({unit})" if unit else ""), ("",) * len(columns)))
        for visit, at in group.groupby("variable_level", sort=False):
            rows.append(Row(str(visit), _location(dict(zip(at.stat_name, at.stat, strict=True))), 1))
    return Layout(
        result.title,
        subtitle(result),
        "Marker",
        columns,
        tuple(rows),
        (*_first_of(codes), *not_estimable(rows), *result.notes),
    )


def _location(stats: dict[str, float]) -> tuple[str, ...]:
    text = {name: significant(value) for name, value in stats.items()}

    def beside(first: str, second: str) -> str:
        return NOT_ESTIMABLE if first == NOT_ESTIMABLE else f"{first} ({second})"

    return (
        fixed(stats["n"], 0),
        fixed(stats["n_missing"], 0),
        fixed(stats["n_left_out"], 0),
        count_percent(stats["n_below"], stats["percent_below"], "%"),
        beside(text["mean"], text["sd"]),
        limits(stats["conf_low"], stats["conf_high"]),
        beside(text["median"], f"{text['q1']} to {text['q3']}"),
        limits(stats["min"], stats["max"]),
        beside(text["geometric_mean"], f"{text['geometric_cv']}%"),
    )
