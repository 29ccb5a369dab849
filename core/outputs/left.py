"""Who has left the study by a day, by death or otherwise."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data

Flags = NDArray[np.bool_]


def gone(data: Data, subjects: pd.DataFrame, ends: pd.Series) -> tuple[Flags, Flags]:
    """Return who had died and who was off study by a day.

    Parameters
    ----------
    data : Data
        The study: its data cut, and how it writes that a subject is ongoing.
    subjects : DataFrame
        Rows of ADSL; a variable that it lacks tells nothing.
    ends : Series of timestamps
        The day for each subject; the data cut where it is missing or later. An end without a date is known at the cut
        only.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> subjects = pd.DataFrame({"EOSSTT": ["ONGOING", "DISCONTINUED"], "DTHFL": ["N", "N"]})
    >>> died, off = gone(data, subjects, pd.Series(pd.NaT, subjects.index))
    >>> died.tolist(), off.tolist()
    ([False, False], [False, True])
    """
    cut, nothing = pd.Timestamp(data.study.data_cut), pd.Series(None, subjects.index, dtype=object)
    death, left = (pd.to_datetime(subjects.get(name, nothing)) for name in ("DTHDT", "EOSDT"))
    status = subjects.get("EOSSTT", nothing).astype("string").str.upper()
    ongoing = status.isin([each.upper() for each in data.study.disposition.ongoing]).fillna(False).astype(bool)
    by = ends.where(ends < cut, cut)
    is_open = ends.isna() | (ends >= cut)
    undated_death = (subjects.get("DTHFL", nothing) == "Y") & death.isna()
    ended = status.notna() & left.isna()
    died = (death <= by) | (undated_death & is_open)
    off = ((left <= by) | (ended & is_open)) & ~ongoing
    return died.to_numpy(dtype=bool), off.to_numpy(dtype=bool)
