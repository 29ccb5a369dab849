"""Where a sample lies and how far it spreads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_conf
from core.stats.digits import is_constant

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Location:
    """n values present and n_missing missing; NaN where a statistic is not estimable.

    geometric_cv is in percent, without unit; all others are in the unit of the values.
    """

    n: int
    n_missing: int
    mean: float
    sd: float
    conf_low: float
    conf_high: float
    median: float
    q1: float
    q3: float
    min: float
    max: float
    geometric_mean: float
    geometric_cv: float


def location(values: ArrayLike, conf: float = 0.95) -> Location:
    """Summarise a sample; missing values (NaN) are counted and left out.

    Parameters
    ----------
    values : array_like, shape (n,)
        In any unit, which is also the results' unit.
    conf : float
        Confidence level of the interval of the mean, between 0 and 1.

    Returns
    -------
    Location
        Mean with its interval by Student's t, standard deviation (divisor n - 1; NaN below two values, as are the
        limits), median, quartiles, smallest and largest value. Geometric mean and geometric coefficient of variation
        are of positive values only: a zero or a negative value makes them NaN.

    Raises
    ------
    ValueError
        `conf` is not between 0 and 1.

    Notes
    -----
    A quartile is the value at its place in order, or the mean of two where the place falls between them: type 2 of
    Hyndman, R. J., and Fan, Y. (1996). Sample quantiles in statistical packages. American Statistician, 50, 361-365.

    Examples
    --------
    >>> found = location([1.0, 2.0, 6.0, float("nan")])
    >>> found.n, found.n_missing, found.mean, found.median, found.q1, found.q3
    (3, 1, 3.0, 2.0, 1.0, 6.0)
    >>> f"{found.conf_low:.3f} to {found.conf_high:.3f}, {found.geometric_mean:.3f} ({found.geometric_cv:.1f} %)"
    '-3.572 to 9.572, 2.289 (112.3 %)'
    """
    check_conf(conf)
    sample = np.asarray(values, dtype=float)
    present = np.sort(sample[~np.isnan(sample)])
    n = len(present)
    missing = len(sample) - n
    if not n:
        return Location(0, missing, *[float("nan")] * 11)
    mean = float(np.mean(present))
    sd, reach = _spread(present, conf)
    q1, q3 = np.quantile(present, [0.25, 0.75], method="averaged_inverted_cdf").tolist()
    median = float(np.median(present))
    ends = float(present[0]), float(present[-1])
    return Location(n, missing, mean, sd, mean - reach, mean + reach, median, q1, q3, *ends, *_geometric(present))


def _spread(present: Floats, conf: float) -> tuple[float, float]:
    """Return the standard deviation, and how far the limits are from the mean."""
    from scipy.special import stdtrit

    n = len(present)
    if n < 2:
        return float("nan"), float("nan")
    # Of equal values a computed spread would be the noise of their mean.
    sd = 0.0 if is_constant(present[None, :])[0] else float(np.std(present, ddof=1))
    return sd, float(stdtrit(n - 1, (1 + conf) / 2) * sd / np.sqrt(n))


def _geometric(present: Floats) -> tuple[float, float]:
    """Return geometric mean and geometric coefficient of variation, in percent."""
    if present[0] <= 0:
        return float("nan"), float("nan")
    logs = np.log(present)
    mean = float(np.exp(np.mean(logs)))
    if len(logs) < 2:
        return mean, float("nan")
    with np.errstate(over="ignore"):
        cv = 0.0 if is_constant(present[None, :])[0] else float(100 * np.sqrt(np.expm1(np.var(logs, ddof=1))))
    return mean, cv if np.isfinite(cv) else float("nan")
