"""A distribution of whole numbers: its mean, its tail, and between which two numbers most of it lies."""

import numpy as np
from numpy.typing import ArrayLike

from core.stats.arguments import check_conf

# What sums of probabilities may lose to the last digits of a float.
SLACK = 1e-12


def mean_of(chances: ArrayLike) -> float:
    """Return the mean of 0, 1, 2, ... with these probabilities.

    Examples
    --------
    >>> mean_of([0.25, 0.5, 0.25])
    1.0
    """
    p = np.asarray(chances, dtype=float)
    return float(np.arange(len(p)) @ p)


def tail(chances: ArrayLike, wanted: int) -> float:
    """Return the probability of `wanted` or more.

    Examples
    --------
    >>> tail([0.25, 0.5, 0.25], 1), tail([0.25, 0.5, 0.25], 3), tail([0.25, 0.5, 0.25], 0)
    (0.75, 0.0, 1.0)
    """
    p = np.asarray(chances, dtype=float)
    return 1.0 if wanted <= 0 else float(min(1.0, p[wanted:].sum()))


def limits(chances: ArrayLike, conf: float = 0.95) -> tuple[int, int]:
    """Return the equal-tailed interval of a number that is whole.

    Parameters
    ----------
    chances : array_like, shape (most + 1,)
        Probabilities of 0 to most; they sum to 1.
    conf : float
        How much of it lies between the limits, at least; between 0 and 1.

    Returns
    -------
    tuple of int
        Both limits belong to the interval. Whole numbers cannot cut off (1 - conf) / 2 exactly: below the lower limit
        and above the upper one lies at most that much, so the interval holds `conf` or more, never less.

    Examples
    --------
    >>> limits([0.02, 0.08, 0.8, 0.08, 0.02], 0.95), limits([0.02, 0.08, 0.8, 0.08, 0.02], 0.80)
    ((1, 3), (2, 2))
    """
    check_conf(conf)
    below = np.cumsum(np.asarray(chances, dtype=float))
    out = (1 - conf) / 2
    low = int(np.searchsorted(below, out + SLACK, side="right"))
    high = int(np.searchsorted(below, 1 - out - SLACK, side="left"))
    most = len(below) - 1
    return min(low, most), min(high, most)


def median(chances: ArrayLike) -> int:
    """Return the least number that is not exceeded in half of the cases or more.

    Examples
    --------
    >>> median([0.25, 0.25, 0.5]), median([0.25, 0.24, 0.51])
    (1, 2)
    """
    below = np.cumsum(np.asarray(chances, dtype=float))
    return min(int(np.searchsorted(below, 0.5 - SLACK, side="left")), len(below) - 1)
