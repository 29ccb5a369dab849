"""Analysis results as figures draw them: one row for each thing told of, one column for each statistic of it."""

import pandas as pd


def wide(ard: pd.DataFrame, **names: str) -> pd.DataFrame:
    """Return results with a column for each statistic.

    Parameters
    ----------
    ard : DataFrame
        Analysis results; rows of one key have different statistics.
    **names : str
        Name of a column here -> the column of results that tells the rows apart.

    Returns
    -------
    DataFrame
        One row per key in the order of the results; a key that has not all statistics lacks them.

    Examples
    --------
    >>> from core.ard import rows
    >>> from core.stats.proportion import Proportion
    >>> found = rows(Proportion(3, 10, 30.0, 6.7, 65.2), variable_level="B")
    >>> wide(found, level="variable_level").to_dict("records")
    [{'level': 'B', 'n': 3.0, 'N': 10.0, 'percent': 30.0, 'conf_low': 6.7, 'conf_high': 65.2}]
    """
    rows: dict[tuple[str, ...], dict[str, float]] = {}
    keys = zip(*(ard[column] for column in names.values()), strict=True)
    for key, stat_name, stat in zip(keys, ard.stat_name, ard.stat, strict=True):
        rows.setdefault(key, {})[str(stat_name)] = float(stat)
    return pd.DataFrame([dict(zip(names, key, strict=True)) | stats for key, stats in rows.items()])
