"""The grade that a laboratory value has by the limits of its grades, and how far that is certain."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_choice
from core.stats.digits import magnitude

SIDES = ("low", "high")


@dataclass(frozen=True)
class Graded:
    """Of each value the lowest and the highest grade that it can have; 0 is no grade. Equal where it is certain."""

    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]


def lab_grade(value: ArrayLike, limits: ArrayLike, side: str) -> Graded:
    """Return the grades that values can have.

    Parameters
    ----------
    value : array_like, shape (n,)
        In the unit of the limits, not negative. A missing one can have any grade.
    limits : array_like, shape (n, grades)
        What a value of Grade 1, 2, ... must be beyond, for each value its own; NaN is a limit that is not known.
    side : {"low", "high"}
        Whether a value is beyond a limit that it is less than, or more than. A value at the limit is not beyond it.

    Returns
    -------
    Graded
        A value has the last grade whose limit it is beyond. A limit that is not known leaves the grade open between its
        neighbours. Limits that contradict each other (a limit of normal beyond that of Grade 2) leave it open too.

    Raises
    ------
    ValueError
        `side` is neither.

    Notes
    -----
    Values and limits are compared at twelve significant digits: 3 times a limit of 0.1 is 0.3.

    References
    ----------
    NCI, Common Terminology Criteria for Adverse Events, version 4.03 (2010).

    Examples
    --------
    >>> found = lab_grade([0.4, 1.2, 1.7], [[np.nan, 1.5, 1.0, 0.5]] * 3, "low")
    >>> found.lowest.tolist(), found.highest.tolist()
    ([4, 2, 0], [4, 2, 1])
    """
    check_choice("side", side, SIDES)
    values, bounds = np.asarray(value, dtype=float)[:, None], np.asarray(limits, dtype=float)
    known = ~np.isnan(values) & ~np.isnan(bounds)
    size, bound = (magnitude(np.where(np.isnan(each), 0.0, each)) for each in (values, bounds))
    beyond = size < bound if side == "low" else size > bound
    grades = np.arange(1, bounds.shape[1] + 1)
    reached = np.where(known & beyond, grades, 0).max(axis=1, initial=0)
    kept = np.where(known & ~beyond, grades, bounds.shape[1] + 1).min(axis=1, initial=bounds.shape[1] + 1) - 1
    return Graded(np.minimum(reached, kept), np.maximum(reached, kept))
