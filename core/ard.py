"""Analysis results data: the one shape in which every computed number travels.

One row per statistic. The columns are those of CDISC's Analysis Results Standard as R's {cards} names them;
a statistic that cannot be estimated keeps its row, with an empty `stat` and the reason in `warning`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
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


@dataclass(frozen=True)
class Result:
    """An answer: its numbers, who they are about, what was asked, and what a reader must know with them."""

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
    names = [field.name for field in fields(statistic)]
    stats = np.array([float(getattr(statistic, name)) for name in names])
    frame = pd.DataFrame({column: key.get(column, "") for column in KEY}, index=range(len(names)))
    return frame.assign(stat_name=names, stat=stats, warning=np.where(np.isnan(stats), warning, ""))


def grid(
    table_rows: pd.DataFrame,
    group1: str,
    levels: Sequence[str],
    contexts: Sequence[str],
    stats: Mapping[str, NDArray[np.float64]],
    warning: NDArray[np.str_] | str = "",
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
    taken = {name: _categories(table_rows[name], row) for name in table_rows.columns}
    return pd.DataFrame(
        {
            "group1": pd.Categorical.from_codes(np.zeros(len(row), dtype=np.int8), categories=[group1]),
            "group1_level": pd.Categorical.from_codes(column, categories=list(levels)),
            "group2": taken["group2"],
            "group2_level": taken["group2_level"],
            "variable": taken["variable"],
            "variable_level": taken["variable_level"],
            "context": pd.Categorical.from_codes(context, categories=list(contexts)),
            "stat_name": pd.Categorical.from_codes(stat, categories=list(stats)),
            "stat": value,
            "warning": np.where(np.isnan(value), reasons, ""),
        }
    )


def join(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return several pieces as one, in order; none give an empty frame of the right columns."""
    if not frames:
        return pd.DataFrame({column: pd.Series(dtype=float if column == "stat" else str) for column in COLUMNS})
    texts = {column: str for column in COLUMNS if column != "stat"}
    return pd.concat([frame.astype(texts) for frame in frames], ignore_index=True)


def _categories(values: pd.Series, row: NDArray[np.intp]) -> pd.Categorical:
    codes, categories = pd.factorize(values)
    return pd.Categorical.from_codes(codes[row], categories=categories)
