"""Pearson's correlation of logarithms: do two measures rise and fall by the same factors?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import as_before, check_conf
from core.stats.correlation import complete, fisher_limits, settled, t_p
from core.stats.digits import is_constant
from core.stats.paired_t import moments

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pearson:
    """One value a marker: complete pairs, correlation, its p and limits."""

    n: NDArray[np.int64]
    r: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats


def pearson_log(x: ArrayLike, y: ArrayLike, conf: float = 0.95) -> Pearson:
    """Correlate the logarithms of two measures.

    Parameters
    ----------
    x, y : array_like, shape (n,) or (..., n)
        Subjects along the last axis, the same ones in both, in any units; the other axes broadcast. A subject with NaN
        on either axis is left out of that row.
    conf : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Pearson
        Fields of the shape of the markers. n counts complete pairs. Where one of their values is not positive, or all
        values of an axis are the same to twelve significant digits, and below two pairs, all but n is NaN. Below four
        pairs, and where r is 1 or -1, there are no limits; below three pairs, no p. The p of 1 or -1 is 0.

    Raises
    ------
    ValueError
        `conf` is not between 0 and 1, a value is infinite, or shapes do not fit.

    Notes
    -----
    p by t with n - 2 degrees of freedom, limits by Fisher's z with the standard error 1 / sqrt(n - 3). The base of the
    logarithms cancels.

    Fisher, R. A. (1921). On the probable error of a coefficient of correlation deduced from a small sample. Metron, 1,
    3-32.

    Examples
    --------
    >>> found = pearson_log([1, 2, 4, 8, 16], [3, 1, 9, 27, 81])
    >>> f"{found.r:.3f} ({found.conf_low:.3f} to {found.conf_high:.3f}), p = {found.p_value:.3f}"
    '0.900 (0.086 to 0.993), p = 0.037'
    """
    check_conf(conf)
    rows, shape = complete(x, y)
    n = np.count_nonzero(~np.isnan(rows[0]), axis=1)
    constant = is_constant(rows[0]) | is_constant(rows[1])
    a, b = (_standardised(axis) for axis in rows)
    r = settled(np.where(constant, np.nan, np.einsum("ij,ij->i", a, b)))
    low, high = fisher_limits(r, 1 / np.sqrt(np.where(n > 3, n - 3.0, np.nan)), conf)
    return Pearson(*(as_before(field, shape) for field in (n, r, t_p(r, n - 2.0), low, high)))


def _standardised(axis: Floats) -> Floats:
    """Return logarithms less their mean, a row's sum of squares 1: 0 of a missing value, NaN of one without logarithm."""
    logs = np.log(axis, out=np.full(axis.shape, np.nan), where=axis > 0)
    n, mean, sd = moments(logs)
    length = np.where(sd > 0, sd, np.nan) * np.sqrt(np.maximum(n - 1, 1))
    return np.where(np.isnan(axis), 0.0, logs - mean[:, None]) / length[:, None]
