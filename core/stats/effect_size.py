"""How large a change is, free of its unit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import as_before, as_rows, check_choice, check_conf
from core.stats.mid_ranks import ZERO_METHODS, signed_ranks
from core.stats.noncentral_t import noncentrality
from core.stats.paired_t import moments
from core.stats.signed_rank import rank_sums

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """One value a marker, without unit; NaN where it is not estimable."""

    estimate: Floats
    conf_low: Floats
    conf_high: Floats


def d_z(change: ArrayLike, conf: float = 0.95) -> Effect:
    """Divide the mean change by the standard deviation of the changes.

    Parameters
    ----------
    change : array_like, shape (..., n)
        Later minus earlier in any unit; NaN, where there is no pair, is left out.
    conf : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Effect
        Fields of shape change.shape[:-1]. The limits are those of the noncentrality of the paired t, over the square
        root of n. NaN below two pairs, and where all differences are the same to twelve significant digits.

    Raises
    ------
    ValueError
        `conf` is not between 0 and 1, or a change is infinite.

    Notes
    -----
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences, section 2.3. Steiger, J. H., and
    Fouladi, R. T. (1997). Noncentrality interval estimation and the evaluation of statistical models.

    Examples
    --------
    >>> found = d_z([1.0, 2.0, 4.0, 5.0])
    >>> f"{found.estimate:.3f} ({found.conf_low:.3f} to {found.conf_high:.3f})"
    '1.643 (0.023 to 3.193)'
    """
    check_conf(conf)
    rows, shape = as_rows(change)
    n, mean, sd = moments(rows)
    root = np.sqrt(np.maximum(n, 1))
    estimate = mean / np.where(sd > 0, sd, np.nan)
    df = np.where(n > 1, n - 1.0, np.nan)
    limits = (noncentrality(estimate * root, df, (1 + side * conf) / 2) / root for side in (1, -1))
    return Effect(*(as_before(field, shape) for field in (estimate, *limits)))


def g_z(change: ArrayLike, conf: float = 0.95) -> Effect:
    """Return d_z and its limits times Hedges' correction, which takes the bias of small samples away.

    Parameters, errors and missing values are those of `d_z`.

    Returns
    -------
    Effect
        NaN below three pairs: the correction is 0 for two.

    Notes
    -----
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size and related estimators. Journal of
    Educational Statistics, 6, 107-128. The correction is the exact one, by gamma functions, with n - 1 degrees of
    freedom.

    Examples
    --------
    >>> found = g_z([1.0, 2.0, 4.0, 5.0])
    >>> f"{found.estimate:.3f}"
    '1.189'
    """
    from scipy.special import gammaln

    raw = d_z(change, conf)
    df = np.count_nonzero(~np.isnan(np.asarray(change, dtype=float)), axis=-1) - 1.0
    df = np.where(df > 1, df, np.nan)
    correction = np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)
    return Effect(raw.estimate * correction, raw.conf_low * correction, raw.conf_high * correction)


def rank_biserial(change: ArrayLike, conf: float = 0.95, zero_method: str = "wilcox") -> Effect:
    """Set the ranks of positive differences against those of negative ones: 1 when all rise, -1 when all fall.

    Parameters
    ----------
    change : array_like, shape (..., n)
        Later minus earlier in any unit; NaN, where there is no pair, is left out.
    conf : float
        Confidence level, between 0 and 1.
    zero_method : {"wilcox", "pratt"}
        Differences of zero are dropped before ranks are given, or after.

    Returns
    -------
    Effect
        Fields of shape change.shape[:-1]. The limits are by Fisher's z with the standard error that the signed-rank
        sum has under the null; none at 1 and -1. All NaN without a difference other than zero.

    Raises
    ------
    ValueError
        `conf` or `zero_method` is impossible, or a change is infinite.

    Notes
    -----
    Kerby, D. S. (2014). The simple difference formula: an approach to teaching nonparametric correlation.
    Comprehensive Psychology, 3, 11.IT.3.1.

    Examples
    --------
    >>> found = rank_biserial([1.1, 2.4, 0.0, -0.3, 1.2, 3.0])
    >>> f"{found.estimate:.3f} ({found.conf_low:.3f} to {found.conf_high:.3f})"
    '0.867 (0.337 to 0.980)'
    """
    from scipy.special import ndtri

    check_conf(conf)
    check_choice("zero_method", zero_method, ZERO_METHODS)
    rows, shape = as_rows(change)
    ranks = signed_ranks(rows, zero_method)
    plus, minus = rank_sums(ranks)
    m = np.where(ranks.n > ranks.n_zero, ranks.n - ranks.n_zero, np.nan)
    estimate = (plus - minus) / np.where(plus + minus > 0, plus + minus, np.nan)
    reach = ndtri((1 + conf) / 2) * np.sqrt((2 * m**3 + 3 * m**2 + m) / 6) / ((m**2 + m) / 2)
    centre = np.arctanh(np.where(np.abs(estimate) < 1, estimate, np.nan))
    fields = (estimate, np.tanh(centre - reach), np.tanh(centre + reach))
    return Effect(*(as_before(field, shape) for field in fields))
