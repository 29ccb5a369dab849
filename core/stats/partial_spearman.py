"""Spearman's rank correlation of two measures, a third one held the same."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import as_before, check_conf
from core.stats.correlation import complete, fisher_limits, settled, t_p
from core.stats.spearman import bonett_wright_error
from core.stats.value_ranks import co_moments, doubled_ranks

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PartialSpearman:
    """One value a marker: complete triples, adjusted rank correlation, its p and limits."""

    n: NDArray[np.int64]
    rho: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats


def partial_spearman(x: ArrayLike, y: ArrayLike, covariate: ArrayLike, conf: float = 0.95) -> PartialSpearman:
    """Correlate the ranks of two measures, less what either shares with the ranks of a third.

    Parameters
    ----------
    x, y, covariate : array_like, shape (n,) or (..., n)
        Subjects along the last axis, the same ones in all three, in any units; the other axes broadcast. A subject with
        NaN on one of them is left out of that row.
    conf : float
        Confidence level, between 0 and 1.

    Returns
    -------
    PartialSpearman
        Fields of the shape of the markers. n counts complete triples. Where the covariate orders the subjects as x or
        y does, or the other way round, where all values of an axis are tied, and below four triples, all but n is NaN.
        Below five triples, and where rho is 1 or -1, there are no limits; the p of 1 or -1 is 0.

    Raises
    ------
    ValueError
        `conf` is not between 0 and 1, a value is infinite, or shapes do not fit.

    Notes
    -----
    The partial correlation of the ranks; p by t with n - 3 degrees of freedom. The covariate takes one subject: limits
    are those of `spearman` with n - 1 in place of n. The standard error of measured values, 1 / sqrt(n - 4), would give
    limits too narrow for ranks: of strong correlations, 95 % ones would cover 90 % to 92 %.

    Fisher, R. A. (1924). The distribution of the partial correlation coefficient. Metron, 3, 329-332. Bonett, D. G.,
    and Wright, T. A. (2000). Sample size requirements for estimating Pearson, Kendall and Spearman correlations.
    Psychometrika, 65, 23-28.

    Examples
    --------
    >>> found = partial_spearman(range(8), [1, 0, 3, 2, 5, 4, 7, 6], [1, 6, 0, 4, 2, 5, 3, 7])
    >>> f"{found.rho:.3f} ({found.conf_low:.3f} to {found.conf_high:.3f}), p = {found.p_value:.4f}"
    '0.982 (0.818 to 0.998), p = 0.0001'
    """
    check_conf(conf)
    rows, shape = complete(x, y, covariate)
    a, b, c = (doubled_ranks(axis) for axis in rows)
    n = np.count_nonzero(a, axis=1)
    with_x, with_y, of_c = co_moments(a, c), co_moments(b, c), co_moments(c, c)
    # Whole numbers: what the covariate explains wholly leaves 0, not rounding noise.
    left_x, left_y = (of_c * co_moments(own, own) - shared**2 for own, shared in ((a, with_x), (b, with_y)))
    estimable = (n > 3) & (left_x > 0) & (left_y > 0)
    spread = np.sqrt(np.where(estimable, left_x, np.nan)) * np.sqrt(np.where(estimable, left_y, np.nan))
    rho = settled((of_c * co_moments(a, b) - with_x * with_y) / spread)
    low, high = fisher_limits(rho, bonett_wright_error(rho, n - 1), conf)
    return PartialSpearman(*(as_before(field, shape) for field in (n, rho, t_p(rho, n - 3.0), low, high)))
