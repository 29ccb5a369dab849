"""Where a sample lies and how far it spreads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Location:
    """n values present and n_missing missing; NaN where a statistic is not estimable."""

    n: int
    n_missing: int
    mean: float
    sd: float
    median: float
    min: float
    max: float


def location(values: ArrayLike) -> Location:
    """Summarise a sample; missing values (NaN) are counted and left out.

    Parameters
    ----------
    values : array_like, shape (n,)
        In any unit, which is also the results' unit.

    Returns
    -------
    Location
        Mean, standard deviation (divisor n - 1; NaN below two values), median, smallest and largest value.

    Examples
    --------
    >>> location([1.0, 2.0, 6.0, float("nan")])
    Location(n=3, n_missing=1, mean=3.0, sd=2.6457513110645907, median=2.0, min=1.0, max=6.0)
    """
    sample = np.asarray(values, dtype=float)
    present = sample[~np.isnan(sample)]
    missing = len(sample) - len(present)
    if not len(present):
        return Location(0, missing, *[float("nan")] * 5)
    sd = float(np.std(present, ddof=1)) if len(present) > 1 else float("nan")
    mean, median = float(np.mean(present)), float(np.median(present))
    return Location(len(present), missing, mean, sd, median, float(present.min()), float(present.max()))
