"""How many patients and pairs there will be by each day to come, and when a target is reached."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.stats.discrete import tail
from core.stats.forecast import Stages, Undecided
from core.stats.pace import MONTH, Pace, arrivals

Floats = NDArray[np.float64]

LAST_DAY = 20 * 365
"""Nothing is foreseen beyond."""


@dataclass(frozen=True)
class Timeline:
    """What is undecided, when it is decided, and how fast more patients come; days count from the data cut, which is 0.

    Attributes
    ----------
    pairs : int
        In hand at the data cut.
    first_due, second_due : sequence of float
        One day a patient undecided at that stage: when it is known whether there is a pair.
    future : int
        Patients to be accrued before accrual ends.
    lag : float
        Days from registration to when it is known whether there is a pair.
    stages : Stages
        Both rates.
    paces : sequence of Pace
        How fast patients come, one a site.

    Examples
    --------
    >>> from core.stats.shares import Fixed
    >>> timeline = Timeline(1, [30.0], [], 0, 0.0, Stages(Fixed(0.5), Fixed(0.5)), [])
    >>> timeline.chance_by(29, 2), timeline.chance_by(30, 2), timeline.day_of(2, 0.25), timeline.day_of(2, 0.5)
    (0.0, 0.25, 30.0, inf)
    """

    pairs: int
    first_due: Sequence[float]
    second_due: Sequence[float]
    future: int
    lag: float
    stages: Stages
    paces: Sequence[Pace]
    _evaluable: Floats = field(init=False, repr=False, compare=False)
    _paired: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first = np.arange(len(self.first_due) + self.future + 1)
        both = np.arange(len(first) + len(self.second_due))
        object.__setattr__(self, "_evaluable", self.stages.first.chances(first[:, None], first[None, :]))
        object.__setattr__(self, "_paired", self.stages.second.chances(both[:, None], both[None, :]))

    @property
    def undecided(self) -> Undecided:
        """The same without days, once accrual has ended."""
        return Undecided(self.pairs, len(self.first_due) + self.future, len(self.second_due))

    def accrued_by(self, day: float) -> Floats:
        """Return the probability of 0, 1, ... `future` more patients by a day.

        Parameters
        ----------
        day : float
            Days after the data cut; before it nobody more is accrued.
        """
        if day <= 0 or not self.future:
            return np.eye(1, self.future + 1)[0]
        return arrivals(self.paces, day / MONTH, self.future)

    def pairs_by(self, day: float) -> Floats:
        """Return the probability of each number of pairs by a day.

        Parameters
        ----------
        day : float
            Days after the data cut.

        Returns
        -------
        ndarray
            Probabilities of 0, 1, 2, ... pairs, those in hand among them. Both rates are shared by all patients, so
            that what happens by one day is not independent of what happens by the next; each day by itself is exact.
        """
        evaluable, ready = self._evaluable_by(day)
        new = evaluable @ self._paired[ready : ready + len(evaluable)]
        return np.concatenate([np.zeros(self.pairs), new])

    def chance_by(self, day: float, wanted: int) -> float:
        """Return the probability that so many pairs are there by a day."""
        return tail(self.pairs_by(day), wanted)

    def day_of(self, wanted: int, chance: float) -> float:
        """Return the first day by which so many pairs are there with a probability.

        Parameters
        ----------
        wanted : int
            Pairs, those in hand among them.
        chance : float
            Between 0 and 1.

        Returns
        -------
        float
            Whole days after the data cut, 0 where they are in hand; infinite where all that is to be accrued does not
            reach them with that probability, or not within 20 years.
        """
        if wanted <= self.pairs:
            return 0.0
        if self.chance_by(LAST_DAY, wanted) < chance:
            return float("inf")
        low, high = 0, LAST_DAY
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.chance_by(middle, wanted) >= chance else (middle, high)
        return float(high)

    def _evaluable_by(self, day: float) -> tuple[Floats, int]:
        """Return the distribution of those newly evaluable at baseline and due, and how many others are due."""
        due, ready = (int(np.count_nonzero(np.asarray(days) <= day)) for days in (self.first_due, self.second_due))
        came = self.accrued_by(day - self.lag)
        return came @ self._evaluable[due : due + self.future + 1], ready
