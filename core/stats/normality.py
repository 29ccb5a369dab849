"""Whether changes look like a sample of a normal distribution, on which the t-test leans."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.stats.arguments import as_sample
from core.stats.digits import is_constant


@dataclass(frozen=True)
class Shapiro:
    """Shapiro and Wilk's W, at most 1, and its p; NaN where not estimable."""

    w: float
    p_value: float


def shapiro(change: ArrayLike) -> Shapiro:
    """Test whether a sample may be normal.

    Parameters
    ----------
    change : array_like, shape (n,)
        In any unit; NaN is left out.

    Returns
    -------
    Shapiro
        NaN below three values, and where all are the same to twelve significant digits.

    Raises
    ------
    ValueError
        `change` is not of one marker, or is infinite somewhere.

    Notes
    -----
    Shapiro, S. S., and Wilk, M. B. (1965). An analysis of variance test for normality. Biometrika, 52, 591-611; by
    the algorithm of Royston, P. (1995), Applied Statistics, 44, 547-551, made for up to 5,000 values.

    Examples
    --------
    >>> test = shapiro([1.0, 2.0, 3.0, 4.0, 20.0])
    >>> f"{test.w:.4f} {test.p_value:.4f}"
    '0.6876 0.0071'
    """
    from scipy import stats

    sample = as_sample(change)
    if len(sample) < 3 or is_constant(sample[None, :])[0]:
        return Shapiro(float("nan"), float("nan"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Of samples above 5,000: said above.
        # Free of unit, and centred: W is the same, and no digits are lost far from zero.
        found = stats.shapiro((sample - np.median(sample)) / np.ptp(sample))
    return Shapiro(float(found.statistic), float(found.pvalue))


def skewness(change: ArrayLike) -> float:
    """Return the adjusted coefficient of Fisher and Pearson: 0 of a symmetrical sample, above 0 with a long right tail.

    Parameters
    ----------
    change : array_like, shape (n,)
        In any unit; NaN is left out.

    Returns
    -------
    float
        Without unit; NaN below three values, and where all are the same to twelve significant digits.

    Raises
    ------
    ValueError
        `change` is not of one marker, or is infinite somewhere.

    Notes
    -----
    Joanes, D. N., and Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis. The Statistician, 47,
    183-189: G1, which SAS prints.

    Examples
    --------
    >>> f"{skewness([1.0, 2.0, 3.0, 4.0, 20.0]):.4f}"
    '2.1251'
    """
    sample = as_sample(change)
    n = len(sample)
    if n < 3 or is_constant(sample[None, :])[0]:
        return float("nan")
    away = (sample - sample.mean()) / np.ptp(sample)
    return float(np.sqrt(n * (n - 1)) / (n - 2) * np.mean(away**3) / np.mean(away**2) ** 1.5)
