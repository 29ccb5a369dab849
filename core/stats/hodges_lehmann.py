"""The Hodges-Lehmann estimate: the change that a signed-rank test finds in the middle, with its exact interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import as_before, as_rows, check_conf
from core.stats.signed_rank_null import untied_cdf

Floats = NDArray[np.float64]

# Up to that many pairs the interval is exact.
EXACT_UP_TO = 500
# Walsh averages of a chunk of markers, few enough to stay in a processor's cache.
IN_CACHE = 100_000


@dataclass(frozen=True)
class HodgesLehmann:
    """One value a marker, in the unit of the change; coverage is the level that the interval has, 0 to 1."""

    estimate: Floats
    conf_low: Floats
    conf_high: Floats
    coverage: Floats


def hodges_lehmann(change: ArrayLike, conf: float = 0.95) -> HodgesLehmann:
    """Estimate the centre of paired differences by the median of their Walsh averages.

    Parameters
    ----------
    change : array_like, shape (..., n)
        Later minus earlier in any unit; NaN, where there is no pair, is left out. Zeros are differences like others.
    conf : float
        Confidence level, between 0 and 1.

    Returns
    -------
    HodgesLehmann
        Fields of shape change.shape[:-1]. The limits are Walsh averages; no interval has exactly the level asked for,
        and coverage is what it has without ties: with ties, at least that. Where even the widest interval falls
        short, below six pairs at 95 %, limits and coverage are NaN. The estimate is NaN without pairs.

    Raises
    ------
    ValueError
        `conf` is not between 0 and 1, or a change is infinite.

    Notes
    -----
    Above 500 pairs the normal curve tells which Walsh averages are the limits.

    Hodges, J. L., and Lehmann, E. L. (1963). Estimates of location based on rank tests. Annals of Mathematical
    Statistics, 34, 598-611. Hollander, M., and Wolfe, D. A. (1973). Nonparametric statistical methods, section 3.3.

    Examples
    --------
    >>> found = hodges_lehmann([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    >>> float(found.estimate), float(found.conf_low), float(found.conf_high), float(found.coverage)
    (8.5, 1.0, 32.0, 0.96875)
    """
    check_conf(conf)
    rows, shape = as_rows(change)
    values = np.sort(rows, axis=1)
    n = values.shape[1] - np.count_nonzero(np.isnan(values), axis=1)
    found = np.full((4, len(values)), np.nan)
    for pairs in np.unique(n[n > 0]).tolist():
        same = np.flatnonzero(n == pairs)
        place, coverage = limit_place(pairs, conf)
        size = max(1, IN_CACHE // (pairs * (pairs + 1) // 2))
        for chunk in np.split(same, range(size, len(same), size)):
            found[:3, chunk] = _middle_and_limits(values[chunk, :pairs], place)
        found[3, same] = coverage
    return HodgesLehmann(*(as_before(field, shape) for field in found))


def limit_place(n: int, conf: float) -> tuple[int, float]:
    """Return which Walsh average, counted from either end, is a limit, and the level of that interval.

    Parameters
    ----------
    n : int
        Pairs.
    conf : float
        Level asked for.

    Returns
    -------
    tuple of int and float
        0 and NaN when there is no interval.

    Examples
    --------
    >>> limit_place(10, 0.95)
    (9, 0.951171875)
    """
    from scipy.special import ndtr, ndtri

    tail = (1 - conf) / 2
    if n > EXACT_UP_TO:
        mean, sd = n * (n + 1) / 4, np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        place = int(np.ceil(mean + sd * ndtri(tail) - 0.5))
        return place, float(1 - 2 * ndtr((place - 0.5 - mean) / sd))
    cdf = untied_cdf(n)
    # The quantile of a signed-rank sum; the slack is for a tail such as 0.025 that no binary fraction meets.
    place = int(np.searchsorted(cdf, tail - 10 * np.finfo(float).eps))
    return (place, float(1 - 2 * cdf[place - 1])) if place else (0, float("nan"))


def _middle_and_limits(values: Floats, place: int) -> Floats:
    """Return estimate, low and high for rows of the same number of pairs, each in ascending order."""
    n = values.shape[1]
    walsh = np.empty((len(values), n * (n + 1) // 2))
    filled = 0
    for lag in range(n):
        np.add(values[:, lag:], values[:, : n - lag], out=walsh[:, filled : filled + n - lag])
        filled += n - lag
    walsh.sort(axis=1)
    middle = (walsh[:, (filled - 1) // 2] + walsh[:, filled // 2]) / 2
    none = np.full(len(values), np.nan)
    limits = (walsh[:, place - 1], walsh[:, filled - place]) if place else (none, none)
    return np.stack([middle, *limits]) / 2  # The averages were sums until here.
