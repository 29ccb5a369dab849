"""How many of how many, with the exact interval of Clopper and Pearson."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Proportion:
    """Arrays of one shape; percent and limits are 0 to 100, and NaN where N is 0 or n is missing."""

    n: Floats
    N: Floats
    percent: Floats
    conf_low: Floats
    conf_high: Floats


def proportion(n: ArrayLike, N: ArrayLike, conf: float = 0.95) -> Proportion:
    """Return percentages with exact limits.

    Parameters
    ----------
    n, N : array_like
        Counts and denominators, broadcast against each other; 0 <= n <= N. A NaN in either gives NaN.
    conf : float
        Confidence level of the two-sided interval, between 0 and 1.

    Returns
    -------
    Proportion
        percent = 100 n / N; the limits are quantiles of beta distributions, 0 for n = 0 and 100 for n = N.

    Raises
    ------
    ValueError
        A count is negative or above its denominator, or `conf` is not between 0 and 1.

    Notes
    -----
    Clopper, C. J., and Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the
    case of the binomial. Biometrika, 26, 404-413.

    Examples
    --------
    >>> p = proportion([0, 3], 10)
    >>> p.percent.round(1).tolist(), p.conf_low.round(2).tolist(), p.conf_high.round(2).tolist()
    ([0.0, 30.0], [0.0, 6.67], [30.85, 65.25])
    """
    from scipy.special import betaincinv

    if not 0 < conf < 1:
        raise ValueError(f"conf must be between 0 and 1, not {conf}")
    count, total = np.broadcast_arrays(np.asarray(n, dtype=float), np.asarray(N, dtype=float))
    if np.any((count < 0) | (count > total)):
        raise ValueError("every count must be between 0 and its denominator")
    # A table repeats few different pairs many times: each pair's limits are computed once.
    pairs, where = np.unique(np.stack([count.ravel(), total.ravel()]), axis=1, return_inverse=True)
    x, size = pairs
    alpha = 1 - conf
    with np.errstate(invalid="ignore", divide="ignore"):
        percent = 100 * x / size
        low = np.where(x > 0, 100 * betaincinv(np.maximum(x, 1), size - x + 1, alpha / 2), 0.0)
        high = np.where(x < size, 100 * betaincinv(x + 1, np.maximum(size - x, 1), 1 - alpha / 2), 100.0)
    known = np.isfinite(x) & (size > 0)
    shaped = [np.where(known, a, np.nan)[where].reshape(count.shape) for a in (percent, low, high)]
    return Proportion(count, total, *shaped)
