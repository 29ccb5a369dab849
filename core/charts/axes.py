"""Axes of values: where they begin and end, linear or logarithmic, and where their ticks stand."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import altair as alt

FEWEST_TICKS, MOST_TICKS = 3, 6


def reach(values: pd.Series) -> tuple[float, float]:
    """Return the ends of an axis: the outermost values and a twentieth of their distance; missing values are left out.

    Examples
    --------
    >>> reach(pd.Series([0.0, 20.0, float("nan")])), reach(pd.Series([0.0]))
    ((-1.0, 21.0), (-1.0, 1.0))
    """
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low) or 0.1 * abs(low) or 1.0
    return low - margin, high + margin


def value_axis(values: pd.Series, log: bool) -> "tuple[alt.Scale, dict[str, Any]]":
    """Return the scale of values and how its axis is drawn; a linear one begins at 0 where they nearly do.

    Parameters
    ----------
    values : Series
        In their unit, at least one; above 0 on a logarithmic axis.
    log : bool
        Whether the axis is logarithmic.

    Examples
    --------
    >>> value_axis(pd.Series([1.0, 100.0]), True)[1]["values"], value_axis(pd.Series([2.0, 40.0]), False)[0].domain[0]
    ([1.0, 10.0, 100.0], 0.0)
    """
    import altair as alt

    low, high = float(values.min()), float(values.max())
    if log:
        low, high = low / 1.25, high * 1.25
        scale = alt.Scale(type="log", domain=[low, high], nice=False)
        return scale, {"values": log_ticks(low, high), "format": ",~g"}
    from_zero = 0 <= low < 0.3 * high
    low, high = reach(values)
    return alt.Scale(domain=[0.0 if from_zero else low, high], nice=False, zero=False), {}


def log_ticks(low: float, high: float) -> list[float]:
    """Return powers of ten; with 2 and 5 where these are few; even steps where the axis is shorter than that.

    Examples
    --------
    >>> log_ticks(0.9, 1200.0), log_ticks(0.9, 6.0)
    ([1.0, 10.0, 100.0, 1000.0], [1.0, 2.0, 5.0])
    """
    powers = [10.0**power for power in range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)]
    tenth = 10.0 ** np.floor(np.log10(high - low)) / 10
    step = next(tenth * times for times in (1, 2, 5, 10, 20) if high - low <= MOST_TICKS * tenth * times)
    for ticks in (
        powers,
        [power * times for power in powers for times in (1, 2, 5)],
        [step * at for at in range(int(np.ceil(low / step)), int(high / step) + 1)],
    ):
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= FEWEST_TICKS:
            break
    return inside
