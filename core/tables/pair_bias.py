"""Patients with and without a pair: from analysis results to a layout."""

from collections.abc import Mapping
from math import isnan

import pandas as pd

from core.ard import Result
from core.formats import NOT_ESTIMABLE, confidence_level, count_percent, fixed, significant
from core.tables.layout import Column, Layout, Row, header, subtitle

GROUPS = {"with_pair": "With a pair", "without_pair": "Without a pair"}


def pair_bias_table(result: Result, labels: Mapping[str, str]) -> Layout:
    """Return what is known at baseline of both groups side by side, and how far they differ.

    Parameters
    ----------
    result : Result
        Of the output pair_bias.
    labels : mapping
        Variable or PARAMCD -> how it reads.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "B", "s", "S", True, "2024-12-31", "", "All", "", 0, {"conf": 0.95}, join([]))
    >>> [column.label for column in pair_bias_table(result, {}).columns]
    ['With a pair (N=0)', 'Without a pair (N=0)', 'Standardised difference', 'Chance alone, 95%']
    """
    ard = result.ard
    keys = zip(ard.variable, ard.variable_level, ard.context, ard.stat_name, strict=True)
    stats = dict(zip(keys, ard.stat, strict=True))
    columns = [Column(header(label, stats.get(("GROUP", "", group, "n"), 0.0))) for group, label in GROUPS.items()]
    chance = f"Chance alone, {confidence_level(result.options['conf'])}"
    columns += [Column("Standardised difference"), Column(chance)]
    rows: list[Row] = []
    for variable, part in ard[ard.variable != "GROUP"].groupby("variable", sort=False):
        name = str(variable)
        levels = list(dict.fromkeys(part.variable_level))
        if levels == [""]:
            rows.append(
                Row(
                    f"{labels.get(name, name)}, median (quartiles)",
                    (*(_measured(stats, name, group) for group in GROUPS), *_apart(stats, name, "")),
                )
            )
            continue
        rows.append(Row(f"{labels.get(name, name)}, n (%)", ("",) * len(columns)))
        for level in levels:
            shares = [
                count_percent(*(stats[name, level, group, stat] for stat in ("n", "percent"))) for group in GROUPS
            ]
            rows.append(Row(level, (*shares, *_apart(stats, name, level)), 1))
    return Layout(result.title, subtitle(result), "", tuple(columns), tuple(rows), result.notes)


Stats = Mapping[tuple[str, str, str, str], float]


def _measured(stats: Stats, variable: str, group: str) -> str:
    middle, low, high, missing = (stats[variable, "", group, name] for name in ("median", "q1", "q3", "n_missing"))
    if pd.isna(middle):
        return NOT_ESTIMABLE
    lost = f"; {fixed(missing, 0)} missing" if missing else ""
    return f"{significant(middle)} ({significant(low)} to {significant(high)}){lost}"


def _apart(stats: Stats, variable: str, level: str) -> tuple[str, str]:
    difference, chance = (stats[variable, level, "difference", name] for name in ("difference", "by_chance"))
    return fixed(difference, 2), NOT_ESTIMABLE if isnan(chance) else f"±{fixed(chance, 2)}"
