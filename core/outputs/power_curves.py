"""The curves of power and of half-width, point by point, as the figures draw them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.stats.power import FEWEST, paired_power
from core.stats.precision import half_width

EFFECT_SIZES = (0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Drawn beside the effect size that is asked for."""

ALIKE = 0.08
"""An effect size this near to the one asked for, as a part of it, would only hide its curve."""

LEAST_REACH = 60
"""Curves go on at least to so many pairs."""

BEYOND = 1.25
POINTS = 60
FIRST_HALF_WIDTH = 4
"""Pairs from which on a half-width is drawn: with fewer the quantile of t dwarfs all that follows."""

COLUMNS = ("figure", "curve", "n", "value")


def power_curves(effect_size: float, alpha: float, pairs: list[float]) -> pd.DataFrame:
    """Return power by pairs, for several effect sizes and the one asked for.

    Parameters
    ----------
    effect_size : float
        NaN where none is asked for.
    alpha : float
        Two-sided, of one test.
    pairs : list of float
        Numbers of pairs that the curves must hold; NaN is left out.

    Returns
    -------
    DataFrame
        figure ("curves"), curve (the effect size), n, value (the power): a row a point, curve by curve.

    Examples
    --------
    >>> curves = power_curves(0.82, 0.05, [30])
    >>> sorted(set(curves.curve)), int(curves.n.max())
    ([0.3, 0.4, 0.5, 0.6, 0.82, 1.0], 60)
    """
    others = [each for each in EFFECT_SIZES if not abs(each - effect_size) <= ALIKE * effect_size]
    effects = np.array(sorted([*others, *([] if np.isnan(effect_size) else [effect_size])]))
    n = _grid(FEWEST, pairs)
    return _points("curves", dict(zip(effects.tolist(), paired_power(n, effects[:, None], alpha), strict=True)), n)


def half_width_curve(marker: str, sd: float, conf: float, pairs: list[float]) -> pd.DataFrame:
    """Return the half-width of the interval by pairs, for one marker; its curve is the marker.

    Examples
    --------
    >>> curve = half_width_curve("AR", 10.0, 0.95, [])
    >>> bool(curve.value.is_monotonic_decreasing), half_width_curve("AR", float("nan"), 0.95, []).empty
    (True, True)
    """
    if np.isnan(sd):
        return pd.DataFrame(columns=list(COLUMNS))
    n = _grid(FIRST_HALF_WIDTH, pairs)
    return _points("half_width", {marker: half_width(n, sd, conf)}, n)


def _grid(first: int, pairs: list[float]) -> NDArray[np.float64]:
    most = np.ceil(BEYOND * np.nanmax([LEAST_REACH / BEYOND, *pairs]))
    return np.unique(np.rint(np.linspace(first, most, POINTS)))


def _points(
    figure: str, curves: Mapping[float, NDArray[np.float64]] | Mapping[str, NDArray[np.float64]], n: NDArray[np.float64]
) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"figure": figure, "curve": curve, "n": n, "value": value}) for curve, value in curves.items()
    ]
    return pd.concat(parts, ignore_index=True).astype({"curve": object})
