"""The paired t-test: is the mean change other than zero?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import Alternatives, as_before, as_rows, check_choice, check_conf
from core.stats.digits import is_constant

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairedT:
    """One value a marker; mean, standard deviation and limits are in the unit of the change."""

    n: NDArray[np.int64]
    mean_change: Floats
    sd_change: Floats
    t: Floats
    df: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats


def paired_t(change: ArrayLike, conf: float = 0.95, alternative: str = "two-sided") -> PairedT:
    """Test the mean of paired differences against zero.

    Parameters
    ----------
    change : array_like, shape (..., n)
        Later minus earlier in any unit; NaN, where there is no pair, is left out.
    conf : float
        Confidence level, between 0 and 1.
    alternative : {"two-sided", "less", "greater"}
        A one-sided test has a one-sided interval, its other limit infinite.

    Returns
    -------
    PairedT
        Fields of shape change.shape[:-1]; df = n - 1. Below two pairs, and where twelve significant digits of all
        differences are the same, t, its p and the limits are NaN: the spread is not estimable, or there is none.

    Raises
    ------
    ValueError
        `conf` or `alternative` is impossible, or a change is infinite.

    Notes
    -----
    Student (1908). The probable error of a mean. Biometrika, 6, 1-25.

    Examples
    --------
    >>> test = paired_t([1.0, 2.0, 4.0, 5.0])
    >>> float(test.mean_change), f"{test.t:.3f}", int(test.df), f"{test.p_value:.4f}"
    (3.0, '3.286', 3, '0.0462')
    """
    from scipy.special import stdtr

    check_conf(conf)
    check_choice("alternative", alternative, Alternatives)
    rows, shape = as_rows(change)
    n, mean, sd = moments(rows)
    df = np.where(n > 1, n - 1.0, np.nan)
    error = np.where(sd > 0, sd, np.nan) / np.sqrt(np.maximum(n, 1))
    t = mean / error
    towards = {"two-sided": -np.abs(t), "less": t, "greater": -t}[alternative]
    p = stdtr(df, towards) * (2 if alternative == "two-sided" else 1)
    low, high = _limits(mean, error, df, conf, alternative)
    return PairedT(*(as_before(field, shape) for field in (n, mean, sd, t, df, p, low, high)))


def moments(rows: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return how many values each row has, their mean and their standard deviation.

    Parameters
    ----------
    rows : ndarray, shape (markers, n)
        NaN is left out.

    Returns
    -------
    tuple of ndarray, shape (markers,)
        The mean is NaN of no value; the standard deviation is NaN below two values, and 0 where all are the same.

    Examples
    --------
    >>> n, mean, sd = moments(np.array([[0.1, 0.1, 0.3 - 0.2, np.nan]]))
    >>> n.tolist(), sd.tolist()
    ([3], [0.0])
    """
    present = ~np.isnan(rows)
    n = np.count_nonzero(present, axis=1)
    mean = np.where(present, rows, 0.0).sum(axis=1) / np.where(n > 0, n, np.nan)
    away = np.where(present, rows - mean[:, None], 0.0)
    variance = np.einsum("ij,ij->i", away, away) / np.where(n > 1, n - 1.0, np.nan)
    # What is left of a constant after subtraction of its mean is rounding, not spread.
    return n, mean, np.where((n > 1) & is_constant(rows), 0.0, np.sqrt(variance))


def _limits(mean: Floats, error: Floats, df: Floats, conf: float, alternative: str) -> tuple[Floats, Floats]:
    from scipy.special import stdtrit

    level = (1 + conf) / 2 if alternative == "two-sided" else conf
    reach = stdtrit(df, level) * error
    low = np.where(alternative == "less", -np.inf, mean - reach)
    high = np.where(alternative == "greater", np.inf, mean + reach)
    return np.where(np.isnan(reach), np.nan, low), np.where(np.isnan(reach), np.nan, high)
