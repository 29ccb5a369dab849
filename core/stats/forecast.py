"""How many evaluable pairs there will be: evaluable at baseline, then at follow-up given that, both rates learned.

Failures are known sooner than successes, so one rate of all who are decided would be too low. In two stages every
patient enters at the stage where nothing is decided yet, and each rate is learned from its own stage.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stats.discrete import limits, mean_of, tail
from core.stats.shares import Share

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stages:
    """The two rates: evaluable at baseline, and evaluable at follow-up given an evaluable baseline."""

    first: Share
    second: Share


@dataclass(frozen=True)
class Undecided:
    """Pairs in hand, and patients who may still become one: at the first stage, and at the second.

    Patients not yet accrued enter at the first stage.
    """

    pairs: int
    first: int
    second: int

    def __post_init__(self) -> None:
        if min(self.pairs, self.first, self.second) < 0:
            raise ValueError("pairs and undecided patients must not be negative")

    def with_more(self, accrued: int) -> "Undecided":
        """Return the same with so many more patients accrued.

        Examples
        --------
        >>> Undecided(15, 7, 8).with_more(13)
        Undecided(pairs=15, first=20, second=8)
        """
        return Undecided(self.pairs, self.first + accrued, self.second)


@dataclass(frozen=True)
class Target:
    """Probability (0 to 1) of the target of pairs, pairs expected, and between how many they will lie."""

    p_target_pairs: float
    expected_pairs: float
    conf_low: float
    conf_high: float


def pairs_distribution(of: Undecided, stages: Stages) -> Floats:
    """Return how probable each number of pairs is.

    Parameters
    ----------
    of : Undecided
        Pairs in hand, and patients undecided at each stage, those to be accrued at the first.
    stages : Stages
        Both rates.

    Returns
    -------
    ndarray, shape (pairs + first + second + 1,)
        Probabilities of 0, 1, 2, ... pairs. They are exact: given how many are evaluable at baseline, of all that are
        then undecided at the second stage the pairs are beta-binomial, since they share one unknown rate.

    Examples
    --------
    >>> from core.stats.shares import Learned
    >>> stages = Stages(Learned(1, 1).after(28, 12), Learned(1, 1).after(15, 5))
    >>> chances = pairs_distribution(Undecided(15, 7, 8).with_more(13), stages)
    >>> len(chances), round(float(chances[30:].sum()), 3)
    (44, 0.659)
    """
    evaluable = stages.first.chances(of.first, np.arange(of.first + 1))
    candidates = of.second + np.arange(of.first + 1)
    new = evaluable @ stages.second.chances(candidates[:, None], np.arange(of.first + of.second + 1)[None, :])
    return np.concatenate([np.zeros(of.pairs), new])


def target(chances: Floats, wanted: int, conf: float = 0.95) -> Target:
    """Return what a distribution of pairs says of a target.

    Parameters
    ----------
    chances : ndarray
        Of `pairs_distribution`.
    wanted : int
        The target: so many pairs or more.
    conf : float
        Level of the predictive interval, between 0 and 1; `core.stats.discrete.limits` says how whole numbers keep it.

    Examples
    --------
    >>> target(np.array([0.25, 0.5, 0.25]), wanted=1, conf=0.5)
    Target(p_target_pairs=0.75, expected_pairs=1.0, conf_low=1.0, conf_high=1.0)
    """
    low, high = limits(chances, conf)
    return Target(tail(chances, wanted), mean_of(chances), float(low), float(high))
