"""How different two groups are at the start: standardised differences, of measurements and of shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.stats.arguments import check_conf

# A spread this small against the values is what floats make of values that are all the same.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Difference:
    """First group minus second, in standard deviations; and how large chance alone makes it, either way."""

    difference: float
    by_chance: float


def difference_of_means(first: ArrayLike, second: ArrayLike, conf: float = 0.95) -> Difference:
    """Return the standardised difference of two means.

    Parameters
    ----------
    first, second : array_like
        Values in any unit, the same in both; NaN is left out.
    conf : float
        How often chance alone stays within `by_chance`, between 0 and 1.

    Returns
    -------
    Difference
        The difference over the root of the mean of both variances (divisor n - 1). NaN below two values in a group, or
        where nobody differs. `by_chance` is the normal approximation z * sqrt(1/n + 1/m); NaN without values in a group.

    Notes
    -----
    Austin, P. C. (2009). Balance diagnostics for comparing the distribution of baseline covariates between treatment
    groups in propensity-score matched samples. Statistics in Medicine, 28, 3083-3107.

    Examples
    --------
    >>> difference_of_means([1.0, 3.0], [2.0, 4.0]).difference
    -0.7071067811865475
    """
    a, b = (_there(values) for values in (first, second))
    if min(len(a), len(b)) < 2:
        return Difference(float("nan"), _by_chance(len(a), len(b), conf))
    spread = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    if spread <= ROUNDING * max(np.abs(a).max(), np.abs(b).max()):
        spread = 0.0
    return Difference(_over(a.mean() - b.mean(), spread), _by_chance(len(a), len(b), conf))


def difference_of_shares(n1: int, N1: int, n2: int, N2: int, conf: float = 0.95) -> Difference:
    """Return the standardised difference of two shares, n1 of N1 and n2 of N2.

    Returns
    -------
    Difference
        The difference over the root of the mean of both p(1 - p). NaN where both shares are 0 or 1, or nobody is in a
        group.

    Raises
    ------
    ValueError
        A count is negative or above its denominator.

    Examples
    --------
    >>> difference_of_shares(5, 10, 5, 10).difference, difference_of_shares(0, 3, 0, 4).difference
    (0.0, nan)
    """
    if not (0 <= n1 <= N1 and 0 <= n2 <= N2):
        raise ValueError("every count must be between 0 and its denominator")
    if not (N1 and N2):
        return Difference(float("nan"), float("nan"))
    p, q = n1 / N1, n2 / N2
    return Difference(_over(p - q, np.sqrt((p * (1 - p) + q * (1 - q)) / 2)), _by_chance(N1, N2, conf))


def _there(values: ArrayLike) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    return array[~np.isnan(array)]


def _over(difference: float, spread: float) -> float:
    return float(difference / spread) if spread > 0 else float("nan")


def _by_chance(n: int, m: int, conf: float) -> float:
    from scipy.special import ndtri

    check_conf(conf)
    return float(ndtri((1 + conf) / 2) * np.sqrt(1 / n + 1 / m)) if n and m else float("nan")
