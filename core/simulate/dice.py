"""Chance: every part of a study draws from a stream of its own."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import sqrt
from statistics import NormalDist
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
T = TypeVar("T")


class Dice:
    """Draws for one part of a study, each from an integer of 52 bits, so that no other part's draws move them.

    Parameters
    ----------
    seed : int
        That of the study.
    part : str
        Names the stream.

    Examples
    --------
    >>> Dice(1, "age").whole(1, 6) == Dice(1, "age").whole(1, 6)
    True
    """

    def __init__(self, seed: int, part: str) -> None:
        self._generator = np.random.Generator(np.random.PCG64([seed, *part.encode()]))
        self._drawn: list[float] = []

    def uniforms(self, *shape: int) -> Floats:
        """Draw numbers between 0 and 1, neither of them included."""
        return np.asarray((self._generator.integers(0, 1 << 52, shape) + 0.5) / (1 << 52))

    def normals(self, *shape: int) -> Floats:
        """Draw standard normal numbers, as quantiles of uniform ones."""
        return np.asarray(ndtri(self.uniforms(*shape)))

    def uniform(self) -> float:
        """Draw one number between 0 and 1."""
        if not self._drawn:
            self._drawn = self.uniforms(256).tolist()
        return self._drawn.pop()

    def normal(self) -> float:
        """Draw one standard normal number."""
        return NormalDist().inv_cdf(self.uniform())

    def chance(self, percent: float) -> bool:
        """Draw yes with that percentage."""
        return self.uniform() * 100 < percent

    def whole(self, first: int, last: int) -> int:
        """Draw a whole number from `first` to `last`, both included."""
        return first + int(self.uniform() * (last - first + 1))

    def pick(self, values: Sequence[T], weights: Iterable[float] | None = None) -> T:
        """Draw one of `values`."""
        return values[quantile(self.uniform(), weights if weights is not None else [1.0] * len(values))]

    def tied(self, other: float, correlation: float) -> float:
        """Draw a number between 0 and 1 that goes with a normal number drawn before."""
        return NormalDist().cdf(correlation * other + sqrt(1 - correlation**2) * self.normal())

    def of(self, shares: dict[str, float]) -> str:
        """Draw one of the keys, by the weights that are their values."""
        return self.pick(list(shares), shares.values())


def quantile(u: float, weights: Iterable[float]) -> int:
    """Return the place of a quantile among weights.

    Parameters
    ----------
    u : float
        Between 0 and 1.
    weights : iterable of float
        Relative to each other, none below 0.

    Examples
    --------
    >>> quantile(0.2, [1, 1, 2]), quantile(0.9, [1, 1, 2])
    (0, 2)
    """
    steps = list(accumulate(weights))
    return min(bisect_right(steps, u * steps[-1]), len(steps) - 1)
