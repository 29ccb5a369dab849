"""Spearman's rank correlation: do two measures rise and fall together?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import Alternatives, as_before, check_choice, check_conf
from core.stats.correlation import complete, fisher_limits, t_p
from core.stats.spearman_null import AT_MOST, permutation_p
from core.stats.value_ranks import co_moments, doubled_ranks

Floats = NDArray[np.float64]

METHODS = ("auto", "exact", "asymptotic")
# Up to that many pairs the exact p is the rule.
EXACT_UP_TO = 9


@dataclass(frozen=True)
class Spearman:
    """One value a marker: complete pairs, rank correlation, its p and limits, and whether all pairings were counted."""

    n: NDArray[np.int64]
    rho: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats
    exact: NDArray[np.bool_]


def spearman(
    x: ArrayLike, y: ArrayLike, method: str = "auto", conf: float = 0.95, alternative: str = "two-sided"
) -> Spearman:
    """Correlate the ranks of two measures.

    Parameters
    ----------
    x, y : array_like, shape (n,) or (..., n)
        Subjects along the last axis, the same ones in both, in any units; the other axes broadcast. A subject with NaN
        on either axis is left out of that row.
    method : {"auto", "exact", "asymptotic"}
        Whether p is counted from all pairings of the ranks at hand, ties or not, or found by the t distribution.
        "auto" is exact up to 9 pairs.
    conf : float
        Confidence level, between 0 and 1.
    alternative : {"two-sided", "less", "greater"}
        A one-sided test has a one-sided interval, its other limit at -1 or 1.

    Returns
    -------
    Spearman
        Fields of the shape of the markers. n counts complete pairs. Values equal to twelve significant digits share
        the mean of their ranks. Where all values of an axis are tied, or there are fewer than two pairs, all but n is
        NaN. Below four pairs, and where rho is 1 or -1, there are no limits; below three pairs, no p by t.

    Raises
    ------
    ValueError
        A choice is none of the above, a value is infinite, shapes do not fit, or "exact" is asked for with a row of
        more than ten pairs.

    Notes
    -----
    An exact two-sided p is the share of pairings whose rho is as far from zero as the one found. By t, with n - 2
    degrees of freedom, the p of a rho of 1 or -1 is 0. The limits are those of Bonett and Wright: by Fisher's z, with
    the standard error sqrt((1 + rho^2 / 2) / (n - 3)).

    Spearman, C. (1904). The proof and measurement of association between two things. American Journal of Psychology,
    15, 72-101. Bonett, D. G., and Wright, T. A. (2000). Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations. Psychometrika, 65, 23-28.

    Examples
    --------
    >>> found = spearman([44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1], [2.6, 3.1, 2.5, 5, 3.6, 4, 5.2, 2.8, 3.8])
    >>> int(found.n), float(found.rho), f"{found.p_value:.4f}", bool(found.exact)
    (9, 0.6, '0.0968', True)
    >>> f"{found.conf_low:.3f} to {found.conf_high:.3f}"
    '-0.174 to 0.916'
    """
    check_choice("method", method, METHODS)
    check_choice("alternative", alternative, Alternatives)
    check_conf(conf)
    rows, shape = complete(x, y)
    a, b = (doubled_ranks(axis) for axis in rows)
    n = np.count_nonzero(a, axis=1)
    if method == "exact" and (n > AT_MOST).any():
        raise ValueError(f"an exact p is of {AT_MOST} pairs at most, not {n.max()}")
    spread = co_moments(a, a) * co_moments(b, b)
    rho = co_moments(a, b) / np.sqrt(np.where(spread > 0, spread, np.nan))
    exact = np.full(len(n), method == "exact") | ((method == "auto") & (n <= EXACT_UP_TO))
    p = t_p(rho, n - 2.0, alternative)
    counted = exact & (spread > 0)
    if counted.any():
        p[counted] = permutation_p(a[counted], b[counted], alternative)
    low, high = fisher_limits(rho, bonett_wright_error(rho, n), conf, alternative)
    return Spearman(*(as_before(field, shape) for field in (n, rho, p, low, high, exact)))


def bonett_wright_error(rho: Floats, n: NDArray[np.int64]) -> Floats:
    """Return the standard error of a rank correlation on the scale of Fisher's z; NaN below four pairs.

    Examples
    --------
    >>> bonett_wright_error(np.array([0.0, 0.0]), np.array([4, 3])).tolist()
    [1.0, nan]
    """
    return np.sqrt((1 + rho**2 / 2) / np.where(n > 3, n - 3.0, np.nan))
