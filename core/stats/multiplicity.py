"""Many tests at once: p-values adjusted within their family, and the alpha that each test of a family has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Adjusted:
    """One value a test, 0 to 1: Benjamini and Hochberg's q and Holm's adjusted p."""

    q_bh: Floats
    p_holm: Floats


def adjust(p_values: ArrayLike, family: ArrayLike) -> Adjusted:
    """Adjust p-values within each family.

    Parameters
    ----------
    p_values : array_like, shape (tests,)
        0 to 1. NaN, of a test that could not be made, stays NaN and does not count as a member of its family.
    family : array_like of integers, shape (tests,)
        Tests of one number are a family.

    Returns
    -------
    Adjusted
        q_bh bounds the share of false discoveries, p_holm the chance of any.

    Raises
    ------
    ValueError
        The two differ in shape, or a p-value is not between 0 and 1.

    Notes
    -----
    Benjamini, Y., and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical
    Society B, 57, 289-300. Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian
    Journal of Statistics, 6, 65-70.

    Examples
    --------
    >>> found = adjust([0.01, 0.02, 0.5, float("nan"), 0.03], [1, 1, 1, 1, 2])
    >>> found.q_bh.tolist(), found.p_holm.tolist()
    ([0.03, 0.03, 0.5, nan, 0.03], [0.03, 0.04, 0.5, nan, 0.03])
    """
    p, member = np.asarray(p_values, dtype=np.float64), np.asarray(family)
    if p.ndim != 1 or p.shape != member.shape:
        raise ValueError(f"p_values and family must be of one shape (tests,), not {p.shape} and {member.shape}")
    if np.any((p < 0) | (p > 1)):
        raise ValueError("every p-value must be between 0 and 1")
    q_bh, p_holm = np.full_like(p, np.nan), np.full_like(p, np.nan)
    # In ascending order of family and p, and without the NaN: each family is one stretch.
    order = np.lexsort((p, member))
    order = order[~np.isnan(p[order])]
    for stretch in np.split(order, np.flatnonzero(np.diff(member[order])) + 1):
        m = len(stretch)
        ascending, rank = p[stretch], np.arange(1, m + 1)
        least_above = np.minimum.accumulate((ascending * m / rank)[::-1])[::-1]
        q_bh[stretch] = np.minimum(1.0, least_above)
        p_holm[stretch] = np.minimum(1.0, np.maximum.accumulate(ascending * (m + 1 - rank)))
    return Adjusted(q_bh, p_holm)


def alpha_each(alpha: ArrayLike, markers: ArrayLike, share: ArrayLike = 1.0) -> Floats:
    """Return the alpha at which each marker of a family is tested, by Bonferroni.

    Parameters
    ----------
    alpha : array_like
        Of the whole study, between 0 and 1.
    markers : array_like
        Of the family, 1 or more.
    share : array_like
        The part of alpha that the family was given when it was split: above 0, and 1 where the family has all of it.

    Returns
    -------
    ndarray of the shape that they broadcast to
        The chance of any false finding in the family is at most its part of alpha, however its markers depend on each
        other. NaN in one gives NaN.

    Raises
    ------
    ValueError
        A number is out of its range.

    Notes
    -----
    Dunn, O. J. (1961). Multiple comparisons among means. Journal of the American Statistical Association, 56, 52-64.

    Examples
    --------
    >>> float(alpha_each(0.05, 40)), float(alpha_each(0.05, 4, 0.5))
    (0.00125, 0.00625)
    """
    whole, m, part = (np.asarray(each, dtype=np.float64) for each in (alpha, markers, share))
    if np.any((whole <= 0) | (whole >= 1)) or np.any(m < 1) or np.any((part <= 0) | (part > 1)):
        raise ValueError("alpha must be between 0 and 1, markers 1 or more, and the share above 0 and at most 1")
    return (whole * part / m)[()]
