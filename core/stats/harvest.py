"""Where each patient stands at one timepoint: evaluable, failed, or still undecided; and who counts for its rate."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

EVALUABLE, FAILED, WAITING = "evaluable", "failed", "waiting"
STATES = (EVALUABLE, FAILED, WAITING)

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Harvest:
    """One patient along each array: the state, and whether the patient counts for the rate."""

    state: NDArray[np.str_]
    counts: Flags

    def among(self, who: ArrayLike, state: str) -> int:
        """Return how many of some are in a state, whether or not they count for the rate.

        Examples
        --------
        >>> harvest([1, 0], [0, 0], [1, 0], [0, 0], [0, 0]).among([True, True], "waiting")
        1
        """
        return int(np.count_nonzero(np.asarray(who, dtype=bool) & (self.state == state)))

    def decided(self, who: ArrayLike, state: str) -> int:
        """Return how many of some are in a state and count for the rate.

        Examples
        --------
        >>> harvest([1, 0], [0, 0], [1, 1], [0, 0], [0, 0]).decided([True, True], "failed")
        1
        """
        return int(np.count_nonzero(np.asarray(who, dtype=bool) & self.counts & (self.state == state)))


def harvest(
    evaluable: ArrayLike, unread: ArrayLike, closed: ArrayLike, given_up: ArrayLike, unknown: ArrayLike
) -> Harvest:
    """Decide where each patient stands at one timepoint.

    Parameters
    ----------
    evaluable : array_like of bool, shape (n,)
        There is an evaluable specimen, inside its window.
    unread : array_like of bool
        There is a specimen that nobody has judged yet.
    closed : array_like of bool
        The window of the timepoint has closed.
    given_up : array_like of bool
        No specimen will come, whatever the window: the patient has left, or it is recorded that none will be taken.
    unknown : array_like of bool
        It cannot be known when the window closes, so that what is decided counts for the rate at once.

    Returns
    -------
    Harvest
        Evaluable as soon as a specimen is; else waiting while one is unread; else failed once the window has closed or
        no specimen will come; else waiting. Only patients whose window has closed count for the rate, dropouts as
        failures: whoever was seen to succeed or to leave early would bend it.

    Examples
    --------
    >>> found = harvest([1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [1, 0, 1, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0])
    >>> found.state.tolist(), found.counts.tolist()
    (['evaluable', 'evaluable', 'waiting', 'failed', 'failed'], [True, False, False, True, False])
    """
    good, pending, over, gone, dateless = (
        np.asarray(each, dtype=bool) for each in (evaluable, unread, closed, given_up, unknown)
    )
    state = np.select([good, pending, over | gone], [EVALUABLE, WAITING, FAILED], WAITING)
    return Harvest(state, (state != WAITING) & (over | dateless))
