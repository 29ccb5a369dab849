"""How many in how much time, with the exact interval of the Poisson distribution."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_conf

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rate:
    """Arrays of one shape; `rate` and its limits are per `per` units of time, and NaN where there is no time."""

    n: Floats
    time: Floats
    rate: Floats
    conf_low: Floats
    conf_high: Floats


def rates(n: ArrayLike, time: ArrayLike, per: float = 1.0, conf: float = 0.95) -> Rate:
    """Return rates with exact limits.

    Parameters
    ----------
    n : array_like
        Counts, 0 or more; a NaN gives NaN.
    time : array_like
        The time in which they were counted, summed over all who were watched, 0 or more, broadcast against `n`.
        No time gives NaN.
    per : float
        The units of time that a rate is told for: 100 for "per 100 months".
    conf : float
        Confidence level of the two-sided interval, between 0 and 1.

    Returns
    -------
    Rate
        rate = per * n / time. The limits of the count are chi-square quantiles halved, with 2n degrees of freedom below
        and 2n + 2 above; the lower limit of a count of 0 is 0.

    Raises
    ------
    ValueError
        A count or a time is negative, or `conf` is not between 0 and 1.

    Notes
    -----
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika, 28, 437-442. The interval takes the
    count as Poisson: right for one event at most of each subject while the time of each stops at it, and too narrow for
    events that recur, since those of one subject are not independent.

    Examples
    --------
    >>> found = rates([0, 10], [50.0, 50.0], per=100)
    >>> found.rate.tolist(), found.conf_low.round(2).tolist(), found.conf_high.round(2).tolist()
    ([0.0, 20.0], [0.0, 9.59], [7.38, 36.78])
    """
    from scipy.special import gammainccinv, gammaincinv

    check_conf(conf)
    count, spent = np.broadcast_arrays(np.asarray(n, dtype=float), np.asarray(time, dtype=float))
    if np.any(count < 0) or np.any(spent < 0):
        raise ValueError("every count and every time must be 0 or more")
    known = ~np.isnan(count) & (spent > 0)
    tail = (1 - conf) / 2
    scale = np.divide(per, spent, out=np.full(spent.shape, np.nan), where=known)
    safe = np.where(known, count, 1.0)
    low = np.where(safe > 0, gammaincinv(np.maximum(safe, 1e-300), tail), 0.0)
    high = gammainccinv(safe + 1, tail)
    return Rate(count.copy(), spent.copy(), count * scale, low * scale, high * scale)
