"""Analysis results data: the one shape in which every computed number travels.

One row per statistic. The columns are those of CDISC's Analysis Results Standard as R's {cards} names them;
a statistic that cannot be estimated keeps its row, with an empty `stat` and the reason in `warning`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS = (
    "group1",
    "group1_level",
    "group2",
    "group2_level",
    "variable",
    "variable_level",
    "context",
    "stat_name",
    "stat",
    "warning",
)
KEY = COLUMNS[:-2]
TEXT = pd.StringDtype(na_value=np.nan)


@dataclass(frozen=True)
class Result:
    """An answer: its numbers, who they are about, what was asked, and what a reader must know with them.

    `records` are those that figures draw and downloads hold, the very ones behind the numbers; `methods` tells in
    sentences how they were computed, ready to be copied, and `answer` in one what was found; `unplanned` names
    in what it is not the comparison that was planned; `computed` is when, in UTC.
    """

    output: str
    title: str
    study: str
    study_title: str
    simulated: bool
    data_cut: str
    snapshot: str
    population: str
    condition: str
    N: int
    options: Mapping[str, str | float | bool]
    ard: pd.DataFrame
    notes: tuple[str, ...] = ()
    records: pd.DataFrame = field(default_factory=pd.DataFrame)
    methods: str = ""
    answer: str = ""
    unplanned: tuple[str, ...] = ()
    computed: str = ""


def rows(statistic: Any, warning: str = "", **key: str) -> pd.DataFrame:
    """Return one row per field of a statistic's dataclass; `key` gives the other columns.

    Parameters
    ----------
    statistic : dataclass
        Its field names become `stat_name`; a field that is NaN gets an empty stat.
    warning : str
        Why a statistic is missing; printed beside those that are.

    Examples
    --------
    >>> from core.stats.location import location
    >>> rows(location([1.0, 3.0]), variable="AGE")[["variable", "stat_name", "stat"]].head(3).values.tolist()
    [['AGE', 'n', 2.0], ['AGE', 'n_missing', 0.0], ['AGE', 'mean', 2.0]]
    """
    names = [each.name for each in fields(statistic)]
    stats = np.array([float(getattr(statistic, name)) for name in names])
    frame = pd.DataFrame({column: key.get(column, "") for column in KEY}, index=range(len(names)), dtype=TEXT)
    missing = pd.array(np.where(np.isnan(stats), warning, ""), dtype=TEXT)
    return frame.assign(stat_name=pd.array(names, dtype=TEXT), stat=stats, warning=missing)


def grid(
    table_rows: pd.DataFrame,
    group1: str,
    levels: Sequence[str],
    contexts: Sequence[str],
    stats: Mapping[str, NDArray[np.float64]],
    warning: NDArray[np.str_] | NDArray[np.object_] | str = "",
) -> pd.DataFrame:
    """Return a whole table at once.

    Parameters
    ----------
    table_rows : DataFrame
        One row per row of the table: variable, variable_level, group2, group2_level.
    group1, levels, contexts
        The column variable ("" when there is none), its levels, and the contexts within each level.
    stats : mapping
        stat_name -> array of shape (rows, levels, contexts); NaN is an empty stat.
    warning : array or str
        Why a stat is empty; broadcast to that shape.
    """
    shape = (len(table_rows), len(levels), len(contexts), len(stats))
    row, column, context, stat = (index.ravel() for index in np.indices(shape))
    value = np.stack([np.broadcast_to(array, shape[:3]) for array in stats.values()], axis=-1).ravel()
    reasons = np.broadcast_to(np.asarray(warning, dtype=object)[..., None], shape).ravel()
    texts = {
        "group1": _taken([group1], np.zeros_like(row)),
        "group1_level": _taken(levels, column),
        "group2": _taken(table_rows.group2, row),
        "group2_level": _taken(table_rows.group2_level, row),
        "variable": _taken(table_rows.variable, row),
        "variable_level": _taken(table_rows.variable_level, row),
        "context": _taken(contexts, context),
        "stat_name": _taken(list(stats), stat),
    }
    missing = pd.array(np.where(np.isnan(value), reasons, ""), dtype=TEXT)
    return pd.DataFrame({**texts, "stat": value, "warning": missing})


def join(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return several pieces as one, in order; none give an empty frame of the right columns."""
    if not frames:
        return pd.DataFrame({column: pd.Series(dtype=float if column == "stat" else TEXT) for column in COLUMNS})
    return pd.concat(frames, ignore_index=True)


def _taken(values: Sequence[str] | pd.Series, index: NDArray[np.intp]) -> Any:
    """Repeat a few texts many times; taking is a hundred times cheaper than making them anew."""
    return pd.array(values if isinstance(values, pd.Series) else list(values), dtype=TEXT).take(index)
