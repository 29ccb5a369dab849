"""How many patients to accrue so that the target of pairs is reached with a probability wanted beforehand."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.stats.forecast import Stages, Undecided
from core.stats.shares import at_least

MOST = 5_000
"""Of more patients beyond those accrued it is not asked."""


@dataclass(frozen=True)
class Assurance:
    """Patients accrued in total, those of today among them, for 80, 90 and 95 %; NaN where 5,000 more do not reach it."""

    accrue_for_80: float
    accrue_for_90: float
    accrue_for_95: float


def assurance(accrued: int, of: Undecided, stages: Stages, wanted: int) -> Assurance:
    """Return the least total accrual with which the target of pairs is reached with 80, 90 and 95 % probability.

    Parameters
    ----------
    accrued : int
        Patients accrued so far; the answer is never less.
    of : Undecided
        Pairs in hand and patients undecided among them, without anybody to be accrued.
    stages : Stages
        Both rates.
    wanted : int
        The target of pairs.

    Examples
    --------
    >>> from core.stats.shares import Fixed
    >>> assurance(0, Undecided(0, 0, 0), Stages(Fixed(0.5), Fixed(1.0)), wanted=30)
    Assurance(accrue_for_80=66.0, accrue_for_90=70.0, accrue_for_95=74.0)
    """
    lacking = wanted - of.pairs

    def reached(more: int) -> float:
        first = of.first + more
        evaluable = stages.first.chances(first, np.arange(first + 1))
        return float(evaluable @ at_least(stages.second, of.second + np.arange(first + 1), lacking))

    return Assurance(*(accrued + least(reached, level, MOST) for level in (0.8, 0.9, 0.95)))


def least(reached: Callable[[int], float], level: float, most: int) -> float:
    """Return the least number at which a probability that rises with it reaches a level; NaN beyond the most.

    Examples
    --------
    >>> least(lambda n: n / 10, 0.8, 100), least(lambda n: 0.0, 0.8, 100)
    (8.0, nan)
    """
    if reached(0) >= level:
        return 0.0
    low, high = 0, 1
    while reached(high) < level:
        if high == most:
            return float("nan")
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= level else (middle, high)
    return float(high)
