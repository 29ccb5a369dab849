"""How fast patients come: a rate a month, learned from those accrued or held fixed, and when so many more are there.

A Poisson process whose rate is known as a Gamma: numbers are negative binomial, and times are a ratio of two Gammas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.stats.arguments import check_conf

Floats = NDArray[np.float64]

MONTH = 30.4375
"""Days of a month, on average."""

LONGEST = 12 * 200.0
"""Months beyond which nothing is foreseen."""


class Pace(Protocol):
    """What forecasts ask of a pace."""

    def arrivals(self, months: float, most: int) -> Floats:
        """Return the probability of 0, 1, ... most patients in so many months."""
        ...


@dataclass(frozen=True)
class Steady:
    """So many patients a month, held fixed: numbers are Poisson."""

    rate: float

    def __post_init__(self) -> None:
        if self.rate < 0:
            raise ValueError(f"a rate must not be negative, like {self.rate}")

    def arrivals(self, months: float, most: int) -> Floats:
        """Return the probability of 0, 1, ... most patients in so many months.

        Examples
        --------
        >>> Steady(2.0).arrivals(0.5, 1).round(4).tolist()
        [0.3679, 0.3679]
        """
        from scipy.special import gammaln, xlogy

        k, expected = np.arange(most + 1), self.rate * months
        return np.asarray(np.exp(xlogy(k, expected) - expected - gammaln(k + 1)))


@dataclass(frozen=True)
class Gamma:
    """A rate a month known as a Gamma of this shape and so many months; numbers are negative binomial.

    Notes
    -----
    Anisimov, V. V., and Fedorov, V. V. (2007). Modelling, prediction and adaptive adjustment of recruitment in
    multicentre trials. Statistics in Medicine, 26, 4958-4975.
    """

    shape: float
    months: float

    def __post_init__(self) -> None:
        if not (self.shape > 0 and self.months >= 0):
            raise ValueError(f"the shape must be above 0 and months not negative, not {self.shape} and {self.months}")

    def after(self, patients: int, months: float) -> "Gamma":
        """Return what is known of the rate once so many patients came in so many months.

        Examples
        --------
        >>> Gamma(0.5, 0).after(47, 20.0)
        Gamma(shape=47.5, months=20.0)
        """
        if patients < 0 or months < 0:
            raise ValueError("patients and months must not be negative")
        return Gamma(self.shape + patients, self.months + months)

    @property
    def mean(self) -> float:
        """Patients a month expected; NaN while no time was observed."""
        return self.shape / self.months if self.months else float("nan")

    def limits(self, conf: float = 0.95) -> tuple[float, float]:
        """Return the equal-tailed credible interval of the rate; NaN while no time was observed.

        Examples
        --------
        >>> [float(round(limit, 3)) for limit in Gamma(1.0, 1.0).limits()]
        [0.025, 3.689]
        """
        from scipy.special import gammaincinv

        check_conf(conf)
        if not self.months:
            return float("nan"), float("nan")
        low, high = gammaincinv(self.shape, [(1 - conf) / 2, (1 + conf) / 2]) / self.months
        return float(low), float(high)

    def arrivals(self, months: float, most: int) -> Floats:
        """Return the probability of 0, 1, ... most patients in so many months.

        Raises
        ------
        ValueError
            No time was observed, so the rate could be anything.

        Examples
        --------
        >>> Gamma(1.0, 1.0).arrivals(1.0, 2).round(6).tolist()
        [0.5, 0.25, 0.125]
        """
        from scipy.special import gammaln, xlogy

        if not self.months:
            raise ValueError("a rate of which no time was observed gives no numbers")
        k, whole = np.arange(most + 1), self.months + months
        log = gammaln(self.shape + k) - gammaln(self.shape) - gammaln(k + 1)
        return np.asarray(np.exp(log + self.shape * np.log(self.months / whole) + xlogy(k, months / whole)))

    def months_until(self, patients: int, chance: float) -> float:
        """Return after how many months so many patients are there with a probability, in closed form.

        Examples
        --------
        >>> Gamma(1.0, 1.0).months_until(1, 0.5)
        1.0
        """
        from scipy.special import betaincinv

        if patients <= 0:
            return 0.0
        share = float(betaincinv(patients, self.shape, chance))
        return self.months * share / (1 - share) if share < 1 else float("inf")


def arrivals(paces: Sequence[Pace], months: float, most: int) -> Floats:
    """Return how many patients come in so many months from all sites together.

    Parameters
    ----------
    paces : sequence of Pace
        One a site; what is known of each is independent of the others.
    months : float
        0 or more.
    most : int
        The last of the numbers holds all that is this many or more, since accrual ends there.

    Returns
    -------
    ndarray, shape (most + 1,)
        Probabilities of 0, 1, ..., `most` or more; they sum to 1.

    Examples
    --------
    >>> arrivals([Gamma(1.0, 1.0)], 1.0, 2).tolist()
    [0.5, 0.25, 0.25]
    """
    together = np.ones(1)
    for pace in paces:
        together = np.convolve(together, pace.arrivals(months, most))[: most + 1]
    found = np.zeros(most + 1)
    found[: len(together)] = together
    found[most] = max(0.0, 1 - found[:most].sum())
    return found


def months_until(paces: Sequence[Pace], patients: int, chance: float) -> float:
    """Return after how many months so many patients are there, from all sites together, with a probability.

    Parameters
    ----------
    paces : sequence of Pace
        One a site.
    patients : int
        How many more; 0 months where none is wanted.
    chance : float
        Probability that they are there by then, between 0 and 1.

    Returns
    -------
    float
        Infinite where 200 years would not do.

    Examples
    --------
    >>> round(months_until([Gamma(1.0, 1.0)], 1, 0.5), 6), round(months_until([Steady(2.0)], 1, 0.5), 6)
    (1.0, 0.346574)
    """
    if patients <= 0:
        return 0.0
    if len(paces) == 1 and isinstance(paces[0], Gamma):
        return paces[0].months_until(patients, chance)
    low, high = 0.0, 1.0
    while arrivals(paces, high, patients)[-1] < chance:
        if high >= LONGEST:
            return float("inf")
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if arrivals(paces, middle, patients)[-1] >= chance else (middle, high)
    return high
